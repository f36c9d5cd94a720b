//! From linked pairs to persons, without chains of doubtful links.

use std::collections::hash_map::Entry;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// A link between two records.
#[derive(Clone, Copy)]
pub(crate) struct Edge {
    pub(crate) a: u32,
    pub(crate) b: u32,
    /// Bits for one person.
    pub(crate) score: f64,
    /// Said by a reviewer: stands whatever the other records say.
    pub(crate) certain: bool,
}

/// Bits that one pair may add to the mean of a merge either way, so that no single pair outvotes
/// the rest.
const VOICE: f64 = 12.0;
/// Members of a person that speak for it in a merge.
const SPEAKERS: usize = 12;

/// Records joined into persons.
pub(crate) struct Forest {
    parent: Vec<u32>,
    /// Members of the groups of more than one, by root.
    members: FxHashMap<u32, Vec<u32>>,
}

impl Forest {
    /// `enemies` lists, for a record, those that a reviewer has told from it, in both directions.
    ///
    /// Joins the strongest links first. Two groups become one only when no pair across them is
    /// forbidden (`across` gives `None`) and the mean score across is in favour.
    pub(crate) fn grow<'r>(
        records: usize,
        mut edges: Vec<Edge>,
        rank: &(dyn Fn(u32) -> (u64, &'r str) + Sync),
        across: &(dyn Fn(u32, u32) -> Option<f64> + Sync),
        enemies: &FxHashMap<u32, Vec<u32>>,
    ) -> Self {
        edges.par_sort_unstable_by(|x, y| {
            y.certain
                .cmp(&x.certain)
                .then_with(|| y.score.total_cmp(&x.score))
                .then_with(|| pair_rank(x, rank).cmp(&pair_rank(y, rank)))
        });
        let mut forest = Self {
            parent: (0..records as u32).collect(),
            members: FxHashMap::default(),
        };
        for edge in &edges {
            let (a, b) = (forest.root(edge.a), forest.root(edge.b));
            if a == b {
                continue;
            }
            if !forest.apart(a, b, enemies) && forest.agree(a, b, edge, rank, across) {
                forest.join(a, b);
            }
        }
        forest
    }

    fn agree<'r>(
        &self,
        a: u32,
        b: u32,
        edge: &Edge,
        rank: &(dyn Fn(u32) -> (u64, &'r str) + Sync),
        across: &(dyn Fn(u32, u32) -> Option<f64> + Sync),
    ) -> bool {
        let left = self.speakers(a, rank);
        let right = self.speakers(b, rank);
        let mut sum = 0.0;
        let mut count = 0.0;
        for x in &left {
            for y in &right {
                match across(*x, *y) {
                    None => return false,
                    Some(score) => {
                        sum += score.clamp(-VOICE, VOICE);
                        count += 1.0;
                    }
                }
            }
        }
        edge.certain || sum / count > 0.0
    }

    /// Whether a reviewer has told a member of one group from a member of the other.
    fn apart(&mut self, a: u32, b: u32, enemies: &FxHashMap<u32, Vec<u32>>) -> bool {
        if enemies.is_empty() {
            return false;
        }
        let members = self.members.get(&a).cloned().unwrap_or_else(|| vec![a]);
        members
            .iter()
            .filter_map(|member| enemies.get(member))
            .flatten()
            .any(|enemy| self.root(*enemy) == b)
    }

    fn speakers<'r>(&self, root: u32, rank: &(dyn Fn(u32) -> (u64, &'r str) + Sync)) -> Vec<u32> {
        match self.members.get(&root) {
            None => vec![root],
            Some(members) => {
                let mut members = members.clone();
                members.sort_unstable_by_key(|member| rank(*member));
                members.truncate(SPEAKERS);
                members
            }
        }
    }

    fn root(&mut self, mut record: u32) -> u32 {
        loop {
            let parent = self.parent.get(record as usize).copied().unwrap_or(record);
            if parent == record {
                return record;
            }
            let above = self.parent.get(parent as usize).copied().unwrap_or(parent);
            if let Some(slot) = self.parent.get_mut(record as usize) {
                *slot = above;
            }
            record = above;
        }
    }

    fn join(&mut self, a: u32, b: u32) {
        let small = self.members.remove(&b).unwrap_or_else(|| vec![b]);
        match self.members.entry(a) {
            Entry::Occupied(mut entry) => entry.get_mut().extend(small),
            Entry::Vacant(entry) => {
                entry.insert(vec![a]).extend(small);
            }
        }
        if let Some(slot) = self.parent.get_mut(b as usize) {
            *slot = a;
        }
    }

    /// All groups, singletons included, ordered by their first record; members ascending.
    pub(crate) fn into_groups(mut self) -> Vec<Vec<usize>> {
        let mut groups = Vec::new();
        let mut joined = vec![false; self.parent.len()];
        for members in self.members.values() {
            for member in members {
                if let Some(slot) = joined.get_mut(*member as usize) {
                    *slot = true;
                }
            }
        }
        for record in 0..self.parent.len() as u32 {
            if joined.get(record as usize) == Some(&false) {
                groups.push(vec![record as usize]);
                continue;
            }
            let root = self.root(record);
            if let Some(mut members) = self.members.remove(&root) {
                members.sort_unstable();
                groups.push(members.into_iter().map(|m| m as usize).collect());
            }
        }
        groups
    }
}

fn pair_rank<'r>(
    edge: &Edge,
    rank: &(dyn Fn(u32) -> (u64, &'r str) + Sync),
) -> ((u64, &'r str), (u64, &'r str)) {
    let (x, y) = (rank(edge.a), rank(edge.b));
    if x <= y { (x, y) } else { (y, x) }
}
