//! The statistical model: three classes of pairs, learnt from the pairs that blocking finds.
//!
//! A pair of records is the *same person*, *other people of one household* or *strangers*. Each
//! class has its own probabilities of the levels of each comparison. The household class is what
//! keeps relatives apart: they share surname, street and telephone far more often than chance
//! allows, so a two-class model takes those for evidence of one person.

mod defaults;
mod learn;

use serde::{Deserialize, Serialize};

use crate::comparison::{COMPARISONS, Comparison, LEVELS, Pattern};

pub(crate) use learn::learn;

/// Number of classes.
pub(crate) const CLASSES: usize = 3;

/// Class of a pair of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Class {
    /// Two records of one person.
    SamePerson,
    /// Two people of one household or family.
    Household,
    /// Two people who have nothing to do with each other.
    Strangers,
}

/// Probabilities of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// Shares of the classes among candidate pairs.
    pub(crate) shares: [f64; CLASSES],
    /// Probability of a level given a class and that the fields are present:
    /// comparison, class, level. Level 0 is unused.
    pub(crate) levels: [[[f64; LEVELS]; CLASSES]; COMPARISONS],
}

impl Parameters {
    /// The built-in parameters for a population of `people`. The more people, the more strangers
    /// meet in a block by chance.
    pub fn built_in(people: u64) -> Self {
        defaults::parameters(people)
    }

    /// Logarithms to base 2, for adding up.
    pub(crate) fn weights(&self) -> Weights {
        let mut weights = Weights {
            shares: self.shares.map(f64::log2),
            levels: [[[0.0; LEVELS]; CLASSES]; COMPARISONS],
        };
        for (to, from) in weights.levels.iter_mut().zip(&self.levels) {
            for (to, from) in to.iter_mut().zip(from) {
                for (to, from) in to.iter_mut().zip(from).skip(1) {
                    *to = from.max(1e-9).log2();
                }
            }
        }
        weights
    }
}

impl std::fmt::Display for Parameters {
    /// A table of shares and probabilities.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [same, household, strangers] = self.shares;
        writeln!(
            f,
            "{:<62} {same:>9.5} {household:>9.5} {strangers:>9.5}",
            "shares"
        )?;
        for comparison in Comparison::ALL {
            let Some([same, household, strangers]) = self.levels.get(comparison as usize) else {
                continue;
            };
            let rows = comparison
                .levels()
                .iter()
                .zip(same.iter().zip(household).zip(strangers));
            for (name, ((same, household), strangers)) in rows.skip(1) {
                writeln!(
                    f,
                    "{:<22}{name:<40} {same:>9.5} {household:>9.5} {strangers:>9.5}",
                    comparison.name()
                )?;
            }
        }
        Ok(())
    }
}

/// Logarithms of the parameters.
#[derive(Clone, Debug)]
pub(crate) struct Weights {
    pub(crate) shares: [f64; CLASSES],
    pub(crate) levels: [[[f64; LEVELS]; CLASSES]; COMPARISONS],
}

impl Weights {
    /// Log-likelihood of each class times its share.
    pub(crate) fn joint(&self, pattern: Pattern) -> [f64; CLASSES] {
        let mut sum = self.shares;
        for (index, table) in self.levels.iter().enumerate() {
            let level = pattern.at(index);
            if level != 0 {
                for (sum, row) in sum.iter_mut().zip(table) {
                    *sum += row.get(level).copied().unwrap_or(0.0);
                }
            }
        }
        sum
    }
}

/// Logarithm to base 2 of the sum of two numbers given as logarithms.
pub(crate) fn log_sum(a: f64, b: f64) -> f64 {
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    high + (1.0 + (low - high).exp2()).log2()
}

/// Probability from a score in bits.
pub(crate) fn probability(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp2())
}
