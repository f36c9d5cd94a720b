//! Why a pair has its score.

use std::fmt;

use serde::Serialize;

use crate::comparison::{Comparison, Pattern};
use crate::rule::Rule;

/// One comparison's part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Term {
    /// What was compared.
    pub comparison: Comparison,
    /// Level of agreement, an index into [`Comparison::levels`].
    pub level: usize,
    /// Bits for (positive) or against (negative) one person that the level is worth on average.
    pub weight: f64,
    /// Bits added because the shared value is rare, or taken because it is common.
    pub frequency: f64,
}

impl Term {
    /// The level in words.
    pub fn level_name(&self) -> &'static str {
        self.comparison
            .levels()
            .get(self.level)
            .copied()
            .unwrap_or("missing")
    }
}

/// The score of a pair, field by field. It holds no value of the records.
///
/// `prior` plus all weights and frequencies is `score`, the logarithm to base 2 of the odds that
/// both records are one person; `probability` follows from it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// Bits before any field was looked at.
    pub prior: f64,
    /// One term for each comparison with a value on both sides.
    pub terms: Vec<Term>,
    /// Sum of all bits.
    pub score: f64,
    /// Probability, between 0 and 1, that it is one person, before any rule.
    pub probability: f64,
    /// Share, between 0 and 1, of "another person of the household" in what speaks against one
    /// person; the rest is "strangers".
    pub household: f64,
    /// A rule that stands above the score.
    pub rule: Option<Rule>,
    /// The levels of all comparisons.
    pub pattern: Pattern,
}

impl Explanation {
    /// Nothing compared and nothing known.
    pub(crate) fn empty() -> Self {
        Self {
            prior: 0.0,
            terms: Vec::new(),
            score: 0.0,
            probability: 0.5,
            household: 0.0,
            rule: None,
            pattern: Pattern::default(),
        }
    }
}

impl fmt::Display for Explanation {
    /// A table without any value of the records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<22} {:<38} {:>8} {:>8}",
            "field", "agreement", "bits", "rarity"
        )?;
        writeln!(f, "{:<22} {:<38} {:>8.2} {:>8}", "before", "", self.prior, "")?;
        for term in &self.terms {
            writeln!(
                f,
                "{:<22} {:<38} {:>8.2} {:>8.2}",
                term.comparison.name(),
                term.level_name(),
                term.weight,
                term.frequency
            )?;
        }
        writeln!(
            f,
            "{:<22} {:<38} {:>8.2} {:>8}",
            "sum",
            format!("probability {:.6}", self.probability),
            self.score,
            ""
        )?;
        if let Some(rule) = self.rule {
            writeln!(f, "rule: {}", rule.describe())?;
        }
        Ok(())
    }
}
