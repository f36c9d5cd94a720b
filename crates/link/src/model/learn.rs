//! Expectation maximisation over distinct patterns.

use rayon::prelude::*;

use super::bounds::bound;
use super::chance::Chance;
use super::fit::{fitted, households_shown};
use super::{CLASSES, LEARNT, Parameters, RELATED, SAME, Weights};
use crate::comparison::{COMPARISONS, Comparison, LEVELS, Pattern};

/// Pairs that the starting parameters count for in each comparison and class.
pub(super) const HOLD: f64 = 60.0;
/// Pairs that the starting shares of the classes count for.
const HOLD_SHARES: f64 = 6.0;
/// The same for relatives: hardly any, because some data hold no households at all, and a class of
/// them would then make itself useful by taking in one person's records with errors.
const HOLD_RELATED: f64 = 0.5;
const ROUNDS: usize = 60;
/// Patterns in one unit of work; the sums are added in the order of the units, so that the number
/// of threads does not change the result.
const UNIT: usize = 2048;

#[derive(Clone)]
struct Counts {
    shares: [f64; CLASSES],
    levels: [[[f64; LEVELS]; CLASSES]; COMPARISONS],
    /// Levels of the given name in pairs of one person in which both records hold a number of that person.
    numbered: [f64; LEVELS],
}

impl Counts {
    fn zero() -> Self {
        Self {
            shares: [0.0; CLASSES],
            levels: [[[0.0; LEVELS]; CLASSES]; COMPARISONS],
            numbered: [0.0; LEVELS],
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
        for (to, from) in self.numbered.iter_mut().zip(&other.numbered) {
            *to += from;
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
pub(crate) fn learn(
    start: &Parameters,
    patterns: &[Pattern],
    labels: &Labels,
    chance: Option<&Chance>,
) -> Parameters {
    let distinct = distinct(patterns);
    let shown = households_shown(&distinct);
    let start = fitted(start, &distinct, shown);
    let mut current = start.clone();
    if let Some(chance) = chance {
        chance.enter(&mut current, &Counts::zero().levels);
    }
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
        current = maximise(&start, &total, shown);
        if let Some(chance) = chance {
            chance.enter(&mut current, &total.levels);
        }
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
        let numbered = [Comparison::SocialSecurity, Comparison::Identifier]
            .iter()
            .any(|number| pattern.level(*number) != 0);
        if numbered && let Some(cell) = counts.numbered.get_mut(pattern.level(Comparison::GivenName)) {
            *cell += weight.iter().take(SAME).sum::<f64>();
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

fn maximise(start: &Parameters, counts: &Counts, shown: f64) -> Parameters {
    let mut next = start.clone();
    let related = SAME..SAME + RELATED;
    for (class, (to, count)) in next
        .shares
        .iter_mut()
        .zip(&counts.shares)
        .enumerate()
        .take(LEARNT)
    {
        let held = if related.contains(&class) {
            HOLD_RELATED
        } else {
            HOLD_SHARES
        };
        *to = count + held * *to;
    }
    for (to, from) in next.levels.iter_mut().zip(&counts.levels) {
        for (to, from) in to.iter_mut().zip(from).take(LEARNT) {
            let present: f64 = from.iter().skip(1).sum();
            for (to, from) in to.iter_mut().zip(from).skip(1) {
                *to = (from + HOLD * *to) / (present + HOLD);
            }
        }
    }
    bound(&mut next, start, &counts.numbered, shown);
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::level;

    /// Pairs that agree in names, birth date and mailbox, and a tenth as many of another given name; with the level of
    /// the number in both and in these.
    fn learnt(number: [u8; 2]) -> (Parameters, Pattern) {
        use Comparison::*;
        let pattern = |given, number| {
            let mut levels = [0; COMPARISONS];
            for (comparison, level) in [(FamilyName, 1), (BirthDate, 1), (Email, 1)] {
                levels[comparison as usize] = level;
            }
            levels[GivenName as usize] = given;
            levels[SocialSecurity as usize] = number;
            Pattern::from(levels)
        };
        let other = pattern(level::given::DIFFERENT as u8, number[1]);
        let mut patterns = vec![pattern(1, number[0]); 4_000];
        patterns.extend([other; 400]);
        let parameters = learn(
            &Parameters::built_in(4_000),
            &patterns,
            &Labels::new(&[], &[], 0.0),
            None,
        );
        (parameters, other)
    }

    /// Share of one person in what a pattern may be.
    fn one_person(parameters: &Parameters, pattern: Pattern) -> f64 {
        let joint = parameters.weights().joint(pattern).map(f64::exp2);
        joint[..SAME].iter().sum::<f64>() / joint.iter().sum::<f64>()
    }

    #[test]
    fn another_given_name_is_another_person_unless_numbers_tell() {
        let (parameters, twins) = learnt([0, 0]);
        assert!(
            one_person(&parameters, twins) < 0.5,
            "{}",
            one_person(&parameters, twins)
        );
        let (parameters, twins) = learnt([1, 5]);
        assert!(
            one_person(&parameters, twins) < 0.01,
            "{}",
            one_person(&parameters, twins)
        );
        let (parameters, renamed) = learnt([1, 1]);
        assert!(
            one_person(&parameters, renamed) > 0.99,
            "{}",
            one_person(&parameters, renamed)
        );
        let usual = parameters.levels[0][0][level::given::DIFFERENT];
        assert!(usual > 0.05, "{usual}");
    }
}
