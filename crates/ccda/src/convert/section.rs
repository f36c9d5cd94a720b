//! The body: sections with their narrative and their entries, and what a section without entries says.

use ehr_model::{
    Allergens, AllergyIntolerance, AllergyKnowledge, Attachment, Condition, Document as DocumentRecord,
    EntryId, MedicationStatement, NarrativeSection, RecordClass, Reference, Status,
};
use ehr_types::{Absent, AbsentReason, CodeableConcept, Coding, Severity};

use super::absence::{body_words, no_known_allergy, none_known, speaks_of_all};
use super::allergy_statement::none_in_words;
use super::condition::category as problem_category;
use super::importer::{Importer, Scope};
use super::phrase::{Said, said, says_none_by_name};
use super::vocabulary::base64;
use crate::section::Section;
use crate::template::SectionKind;
use crate::xml::Element;

/// How deep sections, and statements, are read.
pub(super) const MAX_NESTING: usize = 32;

impl<'d> Importer<'d> {
    pub(super) fn clinical_document(&mut self, root: Element<'d>) {
        let mut record = self.document_record(root);
        let Ok(slot) = self.open(RecordClass::DocumentReference, root, "document") else {
            return;
        };
        for component in root.children("component") {
            if let Some(body) = component.child("structuredBody") {
                for section in body.find_all(&["component", "section"]) {
                    let narrative = self.section(Section::new(section), 0);
                    record.section.push(narrative);
                }
            }
            if let Some(text) = component.find(&["nonXMLBody", "text"]) {
                record.content.extend(attachment(text));
            }
        }
        if let Some((slot, _)) = &self.encounter {
            record.encounter = vec![Reference::to(&slot.id)];
        }
        self.close(slot, record);
    }

    /// A section with its entries and the sections inside.
    pub(super) fn section(&mut self, section: Section<'d>, depth: usize) -> NarrativeSection {
        let element = section.element;
        let code = element.child("code");
        let loinc = code.and_then(|code| code.peek().attribute("code"));
        let scope = Scope::new(section.kind, loinc);
        let text = section.narrative();
        let flavor = element.null_flavor();
        let mut narrative = NarrativeSection {
            title: section.title().map(std::borrow::Cow::into_owned),
            code: code.and_then(Element::to_concept),
            xhtml: text.and_then(Element::to_xhtml_div),
            text: text.and_then(Element::to_plain_text),
            empty_reason: flavor.map(empty_reason),
            ..NarrativeSection::default()
        };
        if let Some(text) = text {
            // Kept whole as XHTML; attributes that XHTML does not have are presentation.
            text.mark_read();
        }
        element.attribute("ID");
        element.to_identifiers();
        element.child("languageCode").map(Element::to_coding);
        element.child("confidentialityCode").map(Element::to_coding);
        self.own_authors(element);

        for statement in section.statements().collect::<Vec<_>>() {
            narrative.entry.extend(self.statement(statement.element, &scope));
        }
        let about_patient = !self.is_withheld(element);
        if about_patient && section.kind == SectionKind::Notes && narrative.entry.is_empty() {
            narrative.entry.extend(
                self.narrative_note(section, &narrative)
                    .map(|id| Reference::to(&id)),
            );
        }
        let structured = !matches!(section.kind, SectionKind::Notes | SectionKind::Other);
        if about_patient && structured && narrative.entry.is_empty() {
            self.without_entries(section, &scope, &mut narrative);
        }
        if depth < MAX_NESTING {
            for inner in section.subsections().collect::<Vec<_>>() {
                let inner = self.section(inner, depth + 1);
                narrative.section.push(inner);
            }
        } else {
            element.report(
                Severity::Error,
                "ccda.section.depth",
                "sections nested deeper than 32 are not read; they are kept as residual",
            );
        }
        narrative
    }

    /// What a section without entries says: that there is none, that nobody knows, or something that is in its words alone.
    fn without_entries(&mut self, section: Section<'d>, scope: &Scope, narrative: &mut NarrativeSection) {
        let words = section.narrative().map(body_words).unwrap_or_default();
        let flavor = section.element.null_flavor();
        let says = said(section.kind, &words);
        if flavor.is_some() && (words.is_empty() || says == Some(Said::Unknown)) {
            let id = flavor.and_then(|flavor| self.no_information(section, flavor));
            narrative.entry.extend(id.as_ref().map(Reference::to));
            return;
        }
        match says {
            // A section that is null and says that there is none contradicts itself: its words are told of.
            Some(Said::NoneKnown) if flavor.is_none() => {
                let id = self.none_in_section(section, scope, &words);
                if id.is_none() {
                    narrative.empty_reason = Some(list_empty_reason("nilknown"));
                }
                narrative.entry.extend(id.as_ref().map(Reference::to));
            }
            Some(Said::Unknown) => narrative.empty_reason = Some(list_empty_reason("unavailable")),
            _ if words.is_empty() => {}
            _ => section.element.report(
                Severity::Warning,
                "ccda.section.narrative-only",
                "what the section says is in its narrative alone: no record holds it",
            ),
        }
    }

    /// "None known" of a list that is told apart from silence: a record of its own, as an entry would make it.
    fn none_in_section(&mut self, section: Section<'d>, scope: &Scope, words: &str) -> Option<EntryId> {
        let list = section.kind;
        if !speaks_of_all(scope, list) || section.subsections().next().is_some() {
            return None;
        }
        let element = section.element;
        let said = says_none_by_name(list, words).then(|| CodeableConcept::from_text(words));
        let role = "none-known";
        match list {
            SectionKind::Allergies => {
                let slot = self.open(RecordClass::AllergyIntolerance, element, role).ok()?;
                let code = said.map_or_else(|| no_known_allergy(Allergens::Any, None), none_in_words);
                let record = AllergyIntolerance {
                    knowledge: AllergyKnowledge::NoneKnown,
                    code: Some(code),
                    patient: self.subject(),
                    ..AllergyIntolerance::default()
                };
                Some(self.close(slot, record))
            }
            SectionKind::Medications => {
                let slot = self.open(RecordClass::MedicationStatement, element, role).ok()?;
                let record = MedicationStatement {
                    status: Some(Status::fhir("active")),
                    medication: Some(none_known(list, said)),
                    subject: self.subject(),
                    ..MedicationStatement::default()
                };
                Some(self.close(slot, record))
            }
            SectionKind::Problems => {
                let slot = self.open(RecordClass::Condition, element, role).ok()?;
                let record = Condition {
                    category: problem_category(scope).into_iter().collect(),
                    code: Some(none_known(list, said)),
                    subject: self.subject(),
                    ..Condition::default()
                };
                Some(self.close(slot, record))
            }
            _ => None,
        }
    }

    /// "No information" about a whole section: for allergies that is a statement of its own, because silence and
    /// "nobody asked" must not look like "none".
    fn no_information(&mut self, section: Section<'d>, flavor: &str) -> Option<EntryId> {
        if section.kind != SectionKind::Allergies || section.statements().next().is_some() {
            return None;
        }
        let slot = self
            .open(RecordClass::AllergyIntolerance, section.element, "no-information")
            .ok()?;
        let record = AllergyIntolerance {
            knowledge: AllergyKnowledge::NotAsked,
            code: Some(CodeableConcept::from_absent(Absent::from_null_flavor(flavor))),
            patient: self.subject(),
            ..AllergyIntolerance::default()
        };
        Some(self.close(slot, record))
    }

    /// A notes section without entries: its narrative is the note.
    fn narrative_note(&mut self, section: Section<'d>, narrative: &NarrativeSection) -> Option<EntryId> {
        let xhtml = narrative.xhtml.as_ref()?;
        let slot = self
            .open(RecordClass::DocumentReference, section.element, "note")
            .ok()?;
        let record = DocumentRecord {
            status: Some(Status::fhir("current")),
            type_: narrative.code.clone(),
            category: vec![clinical_note()],
            subject: self.subject(),
            date: self.written,
            author: self.authors.clone(),
            description: narrative.title.clone(),
            content: vec![Attachment {
                content_type: Some("application/xhtml+xml".to_owned()),
                data: Some(base64(xhtml.as_bytes())),
                title: narrative.title.clone(),
                ..Attachment::default()
            }],
            encounter: self.context().into_iter().collect(),
            ..DocumentRecord::default()
        };
        Some(self.close(slot, record))
    }
}

/// The base64 or text content of an ED as an attachment.
pub(super) fn attachment(text: Element<'_>) -> Option<Attachment> {
    let content = text.to_encapsulated();
    let url = content.reference.filter(|reference| !reference.starts_with('#'));
    let (data, fallback) = match (content.data, content.text) {
        (Some(data), _) => (Some(data), None),
        (None, Some(words)) => (Some(base64(words.as_bytes())), Some("text/plain")),
        (None, None) => (None, None),
    };
    let attachment = Attachment {
        content_type: content.media_type.or_else(|| fallback.map(str::to_owned)),
        language: text.attribute("language").map(str::to_owned),
        data,
        url,
        ..Attachment::default()
    };
    (attachment.data.is_some() || attachment.url.is_some()).then_some(attachment)
}

/// US Core category of clinical notes.
pub(super) fn clinical_note() -> CodeableConcept {
    CodeableConcept::from_coding(Coding::new(
        "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
        "clinical-note",
    ))
}

/// A section's null flavour as FHIR list-empty-reason, with the flavour beside it.
fn empty_reason(flavor: &str) -> CodeableConcept {
    let absent = Absent::from_null_flavor(flavor);
    let code = match absent.reason {
        AbsentReason::NotAsked => "notasked",
        AbsentReason::Masked => "withheld",
        AbsentReason::TempUnknown => "notstarted",
        _ => "unavailable",
    };
    let mut concept = list_empty_reason(code);
    concept
        .codings
        .push(Coding::new(ehr_types::CodeSystem::V3_NULL_FLAVOR.uri, flavor));
    concept
}

fn list_empty_reason(code: &str) -> CodeableConcept {
    CodeableConcept::from_coding(Coding::new(
        "http://terminology.hl7.org/CodeSystem/list-empty-reason",
        code,
    ))
}
