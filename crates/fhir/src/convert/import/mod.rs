//! FHIR to charts: one a patient.

mod absence;
mod entry;
mod history;
mod receive;
mod share;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use ehr_model::{Chart, EntryId, Import, ImportError, ImportOptions, Record, digest};
use ehr_types::{Finding, Severity, SourceLocation, Strictness};

use self::receive::{Item, Received};
use super::index::Index;
use super::json::Tree;
use super::map::Reader;
use super::reference::base_of;
use crate::r4::{self, Resource};
use crate::{ParseOptions, salvage, to_json_string};

/// Reads a FHIR R4 JSON artifact into charts: a resource, a Bundle of any type, a JSON array of resources, or NDJSON.
///
/// Each Patient has a chart. Other resources go to the chart of the patient whom they name; what names none (a
/// Practitioner, a Medication) goes to every chart that reaches it by references, and what nobody reaches to the only chart, or
/// to one without a patient. Of a history only the newest version of a resource is taken; older ones, and what was deleted, are
/// residual, with a finding. Elsewhere each version is an entry, and a reference that names none is to the latest, where
/// version and time say which that is. References are resolved inside the artifact: [`Reference::target`](ehr_model::Reference::target) is the entry, the text stays
/// in [`Reference::literal`](ehr_model::Reference::literal). Every entry keeps its resource as received, and lists as residual what the model does not hold.
///
/// What DSTU2, STU3 and R5 say in other members is read as R4 says it where that is plain, with the findings `fhir.release.former` and
/// `fhir.release.later`; what of R5 is not read has the finding `fhir.release.later.unread`. A List or a section of a Composition
/// that says why it is empty (`emptyReason`) makes a record: none known of allergies, medications or problems, or, of allergies,
/// that nobody knows. A Bundle without entries is an empty chart.
///
/// ```
/// use ehr_fhir::import;
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
        Ok(text) => read.artifact(text, source, offset),
        // Not UTF-8: the reader says where.
        Err(_) => read.single(source, 0, "", None),
    }
    if read.items.is_empty() {
        let is_empty = is_empty_bundle(source);
        let unreadable = read
            .findings
            .iter()
            .filter(|finding| finding.is_error() && !is_empty)
            .max_by_key(|finding| finding.severity);
        if let Some(finding) = unreadable {
            return Err(ImportError::Unreadable(finding.clone()));
        }
        if read.residual.is_empty() || is_empty {
            if !is_empty {
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

/// Whether a source is a Bundle, read to its end, that says by having no entries, however it writes that, that there is nothing.
/// Anything else without a resource says nothing.
fn is_empty_bundle(source: &[u8]) -> bool {
    let (value, findings) = salvage::<Resource>(source, &ParseOptions::default());
    if !matches!(value, Some(Resource::Bundle(_)))
        || findings.iter().any(|finding| finding.severity == Severity::Fatal)
    {
        return false;
    }
    let text = std::str::from_utf8(source).unwrap_or_default();
    let tree = Tree::parse(text.trim_start_matches('\u{feff}'));
    match tree.as_ref().and_then(|bundle| bundle.get("entry")) {
        None | Some(Tree::Null) => true,
        Some(Tree::Array(entries)) => entries.is_empty(),
        Some(_) => false,
    }
}

fn digest_of(source: &[u8]) -> String {
    // SHA-256 of the bytes alone, which `digest` of several parts is not.
    digest(&[source])
}

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
    let index = index_of(items);
    let ids = entry::ids(items, &options.source.id);
    let has_bases = has_bases(items);
    let latest = index.latest_versions();
    let shared = share::out(items, &index, &latest);
    read.findings.extend(shared.doubts);
    let older = items
        .iter()
        .zip(&latest)
        .enumerate()
        .filter(|(at, (_, latest))| at != *latest);
    read.findings
        .extend(older.map(|(_, (item, _))| older_version(item)));
    read.findings.extend(absence::untold(items));
    let mut out = Import {
        charts: Vec::new(),
        findings: read.findings,
    };
    // A resource can be in several charts.
    let mut seen = BTreeSet::new();
    for members in &shared.charts {
        let mut chart = Chart::new(options.source.clone());
        for at in &latest_patient_first(members, items, &latest) {
            let (Some(item), Some(id)) = (items.get(*at), ids.get(*at)) else {
                continue;
            };
            let resolve = resolver(item, members, &index, &ids);
            let reader = Reader {
                resolve: &resolve,
                default_offset: options.default_offset,
            };
            let native_id = match item.full_url.as_deref().filter(|_| has_bases) {
                Some(url) => Some(url),
                None => item.id().or(item.full_url.as_deref()),
            };
            let with_sub_id = native_id.and_then(|id| entry::with_sub_id(item, id));
            let native_id = with_sub_id.as_deref().or(native_id);
            let entry = entry::of(item, id.clone(), native_id, &reader, options, artifact.as_deref());
            if seen.insert(*at) {
                out.findings.extend(entry::modifiers(&entry));
            }
            chart.entries.push(entry);
        }
        for at in members {
            let (Some(item), Some(id)) = (items.get(*at), ids.get(*at)) else {
                continue;
            };
            let resolve = resolver(item, members, &index, &ids);
            let reader = Reader {
                resolve: &resolve,
                default_offset: options.default_offset,
            };
            let is_shared = || shared.charts.iter().filter(|chart| chart.contains(at)).count() > 1;
            let told = absence::entries(item, id, &chart, &is_shared, &reader);
            chart.entries.extend(told);
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

/// The entry of the same chart that a reference of an item leads to.
fn resolver<'a>(
    item: &'a Item,
    members: &'a BTreeSet<usize>,
    index: &'a Index,
    ids: &'a [EntryId],
) -> impl Fn(&r4::Reference) -> Option<EntryId> + 'a {
    move |reference| {
        let at = index.resolve(reference, item.holder()).one()?;
        members.contains(&at).then(|| ids.get(at).cloned()).flatten()
    }
}

/// A chart is that of its first patient: of several versions the latest.
fn latest_patient_first(members: &BTreeSet<usize>, items: &[Item], latest: &[usize]) -> Vec<usize> {
    let mut out: Vec<usize> = members.iter().copied().collect();
    let is_patient = |at: &usize| items.get(*at).is_some_and(Item::is_patient);
    if let Some(first) = out.iter().position(is_patient)
        && let Some(latest) = out.get(first).and_then(|at| latest.get(*at))
        && let Some(place) = out.iter().position(|at| at == latest)
    {
        out.swap(first, place);
    }
    out
}

/// Both versions are records: what they say otherwise of one thing can be seen.
fn older_version(item: &Item) -> Finding {
    Finding::information(
        "fhir.version.older",
        item.location.clone(),
        "a later version of the resource is here too: it is meant by references that name no version",
    )
}

/// The names of all resources. One that is there twice, to the letter, has them once.
fn index_of(items: &[Item]) -> Index {
    let mut index = Index::default();
    let mut seen = HashSet::new();
    for item in items {
        if seen.insert((&*item.content, item.holder())) {
            index.add(item.names());
        } else {
            index.add_repetition();
        }
    }
    index
}

/// Whether the resources are of several servers, so that an id alone names none.
fn has_bases(items: &[Item]) -> bool {
    let mut bases = items.iter().filter_map(|item| base_of(item.full_url.as_deref()?));
    bases.next().is_some_and(|first| bases.any(|base| base != first))
}

/// Gives orders and statements that refer to a Medication its code, so that they can be compared.
fn follow_medications(chart: &mut Chart) {
    let mut codes = BTreeMap::new();
    for entry in &chart.entries {
        if let Record::Medication(medication) = &entry.record
            && let Some(code) = &medication.code
        {
            codes.insert(entry.id.clone(), code.clone());
        }
    }
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
