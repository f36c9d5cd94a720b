//! Telephone numbers, e-mail addresses and social security numbers.

use super::digits::errors;
use super::level::{self, email, number, phone};
use super::{Comparer, alternatives, text};
use crate::population::{Extra, Row};

impl Comparer<'_> {
    pub(super) fn emails(&self, a: &Row, b: &Row, ea: Option<&Extra>, eb: Option<&Extra>) -> usize {
        if a.email == 0 || b.email == 0 {
            return level::MISSING;
        }
        let mut best = email::DIFFERENT;
        for x in alternatives(a.email, ea.map(|e| &e.emails[..])) {
            for y in alternatives(b.email, eb.map(|e| &e.emails[..])) {
                if x == y {
                    return email::SAME;
                }
                let contacts = &self.population.contacts;
                if best == email::DIFFERENT && text::similar_email(contacts.get(x), contacts.get(y)) {
                    best = email::SIMILAR;
                }
            }
        }
        best
    }
}

pub(super) fn social_security(a: &Row, b: &Row) -> usize {
    if a.ssn != 0 && b.ssn != 0 {
        return match errors(a.ssn.into(), b.ssn.into()) {
            0 => number::SAME,
            1 => number::TYPO,
            // Numbers that differ at the end alone may have been given to one family on one day.
            2 if a.ssn / 1000 != b.ssn / 1000 => number::TWO_TYPOS,
            _ => number::DIFFERENT,
        };
    }
    match (a.last_four(), b.last_four()) {
        (0, _) | (_, 0) => level::MISSING,
        (x, y) if x == y => number::SAME_LAST_FOUR,
        (x, y) if errors(u64::from(x - 1), u64::from(y - 1)) == 1 => number::TYPO_IN_LAST_FOUR,
        _ => number::DIFFERENT_LAST_FOUR,
    }
}

pub(super) fn phones(a: &Row, b: &Row, ea: Option<&Extra>, eb: Option<&Extra>) -> usize {
    if a.phone == 0 || b.phone == 0 {
        return level::MISSING;
    }
    if a.phone == b.phone {
        return phone::SAME;
    }
    let list = |extra: Option<&'_ Extra>| extra.map_or(0, |e| e.phones.len());
    let get = |row: &Row, extra: Option<&Extra>, i: usize| match i {
        0 => row.phone,
        i => extra.and_then(|e| e.phones.get(i - 1)).copied().unwrap_or(0),
    };
    let mut best = phone::DIFFERENT;
    for i in 0..=list(ea) {
        for j in 0..=list(eb) {
            let (x, y) = (get(a, ea, i), get(b, eb, j));
            if x == y {
                return phone::SAME;
            }
            // A changed area code keeps the seven digits of the line.
            if x % 10_000_000 == y % 10_000_000 || errors(x, y) == 1 {
                best = phone::TYPO;
            }
        }
    }
    best
}
