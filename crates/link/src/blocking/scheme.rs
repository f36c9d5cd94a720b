//! The keys that put records into blocks, and the fields that divide a block.

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
    pub(super) fn refinement(self) -> &'static [Refinement] {
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

/// A field that divides a block.
#[derive(Clone, Copy)]
pub(super) enum Refinement {
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
    pub(super) fn value(self, population: &Population, row: &Row) -> u64 {
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
