//! Birth dates.

use super::digits::errors;
use super::level::{self, birth};
use crate::normalize::Date;

/// Level of agreement of two birth dates.
pub(super) fn birth(a: Date, b: Date) -> usize {
    if a.is_missing() || b.is_missing() {
        return level::MISSING;
    }
    if a == b {
        return if a.is_complete() {
            birth::SAME
        } else {
            birth::PARTIAL
        };
    }
    let (ya, ma, da) = (a.year(), a.month(), a.day());
    let (yb, mb, db) = (b.year(), b.month(), b.day());
    if !a.is_complete() || !b.is_complete() {
        let open = |x: u32, y: u32| x == 0 || y == 0 || x == y;
        return if ya == yb && open(ma, mb) && open(da, db) {
            birth::PARTIAL
        } else {
            birth::DIFFERENT
        };
    }
    if ya == yb && ma == db && da == mb {
        return birth::EXCHANGED;
    }
    if ya == yb {
        let default = |m: u32, d: u32, other: u32| d == 1 && (m == 1 || m == other);
        if default(ma, da, mb) || default(mb, db, ma) {
            return birth::DEFAULTED;
        }
    }
    let errors = errors(a.0.into(), b.0.into());
    if errors == 1 {
        return birth::TYPO;
    }
    match (ya == yb, ma == mb, da == db) {
        (false, true, true) => birth::OTHER_YEAR,
        (true, true, false) => birth::SAME_MONTH,
        (true, ..) => birth::SAME_YEAR,
        _ if errors == 2 => birth::TWO_TYPOS,
        _ if ya.abs_diff(yb) >= 15 => birth::GENERATION_APART,
        _ => birth::DIFFERENT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birth_dates_have_levels() {
        let date = |n| Date(n);
        for (a, b, level) in [
            (19_710_309, 19_710_309, birth::SAME),
            (19_710_309, 19_710_903, birth::EXCHANGED),
            (19_710_309, 19_710_308, birth::TYPO),
            (19_710_319, 19_710_391, birth::TYPO),
            (19_710_319, 19_170_319, birth::TYPO),
            (19_710_309, 19_710_101, birth::DEFAULTED),
            (19_710_309, 19_710_301, birth::DEFAULTED),
            (19_710_309, 19_710_000, birth::PARTIAL),
            (19_710_309, 19_720_000, birth::DIFFERENT),
            (19_710_309, 19_860_309, birth::OTHER_YEAR),
            (19_710_309, 19_710_327, birth::SAME_MONTH),
            (19_710_309, 19_711_122, birth::SAME_YEAR),
            (19_710_309, 19_781_122, birth::DIFFERENT),
            (19_710_319, 19_810_314, birth::TWO_TYPOS),
            (19_710_309, 19_991_122, birth::GENERATION_APART),
            (0, 19_991_122, level::MISSING),
        ] {
            assert_eq!(birth(date(a), date(b)), level, "{a} {b}");
            assert_eq!(birth(date(b), date(a)), level, "{b} {a}");
        }
    }
}
