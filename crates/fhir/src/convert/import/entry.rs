//! The entry of one resource.

use std::collections::BTreeMap;
use std::sync::Arc;

use ehr_model::{
    Entry, EntryId, Format, ImportOptions, Origin, Original, Record, RecordClass, Reference, Residual,
};
use ehr_types::{Coding, DateTime, Finding, SourceLocation};

use super::receive::Item;
use crate::convert::carry_over;
use crate::convert::difference::missing;
use crate::convert::json::Tree;
use crate::convert::map::{Convert, Reader, Writer};
use crate::convert::observation::find_sub_id;
use crate::convert::record;
use crate::r4::{self, Resource};
use crate::{ParseOptions, to_json_string};

/// The entry of a resource.
pub(super) fn of(
    item: &Item,
    id: EntryId,
    native_id: Option<&str>,
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
        native_id: native_id.map(str::to_owned),
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

/// The native id of an observation of an HL7 v2 feed that comes back from FHIR; see [`EntryId::with_sub_id`].
pub(super) fn with_sub_id(item: &Item, native_id: &str) -> Option<String> {
    let (_, sub_id) =
        find_sub_id(&item.tree).filter(|_| matches!(item.resource, Resource::Observation(_)))?;
    let id = EntryId {
        class: RecordClass::Observation,
        key: native_id.to_owned(),
    };
    let origin = Origin {
        native_id: Some(id.with_sub_id(sub_id)).filter(|id| !id.contains(':')),
        ..Origin::default()
    };
    origin.sub_id()?;
    origin.native_id
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
    // Held in the native id.
    if let Some((sub_id, _)) = find_sub_id(&item.tree)
        && item.id().is_some_and(|id| with_sub_id(item, id).is_some())
    {
        written.push("extension", sub_id.clone());
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

/// A finding for each thing that changes the meaning of an entry and was not understood: the record is then not either.
pub(super) fn modifiers(entry: &Entry) -> impl Iterator<Item = Finding> {
    let modifiers = carry_over::residual(entry).filter(|(path, _)| carry_over::is_modifier(path));
    modifiers.map(|(path, _)| {
        let mut location = entry.origin.location.clone();
        location.path = format!("{}.{path}", location.path);
        Finding::warning(
            "fhir.modifier.not-understood",
            location,
            "it changes the meaning of the record in a way that is not understood",
        )
    })
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
pub(super) fn ids(items: &[Item], source: &str) -> Vec<EntryId> {
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
