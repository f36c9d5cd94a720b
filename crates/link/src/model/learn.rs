//! Expectation maximisation over distinct patterns.

use rayon::prelude::*;

use super::{CLASSES, Class, Parameters};
use crate::comparison::{COMPARISONS, Comparison, LEVELS, Pattern};

/// Pairs that the starting parameters count for in each comparison and class.
const HOLD: f64 = 60.0;
/// Pairs that the starting shares of the classes count for: few, because some data hold no
/// households at all.
const HOLD_SHARES: f64 = 6.0;
const ROUNDS: usize = 60;
/// Patterns in one unit of work; the sums are added in the order of the units, so that the number
/// of threads does not change the result.
const UNIT: usize = 2048;

/// Highest probabilities that a level may take in a class.
///
/// Fathers and sons of one name, and twins, look like one person whose birth date or given name is
/// wrong; and where there are no households, the classes of other people would make themselves
/// useful by taking in one person's records with errors. What each class may be is therefore bounded.
const BOUNDS: &[(Class, Comparison, usize, f64)] = &[
    (Class::SamePerson, Comparison::BirthDate, 9, 0.004),
    (Class::SamePerson, Comparison::BirthDate, 10, 0.0005),
    (Class::Household, Comparison::GivenName, 1, 0.04),
    (Class::Household, Comparison::GivenName, 4, 0.005),
    (Class::Household, Comparison::GivenName, 8, 0.0005),
    (Class::Household, Comparison::BirthDate, 1, 0.03),
    (Class::Household, Comparison::BirthDate, 3, 0.01),
    (Class::Household, Comparison::SocialSecurity, 1, 0.0005),
    (Class::Household, Comparison::SocialSecurity, 2, 0.001),
    (Class::Household, Comparison::SocialSecurity, 3, 0.002),
    (Class::Household, Comparison::BirthDate, 2, 0.002),
    (Class::Twins, Comparison::GivenName, 1, 0.004),
    (Class::Twins, Comparison::GivenName, 2, 0.006),
    (Class::Twins, Comparison::GivenName, 4, 0.01),
    (Class::Twins, Comparison::GivenName, 8, 0.0005),
    (Class::Twins, Comparison::SocialSecurity, 1, 0.0005),
    (Class::Twins, Comparison::SocialSecurity, 2, 0.001),
    (Class::Twins, Comparison::SocialSecurity, 3, 0.002),
    (Class::Twins, Comparison::BirthDate, 3, 0.03),
    (Class::Twins, Comparison::BirthDate, 6, 0.003),
    (Class::Twins, Comparison::BirthDate, 7, 0.01),
    (Class::Twins, Comparison::BirthDate, 8, 0.005),
    (Class::Twins, Comparison::BirthDate, 9, 0.002),
    (Class::Twins, Comparison::BirthDate, 10, 0.001),
    (Class::Twins, Comparison::FamilyName, 6, 0.03),
    (Class::Twins, Comparison::Phone, 3, 0.4),
    (Class::Twins, Comparison::Address, 5, 0.05),
    (Class::Twins, Comparison::Address, 7, 0.15),
    (Class::SameName, Comparison::BirthDate, 1, 0.002),
    (Class::SameName, Comparison::BirthDate, 3, 0.01),
    (Class::SameBirthGiven, Comparison::BirthDate, 8, 0.02),
    (Class::SameBirthFamily, Comparison::BirthDate, 8, 0.02),
    (Class::SameBirthGiven, Comparison::FamilyName, 1, 0.02),
    (Class::SameBirthGiven, Comparison::FamilyName, 3, 0.01),
    (Class::SameBirthFamily, Comparison::GivenName, 1, 0.02),
    (Class::SameBirthFamily, Comparison::GivenName, 2, 0.02),
    (Class::SameBirthFamily, Comparison::GivenName, 4, 0.01),
    (Class::Strangers, Comparison::GivenName, 1, 0.08),
    (Class::Strangers, Comparison::FamilyName, 1, 0.08),
    (Class::SameName, Comparison::GivenName, 8, 0.001),
    (Class::SameName, Comparison::SocialSecurity, 1, 0.0005),
    (Class::SameName, Comparison::SocialSecurity, 2, 0.001),
    (Class::SameName, Comparison::SocialSecurity, 3, 0.02),
    (Class::SameName, Comparison::Address, 1, 0.02),
    (Class::SameName, Comparison::Phone, 1, 0.02),
    (Class::SameName, Comparison::Email, 1, 0.02),
    (Class::SameBirthGiven, Comparison::GivenName, 8, 0.001),
    (Class::SameBirthGiven, Comparison::SocialSecurity, 1, 0.0005),
    (Class::SameBirthGiven, Comparison::SocialSecurity, 2, 0.001),
    (Class::SameBirthGiven, Comparison::SocialSecurity, 3, 0.02),
    (Class::SameBirthGiven, Comparison::Address, 1, 0.02),
    (Class::SameBirthGiven, Comparison::Phone, 1, 0.02),
    (Class::SameBirthGiven, Comparison::Email, 1, 0.02),
    (Class::SameBirthFamily, Comparison::GivenName, 8, 0.001),
    (Class::SameBirthFamily, Comparison::SocialSecurity, 1, 0.0005),
    (Class::SameBirthFamily, Comparison::SocialSecurity, 2, 0.001),
    (Class::SameBirthFamily, Comparison::SocialSecurity, 3, 0.02),
    (Class::SameBirthFamily, Comparison::Address, 1, 0.02),
    (Class::SameBirthFamily, Comparison::Phone, 1, 0.02),
    (Class::SameBirthFamily, Comparison::Email, 1, 0.02),
    (Class::Strangers, Comparison::GivenName, 8, 0.001),
    (Class::Strangers, Comparison::SocialSecurity, 1, 0.0005),
    (Class::Strangers, Comparison::SocialSecurity, 2, 0.001),
    (Class::Strangers, Comparison::SocialSecurity, 3, 0.3),
    (Class::Strangers, Comparison::Address, 1, 0.02),
    (Class::Strangers, Comparison::Phone, 1, 0.02),
    (Class::Strangers, Comparison::Email, 1, 0.02),
];

#[derive(Clone)]
struct Counts {
    shares: [f64; CLASSES],
    levels: [[[f64; LEVELS]; CLASSES]; COMPARISONS],
}

impl Counts {
    fn zero() -> Self {
        Self {
            shares: [0.0; CLASSES],
            levels: [[[0.0; LEVELS]; CLASSES]; COMPARISONS],
        }
    }

    fn add(&mut self, other: &Self) {
        for (to, from) in self.shares.iter_mut().zip(&other.shares) {
            *to += from;
        }
        for (to, from) in self.levels.iter_mut().zip(&other.levels) {
            for (to, from) in to.iter_mut().zip(from) {
                for (to, from) in to.iter_mut().zip(from) {
                    *to += from;
                }
            }
        }
    }
}

/// Distinct patterns in ascending order with the number of pairs that show them.
pub(crate) fn distinct(patterns: &[Pattern]) -> Vec<(Pattern, f64)> {
    let mut sorted = patterns.to_vec();
    sorted.par_sort_unstable();
    sorted
        .chunk_by(|x, y| x == y)
        .filter_map(|run| run.first().map(|pattern| (*pattern, run.len() as f64)))
        .collect()
}

/// Learns parameters from the patterns of candidate pairs, starting from `start`, which also holds
/// the estimates where there are few pairs.
pub(crate) fn learn(start: &Parameters, patterns: &[Pattern]) -> Parameters {
    let distinct = distinct(patterns);
    let mut current = start.clone();
    let mut last = f64::NEG_INFINITY;
    for _ in 0..ROUNDS {
        let weights = current.weights();
        let units: Vec<(Counts, f64)> = distinct
            .par_chunks(UNIT)
            .map(|unit| {
                let mut counts = Counts::zero();
                let mut likelihood = 0.0;
                for (pattern, number) in unit {
                    let joint = weights.joint(*pattern);
                    let highest = joint.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let share = joint.map(|x| (x - highest).exp2());
                    let sum: f64 = share.iter().sum();
                    likelihood += number * (highest + sum.log2());
                    for (class, share) in share.iter().enumerate() {
                        let weight = number * share / sum;
                        if let Some(total) = counts.shares.get_mut(class) {
                            *total += weight;
                        }
                        for (index, table) in counts.levels.iter_mut().enumerate() {
                            if let Some(cell) = table
                                .get_mut(class)
                                .and_then(|row| row.get_mut(pattern.at(index)))
                            {
                                *cell += weight;
                            }
                        }
                    }
                }
                (counts, likelihood)
            })
            .collect();
        let mut total = Counts::zero();
        let mut likelihood = 0.0;
        for (counts, part) in &units {
            total.add(counts);
            likelihood += part;
        }
        current = maximise(start, &total);
        let pairs: f64 = total.shares.iter().sum();
        if (likelihood - last).abs() < 1e-6 * pairs.max(1.0) {
            break;
        }
        last = likelihood;
    }
    current
}

fn maximise(start: &Parameters, counts: &Counts) -> Parameters {
    let mut next = start.clone();
    let held = HOLD_SHARES;
    let pairs: f64 = counts.shares.iter().sum();
    for (to, (count, start)) in next
        .shares
        .iter_mut()
        .zip(counts.shares.iter().zip(&start.shares))
    {
        *to = (count + held * start) / (pairs + held);
    }
    for (index, (to, from)) in next.levels.iter_mut().zip(&counts.levels).enumerate() {
        for (to, from) in to.iter_mut().zip(from) {
            let present: f64 = from.iter().skip(1).sum();
            for (to, from) in to.iter_mut().zip(from).skip(1) {
                *to = (from + HOLD * *to) / (present + HOLD);
            }
        }
        // Where there are no households, another birth date is rather an error than a namesake.
        let [_, households, ..] = next.shares;
        let slack = (1.0 - households / 0.15).max(0.0) * 0.02;
        for (class, comparison, level, bound) in BOUNDS {
            let bound = match class {
                Class::SamePerson => bound + slack,
                _ => *bound,
            };
            if *comparison as usize == index
                && let Some(row) = to.get_mut(*class as usize)
                && let Some(cell) = row.get_mut(*level)
                && *cell > bound
            {
                let rest = 1.0 - *cell;
                *cell = bound;
                let scale = (1.0 - bound) / rest;
                for (at, other) in row.iter_mut().enumerate() {
                    if at != *level {
                        *other *= scale;
                    }
                }
            }
        }
    }
    next
}
