//! Calendar dates.

use std::fmt;

use chrono::{Days, NaiveDate};

use super::cursor::Cursor;
use super::{ParseDateTimeError, text_value};

/// A calendar date known to the year, the month or the day: FHIR
/// [date](https://hl7.org/fhir/R4/datatypes.html#date).
///
/// `==` and the order compare what was written (`2012` sorts before `2012-01`); whether two dates can be
/// the same day is a question for [`DateTime::relation`](super::DateTime::relation).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    pub(super) year: u16,
    /// 0 when not known.
    pub(super) month: u8,
    /// 0 when not known.
    pub(super) day: u8,
}

impl Date {
    /// A date of `year` (1–9999) and, where known, month and day.
    ///
    /// # Errors
    /// [`ParseDateTimeError::Range`] when there is no such day, or a day comes without its month.
    pub fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Result<Self, ParseDateTimeError> {
        let first = NaiveDate::from_ymd_opt(
            i32::from(year),
            u32::from(month.unwrap_or(1)),
            u32::from(day.unwrap_or(1)),
        );
        let legal = (1..=9999).contains(&year) && first.is_some() && (month.is_some() || day.is_none());
        if !legal {
            return Err(ParseDateTimeError::Range);
        }
        Ok(Self {
            year,
            month: month.unwrap_or(0),
            day: day.unwrap_or(0),
        })
    }

    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    ///
    /// # Errors
    /// When the text has another form or there is no such day.
    pub fn parse(text: &str) -> Result<Self, ParseDateTimeError> {
        let mut cursor = Cursor(text.as_bytes());
        let date = cursor.iso_date()?;
        cursor.end()?;
        Ok(date)
    }

    /// The year, 1–9999.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1–12, where known.
    pub fn month(self) -> Option<u8> {
        (self.month > 0).then_some(self.month)
    }

    /// The day of the month, 1–31, where known.
    pub fn day(self) -> Option<u8> {
        (self.day > 0).then_some(self.day)
    }

    /// The calendar day, when the date is known to the day.
    pub fn to_naive(self) -> Option<NaiveDate> {
        self.day().and_then(|_| self.first_day())
    }

    pub(super) fn first_day(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(
            i32::from(self.year),
            u32::from(self.month.max(1)),
            u32::from(self.day.max(1)),
        )
    }

    pub(super) fn day_after(self) -> Option<NaiveDate> {
        let first = self.first_day()?;
        match (self.month, self.day) {
            (0, _) => NaiveDate::from_ymd_opt(i32::from(self.year) + 1, 1, 1),
            (12, 0) => NaiveDate::from_ymd_opt(i32::from(self.year) + 1, 1, 1),
            (month, 0) => NaiveDate::from_ymd_opt(i32::from(self.year), u32::from(month) + 1, 1),
            _ => first.checked_add_days(Days::new(1)),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

text_value!(Date via parse);
