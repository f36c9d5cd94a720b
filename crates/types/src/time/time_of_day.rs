//! Times of day.

use std::fmt;

use super::cursor::Cursor;
use super::date::Date;
use super::{DateTime, ParseDateTimeError, text_value, write_fraction};

/// A time of day: FHIR [time](https://hl7.org/fhir/R4/datatypes.html#time), `hh:mm:ss[.fff]`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    hour: u8,
    minute: u8,
    second: u8,
    fraction_digits: u8,
    nanosecond: u32,
}

impl Time {
    /// Reads `hh:mm:ss[.fff]`.
    ///
    /// # Errors
    /// When the text has another form or there is no such time of day.
    pub fn parse(text: &str) -> Result<Self, ParseDateTimeError> {
        let mut cursor = Cursor(text.as_bytes());
        let mut value = DateTime::from(Date {
            year: 1,
            month: 1,
            day: 1,
        });
        value.hour = cursor.pair()?;
        cursor.expect(b':')?;
        value.minute = cursor.pair()?;
        cursor.expect(b':')?;
        value.second = cursor.pair()?;
        cursor.fraction(&mut value)?;
        cursor.end()?;
        let DateTime {
            hour,
            minute,
            second,
            fraction_digits,
            nanosecond,
            ..
        } = value.checked()?;
        Ok(Self {
            hour,
            minute,
            second,
            fraction_digits,
            nanosecond,
        })
    }

    /// Hour, minute, second and nanosecond.
    pub fn parts(&self) -> (u8, u8, u8, u32) {
        (self.hour, self.minute, self.second, self.nanosecond)
    }

    /// Digits of the fraction of a second, as many as were written: 0 to 9.
    pub fn fraction_digits(&self) -> u8 {
        self.fraction_digits
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)?;
        write_fraction(f, self.fraction_digits, self.nanosecond)
    }
}

text_value!(Time via parse);
