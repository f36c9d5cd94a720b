//! What the candidate pairs tell of the data before anything is learnt from them: which fields are there.

use super::learn::HOLD;
use super::{Class, LEARNT, Parameters, SAME};
use crate::comparison::level::{ADDRESS_OF_STREETS, address, given};
use crate::comparison::{Comparison, LEVELS, Pattern};

/// Share of the pairs with a field that a household shares from which on the data would surely show households.
const SHOWN: f64 = 0.3;

/// How far the data could show households, from 0 to 1: in how many pairs both records hold a field that a household
/// shares, and one that tells its people apart.
pub(super) fn households_shown(patterns: &[(Pattern, f64)]) -> f64 {
    let there = |pattern: &Pattern, comparison| pattern.level(comparison) != 0;
    let mut with = 0.0;
    let mut all = 0.0;
    for (pattern, number) in patterns {
        let shared = there(pattern, Comparison::Phone)
            || there(pattern, Comparison::Email)
            || ADDRESS_OF_STREETS.contains(&pattern.level(Comparison::Address));
        let own = there(pattern, Comparison::GivenName) || there(pattern, Comparison::BirthDate);
        all += number;
        if shared && own {
            with += number;
        }
    }
    (with / f64::max(all, 1.0) / SHOWN).min(1.0)
}

/// The built-in parameters fitted to the fields that the data hold. Some levels tell which values were at hand rather
/// than whether they agree: addresses without a street, names too rare to be known as names. They come as often in one
/// class as in the other, so a class of which the data show little must not keep the built-in share of them.
pub(super) fn fitted(start: &Parameters, patterns: &[(Pattern, f64)], shown: f64) -> Parameters {
    let mut fitted = start.clone();
    let unusual = part(
        patterns,
        Comparison::GivenName,
        &[given::DIFFERENT_UNUSUAL],
        &[given::DIFFERENT],
        UNUSUAL,
    );
    for (class, row) in fitted.levels[GIVEN].iter_mut().enumerate().take(LEARNT) {
        fit_given(row, class < SAME, unusual);
    }
    let bare = part(
        patterns,
        Comparison::Address,
        &[address::NO_LINE],
        ADDRESS_OF_STREETS,
        BARE,
    );
    for (class, row) in Class::ALL
        .into_iter()
        .zip(&mut fitted.levels[ADDRESS])
        .take(LEARNT)
    {
        let bare = match class {
            // There are few of them to learn from, or so many that it makes no difference.
            Class::SamePerson | Class::SameChanged | Class::Twins | Class::Namesakes => bare,
            // Others learn it themselves where there are any; and where there are none, they must not take in one
            // person's records.
            _ => bare * (1.0 - shown),
        };
        fit_address(row, bare);
    }
    fitted
}

const GIVEN: usize = Comparison::GivenName as usize;
const ADDRESS: usize = Comparison::Address as usize;

/// Built-in share of rare names among different ones, and of addresses without a street.
const UNUSUAL: f64 = 0.15;
const BARE: f64 = 0.05;

/// Share of some levels among these and others.
fn part(patterns: &[(Pattern, f64)], of: Comparison, some: &[usize], others: &[usize], built_in: f64) -> f64 {
    let number = |levels: &[usize]| -> f64 {
        let with = patterns
            .iter()
            .filter(|(pattern, _)| levels.contains(&pattern.level(of)));
        with.map(|(_, number)| number).sum()
    };
    let some = number(some);
    (some + HOLD * built_in) / (some + number(others) + HOLD)
}

/// Share of names of their own among the other given names of one person.
const NAMED: f64 = 0.4;

/// One person's other given name is seldom another usual name; mostly it is garbled, and then no name at all.
fn fit_given(row: &mut [f64; LEVELS], one_person: bool, unusual: f64) {
    const USUAL: usize = given::DIFFERENT;
    const RARE: usize = given::DIFFERENT_UNUSUAL;
    let different = row[USUAL] + row[RARE];
    let names = if one_person { NAMED * different } else { different };
    row[USUAL] = names * (1.0 - unusual);
    row[RARE] = different - row[USUAL];
}

/// Where streets are missing, an address is in the same place or in another.
fn fit_address(row: &mut [f64; LEVELS], bare: f64) {
    let share = |levels: &[usize]| -> f64 { levels.iter().filter_map(|level| row.get(*level)).sum() };
    let here = share(&[
        address::SAME,
        address::SIMILAR_LINE,
        address::OTHER_LINE,
        address::NO_LINE,
        address::OTHER_UNIT,
        address::SAME_NUMBER,
    ]);
    let elsewhere = share(&[
        address::SAME_LINE_ELSEWHERE,
        address::SIMILAR_LINE_ELSEWHERE,
        address::DIFFERENT,
    ]);
    *row = row.map(|cell| cell * (1.0 - bare));
    row[address::NO_LINE] += bare * here;
    row[address::DIFFERENT] += bare * elsewhere;
}
