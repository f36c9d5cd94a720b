//! People, organizations and devices that take part.

use ehr_model::{
    Device, DeviceName, Organization, Practitioner, PractitionerRole, RecordClass, Reference, RelatedPerson,
};
use ehr_types::{CodeSystem, CodeableConcept, HumanName, Period};

use super::importer::{Importer, native_keys, squeeze};
use crate::xml::Element;

const PERSONS: [&str; 5] = [
    "assignedPerson",
    "associatedPerson",
    "informationRecipient",
    "relatedPerson",
    "playingEntity",
];
const ORGANIZATIONS: [&str; 5] = [
    "representedOrganization",
    "receivedOrganization",
    "scopingOrganization",
    "representedCustodianOrganization",
    "providerOrganization",
];
const DEVICES: [&str; 2] = ["assignedAuthoringDevice", "playingDevice"];

/// The first child with one of these names.
pub(super) fn one_of<'d>(element: Element<'d>, names: &[&'static str]) -> Option<Element<'d>> {
    names.iter().find_map(|name| element.child(name))
}

/// The source text of the children with these names, as identity of what they say.
fn content(element: Element<'_>, names: &[&'static str]) -> String {
    let parts = element
        .peek()
        .elements()
        .filter(|child| names.contains(&child.name()));
    squeeze(&parts.map(Element::source_text).collect::<Vec<_>>().join(" "))
}

impl<'d> Importer<'d> {
    /// A role (`assignedAuthor`, `assignedEntity`, `associatedEntity`, `participantRole`…) as the person who plays it,
    /// else the organization, else the device. What the person does where is kept as a PractitionerRole.
    pub(super) fn actor(&mut self, role: Element<'d>) -> Option<Reference> {
        let person = one_of(role, &PERSONS);
        let organization = one_of(role, &ORGANIZATIONS).and_then(|element| self.organization(element));
        if let Some(device) = one_of(role, &DEVICES) {
            return self.authoring_device(role, device).or(organization);
        }
        role.read_null_flavors();
        let natives = native_keys(role);
        let name = person
            .and_then(|person| person.child("name"))
            .and_then(Element::to_human_name);
        let named = name.as_ref().is_some_and(|name| name.absent.is_none());
        if !named && !natives.is_empty() {
            let seen = natives
                .iter()
                .find_map(|key| self.people.get(key).and_then(Option::as_ref));
            if let Some(reference) = seen {
                let reference = reference.clone();
                role.to_identifiers();
                self.practitioner_role(role, Some(&reference), organization);
                return Some(reference);
            }
        }
        if !named && let Some(place) = organization {
            // Nobody is named: what is said is of a role at the organization.
            self.practitioner_role(role, None, Some(place.clone()));
            return Some(place);
        }
        let has_role_code = role
            .child("code")
            .is_some_and(|code| code.peek().attribute("code").is_some());
        if !named && natives.is_empty() && !has_role_code {
            return None;
        }
        let practitioner = self.practitioner(role, person, name)?;
        for key in natives {
            let known = self
                .people
                .entry(key)
                .or_insert_with(|| Some(practitioner.clone()));
            // Sample identifiers are copied from person to person: what names two people names nobody.
            if known
                .as_ref()
                .is_some_and(|known| known.display != practitioner.display)
            {
                *known = None;
            }
        }
        self.practitioner_role(role, Some(&practitioner), organization);
        Some(practitioner)
    }

    fn practitioner(
        &mut self,
        role: Element<'d>,
        person: Option<Element<'d>>,
        name: Option<HumanName>,
    ) -> Option<Reference> {
        let who = person.map_or(String::new(), |person| squeeze(person.source_text()));
        let natives = native_keys(role).join(" ");
        let id = self.shared_id(
            RecordClass::Practitioner,
            &[&natives, &who, &content(role, &["addr", "telecom"])],
        );
        let names: Vec<_> = match person {
            Some(person) => person
                .children("name")
                .filter_map(Element::to_human_name)
                .collect(),
            None => Vec::new(),
        };
        let record = Practitioner {
            identifier: role.to_identifiers(),
            name: names,
            telecom: role.to_contact_points(),
            address: role.to_addresses(),
            ..Practitioner::default()
        };
        if record.identifier.is_empty() && record.name.is_empty() && record.telecom.is_empty() {
            return None;
        }
        let id = match self.open_as(id, role) {
            Ok(slot) => self.close(slot, record),
            Err(id) => id,
        };
        Some(Reference {
            display: name.and_then(|name| name.display()),
            ..Reference::to(&id)
        })
    }

    fn practitioner_role(
        &mut self,
        role: Element<'d>,
        practitioner: Option<&Reference>,
        organization: Option<Reference>,
    ) {
        let concept = role
            .child("code")
            .and_then(Element::to_concept)
            .filter(|code| !code.codings.is_empty() || code.text.is_some());
        let own = practitioner.is_none();
        let identifier = if own { role.to_identifiers() } else { Vec::new() };
        let telecom = if own { role.to_contact_points() } else { Vec::new() };
        let said = concept.is_some()
            || !identifier.is_empty()
            || !telecom.is_empty()
            || (!own && organization.is_some());
        if !said {
            return;
        }
        let specialty = concept
            .as_ref()
            .is_some_and(|code| code.code_in(&CodeSystem::NUCC).is_some());
        let (code, specialty) = match concept {
            Some(concept) if specialty => (Vec::new(), vec![concept]),
            Some(concept) => (vec![concept], Vec::new()),
            None => (Vec::new(), Vec::new()),
        };
        let record = PractitionerRole {
            identifier,
            practitioner: practitioner.cloned(),
            organization,
            code,
            specialty,
            telecom,
            ..PractitionerRole::default()
        };
        let key = |reference: &Option<Reference>| {
            reference
                .as_ref()
                .and_then(|r| r.target.as_ref())
                .map(|id| id.key.clone())
                .unwrap_or_default()
        };
        let person = key(&record.practitioner);
        let place = key(&record.organization);
        let id = self.shared_id(
            RecordClass::PractitionerRole,
            &[
                &person,
                &place,
                &content(
                    role,
                    if own {
                        &["id", "code", "telecom"]
                    } else {
                        &["code"]
                    },
                ),
            ],
        );
        if let Ok(slot) = self.open_as(id, role) {
            self.close(slot, record);
        }
    }

    /// An organization, with what it belongs to.
    pub(super) fn organization(&mut self, element: Element<'d>) -> Option<Reference> {
        let part_of = element
            .child("asOrganizationPartOf")
            .and_then(|part| part.child("wholeOrganization"))
            .and_then(|whole| self.organization(whole));
        let name = element.child("name").and_then(Element::to_organization_name);
        let alias = element
            .children("name")
            .skip(1)
            .filter_map(Element::to_organization_name)
            .collect();
        let record = Organization {
            identifier: element.to_identifiers(),
            name: name.clone(),
            alias,
            type_: element
                .child("standardIndustryClassCode")
                .and_then(Element::to_concept)
                .into_iter()
                .collect(),
            telecom: element.to_contact_points(),
            address: element.to_addresses(),
            part_of,
            ..Organization::default()
        };
        if record == Organization::default() {
            return None;
        }
        let parts = content(
            element,
            &[
                "name",
                "telecom",
                "addr",
                "standardIndustryClassCode",
                "asOrganizationPartOf",
            ],
        );
        let id = self.shared_id(
            RecordClass::Organization,
            &[&native_keys(element).join(" "), &parts],
        );
        let id = match self.open_as(id, element) {
            Ok(slot) => self.close(slot, record),
            Err(id) => id,
        };
        Some(Reference {
            display: name,
            ..Reference::to(&id)
        })
    }

    fn authoring_device(&mut self, role: Element<'d>, device: Element<'d>) -> Option<Reference> {
        let model = device.child("manufacturerModelName").and_then(Element::to_text);
        let software = device.child("softwareName").and_then(Element::to_text);
        let mut name: Vec<_> = Vec::new();
        if let Some(model) = &model {
            name.push(DeviceName {
                name: model.clone(),
                type_: Some("model-name".to_owned()),
            });
        }
        if let Some(software) = &software {
            name.push(DeviceName {
                name: software.clone(),
                type_: Some("user-friendly-name".to_owned()),
            });
        }
        let record = Device {
            identifier: role.to_identifiers(),
            name,
            type_: device.child("code").and_then(Element::to_concept),
            contact: role.to_contact_points(),
            ..Device::default()
        };
        if record == Device::default() {
            return None;
        }
        let id = self.shared_id(
            RecordClass::Device,
            &[&native_keys(role).join(" "), &squeeze(device.source_text())],
        );
        let id = match self.open_as(id, role) {
            Ok(slot) => self.close(slot, record),
            Err(id) => id,
        };
        Some(Reference {
            display: software.or(model),
            ..Reference::to(&id)
        })
    }

    /// A person of the patient's own circle: next of kin, guardian, caregiver, emergency contact.
    pub(super) fn related_person(&mut self, role: Element<'d>, period: Option<Period>) -> Option<Reference> {
        let person = one_of(
            role,
            &[
                "associatedPerson",
                "relatedPerson",
                "relatedSubject",
                "guardianPerson",
                "playingEntity",
            ],
        );
        let name: Vec<_> = person
            .into_iter()
            .flat_map(|p| p.children("name"))
            .filter_map(Element::to_human_name)
            .collect();
        let mut relationship: Vec<_> = role
            .child("code")
            .and_then(Element::to_concept)
            .into_iter()
            .collect();
        if let Some(person) = person {
            for relation in person.sdtc("asPatientRelationship") {
                relationship.extend(
                    relation
                        .elements()
                        .find(|e| e.name() == "code")
                        .and_then(Element::to_concept),
                );
            }
        }
        let class = role.attribute("classCode").map(|code| CodeableConcept {
            codings: vec![ehr_types::Coding::new(CodeSystem::V3_ROLE_CLASS.uri, code)],
            ..CodeableConcept::default()
        });
        relationship.extend(class);
        let record = RelatedPerson {
            identifier: role.to_identifiers(),
            patient: self.subject(),
            relationship,
            telecom: role.to_contact_points(),
            address: role.to_addresses(),
            period,
            name,
            ..RelatedPerson::default()
        };
        if record.name.is_empty() && record.identifier.is_empty() && record.telecom.is_empty() {
            return None;
        }
        let display = record.name.first().and_then(HumanName::display);
        let id = self.shared_id(
            RecordClass::RelatedPerson,
            &[&native_keys(role).join(" "), &squeeze(role.source_text())],
        );
        let id = match self.open_as(id, role) {
            Ok(slot) => self.close(slot, record),
            Err(id) => id,
        };
        Some(Reference {
            display,
            ..Reference::to(&id)
        })
    }
}
