//! Charts and health records to FHIR.

use std::collections::{BTreeMap, BTreeSet};

use ehr_model::{
    Chart, Conflict, Entry, EntryId, Format, HealthRecord, Member, MergedItem, Record, RecordClass,
    Reference, Source, digest,
};
use ehr_types::DateTime;

use super::extension;
use super::json::{Tree, patch};
use super::map::{Convert, Reader, Writer};
use super::reference::ChartIndex;
use super::{document, record, text};
use crate::element::{Element, Str};
use crate::r4::{self, Bundle, BundleEntry, Extension, ExtensionValue, Meta, Resource};
use crate::{ParseOptions, to_json_string};

/// The FHIR resource of one entry, with its references as the source wrote them.
///
/// An entry that came from FHIR and is unchanged gives its original; a changed one gives the original with the changes.
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
    if let Some(original) = original_of(entry) {
        if let Some(same) = with_changes(&original, &entry.record, &Writer::MIRROR) {
            return same;
        }
    }
    plain_resource(
        entry,
        &Writer {
            link: None,
            mirror: false,
        },
    )
}

/// The FHIR resource of a record alone, without id, meta and provenance. References are written as the source wrote them.
pub fn to_fhir(record: &Record) -> Resource {
    record::write(
        record,
        &Writer {
            link: None,
            mirror: false,
        },
    )
}

/// The record of a FHIR resource alone; references are not followed.
pub fn from_fhir(resource: &Resource) -> Record {
    record::read(resource, &Reader::PLAIN)
}

/// A chart as a Bundle of type collection.
///
/// Entries that came from FHIR are their originals, others have the key of their entry as id. Each entry has a `fullUrl`
/// against which the references inside the Bundle resolve. Who recorded what and when, where the source says, is told by
/// Provenance resources, and the narrative of a document with sections by a Composition.
pub fn export_chart(chart: &Chart) -> Bundle {
    let names: BTreeMap<&EntryId, String> = chart
        .entries
        .iter()
        .map(|entry| (&entry.id, local_name(entry)))
        .collect();
    let link = |id: &EntryId| names.get(id).cloned();
    let writer = Writer {
        link: Some(&link),
        mirror: false,
    };
    let urls = full_urls(chart);
    let mut out = BundleWriter::default();
    for entry in &chart.entries {
        let resource = match original_of(entry) {
            Some(original) => with_changes(&original, &entry.record, &Writer::MIRROR),
            None => None,
        };
        let is_native = resource.is_some();
        let resource = resource.unwrap_or_else(|| plain_resource(entry, &writer));
        let name = names.get(&entry.id).cloned().unwrap_or_default();
        let url = match urls.get(&entry.id) {
            Some(url) if is_native => url.clone(),
            _ => format!("{}{name}", extension::BASE),
        };
        out.push(url, resource);
        if let (Record::DocumentReference(document), false) = (&entry.record, is_native)
            && let Some(composition) = document::composition(document, &writer)
        {
            out.push_own("Composition", &entry.id.key, composition.into());
        }
    }
    for provenance in authorship(chart, &names, &writer) {
        let key = derived_key("authorship", &provenance);
        out.push_own("Provenance", &key, provenance.into());
    }
    out.finish(None)
}

/// A person's record as a Bundle of type collection.
///
/// One resource an item, with the item's key as id and references between items, so that everything resolves inside the
/// Bundle; one Provenance an item that names every member by source and key.
///
/// The patient resource links (`seealso`) to the patient record of each source. These are contained: the Bundle then has one
/// Patient, which is the person, and yet shows what each source says. A link by identifier alone would name records that a
/// reader of the Bundle cannot see; Patients beside the person's would look like further people.
///
/// An item with a single member that came from FHIR is that member's original with its references rewritten. An item of
/// several is the merged record, with elements that the model does not hold carried over where its members agree on them;
/// where something of an original finds no place, the original is contained in the item's Provenance.
///
/// Disagreements are extensions ([`extension::CONFLICT`]) on the resource.
///
/// [`extension::CONFLICT`]: super::extension::CONFLICT
pub fn export(record: &HealthRecord) -> Bundle {
    let export = RecordExport::new(record);
    let mut out = BundleWriter::default();
    for item in &record.items {
        export.item(item, &mut out);
    }
    let id = Some(record.person.as_str()).filter(|id| is_legal_id(id));
    out.finish(id.map(Str::new))
}

/// `Type/id` of an entry in its own chart.
fn local_name(entry: &Entry) -> String {
    let native = entry.origin.native_id.as_deref().filter(|id| is_legal_id(id));
    let is_fhir = entry
        .original
        .as_ref()
        .is_some_and(|original| original.format == Format::FhirJson);
    let id = native.filter(|_| is_fhir).unwrap_or(&entry.id.key);
    format!("{}/{id}", resource_type(&entry.record))
}

fn resource_type(record: &Record) -> &str {
    match record {
        Record::Other(other) if is_type(&other.resource_type) => &other.resource_type,
        Record::Other(_) => "Basic",
        other => other.class().as_str(),
    }
}

fn is_type(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_legal_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// The original of an entry that came from FHIR.
fn original_of(entry: &Entry) -> Option<Tree> {
    let original = entry
        .original
        .as_ref()
        .filter(|original| original.format == Format::FhirJson)?;
    Tree::parse(&original.content)
}

fn resource_of(tree: &Tree) -> Option<Resource> {
    let (value, _) = crate::salvage::<Resource>(tree.to_text().as_bytes(), &ParseOptions::default());
    value
}

/// The original with the differences between what it said and what the record says now. `None` when it cannot be read.
fn with_changes(original: &Tree, now: &Record, writer: &Writer<'_>) -> Option<Resource> {
    let resource = resource_of(original)?;
    if record::class_of(resource.resource_type()) == RecordClass::Other {
        return Some(resource);
    }
    let then = record::read(&resource, &Reader::PLAIN);
    let tree = |resource: &Resource| Tree::parse(&to_json_string(resource));
    let before = tree(&record::write(&then, &Writer::MIRROR))?;
    let after = tree(&record::write(now, writer))?;
    if before == after {
        return Some(resource);
    }
    resource_of(&patch(original, &before, &after))
}

/// The resource of an entry from another format: id, source and security labels beside the record.
fn plain_resource(entry: &Entry, writer: &Writer<'_>) -> Resource {
    let mut resource = record::write(&entry.record, writer);
    let meta = Meta {
        source: Some(source_uri(&entry.origin.source)),
        security: entry.labels.iter().map(|label| label.write(writer)).collect(),
        ..Meta::default()
    };
    record::dress(
        &mut resource,
        Some(Str::new(&entry.id.key)),
        Some(Box::new(meta)),
        Vec::new(),
    );
    resource
}

/// A source's id as a URI.
fn source_uri(id: &str) -> Str {
    let mut out = String::from("urn:ehr:source:");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/' | b':') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Str::new(out)
}

fn derived_key(kind: &str, provenance: &r4::Provenance) -> String {
    let mut key = digest(&[kind.as_bytes(), to_json_string(provenance).as_bytes()]);
    key.truncate(32);
    key
}

/// The `fullUrl` of entries that came from FHIR: the very text by which others refer to them, so that it resolves.
fn full_urls(chart: &Chart) -> BTreeMap<EntryId, String> {
    let mut out = BTreeMap::new();
    let index = ChartIndex::new(chart);
    for entry in &chart.entries {
        if let Some(native) = entry.origin.native_id.as_deref().filter(|id| id.contains(':')) {
            out.insert(entry.id.clone(), native.to_owned());
        }
    }
    for entry in &chart.entries {
        let Some(original) = original_of(entry) else {
            continue;
        };
        original.each_reference(&mut |_, literal| {
            if literal.contains(':')
                && !literal.contains('?')
                && !literal.contains("/_history/")
                && let Some(target) = index.literal(literal)
            {
                out.entry(target.clone()).or_insert_with(|| literal.to_owned());
            }
        });
    }
    out
}

/// Builds a Bundle whose `fullUrl`s are unique (rule bdl-7).
#[derive(Default)]
struct BundleWriter {
    entries: Vec<BundleEntry>,
    urls: BTreeSet<String>,
}

impl BundleWriter {
    fn push(&mut self, url: String, resource: Resource) {
        let mut unique = url.clone();
        let mut count = 1;
        while !self.urls.insert(unique.clone()) {
            count += 1;
            unique = format!("{url}-{count}");
        }
        self.entries.push(BundleEntry {
            full_url: Some(Str::new(unique)),
            resource: Some(resource),
            ..BundleEntry::default()
        });
    }

    /// A resource that no entry stands for.
    fn push_own(&mut self, type_: &str, key: &str, mut resource: Resource) {
        if let Some(element) = resource.as_element_mut() {
            element.set_element_id(Some(Str::new(key)));
        }
        self.push(format!("{}{type_}/{key}", extension::BASE), resource);
    }

    fn finish(self, id: Option<Str>) -> Bundle {
        Bundle {
            id,
            r#type: Some(r4::BundleType::Collection),
            entry: self.entries,
            ..Bundle::default()
        }
    }
}

/// Who recorded the entries of a chart that did not come from FHIR: a Provenance for each author and time.
fn authorship(chart: &Chart, names: &BTreeMap<&EntryId, String>, writer: &Writer<'_>) -> Vec<r4::Provenance> {
    type Group<'a> = (&'a [Reference], Option<DateTime>, Vec<&'a EntryId>);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for entry in &chart.entries {
        let is_fhir = entry
            .original
            .as_ref()
            .is_some_and(|original| original.format == Format::FhirJson);
        if is_fhir || (entry.origin.authors.is_empty() && entry.origin.recorded.is_none()) {
            continue;
        }
        let key = (entry.origin.authors.as_slice(), entry.origin.recorded);
        match groups
            .iter_mut()
            .find(|(authors, time, _)| (*authors, *time) == key)
        {
            Some((_, _, targets)) => targets.push(&entry.id),
            None => groups.push((key.0, key.1, vec![&entry.id])),
        }
    }
    groups
        .into_iter()
        .map(|(authors, recorded, targets)| {
            let mut agents: Vec<r4::ProvenanceAgent> = authors
                .iter()
                .filter_map(|author| agent(author, writer))
                .collect();
            if agents.is_empty() {
                agents.push(source_agent(&chart.source));
            }
            let mut out = r4::Provenance {
                target: targets
                    .iter()
                    .filter_map(|id| names.get(id))
                    .map(|name| local(name))
                    .collect(),
                agent: agents,
                ..r4::Provenance::default()
            };
            set_recorded(&mut out, recorded);
            out
        })
        .collect()
}

fn local(name: &str) -> r4::Reference {
    r4::Reference {
        reference: Some(Str::new(name)),
        ..r4::Reference::default()
    }
}

fn agent(author: &Reference, writer: &Writer<'_>) -> Option<r4::ProvenanceAgent> {
    let who: r4::Reference = author.write(writer);
    (who != r4::Reference::default()).then(|| r4::ProvenanceAgent {
        r#type: Some(participant_type("author")),
        who: Some(Box::new(who)),
        ..r4::ProvenanceAgent::default()
    })
}

fn participant_type(code: &'static str) -> Box<r4::CodeableConcept> {
    Box::new(r4::CodeableConcept {
        coding: vec![r4::Coding {
            system: Some(Str::new_static(
                "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
            )),
            code: Some(Str::new_static(code)),
            ..r4::Coding::default()
        }],
        ..r4::CodeableConcept::default()
    })
}

/// The source as an agent: by the names of its organization and system, and its id.
fn source_agent(source: &Source) -> r4::ProvenanceAgent {
    let names: Vec<&str> = source
        .organization
        .as_deref()
        .into_iter()
        .chain(source.system.as_deref())
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let display = if names.is_empty() {
        source.id.clone()
    } else {
        names.join(" / ")
    };
    let mut who = r4::Reference {
        display: text::string(&display),
        ..r4::Reference::default()
    };
    if let Some(value) = text::string(&source.id) {
        who.identifier = Some(Box::new(r4::Identifier {
            system: Some(Str::new_static(extension::SOURCE)),
            value: Some(value),
            ..r4::Identifier::default()
        }));
    }
    if who == r4::Reference::default() {
        who.extension_mut().push(extension::unknown());
    }
    r4::ProvenanceAgent {
        r#type: Some(participant_type("custodian")),
        who: Some(Box::new(who)),
        ..r4::ProvenanceAgent::default()
    }
}

/// `recorded` is required: the time that the data has, or that it has none.
fn set_recorded(provenance: &mut r4::Provenance, recorded: Option<DateTime>) {
    if let Some(time) = recorded {
        let (instant, extension) = text::write_instant(time);
        provenance.recorded = instant;
        if let Some(extension) = extension {
            super::map::beside(provenance, "recorded", extension);
        }
    }
    if provenance.recorded.is_none() {
        extension::explain(provenance, "recorded", extension::unknown());
    }
}

/// What the export of a health record looks things up in.
struct RecordExport<'a> {
    record: &'a HealthRecord,
    entries: BTreeMap<&'a EntryId, (&'a Entry, usize)>,
    indexes: Vec<ChartIndex>,
    /// The item of each entry and of each item.
    names: BTreeMap<&'a EntryId, String>,
}

impl<'a> RecordExport<'a> {
    fn new(record: &'a HealthRecord) -> Self {
        let mut entries = BTreeMap::new();
        for (number, chart) in record.charts.iter().enumerate() {
            for entry in &chart.entries {
                entries.entry(&entry.id).or_insert((entry, number));
            }
        }
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
            if let Some(name) = index.literal(literal).and_then(|id| self.names.get(id)) {
                object.set("reference", Tree::string(name));
            }
        });
        Some(tree)
    }

    fn item(&self, item: &MergedItem, out: &mut BundleWriter) {
        let link = |id: &EntryId| self.names.get(id).cloned();
        let name = link(&item.id).unwrap_or_default();
        let members: Vec<(&Member, &Entry, usize)> = item
            .members
            .iter()
            .filter_map(|member| self.member(member).map(|(entry, chart)| (member, entry, chart)))
            .collect();
        let mut contained = Vec::new();
        let from_original = match members.as_slice() {
            [(_, entry, chart)] => self.single(item, entry, *chart),
            _ => None,
        };
        let is_native = from_original.is_some();
        let mut resource = match from_original {
            Some(resource) => resource,
            None => self.merged(item, &members, &mut contained),
        };
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
        out.push(format!("{}{name}", extension::BASE), resource);
        let writer = Writer {
            link: Some(&link),
            mirror: false,
        };
        if let (Record::DocumentReference(document), false) = (&item.record, is_native)
            && let Some(composition) = document::composition(document, &writer)
        {
            out.push_own("Composition", &item.id.key, composition.into());
        }
        let provenance = self.provenance(&name, &members, &item.members, contained, &writer);
        let key = derived_key("item", &provenance);
        out.push_own("Provenance", &key, provenance.into());
    }

    /// An item of one member that came from FHIR.
    fn single(&self, item: &MergedItem, entry: &Entry, chart: usize) -> Option<Resource> {
        let original = self.rewritten(entry, chart)?;
        let link = |id: &EntryId| self.names.get(id).cloned();
        let writer = Writer {
            link: Some(&link),
            mirror: true,
        };
        with_changes(&original, &item.record, &writer)
    }

    /// An item of several members, or of members of other formats.
    fn merged(
        &self,
        item: &MergedItem,
        members: &[(&Member, &Entry, usize)],
        contained: &mut Vec<Tree>,
    ) -> Resource {
        let link = |id: &EntryId| self.names.get(id).cloned();
        let writer = Writer {
            link: Some(&link),
            mirror: false,
        };
        if let Record::Other(_) = &item.record {
            // Not interpreted, so not merged: the first as it is, the others whole in the Provenance.
            let mut all = members
                .iter()
                .filter_map(|(_, entry, chart)| self.rewritten(entry, *chart));
            if let Some(first) = all.next().and_then(|tree| resource_of(&tree)) {
                contained.extend(all);
                return first;
            }
        }
        let resource = record::write(&item.record, &writer);
        let originals: Vec<(&Entry, Tree)> = members
            .iter()
            .filter_map(|(_, entry, chart)| self.rewritten(entry, *chart).map(|tree| (*entry, tree)))
            .collect();
        if originals.is_empty() {
            return resource;
        }
        let Some(mut tree) = Tree::parse(&to_json_string(&resource)) else {
            return resource;
        };
        let carried = carry_over(&mut tree, &originals);
        for ((_, original), complete) in originals.into_iter().zip(carried) {
            if !complete {
                contained.push(original);
            }
        }
        resource_of(&tree).unwrap_or(resource)
    }

    /// Links the person's Patient to the Patient of each source.
    fn link_patient(&self, patient: &mut r4::Patient, members: &[(&Member, &Entry, usize)]) {
        let link = |id: &EntryId| self.names.get(id).cloned();
        let writer = Writer {
            link: Some(&link),
            mirror: false,
        };
        for (number, (member, entry, chart)) in members.iter().enumerate() {
            let id = format!("source-{}", number + 1);
            let source = self
                .rewritten(entry, *chart)
                .and_then(|tree| resource_of(&tree))
                .unwrap_or_else(|| record::write(&entry.record, &writer));
            let Resource::Patient(mut source) = source else {
                continue;
            };
            // Rules dom-2, dom-4, dom-5.
            let inner = std::mem::take(&mut source.contained);
            for mut resource in inner {
                prefix_id(&mut resource, &id);
                patient.contained.push(resource);
            }
            source.id = Some(Str::new(&id));
            source.meta = source.meta.take().and_then(contained_meta);
            source.text = None;
            source.link.clear();
            let mut source = Resource::Patient(source);
            prefix_local_references(&mut source, &id);
            patient.contained.push(source);
            patient.link.push(r4::PatientLink {
                other: Some(Box::new(r4::Reference {
                    reference: Some(Str::new(format!("#{id}"))),
                    r#type: Some(Str::new_static("Patient")),
                    identifier: record_identifier(member),
                    display: text::string(&member.source),
                    ..r4::Reference::default()
                })),
                r#type: Some(r4::LinkType::Seealso),
                ..r4::PatientLink::default()
            });
        }
    }

    fn provenance(
        &self,
        target: &str,
        members: &[(&Member, &Entry, usize)],
        all: &[Member],
        contained: Vec<Tree>,
        writer: &Writer<'_>,
    ) -> r4::Provenance {
        let mut sources: Vec<&Source> = Vec::new();
        for (_, _, chart) in members {
            if let Some(chart) = self.record.charts.get(*chart)
                && !sources.contains(&&chart.source)
            {
                sources.push(&chart.source);
            }
        }
        let mut agents: Vec<r4::ProvenanceAgent> =
            sources.iter().map(|source| source_agent(source)).collect();
        for (_, entry, _) in members {
            for author in &entry.origin.authors {
                if let Some(agent) = agent(author, writer)
                    && !agents.contains(&agent)
                {
                    agents.push(agent);
                }
            }
        }
        if agents.is_empty() {
            agents.push(source_agent(&Source::default()));
        }
        let recorded = members
            .iter()
            .filter_map(|(_, entry, _)| entry.origin.recorded)
            .filter(|time| text::write_instant(*time).0.is_some())
            .max_by_key(|time| time.utc_interval());
        let partial = members.iter().find_map(|(_, entry, _)| entry.origin.recorded);
        let mut out = r4::Provenance {
            target: vec![local(target)],
            agent: agents,
            entity: all
                .iter()
                .map(|member| r4::ProvenanceEntity {
                    role: Some(r4::ProvenanceEntityRole::Source),
                    what: Some(Box::new(r4::Reference {
                        identifier: record_identifier(member),
                        display: text::string(&format!("{} {}", member.source, member.key)),
                        ..r4::Reference::default()
                    })),
                    ..r4::ProvenanceEntity::default()
                })
                .collect(),
            ..r4::Provenance::default()
        };
        set_recorded(&mut out, recorded.or(partial));
        self.contain(&mut out, contained, members);
        out
    }

    /// Puts originals into a Provenance, each referred to by the entity of its member.
    fn contain(
        &self,
        provenance: &mut r4::Provenance,
        originals: Vec<Tree>,
        members: &[(&Member, &Entry, usize)],
    ) {
        for original in originals {
            let Some((member, ..)) = members
                .iter()
                .find(|(_, entry, chart)| self.rewritten(entry, *chart).as_ref() == Some(&original))
            else {
                continue;
            };
            let identifier = record_identifier(member);
            let Some(mut resource) = resource_of(&original) else {
                continue;
            };
            let id = format!("original-{}", provenance.contained.len() + 1);
            let mut tree = original;
            for inner in tree.remove("contained").iter().flat_map(Tree::items) {
                if let Some(mut inner) = resource_of(inner) {
                    prefix_id(&mut inner, &id);
                    provenance.contained.push(inner);
                }
            }
            if let Some(meta) = tree.get_mut("meta") {
                for name in ["versionId", "lastUpdated", "security"] {
                    meta.remove(name);
                }
                if meta.members().is_empty() {
                    tree.remove("meta");
                }
            }
            tree.set("id", Tree::string(&id));
            if let Some(clean) = resource_of(&tree) {
                resource = clean;
            }
            prefix_local_references(&mut resource, &id);
            provenance.contained.push(resource);
            let entity = provenance.entity.iter_mut().find(|entity| {
                entity
                    .what
                    .as_ref()
                    .is_some_and(|what| what.identifier == identifier && what.reference.is_none())
            });
            if let Some(what) = entity.and_then(|entity| entity.what.as_mut()) {
                what.reference = Some(Str::new(format!("#{id}")));
            }
        }
    }
}

/// The name by which a source knows a member.
fn record_identifier(member: &Member) -> Option<Box<r4::Identifier>> {
    let value = text::string(&format!("{}#{}", member.source, member.key))?;
    Some(Box::new(r4::Identifier {
        system: Some(Str::new_static(extension::SOURCE_RECORD)),
        value: Some(value),
        ..r4::Identifier::default()
    }))
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
            let label: r4::Coding = label.write(&Writer::MIRROR);
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

/// Members of an original that a merged resource has in its own way, or that speak of the original alone.
const OF_THE_ORIGINAL: &[&str] = &[
    "resourceType",
    "id",
    "meta",
    "text",
    "contained",
    "implicitRules",
    "language",
];

/// Carries over what the model does not hold, where all originals that have it agree. Says for each original whether
/// everything of it found a place.
fn carry_over(tree: &mut Tree, originals: &[(&Entry, Tree)]) -> Vec<bool> {
    let residual = |entry: &Entry| -> Vec<String> {
        let prefix = &entry.origin.location.path;
        entry
            .residual
            .iter()
            .filter_map(|residual| {
                residual
                    .location
                    .path
                    .strip_prefix(prefix.as_str())?
                    .strip_prefix('.')
            })
            .map(str::to_owned)
            .collect()
    };
    let mut complete = Vec::new();
    let mut wanted: BTreeMap<String, Vec<&Tree>> = BTreeMap::new();
    for (entry, original) in originals {
        let mut all = true;
        for path in residual(entry) {
            let top = path.split(['.', '[']).next().unwrap_or_default();
            match top {
                // Derived from the data, or about its form.
                "meta" => all &= !path.starts_with("meta.tag") && !path.starts_with("meta.extension"),
                "text" => all &= is_derived(original.get("text")),
                "extension" | "modifierExtension" => {
                    let at = path.get(top.len()..).and_then(index_alone);
                    match at.and_then(|at| original.get(top)?.items().get(at)) {
                        Some(extension) => wanted.entry(top.to_owned()).or_default().push(extension),
                        None => all = false,
                    }
                }
                name if OF_THE_ORIGINAL.contains(&name) => all = false,
                name if name == path => {
                    if let Some(value) = original.get(name) {
                        wanted.entry(path).or_default().push(value);
                    }
                }
                _ => all = false,
            }
        }
        complete.push(all);
    }
    for (name, mut values) in wanted {
        let is_list = name == "extension" || name == "modifierExtension";
        if is_list {
            for value in values {
                if !tree.get(&name).is_some_and(|list| list.items().contains(value)) {
                    tree.push(&name, value.clone());
                }
            }
            continue;
        }
        values.dedup();
        // A `_name` belongs to its value, and a choice has one value.
        if let ([only], None, false) = (values.as_slice(), tree.get(&name), name.starts_with('_')) {
            tree.set(&name, (*only).clone());
        } else {
            for ((_, original), complete) in originals.iter().zip(&mut complete) {
                if original
                    .get(&name)
                    .is_some_and(|value| tree.get(&name) != Some(value))
                {
                    *complete = false;
                }
            }
        }
    }
    complete
}

/// The number in `[n]`, when that is all.
fn index_alone(path: &str) -> Option<usize> {
    path.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Whether a narrative was generated from the data of its resource.
fn is_derived(text: Option<&Tree>) -> bool {
    let status = text.and_then(|text| text.get("status")).and_then(Tree::as_str);
    matches!(status, Some("generated" | "empty"))
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

/// The meta that a contained resource may have (rules dom-4, dom-5).
fn contained_meta(mut meta: Box<Meta>) -> Option<Box<Meta>> {
    meta.version_id = None;
    meta.last_updated = None;
    meta.security.clear();
    (*meta != Meta::default()).then_some(meta)
}

/// Gives a contained resource an id that cannot meet another's.
fn prefix_id(resource: &mut Resource, prefix: &str) {
    prefix_local_references(resource, prefix);
    if let Some(element) = resource.as_element_mut() {
        let id = element.element_id().unwrap_or_default();
        let id: String = format!("{prefix}.{id}").chars().take(64).collect();
        element.set_element_id(Some(Str::new(id)));
    }
}

fn prefix_local_references(resource: &mut Resource, prefix: &str) {
    let Some(mut tree) = Tree::parse(&to_json_string(resource)) else {
        return;
    };
    let mut changed = false;
    tree.each_object(&mut |object| {
        let Some(Tree::String(literal)) = object.get("reference") else {
            return;
        };
        if let Some(id) = literal.strip_prefix('#').filter(|id| !id.is_empty()) {
            let id: String = format!("{prefix}.{id}").chars().take(64).collect();
            object.set("reference", Tree::string(format!("#{id}")));
            changed = true;
        }
    });
    if changed && let Some(new) = resource_of(&tree) {
        *resource = new;
    }
}

/// Rule ref-1: a reference to a contained resource that did not come along is kept as an extension.
fn drop_dead_references(resource: &mut Resource) {
    let json = to_json_string(resource);
    if !json.contains("\"#") {
        return;
    }
    let Some(mut tree) = Tree::parse(&json) else {
        return;
    };
    let there: BTreeSet<String> = tree
        .get("contained")
        .into_iter()
        .flat_map(Tree::items)
        .filter_map(|contained| contained.get("id").and_then(Tree::as_str))
        .map(str::to_owned)
        .collect();
    let mut changed = false;
    tree.each_object(&mut |object| {
        let Some(Tree::String(literal)) = object.get("reference").cloned() else {
            return;
        };
        if let Some(id) = literal
            .strip_prefix('#')
            .filter(|id| !id.is_empty() && !there.contains(*id))
        {
            let kept = Tree::Object(vec![
                (Str::new_static("url"), Tree::string(extension::SOURCE_REFERENCE)),
                (Str::new_static("valueString"), Tree::string(format!("#{id}"))),
            ]);
            object.remove("reference");
            object.push("extension", kept);
            changed = true;
        }
    });
    if changed && let Some(new) = resource_of(&tree) {
        *resource = new;
    }
}
