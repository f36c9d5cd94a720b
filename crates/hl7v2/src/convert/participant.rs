//! People, organizations and places, which fields of other segments name: XCN, XON, PL, HD.

use ehr_model::{
    Device, Location, Organization, Participant, Performer, Practitioner, PractitionerRole, Reference,
};
use ehr_types::{Address, CodeableConcept, ContactPoint, HumanName, Identifier};

use super::conversion::{Conversion, code, key_of};
use super::datatype::{address, assign, identifier_type, period, person_name, telecom};
use super::reading::{At, Seg};
use super::table;

const PHYSICAL_TYPE: &str = "http://terminology.hl7.org/CodeSystem/location-physical-type";
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
        let name = super::datatype::name(at)?;
        self.add_practitioner(
            Practitioner {
                name: vec![name],
                ..Practitioner::default()
            },
            at,
        )
    }

    /// NDL: a person by CNN, with the time in NDL.2 and 3 read by the caller.
    pub(super) fn practitioner_of_ndl(&mut self, at: At<'r>) -> Option<Reference> {
        // CNN stands in the subcomponents of NDL.1; older senders write an XCN into the components.
        let first = at.part(1);
        if first.part_count() > 1 {
            return self.practitioner(first);
        }
        if at
            .part(2)
            .peek()
            .is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
            || at.part_count() == 1
        {
            return self.practitioner(first);
        }
        self.practitioner(at)
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
        if !at.has_text() && address.is_empty() && telecom.is_empty() {
            return None;
        }
        let mut organization = Organization {
            name: at.part(1).text(),
            address,
            telecom,
            ..Organization::default()
        };
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

    /// A practitioner at an organization.
    pub(super) fn role(&mut self, role: PractitionerRole, at: At<'r>) -> Option<Reference> {
        let target = |reference: &Option<Reference>| {
            reference
                .as_ref()
                .and_then(|reference| reference.target.as_ref())
                .map_or_else(String::new, |id| id.key.clone())
        };
        let display = role
            .practitioner
            .as_ref()
            .or(role.organization.as_ref())?
            .display
            .clone();
        let codes = serde_json::to_string(&role.code).unwrap_or_default();
        let key = [target(&role.practitioner), target(&role.organization), codes];
        let id = self.add_field(&["role", &key[0], &key[1], &key[2]], role, at);
        Some(Reference {
            display,
            ..Reference::to(&id)
        })
    }

    /// PL: a place, as a chain from the smallest part (bed) to the largest (facility).
    pub(super) fn location(&mut self, at: At<'r>) -> Option<Reference> {
        self.location_with(at, None)
    }

    /// PL with an address that another field gives.
    pub(super) fn location_with(&mut self, at: At<'r>, address: Option<Address>) -> Option<Reference> {
        const PARTS: [(u32, &str, &str); 6] = [
            (4, "si", "Site"),
            (7, "bu", "Building"),
            (8, "lvl", "Level"),
            (1, "", "Point of care"),
            (2, "ro", "Room"),
            (3, "bd", "Bed"),
        ];
        let written: Vec<(u32, &str, &str)> = PARTS
            .into_iter()
            .filter(|(part, ..)| at.part(*part).has_text())
            .collect();
        let mut chain = String::new();
        let mut place: Option<Reference> = None;
        let last = written.len().checked_sub(1);
        for (position, (part, kind, label)) in written.iter().enumerate() {
            let node = at.part(*part);
            let name = node.part(1).text();
            let mut identifier = Identifier {
                value: name.clone(),
                ..Identifier::default()
            };
            if let Some(id) = node.part(2).peek()
                && let Some(uri) = super::datatype::universal(&id, node.part(3).peek().as_deref())
            {
                node.part(2).mark();
                node.part(3).mark();
                identifier = if name.is_some() {
                    Identifier {
                        system: Some(uri),
                        ..identifier
                    }
                } else {
                    Identifier::new("urn:ietf:rfc:3986", uri)
                };
            } else if name.is_none() {
                identifier.value = node.part(2).text();
            }
            let mut location = Location {
                name: name.or_else(|| identifier.value.clone()),
                mode: Some("instance".to_owned()),
                physical_type: Some(if kind.is_empty() {
                    CodeableConcept::from_text(*label)
                } else {
                    code(PHYSICAL_TYPE, kind, label)
                }),
                part_of: place.take(),
                ..Location::default()
            };
            location.identifier.push(identifier);
            if Some(position) == last {
                location.description = at.part(9).text();
                location.address.clone_from(&address);
                if let Some(kind) = self.sender().concept(at.part(6), Some(305)) {
                    location.type_.push(kind);
                }
                if let Some(mut whole) = self.sender().entity(at.part(10), None) {
                    if whole.assigner.is_none() && whole.system.is_none() {
                        assign(&mut whole, at.part(11), None);
                    }
                    location.identifier.push(whole);
                }
            }
            chain.push_str(&format!(
                "{part}={}|",
                location.name.as_deref().unwrap_or_default()
            ));
            let display = location.name.clone();
            let id = self.add_field(&["place", &chain], location, at);
            place = Some(Reference {
                display,
                ..Reference::to(&id)
            });
        }
        if place.is_none() {
            let name = at.part(9).text();
            let identifier: Vec<Identifier> = self.sender().entity(at.part(10), None).into_iter().collect();
            if name.is_some() || !identifier.is_empty() || address.is_some() {
                let location = Location {
                    identifier,
                    name: name.clone(),
                    address,
                    ..Location::default()
                };
                let key = serde_json::to_string(&location).unwrap_or_default();
                let id = self.add_field(&["place", &key], location, at);
                place = Some(Reference {
                    display: name,
                    ..Reference::to(&id)
                });
            }
        }
        place
    }

    /// A place known by what it is only, coded or in words.
    pub(super) fn location_of_kind(&mut self, kind: CodeableConcept, at: At<'r>) -> Option<Reference> {
        let name = kind.label().map(str::to_owned)?;
        let location = Location {
            name: Some(name.clone()),
            type_: vec![kind],
            ..Location::default()
        };
        let id = self.add_field(&["place", &name], location, at);
        Some(Reference {
            display: Some(name),
            ..Reference::to(&id)
        })
    }

    /// ROL and PRT as participants: who, in which role, when.
    pub(super) fn roles(&mut self, segments: impl Iterator<Item = Seg<'r>>) -> Vec<Participant> {
        let segments: Vec<Seg<'r>> = segments.collect();
        segments
            .into_iter()
            .filter_map(|seg| self.participation(seg))
            .collect()
    }

    /// PRT-10 and 16 to 21: a device that takes part.
    fn device(&mut self, seg: Seg<'r>) -> Option<Reference> {
        let identifier = self.sender().entity(seg.at(10), None);
        let carrier = seg.text(16);
        if identifier.is_none() && carrier.is_none() {
            return None;
        }
        let key = identifier
            .as_ref()
            .map_or_else(|| carrier.clone().unwrap_or_default(), key_of);
        let device = Device {
            identifier: identifier.into_iter().collect(),
            udi_carrier_hrf: carrier,
            manufacture_date: seg.at(17).time(),
            expiration_date: seg.at(18).time(),
            lot_number: seg.text(19),
            serial_number: seg.text(20),
            distinct_identifier: seg.at(21).code(),
            type_: self.concept(seg.at(22)),
            ..Device::default()
        };
        let id = self.add_field(&["device", &key], device, seg.at(10));
        Some(Reference::to(&id))
    }

    fn participation(&mut self, seg: Seg<'r>) -> Option<Participant> {
        let is_role = seg.is("ROL");
        let (role, person, start, end) = if is_role { (3, 4, 5, 6) } else { (4, 5, 11, 12) };
        let action = seg.at(2).peek_code();
        if action.as_deref() == Some("DE") || action.as_deref() == Some("D") {
            // The sender takes the role back: it is kept as residual, not as someone who takes part.
            return None;
        }
        let at = seg.at(person);
        let (postal, phones) = if is_role { (11, 12) } else { (14, 15) };
        let addresses: Vec<Address> = seg.all(postal).filter_map(address).collect();
        let phones: Vec<ContactPoint> = seg.all(phones).flat_map(|at| telecom(at, None)).collect();
        let mut actor = if at.has_text() {
            self.practitioner_with(at, addresses, phones)
        } else {
            None
        };
        if !is_role {
            let organization = self.organization(seg.at(8), Vec::new(), Vec::new());
            let place = self.location(seg.at(9));
            let device = self.device(seg);
            actor = actor.or(organization).or(place).or(device);
        }
        // Without anybody who takes part, the role is left to the residual.
        let actor = actor?;
        seg.at(2).leaf().mark();
        let role = self.concept_of(seg.at(role), if is_role { 443 } else { 912 });
        let mut role: Vec<CodeableConcept> = role.into_iter().collect();
        for concept in &mut role {
            let known = concept
                .codings
                .iter()
                .find_map(|coding| table::participation(coding.code.as_deref()?));
            if let Some((kind, display)) = known {
                concept
                    .codings
                    .push(ehr_types::Coding::new(PARTICIPATION_TYPE, kind).with_display(display));
            }
        }
        Some(Participant {
            role,
            actor: Some(actor),
            period: period(seg.at(start), seg.at(end)),
            ..Participant::default()
        })
    }
}

/// A role of v3 ParticipationType.
pub(super) fn participation(kind: &str, display: &str) -> CodeableConcept {
    code(PARTICIPATION_TYPE, kind, display)
}

impl<'r> Conversion<'r, '_> {
    /// PRD: a provider of a referral.
    pub(super) fn provider(&mut self, unit: &super::group::Unit<'r>) {
        let seg = unit.seg;
        let practitioner = Practitioner {
            identifier: seg
                .all(7)
                .filter_map(|at| {
                    // PLN: number, type, state, expiration.
                    let kind = at.part(2).text();
                    let system = (kind.as_deref() == Some("NPI"))
                        .then(|| ehr_types::CodeSystem::US_NPI.uri.to_owned());
                    Some(Identifier {
                        value: Some(at.part(1).text()?),
                        system,
                        type_: kind.map(identifier_type),
                        assigner: at.part(3).text(),
                        ..Identifier::default()
                    })
                })
                .collect(),
            name: seg.all(2).filter_map(super::datatype::name).collect(),
            address: seg.all(3).filter_map(address).collect(),
            telecom: seg.all(5).flat_map(|at| telecom(at, Some("work"))).collect(),
            ..Practitioner::default()
        };
        let key = match practitioner.identifier.first() {
            Some(identifier) => key_of(identifier),
            None => practitioner
                .name
                .first()
                .and_then(HumanName::display)
                .unwrap_or_default(),
        };
        self.add(&["person", &key], practitioner, &unit.segments());
    }
}
