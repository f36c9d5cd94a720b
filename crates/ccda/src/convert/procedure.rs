//! Procedure activities (guide page CF-procedures).

use ehr_model::{EntryId, Procedure, RecordClass, Reference};
use ehr_types::CodeableConcept;

use super::absence::{is_none, none_known};
use super::importer::{Importer, Scope};
use super::kind::read_code;
use super::statement::{
    code_of, concepts, denied, deny, has_template, in_words, is_person, negated, occurrence, part_of, sites,
    status_of, time_of,
};
use super::vocabulary::PROCEDURE_STATUS;
use crate::template::{EntryKind, SectionKind};
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// A procedure. One that was observed to have a value is an observation, since a procedure cannot hold it.
    pub(super) fn procedure(&mut self, element: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let has_value = element
            .children("value")
            .any(|value| value.peek().null_flavor().is_none());
        if element.is("observation") && has_value {
            return self.observation(element, EntryKind::Observation, scope);
        }
        let slot = match self.open(RecordClass::Procedure, element, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        element.attribute("moodCode");
        let mut status = status_of(element, PROCEDURE_STATUS);
        let mut code = code_of(element);
        let not_done = negated(element);
        if not_done {
            deny(&mut status, "not-done");
            code = in_words(code, element);
            let lists = [SectionKind::Procedures, SectionKind::MedicalEquipment];
            if let Some(list) = lists
                .into_iter()
                .find(|list| is_none(*list, code.as_ref(), scope))
            {
                code = Some(none_known(list, code));
            }
        }
        let (reason_code, reason_reference) = self.reasons(element);
        let (recorder, _) = self.recorder(element);
        element.child("value").map(Element::null_flavor);
        let mut record = Procedure {
            identifier: element.to_identifiers(),
            part_of: part_of(scope),
            status,
            code,
            subject: self.subject(),
            encounter: self.encounter_of(scope),
            performed: occurrence(&time_of(element)),
            recorder,
            performer: self.performers(element),
            location: self.place(element),
            reason_code,
            reason_reference,
            body_site: sites(element),
            ..Procedure::default()
        };
        record.performer.retain(|performer| performer.actor.is_some());
        record.asserter = element
            .children("informant")
            .filter_map(|informant| self.informant(informant))
            .find(is_person);
        record.used_code.extend(concepts(element, "methodCode"));
        let participants: Vec<_> = element.children("participant").collect();
        for participant in participants {
            // The device of a procedure that was not done is none that the patient has: it stays residual.
            if let Some(role) = participant.child("participantRole")
                && role.child("playingDevice").is_some()
                && !not_done
            {
                record
                    .focal_device
                    .extend(self.device(role).map(|id| Reference::to(&id)));
            }
        }
        self.first_specimen(element, scope);
        for (kind, inner) in self.open_related(element) {
            let text = |inner: Element<'d>| inner.child("text").and_then(|text| text.to_encapsulated().text);
            if denied(inner) {
                continue;
            }
            if kind == "OUTC" && inner.is("observation") && record.outcome.is_none() {
                // The observation, with its time and who made it, is an entry too.
                record.outcome = inner.peek().child("value").and_then(Element::to_concept);
            }
            if inner.is("observation") && has_template(inner, "2.16.840.1.113883.10.20.22.4.9") {
                // A reaction to the procedure is a complication of it.
                self.consume(inner);
                super::statement::read_outline(inner);
                read_code(inner);
                record
                    .complication
                    .extend(inner.child("value").and_then(Element::to_concept));
            } else if inner.is("act")
                && has_template(inner, "2.16.840.1.113883.10.20.22.4.20")
                && kind == "SUBJ"
            {
                self.consume(inner);
                super::statement::read_outline(inner);
                let code = inner
                    .child("code")
                    .and_then(Element::to_concept)
                    .filter(|code| !code.codings.is_empty());
                record
                    .follow_up
                    .extend(code.or_else(|| text(inner).map(CodeableConcept::from_text)));
            }
        }
        record.note = self.notes(element);
        let about = scope.about(&slot.id);
        for made in self.rest(element, &about) {
            if made.class == Some(RecordClass::Device) && !record.focal_device.contains(&made) {
                record.focal_device.push(made);
            }
        }
        vec![self.close(slot, record)]
    }
}
