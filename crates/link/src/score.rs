//! From levels of agreement to a probability, with the reasons.

use serde::{Deserialize, Serialize};

use crate::comparison::{COMPARISONS, Comparison, Pattern, level};
use crate::explain::{Explanation, Term};
use crate::frequency::{Frequencies, RAREST_BIRTH, RAREST_NAME};
use crate::model::{CLASSES, Class, RELATED, SAME, Weights, log_sum, probability};
use crate::population::{Population, Row};
use crate::rule::{self, Rule};

/// What is to be done about a pair of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Decision {
    /// One person, linked without asking.
    Match,
    /// A person should look at it; not linked.
    Review,
    /// Two people, or nothing to tell.
    NoMatch,
}

/// Scores pairs of one population.
pub(crate) struct Scorer<'a> {
    pub(crate) population: &'a Population,
    pub(crate) frequencies: &'a Frequencies,
    pub(crate) weights: &'a Weights,
}

/// Score of a pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scored {
    /// Logarithm to base 2 of the odds of one person.
    pub(crate) score: f64,
    pub(crate) rule: Option<Rule>,
}

impl<'a> Scorer<'a> {
    pub(crate) fn new(
        population: &'a Population,
        frequencies: &'a Frequencies,
        weights: &'a Weights,
    ) -> Self {
        Self {
            population,
            frequencies,
            weights,
        }
    }

    /// What frequencies of the shared values add to the log-likelihood of strangers (and, for given
    /// names and birth dates, of a household), by comparison.
    fn rarity(&self, pattern: Pattern, a: &Row, b: &Row) -> [[f64; CLASSES]; 3] {
        rarity(
            pattern,
            || {
                self.frequencies
                    .given(a.given)
                    .max(self.frequencies.given(b.given))
            },
            || {
                self.frequencies
                    .family(a.family)
                    .max(self.frequencies.family(b.family))
            },
            || self.frequencies.birth(a.birth),
        )
    }

    /// A bound that the score of no pair of a pattern passes, however rare what it shares.
    pub(crate) fn at_most(&self, pattern: Pattern) -> f64 {
        let joint = self.add_rarity(
            pattern,
            &rarity(pattern, || RAREST_NAME, || RAREST_NAME, || RAREST_BIRTH),
        );
        let (same, others) = joint.split_at(SAME);
        let highest = |terms: &[f64]| terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Not even the sum of so many terms is more.
        highest(same) + (SAME as f64).log2() - highest(others)
    }

    fn joint(&self, pattern: Pattern, a: &Row, b: &Row) -> [f64; CLASSES] {
        self.add_rarity(pattern, &self.rarity(pattern, a, b))
    }

    fn add_rarity(&self, pattern: Pattern, rarity: &[[f64; CLASSES]; 3]) -> [f64; CLASSES] {
        let mut joint = self.weights.joint(pattern);
        for rarity in rarity {
            for (sum, term) in joint.iter_mut().zip(rarity) {
                *sum += term;
            }
        }
        joint
    }

    /// Score of a pair with the rule that applies to it.
    pub(crate) fn score(&self, pattern: Pattern, a: &Row, b: &Row) -> Scored {
        let joint = self.joint(pattern, a, b);
        let (same, others) = joint.split_at(SAME);
        Scored {
            score: log_sum(same) - log_sum(others),
            rule: rule::of(pattern, self.population, a, b),
        }
    }

    /// The same score as a sum of terms.
    pub(crate) fn explain(&self, pattern: Pattern, a: &Row, b: &Row) -> Explanation {
        let joint = self.joint(pattern, a, b);
        let (same, others) = joint.split_at(SAME);
        let score = log_sum(same) - log_sum(others);
        // The logarithm of a sum is, exactly, the mean of the logarithms weighed by each term's share
        // of the sum plus the entropy of the shares; so each side's terms add up field by field.
        let mut shares = [0.0; CLASSES];
        let (same_shares, other_shares) = shares.split_at_mut(SAME);
        share_out(same, same_shares);
        share_out(others, other_shares);
        let households = shares.iter().skip(SAME).take(RELATED).sum();
        let against = |mut terms: [f64; CLASSES]| -> f64 {
            for (term, share) in terms.iter_mut().zip(shares) {
                *term *= share;
            }
            let (same, others) = terms.split_at(SAME);
            same.iter().sum::<f64>() - others.iter().sum::<f64>()
        };
        let prior = against(self.weights.shares) + score - against(joint);
        let rarity = self.rarity(pattern, a, b);
        let mut terms = Vec::new();
        for comparison in Comparison::ALL {
            let at = pattern.level(comparison);
            if at == 0 {
                continue;
            }
            let table = self.weights.levels.get(comparison as usize);
            let weight = table
                .and_then(|table| table.get(at))
                .map_or(0.0, |row| against(*row));
            let index = match comparison {
                Comparison::GivenName => Some(0),
                Comparison::FamilyName => Some(1),
                Comparison::BirthDate => Some(2),
                _ => None,
            };
            let frequency = index
                .and_then(|i: usize| rarity.get(i))
                .map_or(0.0, |term| against(*term));
            terms.push(Term {
                comparison,
                level: at,
                weight,
                frequency,
            });
        }
        debug_assert!(terms.len() <= COMPARISONS);
        Explanation {
            prior,
            terms,
            score,
            probability: probability(score),
            household: households,
            rule: rule::of(pattern, self.population, a, b),
            pattern,
        }
    }
}

/// What the rarity of the names and birth dates that agree adds, by comparison.
fn rarity(
    pattern: Pattern,
    given_rarity: impl Fn() -> f64,
    family_rarity: impl Fn() -> f64,
    birth_rarity: impl Fn() -> f64,
) -> [[f64; CLASSES]; 3] {
    use level::{birth, family, given};
    let given = match pattern.level(Comparison::GivenName) {
        given::SAME => given_rarity(),
        given::NICKNAME
        | given::TYPO
        | given::NEAR_OTHER
        | given::SIMILAR
        | given::OTHER_PART
        | given::OTHER_FORM => 0.5 * given_rarity(),
        _ => 0.0,
    };
    let family = match pattern.level(Comparison::FamilyName) {
        family::SAME => family_rarity(),
        family::PART | family::TYPO | family::SIMILAR => 0.5 * family_rarity(),
        _ => 0.0,
    };
    let birth = match pattern.level(Comparison::BirthDate) {
        birth::SAME => birth_rarity(),
        _ => 0.0,
    };
    [
        against_chance(given, 0.5),
        against_chance(family, 0.0),
        against_chance(birth, 0.0),
    ]
}

/// What the rarity of a shared value adds to the log-likelihood of strangers and, in part, of a household.
fn against_chance(rarity: f64, household: f64) -> [f64; CLASSES] {
    let mut terms = [rarity; CLASSES];
    for (class, term) in terms.iter_mut().enumerate().take(SAME + RELATED) {
        *term = if class == Class::Household as usize {
            household * rarity
        } else {
            0.0
        };
    }
    terms
}

/// Each class's share of the sum, from logarithms.
fn share_out(terms: &[f64], shares: &mut [f64]) {
    let sum = log_sum(terms);
    for (share, term) in shares.iter_mut().zip(terms) {
        *share = (term - sum).exp2();
    }
}
