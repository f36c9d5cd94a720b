//! What happens once: procedures, vaccinations, encounters.

use ehr_model::{
    Encounter, Immunization, MedicationDispense, MedicationRequest, Occurrence, Procedure, Record,
    RecordClass, Status,
};
use ehr_types::{CodeableConcept, Decimal, Identifier, Quantity};

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

#[test]
fn refused_on_one_day_and_given_on_another_are_two() {
    let flu = |at: &str, status: &str, reason: &str| Immunization {
        vaccine_code: Some(code("http://hl7.org/fhir/sid/cvx", "140", "Influenza")),
        occurrence: (!at.is_empty()).then(|| Occurrence::DateTime(time(at))),
        status: Some(Status::fhir(status)),
        status_reason: (!reason.is_empty()).then(|| CodeableConcept::from_text(reason)),
        ..Immunization::default()
    };
    for (at, together) in [("2020-10-03", false), ("", false), ("2020-10-01", true)] {
        let mut charts = [
            chart("a", vec![flu("2020-10-01", "completed", "").into()]),
            chart("b", vec![flu(at, "not-done", "refused").into()]),
        ];
        charts[0].entries[0].origin.recorded = Some(time("2021"));
        let record = merged(&charts);
        assert_eq!(record.items.len() == 1, together, "{at}");
        if together {
            assert_eq!(conflicts(&record, RecordClass::Immunization), ["status"]);
            let Record::Immunization(shown) = &record.items[0].record else {
                panic!("another class")
            };
            assert_eq!(
                shown.status_reason, None,
                "a reason for what was not done is none for what was"
            );
        }
    }
    // Known by the year alone: of two doses nobody knows which.
    check(
        RecordClass::Immunization,
        vec![
            vec![
                flu("2020-01-05", "completed", "").into(),
                flu("2020-10-01", "completed", "").into(),
            ],
            vec![flu("2020", "completed", "").into()],
        ],
        &[&["a/0"], &["a/1"], &["b/0"]],
    );
}

#[test]
fn the_other_eye_on_the_next_day_is_another_operation() {
    let cataract = |at: &str, words: &str, status: &str| {
        Record::from(Procedure {
            code: Some(code(SNOMED, "54885007", words)),
            performed: Some(Occurrence::DateTime(time(at))),
            status: Some(Status::fhir(status)),
            ..Procedure::default()
        })
    };
    let left = || cataract("2019-03-14", "Cataract extraction, left eye", "completed");
    for (other, together) in [
        (
            cataract("2019-03-15", "Cataract extraction, right eye", "completed"),
            false,
        ),
        (
            cataract("2019-03-15", "Cataract extraction, left eye", "completed"),
            true,
        ),
        (
            cataract("2019-03-15", "Cataract extraction, left eye", "not-done"),
            false,
        ),
        (
            cataract("2019-03-14", "Cataract extraction, left eye", "not-done"),
            true,
        ),
    ] {
        let record = merged(&[chart("a", vec![left()]), chart("b", vec![other])]);
        assert_eq!(record.items.len() == 1, together);
    }
}

#[test]
fn an_order_without_a_namespace_is_one_within_its_source() {
    let order = |status: &str| {
        Record::from(MedicationRequest {
            identifier: vec![Identifier {
                value: Some("77".to_owned()),
                ..Identifier::default()
            }],
            medication: Some(code(RXNORM, "314076", "Lisinopril 10 MG")),
            status: Some(Status::fhir(status)),
            ..MedicationRequest::default()
        })
    };
    check(
        RecordClass::MedicationRequest,
        vec![vec![order("active"), order("stopped")]],
        &[&["a/0", "a/1"]],
    );
}

#[test]
fn who_did_not_give_a_vaccine_says_nothing_of_the_dose() {
    let refused = Immunization {
        vaccine_code: Some(code("http://hl7.org/fhir/sid/cvx", "33", "PPV23")),
        status: Some(Status::fhir("not-done")),
        occurrence: Some(Occurrence::DateTime(time("2024-05-01"))),
        ..Immunization::default()
    };
    let given = Immunization {
        status: Some(Status::fhir("completed")),
        lot_number: Some("PN9".into()),
        ..refused.clone()
    };
    for (first, lot) in [("a", None), ("b", Some("PN9"))] {
        let charts = [
            chart("a", vec![refused.clone().into()]),
            chart("b", vec![given.clone().into()]),
        ];
        let policy = ehr_merge::Policy {
            prefer: vec![first.to_owned()],
            ..ehr_merge::Policy::default()
        };
        let record = ehr_merge::merge("p", &charts, &policy);
        assert_eq!(conflicts(&record, RecordClass::Immunization), ["status"]);
        let Record::Immunization(shown) = &record.items[0].record else {
            panic!("another class")
        };
        assert_eq!(shown.lot_number.as_deref(), lot, "{first}");
    }
}

#[test]
fn two_doses_of_a_series_are_two() {
    let rabies = |day: &str, lot: &str| {
        vec![Record::from(Immunization {
            vaccine_code: Some(code("http://hl7.org/fhir/sid/cvx", "175", "Rabies vaccine")),
            occurrence: Some(Occurrence::DateTime(time(day))),
            lot_number: (!lot.is_empty()).then(|| lot.to_owned()),
            ..Immunization::default()
        })]
    };
    let class = RecordClass::Immunization;
    check(
        class,
        vec![rabies("2023-06-01", "RAB1"), rabies("2023-06-04", "RAB9")],
        &[&["a/0"], &["b/0"]],
    );
    check(
        class,
        vec![rabies("2023-06-01", "RAB1"), rabies("2023-06-02", "RAB1")],
        &[&["a/0", "b/0"]],
    );
    check(
        class,
        vec![rabies("2023-06-01", "RAB1"), rabies("2023-06-01", "RAB9")],
        &[&["a/0", "b/0"]],
    );
}

#[test]
fn another_quantity_on_another_day_is_another_dispense() {
    let handed_out = |day: &str, tablets: &str| {
        vec![Record::from(MedicationDispense {
            medication: Some(code(RXNORM, "7804", "Oxycodone")),
            when_handed_over: Some(time(day)),
            quantity: Some(Quantity::ucum(Decimal::parse(tablets).unwrap(), "{tbl}")),
            ..MedicationDispense::default()
        })]
    };
    let class = RecordClass::MedicationDispense;
    check(
        class,
        vec![handed_out("2023-01-01", "30"), handed_out("2023-01-02", "90")],
        &[&["a/0"], &["b/0"]],
    );
    check(
        class,
        vec![handed_out("2023-01-01", "30"), handed_out("2023-01-02", "30")],
        &[&["a/0", "b/0"]],
    );
}
