//! What a caller may choose.

use serde::{Deserialize, Serialize};

/// Settings of the matcher. The default needs no tuning; it is the one configuration that the
/// measurements of this crate were taken with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Config {
    /// Share of the automatic links that may be false, for example `0.001` for one in a thousand.
    /// The match threshold follows from it and from the calibrated probabilities.
    pub false_link_rate: f64,
    /// Lowest probability of a match, between 0 and 1, that is still worth a reviewer's time.
    pub review_floor: f64,
    /// Number of people that the records are drawn from. `None` takes the number of records in a
    /// batch and one million where single pairs are compared without their population. How many
    /// namesakes of one birth date a few records may have is judged by four million.
    pub population: Option<u64>,
    /// Largest block of records that are all compared with each other.
    pub block_size: usize,
    /// Whether the parameters are learnt from the records or taken as they are built in.
    pub learning: Learning,
    /// Pairs that one of the [`Verdicts`](crate::Verdicts) counts for where the parameters are learnt:
    /// 0 learns nothing from verdicts, which then stand for their own pairs alone.
    pub verdict_weight: f64,
    /// Further groups of given names that are forms of one name.
    pub nicknames: Vec<Vec<String>>,
    /// Further names that stand for an unknown one.
    pub placeholder_names: Vec<String>,
    /// Whether two records of one source may be one person. Where a source is known to hold
    /// nobody twice, `false` keeps its records apart.
    pub duplicates_within_source: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            false_link_rate: 0.001,
            review_floor: 0.02,
            population: None,
            block_size: 48,
            learning: Learning::Adaptive,
            verdict_weight: 3.0,
            nicknames: Vec::new(),
            placeholder_names: Vec::new(),
            duplicates_within_source: true,
        }
    }
}

/// Where the parameters come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Learning {
    /// Estimated from the records, starting from and held by the built-in ones: these decide on a
    /// handful of records, the data on many.
    Adaptive,
    /// The built-in ones.
    BuiltIn,
}
