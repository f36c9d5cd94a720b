//! SCH with AIS, AIG, AIL and AIP: appointments.

use ehr_model::{Appointment, Participant, PractitionerRole, Reference, Status};
use ehr_types::{Address, CodeableConcept, Coding, ContactPoint, DateTime, Period};

use super::conversion::{Conversion, code, key_of, text_of_note};
use super::datatype::{address, telecom};
use super::group::{Schedule, Unit};
use super::participant::PARTICIPATION_TYPE;
use super::reading::{At, Seg};
use super::table;

impl<'r> Conversion<'r, '_> {
    /// An appointment with its resources.
    pub(super) fn appointment(&mut self, schedule: &Schedule<'r>) {
        let seg = schedule.unit.seg;
        let mut appointment = Appointment {
            created: None,
            service_type: Vec::new(),
            appointment_type: self.concept_of(seg.at(8), 277),
            reason_code: self.concept_of(seg.at(7), 276).into_iter().collect(),
            status: self.appointment_status(seg),
            ..Appointment::default()
        };
        for field in [1, 2] {
            appointment.identifier.extend(
                self.sender()
                    .entity(seg.at(field), Some(if field == 1 { "PLAC" } else { "FILL" })),
            );
        }
        // SCH-6: why this event took place: a cancellation, or a reason like any other.
        if let Some(reason) = self.concept(seg.at(6)) {
            if appointment
                .status
                .as_ref()
                .is_some_and(|status| status.is("cancelled"))
            {
                appointment.cancelation_reason = Some(reason);
            } else {
                appointment.reason_code.push(reason);
            }
        }
        appointment.minutes_duration = minutes(seg.at(9), seg.at(10));
        let mut first: Option<DateTime> = None;
        let times = seg.all(11).map(|tq| (tq.part(4), tq.part(5)));
        let timing = schedule.timing.iter().filter(|timing| timing.is("TQ1"));
        for (start, end) in times.chain(timing.map(|timing| (timing.at(7), timing.at(8)))) {
            first_said(&mut appointment.start, start.time(), &[start]);
            first_said(&mut appointment.end, end.time(), &[end]);
        }
        if let Some(patient) = self.subject() {
            appointment.participant.push(Participant {
                actor: Some(patient),
                status: Some(Status::fhir("accepted")),
                ..Participant::default()
            });
        }
        // SCH-12 to 15, 16 to 19, 20 to 22.
        let contact = |words: &str| CodeableConcept::from_text(words);
        self.contact_person(
            seg,
            [12, 13, 14, 15],
            contact("placer contact person"),
            &mut appointment,
        );
        self.contact_person(
            seg,
            [16, 17, 18, 19],
            contact("filler contact person"),
            &mut appointment,
        );
        let enterer = code(PARTICIPATION_TYPE, "ENT", "data entry person");
        self.contact_person(seg, [20, 21, 0, 22], enterer, &mut appointment);
        for (field, kind) in [(26, "PLAC"), (27, "FILL")] {
            if let Some(identifier) = self.sender().entity(seg.at(field), Some(kind)) {
                appointment.based_on.push(Reference {
                    identifier: Some(identifier),
                    ..Reference::default()
                });
            }
        }
        let mut segments = schedule.unit.segments();
        segments.extend(&schedule.timing);
        for resource in &schedule.resources {
            let start = self.resource(resource, &mut appointment);
            let is_in_participant = !resource.seg.is("AIS");
            if is_in_participant {
                first = first.or(start);
            } else {
                first_said(&mut first, start, &[resource.seg.at(4)]);
            }
            segments.extend(resource.segments());
        }
        appointment.start = appointment.start.or(first);
        let notes = schedule.resources.iter().flat_map(|resource| &resource.notes);
        let notes = schedule.unit.notes.iter().chain(notes);
        let remarks: Vec<String> = notes.filter_map(|note| text_of_note(*note)).collect();
        appointment.comment = (!remarks.is_empty()).then(|| remarks.join("\n"));
        let key = match appointment
            .identifier
            .iter()
            .rev()
            .find(|identifier| identifier.value.is_some())
        {
            Some(identifier) => key_of(identifier),
            None => seg.content(),
        };
        self.add(&["appointment", &key], appointment, &segments);
    }

    /// Who is to be asked: person, telephone, address and place by the numbers of their fields, 0 where there is none.
    fn contact_person(
        &mut self,
        seg: Seg<'r>,
        [person, phone, home, place]: [u32; 4],
        role: CodeableConcept,
        appointment: &mut Appointment,
    ) {
        if !seg.has(person) {
            return;
        }
        let phones: Vec<ContactPoint> = seg.all(phone).flat_map(|at| telecom(at, None)).collect();
        let addresses: Vec<Address> = match home {
            0 => Vec::new(),
            home => seg.all(home).filter_map(address).collect(),
        };
        let work = PractitionerRole {
            location: self.location(seg.at(place)).into_iter().collect(),
            ..PractitionerRole::default()
        };
        for at in seg.all(person) {
            let contact = self.practitioner_with(at, addresses.clone(), phones.clone());
            let actor = contact.and_then(|contact| self.in_role(contact, work.clone(), at));
            if actor.is_some() {
                appointment.participant.push(Participant {
                    role: vec![role.clone()],
                    actor,
                    ..Participant::default()
                });
            }
        }
    }

    /// SCH-25, else the event of the message.
    fn appointment_status(&self, seg: Seg<'r>) -> Option<Status> {
        if let Some(status) = self.sender().status(seg.at(25), 278, table::appointment_status) {
            return Some(status);
        }
        let event = self.header.event.to_ascii_uppercase();
        let status = table::appointment_status_of_event(&event)?;
        Some(Status::translated(
            Some(status),
            Coding::new(table::uri(3), event),
        ))
    }

    /// AIS, AIG, AIL, AIP: what and who is booked. Gives the start of the resource.
    fn resource(&mut self, unit: &Unit<'r>, appointment: &mut Appointment) -> Option<DateTime> {
        let seg = unit.seg;
        let (start, length, unit_field, status) = match () {
            () if seg.is("AIS") => (4, 7, 8, 10),
            () if seg.is("AIG") => (8, 11, 12, 14),
            () => (6, 9, 10, 12),
        };
        let time = seg.at(start).time();
        let minutes = minutes(seg.at(length), seg.at(unit_field));
        let place = [seg.at(length), seg.at(unit_field)];
        first_said(&mut appointment.minutes_duration, minutes, &place);
        let mut role: Vec<CodeableConcept> = Vec::new();
        let actor = if seg.is("AIS") {
            appointment.service_type.extend(self.concept(seg.at(3)));
            if appointment.status.is_none() {
                appointment.status = self
                    .sender()
                    .status(seg.at(status), 278, table::appointment_status);
            }
            None
        } else if seg.is("AIG") {
            role.extend(self.concept(seg.at(4)));
            let resource = self.concept(seg.at(3));
            // A reference has one name.
            (3..=seg.at(3).part_count()).for_each(|part| seg.at(3).part(part).leave());
            resource.map(|resource| Reference {
                identifier: resource.codings.first().and_then(|coding| {
                    Some(ehr_types::Identifier {
                        system: coding.system.clone(),
                        value: Some(coding.code.clone()?),
                        ..ehr_types::Identifier::default()
                    })
                }),
                display: resource.label().map(str::to_owned),
                ..Reference::default()
            })
        } else if seg.is("AIL") {
            role.extend(self.concept(seg.at(4)));
            self.location(seg.at(3))
        } else {
            role.extend(self.concept(seg.at(4)));
            self.practitioners(seg, 3).into_iter().next()
        };
        if actor.is_some() || !role.is_empty() {
            let participation = self.sender().status(seg.at(status), 278, |status| {
                match table::appointment_status(status)? {
                    "booked" | "fulfilled" | "checked-in" => Some("accepted"),
                    "cancelled" | "noshow" => Some("declined"),
                    "pending" | "waitlist" => Some("tentative"),
                    _ => None,
                }
            });
            appointment.participant.push(Participant {
                role,
                actor,
                period: time.map(|time| Period::new(Some(time), None)),
                status: participation,
                ..Participant::default()
            });
        }
        time
    }
}

/// Takes a value where none was stated before; another is left where it stands.
fn first_said<T: PartialEq>(known: &mut Option<T>, said: Option<T>, places: &[At<'_>]) {
    if known.is_some() && said.is_some() && *known != said {
        places.iter().for_each(At::leave);
    } else if known.is_none() {
        *known = said;
    }
}

/// A length in minutes, where its units say minutes or nothing (the field is defined in minutes then).
fn minutes(length: At<'_>, units: At<'_>) -> Option<u32> {
    let unit = units.peek_code();
    let factor = match unit.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("m" | "min" | "minute" | "minutes" | "mins") => 1,
        Some("h" | "hr" | "hour" | "hours") => 60,
        _ => return None,
    };
    let minutes = length.unsigned()?.checked_mul(factor)?;
    units.mark();
    Some(minutes)
}
