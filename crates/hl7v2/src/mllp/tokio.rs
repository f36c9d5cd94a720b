//! MLLP over tokio streams.

use std::io::Result;

use ::tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Decoder, Received, frame};

/// An MLLP connection over a tokio stream.
#[derive(Debug)]
pub struct AsyncConnection<S> {
    stream: S,
    decoder: Decoder,
    chunk: Vec<u8>,
    ended: bool,
}

impl<S> AsyncConnection<S> {
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

impl<S: AsyncRead + Unpin> AsyncConnection<S> {
    /// Waits for the next frame, or for junk to report; `None` when the other side has closed.
    /// May be cancelled: what came so far stays for the next call.
    ///
    /// # Errors
    /// When reading fails.
    pub async fn receive(&mut self) -> Result<Option<Received>> {
        loop {
            if let Some(event) = self.decoder.next_event() {
                return Ok(Some(event.into()));
            }
            if self.ended {
                return Ok(None);
            }
            match self.stream.read(&mut self.chunk).await? {
                0 => {
                    self.ended = true;
                    if let Some(event) = self.decoder.finish() {
                        return Ok(Some(event.into()));
                    }
                }
                length => self.decoder.push(self.chunk.get(..length).unwrap_or_default()),
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncConnection<S> {
    /// Sends a message in its frame. Not to be cancelled, or half a frame may have been sent.
    ///
    /// # Errors
    /// When writing fails.
    pub async fn send(&mut self, message: &[u8]) -> Result<()> {
        self.stream.write_all(&frame(message)).await?;
        self.stream.flush().await
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Runs a future whose streams are always ready.
    fn ready<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("streams in memory are always ready"),
        }
    }

    #[test]
    fn frames_are_received_and_sent() {
        let mut connection = AsyncConnection::new(&b"\x0bA\x1c\r\x0bB"[..]);
        assert_eq!(
            ready(connection.receive()).unwrap(),
            Some(Received::Frame(b"A".to_vec()))
        );
        assert_eq!(ready(connection.receive()).unwrap(), Some(Received::Junk(2)));
        assert_eq!(ready(connection.receive()).unwrap(), None);
        let mut connection = AsyncConnection::new(Vec::new());
        ready(connection.send(b"A")).unwrap();
        assert_eq!(connection.into_inner(), b"\x0bA\x1c\r");
    }
}
