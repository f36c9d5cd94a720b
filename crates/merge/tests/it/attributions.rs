//! Who says which value of what was merged.

use ehr_model::{AllergyIntolerance, Chart, Condition, Patient, Record, RecordClass, Reference};
use ehr_types::{Address, HumanName};

use crate::charts::*;

/// The values of the only item of a class that not all say: path, who says it, who says something else.
fn of_some(charts: &[Chart], class: RecordClass) -> Vec<(String, String, String)> {
    let record = merged(charts);
    let attributions = record.attributions();
    let item = record.of_class(class).next().unwrap();
    let name = |member: &usize| item.members[*member].source.as_str();
    let some = attributions[&item.id]
        .iter()
        .filter(|value| value.members.len() < item.members.len());
    some.map(|value| {
        let said: Vec<&str> = value.members.iter().map(name).collect();
        let otherwise: Vec<&str> = value.otherwise.iter().map(|(member, _)| name(member)).collect();
        (value.path.clone(), said.join(" "), otherwise.join(" "))
    })
    .collect()
}

fn told(path: &str, said: &str, otherwise: &str) -> (String, String, String) {
    (path.to_owned(), said.to_owned(), otherwise.to_owned())
}

#[test]
fn each_value_is_traced_to_who_says_it() {
    let asthma = || code(SNOMED, "195967001", "Asthma");
    let severe = Condition {
        severity: state(SNOMED, "24484000"),
        asserter: Some(Reference::named("Dr. Knows")),
        ..problem(asthma(), "2019", "")
    };
    let dated = Condition {
        asserter: Some(Reference::named("mother")),
        ..problem(asthma(), "2019-03-04", "")
    };
    let charts = [
        chart("a", vec![severe.into()]),
        chart("b", vec![dated.into()]),
        chart("c", vec![problem(asthma(), "", "").into()]),
    ];
    let found = of_some(&charts, RecordClass::Condition);
    let expected = [
        told("asserter.display", "a", "b"),
        told("onset.dateTime", "b", "a"),
        told("severity", "a", ""),
    ];
    for value in &expected {
        assert!(found.contains(value), "{value:?} in {found:?}");
    }
    assert!(!found.iter().any(|(path, ..)| path == "code"), "{found:?}");
}

#[test]
fn names_and_addresses_are_traced_one_by_one() {
    let name = |family: &str| HumanName {
        family: Some(family.to_owned()),
        given: vec!["Ann".to_owned()],
        ..HumanName::default()
    };
    let address = |line: &str| Address {
        line: vec![line.to_owned()],
        city: Some("Elko".to_owned()),
        ..Address::default()
    };
    let patient = |family: &str, lines: &[&str]| -> Record {
        Patient {
            name: vec![name(family)],
            address: lines.iter().map(|line| address(line)).collect(),
            ..Patient::default()
        }
        .into()
    };
    let charts = [
        chart("a", vec![patient("Kidd", &["1 Mill Road"])]),
        chart("b", vec![patient("KIDD", &["1 Mill Road", "2 Quarry Lane"])]),
    ];
    assert_eq!(
        of_some(&charts, RecordClass::Patient),
        [told("address[1]", "b", "")]
    );
}

#[test]
fn every_value_shown_is_said_by_somebody() {
    let with = |reaction: &str, criticality: &str| AllergyIntolerance {
        reaction: vec![ehr_model::Reaction {
            manifestation: vec![ehr_types::CodeableConcept::from_text(reaction)],
            ..ehr_model::Reaction::default()
        }],
        criticality: Some(ehr_model::Status::fhir(criticality)),
        ..allergy(code(RXNORM, "7980", "penicillin"))
    };
    let charts = [
        chart("a", vec![with("Hives", "high").into()]),
        chart("b", vec![with("Rash", "low").into()]),
    ];
    let record = merged(&charts);
    let attributions = record.attributions();
    let all: Vec<_> = attributions.values().flatten().collect();
    assert!(all.iter().all(|value| !value.members.is_empty()));
    assert_eq!(
        of_some(&charts, RecordClass::AllergyIntolerance),
        [
            told("criticality.code", "a", "b"),
            told("reaction[0]", "a", ""),
            told("reaction[1]", "b", ""),
        ]
    );
}
