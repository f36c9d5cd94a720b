//! Results that their senders tell apart by a sub-id.

use ehr_model::{Observation, Occurrence, Record, Value};

use crate::charts::*;

/// Results of a culture at one moment, each with the sub-id by which its sender tells it from the others.
fn organisms(source: &str, list: &[(&str, &str, &str)]) -> ehr_model::Chart {
    let organism = |(_, name, status): &(&str, &str, &str)| {
        Record::from(Observation {
            code: Some(code(LOINC, "600-7", "Bacteria identified")),
            status: Some(ehr_model::Status::fhir(*status)),
            effective: Some(Occurrence::DateTime(time("2020-01-02T08:00:00Z"))),
            value: Some(Value::String((*name).to_owned())),
            ..Observation::default()
        })
    };
    let mut chart = chart(source, list.iter().map(organism).collect());
    for (entry, (sub_id, ..)) in chart.entries.iter_mut().zip(list) {
        entry.origin.native_id = (!sub_id.is_empty()).then(|| entry.id.with_sub_id(sub_id));
        if sub_id.is_empty() {
            entry.origin.native_id = None;
        }
    }
    chart
}

/// The values of each item, sorted.
fn values(record: &ehr_model::HealthRecord) -> Vec<Vec<String>> {
    let value = |entry: &ehr_model::Entry| match &entry.record {
        Record::Observation(observation) => match &observation.value {
            Some(Value::String(text)) => text.clone(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    let mut all: Vec<Vec<String>> = record
        .items
        .iter()
        .map(|item| {
            let members = item.members.iter().filter_map(|member| member.entry.as_ref());
            let mut own: Vec<String> = members
                .filter_map(|id| record.charts.iter().find_map(|chart| chart.entry(id)))
                .map(value)
                .collect();
            own.sort();
            own
        })
        .collect();
    all.sort();
    all
}

#[test]
fn results_with_sub_ids_of_their_own_do_not_correct_each_other() {
    for status in ["corrected", "preliminary"] {
        let record = merged(&[organisms(
            "lab",
            &[("1", "E. coli", "final"), ("2", "Klebsiella", status)],
        )]);
        assert_eq!(values(&record), [["E. coli"], ["Klebsiella"]], "{status}");
        assert!(record.items.iter().all(|item| item.conflicts.is_empty()));
    }
    // A correction of one of them is of that one, in whatever file of the sender.
    let corrected = [("2", "Enterobacter", "corrected")];
    let known = [("1", "E. coli", "final"), ("2", "Klebsiella", "final")];
    let record = merged(&[organisms("lab", &known), organisms("lab-later", &corrected)]);
    assert_eq!(
        values(&record),
        [vec!["E. coli"], vec!["Enterobacter", "Klebsiella"]]
    );
    // Where a sender gives none, nothing is known of them.
    let record = merged(&[
        organisms("lab", &known),
        organisms("clinic", &[("", "Klebsiella", "final")]),
    ]);
    assert_eq!(
        values(&record),
        [vec!["E. coli"], vec!["Klebsiella", "Klebsiella"]]
    );
}
