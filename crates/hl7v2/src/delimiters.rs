//! The characters that give a message its shape, as its own header declares them.

use std::fmt;

/// The delimiters of one message, read from MSH-1 and MSH-2 (HL7 v2.8.2, chapter 2.5.4).
///
/// A sender may leave out those it does not use; they are then `None` and stand for nothing.
///
/// ```
/// use ehr_hl7v2::Message;
/// let message = Message::parse(b"MSH#!@%*#LAB\rPID#1##7!!!MRN\r")?;
/// assert_eq!(message.delimiters().field, b'#');
/// assert_eq!(message.delimiters().component, Some(b'!'));
/// assert_eq!(message.get("PID-3.4")?.text(), Some("MRN"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Delimiters {
    /// Between fields: MSH-1, usually `|`.
    pub field: u8,
    /// Between components: first character of MSH-2, usually `^`.
    pub component: Option<u8>,
    /// Between repetitions of a field: second character of MSH-2, usually `~`.
    pub repetition: Option<u8>,
    /// Around an escape sequence: third character of MSH-2, usually `\`.
    pub escape: Option<u8>,
    /// Between subcomponents: fourth character of MSH-2, usually `&`.
    pub subcomponent: Option<u8>,
    /// After a value that was cut short: fifth character of MSH-2 since v2.7, usually `#`.
    pub truncation: Option<u8>,
}

impl Delimiters {
    /// The recommended characters `|^~\&`, without a truncation character.
    pub const STANDARD: Self = Self {
        field: b'|',
        component: Some(b'^'),
        repetition: Some(b'~'),
        escape: Some(b'\\'),
        subcomponent: Some(b'&'),
        truncation: None,
    };

    /// Reads them from the bytes of a header segment (`MSH|^~\&|…`).
    pub(crate) fn from_header(header: &[u8]) -> Self {
        let Some(&field) = header.get(3).filter(|byte| is_delimiter(**byte)) else {
            return Self::STANDARD;
        };
        let rest = header.get(4..).unwrap_or_default();
        let end = rest
            .iter()
            .position(|byte| *byte == field || *byte < b' ')
            .unwrap_or(rest.len());
        let declared = rest.get(..end).unwrap_or_default();
        if declared.is_empty() {
            return Self {
                field,
                ..Self::STANDARD
            }
            .without(field);
        }
        let nth = |n: usize| declared.get(n).copied().filter(|byte| is_delimiter(*byte));
        Self {
            field,
            component: nth(0),
            repetition: nth(1),
            escape: nth(2),
            subcomponent: nth(3),
            truncation: nth(4),
        }
    }

    /// Drops a default that the field separator already takes.
    fn without(mut self, taken: u8) -> Self {
        for slot in [
            &mut self.component,
            &mut self.repetition,
            &mut self.escape,
            &mut self.subcomponent,
        ] {
            if *slot == Some(taken) {
                *slot = None;
            }
        }
        self
    }

    /// The text of MSH-2: the encoding characters in their order, up to the first that is unused.
    pub fn encoding_characters(&self) -> String {
        [
            self.component,
            self.repetition,
            self.escape,
            self.subcomponent,
            self.truncation,
        ]
        .into_iter()
        .map_while(|byte| byte.map(char::from))
        .collect()
    }

    /// Whether any two of them are the same character, so that one meaning is hidden by the other.
    pub fn has_duplicates(&self) -> bool {
        let mut seen = [false; 256];
        [
            Some(self.field),
            self.component,
            self.repetition,
            self.escape,
            self.subcomponent,
            self.truncation,
        ]
        .into_iter()
        .flatten()
        .any(|byte| {
            seen.get_mut(usize::from(byte))
                .is_some_and(|slot| std::mem::replace(slot, true))
        })
    }
}

impl Default for Delimiters {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// `|^~\&`, the characters in the order of MSH-1 and MSH-2.
impl fmt::Display for Delimiters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(self.field), self.encoding_characters())
    }
}

/// Whether a byte can be a delimiter: ASCII, and neither a letter, a digit nor a line end.
pub(crate) fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'\r' | b'\n' | 0x0b | 0x1c)
}
