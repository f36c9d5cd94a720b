//! A message: one buffer, one index, and views.

mod charset;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use ehr_types::{Finding, LineIndex, SourceLocation, Span, Strictness};

use crate::charset::Charset;
use crate::delimiters::Delimiters;
use crate::envelope::{content_end, find_header};
use crate::error::{ParseError, PathError};
use crate::hex::HexReading;
use crate::index::{Index, Line};
use crate::path::Path;
use crate::segment::{Segment, Segments};
use crate::segment_id::SegmentId;
use crate::value::Value;
use crate::view::{Field, Node, Slot};

/// How to read a message.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ParseOptions {
    /// Whether findings of [`Severity::Error`](ehr_types::Severity::Error) stop the reader.
    pub strictness: Strictness,
    /// The character set, whatever MSH-18 says, for senders that fill it wrongly or not at all.
    pub charset: Option<Charset>,
    /// The character set of bytes that are neither in the declared one nor UTF-8. What is read
    /// with it gets a finding.
    pub fallback: Charset,
    /// What `\X..\` in a text means.
    pub hex: HexReading,
    /// The most bytes a source may have. At most 4 GiB whatever is set here.
    pub max_length: usize,
    /// The most findings that [`Message::findings`] gives; one more says that there may be others.
    pub max_findings: usize,
}

impl Default for ParseOptions {
    fn default() -> Self {
        Self {
            strictness: Strictness::Lenient,
            charset: None,
            fallback: Charset::LATIN_1,
            hex: HexReading::Charset,
            max_length: u32::MAX as usize - 64,
            max_findings: 10_000,
        }
    }
}

/// An HL7 v2 message: the bytes as they came, and an index of every separator in them.
///
/// Segments and everything below are `Copy` views; text is decoded and unescaped when asked for.
/// The bytes are never changed: [`as_bytes`](Self::as_bytes) is what was read, with its line ends,
/// byte order mark and MLLP frame.
///
/// ```
/// use ehr_hl7v2::{Message, Value};
/// let message = Message::parse(
///     b"MSH|^~\\&|LAB|ACME|||20240102||ORU^R01|42|P|2.5\rPID|1||7^^^ACME^MR||Doe^Jane||\"\"\r",
/// )?;
/// assert_eq!(message.get("MSH-9.2")?.text(), Some("R01"));
/// assert_eq!(message.get("PID-5.1")?.text(), Some("Doe"));
/// assert_eq!(message.get("PID-7")?, Value::Null, "the sender asks to delete the birth date");
/// assert_eq!(message.get("PID-6")?, Value::Empty);
/// assert_eq!(message.get("PID-8")?, Value::Absent);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Message<'a> {
    bytes: Cow<'a, [u8]>,
    pub(crate) index: Index,
    content: Range<u32>,
    delimiters: Delimiters,
    options: ParseOptions,
    charset: OnceLock<Charset>,
    lines: OnceLock<LineIndex>,
    occurrences: OnceLock<Occurrences>,
}

/// Segments by name, and each segment's number among those of its name.
#[derive(Clone)]
struct Occurrences {
    /// (name, segment), sorted.
    by_id: Vec<(SegmentId, u32)>,
    /// Occurrence (from 1) of each segment.
    of: Vec<u32>,
}

/// Up to so many segments are searched one by one.
const FEW: usize = 48;

impl<'a> Message<'a> {
    /// Reads a message, leniently.
    ///
    /// # Errors
    /// When no line begins with MSH, FHS or BHS, when the bytes are UTF-16, or when there are
    /// 4 GiB of them.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        Self::parse_with(bytes, &ParseOptions::default())
    }

    /// Reads a message from bytes borrowed or owned, with options.
    ///
    /// # Errors
    /// As [`Message::parse`]; and with [`Strictness::Strict`], when there are errors.
    pub fn parse_with(bytes: impl Into<Cow<'a, [u8]>>, options: &ParseOptions) -> Result<Self, ParseError> {
        let bytes = bytes.into();
        let limit = options.max_length.min(u32::MAX as usize - 64);
        if bytes.len() > limit {
            return Err(ParseError::TooLong {
                length: bytes.len(),
                limit,
            });
        }
        let start = find_header(&bytes)?;
        let end = content_end(&bytes, start);
        let delimiters = Delimiters::from_header(bytes.get(start..end).unwrap_or_default());
        let index = Index::new(&bytes, start, end, &delimiters);
        let mut message = Self {
            bytes,
            index,
            content: start as u32..end as u32,
            delimiters,
            options: *options,
            charset: OnceLock::new(),
            lines: OnceLock::new(),
            occurrences: OnceLock::new(),
        };
        if !message.index.plain {
            message.protect_multibyte();
        }
        if options.strictness == Strictness::Strict {
            let faults: Vec<Finding> = message.findings().into_iter().filter(Finding::is_error).collect();
            if !faults.is_empty() {
                return Err(ParseError::Strict(faults));
            }
        }
        Ok(message)
    }

    /// One segment line of a message, for looking into it.
    pub(crate) fn fragment(line: &'a [u8], index: Index, delimiters: Delimiters) -> Self {
        Self {
            bytes: Cow::Borrowed(line),
            index,
            content: 0..line.len() as u32,
            delimiters,
            options: ParseOptions::default(),
            charset: OnceLock::new(),
            lines: OnceLock::new(),
            occurrences: OnceLock::new(),
        }
    }

    /// A message with its own copy of the bytes.
    pub fn into_owned(self) -> Message<'static> {
        Message {
            bytes: Cow::Owned(self.bytes.into_owned()),
            index: self.index,
            content: self.content,
            delimiters: self.delimiters,
            options: self.options,
            charset: self.charset,
            lines: self.lines,
            occurrences: self.occurrences,
        }
    }

    /// The bytes, exactly as they were read.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes by value, without a copy where they are owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_owned()
    }

    /// The bytes from the header's first to the last before an MLLP trailer.
    pub fn content(&self) -> Span {
        Span::new(self.content.start as usize, self.content.end as usize)
    }

    /// The delimiters that the first header declares. They divide every line, also a further header
    /// that declares others (`v2.header.delimiters`): [`messages`](crate::messages) reads each message
    /// of a source by its own.
    pub fn delimiters(&self) -> &Delimiters {
        &self.delimiters
    }

    /// The options that the message was read with.
    pub fn options(&self) -> &ParseOptions {
        &self.options
    }

    /// How many segments there are.
    pub fn segment_count(&self) -> usize {
        self.index.lines.len()
    }

    /// The segments, in order.
    pub fn segments(&self) -> Segments<'_> {
        Segments::new(self, 0..self.index.lines.len() as u32)
    }

    /// The segment at a position in the message, from 0.
    pub fn segment(&self, position: usize) -> Option<Segment<'_>> {
        (position < self.index.lines.len()).then(|| Segment::new(self, position as u32))
    }

    /// The first segment of a name.
    pub fn first(&self, id: &str) -> Option<Segment<'_>> {
        self.nth(SegmentId::new(id)?, 1)
    }

    /// All segments of a name, in order.
    pub fn all<'m>(&'m self, id: &str) -> impl DoubleEndedIterator<Item = Segment<'m>> + use<'m, 'a> {
        let id = SegmentId::new(id);
        self.segments().filter(move |segment| Some(segment.id()) == id)
    }

    /// The `occurrence`th segment (from 1) of a name. [`SegmentId::UNKNOWN`] counts all segments.
    pub fn nth(&self, id: SegmentId, occurrence: u32) -> Option<Segment<'_>> {
        let skip = occurrence.checked_sub(1)?;
        if id.is_unknown() {
            return self.segment(skip as usize);
        }
        let lines = &self.index.lines;
        if lines.len() <= FEW {
            let found = lines
                .iter()
                .enumerate()
                .filter(|(_, line)| line.id == id)
                .nth(skip as usize);
            return found.map(|(position, _)| Segment::new(self, position as u32));
        }
        let by_id = &self.occurrences().by_id;
        let first = by_id.partition_point(|(other, _)| *other < id);
        let (other, position) = by_id.get(first.checked_add(skip as usize)?)?;
        (*other == id).then(|| Segment::new(self, *position))
    }

    /// The header: the first MSH, or the batch or file header of a source without one.
    pub fn header(&self) -> Option<Segment<'_>> {
        self.first("MSH").or_else(|| self.segment(0))
    }

    /// What stands at a path given as text.
    ///
    /// # Errors
    /// When the text is not a path.
    pub fn get(&self, path: &str) -> Result<Value<'_>, PathError> {
        Path::parse(path).map(|path| self.at(&path))
    }

    /// What stands at a path.
    pub fn at(&self, path: &Path<'_>) -> Value<'_> {
        self.place(path).map_or(Value::Absent, |slot| slot.value())
    }

    /// The bytes that a path stands for, or where they would have to be; `None` when the segment
    /// or the place in it does not exist.
    pub fn span_of(&self, path: &Path<'_>) -> Option<Span> {
        self.place(path)
            .filter(|slot| slot.present)
            .map(|slot| slot.span())
    }

    /// The segment that a path leads to, through its groups if it names any.
    pub fn segment_at(&self, path: &Path<'_>) -> Option<Segment<'_>> {
        if path.groups().is_empty() {
            return self.nth(path.segment(), path.occurrence().unwrap_or(1));
        }
        self.structure().segment_at(path)
    }

    /// The field that a path leads to; absent when the path ends at the segment.
    pub fn field_at(&self, path: &Path<'_>) -> Option<Field<'_>> {
        self.segment_at(path)
            .map(|segment| segment.field(path.field().unwrap_or(0)))
    }

    /// The place that a path leads to, as the value of a data type; `None` when there is no such
    /// segment or the path ends at the segment, an absent node when the segment ends before it.
    pub fn node_at(&self, path: &Path<'_>) -> Option<Node<'_>> {
        let field = self.segment_at(path)?.field(path.field()?);
        if path.repetition().is_none() && path.component().is_none() {
            return Some(Node::whole(field));
        }
        let repetition = field.repetition(path.repetition().unwrap_or(1));
        let Some(component) = path.component() else {
            return Some(repetition.into());
        };
        let component = repetition.component(component);
        let Some(subcomponent) = path.subcomponent() else {
            return Some(component.into());
        };
        Some(component.subcomponent(subcomponent).into())
    }

    pub(crate) fn place(&self, path: &Path<'_>) -> Option<Slot<'_>> {
        match path.field() {
            None => self.segment_at(path).map(|segment| segment.slot()),
            Some(_) => self.node_at(path).map(|node| node.0),
        }
    }

    /// The path of the smallest place that holds the byte at `offset`; `None` outside of the
    /// segments. A separator belongs to what stands before it; what a header declares (MSH-1, MSH-2) has
    /// no smaller places.
    ///
    /// ```
    /// let message = ehr_hl7v2::Message::parse(b"MSH|^~\\&|A\rPID|1||7^^^ACME&1.2&ISO\r")?;
    /// assert_eq!(message.at_offset(28).unwrap().to_string(), "PID-3[1].4.2");
    /// # Ok::<(), ehr_hl7v2::ParseError>(())
    /// ```
    pub fn at_offset(&self, offset: usize) -> Option<Path<'static>> {
        let offset = u32::try_from(offset).ok()?;
        let after = self.index.lines.partition_point(|line| line.start <= offset);
        let position = after.checked_sub(1)?;
        let line = self.index.lines.get(position)?;
        if offset > line.end {
            return None;
        }
        Some(Segment::new(self, position as u32).path_at(offset))
    }

    /// Where bytes stand: path, range, line and column.
    pub fn location(&self, path: &Path<'_>, span: Span) -> SourceLocation {
        SourceLocation::new(path.to_string()).at(span, self.line_index())
    }

    /// What is noticed about the form of the message: delimiters, line ends, segment names,
    /// character set and escape sequences. In the order of the message.
    pub fn findings(&self) -> Vec<Finding> {
        crate::inspect::inspect(self)
    }

    pub(crate) fn line_index(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.bytes))
    }

    pub(crate) fn line(&self, position: u32) -> Option<&Line> {
        self.index.lines.get(position as usize)
    }

    #[inline]
    pub(crate) fn slice(&self, start: u32, end: u32) -> &[u8] {
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn byte(&self, at: u32) -> Option<u8> {
        self.bytes.get(at as usize).copied()
    }

    /// Which occurrence (from 1) of its name the segment at a position is.
    pub(crate) fn occurrence(&self, position: u32) -> u32 {
        self.occurrences().of.get(position as usize).copied().unwrap_or(1)
    }

    fn occurrences(&self) -> &Occurrences {
        self.occurrences.get_or_init(|| {
            let lines = &self.index.lines;
            let mut by_id: Vec<(SegmentId, u32)> = lines
                .iter()
                .enumerate()
                .map(|(position, line)| (line.id, position as u32))
                .collect();
            by_id.sort_unstable();
            let mut of = vec![0; lines.len()];
            let mut previous = None;
            let mut count = 0;
            for (id, position) in &by_id {
                count = if previous == Some(*id) { count + 1 } else { 1 };
                previous = Some(*id);
                if let Some(slot) = of.get_mut(*position as usize) {
                    // Lines without a name are counted among all segments.
                    *slot = if id.is_unknown() { position + 1 } else { count };
                }
            }
            Occurrences { by_id, of }
        })
    }
}

/// Shows the number of bytes and segments, not their content.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Message({} bytes, {} segments)",
            self.bytes.len(),
            self.segment_count()
        )
    }
}
