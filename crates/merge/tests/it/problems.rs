//! Problems: episodes, sides of the body, and how they ended.

use ehr_model::{Condition, FamilyCondition, FamilyMemberHistory, Occurrence, Record, RecordClass};
use ehr_types::{CodeableConcept, Decimal, Quantity};

use crate::charts::*;

#[test]
fn a_problem_with_two_dates_is_one_problem_in_dispute() {
    let fever = |onset| problem(code(SNOMED, "386661006", "Fever"), onset, "").into();
    let record = merged(&[
        chart("a", vec![fever("2015-06-22")]),
        chart("b", vec![fever("2015-02-22")]),
    ]);
    assert_eq!(members(&record, RecordClass::Condition), [vec!["a/0", "b/0"]]);
    assert_eq!(conflicts(&record, RecordClass::Condition), ["onset[x]"]);
    // A less precise date is no disagreement.
    let record = merged(&[
        chart("a", vec![fever("2015-06-22")]),
        chart("b", vec![fever("2015")]),
    ]);
    assert_eq!(conflicts(&record, RecordClass::Condition), Vec::<String>::new());
    let Record::Condition(condition) = &record.items[0].record else {
        panic!("another class")
    };
    assert_eq!(condition.onset, Some(Occurrence::DateTime(time("2015-06-22"))));
}

#[test]
fn episodes_stay_apart() {
    let sinusitis = |onset, end| problem(code(SNOMED, "444814009", "Viral sinusitis"), onset, end).into();
    check(
        RecordClass::Condition,
        vec![
            vec![
                sinusitis("2014-04-19", "2014-05-03"),
                sinusitis("2015-08-31", "2015-09-14"),
            ],
            vec![
                sinusitis("2015-08-31T19:41:23Z", "2015-09-14T19:41:23Z"),
                sinusitis("2019-01-01", ""),
            ],
        ],
        &[&["a/0"], &["a/1", "b/0"], &["b/1"]],
    );
    // Undated: with one episode it is that one, with two nobody knows.
    check(
        RecordClass::Condition,
        vec![
            vec![sinusitis("2014-04-19", "2014-05-03")],
            vec![sinusitis("", "")],
        ],
        &[&["a/0", "b/0"]],
    );
    check(
        RecordClass::Condition,
        vec![
            vec![
                sinusitis("2014-04-19", "2014-05-03"),
                sinusitis("2015-08-31", "2015-09-14"),
            ],
            vec![sinusitis("", "")],
        ],
        &[&["a/0"], &["a/1"], &["b/0"]],
    );
}

#[test]
fn sides_of_the_body_are_two_problems() {
    let cataract = |side: &str| {
        let mut condition: Condition = problem(code(SNOMED, "193570009", "Cataract"), "2015", "");
        condition.body_site = vec![code(SNOMED, side, "")];
        Record::from(condition)
    };
    check(
        RecordClass::Condition,
        vec![vec![cataract("8966001")], vec![cataract("18944008")]],
        &[&["a/0"], &["b/0"]],
    );
}

#[test]
fn left_is_not_right_whatever_the_code() {
    let pain = |words: &str| Record::from(problem(code(SNOMED, "30989003", words), "2015", ""));
    let apart: &[&[&str]] = &[&["a/0"], &["b/0"]];
    check(
        RecordClass::Condition,
        vec![vec![pain("Left knee pain")], vec![pain("Right knee pain")]],
        apart,
    );
    check(
        RecordClass::Condition,
        vec![vec![pain("Knee pain")], vec![pain("Right knee pain")]],
        &[&["a/0", "b/0"]],
    );
    let at = |sites: &[CodeableConcept]| {
        let mut condition = problem(code(SNOMED, "22253000", "Pain"), "2015", "");
        condition.body_site = sites.to_vec();
        Record::from(condition)
    };
    let knee = || code(SNOMED, "72696002", "Knee");
    for (a, b) in [
        (
            vec![CodeableConcept::from_text("left hip")],
            vec![CodeableConcept::from_text("right hip")],
        ),
        (
            vec![CodeableConcept::from_text("hip")],
            vec![CodeableConcept::from_text("knee")],
        ),
        // A qualifier beside the place.
        (
            vec![knee(), code(SNOMED, "7771000", "")],
            vec![knee(), code(SNOMED, "24028007", "")],
        ),
    ] {
        check(RecordClass::Condition, vec![vec![at(&a)], vec![at(&b)]], apart);
    }
}

#[test]
fn an_active_problem_has_no_end() {
    let asthma = |status: &str, end: &str| {
        let mut condition = problem(code(SNOMED, "195967001", "Asthma"), "2010", end);
        condition.clinical_status = (!status.is_empty()).then(|| code("urn:clinical", status, ""));
        condition
    };
    for (other, fields) in [
        (asthma("resolved", "2015"), vec!["clinicalStatus", "abatement[x]"]),
        (asthma("", "2015"), vec!["abatement[x]"]),
    ] {
        let mut charts = [
            chart("a", vec![asthma("active", "").into()]),
            chart("b", vec![other.into()]),
        ];
        charts[0].entries[0].origin.recorded = Some(time("2020"));
        let record = merged(&charts);
        let Record::Condition(shown) = &record.items[0].record else {
            panic!("another class")
        };
        assert_eq!(shown.abatement, None);
        assert_eq!(conflicts(&record, RecordClass::Condition), fields);
    }
}

#[test]
fn what_is_over_does_not_contradict_that_there_is_none() {
    let none = || Record::from(problem(code(SNOMED, "160245001", "No current problems"), "", ""));
    let gout = |status: &str| {
        let mut condition = problem(code(SNOMED, "90560007", "Gout"), "2010", "");
        condition.clinical_status = Some(code("urn:clinical", status, ""));
        Record::from(condition)
    };
    for (status, disputed) in [("active", true), ("resolved", false)] {
        let record = merged(&[chart("a", vec![none()]), chart("b", vec![gout(status)])]);
        assert_eq!(
            !conflicts(&record, RecordClass::Condition).is_empty(),
            disputed,
            "{status}"
        );
    }
}

#[test]
fn an_age_and_words_about_the_onset_are_two_statements() {
    let gout = |onset: Occurrence| {
        let mut condition = problem(code(SNOMED, "90560007", "Gout"), "", "");
        condition.onset = Some(onset);
        Record::from(condition)
    };
    let record = merged(&[
        chart("a", vec![gout(Occurrence::Text("childhood".to_owned()))]),
        chart(
            "b",
            vec![gout(Occurrence::Age(Quantity::ucum(
                Decimal::parse("45").unwrap(),
                "a",
            )))],
        ),
    ]);
    assert_eq!(conflicts(&record, RecordClass::Condition), ["onset[x]"]);
}

#[test]
fn a_relative_whose_illness_began_at_two_ages_is_in_dispute() {
    let mother = |age: &str| {
        Record::from(FamilyMemberHistory {
            relationship: Some(CodeableConcept::from_text("mother")),
            condition: vec![FamilyCondition {
                code: Some(code(SNOMED, "254837009", "Breast cancer")),
                onset: Some(Occurrence::Age(Quantity::ucum(Decimal::parse(age).unwrap(), "a"))),
                ..FamilyCondition::default()
            }],
            ..FamilyMemberHistory::default()
        })
    };
    let own = || Record::from(problem(code(SNOMED, "254837009", "Breast cancer"), "", ""));
    let record = merged(&[
        chart("a", vec![mother("40"), own()]),
        chart("b", vec![mother("70")]),
    ]);
    assert_eq!(
        conflicts(&record, RecordClass::FamilyMemberHistory),
        ["condition.onset[x]"]
    );
    assert_eq!(members(&record, RecordClass::Condition), [["a/1"]]);
}

#[test]
fn a_doubt_of_one_source_is_not_that_of_all() {
    let depression = |verification: &str| Condition {
        verification_status: (!verification.is_empty()).then(|| code("urn:verification", verification, "")),
        ..problem(code(SNOMED, "35489007", "Depressive disorder"), "", "")
    };
    for (doubt, disputed) in [
        ("differential", true),
        ("provisional", true),
        ("unconfirmed", true),
        ("confirmed", false),
    ] {
        let record = merged(&[
            chart("a", vec![depression("").into()]),
            chart("b", vec![depression(doubt).into()]),
        ]);
        let said = sides(&record, RecordClass::Condition, "verificationStatus");
        assert_eq!(!said.is_empty(), disputed, "{doubt}: {said:?}");
    }
}

/// Deep vein thrombosis with a clinical status, as it was recorded at a time.
fn thrombosis(status: &str, onset: &str) -> Condition {
    Condition {
        clinical_status: state("urn:status", status),
        ..problem(code(SNOMED, "128053003", "Deep vein thrombosis"), onset, "")
    }
}

fn the_problem(record: &ehr_model::HealthRecord) -> Condition {
    let mut items = record.of_class(RecordClass::Condition);
    match (items.next().map(|item| &item.record), items.next()) {
        (Some(Record::Condition(condition)), None) => (**condition).clone(),
        _ => panic!("one problem"),
    }
}

#[test]
fn what_lasts_is_not_shown_as_over() {
    let charts = [
        chart("a", vec![thrombosis("resolved", "2016").into()]),
        chart("b", vec![thrombosis("active", "2022").into()]),
    ];
    assert_eq!(merged(&charts).items.len(), 2, "it came back");
    for (first, second) in [("active", "resolved"), ("resolved", "active")] {
        let mut charts = [
            chart("a", vec![thrombosis(first, "2016").into()]),
            chart("b", vec![thrombosis(second, "2016").into()]),
        ];
        for (chart, at) in charts.iter_mut().zip(["2024-01-01", "2024-01-02"]) {
            chart.entries[0].origin.recorded = Some(time(at));
        }
        let record = merged(&charts);
        assert_eq!(
            the_problem(&record).clinical_status,
            state("urn:status", "active")
        );
        assert_eq!(conflicts(&record, RecordClass::Condition), ["clinicalStatus"]);
        // One sender that says it is over by now has the last word.
        for chart in &mut charts {
            chart.source.organization = Some("Clinic".into());
            chart.source.system = Some("EMR".into());
        }
        let shown = the_problem(&merged(&charts)).clinical_status;
        assert_eq!(shown, state("urn:status", second));
    }
}

#[test]
fn who_refutes_does_not_strike_what_another_confirmed() {
    let diabetes = |verification: &str| Condition {
        verification_status: state("urn:verification", verification),
        ..problem(code(SNOMED, "44054006", "Type 2 diabetes"), "2015", "")
    };
    let mut charts = [
        chart("a", vec![diabetes("confirmed").into()]),
        chart("b", vec![diabetes("refuted").into()]),
    ];
    for (chart, at) in charts.iter_mut().zip(["2024-01-01", "2024-01-02"]) {
        chart.entries[0].origin.recorded = Some(time(at));
    }
    let record = merged(&charts);
    assert_eq!(
        the_problem(&record).verification_status,
        state("urn:verification", "confirmed")
    );
    assert_eq!(
        sides(&record, RecordClass::Condition, "verificationStatus"),
        [["confirmed", "refuted"]]
    );
}

#[test]
fn what_began_by_one_source_does_not_end_by_the_age_of_another() {
    let asthma = |onset: &str, end: &str| problem(code(SNOMED, "195967001", "Asthma"), onset, end);
    let record = merged(&[
        chart("a", vec![asthma("2012-08-06", "").into()]),
        chart("b", vec![asthma("1985", "1990").into()]),
    ]);
    if record.of_class(RecordClass::Condition).count() == 1 {
        let shown = the_problem(&record);
        assert!(shown.abatement.is_none() || shown.onset == asthma("1985", "").onset);
        assert!(conflicts(&record, RecordClass::Condition).contains(&"abatement[x]".to_owned()));
    }
}

#[test]
fn undated_diagnoses_of_visits_years_apart_are_two() {
    let visit = |at: &str| {
        Record::from(ehr_model::Encounter {
            period: Some(ehr_types::Period::new(Some(time(at)), None)),
            ..ehr_model::Encounter::default()
        })
    };
    let infarction = |source: &str| {
        let visit = ehr_model::EntryId::derive(RecordClass::Encounter, &[source, "0"]);
        Record::from(Condition {
            encounter: Some(ehr_model::Reference::to(&visit)),
            ..problem(
                code(
                    "http://hl7.org/fhir/sid/icd-10-cm",
                    "I21.9",
                    "Acute myocardial infarction",
                ),
                "",
                "",
            )
        })
    };
    for (second, expected) in [("2023-02-01", 2), ("2015-03-09", 1)] {
        let record = merged(&[
            chart("a", vec![visit("2015-03-01"), infarction("a")]),
            chart("b", vec![visit(second), infarction("b")]),
        ]);
        assert_eq!(
            record.of_class(RecordClass::Condition).count(),
            expected,
            "{second}"
        );
    }
}
