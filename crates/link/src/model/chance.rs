//! How often any two of the records agree by chance.
//!
//! What strangers have in common is learnt from the candidates, all of which agree in something. Where many fields are
//! blank, most candidates agree in what little both hold, and nothing among them shows that two strangers would too.
//! But how often strangers share a name, a birth date or four digits can be counted, and so can the pairs of records.

use super::{CLASSES, Class, Parameters, RELATED, SAME};
use crate::comparison::level::{address, birth, email, family, given, identifier, number, phone};
use crate::comparison::{COMPARISONS, Comparison, LEVELS, Pattern};
use crate::frequency::{self, Pairs};

/// What two strangers among the records have in common, and how many pairs of records there are.
pub(crate) struct Chance {
    share: f64,
    levels: [[f64; LEVELS]; COMPARISONS],
    /// In the order of [`COUNTED`].
    pairs: [Pairs; 3],
}

/// What is counted among all records rather than in a sample of pairs.
const COUNTED: [(Comparison, usize); 3] = [
    (Comparison::GivenName, given::SAME),
    (Comparison::FamilyName, family::SAME),
    (Comparison::BirthDate, birth::SAME),
];

/// How often strangers share what is one person's or one household's: too seldom to be seen in a sample.
const OWN: &[(Comparison, usize, f64)] = &[
    (Comparison::SocialSecurity, number::SAME_LAST_FOUR, 1e-4),
    (Comparison::SocialSecurity, number::TYPO_IN_LAST_FOUR, 4e-3),
    (Comparison::Phone, phone::SAME, 1e-6),
    (Comparison::Email, email::SAME, 1e-7),
    (Comparison::Address, address::SAME, 1e-6),
    (Comparison::Address, address::SAME_LINE_ELSEWHERE, 1e-6),
    (Comparison::Address, address::SIMILAR_LINE, 1e-6),
    (Comparison::Address, address::SIMILAR_LINE_ELSEWHERE, 1e-6),
    (Comparison::Address, address::OTHER_UNIT, 1e-6),
    (Comparison::Identifier, identifier::SAME, 1e-7),
];

/// Pairs in which a level is taken to have been seen beside those of the sample.
const UNSEEN: f64 = 0.02;
/// How far it counts: the classes of strangers hold part of the same pairs.
const PART: f64 = 0.4;

impl Chance {
    /// From the patterns of some `strangers`, the pairs of records with one given name, family name and birth date, the
    /// `largest` social security number, and the number of pairs of records for each candidate.
    pub(crate) fn new(strangers: &[Pattern], pairs: [Pairs; 3], largest: u32, each: f64) -> Self {
        let mut levels = [[0.0; LEVELS]; COMPARISONS];
        for (comparison, row) in Comparison::ALL.into_iter().zip(&mut levels) {
            for pattern in strangers {
                if let Some(cell) = row.get_mut(pattern.level(comparison)) {
                    *cell += 1.0;
                }
            }
            let held = comparison.levels().len();
            for (level, cell) in row.iter_mut().enumerate() {
                *cell = if level == 0 || level >= held {
                    0.0
                } else {
                    *cell + UNSEEN
                };
            }
            let sum: f64 = row.iter().sum();
            *row = row.map(|cell| cell / sum);
        }
        // A number has so many neighbours by one wrong digit, and by two.
        let digits = largest.checked_ilog10().map_or(9, |log| log + 1);
        let numbers = 10_f64.powf(digits.into());
        let digits = f64::from(digits);
        let of_numbers = [
            (number::SAME, 1.0 / numbers),
            (number::TYPO, 10.0 * digits / numbers),
            (number::TWO_TYPOS, 50.0 * digits * digits / numbers),
        ];
        let of_numbers = of_numbers.map(|(level, share)| (Comparison::SocialSecurity, level, share));
        for (comparison, level, share) in of_numbers.iter().chain(OWN) {
            if let Some(row) = levels.get_mut(*comparison as usize) {
                set(row, *level, *share);
            }
        }
        Self {
            share: PART * each,
            levels,
            pairs,
        }
    }

    /// Puts it into parameters. `expected` is how many pairs of each class show each level: those of one person or
    /// household are no strangers.
    pub(super) fn enter(
        &self,
        parameters: &mut Parameters,
        expected: &[[[f64; LEVELS]; CLASSES]; COMPARISONS],
    ) {
        const CHANCE: usize = Class::Chance as usize;
        parameters.shares[CHANCE] = self.share;
        for (table, row) in parameters.levels.iter_mut().zip(&self.levels) {
            table[CHANCE] = *row;
        }
        let counted = COUNTED.into_iter().zip(self.pairs).zip(frequency::CHANCE);
        for (((comparison, level), pairs), built_in) in counted {
            let at = comparison as usize;
            let known = expected.get(at).into_iter().flatten().take(SAME + RELATED);
            let known = known.filter_map(|row| row.get(level)).sum();
            if let Some(table) = parameters.levels.get_mut(at) {
                set(&mut table[CHANCE], level, pairs.chance(known, built_in));
            }
        }
    }
}

fn set(row: &mut [f64; LEVELS], level: usize, probability: f64) {
    if let Some(cell) = row.get_mut(level) {
        *cell = probability;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::probability;

    /// Probability of one person for records of which nothing but the given name and the last four digits is in both, among
    /// `each` pairs of records for each candidate.
    fn by_name_and_digits(each: f64) -> f64 {
        let mut levels = [0; COMPARISONS];
        levels[Comparison::GivenName as usize] = given::SAME as u8;
        levels[Comparison::SocialSecurity as usize] = number::SAME_LAST_FOUR as u8;
        let mut parameters = Parameters::built_in(10_000);
        let pairs = Pairs { all: 1e6, alike: 5e3 };
        let nobody = [[[0.0; LEVELS]; CLASSES]; COMPARISONS];
        Chance::new(&[], [pairs; 3], 999_999_999, each).enter(&mut parameters, &nobody);
        let joint = parameters.weights().joint(Pattern::from(levels)).map(f64::exp2);
        let same: f64 = joint.iter().take(SAME).sum();
        let others: f64 = joint.iter().skip(SAME).sum();
        probability((same / others).log2())
    }

    #[test]
    fn the_more_records_the_less_a_name_and_four_digits_prove() {
        assert!(by_name_and_digits(1.0) > 0.98, "{}", by_name_and_digits(1.0));
        assert!(by_name_and_digits(1e6) < 0.7, "{}", by_name_and_digits(1e6));
    }
}
