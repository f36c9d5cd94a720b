//! Messages from nothing.

use std::fmt;

use super::{EditError, Writer, segment_line};
use crate::charset::Charset;
use crate::delimiters::Delimiters;
use crate::error::ParseError;
use crate::index::Index;
use crate::message::Message;
use crate::path::Path;
use crate::segment_id::SegmentId;

/// Makes a message place by place.
///
/// Setting a place of a segment that is not there yet adds the segment at the end; to begin a further
/// one of the same name, name its occurrence, or call [`segment`](Self::segment).
///
/// ```
/// use ehr_hl7v2::Builder;
/// let mut builder = Builder::new();
/// builder.set("MSH-9.1", "ORU")?;
/// builder.set("MSH-9.2", "R01")?;
/// builder.set("PID-5.1", "O|Hara")?;
/// builder.set("OBX-1", "1")?;
/// builder.set("OBX[2]-1", "2")?;
/// builder.set_null("OBX[2]-5")?;
/// assert_eq!(
///     builder.finish(),
///     b"MSH|^~\\&|||||||ORU^R01\rPID|||||O\\F\\Hara\rOBX|1\rOBX|2||||\"\"\r"
/// );
/// # Ok::<(), ehr_hl7v2::EditError>(())
/// ```
#[derive(Clone)]
pub struct Builder {
    writer: Writer,
    lines: Vec<Vec<u8>>,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// A message with `|^~\&`.
    pub fn new() -> Self {
        Self::with_delimiters(Delimiters::STANDARD)
    }

    /// A message with delimiters of the caller's choice.
    pub fn with_delimiters(delimiters: Delimiters) -> Self {
        let mut header = b"MSH".to_vec();
        header.push(delimiters.field);
        header.extend_from_slice(delimiters.encoding_characters().as_bytes());
        Self {
            writer: Writer {
                delimiters,
                charset: None,
            },
            lines: vec![header],
        }
    }

    /// Adds a segment with nothing in it, also when there is one of its name.
    ///
    /// # Errors
    /// When it is no name of a segment.
    pub fn segment(&mut self, name: &str) -> Result<&mut Self, EditError> {
        let id = SegmentId::new(name).ok_or(EditError::NotASegment)?;
        self.lines.push(id.as_str().as_bytes().to_vec());
        Ok(self)
    }

    /// Adds a segment given with its separators: `NTE|1||text`.
    ///
    /// # Errors
    /// When the line does not begin with the name of a segment, or holds a line end.
    pub fn line(&mut self, line: &str) -> Result<&mut Self, EditError> {
        let charset = self.writer.charset.unwrap_or(Charset::ASCII);
        let line = segment_line(line, &self.writer, charset)?;
        self.lines.push(line);
        Ok(self)
    }

    /// Sets a place to a text, which is escaped. Setting MSH-18 decides how the texts after it are
    /// written; until then they must be ASCII.
    ///
    /// # Errors
    /// When the place cannot hold the text, or the segment before it is missing: see [`EditError`].
    pub fn set(&mut self, path: &str, text: &str) -> Result<&mut Self, EditError> {
        let path = Path::parse(path)?;
        let bytes = self.writer.leaf(text)?;
        self.put(&path, &bytes)?;
        if path.segment() == SegmentId::MSH && path.field() == Some(18) && path.repetition().unwrap_or(1) == 1
        {
            self.writer.charset = Charset::from_name(text.trim());
        }
        Ok(self)
    }

    /// Sets a place to null (`""`).
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn set_null(&mut self, path: &str) -> Result<&mut Self, EditError> {
        self.put(&Path::parse(path)?, b"\"\"")?;
        Ok(self)
    }

    /// Sets a place to bytes as they are, with separators below the level of the place.
    ///
    /// # Errors
    /// As [`set`](Self::set); and when the bytes hold a separator of the level of the place or above.
    pub fn set_raw(&mut self, path: &str, bytes: &[u8]) -> Result<&mut Self, EditError> {
        self.put(&Path::parse(path)?, bytes)?;
        Ok(self)
    }

    fn put(&mut self, path: &Path<'_>, bytes: &[u8]) -> Result<(), EditError> {
        let id = path.segment();
        if id.is_unknown() || !path.groups().is_empty() {
            return Err(EditError::NotAPlace);
        }
        let field = self.writer.delimiters.field;
        let of_name = |line: &&mut Vec<u8>| Index::of_line_id(line, field) == id;
        let wanted = path.occurrence().unwrap_or(1) as usize;
        let count = self.lines.iter_mut().filter(of_name).count();
        if wanted > count + 1 {
            return Err(EditError::NoSegment);
        }
        let writer = self.writer;
        match self.lines.iter_mut().filter(of_name).nth(wanted - 1) {
            Some(line) => writer.put(line, path, bytes),
            None => {
                let mut line = id.as_str().as_bytes().to_vec();
                writer.put(&mut line, path, bytes)?;
                self.lines.push(line);
                Ok(())
            }
        }
    }

    /// The bytes of the message; each segment ends with CR.
    pub fn finish(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.lines.iter().map(|line| line.len() + 1).sum());
        for line in &self.lines {
            out.extend_from_slice(line);
            out.push(b'\r');
        }
        out
    }

    /// The message.
    ///
    /// # Errors
    /// When the message is longer than a message may be.
    pub fn finish_message(&self) -> Result<Message<'static>, ParseError> {
        Message::parse_with(self.finish(), &crate::message::ParseOptions::default())
    }
}

/// Shows the number of segments.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Builder({} segments)", self.lines.len())
    }
}
