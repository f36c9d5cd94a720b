//! ROL and PRT: who takes part, in which role, when.

use ehr_model::{Device, Participant, PractitionerRole, Reference};
use ehr_types::{Address, CodeableConcept, Coding, ContactPoint};

use super::conversion::{Conversion, key_of};
use super::datatype::{address, period, telecom};
use super::participant::PARTICIPATION_TYPE;
use super::reading::Seg;
use super::table;

/// Where a segment says what.
struct Fields {
    role: u32,
    /// The table of the role.
    table: u16,
    person: u32,
    specialty: u32,
    organization: u32,
    place: u32,
    start: u32,
    end: u32,
    address: u32,
    telecom: u32,
}

const ROL: Fields = Fields {
    role: 3,
    table: 443,
    person: 4,
    specialty: 9,
    organization: 14,
    place: 13,
    start: 5,
    end: 6,
    address: 11,
    telecom: 12,
};
const PRT: Fields = Fields {
    role: 4,
    table: 912,
    person: 5,
    specialty: 6,
    organization: 8,
    place: 9,
    start: 11,
    end: 12,
    address: 14,
    telecom: 15,
};

impl<'r> Conversion<'r, '_> {
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
        let is_prt = seg.is("PRT");
        let fields = if is_prt { PRT } else { ROL };
        let action = seg.at(2).peek_code();
        if action.as_deref() == Some("DE") || action.as_deref() == Some("D") {
            // The sender takes the role back: it is kept as residual, not as someone who takes part.
            return None;
        }
        let at = seg.at(fields.person);
        let person = if at.has_text() {
            let address: Vec<Address> = seg.all(fields.address).filter_map(address).collect();
            let telecom: Vec<ContactPoint> =
                seg.all(fields.telecom).flat_map(|at| telecom(at, None)).collect();
            self.practitioner_with(at, address, telecom)
        } else {
            None
        };
        let organization = self.organization(seg.at(fields.organization), Vec::new(), Vec::new());
        let place = self.location(seg.at(fields.place));
        let device = if is_prt { self.device(seg) } else { None };
        // Without anybody who takes part, the role is left to the residual.
        if [&person, &organization, &place, &device]
            .iter()
            .all(|actor| actor.is_none())
        {
            return None;
        }
        seg.at(2).leaf().mark();
        let mut role: Vec<CodeableConcept> = self
            .concept_of(seg.at(fields.role), fields.table)
            .into_iter()
            .collect();
        for concept in &mut role {
            let known = concept
                .codings
                .iter()
                .find_map(|coding| table::participation(coding.code.as_deref()?));
            if let Some((kind, display)) = known {
                concept
                    .codings
                    .push(Coding::new(PARTICIPATION_TYPE, kind).with_display(display));
            }
        }
        let actor = match person {
            Some(person) => {
                let mut work = PractitionerRole {
                    organization,
                    location: place.into_iter().collect(),
                    specialty: self.concept(seg.at(fields.specialty)).into_iter().collect(),
                    ..PractitionerRole::default()
                };
                if work != PractitionerRole::default() {
                    work.code.clone_from(&role);
                }
                self.in_role(person, work, at)
            }
            None => organization.or(place).or(device),
        };
        Some(Participant {
            role,
            actor,
            period: period(seg.at(fields.start), seg.at(fields.end)),
            ..Participant::default()
        })
    }
}
