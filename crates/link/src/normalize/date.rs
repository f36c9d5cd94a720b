//! Birth dates, with the precision they were given in.

/// A calendar date as digits. A part that is 0 was not given. Parts are not checked against the
/// calendar: a date with month 13 is a typing error that still resembles the true one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug)]
pub(crate) struct Date(pub(crate) u32);

impl Date {
    pub(crate) const MISSING: Self = Self(0);

    pub(crate) const fn new(year: u32, month: u32, day: u32) -> Self {
        Self(year * 10_000 + month * 100 + day)
    }

    pub(crate) const fn is_missing(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn year(self) -> u32 {
        self.0 / 10_000
    }

    pub(crate) const fn month(self) -> u32 {
        self.0 / 100 % 100
    }

    pub(crate) const fn day(self) -> u32 {
        self.0 % 100
    }

    /// What is left of a date that systems write where they know at most the year.
    pub(crate) const fn without_default(self) -> Self {
        if self.month() == 1 && self.day() == 1 {
            Self::new(self.year(), 0, 0)
        } else {
            Self::MISSING
        }
    }

    pub(crate) const fn is_complete(self) -> bool {
        self.month() != 0 && self.day() != 0
    }
}

/// Reads the forms in use; [`Date::MISSING`] where there is no year in it or where the date is one
/// that systems write for "unknown".
pub(crate) fn parse(text: &str) -> Date {
    let text = text.trim();
    let mut numbers = [(0_u32, 0_usize); 3];
    let mut found = 0;
    let mut inside = false;
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            if !inside {
                if found == 3 {
                    break;
                }
                found += 1;
                inside = true;
            }
            if let Some((value, digits)) = numbers.get_mut(found - 1)
                && *digits < 9
            {
                *value = *value * 10 + u32::from(byte - b'0');
                *digits += 1;
            }
        } else if found == 1 && numbers[0].1 >= 8 {
            // Time zone or anything else after the date and time of day.
            break;
        } else if byte == b'T' || byte == b' ' || byte == b't' {
            if found == 3 {
                break;
            }
            inside = false;
        } else if matches!(byte, b'-' | b'/' | b'.' | b',') {
            inside = false;
        } else {
            return Date::MISSING;
        }
    }
    let [(a, a_digits), (b, b_digits), (c, c_digits)] = numbers;
    let date = match (found, a_digits, b_digits, c_digits) {
        // The ninth digit on is time of day.
        (1, 8, ..) => Date(a),
        (1, 9, ..) => Date(a / 10),
        (1, 6, ..) => Date(a * 100),
        (1, 4, ..) => Date(a * 10_000),
        (2, 4, 1..=2, _) => Date::new(a, b, 0),
        (2, 1..=2, 4, _) => Date::new(b, a, 0),
        (3, 4, 1..=2, 1..=2) => Date::new(a, b, c),
        (3, 1..=2, 1..=2, 4) => {
            // US order with `/`; day first where it cannot be a month, or with full stops.
            if text.contains('.') || a > 12 {
                Date::new(c, b, a)
            } else {
                Date::new(c, a, b)
            }
        }
        _ => Date::MISSING,
    };
    // Where the calendars of systems begin and end, and what stands there for "unknown". The beginning of 1970 is a
    // birth date like any other unless it is absurdly frequent.
    let placeholder = matches!(
        date.0,
        16_010_101
            | 17_530_101
            | 18_000_101
            | 18_401_231
            | 18_410_101
            | 18_581_117
            | 18_991_230
            | 18_991_231
            | 19_000_000
            | 19_000_101
            | 19_010_101
            | 19_040_101
            | 20_991_231
    ) || date.year().is_multiple_of(1111);
    // A year that cannot be is a typing error where month and day can, and nothing otherwise.
    let possible = (1800..=2200).contains(&date.year());
    let mistyped = date.year() >= 1000 && date.is_complete() && date.month() <= 12 && date.day() <= 31;
    if placeholder || !(possible || mistyped) {
        Date::MISSING
    } else {
        date
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_forms_are_read() {
        for text in [
            "19710309",
            "1971-03-09",
            "1971/3/9",
            "03/09/1971",
            "3/9/1971",
            "09.03.1971",
            "19710309123000",
            "1971-03-09T00:00:00Z",
            "1971-03-09 12:00",
            "197103091230+0100",
        ] {
            assert_eq!(parse(text), Date::new(1971, 3, 9), "{text}");
        }
        assert_eq!(parse("1971"), Date::new(1971, 0, 0));
        assert_eq!(parse("1971-03"), Date::new(1971, 3, 0));
        assert_eq!(parse("197103"), Date::new(1971, 3, 0));
        assert_eq!(parse("25/12/1990"), Date::new(1990, 12, 25));
        assert_eq!(parse("19611305"), Date(19_611_305));
        assert_eq!(parse("1071-03-09"), Date::new(1071, 3, 9));
    }

    #[test]
    fn what_is_no_date_is_missing() {
        for text in [
            "",
            "unknown",
            "1900-01-01",
            "99991231",
            "12",
            "0000-00-00",
            "12345678",
            "11111111",
            "9999-12-31",
            "01/01/9999",
            "1111-11-11",
            "1899-12-30",
            "1841-01-01",
            "01/01/0001",
            "abc1971",
        ] {
            assert!(parse(text).is_missing(), "{text}");
        }
    }
}
