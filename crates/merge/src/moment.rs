//! Times as intervals, and how far two of them lie apart.

use ehr_types::{Date, DateTime, Precision};

const MINUTE: i64 = 60_000;

/// Milliseconds of a day.
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;

/// Zones lie at most this far from UTC, and on quarters of an hour.
const ZONE_REACH: i64 = 14 * 60 * MINUTE;
const ZONE_STEP: i64 = 15 * MINUTE;

/// A partial time as half-open intervals of milliseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// In the source's own clock.
    local: (i64, i64),
    /// In UTC, where a time of day with a zone is known.
    utc: Option<(i64, i64)>,
    precision: Precision,
}

/// By which clock a time is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// UTC, as far as the zone is known.
    Utc,
    /// The source's own.
    Local,
}

/// How well two times agree, from worst to best.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Closeness {
    /// They cannot be one moment.
    Apart,
    /// One is a less precise statement of the other, or a zone is missing.
    Compatible,
    /// The same day, and neither says more.
    SameDay,
    /// The same minute or better on both sides.
    SameTime,
}

impl Moment {
    pub(crate) fn new(time: &DateTime) -> Option<Self> {
        let (start, end) = time.local_interval()?;
        let local = (
            start.and_utc().timestamp_millis(),
            end.and_utc().timestamp_millis(),
        );
        // Systems that keep times of day write a date alone as midnight.
        let padded = time.precision() > Precision::Hour && time.time() == (0, 0, 0, 0);
        if padded {
            return Self::of_date(time.date());
        }
        let timed = time.precision() > Precision::Day;
        let utc = time.offset().minutes().filter(|_| timed).map(|minutes| {
            let shift = i64::from(minutes) * MINUTE;
            (local.0 - shift, local.1 - shift)
        });
        Some(Self {
            local,
            utc,
            precision: time.precision(),
        })
    }

    pub(crate) fn of_date(date: Date) -> Option<Self> {
        Self::new(&DateTime::from(date))
    }

    fn is_timed(&self) -> bool {
        self.precision > Precision::Day
    }

    /// Known to the minute or better, with a zone.
    pub(crate) fn is_exact(&self) -> bool {
        self.precision >= Precision::Minute && self.utc.is_some()
    }

    /// The moment as a half-open interval by one of two clocks. Times with one reading of their own clocks are one time,
    /// unless their zones say otherwise.
    pub(crate) fn on(&self, clock: Clock) -> (i64, i64) {
        match clock {
            Clock::Utc => self.utc.unwrap_or(self.local),
            Clock::Local => self.local,
        }
    }

    /// Known to the day or better.
    pub(crate) fn has_day(&self) -> bool {
        self.precision >= Precision::Day
    }

    /// Milliseconds between the two, 0 where they can be one moment. A day agrees with a time by either clock; times of
    /// which one lacks its zone agree where some zone explains the difference.
    pub(crate) fn gap(&self, other: &Self) -> i64 {
        match (self.is_timed(), other.is_timed(), self.utc, other.utc) {
            (true, true, Some(a), Some(b)) => gap(a, b),
            (true, true, None, None) | (false, false, _, _) => gap(self.local, other.local),
            (true, true, Some(zoned), None) => zone_gap(zoned, self.local, other.local),
            (true, true, None, Some(zoned)) => zone_gap(zoned, other.local, self.local),
            (true, false, Some(a), _) => gap(a, other.local).min(gap(self.local, other.local)),
            (false, true, _, Some(b)) => gap(b, self.local).min(gap(self.local, other.local)),
            (true, false, None, _) | (false, true, _, None) => gap(self.local, other.local),
        }
    }

    pub(crate) fn closeness(&self, other: &Self) -> Closeness {
        if self.gap(other) > 0 {
            Closeness::Apart
        } else if self.is_exact() && other.is_exact() || self.reads_as(other) {
            Closeness::SameTime
        } else if self.precision == Precision::Day && other.precision == Precision::Day {
            Closeness::SameDay
        } else {
            Closeness::Compatible
        }
    }

    /// Whether both are known to the minute or better and read alike on the sources' own clocks, whatever their zones.
    fn reads_as(&self, other: &Self) -> bool {
        let to_the_minute = self.precision >= Precision::Minute && other.precision >= Precision::Minute;
        let is_one_reading =
            self.is_timed() && self.precision == other.precision && self.local == other.local;
        is_one_reading || to_the_minute && gap(self.local, other.local) == 0
    }

    /// Whether this is over more than `millis` before the other begins.
    pub(crate) fn precedes_by(&self, other: &Self, millis: i64) -> bool {
        self.local.0 < other.local.0 && self.gap(other) > millis
    }

    /// An interval that covers every moment with which the gap is at most `tolerance`.
    pub(crate) fn reach(&self, tolerance: i64) -> (i64, i64) {
        let utc = self.utc.unwrap_or(self.local);
        let zone = if self.is_timed() && self.utc.is_none() {
            ZONE_REACH
        } else {
            0
        };
        (
            self.local.0.min(utc.0) - zone - tolerance,
            self.local.1.max(utc.1) + zone + tolerance,
        )
    }

    /// For sorting by time: the first moment in UTC as far as that is known.
    pub(crate) fn order(&self) -> i64 {
        self.on(Clock::Utc).0
    }
}

fn gap(a: (i64, i64), b: (i64, i64)) -> i64 {
    (b.0 - a.1 + 1).max(a.0 - b.1 + 1).max(0)
}

fn zone_gap(zoned: (i64, i64), zoned_local: (i64, i64), unzoned: (i64, i64)) -> i64 {
    let near = gap(zoned_local, unzoned).min(gap(zoned, unzoned));
    let shift = unzoned.0 - zoned.0;
    let explained = shift.abs() <= ZONE_REACH && {
        // The nearest whole number of quarter hours, to bring both into one zone.
        let steps = (shift as f64 / ZONE_STEP as f64).round() as i64;
        gap(
            (zoned.0 + steps * ZONE_STEP, zoned.1 + steps * ZONE_STEP),
            unzoned,
        ) == 0
    };
    if explained { 0 } else { near }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::new(&DateTime::parse_any(text).unwrap()).unwrap()
    }

    #[test]
    fn zones_and_precision_do_not_part_one_moment() {
        for (a, b, expected) in [
            ("2012-08-06T10:30:00-04:00", "201208061430+0000", true),
            ("2012-08-06T22:30:00-04:00", "2012-08-06", true),
            ("2012-08-06T22:30:00-04:00", "2012-08-07", true),
            ("2012-08-06T22:30:00-04:00", "2012-08-08", false),
            ("2012-08-06T10:30:00-04:00", "201208061030", true),
            ("2012-08-06T10:30:00-04:00", "201208061430", true),
            ("2012-08-06T10:30:00-04:00", "201208061037", false),
            ("2012", "2012-08-06", true),
            ("20120806000000", "20120806070000", true),
            ("20120806000000", "20120807070000", false),
            ("2012-08-06T10:30:00Z", "2012-08-06T10:31:00Z", false),
        ] {
            assert_eq!(moment(a).gap(&moment(b)) == 0, expected, "{a} {b}");
            assert_eq!(moment(b).gap(&moment(a)) == 0, expected, "{b} {a}");
        }
    }

    #[test]
    fn reach_covers_what_has_no_gap() {
        for (a, b) in [
            ("2012-08-06T22:30:00-04:00", "2012-08-07"),
            ("2012-08-06T10:30:00-04:00", "201208062330"),
        ] {
            let (a, b) = (moment(a).reach(0), moment(b).reach(0));
            assert!(a.0 < b.1 && b.0 < a.1);
        }
    }
}
