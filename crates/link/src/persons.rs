//! The persons of a linker, with ids that last.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use crate::accord::Accord;
use crate::linkage::Person;
use crate::person_id::{person_name, person_number, unused};
use crate::population::Population;

/// What became of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum PersonEvent {
    /// A new person.
    Created {
        /// Its id.
        person: String,
    },
    /// Two persons turned out to be one; the older id stays.
    Merged {
        /// The id that is gone.
        from: String,
        /// The id that stays.
        into: String,
    },
    /// Some records of a person turned out to be another's.
    Split {
        /// The person they were taken from.
        from: String,
        /// The person they went to.
        into: String,
    },
}

struct Minted {
    id: u64,
    /// Order of minting; the lower is the older.
    minted: u64,
    /// Ascending.
    members: Vec<u32>,
}

/// Persons by number, and the number of each record's.
#[derive(Default)]
pub(crate) struct Persons {
    person_of: Vec<u32>,
    persons: Vec<Minted>,
    /// Numbers that are nobody's any more.
    free: Vec<u32>,
    ids: FxHashSet<u64>,
    minted: u64,
    /// Of large persons that records were inserted into since they last changed otherwise.
    accords: FxHashMap<u32, Option<Accord>>,
}

impl Persons {
    /// Those of a batch.
    pub(crate) fn new(population: &Population, persons: Vec<Person>) -> Self {
        let mut new = Self {
            person_of: vec![0; population.len()],
            persons: Vec::with_capacity(persons.len()),
            minted: persons.len() as u64,
            ..Self::default()
        };
        for (number, person) in persons.into_iter().enumerate() {
            let id = person_number(&person.id).unwrap_or_else(|| population.person_key(&person.members));
            for member in &person.members {
                if let Some(slot) = new.person_of.get_mut(*member) {
                    *slot = number as u32;
                }
            }
            new.persons.push(Minted {
                id: unused(id, &mut new.ids),
                minted: number as u64,
                members: person.members.iter().map(|m| *m as u32).collect(),
            });
        }
        new
    }

    /// Makes place for one more record, which is nobody's yet.
    pub(crate) fn add_record(&mut self) {
        self.person_of.push(u32::MAX);
    }

    /// Number of the person that a record belongs to.
    pub(crate) fn number_of(&self, record: u32) -> Option<u32> {
        self.person_of
            .get(record as usize)
            .copied()
            .filter(|number| *number != u32::MAX)
    }

    /// Id of the person that a record belongs to.
    pub(crate) fn id_of(&self, record: u32) -> Option<String> {
        let person = self.persons.get(self.number_of(record)? as usize)?;
        Some(person_name(person.id))
    }

    pub(crate) fn members(&self, number: u32) -> &[u32] {
        self.persons
            .get(number as usize)
            .map_or(&[], |person| &person.members)
    }

    /// All persons, in the order of their first record.
    pub(crate) fn all(&self) -> Vec<Person> {
        let mut all = Vec::new();
        for (position, number) in self.person_of.iter().enumerate() {
            if let Some(person) = self.persons.get(*number as usize)
                && person.members.first() == Some(&(position as u32))
            {
                all.push(Person {
                    id: person_name(person.id),
                    members: person.members.iter().map(|m| *m as usize).collect(),
                });
            }
        }
        all
    }

    /// The accord of a person's records, found by `find` where nobody has asked since the person changed.
    pub(crate) fn accord(
        &mut self,
        number: u32,
        find: impl FnOnce(&[u32]) -> Option<Accord>,
    ) -> Option<&mut Accord> {
        let members = self
            .persons
            .get(number as usize)
            .map_or(&[][..], |person| &person.members);
        self.accords
            .entry(number)
            .or_insert_with(|| find(members))
            .as_mut()
    }

    /// Adds a record, later than all others, to a person.
    pub(crate) fn join(&mut self, record: u32, number: u32) {
        if let Some(person) = self.persons.get_mut(number as usize) {
            person.members.push(record);
        }
        if let Some(slot) = self.person_of.get_mut(record as usize) {
            *slot = number;
        }
    }

    /// Replaces old persons by the groups that their records make now. A group keeps the oldest of the ids that its
    /// records had.
    pub(crate) fn regroup(
        &mut self,
        population: &Population,
        groups: Vec<Vec<usize>>,
        mut old: Vec<u32>,
    ) -> Vec<PersonEvent> {
        let mut events = Vec::new();
        let mut place: FxHashMap<u32, usize> = FxHashMap::default();
        for (number, members) in groups.iter().enumerate() {
            for member in members {
                place.insert(*member as u32, number);
            }
        }
        old.sort_unstable_by_key(|number| self.persons.get(*number as usize).map(|g| g.minted));
        let mut named: Vec<Option<(u64, u64)>> = vec![None; groups.len()];
        let mut splits: Vec<(u64, usize)> = Vec::new();
        for number in &old {
            self.accords.remove(number);
            let Some(group) = self.persons.get_mut(*number as usize) else {
                continue;
            };
            let members = std::mem::take(&mut group.members);
            let mut shares: FxHashMap<usize, usize> = FxHashMap::default();
            for member in &members {
                if let Some(at) = place.get(member) {
                    *shares.entry(*at).or_default() += 1;
                }
            }
            let mut shares: Vec<(usize, usize)> = shares.into_iter().collect();
            // The largest part keeps the id; of equal parts the one with the earlier record.
            shares.sort_unstable_by(|x, y| y.1.cmp(&x.1).then(x.0.cmp(&y.0)));
            if let Some((main, _)) = shares.first()
                && let Some(slot) = named.get_mut(*main)
            {
                match slot {
                    None => *slot = Some((group.id, group.minted)),
                    Some((id, _)) => {
                        events.push(PersonEvent::Merged {
                            from: person_name(group.id),
                            into: person_name(*id),
                        });
                        self.ids.remove(&group.id);
                    }
                }
            }
            splits.extend(shares.iter().skip(1).map(|(at, _)| (group.id, *at)));
            self.free.push(*number);
        }
        for (members, name) in groups.into_iter().zip(&mut named) {
            let (id, minted) = match *name {
                Some(known) => known,
                None => {
                    let id = unused(population.person_key(&members), &mut self.ids);
                    self.minted += 1;
                    events.push(PersonEvent::Created {
                        person: person_name(id),
                    });
                    (id, self.minted)
                }
            };
            *name = Some((id, minted));
            let person = Minted {
                id,
                minted,
                members: members.iter().map(|m| *m as u32).collect(),
            };
            let number = match self.free.pop() {
                Some(number) => {
                    if let Some(slot) = self.persons.get_mut(number as usize) {
                        *slot = person;
                    }
                    number
                }
                None => {
                    self.persons.push(person);
                    self.persons.len() as u32 - 1
                }
            };
            for member in members {
                if let Some(slot) = self.person_of.get_mut(member) {
                    *slot = number;
                }
            }
        }
        for (from, at) in splits {
            if let Some(Some((id, _))) = named.get(at)
                && *id != from
            {
                events.push(PersonEvent::Split {
                    from: person_name(from),
                    into: person_name(*id),
                });
            }
        }
        events
    }
}
