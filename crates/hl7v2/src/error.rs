//! Why something could not be done.

use ehr_types::Finding;
use thiserror::Error;

/// Why a source could not be read as a message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Malformed input: no line begins with MSH, FHS or BHS.
    #[error("no line begins with MSH, FHS or BHS")]
    NoHeader,
    /// Unsupported input: the bytes are UTF-16; see [`Utf16`](crate::Utf16).
    #[error("the source is UTF-16 text; transcode it to UTF-8 first")]
    Utf16,
    /// Limit reached: the source is longer than the limit of the options, or than 4 GiB.
    #[error("the source has {length} bytes, more than the {limit} allowed")]
    TooLong {
        /// Bytes in the source.
        length: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The caller asked for strict reading, and there were faults.
    #[error("strict reading was asked for, and there are {} faults", .0.len())]
    Strict(Vec<Finding>),
}

/// Why a text is not a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PathError {
    /// Neither a segment name nor `*` stands where one must.
    #[error("a segment name such as PID is expected at offset {at}")]
    Segment {
        /// Offset in the text of the path.
        at: usize,
    },
    /// A number from 1 to 4294967295 is expected.
    #[error("a number from 1 on is expected at offset {at}")]
    Number {
        /// Offset in the text of the path.
        at: usize,
    },
    /// An opening bracket is not closed.
    #[error("the bracket is not closed at offset {at}")]
    Bracket {
        /// Offset in the text of the path.
        at: usize,
    },
    /// The path goes on after a subcomponent, or holds a character that belongs nowhere.
    #[error("nothing more is expected at offset {at}")]
    Trailing {
        /// Offset in the text of the path.
        at: usize,
    },
}
