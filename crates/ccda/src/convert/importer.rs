//! The state of one import: entries under construction, who has been seen, what has been consumed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehr_model::{
    Chart, Encounter, Entry, EntryId, Format, ImportOptions, Origin, Original, Patient, Record, RecordClass,
    Reference, Residual, Source,
};
use ehr_types::{CodeSystem, Coding, DateTime, Severity};

use crate::template::SectionKind;
use crate::xml::{Document, Element, NodeId, Reading};

/// A place kept for an entry whose record is not finished.
#[derive(Clone)]
pub(super) struct Slot<'d> {
    pub(super) id: EntryId,
    index: usize,
    element: Element<'d>,
}

/// Where a statement stands.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) section: SectionKind,
    /// LOINC code of the section.
    pub(super) section_code: Option<String>,
    /// The entry that the statement is related to.
    pub(super) focus: Option<EntryId>,
    /// Whether it is part of a laboratory report.
    pub(super) laboratory: bool,
}

impl Scope {
    pub(super) fn new(section: SectionKind, section_code: Option<&str>) -> Self {
        Self {
            section,
            section_code: section_code.map(str::to_owned),
            focus: None,
            laboratory: false,
        }
    }

    pub(super) fn about(&self, focus: &EntryId) -> Self {
        Self {
            focus: Some(focus.clone()),
            ..self.clone()
        }
    }

    pub(super) fn is_section(&self, loinc: &str) -> bool {
        self.section_code.as_deref() == Some(loinc)
    }
}

/// Who wrote something down, and the earliest time of it.
type Authorship = (Vec<Reference>, Option<DateTime>);

pub(super) struct Importer<'d> {
    pub(super) document: &'d Document,
    reading: &'d Reading,
    options: &'d ImportOptions,
    pub(super) source: Source,
    artifact: String,
    entries: Vec<Option<Entry>>,
    /// Places of all entries, finished or not.
    known: BTreeMap<EntryId, usize>,
    occurrences: BTreeMap<EntryId, u32>,
    owners: BTreeMap<NodeId, usize>,
    /// Statements by native identifier (`root^extension`), for references between entries.
    /// An identifier that was given to different content leads nowhere.
    natives: BTreeMap<String, Option<EntryId>>,
    /// People by native identifier, for authors that are given by id alone.
    pub(super) people: BTreeMap<String, Option<Reference>>,
    pub(super) patient: Option<(Slot<'d>, Patient)>,
    pub(super) encounter: Option<(Slot<'d>, Encounter)>,
    consumed: BTreeSet<NodeId>,
    /// Sections and statements about somebody else than the patient.
    pub(super) withheld: BTreeSet<NodeId>,
    /// Authors and security labels given at elements; each statement inside asks for them.
    authors_at: BTreeMap<NodeId, Authorship>,
    labels_at: BTreeMap<NodeId, Option<Coding>>,
    /// Statements around the one at hand.
    pub(super) depth: usize,
    /// Bytes of originals that may still be kept.
    originals: usize,
    pub(super) authors: Vec<Reference>,
    pub(super) written: Option<DateTime>,
    /// `effectiveTime` of the document.
    pub(super) created: Option<DateTime>,
    pub(super) version: Option<String>,
    pub(super) confidentiality: Option<Coding>,
}

impl<'d> Importer<'d> {
    pub(super) fn new(
        document: &'d Document,
        reading: &'d Reading,
        options: &'d ImportOptions,
        artifact: String,
    ) -> Self {
        Self {
            document,
            reading,
            options,
            source: options.source.clone(),
            artifact,
            entries: Vec::new(),
            known: BTreeMap::new(),
            occurrences: BTreeMap::new(),
            owners: BTreeMap::new(),
            natives: BTreeMap::new(),
            people: BTreeMap::new(),
            patient: None,
            encounter: None,
            consumed: BTreeSet::new(),
            withheld: BTreeSet::new(),
            authors_at: BTreeMap::new(),
            labels_at: BTreeMap::new(),
            depth: 0,
            originals: document.source_len().saturating_mul(8).saturating_add(1 << 20),
            authors: Vec::new(),
            written: None,
            created: None,
            version: None,
            confidentiality: None,
        }
    }

    /// The patient as a reference, when the document has one.
    pub(super) fn subject(&self) -> Option<Reference> {
        self.patient.as_ref().map(|(slot, _)| Reference::to(&slot.id))
    }

    /// The encounter of the whole document, when it has one.
    pub(super) fn context(&self) -> Option<Reference> {
        self.encounter.as_ref().map(|(slot, _)| Reference::to(&slot.id))
    }

    /// Keeps a place for a record made from `element`; `Err` with the id when the same content with the same native
    /// identifiers has been seen before.
    ///
    /// `role` tells several records of one class from one element apart.
    pub(super) fn open(
        &mut self,
        class: RecordClass,
        element: Element<'d>,
        role: &str,
    ) -> Result<Slot<'d>, EntryId> {
        let natives = native_keys(element);
        let content = squeeze(element.source_text());
        let mut id = EntryId::derive(class, &[&self.source.id, role, &natives.join(" "), &content]);
        if natives.is_empty() {
            // Without an identifier of its own a repeated statement may be a second event.
            let seen = self.occurrences.entry(id.clone()).or_default();
            *seen += 1;
            if *seen > 1 {
                let again = seen.to_string();
                id = EntryId::derive(class, &[&self.source.id, role, "", &content, &again]);
            }
        }
        let slot = self.open_as(id, element)?;
        for native in natives {
            let known = self
                .natives
                .entry(native)
                .or_insert_with(|| Some(slot.id.clone()));
            if known.as_ref().is_some_and(|known| *known != slot.id) {
                *known = None;
            }
        }
        Ok(slot)
    }

    /// Keeps a place under an id made elsewhere, unless it is taken.
    pub(super) fn open_as(&mut self, id: EntryId, element: Element<'d>) -> Result<Slot<'d>, EntryId> {
        if let Some(index) = self.known.get(&id) {
            self.owners.entry(element.id()).or_insert(*index);
            return Err(id);
        }
        let index = self.entries.len();
        self.known.insert(id.clone(), index);
        self.entries.push(None);
        self.owners.entry(element.id()).or_insert(index);
        Ok(Slot { id, index, element })
    }

    /// The id of a record of this class that is the same wherever the same content occurs.
    pub(super) fn shared_id(&self, class: RecordClass, content: &[&str]) -> EntryId {
        let mut parts = vec![self.source.id.as_str(), "shared"];
        parts.extend(content);
        EntryId::derive(class, &parts)
    }

    /// Finishes an entry.
    pub(super) fn close(&mut self, slot: Slot<'d>, record: impl Into<Record>) -> EntryId {
        let record = record.into();
        let element = slot.element;
        let authored = !matches!(
            slot.id.class,
            RecordClass::Practitioner
                | RecordClass::PractitionerRole
                | RecordClass::Organization
                | RecordClass::Location
        );
        let (authors, recorded) = if authored {
            self.authorship(element)
        } else {
            (Vec::new(), None)
        };
        let origin = Origin {
            source: self.source.id.clone(),
            artifact: Some(self.artifact.clone()),
            location: element.location(),
            authors,
            recorded,
            version: self.version.clone(),
            ..Origin::default()
        };
        let label = self.label(element);
        let mut entry = Entry::new(slot.id.clone(), origin, record);
        entry.labels.extend(label);
        if self.options.keep_originals && slot.id.class != RecordClass::DocumentReference {
            let text = element.source_text();
            if let Some(left) = self.originals.checked_sub(text.len()) {
                self.originals = left;
                entry.original = Some(Original {
                    format: Format::Ccda,
                    content: Arc::from(text),
                });
            } else {
                // Statements in statements, each with the whole of what it holds.
                element.report(
                    Severity::Warning,
                    "ccda.limit.originals",
                    "the originals of nested statements are larger than the document could honestly have; not kept",
                );
            }
        }
        if let Some(place) = self.entries.get_mut(slot.index) {
            *place = Some(entry);
        }
        slot.id
    }

    /// Lets the entry of `slot` own what stays unread in another element too.
    pub(super) fn own(&mut self, slot: &Slot<'d>, element: Element<'d>) {
        self.owners.insert(element.id(), slot.index);
    }

    fn label(&mut self, element: Element<'d>) -> Option<Coding> {
        let mut at = Some(element);
        while let Some(element) = at {
            let own = self.labels_at.entry(element.id()).or_insert_with(|| {
                let code = element.child("confidentialityCode");
                code.map(Element::to_coding)
            });
            if let Some(coding) = own {
                return coding.code.is_some().then(|| coding.clone());
            }
            at = element.parent();
        }
        self.confidentiality.clone()
    }

    /// Who wrote a statement down and when first: its own authors, else those of the statements around it, else those
    /// of the section, else those of the document.
    fn authorship(&mut self, element: Element<'d>) -> Authorship {
        let mut at = Some(element);
        while let Some(element) = at {
            if element.is("ClinicalDocument") {
                break;
            }
            let own = self.own_authors(element);
            if !own.0.is_empty() || own.1.is_some() {
                return own;
            }
            at = element.parent();
        }
        (self.authors.clone(), self.written)
    }

    /// The authors given at this very element, and the earliest time.
    pub(super) fn own_authors(&mut self, element: Element<'d>) -> Authorship {
        if let Some(known) = self.authors_at.get(&element.id()) {
            return known.clone();
        }
        // A device among the authors is an entry that asks for its authors in turn: it is none of them.
        self.authors_at.insert(element.id(), Authorship::default());
        let (mut authors, mut earliest) = (Vec::new(), None);
        let mut seen = BTreeSet::new();
        for author in element.children("author") {
            let time = author.child("time").and_then(Element::to_start);
            earliest = [earliest, time].into_iter().flatten().min();
            if let Some(actor) = author.child("assignedAuthor").and_then(|role| self.actor(role))
                && seen.insert(actor.target.clone())
            {
                authors.push(actor);
            }
        }
        let own = (authors, earliest);
        self.authors_at.insert(element.id(), own.clone());
        own
    }

    /// Marks a statement as read into the record at hand, so that it makes no entry of its own.
    pub(super) fn consume(&mut self, element: Element<'d>) {
        self.consumed.insert(element.id());
    }

    pub(super) fn is_consumed(&self, element: Element<'d>) -> bool {
        self.consumed.contains(&element.id())
    }

    /// The entry made earlier from a statement that bears one of the identifiers of `element`.
    pub(super) fn same_native(&self, element: Element<'d>) -> Option<&EntryId> {
        native_keys(element)
            .iter()
            .find_map(|key| self.natives.get(key).and_then(Option::as_ref))
    }

    /// The chart, with what stays unread given to the entries that it belongs to.
    pub(super) fn finish(mut self) -> Chart {
        if let Some((slot, record)) = self.encounter.take() {
            self.close(slot, record);
        }
        if let Some((slot, record)) = self.patient.take() {
            self.close(slot, record);
        }
        let mut chart = Chart::new(self.source);
        let top = self.document.reading(self.reading);
        for (leaf, value) in self.reading.unread_values(top) {
            let residual = Residual {
                location: leaf.location,
                content: value.to_owned(),
            };
            let mut at = Some(leaf.element);
            let owner = loop {
                match at {
                    None => break None,
                    Some(id) => match self.owners.get(&id) {
                        Some(index) => break Some(*index),
                        None => at = self.document.parent(id),
                    },
                }
            };
            match owner
                .and_then(|index| self.entries.get_mut(index))
                .and_then(Option::as_mut)
            {
                Some(entry) => entry.residual.push(residual),
                None => chart.residual.push(residual),
            }
        }
        chart.entries = self.entries.into_iter().flatten().collect();
        chart
    }
}

/// `root^extension` of each `id` child that has a value.
pub(super) fn native_keys(element: Element<'_>) -> Vec<String> {
    let ids = element
        .peek()
        .children("id")
        .filter(|id| id.null_flavor().is_none());
    ids.filter_map(|id| match (id.attribute("root"), id.attribute("extension")) {
        (None, None) => None,
        (Some(root), None) if CodeSystem::by_oid(root).is_some() => None,
        (root, extension) => {
            let root = root.unwrap_or_default().to_ascii_lowercase();
            Some(format!("{root}^{}", extension.unwrap_or_default()))
        }
    })
    .collect()
}

/// Text with white space squeezed, so that layout does not matter to identity.
pub(super) fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
