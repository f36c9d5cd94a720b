//! Times: partial ones agree with finer ones, and one moment in two zones is one.

use ehr_model::{Occurrence, Timing};
use ehr_types::{Date, DateTime, Period, Precision, Time};

use super::{Shown, Stated, agree, fill, listed, same_set, shown, span};
use crate::context::Context;
use crate::moment::Moment;

impl Stated for Date {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        DateTime::from(*self)
            .relation(&DateTime::from(*other))
            .is_compatible()
    }

    fn detail(&self) -> u32 {
        u32::from(self.month().is_some()) + u32::from(self.day().is_some())
    }
}

impl Stated for DateTime {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        Moment::new(self)
            .zip(Moment::new(other))
            .is_some_and(|(a, b)| a.gap(&b) == 0)
    }

    fn detail(&self) -> u32 {
        let precision = match self.precision() {
            Precision::Year => 0,
            Precision::Month => 1,
            Precision::Day => 2,
            Precision::Hour => 3,
            Precision::Minute => 4,
            Precision::Second => 5,
            Precision::Fraction => 6,
        };
        2 * precision + u32::from(self.offset().minutes().is_some())
    }
}

impl Shown for DateTime {
    /// In one form whatever the source's, so that two sources' times can be compared by eye.
    fn show(&self) -> String {
        self.to_iso().to_string()
    }
}

impl Shown for Date {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Shown for Time {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Stated for Period {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        agree(self.start.as_ref(), other.start.as_ref(), cx)
            && agree(self.end.as_ref(), other.end.as_ref(), cx)
    }

    fn detail(&self) -> u32 {
        [&self.start, &self.end]
            .into_iter()
            .flatten()
            .map(|time| 20 + time.detail())
            .sum()
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.start, other.start.as_ref());
        fill(&mut self.end, other.end.as_ref());
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl Shown for Period {
    fn show(&self) -> String {
        span(&shown(self.start.as_ref()), &shown(self.end.as_ref()))
    }
}

impl Stated for Occurrence {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        match (self, other) {
            (Self::Age(a), Self::Age(b)) => a.agrees(b, cx),
            (Self::Range(a), Self::Range(b)) => a.agrees(b, cx),
            (Self::Text(a), Self::Text(b)) => a.agrees(b, cx),
            (Self::Timing(a), Self::Timing(b)) => a.agrees(b, cx),
            (Self::Period(a), Self::Period(b)) => a.agrees(b, cx),
            (Self::DateTime(a), Self::DateTime(b)) => a.agrees(b, cx),
            // A point agrees with a span that begins there.
            _ => match (self.start(), other.start()) {
                (Some(a), Some(b)) => a.agrees(&b, cx),
                _ => true,
            },
        }
    }

    fn detail(&self) -> u32 {
        match self {
            Self::Period(period) => 40 + period.detail(),
            Self::DateTime(time) => 60 + time.detail(),
            Self::Timing(_) => 30,
            Self::Age(_) | Self::Range(_) => 10,
            Self::Text(_) => 0,
        }
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        if let (Self::Period(a), Self::Period(b)) = (self, other) {
            a.absorb(b, cx);
        }
    }

    fn is_blank(&self) -> bool {
        match self {
            Self::Period(period) => period.is_empty(),
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

impl Shown for Occurrence {
    fn show(&self) -> String {
        match self {
            Self::DateTime(time) => time.show(),
            Self::Period(period) => period.show(),
            Self::Age(age) => age.show(),
            Self::Range(range) => range.show(),
            Self::Timing(timing) => timing.show(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Stated for Timing {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        let lists = |a: &[String], b: &[String]| a.is_empty() || b.is_empty() || same_set(a, b, cx);
        let rates = match (per_day(self), per_day(other)) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.max(b),
            _ => agree(self.code.as_ref(), other.code.as_ref(), cx),
        };
        rates
            && lists(&self.when, &other.when)
            && lists(&self.day_of_week, &other.day_of_week)
            && (self.time_of_day.is_empty()
                || other.time_of_day.is_empty()
                || self.time_of_day == other.time_of_day)
            && agree(self.count.as_ref(), other.count.as_ref(), cx)
    }

    fn detail(&self) -> u32 {
        u32::from(per_day(self).is_some()) + u32::from(self.bounds.is_some()) + self.when.len() as u32
    }
}

impl Shown for Timing {
    fn show(&self) -> String {
        let mut parts = vec![shown(self.code.as_ref())];
        if let Some(period) = &self.period {
            let unit = match self.period_unit.as_deref() {
                Some("s") => "second",
                Some("min") => "minute",
                Some("h") => "hour",
                Some("d") => "day",
                Some("wk") => "week",
                Some("mo") => "month",
                Some("a") => "year",
                _ => "",
            };
            parts.push(match (self.frequency.unwrap_or(1), period.as_str()) {
                (1, "1") => format!("every {unit}"),
                (1, length) => format!("every {length} {unit}s"),
                (times, "1") => format!("{times} times a {unit}"),
                (times, length) => format!("{times} times every {length} {unit}s"),
            });
        }
        parts.extend(self.when.iter().chain(&self.day_of_week).cloned());
        parts.extend(self.time_of_day.iter().map(Shown::show));
        listed(parts)
    }
}

/// Times per day, where the timing says so: by frequency and period, or by one of the common codes of HL7 v3 GTSAbbreviation.
fn per_day(timing: &Timing) -> Option<f64> {
    if let Some(period) = &timing.period {
        let days = match timing.period_unit.as_deref()? {
            "s" => 1.0 / 86_400.0,
            "min" => 1.0 / 1440.0,
            "h" => 1.0 / 24.0,
            "d" => 1.0,
            "wk" => 7.0,
            "mo" => 30.4375,
            "a" => 365.25,
            _ => return None,
        };
        let length = period.to_f64() * days;
        return (length > 0.0).then(|| f64::from(timing.frequency.unwrap_or(1)) / length);
    }
    let code = timing
        .code
        .as_ref()?
        .codings
        .iter()
        .find_map(|coding| coding.code.as_deref())?;
    Some(match code.to_ascii_uppercase().as_str() {
        "QD" | "DAILY" | "BED" | "AM" | "PM" => 1.0,
        "BID" | "Q12H" => 2.0,
        "TID" | "Q8H" => 3.0,
        "QID" | "Q6H" => 4.0,
        "Q4H" => 6.0,
        "QOD" => 0.5,
        "WK" => 1.0 / 7.0,
        _ => return None,
    })
}
