//! MLLP over streams of `std::io`.

use std::io::{ErrorKind, Read, Result, Write};

use super::{Decoder, Received, frame};

/// An MLLP connection over a blocking stream, such as a `TcpStream`.
///
/// ```
/// use std::io::Cursor;
/// use ehr_hl7v2::mllp::{Connection, Received};
/// let mut connection = Connection::new(Cursor::new(b"\x0bMSH|^~\\&\r\x1c\r".to_vec()));
/// assert_eq!(connection.receive()?, Some(Received::Frame(b"MSH|^~\\&\r".to_vec())));
/// assert_eq!(connection.receive()?, None);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Connection<S> {
    stream: S,
    decoder: Decoder,
    chunk: Vec<u8>,
    ended: bool,
}

impl<S> Connection<S> {
    /// A connection for messages of up to 64 MiB.
    pub fn new(stream: S) -> Self {
        Self::with_decoder(stream, Decoder::new())
    }

    /// A connection with a decoder of the caller's limits.
    pub fn with_decoder(stream: S, decoder: Decoder) -> Self {
        Self {
            stream,
            decoder,
            chunk: vec![0; 16 * 1024],
            ended: false,
        }
    }

    /// The stream.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: Read> Connection<S> {
    /// Waits for the next frame, or for junk to report; `None` when the other side has closed.
    ///
    /// # Errors
    /// When reading fails. A timeout loses nothing: what came so far stays for the next call.
    pub fn receive(&mut self) -> Result<Option<Received>> {
        loop {
            if let Some(event) = self.decoder.next_event() {
                return Ok(Some(event.into()));
            }
            if self.ended {
                return Ok(None);
            }
            match self.stream.read(&mut self.chunk) {
                Ok(0) => {
                    self.ended = true;
                    if let Some(event) = self.decoder.finish() {
                        return Ok(Some(event.into()));
                    }
                }
                Ok(length) => self.decoder.push(self.chunk.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<S: Write> Connection<S> {
    /// Sends a message in its frame.
    ///
    /// # Errors
    /// When writing fails.
    pub fn send(&mut self, message: &[u8]) -> Result<()> {
        self.stream.write_all(&frame(message))?;
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn an_open_frame_at_the_end_is_junk() {
        let mut connection = Connection::new(Cursor::new(b"\x0bA\x1c\r\x0bB".to_vec()));
        assert_eq!(
            connection.receive().unwrap(),
            Some(Received::Frame(b"A".to_vec()))
        );
        assert_eq!(connection.receive().unwrap(), Some(Received::Junk(2)));
        assert_eq!(connection.receive().unwrap(), None);
        assert_eq!(connection.receive().unwrap(), None);
    }

    #[test]
    fn messages_are_framed() {
        let mut connection = Connection::new(Cursor::new(Vec::new()));
        connection.send(b"A").unwrap();
        assert_eq!(connection.into_inner().into_inner(), b"\x0bA\x1c\r");
    }
}
