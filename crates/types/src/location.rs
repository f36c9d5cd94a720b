//! Where in a source something stands.

#[cfg(feature = "values")]
use serde::{Deserialize, Serialize};

/// A half-open range of byte offsets in a source: `start..end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "values", derive(Serialize, Deserialize))]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset one past the last byte.
    pub end: usize,
}

impl Span {
    /// The span `start..end`; an `end` before `start` is taken as `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// Number of bytes covered.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether no byte is covered.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// Where something stands in a source document or message.
///
/// `path` is in the format's own words: `Patient.name[0].given[1]` in FHIR, `PID-5[1].2` in HL7 v2,
/// `/ClinicalDocument/component/…` in C-CDA. Line and column count from 1; the column counts bytes.
///
/// ```
/// use ehr_types::{LineIndex, SourceLocation, Span};
/// let text = b"{\n  \"birthDate\": \"x\"}";
/// let place = SourceLocation::new("Patient.birthDate").at(Span::new(17, 20), &LineIndex::new(text));
/// assert_eq!((place.line, place.column), (Some(2), Some(16)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "values", derive(Serialize, Deserialize))]
pub struct SourceLocation {
    /// Path in the words of the format; empty for the whole source.
    pub path: String,
    /// Bytes covered, where known.
    #[cfg_attr(feature = "values", serde(default, skip_serializing_if = "Option::is_none"))]
    pub span: Option<Span>,
    /// Line of the first byte, from 1.
    #[cfg_attr(feature = "values", serde(default, skip_serializing_if = "Option::is_none"))]
    pub line: Option<u32>,
    /// Column of the first byte in its line, in bytes from 1.
    #[cfg_attr(feature = "values", serde(default, skip_serializing_if = "Option::is_none"))]
    pub column: Option<u32>,
}

impl SourceLocation {
    /// A location known by its path alone.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            ..Self::default()
        }
    }

    /// The same path with its bytes, line and column.
    #[must_use]
    pub fn at(mut self, span: Span, lines: &LineIndex) -> Self {
        let (line, column) = lines.line_column(span.start);
        self.span = Some(span);
        self.line = Some(line);
        self.column = Some(column);
        self
    }
}

/// Finds the line and column of a byte offset; lines end at LF, CRLF or a lone CR.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Indexes the line starts of `source`.
    pub fn new(source: &[u8]) -> Self {
        let mut starts = vec![0];
        let mut bytes = source.iter().enumerate().peekable();
        while let Some((offset, byte)) = bytes.next() {
            match byte {
                b'\n' => starts.push(offset + 1),
                b'\r' if bytes.peek().is_none_or(|(_, next)| **next != b'\n') => starts.push(offset + 1),
                _ => {}
            }
        }
        Self { starts }
    }

    /// Line and column (both from 1, the column in bytes) of the byte at `offset`.
    pub fn line_column(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.wrapping_sub(1)).copied().unwrap_or(0);
        (line.max(1) as u32, (offset - start + 1) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_every_kind_of_terminator() {
        let index = LineIndex::new(b"a\nb\r\nc\rd");
        assert_eq!(index.line_column(0), (1, 1));
        assert_eq!(index.line_column(2), (2, 1));
        assert_eq!(index.line_column(5), (3, 1));
        assert_eq!(index.line_column(7), (4, 1));
        assert_eq!(LineIndex::new(b"").line_column(0), (1, 1));
    }
}
