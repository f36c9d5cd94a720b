//! Which records are tied to which.

use crate::cluster::{Edge, Tie};
use crate::linkage::ScoredPair;

/// A tie of a record to another.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    score: f64,
    pub(crate) partner: u32,
    pub(crate) tie: Tie,
}

/// The ties of each record, by position.
#[derive(Default)]
pub(crate) struct Links(Vec<Vec<Link>>);

impl Links {
    /// Those of a batch, in lists no longer than they need be.
    pub(crate) fn new(records: usize, pairs: &[ScoredPair]) -> Self {
        let mut counts = vec![0_usize; records];
        for (at, _) in both_ways(pairs) {
            if let Some(count) = counts.get_mut(at as usize) {
                *count += 1;
            }
        }
        let mut links = Self(counts.into_iter().map(Vec::with_capacity).collect());
        for (at, link) in both_ways(pairs) {
            links.push(at, link);
        }
        links
    }

    /// Makes place for one more record.
    pub(crate) fn add_record(&mut self) {
        self.0.push(Vec::new());
    }

    /// All ties of a record.
    pub(crate) fn of(&self, record: u32) -> &[Link] {
        self.0.get(record as usize).map_or(&[], Vec::as_slice)
    }

    /// The records that a record is linked to.
    pub(crate) fn partners(&self, record: u32) -> impl Iterator<Item = u32> + Clone {
        let linked = self.of(record).iter().filter(|link| link.tie != Tie::Alike);
        linked.map(|link| link.partner)
    }

    /// The ties between a record and those after it.
    pub(crate) fn onward(&self, record: u32) -> impl Iterator<Item = Edge> {
        let onward = self.of(record).iter().filter(move |link| record < link.partner);
        onward.map(move |link| Edge {
            a: record,
            b: link.partner,
            score: link.score,
            tie: link.tie,
        })
    }

    /// Replaces the ties of a record by those among its pairs; every record that gains or
    /// loses one becomes dirty. The result are the records that it was linked to and is no more.
    pub(crate) fn replace(&mut self, record: u32, pairs: &[ScoredPair], dirty: &mut Vec<u32>) -> Vec<u32> {
        let mut lost: Vec<u32> = self.partners(record).collect();
        let old = self.0.get_mut(record as usize).map(std::mem::take);
        for Link { partner, .. } in old.into_iter().flatten() {
            if let Some(list) = self.0.get_mut(partner as usize) {
                list.retain(|link| link.partner != record);
            }
            dirty.push(partner);
        }
        for (at, link) in both_ways(pairs) {
            self.push(at, link);
            dirty.push(at);
        }
        dirty.push(record);
        lost.retain(|partner| self.partners(record).all(|now| now != *partner));
        lost
    }

    fn push(&mut self, at: u32, link: Link) {
        if let Some(list) = self.0.get_mut(at as usize) {
            list.push(link);
        }
    }
}

/// The ties among pairs, each from either side.
fn both_ways(pairs: &[ScoredPair]) -> impl Iterator<Item = (u32, Link)> {
    let tied = pairs.iter().filter_map(|pair| Some((pair, pair.tie()?)));
    tied.flat_map(|(pair, tie)| {
        let link = |at: usize, partner: usize| {
            let link = Link {
                score: pair.score,
                partner: partner as u32,
                tie,
            };
            (at as u32, link)
        };
        [link(pair.a, pair.b), link(pair.b, pair.a)]
    })
}
