//! Goal observations.

use ehr_model::{EntryId, Goal, GoalTarget, RecordClass, Value};
use ehr_types::CodeableConcept;

use super::importer::{Importer, Scope};
use super::kind::read_code;
use super::statement::{deny, is_person, negated, status_of, time_of};
use super::value::observed;
use super::vocabulary::GOAL_STATUS;
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// A Goal Observation.
    pub(super) fn goal(&mut self, element: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::Goal, element, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        element.attribute("moodCode");
        let time = time_of(element);
        let code = element
            .child("code")
            .and_then(Element::to_concept)
            .filter(|code| code.label().is_some());
        let text = element.child("text").and_then(|text| text.to_encapsulated().text);
        let (value, _) = observed(element);
        let (recorder, _) = self.recorder(element);
        let mut record = Goal {
            identifier: element.to_identifiers(),
            lifecycle_status: status_of(element, GOAL_STATUS),
            priority: element.child("priorityCode").and_then(Element::to_concept),
            subject: self.subject(),
            start_date: time.start().map(|time| time.date()),
            expressed_by: recorder,
            ..Goal::default()
        };
        if negated(element) {
            deny(&mut record.lifecycle_status, "rejected");
        }
        let words = match &value {
            Some(Value::String(words)) => Some(words.clone()),
            _ => text,
        };
        let measured = value.filter(|value| !matches!(value, Value::String(_)));
        record.description = match (code.clone(), words) {
            (Some(mut code), Some(words)) => {
                code.text = Some(words);
                Some(code)
            }
            (Some(code), None) => Some(code),
            (None, Some(words)) => Some(CodeableConcept::from_text(words)),
            (None, None) => None,
        };
        if measured.is_some() || time.high.is_some() {
            record.target.push(GoalTarget {
                measure: code.filter(|_| measured.is_some()),
                detail: measured,
                due_date: time.high.map(|time| time.date()),
                due_duration: None,
            });
        }
        let informants: Vec<_> = element.children("informant").collect();
        for informant in informants {
            let who = self.informant(informant).filter(is_person);
            record.expressed_by = record.expressed_by.or(who);
        }
        // Progress toward the goal is its achievement status.
        if let Some(progress) = self.take_observation(element, &[], &["2.16.840.1.113883.10.20.22.4.110"]) {
            read_code(progress);
            record.achievement_status = progress.child("value").and_then(Element::to_concept);
        }
        if let Some(priority) = self.take_observation(element, &[], &["2.16.840.1.113883.10.20.22.4.143"]) {
            read_code(priority);
            record.priority = record
                .priority
                .or_else(|| priority.child("value").and_then(Element::to_concept));
        }
        for (kind, inner) in self.open_related(element) {
            if kind == "RSON" || inner.is("act") {
                let made = self.statement(inner, &scope.about(&slot.id));
                let fits = |class| {
                    use RecordClass as C;
                    matches!(
                        class,
                        Some(C::Condition | C::Observation | C::MedicationStatement | C::ServiceRequest)
                    )
                };
                record.addresses.extend(
                    made.into_iter()
                        .filter(|reference| fits(reference.class) || reference.identifier.is_some()),
                );
            }
        }
        record.note = self.notes(element);
        self.performers(element);
        let id = self.close(slot, record);
        self.rest(element, &scope.about(&id));
        vec![id]
    }
}
