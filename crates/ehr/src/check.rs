//! Parsing, validating and round-tripping one input.

use ehr_types::{Finding, Severity};

use crate::detect::{InputFormat, detect};
#[cfg(feature = "fhir")]
use crate::{detect::ndjson_lines, json_content::canonical};

/// What writing a parsed input again gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoundTrip {
    /// The same bytes.
    Identical,
    /// The same content in other bytes: white space, order of members.
    Equal,
    /// Something is lost or changed.
    Differs,
}

impl RoundTrip {
    /// `identical`, `equal` or `differs`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Equal => "equal",
            Self::Differs => "differs",
        }
    }
}

/// The result of [`check()`].
#[derive(Clone, Debug)]
pub struct CheckReport {
    /// The recognised format.
    pub format: Option<InputFormat>,
    /// Everything found wrong or noteworthy.
    pub findings: Vec<Finding>,
    /// What writing it again gives; `None` when it could not be read at all.
    pub round_trip: Option<RoundTrip>,
}

impl CheckReport {
    /// Whether the input was read, has no error, and survives the round trip.
    pub fn is_ok(&self) -> bool {
        let clean = self
            .findings
            .iter()
            .all(|finding| finding.severity < Severity::Error);
        clean
            && self
                .round_trip
                .is_some_and(|round_trip| round_trip != RoundTrip::Differs)
    }

    /// The findings as an [OperationOutcome](https://hl7.org/fhir/R4/operationoutcome.html). That writing the input again gives
    /// something else is an issue of its own, with the code `check.round-trip`.
    ///
    /// ```
    /// use ehr::check::check;
    /// let outcome = check(br#"{"resourceType":"Patient","birthDate":"2020-13-01"}"#).operation_outcome();
    /// assert_eq!(outcome.issue[0].expression[0].as_str(), "Patient.birthDate");
    /// ```
    #[cfg(feature = "fhir")]
    pub fn operation_outcome(&self) -> ehr_fhir::r4::OperationOutcome {
        let differs = Finding::error(
            "check.round-trip",
            ehr_types::SourceLocation::default(),
            "writing the input again gives something else",
        );
        let mut findings = self.findings.clone();
        findings.extend((self.round_trip == Some(RoundTrip::Differs)).then_some(differs));
        ehr_fhir::operation_outcome(&findings)
    }
}

/// Recognises, parses and validates an input and writes it again.
///
/// ```
/// use ehr::check::{RoundTrip, check};
/// let report = check(br#"{"resourceType":"Patient","birthDate":"2020-13-01"}"#);
/// assert_eq!(report.findings[0].location.path, "Patient.birthDate");
/// assert_eq!(report.round_trip, Some(RoundTrip::Identical));
/// ```
pub fn check(bytes: &[u8]) -> CheckReport {
    let format = match detect(bytes) {
        Ok(format) => format,
        Err(finding) => {
            return CheckReport {
                format: None,
                findings: vec![finding],
                round_trip: None,
            };
        }
    };
    let (findings, round_trip) = match format {
        #[cfg(feature = "fhir")]
        InputFormat::FhirJson => fhir(bytes),
        #[cfg(feature = "fhir")]
        InputFormat::FhirNdjson => ndjson(bytes),
        #[cfg(feature = "hl7v2")]
        InputFormat::Hl7v2 => hl7v2(bytes),
        #[cfg(feature = "ccda")]
        InputFormat::Ccda => ccda(bytes),
        #[cfg(not(all(feature = "fhir", feature = "hl7v2", feature = "ccda")))]
        _ => (vec![crate::import::not_compiled_in()], None),
    };
    CheckReport {
        format: Some(format),
        findings,
        round_trip,
    }
}

#[cfg(feature = "fhir")]
fn fhir(bytes: &[u8]) -> (Vec<Finding>, Option<RoundTrip>) {
    use ehr_fhir::{ParseOptions, parse_resource, to_json_pretty, to_json_vec};

    let options = ParseOptions {
        keep_order: true,
        ..ParseOptions::default()
    };
    match parse_resource(bytes, &options) {
        Ok(parsed) => {
            let compact = to_json_vec(&parsed.value);
            let text = bytes.trim_ascii();
            let round_trip = if compact == text || to_json_pretty(&parsed.value).trim_ascii() == text {
                RoundTrip::Identical
            } else if canonical(bytes).is_some_and(|content| canonical(&compact) == Some(content)) {
                RoundTrip::Equal
            } else {
                RoundTrip::Differs
            };
            (parsed.findings, Some(round_trip))
        }
        Err(error) => (error.findings, None),
    }
}

/// Each line by itself; the worst of them counts.
#[cfg(feature = "fhir")]
fn ndjson(bytes: &[u8]) -> (Vec<Finding>, Option<RoundTrip>) {
    let mut findings = Vec::new();
    let mut worst = Some(RoundTrip::Identical);
    let lines = ehr_types::LineIndex::new(bytes);
    for (offset, line) in ndjson_lines(bytes).filter(|(_, line)| !line.is_empty()) {
        let (found, round_trip) = fhir(line);
        findings.extend(found.into_iter().map(|finding| shifted(finding, offset, &lines)));
        worst = match (worst, round_trip) {
            (Some(a), Some(b)) => Some(a.max(b)),
            _ => None,
        };
    }
    (findings, worst)
}

#[cfg(feature = "hl7v2")]
fn hl7v2(bytes: &[u8]) -> (Vec<Finding>, Option<RoundTrip>) {
    use ehr_hl7v2::{Charset, Utf16};

    let (findings, round_trip) = hl7v2_text(bytes, None);
    let wide = if round_trip.is_none() {
        Utf16::read(bytes)
    } else {
        None
    };
    let Some(wide) = wide else {
        return (findings, round_trip);
    };
    // Text without faults has one form in UTF-16, so that what is the same as text is the same in bytes.
    let (found, round_trip) = hl7v2_text(wide.text().as_bytes(), Some(Charset::UTF_8));
    let mut findings = wide.findings();
    let is_faulty = !findings.is_empty();
    findings.extend(found.into_iter().map(|mut finding| {
        wide.locate(&mut finding.location);
        finding
    }));
    let round_trip = round_trip.map(|same| if is_faulty { RoundTrip::Differs } else { same });
    (findings, round_trip)
}

#[cfg(feature = "hl7v2")]
fn hl7v2_text(bytes: &[u8], charset: Option<ehr_hl7v2::Charset>) -> (Vec<Finding>, Option<RoundTrip>) {
    use ehr_hl7v2::{ParseOptions, PartKind, check_batch, parts};

    let mut options = ParseOptions::default();
    options.charset = charset;
    let mut findings = check_batch(bytes);
    let lines = ehr_types::LineIndex::new(bytes);
    let mut written = Vec::with_capacity(bytes.len());
    let mut is_readable = false;
    for part in parts(bytes) {
        is_readable |= part.kind != PartKind::Preamble;
        match part.parse(&options) {
            Ok(message) if part.kind == PartKind::Message => {
                written.extend_from_slice(message.as_bytes());
                let found = message.findings().into_iter().chain(message.validate());
                findings.extend(found.map(|finding| shifted(finding, part.span.start, &lines)));
            }
            _ => written.extend_from_slice(part.bytes),
        }
    }
    let round_trip = if written == bytes {
        RoundTrip::Identical
    } else {
        RoundTrip::Differs
    };
    (findings, is_readable.then_some(round_trip))
}

/// A finding of a part of a source, placed in the whole.
#[cfg(any(feature = "hl7v2", feature = "fhir"))]
fn shifted(mut finding: Finding, offset: usize, lines: &ehr_types::LineIndex) -> Finding {
    if let Some(span) = finding.location.span {
        let span = ehr_types::Span::new(span.start + offset, span.end + offset);
        finding.location = finding.location.at(span, lines);
    }
    finding
}

#[cfg(feature = "ccda")]
fn ccda(bytes: &[u8]) -> (Vec<Finding>, Option<RoundTrip>) {
    use ehr_ccda::{Document, Limits, validate};

    let parsed = Document::parse(bytes, &Limits::default());
    let mut findings = parsed.findings;
    match parsed.document.kind() {
        Err(finding) => {
            findings.push(finding);
            return (findings, None);
        }
        Ok(_) => findings.extend(validate(&parsed.document)),
    }
    // The tree is an index over the received text: a tree that reaches to its end writes it back.
    let complete = findings.iter().all(|finding| finding.severity < Severity::Fatal);
    let text = parsed.document.top().source_text().as_bytes();
    let round_trip = match complete {
        true if text == bytes => RoundTrip::Identical,
        true => RoundTrip::Equal,
        false => RoundTrip::Differs,
    };
    (findings, Some(round_trip))
}

#[cfg(all(test, feature = "hl7v2"))]
mod tests {
    use super::*;

    #[test]
    fn hl7_v2_in_utf_16_is_checked_at_its_own_places() {
        let text = "\u{feff}MSH|^~\\&|A|B|||20240101||ADT^A01|1|P|2.5.1\rPID|1||ü^^^\r\n1bad\r";
        for write in [u16::to_le_bytes, u16::to_be_bytes] {
            let mut bytes: Vec<u8> = text.encode_utf16().flat_map(write).collect();
            let report = check(&bytes);
            assert_eq!(report.round_trip, Some(RoundTrip::Identical));
            let bad: Vec<u8> = "1bad".encode_utf16().flat_map(write).collect();
            let places: Vec<&[u8]> = report
                .findings
                .iter()
                .filter_map(|finding| finding.location.span)
                .filter_map(|span| bytes.get(span.start..span.end))
                .collect();
            assert!(places.contains(&bad.as_slice()), "{:?}", report.findings);
            bytes.push(0);
            let report = check(&bytes);
            assert_eq!(report.round_trip, Some(RoundTrip::Differs));
            assert_eq!(report.findings[0].code, "v2.charset.invalid");
        }
    }
}
