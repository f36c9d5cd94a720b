//! Records one at a time: insertion, verdicts, and persons whose ids last.

use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::accord::Accord;
use crate::cluster::{Records, Tie};
use crate::config::Config;
use crate::explain::Explanation;
use crate::index::Index;
use crate::judge::{Judge, Positions};
use crate::learned::Model;
use crate::linkage::{Linkage, Person, ScoredPair};
use crate::links::Links;
use crate::persons::{PersonEvent, Persons};
use crate::population::Population;
use crate::record::Record;
use crate::score::Decision;
use crate::verdict::{Verdict, Verdicts};

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

/// Records of a person from which on it is worth knowing whether they agree.
const LARGE: usize = 8;

/// A population that grows one record at a time under a fixed [`Model`].
///
/// The persons at any time are those that [`Population::link_with`] would find for the same records,
/// model and verdicts, in whatever order they came. Ids of persons stay: a merge keeps the older id,
/// a split leaves the old id with the larger part.
///
/// An insertion looks at the records that share a block with the new one, and at the persons that it is linked to. A
/// person whose records all speak for one person takes in another of them without a look at the rest, however often it
/// is registered; where they contradict each other, or are more than a hundred different ones, the time grows with
/// their number.
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
    persons: Persons,
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
            persons: Persons::default(),
        }
    }

    /// Goes on from a batch, with its records, persons, verdicts and model.
    pub fn resume(linkage: Linkage) -> Self {
        let model = linkage.model();
        let links = Links::new(linkage.population.len(), &linkage.pairs);
        let persons = Persons::new(&linkage.population, linkage.persons);
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
            persons,
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
        self.persons.add_record();
        self.links.add_record();
        self.index.add(&self.population, position);
        let found = self.index.find(&self.population, position);
        let pairs = self.judge_pairs(position, &found.partners);
        let mut dirty = vec![position];
        self.links.replace(position, &pairs, &mut dirty);
        let mut lost = Vec::new();
        // Links that rested on a block which is now too large, unless the two meet elsewhere.
        for member in &found.overflown {
            let in_doubt = self.links.of(*member).iter().any(|link| {
                found.overflown.binary_search(&link.partner).is_ok()
                    && !self.index.meet(&self.population, *member, link.partner)
            });
            if in_doubt {
                lost.extend(self.refresh(*member, &mut dirty));
            }
        }
        let events = if self.joins_at_once(position, &lost) {
            Vec::new()
        } else {
            self.settle(dirty)
        };
        Insertion {
            position: position as usize,
            person: self.persons.id_of(position).unwrap_or_default(),
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
        self.persons.id_of(u32::try_from(position).ok()?)
    }

    /// All persons, in the order of their first record.
    pub fn persons(&self) -> Vec<Person> {
        self.persons.all()
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

    /// Finds the links of a record anew; the result names both ends of those that are gone.
    fn refresh(&mut self, record: u32, dirty: &mut Vec<u32>) -> Vec<(u32, u32)> {
        let found = self.index.find(&self.population, record);
        let pairs = self.judge_pairs(record, &found.partners);
        let lost = self.links.replace(record, &pairs, dirty);
        lost.into_iter().map(|partner| (record, partner)).collect()
    }

    /// Puts a new record to a person at once where it is certain what settling would come to, so that this does not
    /// take the longer the more records the person has. `lost` are the links that have just gone.
    fn joins_at_once(&mut self, record: u32, lost: &[(u32, u32)]) -> bool {
        let partners = self.links.partners(record);
        let linked = |to: u32| partners.clone().any(|partner| partner == to);
        let Some(number) = partners
            .clone()
            .next()
            .and_then(|partner| self.persons.number_of(partner))
        else {
            return false;
        };
        let one_person = self
            .links
            .of(record)
            .iter()
            .all(|link| link.tie != Tie::Alike && self.persons.number_of(link.partner) == Some(number));
        // What was linked directly is now linked through the record.
        let still_linked = lost.iter().all(|(a, b)| linked(*a) && linked(*b));
        let alike = self.population.config.duplicates_within_source;
        if !one_person || !still_linked || !alike || self.positions.involve(record) {
            return false;
        }
        if self.persons.members(number).len() < LARGE {
            return false;
        }
        let (judge, population, verdicts) = (&self.judge, &self.population, &self.positions);
        let links = &self.links;
        // The members do not hold the record yet, and no link of theirs but those to it is new.
        let find = |members: &[u32]| Accord::find(judge, population, verdicts, links, members, record);
        let admitted = self
            .persons
            .accord(number, find)
            .is_some_and(|accord| accord.admit(judge, population, verdicts, record));
        if admitted {
            self.persons.join(record, number);
        }
        admitted
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
            queue.extend(self.links.partners(record));
            if let Some(number) = self.persons.number_of(record)
                && old.insert(number)
            {
                queue.extend(self.persons.members(number));
            }
        }
        let mut positions: Vec<u32> = reached.into_iter().collect();
        positions.sort_unstable();
        let ties = positions.iter().flat_map(|record| self.links.onward(*record));
        let groups = self.judge.group(
            &self.population,
            &self.positions,
            Records::These(&positions),
            ties,
        );
        self.persons
            .regroup(&self.population, groups, old.into_iter().collect())
    }
}
