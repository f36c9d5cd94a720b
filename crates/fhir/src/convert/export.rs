//! Entries and charts to FHIR.

use std::collections::{BTreeMap, BTreeSet};

use ehr_model::{Chart, Entry, EntryId, Format, Record, RecordClass, digest};

use super::chart_index::ChartIndex;
use super::difference::patch;
use super::extension;
use super::json::Tree;
use super::map::{Reader, Writer, each_written};
use super::medication::{concepts_behind, take_back_concept};
use super::{chart_index, document, labels, observation, provenance, received, record, release, repair};
use crate::element::{Element, Str};
use crate::r4::{self, Bundle, BundleEntry, Meta, Resource};
use crate::{ParseOptions, to_json_string};

/// The FHIR resource of one entry, with its references as the source wrote them.
///
/// An entry that came from FHIR and is unchanged gives its original; a changed one gives the original with the changes. Only
/// [`export_chart`] and [`export`](super::export) can tell whether the concept of a medication that is referred to is another one than
/// that of the Medication: here it is left to the Medication.
///
/// ```
/// use ehr_fhir::convert::{export_entry, import};
/// use ehr_model::{ImportOptions, Source};
/// let json = br#"{"resourceType":"Patient","birthDate":"1990-01","x-local":[1.00]}"#;
/// let import = import(json, &ImportOptions::new(Source::new("clinic")))?;
/// let again = export_entry(&import.charts[0].entries[0]);
/// assert_eq!(ehr_fhir::to_json_vec(&again), json);
/// # Ok::<(), ehr_model::ImportError>(())
/// ```
pub fn export_entry(entry: &Entry) -> Resource {
    if let Some(original) = original_of(entry)
        && let Some(same) = with_changes(
            &original,
            &entry.record,
            &Writer::MIRROR,
            concepts_behind(&entry.record, None),
        )
    {
        return same;
    }
    plain_resource(entry, &Writer::PLAIN)
}

/// The FHIR resource of a record alone, without id, meta and provenance. References are written as the source wrote them.
pub fn to_fhir(record: &Record) -> Resource {
    record::write(record, &Writer::PLAIN)
}

/// The record of a FHIR resource alone; references are not followed.
pub fn from_fhir(resource: &Resource) -> Record {
    record::read(resource, &Reader::PLAIN)
}

/// A chart as a Bundle of type collection.
///
/// Entries that came from FHIR are their originals, others have the key of their entry as id. Each entry has a `fullUrl`
/// against which the references inside the Bundle resolve. Who recorded what and when, where the source says, is told by
/// Provenance resources, and the narrative of a document with sections by a Composition. What a Bundle said of itself and in
/// its entries beside the resources is in a Provenance of them, as JSON; its security labels and tags are those of this one.
///
/// Read again, the Bundle gives the same records, except for what FHIR has no form for. A required element that a record does
/// not have is absent for an unknown reason, and what was deleted is unknown; a status outside of its value set is the source's
/// code; a reference that names nothing but the class of its target is left out; white space in a URI is `%20`.
pub fn export_chart(chart: &Chart) -> Bundle {
    let mut names: BTreeMap<&EntryId, String> = BTreeMap::new();
    for entry in &chart.entries {
        names.insert(&entry.id, local_name(entry));
    }
    let link = |id: &EntryId| names.get(id).cloned();
    let writer = Writer::linked(&link);
    let urls = full_urls(chart);
    let entries = by_id(std::slice::from_ref(chart));
    let mut out = BundleWriter::default();
    for entry in &chart.entries {
        let resource = match original_of(entry) {
            Some(original) => {
                let behind = concepts_behind(&entry.record, Some(&entries));
                with_changes(&original, &entry.record, &Writer::MIRROR, behind)
            }
            None => None,
        };
        let is_native = resource.is_some();
        let resource = resource.map(put_right);
        let resource = resource.unwrap_or_else(|| plain_resource(entry, &writer));
        let name = names.get(&entry.id).cloned().unwrap_or_default();
        let url = match urls.get(&entry.id) {
            Some(url) if is_native => url.clone(),
            _ => format!("{}{name}", extension::BASE),
        };
        out.push(url, resource);
        if let (Record::DocumentReference(document), false) = (&entry.record, is_native)
            && let Some(composition) =
                document::composition(document, labels::of([entry].into_iter()), &writer)
        {
            out.push_own("Composition", &entry.id.key, composition.into());
        }
    }
    for provenance in provenance::authorship(chart, &names, &writer) {
        let key = derived_key("authorship", &provenance);
        out.push_own("Provenance", &key, provenance.into());
    }
    if let Some(provenance) = received::provenance(chart, &names) {
        let key = derived_key("received", &provenance);
        out.push_own("Provenance", &key, put_right(provenance.into()));
    }
    out.finish(None, received::meta(chart))
}

/// `Type/id` of an entry in its own chart.
pub(super) fn local_name(entry: &Entry) -> String {
    let native = chart_index::native_id(entry).filter(|id| is_legal_id(id));
    let is_fhir = entry
        .original
        .as_ref()
        .is_some_and(|original| original.format == Format::FhirJson);
    let id = native.filter(|_| is_fhir).unwrap_or(&entry.id.key);
    format!("{}/{id}", resource_type(&entry.record))
}

pub(super) fn resource_type(record: &Record) -> &str {
    match record {
        Record::Other(other) if is_type(&other.resource_type) => &other.resource_type,
        Record::Other(_) => "Basic",
        other => other.class().as_str(),
    }
}

pub(super) fn is_type(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic())
}

pub(super) fn is_legal_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// The original of an entry that came from FHIR, as R4 says it.
pub(super) fn original_of(entry: &Entry) -> Option<Tree> {
    let original = entry
        .original
        .as_ref()
        .filter(|original| original.format == Format::FhirJson)?;
    let tree = Tree::parse(&original.content)?;
    Some(match release::foreign(&tree) {
        Some(foreign) => foreign.in_r4,
        None => tree,
    })
}

pub(super) fn resource_of(tree: &Tree) -> Option<Resource> {
    let (value, _) = crate::salvage::<Resource>(tree.to_text().as_bytes(), &ParseOptions::default());
    value
}

/// Entries by their ids, each with the number of its chart.
pub(super) type Entries<'a> = BTreeMap<&'a EntryId, (&'a Entry, usize)>;

pub(super) fn by_id(charts: &[Chart]) -> Entries<'_> {
    let mut out = BTreeMap::new();
    for (number, chart) in charts.iter().enumerate() {
        for entry in &chart.entries {
            out.entry(&entry.id).or_insert((entry, number));
        }
    }
    out
}

/// The original with the differences between what it said and what the record says now. `None` when it cannot be read.
/// `behind` are the concepts of the Medication that the entry refers to, where they are at hand.
pub(super) fn with_changes(
    original: &Tree,
    now: &Record,
    writer: &Writer<'_>,
    behind: Option<Vec<Tree>>,
) -> Option<Resource> {
    let resource = resource_of(original)?;
    if record::class_of(resource.resource_type()) == RecordClass::Other {
        return Some(resource);
    }
    let then = record::read(&resource, &Reader::PLAIN);
    let tree = |resource: &Resource| Tree::parse(&to_json_string(resource));
    let mut before = tree(&record::write(&then, &Writer::MIRROR))?;
    let mut after = tree(&record::write(now, writer))?;
    take_back_concept(original, &mut before, &mut after, behind.as_deref());
    if before == after {
        return Some(resource);
    }
    let mut changed = patch(original, &before, &after);
    repair::drop_older_choices(&mut changed, original);
    resource_of(&changed)
}

/// The resource of an entry from another format: id, source and security labels beside the record.
pub(super) fn plain_resource(entry: &Entry, writer: &Writer<'_>) -> Resource {
    let mut resource = record::write(&entry.record, writer);
    let meta = Meta {
        source: Some(source_uri(&entry.origin.source)),
        security: each_written(&entry.labels, writer),
        ..Meta::default()
    };
    if let Some(element) = resource.as_element_mut() {
        element.set_element_id(Some(Str::new(&entry.id.key)));
        element.extension_mut().extend(observation::sub_id(entry));
    }
    if let Some(place) = record::meta_mut(&mut resource) {
        *place = Some(Box::new(meta));
    }
    resource
}

/// A resource of a source, made valid where it is not.
pub(super) fn put_right(resource: Resource) -> Resource {
    let tree = |resource: &Resource| Tree::parse(&to_json_string(resource));
    let Some(repaired) = tree(&resource).and_then(|tree| repair::repair(&tree)) else {
        return resource;
    };
    let faults = |resource: &Resource| {
        crate::check(resource)
            .iter()
            .filter(|fault| fault.is_error())
            .count()
    };
    let left = faults(&repaired);
    if left == 0 || record::class_of(repaired.resource_type()) == RecordClass::Other {
        return repaired;
    }
    // A rule is broken by values that are right each: as the mapping writes such a record, with the rest as it is.
    let said = record::read(&repaired, &Reader::PLAIN);
    let [before, after] = [Writer::MIRROR, Writer::PLAIN].map(|writer| tree(&record::write(&said, &writer)));
    let (Some(tree), Some(before), Some(after)) = (tree(&repaired), before, after) else {
        return repaired;
    };
    match resource_of(&patch(&tree, &before, &after)) {
        Some(ruled) if faults(&ruled) < left => ruled,
        _ => repaired,
    }
}

/// The URI of a source, for `meta.source`: its id where that is one, or below [`extension::BASE`], which is ours to give
/// names in (a URN would need a registered namespace).
pub(super) fn source_uri(id: &str) -> Str {
    let is_uri = id.starts_with("urn:") || id.starts_with("http://") || id.starts_with("https://");
    if is_uri && !id.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return Str::new(id);
    }
    let mut out = format!("{}source/", extension::BASE);
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/' | b':') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Str::new(out)
}

pub(super) fn derived_key(kind: &str, provenance: &r4::Provenance) -> String {
    let mut key = digest(&[kind.as_bytes(), to_json_string(provenance).as_bytes()]);
    key.truncate(32);
    key
}

/// The `fullUrl` of entries that came from FHIR: the very text by which others refer to them, so that it resolves.
pub(super) fn full_urls(chart: &Chart) -> BTreeMap<&EntryId, String> {
    let mut out = BTreeMap::new();
    let index = ChartIndex::new(chart);
    for entry in &chart.entries {
        if let Some(native) = entry.origin.native_id.as_deref().filter(|id| id.contains(':')) {
            out.insert(&entry.id, native.to_owned());
        }
    }
    for entry in &chart.entries {
        let Some(original) = original_of(entry) else {
            continue;
        };
        original.each_reference(&mut |_, reference| {
            if let Some(literal) = reference.get("reference").and_then(Tree::as_str)
                && literal.contains(':')
                && !literal.contains('?')
                && !literal.contains("/_history/")
                && let Some(target) = index.literal(literal, entry)
            {
                out.entry(target).or_insert_with(|| literal.to_owned());
            }
        });
    }
    out
}

/// Builds a Bundle whose `fullUrl`s are unique, but for versions of one resource (rule bdl-7).
#[derive(Default)]
pub(super) struct BundleWriter {
    entries: Vec<BundleEntry>,
    /// With the version of the resource.
    urls: BTreeSet<(String, String)>,
    /// The last number that made each repeated URL unique.
    numbers: BTreeMap<String, usize>,
}

impl BundleWriter {
    pub(super) fn push(&mut self, url: String, resource: Resource) {
        let version = resource.version_id().unwrap_or_default().to_owned();
        let mut unique = url.clone();
        if !self.urls.insert((url.clone(), version.clone())) {
            let number = self.numbers.entry(url.clone()).or_insert(1);
            while !self.urls.insert((unique.clone(), version.clone())) {
                *number += 1;
                unique = format!("{url}-{number}");
            }
        }
        self.entries.push(BundleEntry {
            full_url: Some(Str::new(unique)),
            resource: Some(resource),
            ..BundleEntry::default()
        });
    }

    /// A resource that no entry stands for.
    pub(super) fn push_own(&mut self, type_: &str, key: &str, mut resource: Resource) {
        if let Some(element) = resource.as_element_mut() {
            element.set_element_id(Some(Str::new(key)));
        }
        self.push(format!("{}{type_}/{key}", extension::BASE), resource);
    }

    pub(super) fn finish(self, id: Option<Str>, meta: Option<Box<Meta>>) -> Bundle {
        let resources = self.entries.iter().filter_map(|entry| entry.resource.as_ref());
        Bundle {
            id,
            meta: labels::high_water(meta, resources),
            r#type: Some(r4::BundleType::Collection),
            entry: self.entries.into(),
            ..Bundle::default()
        }
    }
}
