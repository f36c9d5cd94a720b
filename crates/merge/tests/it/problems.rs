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
