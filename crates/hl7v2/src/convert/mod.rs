//! From HL7 v2 to the clinical model.
//!
//! [`import`] takes what a feed or an export really holds: one message, several, a batch with FHS and BHS, MLLP frames. It
//! works by segment and not by message template: a segment that stands where its message does not foresee it is
//! converted all the same, and one that is not understood is listed as residual.
//!
//! # Charts
//!
//! Each patient of the artifact has one chart. Two messages are about one patient when their PID-3 (else PID-2, else PID-4)
//! share an identifier, the same value of the same assigner (CX-4; where a sender names none, the sender itself), and their
//! demographics do not contradict each other. Numbers are reused and mistyped: where the birth date differs and the given
//! name, the sex or the family name too, or given name and sex both, the patients have charts apart, with a warning (`v2.patient.contradicted`), and
//! linkage decides. A correction or a marriage changes one of these, and stays with the chart, with a warning of what was
//! replaced (`v2.patient.replaced`). A PID without demographics is of the patient of its identifier who was spoken of last.
//!
//! Account, visit, licence and social security numbers do not count: they are not given to one person only, or not by the
//! sender; nor do placeholders (`UNKNOWN`, `0`, `999999999`; `v2.patient.placeholder`). A PID without any identifier is a
//! patient of its own; whether two charts are one person is for linkage to say. A message without PID gives what it holds to
//! a chart without a patient, which no other message adds to, with a warning where it tells of results, visits and the like
//! (`v2.patient.missing`); one that speaks of the exchange alone (ACK, an empty batch) makes no chart.
//!
//! # Identity and versions
//!
//! The id of an entry derives from the source, the patient and what names the thing in HL7 v2: order number and code,
//! visit number, vaccine and day, for an observation its order, OBX-3, OBX-4, OBX-14 and which of its like it is. A message
//! that brings the same thing with other content brings a new version of it: a corrected result (OBX-11 = `C`) takes the
//! place of the former one, which stays in the chart as an entry of its own with its own status. Observations of one code that
//! OBX-4 tells apart have it in their native id. The patient, encounters,
//! people, organizations and places are not versions but grow together; a single value that a later message replaces is
//! kept as residual.
//!
//! # Mergers
//!
//! MRG of A18, A30, A34, A36, A39 and A40 gives the patient the former identifiers with the use `old`, and a link of type
//! `replaces` to the patient who had them; of A46, A47 and A48 the identifiers only; of the events that merge accounts or
//! visits the former numbers of these. The events that *move* something from one patient to another (A43, A44, A45) make
//! nobody the same person: MRG is residual, with a finding.
//!
//! A24 says that the patients of its two PIDs are one person: each has a link of type `seealso` to the other, unless two of given
//! name, sex and birth date differ (`v2.link.contradicted`): then that is stated, and no link made of it. A37 says that they are
//! two: the link is taken back, and [`Chart::identity`](ehr_model::Chart::identity) says so to whoever links charts. Of both, and of
//! the mergers, what was said last counts. Where both PIDs are of one chart, because they share an identifier, A37 parts nothing
//! (`v2.link.not-applied`).
//!
//! # What is not known, and what is taken back
//!
//! Null (`""`) becomes [`AbsentReason::Deleted`](ehr_types::AbsentReason::Deleted) where the model can say why a value is
//! missing, else it is residual. Where it stands instead of what a segment is about (AL1-3, DG1-3, PR1-3, RXA-5, …) no entry is
//! made (`v2.delete.not-applied`): an allergy to nothing would be read as an allergy. Of the patient and of encounters, null
//! deletes what earlier messages of the artifact said in that field (`v2.deleted`): it is residual then.
//!
//! Who takes back (action code `D`, OBX-11 `D` or `W`, PRB-1 `DE`, …) gives the entry the status `entered-in-error`, and the former
//! versions beside it as well. "None known" and "unknown", written where a substance belongs, are statements of their own
//! ([`AllergyKnowledge`](ehr_model::AllergyKnowledge)), and only where the whole field says so.
//!
//! # Who may see it
//!
//! What a field says of confidentiality is a label of the entry: ORC-28, OBX-13, PRB-25, ARV-3; and `restricted` where PD1-12,
//! PV2-22 or DG1-18 say so. Entries of a message of a test or of training (MSH-11) have the label `HTEST`.
//!
//! # What is cut off
//!
//! A message whose MLLP frame does not end (`v2.mllp.unclosed`) has lost what came behind. Its last segment, where it has no line
//! end, is residual: an identifier or a number that is cut off is another one.
//!
//! # Character sets
//!
//! UTF-16, with a byte order mark or without, is read too ([`Utf16`]). Paths, lines and texts are as of any other message; ranges and columns
//! are in the bytes of the source.
//!
//! A time without a zone takes that of MSH-7, else that of the caller, else none.

mod allergy;
mod allergy_statement;
mod charge;
mod chart;
mod clinical;
mod conversion;
mod coverage;
mod datatype;
mod demographics;
mod dispense;
mod distinct;
mod document;
mod dosage;
mod erasure;
mod events;
mod feed;
mod fold;
mod group;
mod header;
mod immunization;
mod immunization_observation;
mod link;
mod medication;
mod merger;
mod name_words;
mod observation;
mod order;
mod participant;
mod participation;
mod patient;
mod person;
mod place;
mod reading;
mod registration;
mod related_person;
mod report;
mod requester;
mod schedule;
mod specimen;
mod table;
mod timing;
mod timing_quantity;
mod value;
mod visit;
mod vocabulary;
mod withdrawn;

use ehr_model::{Import, ImportError, ImportOptions, Residual, digest};
use ehr_types::{Finding, LineIndex, SourceLocation, Span, Strictness};

use crate::batch::{Part, PartKind, check_batch, cut_frames, parts};
use crate::charset::Charset;
use crate::message::{Message, ParseOptions};
use crate::utf16::Utf16;
use feed::{Around, Feed, Received};

/// Reads an artifact and gives a chart for each patient in it.
///
/// ```
/// use ehr_model::{ImportOptions, RecordClass, Source};
///
/// let feed = b"MSH|^~\\&|LAB|ACME|||20240102||ORU^R01|1|P|2.5.1\r\
///     PID|1||7^^^ACME^MR||Doe^Jane||19800202|F\r\
///     OBR|1||F1|718-7^Hemoglobin^LN|||20240101\r\
///     OBX|1|NM|718-7^Hemoglobin^LN||13.2|g/dL^^UCUM|12-16||||F\r";
/// let import = ehr_hl7v2::convert::import(feed, &ImportOptions::new(Source::new("acme")))?;
/// let chart = &import.charts[0];
/// assert_eq!(chart.patient().unwrap().name[0].family.as_deref(), Some("Doe"));
/// assert_eq!(chart.of_class(RecordClass::Observation).count(), 1);
/// # Ok::<(), ehr_model::ImportError>(())
/// ```
///
/// # Errors
/// [`ImportError::Unreadable`] when the bytes hold no segment MSH, FHS or BHS; [`ImportError::Refused`] when the caller asked
/// for [`Strictness::Strict`] and there are findings of an error.
pub fn import(bytes: &[u8], options: &ImportOptions) -> Result<Import, ImportError> {
    let is_readable = |bytes: &[u8]| parts(bytes).any(|part| part.kind != PartKind::Preamble);
    let wide = (!is_readable(bytes)).then(|| Utf16::read(bytes)).flatten();
    match wide.filter(|wide| is_readable(wide.text().as_bytes())) {
        Some(wide) => import_utf16(&wide, digest(&[bytes]), options),
        None => read(bytes, Artifact::new(digest(&[bytes])), options),
    }
}

/// What is to be read, besides its bytes.
struct Artifact {
    /// SHA-256 of what was received.
    digest: String,
    /// The character set where the bytes are not those that were received.
    charset: Option<Charset>,
    /// What was noticed before.
    findings: Vec<Finding>,
}

impl Artifact {
    fn new(digest: String) -> Self {
        Self {
            digest,
            charset: None,
            findings: Vec::new(),
        }
    }
}

/// Reads the text, and gives all places as those of the source.
fn import_utf16(wide: &Utf16, digest: String, options: &ImportOptions) -> Result<Import, ImportError> {
    let artifact = Artifact {
        digest,
        charset: Some(Charset::UTF_8),
        findings: wide.findings_in_text(),
    };
    let mut result = read(wide.text().as_bytes(), artifact, options);
    let (findings, charts) = match &mut result {
        Ok(import) => (import.findings.as_mut_slice(), import.charts.as_mut_slice()),
        Err(error) => (error.findings_mut(), &mut [][..]),
    };
    for finding in findings {
        wide.locate(&mut finding.location);
    }
    for chart in charts {
        let of_entries = chart.entries.iter_mut().flat_map(|entry| {
            let residual = entry.residual.iter_mut().map(|residual| &mut residual.location);
            residual.chain(std::iter::once(&mut entry.origin.location))
        });
        let of_chart = chart.residual.iter_mut().map(|residual| &mut residual.location);
        for location in of_entries.chain(of_chart) {
            wide.locate(location);
        }
    }
    result
}

fn read(bytes: &[u8], artifact: Artifact, options: &ImportOptions) -> Result<Import, ImportError> {
    let lines = LineIndex::new(bytes);
    let all: Vec<Part<'_>> = parts(bytes).collect();
    if all.iter().all(|part| part.kind == PartKind::Preamble) {
        return Err(ImportError::Unreadable(unreadable(bytes, &lines)));
    }
    let mut findings = artifact.findings;
    findings.extend(check_batch(bytes));
    let parse_options = ParseOptions {
        charset: artifact.charset,
        ..ParseOptions::default()
    };
    let cut = cut_frames(all.iter().copied());
    let is_cut = |part: &Part<'_>| {
        cut.binary_search_by_key(&part.span.start, |cut| cut.span.start)
            .is_ok()
    };
    let mut messages = Vec::new();
    let mut around = Around::default();
    for part in &all {
        if part.kind != PartKind::Message {
            framing(part, &lines, &mut around);
            continue;
        }
        match part.parse(&parse_options) {
            Ok(message) => messages.push(Received {
                message,
                span: part.span,
                is_cut: is_cut(part) && !part.ends_with_line_end(),
            }),
            Err(error) => {
                let location = SourceLocation::new("MSH").at(part.span, &lines);
                findings.push(Finding::error(
                    "v2.message.unreadable",
                    location.clone(),
                    error.to_string(),
                ));
                around.text.push(Residual {
                    location,
                    content: String::from_utf8_lossy(part.bytes).into_owned(),
                });
            }
        }
    }
    let mut feed = Feed::new(artifact.digest, options, &lines, &messages);
    for (number, received) in messages.iter().enumerate() {
        feed.message(number, received);
    }
    findings.append(&mut feed.findings);
    if options.strictness == Strictness::Strict && findings.iter().any(Finding::is_error) {
        return Err(ImportError::Refused(
            findings.into_iter().filter(Finding::is_error).collect(),
        ));
    }
    let charts = feed.finish(around, &mut findings);
    Ok(Import { charts, findings })
}

fn unreadable(bytes: &[u8], lines: &LineIndex) -> Finding {
    let location = SourceLocation::default().at(Span::new(0, 0), lines);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Finding::fatal("v2.empty", location, "there is nothing to read");
    }
    match Message::parse(bytes) {
        Err(error) => Finding::fatal("v2.unreadable", location, error.to_string()),
        Ok(_) => Finding::fatal(
            "v2.unreadable",
            location,
            "no segment MSH, FHS or BHS begins a line",
        ),
    }
}

/// Headers and trailers of files and batches, and what stands before and behind them that is none.
fn framing(part: &Part<'_>, lines: &LineIndex, around: &mut Around) {
    let name = match part.kind {
        PartKind::FileHeader => "FHS",
        PartKind::BatchHeader => "BHS",
        PartKind::BatchTrailer => "BTS",
        PartKind::FileTrailer => "FTS",
        PartKind::Message | PartKind::Preamble => "",
    };
    let residual = |name: &str, bytes: &[u8], span: Span| Residual {
        location: SourceLocation::new(name).at(span, lines),
        content: String::from_utf8_lossy(bytes).trim().to_owned(),
    };
    let text = part.text_after();
    let header = part.span.len() - text.map_or(0, |(_, span)| part.span.end - span.start);
    if let Some((text, span)) = text {
        around.text.push(residual("", text, span));
    }
    let bytes = part.bytes.get(..header).unwrap_or_default();
    if name.is_empty() {
        if !part.is_blank() {
            around.text.push(residual("", part.bytes, part.span));
        }
    } else {
        let span = Span::new(part.span.start, part.span.start + header);
        around.framing.push(residual(name, bytes, span));
    }
}
