//! Which pairs of records are tied, or wait for a reviewer.

use crate::cluster::{Edge, Tie};
use crate::linkage::ScoredPair;
use crate::score::Decision;

/// A pair that is more than "no match", seen from one of its records.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    score: f64,
    pub(crate) partner: u32,
    /// What ties the two; nothing where the pair waits for a reviewer.
    pub(crate) tie: Option<Tie>,
}

impl Link {
    /// Whether the two are linked.
    pub(crate) fn is_linked(&self) -> bool {
        self.tie.is_some_and(Tie::links)
    }
}

/// The pairs of each record, by position.
#[derive(Clone, Default)]
pub(crate) struct Links(Vec<Vec<Link>>);

impl Links {
    /// Those of a batch, in lists no longer than they need be.
    pub(crate) fn new(records: usize, pairs: impl Iterator<Item = Pair> + Clone) -> Self {
        let mut counts = vec![0_usize; records];
        for at in pairs.clone().flat_map(|pair| [pair.a, pair.b]) {
            if let Some(count) = counts.get_mut(at as usize) {
                *count += 1;
            }
        }
        let mut links = Self(counts.into_iter().map(Vec::with_capacity).collect());
        for pair in pairs {
            links.push(pair);
        }
        links
    }

    /// Makes place for one more record.
    pub(crate) fn add_record(&mut self) {
        self.0.push(Vec::new());
    }

    /// All pairs of a record.
    pub(crate) fn of(&self, record: u32) -> &[Link] {
        self.0.get(record as usize).map_or(&[], Vec::as_slice)
    }

    /// The records that a record is linked to.
    pub(crate) fn partners(&self, record: u32) -> impl Iterator<Item = u32> + Clone {
        let linked = self.of(record).iter().filter(|link| link.is_linked());
        linked.map(|link| link.partner)
    }

    /// The pairs of a record and those after it.
    pub(crate) fn onward(&self, record: u32) -> impl Iterator<Item = &Link> {
        let all = self.of(record).iter();
        all.filter(move |link| record < link.partner)
    }

    /// What ties a record to those after it.
    pub(crate) fn edges(&self, record: u32) -> impl Iterator<Item = Edge> {
        self.onward(record).filter_map(move |link| {
            Some(Edge {
                a: record,
                b: link.partner,
                score: link.score,
                tie: link.tie?,
            })
        })
    }

    /// Replaces the pairs of a record; every record that gains or loses a tie becomes dirty. The result are the
    /// records that it was linked to and is no more.
    pub(crate) fn replace(&mut self, record: u32, pairs: &[ScoredPair], dirty: &mut Vec<u32>) -> Vec<u32> {
        let mut lost: Vec<u32> = self.partners(record).collect();
        let old = self.0.get_mut(record as usize).map(std::mem::take);
        for Link { partner, tie, .. } in old.into_iter().flatten() {
            if let Some(list) = self.0.get_mut(partner as usize) {
                list.retain(|link| link.partner != record);
            }
            dirty.extend(tie.map(|_| partner));
        }
        for pair in open(pairs) {
            self.push(pair);
            if pair.tie.is_some() {
                dirty.extend([pair.a, pair.b]);
            }
        }
        dirty.push(record);
        lost.retain(|partner| self.partners(record).all(|now| now != *partner));
        lost
    }

    fn push(&mut self, Pair { a, b, score, tie }: Pair) {
        for (at, partner) in [(a, b), (b, a)] {
            if let Some(list) = self.0.get_mut(at as usize) {
                list.push(Link { score, partner, tie });
            }
        }
    }
}

/// A pair that is more than "no match".
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) score: f64,
    pub(crate) tie: Option<Tie>,
}

/// The pairs that are more than "no match".
pub(crate) fn open(pairs: &[ScoredPair]) -> impl Iterator<Item = Pair> + Clone {
    let open = pairs.iter().filter(|pair| pair.decision != Decision::NoMatch);
    open.map(|pair| Pair {
        a: pair.a as u32,
        b: pair.b as u32,
        score: pair.score,
        tie: pair.tie(),
    })
}
