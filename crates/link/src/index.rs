//! Which records share a blocking key: a sorted base and what came since.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::blocking::{Scheme, narrow};
use crate::population::Population;

/// Blocks by key. Twelve bytes an entry, about twenty entries a record.
#[derive(Clone, Default)]
pub(crate) struct Index {
    keys: Vec<u64>,
    records: Vec<u32>,
    recent: FxHashMap<u64, Vec<u32>>,
    fresh: usize,
}

/// Entries that may gather before they are merged into the base, whatever its size.
const FRESH: usize = 200_000;

/// What an index finds for a record.
pub(crate) struct Found {
    /// Records that share a block with it, ascending.
    pub(crate) partners: Vec<u32>,
    /// Members of blocks that the record has just made too large.
    pub(crate) overflown: Vec<u32>,
}

impl Index {
    pub(crate) fn build(population: &Population) -> Self {
        let mut entries: Vec<(u64, u32)> = Vec::new();
        for position in 0..population.len() {
            keys(population, position as u32, |_, key| {
                entries.push((key, position as u32));
            });
        }
        entries.par_sort_unstable();
        Self {
            keys: entries.iter().map(|(key, _)| *key).collect(),
            records: entries.iter().map(|(_, record)| *record).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, population: &Population, position: u32) {
        keys(population, position, |_, key| {
            self.recent.entry(key).or_default().push(position);
            self.fresh += 1;
        });
        if self.fresh > FRESH + self.keys.len() / 4 {
            self.merge();
        }
    }

    fn merge(&mut self) {
        let mut entries: Vec<(u64, u32)> = self
            .keys
            .iter()
            .copied()
            .zip(self.records.iter().copied())
            .collect();
        for (key, records) in self.recent.drain() {
            entries.extend(records.iter().map(|record| (key, *record)));
        }
        entries.par_sort_unstable();
        self.keys = entries.iter().map(|(key, _)| *key).collect();
        self.records = entries.iter().map(|(_, record)| *record).collect();
        self.fresh = 0;
    }

    fn block(&self, key: u64, into: &mut Vec<u32>) {
        into.clear();
        let start = self.keys.partition_point(|k| *k < key);
        let rest = self.keys.get(start..).unwrap_or_default();
        let count = rest.iter().take_while(|k| **k == key).count();
        into.extend_from_slice(self.records.get(start..start + count).unwrap_or_default());
        if let Some(recent) = self.recent.get(&key) {
            into.extend_from_slice(recent);
        }
    }

    fn size(&self, key: u64) -> usize {
        let start = self.keys.partition_point(|k| *k < key);
        let rest = self.keys.get(start..).unwrap_or_default();
        rest.iter().take_while(|k| **k == key).count() + self.recent.get(&key).map_or(0, Vec::len)
    }

    /// Whether two records surely meet: in a block that needs no dividing. `false` leaves it open.
    pub(crate) fn meet(&self, population: &Population, a: u32, b: u32) -> bool {
        let mut own: Vec<u64> = Vec::with_capacity(32);
        keys(population, a, |_, key| own.push(key));
        let mut met = false;
        keys(population, b, |scheme, key| {
            met = met
                || (own.contains(&key) && self.size(key) <= scheme.cap(population.config.block_size.max(2)));
        });
        met
    }

    /// Partners of a record that is in the index.
    pub(crate) fn find(&self, population: &Population, position: u32) -> Found {
        let mut found = Found {
            partners: Vec::new(),
            overflown: Vec::new(),
        };
        let mut members = Vec::new();
        keys(population, position, |scheme, key| {
            self.block(key, &mut members);
            narrow(population, scheme, position, &mut members, &mut found.overflown);
            found.partners.extend_from_slice(&members);
        });
        for list in [&mut found.partners, &mut found.overflown] {
            list.sort_unstable();
            list.dedup();
            list.retain(|record| *record != position);
        }
        found
    }
}

/// The distinct keys of a record under each scheme.
fn keys(population: &Population, position: u32, mut emit: impl FnMut(Scheme, u64)) {
    let Some(row) = population.rows.get(position as usize) else {
        return;
    };
    let mut known: Vec<u64> = Vec::with_capacity(32);
    for scheme in Scheme::ALL {
        scheme.keys(population, row, |key| {
            if !known.contains(&key) {
                known.push(key);
                emit(scheme, key);
            }
        });
    }
}
