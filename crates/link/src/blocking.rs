//! Which pairs of records are worth comparing: a union of keys, each of which some true pairs miss
//! and all of which few do.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::intern::{mix, stable_hash};
use crate::population::{Population, Row};

/// A way of putting records into blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scheme {
    BirthFamily,
    BirthGiven,
    BirthPlace,
    BirthNumber,
    BirthLast4,
    FullName,
    SoundPlace,
    SoundYear,
    SwappedNames,
    Phone,
    Email,
    Ssn,
    Last4Given,
    Last4Family,
    Street,
    GivenPlaceYear,
    Identifier,
    GivenMonthDay,
    FamilyNumberPlace,
    NamesNumber,
    SsnHead,
    SsnDigits,
    NamesStreet,
    Mailbox,
}

impl Scheme {
    pub(crate) const ALL: [Self; 24] = [
        Self::BirthFamily,
        Self::BirthGiven,
        Self::BirthPlace,
        Self::BirthNumber,
        Self::BirthLast4,
        Self::FullName,
        Self::SoundPlace,
        Self::SoundYear,
        Self::SwappedNames,
        Self::Phone,
        Self::Email,
        Self::Ssn,
        Self::Last4Given,
        Self::Last4Family,
        Self::Street,
        Self::GivenPlaceYear,
        Self::Identifier,
        Self::GivenMonthDay,
        Self::FamilyNumberPlace,
        Self::NamesNumber,
        Self::SsnHead,
        Self::SsnDigits,
        Self::NamesStreet,
        Self::Mailbox,
    ];

    /// The keys of a record, salted by scheme; none where a field of the key is missing.
    pub(crate) fn keys(self, population: &Population, row: &Row, mut emit: impl FnMut(u64)) {
        let salt = self as u64 + 1;
        let mut put = |parts: &[u64]| {
            if parts.iter().all(|part| *part != 0) {
                emit(parts.iter().fold(mix(salt), |key, part| mix(key ^ part)));
            }
        };
        let fact = |name| population.fact(name);
        let birth = u64::from(row.birth.0);
        let year = u64::from(row.birth.year());
        // In ascending order, so that exchanged ones meet.
        let (month, day) = (row.birth.month(), row.birth.day());
        let month_and_day = match month.min(day) {
            0 => 0,
            low => u64::from(low * 100 + month.max(day)),
        };
        let given = given_key(population, row.given);
        let given_sound = u64::from(fact(row.given).sound);
        let family_sound = u64::from(fact(row.family).sound);
        // A missing name must leave a zero for the key to be left out.
        let low = given_sound.min(family_sound);
        let high = given_sound.max(family_sound);
        let extra = population.extra(row);
        let families =
            || std::iter::once(row.family).chain(extra.into_iter().flat_map(|e| e.family.iter().copied()));
        let place = || {
            if row.home.zip != 0 {
                u64::from(row.home.zip)
            } else {
                u64::from(row.home.city) << 32
            }
        };
        match self {
            Self::BirthFamily => {
                for family in families() {
                    put(&[birth, u64::from(fact(family).sound)]);
                }
            }
            Self::BirthGiven => {
                for group in given_groups(population, row) {
                    put(&[birth, group]);
                }
            }
            Self::BirthPlace => put(&[birth, place()]),
            Self::BirthNumber => put(&[birth, u64::from(row.home.number)]),
            Self::BirthLast4 => put(&[birth, row.last_four().into()]),
            Self::FullName => {
                for family in families() {
                    for group in given_groups(population, row) {
                        put(&[fact(family).hash, group]);
                    }
                }
            }
            // Sounds in ascending order, so that exchanged names meet.
            Self::SoundPlace => put(&[low, high, place()]),
            Self::SoundYear => {
                for family in families() {
                    let sound = u64::from(fact(family).sound);
                    put(&[sound.min(given_sound), sound.max(given_sound), year]);
                }
            }
            Self::NamesNumber => put(&[low, high, u64::from(row.home.number)]),
            Self::NamesStreet => put(&[low, high, u64::from(row.home.street)]),
            Self::SwappedNames => put(&[low, high, birth]),
            Self::FamilyNumberPlace => {
                let number = u64::from(row.home.number);
                put(&[family_sound, number, place()]);
                if number == 0 {
                    put(&[family_sound, u64::from(row.home.street)]);
                }
            }
            Self::SsnHead => {
                let head = u64::from(row.ssn / 10_000);
                put(&[head, family_sound]);
                put(&[head, given, month_and_day]);
            }
            Self::SsnDigits => {
                let digits = digits(row.ssn);
                put(&[digits, place()]);
                put(&[digits, given, 1]);
            }
            Self::Phone => {
                put(&[row.phone]);
                for phone in extra.into_iter().flat_map(|e| &e.phones) {
                    put(&[*phone]);
                }
            }
            Self::Email => {
                put(&[u64::from(row.email)]);
                for email in extra.into_iter().flat_map(|e| &e.emails) {
                    put(&[u64::from(*email)]);
                }
            }
            Self::Mailbox => put(&[mailbox(population, row)]),
            Self::Ssn => put(&[u64::from(row.ssn)]),
            Self::Last4Given => put(&[row.last_four().into(), given]),
            Self::Last4Family => put(&[row.last_four().into(), u64::from(fact(row.family).sound)]),
            Self::Street => {
                put(&[u64::from(row.home.number), u64::from(row.home.street)]);
                for place in extra.into_iter().flat_map(|e| &e.places) {
                    put(&[u64::from(place.number), u64::from(place.street)]);
                }
            }
            Self::GivenPlaceYear => put(&[given, place(), year]),
            Self::Identifier => {
                for (system, value, _) in extra.into_iter().flat_map(|e| &e.identifiers) {
                    put(&[u64::from(*system), u64::from(*value)]);
                }
            }
            Self::GivenMonthDay => put(&[given, month_and_day, family_sound]),
        }
    }

    /// Largest block: smaller for keys that strangers often share.
    pub(crate) fn cap(self, cap: usize) -> usize {
        match self {
            Self::Phone | Self::Email | Self::Ssn | Self::Identifier | Self::Street => cap,
            Self::BirthFamily | Self::BirthGiven | Self::BirthLast4 | Self::SwappedNames => cap,
            Self::Mailbox => (cap / 12).max(2),
            _ => (cap / 3).max(2),
        }
    }

    /// Fields that divide a block that has grown too large, the first first.
    fn refinement(self) -> &'static [Refinement] {
        use Refinement::*;
        match self {
            Self::BirthFamily => &[GivenInitial, Given, Place, Number],
            Self::BirthGiven => &[FamilyInitial, Family, Place, Number],
            Self::BirthPlace | Self::BirthNumber => &[FamilyInitial, GivenInitial, Family, Given],
            Self::BirthLast4 => &[GivenInitial, FamilyInitial],
            Self::FullName => &[Year, Place, Birth, Number, Phone],
            Self::SoundPlace => &[Year, Given, Family, Birth, Number],
            Self::SoundYear => &[Place, Given, Family, Birth, Number],
            Self::SwappedNames => &[Place, Given, Number],
            Self::Phone | Self::Email | Self::Ssn => &[GivenInitial, Given, Birth],
            Self::Last4Given | Self::Last4Family => &[Year, Place, Birth],
            Self::Street => &[Place, GivenInitial, Given, Birth],
            Self::GivenPlaceYear => &[FamilyInitial, Family, Birth],
            Self::Identifier => &[Given, Birth],
            Self::GivenMonthDay => &[Year, Place, Family],
            Self::FamilyNumberPlace => &[GivenInitial, Given, Birth],
            Self::NamesNumber | Self::NamesStreet => &[Year, Place, Given, Birth],
            Self::Mailbox => &[Birth, Given],
            Self::SsnHead | Self::SsnDigits => &[GivenInitial, Year, Birth],
        }
    }
}

#[derive(Clone, Copy)]
enum Refinement {
    GivenInitial,
    FamilyInitial,
    Given,
    Family,
    Year,
    Birth,
    Place,
    Number,
    Phone,
}

impl Refinement {
    /// Value of the field; 0 where missing.
    fn value(self, population: &Population, row: &Row) -> u64 {
        let initial = |name| population.names.get(name).chars().next().map_or(0, u64::from);
        match self {
            Self::GivenInitial => initial(row.given),
            Self::FamilyInitial => initial(row.family),
            Self::Given => given_key(population, row.given),
            Self::Family => population.fact(row.family).hash,
            Self::Year => u64::from(row.birth.year()),
            Self::Birth => u64::from(row.birth.0),
            Self::Place => u64::from(row.home.zip),
            Self::Number => u64::from(row.home.number),
            Self::Phone => row.phone,
        }
    }
}

/// The digits of a number in any order: how often each occurs.
fn digits(number: u32) -> u64 {
    let mut rest = number;
    let mut counts: u64 = 0;
    while rest != 0 {
        counts += 1 << (4 * (rest % 10));
        rest /= 10;
    }
    counts
}

/// The letters of a mailbox's name: digits in it and its host are mistyped or change. 0 where they are few.
fn mailbox(population: &Population, row: &Row) -> u64 {
    let name = population
        .contacts
        .get(row.email)
        .split('@')
        .next()
        .unwrap_or_default();
    let letters: String = name.chars().filter(|c| c.is_alphabetic()).collect();
    if letters.len() < 4 {
        0
    } else {
        stable_hash(&letters)
    }
}

/// The first nickname group of a given name, or the name itself where it has none.
fn given_key(population: &Population, given: u32) -> u64 {
    let fact = population.fact(given);
    match fact.groups[0] {
        0 => fact.hash,
        group => u64::from(group),
    }
}

/// All nickname groups of a record's given names, or the names themselves.
fn given_groups<'a>(population: &'a Population, row: &'a Row) -> impl Iterator<Item = u64> + 'a {
    let extra = population.extra(row);
    std::iter::once(row.given)
        .chain(extra.into_iter().flat_map(|e| e.given.iter().copied()))
        .flat_map(|given| {
            let fact = population.fact(given);
            let own = (fact.groups[0] == 0 && fact.hash != 0).then_some(fact.hash);
            fact.groups
                .iter()
                .filter(|group| **group != 0)
                .map(|group| u64::from(*group))
                .chain(own)
        })
}

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

/// A large block kept as [`candidates`] divides it, so that a record finds its place without a look at all members.
#[derive(Clone)]
pub(crate) struct Crowd {
    scheme: Scheme,
    cap: usize,
    whole: Part,
}

#[derive(Clone)]
enum Part {
    /// So few that each is compared with each.
    Few(Vec<u32>),
    /// By the value of a field.
    Divided {
        size: usize,
        parts: FxHashMap<u64, Part>,
    },
    /// What no field divides, in the order of content.
    Ordered(Vec<u32>),
}

impl Crowd {
    pub(crate) fn new(population: &Population, scheme: Scheme, members: &[u32]) -> Self {
        let cap = scheme.cap(population.config.block_size.max(2));
        Self {
            scheme,
            cap,
            whole: Part::new(population, scheme.refinement(), cap, members.to_vec()),
        }
    }

    /// Adds a record.
    pub(crate) fn add(&mut self, population: &Population, position: u32) {
        self.whole
            .add(population, self.scheme.refinement(), self.cap, position);
    }

    /// What [`narrow`] leaves of the block, and the same overflown ones.
    pub(crate) fn narrow(
        &self,
        population: &Population,
        position: u32,
        members: &mut Vec<u32>,
        overflown: &mut Vec<u32>,
    ) {
        members.clear();
        let Some(own) = population.rows.get(position as usize) else {
            return;
        };
        let mut part = &self.whole;
        let mut refinement = self.scheme.refinement().iter();
        loop {
            if part.len() == self.cap + 1 {
                part.collect(overflown);
            }
            match part {
                Part::Few(few) => {
                    members.extend_from_slice(few);
                    return;
                }
                Part::Divided { parts, .. } => {
                    let value = refinement.next().map_or(0, |field| field.value(population, own));
                    let Some(next) = parts.get(&value) else {
                        return;
                    };
                    part = next;
                }
                Part::Ordered(ordered) => {
                    if let Ok(at) = place(population, ordered, position) {
                        members.extend_from_slice(neighbours(ordered, at));
                    }
                    overflown.extend_from_slice(members);
                    return;
                }
            }
        }
    }
}

/// Where a record is in an ordered list, or belongs.
fn place(population: &Population, ordered: &[u32], position: u32) -> Result<usize, usize> {
    let own = (population.rank(position), position);
    ordered.binary_search_by(|member| (population.rank(*member), *member).cmp(&own))
}

impl Part {
    fn new(population: &Population, refinement: &[Refinement], cap: usize, mut members: Vec<u32>) -> Self {
        if members.len() <= cap {
            return Self::Few(members);
        }
        let Some((first, rest)) = refinement.split_first() else {
            members.sort_unstable_by_key(|member| (population.rank(*member), *member));
            return Self::Ordered(members);
        };
        let size = members.len();
        let mut lists: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
        for member in members {
            let row = population.rows.get(member as usize);
            let value = row.map_or(0, |row| first.value(population, row));
            lists.entry(value).or_default().push(member);
        }
        let parts = lists
            .into_iter()
            .map(|(value, list)| (value, Self::new(population, rest, cap, list)));
        Self::Divided {
            size,
            parts: parts.collect(),
        }
    }

    fn add(&mut self, population: &Population, refinement: &[Refinement], cap: usize, position: u32) {
        match self {
            Self::Few(members) => {
                members.push(position);
                if members.len() > cap {
                    *self = Self::new(population, refinement, cap, std::mem::take(members));
                }
            }
            Self::Divided { size, parts } => {
                *size += 1;
                let (Some((first, rest)), Some(row)) =
                    (refinement.split_first(), population.rows.get(position as usize))
                else {
                    return;
                };
                let part = parts
                    .entry(first.value(population, row))
                    .or_insert_with(|| Self::Few(Vec::new()));
                part.add(population, rest, cap, position);
            }
            Self::Ordered(members) => {
                if let Err(at) = place(population, members, position) {
                    members.insert(at, position);
                }
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Few(members) | Self::Ordered(members) => members.len(),
            Self::Divided { size, .. } => *size,
        }
    }

    fn collect(&self, into: &mut Vec<u32>) {
        match self {
            Self::Few(members) | Self::Ordered(members) => into.extend_from_slice(members),
            Self::Divided { parts, .. } => parts.values().for_each(|part| part.collect(into)),
        }
    }
}
