//! Vital signs that FHIR has as one observation and C-CDA as several of an organizer (guide page CF-vitals).

use ehr_model::{EntryId, Observation, ObservationComponent, RecordClass};
use ehr_types::{CodeSystem, CodeableConcept, Coding};

use super::importer::{Importer, Scope};
use super::statement::{denied, has_code, time_of};
use super::vocabulary::LOINC;
use crate::template::EntryKind;
use crate::xml::Element;

const BLOOD_PRESSURE: &str = "85354-9";
const SYSTOLIC: &str = "8480-6";
const DIASTOLIC: &str = "8462-4";
/// Oxygen saturation by pulse oximetry, and by any method.
const OXIMETRY: &str = "59408-5";
const SATURATION: &str = "2708-6";
/// Inhaled oxygen: concentration and flow rate.
const INHALED: [&str; 2] = ["3150-0", "3151-8"];

impl<'d> Importer<'d> {
    /// The observation of an organizer that has one of these codes, where it is the only one and not denied.
    fn only(&self, organizer: Element<'d>, codes: &[&str]) -> Option<Element<'d>> {
        let mut found = self
            .open_related(organizer)
            .into_iter()
            .map(|(_, inner)| inner)
            .filter(|inner| {
                inner.is("observation") && codes.iter().any(|code| has_code(*inner, LOINC, code))
            });
        found
            .next()
            .filter(|inner| found.next().is_none() && !denied(*inner))
    }

    /// Systolic and diastolic pressure of one organizer, when there is exactly one of each at one time.
    pub(super) fn blood_pressure(&mut self, organizer: Element<'d>, scope: &Scope) -> Option<EntryId> {
        let systolic = self.only(organizer, &[SYSTOLIC])?;
        let diastolic = self.only(organizer, &[DIASTOLIC])?;
        if time_of(systolic) != time_of(diastolic) {
            return None;
        }
        let upper = self.observation_record(systolic, EntryKind::VitalSign, scope);
        let record = Observation {
            code: Some(CodeableConcept::from_coding(Coding::new(
                CodeSystem::LOINC.uri,
                BLOOD_PRESSURE,
            ))),
            value: None,
            data_absent_reason: None,
            interpretation: Vec::new(),
            reference_range: Vec::new(),
            component: vec![component(&upper)],
            ..upper
        };
        self.combined("blood-pressure", systolic, record, &[diastolic], scope)
    }

    /// Oxygen saturation with the oxygen inhaled at the time, when there is exactly one of each.
    pub(super) fn pulse_oximetry(&mut self, organizer: Element<'d>, scope: &Scope) -> Option<EntryId> {
        let saturation = self.only(organizer, &[OXIMETRY, SATURATION])?;
        let inhaled: Vec<_> = INHALED
            .iter()
            .filter_map(|code| self.only(organizer, &[code]))
            .filter(|inner| time_of(*inner) == time_of(saturation))
            .collect();
        if inhaled.is_empty() {
            return None;
        }
        let record = self.observation_record(saturation, EntryKind::VitalSign, scope);
        self.combined("oximetry", saturation, record, &inhaled, scope)
    }

    /// One entry out of a vital sign, read into `record` by now, and others that become its components.
    fn combined(
        &mut self,
        role: &str,
        main: Element<'d>,
        mut record: Observation,
        others: &[Element<'d>],
        scope: &Scope,
    ) -> Option<EntryId> {
        self.consume(main);
        let slot = self.open(RecordClass::Observation, main, role).ok()?;
        for other in others {
            self.consume(*other);
            self.own(&slot, *other);
            let part = self.observation_record(*other, EntryKind::VitalSign, scope);
            record.component.push(component(&part));
            for identifier in part.identifier {
                if !record.identifier.contains(&identifier) {
                    record.identifier.push(identifier);
                }
            }
            for note in part.note {
                if !record.note.contains(&note) {
                    record.note.push(note);
                }
            }
            record.body_site = record.body_site.or(part.body_site);
            record.method = record.method.or(part.method);
        }
        let id = self.close(slot, record);
        let about = scope.about(&id);
        self.rest(main, &about);
        for other in others {
            self.rest(*other, &about);
        }
        Some(id)
    }
}

fn component(part: &Observation) -> ObservationComponent {
    ObservationComponent {
        code: part.code.clone(),
        value: part.value.clone(),
        data_absent_reason: part.data_absent_reason.clone(),
        interpretation: part.interpretation.clone(),
        reference_range: part.reference_range.clone(),
    }
}

/// Saturation by pulse oximetry is saturation: US Core asks for both codes.
pub(super) fn complete_oximetry(code: &mut CodeableConcept) {
    let loinc = CodeSystem::LOINC.uri;
    if code.has_code(loinc, OXIMETRY) && !code.has_code(loinc, SATURATION) {
        code.codings.push(Coding::new(loinc, SATURATION));
    }
}
