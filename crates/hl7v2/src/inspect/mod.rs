//! What is noticed about the form of a message.

mod text;

use ehr_types::{Finding, SourceLocation, Span};

use crate::delimiters::{Delimiters, is_delimiter};
use crate::message::Message;
use crate::segment::Segment;
use crate::segment_id::SegmentId;

/// All findings about the form, in the order of the message.
pub(crate) fn inspect(message: &Message<'_>) -> Vec<Finding> {
    let mut inspection = Inspection {
        message,
        limit: message.options().max_findings,
        findings: Vec::new(),
        has_escape: false,
    };
    let content = message.content();
    let bytes = message.as_bytes();
    let text = bytes.get(content.start..content.end).unwrap_or_default();
    inspection.has_escape = message
        .delimiters()
        .escape
        .is_some_and(|escape| memchr::memchr(escape, text).is_some());
    inspection.preamble();
    inspection.delimiters();
    inspection.charset();
    inspection.line_ends(text);
    inspection.control_characters(text);
    let mut headers = 0;
    for segment in message.segments() {
        if inspection.is_full() {
            break;
        }
        inspection.segment(segment, &mut headers);
    }
    inspection.findings
}

struct Inspection<'m> {
    message: &'m Message<'m>,
    limit: usize,
    findings: Vec<Finding>,
    has_escape: bool,
}

impl<'m> Inspection<'m> {
    fn is_full(&self) -> bool {
        self.findings.len() > self.limit
    }

    /// Adds a finding; the one past the limit says that there may be more.
    fn add(&mut self, finding: impl FnOnce() -> Finding) {
        if self.findings.len() < self.limit {
            self.findings.push(finding());
        } else if self.findings.len() == self.limit {
            self.findings.push(Finding::warning(
                "v2.findings.limit",
                SourceLocation::default(),
                "the limit of findings is reached; there may be more",
            ));
        }
    }

    fn at(&self, span: Span) -> SourceLocation {
        let path = self
            .message
            .at_offset(span.start)
            .map(|path| path.to_string())
            .unwrap_or_default();
        SourceLocation::new(path).at(span, self.message.line_index())
    }

    fn preamble(&mut self) {
        let start = self.message.content().start;
        let before = self.message.as_bytes().get(..start).unwrap_or_default();
        let harmless =
            |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0x0b | 0x1c | 0xef | 0xbb | 0xbf);
        if !before.iter().all(harmless) {
            let location = SourceLocation::new("").at(Span::new(0, start), self.message.line_index());
            self.add(|| {
                Finding::error(
                    "v2.preamble",
                    location,
                    "there is text before the header that is no segment",
                )
            });
        }
    }

    fn delimiters(&mut self) {
        let Some(header) = self.message.segments().find(|segment| segment.id().is_header()) else {
            return;
        };
        let raw = header.raw();
        let first = header.location();
        match raw.get(3) {
            Some(byte) if is_delimiter(*byte) => {}
            _ => self.add(|| {
                Finding::error(
                    "v2.delimiters.field",
                    first.clone(),
                    "no field separator follows the name of the header; | is taken",
                )
            }),
        }
        let declared = header.field(2);
        let location = declared.location();
        if declared.is_empty() {
            self.add(|| {
                Finding::error(
                    "v2.delimiters.missing",
                    location,
                    "no encoding characters are declared; ^~\\& are taken",
                )
            });
            return;
        }
        let count = declared.raw().len();
        if count < 4 {
            let location = location.clone();
            self.add(|| {
                Finding::information(
                    "v2.delimiters.few",
                    location,
                    "fewer than four encoding characters are declared",
                )
            });
        }
        if count > 5 || declared.raw().iter().any(|byte| !is_delimiter(*byte)) {
            let location = location.clone();
            self.add(|| {
                Finding::error(
                    "v2.delimiters.form",
                    location,
                    "the encoding characters are not four or five signs",
                )
            });
        }
        if self.message.delimiters().has_duplicates() {
            self.add(|| {
                Finding::error(
                    "v2.delimiters.duplicate",
                    location,
                    "one character is declared for two purposes",
                )
            });
        }
    }

    fn line_ends(&mut self, text: &[u8]) {
        let start = self.message.content().start;
        let mut lone = memchr::memchr_iter(b'\n', text)
            .filter(|at| at.checked_sub(1).and_then(|before| text.get(before)) != Some(&b'\r'))
            .map(|at| Span::new(start + at, start + at + 1));
        let has_cr = memchr::memchr(b'\r', text).is_some();
        let Some(first) = lone.next() else {
            if let Some(at) = memchr::memchr(b'\n', text) {
                let location = self.at(Span::new(start + at, start + at + 1));
                self.add(|| {
                    Finding::information(
                        "v2.line-end.crlf",
                        location,
                        "segments end with CR LF; CR alone is the standard",
                    )
                });
            }
            return;
        };
        if !has_cr {
            let location = self.at(first);
            self.add(|| {
                Finding::information(
                    "v2.line-end.lf",
                    location,
                    "segments end with LF; CR is the standard",
                )
            });
            return;
        }
        // In a message with CRs, a lone LF is either a stray segment end or part of a value.
        let (mut seen_end, mut seen_value) = (false, false);
        for span in std::iter::once(first).chain(lone) {
            let inside = self
                .message
                .index
                .lines
                .partition_point(|line| (line.start as usize) <= span.start);
            let line = inside
                .checked_sub(1)
                .and_then(|position| self.message.index.lines.get(position));
            let in_value = line.is_some_and(|line| span.start < line.end as usize);
            if in_value && !seen_value {
                seen_value = true;
                let location = self.at(span);
                self.add(|| {
                    Finding::warning(
                        "v2.line-end.in-value",
                        location,
                        "a line feed inside of a value is taken as text",
                    )
                });
            } else if !in_value && !seen_end {
                seen_end = true;
                let location = self.at(span);
                self.add(|| {
                    Finding::warning(
                        "v2.line-end.mixed",
                        location,
                        "some segments end with CR and some with LF alone",
                    )
                });
            }
            if seen_end && seen_value {
                break;
            }
        }
    }

    fn segment(&mut self, segment: Segment<'m>, headers: &mut u32) {
        let id = segment.id();
        let raw = segment.raw();
        if id.is_unknown() {
            self.add(|| {
                Finding::error(
                    "v2.segment.unnamed",
                    segment.location(),
                    "the line does not begin with the name of a segment",
                )
            });
        }
        let name = id.as_str().as_bytes();
        if !id.is_unknown() && !raw.starts_with(name) {
            self.add(|| {
                Finding::warning(
                    "v2.segment.case",
                    segment.location(),
                    "the name of the segment is not in capitals",
                )
            });
        }
        if name.len() == 4 {
            self.add(|| {
                Finding::warning(
                    "v2.segment.name",
                    segment.location(),
                    "the name of the segment has four characters",
                )
            });
        }
        let before = segment
            .span()
            .start
            .checked_sub(1)
            .and_then(|at| self.message.as_bytes().get(at));
        if matches!(before, Some(b' ' | b'\t')) {
            self.add(|| {
                Finding::warning(
                    "v2.segment.indented",
                    segment.location(),
                    "spaces stand before the segment",
                )
            });
        }
        if id.is_header() {
            if id == SegmentId::MSH {
                *headers += 1;
                if *headers == 2 {
                    self.add(|| {
                        Finding::error(
                            "v2.header.several",
                            segment.location(),
                            "the source holds several messages; it is to be split first",
                        )
                    });
                }
            }
            let further = segment.span().start != self.message.content().start;
            let delimiters = self.message.delimiters();
            let broken = raw.get(3).is_some_and(|byte| *byte != delimiters.field);
            if further && (broken || Delimiters::from_header(raw) != *delimiters) {
                self.add(|| {
                    Finding::error(
                        "v2.header.delimiters",
                        segment.location(),
                        "a further header declares other delimiters than the first, which divide it all the same",
                    )
                });
            }
        }
        if !self.has_escape && self.message.index.plain {
            return;
        }
        for field in segment.fields() {
            let escape = self.message.delimiters().escape;
            let plain = field.raw().is_ascii() && !field.raw().contains(&0x1b);
            let escaped = escape.is_some_and(|escape| field.raw().contains(&escape));
            if (escaped || !plain) && !(id.is_header() && field.number() <= 2) {
                self.field(field);
            }
        }
    }
}
