//! Two records side by side: one level of agreement per field.

mod address;
mod birth;
mod contact;
mod digits;
pub(crate) mod level;
mod name;
mod text;

use serde::{Deserialize, Serialize};

use crate::intern::Symbol;
use crate::population::{Extra, Population, Row};
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
            Self::GivenName => level::given::MEANINGS,
            Self::FamilyName => level::family::MEANINGS,
            Self::MiddleName => level::middle::MEANINGS,
            Self::Suffix => level::suffix::MEANINGS,
            Self::Sex => level::code::MEANINGS,
            Self::BirthDate => level::birth::MEANINGS,
            Self::SocialSecurity => level::number::MEANINGS,
            Self::Phone => level::phone::MEANINGS,
            Self::Email => level::email::MEANINGS,
            Self::Address => level::address::MEANINGS,
            Self::Identifier => level::identifier::MEANINGS,
            Self::MothersMaidenName | Self::Guardian => level::kin::MEANINGS,
            Self::BirthOrder => level::code::MEANINGS,
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

    fn set(&mut self, comparison: Comparison, level: usize) {
        let shift = 4 * comparison as u32;
        self.0 = self.0 & !(15 << shift) | (level as u64) << shift;
    }
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
        pattern.set(Comparison::Sex, same_or_different(a.sex.into(), b.sex.into()));
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
                    (0, _) | (_, 0) => level::MISSING,
                    (x, y) => self.kin(x, y),
                },
            );
            pattern.set(Comparison::Guardian, self.guardians(ea, eb));
            pattern.set(
                Comparison::BirthOrder,
                same_or_different(ea.birth_order.into(), eb.birth_order.into()),
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

    fn kin(&self, a: Symbol, b: Symbol) -> usize {
        use level::kin;
        match self.likeness(a, b) {
            Likeness::Same => kin::SAME,
            Likeness::Typo => kin::SIMILAR,
            Likeness::Similar | Likeness::Different => kin::DIFFERENT,
        }
    }

    fn guardians(&self, a: &Extra, b: &Extra) -> usize {
        use level::kin;
        match (a.guardian_given, b.guardian_given) {
            (0, _) | (_, 0) => level::MISSING,
            (x, y) if self.form(x, y).is_some() => kin::SAME,
            (x, y) => self.kin(x, y),
        }
    }
}

/// The first value and the further ones, missing ones left out.
fn alternatives(first: Symbol, more: Option<&[Symbol]>) -> impl Iterator<Item = Symbol> {
    std::iter::once(first)
        .chain(more.unwrap_or_default().iter().copied())
        .filter(|symbol| *symbol != 0)
}

fn identifiers(a: &Extra, b: &Extra) -> usize {
    use level::identifier;
    let mut level = level::MISSING;
    for (system, value, kind) in &a.identifiers {
        for (other_system, other_value, other_kind) in &b.identifiers {
            if system != other_system {
                continue;
            }
            if value == other_value {
                return identifier::SAME;
            }
            if kind.is_single() || other_kind.is_single() {
                level = identifier::DIFFERENT;
            } else if level == level::MISSING {
                level = identifier::OTHER_OF_SOURCE;
            }
        }
    }
    level
}

fn suffix(a: u8, b: u8) -> usize {
    use level::suffix;
    match (a, b) {
        (0, 0) => level::MISSING,
        (x, y) if x == y => suffix::SAME,
        (0, _) | (_, 0) => suffix::ONE_SIDED,
        _ => suffix::DIFFERENT,
    }
}

/// Level of two codes of sex or of birth order, 0 where missing.
fn same_or_different(a: u32, b: u32) -> usize {
    use level::code;
    match (a, b) {
        (0, _) | (_, 0) => level::MISSING,
        (x, y) if x == y => code::SAME,
        _ => code::DIFFERENT,
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
