//! A person's record to FHIR.

mod item_provenance;
mod patient_link;

use std::collections::{BTreeMap, BTreeSet};

use ehr_model::{Conflict, Entry, EntryId, HealthRecord, Member, MergedItem, Record};
use serde_json::Value;

use super::carry_over::{self, carry_over};
use super::chart_index::ChartIndex;
use super::contained::drop_dead_references;
use super::export::{
    BundleWriter, Entries, by_id, derived_key, is_legal_id, original_of, put_right, resource_of,
    resource_type, source_uri, with_changes,
};
use super::json::Tree;
use super::leaves::Leaves;
use super::map::{Convert, Writer};
use super::medication::concepts_behind;
use super::provenance::{SaidBySome, of_event, record_identifier};
use super::{document, extension, labels, observation, record};
use crate::element::{Element, Str};
use crate::r4::{self, Bundle, Extension, ExtensionValue, Resource};
use crate::to_json_string;

/// A person's record as a Bundle of type collection.
///
/// One resource an item, with the item's key as id and references between items, so that everything resolves inside the
/// Bundle; one Provenance an item that names every member by source and key, and one for each event of a chart.
///
/// All sources of an item say a value of it, unless a further Provenance of single sources names it: that lists, with the
/// extension `targetPath` of each target, the values that its source says and not all others of the item do.
///
/// The patient resource links (`seealso`) to the patient record of each source. These are contained: the Bundle then has one
/// Patient, which is the person, and yet shows what each source says. A link by identifier alone would name records that a
/// reader of the Bundle cannot see; Patients beside the person's would look like further people.
///
/// An item with a single member that came from FHIR is that member's original with its references rewritten. An item of
/// several is the merged record, with elements that the model does not hold carried over where its members agree on them;
/// where something of an original finds no place, or the merged record does not say a value that a member says, the original is
/// contained in the item's Provenance.
///
/// Disagreements are extensions ([`extension::CONFLICT`]) on the resource.
///
/// [`extension::CONFLICT`]: super::extension::CONFLICT
pub fn export(record: &HealthRecord) -> Bundle {
    let export = RecordExport::new(record);
    let mut out = BundleWriter::default();
    let mut said_by_some = SaidBySome::default();
    for item in &record.items {
        export.item(item, &mut said_by_some, &mut out);
    }
    for provenance in said_by_some.provenances(&record.charts) {
        let key = derived_key("values", &provenance);
        out.push_own("Provenance", &key, provenance.into());
    }
    export.events(&mut out);
    let id = Some(record.person.as_str()).filter(|id| is_legal_id(id));
    out.finish(id.map(Str::new), None)
}

/// What the export of a health record looks things up in.
struct RecordExport<'a> {
    record: &'a HealthRecord,
    entries: Entries<'a>,
    indexes: Vec<ChartIndex<'a>>,
    /// The item of each entry and of each item.
    names: BTreeMap<&'a EntryId, String>,
}

impl<'a> RecordExport<'a> {
    fn new(record: &'a HealthRecord) -> Self {
        let entries = by_id(&record.charts);
        let mut names = BTreeMap::new();
        for item in &record.items {
            let name = format!("{}/{}", resource_type(&item.record), item.id.key);
            for member in &item.members {
                if let Some(entry) = &member.entry {
                    names.entry(entry).or_insert_with(|| name.clone());
                }
            }
        }
        // An item's own id goes before that of an entry that happens to be the same.
        for item in &record.items {
            names.insert(
                &item.id,
                format!("{}/{}", resource_type(&item.record), item.id.key),
            );
        }
        Self {
            record,
            entries,
            indexes: record.charts.iter().map(ChartIndex::new).collect(),
            names,
        }
    }

    fn member(&self, member: &Member) -> Option<(&'a Entry, usize)> {
        self.entries.get(member.entry.as_ref()?).copied()
    }

    /// The original of a member that came from FHIR, with references to items.
    fn rewritten(&self, entry: &Entry, chart: usize) -> Option<Tree> {
        let mut tree = original_of(entry)?;
        let index = self.indexes.get(chart)?;
        tree.each_object(&mut |object| {
            let Some(Tree::String(literal)) = object.get("reference") else {
                return;
            };
            if let Some(name) = index.literal(literal, entry).and_then(|id| self.names.get(id)) {
                object.set("reference", Tree::string(name));
            }
        });
        Some(tree)
    }

    fn item(&self, item: &'a MergedItem, said_by_some: &mut SaidBySome<'a>, out: &mut BundleWriter) {
        let link = |id: &EntryId| self.names.get(id).cloned();
        let name = link(&item.id).unwrap_or_default();
        let members: Vec<(&'a Member, &'a Entry, usize)> = item
            .members
            .iter()
            .filter_map(|member| self.member(member).map(|(entry, chart)| (member, entry, chart)))
            .collect();
        let mut contained: Vec<(&Member, &Entry)> = Vec::new();
        let from_original = match members.as_slice() {
            [(_, entry, chart)] => self.single(item, entry, *chart),
            _ => None,
        };
        let is_native = from_original.is_some();
        let mut resource = match from_original {
            Some(resource) => resource,
            None => self.merged(item, &members, &mut contained),
        };
        self.keep_what_differs(item, &members, &mut contained);
        set_identity(&mut resource, &item.id.key, &members);
        let conflicts: Vec<Extension> = item.conflicts.iter().filter_map(conflict).collect();
        if let Some(element) = resource.as_element_mut()
            && !conflicts.is_empty()
        {
            element.extension_mut().extend(conflicts);
        }
        if let Resource::Patient(patient) = &mut resource {
            self.link_patient(patient, &members);
        }
        drop_dead_references(&mut resource);
        if members.iter().any(|(_, entry, _)| original_of(entry).is_some()) {
            resource = put_right(resource);
        }
        if members
            .windows(2)
            .any(|pair| matches!(pair, [(a, ..), (b, ..)] if a.source != b.source))
        {
            said_by_some.add(&name, &resource, self.said(&members));
        }
        out.push(format!("{}{name}", extension::BASE), resource);
        let writer = Writer::linked(&link);
        let labels = || labels::of(members.iter().map(|(_, entry, _)| *entry));
        if let (Record::DocumentReference(document), false) = (&item.record, is_native)
            && let Some(composition) = document::composition(document, labels(), &writer)
        {
            out.push_own("Composition", &item.id.key, composition.into());
        }
        let provenance = self.provenance(&name, &members, &item.members, &contained, &writer);
        let key = derived_key("item", &provenance);
        out.push_own("Provenance", &key, provenance.into());
    }

    /// The events on whose occasion the sources sent their entries.
    fn events(&self, out: &mut BundleWriter) {
        let link = |id: &EntryId| self.names.get(id).cloned();
        let writer = Writer::linked(&link);
        let mut written = BTreeSet::new();
        for chart in &self.record.charts {
            for event in &chart.events {
                let provenance = of_event(chart, event, &self.names, &writer);
                let key = derived_key("event", &provenance);
                if !provenance.target.is_empty() && written.insert(key.clone()) {
                    out.push_own("Provenance", &key, provenance.into());
                }
            }
        }
    }

    /// What each member says, by source: its record, and its original where that is FHIR.
    fn said(&self, members: &[(&'a Member, &'a Entry, usize)]) -> Vec<(&'a str, Value)> {
        let link = |id: &EntryId| self.names.get(id).cloned();
        let mut writer = Writer::linked(&link);
        writer.mirror = true;
        let forms = members.iter().flat_map(|(member, entry, chart)| {
            let record = to_json_string(&record::write(&entry.record, &writer));
            let original = self.rewritten(entry, *chart).map(|tree| tree.to_text());
            let forms = [Some(record), original].into_iter().flatten();
            forms.map(|form| (member.source.as_str(), form))
        });
        let parsed = forms.map(|(source, form)| Some((source, serde_json::from_str(&form).ok()?)));
        // Who would not be heard must not seem to be silent.
        parsed.collect::<Option<_>>().unwrap_or_default()
    }

    /// An item of one member that came from FHIR.
    fn single(&self, item: &MergedItem, entry: &Entry, chart: usize) -> Option<Resource> {
        let original = self.rewritten(entry, chart)?;
        let link = |id: &EntryId| self.names.get(id).cloned();
        let mut writer = Writer::linked(&link);
        writer.mirror = true;
        // The item refers to items, the entry to the entry that its concept was taken from.
        let behind = concepts_behind(&entry.record, Some(&self.entries));
        with_changes(&original, &item.record, &writer, behind)
    }

    /// An item of several members, or of members of other formats.
    fn merged<'m>(
        &self,
        item: &MergedItem,
        members: &[(&'m Member, &'m Entry, usize)],
        contained: &mut Vec<(&'m Member, &'m Entry)>,
    ) -> Resource {
        let link = |id: &EntryId| self.names.get(id).cloned();
        let writer = Writer::linked(&link);
        let originals: Vec<(&Member, &Entry, Tree)> = members
            .iter()
            .filter_map(|(member, entry, chart)| Some((*member, *entry, self.rewritten(entry, *chart)?)))
            .collect();
        if let (Record::Other(_), [first, rest @ ..]) = (&item.record, originals.as_slice())
            && let Some(resource) = resource_of(&first.2)
        {
            // Not interpreted, so not merged: the first as it is, the others in the Provenance.
            contained.extend(
                rest.iter()
                    .filter(|(.., tree)| *tree != first.2)
                    .map(|(member, entry, _)| (*member, *entry)),
            );
            return resource;
        }
        let mut resource = record::write(&item.record, &writer);
        if let Some(element) = resource.as_element_mut() {
            for sub_id in members
                .iter()
                .filter_map(|(_, entry, _)| observation::sub_id(entry))
            {
                if !element.extension().contains(&sub_id) {
                    element.extension_mut().push(sub_id);
                }
            }
        }
        if originals.is_empty() {
            return resource;
        }
        let Some(mut tree) = Tree::parse(&to_json_string(&resource)) else {
            return resource;
        };
        let pairs: Vec<(&Entry, &Tree)> = originals.iter().map(|(_, entry, tree)| (*entry, tree)).collect();
        let carried = carry_over(&mut tree, &pairs);
        for ((member, entry, _), complete) in originals.iter().zip(carried) {
            if !complete {
                contained.push((member, entry));
            }
        }
        let mut resource = resource_of(&tree).unwrap_or(resource);
        if let Some(element) = resource.as_element_mut() {
            for (member, entry, _) in &originals {
                element.modifier_extension_mut().extend(modifiers(member, entry));
            }
        }
        resource
    }

    /// Has each member contained of which the item's record does not say a value, however well they agree.
    fn keep_what_differs<'m>(
        &self,
        item: &MergedItem,
        members: &[(&'m Member, &'m Entry, usize)],
        contained: &mut Vec<(&'m Member, &'m Entry)>,
    ) {
        if members.iter().all(|(_, entry, _)| entry.record == item.record) {
            return;
        }
        let link = |id: &EntryId| self.names.get(id).cloned();
        let writer = Writer::linked(&link);
        let there = Leaves::of(&item.record, &writer);
        for (member, entry, _) in members {
            let mut own = Leaves::of(&entry.record, &writer);
            if matches!(entry.record, Record::Patient(_)) {
                // The rest is in the Patient of the source, which is contained in the person's.
                own = own.of_element("link");
            }
            let is_contained = contained.iter().any(|(other, _)| std::ptr::eq(*other, *member));
            let is_said = own.are_in(&there) && says_sections(&item.record, &entry.record);
            if !is_contained && !is_said {
                contained.push((member, entry));
            }
        }
    }
}

/// Whether the sections of a document, which are not in its resource, are those of another.
fn says_sections(record: &Record, other: &Record) -> bool {
    match (record, other) {
        (Record::DocumentReference(document), Record::DocumentReference(other)) => {
            other.section.is_empty() || document.section == other.section
        }
        _ => true,
    }
}

/// Id, and where it comes from when that is one source.
fn set_identity(resource: &mut Resource, key: &str, members: &[(&Member, &Entry, usize)]) {
    let Some(mut tree) = Tree::parse(&to_json_string(resource)) else {
        return;
    };
    tree.set("id", Tree::string(key));
    let mut sources: Vec<&str> = members
        .iter()
        .map(|(member, ..)| member.source.as_str())
        .collect();
    sources.dedup();
    if tree.get("meta").is_none() {
        tree.set("meta", Tree::Object(Vec::new()));
    }
    if let Some(meta) = tree.get_mut("meta") {
        // A version of the source's resource is none of the item.
        meta.remove("versionId");
        if let ([only], None) = (sources.as_slice(), meta.get("source")) {
            meta.set("source", Tree::string(source_uri(only)));
        }
        let known = meta.get("security").cloned();
        for label in members.iter().flat_map(|(_, entry, _)| &entry.labels) {
            let label: r4::Coding = label.write(&Writer::PLAIN);
            let Some(label) = Tree::parse(&to_json_string(&label)) else {
                continue;
            };
            let there = |list: Option<&Tree>| list.is_some_and(|list| list.items().contains(&label));
            if !there(known.as_ref()) && !there(meta.get("security")) {
                meta.push("security", label);
            }
        }
        if meta.members().is_empty() {
            tree.remove("meta");
        }
    }
    if let Some(new) = resource_of(&tree) {
        *resource = new;
    }
}

/// What modifies a part of a member's original in a way that nobody understood: the merged resource has that part without it,
/// and so is not to be taken as understood either. What modifies the whole is there as it was.
fn modifiers(member: &Member, entry: &Entry) -> Vec<Extension> {
    carry_over::residual(entry)
        .filter(|(path, _)| carry_over::is_modifier(path) && !carry_over::is_whole_extension(path))
        .map(|(path, json)| {
            let source = record_identifier(member).map(ExtensionValue::Identifier);
            let mut parts = vec![extension::string("path", path), extension::string("json", json)];
            parts.extend(source.map(|source| extension::value("source", source)));
            extension::complex(extension::MEMBER_VALUE, parts)
        })
        .collect()
}

fn conflict(conflict: &Conflict) -> Option<Extension> {
    let mut parts = vec![extension::string("field", &conflict.field)];
    for side in &conflict.values {
        let mut side_parts = vec![extension::string("text", &side.value)];
        for member in &side.members {
            if let Some(identifier) = record_identifier(member) {
                side_parts.push(extension::value("source", ExtensionValue::Identifier(identifier)));
            }
        }
        parts.push(extension::complex("value", side_parts));
    }
    (parts.len() > 1).then(|| extension::complex(extension::CONFLICT, parts))
}
