//! Sources with several messages: files and batches (FHS, BHS, BTS, FTS), or just one message after
//! the other (HL7 v2.8.2, chapter 2.10.3).

use std::io::BufRead;

use ehr_types::{Finding, LineIndex, SourceLocation, Span};

use crate::delimiters::is_delimiter;
use crate::error::ParseError;
use crate::message::{Message, ParseOptions};
use crate::segment_id::SegmentId;

/// What a part of a source is, by the segment that it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// Bytes before the first header: a byte order mark, blank lines, or text that is no message.
    Preamble,
    /// FHS.
    FileHeader,
    /// BHS.
    BatchHeader,
    /// MSH and its segments.
    Message,
    /// BTS.
    BatchTrailer,
    /// FTS.
    FileTrailer,
}

/// One part of a source. All parts put together are the source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// What it is.
    pub kind: PartKind,
    /// Its bytes, with line ends.
    pub bytes: &'a [u8],
    /// Where they stand in the source.
    pub span: Span,
}

impl<'a> Part<'a> {
    /// Reads the part as a message. A trailer reads as one too, with the standard delimiters
    /// unless its own field separator is another.
    ///
    /// # Errors
    /// As [`Message::parse_with`]: for a preamble and a trailer always, as they have no header.
    pub fn parse(&self, options: &ParseOptions) -> Result<Message<'a>, ParseError> {
        Message::parse_with(self.bytes, options)
    }

    /// Whether it holds anything but a byte order mark, frame bytes and blanks.
    pub fn is_blank(&self) -> bool {
        self.bytes
            .iter()
            .all(|byte| byte.is_ascii_whitespace() || matches!(byte, 0x0b | 0x1c | 0xef | 0xbb | 0xbf))
    }

    /// The fields of the first segment after its name, by the field separator that follows the name.
    fn fields(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let bytes = self.bytes;
        let bytes = bytes.strip_prefix(&[0x0b]).unwrap_or(bytes);
        let line = bytes.get(leading_blanks(bytes)..).unwrap_or_default();
        let end = memchr::memchr2(b'\r', b'\n', line).unwrap_or(line.len());
        let line = line.get(..end).unwrap_or_default();
        let separator = line.get(3).copied().unwrap_or(b'|');
        line.split(move |byte| *byte == separator).skip(1)
    }
}

/// Shows the kind and the range, not the bytes.
impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} at {}..{}", self.kind, self.span.start, self.span.end)
    }
}

/// Parts of a source in order; see [`parts`].
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Splits a source at its headers and trailers, without copying or reading further.
///
/// ```
/// use ehr_hl7v2::{parts, PartKind};
/// let source = b"BHS|^~\\&\rMSH|^~\\&|A\rPID|1\rMSH|^~\\&|B\rBTS|2\r";
/// let kinds: Vec<_> = parts(source).map(|part| part.kind).collect();
/// use PartKind::{BatchHeader, BatchTrailer, Message};
/// assert_eq!(kinds, [BatchHeader, Message, Message, BatchTrailer]);
/// ```
pub fn parts(bytes: &[u8]) -> Parts<'_> {
    Parts { bytes, at: 0 }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let (kind, length) = match find_boundary(rest, 0, true) {
            Boundary::At(0, kind) => match find_boundary(rest, first_end(rest), true) {
                Boundary::At(next, _) => (kind, next),
                Boundary::None(_) => (kind, rest.len()),
            },
            Boundary::At(next, _) => (PartKind::Preamble, next),
            Boundary::None(_) => (PartKind::Preamble, rest.len()),
        };
        let span = Span::new(self.at, self.at + length);
        self.at += length;
        rest.get(..length).map(|bytes| Part { kind, bytes, span })
    }
}

/// The messages of a source with one, several or a whole batch, each read leniently on its own, so
/// that a bad one does not touch the others.
///
/// ```
/// let source = b"FHS|^~\\&\rMSH|^~\\&|A\rMSH|^~\\&|B\rFTS|1\r";
/// let senders: Vec<String> = ehr_hl7v2::messages(source)
///     .map(|message| Ok(message?.get("MSH-3")?.text().unwrap_or_default().to_owned()))
///     .collect::<Result<_, Box<dyn std::error::Error>>>()?;
/// assert_eq!(senders, ["A", "B"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn messages(bytes: &[u8]) -> impl Iterator<Item = Result<Message<'_>, ParseError>> {
    let options = ParseOptions::default();
    parts(bytes)
        .filter(|part| part.kind == PartKind::Message)
        .map(move |part| part.parse(&options))
}

enum Boundary {
    /// A part begins here.
    At(usize, PartKind),
    /// None begins before this offset; what follows is too short to tell.
    None(usize),
}

/// Finds the first header or trailer at the beginning of a line, from `from` on; `whole` says that
/// nothing follows the bytes.
fn find_boundary(bytes: &[u8], from: usize, whole: bool) -> Boundary {
    let mut line = if from == 0 {
        0
    } else {
        next_line(bytes, from - 1).unwrap_or(bytes.len())
    };
    loop {
        let rest = bytes.get(line..).unwrap_or_default();
        let blank = leading_blanks(rest);
        let start = rest.get(blank..).unwrap_or_default();
        if start.len() < 4 && !whole {
            return Boundary::None(line);
        }
        if let Some(kind) = part_kind(start) {
            return Boundary::At(frame_start(bytes, line), kind);
        }
        match next_line(bytes, line) {
            Some(next) => line = next,
            None => return Boundary::None(bytes.len()),
        }
    }
}

/// Spaces and byte order marks before the name of a segment.
fn leading_blanks(line: &[u8]) -> usize {
    line.iter()
        .take(64)
        .take_while(|byte| matches!(byte, b' ' | b'\t' | 0xef | 0xbb | 0xbf))
        .count()
}

/// The first offset that can be inside of the line which a part begins with.
fn first_end(part: &[u8]) -> usize {
    if part.first() == Some(&0x0b) { 2 } else { 1 }
}

/// Offset after the first line end or MLLP start byte in `from..`.
fn next_line(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    memchr::memchr3(b'\r', b'\n', 0x0b, rest).map(|at| from + at + 1)
}

/// The MLLP start byte before a header belongs to its message.
fn frame_start(bytes: &[u8], line: usize) -> usize {
    match line.checked_sub(1).and_then(|before| bytes.get(before)) {
        Some(0x0b) => line - 1,
        _ => line,
    }
}

fn part_kind(line: &[u8]) -> Option<PartKind> {
    let kind = match line.get(..3)? {
        b"MSH" => PartKind::Message,
        b"BHS" => PartKind::BatchHeader,
        b"FHS" => PartKind::FileHeader,
        b"BTS" => PartKind::BatchTrailer,
        b"FTS" => PartKind::FileTrailer,
        _ => return None,
    };
    line.get(3)
        .is_none_or(|byte| is_delimiter(*byte) || matches!(byte, b'\r' | b'\n' | 0x1c))
        .then_some(kind)
}

/// What is noticed about the frame of files and batches: headers without trailers and the reverse,
/// counts that do not agree, and text that belongs to no message.
///
/// ```
/// let findings = ehr_hl7v2::check_batch(b"BHS|^~\\&\rMSH|^~\\&|A\rBTS|2\r");
/// assert_eq!(findings[0].code, "v2.batch.count");
/// assert_eq!(findings[0].location.path, "BTS-1");
/// ```
pub fn check_batch(bytes: &[u8]) -> Vec<Finding> {
    let lines = LineIndex::new(bytes);
    let mut frame = Frame::default();
    let mut findings = Vec::new();
    for part in parts(bytes) {
        frame.see(
            &part,
            |path, span| SourceLocation::new(path).at(span, &lines),
            &mut findings,
        );
    }
    frame.end(SourceLocation::default(), &mut findings);
    findings
}

/// Counts of an open file and batch.
#[derive(Clone, Debug, Default)]
struct Frame {
    in_file: bool,
    in_batch: bool,
    messages: u64,
    batches: u64,
}

impl Frame {
    fn see(
        &mut self,
        part: &Part<'_>,
        at: impl Fn(&'static str, Span) -> SourceLocation,
        findings: &mut Vec<Finding>,
    ) {
        let count = || -> Option<Option<u64>> {
            let field = part.fields().next().filter(|field| !field.is_empty())?;
            Some(
                std::str::from_utf8(field)
                    .ok()
                    .and_then(|text| text.trim().parse().ok()),
            )
        };
        let mut check = |counted: u64, path: &'static str| match count() {
            None => {}
            Some(Some(stated)) if stated == counted => {}
            Some(Some(_)) => findings.push(Finding::error(
                "v2.batch.count",
                at(path, part.span),
                "the count in the trailer is not the number of what stands before it",
            )),
            Some(None) => {
                findings.push(Finding::error(
                    "v2.batch.count",
                    at(path, part.span),
                    "the count in the trailer is no number",
                ));
            }
        };
        match part.kind {
            PartKind::Message => self.messages += 1,
            PartKind::FileHeader => {
                *self = Self {
                    in_file: true,
                    ..Self::default()
                };
            }
            PartKind::BatchHeader => {
                if self.in_batch {
                    findings.push(Finding::warning(
                        "v2.batch.trailer",
                        at("BHS", part.span),
                        "a batch begins before the one before it has ended",
                    ));
                }
                self.batches += 1;
                self.messages = 0;
                self.in_batch = true;
            }
            PartKind::BatchTrailer => {
                check(self.messages, "BTS-1");
                if !self.in_batch {
                    findings.push(Finding::warning(
                        "v2.batch.header",
                        at("BTS", part.span),
                        "a batch ends that has not begun",
                    ));
                    self.batches += 1;
                }
                self.in_batch = false;
                self.messages = 0;
            }
            PartKind::FileTrailer => {
                // A file without BHS holds one batch; some senders count its messages instead.
                let batches = match (self.batches, self.messages) {
                    (0, messages) if count() == Some(Some(messages)) => messages,
                    (0, messages) => u64::from(messages > 0),
                    (batches, _) => batches,
                };
                check(batches, "FTS-1");
                if !self.in_file {
                    findings.push(Finding::warning(
                        "v2.batch.header",
                        at("FTS", part.span),
                        "a file ends that has not begun",
                    ));
                }
                *self = Self::default();
            }
            PartKind::Preamble if part.is_blank() => {}
            PartKind::Preamble => findings.push(Finding::error(
                "v2.preamble",
                at("", part.span),
                "there is text before the header that is no segment",
            )),
        }
    }

    fn end(&self, at: SourceLocation, findings: &mut Vec<Finding>) {
        if self.in_batch {
            findings.push(Finding::warning(
                "v2.batch.trailer",
                at.clone(),
                "the last batch has no trailer",
            ));
        }
        if self.in_file {
            findings.push(Finding::warning(
                "v2.batch.trailer",
                at,
                "the file has no trailer",
            ));
        }
    }
}

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

impl SegmentId {
    /// Whether this is a segment of the frame of files and batches: FHS, BHS, BTS or FTS.
    pub fn is_batch_frame(self) -> bool {
        ["FHS", "BHS", "BTS", "FTS"].iter().any(|id| self == *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &[u8]) -> Vec<(PartKind, usize)> {
        parts(source).map(|part| (part.kind, part.bytes.len())).collect()
    }

    #[test]
    fn parts_cover_every_source() {
        use PartKind::*;
        for (source, expected) in [
            (&b""[..], vec![]),
            (b"\r\n", vec![(Preamble, 2)]),
            (b"MSH|", vec![(Message, 4)]),
            (b"MSH", vec![(Message, 3)]),
            (
                b"\xef\xbb\xbfMSH|\nPID\nMSH|\n",
                vec![(Message, 12), (Message, 5)],
            ),
            (
                b"\x0bMSH|\r\x1c\r\x0bMSH|\r\x1c\r",
                vec![(Message, 8), (Message, 8)],
            ),
            (b"\x0b\x0bMSH|\r", vec![(Preamble, 1), (Message, 6)]),
            (b"junk\rMSH|\r", vec![(Preamble, 5), (Message, 5)]),
            (
                b"  FHS|\n  BHS|\n  MSH|\n  BTS|\n  FTS|",
                vec![
                    (FileHeader, 7),
                    (BatchHeader, 7),
                    (Message, 7),
                    (BatchTrailer, 7),
                    (FileTrailer, 6),
                ],
            ),
            (b"MSHX|\rMSH|", vec![(Preamble, 6), (Message, 4)]),
        ] {
            assert_eq!(kinds(source), expected, "{}", source.escape_ascii());
        }
    }

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

    #[test]
    fn counts_and_frames_are_checked() {
        let codes = |source: &[u8]| -> Vec<String> {
            check_batch(source)
                .into_iter()
                .map(|finding| finding.code.into_owned())
                .collect()
        };
        assert_eq!(
            codes(b"FHS|\rBHS|\rMSH|\rMSH|\rBTS|2\rFTS|1\r"),
            Vec::<String>::new()
        );
        assert_eq!(codes(b"FHS|\rMSH|\rMSH|\rFTS|1\r"), Vec::<String>::new());
        assert_eq!(codes(b"FHS|\rMSH|\rMSH|\rFTS|2\r"), Vec::<String>::new());
        assert_eq!(codes(b"MSH|\rMSH|\r"), Vec::<String>::new());
        assert_eq!(codes(b"BHS|\rMSH|\rBTS|x\r"), ["v2.batch.count"]);
        assert_eq!(codes(b"FHS|\rBHS|\rMSH|\rBTS|1\rFTS|3\r"), ["v2.batch.count"]);
        assert_eq!(codes(b"MSH|\rBTS|1\r"), ["v2.batch.header"]);
        assert_eq!(
            codes(b"FHS|\rBHS|\rMSH|\r"),
            ["v2.batch.trailer", "v2.batch.trailer"]
        );
        assert_eq!(codes(b"hello\rMSH|\r"), ["v2.preamble"]);
    }
}
