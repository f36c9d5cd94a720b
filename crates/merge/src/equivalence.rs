//! How codes of different systems relate: the seam for terminologies, and concept maps as the simplest of them.

use std::collections::BTreeMap;

use ehr_types::Coding;

/// How one code relates to another, in the direction first to second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Both mean the same.
    Same,
    /// The first is a kind of the second.
    Narrower,
    /// The second is a kind of the first.
    Broader,
    /// They have to do with each other, but neither contains the other.
    Related,
    /// They mean different things.
    Different,
    /// Nothing is known.
    Unknown,
}

impl Relation {
    /// The relation in the other direction.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Narrower => Self::Broader,
            Self::Broader => Self::Narrower,
            same => same,
        }
    }
}

/// What a terminology knows of codes. The merge asks it about codes of different systems (or none), in both directions;
/// codes that the sources themselves give as translations of one another need no terminology.
///
/// ```
/// use ehr_merge::{Equivalence, Relation};
/// use ehr_types::Coding;
///
/// /// Every local code of a laboratory carries the LOINC code behind a prefix.
/// struct Prefixed;
/// impl Equivalence for Prefixed {
///     fn relate(&self, a: &Coding, b: &Coding) -> Relation {
///         let local = |coding: &Coding| coding.code.as_deref().and_then(|code| code.strip_prefix("LAB-").map(str::to_owned));
///         match (local(a), local(b)) {
///             (Some(inner), None) if b.code.as_deref() == Some(&inner) => Relation::Same,
///             (None, Some(inner)) if a.code.as_deref() == Some(&inner) => Relation::Same,
///             _ => Relation::Unknown,
///         }
///     }
/// }
/// let relation = Prefixed.relate(&Coding::new("urn:lab", "LAB-2345-7"), &Coding::new("http://loinc.org", "2345-7"));
/// assert_eq!(relation, Relation::Same);
/// ```
pub trait Equivalence: Send + Sync {
    /// How `a` relates to `b`; [`Relation::Unknown`] where the terminology holds nothing.
    fn relate(&self, a: &Coding, b: &Coding) -> Relation;

    /// Whether the terminology may relate this code to any other. It is asked about pairs of codes that it knows, so that
    /// a small terminology costs little beside a large record.
    fn knows(&self, code: &Coding) -> bool {
        let _ = code;
        true
    }
}

/// A table of relations between codes, as in a FHIR ConceptMap.
///
/// ```
/// use ehr_merge::{ConceptMap, Equivalence, Relation};
/// use ehr_types::Coding;
/// let snomed = Coding::new("http://snomed.info/sct", "10509002");
/// let icd = Coding::new("http://hl7.org/fhir/sid/icd-10-cm", "J20.9");
/// let mut map = ConceptMap::default();
/// map.insert(&snomed, &icd, Relation::Same);
/// assert_eq!(map.relate(&icd, &snomed), Relation::Same);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ConceptMap(BTreeMap<Key, BTreeMap<Key, Relation>>);

type Key = (String, String);

impl ConceptMap {
    /// States how `a` relates to `b`. Codes without a system or code are not taken, and `false` is returned.
    pub fn insert(&mut self, a: &Coding, b: &Coding, relation: Relation) -> bool {
        let (Some(a), Some(b)) = (key(a), key(b)) else {
            return false;
        };
        let back = self.0.entry(b.clone()).or_default();
        back.insert(a.clone(), relation.reversed());
        self.0.entry(a).or_default().insert(b, relation);
        true
    }

    /// Number of relations.
    pub fn len(&self) -> usize {
        let both_ways: usize = self.0.values().map(BTreeMap::len).sum();
        both_ways / 2
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Equivalence for ConceptMap {
    fn relate(&self, a: &Coding, b: &Coding) -> Relation {
        key(a)
            .zip(key(b))
            .and_then(|(a, b)| self.0.get(&a)?.get(&b).copied())
            .unwrap_or(Relation::Unknown)
    }

    fn knows(&self, code: &Coding) -> bool {
        key(code).is_some_and(|code| self.0.contains_key(&code))
    }
}

fn key(coding: &Coding) -> Option<Key> {
    Some((
        coding.canonical_system()?.to_owned(),
        coding.canonical_code()?.into_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read_in_both_directions() {
        let (a, b) = (Coding::new("urn:a", "1"), Coding::new("urn:b", "2"));
        let mut map = ConceptMap::default();
        assert!(map.insert(&a, &b, Relation::Narrower));
        assert!(!map.insert(&a, &Coding::default(), Relation::Same));
        assert_eq!(map.relate(&a, &b), Relation::Narrower);
        assert_eq!(map.relate(&b, &a), Relation::Broader);
        assert_eq!(map.relate(&a, &a), Relation::Unknown);
        assert_eq!(map.len(), 1);
    }
}
