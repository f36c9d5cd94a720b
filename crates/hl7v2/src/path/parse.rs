//! The text of a path, piece by piece, in code that also runs at compile time. Each reader takes an offset and gives the next.

use crate::error::PathError;
use crate::segment_id::SegmentId;

/// The byte at `at`, or 0 past the end.
const fn byte(bytes: &[u8], at: usize) -> u8 {
    match bytes.split_at_checked(at) {
        Some((_, [first, ..])) => *first,
        _ => 0,
    }
}

/// Splits off everything up to the last `/`; gives the offset after it.
pub(super) const fn split_groups(text: &str) -> Result<(&str, usize), PathError> {
    let bytes = text.as_bytes();
    let mut last = 0;
    let mut at = 0;
    let mut name = 0;
    while at < bytes.len() {
        let current = byte(bytes, at);
        if current == b'/' {
            if name == at {
                return Err(PathError::Segment { at });
            }
            last = at + 1;
            name = at + 1;
        } else if current == b'[' || current == b'(' {
            match read_bracket(bytes, at) {
                Ok((_, next)) => {
                    at = next;
                    continue;
                }
                Err(error) => return Err(error),
            }
        }
        at += 1;
    }
    if last == 0 {
        return Ok(("", 0));
    }
    match text.split_at_checked(last - 1) {
        Some((groups, _)) => Ok((groups, last)),
        None => Err(PathError::Segment { at: last }),
    }
}

pub(super) const fn read_segment(bytes: &[u8], at: usize) -> Result<(SegmentId, usize), PathError> {
    if byte(bytes, at) == b'*' {
        return Ok((SegmentId::UNKNOWN, at + 1));
    }
    let mut end = at;
    while byte(bytes, end).is_ascii_alphanumeric() {
        end += 1;
    }
    let name = match bytes.split_at_checked(end) {
        Some((head, _)) => match head.split_at_checked(at) {
            Some((_, name)) => name,
            None => &[],
        },
        None => &[],
    };
    match SegmentId::from_bytes(name) {
        Some(id) => Ok((id, end)),
        None => Err(PathError::Segment { at }),
    }
}

/// Reads `[n]` or `(n)`; number 0 and the same offset when there is no bracket.
pub(super) const fn read_bracket(bytes: &[u8], at: usize) -> Result<(u32, usize), PathError> {
    let close = match byte(bytes, at) {
        b'[' => b']',
        b'(' => b')',
        _ => return Ok((0, at)),
    };
    match read_number(bytes, at + 1) {
        Ok((number, next)) if byte(bytes, next) == close => Ok((number, next + 1)),
        Ok(_) => Err(PathError::Bracket { at }),
        Err(error) => Err(error),
    }
}

/// Reads `-n` or `.n`; number 0 and the same offset when there is no step.
pub(super) const fn read_step(bytes: &[u8], at: usize) -> Result<(u32, usize), PathError> {
    match byte(bytes, at) {
        b'-' | b'.' => read_number(bytes, at + 1),
        _ => Ok((0, at)),
    }
}

pub(super) const fn read_number(bytes: &[u8], at: usize) -> Result<(u32, usize), PathError> {
    let mut number: u32 = 0;
    let mut next = at;
    while byte(bytes, next).is_ascii_digit() {
        number = match number.checked_mul(10) {
            Some(tens) => match tens.checked_add((byte(bytes, next) - b'0') as u32) {
                Some(sum) => sum,
                None => return Err(PathError::Number { at }),
            },
            None => return Err(PathError::Number { at }),
        };
        next += 1;
    }
    if number == 0 {
        Err(PathError::Number { at })
    } else {
        Ok((number, next))
    }
}
