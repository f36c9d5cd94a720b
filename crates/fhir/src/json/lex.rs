//! JSON tokens over bytes (RFC 8259).

use std::borrow::Cow;
use std::fmt::Write as _;

use super::scan::{SPACES, special};
use crate::element::Key;

/// A position in a JSON text.
pub(crate) struct Lexer<'a> {
    pub(crate) text: &'a str,
    pub(crate) pos: usize,
    /// What is open while a value is skipped: `true` for an object.
    open: Vec<bool>,
}

/// A string token.
pub(crate) struct Text<'a> {
    pub(crate) value: Cow<'a, str>,
    /// An unpaired surrogate was written, which no text can hold; it became U+FFFD.
    pub(crate) lone_surrogate: bool,
    /// A control character stands in it unescaped.
    pub(crate) control: bool,
}

/// Why reading ends before the text does, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) at: usize,
    pub(crate) why: Why,
}

/// Why reading ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The text is not JSON: this should stand there.
    Expected(&'static str),
    /// There are more elements than the limit.
    TooManyElements,
}

/// Whether the text is one JSON value.
pub(crate) fn is_json(text: &str) -> bool {
    let mut lexer = Lexer::new(text);
    lexer.skip_value().is_ok() && {
        lexer.next_token();
        lexer.pos == text.len()
    }
}

/// The value of a member of a JSON object, when it is a string.
pub(crate) fn text_member(json: &str, name: &str) -> Option<String> {
    let mut lexer = Lexer::new(json);
    let at = lexer.member(name).ok()??;
    lexer.pos = at;
    if lexer.peek() != b'"' {
        return None;
    }
    let text = lexer.string().ok().filter(|text| !text.lone_surrogate)?;
    Some(text.value.into_owned())
}

/// A name as it is written between its quotes, its escapes replaced.
pub(crate) fn decode_name(written: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(written).ok()?;
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let quoted = format!("\"{text}\"");
    let name = Lexer::new(&quoted).string().ok()?;
    Some(Cow::Owned(name.value.into_owned()))
}

/// The text of a JSON value on one line, so that it may stand in a line of NDJSON: without white space where there are line
/// ends, and with control characters in strings escaped.
pub(crate) fn one_line(json: &str) -> Cow<'_, str> {
    if !json.bytes().any(|byte| byte < b' ') {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if !in_string && matches!(c, ' ' | '\n' | '\r' | '\t') {
            continue;
        }
        if in_string && c < ' ' {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
        if !escaped && c == '"' {
            in_string = !in_string;
        }
        escaped = in_string && !escaped && c == '\\';
    }
    Cow::Owned(out)
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            pos: 0,
            open: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The next byte, 0 at the end (which is no token either).
    #[inline]
    pub(crate) fn peek(&self) -> u8 {
        self.bytes().get(self.pos).copied().unwrap_or(0)
    }

    pub(crate) fn broken<T>(&self, expected: &'static str) -> Result<T, Broken> {
        Err(Broken {
            at: self.pos,
            why: Why::Expected(expected),
        })
    }

    /// Skips whitespace and gives the next byte.
    #[inline]
    pub(crate) fn next_token(&mut self) -> u8 {
        let byte = self.peek();
        if byte > b' ' { byte } else { self.skip_whitespace() }
    }

    fn skip_whitespace(&mut self) -> u8 {
        let bytes = self.bytes();
        let mut pos = self.pos;
        loop {
            match bytes.get(pos) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => pos += 1,
                Some(byte) => {
                    self.pos = pos;
                    return *byte;
                }
                None => {
                    self.pos = pos;
                    return 0;
                }
            }
            while let Some(chunk) = bytes
                .get(pos..pos + 8)
                .and_then(|chunk| <[u8; 8]>::try_from(chunk).ok())
            {
                let other = u64::from_le_bytes(chunk) ^ SPACES;
                if other != 0 {
                    pos += (other.trailing_zeros() / 8) as usize;
                    break;
                }
                pos += 8;
            }
        }
    }

    /// Takes the byte, or says what was expected.
    #[inline]
    pub(crate) fn take(&mut self, byte: u8, expected: &'static str) -> Result<(), Broken> {
        if self.next_token() == byte {
            self.pos += 1;
            Ok(())
        } else {
            self.broken(expected)
        }
    }

    /// Takes the key, `"name":`, if it is the one that stands here.
    #[inline]
    pub(crate) fn take_key(&mut self, key: Key) -> bool {
        let key = key.without_comma();
        let here = self.bytes().get(self.pos..self.pos + key.len()) == Some(key);
        self.pos += if here { key.len() } else { 0 };
        here
    }

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

    /// Reads a number token and gives its text; the next byte must be a digit or `-`.
    #[inline]
    pub(crate) fn number(&mut self) -> Result<&'a str, Broken> {
        let bytes = self.bytes();
        let digits = |mut pos: usize| {
            while bytes.get(pos).is_some_and(u8::is_ascii_digit) {
                pos += 1;
            }
            pos
        };
        let start = self.pos;
        let int = start + usize::from(self.peek() == b'-');
        let mut end = digits(int);
        if end == int || (end > int + 1 && bytes.get(int) == Some(&b'0')) {
            return self.broken("a number");
        }
        if bytes.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            if fraction == end + 1 {
                return self.broken("a number");
            }
            end = fraction;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent == end + 1 + sign {
                return self.broken("a number");
            }
            end = exponent;
        }
        self.pos = end;
        Ok(self.text.get(start..end).unwrap_or_default())
    }

    /// Takes a literal such as `true`.
    #[inline]
    pub(crate) fn literal(&mut self, literal: &'static str) -> Result<(), Broken> {
        if self.bytes().get(self.pos..self.pos + literal.len()) == Some(literal.as_bytes()) {
            self.pos += literal.len();
            Ok(())
        } else {
            self.broken("a value")
        }
    }

    /// Skips one value, checking that it is JSON; without recursion, so that depth does not matter.
    pub(crate) fn skip_value(&mut self) -> Result<(), Broken> {
        self.open.clear();
        loop {
            match self.next_token() {
                b'{' => {
                    self.pos += 1;
                    if self.next_token() == b'}' {
                        self.pos += 1;
                    } else {
                        self.open.push(true);
                        self.skip_key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.pos += 1;
                    if self.next_token() == b']' {
                        self.pos += 1;
                    } else {
                        self.open.push(false);
                        continue;
                    }
                }
                b'"' => {
                    self.string()?;
                }
                b't' => self.literal("true")?,
                b'f' => self.literal("false")?,
                b'n' => self.literal("null")?,
                b'-' | b'0'..=b'9' => {
                    self.number()?;
                }
                _ => return self.broken("a value"),
            }
            // A value ended: close what ends with it.
            loop {
                let Some(object) = self.open.last().copied() else {
                    return Ok(());
                };
                match (self.next_token(), object) {
                    (b',', true) => {
                        self.pos += 1;
                        self.skip_key()?;
                        break;
                    }
                    (b',', false) => {
                        self.pos += 1;
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        self.pos += 1;
                        self.open.pop();
                    }
                    (_, true) => return self.broken("`,` or `}`"),
                    (_, false) => return self.broken("`,` or `]`"),
                }
            }
        }
    }

    /// Where the value of a member of the object that starts here stands.
    pub(crate) fn member(&mut self, name: &str) -> Result<Option<usize>, Broken> {
        self.next_token();
        self.take(b'{', "`{`")?;
        while self.next_token() == b'"' {
            let key = self.string()?;
            self.take(b':', "`:`")?;
            self.next_token();
            if key.value == name {
                return Ok(Some(self.pos));
            }
            self.skip_value()?;
            if self.next_token() != b',' {
                break;
            }
            self.pos += 1;
        }
        Ok(None)
    }

    fn skip_key(&mut self) -> Result<(), Broken> {
        if self.next_token() != b'"' {
            return self.broken("a member name");
        }
        self.string()?;
        self.take(b':', "`:`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skip(text: &str) -> Result<usize, Broken> {
        let mut lexer = Lexer::new(text);
        lexer.skip_value().map(|()| lexer.pos)
    }

    #[test]
    fn skipping_accepts_json_and_nothing_else() {
        for text in [
            "{}",
            "[]",
            "[1,2.5e-3,-0,\"a\\u00e9\\n\",null,true,false]",
            "{\"a\":{\"b\":[{}]} , \"c\":[]}",
            " 1",
        ] {
            assert_eq!(skip(text), Ok(text.len()), "{text}");
        }
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "01",
            "1.",
            "1e",
            "-",
            "tru",
            "\"",
            "\"\\x\"",
            "[}",
            "{]",
            "\"\\u12g4\"",
        ] {
            assert!(skip(text).is_err(), "{text}");
        }
        assert_eq!(skip(&"[".repeat(1_000_000)).unwrap_err().at, 1_000_000);
    }

    #[test]
    fn values_are_put_on_one_line() {
        for (json, line) in [
            ("{\"a b\" : [1, 2]}", "{\"a b\" : [1, 2]}"),
            (
                "{\n  \"a b\": [1.0,\r\n\t\"x\\\" y\\\\\" , 2]\n}",
                "{\"a b\":[1.0,\"x\\\" y\\\\\",2]}",
            ),
            ("\"a\tb\n\"", "\"a\\u0009b\\u000a\""),
        ] {
            assert_eq!(one_line(json), line);
        }
    }

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
