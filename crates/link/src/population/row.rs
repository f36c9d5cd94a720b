//! One record in packed form.

use crate::intern::Symbol;
use crate::normalize::Date;
use crate::record::IdentifierKind;

/// A packed postal address; symbols of [`Population::places`].
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Place {
    pub(crate) number: Symbol,
    pub(crate) street: Symbol,
    pub(crate) unit: Symbol,
    pub(crate) line2: Symbol,
    pub(crate) city: Symbol,
    pub(crate) state: Symbol,
    pub(crate) zip: u32,
}

/// One record: the first value of each field. Zero is missing everywhere.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Row {
    pub(crate) phone: u64,
    pub(crate) given: Symbol,
    pub(crate) middle: Symbol,
    pub(crate) family: Symbol,
    pub(crate) birth: Date,
    pub(crate) email: Symbol,
    pub(crate) ssn: u32,
    pub(crate) home: Place,
    /// Index into [`Population::extras`] plus one.
    pub(crate) extra: u32,
    /// Last four digits of the social security number plus one, where no more of it is known.
    pub(crate) last4: u16,
    pub(crate) sex: u8,
    pub(crate) suffix: u8,
}

impl Row {
    /// Last four digits of the social security number plus one, from the whole number where it is known; 0 where missing.
    pub(crate) fn last_four(&self) -> u32 {
        match (self.last4, self.ssn) {
            (0, 0) => 0,
            (0, number) => number % 10_000 + 1,
            (last, _) => last.into(),
        }
    }
}

/// Further values of the records that have any.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Extra {
    pub(crate) given: Vec<Symbol>,
    pub(crate) family: Vec<Symbol>,
    pub(crate) phones: Vec<u64>,
    pub(crate) emails: Vec<Symbol>,
    pub(crate) places: Vec<Place>,
    /// Assigner, value, kind.
    pub(crate) identifiers: Vec<(Symbol, Symbol, IdentifierKind)>,
    pub(crate) mother: Symbol,
    pub(crate) guardian_given: Symbol,
    pub(crate) guardian_family: Symbol,
    pub(crate) death: Date,
    /// 0 unknown, 1 no, 2 yes.
    pub(crate) multiple: u8,
    pub(crate) birth_order: u8,
}

impl Extra {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is known of a distinct name, computed once.
#[derive(Clone, Default)]
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(crate) struct NameFacts {
    /// Hash of the text, the same in every population.
    pub(crate) hash: u64,
    pub(crate) sound: u32,
    /// Nickname groups; 0 fills the rest.
    pub(crate) groups: [u16; 4],
    /// Of each of these, whether it is a name in full there: bit 0 for the first.
    pub(crate) in_full: u8,
    /// On the built-in list of established given names.
    pub(crate) established: bool,
    /// Holds several words.
    pub(crate) compound: bool,
    /// One letter of an alphabet; a character that stands for a syllable or a word is a name.
    pub(crate) initial: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_stays_small() {
        assert!(size_of::<Row>() <= 80);
        assert!(size_of::<NameFacts>() <= 24);
    }
}
