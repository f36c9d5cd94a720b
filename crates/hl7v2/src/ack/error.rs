//! ERR: each finding with its place and code, in the form of the version.

use ehr_types::{Finding, Severity};

use super::{AckWriter, Version};
use crate::path::Path;
use crate::segment_id::SegmentId;

impl AckWriter<'_> {
    /// ERR since v2.5: ERR-2 place, ERR-3 code, ERR-4 severity, ERR-5 our code, ERR-8 text.
    pub(super) fn err(&self, finding: &Finding) -> Vec<u8> {
        let delimiters = self.message.delimiters();
        let place = place(finding).map(|place| self.place(&place)).unwrap_or_default();
        let (code, name) = error_code(finding, self.version);
        let code = Self::join(
            delimiters.component,
            &[code.as_bytes(), name.as_bytes(), b"HL70357"],
        );
        let severity: &[u8] = match finding.severity {
            Severity::Information => b"I",
            Severity::Warning => b"W",
            Severity::Error => b"E",
            // Fatal is a code of table 0516 since v2.6.
            Severity::Fatal if self.version >= Version(2, 6, 0) => b"F",
            Severity::Fatal => b"E",
        };
        let own = self.text(&finding.code);
        let message = self.text(&finding.message);
        let fields: [&[u8]; 9] = [b"ERR", b"", &place, &code, severity, &own, b"", b"", &message];
        Self::join(Some(self.field_separator()), &fields)
    }

    /// ERL: segment, occurrence, field, repetition, component, subcomponent.
    fn place(&self, path: &Path<'_>) -> Vec<u8> {
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let repetition = path.field().map(|_| path.repetition().unwrap_or(1));
        let parts = [
            path.segment().to_string(),
            path.occurrence().unwrap_or(1).to_string(),
            number(path.field()),
            number(repetition),
            number(path.component()),
            number(path.subcomponent()),
        ];
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        Self::join(self.message.delimiters().component, &parts)
    }

    /// ERR before v2.5: ERR-1 repeats segment, occurrence, field and code.
    pub(super) fn eld(&self, findings: &[&Finding]) -> Vec<u8> {
        let delimiters = self.message.delimiters();
        let entries: Vec<Vec<u8>> = findings
            .iter()
            .map(|finding| {
                let (code, name) = error_code(finding, self.version);
                let code = Self::join(
                    delimiters.subcomponent,
                    &[code.as_bytes(), name.as_bytes(), b"HL70357"],
                );
                let (segment, occurrence, field) = place(finding).map_or(Default::default(), |path| {
                    let field = path.field().map(|field| field.to_string()).unwrap_or_default();
                    (
                        path.segment().to_string(),
                        path.occurrence().unwrap_or(1).to_string(),
                        field,
                    )
                });
                let parts: [&[u8]; 4] = [segment.as_bytes(), occurrence.as_bytes(), field.as_bytes(), &code];
                Self::join(delimiters.component, &parts)
            })
            .collect();
        let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        let entries = match delimiters.repetition {
            Some(_) => Self::join(delimiters.repetition, &entries),
            None => entries.first().map(|entry| entry.to_vec()).unwrap_or_default(),
        };
        Self::join(Some(self.field_separator()), &[b"ERR", &entries])
    }
}

/// The place of a finding, when it names a segment.
fn place(finding: &Finding) -> Option<Path<'static>> {
    let path = Path::parse(&finding.location.path).ok()?.without_groups();
    (path.segment() != SegmentId::UNKNOWN).then_some(path)
}

/// The code of table 0357 that says most of a finding, and its text.
///
/// Codes 104, 198 and 199 came with v2.7; before, the nearest older code stands for them.
pub(super) fn error_code(finding: &Finding, version: Version) -> (&'static str, &'static str) {
    let recent = version >= Version(2, 7, 0);
    let mut words = finding
        .code
        .strip_prefix("v2.")
        .unwrap_or(&finding.code)
        .split('.');
    match (words.next().unwrap_or_default(), words.next().unwrap_or_default()) {
        ("version", _) | ("structure", "version") => ("203", "Unsupported version id"),
        ("structure", "event") => ("201", "Unsupported event code"),
        ("structure", "name" | "unknown") => ("200", "Unsupported message type"),
        ("structure", _) | (_, "structure") => ("100", "Segment sequence error"),
        (_, "missing" | "required") => ("101", "Required field missing"),
        ("table", _) | (_, "code") => ("103", "Table value not found"),
        (_, "length") if recent => ("104", "Value too long"),
        (_, "repetition" | "repetitions" | "cardinality") if recent => ("198", "Non-Conformant Cardinality"),
        ("datatype" | "charset" | "escape", _) | (_, "length" | "datatype") => ("102", "Data type error"),
        _ if recent => ("199", "Other HL7 Error"),
        _ => ("207", "Application internal error"),
    }
}
