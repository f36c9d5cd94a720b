//! Points in time.

use std::fmt;

#[cfg(feature = "values")]
use serde::{Deserialize, Serialize};

use super::cursor::Cursor;
use super::date::Date;
use super::{ParseDateTimeError, text_value, write_fraction};

/// How far a [`DateTime`] is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "values",
    derive(Serialize, Deserialize),
    serde(rename_all = "lowercase")
)]
pub enum Precision {
    /// The year only.
    Year,
    /// Year and month.
    Month,
    /// The day.
    Day,
    /// The hour.
    Hour,
    /// The minute.
    Minute,
    /// The second.
    Second,
    /// A fraction of a second.
    Fraction,
}

/// What a source said of the time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Offset {
    /// Nothing: local time of an unknown place.
    Unstated,
    /// `Z`.
    Utc,
    /// Minutes east of UTC, written with a sign.
    Minutes(i16),
    /// `-00:00` or `-0000`: UTC, place unknown (RFC 3339 section 4.3).
    NegativeZero,
}

impl Offset {
    /// Minutes east of UTC, where stated.
    pub fn minutes(self) -> Option<i16> {
        match self {
            Self::Unstated => None,
            Self::Utc | Self::NegativeZero => Some(0),
            Self::Minutes(minutes) => Some(minutes),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Form {
    Iso,
    Hl7,
    /// HL7 with the offset cut to hours: `+05`.
    Hl7HourOffset,
}

/// A point in time known from the year down to fractions of a second, with or without a zone.
///
/// Reads FHIR [dateTime](https://hl7.org/fhir/R4/datatypes.html#dateTime) and instant, HL7 v2 DTM and TS
/// (chapter 2A) and C-CDA TS. [`Display`](fmt::Display) gives back the very text that was read; times are compared
/// as intervals with [`relation`](Self::relation). `==` and the order compare what was written and serve to sort and find,
/// not to reason.
///
/// ```
/// use ehr_types::{DateTime, TimeRelation};
/// let fhir = DateTime::parse("2012-08-06T10:30:00-04:00").unwrap();
/// let v2 = DateTime::parse_hl7("201208061430+0000").unwrap();
/// assert_eq!(v2.to_string(), "201208061430+0000");
/// assert_eq!(v2.to_fhir().text, "2012-08-06T14:30:00+00:00");
/// assert_eq!(fhir.relation(&v2), TimeRelation::Overlapping); // the minute contains the second
/// assert_eq!(fhir.relation(&DateTime::parse("2013").unwrap()), TimeRelation::Before);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime {
    pub(super) date: Date,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) precision: Precision,
    pub(super) fraction_digits: u8,
    form: Form,
    pub(super) nanosecond: u32,
    pub(super) offset: Offset,
}

/// A [`DateTime`] in the form that FHIR allows, and whether that form says all that the source said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FhirDateTime {
    /// A legal FHIR dateTime.
    pub text: String,
    /// False when FHIR has no form for the time: without a zone, or known to the hour, only the day is in `text`.
    pub complete: bool,
}

impl DateTime {
    /// Reads a FHIR dateTime or instant: `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ss[.fff](Z|±hh:mm)`.
    ///
    /// # Errors
    /// When the text has another form (FHIR demands seconds and a zone with every time) or there is no such moment.
    pub fn parse(text: &str) -> Result<Self, ParseDateTimeError> {
        let value = Self::parse_iso(text)?;
        let legal = value.precision <= Precision::Day
            || (value.precision >= Precision::Second && value.offset != Offset::Unstated);
        if legal {
            Ok(value)
        } else {
            Err(ParseDateTimeError::Form)
        }
    }

    /// Reads an ISO 8601 time that may lack its seconds or its zone, as sources outside FHIR write it.
    ///
    /// # Errors
    /// When the text has another form or there is no such moment.
    pub fn parse_iso(text: &str) -> Result<Self, ParseDateTimeError> {
        let mut cursor = Cursor(text.as_bytes());
        let mut value = Self::from(cursor.iso_date()?);
        if cursor.take(b'T') {
            if value.precision != Precision::Day {
                return Err(ParseDateTimeError::Form);
            }
            value.hour = cursor.pair()?;
            value.precision = Precision::Hour;
            if cursor.take(b':') {
                value.minute = cursor.pair()?;
                value.precision = Precision::Minute;
                if cursor.take(b':') {
                    value.second = cursor.pair()?;
                    value.precision = Precision::Second;
                    cursor.fraction(&mut value)?;
                }
            }
            value.offset = cursor.offset(true)?.0;
        }
        cursor.end()?;
        value.checked()
    }

    /// Reads an HL7 v2 DTM/TS or a C-CDA TS: `YYYY[MM[DD[hh[mm[ss[.ffff]]]]]][±hhmm]`.
    ///
    /// An offset of two digits (`+05`) or `Z` is read too, and kept as written.
    ///
    /// # Errors
    /// When the text has another form or there is no such moment.
    pub fn parse_hl7(text: &str) -> Result<Self, ParseDateTimeError> {
        let mut cursor = Cursor(text.as_bytes());
        let (century, year) = (cursor.pair()?, cursor.pair()?);
        let mut parts = [0u8; 5];
        let mut count = 0;
        for part in &mut parts {
            if !cursor.at_digit() {
                break;
            }
            *part = cursor.pair()?;
            count += 1;
        }
        let [month, day, hour, minute, second] = parts;
        let date = Date::new(
            u16::from(century) * 100 + u16::from(year),
            (count > 0).then_some(month),
            (count > 1).then_some(day),
        )?;
        let mut value = Self {
            hour,
            minute,
            second,
            form: Form::Hl7,
            ..Self::from(date)
        };
        value.precision = match count {
            0 => Precision::Year,
            1 => Precision::Month,
            2 => Precision::Day,
            3 => Precision::Hour,
            4 => Precision::Minute,
            _ => Precision::Second,
        };
        if count == 5 {
            cursor.fraction(&mut value)?;
        }
        let (offset, short) = cursor.offset(false)?;
        value.offset = offset;
        if short {
            value.form = Form::Hl7HourOffset;
        }
        // `2012-08` is an ISO month, not a year in the zone of UTC−8.
        if offset != Offset::Unstated && (count < 2 || (short && count < 3)) {
            return Err(ParseDateTimeError::Form);
        }
        cursor.end()?;
        // A lone year is written alike in both forms, and equal texts are equal values.
        if value.precision == Precision::Year {
            value.form = Form::Iso;
        }
        value.checked()
    }

    /// Reads either form, ISO or HL7.
    ///
    /// # Errors
    /// When the text has neither form or there is no such moment.
    pub fn parse_any(text: &str) -> Result<Self, ParseDateTimeError> {
        Self::parse_iso(text).or_else(|_| Self::parse_hl7(text))
    }

    pub(super) fn checked(self) -> Result<Self, ParseDateTimeError> {
        let offset_ok = self
            .offset
            .minutes()
            .is_none_or(|minutes| minutes.abs() <= 14 * 60 + 59);
        if self.hour < 24 && self.minute < 60 && self.second <= 60 && offset_ok {
            Ok(self)
        } else {
            Err(ParseDateTimeError::Range)
        }
    }

    /// The date part.
    pub fn date(&self) -> Date {
        self.date
    }

    /// How far the time is known.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// What was said of the time zone.
    pub fn offset(&self) -> Offset {
        self.offset
    }

    /// Hour, minute, second and nanosecond, zero where not known.
    pub fn time(&self) -> (u8, u8, u8, u32) {
        (self.hour, self.minute, self.second, self.nanosecond)
    }

    /// Digits of the fraction of a second, as many as were written: 0 to 9.
    pub fn fraction_digits(&self) -> u8 {
        self.fraction_digits
    }

    /// Whether it is a FHIR instant: a zone, and known to the second or better.
    pub fn is_instant(&self) -> bool {
        self.precision >= Precision::Second && self.offset != Offset::Unstated
    }

    /// The same reading of the clock with `offset`, where the source stated none.
    ///
    /// For a default that the source itself or the caller gives, such as the zone of MSH-7 (HL7 v2 chapter 2A, DTM).
    #[must_use]
    pub fn with_default_offset(mut self, offset: Offset) -> Self {
        if self.offset == Offset::Unstated && self.precision > Precision::Day {
            self.offset = offset;
        }
        self
    }

    /// The same time in the form of ISO 8601, as far as it is known, whatever form was read.
    ///
    /// ```
    /// use ehr_types::DateTime;
    /// let time = DateTime::parse_hl7("202609141015-0400").unwrap();
    /// assert_eq!(time.to_iso().to_string(), "2026-09-14T10:15-04:00");
    /// ```
    pub fn to_iso(&self) -> Self {
        Self {
            form: Form::Iso,
            ..*self
        }
    }

    /// The time as FHIR allows it. Seconds that were not written are zero-filled as FHIR demands; a time
    /// without a zone, or known only to the hour, falls back to its day and is not `complete`.
    pub fn to_fhir(&self) -> FhirDateTime {
        if self.precision <= Precision::Day {
            return FhirDateTime {
                text: self.date.to_string(),
                complete: self.offset == Offset::Unstated,
            };
        }
        if self.precision == Precision::Hour || self.offset == Offset::Unstated {
            return FhirDateTime {
                text: self.date.to_string(),
                complete: false,
            };
        }
        let precision = self.precision.max(Precision::Second);
        FhirDateTime {
            text: Self {
                precision,
                ..self.to_iso()
            }
            .to_string(),
            complete: true,
        }
    }
}

impl From<Date> for DateTime {
    fn from(date: Date) -> Self {
        let precision = match (date.month, date.day) {
            (0, _) => Precision::Year,
            (_, 0) => Precision::Month,
            _ => Precision::Day,
        };
        Self {
            date,
            hour: 0,
            minute: 0,
            second: 0,
            precision,
            fraction_digits: 0,
            form: Form::Iso,
            nanosecond: 0,
            offset: Offset::Unstated,
        }
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let iso = self.form == Form::Iso;
        let (colon, dash) = if iso { (":", "-") } else { ("", "") };
        write!(f, "{:04}", self.date.year)?;
        if self.precision >= Precision::Month {
            write!(f, "{dash}{:02}", self.date.month)?;
        }
        if self.precision >= Precision::Day {
            write!(f, "{dash}{:02}", self.date.day)?;
        }
        if self.precision >= Precision::Hour {
            write!(f, "{}{:02}", if iso { "T" } else { "" }, self.hour)?;
        }
        if self.precision >= Precision::Minute {
            write!(f, "{colon}{:02}", self.minute)?;
        }
        if self.precision >= Precision::Second {
            write!(f, "{colon}{:02}", self.second)?;
        }
        write_fraction(f, self.fraction_digits, self.nanosecond)?;
        match self.offset {
            Offset::Unstated => Ok(()),
            Offset::Utc => f.write_str("Z"),
            offset => {
                let minutes = offset.minutes().unwrap_or(0);
                let sign = if minutes < 0 || offset == Offset::NegativeZero {
                    '-'
                } else {
                    '+'
                };
                write!(f, "{sign}{:02}", minutes.abs() / 60)?;
                if self.form == Form::Hl7HourOffset {
                    Ok(())
                } else {
                    write!(f, "{colon}{:02}", minutes.abs() % 60)
                }
            }
        }
    }
}

text_value!(DateTime via parse_any);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TimeRelation;

    #[test]
    fn every_form_gives_back_its_text() {
        for text in [
            "2012",
            "2012-08",
            "2012-08-06",
            "2012-08-06T10:30:00Z",
            "2012-08-06T10:30:60.1200-00:00",
            "2016-02-29T00:00:00.123456789+14:00",
        ] {
            assert_eq!(DateTime::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "2012",
            "201208",
            "20120806",
            "2012080610",
            "201208061030-0400",
            "20120806103000.0001+05",
            "20120806+0000",
            "20120806103000Z",
        ] {
            assert_eq!(DateTime::parse_hl7(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "12",
            "2012-8",
            "2012-13",
            "2013-02-29",
            "0000",
            "2012-08-06T10:30:00",
            "2012-08-06T24:00:00Z",
            "2012-08-06 10:30",
            "2012-08-06T10:30Z",
            "２０１２",
        ] {
            assert!(DateTime::parse(text).is_err(), "{text}");
        }
        for text in [
            "",
            "2012-08",
            "201313",
            "2012080625",
            "20120806103000.",
            "20120806+5",
            "20120806103000.1234567891",
        ] {
            assert!(DateTime::parse_hl7(text).is_err(), "{text}");
        }
    }

    #[test]
    fn fhir_form_never_invents_a_zone() {
        let local = DateTime::parse_hl7("201208061030").unwrap();
        assert_eq!(
            local.to_fhir(),
            FhirDateTime {
                text: "2012-08-06".into(),
                complete: false
            }
        );
        let zoned = local.with_default_offset(Offset::Minutes(-300));
        assert_eq!(
            zoned.to_fhir(),
            FhirDateTime {
                text: "2012-08-06T10:30:00-05:00".into(),
                complete: true
            }
        );
    }

    #[test]
    fn times_compare_as_intervals() {
        let at = |text| DateTime::parse_any(text).unwrap();
        assert_eq!(
            at("2012-08-06T23:30:00-04:00").relation(&at("2012-08-07T03:30:00Z")),
            TimeRelation::Same
        );
        assert_eq!(at("2012").relation(&at("2012-08-06")), TimeRelation::Overlapping);
        assert_eq!(at("2012-08").relation(&at("2012-09")), TimeRelation::Before);
        assert_eq!(
            at("2012-08-06").relation(&at("20120806103000")),
            TimeRelation::Overlapping
        );
    }
}
