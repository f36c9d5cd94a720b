//! Times: DT, TM, DTM and TS, DR, and the timing of orders TQ, RI, RPT.

use ehr_types::{DateTime, ParseDateTimeError};

use super::coded::Cwe;
use super::datatype;
use super::measure::{Cq, Nm};
use crate::value::Value;

datatype! {
    /// DTM, date and time; also TS, of which it is the first part.
    Dtm = "DTM" {
        /// TS.2: degree of precision in versions up to 2.2 (table 0529): `Y`, `L`, `D`, `H`, `M`, `S`.
        degree_of_precision: Value = 2,
    }
}

datatype! {
    /// DT, date: `YYYY[MM[DD]]`.
    Dt = "DT" {}
}

datatype! {
    /// TM, time of day: `HH[MM[SS[.S[S[S[S]]]]]][+/-ZZZZ]`.
    Tm = "TM" {}
}

datatype! {
    /// DR, range of dates and times.
    Dr = "DR" {
        /// DR.1: start.
        start: Dtm = 1,
        /// DR.2: end.
        end: Dtm = 2,
    }
}

datatype! {
    /// RI, repeat interval, inside of TQ.
    Ri = "RI" {
        /// RI.1: pattern (table 0335): `Q6H`, `BID`.
        repeat_pattern: Value = 1,
        /// RI.2: explicit times of the day, with commas between them.
        explicit_time_interval: Value = 2,
    }
}

datatype! {
    /// RPT, repeat pattern (TQ1-3).
    Rpt = "RPT" {
        /// RPT.1: code of the pattern (table 0335).
        repeat_pattern_code: Cwe = 1,
        /// RPT.2: what of the calendar it is bound to (table 0527).
        calendar_alignment: Value = 2,
        /// RPT.3: begin of the phase.
        phase_range_begin: Nm = 3,
        /// RPT.4: end of the phase.
        phase_range_end: Nm = 4,
        /// RPT.5: length of the period.
        period_quantity: Nm = 5,
        /// RPT.6: units of the period.
        period_units: Value = 6,
        /// RPT.7: whether the institution chooses the times (table 0136).
        institution_specified_time: Value = 7,
        /// RPT.8: event that it is bound to (table 0528).
        event: Value = 8,
        /// RPT.9: distance from the event.
        event_offset_quantity: Nm = 9,
        /// RPT.10: units of the distance.
        event_offset_units: Value = 10,
        /// RPT.11: the same as a General Timing Specification.
        general_timing_specification: Value = 11,
    }
}

datatype! {
    /// TQ, timing and quantity (ORC-7, OBR-27, RXE-1 of versions up to 2.6).
    Tq = "TQ" {
        /// TQ.1: quantity at each time.
        quantity: Cq = 1,
        /// TQ.2: interval between times.
        interval: Ri = 2,
        /// TQ.3: duration: `S30`, `M5`, `H2`, `D7`, `W3`, `L2`, `X4`, `INDEF`.
        duration: Value = 3,
        /// TQ.4: start.
        start: Dtm = 4,
        /// TQ.5: end.
        end: Dtm = 5,
        /// TQ.6: priority: `S`, `A`, `R`.
        priority: Value = 6,
        /// TQ.7: condition, as text.
        condition: Value = 7,
        /// TQ.8: the whole instruction, as text.
        text: Value = 8,
        /// TQ.9: how the next repetition follows (table 0472).
        conjunction: Value = 9,
        /// TQ.10: order sequencing.
        order_sequencing: Value = 10,
        /// TQ.11: duration of one occurrence.
        occurrence_duration: Cwe = 11,
        /// TQ.12: number of occurrences.
        total_occurrences: Nm = 12,
    }
}

impl<'m> Dtm<'m> {
    /// What is written.
    pub fn value(&self) -> Value<'m> {
        self.0.part(1).value()
    }

    /// The time, as precise as it is written and with its offset; `None` when nothing or null is
    /// written. Spaces around it are passed over.
    ///
    /// # Errors
    /// The inner result is an error when the text is no time.
    ///
    /// ```
    /// use ehr_hl7v2::{datatype::Dtm, Message};
    /// use ehr_types::Precision;
    /// let message = Message::parse(b"MSH|^~\\&\rPID|||||||198007\r")?;
    /// let birth: Dtm = message.first("PID").and_then(|pid| pid.field(7).read()).ok_or("no date")?;
    /// let birth = birth.date_time().ok_or("null")??;
    /// assert_eq!(birth.precision(), Precision::Month);
    /// assert_eq!(birth.to_string(), "198007");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn date_time(&self) -> Option<Result<DateTime, ParseDateTimeError>> {
        self.value().text().map(|text| DateTime::parse_hl7(text.trim()))
    }
}

impl<'m> Dt<'m> {
    /// What is written.
    pub fn value(&self) -> Value<'m> {
        self.0.part(1).value()
    }

    /// The date; `None` when nothing or null is written. Senders do write times here: they are kept.
    ///
    /// # Errors
    /// The inner result is an error when the text is no date.
    pub fn date_time(&self) -> Option<Result<DateTime, ParseDateTimeError>> {
        self.value().text().map(|text| DateTime::parse_hl7(text.trim()))
    }
}

/// A time of day as precise as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Clock {
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, where written.
    pub minute: Option<u8>,
    /// Second, where written.
    pub second: Option<u8>,
    /// Billionths of a second, where a fraction is written.
    pub nanosecond: Option<u32>,
    /// Minutes east of UTC, where written.
    pub offset: Option<i16>,
}

/// Shows the precision, not the time.
impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self {
                nanosecond: Some(_), ..
            } => "Clock(to the fraction)",
            Self { second: Some(_), .. } => "Clock(to the second)",
            Self { minute: Some(_), .. } => "Clock(to the minute)",
            Self { .. } => "Clock(to the hour)",
        })
    }
}

impl<'m> Tm<'m> {
    /// What is written.
    pub fn value(&self) -> Value<'m> {
        self.0.part(1).value()
    }

    /// The time of day; `None` when nothing or null is written.
    ///
    /// # Errors
    /// The inner result is an error when the text is no time of day.
    pub fn clock(&self) -> Option<Result<Clock, ParseDateTimeError>> {
        self.value().text().map(|text| parse_clock(text.trim()))
    }
}

fn parse_clock(text: &str) -> Result<Clock, ParseDateTimeError> {
    let (time, offset) = match text.find(['+', '-']) {
        Some(at) => text.split_at_checked(at).ok_or(ParseDateTimeError::Form)?,
        None => (text, ""),
    };
    let (time, fraction) = match time.split_once('.') {
        Some((time, fraction)) => (time, Some(fraction)),
        None => (time, None),
    };
    let pair = |text: &str, at: usize, most: u8| -> Result<Option<u8>, ParseDateTimeError> {
        let Some(digits) = text.get(at..at + 2) else {
            return if text.len() <= at {
                Ok(None)
            } else {
                Err(ParseDateTimeError::Form)
            };
        };
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseDateTimeError::Form);
        }
        let number = digits.parse::<u8>().map_err(|_| ParseDateTimeError::Form)?;
        if number > most {
            Err(ParseDateTimeError::Range)
        } else {
            Ok(Some(number))
        }
    };
    if time.len() > 6 || time.len() % 2 != 0 {
        return Err(ParseDateTimeError::Form);
    }
    let hour = pair(time, 0, 23)?.ok_or(ParseDateTimeError::Form)?;
    let (minute, second) = (pair(time, 2, 59)?, pair(time, 4, 60)?);
    let nanosecond = match fraction {
        None => None,
        Some(digits) if second.is_some() && matches!(digits.len(), 1..=9) => {
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(ParseDateTimeError::Form);
            }
            format!("{digits:0<9}").parse().ok()
        }
        Some(_) => return Err(ParseDateTimeError::Form),
    };
    let offset = match offset.split_at_checked(1) {
        None => None,
        Some((sign, digits)) if matches!(digits.len(), 2 | 4) => {
            let hours = pair(digits, 0, 14)?.ok_or(ParseDateTimeError::Form)?;
            let minutes = i16::from(hours) * 60 + i16::from(pair(digits, 2, 59)?.unwrap_or(0));
            Some(if sign == "-" { -minutes } else { minutes })
        }
        Some(_) => return Err(ParseDateTimeError::Form),
    };
    Ok(Clock {
        hour,
        minute,
        second,
        nanosecond,
        offset,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_as_precise_as_written() {
        let clock = |hour, minute, second, nanosecond, offset| {
            Ok(Clock {
                hour,
                minute,
                second,
                nanosecond,
                offset,
            })
        };
        for (text, expected) in [
            ("09", clock(9, None, None, None, None)),
            ("0930", clock(9, Some(30), None, None, None)),
            (
                "235959.25-0500",
                clock(23, Some(59), Some(59), Some(250_000_000), Some(-300)),
            ),
            ("0930+01", clock(9, Some(30), None, None, Some(60))),
            ("2400", Err(ParseDateTimeError::Range)),
            ("9", Err(ParseDateTimeError::Form)),
            ("093", Err(ParseDateTimeError::Form)),
            ("0930.5", Err(ParseDateTimeError::Form)),
            ("é930", Err(ParseDateTimeError::Form)),
            ("0930+", Err(ParseDateTimeError::Form)),
            ("", Err(ParseDateTimeError::Form)),
        ] {
            assert_eq!(parse_clock(text), expected, "{text}");
        }
    }
}
