//! Records that their source takes back.
//!
//! A deletion (OBX-11 `D` and `W`, RXA-21 `D`, IAM-6 `D`, …) speaks of what was sent before. That stays in the chart as a former
//! version, and would by itself still read as a plain fact: so it is marked as entered in error too.

use ehr_model::{Record, Status};
use ehr_types::{CodeableConcept, Coding};

pub(super) const IN_ERROR: &str = "entered-in-error";
pub(super) const ALLERGY_VERIFICATION: &str =
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
pub(super) const CONDITION_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";

/// The status that says whether a record still stands.
fn status(record: &mut Record) -> Option<&mut Option<Status>> {
    Some(match record {
        Record::Observation(it) => &mut it.status,
        Record::Immunization(it) => &mut it.status,
        Record::MedicationAdministration(it) => &mut it.status,
        Record::Procedure(it) => &mut it.status,
        Record::Goal(it) => &mut it.lifecycle_status,
        Record::Appointment(it) => &mut it.status,
        Record::DocumentReference(it) => &mut it.status,
        _ => return None,
    })
}

/// The verification that says so, and its code system.
fn verification(record: &mut Record) -> Option<(&mut Option<CodeableConcept>, &'static str)> {
    Some(match record {
        Record::AllergyIntolerance(it) => (&mut it.verification_status, ALLERGY_VERIFICATION),
        Record::Condition(it) => (&mut it.verification_status, CONDITION_VERIFICATION),
        _ => return None,
    })
}

/// Whether a record says that it was entered in error.
pub(super) fn is_withdrawn(record: &mut Record) -> bool {
    if let Some(status) = status(record) {
        return status.as_ref().is_some_and(|status| status.is(IN_ERROR));
    }
    verification(record).is_some_and(|(concept, system)| {
        concept
            .as_ref()
            .is_some_and(|concept| concept.has_code(system, IN_ERROR))
    })
}

/// Marks a former version as entered in error, beside the status that the source gave it.
pub(super) fn withdraw(record: &mut Record) {
    if is_withdrawn(record) {
        return;
    }
    if let Some(status) = status(record) {
        status.get_or_insert_default().code = Some(IN_ERROR.to_owned());
    } else if let Some((concept, system)) = verification(record) {
        concept
            .get_or_insert_default()
            .codings
            .insert(0, Coding::new(system, IN_ERROR));
    }
}
