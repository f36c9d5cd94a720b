//! The bytes being written.

mod time;

use super::scan::{Marks, SPACES, plain_len, special};
use crate::element::Key;
use crate::r4::table::KEY;

/// A buffer. Texts are put in whole words: more than there is, or twice in the middle, and then cut to size.
pub(crate) struct Output {
    bytes: Vec<u8>,
    /// Whether each member and item has a line of its own.
    pretty: bool,
    /// How many objects and arrays are open: two spaces each before a line.
    pub(crate) depth: usize,
}

/// Length of a comma and a line feed.
const LINE_START: usize = 2;

/// What goes before a member on a line of its own: as much of it as the depth asks for.
const LINE: [u8; 64] = {
    let mut line = [b' '; 64];
    line[0] = b',';
    line[1] = b'\n';
    line
};

impl Output {
    pub(crate) fn new(pretty: bool) -> Self {
        Self {
            bytes: Vec::with_capacity(512),
            pretty,
            depth: 0,
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Takes off what was written from `start` on.
    pub(crate) fn split_off(&mut self, start: usize) -> Vec<u8> {
        self.bytes.split_off(start.min(self.bytes.len()))
    }

    #[inline]
    pub(crate) fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// Puts bytes as they are.
    #[inline]
    pub(crate) fn put(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
    }

    /// Puts a member with a text, `,"name":"text"`, after its key `,"name":`.
    #[inline(never)]
    pub(crate) fn text_member(&mut self, key: Key, text: &str) {
        if self.pretty {
            self.key_on_a_line(key);
            return self.string(text);
        }
        // The quote that opens the text follows the key in the table.
        self.key_and(key, 1);
        self.rest_of_string(text);
    }

    /// Puts the key of a member, with a comma before it.
    #[inline]
    pub(crate) fn key(&mut self, key: Key) {
        if self.pretty {
            return self.key_on_a_line(key);
        }
        self.key_and(key, 0);
    }

    /// Puts a key, and as many bytes of what follows it in the table.
    #[inline]
    fn key_and(&mut self, key: Key, following: usize) {
        let length = key.len() + following;
        match key.and_more() {
            Some(more) if length <= KEY => {
                let end = self.bytes.len() + length;
                self.bytes.extend_from_slice(more);
                self.bytes.truncate(end);
            }
            _ => self.bytes.extend_from_slice(key.text_and(following)),
        }
    }

    #[inline(never)]
    fn key_on_a_line(&mut self, key: Key) {
        self.lead_in(&LINE);
        match key.without_comma_and_more() {
            Some(more) if key.len() <= KEY => {
                let end = self.bytes.len() + key.len() - 1;
                self.bytes.extend_from_slice(more);
                self.bytes.truncate(end);
            }
            _ => self.bytes.extend_from_slice(key.without_comma()),
        }
        self.bytes.push(b' ');
    }

    /// Puts the member that names the type of a resource, with a comma before it.
    #[inline(never)]
    pub(crate) fn resource_type(&mut self, name: &str) {
        self.push(b',');
        self.line();
        self.put(b"\"resourceType\"");
        self.colon();
        self.string(name);
    }

    /// Puts what is between the name of a member and its value.
    #[inline]
    pub(crate) fn colon(&mut self) {
        self.put(if self.pretty { b": " } else { b":" });
    }

    /// Starts a line, if there are to be lines.
    #[inline]
    pub(crate) fn line(&mut self) {
        if self.pretty {
            self.lead_in(LINE.get(1..).unwrap_or_default());
        }
    }

    /// Length of what [`line`](Self::line) puts.
    pub(crate) fn line_len(&self) -> usize {
        if self.pretty { 1 + 2 * self.depth } else { 0 }
    }

    /// Puts the start of a line as deep as it should be: `line`, more spaces when these are not enough, cut to size.
    #[inline]
    fn lead_in(&mut self, line: &[u8]) {
        let before = LINE_START - (LINE.len() - line.len());
        let end = self.bytes.len() + before + 2 * self.depth;
        self.bytes.extend_from_slice(line);
        while self.bytes.len() < end {
            self.bytes
                .extend_from_slice(LINE.get(LINE_START..).unwrap_or_default());
        }
        self.bytes.truncate(end);
    }

    /// Puts a JSON string.
    #[inline]
    pub(crate) fn string(&mut self, text: &str) {
        self.bytes.push(b'"');
        self.rest_of_string(text);
    }

    /// Puts a JSON string but for the quote that opens it.
    #[inline]
    fn rest_of_string(&mut self, text: &str) {
        let start = self.bytes.len();
        if !put_quoted(&mut self.bytes, text.as_bytes()) {
            self.escaped(start, text.as_bytes());
        }
    }

    /// Puts braces around the members that were written from `start` on, each with a comma before it.
    #[inline]
    pub(crate) fn enclose(&mut self, start: usize) {
        if self.bytes.len() == start {
            return self.put(b"{}");
        }
        if let Some(comma) = self.bytes.get_mut(start) {
            *comma = b'{';
        }
        self.line();
        self.push(b'}');
    }

    /// Puts again, with escapes and the quote, the text that was put from `start` on as if it had none.
    #[cold]
    #[inline(never)]
    fn escaped(&mut self, start: usize, mut text: &[u8]) {
        self.bytes.truncate(start);
        loop {
            let (plain, rest) = text.split_at_checked(plain_len(text)).unwrap_or((text, &[]));
            self.put(plain);
            let Some((byte, rest)) = rest.split_first() else {
                break;
            };
            self.escape(*byte);
            text = rest;
        }
        self.push(b'"');
    }

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
}

/// Puts a text and a quote, and says whether the text has nothing to escape.
#[expect(clippy::inline_always, reason = "it is most of what its caller does")]
#[inline(always)]
fn put_quoted(to: &mut Vec<u8>, from: &[u8]) -> bool {
    let (start, length) = (to.len(), from.len());
    if let (Some(first), Some(last)) = (from.first_chunk::<32>(), from.last_chunk::<32>()) {
        let mut marks = Marks::NONE.and_of_both(first).and_of_both(last);
        to.extend_from_slice(first);
        if length > 64 {
            for words in from.as_chunks::<32>().0.iter().skip(1) {
                to.extend_from_slice(words);
                marks = marks.and_of_both(words);
            }
        }
        to.truncate(start + length - last.len());
        to.extend_from_slice(&with_quote::<32, 33>(last));
        return marks.is_empty();
    }
    if let (Some(first), Some(last)) = (from.first_chunk::<16>(), from.last_chunk::<16>()) {
        to.extend_from_slice(first);
        to.truncate(start + length - last.len());
        to.extend_from_slice(&with_quote::<16, 17>(last));
        return Marks::NONE.and_of(first).and_of(last).is_empty();
    }
    // Shorter texts are put in one go: their two halves, which meet or overlap, and the quote.
    let plain = if let (Some(first), Some(last)) = (from.first_chunk::<8>(), from.last_chunk::<8>()) {
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        let text = u128::from(first) | u128::from(last) << (8 * (length - 8));
        to.extend_from_slice(&(text | u128::from(b'"') << (8 * length)).to_le_bytes());
        special(first) | special(last) == 0
    } else if let (Some(first), Some(last)) = (from.first_chunk::<4>(), from.last_chunk::<4>()) {
        let (first, last) = (
            u64::from(u32::from_le_bytes(*first)),
            u64::from(u32::from_le_bytes(*last)),
        );
        let text = first | last << (8 * (length - 4));
        to.extend_from_slice(&(text | u64::from(b'"') << (8 * length)).to_le_bytes());
        special(first | last << 32) == 0
    } else if let (Some(first), Some(middle), Some(last)) = (from.first(), from.get(length / 2), from.last())
    {
        let middle = u64::from(*middle) << (8 * (length / 2));
        let text = u64::from(*first) | middle | u64::from(*last) << (8 * (length - 1));
        to.extend_from_slice(&(text | u64::from(b'"') << (8 * length)).to_le_bytes());
        special(text | SPACES << (8 * length)) == 0
    } else {
        to.push(b'"');
        return true;
    };
    to.truncate(start + length + 1);
    plain
}

/// The end of a text with a quote after it.
#[inline]
fn with_quote<const N: usize, const LONGER: usize>(text: &[u8; N]) -> [u8; LONGER] {
    let mut out = [b'"'; LONGER];
    if let Some(start) = out.first_chunk_mut() {
        *start = *text;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::{Element, Field};
    use crate::r4::{RESOURCE_NAMES, Resource};

    fn written(put: impl FnOnce(&mut Output)) -> String {
        let mut out = Output::new(false);
        put(&mut out);
        String::from_utf8(out.into_bytes()).unwrap()
    }

    #[test]
    fn lines_of_every_depth() {
        for depth in 0..200 {
            let mut out = Output::new(true);
            out.depth = depth;
            out.line();
            out.resource_type("Basic");
            let line = format!("\n{}", "  ".repeat(depth));
            assert_eq!(
                String::from_utf8(out.into_bytes()).unwrap(),
                format!(r#"{line},{line}"resourceType": "Basic""#)
            );
        }
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
    fn every_byte_is_escaped_or_not_wherever_it_stands() {
        for length in 1..20 {
            for position in 0..length {
                for special in 0..128_u8 {
                    let mut text = vec![b'~'; length];
                    text[position] = special;
                    let text = String::from_utf8(text).unwrap();
                    let json = serde_json::to_string(&text).unwrap();
                    assert_eq!(written(|out| out.string(&text)), json);
                    assert_eq!(
                        written(|out| out.text_member(Field::ID.key(), &text)),
                        format!(",\"id\":{json}")
                    );
                }
            }
        }
    }

    #[test]
    fn keys_of_every_length() {
        let elements: Vec<Resource> = RESOURCE_NAMES
            .iter()
            .filter_map(|name| Resource::new(name))
            .collect();
        let fields = elements
            .iter()
            .filter_map(Resource::as_element)
            .flat_map(|node| node.describe().fields);
        let mut longest = 0;
        for field in fields {
            let (key, name) = (field.key(), field.name());
            assert_eq!(written(|out| out.key(key)), format!(",\"{name}\":"));
            assert_eq!(
                written(|out| out.text_member(key, "x")),
                format!(",\"{name}\":\"x\"")
            );
            longest = longest.max(key.len());
        }
        // Longer ones than are copied in one go are among them.
        assert!(longest > KEY);
    }

    #[test]
    fn members_are_enclosed() {
        assert_eq!(written(|out| out.enclose(0)), "{}");
        let object = written(|out| {
            out.push(b'[');
            out.put(b",\"a\":");
            out.number(1);
            out.text_member(Field::ID.key(), "b");
            out.enclose(1);
        });
        assert_eq!(object, r#"[{"a":1,"id":"b"}"#);
    }

    #[test]
    fn numbers() {
        for number in [0, 7, 10, 4_294_967_295] {
            assert_eq!(written(|out| out.number(number)), number.to_string());
        }
    }
}
