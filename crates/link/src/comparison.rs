//! Two records side by side: one level of agreement per field.

mod address;
mod birth;
mod contact;
mod digits;
mod name;
mod text;

use serde::{Deserialize, Serialize};

use crate::intern::Symbol;
use crate::population::{Extra, Population, Row};
use crate::record::IdentifierKind;
use birth::birth;
use contact::{phones, social_security};
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
                "different, one of them no usual name",
            ],
            Self::FamilyName => &[
                "missing",
                "same",
                "part, maiden name or alias",
                "typing error",
                "similar",
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
                "two digits wrong",
            ],
            Self::SocialSecurity => &[
                "missing",
                "same",
                "typing error",
                "same last four",
                "typing error in last four",
                "different",
                "different last four",
                "two errors of typing",
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
                "other or no street, same number or second line, same place",
            ],
            Self::Identifier => &["missing", "same", "different", "different numbers of one source"],
            Self::MothersMaidenName | Self::Guardian => &["missing", "same", "similar", "different"],
            Self::BirthOrder => &["missing", "same", "different"],
        }
    }
}

/// Levels of agreement of one pair of records, four bits for each comparison.
///
/// It serialises as the list of the levels in the order of [`Comparison::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(into = "[u8; COMPARISONS]", from = "[u8; COMPARISONS]")]
pub struct Pattern(pub(crate) u64);

impl From<Pattern> for [u8; COMPARISONS] {
    fn from(pattern: Pattern) -> Self {
        std::array::from_fn(|index| pattern.at(index) as u8)
    }
}

impl From<[u8; COMPARISONS]> for Pattern {
    /// Levels that no comparison has are read as missing.
    fn from(levels: [u8; COMPARISONS]) -> Self {
        let mut pattern = Self::default();
        for (comparison, level) in Comparison::ALL.into_iter().zip(levels) {
            if usize::from(level) < comparison.levels().len() {
                pattern.set(comparison, level.into());
            }
        }
        pattern
    }
}

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
    pub(crate) const GIVEN_DIFFERENT_UNUSUAL: usize = 10;
    pub(crate) const FAMILY_DIFFERENT: usize = 5;
    pub(crate) const BIRTH_SAME: usize = 1;
    pub(crate) const BIRTH_PARTIAL: usize = 5;
    pub(crate) const BIRTH_GENERATION_APART: usize = 10;
    pub(crate) const NUMBER_TWO_ERRORS: usize = 7;
    pub(crate) const ADDRESS_NO_STREET: usize = 6;
    pub(crate) const ADDRESS_DIFFERENT: usize = 7;
    pub(crate) const ADDRESS_SAME_NUMBER: usize = 9;
    /// What comes of two streets and of nothing else.
    pub(crate) const ADDRESS_OF_STREETS: &[usize] = &[1, 2, 3, 4, 5, 8, 9];
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
}

/// The first value and the further ones, missing ones left out.
fn alternatives(first: Symbol, more: Option<&[Symbol]>) -> impl Iterator<Item = Symbol> {
    std::iter::once(first)
        .chain(more.unwrap_or_default().iter().copied())
        .filter(|symbol| *symbol != 0)
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

fn suffix(a: u8, b: u8) -> u64 {
    match (a, b) {
        (0, 0) => 0,
        (x, y) if x == y => 1,
        (0, _) | (_, 0) => 2,
        _ => 3,
    }
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
        assert_eq!(Pattern::from(<[u8; COMPARISONS]>::from(pattern)), pattern);
        assert_eq!(Pattern::from([99; COMPARISONS]), Pattern::default());
    }
}
