//! A scanner that finds places in a JSON text, which need not be JSON to its end.

use super::json::{MAX_DEPTH, Tree};
use crate::element::Str;

/// A place in a JSON text, which need not be JSON to its end.
pub(super) struct Scanner<'a> {
    text: &'a str,
    pos: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, pos: usize) -> Self {
        Self { text, pos }
    }

    pub(super) fn position(&self) -> usize {
        self.pos
    }

    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.pos)?;
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.pos += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.pos += 1)
    }

    /// The text of a string, its quotes included.
    fn raw_string(&mut self) -> Option<&'a str> {
        self.peek().filter(|byte| *byte == b'"')?;
        let start = self.pos;
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        loop {
            at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
            if bytes.get(at) == Some(&b'"') {
                break;
            }
            at += 2;
        }
        self.pos = at + 1;
        self.text.get(start..self.pos)
    }

    fn string(&mut self) -> Option<Str> {
        let raw = self.raw_string()?;
        let inner = raw.get(1..raw.len() - 1)?;
        if inner.contains('\\') {
            return serde_json::from_str::<String>(raw)
                .ok()
                .map(Str::from)
                .or_else(|| Some(Str::new(inner)));
        }
        Some(Str::new(inner))
    }

    /// The text as a value: one that is none, for it has half of a surrogate pair, as it is written.
    fn text(&mut self) -> Option<Tree> {
        let start = self.pos;
        let raw = self.raw_string()?;
        if raw.contains("\\u") && serde_json::from_str::<String>(raw).is_err() {
            return Some(Tree::Raw(raw.into()));
        }
        self.pos = start;
        self.string().map(Tree::String)
    }

    /// Skips a value, without recursion; gives its text.
    pub(super) fn skip(&mut self) -> Option<&'a str> {
        self.peek()?;
        let start = self.pos;
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'{' | b'[' => {
                    depth += 1;
                    self.pos += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.pos += 1;
                }
                b'"' => {
                    self.raw_string()?;
                }
                b',' | b':' if depth > 0 => self.pos += 1,
                b',' | b':' => return None,
                _ => self.skip_word(),
            }
            if depth == 0 {
                return self.text.get(start..self.pos);
            }
        }
    }

    fn skip_word(&mut self) {
        let bytes = self.text.as_bytes();
        while bytes.get(self.pos).is_some_and(|byte| {
            !matches!(byte, b',' | b']' | b'}' | b':' | b'"' | b'{' | b'[') && !byte.is_ascii_whitespace()
        }) {
            self.pos += 1;
        }
    }

    /// Names, offsets and texts of the members of the object here; as many as can be read.
    pub(super) fn members(&mut self) -> Vec<(Str, usize, &'a str)> {
        let whole = |(name, start, value): (Str, usize, Option<&'a str>)| Some((name, start, value?));
        self.members_partly().into_iter().filter_map(whole).collect()
    }

    /// Names, offsets and texts of the members of the object here; the last one has no text when it is broken off.
    pub(super) fn members_partly(&mut self) -> Vec<(Str, usize, Option<&'a str>)> {
        let mut out = Vec::new();
        if self.take(b'{').is_none() {
            return out;
        }
        loop {
            let Some(name) = self.string() else { return out };
            if self.take(b':').is_none() || self.peek().is_none() {
                return out;
            }
            let start = self.pos;
            let value = self.skip();
            out.push((name, start, value));
            if value.is_none() || self.take(b',').is_none() {
                return out;
            }
        }
    }

    /// Offsets of the items of the array here; as many as can be read.
    pub(super) fn items(&mut self) -> Vec<(usize, &'a str)> {
        let mut out = Vec::new();
        if self.take(b'[').is_none() {
            return out;
        }
        loop {
            if self.peek().is_none_or(|byte| byte == b']') {
                return out;
            }
            let start = self.pos;
            let Some(value) = self.skip() else { return out };
            out.push((start, value));
            if self.take(b',').is_none() {
                return out;
            }
        }
    }

    pub(super) fn node(&mut self, depth: usize) -> Option<Tree> {
        if depth > MAX_DEPTH {
            return self.skip().map(|text| Tree::Raw(text.into()));
        }
        Some(match self.peek()? {
            b'{' => {
                self.pos += 1;
                let mut members = Vec::new();
                if self.peek()? == b'}' {
                    self.pos += 1;
                    return Some(Tree::Object(members));
                }
                loop {
                    let name = self.string()?;
                    self.take(b':')?;
                    members.push((name, self.node(depth + 1)?));
                    if self.take(b',').is_none() {
                        self.take(b'}')?;
                        break;
                    }
                }
                Tree::Object(members)
            }
            b'[' => {
                self.pos += 1;
                let mut items = Vec::new();
                if self.peek()? == b']' {
                    self.pos += 1;
                    return Some(Tree::Array(items));
                }
                loop {
                    items.push(self.node(depth + 1)?);
                    if self.take(b',').is_none() {
                        self.take(b']')?;
                        break;
                    }
                }
                Tree::Array(items)
            }
            b'"' => self.text()?,
            _ => match self.skip()? {
                "null" => Tree::Null,
                "true" => Tree::Bool(true),
                "false" => Tree::Bool(false),
                number => Tree::Number(Str::new(number)),
            },
        })
    }
}
