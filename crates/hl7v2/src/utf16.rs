//! UTF-16: text whose bytes are no HL7 v2 before they are transcoded.

use std::fmt;

use ehr_types::{Finding, LineIndex, SourceLocation, Span};

/// Transcodes UTF-16 (with a byte order mark, or big- or little-endian text that begins with an
/// ASCII character) to UTF-8, without the mark; `None` when the bytes are not UTF-16.
///
/// HL7 v2 separators are single bytes, so a UTF-16 file is transcoded before it is parsed as a
/// [`Message`](crate::Message). The conversion, `import`, does so by itself. [`Utf16`] keeps the places too.
///
/// ```
/// let bytes = b"M\0S\0H\0|\0^\0~\0\\\0&\0";
/// let utf8 = ehr_hl7v2::utf16_to_utf8(bytes).unwrap();
/// assert_eq!(utf8, r"MSH|^~\&");
/// ```
pub fn utf16_to_utf8(bytes: &[u8]) -> Option<String> {
    let text = Utf16::read(bytes).filter(|text| text.faults.is_empty())?.text;
    Some(text.strip_prefix(MARK).map(str::to_owned).unwrap_or(text))
}

const MARK: char = '\u{feff}';

/// So many faults of a text are worth a finding each.
const MOST_FAULTS: usize = 1_000;

/// Text that was UTF-16, and where each part of it stood.
///
/// A message is parsed from [`text`](Self::text), with [`Charset::UTF_8`](crate::Charset::UTF_8) as its character set
/// whatever MSH-18 says; [`locate`](Self::locate) then leads from its places to those of the source.
///
/// ```
/// use ehr_hl7v2::{Charset, Message, ParseOptions, Utf16};
/// let bytes: Vec<u8> = "MSH|^~\\&|A\rPID|1||ü".encode_utf16().flat_map(u16::to_le_bytes).collect();
/// let wide = Utf16::read(&bytes).ok_or("not UTF-16")?;
/// let mut options = ParseOptions::default();
/// options.charset = Some(Charset::UTF_8);
/// let message = Message::parse_with(wide.text().as_bytes(), &options)?;
/// let mut location = message.first("PID").ok_or("no PID")?.field(3).location();
/// wide.locate(&mut location);
/// assert_eq!(location.span.map(|span| &bytes[span.start..span.end]), Some(&b"\xfc\0"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Utf16 {
    text: String,
    /// Offsets in the text of U+FFFD in the place of what is no UTF-16: half a surrogate pair, half a code unit.
    faults: Vec<usize>,
    /// Bytes of the source.
    length: usize,
    /// Offset in the source at every [`STEP`]th byte of the text, or the first after it that begins a character.
    steps: Vec<usize>,
}

const STEP: usize = 256;

/// Shows the size only: the text is patient data.
impl fmt::Debug for Utf16 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Utf16({} bytes, {} faults)", self.length, self.faults.len())
    }
}

impl Utf16 {
    /// Reads bytes as UTF-16: with a byte order mark, or where they begin with an ASCII character in it. Never fails for
    /// single faults.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let from_bytes = match bytes {
            [0xff, 0xfe, ..] => u16::from_le_bytes,
            [0xfe, 0xff, ..] => u16::from_be_bytes,
            [first, 0, ..] if first.is_ascii() && *first != 0 => u16::from_le_bytes,
            [0, first, ..] if first.is_ascii() && *first != 0 => u16::from_be_bytes,
            _ => return None,
        };
        let mut read = Self {
            text: String::with_capacity(bytes.len() / 2),
            faults: Vec::new(),
            length: bytes.len(),
            steps: Vec::new(),
        };
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units = pairs.iter().map(|pair| from_bytes(*pair));
        let mut at = 0;
        for character in char::decode_utf16(units) {
            let character = character.ok();
            read.push(character, at);
            at += 2 * character.map_or(1, char::len_utf16);
        }
        if !rest.is_empty() {
            read.push(None, at);
        }
        Some(read)
    }

    fn push(&mut self, character: Option<char>, at: usize) {
        if self.text.len() >= self.steps.len() * STEP {
            self.steps.push(at);
        }
        if character.is_none() {
            self.faults.push(self.text.len());
        }
        self.text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    /// The text, with the byte order mark where there was one, and U+FFFD for what is no UTF-16.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The faults, located in the source: `v2.charset.invalid`. Of very many only the first.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = self.findings_in_text();
        for finding in &mut findings {
            self.locate(&mut finding.location);
        }
        findings
    }

    /// The faults by their places in the text.
    pub(crate) fn findings_in_text(&self) -> Vec<Finding> {
        let lines = LineIndex::new(self.text.as_bytes());
        let fault = |at: &usize| {
            let span = Span::new(*at, at + char::REPLACEMENT_CHARACTER.len_utf8());
            Finding::error(
                "v2.charset.invalid",
                SourceLocation::default().at(span, &lines),
                "the bytes are not text in UTF-16; U+FFFD stands in their place",
            )
        };
        self.faults.iter().take(MOST_FAULTS).map(fault).collect()
    }

    /// The byte of the source that an offset in the text stands for.
    fn offset(&self, of_text: usize) -> usize {
        let step = (of_text / STEP).min(self.steps.len().saturating_sub(1));
        let at = self.steps.get(step).copied().unwrap_or(0);
        let start = (step * STEP..=of_text)
            .find(|offset| self.text.is_char_boundary(*offset))
            .unwrap_or(of_text);
        let between = self.text.get(start..of_text).unwrap_or_default();
        let units: usize = between.chars().map(char::len_utf16).sum();
        (at + 2 * units).min(self.length)
    }

    /// A place in the text as one in the source: range and column in its bytes.
    pub fn locate(&self, location: &mut SourceLocation) {
        let Some(span) = location.span else { return };
        let place = Span::new(self.offset(span.start), self.offset(span.end));
        if let Some(column) = location.column {
            let line = span.start.saturating_sub(column as usize - 1);
            location.column = u32::try_from(place.start - self.offset(line) + 1).ok();
        }
        location.span = Some(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_recognised_only_as_such() {
        assert_eq!(utf16_to_utf8(b"MSH|"), None);
        assert_eq!(utf16_to_utf8(b"\xfe\xff\0M\0S\0H").as_deref(), Some("MSH"));
        assert_eq!(utf16_to_utf8(b"M\0S\0H"), None, "half a code unit");
        assert_eq!(Utf16::read(b"M\0\0\xd8S\0").unwrap().text, "M\u{fffd}S");
    }

    #[test]
    fn every_offset_is_found_in_the_source() {
        let text: String = "\u{feff}aü漢😀\r".chars().cycle().take(2000).collect();
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let read = Utf16::read(&bytes).unwrap();
        assert_eq!(read.text, text);
        let mut at = 0;
        for (offset, character) in text.char_indices() {
            assert_eq!(read.offset(offset), at, "{offset}");
            at += 2 * character.len_utf16();
        }
        assert_eq!(read.offset(text.len()), bytes.len());
    }
}
