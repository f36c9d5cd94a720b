//! Bytes in hexadecimal inside of a text: `\X..\`.

use std::borrow::Cow;

use crate::charset::Charset;

/// How the bytes of `\X..\` are read as text.
///
/// ```
/// use ehr_hl7v2::{HexReading, Message, ParseOptions};
/// let source = br"MSH|^~\&|caf\X00E9\";
/// let mut options = ParseOptions::default();
/// options.hex = HexReading::Utf16;
/// let message = Message::parse_with(&source[..], &options)?;
/// assert_eq!(message.get("MSH-3")?.text(), Some("café"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HexReading {
    /// Bytes in the character set of the message, as the standard has it (chapter 2.7.5).
    #[default]
    Charset,
    /// Code units of UTF-16, four digits each and most significant first, as some senders write
    /// them. A sequence with another number of digits, and one of line ends alone (`\X0D0A\`), is
    /// read as [`Self::Charset`].
    Utf16,
}

impl HexReading {
    /// How the one sequence of these digits is to be read.
    pub(crate) fn of(self, digits: &str) -> Self {
        let line_ends = || hex_bytes(digits).all(|byte| matches!(byte, b'\r' | b'\n'));
        if digits.len().is_multiple_of(4) && !line_ends() {
            self
        } else {
            Self::Charset
        }
    }

    /// The text of bytes that were written in hexadecimal; `None` when they are none.
    fn decode<'b>(self, bytes: &'b [u8], charset: &Charset) -> Option<Cow<'b, str>> {
        match self {
            Self::Charset => charset.decode(bytes),
            Self::Utf16 => encoding_rs::UTF_16BE.decode_without_bom_handling_and_without_replacement(bytes),
        }
    }

    /// Whether the one sequence of these digits is text.
    pub(crate) fn reads(self, digits: &str, charset: &Charset) -> bool {
        let bytes: Vec<u8> = hex_bytes(digits).collect();
        bytes.is_ascii() || self.of(digits).decode(&bytes, charset).is_some()
    }
}

/// Neighbouring sequences `\X..\`: one character may be spread over them.
#[derive(Default)]
pub(crate) struct HexRun {
    bytes: Vec<u8>,
    source: String,
    pub(crate) reading: HexReading,
}

impl HexRun {
    pub(crate) fn push(&mut self, digits: &str, source: &str) {
        self.bytes.extend(hex_bytes(digits));
        self.source.push_str(source);
    }

    /// Writes out the bytes as text, or as they were written when they are none.
    pub(crate) fn flush(&mut self, charset: &Charset, out: &mut String) {
        if self.bytes.is_empty() {
            return;
        }
        match self.reading.decode(&self.bytes, charset) {
            Some(text) => out.push_str(&text),
            None => out.push_str(&self.source),
        }
        self.bytes.clear();
        self.source.clear();
    }
}

/// The bytes of an even number of hexadecimal digits.
fn hex_bytes(digits: &str) -> impl Iterator<Item = u8> + '_ {
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or(0) as u8;
    digits
        .as_bytes()
        .chunks(2)
        .map(move |pair| pair.iter().fold(0, |byte, digit| byte << 4 | value(*digit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delimiters::Delimiters;
    use crate::escape::unescape_as;

    #[test]
    fn hexadecimal_utf16_is_read_where_asked_for() {
        let read =
            |text, reading| unescape_as(text, &Delimiters::STANDARD, &Charset::UTF_8, reading).into_owned();
        for (text, utf16, bytes) in [
            (r"\X00E9\", "é", r"\X00E9\"),
            (r"\XD83D\\XDE00\", "😀", r"\XD83D\\XDE00\"),
            (r"\X00E900E8\", "éè", r"\X00E900E8\"),
            (r"\X0D0A\\X00E9\", "\r\né", r"\X0D0A\\X00E9\"),
            (r"\X41\\X0042\", "AB", "A\0B"),
            (r"\XD83D\!", r"\XD83D\!", r"\XD83D\!"),
            (r"\XC3\\XA9\", "é", "é"),
        ] {
            assert_eq!(read(text, HexReading::Utf16), utf16, "{text}");
            assert_eq!(read(text, HexReading::Charset), bytes, "{text}");
        }
        assert!(HexReading::Utf16.reads("00E9", &Charset::UTF_8));
        assert!(!HexReading::Utf16.reads("D83D", &Charset::UTF_8));
        assert!(!HexReading::Charset.reads("E9", &Charset::UTF_8));
    }
}
