//! Which concepts of a record mean the same: an index over all its codes and words.

use std::cell::RefCell;

use ehr_types::{CodeSystem, CodeableConcept, Coding};
use rustc_hash::FxHashMap;

use crate::equivalence::{Equivalence, Relation};
use crate::wording::normalize;

/// Identifies a distinct concept within one merge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct ConceptKey(u32);

/// A distinct code within one merge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Code(u32);

/// The codes and words of a concept, by number.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Shape {
    codes: Vec<Code>,
    words: Vec<u32>,
}

/// A way to find entries about the same thing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum ConceptBlock {
    Code(u32),
    Words(u32),
}

/// All concepts of one record.
///
/// Codes are joined when sources give them as translations of each other or a terminology says so, as long as that
/// would not join two different codes of one system: such a code is broader than both, and joins nothing.
#[derive(Default)]
pub(crate) struct Concepts {
    systems: FxHashMap<String, u32>,
    codes: FxHashMap<(u32, String), Code>,
    /// System of each code, and an example to ask terminologies with.
    examples: Vec<(u32, Coding)>,
    words: FxHashMap<String, u32>,
    concepts: FxHashMap<Shape, ConceptKey>,
    shapes: Vec<Shape>,
    /// Group of each code, after [`join`](Self::join).
    groups: Vec<u32>,
    /// Codes of a group, by group.
    members: FxHashMap<u32, Vec<Code>>,
    /// Codes with several translations in one system: broader than each of these.
    broad: Vec<bool>,
    related: FxHashMap<(Code, Code), Relation>,
    known: RefCell<FxHashMap<(ConceptKey, ConceptKey), Relation>>,
}

impl Concepts {
    /// Takes a concept in. Codes without a system count as the source's own.
    pub(crate) fn intern(&mut self, concept: &CodeableConcept, source: &str) -> Option<ConceptKey> {
        let mut shape = Shape::default();
        for coding in &concept.codings {
            let code = coding.canonical_code().filter(|code| !code.is_empty());
            if let Some(code) = code.filter(|code| names_something(coding, code)) {
                shape.codes.push(self.code(coding, &code, source));
            }
        }
        let texts = concept.text.iter().chain(
            concept
                .codings
                .iter()
                .filter_map(|coding| coding.display.as_ref()),
        );
        for words in texts.filter_map(|text| normalize(text)) {
            let next = self.words.len() as u32;
            shape.words.push(*self.words.entry(words).or_insert(next));
        }
        shape.codes.sort_unstable();
        shape.codes.dedup();
        shape.words.sort_unstable();
        shape.words.dedup();
        if shape.codes.is_empty() && shape.words.is_empty() {
            return None;
        }
        if let Some(key) = self.concepts.get(&shape) {
            return Some(*key);
        }
        let key = ConceptKey(self.shapes.len() as u32);
        self.shapes.push(shape.clone());
        self.concepts.insert(shape, key);
        Some(key)
    }

    fn code(&mut self, coding: &Coding, code: &str, source: &str) -> Code {
        let local;
        let system = match coding.canonical_system() {
            Some(system) => system,
            None => {
                local = format!("\u{1}{source}");
                &local
            }
        };
        let system = match self.systems.get(system) {
            Some(system) => *system,
            None => {
                let next = self.systems.len() as u32;
                self.systems.insert(system.to_owned(), next);
                next
            }
        };
        let next = Code(self.examples.len() as u32);
        let known = *self.codes.entry((system, code.to_owned())).or_insert(next);
        if known == next {
            self.examples.push((system, coding.clone()));
        }
        known
    }

    fn shape(&self, key: ConceptKey) -> Option<&Shape> {
        self.shapes.get(key.0 as usize)
    }

    fn system(&self, code: Code) -> u32 {
        self.examples
            .get(code.0 as usize)
            .map_or(u32::MAX, |(system, _)| *system)
    }

    fn group(&self, code: Code) -> u32 {
        self.groups.get(code.0 as usize).copied().unwrap_or(code.0)
    }

    /// Joins the codes that mean the same. To be called once, after all concepts were taken in.
    pub(crate) fn join(&mut self, equivalences: &[Box<dyn Equivalence>]) {
        let mut edges = self.translations();
        self.ask(equivalences, &mut edges);
        let neighbours = self.neighbours(&edges);
        self.broad = neighbours
            .iter()
            .map(|codes| has_two_of_one_system(codes, |code| self.system(code)))
            .collect();
        let is_broad = |code: Code| self.broad.get(code.0 as usize).copied().unwrap_or(false);
        let mut forest = Forest::new(self.examples.len());
        let mut systems: Vec<Vec<(u32, Code)>> = (0..self.examples.len())
            .map(|index| vec![(self.system(Code(index as u32)), Code(index as u32))])
            .collect();
        // Best supported first; ties by number, which follows the fixed order in which entries are taken in.
        let mut sorted: Vec<((Code, Code), u32)> = edges.into_iter().collect();
        sorted.sort_unstable_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
        for ((a, b), _) in sorted {
            let (x, y) = (forest.root(a.0), forest.root(b.0));
            if x == y || is_broad(a) || is_broad(b) {
                continue;
            }
            let clash = {
                let of = |root: u32| systems.get(root as usize).map(Vec::as_slice).unwrap_or_default();
                of(x)
                    .iter()
                    .any(|(system, _)| of(y).iter().any(|(other, _)| system == other))
            };
            if !clash {
                let root = forest.union(x, y);
                let absorbed = if root == x { y } else { x };
                let moved = systems
                    .get_mut(absorbed as usize)
                    .map(std::mem::take)
                    .unwrap_or_default();
                if let Some(list) = systems.get_mut(root as usize) {
                    list.extend(moved);
                }
            }
        }
        self.groups = (0..self.examples.len() as u32)
            .map(|code| forest.root(code))
            .collect();
        for code in 0..self.examples.len() as u32 {
            self.members
                .entry(self.group(Code(code)))
                .or_default()
                .push(Code(code));
        }
    }

    /// Pairs of codes that stand in one concept, with how often.
    fn translations(&self) -> FxHashMap<(Code, Code), u32> {
        let mut edges = FxHashMap::default();
        for shape in &self.shapes {
            for (index, a) in shape.codes.iter().enumerate() {
                for b in shape.codes.iter().skip(index + 1) {
                    if self.system(*a) != self.system(*b) {
                        *edges.entry((*a, *b)).or_insert(0) += 1;
                    }
                }
            }
        }
        edges
    }

    /// Adds what terminologies say of codes of different systems.
    fn ask(&mut self, equivalences: &[Box<dyn Equivalence>], edges: &mut FxHashMap<(Code, Code), u32>) {
        if equivalences.is_empty() {
            return;
        }
        let known = |coding: &Coding| equivalences.iter().any(|terminology| terminology.knows(coding));
        let known: Vec<(Code, u32, &Coding)> = self
            .examples
            .iter()
            .enumerate()
            .filter(|(_, (_, coding))| known(coding))
            .map(|(index, (system, coding))| (Code(index as u32), *system, coding))
            .collect();
        for (at, (code, system, a)) in known.iter().enumerate() {
            for (other, other_system, b) in known.iter().skip(at + 1) {
                if system == other_system {
                    continue;
                }
                let pair = (*code, *other);
                match equivalences
                    .iter()
                    .map(|known| known.relate(a, b))
                    .find(|relation| *relation != Relation::Unknown)
                {
                    Some(Relation::Same) => *edges.entry(pair).or_insert(0) += u32::from(u16::MAX),
                    Some(relation) => {
                        self.related.insert(pair, relation);
                        edges.remove(&pair);
                    }
                    None => {}
                }
            }
        }
    }

    fn neighbours(&self, edges: &FxHashMap<(Code, Code), u32>) -> Vec<Vec<Code>> {
        let mut neighbours = vec![Vec::new(); self.examples.len()];
        for (a, b) in edges.keys() {
            for (code, other) in [(a, b), (b, a)] {
                if let Some(list) = neighbours.get_mut(code.0 as usize) {
                    list.push(*other);
                }
            }
        }
        neighbours
    }

    /// Keys under which concepts that may be the same are found.
    pub(crate) fn blocks(&self, key: ConceptKey) -> impl Iterator<Item = ConceptBlock> {
        let shape = self.shape(key);
        let codes = shape.into_iter().flat_map(|shape| &shape.codes);
        let words = shape.into_iter().flat_map(|shape| &shape.words);
        codes
            .map(|code| ConceptBlock::Code(self.group(*code)))
            .chain(words.map(|words| ConceptBlock::Words(*words)))
    }

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

    /// How two concepts relate that need not have been taken in.
    pub(crate) fn relate_values(&self, a: &CodeableConcept, b: &CodeableConcept) -> Relation {
        if a.shares_code_with(b) {
            return Relation::Same;
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
        let words = |concept: &CodeableConcept| -> Vec<String> {
            let displays = concept
                .codings
                .iter()
                .filter_map(|coding| coding.display.as_deref());
            concept
                .text
                .as_deref()
                .into_iter()
                .chain(displays)
                .filter_map(normalize)
                .collect()
        };
        let theirs = words(b);
        if words(a).iter().any(|words| theirs.contains(words)) {
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
            .filter(|x| b.codes.iter().any(|y| self.group(**x) == self.group(*y)))
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

/// Codes of SNOMED CT that only say of what kind a thing is: drug, substance, product, finding, disease, problem, procedure,
/// propensity to adverse reactions (of any, of drug, of food, of substance), allergy to substance.
const KINDS: &[&str] = &[
    "410942007",
    "105590001",
    "763158003",
    "404684003",
    "64572001",
    "55607006",
    "71388002",
    "420134006",
    "419511003",
    "418471000",
    "418038007",
    "419199007",
];

/// Whether a code says what a thing is. Two entries with one null flavour are not about the same thing.
fn names_something(coding: &Coding, code: &str) -> bool {
    let null_flavor = coding
        .system
        .as_deref()
        .is_some_and(|system| system.ends_with("NullFlavor") || system.ends_with("2.16.840.1.113883.5.1008"));
    let kind = coding.is_of(&CodeSystem::SNOMED_CT) && KINDS.contains(&code);
    !null_flavor && !kind
}

fn has_two_of_one_system(codes: &[Code], system: impl Fn(Code) -> u32) -> bool {
    let mut systems: Vec<u32> = codes.iter().map(|code| system(*code)).collect();
    systems.sort_unstable();
    systems.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}

/// Union-find whose roots are the smallest members.
struct Forest(Vec<u32>);

impl Forest {
    fn new(len: usize) -> Self {
        Self((0..len as u32).collect())
    }

    fn root(&mut self, mut node: u32) -> u32 {
        loop {
            let parent = self.0.get(node as usize).copied().unwrap_or(node);
            if parent == node {
                return node;
            }
            let grand = self.0.get(parent as usize).copied().unwrap_or(parent);
            if let Some(slot) = self.0.get_mut(node as usize) {
                *slot = grand;
            }
            node = grand;
        }
    }

    fn union(&mut self, a: u32, b: u32) -> u32 {
        let (low, high) = (a.min(b), a.max(b));
        if let Some(slot) = self.0.get_mut(high as usize) {
            *slot = low;
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equivalence::ConceptMap;

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
