//! The primitive data types and what their values look like (chapter 2A of the standard).

/// A primitive data type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Primitive(Kind, &'static str);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Sequence,
    Date,
    Time,
    Timestamp,
}

impl Primitive {
    pub(crate) const ID: Self = Self(Kind::Text, "ID");
    pub(crate) const TS: Self = Self(Kind::Timestamp, "TS");

    /// The primitive type of a name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "ID" => Self::ID,
            "ST" => Self(Kind::Text, "ST"),
            "TX" => Self(Kind::Text, "TX"),
            "FT" => Self(Kind::Text, "FT"),
            "IS" => Self(Kind::Text, "IS"),
            "TN" => Self(Kind::Text, "TN"),
            "GTS" => Self(Kind::Text, "GTS"),
            "SNM" => Self(Kind::Text, "SNM"),
            "NM" => Self(Kind::Number, "NM"),
            "SI" => Self(Kind::Sequence, "SI"),
            "DT" => Self(Kind::Date, "DT"),
            "TM" => Self(Kind::Time, "TM"),
            "DTM" => Self(Kind::Timestamp, "DTM"),
            "TS" => Self::TS,
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        self.1
    }

    /// Whether a text that is not empty is a value of the type.
    pub(crate) fn accepts(self, text: &str) -> bool {
        match self.0 {
            Kind::Text => true,
            Kind::Number => is_number(text.trim_matches(' ')),
            Kind::Sequence => is_digits(text.trim_matches(' ')),
            Kind::Date => is_date(text),
            Kind::Time => is_time(without_zone(text)),
            Kind::Timestamp => is_timestamp(text),
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `[+|-]digits[.digits]`; a digit may be missing on one side of the point.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    match text.split_once('.') {
        Some((whole, part)) => {
            let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            digits(whole) && digits(part) && whole.len() + part.len() > 0
        }
        None => is_digits(text),
    }
}

/// `YYYY[MM[DD]]`.
fn is_date(text: &str) -> bool {
    if !is_digits(text) {
        return false;
    }
    let number =
        |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u32>().ok());
    let (Some(year), month, day) = (number(0..4), number(4..6), number(6..8)) else {
        return false;
    };
    match text.len() {
        4 => true,
        6 => month.is_some_and(|month| (1..=12).contains(&month)),
        8 => match (month, day) {
            (Some(month), Some(day)) => (1..=days(year, month)).contains(&day),
            _ => false,
        },
        _ => false,
    }
}

/// The days of a month; 0 for a month that does not exist.
fn days(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

/// `HH[MM[SS[.S[S[S[S]]]]]]`.
fn is_time(text: &str) -> bool {
    let (time, fraction) = match text.split_once('.') {
        Some((time, fraction)) => (time, Some(fraction)),
        None => (text, None),
    };
    if fraction.is_some_and(|fraction| !is_digits(fraction) || fraction.len() > 4 || time.len() != 6) {
        return false;
    }
    let within = |range: std::ops::Range<usize>, below: u32| {
        time.get(range)
            .and_then(|digits| digits.parse::<u32>().ok())
            .is_some_and(|number| number < below)
    };
    is_digits(time)
        && match time.len() {
            2 => within(0..2, 24),
            4 => within(0..2, 24) && within(2..4, 60),
            6 => within(0..2, 24) && within(2..4, 60) && within(4..6, 60),
            _ => false,
        }
}

/// The text before a zone `+ZZZZ` or `-ZZZZ`; the text itself when the zone is not one.
fn without_zone(text: &str) -> &str {
    match text.split_at_checked(text.len().saturating_sub(5)) {
        Some((before, zone)) if is_zone(zone) => before,
        _ => text,
    }
}

fn is_zone(zone: &str) -> bool {
    zone.strip_prefix(['+', '-']).is_some_and(|digits| {
        let hours = digits.get(..2).and_then(|digits| digits.parse::<u32>().ok());
        let minutes = digits.get(2..).and_then(|digits| digits.parse::<u32>().ok());
        digits.len() == 4
            && is_digits(digits)
            && hours.is_some_and(|h| h <= 14)
            && minutes.is_some_and(|m| m < 60)
    })
}

/// `YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]`.
fn is_timestamp(text: &str) -> bool {
    let text = without_zone(text);
    match text.split_at_checked(8) {
        Some((date, "")) => is_date(date),
        Some((date, time)) => is_date(date) && is_time(time),
        None => is_date(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_from_what_is_none() {
        for (name, good, bad) in [
            (
                "NM",
                &["1", "-1", "+1.5", "0.", ".5", "007"][..],
                &["", "-", ".", "1,5", "1e3", "<5", "1.2.3", "--1"][..],
            ),
            ("SI", &["0", "12"], &["-1", "1.0", "a", ""]),
            (
                "DT",
                &["2024", "202402", "20240229"],
                &[
                    "2023022",
                    "20230229",
                    "20241301",
                    "2024-02-03",
                    "20240100",
                    "24",
                    "20240229120000",
                ],
            ),
            (
                "TM",
                &["12", "1259", "125959", "125959.1234", "1200+0100", "12-0500"],
                &[
                    "24",
                    "1260",
                    "125960",
                    "12:59",
                    "1259.5",
                    "1",
                    "1200+1500",
                    "125959.12345",
                ],
            ),
            (
                "DTM",
                &[
                    "2024",
                    "2024+0100",
                    "202401021530",
                    "20240102153059.1-0500",
                    "2024010215",
                ],
                &[
                    "2024010224",
                    "20240102 1530",
                    "20240102T1530",
                    "2024-0500x",
                    "abcd",
                    "20240102153059.",
                    "2024010215300",
                ],
            ),
            ("TS", &["20240102"], &["0000-00-00", "é0240102"]),
            ("ST", &["", "anything"], &[]),
        ] {
            let primitive = Primitive::of(name).unwrap();
            for text in good {
                assert!(primitive.accepts(text), "{name} {text:?}");
            }
            for text in bad {
                assert!(!primitive.accepts(text), "{name} {text:?}");
            }
        }
        assert_eq!(Primitive::of("XPN"), None);
    }
}
