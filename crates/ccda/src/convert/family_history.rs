//! Family history organizers.

use ehr_model::{
    Annotation, Deceased, EntryId, FamilyCondition, FamilyMemberHistory, Occurrence, RecordClass,
};
use ehr_types::{CodeableConcept, Severity};

use super::absence::{self, Denied};
use super::importer::{Importer, Scope};
use super::kind::read_code;
use super::patient::boolean;
use super::statement::{
    denied, has_template, in_words, negated, nullified, read_outline, status_of, time_of,
};
use super::subject::relative;
use super::vocabulary::{HISTORY_STATUS, SNOMED};
use crate::template::SectionKind;
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// A Family History Organizer: one relative and what they had; or an observation of that kind without organizer.
    pub(super) fn family_history(&mut self, organizer: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::FamilyMemberHistory, organizer, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let alone = organizer.is("observation");
        organizer.attribute("moodCode");
        let mut record = FamilyMemberHistory {
            identifier: organizer.to_identifiers(),
            status: status_of(organizer, HISTORY_STATUS),
            patient: self.subject(),
            // The time of an observation is that of the condition.
            date: organizer
                .child("effectiveTime")
                .filter(|_| !alone)
                .and_then(Element::to_start),
            ..FamilyMemberHistory::default()
        };
        if let Some(relative) = relative(organizer) {
            record.relationship = relative.child("code").and_then(Element::to_concept);
            if let Some(person) = relative.child("subject") {
                record.name = person
                    .child("name")
                    .and_then(Element::to_human_name)
                    .and_then(|name| name.display());
                record.sex = person
                    .child("administrativeGenderCode")
                    .and_then(Element::to_concept);
                record.born = person
                    .child("birthTime")
                    .and_then(Element::to_date_time)
                    .map(Occurrence::DateTime);
                let time = person.sdtc("deceasedTime").next().and_then(Element::to_date_time);
                let flag = person
                    .sdtc("deceasedInd")
                    .next()
                    .and_then(|flag| flag.attribute("value"))
                    .and_then(boolean);
                record.deceased = time.map(Deceased::DateTime).or(flag.map(Deceased::Boolean));
            }
        }
        // CDA has no negated organizer; senders do.
        let denies = negated(organizer);
        let observations = if alone {
            vec![organizer]
        } else {
            self.open_related(organizer)
                .into_iter()
                .map(|(_, inner)| inner)
                .filter(|inner| inner.is("observation"))
                .collect()
        };
        for inner in observations {
            let is_denied = denies || negated(inner.peek());
            if is_denied && !nullified(inner) {
                // "No history of it" is not a condition: it is said in words, its codes stay residual.
                self.consume(inner);
                self.own(&slot, inner);
                inner.report(
                    Severity::Information,
                    "ccda.observation.negated",
                    "a condition that a relative did not have; it is kept in a note as what was denied",
                );
                record.note.push(Annotation {
                    text: denial(inner.peek()),
                    ..Annotation::default()
                });
            } else if alone || !denied(inner) {
                self.consume(inner);
                self.own(&slot, inner);
                let condition = self.family_condition(inner, &mut record);
                record.condition.push(condition);
            }
        }
        record.note.extend(self.notes(organizer));
        let id = self.close(slot, record);
        self.rest(organizer, &scope.about(&id));
        vec![id]
    }

    fn family_condition(
        &mut self,
        observation: Element<'d>,
        record: &mut FamilyMemberHistory,
    ) -> FamilyCondition {
        read_outline(observation);
        read_code(observation);
        let mut condition = FamilyCondition {
            code: observation
                .child("value")
                .and_then(Element::to_concept)
                .or_else(|| {
                    let text = observation
                        .child("text")
                        .and_then(|text| text.to_encapsulated().text);
                    text.map(CodeableConcept::from_text)
                }),
            ..FamilyCondition::default()
        };
        let age = self
            .take_observation(
                observation,
                &[(SNOMED, "445518008"), (SNOMED, "397659008")],
                &["2.16.840.1.113883.10.20.22.4.31"],
            )
            .and_then(|age| {
                read_code(age);
                age.child("value").and_then(Element::to_quantity)
            });
        condition.onset = age
            .map(Occurrence::Age)
            // Beside an age the time stays residual.
            .or_else(|| super::statement::occurrence(&time_of(observation)));
        for (kind, inner) in self.open_related(observation) {
            if inner.is("observation")
                && !denied(inner)
                && (has_template(inner, "2.16.840.1.113883.10.20.22.4.47") || kind == "CAUS")
            {
                // Family History Death Observation: the condition led to death.
                self.consume(inner);
                read_outline(inner);
                read_code(inner);
                condition.outcome = inner.child("value").and_then(Element::to_concept);
                condition.contributed_to_death = Some(true);
                record.deceased.get_or_insert(Deceased::Boolean(true));
            }
        }
        condition.note = self.notes(observation);
        condition
    }
}

/// What a negated observation of the family says, in words.
fn denial(observation: Element<'_>) -> String {
    let value = in_words(
        observation.child("value").and_then(Element::to_concept),
        observation,
    );
    let label = value.as_ref().and_then(CodeableConcept::label);
    match (absence::denied(SectionKind::FamilyHistory, value.as_ref()), label) {
        (Denied::All, _) => "No history of any condition".to_owned(),
        (Denied::One, Some(label)) => format!("No history of: {label}"),
        _ => "A condition is denied".to_owned(),
    }
}
