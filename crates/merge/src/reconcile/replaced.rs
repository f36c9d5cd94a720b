//! Documents that another replaces: what they alone said still stands in the record, but no longer unchallenged.

use ehr_model::{
    Chart, Document, DocumentRelation, Entry, EntryId, Member, MergedItem, Record, RecordClass, Side, Status,
};
use ehr_types::Identifier;
use rustc_hash::FxHashMap;

use super::dispute;
use crate::merge::member;
use crate::stated::Shown;

/// Marks replaced documents as superseded, and adds a conflict to each statement about the person that only charts read from
/// replaced documents make: the document that replaces them leaves it out.
pub(crate) fn replaced_documents(items: &mut [MergedItem], replaced: &Replaced<'_>) {
    let Replaced {
        documents: replaced,
        charts: newer_than_chart,
    } = replaced;
    if replaced.is_empty() {
        return;
    }
    for item in items {
        let members = item.members.iter();
        if let Record::DocumentReference(document) = &mut item.record {
            let was_replaced = |member: &Member| {
                let entry = member.entry.as_ref();
                entry.is_some_and(|entry| replaced.contains_key(entry))
            };
            let is_current = document.status.as_ref().is_none_or(|status| status.is("current"));
            if is_current && members.into_iter().all(was_replaced) {
                document.status = Some(Status::fhir("superseded"));
            }
            continue;
        }
        let newer: Option<Vec<&Entry>> = members
            .map(|member| newer_than_chart.get(member.source.as_str()).copied())
            .collect();
        if let Some(newer) = newer
            && let Some(first) = newer.first()
            && is_statement(item.class())
        {
            let values = vec![
                Side {
                    value: item.record.concept().map(Shown::show).unwrap_or_default(),
                    members: item.members.clone(),
                },
                Side {
                    value: "not in the document that replaces this one".to_owned(),
                    members: vec![member(first)],
                },
            ];
            dispute(item, "code", values);
        }
    }
}

/// What documents say of which document replaces which.
#[derive(Default)]
pub(crate) struct Replaced<'a> {
    /// By replaced document, the one that replaces it.
    documents: FxHashMap<&'a EntryId, &'a Entry>,
    /// By source that was read from a replaced document alone, the last one in its place.
    charts: FxHashMap<&'a str, &'a Entry>,
}

impl<'a> Replaced<'a> {
    pub(crate) fn new(charts: &'a [Chart]) -> Self {
        let documents = replacements(charts);
        let newer =
            |chart: &'a Chart| Some((chart.source.id.as_str(), newest(read_from(chart)?, &documents)?));
        let charts = charts
            .iter()
            .filter(|_| !documents.is_empty())
            .filter_map(newer)
            .collect();
        Self { documents, charts }
    }

    /// Whether all of a source was read from a document that another replaces.
    pub(crate) fn is_source(&self, source: &str) -> bool {
        self.charts.contains_key(source)
    }
}

/// By replaced document, the one that replaces it.
fn replacements(charts: &[Chart]) -> FxHashMap<&EntryId, &Entry> {
    let mut by_number: FxHashMap<String, Vec<&Entry>> = FxHashMap::default();
    for (entry, document) in charts.iter().flat_map(documents) {
        if let Some(number) = document.master_identifier.as_ref().and_then(number) {
            by_number.entry(number).or_default().push(entry);
        }
    }
    let mut found = FxHashMap::default();
    for (newer, document) in charts.iter().flat_map(documents) {
        let replaces = |relation: &&DocumentRelation| relation.code.as_deref() == Some("replaces");
        for relation in document.relates_to.iter().filter(replaces) {
            let target = relation
                .target
                .as_ref()
                .and_then(|target| target.identifier.as_ref());
            let older = target.and_then(number).and_then(|number| by_number.get(&number));
            let older = older.into_iter().flatten().filter(|older| older.id != newer.id);
            found.extend(older.map(|older| (&older.id, newer)));
        }
    }
    found
}

/// The last of the documents of which each replaces the one before; none for one that is not replaced.
fn newest<'a>(document: &Entry, replaced: &FxHashMap<&EntryId, &'a Entry>) -> Option<&'a Entry> {
    let mut newest = *replaced.get(&document.id)?;
    // As many steps as there are documents: they may name each other.
    for _ in 0..replaced.len() {
        match replaced.get(&newest.id) {
            Some(newer) => newest = newer,
            None => break,
        }
    }
    Some(newest)
}

fn documents(chart: &Chart) -> impl Iterator<Item = (&Entry, &Document)> {
    let entries = chart.entries.iter();
    entries.filter_map(|entry| Some((entry, Document::from_record(&entry.record)?)))
}

fn number(identifier: &Identifier) -> Option<String> {
    let namespace = identifier.canonical_system().unwrap_or_default();
    Some(format!("{namespace}\u{1}{}", identifier.value.as_deref()?))
}

/// The document that all of a chart was read from: the only one, with its sections. What only lists documents has none of these.
fn read_from(chart: &Chart) -> Option<&Entry> {
    let mut all = documents(chart);
    let (entry, document) = all.next()?;
    (!document.section.is_empty() && all.next().is_none()).then_some(entry)
}

/// Whether records of the class say something of the person, and not who, where or with what.
fn is_statement(class: RecordClass) -> bool {
    !matches!(
        class,
        RecordClass::Patient
            | RecordClass::RelatedPerson
            | RecordClass::Practitioner
            | RecordClass::PractitionerRole
            | RecordClass::Organization
            | RecordClass::Location
            | RecordClass::Medication
            | RecordClass::DocumentReference
            | RecordClass::Other
    )
}
