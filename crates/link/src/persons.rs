//! The persons of a linker, with ids that last.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use crate::accord::{Accord, Harmony};
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

impl PersonEvent {
    /// What became of persons between two states, each given as all its persons: those who are no more, each merged into
    /// the one who has most of its records, the parts that were taken from others, and those who are new. In the
    /// order of the ids.
    ///
    /// ```
    /// use ehr_link::{Config, Linker, Model, PersonEvent, Record, Verdict};
    /// let mut linker = Linker::new(&Config::default(), Model::built_in(1_000));
    /// let mut record = Record::new("1");
    /// record.names.push(ehr_link::PersonName::official("Wilhelmina", "Okonkwo"));
    /// record.birth_date = Some("1980-05-17".into());
    /// record.phones.push("231-555-7788".into());
    /// let first = linker.insert(&record).person;
    /// record.id = "2".into();
    /// linker.insert(&record);
    /// let before = linker.persons();
    /// linker.set_verdict("1", "2", Some(Verdict::Different));
    /// let events = PersonEvent::between(&before, &linker.persons());
    /// assert!(matches!(&events[..], [PersonEvent::Split { from, .. }, PersonEvent::Created { .. }] if *from == first));
    /// ```
    pub fn between(before: &[Person], after: &[Person]) -> Vec<Self> {
        let place: FxHashMap<usize, usize> = after
            .iter()
            .enumerate()
            .flat_map(|(at, person)| person.members.iter().map(move |member| (*member, at)))
            .collect();
        let known: FxHashSet<&str> = before.iter().map(|person| &*person.id).collect();
        let stays: FxHashSet<&str> = after.iter().map(|person| &*person.id).collect();
        let mut events = Vec::new();
        let mut old: Vec<&Person> = before.iter().collect();
        old.sort_unstable_by(|x, y| x.id.cmp(&y.id));
        for Person { id, members } in old {
            let mut shares: FxHashMap<usize, usize> = FxHashMap::default();
            for at in members.iter().filter_map(|member| place.get(member)) {
                *shares.entry(*at).or_default() += 1;
            }
            let mut shares: Vec<(usize, usize)> = shares.into_iter().collect();
            shares.sort_unstable_by(|x, y| y.1.cmp(&x.1).then(x.0.cmp(&y.0)));
            let parts = shares.iter().filter_map(|(at, _)| after.get(*at));
            let mut parts = parts.filter(|part| part.id != *id).map(|part| part.id.clone());
            if !stays.contains(&**id)
                && let Some(into) = parts.next()
            {
                events.push(Self::Merged {
                    from: id.clone(),
                    into,
                });
            }
            events.extend(parts.map(|into| Self::Split {
                from: id.clone(),
                into,
            }));
        }
        let mut new: Vec<&str> = after.iter().map(|person| &*person.id).collect();
        new.retain(|id| !known.contains(id));
        new.sort_unstable();
        events.extend(new.into_iter().map(|id| Self::Created {
            person: id.to_owned(),
        }));
        events
    }
}

#[derive(Clone)]
struct Minted {
    id: u64,
    /// Order of minting; the lower is the older.
    minted: u64,
    /// Ascending.
    members: Vec<u32>,
}

/// Persons by number, and the number of each record's.
#[derive(Clone, Default)]
pub(crate) struct Persons {
    person_of: Vec<u32>,
    persons: Vec<Minted>,
    /// Numbers that are nobody's any more.
    free: Vec<u32>,
    /// All that were ever minted.
    ids: FxHashSet<u64>,
    minted: u64,
    /// What is known of large persons.
    harmonies: FxHashMap<u32, Harmony>,
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

    /// Their ids, the oldest first; for each record the place of its person among them; and the ids that are gone.
    pub(crate) fn by_age(&self) -> (Vec<u64>, Vec<u32>, Vec<u64>) {
        let mut order: Vec<(u64, usize)> = self
            .persons
            .iter()
            .enumerate()
            .filter(|(_, person)| !person.members.is_empty())
            .map(|(number, person)| (person.minted, number))
            .collect();
        order.sort_unstable();
        let mut places = vec![0_u32; self.persons.len()];
        for (place, (_, number)) in (0..).zip(&order) {
            if let Some(slot) = places.get_mut(*number) {
                *slot = place;
            }
        }
        let id = |number: usize| self.persons.get(number).map_or(0, |person| person.id);
        let ids: Vec<u64> = order.iter().map(|(_, number)| id(*number)).collect();
        let live: FxHashSet<u64> = ids.iter().copied().collect();
        let mut gone: Vec<u64> = self.ids.difference(&live).copied().collect();
        gone.sort_unstable();
        let place = |number: &u32| places.get(*number as usize).copied().unwrap_or(u32::MAX);
        let person_of = self.person_of.iter().map(place);
        (ids, person_of.collect(), gone)
    }

    /// Those that [`Persons::by_age`] tells of; `None` where it cannot be true of so many records.
    pub(crate) fn restore(records: usize, ids: &[u64], person_of: &[u32], gone: &[u64]) -> Option<Self> {
        if person_of.len() != records {
            return None;
        }
        let persons = ids.iter().zip(0..).map(|(id, minted)| Minted {
            id: *id,
            minted,
            members: Vec::new(),
        });
        let mut new = Self {
            person_of: person_of.to_vec(),
            persons: persons.collect(),
            minted: ids.len() as u64,
            ids: ids.iter().chain(gone).copied().collect(),
            ..Self::default()
        };
        for (record, number) in (0..).zip(person_of) {
            new.persons.get_mut(*number as usize)?.members.push(record);
        }
        for person in &mut new.persons {
            person.members.shrink_to_fit();
        }
        let each_has_records = new.persons.iter().all(|person| !person.members.is_empty());
        (each_has_records && new.ids.len() == ids.len() + gone.len()).then_some(new)
    }

    /// How many they are.
    pub(crate) fn len(&self) -> usize {
        self.persons.len() - self.free.len()
    }

    /// Replaces all of them by the groups that all records make now; see [`Persons::regroup`].
    pub(crate) fn regroup_all(
        &mut self,
        population: &Population,
        groups: Vec<Vec<usize>>,
    ) -> Vec<PersonEvent> {
        let free: FxHashSet<u32> = self.free.iter().copied().collect();
        let all = (0..self.persons.len() as u32).filter(|number| !free.contains(number));
        let all = all.collect();
        self.regroup(population, groups, all)
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

    /// The accord of a person's records, looked for by `find` where nobody has asked since the person changed.
    pub(crate) fn accord(
        &mut self,
        number: u32,
        find: impl FnOnce(&[u32]) -> Harmony,
    ) -> Option<&mut Accord> {
        let members = self
            .persons
            .get(number as usize)
            .map_or(&[][..], |person| &person.members);
        match self.harmonies.entry(number).or_insert_with(|| find(members)) {
            Harmony::Accord(accord) => Some(accord),
            _ => None,
        }
    }

    /// Numbers of the persons of more than so many records.
    pub(crate) fn larger_than(&self, records: usize) -> Vec<u32> {
        let all = (0..).zip(&self.persons);
        let large = all.filter(|(_, person)| person.members.len() > records);
        large.map(|(number, _)| number).collect()
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
        let mut discordant: FxHashSet<u64> = FxHashSet::default();
        for number in &old {
            let harmony = self.harmonies.remove(number);
            let Some(group) = self.persons.get_mut(*number as usize) else {
                continue;
            };
            if matches!(harmony, Some(Harmony::Discord)) {
                discordant.insert(group.id);
            }
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
                        // Its number stays taken: an id is never minted again.
                        events.push(PersonEvent::Merged {
                            from: person_name(group.id),
                            into: person_name(*id),
                        });
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
            if discordant.contains(&id) {
                self.harmonies.insert(number, Harmony::Discord);
            }
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
