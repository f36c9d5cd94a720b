//! The changed message: what was put in and taken out, between the bytes that stay.

use super::Edit;
use crate::error::ParseError;
use crate::message::Message;

impl Edit<'_> {
    /// The bytes of the message with all changes.
    pub fn finish(&self) -> Vec<u8> {
        let source = self.message.as_bytes();
        let lines = &self.message.index.lines;
        let terminator = self.terminator();
        let mut out = Vec::with_capacity(source.len() + 256);
        let mut copied = 0;
        for (position, line) in lines.iter().enumerate() {
            let (start, end) = (line.start as usize, line.end as usize);
            let added = self.inserted.get(&position);
            let change = self.changed.get(&position);
            if added.is_none() && change.is_none() {
                continue;
            }
            out.extend_from_slice(source.get(copied..start).unwrap_or_default());
            copied = start;
            for line in added.into_iter().flatten() {
                out.extend_from_slice(line);
                out.extend_from_slice(terminator);
            }
            match change {
                None => {}
                Some(Some(bytes)) => {
                    out.extend_from_slice(bytes);
                    copied = end;
                }
                Some(None) => copied = end + terminator_length(source, end, self.message.content().end),
            }
        }
        self.finish_tail(out, copied, terminator)
    }

    /// What comes after the last changed segment, with the segments put in at the end.
    fn finish_tail(&self, mut out: Vec<u8>, copied: usize, terminator: &[u8]) -> Vec<u8> {
        let source = self.message.as_bytes();
        let last = self
            .message
            .index
            .lines
            .last()
            .map_or(0, |line| line.end as usize);
        let mut rest = copied;
        if let Some(added) = self.inserted.get(&self.message.segment_count()) {
            let length = terminator_length(source, last, self.message.content().end);
            let end = (last + length).max(copied);
            out.extend_from_slice(source.get(copied..end).unwrap_or_default());
            rest = end;
            let open = length == 0 && !out.is_empty();
            for line in added {
                if open {
                    out.extend_from_slice(terminator);
                    out.extend_from_slice(line);
                } else {
                    out.extend_from_slice(line);
                    out.extend_from_slice(terminator);
                }
            }
        }
        out.extend_from_slice(source.get(rest..).unwrap_or_default());
        out
    }

    /// The message with all changes.
    ///
    /// # Errors
    /// When strict options find faults in the result.
    pub fn finish_message(&self) -> Result<Message<'static>, ParseError> {
        Message::parse_with(self.finish(), self.message.options())
    }

    /// How this message ends its first segment; CR if it has only one.
    fn terminator(&self) -> &'static [u8] {
        let end = self
            .message
            .index
            .lines
            .first()
            .map_or(0, |line| line.end as usize);
        match self.message.as_bytes().get(end..).unwrap_or_default() {
            [b'\r', b'\n', ..] => b"\r\n",
            [b'\n', ..] => b"\n",
            _ => b"\r",
        }
    }
}

/// Length of the line end at an offset: 0, 1 or 2.
fn terminator_length(source: &[u8], at: usize, end: usize) -> usize {
    match source.get(at..end).unwrap_or_default() {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}
