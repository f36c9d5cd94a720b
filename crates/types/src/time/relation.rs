//! Partial times as intervals.

use chrono::{NaiveDateTime, TimeDelta};

use super::date_time::{DateTime, Offset, Precision};

/// How two partial times lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeRelation {
    /// The first is over before the second begins.
    Before,
    /// Both cover the same interval.
    Same,
    /// They share time: one may be a less precise statement of the other.
    Overlapping,
    /// The first begins after the second is over.
    After,
}

impl TimeRelation {
    /// Whether both can be statements about one moment.
    pub fn is_compatible(self) -> bool {
        matches!(self, Self::Same | Self::Overlapping)
    }
}

impl DateTime {
    /// First moment and first moment after, in the source's own clock.
    pub fn local_interval(&self) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let day = self.date.first_day()?;
        if self.precision <= Precision::Day {
            return Some((
                day.and_hms_opt(0, 0, 0)?,
                self.date.day_after()?.and_hms_opt(0, 0, 0)?,
            ));
        }
        let leap = TimeDelta::seconds(i64::from(self.second == 60));
        let start = day.and_hms_nano_opt(
            u32::from(self.hour),
            u32::from(self.minute),
            u32::from(self.second.min(59)),
            self.nanosecond,
        )? + leap;
        let length = match self.precision {
            Precision::Hour => TimeDelta::hours(1),
            Precision::Minute => TimeDelta::minutes(1),
            Precision::Fraction => {
                TimeDelta::nanoseconds(10i64.pow(9 - u32::from(self.fraction_digits.min(9))))
            }
            _ => TimeDelta::seconds(1),
        };
        Some((start, start + length))
    }

    /// First moment and first moment after in UTC; where no zone is stated the interval is widened by every
    /// zone in use (UTC−12 to UTC+14).
    pub fn utc_interval(&self) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let (start, end) = self.local_interval()?;
        Some(match self.offset.minutes() {
            Some(minutes) => {
                let shift = TimeDelta::minutes(i64::from(minutes));
                (start - shift, end - shift)
            }
            None => (start - TimeDelta::hours(14), end + TimeDelta::hours(12)),
        })
    }

    /// How this time lies to another. Two times without a zone are taken to share one.
    pub fn relation(&self, other: &Self) -> TimeRelation {
        let both_local = self.offset == Offset::Unstated && other.offset == Offset::Unstated
            || self.precision <= Precision::Day
            || other.precision <= Precision::Day;
        let intervals = if both_local {
            self.local_interval().zip(other.local_interval())
        } else {
            self.utc_interval().zip(other.utc_interval())
        };
        match intervals {
            Some((a, b)) if a == b => TimeRelation::Same,
            Some((a, b)) if a.1 <= b.0 => TimeRelation::Before,
            Some((a, b)) if b.1 <= a.0 => TimeRelation::After,
            _ => TimeRelation::Overlapping,
        }
    }
}
