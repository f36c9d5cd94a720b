//! What stands around a message: byte order mark, MLLP frame, blank lines, other text.

use crate::error::ParseError;

/// Whether a line is a header: MSH, BHS or FHS, and neither a letter nor a digit after it. What should be
/// the field separator may be broken; the line is a header all the same.
pub(crate) fn is_header(line: &[u8]) -> bool {
    matches!(line.get(..3), Some(b"MSH" | b"BHS" | b"FHS"))
        && line.get(3).is_none_or(|byte| !byte.is_ascii_alphanumeric())
}

/// Offset of the first header, past a byte order mark, an MLLP start byte and blank lines, or past
/// lines that are no segment.
pub(crate) fn find_header(bytes: &[u8]) -> Result<usize, ParseError> {
    let is_header = |at: usize| is_header(bytes.get(at..).unwrap_or_default());
    let marks = |byte: &u8| {
        matches!(
            byte,
            b'\r' | b'\n' | b' ' | b'\t' | 0x0b | 0x1c | 0xef | 0xbb | 0xbf
        )
    };
    let start = bytes.iter().take_while(|byte| marks(byte)).count();
    if is_header(start) {
        return Ok(start);
    }
    let found = memchr::memchr3_iter(b'\r', b'\n', 0x0b, bytes)
        .map(|at| {
            let blank = bytes.get(at + 1..).unwrap_or_default();
            at + 1
                + blank
                    .iter()
                    .take(64)
                    .take_while(|byte| matches!(byte, b' ' | b'\t'))
                    .count()
        })
        .find(|at| is_header(*at));
    let utf16 = |bytes: &[u8]| {
        matches!(
            bytes,
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'M' | b'F' | b'B', 0, ..] | [0, b'M' | b'F' | b'B', ..]
        )
    };
    match found {
        Some(start) => Ok(start),
        None if utf16(bytes) => Err(ParseError::Utf16),
        None => Err(ParseError::NoHeader),
    }
}

/// Offset after the last byte of the message: before an MLLP trailer (0x1C, and what follows).
pub(crate) fn content_end(bytes: &[u8], start: usize) -> usize {
    let trailer = |byte: &u8| matches!(byte, b'\r' | b'\n' | 0x1c | 0x0b | b' ');
    let tail = bytes.iter().rev().take_while(|byte| trailer(byte)).count();
    let from = (bytes.len() - tail).max(start);
    let end = bytes
        .get(from..)
        .unwrap_or_default()
        .iter()
        .position(|byte| *byte == 0x1c);
    end.map_or(bytes.len(), |end| from + end)
}
