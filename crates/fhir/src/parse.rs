//! Reading and writing whole resources.

use ehr_types::{Finding, LineIndex, Severity, SourceLocation, Span, Strictness};
use thiserror::Error;

use crate::element::Node;
use crate::json::{Decoder, Encoder};
use crate::r4::Resource;

/// Places in a source are numbers of 32 bits at most.
const MOST_BYTES: usize = u32::MAX as usize;

/// What stops the reader, and how much it takes in.
///
/// ```
/// use ehr_fhir::ParseOptions;
/// use ehr_types::Strictness;
/// let options = ParseOptions { strictness: Strictness::Strict, ..ParseOptions::default() };
/// assert_eq!(options.max_depth, 128);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseOptions {
    /// Whether a finding of severity error makes the whole a failure.
    pub strictness: Strictness,
    /// Whether the order of members is kept where it is not the order of the specification, and written back so.
    pub keep_order: bool,
    /// Elements nested deeper than this are kept as text; 128. Each level takes some 700 bytes of the stack: raise it only
    /// where the stack is known.
    pub max_depth: usize,
    /// Longest source, in bytes; 1 GiB. More than 4 GiB are never taken in.
    pub max_bytes: usize,
    /// Most elements (JSON objects) in a source; 50 million.
    pub max_elements: usize,
    /// Findings after this many are only counted, in a last one, except fatal ones; 10,000.
    pub max_findings: usize,
}

impl Default for ParseOptions {
    fn default() -> Self {
        Self {
            strictness: Strictness::Lenient,
            keep_order: false,
            max_depth: 128,
            max_bytes: 1 << 30,
            max_elements: 50_000_000,
            max_findings: 10_000,
        }
    }
}

impl ParseOptions {
    /// The defaults, but a finding of severity error is a failure.
    pub fn strict() -> Self {
        Self {
            strictness: Strictness::Strict,
            ..Self::default()
        }
    }
}

/// What was read, and all that was noticed on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed<T> {
    /// The resource or data type. What could not be understood is in its [`Extra`](crate::Extra) and is written back.
    pub value: T,
    /// Everything noticed, in the order of the source; empty for a valid resource.
    pub findings: Vec<Finding>,
}

/// Why a source was not read: the findings tell, at least one of them is an error.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{}", summary(findings))]
pub struct ParseError {
    /// Everything noticed, in the order of the source.
    pub findings: Vec<Finding>,
}

fn summary(findings: &[Finding]) -> String {
    let worst = findings.iter().rev().max_by_key(|finding| finding.severity);
    match worst {
        Some(worst) if findings.len() > 1 => format!("{worst} (and {} more findings)", findings.len() - 1),
        Some(worst) => worst.to_string(),
        None => "nothing was read".to_owned(),
    }
}

mod sealed {
    /// What [`Json`](super::Json) needs inside.
    pub trait Codec: Sized {
        fn read(decoder: &mut crate::json::Decoder<'_>) -> Option<Self>;
        fn write(&self, encoder: &mut crate::json::Encoder);
    }
}

/// A type with a JSON form: every struct of [`r4`](crate::r4), and [`Resource`].
pub trait Json: sealed::Codec {}

impl<T: sealed::Codec> Json for T {}

impl<T: Node + Default> sealed::Codec for T {
    fn read(decoder: &mut Decoder<'_>) -> Option<Self> {
        let mut value = T::default();
        decoder.root_element(&mut value).then_some(value)
    }

    fn write(&self, encoder: &mut Encoder) {
        encoder.root(self);
    }
}

impl sealed::Codec for Resource {
    fn read(decoder: &mut Decoder<'_>) -> Option<Self> {
        decoder.root_resource()
    }

    fn write(&self, encoder: &mut Encoder) {
        encoder.resource(self);
    }
}

/// Reads a resource or data type from JSON.
///
/// Every fault is a finding with its place. By default only a source that is not JSON, or not the type asked for, is
/// a failure; in [`Strictness::Strict`] any error is.
///
/// ```
/// use ehr_fhir::{ParseOptions, parse, r4::Patient};
/// let json = br#"{"resourceType": "Patient", "birthDate": "1990-13-01", "active": true}"#;
/// let parsed = parse::<Patient>(json, &ParseOptions::default())?;
/// assert_eq!(parsed.value.active, Some(true));
/// assert_eq!(parsed.findings[0].location.path, "Patient.birthDate");
/// assert!(parse::<Patient>(json, &ParseOptions::strict()).is_err());
/// # Ok::<(), ehr_fhir::ParseError>(())
/// ```
///
/// # Errors
/// When the source is not JSON to its end, is above the limits, is not of the type asked for, or, if strict, has any error.
pub fn parse<T: Json>(source: &[u8], options: &ParseOptions) -> Result<Parsed<T>, ParseError> {
    let (value, findings) = salvage(source, options);
    let stop = match options.strictness {
        Strictness::Lenient => Severity::Fatal,
        Strictness::Strict => Severity::Error,
    };
    match value {
        Some(value) if findings.iter().all(|finding| finding.severity < stop) => {
            Ok(Parsed { value, findings })
        }
        _ => Err(ParseError { findings }),
    }
}

/// Reads any resource from JSON: [`parse`] for [`Resource`].
///
/// # Errors
/// As [`parse`]; a type that R4 does not have is not an error but [`Resource::Unknown`].
pub fn parse_resource(source: &[u8], options: &ParseOptions) -> Result<Parsed<Resource>, ParseError> {
    parse(source, options)
}

/// Reads as much as there is: of a source that breaks off, what stands before the break.
///
/// The rest of such a source is not in the value, so that writing it back loses data: the fatal finding says where.
/// `None` when nothing could be read.
pub fn salvage<T: Json>(source: &[u8], options: &ParseOptions) -> (Option<T>, Vec<Finding>) {
    salvage_at(source, options, None)
}

/// Reads, with paths that start with `root` where it is given.
pub(crate) fn salvage_at<T: Json>(
    source: &[u8],
    options: &ParseOptions,
    root: Option<String>,
) -> (Option<T>, Vec<Finding>) {
    const BOM: &[u8] = b"\xef\xbb\xbf";
    let fatal = |code, span, message| {
        let at = SourceLocation::new(root.clone().unwrap_or_default()).at(span, &LineIndex::new(source));
        (None, vec![Finding::fatal(code, at, message)])
    };
    if source.len() > options.max_bytes.min(MOST_BYTES) {
        return fatal(
            "fhir.limit.bytes",
            Span::new(0, 0),
            "the source is longer than the limit",
        );
    }
    let bare = source.strip_prefix(BOM).unwrap_or(source);
    let offset = source.len() - bare.len();
    let text = match std::str::from_utf8(bare) {
        Ok(text) => text,
        Err(error) => {
            let at = offset + error.valid_up_to();
            return fatal("json.encoding", Span::new(at, at + 1), "the source is not UTF-8");
        }
    };
    let mut decoder = Decoder::new(text, options);
    if let Some(root) = root {
        decoder.root_at(root);
    }
    let value = T::read(&mut decoder);
    let mut findings = decoder.finish(source, offset);
    if offset > 0 {
        let at = SourceLocation::new("").at(Span::new(0, offset), &LineIndex::new(source));
        findings.insert(
            0,
            Finding::information("json.bom", at, "the source starts with a byte order mark"),
        );
    }
    (value, findings)
}

/// Writes a resource or data type as compact JSON, in the order of the specification.
///
/// ```
/// use ehr_fhir::{r4::Patient, to_json_vec};
/// let patient = Patient { active: Some(true), ..Patient::default() };
/// assert_eq!(to_json_vec(&patient), br#"{"resourceType":"Patient","active":true}"#);
/// ```
pub fn to_json_vec<T: Json>(value: &T) -> Vec<u8> {
    let mut encoder = Encoder::compact();
    value.write(&mut encoder);
    encoder.into_bytes()
}

/// Writes a resource or data type as compact JSON text.
pub fn to_json_string<T: Json>(value: &T) -> String {
    String::from_utf8(to_json_vec(value)).unwrap_or_default()
}

/// Writes a resource or data type as JSON with a line for each member, indented by two spaces.
pub fn to_json_pretty<T: Json>(value: &T) -> Vec<u8> {
    let mut encoder = Encoder::pretty();
    value.write(&mut encoder);
    encoder.into_bytes()
}

/// Checks a value that was built, not read: the findings that its JSON form would give.
///
/// ```
/// use ehr_fhir::{check, r4::Observation};
/// let findings = check(&Observation::default());
/// assert!(findings.iter().any(|f| f.location.path == "Observation.status"));
/// ```
pub fn check<T: Json>(value: &T) -> Vec<Finding> {
    let (_, mut findings) = salvage::<T>(&to_json_vec(value), &ParseOptions::default());
    for finding in &mut findings {
        finding.location = SourceLocation::new(std::mem::take(&mut finding.location.path));
    }
    findings
}
