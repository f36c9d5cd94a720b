//! NK1, and PID-6 and 21: persons related to the patient.

use ehr_model::{Communication, Organization, OrganizationContact, Patient, PatientContact, RelatedPerson};
use ehr_types::{CodeSystem, CodeableConcept, Identifier};

use super::conversion::{Conversion, code};
use super::datatype::{address, identifier_type, name, period, telecom};
use super::distinct::Distinct;
use super::group::Unit;
use super::patient::names;
use super::reading::Seg;
use super::table;

impl<'r> Conversion<'r, '_> {
    /// NK1: a related person, and a contact of the patient where NK1-7 or NK1-13 says so.
    pub(super) fn related_person(&mut self, unit: &Unit<'r>, contacts: &mut Distinct<PatientContact>) {
        let seg = unit.seg;
        if !self.is_named(seg, &[2, 3, 4, 5, 6, 7, 12, 13, 30, 31, 32, 33, 37]) {
            return;
        }
        let relationship: Vec<CodeableConcept> = self
            .concepts(seg, 3, Some(63))
            .into_iter()
            .chain(self.concepts(seg, 7, Some(131)))
            .collect();
        let mut person = RelatedPerson {
            patient: self.subject(),
            name: names(seg, 2).collect(),
            address: seg.all(4).filter_map(address).collect(),
            gender: self.sender().status(seg.at(15), 1, table::gender),
            birth_date: seg.at(16).date(),
            period: period(seg.at(8), seg.at(9)),
            communication: self.languages(seg, 20),
            relationship,
            ..RelatedPerson::default()
        };
        for (field, use_) in [(5, None), (6, Some("work")), (40, None), (41, None)] {
            person
                .telecom
                .extend(seg.all(field).flat_map(|at| telecom(at, use_)));
        }
        for field in [12, 33] {
            person
                .identifier
                .extend(seg.all(field).filter_map(|at| self.sender().identifier(at)));
        }
        if let Some(value) = seg.at(37).part(1).text() {
            person.identifier.push(Identifier {
                type_: Some(identifier_type("SS".to_owned())),
                ..Identifier::new(CodeSystem::US_SSN.uri, value)
            });
        }
        let contact_name = seg.all(30).find_map(name);
        let contact_telecom: Vec<_> = seg.all(31).flat_map(|at| telecom(at, None)).collect();
        let contact_address = seg.all(32).find_map(address);
        let organization = seg.at(13);
        let organization = if organization.has_text() {
            let name = organization.part(1).text();
            let reference = self.organization(organization, Vec::new(), Vec::new());
            let has_contact =
                contact_name.is_some() || !contact_telecom.is_empty() || contact_address.is_some();
            if has_contact && let Some(name) = name {
                let contact = OrganizationContact {
                    name: contact_name.clone(),
                    telecom: contact_telecom.clone(),
                    address: contact_address.clone(),
                    ..OrganizationContact::default()
                };
                self.add_organization(
                    Organization {
                        name: Some(name),
                        contact: vec![contact],
                        ..Organization::default()
                    },
                    seg.at(13),
                );
            }
            reference
        } else {
            person.name.extend(contact_name);
            person.telecom.extend(contact_telecom);
            person.address.extend(contact_address);
            None
        };
        let is_contact = seg.has(7) || organization.is_some();
        if is_contact {
            contacts.add(PatientContact {
                relationship: person.relationship.clone(),
                name: person.name.first().cloned(),
                telecom: person.telecom.clone(),
                address: person.address.first().cloned(),
                gender: person.gender.clone(),
                organization,
                period: person.period,
            });
        }
        let says = person
            != RelatedPerson {
                patient: self.subject(),
                ..RelatedPerson::default()
            };
        if says {
            let key = seg.content();
            self.add(&["related", &key], person, &unit.segments());
        } else if let Some(patient) = self.patient.clone() {
            self.own(&patient, &unit.segments());
        }
    }

    /// PID-6 and PID-21: the mother.
    pub(super) fn mother(&mut self, seg: Seg<'r>, patient: &mut Patient) {
        let mut mother = RelatedPerson::default();
        if let Some(mut maiden) = name(seg.at(6)) {
            patient.mothers_maiden_name.clone_from(&maiden.family);
            if !maiden.given.is_empty() {
                maiden.use_.get_or_insert_with(|| "maiden".to_owned());
                mother.name.push(maiden);
            }
        }
        mother.identifier = seg
            .all(21)
            .filter_map(|at| self.sender().identifier(at))
            .collect();
        if mother == RelatedPerson::default() {
            return;
        }
        mother.patient = self.subject();
        mother.relationship.push(code(
            "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
            "MTH",
            "mother",
        ));
        let key = serde_json::to_string(&mother).unwrap_or_default();
        let at = if mother.identifier.is_empty() {
            seg.at(6)
        } else {
            seg.at(21)
        };
        self.add_field(&["mother", &key], mother, at);
    }

    /// The languages of a field (table 0296), of which it is not said whether they are preferred.
    pub(super) fn languages(&self, seg: Seg<'r>, field: u32) -> Vec<Communication> {
        let languages = self.concepts(seg, field, Some(296)).into_iter();
        languages
            .map(|language| Communication {
                language: Some(language),
                preferred: None,
            })
            .collect()
    }
}
