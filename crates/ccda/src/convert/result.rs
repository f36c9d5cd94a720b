//! Organizers of results, vital signs and status.

use ehr_model::{DiagnosticReport, EntryId, Observation, Occurrence, RecordClass, Reference};
use ehr_types::{CodeSystem, CodeableConcept, Coding, Period};

use super::importer::{Importer, Scope};
use super::statement::{code_of, deny, is_actor, negated, occurrence, part_of, status_of, time_of};
use super::vocabulary::RESULT_STATUS;
use crate::template::EntryKind;
use crate::xml::Element;

const VITAL_SIGNS: &str = "85353-1";

impl<'d> Importer<'d> {
    /// A Result Organizer: a diagnostic report over its observations.
    pub(super) fn result_organizer(&mut self, organizer: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::DiagnosticReport, organizer, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        organizer.attribute("moodCode");
        let specimen = self.first_specimen(organizer, scope);
        let (_, issued) = self.recorder(organizer);
        let laboratory = specimen.is_some()
            || super::statement::related(organizer)
                .iter()
                .any(|(_, inner)| super::observation::is_measured(*inner));
        let mut record = DiagnosticReport {
            identifier: organizer.to_identifiers(),
            status: status_of(organizer, RESULT_STATUS),
            code: code_of(organizer),
            subject: self.subject(),
            encounter: self.encounter_of(scope),
            effective: occurrence(&time_of(organizer)),
            issued,
            specimen: specimen.clone().into_iter().collect(),
            ..DiagnosticReport::default()
        };
        if laboratory {
            record.category.push(CodeableConcept::from_coding(Coding::new(
                "http://terminology.hl7.org/CodeSystem/v2-0074",
                "LAB",
            )));
        }
        if negated(organizer) {
            deny(&mut record.status, "cancelled");
        }
        record.performer = self.performing(organizer);
        if record.performer.is_empty() {
            record.performer = self.own_authors(organizer).0;
        }
        record.performer.retain(is_actor);
        record.note = self.notes(organizer);
        let inner_scope = Scope {
            laboratory,
            ..scope.about(&slot.id)
        };
        let mut times = Vec::new();
        for (_, inner) in self.open_related(organizer) {
            if inner.is("observation") && !is_ahead(inner, scope) {
                self.consume(inner);
                times.extend(time_of(inner).start());
                for id in self.member(inner, EntryKind::Result, specimen.as_ref(), &inner_scope) {
                    if id.class == RecordClass::Observation {
                        record.result.push(Reference::to(&id));
                    }
                }
            }
        }
        if record.effective.is_none() {
            record.effective = span_of(&times);
        }
        let id = self.close(slot, record);
        self.rest(organizer, &scope.about(&id));
        vec![id]
    }

    /// An observation inside an organizer.
    fn member(
        &mut self,
        element: Element<'d>,
        default: EntryKind,
        specimen: Option<&Reference>,
        scope: &Scope,
    ) -> Vec<EntryId> {
        let kind = match EntryKind::of(element, scope.section) {
            EntryKind::Observation | EntryKind::Result | EntryKind::VitalSign => default,
            kind @ (EntryKind::SocialHistory | EntryKind::Status | EntryKind::AdvanceDirective) => kind,
            EntryKind::Problem => return self.problem(element, None, scope),
            _ => default,
        };
        let slot = match self.open(RecordClass::Observation, element, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let mut record = self.observation_record(element, kind, scope);
        record.specimen = record.specimen.or_else(|| specimen.cloned());
        let about = scope.about(&slot.id);
        for made in self.rest(element, &about) {
            if made.class == Some(RecordClass::Observation) {
                record.has_member.push(made);
            }
        }
        vec![self.close(slot, record)]
    }

    /// A Vital Signs Organizer: a panel over its observations; a pair of pressures becomes one blood pressure, as US Core
    /// and the guide have it.
    pub(super) fn vital_signs_organizer(&mut self, organizer: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let mut ids = self.panel(organizer, scope, EntryKind::VitalSign);
        ids.truncate(1);
        ids
    }

    /// Functional and mental status organizers and the like.
    pub(super) fn observation_organizer(&mut self, organizer: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let mut ids = self.panel(organizer, scope, EntryKind::Status);
        ids.truncate(1);
        ids
    }

    fn panel(&mut self, organizer: Element<'d>, scope: &Scope, kind: EntryKind) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::Observation, organizer, "panel") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let vital = kind == EntryKind::VitalSign;
        organizer.attribute("moodCode");
        let mut record = Observation {
            identifier: organizer.to_identifiers(),
            status: status_of(organizer, RESULT_STATUS),
            code: code_of(organizer),
            subject: self.subject(),
            encounter: self.encounter_of(scope),
            effective: occurrence(&time_of(organizer)),
            part_of: part_of(scope)
                .into_iter()
                .filter(|r| r.class == Some(RecordClass::Procedure))
                .collect(),
            ..Observation::default()
        };
        if vital {
            let category = Coding::new(
                "http://terminology.hl7.org/CodeSystem/observation-category",
                "vital-signs",
            );
            record.category.push(CodeableConcept::from_coding(category));
            let code = record.code.get_or_insert_default();
            if !code.has_code(CodeSystem::LOINC.uri, VITAL_SIGNS) {
                code.codings.push(Coding::new(CodeSystem::LOINC.uri, VITAL_SIGNS));
            }
        }
        record.performer = self.performing(organizer);
        record.performer.retain(is_actor);
        record.note = self.notes(organizer);
        let scope = scope.clone();
        let mut times = Vec::new();
        if vital {
            for id in [
                self.blood_pressure(organizer, &scope),
                self.pulse_oximetry(organizer, &scope),
            ] {
                record.has_member.extend(id.iter().map(Reference::to));
            }
        }
        for (_, inner) in self.open_related(organizer) {
            if !inner.is("observation") || is_ahead(inner, &scope) {
                continue;
            }
            self.consume(inner);
            times.extend(time_of(inner).start());
            for id in self.member(inner, kind, None, &scope) {
                if id.class == RecordClass::Observation {
                    record.has_member.push(Reference::to(&id));
                }
            }
        }
        if record.effective.is_none() {
            record.effective = span_of(&times);
        }
        let id = self.close(slot, record);
        self.rest(organizer, &scope.about(&id));
        vec![id]
    }
}

/// Whether an observation in an organizer is one that is still to be made: it is no result.
fn is_ahead(observation: Element<'_>, scope: &Scope) -> bool {
    matches!(
        EntryKind::of(observation, scope.section),
        EntryKind::PlannedService | EntryKind::Goal
    )
}

/// The guide: an organizer without a time spans those of its observations.
fn span_of(times: &[ehr_types::DateTime]) -> Option<Occurrence> {
    let (first, last) = (times.iter().min()?, times.iter().max()?);
    Some(if first == last {
        Occurrence::DateTime(*first)
    } else {
        Occurrence::Period(Period::new(Some(*first), Some(*last)))
    })
}
