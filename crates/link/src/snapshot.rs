//! A linker as it is kept between runs.
//!
//! What is kept is what cannot be found again: the packed records, the model, the verdicts, the pairs that are more than
//! "no match", and the persons with their ids. The blocking index and the scores are found again when it is read.

mod packed;

use std::borrow::Cow;

use rayon::prelude::*;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::cluster::Tie;
use crate::config::Config;
use crate::index::Index;
use crate::intern::{Interner, Symbol, Texts};
use crate::judge::{Judge, Positions};
use crate::learned::Model;
use crate::linker::Linker;
use crate::links::{Links, Pair};
use crate::normalize::Date;
use crate::persons::Persons;
use crate::population::{Extra, Place, Population, Row};
use crate::verdict::Verdicts;
use crate::version::Version;

/// Raised whenever the form changes, or what was packed before would be read otherwise.
const VERSION: u32 = 1;

/// The written form.
#[derive(Serialize, Deserialize)]
pub(crate) struct Snapshot<'a> {
    version: Version<VERSION>,
    config: Cow<'a, Config>,
    model: Cow<'a, Model>,
    names: Cow<'a, Interner>,
    places: Cow<'a, Interner>,
    contacts: Cow<'a, Interner>,
    codes: Cow<'a, Interner>,
    ids: Cow<'a, Texts>,
    sources: Cow<'a, [Symbol]>,
    content: Cow<'a, [u64]>,
    rows: Cow<'a, [Row]>,
    /// The records with further values, ascending, and these values.
    extra_of: Vec<u32>,
    extras: Cow<'a, [Extra]>,
    verdicts: Cow<'a, Verdicts>,
    compared: u64,
    /// Pairs in ascending order, with the place of their tie in [`TIES`].
    pairs: Vec<(u32, u32, u8)>,
    /// Ids of the persons, the oldest first; for each record the place of its person among them; ids that are gone.
    persons: Vec<u64>,
    person_of: Vec<u32>,
    gone: Vec<u64>,
}

const TIES: [Option<Tie>; 5] = [
    None,
    Some(Tie::Alike),
    Some(Tie::Linked),
    Some(Tie::Numbered),
    Some(Tie::Certain),
];

/// Why what was read cannot be what a linker wrote.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Inconsistent {
    #[error("the lists of the records are not of one length")]
    Lengths,
    #[error("a string stands twice in its table, or is empty")]
    Text,
    #[error("a value of a record stands in no table, or is out of its range")]
    Value,
    #[error("the further values of the records are not in the order of the records")]
    Extras,
    #[error("a pair is not of two records in their order, comes again, or has a tie that there is not")]
    Pairs,
    #[error("a person has no record or no id of its own, or a record no person")]
    Persons,
}

impl Serialize for Linker {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Snapshot::new(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Linker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Snapshot::deserialize(deserializer)?;
        Self::try_from(read).map_err(D::Error::custom)
    }
}

impl<'a> Snapshot<'a> {
    pub(crate) fn new(linker: &'a Linker) -> Self {
        let population = &linker.population;
        let (persons, person_of, gone) = linker.persons.by_age();
        let records = 0..population.len() as u32;
        let pairs = records.clone().flat_map(|record| {
            let mut pairs: Vec<(u32, u32, u8)> = linker
                .links
                .onward(record)
                .map(|link| {
                    let tie = TIES.iter().position(|tie| *tie == link.tie);
                    (record, link.partner, tie.unwrap_or_default() as u8)
                })
                .collect();
            pairs.sort_unstable();
            pairs
        });
        let has_extra = |record: &u32| {
            population
                .rows
                .get(*record as usize)
                .is_some_and(|row| row.extra != 0)
        };
        Self {
            version: Version::WRITTEN,
            config: Cow::Borrowed(&population.config),
            model: Cow::Borrowed(&linker.model),
            names: Cow::Borrowed(&population.names),
            places: Cow::Borrowed(&population.places),
            contacts: Cow::Borrowed(&population.contacts),
            codes: Cow::Borrowed(&population.codes),
            ids: Cow::Borrowed(&population.ids),
            sources: Cow::Borrowed(&population.sources),
            content: Cow::Borrowed(&population.content),
            rows: Cow::Borrowed(&population.rows),
            extra_of: records.filter(has_extra).collect(),
            extras: Cow::Borrowed(&population.extras),
            verdicts: Cow::Borrowed(&linker.verdicts),
            compared: linker.compared as u64,
            pairs: pairs.collect(),
            persons,
            person_of,
            gone,
        }
    }
}

impl TryFrom<Snapshot<'_>> for Linker {
    type Error = Inconsistent;

    fn try_from(read: Snapshot<'_>) -> Result<Self, Inconsistent> {
        let mut population = Population::new(&read.config);
        population.names = read.names.into_owned();
        population.places = read.places.into_owned();
        population.contacts = read.contacts.into_owned();
        population.codes = read.codes.into_owned();
        population.ids = read.ids.into_owned();
        population.sources = read.sources.into_owned();
        population.content = read.content.into_owned();
        population.rows = read.rows.into_owned();
        population.extras = read.extras.into_owned();
        check(&population)?;
        population
            .place_extras(&read.extra_of)
            .ok_or(Inconsistent::Extras)?;
        population.find_facts();
        let records = population.len();
        let persons = Persons::restore(records, &read.persons, &read.person_of, &read.gone);
        let persons = persons.ok_or(Inconsistent::Persons)?;
        let model = read.model.into_owned();
        let judge = model.judge(&population);
        let pairs = pairs(&population, &judge, &read.pairs)?;
        let verdicts = read.verdicts.into_owned();
        let linker = Self {
            index: Index::build(&population),
            positions: Positions::new(&population, &verdicts),
            links: Links::new(records, pairs.iter().copied()),
            population,
            model,
            judge,
            verdicts,
            persons,
            compared: read.compared as usize,
            seen: None,
        };
        Ok(linker.prepared())
    }
}

/// The pairs with their scores.
fn pairs(population: &Population, judge: &Judge, kept: &[(u32, u32, u8)]) -> Result<Vec<Pair>, Inconsistent> {
    let in_order = kept.is_sorted_by(|x, y| (x.0, x.1) < (y.0, y.1));
    let pairs: Option<Vec<Pair>> = kept
        .par_iter()
        .map(|(a, b, tie)| {
            let tie = *TIES.get(usize::from(*tie))?;
            let score = judge.evidence(population, *a, *b).filter(|_| a < b)?;
            Some(Pair {
                a: *a,
                b: *b,
                score,
                tie,
            })
        })
        .collect();
    pairs.filter(|_| in_order).ok_or(Inconsistent::Pairs)
}

/// Checks that each value of a record is one that there can be.
fn check(population: &Population) -> Result<(), Inconsistent> {
    let records = population.rows.len();
    let lengths = [
        population.ids.len(),
        population.sources.len(),
        population.content.len(),
    ];
    if lengths != [records; 3] || u32::try_from(records).is_err() {
        return Err(Inconsistent::Lengths);
    }
    let holds =
        |table: &Interner, symbols: &[Symbol]| symbols.iter().all(|symbol| (*symbol as usize) < table.len());
    let is_date = |date: Date| date.0 < 100_000_000;
    let is_place = |place: &Place| {
        let Place {
            number,
            street,
            unit,
            line2,
            city,
            state,
            zip: _,
        } = *place;
        holds(&population.places, &[number, street, unit, line2, city, state])
    };
    let is_row = |row: &Row| {
        holds(&population.names, &[row.given, row.middle, row.family])
            && holds(&population.contacts, &[row.email])
            && is_place(&row.home)
            && is_date(row.birth)
            && row.ssn < 1_000_000_000
            && row.last4 <= 10_000
            && row.sex <= 2
    };
    let is_extra = |extra: &Extra| {
        let single = [extra.mother, extra.guardian_given, extra.guardian_family];
        let identifiers = extra.identifiers.iter();
        [&single[..], &extra.given, &extra.family]
            .iter()
            .all(|symbols| holds(&population.names, symbols))
            && holds(&population.contacts, &extra.emails)
            && extra.places.iter().all(is_place)
            && identifiers
                .into_iter()
                .all(|(system, value, _)| holds(&population.codes, &[*system, *value]))
            && is_date(extra.death)
            && extra.multiple <= 2
    };
    let consistent = population.rows.par_iter().all(is_row)
        && population.extras.par_iter().all(is_extra)
        && holds(&population.codes, &population.sources);
    consistent.then_some(()).ok_or(Inconsistent::Value)
}
