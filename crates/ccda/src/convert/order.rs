//! What is planned: procedures, observations, acts, encounters and supplies as service requests and appointments.

use ehr_model::{Amount, Appointment, EntryId, Participant, RecordClass, Reference, ServiceRequest, Status};
use ehr_types::CodeableConcept;

use super::importer::{Importer, Scope};
use super::medication::priority;
use super::statement::{code_of, concepts, denied, negated, occurrence, status_of, time_of};
use super::vocabulary::{INTENT, REQUEST_STATUS, translate};
use crate::template::EntryKind;
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// A planned activity. A booked encounter with its times is an appointment, everything else a service request.
    pub(super) fn order(&mut self, element: Element<'d>, kind: EntryKind, scope: &Scope) -> Vec<EntryId> {
        let mood = element.attribute("moodCode").unwrap_or("INT");
        let time = time_of(element);
        if kind == EntryKind::PlannedEncounter && mood == "APT" && time.low.is_some() && time.high.is_some() {
            return self.appointment(element, scope);
        }
        let slot = match self.open(RecordClass::ServiceRequest, element, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let (reason_code, reason_reference) = self.reasons(element);
        let (requester, authored_on) = self.recorder(element);
        let mut code = None;
        let mut quantity = None;
        if element.is("supply") {
            code = Self::ordered_code(element);
            quantity = element
                .child("quantity")
                .and_then(Element::to_quantity)
                .filter(|quantity| quantity.value.is_some());
        }
        let mut record = ServiceRequest {
            identifier: element.to_identifiers(),
            status: status_of(element, REQUEST_STATUS),
            intent: translate(INTENT, mood).map(str::to_owned),
            priority: priority(element),
            do_not_perform: negated(element).then_some(true),
            code: code.or_else(|| code_of(element)),
            quantity: quantity.map(Amount::Quantity),
            subject: self.subject(),
            encounter: self.encounter_of(scope),
            occurrence: occurrence(&time),
            authored_on,
            requester,
            performer: self.performing(element),
            location_reference: self.place(element).into_iter().collect(),
            reason_code,
            reason_reference,
            supporting_info: scope.focus.iter().map(Reference::to).collect(),
            body_site: concepts(element, "targetSiteCode"),
            ..ServiceRequest::default()
        };
        if kind == EntryKind::PlannedEncounter {
            record.category.push(CodeableConcept::from_text("encounter"));
        }
        if element.is("observation") {
            // The value of an intended observation is what it shall be.
            record.order_detail.extend(
                element
                    .child("value")
                    .and_then(Element::to_concept)
                    .filter(|value| value.label().is_some()),
            );
        }
        record.order_detail.extend(concepts(element, "methodCode"));
        let participants: Vec<_> = element.children("participant").collect();
        for participant in participants {
            if let Some(role) = participant.child("participantRole") {
                if role.child("playingDevice").is_some() {
                    self.device(role);
                } else if !matches!(role.peek().attribute("classCode"), Some("SDLOC" | "MANU")) {
                    record.performer.extend(self.actor(role));
                }
            }
        }
        for (_, inner) in self.open_related(element) {
            if inner.is("act")
                && !denied(inner)
                && super::statement::has_template(inner, "2.16.840.1.113883.10.20.22.4.20")
                && record.patient_instruction.is_none()
            {
                let text = inner.child("text").and_then(|text| text.to_encapsulated().text);
                if text.is_some() {
                    self.consume(inner);
                    super::statement::read_outline(inner);
                    let code = inner
                        .child("code")
                        .and_then(Element::to_concept)
                        .filter(|code| !code.codings.is_empty());
                    record.order_detail.extend(code);
                    record.patient_instruction = text;
                }
            }
        }
        record.note = self.notes(element);
        let id = self.close(slot, record);
        self.rest(element, &scope.about(&id));
        vec![id]
    }

    fn appointment(&mut self, element: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::Appointment, element, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let time = time_of(element);
        let (reason_code, reason_reference) = self.reasons(element);
        let source = element
            .child("statusCode")
            .map(Element::to_coding)
            .filter(|coding| coding.code.is_some());
        let status = match source.as_ref().and_then(|coding| coding.code.as_deref()) {
            Some("cancelled" | "aborted") => "cancelled",
            Some("completed") => "fulfilled",
            Some("nullified") => "entered-in-error",
            // The mood itself says that it is booked.
            _ => "booked",
        };
        let mut record = Appointment {
            identifier: element.to_identifiers(),
            status: Some(Status {
                code: Some(status.to_owned()),
                source,
                absent: None,
            }),
            service_type: code_of(element).into_iter().collect(),
            reason_code,
            reason_reference,
            start: time.low,
            end: time.high,
            ..Appointment::default()
        };
        if let Some(subject) = self.subject() {
            record.participant.push(attendee(subject));
        }
        for performer in element.children("performer") {
            record.participant.extend(
                performer
                    .child("assignedEntity")
                    .and_then(|role| self.actor(role))
                    .map(attendee),
            );
        }
        record.participant.extend(self.place(element).map(attendee));
        record.comment = self
            .notes(element)
            .into_iter()
            .map(|note| note.text)
            .reduce(|a, b| format!("{a}\n{b}"));
        let id = self.close(slot, record);
        self.rest(element, &scope.about(&id));
        vec![id]
    }
}

fn attendee(actor: Reference) -> Participant {
    Participant {
        actor: Some(actor),
        ..Participant::default()
    }
}
