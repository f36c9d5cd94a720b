//! Which records share a blocking key: sorted lists and what came since.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::blocking::{Crowd, Scheme, narrow};
use crate::population::Population;

/// Blocks by scheme and key. Eight bytes an entry, about twenty entries a record: the key's upper
/// half stands for it, and what it finds is checked against the record's own keys.
#[derive(Clone)]
pub(crate) struct Index {
    /// For each scheme the upper halves of its keys with the record, ascending.
    base: Vec<Vec<(u32, u32)>>,
    recent: FxHashMap<u64, Vec<u32>>,
    fresh: usize,
    /// Large blocks that were looked at, by key: their members are also among the others.
    crowds: FxHashMap<u64, Crowd>,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            base: vec![Vec::new(); Scheme::ALL.len()],
            recent: FxHashMap::default(),
            fresh: 0,
            crowds: FxHashMap::default(),
        }
    }
}

/// Entries that may gather before they are merged into the base, whatever its size.
const FRESH: usize = 200_000;
/// Members of a block from which on it is kept divided, so that a look at it does not take the longer the larger it is.
const CROWD: usize = 200;

/// What an index finds for a record.
pub(crate) struct Found {
    /// Records that share a block with it, ascending.
    pub(crate) partners: Vec<u32>,
    /// For each of them, how many keys found it.
    pub(crate) hits: Vec<u8>,
    /// Records whose pairs with each other the record may have driven apart, ascending.
    pub(crate) overflown: Vec<u32>,
}

impl Index {
    pub(crate) fn build(population: &Population) -> Self {
        let mut index = Self::default();
        for (scheme, list) in Scheme::ALL.into_iter().zip(&mut index.base) {
            list.reserve_exact(population.len());
            for position in 0..population.len() as u32 {
                keys(population, scheme, position, |key| {
                    list.push((upper(key), position));
                });
            }
            list.shrink_to_fit();
            list.par_sort_unstable();
        }
        index
    }

    pub(crate) fn add(&mut self, population: &Population, position: u32) {
        for scheme in Scheme::ALL {
            keys(population, scheme, position, |key| {
                self.recent.entry(key).or_default().push(position);
                self.fresh += 1;
                if let Some(crowd) = self.crowds.get_mut(&key) {
                    crowd.add(population, position);
                }
            });
        }
        if self.fresh > FRESH + self.base.iter().map(Vec::len).sum::<usize>() / 4 {
            self.merge(population);
        }
    }

    fn merge(&mut self, population: &Population) {
        let mut records: Vec<u32> = self.recent.drain().flat_map(|(_, records)| records).collect();
        records.sort_unstable();
        records.dedup();
        for (scheme, list) in Scheme::ALL.into_iter().zip(&mut self.base) {
            for position in &records {
                keys(population, scheme, *position, |key| {
                    list.push((upper(key), *position));
                });
            }
            list.par_sort_unstable();
        }
        self.fresh = 0;
    }

    /// The records that have a key, ascending; where they are more than `enough`, at least one more than that.
    fn block(&self, population: &Population, scheme: Scheme, key: u64, enough: usize, into: &mut Vec<u32>) {
        into.clear();
        let list = self.base.get(scheme as usize).map_or(&[][..], Vec::as_slice);
        let start = list.partition_point(|(half, _)| *half < upper(key));
        let entries = list.get(start..).unwrap_or_default();
        for (_, record) in entries.iter().take_while(|(half, _)| *half == upper(key)) {
            if into.len() > enough {
                return;
            }
            let mut has = false;
            keys(population, scheme, *record, |own| has |= own == key);
            // Two keys of one record may share their upper half.
            if has && into.last() != Some(record) {
                into.push(*record);
            }
        }
        into.extend(self.recent.get(&key).into_iter().flatten());
    }

    /// Whether two records surely meet: in a block that needs no dividing. `false` leaves it open.
    pub(crate) fn meet(&self, population: &Population, a: u32, b: u32) -> bool {
        let size = population.config.block_size.max(2);
        let (mut own, mut members) = (Vec::new(), Vec::new());
        Scheme::ALL.into_iter().any(|scheme| {
            own.clear();
            keys(population, scheme, a, |key| own.push(key));
            let mut met = false;
            keys(population, scheme, b, |key| {
                if !met && own.contains(&key) {
                    let cap = scheme.cap(size);
                    self.block(population, scheme, key, cap, &mut members);
                    met = members.len() <= cap;
                }
            });
            met
        })
    }

    /// Partners of a record that is in the index.
    pub(crate) fn find(&mut self, population: &Population, position: u32) -> Found {
        let mut found = Found {
            partners: Vec::new(),
            hits: Vec::new(),
            overflown: Vec::new(),
        };
        let mut members = Vec::new();
        for scheme in Scheme::ALL {
            keys(population, scheme, position, |key| {
                if !self.crowds.contains_key(&key) {
                    self.block(population, scheme, key, usize::MAX, &mut members);
                    if members.len() > CROWD {
                        let crowd = Crowd::new(population, scheme, &members);
                        self.crowds.insert(key, crowd);
                    }
                }
                match self.crowds.get(&key) {
                    Some(crowd) => crowd.narrow(population, position, &mut members, &mut found.overflown),
                    None => narrow(population, scheme, position, &mut members, &mut found.overflown),
                }
                found.partners.extend_from_slice(&members);
            });
        }
        for list in [&mut found.partners, &mut found.overflown] {
            list.retain(|record| *record != position);
            list.sort_unstable();
        }
        found.overflown.dedup();
        let runs = found.partners.chunk_by(|x, y| x == y);
        found.hits = runs.map(|run| run.len().min(255) as u8).collect();
        found.partners.dedup();
        found
    }
}

fn upper(key: u64) -> u32 {
    (key >> 32) as u32
}

/// The distinct keys of a record under a scheme.
fn keys(population: &Population, scheme: Scheme, position: u32, mut emit: impl FnMut(u64)) {
    let Some(row) = population.rows.get(position as usize) else {
        return;
    };
    let mut known = [0; 4];
    let mut count = 0;
    let mut more: Vec<u64> = Vec::new();
    scheme.keys(population, row, |key| {
        if known.iter().take(count).chain(&more).any(|k| *k == key) {
            return;
        }
        match known.get_mut(count) {
            Some(slot) => *slot = key,
            None => more.push(key),
        }
        count += 1;
        emit(key);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocking::{candidates, pack};
    use crate::config::Config;
    use crate::fields::Field;
    use crate::record::Record;

    #[test]
    fn an_index_finds_the_same_however_it_grew() {
        let mut population = Population::new(&Config::default());
        let mut record = Record::new("");
        let mut grown = Index::default();
        for n in 0..1_000_usize {
            record.clear();
            record.set(Field::Given, ["Ann", "Bob"][n % 2]);
            record.set(Field::Family, ["Lee", "Smith-Lee"][n / 2 % 2]);
            record.set(Field::BirthDate, &format!("1980-05-{:02}", 1 + n % 13));
            record.set(Field::Phone, &format!("503555{:04}", 1000 + n / 5));
            let position = population.push(&record) as u32;
            grown.add(&population, position);
            if n % 70 == 30 {
                grown.merge(&population);
            }
            if n % 3 == 0 {
                grown.find(&population, position);
            }
        }
        let mut built = Index::build(&population);
        assert!(grown.crowds.values().count() > 0);
        let mut pairs = Vec::new();
        for position in 0..1_000 {
            let (x, y) = (
                built.find(&population, position),
                grown.find(&population, position),
            );
            assert_eq!(x.partners, y.partners, "{position}");
            assert_eq!(x.overflown, y.overflown, "{position}");
            pairs.extend(
                x.partners
                    .iter()
                    .filter(|p| **p > position)
                    .map(|p| pack(position, *p)),
            );
        }
        assert!(pairs == candidates(&population).pairs, "not the pairs of a batch");
    }

    #[test]
    fn a_crowd_is_narrowed_as_a_list_is() {
        let mut population = Population::new(&Config::default());
        let mut record = Record::new("");
        for n in 0..400_usize {
            record.clear();
            record.id = (n * 7919 % 400).to_string();
            record.set(Field::Given, "Ann");
            record.set(Field::Family, if n % 9 == 0 { "Li" } else { "Lee" });
            record.set(Field::BirthDate, ["1980-05-01", "1980-06-02", ""][n % 5 % 3]);
            population.push(&record);
        }
        for scheme in Scheme::ALL {
            for size in [10, 17, 18, 49, 60, 230, 400] {
                let members: Vec<u32> = (0..size).collect();
                let (some, rest) = members.split_at(size as usize / 2);
                let mut crowd = Crowd::new(&population, scheme, some);
                for member in rest {
                    crowd.add(&population, *member);
                }
                for position in [0, 4, 9] {
                    let (mut list, mut apart) = (members.clone(), Vec::new());
                    narrow(&population, scheme, position, &mut list, &mut apart);
                    let (mut found, mut driven) = (Vec::new(), Vec::new());
                    crowd.narrow(&population, position, &mut found, &mut driven);
                    for list in [&mut list, &mut apart, &mut found, &mut driven] {
                        list.sort_unstable();
                        list.dedup();
                    }
                    assert_eq!((list, apart), (found, driven), "{scheme:?} {size} {position}");
                }
            }
        }
    }
}
