//! Two records side by side: one level of agreement per field.

mod text;

use serde::{Deserialize, Serialize};

use crate::intern::Symbol;
use crate::normalize::Date;
use crate::population::{Extra, Place, Population, Row};
use crate::record::IdentifierKind;
use text::Likeness;

/// A field, or a group of fields whose errors go together, that is compared as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Comparison {
    /// Given names, nicknames and aliases.
    GivenName,
    /// Family names, with double names, maiden names and aliases.
    FamilyName,
    /// Middle names and initials.
    MiddleName,
    /// `Jr`, `III` …
    Suffix,
    /// Administrative sex.
    Sex,
    /// Birth date.
    BirthDate,
    /// Social security number, whole or its last four digits.
    SocialSecurity,
    /// Telephone numbers.
    Phone,
    /// E-mail addresses.
    Email,
    /// Street, city and postal code in one, because people move with all of them.
    Address,
    /// Identifiers of one assigner.
    Identifier,
    /// Mother's maiden name.
    MothersMaidenName,
    /// Guardian.
    Guardian,
    /// Order in a multiple birth.
    BirthOrder,
}

/// Number of [`Comparison`]s.
pub(crate) const COMPARISONS: usize = 14;
/// Upper bound of levels of one comparison, level 0 (missing) included.
pub(crate) const LEVELS: usize = 12;

impl Comparison {
    /// All comparisons in the order of their evaluation.
    pub const ALL: [Self; COMPARISONS] = [
        Self::GivenName,
        Self::FamilyName,
        Self::MiddleName,
        Self::Suffix,
        Self::Sex,
        Self::BirthDate,
        Self::SocialSecurity,
        Self::Phone,
        Self::Email,
        Self::Address,
        Self::Identifier,
        Self::MothersMaidenName,
        Self::Guardian,
        Self::BirthOrder,
    ];

    /// Plain name for tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::GivenName => "given name",
            Self::FamilyName => "family name",
            Self::MiddleName => "middle name",
            Self::Suffix => "suffix",
            Self::Sex => "sex",
            Self::BirthDate => "birth date",
            Self::SocialSecurity => "social security",
            Self::Phone => "phone",
            Self::Email => "e-mail",
            Self::Address => "address",
            Self::Identifier => "identifier",
            Self::MothersMaidenName => "mother's maiden name",
            Self::Guardian => "guardian",
            Self::BirthOrder => "birth order",
        }
    }

    /// What the levels mean, level 0 (missing on a side, no evidence) first.
    pub fn levels(self) -> &'static [&'static str] {
        match self {
            Self::GivenName => &[
                "missing",
                "same",
                "nickname or alias",
                "initial",
                "typing error",
                "near but another name",
                "similar",
                "in other part",
                "exchanged with family name",
                "different",
            ],
            Self::FamilyName => &[
                "missing",
                "same",
                "part, maiden name or alias",
                "typing error",
                "similar",
                "exchanged with given name",
                "different",
            ],
            Self::MiddleName => &["missing", "same", "initial", "similar", "different"],
            Self::Suffix => &["missing", "same", "on one side only", "different"],
            Self::Sex => &["missing", "same", "different"],
            Self::BirthDate => &[
                "missing",
                "same",
                "day and month exchanged",
                "one digit or two neighbours wrong",
                "day or month replaced by 01",
                "compatible at the given precision",
                "same day and month, other year",
                "same year and month",
                "same year",
                "different",
                "a generation apart",
            ],
            Self::SocialSecurity => &[
                "missing",
                "same",
                "typing error",
                "same last four",
                "typing error in last four",
                "different",
                "different last four",
            ],
            Self::Phone => &["missing", "same", "typing error", "different"],
            Self::Email => &["missing", "same", "similar", "different"],
            Self::Address => &[
                "missing",
                "same",
                "same street line, other or no place",
                "similar street line, same place",
                "similar street line, other place",
                "other street or number, same place",
                "no street, same place",
                "different",
                "same building, other unit",
            ],
            Self::Identifier => &["missing", "same", "different", "different numbers of one source"],
            Self::MothersMaidenName | Self::Guardian => &["missing", "same", "similar", "different"],
            Self::BirthOrder => &["missing", "same", "different"],
        }
    }
}

/// Levels of agreement of one pair of records, four bits for each comparison.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
pub struct Pattern(pub(crate) u64);

impl Pattern {
    /// Level of a comparison, an index into [`Comparison::levels`].
    pub fn level(self, comparison: Comparison) -> usize {
        self.at(comparison as usize)
    }

    pub(crate) const fn at(self, index: usize) -> usize {
        (self.0 >> (4 * index) & 15) as usize
    }

    fn set(&mut self, comparison: Comparison, level: u64) {
        let shift = 4 * comparison as u32;
        self.0 = self.0 & !(15 << shift) | level << shift;
    }
}

/// Names of levels that rules refer to.
pub(crate) mod level {
    pub(crate) const GIVEN_NICKNAME: usize = 2;
    pub(crate) const GIVEN_NEAR_OTHER: usize = 5;
    pub(crate) const GIVEN_SWAPPED: usize = 8;
    pub(crate) const SEX_DIFFERENT: usize = 2;
    pub(crate) const GIVEN_DIFFERENT: usize = 9;
    pub(crate) const FAMILY_DIFFERENT: usize = 6;
    pub(crate) const BIRTH_SAME: usize = 1;
    pub(crate) const BIRTH_PARTIAL: usize = 5;
    pub(crate) const IDENTIFIER_SAME: usize = 1;
    pub(crate) const IDENTIFIER_DIFFERENT: usize = 2;
    pub(crate) const ORDER_DIFFERENT: usize = 2;
}

/// Compares the records of a population.
pub(crate) struct Comparer<'a> {
    population: &'a Population,
    /// Names so frequent in the data that they are names of their own, by symbol.
    established: &'a [bool],
}

impl<'a> Comparer<'a> {
    pub(crate) fn new(population: &'a Population, established: &'a [bool]) -> Self {
        Self {
            population,
            established,
        }
    }

    /// Levels of agreement; the same for (a, b) and (b, a).
    pub(crate) fn compare(&self, a: &Row, b: &Row) -> Pattern {
        let mut pattern = Pattern::default();
        let ea = self.population.extra(a);
        let eb = self.population.extra(b);
        self.names(a, b, ea, eb, &mut pattern);
        pattern.set(Comparison::Suffix, suffix(a.suffix, b.suffix));
        pattern.set(
            Comparison::Sex,
            match (a.sex, b.sex) {
                (0, _) | (_, 0) => 0,
                (x, y) if x == y => 1,
                _ => 2,
            },
        );
        pattern.set(Comparison::BirthDate, birth(a.birth, b.birth));
        pattern.set(Comparison::SocialSecurity, social_security(a, b));
        pattern.set(Comparison::Phone, phones(a, b, ea, eb));
        pattern.set(Comparison::Email, self.emails(a, b, ea, eb));
        pattern.set(Comparison::Address, self.addresses(a, b, ea, eb));
        if let (Some(ea), Some(eb)) = (ea, eb) {
            pattern.set(Comparison::Identifier, identifiers(ea, eb));
            pattern.set(
                Comparison::MothersMaidenName,
                match (ea.mother, eb.mother) {
                    (0, _) | (_, 0) => 0,
                    (x, y) => self.three_levels(x, y),
                },
            );
            pattern.set(Comparison::Guardian, self.guardians(ea, eb));
            pattern.set(
                Comparison::BirthOrder,
                match (ea.birth_order, eb.birth_order) {
                    (0, _) | (_, 0) => 0,
                    (x, y) if x == y => 1,
                    _ => 2,
                },
            );
        }
        pattern
    }

    fn likeness(&self, a: Symbol, b: Symbol) -> Likeness {
        if a == b {
            return Likeness::Same;
        }
        let names = &self.population.names;
        text::likeness(names.get(a), names.get(b))
    }

    fn is_established(&self, name: Symbol) -> bool {
        self.population.fact(name).established || self.established.get(name as usize).copied() == Some(true)
    }

    fn is_form(&self, a: Symbol, b: Symbol) -> bool {
        let x = &self.population.fact(a).groups;
        let y = &self.population.fact(b).groups;
        x.iter().any(|group| *group != 0 && y.contains(group))
    }

    fn names(&self, a: &Row, b: &Row, ea: Option<&Extra>, eb: Option<&Extra>, pattern: &mut Pattern) {
        let mut family = match (a.family, b.family) {
            (0, _) | (_, 0) => 0,
            (x, y) if x == y => 1,
            (x, y) => match self.likeness(x, y) {
                Likeness::Same => 1,
                Likeness::Typo => 3,
                Likeness::Similar => 4,
                Likeness::Different => 6,
            },
        };
        let mut given = self.given(a, b, family <= 4);
        if given > 1 || (given == 0 && (ea.is_some() || eb.is_some())) {
            let more = alternatives(a.given, ea.map(|e| &e.given[..]))
                .any(|x| alternatives(b.given, eb.map(|e| &e.given[..])).any(|y| x == y));
            if more {
                given = 2;
            }
        }
        if family > 1 {
            let more = alternatives(a.family, ea.map(|e| &e.family[..]))
                .any(|x| alternatives(b.family, eb.map(|e| &e.family[..])).any(|y| x == y));
            if more {
                family = 2;
            } else if family > 3 && self.holds(a.family, b.family) {
                family = 4;
            }
        }
        // Given and family name exchanged: both must answer to each other.
        if given >= 6 && family >= 4 && a.given != 0 && b.given != 0 {
            let crossed = self.crossed(a.given, b.family) && self.crossed(b.given, a.family);
            if crossed {
                given = 8;
                family = 5;
            }
        }
        // One name stands in the other's field and its own place is empty.
        if given == 0 && family == 6 {
            let crossed = (a.given == 0 && a.family == b.given && b.given != 0)
                || (b.given == 0 && b.family == a.given && a.given != 0);
            if crossed {
                given = 8;
                family = 0;
            }
        }
        let mut middle = self.middle(a, b);
        // The given name of one is the middle name of the other.
        if given == 9 || given == 6 || given == 5 {
            let crossed = (a.middle != 0 && a.middle == b.given)
                || (b.middle != 0 && b.middle == a.given)
                || self.shares_word(a.given, b.given);
            if crossed {
                given = 7;
                if middle == 4 {
                    middle = 0;
                }
            }
        }
        pattern.set(Comparison::GivenName, given);
        pattern.set(Comparison::FamilyName, family);
        pattern.set(Comparison::MiddleName, middle);
    }

    fn given(&self, a: &Row, b: &Row, alike: bool) -> u64 {
        let (x, y) = (a.given, b.given);
        if x == 0 || y == 0 {
            return 0;
        }
        if x == y {
            return 1;
        }
        let (fx, fy) = (self.population.fact(x), self.population.fact(y));
        if fx.length == 1 || fy.length == 1 {
            let names = &self.population.names;
            let same = names.get(x).chars().next() == names.get(y).chars().next();
            return if same { 3 } else { 9 };
        }
        if self.is_form(x, y) {
            return 2;
        }
        match self.likeness(x, y) {
            Likeness::Same => 1,
            Likeness::Typo if self.is_established(x) && self.is_established(y) => 5,
            Likeness::Typo => 4,
            Likeness::Similar if self.is_established(x) && self.is_established(y) => 9,
            Likeness::Similar => 6,
            // `Rb` is `Rob` mistyped, which is a form of `Robert`.
            Likeness::Different if alike && self.is_form_mistyped(x, y) => 6,
            Likeness::Different => 9,
        }
    }

    fn is_form_mistyped(&self, a: Symbol, b: Symbol) -> bool {
        let one = |name: Symbol, other: Symbol| {
            let text = self.population.names.get(name);
            self.population
                .fact(other)
                .groups
                .iter()
                .flat_map(|group| self.population.nicknames.forms(*group))
                .any(|form| form.len() > 2 && text::within_one(text, form))
        };
        (!self.population.fact(a).established && one(a, b))
            || (!self.population.fact(b).established && one(b, a))
    }

    /// Whether a given name and another record's family name are one name, perhaps a form of it.
    fn crossed(&self, given: Symbol, family: Symbol) -> bool {
        family != 0 && (self.likeness(given, family) <= Likeness::Typo || self.is_form(given, family))
    }

    fn middle(&self, a: &Row, b: &Row) -> u64 {
        let (x, y) = (a.middle, b.middle);
        if x == 0 || y == 0 {
            return 0;
        }
        let (fx, fy) = (self.population.fact(x), self.population.fact(y));
        if x == y {
            return if fx.length == 1 { 2 } else { 1 };
        }
        if fx.length == 1 || fy.length == 1 {
            let names = &self.population.names;
            let same = names.get(x).chars().next() == names.get(y).chars().next();
            return if same { 2 } else { 4 };
        }
        if self.is_form(x, y) || self.likeness(x, y) <= Likeness::Typo {
            return 3;
        }
        4
    }

    /// Whether a given name of several words shares one with the other name.
    fn shares_word(&self, a: Symbol, b: Symbol) -> bool {
        if !self.population.fact(a).compound && !self.population.fact(b).compound {
            return false;
        }
        let names = &self.population.names;
        names
            .get(a)
            .split(' ')
            .any(|x| x.len() > 1 && names.get(b).split(' ').any(|y| x == y))
    }

    /// Whether one family name begins or ends with the other, which is four letters or longer.
    fn holds(&self, a: Symbol, b: Symbol) -> bool {
        let names = &self.population.names;
        let (mut long, mut short) = (names.get(a), names.get(b));
        if long.len() < short.len() {
            (long, short) = (short, long);
        }
        short.len() >= 4 && (long.starts_with(short) || long.ends_with(short))
    }

    fn three_levels(&self, a: Symbol, b: Symbol) -> u64 {
        match self.likeness(a, b) {
            Likeness::Same => 1,
            Likeness::Typo => 2,
            Likeness::Similar | Likeness::Different => 3,
        }
    }

    fn guardians(&self, a: &Extra, b: &Extra) -> u64 {
        if a.guardian_given != 0 && b.guardian_given != 0 {
            if self.is_form(a.guardian_given, b.guardian_given) {
                return 1;
            }
            return self.three_levels(a.guardian_given, b.guardian_given);
        }
        0
    }

    fn emails(&self, a: &Row, b: &Row, ea: Option<&Extra>, eb: Option<&Extra>) -> u64 {
        if a.email == 0 || b.email == 0 {
            return 0;
        }
        let mut best = 3;
        for x in alternatives(a.email, ea.map(|e| &e.emails[..])) {
            for y in alternatives(b.email, eb.map(|e| &e.emails[..])) {
                if x == y {
                    return 1;
                }
                let contacts = &self.population.contacts;
                if best == 3 && text::similar_email(contacts.get(x), contacts.get(y)) {
                    best = 2;
                }
            }
        }
        best
    }

    fn addresses(&self, a: &Row, b: &Row, ea: Option<&Extra>, eb: Option<&Extra>) -> u64 {
        /// Level numbers from the strongest to the weakest.
        const ORDER: [u64; 9] = [8, 0, 3, 1, 4, 5, 6, 7, 2];
        let rank = |level: u64| ORDER.get(level as usize).copied().unwrap_or(8);
        let mut best = self.address(&a.home, &b.home);
        if let Some(places) = ea.map(|e| &e.places[..]) {
            for x in places {
                let level = self.address(x, &b.home);
                if rank(level) < rank(best) {
                    best = level;
                }
            }
        }
        if let Some(places) = eb.map(|e| &e.places[..]) {
            for y in places {
                let others = ea.map_or(&[][..], |e| &e.places[..]);
                for x in std::iter::once(&a.home).chain(others) {
                    let level = self.address(x, y);
                    if rank(level) < rank(best) {
                        best = level;
                    }
                }
            }
        }
        best
    }

    fn address(&self, a: &Place, b: &Place) -> u64 {
        let places = &self.population.places;
        let similar = |x: Symbol, y: Symbol| {
            x != 0 && y != 0 && (x == y || text::likeness(places.get(x), places.get(y)) <= Likeness::Typo)
        };
        // Same place: the postal codes agree, or the towns do where a code is missing or mistyped.
        let zip = (a.zip != 0 && b.zip != 0).then_some(a.zip == b.zip);
        let city = (a.city != 0 && b.city != 0).then(|| similar(a.city, b.city));
        let place = match (zip, city) {
            (Some(true), _) => Some(true),
            (_, Some(true)) if a.state == b.state || a.state == 0 || b.state == 0 => Some(true),
            (None, None) => None,
            (Some(false), _) if near_zip(a.zip, b.zip) && city != Some(false) => Some(true),
            _ => Some(false),
        };
        let together = place == Some(true);
        let has_street = a.street != 0 && b.street != 0;
        if has_street {
            let number_same = a.number == b.number && a.number != 0;
            let number_open = a.number == 0 || b.number == 0;
            let street_same = a.street == b.street;
            if street_same && number_same {
                let unit_clash = a.unit != 0 && b.unit != 0 && a.unit != b.unit && !similar(a.unit, b.unit);
                if unit_clash {
                    return 8;
                }
                return if together { 1 } else { 2 };
            }
            let alike = similar(a.street, b.street)
                || (a.line2 != 0 && similar(a.line2, b.line2))
                || similar(a.street, b.line2)
                || similar(a.line2, b.street);
            if (alike && (number_same || number_open))
                || (street_same && similar_number(places.get(a.number), places.get(b.number)))
            {
                return if together { 3 } else { 4 };
            }
            return if together { 5 } else { 7 };
        }
        match place {
            None => 0,
            Some(true) => 6,
            Some(false) => 7,
        }
    }
}

/// The first value and the further ones, missing ones left out.
fn alternatives(first: Symbol, more: Option<&[Symbol]>) -> impl Iterator<Item = Symbol> {
    std::iter::once(first)
        .chain(more.unwrap_or_default().iter().copied())
        .filter(|symbol| *symbol != 0)
}

fn suffix(a: u8, b: u8) -> u64 {
    match (a, b) {
        (0, 0) => 0,
        (x, y) if x == y => 1,
        (0, _) | (_, 0) => 2,
        _ => 3,
    }
}

pub(crate) fn birth(a: Date, b: Date) -> u64 {
    if a.is_missing() || b.is_missing() {
        return 0;
    }
    if a == b {
        return if a.is_complete() { 1 } else { 5 };
    }
    let (ya, ma, da) = (a.year(), a.month(), a.day());
    let (yb, mb, db) = (b.year(), b.month(), b.day());
    if !a.is_complete() || !b.is_complete() {
        let open = |x: u32, y: u32| x == 0 || y == 0 || x == y;
        return if ya == yb && open(ma, mb) && open(da, db) {
            5
        } else {
            9
        };
    }
    if ya == yb && ma == db && da == mb {
        return 2;
    }
    if ya == yb {
        let default = |m: u32, d: u32, other: u32| d == 1 && (m == 1 || m == other);
        if default(ma, da, mb) || default(mb, db, ma) {
            return 4;
        }
    }
    if one_error(a.0, b.0) {
        return 3;
    }
    match (ya == yb, ma == mb, da == db) {
        (false, true, true) => 6,
        (true, true, false) => 7,
        (true, ..) => 8,
        _ if ya.abs_diff(yb) >= 15 => 10,
        _ => 9,
    }
}

/// Whether two numbers of equal length differ by one digit or by two neighbours exchanged.
fn one_error(a: u32, b: u32) -> bool {
    let (mut a, mut b) = (a, b);
    let mut wrong = [(0, 0); 2];
    let mut count = 0;
    let mut last = 0;
    let mut adjacent = false;
    for position in 0..10 {
        let (x, y) = (a % 10, b % 10);
        if x != y {
            if count == 2 {
                return false;
            }
            adjacent = count == 1 && position == last + 1;
            if let Some(slot) = wrong.get_mut(count) {
                *slot = (x, y);
            }
            count += 1;
            last = position;
        }
        a /= 10;
        b /= 10;
    }
    match count {
        1 => true,
        2 => adjacent && wrong[0].0 == wrong[1].1 && wrong[0].1 == wrong[1].0,
        _ => false,
    }
}

fn one_error_u64(a: u64, b: u64) -> bool {
    // Compare in halves: an error in one half and none in the other, or one across the border.
    let split = 100_000;
    let (ah, al) = (a / split, a % split);
    let (bh, bl) = (b / split, b % split);
    if ah == bh {
        return one_error(al as u32, bl as u32);
    }
    if al == bl {
        return ah < u64::from(u32::MAX) && bh < u64::from(u32::MAX) && one_error(ah as u32, bh as u32);
    }
    ah / 10 == bh / 10 && al % 10_000 == bl % 10_000 && ah % 10 == bl / 10_000 && bh % 10 == al / 10_000
}

fn social_security(a: &Row, b: &Row) -> u64 {
    if a.ssn != 0 && b.ssn != 0 {
        return if a.ssn == b.ssn {
            1
        } else if one_error(a.ssn, b.ssn) {
            2
        } else {
            5
        };
    }
    let last = |row: &Row| {
        if row.last4 != 0 {
            u32::from(row.last4)
        } else if row.ssn != 0 {
            row.ssn % 10_000 + 1
        } else {
            0
        }
    };
    match (last(a), last(b)) {
        (0, _) | (_, 0) => 0,
        (x, y) if x == y => 3,
        (x, y) if one_error(x - 1, y - 1) => 4,
        _ => 6,
    }
}

fn phones(a: &Row, b: &Row, ea: Option<&Extra>, eb: Option<&Extra>) -> u64 {
    if a.phone == 0 || b.phone == 0 {
        return 0;
    }
    if a.phone == b.phone {
        return 1;
    }
    let list = |extra: Option<&'_ Extra>| extra.map_or(0, |e| e.phones.len());
    let get = |row: &Row, extra: Option<&Extra>, i: usize| match i {
        0 => row.phone,
        i => extra.and_then(|e| e.phones.get(i - 1)).copied().unwrap_or(0),
    };
    let mut best = 3;
    for i in 0..=list(ea) {
        for j in 0..=list(eb) {
            let (x, y) = (get(a, ea, i), get(b, eb, j));
            if x == y {
                return 1;
            }
            // A changed area code keeps the seven digits of the line.
            if x % 10_000_000 == y % 10_000_000 || one_error_u64(x, y) {
                best = 2;
            }
        }
    }
    best
}

fn identifiers(a: &Extra, b: &Extra) -> u64 {
    let mut level = 0;
    for (system, value, kind) in &a.identifiers {
        for (other_system, other_value, _) in &b.identifiers {
            if system != other_system {
                continue;
            }
            if value == other_value {
                return 1;
            }
            match kind {
                IdentifierKind::Unique => level = 2,
                _ if level == 0 => level = 3,
                _ => {}
            }
        }
    }
    level
}

/// Postal codes that differ by one digit or two neighbours.
fn near_zip(a: u32, b: u32) -> bool {
    a < 0x8000_0000 && b < 0x8000_0000 && a != 0 && b != 0 && one_error(a - 1, b - 1)
}

fn similar_number(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty() && text::within_one(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_fits_in_a_pattern() {
        for comparison in Comparison::ALL {
            assert!(comparison.levels().len() <= LEVELS);
        }
        let mut pattern = Pattern::default();
        pattern.set(Comparison::BirthOrder, 2);
        pattern.set(Comparison::GivenName, 9);
        assert_eq!(pattern.level(Comparison::BirthOrder), 2);
        assert_eq!(pattern.level(Comparison::GivenName), 9);
        pattern.set(Comparison::GivenName, 1);
        assert_eq!(pattern.level(Comparison::GivenName), 1);
    }

    #[test]
    fn birth_dates_have_levels() {
        let date = |n| Date(n);
        for (a, b, level) in [
            (19_710_309, 19_710_309, 1),
            (19_710_309, 19_710_903, 2),
            (19_710_309, 19_710_308, 3),
            (19_710_319, 19_710_391, 3),
            (19_710_319, 19_170_319, 3),
            (19_710_309, 19_710_101, 4),
            (19_710_309, 19_710_301, 4),
            (19_710_309, 19_710_000, 5),
            (19_710_309, 19_720_000, 9),
            (19_710_309, 19_860_309, 6),
            (19_710_309, 19_710_327, 7),
            (19_710_309, 19_711_122, 8),
            (19_710_309, 19_781_122, 9),
            (19_710_309, 19_991_122, 10),
            (0, 19_991_122, 0),
        ] {
            assert_eq!(birth(date(a), date(b)), level, "{a} {b}");
            assert_eq!(birth(date(b), date(a)), level, "{b} {a}");
        }
    }

    #[test]
    fn telephone_numbers_forgive_one_error() {
        assert!(one_error_u64(7_093_683_777, 7_093_863_777));
        assert!(one_error_u64(7_093_683_777, 7_093_683_778));
        assert!(one_error_u64(7_093_683_777, 7_093_638_777));
        assert!(!one_error_u64(7_093_683_777, 7_093_683_991));
    }
}
