//! What reviewers and other systems have said about pairs of records.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Whether two records are of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// One person: always linked.
    Same,
    /// Two people: never linked, not even through others.
    Different,
}

/// Verdicts about pairs of records, by record id. The last word on a pair counts.
///
/// ```
/// use ehr_link::{Verdict, Verdicts};
/// let mut verdicts = Verdicts::default();
/// verdicts.set("a/1", "b/7", Verdict::Different);
/// assert_eq!(verdicts.get("b/7", "a/1"), Some(Verdict::Different));
/// verdicts.remove("a/1", "b/7");
/// assert!(verdicts.is_empty());
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts(BTreeMap<String, BTreeMap<String, Verdict>>);

impl std::fmt::Debug for Verdicts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verdicts").field("len", &self.len()).finish()
    }
}

impl Verdicts {
    /// Sets the verdict on a pair and returns the one it replaces.
    pub fn set(&mut self, a: &str, b: &str, verdict: Verdict) -> Option<Verdict> {
        let (low, high) = ordered(a, b);
        self.0
            .entry(low.to_owned())
            .or_default()
            .insert(high.to_owned(), verdict)
    }

    /// Takes a verdict back and returns it; the records are then judged by their content again.
    pub fn remove(&mut self, a: &str, b: &str) -> Option<Verdict> {
        let (low, high) = ordered(a, b);
        let inner = self.0.get_mut(low)?;
        let old = inner.remove(high);
        if inner.is_empty() {
            self.0.remove(low);
        }
        old
    }

    /// The verdict on a pair, in either order.
    pub fn get(&self, a: &str, b: &str) -> Option<Verdict> {
        let (low, high) = ordered(a, b);
        self.0.get(low)?.get(high).copied()
    }

    /// All verdicts, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, Verdict)> {
        self.0.iter().flat_map(|(a, inner)| {
            inner
                .iter()
                .map(move |(b, verdict)| (a.as_str(), b.as_str(), *verdict))
        })
    }

    /// Number of verdicts.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn ordered<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    if a <= b { (a, b) } else { (b, a) }
}
