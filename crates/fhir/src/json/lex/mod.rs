//! JSON tokens over bytes (RFC 8259).

mod string;

pub(crate) use self::string::Text;
use super::scan::{SPACES, is_same};
use crate::element::Key;

/// A position in a JSON text.
pub(crate) struct Lexer<'a> {
    pub(crate) text: &'a str,
    pub(crate) pos: usize,
    /// What is open while a value is skipped: `true` for an object.
    open: Vec<bool>,
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
        let there = self.bytes().get(self.pos..self.pos + key.len());
        let here = there.is_some_and(|there| is_same(there, key));
        self.pos += if here { key.len() } else { 0 };
        here
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
}
