//! The statistical model: classes of pairs, learnt from the pairs that blocking finds.
//!
//! A pair of records is the *same person*, *other people of one household* or *strangers*. Each
//! class has its own probabilities of the levels of each comparison. The household class is what
//! keeps relatives apart: they share surname, street and telephone far more often than chance
//! allows, so a two-class model takes those for evidence of one person. Twins are a class of their
//! own beside it, because they share the birth date and live under one roof more often than other
//! relatives do, which the household's probabilities, taken one by one, cannot say. So are father and
//! son of one name: they share the name by custom, and with it an address of e-mail made of it.
//! Strangers come in kinds for the same reason: those who meet in a block because they share two
//! things share the third only by chance, and a single class would believe that all three go
//! together. What any two records share by chance is counted beside them. And one person's records are in
//! two classes, because errors and changes come together as well.

mod bounds;
mod chance;
mod defaults;
mod fit;
mod learn;

use serde::{Deserialize, Serialize};

use crate::comparison::{COMPARISONS, Comparison, LEVELS, Pattern};

pub(crate) use chance::Chance;
pub(crate) use learn::{Labels, learn};

/// Number of classes.
pub(crate) const CLASSES: usize = 12;
/// Number of the classes whose shares are learnt: all but the last.
pub(crate) const LEARNT: usize = CLASSES - 1;
/// Number of the first classes in which both records are one person's.
pub(crate) const SAME: usize = 2;
/// Number of the classes after them in which the two people are related.
pub(crate) const RELATED: usize = 3;

/// Class of a pair of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Two records of one person.
    SamePerson,
    /// Two records of one person of which one was changed in many fields or written carelessly:
    /// errors come together more often than chance would have it.
    SameChanged,
    /// Two people of one household or family.
    Household,
    /// Twins: of one household, of one birth date.
    Twins,
    /// Father and son of one name, or other relatives of another generation named alike.
    Namesakes,
    /// Strangers whom blocking brought together by their names.
    SameName,
    /// Strangers whom blocking brought together by birth date and given name.
    SameBirthGiven,
    /// Strangers whom blocking brought together by birth date and family name.
    SameBirthFamily,
    /// Strangers whom blocking brought together by the birth date alone.
    SameBirth,
    /// Strangers whom blocking brought together by a street line, or by a place and one name.
    SamePlace,
    /// Strangers whom anything else brought together.
    Strangers,
    /// Any two of the records: strangers who agree by chance alone. Its share and levels are counted, not learnt.
    Chance,
}

impl Class {
    /// All classes, in their order.
    pub(crate) const ALL: [Self; CLASSES] = [
        Self::SamePerson,
        Self::SameChanged,
        Self::Household,
        Self::Twins,
        Self::Namesakes,
        Self::SameName,
        Self::SameBirthGiven,
        Self::SameBirthFamily,
        Self::SameBirth,
        Self::SamePlace,
        Self::Strangers,
        Self::Chance,
    ];
}

/// Probabilities of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// Shares of the classes among candidate pairs.
    pub(crate) shares: [f64; CLASSES],
    /// Probability of a level given a class and that the fields are present:
    /// comparison, class, level. Level 0 is unused.
    pub(crate) levels: [[[f64; LEVELS]; CLASSES]; COMPARISONS],
    /// How far the data hold relatives, from 0 to 1; 1 too where they could not show it.
    pub(crate) families: f64,
}

impl Parameters {
    /// The built-in parameters for a population of `people`. The more people, the more strangers
    /// meet in a block by chance.
    pub fn built_in(people: u64) -> Self {
        defaults::parameters(people)
    }

    /// All numbers: the shares, the levels and the families, in the order of their fields.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        let levels = self.levels.iter().flatten().flatten();
        let all = self.shares.iter().chain(levels);
        all.copied().chain(std::iter::once(self.families))
    }

    /// The parameters that [`Parameters::numbers`] lists; `None` where one cannot be, or they are not as many.
    pub(crate) fn from_numbers(mut numbers: impl Iterator<Item = f64>) -> Option<Self> {
        let mut new = Self {
            shares: [0.0; CLASSES],
            levels: [[[0.0; LEVELS]; CLASSES]; COMPARISONS],
            families: 0.0,
        };
        let levels = new.levels.iter_mut().flatten().flatten();
        for slot in new.shares.iter_mut().chain(levels).chain([&mut new.families]) {
            *slot = numbers
                .next()
                .filter(|number| number.is_finite() && *number >= 0.0)?;
        }
        numbers.next().is_none().then_some(new)
    }

    /// Logarithms to base 2, for adding up.
    pub(crate) fn weights(&self) -> Weights {
        let mut weights = Weights {
            shares: self.shares.map(f64::log2),
            levels: [[[0.0; CLASSES]; LEVELS]; COMPARISONS],
        };
        for (to, from) in weights.levels.iter_mut().zip(&self.levels) {
            for (class, from) in from.iter().enumerate() {
                for (to, from) in to.iter_mut().zip(from).skip(1) {
                    if let Some(to) = to.get_mut(class) {
                        *to = from.max(1e-9).log2();
                    }
                }
            }
        }
        weights
    }
}

impl std::fmt::Display for Parameters {
    /// A table of shares and probabilities.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let row = |f: &mut std::fmt::Formatter<'_>, name: &str, level: &str, values: [f64; CLASSES]| {
            write!(f, "{name:<22}{level:<40}")?;
            for value in values {
                write!(f, " {value:>9.5}")?;
            }
            writeln!(f)
        };
        row(f, "shares", "", self.shares)?;
        for comparison in Comparison::ALL {
            let Some(table) = self.levels.get(comparison as usize) else {
                continue;
            };
            for (level, name) in comparison.levels().iter().enumerate().skip(1) {
                let values = table.map(|class| class.get(level).copied().unwrap_or(0.0));
                row(f, comparison.name(), name, values)?;
            }
        }
        Ok(())
    }
}

/// Logarithms of the parameters.
#[derive(Clone, Debug)]
pub(crate) struct Weights {
    pub(crate) shares: [f64; CLASSES],
    /// Comparison, level, class: what is added up lies together. Level 0, missing, adds nothing.
    pub(crate) levels: [[[f64; CLASSES]; LEVELS]; COMPARISONS],
}

impl Weights {
    /// Log-likelihood of each class times its share.
    pub(crate) fn joint(&self, pattern: Pattern) -> [f64; CLASSES] {
        let mut sum = self.shares;
        for (index, table) in self.levels.iter().enumerate() {
            if let Some(row) = table.get(pattern.at(index)) {
                for (sum, term) in sum.iter_mut().zip(row) {
                    *sum += term;
                }
            }
        }
        sum
    }
}

/// Logarithm to base 2 of the sum of numbers given as logarithms.
pub(crate) fn log_sum(terms: &[f64]) -> f64 {
    let highest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    highest
        + terms
            .iter()
            .map(|term| (term - highest).exp2())
            .sum::<f64>()
            .log2()
}

/// Probability from a score in bits.
pub(crate) fn probability(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp2())
}
