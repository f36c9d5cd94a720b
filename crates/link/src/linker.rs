//! Records one at a time: insertion, verdicts, and persons whose ids last.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use crate::cluster::Records;
use crate::config::Config;
use crate::explain::Explanation;
use crate::index::Index;
use crate::judge::{Judge, Positions};
use crate::learned::Model;
use crate::linkage::{Linkage, Person, ScoredPair, person_name, person_number, unused};
use crate::links::Links;
use crate::population::Population;
use crate::record::Record;
use crate::score::Decision;
use crate::verdict::{Verdict, Verdicts};

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

/// What an insertion did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Insertion {
    /// Position of the record.
    pub position: usize,
    /// Id of the person that it belongs to.
    pub person: String,
    /// Pairs with the record that are a match or for review.
    pub pairs: Vec<ScoredPair>,
    /// What became of persons.
    pub events: Vec<PersonEvent>,
}

struct Group {
    id: u64,
    /// Order of minting; the lower is the older.
    minted: u64,
    members: Vec<u32>,
}

/// A population that grows one record at a time under a fixed [`Model`].
///
/// The persons at any time are those that [`Population::link_with`] would find for the same records,
/// model and verdicts, in whatever order they came. Ids of persons stay: a merge keeps the older id,
/// a split leaves the old id with the larger part.
///
/// ```
/// use ehr_link::{Config, Linker, Model, PersonName, Record};
/// let mut linker = Linker::new(&Config::default(), Model::built_in(1_000));
/// let mut record = Record::new("clinic/1");
/// record.names.push(PersonName::official("Wilhelmina", "Okonkwo"));
/// record.birth_date = Some("1980-05-17".into());
/// record.phones.push("231-555-7788".into());
/// let first = linker.insert(&record).person;
/// record.id = "lab/9".into();
/// assert_eq!(linker.insert(&record).person, first);
/// ```
pub struct Linker {
    population: Population,
    model: Model,
    judge: Judge,
    index: Index,
    verdicts: Verdicts,
    positions: Positions,
    links: Links,
    group_of: Vec<u32>,
    groups: Vec<Group>,
    free: Vec<u32>,
    ids: FxHashSet<u64>,
    minted: u64,
}

impl std::fmt::Debug for Linker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Linker")
            .field("records", &self.population.len())
            .finish_non_exhaustive()
    }
}

impl Linker {
    /// An empty linker that judges by a model.
    pub fn new(config: &Config, model: Model) -> Self {
        let population = Population::new(config);
        Self {
            judge: model.judge(&population),
            population,
            model,
            index: Index::default(),
            verdicts: Verdicts::default(),
            positions: Positions::default(),
            links: Links::default(),
            group_of: Vec::new(),
            groups: Vec::new(),
            free: Vec::new(),
            ids: FxHashSet::default(),
            minted: 0,
        }
    }

    /// Goes on from a batch, with its records, persons, verdicts and model.
    pub fn resume(linkage: Linkage) -> Self {
        let model = linkage.model();
        let links = Links::new(linkage.population.len(), &linkage.pairs);
        let mut group_of = vec![0; linkage.population.len()];
        let mut groups = Vec::with_capacity(linkage.persons.len());
        let mut ids = FxHashSet::default();
        for person in linkage.persons {
            let number = groups.len() as u32;
            let known = person_number(&person.id);
            let id = known.unwrap_or_else(|| linkage.population.person_key(&person.members));
            let id = unused(id, &mut ids);
            for member in &person.members {
                if let Some(slot) = group_of.get_mut(*member) {
                    *slot = number;
                }
            }
            groups.push(Group {
                id,
                minted: u64::from(number),
                members: person.members.iter().map(|m| *m as u32).collect(),
            });
        }
        Self {
            positions: Positions::new(&linkage.population, &linkage.verdicts),
            index: {
                drop(linkage.pairs);
                Index::build(&linkage.population)
            },
            population: linkage.population,
            judge: linkage.judge,
            model,
            verdicts: linkage.verdicts,
            links,
            group_of,
            minted: groups.len() as u64,
            groups,
            free: Vec::new(),
            ids,
        }
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.population.len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.population.is_empty()
    }

    /// Adds a record, links it and settles the persons it touches.
    pub fn insert(&mut self, record: &Record) -> Insertion {
        let extras = self.population.extras.len();
        let position = self.population.push(record) as u32;
        let absurd = &self.model.absurd;
        self.population.forget_from(absurd, position as usize, extras);
        self.judge.frequencies.extend(&self.population, &self.model);
        if !self.verdicts.is_empty() {
            let mine = |id: &str| id == record.id;
            if self.verdicts.iter().any(|(a, b, _)| mine(a) || mine(b)) {
                self.positions = Positions::new(&self.population, &self.verdicts);
            }
        }
        self.group_of.push(u32::MAX);
        self.links.add_record();
        self.index.add(&self.population, position);
        let found = self.index.find(&self.population, position);
        let pairs = self.judge_pairs(position, &found.partners);
        let mut dirty = vec![position];
        self.links.replace(position, &pairs, &mut dirty);
        // Links that rested on a block which is now too large, unless the two meet elsewhere.
        for member in &found.overflown {
            let in_doubt = self.links.of(*member).iter().any(|link| {
                found.overflown.binary_search(&link.partner).is_ok()
                    && !self.index.meet(&self.population, *member, link.partner)
            });
            if in_doubt {
                self.refresh(*member, &mut dirty);
            }
        }
        let events = self.settle(dirty);
        Insertion {
            position: position as usize,
            person: self.person_of(position as usize).unwrap_or_default(),
            pairs: pairs
                .into_iter()
                .filter(|pair| pair.decision != Decision::NoMatch)
                .collect(),
            events,
        }
    }

    /// Sets (`Some`) or takes back (`None`) the verdict on two records, by their ids, and settles
    /// the persons they touch: unlink with [`Verdict::Different`], and take it back to relink.
    /// The model stays as it is; [`Population::link`] learns from verdicts.
    pub fn set_verdict(&mut self, a: &str, b: &str, verdict: Option<Verdict>) -> Vec<PersonEvent> {
        match verdict {
            Some(verdict) => {
                self.verdicts.set(a, b, verdict);
            }
            None => {
                self.verdicts.remove(a, b);
            }
        }
        self.positions = Positions::new(&self.population, &self.verdicts);
        let mut dirty: Vec<u32> = (0..self.population.len())
            .filter(|at| {
                let id = self.population.record_id(*at);
                id == a || id == b
            })
            .map(|at| at as u32)
            .collect();
        for record in dirty.clone() {
            self.refresh(record, &mut dirty);
        }
        self.settle(dirty)
    }

    /// Id of the person that the record at a position belongs to.
    pub fn person_of(&self, position: usize) -> Option<String> {
        let group = self.group_of.get(position)?;
        self.groups
            .get(*group as usize)
            .map(|group| person_name(group.id))
    }

    /// All persons, in the order of their first record.
    pub fn persons(&self) -> Vec<Person> {
        let mut persons = Vec::new();
        for (position, group) in self.group_of.iter().enumerate() {
            if let Some(group) = self.groups.get(*group as usize)
                && group.members.first() == Some(&(position as u32))
            {
                persons.push(Person {
                    id: person_name(group.id),
                    members: group.members.iter().map(|m| *m as usize).collect(),
                });
            }
        }
        persons
    }

    /// Why two records have their score; `None` beyond the end.
    pub fn explain(&self, a: usize, b: usize) -> Option<Explanation> {
        self.judge.explain(&self.population, a as u32, b as u32)
    }

    /// Pairs of a record with others, decided.
    fn judge_pairs(&self, record: u32, partners: &[u32]) -> Vec<ScoredPair> {
        let mut partners = partners.to_vec();
        for pair in self.positions.0.keys() {
            let (a, b) = crate::blocking::unpack(*pair);
            if a == record {
                partners.push(b);
            } else if b == record {
                partners.push(a);
            }
        }
        partners.sort_unstable();
        partners.dedup();
        partners
            .iter()
            .filter_map(|partner| {
                let pattern = self.judge.compare(&self.population, record, *partner)?;
                let pair = (record, *partner);
                let mut pair = self
                    .judge
                    .score(&self.population, &self.positions, pair, pattern)?;
                self.judge.decide(&self.population, &mut pair);
                Some(pair)
            })
            .collect()
    }

    /// Finds the links of a record anew.
    fn refresh(&mut self, record: u32, dirty: &mut Vec<u32>) {
        let found = self.index.find(&self.population, record);
        let pairs = self.judge_pairs(record, &found.partners);
        self.links.replace(record, &pairs, dirty);
    }

    /// Groups anew all records that hang together with the dirty ones.
    fn settle(&mut self, dirty: Vec<u32>) -> Vec<PersonEvent> {
        let mut reached: FxHashSet<u32> = FxHashSet::default();
        let mut old: FxHashSet<u32> = FxHashSet::default();
        let mut queue = dirty;
        while let Some(record) = queue.pop() {
            if !reached.insert(record) {
                continue;
            }
            queue.extend(self.links.of(record).iter().map(|link| link.partner));
            if let Some(number) = self.group_of.get(record as usize)
                && let Some(group) = self.groups.get(*number as usize)
                && old.insert(*number)
            {
                queue.extend(&group.members);
            }
        }
        let mut positions: Vec<u32> = reached.into_iter().collect();
        positions.sort_unstable();
        let old = old.into_iter().collect();
        let links: Vec<(u32, u32, f64, bool)> = positions
            .iter()
            .flat_map(|a| {
                let onward = self.links.of(*a).iter().filter(move |link| *a < link.partner);
                onward.map(move |link| (*a, link.partner, link.score, link.certain))
            })
            .collect();
        let groups = self.judge.group(
            &self.population,
            &self.positions,
            Records::These(&positions),
            links.into_iter(),
        );
        self.name(groups, old)
    }

    /// Gives the new groups their ids: the oldest of those that their records had.
    fn name(&mut self, groups: Vec<Vec<usize>>, mut old: Vec<u32>) -> Vec<PersonEvent> {
        let mut events = Vec::new();
        let mut place: FxHashMap<u32, usize> = FxHashMap::default();
        for (number, members) in groups.iter().enumerate() {
            for member in members {
                place.insert(*member as u32, number);
            }
        }
        old.sort_unstable_by_key(|number| self.groups.get(*number as usize).map(|g| g.minted));
        let mut named: Vec<Option<(u64, u64)>> = vec![None; groups.len()];
        let mut splits: Vec<(u64, usize)> = Vec::new();
        for number in &old {
            let Some(group) = self.groups.get_mut(*number as usize) else {
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
                    let id = unused(self.population.person_key(&members), &mut self.ids);
                    self.minted += 1;
                    events.push(PersonEvent::Created {
                        person: person_name(id),
                    });
                    (id, self.minted)
                }
            };
            *name = Some((id, minted));
            let group = Group {
                id,
                minted,
                members: members.iter().map(|m| *m as u32).collect(),
            };
            let number = match self.free.pop() {
                Some(number) => {
                    if let Some(slot) = self.groups.get_mut(number as usize) {
                        *slot = group;
                    }
                    number
                }
                None => {
                    self.groups.push(group);
                    self.groups.len() as u32 - 1
                }
            };
            for member in members {
                if let Some(slot) = self.group_of.get_mut(member) {
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
