//! From HL7 v2 to the clinical model.
//!
//! [`import`] takes what a feed or an export really holds: one message, several, a batch with FHS and BHS, MLLP frames. It
//! works by segment and not by message template: a segment that stands where its message does not foresee it is
//! converted all the same, and one that is not understood is listed as residual.
//!
//! # Charts
//!
//! Each patient of the artifact has one chart. Two messages are about one patient when their PID-3 (else PID-2, else PID-4)
//! share an identifier: the same value of the same assigner (CX-4; where a sender names none, the sender itself). Account,
//! visit, licence and social security numbers do not count: they are not given to one person only, or not by the sender.
//! A PID without any identifier is a patient of its own; whether two charts are one person is for linkage to say. A message
//! without PID gives what it holds to a chart without a patient.
//!
//! # Identity and versions
//!
//! The id of an entry derives from the source, the patient and what names the thing in HL7 v2: order number and code,
//! visit number, vaccine and day, for an observation its order, OBX-3, OBX-4, OBX-14 and which of its like it is. A message
//! that brings the same thing with other content brings a new version of it: a corrected result (OBX-11 = `C`) takes the
//! place of the former one, which stays in the chart as an entry of its own with its own status. The patient, encounters,
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
//! # What is not known
//!
//! Null (`""`) becomes [`AbsentReason::Deleted`](ehr_types::AbsentReason::Deleted) where the model can say why a value is
//! missing, else it is residual. A time without a zone takes that of MSH-7, else that of the caller, else none.

mod chart;
mod clinical;
mod conversion;
mod coverage;
mod datatype;
mod document;
mod group;
mod immunization;
mod medication;
mod observation;
mod order;
mod participant;
mod patient;
mod reading;
mod schedule;
mod specimen;
mod table;
mod visit;
mod vocabulary;

use std::collections::HashMap;

use ehr_model::{Chart, Import, ImportError, ImportOptions, Reference, Residual, Source, digest};
use ehr_types::{Finding, Identifier, LineIndex, Offset, SourceLocation, Span, Strictness};

use crate::batch::{Part, PartKind, check_batch, parts};
use crate::message::{Message, ParseOptions};
use chart::ChartBuilder;
use conversion::{Conversion, Header, key_of};
use datatype::Sender;
use group::{Grouped, Item, PatientGroup, Unit, group};
use reading::{Reading, Seg};

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
    let lines = LineIndex::new(bytes);
    let all: Vec<Part<'_>> = parts(bytes).collect();
    let is_readable = |part: &Part<'_>| !matches!(part.kind, PartKind::Preamble);
    if !all.iter().any(is_readable) {
        return Err(ImportError::Unreadable(unreadable(bytes, &lines)));
    }
    let mut findings = if all
        .iter()
        .any(|part| !matches!(part.kind, PartKind::Message | PartKind::Preamble))
    {
        check_batch(bytes)
    } else {
        Vec::new()
    };
    for finding in &mut findings {
        // A trailer that is not there is missed at the end.
        if finding.location.span.is_none() {
            let end = Span::new(bytes.len(), bytes.len());
            finding.location = SourceLocation::new(finding.location.path.clone()).at(end, &lines);
        }
    }
    let mut messages = Vec::new();
    let mut around = Vec::new();
    for part in &all {
        if part.kind != PartKind::Message {
            around.extend(framing(part, &lines, &mut findings));
            continue;
        }
        match part.parse(&ParseOptions::default()) {
            Ok(message) => messages.push((message, part.span)),
            Err(error) => {
                let location = SourceLocation::new("MSH").at(part.span, &lines);
                findings.push(Finding::error(
                    "v2.message.unreadable",
                    location.clone(),
                    error.to_string(),
                ));
                around.push(Residual {
                    location,
                    content: String::from_utf8_lossy(part.bytes).into_owned(),
                });
            }
        }
    }
    let mut feed = Feed::new(bytes, options, &lines, &messages);
    for (number, (message, span)) in messages.iter().enumerate() {
        feed.message(number, message, *span);
    }
    findings.append(&mut feed.findings);
    if options.strictness == Strictness::Strict && findings.iter().any(Finding::is_error) {
        return Err(ImportError::Refused(
            findings.into_iter().filter(Finding::is_error).collect(),
        ));
    }
    Ok(Import {
        charts: feed.finish(around),
        findings,
    })
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

/// Headers and trailers of files and batches, and what stands before the first header.
fn framing(part: &Part<'_>, lines: &LineIndex, findings: &mut Vec<Finding>) -> Option<Residual> {
    if part.is_blank() {
        return None;
    }
    let name = match part.kind {
        PartKind::FileHeader => "FHS",
        PartKind::BatchHeader => "BHS",
        PartKind::BatchTrailer => "BTS",
        PartKind::FileTrailer => "FTS",
        PartKind::Message | PartKind::Preamble => "",
    };
    let location = SourceLocation::new(name).at(part.span, lines);
    if name.is_empty() {
        findings.push(Finding::warning(
            "v2.preamble",
            location.clone(),
            "text before the first segment; it is kept as it is",
        ));
    }
    Some(Residual {
        location,
        content: String::from_utf8_lossy(part.bytes).trim().to_owned(),
    })
}

/// Messages on their way into charts.
struct Feed<'a> {
    options: &'a ImportOptions,
    lines: &'a LineIndex,
    artifact: String,
    /// Whether the artifact is more than one message, so that paths must say which.
    numbered: bool,
    /// The chart of each patient group, by message and group.
    chart_of: Vec<Vec<usize>>,
    charts: Vec<ChartBuilder>,
    /// What belongs to no patient.
    loose: Vec<Residual>,
    findings: Vec<Finding>,
}

impl<'a> Feed<'a> {
    fn new(
        bytes: &[u8],
        options: &'a ImportOptions,
        lines: &'a LineIndex,
        messages: &[(Message<'_>, Span)],
    ) -> Self {
        let mut feed = Self {
            options,
            lines,
            artifact: digest(&[bytes]),
            numbered: messages.len() > 1,
            chart_of: Vec::new(),
            charts: Vec::new(),
            loose: Vec::new(),
            findings: Vec::new(),
        };
        feed.assign_charts(messages);
        feed
    }

    /// Finds out which patients of which messages are the same, by the identifiers in PID.
    fn assign_charts(&mut self, messages: &[(Message<'_>, Span)]) {
        let mut union = Union::default();
        let mut nodes: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut keys: Vec<Vec<String>> = Vec::new();
        let mut sources: Vec<Source> = Vec::new();
        let mut by_key: HashMap<String, usize> = HashMap::new();
        for (number, (message, _)) in messages.iter().enumerate() {
            // Read once for the identifiers alone: these marks are thrown away.
            let reading = Reading::new(message, 0, self.lines, String::new(), Offset::Unstated);
            let header = header(&reading);
            let mut groups = Vec::new();
            let grouped = grouped(&reading, &header);
            for (position, patient) in grouped.patients.iter().enumerate() {
                let mut known = patient
                    .pid
                    .as_ref()
                    .map(|pid| identity(pid.seg, &header.sender))
                    .unwrap_or_default();
                let node = union.add();
                for key in &known {
                    match by_key.get(key) {
                        Some(other) => union.join(*other, node),
                        None => {
                            by_key.insert(key.clone(), node);
                        }
                    }
                }
                if known.is_empty() {
                    // Known by its message and place alone.
                    let content = digest(&[message.as_bytes()]);
                    known.push(format!(
                        "message {content} {position} {}",
                        union.count_of(&content)
                    ));
                }
                keys.push(known);
                sources.push(self.source(&reading));
                groups.push(node);
            }
            nodes.push((number, groups));
        }
        // The chart of each set, in the order in which its patient first appears.
        let mut charts: HashMap<usize, usize> = HashMap::new();
        let mut smallest: HashMap<usize, String> = HashMap::new();
        for (node, keys) in keys.iter().enumerate() {
            let root = union.root(node);
            for key in keys {
                let least = smallest.entry(root).or_insert_with(|| key.clone());
                if *key < *least {
                    least.clone_from(key);
                }
            }
        }
        for (_, groups) in nodes {
            let mut of_message = Vec::new();
            for node in groups {
                let root = union.root(node);
                let chart = *charts.entry(root).or_insert_with(|| {
                    let key = smallest.get(&root).cloned().unwrap_or_default();
                    let source = sources.get(node).cloned().unwrap_or_default();
                    self.charts.push(ChartBuilder::new(source, key));
                    self.charts.len() - 1
                });
                of_message.push(chart);
            }
            self.chart_of.push(of_message);
        }
    }

    /// The source, with what MSH-3 and MSH-4 say where the caller does not.
    fn source(&self, reading: &Reading<'_>) -> Source {
        let mut source = self.options.source.clone();
        if let Some(header) = reading.message().header() {
            let text = |field: u32| {
                header
                    .field(field)
                    .component(1)
                    .some_text()
                    .map(|text| text.trim().to_owned())
            };
            source.organization = source.organization.or_else(|| text(4));
            source.system = source.system.or_else(|| text(3));
        }
        source
    }

    fn message(&mut self, number: usize, message: &Message<'_>, span: Span) {
        let prefix = if self.numbered {
            format!("MSG[{}]/", number + 1)
        } else {
            String::new()
        };
        let header_offset = message
            .header()
            .and_then(|header| header.field(7).read::<crate::datatype::Dtm>())
            .and_then(|time| time.date_time()?.ok())
            .map_or(Offset::Unstated, |time| time.offset());
        let offset = if header_offset == Offset::Unstated {
            self.options.default_offset.unwrap_or(Offset::Unstated)
        } else {
            header_offset
        };
        let reading = Reading::new(message, span.start, self.lines, prefix, offset);
        for mut finding in message.findings() {
            finding.location = reading.relocate(&finding.location);
            reading.note(finding);
        }
        let mut header = header(&reading);
        header.provenance.artifact.clone_from(&self.artifact);
        header.provenance.keep_originals = self.options.keep_originals;
        check_processing(&reading);
        let grouped = grouped(&reading, &header);
        if grouped.patients.iter().all(|patient| patient.pid.is_none()) {
            let location = message
                .header()
                .map(|header| header.location())
                .unwrap_or_default();
            reading.note(Finding::information(
                "v2.no-patient",
                reading.relocate(&location),
                "the message is not about a patient: it has no PID",
            ));
        }
        let mut owners = vec![None; message.segment_count()];
        let of_message = self.chart_of.get(number).cloned().unwrap_or_default();
        let linked = linked(&grouped, &header);
        for (position, (patient, chart)) in grouped.patients.iter().zip(&of_message).enumerate() {
            let Some(chart) = self.charts.get_mut(*chart) else {
                continue;
            };
            let links = linked
                .iter()
                .filter(|(from, _)| *from == position)
                .map(|(_, other)| other.clone())
                .collect();
            convert_patient(
                Conversion::new(&reading, &header, chart, &mut owners),
                patient,
                links,
                &grouped.head,
            );
        }
        self.take_residual(&reading, &owners, &of_message);
        self.findings.extend(reading.into_findings());
    }

    /// What nobody has read goes to the entry that its segment belongs to, else to the chart, else to no patient.
    fn take_residual(
        &mut self,
        reading: &Reading<'_>,
        owners: &[Option<ehr_model::EntryId>],
        of_message: &[usize],
    ) {
        let mut group = 0;
        let mut seen = false;
        for seg in reading.segments() {
            if seg.is("PID") {
                group += usize::from(seen);
                seen = true;
            }
            let residual = seg.residual();
            if residual.is_empty() {
                continue;
            }
            let owner = owners.get(seg.segment().position()).and_then(Option::as_ref);
            match of_message
                .get(group)
                .and_then(|chart| self.charts.get_mut(*chart))
            {
                Some(chart) => chart.add_residual(owner, residual),
                None => self.loose.extend(residual),
            }
        }
    }

    fn finish(self, around: Vec<Residual>) -> Vec<Chart> {
        let mut loose = around;
        loose.extend(self.loose);
        let mut charts = Vec::new();
        for chart in self.charts {
            let has_entries = chart.has_entries();
            let mut chart = chart.finish();
            if has_entries {
                charts.push(chart);
            } else {
                loose.append(&mut chart.residual);
            }
        }
        if !loose.is_empty() {
            match charts.first_mut() {
                Some(first) => first.residual.extend(loose),
                None => charts.push(Chart {
                    residual: loose,
                    ..Chart::new(self.options.source.clone())
                }),
            }
        }
        charts
    }
}

/// Sets of things that are the same.
#[derive(Default)]
struct Union {
    parents: Vec<usize>,
    counts: HashMap<String, u32>,
}

impl Union {
    fn add(&mut self) -> usize {
        self.parents.push(self.parents.len());
        self.parents.len() - 1
    }

    fn root(&self, mut node: usize) -> usize {
        while let Some(parent) = self.parents.get(node).filter(|parent| **parent != node) {
            node = *parent;
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (first, second) = (a.min(b), a.max(b));
        if let Some(parent) = self.parents.get_mut(second) {
            *parent = first;
        }
    }

    /// Which use of a content this is.
    fn count_of(&mut self, content: &str) -> u32 {
        let count = self.counts.entry(content.to_owned()).or_insert(0);
        *count += 1;
        *count
    }
}

/// What a PID identifies its patient by.
fn identity(pid: Seg<'_>, sender: &Sender) -> Vec<String> {
    const NOT_OF_ONE_PERSON: &[&str] = &["SS", "AN", "VN", "DL", "PPN", "ANON", "ANC", "ANT", "GI", "BA"];
    for field in [3, 2, 4] {
        let known: Vec<String> = pid
            .all(field)
            .filter_map(|at| sender.identifier(at))
            .filter(|identifier| identifier.value.is_some())
            .filter(|identifier| {
                let kind = identifier.type_.as_ref().and_then(|kind| kind.codings.first());
                kind.and_then(|kind| kind.code.as_deref())
                    .is_none_or(|kind| !NOT_OF_ONE_PERSON.contains(&kind))
            })
            .map(|identifier| {
                let of_sender = identifier.system.is_none() && identifier.assigner.is_none();
                let sender = sender.name.as_deref().filter(|_| of_sender).unwrap_or_default();
                format!("{}@{sender}", key_of(&identifier))
            })
            .collect();
        if !known.is_empty() {
            return known;
        }
    }
    Vec::new()
}

/// MSH and EVN.
fn header(reading: &Reading<'_>) -> Header {
    let mut header = Header::default();
    for seg in reading.segments() {
        if seg.is("MSH") {
            let facility = seg.at(4).part(1).text();
            header.sender.name = facility.or_else(|| seg.at(3).part(1).peek());
            seg.at(3).part(1).mark();
            header.code = seg.at(9).part(1).text().unwrap_or_default();
            header.event = seg.at(9).part(2).text().unwrap_or_default();
            seg.at(9).mark();
            header.provenance.recorded = seg.at(7).time();
            header.provenance.control_id = seg.text(10);
            // Version and character set were used to read the message.
            seg.at(12).mark();
            seg.all(18).for_each(|at| at.mark());
            if seg.at(11).peek_code().as_deref() == Some("P") {
                seg.at(11).leaf().mark();
            }
        } else if seg.is("EVN") {
            let event = seg.code(1);
            if header.event.is_empty() {
                header.event = event.unwrap_or_default();
            }
            header.provenance.recorded = seg.at(2).time().or(header.provenance.recorded);
        }
    }
    header
}

fn grouped<'r>(reading: &'r Reading<'r>, header: &Header) -> Grouped<'r> {
    let samples_first = header.is("OUL") && matches!(header.event.as_str(), "R22" | "R23");
    group(reading.segments(), samples_first)
}

/// MSH-11: data of a test or a training is not of a patient.
fn check_processing(reading: &Reading<'_>) {
    for seg in reading.segments().filter(|seg| seg.is("MSH")) {
        let at = seg.at(11);
        if matches!(at.peek_code().as_deref(), Some("T" | "D")) {
            at.warn(
                "v2.not-production",
                "MSH-11 says that this is a message of a test or of training",
            );
        }
    }
}

/// Event A24 links the patients of its two PIDs.
fn linked(grouped: &Grouped<'_>, header: &Header) -> Vec<(usize, Identifier)> {
    if !header.event.eq_ignore_ascii_case("A24") {
        return Vec::new();
    }
    let known: Vec<Option<Identifier>> = grouped
        .patients
        .iter()
        .map(|patient| {
            let pid = patient.pid.as_ref()?.seg;
            pid.all(3).find_map(|at| {
                header
                    .sender
                    .identifier(at)
                    .filter(|identifier| identifier.value.is_some())
            })
        })
        .collect();
    let mut links = Vec::new();
    for from in 0..known.len() {
        for (to, other) in known.iter().enumerate() {
            if let Some(other) = other
                && from != to
            {
                links.push((from, other.clone()));
            }
        }
    }
    links
}

/// Everything about one patient.
fn convert_patient<'r>(
    mut conversion: Conversion<'r, '_>,
    group: &PatientGroup<'r>,
    linked: Vec<Identifier>,
    head: &[Seg<'r>],
) {
    conversion.has_visit = group.items.iter().any(|item| matches!(item, Item::Visit(_)));
    let visit = match &group.pid {
        Some(pid) => {
            let next_of_kin: Vec<&Unit<'r>> = group
                .items
                .iter()
                .filter_map(|item| match item {
                    Item::Single(unit) if unit.seg.is("NK1") => Some(unit),
                    _ => None,
                })
                .collect();
            conversion.patient(pid, &next_of_kin, linked)
        }
        None => patient::VisitIdentifiers::default(),
    };
    let operators: Vec<Reference> = head
        .iter()
        .filter(|seg| seg.is("EVN"))
        .flat_map(|evn| conversion.practitioners(*evn, 5))
        .collect();
    if let Some(patient) = conversion.patient.clone() {
        conversion.chart.sign(&patient, operators.clone(), Vec::new());
    }
    let mut samples: HashMap<usize, Reference> = HashMap::new();
    for (position, item) in group.items.iter().enumerate() {
        match item {
            Item::Visit(unit) => {
                conversion.encounter_of(unit, &visit);
                if let Some(visit) = conversion.visit.clone() {
                    conversion.chart.sign(&visit, operators.clone(), Vec::new());
                }
            }
            Item::Single(unit) => single(&mut conversion, unit),
            Item::Observation(unit) => {
                conversion.observation(unit, &observation::Context::default());
            }
            Item::Order(order) => {
                let before: Vec<Reference> = order
                    .sample_before
                    .and_then(|sample| samples.get(&sample))
                    .cloned()
                    .into_iter()
                    .collect();
                conversion.order(order, &before);
            }
            Item::Sample(sample) => {
                let reference = conversion.sample(sample, None, "");
                samples.insert(position, reference);
            }
            Item::Document(document) => conversion.document(document),
            Item::Schedule(schedule) => conversion.appointment(schedule),
        }
    }
}

/// A segment that stands for itself.
fn single<'r>(conversion: &mut Conversion<'r, '_>, unit: &Unit<'r>) {
    match unit.seg.segment().id().as_str() {
        "NK1" if conversion.patient.is_some() => {}
        "AL1" => conversion.allergy(unit),
        "IAM" => conversion.adverse_reaction(unit),
        "DG1" => {
            conversion.diagnosis(unit, true);
        }
        "PRB" => conversion.problem(unit),
        "PR1" => conversion.procedure(unit),
        "GOL" => conversion.goal(unit),
        "IN1" => conversion.coverage(unit),
        "GT1" => conversion.guarantor(unit),
        "FT1" => conversion.charge(unit),
        "PRD" => conversion.provider(unit),
        "RGS" => unit.seg.mark(),
        _ => {
            let (code, message) = if unit.seg.segment().id().is_local() {
                (
                    "v2.segment.local",
                    "a segment of the sender's own; it is kept as residual",
                )
            } else {
                (
                    "v2.segment.unmapped",
                    "the model has no place for this segment here; it is kept as residual",
                )
            };
            conversion
                .reading
                .note(Finding::information(code, unit.seg.location(), message));
        }
    }
}
