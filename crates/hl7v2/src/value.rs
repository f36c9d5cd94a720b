//! What a place in a message holds.

use std::borrow::Cow;
use std::fmt;

/// What stands at a place: four answers that mean four things (HL7 v2.8.2, chapter 2.5.3).
///
/// `Debug` shows the kind and length, never the text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Value<'m> {
    /// The sender did not write the place at all: the segment or field list ended before it.
    Absent,
    /// The place is there and holds nothing: the sender says nothing about it.
    Empty,
    /// `""`: the sender says that the receiver's value is to be deleted.
    Null,
    /// Text, decoded and unescaped. For a place that has parts, its parts with their separators.
    Text(Cow<'m, str>),
}

impl<'m> Value<'m> {
    /// The text, where there is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Empty | Self::Null => None,
        }
    }

    /// The text by value, where there is one.
    pub fn into_text(self) -> Option<Cow<'m, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Empty | Self::Null => None,
        }
    }

    /// Whether there is text.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// Whether the sender asks to delete (`""`).
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Empty => f.write_str("Empty"),
            Self::Null => f.write_str("Null"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
        }
    }
}
