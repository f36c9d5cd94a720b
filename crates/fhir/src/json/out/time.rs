//! Dates and times, digit by digit.

use ehr_types::{Date, DateTime, Offset, Precision, Time};

use super::Output;

/// The two digits of each number below 100.
#[allow(clippy::indexing_slicing)] // const context: an error would be one of compilation
const DIGITS: [[u8; 2]; 100] = {
    let mut digits = [[0; 2]; 100];
    let mut value = 0;
    while value < 100 {
        digits[value as usize] = [b'0' + value / 10, b'0' + value % 10];
        value += 1;
    }
    digits
};

#[inline]
fn digits(value: u8) -> [u8; 2] {
    DIGITS.get(usize::from(value % 100)).copied().unwrap_or(*b"00")
}

#[inline]
fn year(date: Date) -> [u8; 4] {
    let ([a, b], [c, d]) = (
        digits((date.year() / 100) as u8),
        digits((date.year() % 100) as u8),
    );
    [a, b, c, d]
}

impl Output {
    #[inline]
    fn array<const N: usize>(&mut self, text: [u8; N]) {
        self.bytes.extend_from_slice(&text);
    }

    pub(crate) fn date(&mut self, date: Date) {
        let [a, b, c, d] = year(date);
        match (date.month(), date.day()) {
            (Some(month), Some(day)) => {
                let (month, day) = (digits(month), digits(day));
                self.array([
                    b'"', a, b, c, d, b'-', month[0], month[1], b'-', day[0], day[1], b'"',
                ]);
            }
            (Some(month), None) => {
                let [tens, ones] = digits(month);
                self.array([b'"', a, b, c, d, b'-', tens, ones, b'"']);
            }
            (None, _) => self.array([b'"', a, b, c, d, b'"']),
        }
    }

    /// A time that FHIR has a form for is put in it, whatever form it was read from; another as its source has it.
    pub(crate) fn date_time(&mut self, value: DateTime) {
        let offset = value.offset();
        let (month, day) = match value.precision() {
            Precision::Year | Precision::Month | Precision::Day if offset == Offset::Unstated => {
                return self.date(value.date());
            }
            Precision::Second | Precision::Fraction if offset != Offset::Unstated => {
                (value.date().month(), value.date().day())
            }
            _ => (None, None),
        };
        let (Some(month), Some(day)) = (month, day) else {
            self.push(b'"');
            self.put(value.to_string().as_bytes());
            return self.push(b'"');
        };
        let (hour, minute, second, nanosecond) = value.time();
        let ([a, b, c, d], month, day) = (year(value.date()), digits(month), digits(day));
        let (hour, minute, second) = (digits(hour), digits(minute), digits(second));
        self.array([
            b'"', a, b, c, d, b'-', month[0], month[1], b'-', day[0], day[1], b'T', hour[0], hour[1], b':',
            minute[0], minute[1], b':', second[0], second[1],
        ]);
        self.fraction(value.fraction_digits(), nanosecond);
        match offset {
            Offset::Unstated => self.push(b'"'),
            Offset::Utc => self.array(*b"Z\""),
            Offset::NegativeZero => self.array(*b"-00:00\""),
            Offset::Minutes(minutes) => {
                let sign = if minutes < 0 { b'-' } else { b'+' };
                let size = minutes.unsigned_abs();
                let (hours, minutes) = (digits((size / 60) as u8), digits((size % 60) as u8));
                self.array([sign, hours[0], hours[1], b':', minutes[0], minutes[1], b'"']);
            }
        }
    }

    pub(crate) fn time(&mut self, value: Time) {
        let (hour, minute, second, nanosecond) = value.parts();
        let (hour, minute, second) = (digits(hour), digits(minute), digits(second));
        self.array([
            b'"', hour[0], hour[1], b':', minute[0], minute[1], b':', second[0], second[1],
        ]);
        self.fraction(value.fraction_digits(), nanosecond);
        self.push(b'"');
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
        let mut out = Output::new(false);
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
