//! The bytes being written.

use ehr_types::{Date, DateTime, Offset, Precision, Time};

/// A buffer with a cursor: space is made once for a piece of text, which is then put there in whole words.
pub(crate) struct Output {
    bytes: Vec<u8>,
    len: usize,
}

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

impl Output {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![0; 512],
            len: 0,
        }
    }

    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.truncate(self.len);
        self.bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Takes off what was written from `start` on.
    pub(crate) fn split_off(&mut self, start: usize) -> Vec<u8> {
        let tail = self.bytes.get(start..self.len).unwrap_or_default().to_vec();
        self.len = start.min(self.len);
        tail
    }

    /// Makes room for `more` bytes.
    #[inline]
    fn reserve(&mut self, more: usize) {
        if self.bytes.len() - self.len < more {
            self.grow(more);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        let size = (self.len + more).max(self.bytes.len() * 2);
        self.bytes.resize(size, 0);
    }

    #[inline]
    pub(crate) fn push(&mut self, byte: u8) {
        self.reserve(1);
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
        }
        self.len += 1;
    }

    /// Puts bytes that are mostly short: up to 32 of them without a call.
    #[inline]
    pub(crate) fn put(&mut self, text: &[u8]) {
        self.reserve(text.len());
        let Some(place) = self.bytes.get_mut(self.len..self.len + text.len()) else {
            return;
        };
        copy(place, text);
        self.len += text.len();
    }

    /// Puts a JSON string.
    #[inline]
    pub(crate) fn string(&mut self, text: &str) {
        let text = text.as_bytes();
        // Whole words are put before it is known how much of them is good, hence the room for one more.
        self.reserve(text.len() + 10);
        self.byte(b'"');
        let mut from = 0;
        loop {
            from = self.plain(text, from);
            let Some(byte) = text.get(from) else { break };
            self.escape(*byte);
            from += 1;
            self.reserve(text.len() - from + 10);
        }
        self.byte(b'"');
    }

    /// Puts a byte where there is room.
    #[inline]
    fn byte(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
        }
        self.len += 1;
    }

    /// Puts text, where there is room for it and a word, up to the first byte that must be escaped, and gives its offset.
    #[inline]
    fn plain(&mut self, text: &[u8], mut from: usize) -> usize {
        while let Some(chunk) = text
            .get(from..from + 8)
            .and_then(|chunk| <[u8; 8]>::try_from(chunk).ok())
        {
            if let Some(place) = self.bytes.get_mut(self.len..self.len + 8) {
                place.copy_from_slice(&chunk);
            }
            let stop = special(u64::from_le_bytes(chunk));
            if stop != 0 {
                let good = (stop.trailing_zeros() / 8) as usize;
                self.len += good;
                return from + good;
            }
            self.len += 8;
            from += 8;
        }
        let rest = text.get(from..).unwrap_or_default();
        let mut word = [0xff_u8; 8];
        for (to, byte) in word.iter_mut().zip(rest) {
            *to = *byte;
        }
        if let Some(place) = self.bytes.get_mut(self.len..self.len + 8) {
            place.copy_from_slice(&word);
        }
        let stop = special(u64::from_le_bytes(word));
        let good = if stop == 0 {
            rest.len()
        } else {
            (stop.trailing_zeros() / 8) as usize
        };
        self.len += good;
        from + good
    }

    #[cold]
    fn escape(&mut self, byte: u8) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let short = match byte {
            b'"' => b'"',
            b'\\' => b'\\',
            0x8 => b'b',
            0xc => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            _ => {
                let low = HEX.get(usize::from(byte & 15)).copied().unwrap_or(b'0');
                let high = if byte < 16 { b'0' } else { b'1' };
                self.put(&[b'\\', b'u', b'0', b'0', high, low]);
                return;
            }
        };
        self.put(&[b'\\', short]);
    }

    pub(crate) fn number(&mut self, mut value: u32) {
        let mut digits = [0_u8; 10];
        let mut count = 0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
            count += 1;
            if value == 0 {
                break;
            }
        }
        self.put(digits.get(10 - count..).unwrap_or_default());
    }

    #[inline]
    fn two(&mut self, before: u8, value: u8) {
        self.put(&[before, b'0' + value / 10, b'0' + value % 10]);
    }

    pub(crate) fn date(&mut self, date: Date) {
        let year = date.year();
        let (century, rest) = ((year / 100) as u8, (year % 100) as u8);
        self.put(&[
            b'"',
            b'0' + century / 10,
            b'0' + century % 10,
            b'0' + rest / 10,
            b'0' + rest % 10,
        ]);
        if let Some(month) = date.month() {
            self.two(b'-', month);
        }
        if let Some(day) = date.day() {
            self.two(b'-', day);
        }
        self.push(b'"');
    }

    /// A time that FHIR has a form for is put in it, whatever form it was read from; another as its source has it.
    pub(crate) fn date_time(&mut self, value: DateTime) {
        let offset = value.offset();
        let legal = match value.precision() {
            Precision::Year | Precision::Month | Precision::Day => offset == Offset::Unstated,
            Precision::Hour | Precision::Minute => false,
            Precision::Second | Precision::Fraction => offset != Offset::Unstated,
        };
        if !legal {
            return self.shown(value);
        }
        self.date(value.date());
        if value.precision() <= Precision::Day {
            return;
        }
        self.len -= 1; // the closing quote
        let (hour, minute, second, _) = value.time();
        self.two(b'T', hour);
        self.two(b':', minute);
        self.two(b':', second);
        if value.precision() == Precision::Fraction {
            let text = value.to_string();
            let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            self.push(b'.');
            self.put(fraction.as_bytes().get(..digits).unwrap_or_default());
        }
        match offset {
            Offset::Unstated => {}
            Offset::Utc => self.push(b'Z'),
            Offset::NegativeZero => self.put(b"-00:00"),
            Offset::Minutes(minutes) => {
                let size = minutes.unsigned_abs();
                self.two(if minutes < 0 { b'-' } else { b'+' }, (size / 60) as u8);
                self.two(b':', (size % 60) as u8);
            }
        }
        self.push(b'"');
    }

    pub(crate) fn time(&mut self, value: Time) {
        self.shown(value);
    }

    /// Dates and times have nothing to escape.
    fn shown(&mut self, value: impl std::fmt::Display) {
        self.push(b'"');
        self.put(value.to_string().as_bytes());
        self.push(b'"');
    }
}

/// A bit in the high end of each byte that JSON escapes; exact up to the first.
#[inline]
fn special(word: u64) -> u64 {
    let zero = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    let control = word.wrapping_sub(LOW * 0x20) & !word & HIGH;
    zero(word ^ (LOW * 0x22)) | zero(word ^ (LOW * 0x5c)) | control
}

/// Copies slices of the same length; two overlapping words do for most.
#[inline]
fn copy(to: &mut [u8], from: &[u8]) {
    fn ends<const N: usize>(to: &mut [u8], from: &[u8]) {
        if let (Some(to), Some(from)) = (to.first_chunk_mut::<N>(), from.first_chunk::<N>()) {
            *to = *from;
        }
        if let (Some(to), Some(from)) = (to.last_chunk_mut::<N>(), from.last_chunk::<N>()) {
            *to = *from;
        }
    }
    match from.len() {
        0 => {}
        1 => ends::<1>(to, from),
        2..=3 => ends::<2>(to, from),
        4..=7 => ends::<4>(to, from),
        8..=15 => ends::<8>(to, from),
        16..=32 => ends::<16>(to, from),
        _ => to.copy_from_slice(from),
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
    fn strings_of_every_length_and_escape() {
        for length in 0..70 {
            let text: String = (0..length).map(|n| char::from(b'a' + n % 26)).collect();
            assert_eq!(written(|out| out.string(&text)), format!("\"{text}\""));
            assert_eq!(written(|out| out.put(text.as_bytes())), text);
        }
        for position in 0..20 {
            for special in ['"', '\\', '\n', '\u{1}', '\u{1f}', 'é', '\u{1f600}', '\u{7f}'] {
                let mut text = "x".repeat(20);
                text.insert(position, special);
                let json = written(|out| out.string(&text));
                assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            }
        }
        assert_eq!(written(|out| out.string(&"long ".repeat(5_000))).len(), 25_002);
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
        assert_eq!(
            written(|out| out.time(Time::parse("08:00:00.5").unwrap())),
            "\"08:00:00.5\""
        );
        for number in [0, 7, 10, 4_294_967_295] {
            assert_eq!(written(|out| out.number(number)), number.to_string());
        }
    }
}
