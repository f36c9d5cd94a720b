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

/// Where a record says whether it still stands.
enum Standing<'r> {
    Status(&'r mut Option<Status>),
    Verification(&'r mut Option<CodeableConcept>, &'static str),
}

fn standing(record: &mut Record) -> Option<Standing<'_>> {
    Some(match record {
        Record::AllergyIntolerance(it) => {
            Standing::Verification(&mut it.verification_status, ALLERGY_VERIFICATION)
        }
        Record::Condition(it) => Standing::Verification(&mut it.verification_status, CONDITION_VERIFICATION),
        Record::Observation(it) => Standing::Status(&mut it.status),
        Record::Immunization(it) => Standing::Status(&mut it.status),
        Record::MedicationAdministration(it) => Standing::Status(&mut it.status),
        Record::Procedure(it) => Standing::Status(&mut it.status),
        Record::Goal(it) => Standing::Status(&mut it.lifecycle_status),
        Record::Appointment(it) => Standing::Status(&mut it.status),
        Record::DocumentReference(it) => Standing::Status(&mut it.status),
        _ => return None,
    })
}

/// Whether a record says that it was entered in error.
pub(super) fn is_withdrawn(record: &mut Record) -> bool {
    match standing(record) {
        Some(Standing::Status(status)) => status.as_ref().is_some_and(|status| status.is(IN_ERROR)),
        Some(Standing::Verification(concept, system)) => concept
            .as_ref()
            .is_some_and(|concept| concept.has_code(system, IN_ERROR)),
        None => false,
    }
}

/// Marks a former version as entered in error, beside the status that the source gave it.
pub(super) fn withdraw(record: &mut Record) {
    if is_withdrawn(record) {
        return;
    }
    match standing(record) {
        Some(Standing::Status(status)) => {
            status.get_or_insert_default().code = Some(IN_ERROR.to_owned());
        }
        Some(Standing::Verification(concept, system)) => {
            concept
                .get_or_insert_default()
                .codings
                .insert(0, Coding::new(system, IN_ERROR));
        }
        None => {}
    }
}
