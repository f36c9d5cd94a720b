//! Expectation maximisation over distinct patterns.

use rayon::prelude::*;

use super::{CLASSES, Class, Parameters, RELATED, SAME, Weights};
use crate::comparison::{COMPARISONS, Comparison, LEVELS, Pattern};

/// Pairs that the starting parameters count for in each comparison and class.
const HOLD: f64 = 60.0;
/// Pairs that the starting shares of the classes count for.
const HOLD_SHARES: f64 = 6.0;
/// The same for relatives: hardly any, because some data hold no households at all, and a class of
/// them would then make itself useful by taking in one person's records with errors.
const HOLD_RELATED: f64 = 0.5;
const ROUNDS: usize = 60;
/// Patterns in one unit of work; the sums are added in the order of the units, so that the number
/// of threads does not change the result.
const UNIT: usize = 2048;

/// Highest probabilities that a level may take in a class.
///
/// Fathers and sons of one name, and twins, look like one person whose birth date or given name is
/// wrong; where names are few, so do strangers of one given name, town and year of birth; and where
/// there are no households, the classes of other people would make themselves useful by taking in
/// one person's records with errors. What each class may be is therefore bounded.
const BOUNDS: &[(&[Class], Comparison, usize, f64)] = &[
    (&[Class::SameChanged], Comparison::GivenName, 9, 0.05),
    (ONE, Comparison::Suffix, 3, 0.02),
    (&[Class::SameChanged], Comparison::FamilyName, 5, 0.4),
    (ONE, Comparison::BirthDate, 6, 0.05),
    (ONE, Comparison::BirthDate, 7, 0.05),
    (ONE, Comparison::BirthDate, 8, 0.03),
    (ONE, Comparison::BirthDate, 9, 0.004),
    (ONE, Comparison::BirthDate, 10, 0.0005),
    (&[Class::Household], Comparison::GivenName, 1, 0.04),
    (&[Class::Household], Comparison::GivenName, 4, 0.005),
    (&[Class::Household], Comparison::BirthDate, 1, 0.03),
    (&[Class::Household], Comparison::BirthDate, 2, 0.002),
    (&[Class::Household], Comparison::BirthDate, 3, 0.01),
    (&[Class::Household], Comparison::Address, 2, 0.05),
    (&[Class::Twins], Comparison::GivenName, 1, 0.004),
    (&[Class::Twins], Comparison::GivenName, 2, 0.006),
    (&[Class::Twins], Comparison::GivenName, 4, 0.01),
    (&[Class::Twins], Comparison::BirthDate, 3, 0.03),
    (&[Class::Twins], Comparison::BirthDate, 6, 0.003),
    (&[Class::Twins], Comparison::BirthDate, 7, 0.01),
    (&[Class::Twins], Comparison::BirthDate, 8, 0.005),
    (&[Class::Twins], Comparison::BirthDate, 9, 0.002),
    (&[Class::Twins], Comparison::BirthDate, 10, 0.001),
    (&[Class::Twins], Comparison::FamilyName, 5, 0.03),
    (&[Class::Twins], Comparison::Phone, 3, 0.4),
    (&[Class::Twins], Comparison::Address, 5, 0.05),
    (&[Class::Twins], Comparison::Address, 7, 0.15),
    (&[Class::Namesakes], Comparison::GivenName, 4, 0.01),
    (&[Class::Namesakes], Comparison::FamilyName, 5, 0.05),
    (&[Class::Namesakes], Comparison::BirthDate, 1, 0.0005),
    (&[Class::Namesakes], Comparison::BirthDate, 2, 0.0005),
    (&[Class::Namesakes], Comparison::BirthDate, 3, 0.002),
    (&[Class::Namesakes], Comparison::BirthDate, 4, 0.001),
    (&[Class::Namesakes], Comparison::BirthDate, 5, 0.002),
    (&[Class::Namesakes], Comparison::BirthDate, 6, 0.003),
    (&[Class::Namesakes], Comparison::BirthDate, 7, 0.001),
    (&[Class::Namesakes], Comparison::BirthDate, 8, 0.005),
    (&[Class::Namesakes], Comparison::BirthDate, 9, 0.15),
    (&[Class::Namesakes], Comparison::BirthDate, 11, 0.02),
    (
        &[Class::SameName, Class::SamePlace],
        Comparison::BirthDate,
        1,
        0.002,
    ),
    (
        &[Class::SameName, Class::SamePlace],
        Comparison::BirthDate,
        3,
        0.01,
    ),
    (&[Class::SameBirthGiven], Comparison::FamilyName, 1, 0.02),
    (&[Class::SameBirthGiven], Comparison::FamilyName, 3, 0.01),
    (&[Class::SameBirthFamily], Comparison::GivenName, 1, 0.02),
    (&[Class::SameBirthFamily], Comparison::GivenName, 2, 0.02),
    (&[Class::SameBirthFamily], Comparison::GivenName, 4, 0.01),
    (BIRTH, Comparison::BirthDate, 8, 0.02),
    (&[Class::SameBirth], Comparison::FamilyName, 1, 0.02),
    (&[Class::SameBirth], Comparison::GivenName, 1, 0.05),
    (&[Class::SamePlace], Comparison::GivenName, 1, 0.5),
    (&[Class::SamePlace], Comparison::FamilyName, 1, 0.5),
    (&[Class::Strangers], Comparison::GivenName, 1, 0.08),
    (&[Class::Strangers], Comparison::FamilyName, 1, 0.08),
    (&[Class::Strangers], Comparison::SocialSecurity, 3, 0.3),
    (RELATIVES, Comparison::GivenName, 8, 0.0005),
    (RELATIVES, Comparison::SocialSecurity, 1, 0.0005),
    (RELATIVES, Comparison::SocialSecurity, 2, 0.001),
    (RELATIVES, Comparison::SocialSecurity, 3, 0.002),
    (STRANGERS, Comparison::GivenName, 8, 0.005),
    (STRANGERS, Comparison::SocialSecurity, 1, 0.0005),
    (STRANGERS, Comparison::SocialSecurity, 2, 0.001),
    (RELATIVES, Comparison::SocialSecurity, 7, 0.002),
    (MET, Comparison::SocialSecurity, 7, 0.001),
    (&[Class::Strangers], Comparison::SocialSecurity, 7, 0.02),
    (MET, Comparison::SocialSecurity, 3, 0.02),
    (STRANGERS, Comparison::Address, 1, 0.02),
    (STRANGERS, Comparison::Address, 3, 0.005),
    (STRANGERS, Comparison::Phone, 1, 0.02),
    (STRANGERS, Comparison::Email, 1, 0.02),
];
const ONE: &[Class] = &[Class::SamePerson, Class::SameChanged];
const RELATIVES: &[Class] = &[Class::Household, Class::Twins, Class::Namesakes];
const BIRTH: &[Class] = &[Class::SameBirthGiven, Class::SameBirthFamily, Class::SameBirth];
/// Strangers of whom it is known what brought them together.
const MET: &[Class] = &[
    Class::SameName,
    Class::SameBirthGiven,
    Class::SameBirthFamily,
    Class::SameBirth,
    Class::SamePlace,
];
const STRANGERS: &[Class] = &[
    Class::SameName,
    Class::SameBirthGiven,
    Class::SameBirthFamily,
    Class::SameBirth,
    Class::SamePlace,
    Class::Strangers,
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
pub(crate) fn learn(start: &Parameters, patterns: &[Pattern], labels: &Labels) -> Parameters {
    let distinct = distinct(patterns);
    let mut current = start.clone();
    let mut last = f64::NEG_INFINITY;
    for _ in 0..ROUNDS {
        let weights = current.weights();
        let mut units: Vec<(Counts, f64)> = distinct
            .par_chunks(UNIT)
            .map(|unit| expect(&weights, unit, 0..CLASSES, 1.0))
            .collect();
        units.push(expect(&weights, &labels.same, 0..SAME, labels.weight));
        units.push(expect(&weights, &labels.different, SAME..CLASSES, labels.weight));
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

/// Pairs whose answer is known, by pattern with their number. They count beside the candidates,
/// for their answer's classes alone.
pub(crate) struct Labels {
    /// Pairs of one person.
    same: Vec<(Pattern, f64)>,
    /// Pairs of two people.
    different: Vec<(Pattern, f64)>,
    /// Candidates that one of them counts for.
    weight: f64,
}

impl Labels {
    pub(crate) fn new(same: &[Pattern], different: &[Pattern], weight: f64) -> Self {
        Self {
            same: distinct(same),
            different: distinct(different),
            weight,
        }
    }
}

/// Expected counts of the classes and levels among pairs of some classes, and their log-likelihood.
fn expect(
    weights: &Weights,
    patterns: &[(Pattern, f64)],
    classes: std::ops::Range<usize>,
    each: f64,
) -> (Counts, f64) {
    let mut counts = Counts::zero();
    let mut likelihood = 0.0;
    for (pattern, number) in patterns {
        let number = number * each;
        let mut joint = weights.joint(*pattern);
        for (class, term) in joint.iter_mut().enumerate() {
            if !classes.contains(&class) {
                *term = f64::NEG_INFINITY;
            }
        }
        let highest = joint.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let share = joint.map(|x| (x - highest).exp2());
        let sum: f64 = share.iter().sum();
        likelihood += number * (highest + sum.log2());
        let weight = share.map(|share| number * share / sum);
        for (total, weight) in counts.shares.iter_mut().zip(weight) {
            *total += weight;
        }
        for (index, table) in counts.levels.iter_mut().enumerate() {
            // What is missing on a side says nothing.
            let level = pattern.at(index);
            if level == 0 {
                continue;
            }
            for (row, weight) in table.iter_mut().zip(weight) {
                if let Some(cell) = row.get_mut(level) {
                    *cell += weight;
                }
            }
        }
    }
    (counts, likelihood)
}

fn maximise(start: &Parameters, counts: &Counts) -> Parameters {
    let mut next = start.clone();
    let related = SAME..SAME + RELATED;
    let mut sum = 0.0;
    for (class, (to, count)) in next.shares.iter_mut().zip(&counts.shares).enumerate() {
        let held = if related.contains(&class) {
            HOLD_RELATED
        } else {
            HOLD_SHARES
        };
        *to = count + held * *to;
        sum += *to;
    }
    next.shares = next.shares.map(|share| share / sum);
    for (index, (to, from)) in next.levels.iter_mut().zip(&counts.levels).enumerate() {
        for (to, from) in to.iter_mut().zip(from) {
            let present: f64 = from.iter().skip(1).sum();
            for (to, from) in to.iter_mut().zip(from).skip(1) {
                *to = (from + HOLD * *to) / (present + HOLD);
            }
        }
        // Where there are no households, another birth date is rather an error than a namesake.
        let households: f64 = next.shares.iter().skip(SAME).take(RELATED).sum();
        let slack = (1.0 - households / 0.15).max(0.0) * 0.02;
        let here = BOUNDS
            .iter()
            .filter(|(_, comparison, ..)| *comparison as usize == index);
        for (classes, _, level, bound) in here {
            for class in *classes {
                let bound = match class {
                    Class::SamePerson | Class::SameChanged => bound + slack,
                    _ => *bound,
                };
                if let Some(row) = to.get_mut(*class as usize)
                    && row.get(*level).is_some_and(|cell| *cell > bound)
                {
                    set(row, *level, bound);
                }
            }
        }
    }
    next
}

/// Gives a level a probability and takes what it needs from the others in proportion.
fn set(row: &mut [f64; LEVELS], level: usize, probability: f64) {
    let rest = 1.0 - row.get(level).copied().unwrap_or(0.0);
    let scale = (1.0 - probability) / rest;
    for (at, cell) in row.iter_mut().enumerate() {
        *cell = if at == level { probability } else { *cell * scale };
    }
}
