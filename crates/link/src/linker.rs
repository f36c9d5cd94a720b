//! Records one at a time: insertion, verdicts, and persons whose ids last.

mod results;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use crate::accord::Accord;
use crate::cluster::Records;
use crate::config::Config;
use crate::index::Index;
use crate::judge::{Judge, Positions};
use crate::learned::Model;
use crate::linkage::{Linkage, ScoredPair};
use crate::links::{self, Links};
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
/// Records of a person above which that takes so long to see that it is not left to an insertion.
const VERY_LARGE: usize = 128;

/// A population that grows one record at a time under a fixed [`Model`], and outlives the program.
///
/// The persons at any time are those that [`Population::link_with`] would find for the same records,
/// model and verdicts, in whatever order they came. Ids of persons stay: a merge keeps the older id,
/// a split leaves the old id with the larger part, and an id that is gone is never minted again.
///
/// An insertion looks at the records that share a block with the new one, and at the persons that it is linked to. A
/// person whose records all speak for one person, in up to two thousand different forms, takes in another of them in
/// a millisecond or two, however often it is registered; where they contradict each other, its records are grouped
/// anew, and the time grows with their number.
///
/// ```
/// use ehr_link::{Config, Linker, Model, PersonName, Record};
/// let mut linker = Linker::new(&Config::default(), Model::built_in(1_000));
/// let mut record = Record::new("clinic/1");
/// record.names.push(PersonName::official("Wilhelmina", "Okonkwo"));
/// record.birth_date = Some("1980-05-17".into());
/// record.phones.push("231-555-7788".into());
/// let first = linker.insert(&record).person;
///
/// // Kept in any format of serde, it goes on as if it had never stopped.
/// let kept = serde_json::to_vec(&linker)?;
/// let mut linker: Linker = serde_json::from_slice(&kept)?;
/// record.id = "lab/9".into();
/// assert_eq!(linker.insert(&record).person, first);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # What is kept
///
/// The written form has a version. It holds the records in packed form, the model, the verdicts, the open and the linked
/// pairs and the persons with their ids: in JSON about 150 bytes for a registration of fourteen fields. The blocking
/// index is built again when it is read. It is data of patients. What no linker can have written, and what another
/// version wrote, is refused with the reason and without any value; however it was made, reading it takes memory in
/// proportion to its length and does not panic.
#[derive(Clone)]
pub struct Linker {
    pub(crate) population: Population,
    pub(crate) model: Model,
    pub(crate) judge: Judge,
    pub(crate) index: Index,
    pub(crate) verdicts: Verdicts,
    pub(crate) positions: Positions,
    pub(crate) links: Links,
    pub(crate) persons: Persons,
    /// Pairs that were compared.
    pub(crate) compared: usize,
    /// Position of a record by its id, source and content, from the first time that one is asked for.
    pub(crate) seen: Option<FxHashMap<u64, u32>>,
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
            compared: 0,
            seen: None,
        }
    }

    /// Goes on from a batch, with its records, persons, verdicts and model.
    pub fn resume(linkage: Linkage) -> Self {
        let model = linkage.model();
        let links = Links::new(linkage.population.len(), links::open(&linkage.pairs));
        let persons = Persons::new(&linkage.population, linkage.persons);
        let linker = Self {
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
            compared: linkage.summary.compared,
            seen: None,
        };
        linker.prepared()
    }

    /// Ready for insertions.
    pub(crate) fn prepared(mut self) -> Self {
        for number in self.persons.larger_than(VERY_LARGE) {
            let (judge, population, verdicts) = (&self.judge, &self.population, &self.positions);
            let links = &self.links;
            let find = |members: &[u32]| Accord::find(judge, population, verdicts, links, members, None);
            self.persons.accord(number, find);
        }
        self
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
        if let Some(seen) = &mut self.seen {
            seen.insert(self.population.fingerprint(position as usize), position);
        }
        self.persons.add_record();
        self.links.add_record();
        self.index.add(&self.population, position);
        let found = self.index.find(&self.population, position);
        let pairs = self.judge_pairs(position, &found.partners);
        self.compared += pairs.len();
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

    /// Position of a record that is here with the same id, source and content, so that what a source sends again need
    /// not be inserted again.
    pub fn position_of(&mut self, record: &Record) -> Option<usize> {
        let population = &self.population;
        let seen = self.seen.get_or_insert_with(|| {
            let all = (0..population.len()).rev();
            all.map(|at| (population.fingerprint(at), at as u32)).collect()
        });
        let mut alone = population.empty();
        alone.push(record);
        let at = *seen.get(&alone.fingerprint(0))? as usize;
        let is_same = population.record_id(at) == record.id
            && population.content.get(at) == alone.content.first()
            && population.source(at) == alone.source(0);
        is_same.then_some(at)
    }

    /// Sets (`Some`) or takes back (`None`) the verdict on two records, by their ids, and settles
    /// the persons they touch: unlink with [`Verdict::Different`], and take it back to relink.
    /// The model stays as it is; [`Linker::relearn`] learns from verdicts.
    pub fn set_verdict(&mut self, a: &str, b: &str, verdict: Option<Verdict>) -> Vec<PersonEvent> {
        match verdict {
            Some(verdict) => {
                self.verdicts.set(a, b, verdict);
            }
            None => {
                self.verdicts.remove(a, b);
            }
        }
        self.judge_anew(&[a, b].into_iter().collect())
    }

    /// Replaces all verdicts by others and settles the persons that this touches, as [`Linker::set_verdict`] does.
    pub fn set_verdicts(&mut self, verdicts: &Verdicts) -> Vec<PersonEvent> {
        let old = std::mem::replace(&mut self.verdicts, verdicts.clone());
        let changed = |from: &Verdicts, to: &Verdicts| -> Vec<String> {
            let changed = from
                .iter()
                .filter(|(a, b, verdict)| to.get(a, b) != Some(*verdict));
            changed
                .flat_map(|(a, b, _)| [a.to_owned(), b.to_owned()])
                .collect()
        };
        let named = [changed(&old, verdicts), changed(verdicts, &old)].concat();
        self.judge_anew(&named.iter().map(String::as_str).collect())
    }

    /// The verdicts that stand.
    pub fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    /// Learns a model from all records and verdicts and links the records anew by it, as [`Population::link`] does: worth it
    /// when there are many times more of them than the model was learnt from. Ids of persons stay. What the former model
    /// took for nobody's own, such as the telephone number of a clinic, stays missing.
    pub fn relearn(&mut self) -> Vec<PersonEvent> {
        let empty = self.population.empty();
        let linkage = std::mem::replace(&mut self.population, empty).link(&self.verdicts);
        let mut persons = std::mem::take(&mut self.persons);
        let groups = linkage.persons.iter().map(|person| person.members.clone());
        let events = persons.regroup_all(&linkage.population, groups.collect());
        *self = Self::resume(linkage);
        self.persons = persons;
        events
    }

    /// Judges the pairs of the records with some ids anew and settles the persons they touch.
    fn judge_anew(&mut self, ids: &FxHashSet<&str>) -> Vec<PersonEvent> {
        self.positions = Positions::new(&self.population, &self.verdicts);
        let named = |at: &usize| ids.contains(self.population.record_id(*at));
        let records: Vec<u32> = (0..self.population.len())
            .filter(named)
            .map(|at| at as u32)
            .collect();
        let mut dirty = records.clone();
        for record in records {
            self.refresh(record, &mut dirty);
        }
        self.settle(dirty)
    }

    /// A pair, decided.
    fn judged(&self, a: u32, b: u32) -> Option<ScoredPair> {
        let pattern = self.judge.compare(&self.population, a, b)?;
        let mut pair = self
            .judge
            .score(&self.population, &self.positions, (a, b), pattern)?;
        self.judge.decide(&self.population, &mut pair);
        Some(pair)
    }

    /// Pairs of a record with others, decided.
    fn judge_pairs(&self, record: u32, partners: &[u32]) -> Vec<ScoredPair> {
        let mut partners = partners.to_vec();
        partners.extend(self.positions.partners(record));
        partners.sort_unstable();
        partners.dedup();
        let pairs = partners
            .iter()
            .filter_map(|partner| self.judged(record, *partner));
        pairs.collect()
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
            .filter_map(|link| Some((link.tie?, link.partner)))
            .all(|(tie, partner)| tie.links() && self.persons.number_of(partner) == Some(number));
        // What was linked directly is now linked through the record.
        let still_linked = lost.iter().all(|(a, b)| linked(*a) && linked(*b));
        let alike = self.population.config.duplicates_within_source;
        if !one_person || !still_linked || !alike || self.positions.partners(record).next().is_some() {
            return false;
        }
        if self.persons.members(number).len() < LARGE {
            return false;
        }
        let (judge, population, verdicts) = (&self.judge, &self.population, &self.positions);
        let links = &self.links;
        // The members do not hold the record yet, and no link of theirs but those to it is new.
        let find = |members: &[u32]| Accord::find(judge, population, verdicts, links, members, Some(record));
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
        let ties = positions.iter().flat_map(|record| self.links.edges(*record));
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
