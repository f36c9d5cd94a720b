//! What is numbered as two is two: visits, orders and reports of one day, and the lines of their texts.

use ehr_model::{
    Appointment, Chart, DiagnosticReport, Encounter, EntryId, Observation, Occurrence, Participant, Record,
    RecordClass, Reference, ServiceRequest, Status, Value,
};
use ehr_types::{Identifier, Period};

use crate::charts::*;

fn number(assigner: &str, value: &str) -> Vec<Identifier> {
    vec![Identifier {
        assigner: Some(assigner.to_owned()),
        value: Some(value.to_owned()),
        ..Identifier::default()
    }]
}

fn id(class: RecordClass, source: &str, index: usize) -> Reference {
    Reference::to(&EntryId::derive(class, &[source, &index.to_string()]))
}

/// An order, a report on it and the lines of its text.
fn biopsy(source: &str, assigner: &str, order: &str, lines: &[&str]) -> Chart {
    let concept = || Some(code(LOINC, "22634-0", "Pathology report"));
    let at = || Some(Occurrence::DateTime(time("2024-03-01")));
    let mut records: Vec<Record> = vec![
        ServiceRequest {
            identifier: number(assigner, order),
            code: concept(),
            occurrence: at(),
            ..ServiceRequest::default()
        }
        .into(),
        DiagnosticReport {
            identifier: number(assigner, order),
            code: concept(),
            effective: at(),
            result: (0..lines.len())
                .map(|line| id(RecordClass::Observation, source, line + 2))
                .collect(),
            ..DiagnosticReport::default()
        }
        .into(),
    ];
    records.extend(lines.iter().map(|line| {
        Record::from(Observation {
            code: concept(),
            based_on: vec![id(RecordClass::ServiceRequest, source, 0)],
            status: Some(Status::fhir("final")),
            effective: at(),
            value: Some(Value::String((*line).to_owned())),
            ..Observation::default()
        })
    }));
    let mut chart = chart(source, records);
    for entry in &mut chart.entries {
        entry.origin.native_id = None;
        entry.origin.location = ehr_types::SourceLocation::new(entry.id.key.clone());
    }
    chart
}

#[test]
fn two_biopsies_of_one_day_are_two_reports() {
    let left = ["LEFT BREAST", "Invasive ductal carcinoma.", "ER positive."];
    let right = ["RIGHT BREAST", "Invasive ductal carcinoma.", "ER negative."];
    let record = merged(&[biopsy("a", "LAB", "F1", &left), biopsy("b", "LAB", "F2", &right)]);
    for (class, count) in [
        (RecordClass::ServiceRequest, 2),
        (RecordClass::DiagnosticReport, 2),
        (RecordClass::Observation, 6),
    ] {
        assert_eq!(record.of_class(class).count(), count, "{class}");
    }
    assert!(record.items.iter().all(|item| item.conflicts.is_empty()));
    // The same report in two files is one, line by line.
    let record = merged(&[biopsy("a", "LAB", "F1", &left), biopsy("b", "LAB", "F1", &left)]);
    assert_eq!(record.items.len(), 5);
    // A line that says the same again stays.
    let record = merged(&[biopsy(
        "a",
        "LAB",
        "F1",
        &["MARGINS", "Negative", "NODES", "Negative"],
    )]);
    assert_eq!(record.of_class(RecordClass::Observation).count(), 4);
}

fn visit(number: Vec<Identifier>, attending: &str) -> Record {
    Encounter {
        identifier: number,
        type_: vec![code(SNOMED, "50849002", "Emergency room admission")],
        period: Some(Period::new(Some(time("2024-03-01")), None)),
        participant: vec![Participant {
            actor: Some(Reference::to(&EntryId::derive(
                RecordClass::Practitioner,
                &[attending],
            ))),
            ..Participant::default()
        }],
        ..Encounter::default()
    }
    .into()
}

#[test]
fn two_visits_of_one_day_are_two() {
    for (a, b, expected) in [
        (
            visit(number("HOSPA", "VA1"), "x"),
            visit(number("HOSPB", "VB9"), "y"),
            2,
        ),
        (
            visit(number("HOSPA", "VA1"), "x"),
            visit(number("HOSPA", "VA2"), "x"),
            2,
        ),
        (
            visit(number("HOSPA", "VA1"), "x"),
            visit(number("HOSPA", "VA1"), "y"),
            1,
        ),
        (
            visit(number("HOSPA", "VA1"), "x"),
            visit(number("HOSPB", "VB9"), "x"),
            1,
        ),
        (visit(number("HOSPA", "VA1"), "x"), visit(Vec::new(), "y"), 1),
    ] {
        let record = merged(&[chart("a", vec![a]), chart("b", vec![b])]);
        assert_eq!(record.items.len(), expected);
    }
}

#[test]
fn undated_orders_of_two_numbers_are_two() {
    let order = |value: &str| {
        Record::from(ServiceRequest {
            identifier: number("CLINIC", value),
            code: Some(code(LOINC, "57698-3", "Lipid panel")),
            ..ServiceRequest::default()
        })
    };
    for (other, expected) in [("C3", 2), ("A1", 1)] {
        let record = merged(&[chart("a", vec![order("A1")]), chart("b", vec![order(other)])]);
        assert_eq!(record.items.len(), expected, "{other}");
    }
}

#[test]
fn an_appointment_that_was_put_off_and_cancelled_is_one() {
    let appointment = |at: &str, status: &str| {
        Record::from(Appointment {
            identifier: number("CLINIC", "A1"),
            status: Some(Status::fhir(status)),
            start: Some(time(at)),
            ..Appointment::default()
        })
    };
    let mut chart = chart(
        "a",
        vec![
            appointment("2024-03-01T09:00:00Z", "booked"),
            appointment("2024-03-05T09:00:00Z", "cancelled"),
        ],
    );
    for (entry, at) in chart.entries.iter_mut().zip(["2024-02-01", "2024-02-03"]) {
        entry.origin.recorded = Some(time(at));
    }
    let record = merged(&[chart]);
    assert_eq!(record.items.len(), 1);
    let Record::Appointment(shown) = &record.items[0].record else {
        panic!("another class")
    };
    assert!(shown.status.as_ref().unwrap().is("cancelled"));
    assert_eq!(shown.start, Some(time("2024-03-05T09:00:00Z")));
}
