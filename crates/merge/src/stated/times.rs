//! Times: partial ones agree with finer ones, and one moment in two zones is one.

use std::fmt::Display;

use ehr_model::{Bounds, Occurrence, Timing};
use ehr_types::{Date, DateTime, Decimal, Period, Precision, Time};

use super::{Shown, Stated, agree, alike, fill, listed, same_set, shown, span};
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
            // A point agrees with a span that begins there; a time and words or an age cannot be compared.
            _ => match (self.start(), other.start()) {
                (Some(a), Some(b)) => a.agrees(&b, cx),
                _ => matches!((self, other), (Self::Period(_), _) | (_, Self::Period(_))),
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
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * a.max(b);
        let rates = match (per_day(self), per_day(other)) {
            (Some(a), Some(b)) => near(a.0, b.0) && near(a.1, b.1),
            // A schedule that is not understood and a frequency cannot be compared.
            (Some(_), None) => other.code.is_none() || alike(self.code.as_ref(), other.code.as_ref(), cx),
            (None, Some(_)) => self.code.is_none() || alike(self.code.as_ref(), other.code.as_ref(), cx),
            (None, None) => agree(self.code.as_ref(), other.code.as_ref(), cx),
        };
        let parts_of_day = part_of_day(self).zip(part_of_day(other));
        let lasts = days(self.duration.as_ref(), self.duration_unit.as_deref())
            .zip(days(other.duration.as_ref(), other.duration_unit.as_deref()));
        rates
            && parts_of_day.is_none_or(|(a, b)| a == b)
            && lasts.is_none_or(|(a, b)| near(a, b))
            && agree(self.bounds.as_ref(), other.bounds.as_ref(), cx)
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
            let times = up_to(self.frequency.unwrap_or(1), self.frequency_max.as_ref());
            let length = up_to(period, self.period_max.as_ref());
            parts.push(match (times.as_str(), length.as_str()) {
                ("1", "1") => format!("every {unit}"),
                ("1", length) => format!("every {length} {unit}s"),
                (times, "1") => format!("{times} times a {unit}"),
                (times, length) => format!("{times} times every {length} {unit}s"),
            });
        }
        if let Some(Bounds::Duration(length)) = &self.bounds {
            parts.push(format!("for {}", length.show()));
        }
        parts.extend(self.when.iter().chain(&self.day_of_week).cloned());
        parts.extend(self.time_of_day.iter().map(Shown::show));
        listed(parts)
    }
}

/// A number, or from it to the most.
fn up_to<T: Display>(least: impl Display, most: Option<&T>) -> String {
    match most {
        Some(most) => format!("{least}–{most}"),
        None => least.to_string(),
    }
}

/// Least and most times per day, where the timing says so: by frequency and period, or by one of the common codes of HL7 v3
/// GTSAbbreviation.
fn per_day(timing: &Timing) -> Option<(f64, f64)> {
    let unit = timing.period_unit.as_deref();
    if let Some(shortest) = days(timing.period.as_ref(), unit) {
        let longest = days(timing.period_max.as_ref(), unit).unwrap_or(shortest);
        let least = timing.frequency.unwrap_or(1);
        let most = timing.frequency_max.unwrap_or(least);
        let is_told = shortest > 0.0 && longest > 0.0;
        return is_told.then(|| (f64::from(least) / longest, f64::from(most) / shortest));
    }
    if timing.period.is_some() {
        return None;
    }
    let times = match coded(timing)?.as_str() {
        "QD" | "DAILY" | "BED" | "AM" | "PM" => 1.0,
        "BID" | "Q12H" => 2.0,
        "TID" | "Q8H" => 3.0,
        "QID" | "Q6H" => 4.0,
        "Q4H" => 6.0,
        "QOD" => 0.5,
        "WK" => 1.0 / 7.0,
        _ => return None,
    };
    Some((times, times))
}

/// A length of time in days.
fn days(length: Option<&Decimal>, unit: Option<&str>) -> Option<f64> {
    let days = match unit? {
        "s" => 1.0 / 86_400.0,
        "min" => 1.0 / 1440.0,
        "h" => 1.0 / 24.0,
        "d" => 1.0,
        "wk" => 7.0,
        "mo" => 30.4375,
        "a" => 365.25,
        _ => return None,
    };
    Some(length?.to_f64() * days)
}

/// At what time of the day a coded schedule is kept: once a day in the morning is not once a day at bedtime.
fn part_of_day(timing: &Timing) -> Option<String> {
    coded(timing).filter(|code| ["AM", "PM", "BED"].contains(&code.as_str()))
}

fn coded(timing: &Timing) -> Option<String> {
    let mut codings = timing.code.as_ref()?.codings.iter();
    let code = codings.find_map(|coding| coding.code.as_deref())?;
    Some(code.to_ascii_uppercase())
}

impl Stated for Bounds {
    /// When a course begins and ends is compared apart from its dosage.
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        match (self, other) {
            (Self::Duration(a), Self::Duration(b)) => a.agrees(b, cx),
            (Self::Range(a), Self::Range(b)) => a.agrees(b, cx),
            (Self::Duration(_), Self::Range(_)) | (Self::Range(_), Self::Duration(_)) => false,
            (Self::Period(_), _) | (_, Self::Period(_)) => true,
        }
    }
}
