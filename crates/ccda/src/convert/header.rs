//! The header: the document itself, its people, custodian and service, what it replaces and fulfils.

use ehr_model::{CareTeam, Document as DocumentRecord, DocumentRelation, RecordClass, Reference, Status};
use ehr_types::{CodeableConcept, DateTime, Identifier, Period};

use super::importer::Importer;
use crate::xml::Element;

/// What the header says about the document itself.
#[derive(Default)]
pub(super) struct Header {
    pub(super) record: DocumentRecord,
}

impl<'d> Importer<'d> {
    /// The parts of a header that are children of `root`: a document, or a fragment that is one such part itself.
    pub(super) fn header(&mut self, root: Element<'d>) -> Header {
        let mut header = Header::default();
        let record = &mut header.record;
        for target in root.children("recordTarget") {
            self.record_target(target);
        }
        if let Some(custodian) = root.find(&[
            "custodian",
            "assignedCustodian",
            "representedCustodianOrganization",
        ]) {
            record.custodian = self.organization(custodian);
            if self.source.organization.is_none() {
                self.source.organization = record
                    .custodian
                    .as_ref()
                    .and_then(|custodian| custodian.display.clone());
            }
        }
        for author in root.children("author") {
            if let Some(role) = author.child("assignedAuthor") {
                if self.source.system.is_none() {
                    let device = role.peek().child("assignedAuthoringDevice");
                    self.source.system = device
                        .and_then(|d| d.child("softwareName"))
                        .and_then(Element::to_text);
                }
                record.author.extend(self.actor(role));
            }
        }
        self.authors.clone_from(&record.author);
        self.written = root
            .children("author")
            .filter_map(|a| a.child("time"))
            .filter_map(|t| t.to_interval().start())
            .min();
        for name in ["legalAuthenticator", "authenticator"] {
            for authenticator in root.children(name) {
                // The signature's time and code say no more than that it was signed.
                let actor = authenticator
                    .child("assignedEntity")
                    .and_then(|role| self.actor(role));
                let signed = authenticator
                    .child("signatureCode")
                    .and_then(|code| code.attribute("code"))
                    == Some("S");
                if name == "legalAuthenticator" && signed && record.doc_status.is_none() {
                    record.doc_status = Some(Status::fhir("final"));
                }
                if record.authenticator.is_none() {
                    record.authenticator = actor;
                } else {
                    record.related.extend(actor);
                }
            }
        }
        for (name, role) in [
            ("dataEnterer", "assignedEntity"),
            ("informationRecipient", "intendedRecipient"),
        ] {
            for participation in root.children(name) {
                record
                    .related
                    .extend(participation.child(role).and_then(|role| self.actor(role)));
            }
        }
        for informant in root.children("informant") {
            record.related.extend(self.informant(informant));
        }
        for participant in root.children("participant") {
            record.related.extend(self.header_participant(participant));
        }
        for component in root.children("componentOf") {
            if let Some(encounter) = component.child("encompassingEncounter") {
                self.encompassing_encounter(encounter);
            }
        }
        record.encounter.extend(self.context());
        for documentation in root.children("documentationOf") {
            if let Some(event) = documentation.child("serviceEvent") {
                self.service_event(event, record);
            }
        }
        for related in root.children("relatedDocument") {
            let code = match related.attribute("typeCode") {
                Some("RPLC") => Some("replaces"),
                Some("APND") => Some("appends"),
                Some("XFRM") => Some("transforms"),
                _ => None,
            };
            for parent in related.children("parentDocument") {
                let set = || parent.child("setId").and_then(Element::to_identifier);
                let identifier = parent.child("id").and_then(Element::to_identifier);
                let valued = |identifier: &Identifier| identifier.value.is_some();
                let identifier = identifier.filter(valued).or_else(|| set().filter(valued));
                if let (Some(identifier), Some(code)) = (identifier, code) {
                    let target = Reference {
                        identifier: Some(identifier),
                        class: Some(RecordClass::DocumentReference),
                        display: parent.child("text").and_then(Element::deep_text),
                        ..Reference::default()
                    };
                    record.relates_to.push(DocumentRelation {
                        code: Some(code.to_owned()),
                        target: Some(target),
                    });
                }
            }
        }
        for order in root.find_all(&["inFulfillmentOf", "order"]) {
            for identifier in order.to_identifiers() {
                let display = order
                    .child("code")
                    .and_then(Element::to_concept)
                    .and_then(|c| c.label().map(str::to_owned));
                record.related.push(Reference {
                    identifier: Some(identifier),
                    class: Some(RecordClass::ServiceRequest),
                    display,
                    ..Reference::default()
                });
            }
        }
        header
    }

    fn service_event(&mut self, event: Element<'d>, record: &mut DocumentRecord) {
        let time = event
            .child("effectiveTime")
            .map(Element::to_interval)
            .unwrap_or_default();
        if record.period.is_none() {
            record.period = time
                .period()
                .or_else(|| time.value.map(|at| Period::new(Some(at), None)));
        }
        record.event.extend(
            event
                .child("code")
                .and_then(Element::to_concept)
                .filter(|code| !code.codings.is_empty()),
        );
        let mut team = Vec::new();
        for performer in event.children("performer") {
            let Some(participant) = self.participant(performer) else {
                continue;
            };
            team.push(participant.clone());
            let primary = participant.role.iter().any(|role| {
                ["PCP", "PP"]
                    .iter()
                    .any(|code| role.codings.iter().any(|c| c.code.as_deref() == Some(code)))
            });
            if primary
                && let (Some((_, patient)), Some(actor)) = (self.patient.as_mut(), participant.actor.clone())
                && actor.class != Some(RecordClass::Device)
                && !patient.general_practitioner.contains(&actor)
            {
                patient.general_practitioner.push(actor);
            }
            record.related.extend(participant.actor);
        }
        // A service event of care provision names who takes part in the care.
        let provision = event.attribute("classCode").is_none_or(|code| code == "PCPR");
        if provision
            && !team.is_empty()
            && let Ok(slot) = self.open(RecordClass::CareTeam, event, "")
        {
            let care_team = CareTeam {
                subject: self.subject(),
                encounter: self.context(),
                period: record.period,
                participant: team,
                ..CareTeam::default()
            };
            let id = self.close(slot, care_team);
            record.related.push(Reference::to(&id));
        }
    }

    /// A header participant: a person of the patient's circle, or a provider.
    fn header_participant(&mut self, participant: Element<'d>) -> Option<Reference> {
        let entity = participant.child("associatedEntity")?;
        let period = participant
            .child("time")
            .and_then(|time| time.to_interval().period());
        participant.child("functionCode").and_then(Element::to_concept);
        match entity.peek().attribute("classCode") {
            Some("PROV" | "ASSIGNED" | "LIC" | "QUAL" | "SDLOC" | "PAYOR" | "UNDWRT" | "COVPTY" | "ORG") => {
                self.actor(entity)
            }
            _ if entity.child("associatedPerson").is_some() => {
                let person = self.related_person(entity, period);
                // The employer or payer that is named with a person stands for itself.
                if let Some(organization) = entity.child("scopingOrganization") {
                    self.organization(organization);
                }
                person
            }
            _ => self.actor(entity),
        }
    }

    /// What the header says of the document as such.
    pub(super) fn document_record(&mut self, root: Element<'d>) -> DocumentRecord {
        self.version = root
            .child("versionNumber")
            .and_then(|version| version.attribute("value"))
            .map(str::to_owned);
        self.confidentiality = root
            .child("confidentialityCode")
            .map(Element::to_coding)
            .filter(|c| c.code.is_some());
        let date: Option<DateTime> = root.child("effectiveTime").and_then(Element::to_date_time);
        let set: Option<Identifier> = root
            .child("setId")
            .and_then(Element::to_identifier)
            .filter(|id| id.value.is_some());
        self.created = date;
        let header = self.header(root);
        DocumentRecord {
            master_identifier: root.to_identifiers().into_iter().next(),
            identifier: set.into_iter().collect(),
            status: Some(Status::fhir("current")),
            type_: root.child("code").and_then(Element::to_concept),
            subject: self.subject(),
            date: date.or(self.written),
            description: root.child("title").and_then(Element::deep_text),
            security_label: self
                .confidentiality
                .clone()
                .map(CodeableConcept::from_coding)
                .into_iter()
                .collect(),
            ..header.record
        }
    }
}
