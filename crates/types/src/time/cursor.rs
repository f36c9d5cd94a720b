//! Reading the digits of dates and times.

use super::ParseDateTimeError;
use super::date::Date;
use super::date_time::{DateTime, Offset, Precision};

pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl Cursor<'_> {
    pub(super) fn take(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), ParseDateTimeError> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(ParseDateTimeError::Form)
        }
    }

    pub(super) fn end(&self) -> Result<(), ParseDateTimeError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ParseDateTimeError::Form)
        }
    }

    pub(super) fn at_digit(&self) -> bool {
        self.0.first().is_some_and(u8::is_ascii_digit)
    }

    pub(super) fn digit(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        let digit = first.wrapping_sub(b'0');
        (digit < 10).then(|| {
            self.0 = rest;
            digit
        })
    }

    pub(super) fn pair(&mut self) -> Result<u8, ParseDateTimeError> {
        match (self.digit(), self.digit()) {
            (Some(tens), Some(ones)) => Ok(tens * 10 + ones),
            _ => Err(ParseDateTimeError::Form),
        }
    }

    pub(super) fn iso_date(&mut self) -> Result<Date, ParseDateTimeError> {
        let year = u16::from(self.pair()?) * 100 + u16::from(self.pair()?);
        let month = if self.take(b'-') { Some(self.pair()?) } else { None };
        let day = if month.is_some() && self.take(b'-') {
            Some(self.pair()?)
        } else {
            None
        };
        Date::new(year, month, day)
    }

    pub(super) fn fraction(&mut self, value: &mut DateTime) -> Result<(), ParseDateTimeError> {
        if !self.take(b'.') {
            return Ok(());
        }
        while let Some(digit) = self.digit() {
            if value.fraction_digits == 9 {
                return Err(ParseDateTimeError::Form);
            }
            value.fraction_digits += 1;
            value.nanosecond += u32::from(digit) * 10u32.pow(9 - u32::from(value.fraction_digits));
        }
        value.precision = Precision::Fraction;
        if value.fraction_digits > 0 {
            Ok(())
        } else {
            Err(ParseDateTimeError::Form)
        }
    }

    /// The offset, and whether it was cut to hours.
    pub(super) fn offset(&mut self, colon: bool) -> Result<(Offset, bool), ParseDateTimeError> {
        if self.take(b'Z') {
            return Ok((Offset::Utc, false));
        }
        let sign = if self.take(b'+') {
            1
        } else if self.take(b'-') {
            -1
        } else {
            return Ok((Offset::Unstated, false));
        };
        let hours = i16::from(self.pair()?);
        let short = !colon && self.0.is_empty();
        let minutes = if short {
            0
        } else {
            if colon {
                self.expect(b':')?;
            }
            i16::from(self.pair()?)
        };
        if minutes > 59 {
            return Err(ParseDateTimeError::Range);
        }
        let total = hours * 60 + minutes;
        let offset = if total == 0 && sign < 0 {
            Offset::NegativeZero
        } else {
            Offset::Minutes(sign * total)
        };
        Ok((offset, short))
    }
}
