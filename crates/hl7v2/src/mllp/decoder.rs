//! Frames out of bytes.

use std::fmt;

use ehr_types::Span;

use super::START;

/// Takes frames out of a stream of bytes that is cut anywhere.
///
/// A frame ends at 0x1C; the 0x0D that belongs behind it is taken when it comes, so that a sender
/// who leaves it out is not waited for. Bytes between frames are junk, but for line ends. A start
/// byte inside of a frame means that the end of the one before was lost: that one is reported as
/// incomplete, and the new one read.
///
/// ```
/// use ehr_hl7v2::mllp::{Decoder, Event};
/// let mut decoder = Decoder::new();
/// decoder.push(b"\x0bMSH|^~\\");
/// assert_eq!(decoder.next_event(), None, "the frame is not whole yet");
/// decoder.push(b"&\r\x1c");
/// assert_eq!(decoder.next_event(), Some(Event::Frame(b"MSH|^~\\&\r")));
/// decoder.push(b"\r");
/// assert_eq!(decoder.next_event(), None);
/// ```
#[derive(Clone)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// Where the next event begins in `buffer`.
    at: usize,
    /// Up to where the current frame has been searched for its end.
    searched: usize,
    /// Offset of `buffer[0]` in the stream.
    base: usize,
    /// Bytes of the current frame that were thrown away because it is too long.
    dropped: usize,
    /// A 0x0D that comes next belongs to the frame just given out.
    after_end: bool,
    limit: usize,
}

/// What a [`Decoder`] finds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Event<'d> {
    /// The content of a frame.
    Frame(&'d [u8]),
    /// Bytes outside of any frame, with their range in the stream.
    Junk(Span),
    /// A frame without its end, with its range in the stream.
    Incomplete(Span),
    /// A frame longer than the limit, with its range in the stream.
    TooLong(Span),
}

/// A commit acknowledgement of MLLP release 2: a frame of one byte that says whether the message
/// was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Commit {
    /// 0x06: stored.
    Ack,
    /// 0x15: not stored.
    Nak,
}

impl Commit {
    /// The commit acknowledgement that the content of a frame is; `None` for a message.
    pub fn of(frame: &[u8]) -> Option<Self> {
        match frame {
            [0x06] => Some(Self::Ack),
            [0x15] => Some(Self::Nak),
            _ => None,
        }
    }

    /// The content of its frame.
    pub fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Ack => &[0x06],
            Self::Nak => &[0x15],
        }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::with_limit(64 * 1024 * 1024)
    }
}

impl Decoder {
    /// A decoder for frames of up to 64 MiB.
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder for frames of up to `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            at: 0,
            searched: 0,
            base: 0,
            dropped: 0,
            after_end: false,
            limit,
        }
    }

    /// Adds bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.at > 0 && self.at >= self.buffer.len() / 2 {
            self.buffer.drain(..self.at);
            self.base += self.at;
            self.searched = self.searched.saturating_sub(self.at);
            self.at = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// How many bytes wait for the rest of their frame.
    pub fn pending(&self) -> usize {
        self.buffer.len() - self.at
    }

    /// The next event; `None` when more bytes are needed.
    pub fn next_event(&mut self) -> Option<Event<'_>> {
        if self.dropped == 0 {
            if let Some(junk) = self.between_frames() {
                return Some(Event::Junk(junk));
            }
            if self.buffer.get(self.at) != Some(&START) {
                return None;
            }
        }
        // In a frame: `at` is its start byte, or where the kept part of a long one begins.
        let first = if self.dropped == 0 { self.at + 1 } else { self.at };
        let from = self.searched.max(first);
        let rest = self.buffer.get(from..).unwrap_or_default();
        match memchr::memchr2(0x1c, START, rest) {
            None => {
                self.searched = self.buffer.len();
                if self.dropped > 0 || self.searched - first > self.limit {
                    self.dropped += self.searched - self.at;
                    self.at = self.searched;
                }
                None
            }
            Some(found) => {
                let end = from + found;
                let restart = self.buffer.get(end) == Some(&START);
                let start = self.base + self.at - self.dropped;
                let too_long = self.dropped > 0 || end - first > self.limit;
                self.dropped = 0;
                self.at = if restart { end } else { end + 1 };
                self.after_end = !restart;
                self.searched = self.at;
                let span = Span::new(start, self.base + self.at);
                if too_long {
                    Some(Event::TooLong(span))
                } else if restart {
                    Some(Event::Incomplete(span))
                } else {
                    self.buffer.get(first..end).map(Event::Frame)
                }
            }
        }
    }

    /// Says that the stream has ended: what is left of a frame without end, if anything.
    pub fn finish(&mut self) -> Option<Event<'static>> {
        let _ = self.between_frames();
        let start = self.base + self.at - self.dropped;
        let span = Span::new(start, self.base + self.buffer.len());
        self.at = self.buffer.len();
        self.dropped = 0;
        (!span.is_empty()).then_some(Event::Incomplete(span))
    }

    /// Passes over line ends between frames; the range of other bytes there, if any.
    fn between_frames(&mut self) -> Option<Span> {
        if self.after_end && self.buffer.get(self.at) == Some(&b'\r') {
            self.at += 1;
            self.after_end = false;
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let length = memchr::memchr(START, rest).unwrap_or(rest.len());
        let junk = rest.get(..length).unwrap_or_default();
        let blank = junk.iter().all(u8::is_ascii_whitespace);
        let span = Span::new(self.base + self.at, self.base + self.at + length);
        self.at += length;
        if length > 0 {
            self.after_end = false;
        }
        self.searched = self.searched.max(self.at);
        (!blank).then_some(span)
    }
}

/// Shows how many bytes wait.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoder({} bytes pending)", self.pending())
    }
}

/// Shows kind and size, not the content.
impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(bytes) => write!(f, "Frame({} bytes)", bytes.len()),
            Self::Junk(span) => write!(f, "Junk at {}..{}", span.start, span.end),
            Self::Incomplete(span) => write!(f, "Incomplete at {}..{}", span.start, span.end),
            Self::TooLong(span) => write!(f, "TooLong at {}..{}", span.start, span.end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    enum Seen {
        Frame(Vec<u8>),
        Incomplete(Span),
        TooLong(Span),
    }

    /// Events when the stream comes in pieces of `size`; junk is put together over cuts.
    fn run(stream: &[u8], size: usize, limit: usize) -> (Vec<Seen>, usize) {
        let mut decoder = Decoder::with_limit(limit);
        let (mut seen, mut junk) = (Vec::new(), 0);
        for piece in stream.chunks(size) {
            decoder.push(piece);
            while let Some(event) = decoder.next_event() {
                match event {
                    Event::Frame(bytes) => seen.push(Seen::Frame(bytes.to_vec())),
                    Event::Junk(span) => junk += span.len(),
                    Event::Incomplete(span) => seen.push(Seen::Incomplete(span)),
                    Event::TooLong(span) => seen.push(Seen::TooLong(span)),
                }
            }
        }
        if let Some(Event::Incomplete(span)) = decoder.finish() {
            seen.push(Seen::Incomplete(span));
        }
        (seen, junk)
    }

    #[test]
    fn frames_come_out_wherever_the_stream_is_cut() {
        let stream = b"\x0bA\r\x1c\r\x0bBB\x1c\x0bC\x1c\r\n\r\njunk\x0bD\x0bE\x1c\r\x0b\x1c\r\x0bopen";
        let expected = vec![
            Seen::Frame(b"A\r".to_vec()),
            Seen::Frame(b"BB".to_vec()),
            Seen::Frame(b"C".to_vec()),
            Seen::Incomplete(Span::new(20, 22)),
            Seen::Frame(b"E".to_vec()),
            Seen::Frame(Vec::new()),
            Seen::Incomplete(Span::new(29, 34)),
        ];
        for size in 1..=stream.len() {
            let (seen, junk) = run(stream, size, 100);
            assert_eq!(seen, expected, "in pieces of {size}");
            assert!(
                (4..=7).contains(&junk),
                "the junk is reported, blanks beside it perhaps with it: {junk}"
            );
        }
    }

    #[test]
    fn long_frames_are_passed_over_and_the_next_is_read() {
        let stream = [
            b"\x0bA\x1c\r\x0b".to_vec(),
            vec![b'x'; 1000],
            b"\x1c\r\x0bB\x1c\r".to_vec(),
        ]
        .concat();
        for size in [1, 3, 50, 5000] {
            let (seen, _) = run(&stream, size, 100);
            assert_eq!(
                seen,
                [
                    Seen::Frame(b"A".to_vec()),
                    Seen::TooLong(Span::new(4, 1006)),
                    Seen::Frame(b"B".to_vec())
                ],
                "in pieces of {size}"
            );
        }
    }

    #[test]
    fn commit_bytes_are_recognised() {
        assert_eq!(Commit::of(b"\x06"), Some(Commit::Ack));
        assert_eq!(Commit::of(Commit::Nak.as_bytes()), Some(Commit::Nak));
        assert_eq!(Commit::of(b"MSH|"), None);
    }
}
