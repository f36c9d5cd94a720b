//! What the parameters may not become, whatever the data seem to say.

use super::learn::HOLD;
use super::{CLASSES, Class, LEARNT, Parameters, RELATED, SAME};
use crate::comparison::level::{address, birth, email, family, given, number, phone, suffix};
use crate::comparison::{Comparison, LEVELS};

/// Highest probabilities that a level may take in a class.
///
/// Fathers and sons of one name, and twins, look like one person whose birth date or given name is
/// wrong; where names are few, so do strangers of one given name, town and year of birth; and where
/// there are no households, the classes of other people would make themselves useful by taking in
/// one person's records with errors. What each class may be is therefore bounded.
const BOUNDS: &[(&[Class], Comparison, usize, f64)] = &[
    (
        &[Class::SameChanged],
        Comparison::GivenName,
        given::DIFFERENT,
        0.03,
    ),
    (
        &[Class::SameChanged],
        Comparison::GivenName,
        given::DIFFERENT_UNUSUAL,
        0.03,
    ),
    (ONE, Comparison::Suffix, suffix::DIFFERENT, 0.02),
    (
        &[Class::SameChanged],
        Comparison::FamilyName,
        family::DIFFERENT,
        0.4,
    ),
    (ONE, Comparison::BirthDate, birth::OTHER_YEAR, 0.05),
    (ONE, Comparison::BirthDate, birth::SAME_MONTH, 0.05),
    (ONE, Comparison::BirthDate, birth::SAME_YEAR, 0.03),
    (ONE, Comparison::BirthDate, birth::DIFFERENT, 0.004),
    (ONE, Comparison::BirthDate, birth::GENERATION_APART, 0.0005),
    (&[Class::Household], Comparison::GivenName, given::SAME, 0.04),
    (&[Class::Household], Comparison::GivenName, given::TYPO, 0.005),
    (&[Class::Household], Comparison::BirthDate, birth::SAME, 0.03),
    (
        &[Class::Household],
        Comparison::BirthDate,
        birth::EXCHANGED,
        0.002,
    ),
    (&[Class::Household], Comparison::BirthDate, birth::TYPO, 0.01),
    // One day in a year by chance, and little more.
    (
        &[Class::Household],
        Comparison::BirthDate,
        birth::OTHER_YEAR,
        0.005,
    ),
    (
        &[Class::Household],
        Comparison::Address,
        address::SAME_LINE_ELSEWHERE,
        0.05,
    ),
    (&[Class::Twins], Comparison::GivenName, given::SAME, 0.004),
    (&[Class::Twins], Comparison::GivenName, given::NICKNAME, 0.006),
    (&[Class::Twins], Comparison::GivenName, given::TYPO, 0.01),
    (&[Class::Twins], Comparison::GivenName, given::OTHER_FORM, 0.03),
    (&[Class::Twins], Comparison::BirthDate, birth::TYPO, 0.03),
    (&[Class::Twins], Comparison::BirthDate, birth::OTHER_YEAR, 0.003),
    (&[Class::Twins], Comparison::BirthDate, birth::SAME_MONTH, 0.01),
    (&[Class::Twins], Comparison::BirthDate, birth::SAME_YEAR, 0.005),
    (&[Class::Twins], Comparison::BirthDate, birth::DIFFERENT, 0.002),
    (
        &[Class::Twins],
        Comparison::BirthDate,
        birth::GENERATION_APART,
        0.001,
    ),
    (&[Class::Twins], Comparison::FamilyName, family::DIFFERENT, 0.03),
    (&[Class::Twins], Comparison::Phone, phone::DIFFERENT, 0.4),
    (&[Class::Twins], Comparison::Address, address::OTHER_LINE, 0.05),
    (&[Class::Twins], Comparison::Address, address::DIFFERENT, 0.15),
    (&[Class::Namesakes], Comparison::GivenName, given::TYPO, 0.01),
    (
        &[Class::Namesakes],
        Comparison::FamilyName,
        family::DIFFERENT,
        0.05,
    ),
    (&[Class::Namesakes], Comparison::BirthDate, birth::SAME, 0.0005),
    (
        &[Class::Namesakes],
        Comparison::BirthDate,
        birth::EXCHANGED,
        0.0005,
    ),
    (&[Class::Namesakes], Comparison::BirthDate, birth::TYPO, 0.002),
    (
        &[Class::Namesakes],
        Comparison::BirthDate,
        birth::DEFAULTED,
        0.001,
    ),
    (&[Class::Namesakes], Comparison::BirthDate, birth::PARTIAL, 0.002),
    (
        &[Class::Namesakes],
        Comparison::BirthDate,
        birth::OTHER_YEAR,
        0.003,
    ),
    (
        &[Class::Namesakes],
        Comparison::BirthDate,
        birth::SAME_MONTH,
        0.001,
    ),
    (
        &[Class::Namesakes],
        Comparison::BirthDate,
        birth::SAME_YEAR,
        0.005,
    ),
    (&[Class::Namesakes], Comparison::BirthDate, birth::DIFFERENT, 0.15),
    (&[Class::Namesakes], Comparison::BirthDate, birth::TWO_TYPOS, 0.02),
    (
        &[Class::SameName, Class::SamePlace],
        Comparison::BirthDate,
        birth::SAME,
        0.002,
    ),
    (
        &[Class::SameName, Class::SamePlace],
        Comparison::BirthDate,
        birth::TYPO,
        0.01,
    ),
    (
        &[Class::SameBirthGiven],
        Comparison::FamilyName,
        family::SAME,
        0.02,
    ),
    (
        &[Class::SameBirthGiven],
        Comparison::FamilyName,
        family::TYPO,
        0.01,
    ),
    (
        &[Class::SameBirthFamily],
        Comparison::GivenName,
        given::SAME,
        0.02,
    ),
    (
        &[Class::SameBirthFamily],
        Comparison::GivenName,
        given::NICKNAME,
        0.02,
    ),
    (
        &[Class::SameBirthFamily],
        Comparison::GivenName,
        given::TYPO,
        0.01,
    ),
    (BIRTH, Comparison::BirthDate, birth::SAME_YEAR, 0.02),
    (&[Class::SameBirth], Comparison::FamilyName, family::SAME, 0.02),
    (&[Class::SameBirth], Comparison::GivenName, given::SAME, 0.05),
    (&[Class::SamePlace], Comparison::GivenName, given::SAME, 0.5),
    (&[Class::SamePlace], Comparison::FamilyName, family::SAME, 0.5),
    (&[Class::Strangers], Comparison::GivenName, given::SAME, 0.08),
    (&[Class::Strangers], Comparison::FamilyName, family::SAME, 0.08),
    (
        &[Class::Strangers],
        Comparison::SocialSecurity,
        number::SAME_LAST_FOUR,
        0.3,
    ),
    (RELATIVES, Comparison::GivenName, given::SWAPPED, 0.0005),
    (RELATIVES, Comparison::SocialSecurity, number::SAME, 0.0005),
    (RELATIVES, Comparison::SocialSecurity, number::TYPO, 0.001),
    (
        RELATIVES,
        Comparison::SocialSecurity,
        number::SAME_LAST_FOUR,
        0.002,
    ),
    (STRANGERS, Comparison::GivenName, given::SWAPPED, 0.005),
    (STRANGERS, Comparison::SocialSecurity, number::SAME, 0.0005),
    (STRANGERS, Comparison::SocialSecurity, number::TYPO, 0.001),
    (RELATIVES, Comparison::SocialSecurity, number::TWO_TYPOS, 0.002),
    (MET, Comparison::SocialSecurity, number::TWO_TYPOS, 0.001),
    (
        &[Class::Strangers],
        Comparison::SocialSecurity,
        number::TWO_TYPOS,
        0.02,
    ),
    (MET, Comparison::SocialSecurity, number::SAME_LAST_FOUR, 0.02),
    (STRANGERS, Comparison::Address, address::SAME, 0.02),
    // Who met by name or birth date lives in one house by chance alone.
    (BY_PERSON, Comparison::Address, address::SAME, 0.0003),
    (STRANGERS, Comparison::Address, address::SIMILAR_LINE, 0.005),
    (STRANGERS, Comparison::Phone, phone::SAME, 0.02),
    (STRANGERS, Comparison::Email, email::SAME, 0.02),
];
/// Highest share of records that were changed in many fields, for each pair of one person: they are the exception.
const CHANGED: f64 = 0.05;
/// Lowest shares of some classes for each pair of one person, where there are households: people have twins and sons of
/// their name, whether or not the fields at hand can show it.
const LEAST: &[(Class, f64)] = &[(Class::Twins, 0.012), (Class::Namesakes, 0.01)];
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
/// Strangers whom something of the person brought together, not their place.
const BY_PERSON: &[Class] = &[
    Class::SameName,
    Class::SameBirthGiven,
    Class::SameBirthFamily,
    Class::SameBirth,
];
const STRANGERS: &[Class] = &[
    Class::SameName,
    Class::SameBirthGiven,
    Class::SameBirthFamily,
    Class::SameBirth,
    Class::SamePlace,
    Class::Strangers,
];

/// Share of relatives among the candidate pairs from which on the data surely hold families.
const FAMILIES: f64 = 0.15;
/// Share of relatives below which the data may hold none at all.
const NO_FAMILIES: f64 = 0.04;

/// What the bounds of other given names are raised by where there are no families.
const LOOSE: f64 = 0.2;
/// What one person's other bounds are raised by where there are no families.
const SLACK: f64 = 0.1;

/// Makes the shares sum to one and keeps all parameters within their bounds. `numbered` are the levels of the given name
/// in pairs of one person with a number on both sides; `shown`, from 0 to 1, is how far the data could show households.
pub(super) fn bound(next: &mut Parameters, start: &Parameters, numbered: &[f64; LEVELS], shown: f64) {
    normalise(&mut next.shares);
    let related: f64 = next.shares.iter().skip(SAME).take(RELATED).sum();
    next.families = 1.0 - shown * (1.0 - (related / FAMILIES).min(1.0));
    let [same, ..] = next.shares;
    for (class, least) in LEAST {
        if let Some(share) = next.shares.get_mut(*class as usize) {
            *share = share.max(least * next.families * same);
        }
    }
    if let Some(changed) = next.shares.get_mut(Class::SameChanged as usize) {
        *changed = changed.min(CHANGED * same);
    }
    normalise(&mut next.shares);
    let loose = LOOSE * shown * (1.0 - related / NO_FAMILIES).max(0.0);
    bound_other_names(next, start, numbered, loose);
    // Where there are no households, another birth date is rather an error than a namesake.
    let slack = (1.0 - next.families) * SLACK;
    for (classes, comparison, level, bound) in BOUNDS {
        let Some(table) = next.levels.get_mut(*comparison as usize) else {
            continue;
        };
        for class in *classes {
            let bound = match class {
                Class::SamePerson | Class::SameChanged => bound + slack,
                _ => *bound,
            };
            if let Some(row) = table.get_mut(*class as usize) {
                keep_below(row, *level, bound);
            }
        }
    }
}

fn normalise(shares: &mut [f64; CLASSES]) {
    let sum: f64 = shares.iter().take(LEARNT).sum();
    for share in shares.iter_mut().take(LEARNT) {
        *share /= sum;
    }
}

/// Whether one person goes by two given names, or two people of one household share all else, is told by the numbers
/// that are each person's own. Where the data hold none, the built-in probabilities of another given name stand;
/// `loose` is what is added where there seem to be no households.
fn bound_other_names(next: &mut Parameters, start: &Parameters, numbered: &[f64; LEVELS], loose: f64) {
    const GIVEN: usize = Comparison::GivenName as usize;
    let [built_in, ..] = &start.levels[GIVEN];
    let pairs: f64 = numbered.iter().skip(1).sum();
    for level in [given::DIFFERENT, given::DIFFERENT_UNUSUAL] {
        let at = |row: &[f64; LEVELS]| row.get(level).copied().unwrap_or(0.0);
        let bound = (at(numbered) + HOLD * at(built_in)) / (pairs + HOLD) + loose;
        for row in next.levels[GIVEN].iter_mut().take(SAME) {
            keep_below(row, level, bound);
        }
    }
}

fn keep_below(row: &mut [f64; LEVELS], level: usize, bound: f64) {
    if row.get(level).is_some_and(|cell| *cell > bound) {
        set(row, level, bound);
    }
}

/// Gives a level a probability and takes what it needs from the others in proportion.
fn set(row: &mut [f64; LEVELS], level: usize, probability: f64) {
    let rest = 1.0 - row.get(level).copied().unwrap_or(0.0);
    let scale = (1.0 - probability) / rest;
    for (at, cell) in row.iter_mut().enumerate() {
        *cell = if at == level { probability } else { *cell * scale };
    }
}
