//! "None known" of a list beside what another source lists.

use ehr_model::{
    Condition, Device, Immunization, MedicationStatement, Procedure, Record, RecordClass, Reference, Status,
};
use ehr_types::CodeableConcept;

use crate::charts::*;

const SUMMARY: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";
const CVX: &str = "http://hl7.org/fhir/sid/cvx";

fn vaccination(concept: CodeableConcept, status: &str) -> Record {
    Immunization {
        vaccine_code: Some(concept),
        status: Some(Status::fhir(status)),
        ..Immunization::default()
    }
    .into()
}

fn procedure(concept: CodeableConcept, status: &str) -> Record {
    Procedure {
        code: Some(concept),
        status: Some(Status::fhir(status)),
        ..Procedure::default()
    }
    .into()
}

fn device(concept: CodeableConcept, patient: bool) -> Record {
    Device {
        type_: Some(concept),
        patient: patient.then(Reference::default),
        ..Device::default()
    }
    .into()
}

fn problem(concept: CodeableConcept) -> Record {
    Condition {
        code: Some(concept),
        ..Condition::default()
    }
    .into()
}

fn taken(concept: CodeableConcept) -> Record {
    MedicationStatement {
        medication: Some(concept),
        status: Some(Status::fhir("active")),
        ..MedicationStatement::default()
    }
    .into()
}

/// How many items are in dispute, of a denial of one source and what another says.
fn disputes(denial: Record, present: Record) -> usize {
    let record = merged(&[chart("a", vec![denial]), chart("b", vec![present])]);
    assert_eq!(record.items.len(), 2);
    record
        .items
        .iter()
        .filter(|item| !item.conflicts.is_empty())
        .count()
}

#[test]
fn none_known_stands_against_what_is_there() {
    let pacemaker = || code(SNOMED, "14106009", "Pacemaker");
    let flu = || code(CVX, "140", "Influenza");
    let appendectomy = || code(SNOMED, "80146002", "Appendectomy");
    let summary = |name: &str| code(SUMMARY, name, "");
    for (denial, present, expected) in [
        (
            vaccination(summary("no-known-immunizations"), "not-done"),
            vaccination(flu(), "completed"),
            1,
        ),
        (
            vaccination(code(SNOMED, "787482006", ""), "completed"),
            vaccination(flu(), "completed"),
            1,
        ),
        (
            vaccination(summary("no-known-immunizations"), "not-done"),
            vaccination(flu(), "not-done"),
            0,
        ),
        (
            vaccination(summary("no-known-immunizations"), "entered-in-error"),
            vaccination(flu(), "completed"),
            0,
        ),
        // Refused is not none.
        (
            vaccination(code(CVX, "08", "Hep B"), "not-done"),
            vaccination(flu(), "completed"),
            0,
        ),
        (
            procedure(summary("no-known-procedures"), "not-done"),
            procedure(appendectomy(), "completed"),
            1,
        ),
        (
            procedure(summary("no-known-procedures"), "not-done"),
            procedure(appendectomy(), "not-done"),
            0,
        ),
        (
            procedure(summary("no-known-procedures"), "not-done"),
            procedure(appendectomy(), "preparation"),
            0,
        ),
        // As documents say it, and as records of devices do.
        (
            procedure(summary("no-known-devices"), "not-done"),
            device(pacemaker(), true),
            1,
        ),
        (
            device(summary("no-known-devices"), true),
            device(pacemaker(), true),
            1,
        ),
        (
            procedure(summary("no-known-devices"), "not-done"),
            procedure(appendectomy(), "completed"),
            0,
        ),
        // An analyser is no device of the patient.
        (
            procedure(summary("no-known-devices"), "not-done"),
            device(pacemaker(), false),
            0,
        ),
        (
            problem(CodeableConcept::from_text("No known problems")),
            problem(CodeableConcept::from_text("Asthma")),
            1,
        ),
        (
            taken(CodeableConcept::from_text("None")),
            taken(CodeableConcept::from_text("Aspirin")),
            1,
        ),
    ] {
        let shown = format!(
            "{:?} {:?}",
            denial.concept().and_then(CodeableConcept::label),
            present.concept().and_then(CodeableConcept::label)
        );
        assert_eq!(disputes(denial, present), expected, "{shown}");
    }
}

#[test]
fn a_denial_on_another_list_denies_what_it_names() {
    let asthma = || problem(CodeableConcept::from_text("Asthma"));
    let peanut = || Record::from(allergy(CodeableConcept::from_text("Peanut")));
    for said in [
        CodeableConcept::from_text("No known allergies"),
        code(SNOMED, "716186003", "No known allergy"),
    ] {
        assert_eq!(disputes(problem(said.clone()), asthma()), 0);
        assert_eq!(disputes(problem(said), peanut()), 1);
    }
    for text in [
        "No known heart disease",
        "No known family history of diabetes",
        "No known medications on file",
    ] {
        assert_eq!(
            disputes(problem(CodeableConcept::from_text(text)), asthma()),
            0,
            "{text}"
        );
        // Nor is it a problem.
        let none = problem(code(SNOMED, "160245001", "No known problems"));
        assert_eq!(
            disputes(none, problem(CodeableConcept::from_text(text))),
            0,
            "{text}"
        );
    }
}

#[test]
fn silence_is_no_denial() {
    let record = merged(&[
        chart("a", vec![problem(CodeableConcept::from_text("Asthma"))]),
        chart("b", vec![vaccination(code(CVX, "140", "Influenza"), "completed")]),
    ]);
    assert_eq!(record.of_class(RecordClass::Procedure).count(), 0);
    assert!(record.items.iter().all(|item| item.conflicts.is_empty()));
}
