//! Changing one segment line.

use ehr_types::Span;

use crate::charset::Charset;
use crate::delimiters::Delimiters;
use crate::edit::EditError;
use crate::escape::escape;
use crate::index::Index;
use crate::message::Message;
use crate::path::Path;
use crate::segment::Segment;
use crate::view::Node;

/// What the writing of values depends on.
#[derive(Clone, Copy)]
pub(crate) struct Writer {
    pub(crate) delimiters: Delimiters,
    /// `None`: ASCII, as nothing else is declared.
    pub(crate) charset: Option<Charset>,
}

impl Writer {
    /// Bytes of a text as one leaf value.
    pub(crate) fn leaf(&self, text: &str) -> Result<Vec<u8>, EditError> {
        let escaped = escape(text, &self.delimiters);
        if self.delimiters.escape.is_none() && self.level_of(escaped.as_bytes()).is_some() {
            return Err(EditError::NoDelimiter);
        }
        let charset = self.charset.unwrap_or(Charset::ASCII);
        charset
            .encode(&escaped)
            .map(std::borrow::Cow::into_owned)
            .ok_or(EditError::Charset)
    }

    /// The highest level that a separator in the bytes divides: 0 segments, 1 fields, 2 repetitions,
    /// 3 components, 4 subcomponents.
    fn level_of(&self, bytes: &[u8]) -> Option<u8> {
        let delimiters = &self.delimiters;
        let level = |byte: &u8| match *byte {
            b'\r' | b'\n' | 0x0b | 0x1c => Some(0),
            byte if byte == delimiters.field => Some(1),
            byte if Some(byte) == delimiters.repetition => Some(2),
            byte if Some(byte) == delimiters.component => Some(3),
            byte if Some(byte) == delimiters.subcomponent => Some(4),
            _ => None,
        };
        bytes.iter().filter_map(level).min()
    }

    /// Puts bytes at a place of a segment line, adding the separators that are missing before it.
    pub(crate) fn put(&self, line: &mut Vec<u8>, path: &Path<'_>, bytes: &[u8]) -> Result<(), EditError> {
        let field = path.field().ok_or(EditError::NotAPlace)?;
        let deepest = match (path.repetition(), path.component(), path.subcomponent()) {
            (_, _, Some(_)) => 4,
            (_, Some(_), None) => 3,
            (Some(_), None, None) => 2,
            (None, None, None) => 1,
        };
        // Multi-byte characters may hold bytes that look like separators: the text was escaped.
        let safe = self.charset.is_none_or(|charset| charset.is_ascii_safe());
        if safe && self.level_of(bytes).is_some_and(|level| level <= deepest) {
            return Err(EditError::Separator);
        }
        let (at, end, filler) = self.locate(line, path, field, deepest)?;
        let mut replacement = filler;
        replacement.extend_from_slice(bytes);
        line.splice(at..end, replacement);
        Ok(())
    }

    /// Takes a repetition, with the separator before or after it, out of a segment line.
    pub(crate) fn remove_repetition(&self, line: &mut Vec<u8>, path: &Path<'_>) -> Result<(), EditError> {
        let (Some(number), Some(repetition), None) = (path.field(), path.repetition(), path.component())
        else {
            return Err(EditError::NotAPlace);
        };
        let fragment = self.fragment(line);
        let field = Segment::new(&fragment, 0).field(number);
        let found = field.repetition(repetition);
        if found.is_absent() {
            return Ok(());
        }
        let (field, found) = (field.span(), found.span());
        let (start, end) = if found.end < field.end {
            (found.start, found.end + 1)
        } else {
            (found.start.max(field.start + 1) - 1, found.end)
        };
        // The only repetition has no separator of its own.
        let start = if found == field { found.start } else { start };
        drop(fragment);
        line.drain(start..end);
        Ok(())
    }

    /// Whether a place is written in a segment line.
    pub(crate) fn holds(&self, line: &[u8], path: &Path<'_>) -> bool {
        let fragment = self.fragment(line);
        let path = Path {
            occurrence: 1,
            ..path.without_groups()
        };
        fragment.node_at(&path).is_some_and(|node| !node.is_absent())
    }

    fn fragment<'l>(&self, line: &'l [u8]) -> Message<'l> {
        let mut index = Index::of_line(line, &self.delimiters);
        if let Some(charset) = &self.charset {
            index.clear_multibyte(line, charset);
        }
        Message::fragment(line, index, self.delimiters)
    }

    /// The range to replace for a place, and the separators to put before the value.
    fn locate(
        &self,
        line: &[u8],
        path: &Path<'_>,
        number: u32,
        deepest: u8,
    ) -> Result<(usize, usize, Vec<u8>), EditError> {
        let fragment = self.fragment(line);
        let segment = Segment::new(&fragment, 0);
        if segment.id().is_header() && (number <= 2 || segment.field(2).is_absent()) {
            return Err(EditError::Declaration);
        }
        let mut filler = Vec::new();
        let mut missing = |separator: Option<u8>, count: u32| -> Result<(), EditError> {
            if count == 0 {
                return Ok(());
            }
            let separator = separator.ok_or(EditError::NoDelimiter)?;
            if count > MOST_SEPARATORS {
                return Err(EditError::TooFar);
            }
            filler.extend(std::iter::repeat_n(separator, count as usize));
            Ok(())
        };
        let field = segment.field(number);
        let mut range = field.span();
        let mut exists = !field.is_absent();
        if !exists {
            range = segment.span();
            range.start = range.end;
            let written = segment.field_count();
            missing(Some(self.delimiters.field), number.saturating_sub(written))?;
        }
        let steps = [
            (2, path.repetition().unwrap_or(1), self.delimiters.repetition),
            (3, path.component().unwrap_or(1), self.delimiters.component),
            (4, path.subcomponent().unwrap_or(1), self.delimiters.subcomponent),
        ];
        for (level, number, separator) in steps {
            if level > deepest {
                break;
            }
            if !exists {
                missing(separator, number - 1)?;
                continue;
            }
            let node = match level {
                2 => present(field.repetition(number)),
                3 => present(field.repetition(path.repetition().unwrap_or(1)).component(number)),
                _ => present(
                    field
                        .repetition(path.repetition().unwrap_or(1))
                        .component(path.component().unwrap_or(1))
                        .subcomponent(number),
                ),
            };
            if let Some(span) = node {
                range = span;
                continue;
            }
            let written = match level {
                2 => field.repetitions().count(),
                3 => field
                    .repetition(path.repetition().unwrap_or(1))
                    .components()
                    .count(),
                _ => field
                    .repetition(path.repetition().unwrap_or(1))
                    .component(path.component().unwrap_or(1))
                    .subcomponents()
                    .count(),
            };
            exists = false;
            range.start = range.end;
            missing(separator, number.saturating_sub(written as u32))?;
        }
        Ok((range.start, range.end, filler))
    }
}

/// No more separators than this are added at once: a place further out is a mistake.
const MOST_SEPARATORS: u32 = 10_000;

/// The range of a part, when it is written.
fn present<'m>(part: impl Into<Node<'m>>) -> Option<Span> {
    let node = part.into();
    (!node.is_absent()).then(|| node.span())
}
