//! How two concepts relate: by their codes, by those joined to them, by their words.

use ehr_types::{CodeSystem, CodeableConcept};

use super::names::{are_unlike, is_catch_all, is_published, names, share_no_word};
use super::{Code, ConceptKey, Concepts, Shape};
use crate::equivalence::Relation;

impl Concepts {
    /// How two concepts relate.
    pub(crate) fn relate(&self, a: ConceptKey, b: ConceptKey) -> Relation {
        if a == b {
            return Relation::Same;
        }
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let known = self.known.borrow().get(&(low, high)).copied();
        let relation = known.unwrap_or_else(|| {
            let relation = self
                .shape(low)
                .zip(self.shape(high))
                .map_or(Relation::Unknown, |(a, b)| self.compare(a, b));
            self.known.borrow_mut().insert((low, high), relation);
            relation
        });
        if a < b { relation } else { relation.reversed() }
    }

    /// Whether the names of both have nothing to do with each other, although their codes are one.
    pub(crate) fn are_unlike(&self, a: ConceptKey, b: ConceptKey) -> bool {
        if a == b {
            return false;
        }
        let pair = if a < b { (a, b) } else { (b, a) };
        let known = self.unlike.borrow().get(&pair).copied();
        known.unwrap_or_else(|| {
            let shapes = self.shape(a).zip(self.shape(b));
            let unlike = shapes.is_some_and(|(a, b)| are_unlike(&self.names(a), &self.names(b)));
            self.unlike.borrow_mut().insert(pair, unlike);
            unlike
        })
    }

    /// How two concepts relate that need not have been taken in.
    pub(crate) fn relate_values(&self, a: &CodeableConcept, b: &CodeableConcept) -> Relation {
        if a.shares_code_with(b) {
            return if is_shared_in_name_only(a, b) {
                Relation::Different
            } else {
                Relation::Same
            };
        }
        let indexed = self.compare(&self.lookup(a), &self.lookup(b));
        if indexed != Relation::Unknown {
            return indexed;
        }
        let contradicts = a.codings.iter().any(|x| {
            x.system.is_some()
                && b.codings
                    .iter()
                    .any(|y| x.canonical_system() == y.canonical_system())
        });
        if contradicts {
            return Relation::Different;
        }
        let theirs = names(b);
        if names(a).iter().any(|words| theirs.contains(words)) {
            Relation::Same
        } else {
            Relation::Unknown
        }
    }

    /// The codes of a concept that are known here.
    fn lookup(&self, concept: &CodeableConcept) -> Shape {
        let mut shape = Shape::default();
        for coding in &concept.codings {
            let code = coding
                .canonical_system()
                .and_then(|system| self.systems.get(system))
                .zip(coding.canonical_code())
                .and_then(|(system, code)| self.codes.get(&(*system, code.into_owned())));
            shape.codes.extend(code);
        }
        shape
    }

    fn compare(&self, a: &Shape, b: &Shape) -> Relation {
        let shared = a
            .codes
            .iter()
            .filter(|x| !self.is_catch_all(**x) && b.codes.iter().any(|y| self.group(**x) == self.group(*y)))
            .copied();
        let mut shares = false;
        let mut only_classified = true;
        for code in shared {
            shares = true;
            only_classified &= self.is_classification(code);
        }
        let contradicts = self.contradict(a, b);
        if shares && !(only_classified && contradicts) {
            return Relation::Same;
        }
        for x in &a.codes {
            for y in &b.codes {
                let known = self.related.get(&(*x, *y)).copied();
                let known = known.or_else(|| self.related.get(&(*y, *x)).map(|relation| relation.reversed()));
                if let Some(relation) = known {
                    return relation;
                }
            }
        }
        if contradicts {
            return Relation::Different;
        }
        if a.words.iter().any(|words| b.words.contains(words)) {
            return Relation::Same;
        }
        Relation::Unknown
    }

    /// Whether both, by their own codes or those joined to them, have codes of one system of which none is shared.
    fn contradict(&self, a: &Shape, b: &Shape) -> bool {
        let all = |shape: &Shape| {
            let mut codes: Vec<Code> = shape
                .codes
                .iter()
                .flat_map(|code| self.members.get(&self.group(*code)).into_iter().flatten())
                .copied()
                .collect();
            codes.sort_unstable();
            codes
        };
        let (a, b) = (all(a), all(b));
        a.iter().any(|x| {
            let system = self.system(*x);
            let theirs = b.iter().filter(|y| self.system(**y) == system);
            let mut any = false;
            let mut shared = false;
            for y in theirs {
                any = true;
                shared |= a.contains(y);
            }
            any && !shared
        })
    }

    /// Whether a code only puts a concept into a class with others, so that sharing it proves nothing against finer codes.
    fn is_classification(&self, code: Code) -> bool {
        const CLASSIFICATIONS: &[&CodeSystem] = &[
            &CodeSystem::ICD_10_CM,
            &CodeSystem::ICD_10,
            &CodeSystem::ICD_9_CM,
            &CodeSystem::ICD_10_PCS,
            &CodeSystem::ICD_9_CM_PROCEDURES,
            &CodeSystem::CPT,
            &CodeSystem::HCPCS,
        ];
        self.broad.get(code.0 as usize).copied().unwrap_or(false)
            || self
                .examples
                .get(code.0 as usize)
                .is_some_and(|(_, coding)| CLASSIFICATIONS.iter().any(|system| coding.is_of(system)))
    }
}

/// Whether all that two concepts share are codes of a source's own that stand with names of different things.
fn is_shared_in_name_only(a: &CodeableConcept, b: &CodeableConcept) -> bool {
    let mut shared = a
        .codings
        .iter()
        .filter(|x| b.codings.iter().any(|y| x.is_same_as(y)));
    let (mine, theirs) = (names(a), names(b));
    if mine.is_empty() || theirs.is_empty() || mine.iter().any(|name| theirs.contains(name)) {
        return false;
    }
    let mine: Vec<&str> = mine.iter().map(String::as_str).collect();
    let theirs: Vec<&str> = theirs.iter().map(String::as_str).collect();
    let differ = share_no_word(&mine, &theirs);
    shared.all(|coding| !is_published(coding) && (differ || is_catch_all(coding)))
}

#[cfg(test)]
mod tests {
    use ehr_types::Coding;

    use super::*;
    use crate::equivalence::{ConceptMap, Equivalence};

    const SCT: &str = "http://snomed.info/sct";
    const ICD: &str = "http://hl7.org/fhir/sid/icd-10-cm";
    const LOCAL: &str = "urn:local:a";

    fn concept(codes: &[(&str, &str)], text: &str) -> CodeableConcept {
        CodeableConcept {
            codings: codes
                .iter()
                .map(|(system, code)| Coding::new(*system, *code))
                .collect(),
            text: (!text.is_empty()).then(|| text.to_owned()),
            absent: None,
        }
    }

    fn relate(all: &[CodeableConcept], equivalences: &[Box<dyn Equivalence>]) -> Relation {
        let mut concepts = Concepts::default();
        let keys: Vec<_> = all.iter().map(|c| concepts.intern(c, "s").unwrap()).collect();
        concepts.join(equivalences);
        assert_eq!(
            concepts.relate(keys[0], keys[1]),
            concepts.relate(keys[1], keys[0]).reversed()
        );
        concepts.relate(keys[0], keys[1])
    }

    #[test]
    fn codes_and_words() {
        let cases = [
            (
                concept(&[(SCT, "1")], "A"),
                concept(&[("urn:oid:2.16.840.1.113883.6.96", "1")], "B"),
                Relation::Same,
            ),
            (
                concept(&[(SCT, "1")], "A"),
                concept(&[(SCT, "2")], "A"),
                Relation::Different,
            ),
            (
                concept(&[(SCT, "1")], "A (disorder)"),
                concept(&[], "a"),
                Relation::Same,
            ),
            (
                concept(&[(SCT, "1")], "Acute bronchitis (disorder)"),
                concept(&[(ICD, "J20.9")], "Acute bronchitis"),
                Relation::Same,
            ),
            (
                concept(&[(SCT, "1")], "A"),
                concept(&[(ICD, "J20.9")], "B"),
                Relation::Unknown,
            ),
            (
                concept(&[(SCT, "1"), (ICD, "X")], ""),
                concept(&[(SCT, "2"), (ICD, "X")], ""),
                Relation::Different,
            ),
            (
                concept(&[(SCT, "1"), (ICD, "X")], ""),
                concept(&[(ICD, "X")], ""),
                Relation::Same,
            ),
        ];
        for (index, (a, b, expected)) in cases.into_iter().enumerate() {
            assert_eq!(relate(&[a, b], &[]), expected, "case {index}");
        }
    }

    #[test]
    fn one_code_in_two_spellings() {
        const CVX: &str = "http://hl7.org/fhir/sid/cvx";
        let two = |system, a, b| relate(&[concept(&[(system, a)], ""), concept(&[(system, b)], "")], &[]);
        assert_eq!(two(ICD, "E11.9", "E119"), Relation::Same);
        assert_eq!(two(CVX, "3", "03"), Relation::Same);
        assert_eq!(two(CVX, "3", "8"), Relation::Different);
    }

    #[test]
    fn a_translation_anywhere_teaches_a_local_code() {
        let local = concept(&[(LOCAL, "L1")], "");
        let standard = concept(&[(SCT, "1")], "");
        assert_eq!(relate(&[local.clone(), standard.clone()], &[]), Relation::Unknown);
        let both = concept(&[(LOCAL, "L1"), (SCT, "1")], "");
        assert_eq!(
            relate(&[local.clone(), standard.clone(), both.clone()], &[]),
            Relation::Same
        );
        let other = concept(&[(SCT, "2")], "");
        assert_eq!(relate(&[local, other, both], &[]), Relation::Different);
    }

    #[test]
    fn a_broad_code_joins_nothing() {
        let a = concept(&[(SCT, "1")], "");
        let b = concept(&[(SCT, "2")], "");
        let bridge_a = concept(&[(SCT, "1"), (ICD, "X")], "");
        let bridge_b = concept(&[(SCT, "2"), (ICD, "X")], "");
        assert_eq!(relate(&[a, b, bridge_a, bridge_b], &[]), Relation::Different);
    }

    #[test]
    fn a_terminology_is_not_asked_about_codes_that_it_does_not_know() {
        struct Foreign;
        impl Equivalence for Foreign {
            fn relate(&self, _: &Coding, _: &Coding) -> Relation {
                panic!("asked");
            }

            fn knows(&self, _: &Coding) -> bool {
                false
            }
        }
        let (a, b) = (concept(&[(SCT, "1")], ""), concept(&[(ICD, "X")], ""));
        assert_eq!(relate(&[a, b], &[Box::new(Foreign)]), Relation::Unknown);
    }

    #[test]
    fn terminologies_are_asked() {
        let mut map = ConceptMap::default();
        map.insert(&Coding::new(SCT, "1"), &Coding::new(ICD, "X"), Relation::Same);
        map.insert(&Coding::new(SCT, "3"), &Coding::new(ICD, "Y"), Relation::Narrower);
        let known: [Box<dyn Equivalence>; 1] = [Box::new(map)];
        assert_eq!(
            relate(&[concept(&[(SCT, "1")], ""), concept(&[(ICD, "X")], "")], &known),
            Relation::Same
        );
        assert_eq!(
            relate(&[concept(&[(SCT, "3")], ""), concept(&[(ICD, "Y")], "")], &known),
            Relation::Narrower
        );
    }
}
