//! Sources with several messages: files and batches (FHS, BHS, BTS, FTS), or just one message after
//! the other (HL7 v2.8.2, chapter 2.10.3).

mod cut;
mod frame;
mod reader;

use ehr_types::Span;

pub(crate) use cut::cut_frames;
pub use frame::check_batch;
pub use reader::{PartReader, StreamPart};

use crate::delimiters::is_delimiter;
use crate::envelope::is_header;
use crate::error::ParseError;
use crate::message::{Message, ParseOptions};

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
        is_blank(self.bytes)
    }

    /// Text behind the one line of a header or trailer, which belongs to no message.
    pub(crate) fn text_after(&self) -> Option<(&'a [u8], Span)> {
        if matches!(self.kind, PartKind::Message | PartKind::Preamble) {
            return None;
        }
        let from = next_line(self.bytes, first_end(self.bytes))?;
        let text = self.bytes.get(from..)?;
        let span = Span::new(self.span.start + from, self.span.end);
        (!is_blank(text)).then_some((text, span))
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

fn is_blank(bytes: &[u8]) -> bool {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0x0b | 0x1c | 0xef | 0xbb | 0xbf);
    bytes.iter().all(blank)
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
    let ends = |byte: &u8| is_delimiter(*byte) || matches!(byte, b'\r' | b'\n' | 0x1c);
    (is_header(line) || line.get(3).is_none_or(ends)).then_some(kind)
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
}
