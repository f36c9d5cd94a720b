//! Reading a message so that afterwards it is known what was not read.
//!
//! [`Reading`] keeps one mark a byte, outside of the message. Every text that goes into the model is fetched through
//! [`At`], which marks its bytes; what has content and no mark at the end is the residual.

mod at;

use std::cell::RefCell;

use ehr_model::Residual;
use ehr_types::{Finding, LineIndex, Offset, SourceLocation, Span};

pub(in crate::convert) use at::At;

use crate::message::Message;
use crate::segment::Segment;
use crate::view::{Node, Subcomponent};

/// One message as it is converted: what was read of it, and what was noticed.
pub(in crate::convert) struct Reading<'r> {
    message: &'r Message<'r>,
    /// How many segments are whole: all but one that is cut off.
    whole: usize,
    /// First byte of the message in the artifact.
    base: usize,
    /// Lines of the artifact.
    lines: &'r LineIndex,
    /// What comes before each path: `MSG[2]/`, or nothing when the artifact is one message.
    prefix: String,
    /// The zone of times that state none.
    offset: Offset,
    read: RefCell<Vec<bool>>,
    findings: RefCell<Vec<Finding>>,
}

impl<'r> Reading<'r> {
    pub(in crate::convert) fn new(
        message: &'r Message<'r>,
        base: usize,
        lines: &'r LineIndex,
        prefix: String,
        offset: Offset,
    ) -> Self {
        Self {
            message,
            whole: message.segment_count(),
            base,
            lines,
            prefix,
            offset,
            read: RefCell::new(vec![false; message.as_bytes().len()]),
            findings: RefCell::new(Vec::new()),
        }
    }

    /// Leaves the last segment unread: it is cut off.
    #[must_use]
    pub(in crate::convert) fn without_last(mut self) -> Self {
        self.whole = self.whole.saturating_sub(1);
        self
    }

    /// The header, unless it is cut off.
    pub(in crate::convert) fn header(&self) -> Option<Segment<'r>> {
        self.message
            .header()
            .filter(|header| header.position() < self.whole)
    }

    /// The segments to be read.
    pub(in crate::convert) fn segments(&'r self) -> impl Iterator<Item = Seg<'r>> {
        self.all_segments().take(self.whole)
    }

    /// The segments, the one that is cut off with them.
    pub(in crate::convert) fn all_segments(&'r self) -> impl Iterator<Item = Seg<'r>> {
        self.message.segments().map(|segment| Seg {
            segment,
            reading: self,
        })
    }

    /// Where something of the message stands in the artifact.
    pub(in crate::convert) fn location(&self, path: &str, span: Span) -> SourceLocation {
        let span = Span::new(span.start + self.base, span.end + self.base);
        SourceLocation::new(format!("{}{path}", self.prefix)).at(span, self.lines)
    }

    /// A location that the parser gave, as one of the artifact.
    pub(in crate::convert) fn relocate(&self, location: &SourceLocation) -> SourceLocation {
        match location.span {
            Some(span) => self.location(&location.path, span),
            None => SourceLocation::new(format!("{}{}", self.prefix, location.path)),
        }
    }

    pub(in crate::convert) fn note(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    pub(in crate::convert) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }

    fn mark(&self, span: Span, is_read: bool) {
        if let Some(bytes) = self.read.borrow_mut().get_mut(span.start..span.end) {
            bytes.fill(is_read);
        }
    }

    fn is_read(&self, span: Span) -> bool {
        self.read
            .borrow()
            .get(span.start..span.end)
            .is_none_or(|bytes| bytes.iter().all(|read| *read))
    }
}

/// A segment as it is converted.
#[derive(Clone, Copy)]
pub(in crate::convert) struct Seg<'r> {
    segment: Segment<'r>,
    reading: &'r Reading<'r>,
}

impl<'r> Seg<'r> {
    /// Whether the segment has this name.
    pub(in crate::convert) fn is(&self, id: &str) -> bool {
        self.segment.id().as_str() == id
    }

    pub(in crate::convert) fn segment(&self) -> Segment<'r> {
        self.segment
    }

    /// The first repetition of a field.
    pub(in crate::convert) fn at(&self, field: u32) -> At<'r> {
        At {
            node: Node::from(self.segment.field(field)),
            reading: self.reading,
        }
    }

    /// The repetitions of a field in which something is written, null (`""`) included.
    pub(in crate::convert) fn all(&self, field: u32) -> impl Iterator<Item = At<'r>> + use<'r> {
        let reading = self.reading;
        self.segment
            .field(field)
            .repetitions()
            .map(move |repetition| At {
                node: Node::from(repetition),
                reading,
            })
            .filter(|at| !at.is_empty())
    }

    /// The text of a field, all of it, as one string.
    pub(in crate::convert) fn text(&self, field: u32) -> Option<String> {
        self.at(field).text()
    }

    /// The code of a field: its first leaf.
    pub(in crate::convert) fn code(&self, field: u32) -> Option<String> {
        self.at(field).code()
    }

    /// Whether something other than null is written in a field.
    pub(in crate::convert) fn has(&self, field: u32) -> bool {
        self.at(field).has_text()
    }

    /// Whether a field behind a set id says something.
    pub(in crate::convert) fn says(&self) -> bool {
        let mut fields = self.segment.fields();
        fields.any(|field| says(field.raw()) && !self.is_set_id(field.number()))
    }

    pub(in crate::convert) fn location(&self) -> SourceLocation {
        self.reading
            .location(&self.segment.path().to_string(), self.segment.span())
    }

    /// The segment as it was received, decoded.
    pub(in crate::convert) fn text_of_line(&self) -> String {
        crate::view::decode(self.reading.message, self.segment.raw()).into_owned()
    }

    /// The content of the segment without its set id: equal for two segments that say the same.
    pub(in crate::convert) fn content(&self) -> String {
        let fields: Vec<String> = self
            .segment
            .fields()
            .skip(1)
            .map(|field| field.escaped().into_owned())
            .collect();
        fields.join("|").trim_end_matches('|').to_owned()
    }

    /// Takes the whole segment as read: for structure that carries no value of its own.
    pub(in crate::convert) fn mark(&self) {
        self.reading.mark(self.segment.span(), true);
    }

    /// Every leaf with content that nothing has read.
    pub(in crate::convert) fn residual(&self) -> Vec<Residual> {
        let mut residual = Vec::new();
        if self.segment.id().is_unknown() {
            if !self.segment.raw().is_empty() && !self.reading.is_read(self.segment.span()) {
                residual.push(Residual {
                    location: self.location(),
                    content: self.text_of_line(),
                });
            }
            return residual;
        }
        for field in self.segment.fields() {
            let declares = self.segment.id().is_header() && field.number() <= 2;
            if field.is_empty() || declares || self.is_set_id(field.number()) {
                continue;
            }
            if self.reading.is_read(field.span()) {
                continue;
            }
            for repetition in field.repetitions() {
                for component in repetition.components() {
                    let unread = component.subcomponents().filter(|leaf| self.is_unread(leaf));
                    residual.extend(unread.map(|leaf| {
                        Residual {
                            location: self
                                .reading
                                .location(&place(&leaf, &component, &repetition, &field), leaf.span()),
                            content: leaf.text().into_owned(),
                        }
                    }));
                }
            }
        }
        residual
    }

    fn is_unread(&self, leaf: &Subcomponent<'r>) -> bool {
        !leaf.is_empty() && !leaf.text().trim().is_empty() && !self.reading.is_read(leaf.span())
    }

    /// Whether the field only counts segments: field 1 of the segments that begin with a set id.
    fn is_set_id(&self, field: u32) -> bool {
        const WITHOUT: &[&str] = &[
            "MSH", "FHS", "BHS", "BTS", "FTS", "EVN", "ORC", "SCH", "RXO", "RXE", "RXR", "RXD", "RXC", "RXG",
            "RXA", "MRG", "MSA", "ERR", "PRB", "GOL", "PTH", "ODS", "ODT", "RF1", "AUT", "PRD", "CTD", "ACC",
            "ROL", "PRT", "TQ2", "PV2", "PD1", "IN2", "UB1", "UB2", "DSC", "QPD", "QAK", "RCP", "QRD", "QRF",
            "SFT", "VAR", "PEO",
        ];
        field == 1
            && self.segment.id().as_str().as_bytes().first() != Some(&b'Z')
            && !WITHOUT.contains(&self.segment.id().as_str())
            && self.segment.field(1).raw().iter().all(u8::is_ascii_digit)
    }
}

fn says(raw: &[u8]) -> bool {
    raw.iter()
        .any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
}

/// The path of a leaf, as short as it says where the content is.
fn place(
    leaf: &Subcomponent<'_>,
    component: &crate::Component<'_>,
    repetition: &crate::Repetition<'_>,
    field: &crate::Field<'_>,
) -> String {
    if component.subcomponents().nth(1).is_some() {
        leaf.path().to_string()
    } else if repetition.components().nth(1).is_some() {
        component.path().to_string()
    } else if field.repetitions().nth(1).is_some() {
        repetition.path().to_string()
    } else {
        field.path().to_string()
    }
}
