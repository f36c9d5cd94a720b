//! The patient: `recordTarget`.

use ehr_model::{Communication, Deceased, MultipleBirth, Patient, PatientContact, RecordClass};
use ehr_types::{CodeSystem, CodeableConcept, Coding, Precision, Severity};

use super::importer::Importer;
use super::vocabulary::{GENDER, status};
use crate::xml::Element;

impl<'d> Importer<'d> {
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
}

/// The value of a BL.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
