//! The ids of persons: numbers that follow from the names of their records.

use std::fmt::Write as _;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::intern::{mix, stable_hash};
use crate::population::Population;

impl Population {
    /// A number from the names of the members, independent of their order.
    pub(crate) fn person_key(&self, members: &[usize]) -> u64 {
        let key = members
            .iter()
            .map(|member| {
                mix(stable_hash(self.source(*member))).wrapping_add(stable_hash(self.record_id(*member)))
            })
            .min()
            .unwrap_or(0);
        mix(key)
    }

    /// The numbers of several persons, each its own even where records of two persons bear one name; which of them
    /// then keeps it is settled by content.
    pub(crate) fn person_keys(&self, groups: &[Vec<usize>]) -> Vec<u64> {
        let mut keys: Vec<u64> = groups
            .par_iter()
            .map(|members| self.person_key(members))
            .collect();
        let mut order: Vec<(u64, usize)> = keys.iter().copied().zip(0..).collect();
        order.par_sort_unstable();
        let twice: Vec<&[(u64, usize)]> = order
            .chunk_by(|x, y| x.0 == y.0)
            .filter(|run| run.len() > 1)
            .collect();
        if twice.is_empty() {
            return keys;
        }
        let mut taken: FxHashSet<u64> = keys.iter().copied().collect();
        for run in twice {
            let mut run: Vec<((u64, &str), usize)> = run
                .iter()
                .filter_map(|(_, at)| {
                    let members = groups.get(*at)?;
                    let first = members.iter().map(|member| self.rank(*member as u32)).min()?;
                    Some((first, *at))
                })
                .collect();
            run.sort_unstable();
            for (_, at) in run.into_iter().skip(1) {
                if let Some(key) = keys.get_mut(at) {
                    *key = unused(*key, &mut taken);
                }
            }
        }
        keys
    }
}

/// A number that is not taken yet, the same one for a number whenever as many are; it is taken from then on.
pub(crate) fn unused(mut key: u64, taken: &mut FxHashSet<u64>) -> u64 {
    while !taken.insert(key) {
        key = mix(key);
    }
    key
}

/// Number of a person from its id.
pub(crate) fn person_number(id: &str) -> Option<u64> {
    u64::from_str_radix(id.strip_prefix("p-")?, 16).ok()
}

/// Id of a person from its number.
pub(crate) fn person_name(key: u64) -> String {
    let mut id = String::with_capacity(18);
    let _ = write!(id, "p-{key:016x}");
    id
}
