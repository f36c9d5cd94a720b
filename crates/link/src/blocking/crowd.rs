//! A block so large that a look at each of its members for each new one would take too long.

use rustc_hash::FxHashMap;

use super::neighbours;
use super::scheme::{Refinement, Scheme};
use crate::population::Population;

/// A large block kept as [`candidates`](super::candidates) divides it, so that a record finds its place without a look at all members.
#[derive(Clone)]
pub(crate) struct Crowd {
    scheme: Scheme,
    cap: usize,
    whole: Part,
}

#[derive(Clone)]
enum Part {
    /// So few that each is compared with each.
    Few(Vec<u32>),
    /// By the value of a field.
    Divided {
        size: usize,
        parts: FxHashMap<u64, Part>,
    },
    /// What no field divides, in the order of content.
    Ordered(Vec<u32>),
}

impl Crowd {
    pub(crate) fn new(population: &Population, scheme: Scheme, members: &[u32]) -> Self {
        let cap = scheme.cap(population.config.block_size.max(2));
        Self {
            scheme,
            cap,
            whole: Part::new(population, scheme.refinement(), cap, members.to_vec()),
        }
    }

    /// Adds a record.
    pub(crate) fn add(&mut self, population: &Population, position: u32) {
        self.whole
            .add(population, self.scheme.refinement(), self.cap, position);
    }

    /// What [`narrow`](super::narrow) leaves of the block, and the same overflown ones.
    pub(crate) fn narrow(
        &self,
        population: &Population,
        position: u32,
        members: &mut Vec<u32>,
        overflown: &mut Vec<u32>,
    ) {
        members.clear();
        let Some(own) = population.rows.get(position as usize) else {
            return;
        };
        let mut part = &self.whole;
        let mut refinement = self.scheme.refinement().iter();
        loop {
            if part.len() == self.cap + 1 {
                part.collect(overflown);
            }
            match part {
                Part::Few(few) => {
                    members.extend_from_slice(few);
                    return;
                }
                Part::Divided { parts, .. } => {
                    let value = refinement.next().map_or(0, |field| field.value(population, own));
                    let Some(next) = parts.get(&value) else {
                        return;
                    };
                    part = next;
                }
                Part::Ordered(ordered) => {
                    if let Ok(at) = place(population, ordered, position) {
                        members.extend_from_slice(neighbours(ordered, at));
                    }
                    overflown.extend_from_slice(members);
                    return;
                }
            }
        }
    }
}

/// Where a record is in an ordered list, or belongs.
fn place(population: &Population, ordered: &[u32], position: u32) -> Result<usize, usize> {
    let own = (population.rank(position), position);
    ordered.binary_search_by(|member| (population.rank(*member), *member).cmp(&own))
}

impl Part {
    fn new(population: &Population, refinement: &[Refinement], cap: usize, mut members: Vec<u32>) -> Self {
        if members.len() <= cap {
            return Self::Few(members);
        }
        let Some((first, rest)) = refinement.split_first() else {
            members.sort_unstable_by_key(|member| (population.rank(*member), *member));
            return Self::Ordered(members);
        };
        let size = members.len();
        let mut lists: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
        for member in members {
            let row = population.rows.get(member as usize);
            let value = row.map_or(0, |row| first.value(population, row));
            lists.entry(value).or_default().push(member);
        }
        let parts = lists
            .into_iter()
            .map(|(value, list)| (value, Self::new(population, rest, cap, list)));
        Self::Divided {
            size,
            parts: parts.collect(),
        }
    }

    fn add(&mut self, population: &Population, refinement: &[Refinement], cap: usize, position: u32) {
        match self {
            Self::Few(members) => {
                members.push(position);
                if members.len() > cap {
                    *self = Self::new(population, refinement, cap, std::mem::take(members));
                }
            }
            Self::Divided { size, parts } => {
                *size += 1;
                let (Some((first, rest)), Some(row)) =
                    (refinement.split_first(), population.rows.get(position as usize))
                else {
                    return;
                };
                let part = parts
                    .entry(first.value(population, row))
                    .or_insert_with(|| Self::Few(Vec::new()));
                part.add(population, rest, cap, position);
            }
            Self::Ordered(members) => {
                if let Err(at) = place(population, members, position) {
                    members.insert(at, position);
                }
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Few(members) | Self::Ordered(members) => members.len(),
            Self::Divided { size, .. } => *size,
        }
    }

    fn collect(&self, into: &mut Vec<u32>) {
        match self {
            Self::Few(members) | Self::Ordered(members) => into.extend_from_slice(members),
            Self::Divided { parts, .. } => parts.values().for_each(|part| part.collect(into)),
        }
    }
}
