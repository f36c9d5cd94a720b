//! What sources say of the person: numbers to call, languages, whether the record is in use.

use ehr_model::{Communication, Patient, Record, RecordClass};
use ehr_types::{CodeableConcept, ContactPoint, Period};

use crate::charts::*;

const CLASS: RecordClass = RecordClass::Patient;

fn reached_at(number: &str, use_: &str, end: Option<&str>) -> Record {
    Patient {
        telecom: vec![ContactPoint {
            system: Some("phone".to_owned()),
            value: Some(number.to_owned()),
            use_: Some(use_.to_owned()),
            period: end.map(|end| Period::new(None, Some(time(end)))),
            ..ContactPoint::default()
        }],
        ..Patient::default()
    }
    .into()
}

#[test]
fn a_number_that_one_source_lists_does_not_end_because_another_says_so() {
    let current = || chart("a", vec![reached_at("503-555-0147", "home", None)]);
    for other in [
        reached_at("(503) 555-0147", "home", Some("2019-05-01")),
        reached_at("(503) 555-0147", "old", None),
    ] {
        let record = merged(&[current(), chart("b", vec![other])]);
        assert_eq!(conflicts(&record, CLASS), ["telecom"]);
        let Record::Patient(shown) = &record.items[0].record else {
            panic!("another class")
        };
        assert_eq!(shown.telecom.len(), 1);
        assert_eq!(shown.telecom[0].period, None);
    }
    // Whoever is heard first.
    let ended = chart("0", vec![reached_at("503-555-0147", "home", Some("2019-05-01"))]);
    let record = merged(&[current(), ended]);
    let Record::Patient(shown) = &record.items[0].record else {
        panic!("another class")
    };
    assert_eq!(shown.telecom[0].period, None);
    let record = merged(&[
        current(),
        chart("b", vec![reached_at("503 555 0199", "old", None)]),
    ]);
    assert!(conflicts(&record, CLASS).is_empty());
}

#[test]
fn two_preferred_languages_are_in_dispute() {
    let speaks = |language: &str, preferred: bool| {
        Record::from(Patient {
            communication: vec![Communication {
                language: Some(CodeableConcept::from_text(language)),
                preferred: Some(preferred),
            }],
            ..Patient::default()
        })
    };
    for (a, b, expected) in [
        (("English", true), ("Spanish", true), true),
        (("English", true), ("Spanish", false), false),
        (("English", true), ("English", true), false),
        (("en-US", true), ("English", true), false),
        (("en", true), ("eng", true), false),
        (("", true), ("eng", true), false),
    ] {
        let record = merged(&[
            chart("a", vec![speaks(a.0, a.1)]),
            chart("b", vec![speaks(b.0, b.1)]),
        ]);
        assert_eq!(conflicts(&record, CLASS) == ["communication.preferred"], expected);
    }
}

#[test]
fn whether_the_record_is_in_use_is_compared() {
    let record = |active| {
        Record::from(Patient {
            active: Some(active),
            ..Patient::default()
        })
    };
    let both = merged(&[chart("a", vec![record(true)]), chart("b", vec![record(false)])]);
    assert_eq!(conflicts(&both, CLASS), ["active"]);
}
