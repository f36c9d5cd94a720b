//! Whether headers, trailers and counts of files and batches agree.

use ehr_types::{Finding, LineIndex, SourceLocation, Span};

use super::{Part, PartKind, cut_frames, parts};
use crate::message::Message;

/// What is noticed about the frame of files and batches: headers without trailers and the reverse,
/// counts that do not agree, text that belongs to no message, and MLLP frames that break off.
///
/// ```
/// let findings = ehr_hl7v2::check_batch(b"BHS|^~\\&\rMSH|^~\\&|A\rBTS|2\r");
/// assert_eq!(findings[0].code, "v2.batch.count");
/// assert_eq!(findings[0].location.path, "BTS-1");
/// ```
pub fn check_batch(bytes: &[u8]) -> Vec<Finding> {
    let lines = LineIndex::new(bytes);
    let mut frame = Frame::default();
    let mut findings = Vec::new();
    for part in parts(bytes) {
        frame.see(
            &part,
            |path, span| SourceLocation::new(path).at(span, &lines),
            &mut findings,
        );
    }
    let end = Span::new(bytes.len(), bytes.len());
    frame.end(|path| SourceLocation::new(path).at(end, &lines), &mut findings);
    findings.extend(cut_frames(parts(bytes)).iter().map(|part| unclosed(part, &lines)));
    findings
}

/// Says at the last segment of a part that its MLLP frame breaks off.
fn unclosed(part: &Part<'_>, lines: &LineIndex) -> Finding {
    let message = Message::parse(part.bytes).ok();
    let last = message.as_ref().and_then(|message| message.segments().last());
    let (path, span) = match last {
        Some(last) => (last.path().to_string(), last.span()),
        None => (String::new(), Span::new(0, part.bytes.len())),
    };
    let span = Span::new(part.span.start + span.start, part.span.start + span.end);
    Finding::error(
        "v2.mllp.unclosed",
        SourceLocation::new(path).at(span, lines),
        "the MLLP frame has no end: the message is cut off here, and what came behind is missing; a last segment without its \
         line end may be cut off in a value, and is not read",
    )
}

/// Counts of an open file and batch.
#[derive(Clone, Debug, Default)]
struct Frame {
    in_file: bool,
    in_batch: bool,
    messages: u64,
    batches: u64,
}

impl Frame {
    fn see(
        &mut self,
        part: &Part<'_>,
        at: impl Fn(&'static str, Span) -> SourceLocation,
        findings: &mut Vec<Finding>,
    ) {
        if let Some((_, span)) = part.text_after() {
            findings.push(Finding::error(
                "v2.batch.text",
                at("", span),
                "the text behind a header or trailer belongs to no message",
            ));
        }
        let count = || -> Option<Option<u64>> {
            let field = part.fields().next().filter(|field| !field.is_empty())?;
            Some(
                std::str::from_utf8(field)
                    .ok()
                    .and_then(|text| text.trim().parse().ok()),
            )
        };
        let mut check = |counted: u64, path: &'static str| match count() {
            None => {}
            Some(Some(stated)) if stated == counted => {}
            Some(Some(_)) => findings.push(Finding::error(
                "v2.batch.count",
                at(path, part.span),
                "the count in the trailer is not the number of what stands before it",
            )),
            Some(None) => {
                findings.push(Finding::error(
                    "v2.batch.count",
                    at(path, part.span),
                    "the count in the trailer is no number",
                ));
            }
        };
        match part.kind {
            PartKind::Message => self.messages += 1,
            PartKind::FileHeader => {
                *self = Self {
                    in_file: true,
                    ..Self::default()
                };
            }
            PartKind::BatchHeader => {
                if self.in_batch {
                    findings.push(Finding::warning(
                        "v2.batch.trailer",
                        at("BHS", part.span),
                        "a batch begins before the one before it has ended",
                    ));
                }
                self.batches += 1;
                self.messages = 0;
                self.in_batch = true;
            }
            PartKind::BatchTrailer => {
                check(self.messages, "BTS-1");
                if !self.in_batch {
                    findings.push(Finding::warning(
                        "v2.batch.header",
                        at("BTS", part.span),
                        "a batch ends that has not begun",
                    ));
                    self.batches += 1;
                }
                self.in_batch = false;
                self.messages = 0;
            }
            PartKind::FileTrailer => {
                // A file without BHS holds one batch; some senders count its messages instead.
                let batches = match (self.batches, self.messages) {
                    (0, messages) if count() == Some(Some(messages)) => messages,
                    (0, messages) => u64::from(messages > 0),
                    (batches, _) => batches,
                };
                check(batches, "FTS-1");
                if !self.in_file {
                    findings.push(Finding::warning(
                        "v2.batch.header",
                        at("FTS", part.span),
                        "a file ends that has not begun",
                    ));
                }
                *self = Self::default();
            }
            PartKind::Preamble if part.is_blank() => {}
            PartKind::Preamble => findings.push(Finding::error(
                "v2.preamble",
                at("", part.span),
                "there is text before the header that is no segment",
            )),
        }
    }

    /// `at` gives the place at the end of the source.
    fn end(&self, at: impl Fn(&'static str) -> SourceLocation, findings: &mut Vec<Finding>) {
        if self.in_batch {
            findings.push(Finding::warning(
                "v2.batch.trailer",
                at("BTS"),
                "the last batch has no trailer",
            ));
        }
        if self.in_file {
            findings.push(Finding::warning(
                "v2.batch.trailer",
                at("FTS"),
                "the file has no trailer",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_frames_are_checked() {
        let codes = |source: &[u8]| -> Vec<String> {
            check_batch(source)
                .into_iter()
                .map(|finding| finding.code.into_owned())
                .collect()
        };
        assert_eq!(
            codes(b"FHS|\rBHS|\rMSH|\rMSH|\rBTS|2\rFTS|1\r"),
            Vec::<String>::new()
        );
        assert_eq!(codes(b"FHS|\rMSH|\rMSH|\rFTS|1\r"), Vec::<String>::new());
        assert_eq!(codes(b"FHS|\rMSH|\rMSH|\rFTS|2\r"), Vec::<String>::new());
        assert_eq!(codes(b"MSH|\rMSH|\r"), Vec::<String>::new());
        assert_eq!(codes(b"BHS|\rMSH|\rBTS|x\r"), ["v2.batch.count"]);
        assert_eq!(codes(b"FHS|\rBHS|\rMSH|\rBTS|1\rFTS|3\r"), ["v2.batch.count"]);
        assert_eq!(codes(b"MSH|\rBTS|1\r"), ["v2.batch.header"]);
        assert_eq!(
            codes(b"FHS|\rBHS|\rMSH|\r"),
            ["v2.batch.trailer", "v2.batch.trailer"]
        );
        assert_eq!(codes(b"hello\rMSH|\r"), ["v2.preamble"]);
        assert_eq!(codes(b"BHS|\rhello\rMSH|\rBTS|1\r"), ["v2.batch.text"]);
        assert_eq!(codes(b"BHS|\rMSH|\rBTS|1\r\n \r"), Vec::<String>::new());
        assert_eq!(codes(b"BHS|\rMSH|\rBTS|1\rhello"), ["v2.batch.text"]);
    }

    #[test]
    fn a_frame_that_breaks_off_is_located() {
        let source = b"\x0bMSH|^~\\&|A\rPID|1\r\x1c\r\x0bMSH|^~\\&|B\rPID|1\rOBX|1|CE|243";
        let findings = check_batch(source);
        assert_eq!(findings.len(), 1);
        let place = &findings[0].location;
        assert_eq!(
            (findings[0].code.as_ref(), place.path.as_str()),
            ("v2.mllp.unclosed", "OBX")
        );
        let last = b"OBX|1|CE|243".len();
        assert_eq!(place.span, Some(Span::new(source.len() - last, source.len())));
    }

    #[test]
    fn what_is_missing_is_missed_at_the_end() {
        let source = b"FHS|\rBHS|\rMSH|\r";
        for (finding, path) in check_batch(source).iter().zip(["BTS", "FTS"]) {
            let place = &finding.location;
            assert_eq!((place.path.as_str(), place.line), (path, Some(4)));
            assert_eq!(place.span, Some(Span::new(source.len(), source.len())));
        }
    }
}
