//! From bytes to text: byte order marks, the declared encoding, and the way back to byte offsets.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// How offsets in the decoded text correspond to offsets in the source bytes.
///
/// Between two points the correspondence is linear: `stride` source bytes for each decoded byte.
#[derive(Clone, Debug, Default)]
pub(super) struct OffsetMap {
    points: Vec<(u32, u32)>,
    stride: usize,
}

impl OffsetMap {
    /// The offset in the source of the text offset `decoded`.
    pub(super) fn source(&self, decoded: usize) -> usize {
        let index = self.points.partition_point(|(d, _)| *d as usize <= decoded);
        let (d, s) = index
            .checked_sub(1)
            .and_then(|i| self.points.get(i))
            .copied()
            .unwrap_or((0, 0));
        s as usize + (decoded - d as usize) * self.stride.max(1)
    }

    fn starting_at(source: usize, stride: usize) -> Self {
        Self {
            points: vec![(0, source as u32)],
            stride,
        }
    }

    /// From here on the text offset `decoded` is the source offset `source`.
    fn push(&mut self, decoded: usize, source: usize) {
        self.points.push((decoded as u32, source as u32));
    }
}

/// What was noticed while decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EncodingNote {
    /// Bytes that the encoding does not allow, at this source offset; read as Windows-1252.
    InvalidBytes(usize),
    /// The declared encoding is not one that is known; read as UTF-8.
    UnknownEncoding,
    /// The declaration says one thing and the byte order mark another; the mark wins.
    Contradiction,
}

/// Places of bad bytes that are noted one by one; a binary file would give millions.
const MAX_NOTES: usize = 20;

/// Notes a place of bad bytes.
fn note_invalid(notes: &mut Vec<EncodingNote>, at: usize) {
    if notes.len() < MAX_NOTES {
        notes.push(EncodingNote::InvalidBytes(at));
    }
}

pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) map: OffsetMap,
    pub(super) notes: Vec<EncodingNote>,
}

/// The value of `encoding="…"` in an XML declaration written in an ASCII superset.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(256)).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let head = head.trim_start();
    let declaration = head.strip_prefix("<?xml")?.split("?>").next()?;
    let (_, after) = declaration.split_once("encoding")?;
    let after = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    after.get(1..)?.split(quote).next().map(str::to_owned)
}

/// Decodes a document. Never fails: what cannot be decoded is read byte by byte and noted.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let mut notes = Vec::new();
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => {
            if declared(bytes.get(3..).unwrap_or_default()).is_some_and(|name| is_utf16(&name)) {
                notes.push(EncodingNote::Contradiction);
            }
            utf8(bytes, 3, notes)
        }
        [0xFF, 0xFE, ..] => utf16(bytes, 2, u16::from_le_bytes, notes),
        [0xFE, 0xFF, ..] => utf16(bytes, 2, u16::from_be_bytes, notes),
        [b'<', 0, ..] => utf16(bytes, 0, u16::from_le_bytes, notes),
        [0, b'<', ..] => utf16(bytes, 0, u16::from_be_bytes, notes),
        _ => match declared(bytes) {
            None => utf8(bytes, 0, notes),
            // The declaration was readable as ASCII, so the bytes are not UTF-16.
            Some(name) if is_utf16(&name) => {
                notes.push(EncodingNote::Contradiction);
                utf8(bytes, 0, notes)
            }
            Some(name) => match Encoding::for_label(name.as_bytes()) {
                Some(encoding) if encoding == encoding_rs::UTF_8 => utf8(bytes, 0, notes),
                Some(encoding) => foreign(bytes, encoding, notes),
                None => {
                    notes.push(EncodingNote::UnknownEncoding);
                    utf8(bytes, 0, notes)
                }
            },
        },
    }
}

fn is_utf16(name: &str) -> bool {
    name.get(..6)
        .is_some_and(|head| head.eq_ignore_ascii_case("utf-16"))
        || name.eq_ignore_ascii_case("ucs-2")
}

fn utf8(bytes: &[u8], skip: usize, mut notes: Vec<EncodingNote>) -> Decoded {
    let mut rest = bytes.get(skip..).unwrap_or_default();
    let mut map = OffsetMap::starting_at(skip, 1);
    let mut text = String::with_capacity(rest.len());
    loop {
        match std::str::from_utf8(rest) {
            Ok(valid) => {
                text.push_str(valid);
                return Decoded { text, map, notes };
            }
            Err(error) => {
                let (valid, bad) = rest.split_at(error.valid_up_to());
                text.push_str(&String::from_utf8_lossy(valid));
                let length = error.error_len().unwrap_or(bad.len()).max(1).min(bad.len());
                let (bad, after) = bad.split_at(length);
                note_invalid(&mut notes, bytes.len() - rest.len() + valid.len());
                for (i, byte) in bad.iter().enumerate() {
                    let (decoded, _) =
                        encoding_rs::WINDOWS_1252.decode_without_bom_handling(std::slice::from_ref(byte));
                    text.push_str(&decoded);
                    let at = bytes.len() - after.len() - bad.len() + i + 1;
                    map.push(text.len(), at);
                }
                rest = after;
            }
        }
    }
}

fn utf16(bytes: &[u8], skip: usize, read: fn([u8; 2]) -> u16, mut notes: Vec<EncodingNote>) -> Decoded {
    let body = bytes.get(skip..).unwrap_or_default();
    let units = body.chunks_exact(2).map(|pair| match pair {
        [a, b] => read([*a, *b]),
        _ => 0xFFFD,
    });
    let mut map = OffsetMap::starting_at(skip, 2);
    let mut text = String::with_capacity(body.len() / 2);
    let mut at = skip;
    for unit in char::decode_utf16(units) {
        let (c, width) = match unit {
            Ok(c) => (c, c.len_utf16() * 2),
            Err(_) => {
                note_invalid(&mut notes, at);
                (char::REPLACEMENT_CHARACTER, 2)
            }
        };
        text.push(c);
        at += width;
        if c.len_utf8() != 1 {
            map.push(text.len(), at);
        }
    }
    if body.len() % 2 == 1 {
        note_invalid(&mut notes, bytes.len() - 1);
    }
    Decoded { text, map, notes }
}

fn foreign(bytes: &[u8], encoding: &'static Encoding, mut notes: Vec<EncodingNote>) -> Decoded {
    let mut map = OffsetMap::starting_at(0, 1);
    if encoding.is_single_byte() {
        let mut text = String::with_capacity(bytes.len());
        for (i, byte) in bytes.iter().enumerate() {
            if byte.is_ascii() {
                text.push(char::from(*byte));
            } else {
                let (decoded, bad) = encoding.decode_without_bom_handling(std::slice::from_ref(byte));
                if bad {
                    note_invalid(&mut notes, i);
                }
                text.push_str(&decoded);
                map.push(text.len(), i + 1);
            }
        }
        return Decoded { text, map, notes };
    }
    // Multi-byte encodings do not occur in C-CDA practice: offsets are exact up to the first
    // character outside ASCII and approximate after it.
    let (decoded, bad): (Cow<'_, str>, bool) = encoding.decode_without_bom_handling(bytes);
    if bad {
        note_invalid(&mut notes, 0);
    }
    Decoded {
        text: decoded.into_owned(),
        map,
        notes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, little: bool) -> Vec<u8> {
        let mut out = if little {
            vec![0xFF, 0xFE]
        } else {
            vec![0xFE, 0xFF]
        };
        for unit in text.encode_utf16() {
            out.extend(if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            });
        }
        out
    }

    #[test]
    fn every_supported_encoding_gives_the_same_text_and_true_offsets() {
        let text = "<a n='é€😀x'/>";
        for (bytes, x) in [
            (text.as_bytes().to_vec(), text.find('x').unwrap()),
            (
                [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
                text.find('x').unwrap() + 3,
            ),
            (utf16_bytes(text, true), 2 + 2 * (6 + 1 + 1 + 2)),
            (utf16_bytes(text, false), 2 + 2 * (6 + 1 + 1 + 2)),
        ] {
            let decoded = decode(&bytes);
            assert_eq!(decoded.text, text);
            assert_eq!(decoded.notes, []);
            assert_eq!(decoded.map.source(text.find('x').unwrap()), x);
        }
    }

    #[test]
    fn declared_single_byte_encodings_are_read() {
        let bytes = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE9\x93b</a>";
        let decoded = decode(bytes);
        assert!(decoded.text.contains("é“b"));
        let b = decoded.text.find("b</a>").unwrap();
        assert_eq!(bytes[decoded.map.source(b)], b'b');
    }

    #[test]
    fn stray_bytes_in_utf8_are_kept_and_noted() {
        let decoded = decode(b"<a>caf\xE9 b</a>");
        assert_eq!(decoded.text, "<a>café b</a>");
        assert_eq!(decoded.notes, [EncodingNote::InvalidBytes(6)]);
        assert_eq!(decoded.map.source(decoded.text.find('b').unwrap()), 8);
    }

    #[test]
    fn unknown_or_contradictory_declarations_are_noted() {
        assert_eq!(
            decode(b"<?xml version='1.0' encoding='x-none'?><a/>").notes,
            [EncodingNote::UnknownEncoding]
        );
        assert_eq!(
            decode(b"<?xml version='1.0' encoding='UTF-16'?><a/>").notes,
            [EncodingNote::Contradiction]
        );
    }
}
