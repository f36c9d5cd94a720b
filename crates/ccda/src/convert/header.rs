//! The header: patient, people, custodian, the encounter and service of the document.

use ehr_model::{
    CareTeam, Communication, Deceased, Document as DocumentRecord, DocumentRelation, Encounter,
    EncounterLocation, Hospitalization, MultipleBirth, Participant, Patient, PatientContact, RecordClass,
    Reference, Status,
};
use ehr_types::{CodeSystem, CodeableConcept, Coding, DateTime, Identifier, Period, Precision, Severity};

use super::importer::Importer;
use super::vocabulary::{GENDER, status};
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

    /// The patient: the first `recordTarget`. Another one is reported and stays residual.
    pub(super) fn record_target(&mut self, target: Element<'d>) {
        if let Some(role) = target.child("patientRole") {
            self.patient_role(role);
        }
    }

    pub(super) fn patient_role(&mut self, role: Element<'d>) {
        if self.patient.is_some() {
            role.report(
                Severity::Error,
                "ccda.record-target.second",
                "a document is about one patient; the second is not read",
            );
            return;
        }
        let Ok(slot) = self.open(RecordClass::Patient, role, "") else {
            return;
        };
        let mut record = Patient {
            identifier: role.to_identifiers(),
            address: role.to_addresses(),
            telecom: role.to_contact_points(),
            managing_organization: role
                .child("providerOrganization")
                .and_then(|organization| self.organization(organization)),
            ..Patient::default()
        };
        if let Some(patient) = role.child("patient") {
            self.patient_person(patient, &mut record);
        }
        self.patient = Some((slot, record));
    }

    fn patient_person(&mut self, patient: Element<'d>, record: &mut Patient) {
        record.name = patient
            .children("name")
            .filter_map(Element::to_human_name)
            .collect();
        record.gender = status(patient.child("administrativeGenderCode"), GENDER);
        if let Some(birth) = patient.child("birthTime") {
            birth.null_flavor();
            if let Some(time) = birth.to_date_time() {
                record.birth_date = Some(time.date());
                if time.precision() > Precision::Day {
                    record.birth_time = Some(time);
                }
            }
        }
        record.birth_place = patient
            .find(&["birthplace", "place", "addr"])
            .and_then(Element::to_address);
        record.marital_status = patient.child("maritalStatusCode").and_then(Element::to_concept);
        record.religion = patient
            .child("religiousAffiliationCode")
            .and_then(Element::to_concept);
        let races = patient.children("raceCode").chain(patient.sdtc("raceCode"));
        record.race = races.filter_map(Element::to_concept).collect();
        let groups = patient
            .children("ethnicGroupCode")
            .chain(patient.sdtc("ethnicGroupCode"));
        record.ethnicity = groups.filter_map(Element::to_concept).collect();
        let flag = |name| {
            patient
                .sdtc(name)
                .next()
                .and_then(|flag| flag.attribute("value"))
                .and_then(boolean)
        };
        let time = |name| patient.sdtc(name).next().and_then(Element::to_date_time);
        record.deceased = match (time("deceasedTime"), flag("deceasedInd")) {
            (Some(time), _) => Some(Deceased::DateTime(time)),
            (None, Some(dead)) => Some(Deceased::Boolean(dead)),
            (None, None) => None,
        };
        let order = patient
            .sdtc("multipleBirthOrderNumber")
            .next()
            .and_then(|n| n.attribute("value"))
            .and_then(|n| n.parse().ok());
        record.multiple_birth = match (order, flag("multipleBirthInd")) {
            (Some(order), _) => Some(MultipleBirth::Integer(order)),
            (None, Some(multiple)) => Some(MultipleBirth::Boolean(multiple)),
            (None, None) => None,
        };
        for language in patient.children("languageCommunication") {
            let code = language
                .child("languageCode")
                .and_then(Element::to_concept)
                .map(|mut code| {
                    for coding in &mut code.codings {
                        coding
                            .system
                            .get_or_insert_with(|| CodeSystem::BCP_47.uri.to_owned());
                    }
                    code
                });
            let preferred = language
                .child("preferenceInd")
                .and_then(|flag| flag.attribute("value"))
                .and_then(boolean);
            if code.is_some() {
                record.communication.push(Communication {
                    language: code,
                    preferred,
                });
            }
        }
        for guardian in patient.children("guardian") {
            record.contact.push(self.guardian(guardian));
        }
    }

    fn guardian(&mut self, guardian: Element<'d>) -> PatientContact {
        let person = guardian.child("guardianPerson");
        let mut relationship = vec![CodeableConcept::from_coding(Coding::new(
            CodeSystem::V3_ROLE_CODE.uri,
            "GUARD",
        ))];
        relationship.extend(guardian.child("code").and_then(Element::to_concept));
        for relation in person
            .into_iter()
            .flat_map(|person| person.sdtc("asPatientRelationship"))
        {
            relationship.extend(
                relation
                    .elements()
                    .find(|e| e.name() == "code")
                    .and_then(Element::to_concept),
            );
        }
        PatientContact {
            relationship,
            name: person
                .and_then(|person| person.child("name"))
                .and_then(Element::to_human_name),
            telecom: guardian.to_contact_points(),
            address: guardian.to_addresses().into_iter().next(),
            organization: guardian
                .child("guardianOrganization")
                .and_then(|organization| self.organization(organization)),
            ..PatientContact::default()
        }
    }

    pub(super) fn encompassing_encounter(&mut self, element: Element<'d>) {
        let Ok(slot) = self.open(RecordClass::Encounter, element, "") else {
            return;
        };
        let mut record = Encounter {
            identifier: element.to_identifiers(),
            subject: self.subject(),
            ..Encounter::default()
        };
        if let Some(code) = element.child("code").and_then(Element::to_concept) {
            super::encounter::classify(code, &mut record);
        }
        let time = element
            .child("effectiveTime")
            .map(Element::to_interval)
            .unwrap_or_default();
        record.period = super::encounter::period(&time);
        // The guide: a point in time or an end says that the encounter is over.
        if time.value.is_some() || time.high.is_some() {
            record.status = Some(Status::fhir("finished"));
        } else if time.low.is_some() && time.high_absent.is_none() {
            record.status = Some(Status::fhir("in-progress"));
        }
        if let Some(code) = element
            .child("dischargeDispositionCode")
            .and_then(Element::to_concept)
        {
            record.hospitalization = Some(Hospitalization {
                discharge_disposition: Some(code),
                ..Hospitalization::default()
            });
        }
        if let Some(responsible) = element.child("responsibleParty") {
            let coding = Coding::new(CodeSystem::V3_PARTICIPATION_TYPE.uri, "RESP");
            let actor = responsible
                .child("assignedEntity")
                .and_then(|role| self.actor(role));
            if actor.is_some() {
                record.participant.push(Participant {
                    role: vec![CodeableConcept::from_coding(coding)],
                    actor,
                    ..Participant::default()
                });
            }
        }
        for participant in element.children("encounterParticipant") {
            record.participant.extend(self.participant(participant));
        }
        for location in element.children("location") {
            if let Some(facility) = location.child("healthCareFacility") {
                let place = self.location(facility);
                if facility.child("serviceProviderOrganization").is_some() {
                    record.service_provider = facility
                        .child("serviceProviderOrganization")
                        .and_then(|o| self.organization(o));
                }
                if place.is_some() {
                    record.location.push(EncounterLocation {
                        location: place,
                        ..EncounterLocation::default()
                    });
                }
            }
        }
        self.encounter = Some((slot, record));
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

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
