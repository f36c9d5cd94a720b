//! Results: rounding, units, panels, corrections and withdrawals.

use ehr_model::{
    DiagnosticReport, EntryId, Observation, ObservationComponent, Occurrence, Record, RecordClass, Reference,
    Value,
};
use ehr_types::{CodeableConcept, Decimal, Quantity};

use crate::charts::*;

#[test]
fn results_agree_after_rounding_conversion_and_loss_of_precision() {
    let height =
        |at, value, unit| result(code(LOINC, "8302-2", "Body Height"), at, value, unit, "final").into();
    check(
        RecordClass::Observation,
        vec![
            vec![
                height("1985-08-24T02:39:21+00:00", "176.59400043386583", "cm"),
                height("1986-08-30T02:39:21+00:00", "176.59400043386583", "cm"),
            ],
            vec![
                height("1985-08-24", "69.5", "[in_i]"),
                height("1986-08-30T02:39:21Z", "176.6", "cm"),
            ],
            vec![
                height("1985-08-24T02:39:21Z", "180", "cm"),
                height("1986-08-30", "180", "cm"),
            ],
        ],
        &[&["a/0", "b/0"], &["a/1", "b/1"], &["c/0"], &["c/1"]],
    );
}

#[test]
fn two_values_at_one_moment_are_in_dispute() {
    let glucose = |value| {
        result(
            code(LOINC, "2345-7", "Glucose"),
            "2020-01-02T08:00:00Z",
            value,
            "mg/dL",
            "final",
        )
        .into()
    };
    let record = merged(&[chart("a", vec![glucose("98")]), chart("b", vec![glucose("89")])]);
    assert_eq!(conflicts(&record, RecordClass::Observation), ["value[x]"]);
    let values: Vec<_> = record.items[0].conflicts[0]
        .values
        .iter()
        .map(|side| side.value.clone())
        .collect();
    assert_eq!(values.len(), 2);
    assert!(values.contains(&"98 mg/dL".to_owned()) && values.contains(&"89 mg/dL".to_owned()));
}

#[test]
fn components_are_compared_as_a_set() {
    let pressure = |at: &str, systolic: &str, diastolic: &str, swapped: bool| {
        let part = |analyte: &str, value: &str| ObservationComponent {
            code: Some(code(LOINC, analyte, "")),
            value: Some(Value::Quantity(Quantity::ucum(
                Decimal::parse(value).unwrap(),
                "mm[Hg]",
            ))),
            ..ObservationComponent::default()
        };
        let mut component = vec![part("8480-6", systolic), part("8462-4", diastolic)];
        if swapped {
            component.reverse();
        }
        Record::from(Observation {
            code: Some(code(LOINC, "85354-9", "Blood pressure")),
            effective: Some(Occurrence::DateTime(time(at))),
            component,
            ..Observation::default()
        })
    };
    let charts = [
        chart("a", vec![pressure("2020-01-02T08:00:00Z", "120.4", "80", false)]),
        chart(
            "b",
            vec![
                pressure("2020-01-02", "120", "80", true),
                pressure("2020-01-02", "135", "80", true),
            ],
        ),
    ];
    let record = merged(&charts);
    assert_eq!(
        members(&record, RecordClass::Observation),
        [vec!["a/0", "b/0"], vec!["b/1"]]
    );
    let both = record.items.iter().find(|item| item.members.len() == 2).unwrap();
    let Record::Observation(shown) = &both.record else {
        panic!("another class")
    };
    assert_eq!(shown.component.len(), 2);
    assert!(both.conflicts.is_empty());
}

/// A panel or report over some of a chart's own results, by their place in it.
fn report(source: &str, concept: CodeableConcept, results: &[usize]) -> DiagnosticReport {
    let target = |index: &usize| EntryId::derive(RecordClass::Observation, &[source, &index.to_string()]);
    DiagnosticReport {
        code: Some(concept),
        effective: Some(Occurrence::DateTime(time("2009-05-07T17:41:27Z"))),
        result: results
            .iter()
            .map(|index| Reference::to(&target(index)))
            .collect(),
        ..DiagnosticReport::default()
    }
}

#[test]
fn a_test_that_stands_in_two_panels_joins_within_each() {
    let glucose = || {
        result(
            code(LOINC, "2339-0", "Glucose"),
            "2009-05-07T17:41:27Z",
            "84.8",
            "mg/dL",
            "final",
        )
    };
    let (basic, full) = (
        code(LOINC, "51990-0", "Basic panel"),
        code(LOINC, "24323-8", "Full panel"),
    );
    let with = |source: &str, of_basic: usize, of_full: usize| {
        chart(
            source,
            vec![
                glucose().into(),
                glucose().into(),
                report(source, basic.clone(), &[of_basic]).into(),
                report(source, full.clone(), &[of_full]).into(),
            ],
        )
    };
    let record = merged(&[with("a", 0, 1), with("b", 1, 0)]);
    assert_eq!(
        members(&record, RecordClass::Observation),
        [["a/0", "b/1"], ["a/1", "b/0"]]
    );
}

#[test]
fn numbers_of_few_digits_are_not_rounded_to_each_other() {
    for (a, unit_a, b, unit_b, same) in [
        ("0", "ng/mL", "0.45", "ng/mL", false),
        ("4", "{INR}", "3.5", "{INR}", false),
        ("1", "g/L", "60", "mg/dL", false),
        ("5.5", "", "5.5", "mmol/L", false),
        ("2.5", "mmol/L", "2.5", "meq/L", false),
        ("98", "mg/dL", "98.4", "mg/dL", true),
    ] {
        let of = |value, unit: &str| {
            let mut found = result(
                code(LOINC, "1", "X"),
                "2020-01-02T08:00:00Z",
                value,
                unit,
                "final",
            );
            if let (true, Some(Value::Quantity(quantity))) = (unit.is_empty(), &mut found.value) {
                (quantity.code, quantity.unit) = (None, None);
            }
            Record::from(found)
        };
        let record = merged(&[chart("a", vec![of(a, unit_a)]), chart("b", vec![of(b, unit_b)])]);
        shown(&record);
        assert_eq!(
            conflicts(&record, RecordClass::Observation).is_empty(),
            same,
            "{a} {unit_a} {b} {unit_b}"
        );
    }
}

#[test]
fn urine_is_not_blood() {
    let glucose = |material: &str, value: &str| Observation {
        specimen: Some(Reference::named(material)),
        ..result(
            CodeableConcept::from_text("Glucose"),
            "2020-01-02T08:00:00Z",
            value,
            "mg/dL",
            "final",
        )
    };
    check(
        RecordClass::Observation,
        vec![
            vec![glucose("Urine", "0").into()],
            vec![glucose("Serum", "99").into()],
        ],
        &[&["a/0"], &["b/0"]],
    );
}

#[test]
fn one_value_with_two_flags_is_in_dispute() {
    let flagged = |flag: &str| Observation {
        interpretation: vec![code(
            "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
            flag,
            "",
        )],
        ..potassium("5.0", "final")
    };
    let record = merged(&[
        chart("a", vec![flagged("N").into()]),
        chart("b", vec![flagged("HH").into()]),
    ]);
    assert_eq!(conflicts(&record, RecordClass::Observation), ["interpretation"]);
}

#[test]
fn a_vague_date_joins_the_only_result_or_none() {
    let height = |at: &str| Record::from(result(code(LOINC, "8302-2", "Height"), at, "170", "cm", "final"));
    check(
        RecordClass::Observation,
        vec![
            vec![height("2020-05-01"), height("2020-05-20")],
            vec![height("2020-05")],
        ],
        &[&["a/0"], &["a/1"], &["b/0"]],
    );
    check(
        RecordClass::Observation,
        vec![vec![height("2020-05-01")], vec![height("2020-05")]],
        &[&["a/0", "b/0"]],
    );
}

#[test]
fn what_cannot_both_be_true_is_in_dispute() {
    let of = |analyte: &str, at: &str, value: &str| {
        Record::from(Observation {
            value: Some(Value::CodeableConcept(CodeableConcept::from_text(value))),
            ..result(code(LOINC, analyte, ""), at, "1", "1", "final")
        })
    };
    for (analyte, day, other, a, b, disputed) in [
        (
            "882-1",
            "2020-03-01",
            "2021-03-01",
            "A positive",
            "B negative",
            true,
        ),
        (
            "882-1",
            "2020-03-01",
            "2021-03-01",
            "A positive",
            "A POSITIVE",
            false,
        ),
        (
            "82810-3",
            "2024-03-01",
            "2024-03-01",
            "Pregnant",
            "Not pregnant",
            true,
        ),
        (
            "82810-3",
            "2024-03-01",
            "2025-03-01",
            "Pregnant",
            "Not pregnant",
            false,
        ),
    ] {
        let record = merged(&[
            chart("a", vec![of(analyte, day, a)]),
            chart("b", vec![of(analyte, other, b)]),
        ]);
        let fields = conflicts(&record, RecordClass::Observation);
        assert_eq!(
            fields.contains(&"value[x]".to_owned()),
            disputed,
            "{analyte} {day} {other}"
        );
    }
}

#[test]
fn a_blood_group_is_for_life() {
    let group = |at: &str, words: &str| Observation {
        value: Some(Value::String(words.to_owned())),
        ..result(code(LOINC, "882-1", "ABO and Rh group"), at, "1", "1", "final")
    };
    let disputed = |words: &[&str]| {
        let charts: Vec<_> = ["a", "b", "c"]
            .into_iter()
            .zip(words.iter().zip(["2001-01-01", "2010-01-01", "2020-01-01"]))
            .map(|(source, (words, at))| chart(source, vec![group(at, words).into()]))
            .collect();
        sides(&merged(&charts), RecordClass::Observation, "value[x]")
    };
    assert!(disputed(&["A positive", "A positive", "a positive"]).is_empty());
    let two: Vec<usize> = disputed(&["A positive", "B negative", "A positive"])
        .iter()
        .map(Vec::len)
        .collect();
    assert_eq!(two, [2, 2, 2]);
}
