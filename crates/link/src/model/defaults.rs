//! Built-in parameters.
//!
//! How they came to be: first set by hand, then learnt with [`super::learn`] on the candidate
//! pairs of synthetic registrations (households, twins, moves, nicknames, errors of typing), and
//! rounded. Rare levels that the synthetic data do not hold kept the values set by hand. They
//! decide alone on a handful of records; with more, the records' own evidence outweighs them.

use super::{CLASSES, Class, Parameters};
use crate::comparison::{COMPARISONS, Comparison, LEVELS};

/// Number of records that the shares below belong to.
const REFERENCE: f64 = 10_000.0;

/// In the order of [`Class`].
const SHARES: [f64; CLASSES] = [
    0.33, 0.02, 0.32, 0.01, 0.01, 0.1, 0.06, 0.04, 0.03, 0.03, 0.05, 0.0,
];

/// Columns of the table.
const COLUMNS: usize = 8;

/// The column of a comparison that holds for a class.
const fn column(class: Class, comparison: Comparison) -> usize {
    match (class, comparison) {
        (Class::SamePerson | Class::SameChanged, _) => 0,
        (Class::Household, _) => 1,
        (Class::Twins, _) => 2,
        (Class::Namesakes, _) => 3,
        (Class::SameName, _) | (Class::SamePlace, Comparison::BirthDate) => 4,
        (Class::SameBirthGiven, _) | (Class::SameBirth, Comparison::BirthDate) => 5,
        (Class::SameBirthFamily, _) => 6,
        (Class::SameBirth | Class::SamePlace | Class::Strangers | Class::Chance, _) => 7,
    }
}

/// For each comparison the levels from 1 on, each for one person, household, twins, namesakes of a family, and strangers
/// of one name, of one birth date and given name, of one birth date and family name, of neither.
const TABLE: [&[[f64; COLUMNS]]; COMPARISONS] = [
    // Given name.
    &[
        [0.810, 0.030, 0.004, 0.92, 0.85, 0.8, 0.008, 0.05],
        [0.050, 0.006, 0.002, 0.03, 0.06, 0.12, 0.004, 0.015],
        [0.010, 0.005, 0.003, 0.02, 0.005, 0.005, 0.004, 0.01],
        [0.070, 0.004, 0.006, 0.005, 0.01, 0.01, 0.003, 0.01],
        [0.006, 0.010, 0.03, 0.002, 0.01, 0.01, 0.008, 0.02],
        [0.012, 0.006, 0.01, 0.003, 0.01, 0.01, 0.004, 0.02],
        [0.008, 0.010, 0.008, 0.006, 0.005, 0.005, 0.006, 0.01],
        [0.009, 0.0002, 0.0002, 0.0002, 0.0005, 0.0005, 0.0002, 0.0005],
        [
            0.01275, 0.78778, 0.79543, 0.00323, 0.02508, 0.00808, 0.81668, 0.73058,
        ],
        [
            0.00225, 0.13902, 0.14037, 0.00057, 0.00442, 0.00142, 0.14412, 0.12892,
        ],
        [0.010, 0.004, 0.010, 0.01, 0.02, 0.03, 0.004, 0.005],
    ],
    // Family name.
    &[
        [0.870, 0.820, 0.93, 0.94, 0.85, 0.008, 0.82, 0.05],
        [0.030, 0.030, 0.02, 0.02, 0.01, 0.003, 0.01, 0.01],
        [0.055, 0.020, 0.03, 0.02, 0.03, 0.005, 0.07, 0.02],
        [0.008, 0.004, 0.005, 0.003, 0.02, 0.008, 0.05, 0.02],
        [0.028, 0.1258, 0.0148, 0.017, 0.0895, 0.9758, 0.0498, 0.8995],
    ],
    // Middle name.
    &[
        [0.500, 0.020, 0.020, 0.020, 0.020, 0.020, 0.020, 0.020],
        [0.420, 0.080, 0.080, 0.080, 0.080, 0.080, 0.080, 0.080],
        [0.045, 0.010, 0.010, 0.010, 0.010, 0.010, 0.010, 0.010],
        [0.035, 0.890, 0.890, 0.890, 0.890, 0.890, 0.890, 0.890],
    ],
    // Suffix.
    &[
        [0.550, 0.050, 0.05, 0.02, 0.150, 0.150, 0.150, 0.150],
        [0.430, 0.600, 0.6, 0.68, 0.750, 0.750, 0.750, 0.750],
        [0.020, 0.350, 0.35, 0.3, 0.100, 0.100, 0.100, 0.100],
    ],
    // Sex.
    &[
        [0.985, 0.500, 0.65, 0.985, 0.550, 0.550, 0.550, 0.550],
        [0.015, 0.500, 0.35, 0.015, 0.450, 0.450, 0.450, 0.450],
    ],
    // Birth date.
    &[
        [0.880, 0.015, 0.955, 0.0003, 0.001, 0.95, 0.95, 0.020],
        [0.012, 0.0005, 0.004, 0.0002, 0.0005, 0.003, 0.003, 0.005],
        [0.050, 0.003, 0.02, 0.001, 0.004, 0.01, 0.01, 0.020],
        [0.020, 0.003, 0.01, 0.001, 0.006, 0.015, 0.015, 0.010],
        [0.010, 0.002, 0.002, 0.001, 0.002, 0.005, 0.005, 0.010],
        [0.008, 0.004, 0.001, 0.002, 0.02, 0.002, 0.002, 0.020],
        [0.007, 0.006, 0.004, 0.0005, 0.008, 0.004, 0.004, 0.020],
        [0.006, 0.050, 0.002, 0.004, 0.05, 0.006, 0.006, 0.060],
        [0.005, 0.4165, 0.0015, 0.08, 0.45, 0.004, 0.004, 0.250],
        [0.002, 0.500, 0.0005, 0.9, 0.4585, 0.001, 0.001, 0.305],
        [0.006, 0.010, 0.001, 0.01, 0.02, 0.002, 0.002, 0.02],
    ],
    // Social security number.
    &[
        [0.465, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002],
        [0.020, 0.0005, 0.0005, 0.0005, 0.0005, 0.0005, 0.0005, 0.0005],
        [0.465, 0.0010, 0.0010, 0.0010, 0.0005, 0.0005, 0.0005, 0.0005],
        [0.025, 0.0030, 0.0030, 0.0030, 0.0020, 0.0020, 0.0020, 0.0020],
        [0.010, 0.4980, 0.4980, 0.4980, 0.4988, 0.4988, 0.4988, 0.4988],
        [0.015, 0.4973, 0.4973, 0.4973, 0.4980, 0.4980, 0.4980, 0.4980],
        [0.006, 0.0003, 0.0003, 0.0003, 0.0001, 0.0001, 0.0001, 0.0001],
    ],
    // Phone.
    &[
        [0.720, 0.550, 0.75, 0.550, 0.010, 0.010, 0.010, 0.010],
        [0.050, 0.030, 0.04, 0.030, 0.005, 0.005, 0.005, 0.005],
        [0.230, 0.420, 0.21, 0.420, 0.985, 0.985, 0.985, 0.985],
    ],
    // E-mail.
    &[
        [0.800, 0.200, 0.4, 0.4, 0.005, 0.005, 0.005, 0.005],
        [0.080, 0.020, 0.02, 0.02, 0.010, 0.010, 0.010, 0.010],
        [0.120, 0.780, 0.58, 0.58, 0.985, 0.985, 0.985, 0.985],
    ],
    // Address.
    &[
        [0.550, 0.600, 0.75, 0.600, 0.010, 0.010, 0.010, 0.010],
        [0.030, 0.020, 0.02, 0.020, 0.003, 0.003, 0.003, 0.003],
        [0.120, 0.080, 0.08, 0.080, 0.004, 0.004, 0.004, 0.004],
        [0.020, 0.010, 0.01, 0.010, 0.003, 0.003, 0.003, 0.003],
        [0.040, 0.030, 0.02, 0.030, 0.220, 0.220, 0.220, 0.220],
        [0.060, 0.060, 0.05, 0.060, 0.060, 0.060, 0.060, 0.060],
        [0.175, 0.180, 0.06, 0.180, 0.685, 0.685, 0.685, 0.685],
        [0.005, 0.020, 0.01, 0.020, 0.015, 0.015, 0.015, 0.015],
        [0.003, 0.003, 0.003, 0.003, 0.005, 0.005, 0.005, 0.005],
    ],
    // Identifier.
    &[
        [0.750, 0.010, 0.010, 0.010, 0.002, 0.002, 0.002, 0.002],
        [0.050, 0.490, 0.490, 0.490, 0.498, 0.498, 0.498, 0.498],
        [0.200, 0.500, 0.500, 0.500, 0.500, 0.500, 0.500, 0.500],
    ],
    // Mother's maiden name.
    &[
        [0.860, 0.650, 0.95, 0.650, 0.050, 0.050, 0.050, 0.050],
        [0.050, 0.030, 0.03, 0.030, 0.010, 0.010, 0.010, 0.010],
        [0.090, 0.320, 0.02, 0.320, 0.940, 0.940, 0.940, 0.940],
    ],
    // Guardian.
    &[
        [0.850, 0.700, 0.85, 0.700, 0.030, 0.030, 0.030, 0.030],
        [0.050, 0.040, 0.05, 0.040, 0.010, 0.010, 0.010, 0.010],
        [0.100, 0.260, 0.1, 0.260, 0.960, 0.960, 0.960, 0.960],
    ],
    // Birth order.
    &[
        [0.970, 0.300, 0.02, 0.300, 0.500, 0.500, 0.500, 0.500],
        [0.030, 0.700, 0.98, 0.700, 0.500, 0.500, 0.500, 0.500],
    ],
];

pub(super) fn parameters(people: u64) -> Parameters {
    let mut levels = [[[0.0; LEVELS]; CLASSES]; COMPARISONS];
    for ((to, from), comparison) in levels.iter_mut().zip(TABLE).zip(Comparison::ALL) {
        for (to, class) in to.iter_mut().zip(Class::ALL) {
            let changed = class == Class::SameChanged;
            let column = column(class, comparison);
            // Square roots draw the probabilities together: what is rare is less so in a changed record.
            let value = |row: &[f64; COLUMNS]| {
                let value = row.get(column).copied().unwrap_or(0.0);
                if changed { value.sqrt() } else { value }
            };
            let sum: f64 = from.iter().map(value).sum();
            for (to, row) in to.iter_mut().skip(1).zip(from) {
                *to = value(row) / sum;
            }
        }
    }
    let scale = (people as f64 / REFERENCE).clamp(1.0, 10_000.0);
    let mut shares = SHARES;
    for share in shares.iter_mut().skip(Class::SameName as usize) {
        *share *= scale;
    }
    let sum: f64 = shares.iter().sum();
    Parameters {
        // Nothing is known of chance without the records.
        shares: shares.map(|share| (share / sum).max(f64::MIN_POSITIVE)),
        levels,
        families: 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_a_probability_and_they_sum_to_one() {
        let parameters = parameters(10_000);
        for comparison in Comparison::ALL {
            let table = &parameters.levels[comparison as usize];
            for class in table {
                let sum: f64 = class.iter().sum();
                assert!((sum - 1.0).abs() < 1e-9);
                let named = class.iter().take(comparison.levels().len());
                for (level, probability) in named.enumerate().skip(1) {
                    assert!(*probability > 0.0, "{comparison:?} {level}");
                }
            }
        }
    }
}
