//! Which pairs of records are worth comparing: a union of keys, each of which some true pairs miss
//! and all of which few do.

mod crowd;
mod scheme;

use rayon::prelude::*;

use crate::population::Population;

pub(crate) use crowd::Crowd;
use scheme::Refinement;
pub(crate) use scheme::Scheme;

/// Candidate pairs, each once, in ascending order, with the number of schemes that found it.
pub(crate) struct Candidates {
    /// The smaller position in the high half, the larger in the low one.
    pub(crate) pairs: Vec<u64>,
    pub(crate) hits: Vec<u8>,
}

pub(crate) fn pack(a: u32, b: u32) -> u64 {
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}

pub(crate) const fn unpack(pair: u64) -> (u32, u32) {
    ((pair >> 32) as u32, pair as u32)
}

/// Pairs of a window in a block that no field divides further.
const WINDOW: usize = 12;

/// Finds the candidate pairs of a population.
pub(crate) fn candidates(population: &Population) -> Candidates {
    let cap = population.config.block_size.max(2);
    let mut all: Vec<u64> = Vec::new();
    for scheme in Scheme::ALL {
        let mut entries: Vec<(u64, u32)> = population
            .rows
            .par_chunks(8192)
            .enumerate()
            .flat_map_iter(|(chunk, rows)| {
                let mut out = Vec::with_capacity(rows.len());
                for (i, row) in rows.iter().enumerate() {
                    let position = (chunk * 8192 + i) as u32;
                    let start = out.len();
                    scheme.keys(population, row, |key| {
                        let known: &[(u64, u32)] = out.get(start..).unwrap_or_default();
                        if !known.iter().any(|(k, _)| *k == key) {
                            out.push((key, position));
                        }
                    });
                }
                out
            })
            .collect();
        entries.par_sort_unstable();
        let blocks: Vec<&[(u64, u32)]> = entries
            .chunk_by(|x, y| x.0 == y.0)
            .filter(|block| block.len() > 1)
            .collect();
        let found: Vec<u64> = blocks
            .par_chunks(1024)
            .flat_map_iter(|blocks| {
                let mut out = Vec::new();
                for block in blocks {
                    let members: Vec<u32> = block.iter().map(|(_, position)| *position).collect();
                    divide(
                        population,
                        scheme.refinement(),
                        &members,
                        scheme.cap(cap),
                        &mut out,
                    );
                }
                out
            })
            .collect();
        all.extend_from_slice(&found);
    }
    all.par_sort_unstable();
    let mut pairs = Vec::new();
    let mut hits = Vec::new();
    for run in all.chunk_by(|x, y| x == y) {
        if let Some(pair) = run.first() {
            pairs.push(*pair);
            hits.push(run.len() as u8);
        }
    }
    Candidates { pairs, hits }
}

/// All pairs of a block, or of its parts where it is too large. Records that miss the dividing field
/// make a part of their own, so no record is dropped from a scheme.
fn divide(
    population: &Population,
    refinement: &[Refinement],
    members: &[u32],
    cap: usize,
    out: &mut Vec<u64>,
) {
    if members.len() <= cap {
        for (i, a) in members.iter().enumerate() {
            for b in members.iter().skip(i + 1) {
                out.push(pack(*a, *b));
            }
        }
        return;
    }
    let Some((first, rest)) = refinement.split_first() else {
        // Nothing divides the block: neighbours in the order of content.
        let mut ordered = members.to_vec();
        ordered.sort_unstable_by_key(|position| (population.rank(*position), *position));
        for (i, a) in ordered.iter().enumerate() {
            for b in ordered.iter().skip(i + 1).take(WINDOW) {
                out.push(pack(*a, *b));
            }
        }
        return;
    };
    let mut keyed: Vec<(u64, u32)> = members
        .iter()
        .map(|position| {
            let value = population
                .rows
                .get(*position as usize)
                .map_or(0, |row| first.value(population, row));
            (value, *position)
        })
        .collect();
    keyed.sort_unstable();
    for part in keyed.chunk_by(|x, y| x.0 == y.0) {
        let part: Vec<u32> = part.iter().map(|(_, position)| *position).collect();
        divide(population, rest, &part, cap, out);
    }
}

/// Leaves of a record's block only those it is compared with, as [`candidates`] would. Adds those whose pairs with each
/// other may have to go because of the record to `overflown`: the members of a block that has just grown too large, and
/// the record's neighbours where nothing divides a block.
pub(crate) fn narrow(
    population: &Population,
    scheme: Scheme,
    position: u32,
    members: &mut Vec<u32>,
    overflown: &mut Vec<u32>,
) {
    let cap = scheme.cap(population.config.block_size.max(2));
    let Some(own) = population.rows.get(position as usize) else {
        return;
    };
    for refinement in scheme.refinement() {
        if members.len() <= cap {
            return;
        }
        if members.len() == cap + 1 {
            overflown.extend_from_slice(members);
        }
        let value = refinement.value(population, own);
        members.retain(|member| {
            population
                .rows
                .get(*member as usize)
                .is_some_and(|row| refinement.value(population, row) == value)
        });
    }
    if members.len() > cap {
        if members.len() == cap + 1 {
            overflown.extend_from_slice(members);
        }
        members.sort_unstable_by_key(|member| (population.rank(*member), *member));
        let found = members.iter().position(|member| *member == position);
        let near = found.map_or(Vec::new(), |at| neighbours(members, at).to_vec());
        // Of a block that was too large before, only pairs on either side of the record are driven apart.
        overflown.extend_from_slice(&near);
        *members = near;
    }
}

/// The records of an ordered list that one of them is compared with, and itself.
fn neighbours(ordered: &[u32], at: usize) -> &[u32] {
    let end = (at + WINDOW + 1).min(ordered.len());
    ordered.get(at.saturating_sub(WINDOW)..end).unwrap_or_default()
}
