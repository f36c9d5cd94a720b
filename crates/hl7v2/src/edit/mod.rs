//! Changing and making messages.

mod builder;
mod error;
mod line;
mod splice;

use std::collections::BTreeMap;
use std::fmt;

pub use builder::Builder;
pub use error::EditError;
pub(crate) use line::Writer;

use crate::charset::Charset;
use crate::index::Index;
use crate::message::Message;
use crate::path::Path;
use crate::segment_id::SegmentId;

/// Changes to a message, which come out as new bytes; every byte that no change touches stays.
///
/// Texts are escaped with the message's own delimiters and written in its character set. Paths speak
/// of the message as it is after the changes made before. Trailing separators, line ends, byte order
/// marks and frames are kept.
///
/// ```
/// use ehr_hl7v2::Message;
/// let message = Message::parse(b"MSH|^~\\&|A\rPID|1||7\rZZZ|||\r")?;
/// let mut edit = message.edit();
/// edit.set("PID-5.2", "Jane & John")?;
/// edit.set_null("PID-8")?;
/// edit.append("NTE|1||checked")?;
/// assert_eq!(edit.finish(), b"MSH|^~\\&|A\rPID|1||7||^Jane \\T\\ John|||\"\"\rZZZ|||\rNTE|1||checked\r");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Edit<'m> {
    message: &'m Message<'m>,
    writer: Writer,
    /// New contents of segments, and `None` for those removed, by position in the message.
    changed: BTreeMap<usize, Option<Vec<u8>>>,
    /// Segments put in before the one at the position; at the count of segments, those at the end.
    inserted: BTreeMap<usize, Vec<Vec<u8>>>,
}

/// Which segment of the changed message.
#[derive(Clone, Copy)]
enum Target {
    Original(usize),
    Inserted(usize, usize),
}

impl Message<'_> {
    /// Begins changes to the message.
    pub fn edit(&self) -> Edit<'_> {
        let declared = self.options().charset.or_else(|| self.declared_charset());
        let charset = declared.or_else(|| (!self.index.plain).then(|| self.charset()));
        Edit {
            message: self,
            writer: Writer {
                delimiters: *self.delimiters(),
                charset,
            },
            changed: BTreeMap::new(),
            inserted: BTreeMap::new(),
        }
    }
}

impl Edit<'_> {
    /// Sets a place to a text, which is escaped. An empty text empties the place.
    ///
    /// # Errors
    /// When there is no such segment, or the place cannot hold the text: see [`EditError`].
    pub fn set(&mut self, path: &str, text: &str) -> Result<(), EditError> {
        let path = Path::parse(path)?;
        let bytes = self.writer.leaf(text)?;
        self.put(&path, &bytes)?;
        if path.segment() == SegmentId::MSH && path.field() == Some(18) && path.repetition().unwrap_or(1) == 1
        {
            self.writer.charset = Charset::from_name(text.trim());
        }
        Ok(())
    }

    /// Sets a place to null (`""`): the receiver is to delete its value.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn set_null(&mut self, path: &str) -> Result<(), EditError> {
        self.put(&Path::parse(path)?, b"\"\"")
    }

    /// Sets a place to bytes as they are, with separators below the level of the place.
    ///
    /// # Errors
    /// As [`set`](Self::set); and when the bytes hold a line end, or a separator of the level of the
    /// place or above it.
    ///
    /// ```
    /// use ehr_hl7v2::Message;
    /// let message = Message::parse(b"MSH|^~\\&|A\rPID|1\r")?;
    /// let mut edit = message.edit();
    /// edit.set_raw("PID-3", b"7^^^ACME^MR~8")?;
    /// assert!(edit.set_raw("PID-3[1].1", b"7^8").is_err());
    /// assert_eq!(edit.finish(), b"MSH|^~\\&|A\rPID|1||7^^^ACME^MR~8\r");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_raw(&mut self, path: &str, bytes: &[u8]) -> Result<(), EditError> {
        self.put(&Path::parse(path)?, bytes)
    }

    /// Empties a place: the separators around it stay.
    ///
    /// # Errors
    /// When there is no such segment.
    pub fn clear(&mut self, path: &str) -> Result<(), EditError> {
        let path = Path::parse(path)?;
        // What is not there is empty already.
        let target = self.target(&path)?;
        let writer = self.writer;
        let line = self.line(target)?;
        if writer.holds(line, &path) {
            writer.put(line, &path, b"")
        } else {
            Ok(())
        }
    }

    /// Takes a repetition of a field out; those after it move up.
    ///
    /// # Errors
    /// When the path does not lead to a repetition, or there is no such segment.
    pub fn remove_repetition(&mut self, path: &str) -> Result<(), EditError> {
        let path = Path::parse(path)?;
        let target = self.target(&path)?;
        let writer = self.writer;
        writer.remove_repetition(self.line(target)?, &path)
    }

    /// Takes a segment out, with its line end.
    ///
    /// # Errors
    /// When the path does not end at a segment, when there is none, or it is the first header.
    pub fn remove(&mut self, segment: &str) -> Result<(), EditError> {
        let path = Path::parse(segment)?;
        if path.field().is_some() {
            return Err(EditError::NotAPlace);
        }
        match self.target(&path)? {
            Target::Original(0) => return Err(EditError::Declaration),
            Target::Original(position) => {
                self.changed.insert(position, None);
            }
            Target::Inserted(before, nth) => {
                if let Some(lines) = self.inserted.get_mut(&before).filter(|lines| nth < lines.len()) {
                    lines.remove(nth);
                }
            }
        }
        Ok(())
    }

    /// Puts a segment at the end of the message.
    ///
    /// # Errors
    /// When the line does not begin with the name of a segment, or holds a line end.
    pub fn append(&mut self, line: &str) -> Result<(), EditError> {
        let line = self.segment_line(line)?;
        self.inserted
            .entry(self.message.segment_count())
            .or_default()
            .push(line);
        Ok(())
    }

    /// Puts a segment before the one that a path leads to.
    ///
    /// # Errors
    /// As [`append`](Self::append); when there is no such segment; and before the first header.
    pub fn insert_before(&mut self, segment: &str, line: &str) -> Result<(), EditError> {
        let line = self.segment_line(line)?;
        match self.target(&Path::parse(segment)?)? {
            Target::Original(0) => return Err(EditError::Declaration),
            Target::Original(position) => self.inserted.entry(position).or_default().push(line),
            Target::Inserted(before, nth) => {
                let lines = self.inserted.entry(before).or_default();
                lines.insert(nth.min(lines.len()), line);
            }
        }
        Ok(())
    }

    /// Puts a segment after the one that a path leads to.
    ///
    /// # Errors
    /// As [`append`](Self::append), and when there is no such segment.
    pub fn insert_after(&mut self, segment: &str, line: &str) -> Result<(), EditError> {
        let line = self.segment_line(line)?;
        match self.target(&Path::parse(segment)?)? {
            Target::Original(position) => self.inserted.entry(position + 1).or_default().insert(0, line),
            Target::Inserted(before, nth) => {
                let lines = self.inserted.entry(before).or_default();
                lines.insert((nth + 1).min(lines.len()), line);
            }
        }
        Ok(())
    }

    fn put(&mut self, path: &Path<'_>, bytes: &[u8]) -> Result<(), EditError> {
        let target = self.target(path)?;
        let writer = self.writer;
        writer.put(self.line(target)?, path, bytes)
    }

    /// The segment that a path leads to, among what is there after the changes so far.
    fn target(&self, path: &Path<'_>) -> Result<Target, EditError> {
        if !path.groups().is_empty() {
            let position = self
                .message
                .segment_at(path)
                .ok_or(EditError::NoSegment)?
                .position();
            return match self.changed.get(&position) {
                Some(None) => Err(EditError::NoSegment),
                _ => Ok(Target::Original(position)),
            };
        }
        let occurrence = path.occurrence().unwrap_or(1);
        let moved = !self.inserted.is_empty() || self.changed.values().any(Option::is_none);
        if !moved {
            let segment = self
                .message
                .nth(path.segment(), occurrence)
                .ok_or(EditError::NoSegment)?;
            return Ok(Target::Original(segment.position()));
        }
        let wanted = |id: SegmentId| path.segment().is_unknown() || id == path.segment();
        let count = self.message.segment_count();
        let inserted_id = |line: &[u8]| Index::of_line_id(line, self.writer.delimiters.field);
        (0..=count)
            .flat_map(|position| {
                let added = self
                    .inserted
                    .get(&position)
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                let added = added
                    .iter()
                    .enumerate()
                    .filter(|(_, line)| wanted(inserted_id(line)))
                    .map(move |(nth, _)| Target::Inserted(position, nth));
                let removed = matches!(self.changed.get(&position), Some(None));
                let original = self
                    .message
                    .segment(position)
                    .filter(|segment| !removed && wanted(segment.id()))
                    .map(|_| Target::Original(position));
                added.chain(original)
            })
            .nth(occurrence as usize - 1)
            .ok_or(EditError::NoSegment)
    }

    fn line(&mut self, target: Target) -> Result<&mut Vec<u8>, EditError> {
        match target {
            Target::Original(position) => {
                let segment = self.message.segment(position).ok_or(EditError::NoSegment)?;
                let line = self
                    .changed
                    .entry(position)
                    .or_insert_with(|| Some(segment.raw().to_vec()));
                line.as_mut().ok_or(EditError::NoSegment)
            }
            Target::Inserted(before, nth) => self
                .inserted
                .get_mut(&before)
                .and_then(|lines| lines.get_mut(nth))
                .ok_or(EditError::NoSegment),
        }
    }

    fn segment_line(&self, line: &str) -> Result<Vec<u8>, EditError> {
        let charset = self.writer.charset.unwrap_or(Charset::ASCII);
        segment_line(line, &self.writer, charset)
    }
}

/// The bytes of a segment given as text with separators in place.
fn segment_line(line: &str, writer: &Writer, charset: Charset) -> Result<Vec<u8>, EditError> {
    let named = !Index::of_line_id(line.as_bytes(), writer.delimiters.field).is_unknown();
    if !named || line.contains(['\r', '\n', '\u{b}', '\u{1c}']) {
        return Err(EditError::NotASegment);
    }
    charset
        .encode(line)
        .map(std::borrow::Cow::into_owned)
        .ok_or(EditError::Charset)
}

/// Shows how many segments are changed and put in.
impl fmt::Debug for Edit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inserted: usize = self.inserted.values().map(Vec::len).sum();
        write!(
            f,
            "Edit({} segments changed, {inserted} put in)",
            self.changed.len()
        )
    }
}
