//! Results that their source corrects, withdraws or cancels.

use ehr_model::{Chart, Observation, Occurrence, Record, RecordClass, Value};
use ehr_types::{CodeableConcept, Decimal, Identifier};

use crate::charts::*;

#[test]
fn a_corrected_result_is_shown_and_its_first_version_kept() {
    let potassium = |value, status| {
        Record::from(result(
            code(LOINC, "2823-3", "Potassium"),
            "2020-01-02T08:00:00Z",
            value,
            "mmol/L",
            status,
        ))
    };
    let record = merged(&[
        chart(
            "lab",
            vec![potassium("6.4", "final"), potassium("4.6", "corrected")],
        ),
        chart("clinic", vec![potassium("6.4", "final")]),
    ]);
    assert_eq!(
        members(&record, RecordClass::Observation),
        [vec!["clinic/0", "lab/0", "lab/1"]]
    );
    let Record::Observation(shown) = &record.items[0].record else {
        panic!("another class")
    };
    assert!(shown.status.as_ref().unwrap().is("corrected"));
    assert!(matches!(&shown.value, Some(Value::Quantity(q)) if q.value == Decimal::parse("4.6").ok()));
    assert_eq!(
        conflicts(&record, RecordClass::Observation),
        ["status", "value[x]"]
    );
}

#[test]
fn flags_of_a_result_that_was_corrected_go_with_it() {
    let potassium = |value: &str, status: &str, flag: &str| Observation {
        interpretation: vec![CodeableConcept::from_text(flag)],
        ..result(
            code(LOINC, "2823-3", "Potassium"),
            "2026-09-20T08:15:00-04:00",
            value,
            "mmol/L",
            status,
        )
    };
    let record = merged(&[
        chart(
            "lab",
            vec![
                potassium("6.9", "final", "HH").into(),
                potassium("4.4", "corrected", "N").into(),
            ],
        ),
        chart("clinic", vec![potassium("4.4", "final", "normal").into()]),
    ]);
    let item = record.of_class(RecordClass::Observation).next().unwrap();
    assert_eq!(item.members.len(), 3);
    let Record::Observation(shown) = &item.record else {
        panic!("an observation");
    };
    let flags: Vec<_> = shown
        .interpretation
        .iter()
        .filter_map(CodeableConcept::label)
        .collect();
    assert_eq!(
        flags,
        ["N", "normal"],
        "the critical flag belongs to the result that was withdrawn"
    );
}

#[test]
fn a_correction_joins_the_only_result_of_its_day_or_none() {
    let glucose = |value: &str, status: &str| {
        Record::from(result(
            code(LOINC, "2345-7", "Glucose"),
            "2026-03-01",
            value,
            "mg/dL",
            status,
        ))
    };
    let one = vec![glucose("98", "final"), glucose("89", "corrected")];
    check(RecordClass::Observation, vec![one], &[&["a/0", "a/1"]]);
    let two = vec![
        glucose("98", "final"),
        glucose("140", "final"),
        glucose("89", "corrected"),
    ];
    check(
        RecordClass::Observation,
        vec![two],
        &[&["a/0"], &["a/1"], &["a/2"]],
    );
}

fn taken_back(status: &str) -> Observation {
    Observation {
        value: None,
        data_absent_reason: state(
            "http://terminology.hl7.org/CodeSystem/data-absent-reason",
            "error",
        ),
        ..potassium("6.9", status)
    }
}

#[test]
fn a_result_that_was_taken_back_is_not_shown() {
    // By its own source, which gives no ids.
    for withdrawal in [
        taken_back("corrected"),
        taken_back("entered-in-error"),
        potassium("6.9", "entered-in-error"),
    ] {
        let mut lab = chart(
            "lab",
            vec![potassium("6.9", "final").into(), withdrawal.clone().into()],
        );
        for entry in &mut lab.entries {
            entry.origin.native_id = None;
        }
        let record = merged(&[lab]);
        let shown = shown(&record);
        assert!(!shown.status.as_ref().unwrap().is("final"));
        assert_eq!(shown.value.is_some(), withdrawal.value.is_some());
        assert!(conflicts(&record, RecordClass::Observation).contains(&"status".to_owned()));
    }
}

#[test]
fn a_withdrawn_result_lends_nothing_to_others() {
    let record = merged(&[
        chart("a", vec![taken_back("final").into()]),
        chart("b", vec![potassium("6.9", "entered-in-error").into()]),
    ]);
    for item in record
        .of_class(RecordClass::Observation)
        .filter(|item| item.members.len() == 2)
    {
        let Record::Observation(shown) = &item.record else {
            panic!("another class")
        };
        assert_eq!(shown.value, None);
    }
    let record = merged(&[
        chart("a", vec![potassium("6.9", "final").into()]),
        chart("b", vec![potassium("6.9", "entered-in-error").into()]),
    ]);
    assert!(shown(&record).status.unwrap().is("final"));
    assert_eq!(conflicts(&record, RecordClass::Observation), ["status"]);
}

#[test]
fn the_number_of_a_withdrawn_result_withdraws_its_copies() {
    let numbered = |status: &str| Observation {
        identifier: vec![Identifier::new("urn:lab", "F1-2823")],
        ..potassium("6.9", status)
    };
    let record = merged(&[
        chart("clinic", vec![numbered("final").into()]),
        chart("lab", vec![numbered("entered-in-error").into()]),
    ]);
    assert!(shown(&record).status.unwrap().is("entered-in-error"));
    assert_eq!(conflicts(&record, RecordClass::Observation), ["status"]);
}

/// What one laboratory sends of a potassium, a file each.
fn sent(number: usize, at: &str, value: &str, status: &str) -> Chart {
    let mut file = chart(
        &format!("lab/{number}"),
        vec![
            Observation {
                identifier: vec![Identifier::new("urn:lab", "F1-2823")],
                effective: Some(Occurrence::DateTime(time(at))),
                ..potassium(value, status)
            }
            .into(),
        ],
    );
    file.source.organization = Some("HOSP".to_owned());
    file.source.system = Some("LAB".to_owned());
    for entry in &mut file.entries {
        entry.origin.recorded = Some(time(&format!("2020-01-02T0{number}:30:00Z")));
    }
    file
}

#[test]
fn the_last_word_of_the_only_sender_is_that_there_is_no_result() {
    const AT: &str = "2020-01-02T08:00:00Z";
    let history = [
        sent(1, AT, "6.9", "preliminary"),
        sent(2, AT, "6.9", "final"),
        sent(3, AT, "4.2", "corrected"),
        sent(4, AT, "4.2", "cancelled"),
    ];
    let status = |charts: &[Chart]| shown(&merged(charts)).status.unwrap().code.unwrap();
    assert_eq!(status(&history), "cancelled");
    assert_eq!(
        sides(&merged(&history), RecordClass::Observation, "status")[0][0],
        "cancelled"
    );
    // What it said after that, and what another says, is not cancelled.
    let [first, second, third, mut fourth] = history;
    fourth.entries[0].origin.recorded = Some(time("2020-01-02T00:30:00Z"));
    assert_eq!(
        status(&[first.clone(), second.clone(), third.clone(), fourth.clone()]),
        "corrected"
    );
    fourth.source.organization = Some("OTHER".to_owned());
    fourth.entries[0].origin.recorded = Some(time("2020-01-02T09:30:00Z"));
    assert_eq!(status(&[first, second, third, fourth]), "corrected");
}

#[test]
fn a_time_that_lacks_its_zone_or_its_seconds_is_one_time() {
    for (a, b) in [
        ("2020-01-02T08:00:00-05:00", "20200102080000"),
        ("2020-01-02T08:00:00-05:00", "202001020800"),
        ("202001020800", "20200102080015"),
    ] {
        for (value, status) in [("6.9", "final"), ("4.4", "corrected"), ("4.4", "final")] {
            let mut charts = [sent(1, a, "6.9", "final"), sent(2, b, value, status)];
            for entry in charts.iter_mut().flat_map(|chart| &mut chart.entries) {
                if let Record::Observation(observation) = &mut entry.record {
                    observation.identifier.clear();
                }
            }
            let record = merged(&charts);
            assert_eq!(
                record.of_class(RecordClass::Observation).count(),
                1,
                "{a} {b} {value} {status}"
            );
        }
    }
    // Another time is another result.
    let record = merged(&[
        sent(1, "2020-01-02T08:00:00-05:00", "6.9", "final"),
        chart(
            "clinic",
            vec![
                Observation {
                    effective: Some(Occurrence::DateTime(time("20200102081000"))),
                    ..potassium("6.9", "final")
                }
                .into(),
            ],
        ),
    ]);
    assert_eq!(record.of_class(RecordClass::Observation).count(), 2);
}
