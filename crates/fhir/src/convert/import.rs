//! FHIR to charts: one a patient.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehr_model::{
    Chart, Entry, EntryId, Format, Import, ImportError, ImportOptions, Origin, Original, Record, RecordClass,
    Reference, Residual, digest,
};
use ehr_types::{Coding, DateTime, Finding, LineIndex, SourceLocation, Span, Strictness};

use super::json::{Scanner, Tree, missing};
use super::map::{Convert, Reader, Writer};
use super::record;
use super::reference::{Index, Names, identifiers_of};
use crate::r4::{self, Bundle, Resource};
use crate::{ParseOptions, salvage, to_json_string};

/// Reads a FHIR R4 JSON artifact into charts: a resource, a Bundle of any type, a JSON array of resources, or NDJSON.
///
/// Each Patient has a chart. Other resources go to the chart of the patient whom they name; what names none (a
/// Practitioner, a Medication) goes to every chart that reaches it by references, and what nobody reaches to the only chart, or
/// to one without a patient. References are resolved inside the artifact: [`Reference::target`] is the entry, the text stays
/// in [`Reference::literal`]. Every entry keeps its resource as received, and lists as residual what the model does not hold.
///
/// ```
/// use ehr_fhir::convert::import;
/// use ehr_model::{ImportOptions, RecordClass, Source};
/// let json = br#"{"resourceType":"Bundle","type":"collection","entry":[
///     {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","gender":"female"}},
///     {"resource":{"resourceType":"Condition","id":"c","subject":{"reference":"urn:uuid:1"}}}]}"#;
/// let import = import(json, &ImportOptions::new(Source::new("clinic")))?;
/// let chart = &import.charts[0];
/// let condition = chart.of_class(RecordClass::Condition).next().unwrap();
/// assert_eq!(condition.source_key(), "c");
/// assert_eq!(chart.patient_entry().unwrap().source_key(), "urn:uuid:1");
/// # Ok::<(), ehr_model::ImportError>(())
/// ```
///
/// # Errors
/// When nothing can be read, or when the options are strict and there is a finding of severity error.
pub fn import(source: &[u8], options: &ImportOptions) -> Result<Import, ImportError> {
    let artifact = digest_of(source);
    let mut read = Received::default();
    let bare = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source);
    let offset = source.len() - bare.len();
    match std::str::from_utf8(bare) {
        Ok(text) => receive(text, source, offset, &mut read),
        // Not UTF-8: the reader says where.
        Err(_) => read.single(source, 0, "", None),
    }
    if read.items.is_empty() {
        let unreadable = read
            .findings
            .iter()
            .filter(|finding| finding.is_error())
            .max_by_key(|finding| finding.severity);
        if let Some(finding) = unreadable {
            return Err(ImportError::Unreadable(finding.clone()));
        }
        if read.residual.is_empty() {
            // A Bundle without entries says that there is nothing; anything else without a resource says nothing.
            let (value, _) = salvage::<Resource>(source, &ParseOptions::default());
            if !matches!(value, Some(Resource::Bundle(_))) {
                return Err(ImportError::Unreadable(Finding::fatal(
                    "fhir.empty",
                    SourceLocation::new(""),
                    "there is no resource",
                )));
            }
            read.findings.push(Finding::information(
                "fhir.empty",
                SourceLocation::new("Bundle"),
                "the Bundle has no entries",
            ));
        }
    }
    finish(read, options, Some(artifact))
}

/// Makes charts of a resource that is already parsed; see [`import`].
///
/// # Errors
/// When the resource has no type.
pub fn import_resource(resource: &Resource, options: &ImportOptions) -> Result<Import, ImportError> {
    import(to_json_string(resource).as_bytes(), options)
}

fn digest_of(source: &[u8]) -> String {
    // SHA-256 of the bytes alone, which `digest` of several parts is not.
    digest(&[source])
}

/// One resource as it was received.
struct Item {
    resource: Resource,
    tree: Tree,
    content: Arc<str>,
    full_url: Option<String>,
    location: SourceLocation,
    timestamp: Option<DateTime>,
}

#[derive(Default)]
struct Received {
    items: Vec<Item>,
    findings: Vec<Finding>,
    residual: Vec<Residual>,
}

fn receive(text: &str, source: &[u8], offset: usize, read: &mut Received) {
    let mut scanner = Scanner::new(text, 0);
    let first = scanner.skip();
    let rest = text.get(scanner.position()..).unwrap_or_default();
    let lines = LineIndex::new(source);
    match first {
        Some(first) if first.starts_with('[') => {
            for (index, (at, item)) in Scanner::new(text, 0).items().into_iter().enumerate() {
                read.part(item, &lines, offset + at, &format!("[{index}]"));
            }
        }
        Some(first) if first.starts_with('{') && rest.trim_start().starts_with('{') => {
            let mut at = 0;
            for line in text.split_inclusive('\n') {
                if !line.trim().is_empty() {
                    read.part(line.trim_end(), &lines, offset + at, "");
                }
                at += line.len();
            }
        }
        _ => read.single(source, offset, "", Some(text)),
    }
}

impl Received {
    /// A resource that is a part of the artifact: one that cannot be read does not spoil the others.
    fn part(&mut self, text: &str, lines: &LineIndex, at: usize, prefix: &str) {
        let before = self.items.len();
        let from = self.findings.len();
        self.single(text.as_bytes(), 0, prefix, Some(text));
        for finding in self.findings.iter_mut().skip(from) {
            if let Some(span) = finding.location.span {
                let path = std::mem::take(&mut finding.location.path);
                finding.location =
                    SourceLocation::new(path).at(Span::new(span.start + at, span.end + at), lines);
            }
            finding.severity = finding.severity.min(ehr_types::Severity::Error);
        }
        for item in self.items.iter_mut().skip(before) {
            if let Some(span) = item.location.span {
                let path = std::mem::take(&mut item.location.path);
                item.location =
                    SourceLocation::new(path).at(Span::new(span.start + at, span.end + at), lines);
            }
        }
        if self.items.len() == before {
            let place = SourceLocation::new(prefix).at(Span::new(at, at + text.len()), lines);
            self.residual.push(Residual {
                location: place,
                content: text.to_owned(),
            });
        }
    }

    /// Reads one JSON value; `text` is what follows `offset` in `source`.
    fn single(&mut self, source: &[u8], offset: usize, prefix: &str, text: Option<&str>) {
        let options = ParseOptions {
            max_depth: 100,
            ..ParseOptions::default()
        };
        let (value, findings) = salvage::<Resource>(source, &options);
        let fatal = findings
            .iter()
            .find(|finding| finding.severity == ehr_types::Severity::Fatal);
        let broken_at = fatal
            .and_then(|finding| finding.location.span)
            .map(|span| span.start);
        let mut findings = findings;
        let Some(resource) = value else {
            self.findings.append(&mut findings);
            return;
        };
        if resource.resource_type().is_empty() {
            findings.push(Finding::error(
                "fhir.resource-type",
                SourceLocation::new(prefix),
                "the object has no resourceType",
            ));
            self.findings.append(&mut findings);
            return;
        }
        for finding in &mut findings {
            if !prefix.is_empty() {
                finding.location.path = format!("{prefix}.{}", finding.location.path);
            }
        }
        self.findings.append(&mut findings);
        let text = text.unwrap_or_default();
        if let Some(at) = broken_at
            && let Some(rest) = text.get(at.saturating_sub(offset)..)
        {
            self.residual.push(Residual {
                location: SourceLocation::new(prefix)
                    .at(Span::new(at, source.len()), &LineIndex::new(source)),
                content: rest.to_owned(),
            });
        }
        let lines = LineIndex::new(source);
        let path = if prefix.is_empty() {
            resource.resource_type().to_owned()
        } else {
            prefix.to_owned()
        };
        let whole = Scanner::new(text, 0).skip().map(|whole| {
            let start = text.find(whole).unwrap_or(0);
            (offset + start, whole)
        });
        self.take(
            resource,
            whole.filter(|_| broken_at.is_none()),
            Outline {
                text,
                offset,
                lines: &lines,
            },
            path,
            None,
            None,
        );
    }

    /// Takes a resource in, a Bundle entry by entry.
    fn take(
        &mut self,
        resource: Resource,
        place: Option<(usize, &str)>,
        outline: Outline<'_>,
        path: String,
        full_url: Option<String>,
        timestamp: Option<DateTime>,
    ) {
        let mut location = SourceLocation::new(path);
        if let Some((start, text)) = place {
            location = location.at(Span::new(start, start + text.len()), outline.lines);
        }
        match resource {
            Resource::Bundle(bundle) => self.take_bundle(*bundle, place, outline, location, timestamp),
            resource => {
                let content: Arc<str> = match place {
                    Some((_, text)) => text.into(),
                    None => to_json_string(&resource).into(),
                };
                let tree = Tree::parse(&content).unwrap_or(Tree::Null);
                self.items.push(Item {
                    resource,
                    tree,
                    content,
                    full_url,
                    location,
                    timestamp,
                });
            }
        }
    }

    fn take_bundle(
        &mut self,
        bundle: Bundle,
        place: Option<(usize, &str)>,
        outline: Outline<'_>,
        location: SourceLocation,
        timestamp: Option<DateTime>,
    ) {
        let timestamp = bundle.timestamp.or(timestamp);
        let start = match place {
            Some((start, _)) => Some(start),
            // A Bundle that breaks off: its start is that of the text.
            None if location.path == "Bundle" => Some(outline.offset),
            None => None,
        };
        let members = start
            .and_then(|start| start.checked_sub(outline.offset))
            .map(|at| Scanner::new(outline.text, at).members_partly())
            .unwrap_or_default();
        let entries = members
            .iter()
            .find(|(name, _)| name == "entry")
            .map(|(_, at)| Scanner::new(outline.text, *at).items())
            .unwrap_or_default();
        for (name, at) in &members {
            if matches!(name.as_str(), "entry" | "resourceType" | "type") {
                continue;
            }
            if let Some(value) = Scanner::new(outline.text, *at).skip() {
                let span = Span::new(outline.offset + at, outline.offset + at + value.len());
                self.residual.push(Residual {
                    location: SourceLocation::new(format!("{}.{name}", location.path))
                        .at(span, outline.lines),
                    content: value.to_owned(),
                });
            }
        }
        for (index, entry) in bundle.entry.into_iter().enumerate() {
            let path = format!("{}.entry[{index}]", location.path);
            let parts = entries
                .get(index)
                .map(|(at, _)| Scanner::new(outline.text, *at).members())
                .unwrap_or_default();
            for (name, at, value) in &parts {
                if !matches!(name.as_str(), "resource" | "fullUrl") {
                    let span = Span::new(outline.offset + at, outline.offset + at + value.len());
                    self.residual.push(Residual {
                        location: SourceLocation::new(format!("{path}.{name}")).at(span, outline.lines),
                        content: (*value).to_owned(),
                    });
                }
            }
            let Some(resource) = entry.resource else { continue };
            let place = parts
                .iter()
                .find(|(name, ..)| name == "resource")
                .map(|(_, at, text)| (outline.offset + at, *text));
            let full_url = entry.full_url.map(|url| url.to_string());
            self.take(
                resource,
                place,
                outline,
                format!("{path}.resource"),
                full_url,
                timestamp,
            );
        }
    }
}

/// The text that offsets count in.
#[derive(Clone, Copy)]
struct Outline<'a> {
    text: &'a str,
    offset: usize,
    lines: &'a LineIndex,
}

impl Item {
    fn names(&self) -> Names<'_> {
        Names {
            resource_type: self.resource.resource_type(),
            id: self.id(),
            full_url: self.full_url.as_deref(),
            identifiers: identifiers_of(&self.tree),
        }
    }

    fn id(&self) -> Option<&str> {
        self.tree
            .get("id")
            .and_then(Tree::as_str)
            .filter(|id| !id.is_empty())
    }

    fn is_patient(&self) -> bool {
        matches!(self.resource, Resource::Patient(_))
    }
}

/// Names of the elements by which a resource says whose it is.
const OWNERS: &[&str] = &[
    "subject",
    "patient",
    "beneficiary",
    "individual",
    "for",
    "participant",
    "candidate",
];

fn finish(
    mut read: Received,
    options: &ImportOptions,
    artifact: Option<String>,
) -> Result<Import, ImportError> {
    if options.strictness == Strictness::Strict && read.findings.iter().any(Finding::is_error) {
        return Err(ImportError::Refused(read.findings));
    }
    let items = std::mem::take(&mut read.items);
    let items = items.as_slice();
    let index = Index::new(items.iter().map(Item::names));
    let ids = entry_ids(items, &options.source.id);
    let charts = share_out(items, &index);
    let alias = only_subject(items, &index);
    if alias.is_some() {
        let place = SourceLocation::new("");
        read.findings.push(Finding::warning(
            "fhir.reference.only-patient",
            place,
            "the subject that resources name is not here under that name; it is taken for the only patient who is",
        ));
    }
    let mut out = Import {
        charts: Vec::new(),
        findings: read.findings,
    };
    for members in &charts {
        let resolve = |reference: &r4::Reference| {
            let literal = reference.reference.as_deref();
            let renamed = alias
                .as_ref()
                .filter(|(name, _)| literal == Some(name))
                .map(|(_, at)| *at);
            let at = index.resolve(reference).or(renamed)?;
            members.contains(&at).then(|| ids.get(at).cloned()).flatten()
        };
        let reader = Reader {
            resolve: &resolve,
            default_offset: options.default_offset,
        };
        let mut chart = Chart::new(options.source.clone());
        for at in members {
            let (Some(item), Some(id)) = (items.get(*at), ids.get(*at)) else {
                continue;
            };
            chart
                .entries
                .push(entry(item, id.clone(), &reader, options, artifact.as_deref()));
        }
        follow_medications(&mut chart);
        name_source(&mut chart);
        out.charts.push(chart);
    }
    if out.charts.is_empty() {
        out.charts.push(Chart::new(options.source.clone()));
    }
    if let Some(first) = out.charts.first_mut() {
        first.residual = read.residual;
    }
    Ok(out)
}

/// The entry of one resource.
fn entry(
    item: &Item,
    id: EntryId,
    reader: &Reader<'_>,
    options: &ImportOptions,
    artifact: Option<&str>,
) -> Entry {
    let mut record = record::read(&item.resource, reader);
    if let Record::Other(other) = &mut record {
        other.identifier = record::identifiers(&item.tree);
    }
    let meta = item.tree.get("meta");
    let meta_text = |name: &str| meta.and_then(|meta| meta.get(name)).and_then(Tree::as_str);
    let origin = Origin {
        source: options.source.id.clone(),
        artifact: artifact.map(str::to_owned),
        location: item.location.clone(),
        native_id: item.id().map(str::to_owned).or_else(|| item.full_url.clone()),
        authors: authors(&record),
        recorded: meta_text("lastUpdated")
            .and_then(|time| DateTime::parse(time).ok())
            .or(item.timestamp),
        version: meta_text("versionId").map(str::to_owned),
    };
    let residual = residual(item);
    Entry {
        id,
        origin,
        labels: labels(item, reader),
        record,
        original: options.keep_originals.then(|| Original {
            format: Format::FhirJson,
            content: Arc::clone(&item.content),
        }),
        residual,
    }
}

/// What the resource holds and the exporter does not give back from the record. A resource without a class is kept whole
/// and has none.
fn residual(item: &Item) -> Vec<Residual> {
    if record::class_of(item.resource.resource_type()) == RecordClass::Other {
        return Vec::new();
    }
    let plain = record::read(&item.resource, &Reader::PLAIN);
    let written = to_json_string(&record::write(&plain, &Writer::MIRROR));
    let Some(mut written) = Tree::parse(&written) else {
        return Vec::new();
    };
    // Held beside the record: id, version, security labels.
    for name in ["id", "meta"] {
        if let Some(value) = item.tree.get(name) {
            let mut value = value.clone();
            if let Tree::Object(members) = &mut value {
                members.retain(|(name, _)| matches!(name.as_str(), "versionId" | "lastUpdated" | "security"));
            }
            written.set(name, value);
        }
    }
    let mut found = Vec::new();
    missing(&item.tree, &written, &item.location.path, &mut found);
    found
        .into_iter()
        .filter(|(_, content)| content != "{}")
        .map(|(path, content)| Residual {
            location: SourceLocation::new(path),
            content,
        })
        .collect()
}

fn labels(item: &Item, reader: &Reader<'_>) -> Vec<Coding> {
    let Some(Tree::Array(labels)) = item.tree.get("meta").and_then(|meta| meta.get("security")) else {
        return Vec::new();
    };
    labels
        .iter()
        .filter_map(|label| {
            let parsed =
                crate::parse::<r4::Coding>(label.to_text().as_bytes(), &ParseOptions::default()).ok()?;
            Some(Coding::read(&parsed.value, reader))
        })
        .collect()
}

/// Who wrote a record down, where its class has an element for it.
fn authors(record: &Record) -> Vec<Reference> {
    let recorder = match record {
        Record::Condition(record) => record.recorder.as_ref().or(record.asserter.as_ref()),
        Record::AllergyIntolerance(record) => record.recorder.as_ref().or(record.asserter.as_ref()),
        Record::Procedure(record) => record.recorder.as_ref().or(record.asserter.as_ref()),
        Record::MedicationRequest(record) => record.recorder.as_ref().or(record.requester.as_ref()),
        Record::MedicationStatement(record) => record.information_source.as_ref(),
        Record::ServiceRequest(record) => record.requester.as_ref(),
        Record::CarePlan(record) => record.author.as_ref(),
        Record::DocumentReference(record) => return record.author.clone(),
        _ => None,
    };
    recorder.cloned().into_iter().collect()
}

/// Ids of the entries. A resource that comes twice under one name has two entries.
fn entry_ids(items: &[Item], source: &str) -> Vec<EntryId> {
    let mut seen: BTreeMap<EntryId, usize> = BTreeMap::new();
    items
        .iter()
        .map(|item| {
            let type_ = item.resource.resource_type();
            let class = record::class_of(type_);
            let key = item
                .id()
                .or(item.full_url.as_deref())
                .unwrap_or(&item.location.path);
            let id = EntryId::derive(class, &[source, type_, key]);
            let count = seen.entry(id.clone()).or_insert(0);
            *count += 1;
            if *count == 1 {
                return id;
            }
            EntryId::derive(class, &[source, type_, key, &count.to_string()])
        })
        .collect()
}

/// Which resources go into which chart, in the order of the artifact.
fn share_out(items: &[Item], index: &Index) -> Vec<BTreeSet<usize>> {
    let mut links: Vec<Vec<usize>> = Vec::new();
    let mut owners: Vec<Vec<usize>> = Vec::new();
    // Patients that are named but not here, each of whom has a chart of their own.
    let mut strangers: Vec<Option<&str>> = Vec::new();
    for item in items {
        let (mut to, mut of, mut stranger) = (Vec::new(), Vec::new(), None);
        item.tree.each_reference(&mut |top, literal| {
            let owns = OWNERS.contains(&top);
            match index.literal(literal) {
                Some(at) => {
                    let is_patient = items.get(at).is_some_and(Item::is_patient);
                    if is_patient && owns {
                        of.push(at);
                    }
                    if !is_patient {
                        to.push(at);
                    }
                }
                None if owns && super::reference::type_of(literal) == Some("Patient") => {
                    stranger = stranger.or(Some(literal));
                }
                None => {}
            }
        });
        if of.is_empty() {
            // No element says whose it is, but it may name a patient elsewhere.
            item.tree.each_reference(&mut |_, literal| {
                if let Some(at) = index
                    .literal(literal)
                    .filter(|at| items.get(*at).is_some_and(Item::is_patient))
                {
                    of.push(at);
                }
            });
        }
        let own = item.is_patient();
        links.push(to);
        owners.push(if own { Vec::new() } else { of });
        strangers.push(stranger.filter(|_| !own));
    }

    // Charts: patients in the order of the artifact, then named strangers.
    let mut charts: Vec<BTreeSet<usize>> = Vec::new();
    let mut chart_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, _) in items.iter().enumerate().filter(|(_, item)| item.is_patient()) {
        chart_of.insert(at, charts.len());
        charts.push(BTreeSet::from([at]));
    }
    let mut stranger_charts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut placed = vec![false; items.len()];
    let mut place = |charts: &mut Vec<BTreeSet<usize>>, chart: usize, at: usize| {
        if let (Some(chart), Some(placed)) = (charts.get_mut(chart), placed.get_mut(at)) {
            *placed = true;
            return chart.insert(at);
        }
        false
    };
    for (at, item) in items.iter().enumerate() {
        if item.is_patient() {
            if let Some(chart) = chart_of.get(&at) {
                place(&mut charts, *chart, at);
            }
            continue;
        }
        let of = owners.get(at).map(Vec::as_slice).unwrap_or_default();
        for owner in of {
            if let Some(chart) = chart_of.get(owner) {
                place(&mut charts, *chart, at);
            }
        }
        if let (true, Some(Some(stranger))) = (of.is_empty(), strangers.get(at)) {
            let chart = *stranger_charts.entry(stranger).or_insert_with(|| {
                charts.push(BTreeSet::new());
                charts.len() - 1
            });
            place(&mut charts, chart, at);
        }
    }
    let owned = charts.clone();

    // What owned resources reach; what reaches an owned resource; what that reaches.
    spread(&mut charts, &links, &owned);
    let unplaced = |charts: &[BTreeSet<usize>], at: usize| !charts.iter().any(|chart| chart.contains(&at));
    for at in 0..items.len() {
        if !unplaced(&charts, at) {
            continue;
        }
        let reached = reach(at, &links);
        let hits: Vec<usize> = owned
            .iter()
            .enumerate()
            .filter(|(_, owned)| reached.iter().any(|at| owned.contains(at)))
            .map(|(chart, _)| chart)
            .collect();
        for chart in hits {
            place(&mut charts, chart, at);
        }
    }
    spread(&mut charts, &links, &owned);
    let left: BTreeSet<usize> = (0..items.len()).filter(|at| unplaced(&charts, *at)).collect();
    match (left.is_empty(), charts.len()) {
        (true, _) => {}
        (false, 1) => charts.iter_mut().for_each(|chart| chart.extend(&left)),
        (false, _) => charts.push(left),
    }
    charts
}

/// Adds to each chart what its resources reach and no other patient owns.
fn spread(charts: &mut [BTreeSet<usize>], links: &[Vec<usize>], owned: &[BTreeSet<usize>]) {
    for (number, chart) in charts.iter_mut().enumerate() {
        let mut queue: Vec<usize> = chart.iter().copied().collect();
        while let Some(at) = queue.pop() {
            for next in links.get(at).into_iter().flatten() {
                let of_another = owned
                    .iter()
                    .enumerate()
                    .any(|(other, owned)| other != number && owned.contains(next));
                if !of_another && chart.insert(*next) {
                    queue.push(*next);
                }
            }
        }
    }
}

fn reach(from: usize, links: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut seen = BTreeSet::from([from]);
    let mut queue = vec![from];
    while let Some(at) = queue.pop() {
        for next in links.get(at).into_iter().flatten() {
            if seen.insert(*next) {
                queue.push(*next);
            }
        }
    }
    seen
}

/// The name by which resources call the only patient, where it is not one of the patient's: an artifact with one Patient whose
/// resources all name one subject by a UUID that is nobody's here, as exports do that give new ids to resources.
fn only_subject(items: &[Item], index: &Index) -> Option<(String, usize)> {
    let mut patients = items.iter().enumerate().filter(|(_, item)| item.is_patient());
    let (patient, _) = patients.next()?;
    if patients.next().is_some() {
        return None;
    }
    let mut names = BTreeSet::new();
    for item in items {
        item.tree.each_reference(&mut |top, literal| {
            if matches!(top, "subject" | "patient" | "beneficiary") {
                names.insert(literal);
            }
        });
    }
    match names.into_iter().collect::<Vec<_>>().as_slice() {
        [only] if only.starts_with("urn:") && index.literal(only).is_none() => {
            Some(((*only).to_owned(), patient))
        }
        _ => None,
    }
}

/// Gives orders and statements that refer to a Medication its code, so that they can be compared.
fn follow_medications(chart: &mut Chart) {
    let codes: BTreeMap<EntryId, ehr_types::CodeableConcept> = chart
        .entries
        .iter()
        .filter_map(|entry| match &entry.record {
            Record::Medication(medication) => Some((entry.id.clone(), medication.code.clone()?)),
            _ => None,
        })
        .collect();
    if codes.is_empty() {
        return;
    }
    for entry in &mut chart.entries {
        let (concept, reference) = match &mut entry.record {
            Record::MedicationRequest(record) => (&mut record.medication, &record.medication_reference),
            Record::MedicationStatement(record) => (&mut record.medication, &record.medication_reference),
            Record::MedicationDispense(record) => (&mut record.medication, &record.medication_reference),
            Record::MedicationAdministration(record) => {
                (&mut record.medication, &record.medication_reference)
            }
            _ => continue,
        };
        if concept.is_none()
            && let Some(target) = reference.as_ref().and_then(|reference| reference.target.as_ref())
        {
            *concept = codes.get(target).cloned();
        }
    }
}

/// Names the organization of the source after the one that keeps the patient's record, where that is all there is.
fn name_source(chart: &mut Chart) {
    if chart.source.organization.is_some() {
        return;
    }
    let Some(manager) = chart
        .patient()
        .and_then(|patient| patient.managing_organization.clone())
    else {
        return;
    };
    let named = manager
        .target
        .as_ref()
        .and_then(|target| match &chart.entry(target)?.record {
            Record::Organization(organization) => organization.name.clone(),
            _ => None,
        });
    chart.source.organization = named.or(manager.display);
}
