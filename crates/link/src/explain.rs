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

/// The score of a pair, field by field. It holds no value of the records: for these, ask for an
/// [`ExplanationWithValues`](crate::ExplanationWithValues).
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
        f.write_str(&table(self, |_| None))
    }
}

/// The explanation as a table, with what `more` has to add to the line of a term.
pub(crate) fn table(explanation: &Explanation, more: impl Fn(usize) -> Option<String>) -> String {
    let mut table = String::new();
    let mut line = |field: &str, agreement: &str, bits: &str, rarity: &str, more: Option<String>| {
        let more = more.map_or_else(String::new, |more| format!("  {more}"));
        table.push_str(&format!(
            "{field:<22} {agreement:<38} {bits:>8} {rarity:>8}{more}\n"
        ));
    };
    let bits = |bits: f64| format!("{bits:.2}");
    line("field", "agreement", "bits", "rarity", None);
    line("before", "", &bits(explanation.prior), "", None);
    for (at, term) in explanation.terms.iter().enumerate() {
        let (weight, rarity) = (bits(term.weight), bits(term.frequency));
        line(
            term.comparison.name(),
            term.level_name(),
            &weight,
            &rarity,
            more(at),
        );
    }
    let probability = format!("probability {:.6}", explanation.probability);
    line("sum", &probability, &bits(explanation.score), "", None);
    if let Some(rule) = explanation.rule {
        table.push_str(&format!("rule: {}\n", rule.describe()));
    }
    table
}
