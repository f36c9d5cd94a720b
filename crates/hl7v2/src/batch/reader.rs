//! Parts of a source that is a stream.

use std::io::BufRead;

use ehr_types::Span;

use super::{Boundary, Part, PartKind, find_boundary, first_end, leading_blanks, part_kind};

/// Reads the parts of a source from a stream, holding one part in memory at a time.
///
/// A part longer than the limit is passed over and reported as [`StreamPart::TooLong`]; reading goes
/// on at the next header.
///
/// ```
/// use ehr_hl7v2::{PartKind, PartReader, StreamPart};
/// let source: &[u8] = b"MSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\r";
/// let mut reader = PartReader::new(source);
/// let mut count = 0;
/// while let Some(part) = reader.next_part()? {
///     if let StreamPart::Part(part) = part {
///         assert_eq!(part.kind, PartKind::Message);
///         count += 1;
///     }
/// }
/// assert_eq!(count, 2);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct PartReader<R> {
    input: R,
    /// Bytes read and not yet given out.
    buffer: Vec<u8>,
    /// Where the current part begins in `buffer`.
    start: usize,
    /// Offset of `buffer[0]` in the source.
    base: usize,
    /// Bytes of the current part that were thrown away because it is too long.
    dropped: usize,
    limit: usize,
    at_end: bool,
}

/// What [`PartReader`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamPart<'r> {
    /// A part, whole.
    Part(Part<'r>),
    /// A part that is longer than the limit, set aside.
    TooLong(Span),
}

/// How many bytes are asked of the stream at once.
const CHUNK: usize = 64 * 1024;

impl<R: BufRead> PartReader<R> {
    /// Reads from a stream, with a limit of 64 MiB a part.
    pub fn new(input: R) -> Self {
        Self::with_limit(input, 64 * 1024 * 1024)
    }

    /// Reads from a stream; no part may be longer than `limit` bytes.
    pub fn with_limit(input: R, limit: usize) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            base: 0,
            dropped: 0,
            limit: limit.max(16),
            at_end: false,
        }
    }

    /// The next part; `None` at the end of the stream.
    ///
    /// # Errors
    /// When reading fails. What was read stays, so that reading can be taken up again.
    pub fn next_part(&mut self) -> std::io::Result<Option<StreamPart<'_>>> {
        // Nothing before this offset of the part can begin the next one.
        let mut searched = 1;
        loop {
            let pending = self.buffer.get(self.start..).unwrap_or_default();
            // Without four bytes there is no telling what the part is.
            if pending.len() >= 4 || self.at_end {
                searched = searched.max(first_end(pending));
                match find_boundary(pending, searched, self.at_end) {
                    Boundary::At(next, _) => return Ok(self.give(next)),
                    Boundary::None(_) if self.at_end => {
                        return Ok(if pending.is_empty() && self.dropped == 0 {
                            None
                        } else {
                            self.give(pending.len())
                        });
                    }
                    Boundary::None(line) => searched = line.max(1),
                }
                if pending.len() > self.limit || self.dropped > 0 {
                    // Nothing before the last line begun, and its MLLP start byte, can begin a part.
                    let drop = searched.min(pending.len()).saturating_sub(2);
                    self.dropped += drop;
                    self.start += drop;
                    searched -= drop;
                }
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> std::io::Result<()> {
        if self.start > CHUNK {
            self.buffer.drain(..self.start);
            self.base += self.start;
            self.start = 0;
        }
        let read = loop {
            match self.input.fill_buf() {
                Ok(bytes) => break bytes,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        let read = read.get(..read.len().min(CHUNK)).unwrap_or_default();
        self.buffer.extend_from_slice(read);
        let length = read.len();
        self.at_end = length == 0;
        self.input.consume(length);
        Ok(())
    }

    /// Gives out the first `length` bytes that are pending.
    fn give(&mut self, length: usize) -> Option<StreamPart<'_>> {
        let (start, end) = (self.start, self.start + length);
        self.start = end;
        let span = Span::new(
            self.base + start - std::mem::take(&mut self.dropped),
            self.base + end,
        );
        if span.len() > length || length > self.limit {
            return Some(StreamPart::TooLong(span));
        }
        let bytes = self.buffer.get(start..end)?;
        let framed = bytes.strip_prefix(&[0x0b]).unwrap_or(bytes);
        let kind = framed
            .get(leading_blanks(framed)..)
            .and_then(part_kind)
            .unwrap_or(PartKind::Preamble);
        Some(StreamPart::Part(Part { kind, bytes, span }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::parts;

    #[test]
    fn a_stream_gives_the_same_parts_however_it_is_cut() {
        let source: &[u8] =
            b"\xef\xbb\xbfFHS|^~\\&\r\nBHS|\r\n\x0bMSH|A\r\nPID|1\r\n\x1c\r\n\x0bMSH|B\r\n\rMSH|C\nBTS|3\nFTS|1\n";
        let expected: Vec<_> = parts(source).map(|part| (part.kind, part.span)).collect();
        assert_eq!(expected.len(), 7);
        for size in 1..source.len() {
            let mut reader = PartReader::new(std::io::BufReader::with_capacity(size, source));
            let mut found = Vec::new();
            while let Some(part) = reader.next_part().unwrap() {
                let StreamPart::Part(part) = part else {
                    panic!("no part is too long")
                };
                assert_eq!(part.bytes, &source[part.span.start..part.span.end]);
                found.push((part.kind, part.span));
            }
            assert_eq!(found, expected, "read {size} bytes at a time");
        }
    }

    #[test]
    fn a_part_beyond_the_limit_is_set_aside() {
        let long = [b"MSH|B\r".to_vec(), vec![b'x'; 5000], b"\rOBX|\r".to_vec()].concat();
        let source = [b"MSH|A\r".to_vec(), long.clone(), b"MSH|C\r".to_vec()].concat();
        for size in [1, 7, 100, 100_000] {
            let mut reader =
                PartReader::with_limit(std::io::BufReader::with_capacity(size, &source[..]), 100);
            let mut found = Vec::new();
            while let Some(part) = reader.next_part().unwrap() {
                found.push(match part {
                    StreamPart::Part(part) => (true, part.span),
                    StreamPart::TooLong(span) => (false, span),
                });
            }
            let middle = Span::new(6, 6 + long.len());
            assert_eq!(
                found,
                [
                    (true, Span::new(0, 6)),
                    (false, middle),
                    (true, Span::new(middle.end, middle.end + 6)),
                ]
            );
        }
    }
}
