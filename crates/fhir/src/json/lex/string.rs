//! String tokens.

use std::borrow::Cow;

use super::{Broken, Lexer};
use crate::json::scan::special;

/// A string token.
pub(crate) struct Text<'a> {
    pub(crate) value: Cow<'a, str>,
    /// An unpaired surrogate was written, which no text can hold; it became U+FFFD.
    pub(crate) lone_surrogate: bool,
    /// A control character stands in it unescaped.
    pub(crate) control: bool,
}

impl<'a> Lexer<'a> {
    /// Offset of the first quote, backslash or control character from `pos` on.
    #[inline]
    fn string_stop(&self, mut pos: usize) -> usize {
        let bytes = self.bytes();
        while let Some(chunk) = bytes
            .get(pos..pos + 8)
            .and_then(|chunk| <[u8; 8]>::try_from(chunk).ok())
        {
            let stop = special(u64::from_le_bytes(chunk));
            if stop != 0 {
                return pos + (stop.trailing_zeros() / 8) as usize;
            }
            pos += 8;
        }
        while let Some(byte) = bytes.get(pos) {
            if matches!(byte, b'"' | b'\\' | ..0x20) {
                break;
            }
            pos += 1;
        }
        pos
    }

    /// Reads a string token; the next byte must be its opening quote.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<Text<'a>, Broken> {
        let start = self.pos + 1;
        let stop = self.string_stop(start);
        if self.bytes().get(stop) == Some(&b'"') {
            self.pos = stop + 1;
            let value = Cow::Borrowed(self.text.get(start..stop).unwrap_or_default());
            return Ok(Text {
                value,
                lone_surrogate: false,
                control: false,
            });
        }
        self.string_with_escapes(start, stop)
    }

    #[cold]
    #[inline(never)]
    fn string_with_escapes(&mut self, start: usize, mut stop: usize) -> Result<Text<'a>, Broken> {
        let mut value = String::new();
        let (mut from, mut lone_surrogate, mut control) = (start, false, false);
        loop {
            value.push_str(self.text.get(from..stop).unwrap_or_default());
            self.pos = stop;
            match self.bytes().get(stop) {
                Some(b'"') => {
                    self.pos = stop + 1;
                    return Ok(Text {
                        value: Cow::Owned(value),
                        lone_surrogate,
                        control,
                    });
                }
                Some(b'\\') => {
                    match self.escape()? {
                        Some(c) => value.push(c),
                        None => {
                            lone_surrogate = true;
                            value.push(char::REPLACEMENT_CHARACTER);
                        }
                    }
                    from = self.pos;
                }
                Some(byte) => {
                    control = true;
                    value.push(char::from(*byte));
                    from = stop + 1;
                }
                None => return self.broken("the end of the string"),
            }
            stop = self.string_stop(from);
        }
    }

    /// Reads an escape; `None` for a surrogate without its partner.
    fn escape(&mut self) -> Result<Option<char>, Broken> {
        let c = match self.bytes().get(self.pos + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let Some(high) = self.hex(self.pos + 2) else {
                    return self.broken("four hexadecimal digits");
                };
                self.pos += 6;
                if !(0xd800..0xe000).contains(&high) {
                    return Ok(char::from_u32(high));
                }
                let paired = high < 0xdc00 && self.bytes().get(self.pos..self.pos + 2) == Some(b"\\u");
                let low = if paired { self.hex(self.pos + 2) } else { None };
                return Ok(match low {
                    Some(low @ 0xdc00..=0xdfff) => {
                        self.pos += 6;
                        char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
                    }
                    _ => None,
                });
            }
            _ => return self.broken("an escape"),
        };
        self.pos += 2;
        Ok(Some(c))
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.bytes().get(at..at + 4)?;
        digits.iter().try_fold(0, |value, byte| {
            Some(value * 16 + char::from(*byte).to_digit(16)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_unescaped() {
        let check = |json: &str, value: &str, lone, control| {
            let text = Lexer::new(json).string().unwrap();
            assert_eq!(
                (text.value.as_ref(), text.lone_surrogate, text.control),
                (value, lone, control),
                "{json}"
            );
        };
        check("\"plain text over eight\"", "plain text over eight", false, false);
        check(
            "\"a\\/b\\\\c\\\"\\b\\f\\n\\r\\t\"",
            "a/b\\c\"\u{8}\u{c}\n\r\t",
            false,
            false,
        );
        check("\"\\ud83d\\ude00\"", "\u{1f600}", false, false);
        check("\"x\\ud83dy\"", "x\u{fffd}y", true, false);
        check("\"\\ud83d\\u0041\"", "\u{fffd}A", true, false);
        check("\"tab\there\"", "tab\there", false, true);
    }
}
