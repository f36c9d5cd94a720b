//! Why a change cannot be made.

use thiserror::Error;

use crate::error::{ParseError, PathError};

/// Why a change could not be made. Nothing is changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EditError {
    /// The text of the path is not a path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The path ends at a segment where a field or less is meant, or is deeper than what is meant.
    #[error("the path does not lead to a place of the kind that this change is for")]
    NotAPlace,
    /// There is no such segment.
    #[error("there is no such segment")]
    NoSegment,
    /// MSH-1 and MSH-2 declare the delimiters of the whole message; they cannot be changed alone.
    #[error("the delimiters that the header declares cannot be changed")]
    Declaration,
    /// The place needs a delimiter that the message does not declare.
    #[error("the place or the text needs a delimiter that the message does not declare")]
    NoDelimiter,
    /// The bytes hold a separator that would divide more than the place.
    #[error("the bytes hold a separator of the level of the place or above it")]
    Separator,
    /// The text has a character that the message's character set lacks; MSH-18 can name another.
    #[error("the text has a character that is not in the message's character set")]
    Charset,
    /// The place is more than 10,000 separators beyond what is written.
    #[error("the place lies too far beyond what is written")]
    TooFar,
    /// The line does not begin with the name of a segment, or holds a line end.
    #[error("the line is not one segment")]
    NotASegment,
    /// The result is not a message.
    #[error(transparent)]
    Parse(#[from] ParseError),
}
