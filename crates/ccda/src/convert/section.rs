//! The body: sections with their narrative, entries dispatched by kind.

use ehr_model::{
    AllergyIntolerance, AllergyKnowledge, Attachment, Document as DocumentRecord, EntryId, NarrativeSection,
    RecordClass, Reference, Status,
};
use ehr_types::{Absent, AbsentReason, CodeableConcept, Coding, Severity};

use super::importer::{Importer, Scope};
use super::statement::{negated, nullified, says_nothing};
use super::vocabulary::base64;
use crate::section::{STATEMENTS, Section, is_statement};
use crate::template::{EntryKind, SectionKind};
use crate::xml::Element;

/// How deep sections, and statements, are read.
const MAX_NESTING: usize = 32;

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

    /// A part of a document standing alone.
    pub(super) fn fragment(&mut self, root: Element<'d>) {
        match root.name() {
            "recordTarget" => self.record_target(root),
            "patientRole" => self.patient_role(root),
            "encompassingEncounter" => self.encompassing_encounter(root),
            "componentOf" => root
                .children("encompassingEncounter")
                .for_each(|e| self.encompassing_encounter(e)),
            "author" => {
                let author = root.child("assignedAuthor").and_then(|role| self.actor(role));
                self.authors.extend(author);
            }
            "assignedAuthor" | "assignedEntity" | "associatedEntity" => {
                let actor = self.actor(root);
                self.authors.extend(actor);
            }
            "participantRole" => {
                self.participant_role(root);
            }
            "informant" => {
                self.informant(root);
            }
            "performer"
            | "legalAuthenticator"
            | "authenticator"
            | "dataEnterer"
            | "informationRecipient"
            | "participant"
            | "custodian"
            | "documentationOf" => self.header_part(root),
            "section" => self.lone_section(root),
            "manufacturedProduct" => self.lone_product(root),
            "externalDocument" => self.external_document(root),
            "serviceEvent" => {
                for performer in root.children("performer") {
                    self.participant(performer);
                }
            }
            "encounterParticipant" => {
                self.participant(root);
            }
            "specimen" => {
                self.specimen(root, &Scope::new(SectionKind::Other, None));
            }
            "component" if root.child("nonXMLBody").is_some() => self.lone_body(root),
            "structuredBody" | "component" => {
                for section in root.sections() {
                    if !section
                        .element
                        .peek()
                        .parent()
                        .is_some_and(|p| p.parent().is_some_and(|p| p.is("section")))
                    {
                        self.lone_section(section.element);
                    }
                }
                if root.sections().is_empty() {
                    self.loose_statements(root);
                }
            }
            name if STATEMENTS.contains(&name) => {
                let scope = Scope::new(SectionKind::Other, None);
                self.statement(root, &scope);
            }
            _ => self.loose_statements(root),
        }
    }

    /// A lone header part: the people in it become entries.
    fn header_part(&mut self, part: Element<'d>) {
        let roles = ["assignedEntity", "intendedRecipient"];
        for name in roles {
            for role in part.children(name) {
                self.actor(role);
            }
        }
        if let Some(organization) = part.find(&["assignedCustodian", "representedCustodianOrganization"]) {
            self.organization(organization);
        }
        if let Some(entity) = part.child("associatedEntity") {
            if entity.child("associatedPerson").is_some()
                && entity.peek().attribute("classCode") != Some("PROV")
            {
                self.related_person(entity, None);
            } else {
                self.actor(entity);
            }
        }
        if let Some(role) = part.child("participantRole") {
            self.participant_role(role);
        }
        for event in part.children("serviceEvent") {
            for performer in event.children("performer") {
                self.participant(performer);
            }
        }
    }

    fn participant_role(&mut self, role: Element<'d>) {
        match role.peek().attribute("classCode") {
            Some("SDLOC") => {
                self.location(role);
            }
            Some("MANU") if role.child("playingDevice").is_some() => {
                self.device(role);
            }
            _ => {
                self.actor(role);
            }
        }
    }

    fn lone_section(&mut self, section: Element<'d>) {
        let Ok(slot) = self.open(RecordClass::DocumentReference, section, "section") else {
            return;
        };
        let narrative = self.section(Section::new(section), 0);
        let record = DocumentRecord {
            status: Some(Status::fhir("current")),
            type_: narrative.code.clone(),
            subject: self.subject(),
            description: narrative.title.clone(),
            section: vec![narrative],
            ..DocumentRecord::default()
        };
        self.close(slot, record);
    }

    /// A body that is a file, standing alone.
    fn lone_body(&mut self, component: Element<'d>) {
        let Some(text) = component.find(&["nonXMLBody", "text"]) else {
            return;
        };
        let Ok(slot) = self.open(RecordClass::DocumentReference, component, "body") else {
            return;
        };
        let record = DocumentRecord {
            status: Some(Status::fhir("current")),
            subject: self.subject(),
            content: attachment(text).into_iter().collect(),
            ..DocumentRecord::default()
        };
        self.close(slot, record);
    }

    fn external_document(&mut self, external: Element<'d>) {
        let Ok(slot) = self.open(RecordClass::DocumentReference, external, "external") else {
            return;
        };
        let record = DocumentRecord {
            identifier: external.to_identifiers(),
            status: Some(Status::fhir("current")),
            type_: external.child("code").and_then(Element::to_concept),
            subject: self.subject(),
            content: external.child("text").and_then(attachment).into_iter().collect(),
            ..DocumentRecord::default()
        };
        self.close(slot, record);
    }

    fn loose_statements(&mut self, element: Element<'d>) {
        let scope = Scope::new(SectionKind::Other, None);
        for child in element.elements().collect::<Vec<_>>() {
            if is_statement(child) {
                self.statement(child, &scope);
            } else {
                self.loose_statements(child);
            }
        }
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
        if let Some(flavor) = flavor {
            narrative
                .entry
                .extend(self.no_information(section, flavor).map(|id| Reference::to(&id)));
        }
        if section.kind == SectionKind::Notes && narrative.entry.is_empty() {
            narrative.entry.extend(
                self.narrative_note(section, &narrative)
                    .map(|id| Reference::to(&id)),
            );
        }
        let structured = !matches!(section.kind, SectionKind::Notes | SectionKind::Other);
        if structured && flavor.is_none() && narrative.entry.is_empty() && narrative.text.is_some() {
            element.report(
                Severity::Warning,
                "ccda.section.narrative-only",
                "what the section says is in its narrative alone: no record holds it",
            );
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

    /// A clinical statement: the entries made of it, the main one first.
    pub(super) fn statement(&mut self, element: Element<'d>, scope: &Scope) -> Vec<Reference> {
        if self.is_consumed(element) {
            return Vec::new();
        }
        self.consume(element);
        if self.depth >= MAX_NESTING {
            element.report(
                Severity::Error,
                "ccda.statement.depth",
                "statements nested deeper than 32 are not read; they are kept as residual",
            );
            return Vec::new();
        }
        self.depth += 1;
        let made = self.dispatch(element, scope);
        self.depth -= 1;
        made
    }

    fn dispatch(&mut self, element: Element<'d>, scope: &Scope) -> Vec<Reference> {
        // Inside another statement the section says nothing of what a statement is.
        let section = if scope.focus.is_some() {
            SectionKind::Other
        } else {
            scope.section
        };
        let kind = EntryKind::of(element, section);
        if is_null(element, kind) {
            return self.rest(element, scope);
        }
        if is_undeniable(element, kind) {
            return Vec::new();
        }
        let ids = match kind {
            EntryKind::AllergyConcern => self.allergy_concern(element, scope),
            EntryKind::Allergy => self.allergy(element, None, scope),
            EntryKind::ProblemConcern => self.problem_concern(element, scope),
            EntryKind::HealthConcern => self.health_concern(element, scope),
            EntryKind::Problem => self.problem(element, None, scope),
            EntryKind::Medication | EntryKind::PlannedMedication => self.medication(element, kind, scope),
            EntryKind::MedicationWrapper => self.medication_wrapper(element, scope),
            EntryKind::Immunization => self.immunization(element, scope),
            EntryKind::PlannedImmunization => self.medication(element, kind, scope),
            EntryKind::Supply => self.supply(element, None, scope),
            EntryKind::ResultOrganizer => self.result_organizer(element, scope),
            EntryKind::VitalSignsOrganizer => self.vital_signs_organizer(element, scope),
            EntryKind::ObservationOrganizer => self.observation_organizer(element, scope),
            EntryKind::BirthSex | EntryKind::GenderIdentity | EntryKind::TribalAffiliation => {
                self.patient_observation(element, kind, scope)
            }
            EntryKind::Result
            | EntryKind::VitalSign
            | EntryKind::SocialHistory
            | EntryKind::Status
            | EntryKind::AdvanceDirective
            | EntryKind::Observation => self.observation(element, kind, scope),
            EntryKind::Procedure => self.procedure(element, scope),
            EntryKind::PlannedService | EntryKind::PlannedEncounter | EntryKind::PlannedSupply => {
                self.order(element, kind, scope)
            }
            EntryKind::Encounter => self.encounter_activity(element, scope),
            EntryKind::FamilyHistory => self.family_history(element, scope),
            EntryKind::FamilyHistoryObservation => self.observation(element, EntryKind::Observation, scope),
            EntryKind::Goal => self.goal(element, scope),
            EntryKind::Instruction | EntryKind::Intervention | EntryKind::Act => {
                self.act(element, kind, scope)
            }
            EntryKind::CareTeam => self.care_team(element, scope),
            EntryKind::Equipment => self.equipment(element, scope),
            EntryKind::EquipmentOrganizer => self.equipment_organizer(element, scope),
            EntryKind::Coverage => self.coverage(element, scope),
            EntryKind::Policy => self.policy(element, None, scope),
            EntryKind::Note => self.note(element, scope),
            EntryKind::Comment => self.lone_comment(element, scope),
            EntryKind::Reference => return self.entry_reference(element),
            EntryKind::SectionTimeRange => self.observation(element, EntryKind::Observation, scope),
        };
        ids.iter().map(Reference::to).collect()
    }
}

/// Whether a statement is null and says nothing, so that it must make no record: "no information" about medications is
/// not a medication. Of an allergy and of what is observed the absence itself is worth a record.
fn is_null(element: Element<'_>, kind: EntryKind) -> bool {
    use EntryKind as E;
    let wrapper = matches!(
        kind,
        E::AllergyConcern | E::ProblemConcern | E::HealthConcern | E::MedicationWrapper | E::Reference
    );
    let null = !wrapper && !matches!(element.name(), "observation" | "organizer") && says_nothing(element);
    if null {
        element.report(
            Severity::Information,
            "ccda.statement.null",
            "a statement that is null makes no record; it is kept as residual",
        );
    }
    null
}

/// Whether a statement denies a thing, or was entered in error, and is of a kind of which no record could say so. It is
/// kept as residual with all that is in it.
fn is_undeniable(element: Element<'_>, kind: EntryKind) -> bool {
    use EntryKind as E;
    let undeniable = match kind {
        E::MedicationWrapper
        | E::Equipment
        | E::EquipmentOrganizer
        | E::Coverage
        | E::Policy
        | E::Comment => negated(element.peek()) || nullified(element),
        E::CareTeam | E::Note => negated(element.peek()) && !nullified(element),
        _ => false,
    };
    if undeniable {
        element.report(
            Severity::Warning,
            "ccda.statement.denied",
            "a statement that something is not so, of which no record can say that; it is kept as residual",
        );
    }
    undeniable
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
    let mut concept = CodeableConcept::from_coding(Coding::new(
        "http://terminology.hl7.org/CodeSystem/list-empty-reason",
        code,
    ));
    concept
        .codings
        .push(Coding::new(ehr_types::CodeSystem::V3_NULL_FLAVOR.uri, flavor));
    concept
}
