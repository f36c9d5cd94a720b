//! Birth dates.

use super::digits::errors;
use crate::normalize::Date;

/// Level of agreement of two birth dates.
pub(super) fn birth(a: Date, b: Date) -> u64 {
    if a.is_missing() || b.is_missing() {
        return 0;
    }
    if a == b {
        return if a.is_complete() { 1 } else { 5 };
    }
    let (ya, ma, da) = (a.year(), a.month(), a.day());
    let (yb, mb, db) = (b.year(), b.month(), b.day());
    if !a.is_complete() || !b.is_complete() {
        let open = |x: u32, y: u32| x == 0 || y == 0 || x == y;
        return if ya == yb && open(ma, mb) && open(da, db) {
            5
        } else {
            9
        };
    }
    if ya == yb && ma == db && da == mb {
        return 2;
    }
    if ya == yb {
        let default = |m: u32, d: u32, other: u32| d == 1 && (m == 1 || m == other);
        if default(ma, da, mb) || default(mb, db, ma) {
            return 4;
        }
    }
    let errors = errors(a.0.into(), b.0.into());
    if errors == 1 {
        return 3;
    }
    match (ya == yb, ma == mb, da == db) {
        (false, true, true) => 6,
        (true, true, false) => 7,
        (true, ..) => 8,
        _ if errors == 2 => 11,
        _ if ya.abs_diff(yb) >= 15 => 10,
        _ => 9,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birth_dates_have_levels() {
        let date = |n| Date(n);
        for (a, b, level) in [
            (19_710_309, 19_710_309, 1),
            (19_710_309, 19_710_903, 2),
            (19_710_309, 19_710_308, 3),
            (19_710_319, 19_710_391, 3),
            (19_710_319, 19_170_319, 3),
            (19_710_309, 19_710_101, 4),
            (19_710_309, 19_710_301, 4),
            (19_710_309, 19_710_000, 5),
            (19_710_309, 19_720_000, 9),
            (19_710_309, 19_860_309, 6),
            (19_710_309, 19_710_327, 7),
            (19_710_309, 19_711_122, 8),
            (19_710_309, 19_781_122, 9),
            (19_710_319, 19_810_314, 11),
            (19_710_309, 19_991_122, 10),
            (0, 19_991_122, 0),
        ] {
            assert_eq!(birth(date(a), date(b)), level, "{a} {b}");
            assert_eq!(birth(date(b), date(a)), level, "{b} {a}");
        }
    }
}
