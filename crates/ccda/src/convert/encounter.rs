//! Encounter activities, and one encounter for what header and body both speak of (guide page CF-encounters).

use std::ops::RangeInclusive;

use ehr_model::{
    Encounter, EncounterDiagnosis, EncounterLocation, EntryId, Hospitalization, Participant, RecordClass,
    Status,
};
use ehr_types::{CodeSystem, CodeableConcept, Coding, Period};

use super::importer::{Importer, Scope};
use super::statement::{code_of, deny, negated, status_of, time_of};
use super::vocabulary::ENCOUNTER_STATUS;
use crate::datatype::Interval;
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// An Encounter Activity.
    pub(super) fn encounter_activity(&mut self, element: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let identifiers = element.to_identifiers();
        let time = time_of(element);
        let own_period = period(&time);
        // Identifiers are copied from examples: the times must fit too.
        let of_document = self.encounter.as_ref().is_some_and(|(_, header)| {
            let same = header
                .identifier
                .iter()
                .any(|id| identifiers.iter().any(|own| own.is_same_as(id)));
            let fits = match (&header.period, &own_period) {
                (Some(a), Some(b)) => a.overlaps(b),
                _ => true,
            };
            same && fits
        });
        let slot = if of_document {
            None
        } else {
            match self.open(RecordClass::Encounter, element, "") {
                Ok(slot) => Some(slot),
                Err(id) => return vec![id],
            }
        };
        element.attribute("moodCode");
        let mut record = Encounter {
            identifier: identifiers,
            subject: self.subject(),
            ..Encounter::default()
        };
        if let Some(code) = code_of(element) {
            classify(code, &mut record);
        }
        record.period = own_period;
        record.status = encounter_status(element, &time);
        if negated(element) {
            deny(&mut record.status, "cancelled");
        }
        record.priority = element.child("priorityCode").and_then(Element::to_concept);
        let disposition = element
            .sdtc("dischargeDispositionCode")
            .next()
            .and_then(Element::to_concept);
        if disposition.is_some() {
            record.hospitalization = Some(Hospitalization {
                discharge_disposition: disposition,
                ..Hospitalization::default()
            });
        }
        let performers: Vec<_> = element.children("performer").collect();
        for performer in performers {
            record.participant.extend(self.participant(performer));
        }
        let participants: Vec<_> = element.children("participant").collect();
        for participant in participants {
            let Some(role) = participant.child("participantRole") else {
                continue;
            };
            match (
                participant.peek().attribute("typeCode"),
                role.peek().attribute("classCode"),
            ) {
                (Some("LOC"), _) | (_, Some("SDLOC")) => {
                    let period = participant
                        .child("time")
                        .and_then(|time| time.to_interval().period());
                    let location = self.location(role);
                    if location.is_some() {
                        record.location.push(EncounterLocation {
                            location,
                            period,
                            ..EncounterLocation::default()
                        });
                    }
                }
                (Some("DST"), _) => {
                    let destination = self.location(role);
                    record.hospitalization.get_or_insert_default().destination = destination;
                }
                (Some("ORG"), _) => {
                    let origin = self.location(role);
                    record.hospitalization.get_or_insert_default().origin = origin;
                }
                // What is made is no one who takes part.
                (_, Some("MANU")) => {}
                _ => record.participant.extend(self.participant(participant)),
            }
        }
        let (reason_code, reason_reference) = self.reasons(element);
        record.reason_code = reason_code;
        record.reason_reference = reason_reference;
        record.note = self.notes(element);
        let id = match (&slot, &self.encounter) {
            (Some(slot), _) => slot.id.clone(),
            (None, Some((header, _))) => header.id.clone(),
            (None, None) => return Vec::new(),
        };
        let about = scope.about(&id);
        for condition in self.diagnoses(element, &about) {
            record.diagnosis.push(EncounterDiagnosis {
                condition: Some(condition),
                ..EncounterDiagnosis::default()
            });
        }
        self.own_authors(element);
        match slot {
            Some(slot) => {
                self.close(slot, record);
            }
            None => {
                if let Some((header, known)) = self.encounter.take() {
                    self.own(&header, element);
                    self.encounter = Some((header, join(known, record)));
                }
            }
        }
        self.rest(element, &about);
        vec![id]
    }

    /// The encounter that the header says the document belongs to.
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
            classify(code, &mut record);
        }
        let time = element
            .child("effectiveTime")
            .map(Element::to_interval)
            .unwrap_or_default();
        record.period = period(&time);
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
}

/// Numbers of CPT that the guide gives a class of encounter: visits of outpatients, initial hospital care, emergency.
const CPT_CLASSES: [(RangeInclusive<u32>, &str); 3] = [
    (99_211..=99_215, "AMB"),
    (99_221..=99_223, "IMP"),
    (99_281..=99_285, "EMER"),
];

/// Class and type from the code: v3 ActCode is the class, all else the type. A few types tell the class.
pub(super) fn classify(code: CodeableConcept, record: &mut Encounter) {
    let class = code
        .codings
        .iter()
        .find(|coding| coding.is_of(&CodeSystem::V3_ACT_CODE))
        .cloned()
        .or_else(|| class_by_type(&code));
    let mut rest = code;
    rest.codings.retain(|coding| Some(coding) != class.as_ref());
    if class.is_none() || !rest.codings.is_empty() || rest.text.is_some() {
        record.type_.push(rest);
    }
    record.class = class;
}

fn class_by_type(code: &CodeableConcept) -> Option<Coding> {
    let mut numbers = code
        .codings
        .iter()
        .filter(|coding| coding.is_of(&CodeSystem::CPT))
        .filter_map(|coding| coding.code.as_deref()?.parse().ok());
    numbers.find_map(|number: u32| {
        let (_, class) = CPT_CLASSES.iter().find(|(range, _)| range.contains(&number))?;
        Some(Coding::new(CodeSystem::V3_ACT_CODE.uri, *class))
    })
}

/// The guide: a point in time is the start.
pub(super) fn period(time: &Interval) -> Option<Period> {
    time.period()
        .or_else(|| time.value.or(time.center).map(|at| Period::new(Some(at), None)))
}

fn encounter_status(element: Element<'_>, time: &Interval) -> Option<Status> {
    let stated = status_of(element, ENCOUNTER_STATUS);
    let source = stated
        .as_ref()
        .and_then(|status| status.source.as_ref())
        .and_then(|coding| coding.code.as_deref());
    if !matches!(source, None | Some("active" | "completed")) {
        return stated;
    }
    let over = time.value.is_some() || time.high.is_some();
    let code = match (over, source) {
        (true, _) => Some("finished"),
        (false, Some("completed")) => Some("finished"),
        (false, Some(_)) => Some("in-progress"),
        // A start alone says neither that it goes on nor that it is over.
        (false, None) => None,
    };
    match (code, stated) {
        (Some(code), Some(status)) => Some(Status {
            code: Some(code.to_owned()),
            ..status
        }),
        (Some(code), None) => Some(Status::fhir(code)),
        (None, stated) => stated,
    }
}

/// One encounter out of what the header and the body say of it; the header's word stands where both speak.
fn join(header: Encounter, body: Encounter) -> Encounter {
    let mut out = header;
    for identifier in body.identifier {
        if !out.identifier.contains(&identifier) {
            out.identifier.push(identifier);
        }
    }
    out.status = body
        .status
        .filter(|status| status.source.is_some())
        .or(out.status);
    out.class = out.class.or(body.class);
    for concept in body.type_ {
        if !out.type_.contains(&concept) {
            out.type_.push(concept);
        }
    }
    out.priority = out.priority.or(body.priority);
    out.period = match (out.period, body.period) {
        (Some(a), Some(b)) => Some(Period::new(a.start.or(b.start), a.end.or(b.end))),
        (a, b) => a.or(b),
    };
    for participant in body.participant {
        if !out.participant.contains(&participant) {
            out.participant.push(participant);
        }
    }
    for location in body.location {
        if !out.location.contains(&location) {
            out.location.push(location);
        }
    }
    out.reason_code.extend(body.reason_code);
    out.reason_reference.extend(body.reason_reference);
    out.diagnosis.extend(body.diagnosis);
    out.hospitalization = out.hospitalization.or(body.hospitalization);
    out.note.extend(body.note);
    out
}
