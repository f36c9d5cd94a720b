//! Which records a linker has linked.

use crate::linkage::ScoredPair;
use crate::score::{Decision, Rule};

/// A link of a record to another.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    pub(crate) score: f64,
    pub(crate) partner: u32,
    /// Said by a reviewer.
    pub(crate) certain: bool,
}

/// The links of each record, by position.
#[derive(Default)]
pub(crate) struct Links(Vec<Vec<Link>>);

impl Links {
    /// The matches of a batch, in lists no longer than they need be.
    pub(crate) fn new(records: usize, pairs: &[ScoredPair]) -> Self {
        let mut counts = vec![0_usize; records];
        for (at, _) in matches(pairs) {
            if let Some(count) = counts.get_mut(at as usize) {
                *count += 1;
            }
        }
        let mut links = Self(counts.into_iter().map(Vec::with_capacity).collect());
        for (at, link) in matches(pairs) {
            links.push(at, link);
        }
        links
    }

    /// Makes place for one more record.
    pub(crate) fn add_record(&mut self) {
        self.0.push(Vec::new());
    }

    pub(crate) fn of(&self, record: u32) -> &[Link] {
        self.0.get(record as usize).map_or(&[], Vec::as_slice)
    }

    /// Replaces the links of a record by the matches among its pairs; every record that gains or
    /// loses one becomes dirty.
    pub(crate) fn replace(&mut self, record: u32, pairs: &[ScoredPair], dirty: &mut Vec<u32>) {
        let old = self.0.get_mut(record as usize).map(std::mem::take);
        for Link { partner, .. } in old.into_iter().flatten() {
            if let Some(list) = self.0.get_mut(partner as usize) {
                list.retain(|link| link.partner != record);
            }
            dirty.push(partner);
        }
        for (at, link) in matches(pairs) {
            self.push(at, link);
            dirty.push(at);
        }
        dirty.push(record);
    }

    fn push(&mut self, at: u32, link: Link) {
        if let Some(list) = self.0.get_mut(at as usize) {
            list.push(link);
        }
    }
}

/// The matches among pairs, each as a link from either side.
fn matches(pairs: &[ScoredPair]) -> impl Iterator<Item = (u32, Link)> {
    let found = pairs.iter().filter(|pair| pair.decision == Decision::Match);
    found.flat_map(|pair| {
        let link = |at: usize, partner: usize| {
            let link = Link {
                score: pair.score,
                partner: partner as u32,
                certain: pair.rule == Some(Rule::VerdictSame),
            };
            (at as u32, link)
        };
        [link(pair.a, pair.b), link(pair.b, pair.a)]
    })
}
