//! Which record a clinical statement makes.

use ehr_model::Reference;
use ehr_types::Severity;

use super::importer::{Importer, Scope};
use super::section::MAX_NESTING;
use super::statement::{is_unknown, names_nothing, negated, nullified, says_nothing};
use super::subject::relative;
use crate::template::{EntryKind, SectionKind};
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// A clinical statement: the entries made of it, the main one first.
    pub(super) fn statement(&mut self, element: Element<'d>, scope: &Scope) -> Vec<Reference> {
        if self.is_consumed(element) {
            return Vec::new();
        }
        self.consume(element);
        if self.depth >= MAX_NESTING {
            element.report(
                Severity::Error,
                "ccda.statement.depth",
                "statements nested deeper than 32 are not read; they are kept as residual",
            );
            return Vec::new();
        }
        self.depth += 1;
        let made = self.dispatch(element, scope);
        self.depth -= 1;
        made
    }

    fn dispatch(&mut self, element: Element<'d>, scope: &Scope) -> Vec<Reference> {
        // Inside another statement the section says nothing of what a statement is.
        let section = if scope.focus.is_some() {
            SectionKind::Other
        } else {
            scope.section
        };
        let kind = EntryKind::of(element, section);
        if is_null(element, kind) {
            return self.rest(element, scope);
        }
        if is_undeniable(element, kind) {
            return Vec::new();
        }
        let ids = match kind {
            EntryKind::AllergyConcern => self.allergy_concern(element, scope),
            EntryKind::Allergy => self.allergy(element, None, scope),
            EntryKind::ProblemConcern => self.problem_concern(element, scope),
            EntryKind::HealthConcern => self.health_concern(element, scope),
            EntryKind::Problem => self.problem(element, None, scope),
            EntryKind::Medication | EntryKind::PlannedMedication => self.medication(element, kind, scope),
            EntryKind::MedicationWrapper => self.medication_wrapper(element, scope),
            EntryKind::Immunization => self.immunization(element, scope),
            EntryKind::PlannedImmunization => self.medication(element, kind, scope),
            EntryKind::Supply => self.supply(element, None, scope),
            EntryKind::ResultOrganizer => self.result_organizer(element, scope),
            EntryKind::VitalSignsOrganizer => self.vital_signs_organizer(element, scope),
            EntryKind::ObservationOrganizer => self.observation_organizer(element, scope),
            EntryKind::BirthSex | EntryKind::GenderIdentity | EntryKind::TribalAffiliation => {
                self.patient_observation(element, kind, scope)
            }
            EntryKind::Result
            | EntryKind::VitalSign
            | EntryKind::SocialHistory
            | EntryKind::Status
            | EntryKind::AdvanceDirective
            | EntryKind::Observation => self.observation(element, kind, scope),
            EntryKind::Procedure => self.procedure(element, scope),
            EntryKind::PlannedService | EntryKind::PlannedEncounter | EntryKind::PlannedSupply => {
                self.order(element, kind, scope)
            }
            EntryKind::Encounter => self.encounter_activity(element, scope),
            EntryKind::FamilyHistory => self.family_history(element, scope),
            EntryKind::FamilyHistoryObservation if is_of_relative(element, scope) => {
                self.family_history(element, scope)
            }
            EntryKind::FamilyHistoryObservation => self.observation(element, EntryKind::Observation, scope),
            EntryKind::Goal => self.goal(element, scope),
            EntryKind::Instruction | EntryKind::Intervention | EntryKind::Act => {
                self.act(element, kind, scope)
            }
            EntryKind::CareTeam => self.care_team(element, scope),
            EntryKind::Equipment => self.equipment(element, scope),
            EntryKind::EquipmentOrganizer => self.equipment_organizer(element, scope),
            EntryKind::Coverage => self.coverage(element, scope),
            EntryKind::Policy => self.policy(element, None, scope),
            EntryKind::Note => self.note(element, scope),
            EntryKind::Comment => self.lone_comment(element, scope),
            EntryKind::Reference => return self.entry_reference(element),
            EntryKind::SectionTimeRange => self.observation(element, EntryKind::Observation, scope),
        };
        ids.iter().map(Reference::to).collect()
    }
}

/// Whether a Family History Observation outside of an organizer is one by its template, or says whose history it is.
fn is_of_relative(observation: Element<'_>, scope: &Scope) -> bool {
    let by_template = EntryKind::of(observation, SectionKind::Other) == EntryKind::FamilyHistoryObservation;
    scope.focus.is_none() && (by_template || relative(observation).is_some())
}

/// Whether a statement says nothing, or in words that nobody knows, so that it must make no record: "no information" about
/// medications is not a medication. Of an allergy and of what is observed the absence itself is worth a record.
fn is_null(element: Element<'_>, kind: EntryKind) -> bool {
    use EntryKind as E;
    let wrapper = matches!(
        kind,
        E::AllergyConcern | E::ProblemConcern | E::HealthConcern | E::MedicationWrapper | E::Reference
    );
    let list = match kind {
        E::Medication | E::PlannedMedication => Some(SectionKind::Medications),
        E::Immunization | E::PlannedImmunization => Some(SectionKind::Immunizations),
        E::Procedure => Some(SectionKind::Procedures),
        E::Encounter => Some(SectionKind::Encounters),
        _ => None,
    };
    let null = !wrapper
        && !matches!(element.name(), "observation" | "organizer")
        && (says_nothing(element) || list.is_some_and(|list| is_unknown(element, list)));
    if null {
        element.report(
            Severity::Information,
            "ccda.statement.null",
            "a statement that says nothing makes no record; it is kept as residual",
        );
    }
    null
}

/// Whether a statement denies a thing, or was entered in error, and is of a kind of which no record could say so. It is
/// kept as residual with all that is in it.
fn is_undeniable(element: Element<'_>, kind: EntryKind) -> bool {
    use EntryKind as E;
    let undeniable = match kind {
        E::MedicationWrapper
        | E::Equipment
        | E::EquipmentOrganizer
        | E::Coverage
        | E::Policy
        | E::Comment => negated(element.peek()) || nullified(element),
        E::CareTeam | E::Note => negated(element.peek()) && !nullified(element),
        // An encounter without a name that did not happen is none.
        E::Encounter => negated(element.peek()) && names_nothing(element),
        _ => false,
    };
    if undeniable {
        element.report(
            Severity::Warning,
            "ccda.statement.denied",
            "a statement that something is not so, of which no record can say that; it is kept as residual",
        );
    }
    undeniable
}
