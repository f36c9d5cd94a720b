//! One amount in two units: mass and moles of a known substance, and units that nothing leads between.

use ehr_model::{Observation, Record, RecordClass, ReferenceRange};
use ehr_types::{CodeableConcept, Decimal, Quantity};

use crate::charts::*;

const CLASS: RecordClass = RecordClass::Observation;

fn measured(concept: CodeableConcept, value: &str, unit: &str, range: Option<(&str, &str)>) -> Observation {
    let bound = |value: &str| Some(Quantity::ucum(Decimal::parse(value).unwrap(), unit));
    let range = range.map(|(low, high)| ReferenceRange {
        low: bound(low),
        high: bound(high),
        ..ReferenceRange::default()
    });
    Observation {
        reference_range: range.into_iter().collect(),
        ..result(concept, "2023-01-05T08:00:00Z", value, unit, "final")
    }
}

fn of_two(a: Observation, b: Observation) -> Vec<String> {
    let charts = [chart("a", vec![a.into()]), chart("b", vec![b.into()])];
    let record = merged(&charts);
    assert_eq!(members(&record, CLASS), [vec!["a/0", "b/0"]]);
    conflicts(&record, CLASS)
}

#[test]
fn mass_and_moles_of_one_substance_agree() {
    for (loinc, a, unit_a, b, unit_b) in [
        ("2345-7", "99", "mg/dL", "5.5", "mmol/L"),
        ("2160-0", "1.20", "mg/dL", "106", "umol/L"),
        ("2093-3", "200", "mg/dL", "5.17", "mmol/L"),
        ("2571-8", "150", "mg/dL", "1.69", "mmol/L"),
        ("3094-0", "14", "mg/dL", "5.0", "mmol/L"),
        ("1975-2", "1.0", "mg/dL", "17.1", "umol/L"),
        ("17861-6", "9.6", "mg/dL", "2.40", "mmol/L"),
        ("2951-2", "140", "meq/L", "140", "mmol/L"),
    ] {
        let of = |value, unit| measured(code(LOINC, loinc, "x"), value, unit, None);
        assert!(of_two(of(a, unit_a), of(b, unit_b)).is_empty(), "{loinc}");
        assert!(of_two(of(b, unit_b), of(a, unit_a)).is_empty(), "{loinc}");
    }
}

#[test]
fn two_amounts_of_one_substance_are_in_dispute() {
    let glucose = |value, unit, range| measured(code(LOINC, "2345-7", "Glucose"), value, unit, range);
    let fields = of_two(
        glucose("130", "mg/dL", Some(("70", "99"))),
        glucose("5.5", "mmol/L", Some(("3.9", "5.5"))),
    );
    assert_eq!(fields, ["value[x]"], "the ranges agree");
    let three = [
        ("a", "99", "mg/dL"),
        ("b", "100", "mg/dL"),
        ("c", "5.5", "mmol/L"),
    ]
    .map(|(source, value, unit)| chart(source, vec![glucose(value, unit, None).into()]));
    let record = merged(&three);
    let of_all = sides(&record, CLASS, "value[x]");
    assert!(of_all[0].contains(&"100 mg/dL".to_owned()), "{of_all:?}");
}

#[test]
fn what_no_conversion_leads_to_is_not_called_another_result() {
    let of = |value, unit| measured(CodeableConcept::from_text("Marker"), value, unit, None);
    assert_eq!(
        of_two(of("5", "mg/dL"), of("7", "mmol/L")),
        ["valueQuantity.unit"]
    );
    assert_eq!(of_two(of("5", "mg/dL"), of("7", "g/L")), ["value[x]"]);
    // Both values stand in it.
    let record = merged(&[
        chart("a", vec![of("5", "mg/dL").into()]),
        chart("b", vec![of("7", "mmol/L").into()]),
    ]);
    let both = &sides(&record, CLASS, "valueQuantity.unit")[0];
    assert!(both.contains(&"5 mg/dL".to_owned()) && both.contains(&"7 mmol/L".to_owned()));
}

#[test]
fn a_weight_is_the_one_that_it_rounds_to() {
    let weight = |value: &str, unit: &str| -> Record {
        result(
            code(LOINC, "29463-7", "Weight"),
            "2022-08-01",
            value,
            unit,
            "final",
        )
        .into()
    };
    check(
        CLASS,
        vec![
            vec![weight("176", "[lb_av]")],
            vec![weight("80.1", "kg")],
            vec![weight("79.8", "kg")],
        ],
        &[&["a/0", "c/0"], &["b/0"]],
    );
}
