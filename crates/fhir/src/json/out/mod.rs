//! The bytes being written.

mod time;

use super::scan::{SPACES, plain_len, special};

/// A buffer with a cursor: room is claimed once for a piece of text, which is then put there in whole words.
///
/// What lies ahead of the cursor is zeroed in steps so small that they are still in the nearest cache when they are
/// written, which makes the zeroes nearly free.
pub(crate) struct Output {
    bytes: Vec<u8>,
    len: usize,
}

/// Bytes that are zeroed in one step.
const STEP: usize = 8 * 1024;

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

    /// Moves the cursor on and gives the room left behind it, to be filled.
    #[inline]
    fn claim(&mut self, size: usize) -> &mut [u8] {
        let start = self.len;
        if self.bytes.len() - start < size {
            self.grow(size);
        }
        self.len = start + size;
        self.bytes.get_mut(start..start + size).unwrap_or_default()
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        let need = self.len + more;
        self.bytes.reserve(need - self.bytes.len());
        let size = (need + STEP).min(self.bytes.capacity());
        self.bytes.resize(size, 0);
    }

    #[inline]
    pub(crate) fn push(&mut self, byte: u8) {
        if let [place] = self.claim(1) {
            *place = byte;
        }
    }

    /// Puts bytes that are mostly short: up to 32 of them without a call.
    #[inline]
    pub(crate) fn put(&mut self, text: &[u8]) {
        copy(self.claim(text.len()), text);
    }

    /// Puts a member with a text, `,"name":"text"`, after its key `,"name":`.
    #[inline]
    pub(crate) fn text_member(&mut self, key: &[u8], text: &str) {
        let room = self.claim(key.len() + text.len() + 2);
        if let Some((start, value)) = room.split_at_mut_checked(key.len()) {
            copy(start, key);
            if !fill_string(value, text.as_bytes()) {
                self.escaped(text.as_bytes());
            }
        }
    }

    /// Puts a JSON string.
    #[inline]
    pub(crate) fn string(&mut self, text: &str) {
        if !fill_string(self.claim(text.len() + 2), text.as_bytes()) {
            self.escaped(text.as_bytes());
        }
    }

    /// Puts braces around the members that were written from `start` on, each with a comma before it.
    #[inline]
    pub(crate) fn enclose(&mut self, start: usize) {
        if self.len == start {
            return self.put(b"{}");
        }
        if let Some(comma) = self.bytes.get_mut(start) {
            *comma = b'{';
        }
        self.push(b'}');
    }

    /// Puts again, with escapes, a string that was put as if it had none.
    #[cold]
    #[inline(never)]
    fn escaped(&mut self, mut text: &[u8]) {
        self.len -= text.len() + 2;
        self.push(b'"');
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

/// Whether the text is now there as a JSON string; not when some byte of it must be escaped.
#[inline]
fn fill_string(room: &mut [u8], text: &[u8]) -> bool {
    let [open, place @ .., close] = room else {
        return false;
    };
    (*open, *close) = (b'"', b'"');
    copy_plain(place, text)
}

/// Copies a slice of the same length, and says whether it has nothing to escape.
#[inline]
fn copy_plain(to: &mut [u8], from: &[u8]) -> bool {
    let mut found = 0;
    if let (Some(to_end), Some(end)) = (to.last_chunk_mut::<8>(), from.last_chunk::<8>()) {
        *to_end = *end;
        found |= special(u64::from_le_bytes(*end));
        for (to, from) in to.as_chunks_mut::<8>().0.iter_mut().zip(from.as_chunks::<8>().0) {
            *to = *from;
            found |= special(u64::from_le_bytes(*from));
        }
        return found == 0;
    }
    if let (Some(start), Some(end)) = (from.first_chunk::<4>(), from.last_chunk::<4>()) {
        copy(to, from);
        let word = u64::from(u32::from_le_bytes(*start)) | u64::from(u32::from_le_bytes(*end)) << 32;
        return special(word) == 0;
    }
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
        found |= special(u64::from(*from) | SPACES << 8);
    }
    found == 0
}

/// Copies a slice of the same length; two overlapping words do for most.
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
        len => {
            if let Some(to) = to.get_mut(..len) {
                to.copy_from_slice(from);
            }
        }
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
                        written(|out| out.text_member(b",\"n\":", &text)),
                        format!(",\"n\":{json}")
                    );
                }
            }
        }
    }

    #[test]
    fn members_are_enclosed() {
        assert_eq!(written(|out| out.enclose(0)), "{}");
        let object = written(|out| {
            out.push(b'[');
            out.put(b",\"a\":");
            out.number(1);
            out.text_member(b",\"birthDate\":", "b");
            out.enclose(1);
        });
        assert_eq!(object, r#"[{"a":1,"birthDate":"b"}"#);
    }

    #[test]
    fn numbers() {
        for number in [0, 7, 10, 4_294_967_295] {
            assert_eq!(written(|out| out.number(number)), number.to_string());
        }
    }
}
