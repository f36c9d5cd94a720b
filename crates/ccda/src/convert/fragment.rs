//! Parts of documents that stand alone: sections, entries, people and places by themselves.

use ehr_model::{Document as DocumentRecord, RecordClass, Status};

use super::importer::{Importer, Scope};
use super::section::attachment;
use crate::section::{STATEMENTS, Section, is_statement};
use crate::template::SectionKind;
use crate::xml::Element;

impl<'d> Importer<'d> {
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
}
