//! What happens once: procedures, vaccinations, encounters.

use ehr_model::{Encounter, Occurrence, Procedure, Record, RecordClass};
use ehr_types::Identifier;

use crate::charts::*;

#[test]
fn a_slip_of_one_day_is_one_procedure() {
    let colonoscopy = |at: &str| {
        Record::from(Procedure {
            code: Some(code(SNOMED, "73761001", "Colonoscopy")),
            performed: Some(Occurrence::DateTime(time(at))),
            ..Procedure::default()
        })
    };
    check(
        RecordClass::Procedure,
        vec![
            vec![
                colonoscopy("2019-03-14T02:39:21+00:00"),
                colonoscopy("2019-03-15T02:39:21+00:00"),
            ],
            vec![colonoscopy("2019-03-16T02:39:21+00:00")],
            vec![colonoscopy("2019-03-14")],
        ],
        &[&["a/0", "c/0"], &["a/1", "b/0"]],
    );
}

#[test]
fn a_visit_number_is_one_encounter_and_classes_keep_apart() {
    let visit = |number: Option<&str>, start: &str, class: &str| {
        Record::from(Encounter {
            identifier: number
                .map(|n| Identifier::new("urn:hospital:visit", n))
                .into_iter()
                .collect(),
            type_: vec![code(SNOMED, "185345009", "Encounter for symptom")],
            class: Some(ehr_types::Coding::new(
                "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                class,
            )),
            period: Some(ehr_types::Period::new(Some(time(start)), None)),
            ..Encounter::default()
        })
    };
    check(
        RecordClass::Encounter,
        vec![
            vec![
                visit(Some("1"), "2020-01-02T08:00:00Z", "AMB"),
                visit(None, "2021-01-02T08:00:00Z", "AMB"),
            ],
            vec![
                visit(Some("1"), "2020-01-03", "AMB"),
                visit(None, "2021-01-02", "AMB"),
            ],
            vec![visit(None, "2021-01-02T08:00:00Z", "EMER")],
        ],
        &[&["a/0", "b/0"], &["a/1", "b/1"], &["c/0"]],
    );
}
