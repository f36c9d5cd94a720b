//! What holds until it is taken back, and what says that nobody knows.

use ehr_model::{Observation, Occurrence, Record, RecordClass, Value};

use crate::charts::*;

fn coded(system: &str, analyte: &str, at: &str, value: (&str, &str)) -> Record {
    Observation {
        code: Some(code(system, analyte, "")),
        category: vec![code("urn:category", "social-history", "")],
        effective: Some(Occurrence::DateTime(time(at))),
        value: Some(Value::CodeableConcept(code(SNOMED, value.0, value.1))),
        ..Observation::default()
    }
    .into()
}

#[test]
fn whether_to_resuscitate_is_compared_across_years() {
    let directive = |system, analyte, at, value| {
        let mut record = coded(system, analyte, at, value);
        if let Record::Observation(observation) = &mut record {
            observation.category.clear();
        }
        record
    };
    let no = directive(
        SNOMED,
        "304251008",
        "2011-02-13",
        ("304253006", "Not for resuscitation"),
    );
    let yes = directive(LOINC, "75320-2", "2020-01-01", ("304252001", "For resuscitation"));
    let record = merged(&[chart("a", vec![no]), chart("b", vec![yes])]);
    assert_eq!(
        conflicts(&record, RecordClass::Observation),
        ["value[x]", "value[x]"]
    );
}

#[test]
fn that_nobody_knows_does_not_hide_what_somebody_knows() {
    let smoking = |value| coded(LOINC, "72166-2", "2024-01-02", value);
    let unknown = ("266927001", "Unknown if ever smoked");
    let daily = ("449868002", "Current every day smoker");
    for charts in [
        [
            chart("a", vec![smoking(unknown)]),
            chart("b", vec![smoking(daily)]),
        ],
        [
            chart("a", vec![smoking(daily)]),
            chart("b", vec![smoking(unknown)]),
        ],
    ] {
        let record = merged(&charts);
        assert_eq!(record.items.len(), 1);
        let Record::Observation(shown) = &record.items[0].record else {
            panic!("another class")
        };
        let Some(Value::CodeableConcept(value)) = &shown.value else {
            panic!("another value")
        };
        assert_eq!(value.label(), Some("Current every day smoker"));
        assert_eq!(conflicts(&record, RecordClass::Observation), Vec::<String>::new());
    }
}
