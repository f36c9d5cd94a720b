//! Names under one code: codes that stand for whatever has none, names that contradict, sides in short.

use ehr_model::{HealthRecord, MedicationRequest, Procedure, Record, RecordClass};
use ehr_types::{CodeableConcept, Coding};

use crate::charts::*;

/// A concept whose only name is the display of its code.
fn displayed(system: &str, code: &str, display: &str) -> CodeableConcept {
    CodeableConcept::from_coding(Coding::new(system, code).with_display(display))
}

const OWN: &str = "urn:id:HOSP:L";

#[test]
fn a_code_for_whatever_has_none_joins_nothing() {
    for code in ["OTHER", "FREETEXT", "1"] {
        let to = |name: &str| Record::from(allergy(displayed(OWN, code, name)));
        check(
            RecordClass::AllergyIntolerance,
            vec![
                vec![to("Shellfish"), to("Bee sting"), to("Morphine")],
                vec![to("Peanut"), to("MORPHINE")],
            ],
            &[&["a/0"], &["a/1"], &["a/2", "b/1"], &["b/0"]],
        );
        let order = |name: &str| {
            Record::from(MedicationRequest {
                medication: Some(displayed(OWN, code, name)),
                ..MedicationRequest::default()
            })
        };
        check(
            RecordClass::MedicationRequest,
            vec![
                vec![order("Warfarin")],
                vec![order("Methotrexate")],
                vec![order("Digoxin")],
            ],
            &[&["a/0"], &["b/0"], &["c/0"]],
        );
    }
}

#[test]
fn what_a_catch_all_stands_beside_is_not_its_translation() {
    let both = |name: &str, standard: &str| {
        let mut concept = displayed(OWN, "7", name);
        concept.codings.push(Coding::new(SNOMED, standard));
        Record::from(problem(concept, "", ""))
    };
    check(
        RecordClass::Condition,
        vec![
            vec![both("Asthma", "195967001")],
            vec![problem(displayed(OWN, "7", "Pneumonia"), "", "").into()],
            vec![problem(displayed(SNOMED, "195967001", "Asthma"), "", "").into()],
        ],
        &[&["a/0", "c/0"], &["b/0"]],
    );
}

#[test]
fn a_local_code_with_names_that_share_a_word_is_one() {
    let to = |name: &str| vec![Record::from(allergy(displayed(OWN, "12", name)))];
    check(
        RecordClass::AllergyIntolerance,
        vec![
            to("Penicillin"),
            to("PENICILLIN G"),
            to("Penicillins (substance)"),
        ],
        &[&["a/0", "b/0", "c/0"]],
    );
}

/// Two sources with one problem under one code.
fn two_problems(code: &str, a: &str, b: &str) -> HealthRecord {
    let told = |name: &str| vec![Record::from(problem(displayed(SNOMED, code, name), "", ""))];
    merged(&[chart("a", told(a)), chart("b", told(b))])
}

#[test]
fn synonyms_of_a_standard_code_are_one_and_contradictions_are_told() {
    for (a, b, disputed) in [
        ("Hypertension", "HTN", false),
        ("Myocardial infarction", "MI", false),
        ("Malignant neoplastic disease", "Respiratory insufficiency", true),
        ("Type 1 diabetes", "Type 2 diabetes", true),
        ("Acute bronchitis", "Chronic bronchitis", true),
    ] {
        let record = two_problems("409623005", a, b);
        assert_eq!(
            members(&record, RecordClass::Condition),
            [["a/0", "b/0"]],
            "{a} {b}"
        );
        let told = sides(&record, RecordClass::Condition, "code");
        assert_eq!(told.len() == 1 && told[0] == [a, b], disputed, "{told:?}");
    }
}

#[test]
fn one_source_that_gives_two_names_to_a_code_means_two() {
    let told = |name: &str| Record::from(problem(displayed(SNOMED, "409623005", name), "", ""));
    check(
        RecordClass::Condition,
        vec![vec![
            told("Malignant neoplastic disease"),
            told("Respiratory insufficiency"),
        ]],
        &[&["a/0"], &["a/1"]],
    );
}

#[test]
fn a_side_in_short_is_a_side() {
    for (left, right) in [
        ("TKR (L)", "TKR (R)"),
        ("TKR Lt", "TKR Rt"),
        ("Cataract OS", "Cataract OD"),
        ("LLE DVT", "RLE DVT"),
        ("bilat TKR", "right TKR"),
    ] {
        let done = |words: &str| {
            vec![Record::from(Procedure {
                code: Some(code(SNOMED, "609588000", words)),
                ..Procedure::default()
            })]
        };
        check(
            RecordClass::Procedure,
            vec![done(left), done(right)],
            &[&["a/0"], &["b/0"]],
        );
    }
}
