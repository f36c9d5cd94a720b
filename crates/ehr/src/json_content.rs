//! JSON compared by content, independent of the FHIR codec.

/// Deeper nesting is not compared.
const DEEPEST: usize = 512;

/// The content of a JSON text in one canonical spelling: no white space, members sorted, strings decoded, numbers as
/// written. `None` when it is not JSON.
pub(crate) fn canonical(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)).ok()?;
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn take(&mut self, sign: char) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self, depth: usize) -> Option<String> {
        if depth > DEEPEST {
            return None;
        }
        self.space();
        match self.rest.chars().next()? {
            '{' => {
                let members = self.list('}', |reader| {
                    let name = reader.string()?;
                    reader.take(':').then_some(())?;
                    Some(format!("{name}:{}", reader.value(depth + 1)?))
                });
                let mut members = members?;
                members.sort();
                Some(format!("{{{}}}", members.join(",")))
            }
            '[' => Some(format!(
                "[{}]",
                self.list(']', |reader| reader.value(depth + 1))?.join(",")
            )),
            '"' => self.string(),
            _ => {
                let end = self
                    .rest
                    .find([',', ']', '}', ' ', '\t', '\r', '\n'])
                    .unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                (!word.is_empty()).then(|| word.to_owned())
            }
        }
    }

    fn list(&mut self, end: char, mut item: impl FnMut(&mut Self) -> Option<String>) -> Option<Vec<String>> {
        let mut items = Vec::new();
        self.rest = self.rest.get(1..)?;
        if self.take(end) {
            return Some(items);
        }
        loop {
            self.space();
            items.push(item(self)?);
            if self.take(end) {
                return Some(items);
            }
            self.take(',').then_some(())?;
        }
    }

    /// A string in quotes, so that it differs from a number or word; escaped is only what must be.
    fn string(&mut self) -> Option<String> {
        self.space();
        let body = self.rest.strip_prefix('"')?;
        let mut escaped = false;
        let end = body.bytes().position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        })?;
        let (inner, rest) = body.split_at(end);
        self.rest = rest.get(1..)?;
        Some(format!("\"{}\"", decode(inner)))
    }
}

/// The text between quotes with each character in one spelling; half of a surrogate pair stays an escape.
fn decode(inner: &str) -> String {
    let mut units: Vec<u16> = Vec::new();
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        let unit = if char == '\\' {
            match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap_or(0xFFFD));
                    continue;
                }
                other => other.unwrap_or('\\'),
            }
        } else {
            char
        };
        units.extend(unit.encode_utf16(&mut [0; 2]).iter());
    }
    let mut text = String::with_capacity(inner.len());
    for char in char::decode_utf16(units) {
        match char {
            Ok(char @ ('"' | '\\')) => text.extend(['\\', char]),
            Ok(char) => text.push(char),
            Err(half) => text.push_str(&format!("\\u{:04X}", half.unpaired_surrogate())),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn content_is_what_counts() {
        let a = canonical(br#"{"a": [1.00, "\u00e9\n"], "b": {}}"#);
        assert_eq!(a, canonical("{\"b\":{ },\"a\":[1.00,\"é\\n\"]}".as_bytes()));
        assert_ne!(a, canonical("{\"b\":{ },\"a\":[1.0,\"é\\n\"]}".as_bytes()));
        assert_ne!(canonical(b"[\"1\"]"), canonical(b"[1]"));
        assert_ne!(canonical(br#"["a\",\"b"]"#), canonical(br#"["a","b"]"#));
        assert_ne!(canonical(br#"["\ud800"]"#), canonical(br#"["\udbff"]"#));
        assert_eq!(canonical(br#"["\u005c\u0022"]"#), canonical(br#"["\\\""]"#));
        assert_eq!(canonical(b"[1] x"), None);
        assert_eq!(canonical(b"{\"a\""), None);
        assert!(canonical("[".repeat(100_000).as_bytes()).is_none());
    }
}
