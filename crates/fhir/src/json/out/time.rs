//! Dates and times, digit by digit.

use ehr_types::{Date, DateTime, Offset, Precision, Time};

use super::Output;

const fn tens(value: u8) -> u8 {
    b'0' + value / 10 % 10
}

const fn ones(value: u8) -> u8 {
    b'0' + value % 10
}

impl Output {
    #[inline]
    fn array<const N: usize>(&mut self, text: [u8; N]) {
        if let Some(place) = self.claim(N).first_chunk_mut::<N>() {
            *place = text;
        }
    }

    /// The quote that opens, and the year.
    #[inline]
    fn year(&mut self, date: Date) {
        let (century, year) = ((date.year() / 100) as u8, (date.year() % 100) as u8);
        self.array([b'"', tens(century), ones(century), tens(year), ones(year)]);
    }

    #[inline]
    fn month_or_day(&mut self, value: Option<u8>) {
        if let Some(value) = value {
            self.array([b'-', tens(value), ones(value)]);
        }
    }

    pub(crate) fn date(&mut self, date: Date) {
        self.year(date);
        self.month_or_day(date.month());
        self.month_or_day(date.day());
        self.push(b'"');
    }

    /// A time that FHIR has a form for is put in it, whatever form it was read from; another as its source has it.
    pub(crate) fn date_time(&mut self, value: DateTime) {
        let offset = value.offset();
        match value.precision() {
            Precision::Year | Precision::Month | Precision::Day if offset == Offset::Unstated => {
                return self.date(value.date());
            }
            Precision::Second | Precision::Fraction if offset != Offset::Unstated => {}
            _ => {
                self.push(b'"');
                self.put(value.to_string().as_bytes());
                return self.push(b'"');
            }
        }
        self.year(value.date());
        self.month_or_day(value.date().month());
        self.month_or_day(value.date().day());
        let (hour, minute, second, nanosecond) = value.time();
        self.push(b'T');
        self.clock(hour, minute, second);
        self.fraction(value.fraction_digits(), nanosecond);
        match offset {
            Offset::Unstated => self.push(b'"'),
            Offset::Utc => self.array(*b"Z\""),
            Offset::NegativeZero => self.array(*b"-00:00\""),
            Offset::Minutes(minutes) => {
                let sign = if minutes < 0 { b'-' } else { b'+' };
                let size = minutes.unsigned_abs();
                let (hours, minutes) = ((size / 60) as u8, (size % 60) as u8);
                self.array([
                    sign,
                    tens(hours),
                    ones(hours),
                    b':',
                    tens(minutes),
                    ones(minutes),
                    b'"',
                ]);
            }
        }
    }

    pub(crate) fn time(&mut self, value: Time) {
        let (hour, minute, second, nanosecond) = value.parts();
        self.push(b'"');
        self.clock(hour, minute, second);
        self.fraction(value.fraction_digits(), nanosecond);
        self.push(b'"');
    }

    #[inline]
    fn clock(&mut self, hour: u8, minute: u8, second: u8) {
        self.array([
            tens(hour),
            ones(hour),
            b':',
            tens(minute),
            ones(minute),
            b':',
            tens(second),
            ones(second),
        ]);
    }

    #[inline]
    fn fraction(&mut self, count: u8, mut nanosecond: u32) {
        if count == 0 {
            return;
        }
        let mut digits = [0_u8; 9];
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (nanosecond % 10) as u8;
            nanosecond /= 10;
        }
        self.push(b'.');
        self.put(digits.get(..usize::from(count)).unwrap_or(&digits));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(put: impl FnOnce(&mut Output)) -> String {
        let mut out = Output::new();
        put(&mut out);
        String::from_utf8(out.into_bytes()).unwrap()
    }

    #[test]
    fn dates_and_times_as_they_were_written() {
        for text in ["2012", "2012-08", "2012-08-06", "0001-01-01"] {
            assert_eq!(
                written(|out| out.date(Date::parse(text).unwrap())),
                format!("\"{text}\"")
            );
        }
        for text in [
            "2012",
            "2012-08-06",
            "2012-08-06T10:30:00Z",
            "2012-08-06T10:30:59.120-04:30",
            "2012-08-06T23:59:60.1+14:00",
            "2012-08-06T10:30:00-00:00",
            "2012-08-06T10:30:00+00:00",
            "2012-08-06T10:30:00.123456789Z",
            "2012-08-06T10:30:00.000Z",
            "9999-12-31T23:59:59.999+14:59",
        ] {
            assert_eq!(
                written(|out| out.date_time(DateTime::parse(text).unwrap())),
                format!("\"{text}\"")
            );
        }
        let v2 = DateTime::parse_hl7("20120806143000.50-0400").unwrap();
        assert_eq!(
            written(|out| out.date_time(v2)),
            "\"2012-08-06T14:30:00.50-04:00\""
        );
        for text in ["08:00:00", "08:00:00.5", "23:59:60.007"] {
            assert_eq!(
                written(|out| out.time(Time::parse(text).unwrap())),
                format!("\"{text}\"")
            );
        }
        for text in ["2012080614", "20120806143000"] {
            let lacking = DateTime::parse_hl7(text).unwrap();
            assert_eq!(written(|out| out.date_time(lacking)), format!("\"{text}\""));
        }
    }
}
