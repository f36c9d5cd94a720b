//! People and organizations that fields of other segments name: XCN, CNN, XON; PRD and CTD, which are of one person each.

use ehr_model::{Organization, Participant, Performer, Practitioner, PractitionerRole, Reference};
use ehr_types::{Address, CodeSystem, CodeableConcept, ContactPoint, HumanName, Identifier, Period};

use super::conversion::{Conversion, code, key_of};
use super::datatype::{address, assign, identifier_type, name, person_name, telecom};
use super::group::Unit;
use super::reading::{At, Seg};

pub(super) const PARTICIPATION_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

impl<'r> Conversion<'r, '_> {
    /// XCN, CNN, CN: a practitioner.
    pub(super) fn practitioner(&mut self, at: At<'r>) -> Option<Reference> {
        self.practitioner_with(at, Vec::new(), Vec::new())
    }

    /// XCN with addresses and telephone numbers that other fields give.
    pub(super) fn practitioner_with(
        &mut self,
        at: At<'r>,
        address: Vec<Address>,
        telecom: Vec<ContactPoint>,
    ) -> Option<Reference> {
        if !at.has_text() {
            return None;
        }
        let mut practitioner = Practitioner {
            address,
            telecom,
            ..Practitioner::default()
        };
        let name = person_name(at);
        let kind = at.part(13).text();
        if let Some(value) = at.part(1).code() {
            if name.is_none() && value.contains(' ') && !value.bytes().any(|byte| byte.is_ascii_digit()) {
                // A name written where the identifier belongs.
                practitioner.name.push(HumanName {
                    text: Some(value),
                    ..HumanName::default()
                });
            } else {
                let mut identifier = Identifier {
                    value: Some(value),
                    ..Identifier::default()
                };
                assign(&mut identifier, at.part(9), kind.as_deref());
                if identifier.assigner.is_none() && identifier.system.is_none() {
                    identifier.assigner = at.part(14).part(1).text().or_else(|| at.part(8).code());
                }
                identifier.type_ = kind.map(identifier_type);
                practitioner.identifier.push(identifier);
            }
        }
        practitioner.name.extend(name);
        self.add_practitioner(practitioner, at)
    }

    fn add_practitioner(&mut self, practitioner: Practitioner, at: At<'r>) -> Option<Reference> {
        let display = practitioner.name.first().and_then(HumanName::display);
        let key = match practitioner.identifier.first() {
            Some(identifier) => key_of(identifier),
            None => display.clone()?,
        };
        let id = self.add_field(&["person", &key], practitioner, at);
        Some(Reference {
            display,
            ..Reference::to(&id)
        })
    }

    /// A practitioner known by name only (XPN).
    pub(super) fn practitioner_named(&mut self, at: At<'r>) -> Option<Reference> {
        let name = name(at)?;
        self.add_practitioner(
            Practitioner {
                name: vec![name],
                ..Practitioner::default()
            },
            at,
        )
    }

    /// NDL: a person by CNN, and where the person works.
    pub(super) fn practitioner_of_ndl(&mut self, at: At<'r>) -> Option<Reference> {
        // CNN stands in the subcomponents of NDL.1; older senders write an XCN into the components.
        let first = at.part(1);
        let is_number = |text: String| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_ndl =
            first.part_count() > 1 || at.part_count() == 1 || at.part(2).peek().is_some_and(is_number);
        if !is_ndl {
            return self.practitioner(at);
        }
        let person = self.practitioner(first)?;
        let location = self.location_of_ndl(at).into_iter().collect();
        self.in_role(
            person,
            PractitionerRole {
                location,
                ..PractitionerRole::default()
            },
            at,
        )
    }

    /// All repetitions of an XCN field.
    pub(super) fn practitioners(&mut self, seg: Seg<'r>, field: u32) -> Vec<Reference> {
        let ats: Vec<At<'r>> = seg.all(field).collect();
        ats.into_iter().filter_map(|at| self.practitioner(at)).collect()
    }

    /// XCN repetitions as participants in a role.
    pub(super) fn participants(
        &mut self,
        seg: Seg<'r>,
        field: u32,
        role: &CodeableConcept,
    ) -> Vec<Participant> {
        self.practitioners(seg, field)
            .into_iter()
            .map(|actor| Participant {
                role: vec![role.clone()],
                actor: Some(actor),
                ..Participant::default()
            })
            .collect()
    }

    /// XCN repetitions as performers of a function.
    pub(super) fn performers(
        &mut self,
        seg: Seg<'r>,
        field: u32,
        function: &CodeableConcept,
    ) -> Vec<Performer> {
        self.practitioners(seg, field)
            .into_iter()
            .map(|actor| Performer {
                function: Some(function.clone()),
                actor: Some(actor),
                on_behalf_of: None,
            })
            .collect()
    }

    /// XON: an organization, with addresses and telephone numbers that other fields give.
    pub(super) fn organization(
        &mut self,
        at: At<'r>,
        address: Vec<Address>,
        telecom: Vec<ContactPoint>,
    ) -> Option<Reference> {
        let organization = Organization {
            address,
            telecom,
            ..organization(at)
        };
        if organization == Organization::default() {
            return None;
        }
        self.add_organization(organization, at)
    }

    /// An organization as it is, known by its identifier, else its name, else its first address.
    pub(super) fn add_organization(&mut self, organization: Organization, at: At<'r>) -> Option<Reference> {
        let display = organization.name.clone();
        let key = match (organization.identifier.first(), &display) {
            (Some(identifier), name) => {
                format!("{}|{}", key_of(identifier), name.as_deref().unwrap_or_default())
            }
            (None, Some(name)) => name.clone(),
            (None, None) => serde_json::to_string(&(&organization.address, &organization.telecom)).ok()?,
        };
        let id = self.add_field(&["organization", &key], organization, at);
        Some(Reference {
            display,
            ..Reference::to(&id)
        })
    }

    /// CWE as an organization: its code as identifier, its text as name (manufacturers, plans, entering organizations).
    pub(super) fn organization_of_code(&mut self, at: At<'r>) -> Option<Reference> {
        let concept = self.concept(at)?;
        let name = concept
            .text
            .clone()
            .or_else(|| concept.codings.iter().find_map(|coding| coding.display.clone()));
        let identifier = concept
            .codings
            .iter()
            .filter_map(|coding| {
                Some(Identifier {
                    system: coding.system.clone(),
                    value: Some(coding.code.clone()?),
                    ..Identifier::default()
                })
            })
            .collect();
        self.add_organization(
            Organization {
                identifier,
                name,
                ..Organization::default()
            },
            at,
        )
    }

    /// A person in what is known of the role, where anything is.
    pub(super) fn in_role(
        &mut self,
        person: Reference,
        mut role: PractitionerRole,
        at: At<'r>,
    ) -> Option<Reference> {
        if role == PractitionerRole::default() {
            return Some(person);
        }
        let target = |reference: &Reference| reference.target.as_ref().map(|id| id.key.clone());
        let places: Vec<String> = role.location.iter().filter_map(target).collect();
        let mut key = vec![
            "role".to_owned(),
            target(&person).unwrap_or_default(),
            role.organization.as_ref().and_then(target).unwrap_or_default(),
            serde_json::to_string(&role.code).unwrap_or_default(),
        ];
        if !places.is_empty() || !role.specialty.is_empty() {
            key.push(places.concat());
            key.push(serde_json::to_string(&role.specialty).unwrap_or_default());
        }
        let display = person.display.clone();
        role.practitioner = Some(person);
        let parts: Vec<&str> = key.iter().map(String::as_str).collect();
        let id = self.add_field(&parts, role, at);
        Some(Reference {
            display,
            ..Reference::to(&id)
        })
    }

    /// PRD, or the CTD behind it, which has the same fields: who takes part in a referral, as what and where.
    pub(super) fn provider(&mut self, unit: &Unit<'r>) {
        self.contact(unit.seg, &unit.segments());
        let contacts: Vec<Seg<'r>> = unit.more("CTD").collect();
        for seg in contacts {
            self.contact(seg, &[seg]);
        }
    }

    fn contact(&mut self, seg: Seg<'r>, segments: &[Seg<'r>]) {
        if !self.is_named(seg, &[2, 7]) {
            return;
        }
        let practitioner = Practitioner {
            identifier: seg.all(7).filter_map(licence).collect(),
            name: seg.all(2).filter_map(name).collect(),
            address: seg.all(3).filter_map(address).collect(),
            telecom: seg.all(5).flat_map(|at| telecom(at, Some("work"))).collect(),
            ..Practitioner::default()
        };
        let display = practitioner.name.first().and_then(HumanName::display);
        let key = match practitioner.identifier.first() {
            Some(identifier) => key_of(identifier),
            None => display.clone().unwrap_or_default(),
        };
        let id = self.add(&["person", &key], practitioner, segments);
        let person = Reference {
            display,
            ..Reference::to(&id)
        };
        let role = PractitionerRole {
            code: self.concepts(seg, 1, Some(286)),
            location: self.location(seg.at(4)).into_iter().collect(),
            ..PractitionerRole::default()
        };
        self.in_role(person, role, seg.at(1));
    }
}

/// XON.
pub(super) fn organization(at: At<'_>) -> Organization {
    let mut organization = Organization::default();
    if !at.has_text() {
        return organization;
    }
    organization.name = at.part(1).text();
    let kind = at.part(7).text();
    if let Some(value) = at.part(10).text().or_else(|| at.part(3).text()) {
        let mut identifier = Identifier {
            value: Some(value),
            ..Identifier::default()
        };
        assign(&mut identifier, at.part(6), kind.as_deref());
        if identifier.assigner.is_none() && identifier.system.is_none() {
            identifier.assigner = at.part(8).part(1).text();
        }
        identifier.type_ = kind.map(identifier_type);
        organization.identifier.push(identifier);
    }
    organization
}

/// PLN: number, type, state that gave it, end.
fn licence(at: At<'_>) -> Option<Identifier> {
    let kind = at.part(2).text();
    let end = at.part(4).time();
    Some(Identifier {
        value: Some(at.part(1).text()?),
        system: (kind.as_deref() == Some("NPI")).then(|| CodeSystem::US_NPI.uri.to_owned()),
        type_: kind.map(identifier_type),
        assigner: at.part(3).text(),
        period: end.map(|end| Period::new(None, Some(end))),
        ..Identifier::default()
    })
}

/// A role of v3 ParticipationType.
pub(super) fn participation(kind: &str, display: &str) -> CodeableConcept {
    code(PARTICIPATION_TYPE, kind, display)
}
