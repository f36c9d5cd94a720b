//! JSON as a tree that keeps the text of numbers, and a scanner that finds places in a text.

use crate::element::Str;

/// A JSON value.
#[derive(Clone, PartialEq)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Number(Str),
    String(Str),
    Array(Vec<Tree>),
    Object(Vec<(Str, Tree)>),
    /// What is nested too deeply to be looked into, or is a string but no text, as JSON.
    Raw(Box<str>),
}

/// Values nested deeper are kept as text. An element stands in a list at most: as deep as resources are read by default.
const MAX_DEPTH: usize = 2 * 128;

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

    /// Names and offsets of the members of the object here; as many as can be read.
    pub(super) fn members(&mut self) -> Vec<(Str, usize, &'a str)> {
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
            let Some(value) = self.skip() else { return out };
            out.push((name, start, value));
            if self.take(b',').is_none() {
                return out;
            }
        }
    }

    /// Names and offsets of the members of the object here, the last one perhaps broken off.
    pub(super) fn members_partly(&mut self) -> Vec<(Str, usize)> {
        let mut out = Vec::new();
        if self.take(b'{').is_none() {
            return out;
        }
        loop {
            let Some(name) = self.string() else { return out };
            if self.take(b':').is_none() || self.peek().is_none() {
                return out;
            }
            out.push((name, self.pos));
            if self.skip().is_none() || self.take(b',').is_none() {
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

    fn node(&mut self, depth: usize) -> Option<Tree> {
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

impl Tree {
    /// Reads a JSON text; `None` when it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Scanner::new(text, 0).node(0)
    }

    pub(super) fn string(text: impl AsRef<str>) -> Self {
        Self::String(Str::new(text))
    }

    /// The member of an object.
    #[inline(never)]
    pub(super) fn get(&self, name: &str) -> Option<&Tree> {
        self.members()
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    #[inline(never)]
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Tree> {
        match self {
            Self::Object(members) => members
                .iter_mut()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The members of an object.
    pub(super) fn members(&self) -> &[(Str, Tree)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The members of an object, taken out of it.
    pub(super) fn into_members(self) -> Vec<(Str, Tree)> {
        match self {
            Self::Object(members) => members,
            _ => Vec::new(),
        }
    }

    pub(super) fn items(&self) -> &[Tree] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Sets a member of an object.
    #[inline(never)]
    pub(super) fn set(&mut self, name: &str, value: Tree) {
        if let Some(old) = self.get_mut(name) {
            *old = value;
        } else {
            self.append(name, value);
        }
    }

    /// Adds a member that an object does not have.
    pub(super) fn append(&mut self, name: &str, value: Tree) {
        if let Self::Object(members) = self {
            members.push((Str::new(name), value));
        }
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Tree> {
        let Self::Object(members) = self else { return None };
        let at = members.iter().position(|(known, _)| known == name)?;
        Some(members.remove(at).1)
    }

    /// Appends to the array in a member, which is made where it is missing.
    pub(super) fn push(&mut self, name: &str, value: Tree) {
        match self.get_mut(name) {
            Some(Self::Array(items)) => items.push(value),
            _ => self.set(name, Tree::Array(vec![value])),
        }
    }

    /// Removes an item of the array in a member, and the array with the last one.
    pub(super) fn take_item(&mut self, name: &str, item: &Tree) {
        if let Some(Self::Array(items)) = self.get_mut(name) {
            items.retain(|other| other != item);
            if items.is_empty() {
                self.remove(name);
            }
        }
    }

    /// The JSON text, without white space.
    pub(super) fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => out.push_str(number),
            Self::String(text) => write_string(text, out),
            Self::Raw(text) => out.push_str(text),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    write_string(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Calls `visit` on every object, the outermost first.
    pub(super) fn each_object(&mut self, visit: &mut dyn FnMut(&mut Tree)) {
        if matches!(self, Self::Object(_)) {
            visit(self);
        }
        match self {
            Self::Object(members) => members.iter_mut().for_each(|(_, value)| value.each_object(visit)),
            Self::Array(items) => items.iter_mut().for_each(|item| item.each_object(visit)),
            _ => {}
        }
    }

    /// Calls `visit` with every Reference, by a literal, an identifier or a name, and the member of the root that it is in.
    pub(super) fn each_reference<'n>(&'n self, visit: &mut dyn FnMut(&'n str, &'n Tree)) {
        for (name, value) in self.members() {
            value.references_in(name, visit);
        }
    }

    fn references_in<'n>(&'n self, top: &'n str, visit: &mut dyn FnMut(&'n str, &'n Tree)) {
        match self {
            Self::Object(members) => {
                if self.is_reference() {
                    visit(top, self);
                }
                for (_, value) in members {
                    value.references_in(top, visit);
                }
            }
            Self::Array(items) => items.iter().for_each(|item| item.references_in(top, visit)),
            _ => {}
        }
    }

    /// Whether an object has the form of a Reference: a literal, or nothing but what else one has.
    fn is_reference(&self) -> bool {
        let members = self.members();
        let is_of = |name: &str| {
            matches!(
                name.trim_start_matches('_'),
                "type" | "identifier" | "display" | "id" | "extension"
            )
        };
        let is_named = |(name, value): &(Str, Tree)| match name.as_str() {
            "identifier" => matches!(value, Self::Object(_)),
            name => name == "display",
        };
        match self.get("reference") {
            Some(literal) => matches!(literal, Self::String(_)),
            None => {
                self.get("identifier")
                    .is_some_and(|identifier| matches!(identifier, Self::Object(_)))
                    || members.iter().any(is_named) && members.iter().all(|(name, _)| is_of(name))
            }
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter < ' ' => out.push_str(&format!("\\u{:04x}", letter as u32)),
            letter => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_both_ways() {
        for text in [
            r#"{"a":[1.00,-0,1e5],"b":"x\"\\\n","c":null,"d":{},"e":[],"f":true}"#,
            r#"{"a":"\ud83d x"}"#,
            "[]",
            "\"é\"",
        ] {
            assert_eq!(Tree::parse(text).unwrap().to_text(), text);
        }
        assert!(Tree::parse("{\"a\":").is_none());
        let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
        assert_eq!(Tree::parse(&deep).unwrap().to_text(), deep);
    }

    #[test]
    fn an_outline_has_offsets() {
        let text = r#" {"entry": [ {"resource": {"a": "}"}}, 5 ]} "#;
        let members = Scanner::new(text, 0).members();
        let (_, at, _) = members.first().unwrap();
        let items = Scanner::new(text, *at).items();
        assert_eq!(
            items.iter().map(|(_, text)| *text).collect::<Vec<_>>(),
            [r#"{"resource": {"a": "}"}}"#, "5"]
        );
    }
}
