//! MLLP, the minimal lower layer protocol: messages framed by 0x0B … 0x1C 0x0D in a byte stream.
//!
//! [`Decoder`] does no input or output: bytes go in as they come, frames come out, wherever the
//! stream was cut. Adapters for `std::io` and tokio streams are behind the features
//! `mllp-blocking` and `mllp-tokio`.

#[cfg(feature = "mllp-blocking")]
mod blocking;
mod decoder;
#[cfg(feature = "mllp-tokio")]
mod tokio;

#[cfg(feature = "mllp-blocking")]
pub use blocking::Connection;
pub use decoder::{Commit, Decoder, Event};

#[cfg(feature = "mllp-tokio")]
pub use self::tokio::AsyncConnection;

/// First byte of a frame.
pub const START: u8 = 0x0b;
/// The two bytes that end a frame.
pub const END: [u8; 2] = [0x1c, 0x0d];

/// A message in its frame.
///
/// ```
/// assert_eq!(ehr_hl7v2::mllp::frame(b"MSH|^~\\&\r"), b"\x0bMSH|^~\\&\r\x1c\r");
/// ```
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(message.len() + 3);
    frame.push(START);
    frame.extend_from_slice(message);
    frame.extend_from_slice(&END);
    frame
}

/// What a connection received.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Received {
    /// The content of a frame.
    Frame(Vec<u8>),
    /// Bytes outside of any frame, or a frame without its end: how many there were.
    Junk(usize),
    /// A frame longer than the limit, passed over: how many bytes it had.
    TooLong(usize),
}

#[cfg(any(feature = "mllp-blocking", feature = "mllp-tokio"))]
impl From<Event<'_>> for Received {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Frame(bytes) => Self::Frame(bytes.to_vec()),
            Event::Junk(span) | Event::Incomplete(span) => Self::Junk(span.len()),
            Event::TooLong(span) => Self::TooLong(span.len()),
        }
    }
}
