//! MLLP frames that break off.

use super::{Part, PartKind};
use crate::mllp::{END, START};

/// The parts at which an MLLP frame breaks off: it has begun, and its end (0x1C) does not come before the next one
/// begins, or at all.
pub(crate) fn cut_frames<'a>(parts: impl IntoIterator<Item = Part<'a>>) -> Vec<Part<'a>> {
    let mut cut = Vec::new();
    // The last part of the frame that has begun and not ended.
    let mut open: Option<Part<'a>> = None;
    for part in parts {
        if part.kind == PartKind::Preamble {
            continue;
        }
        let begins = part.bytes.first() == Some(&START);
        if begins {
            cut.extend(open);
        }
        if begins || open.is_some() {
            let ends = memchr::memchr(END[0], part.bytes).is_some();
            open = (!ends).then_some(part);
        }
    }
    cut.extend(open);
    cut
}

impl Part<'_> {
    /// Whether the last segment has its line end, so that it is whole even where the part is cut off.
    pub(crate) fn ends_with_line_end(&self) -> bool {
        matches!(self.bytes.last(), Some(b'\r' | b'\n'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::parts;

    #[test]
    fn a_frame_breaks_off_where_its_end_is_missing() {
        for (source, expected) in [
            (&b"MSH|A\rPID|1"[..], vec![]),
            (b"\x0bMSH|A\r\x1c\r", vec![]),
            (b"\x0bMSH|A\r\x1c", vec![]),
            (b"\x0bMSH|A\rPID|1", vec![(0, 12)]),
            (b"\x0bMSH|A\rPI\x0bMSH|B\r\x1c\r", vec![(0, 9)]),
            (b"\x0bMSH|A\r\x1c\r\x0bMSH|B\r", vec![(9, 16)]),
            // A batch in one frame, and messages without a frame behind one.
            (b"\x0bFHS|\rMSH|A\rFTS|1\r\x1c\r", vec![]),
            (b"\x0bFHS|\rMSH|A\rPI", vec![(6, 14)]),
            (b"\x0bMSH|A\r\x1c\rMSH|B\rPI", vec![]),
            (b"\x0b\x0bMSH|A\r\x1c\r", vec![]),
        ] {
            let cut = cut_frames(parts(source)).into_iter();
            let spans: Vec<_> = cut.map(|part| (part.span.start, part.span.end)).collect();
            assert_eq!(spans, expected, "{}", source.escape_ascii());
        }
    }
}
