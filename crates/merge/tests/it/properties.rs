//! Standing properties over synthetic charts: order, repetition, completeness, undoing.
//!
//! `PROPTEST_CASES=5000 cargo test -p ehr-merge --test it properties` searches further.

use std::collections::BTreeMap;

use ehr_link::{Config, Verdicts};
use ehr_merge::{Policy, chart_key, identify, merge};
use ehr_model::{
    AllergyIntolerance, Chart, Condition, Encounter, HealthRecord, MedicationRequest, MedicationStatement,
    Observation, Occurrence, Patient, Procedure, Record,
};
use ehr_types::{CodeableConcept, Date, HumanName, Identifier, Period};
use proptest::prelude::*;

use crate::charts::*;

/// A concept in one of the forms in which sources write it.
fn concept() -> impl Strategy<Value = CodeableConcept> {
    let names = ["Asthma", "Fever", "Gout", "Cough"];
    (0..4usize, 0..5u8).prop_map(move |(which, form)| {
        let standard = code(SNOMED, &format!("10{which}"), names[which]);
        match form {
            0 => standard,
            1 => code("urn:local:x", &format!("L{which}"), &names[which].to_uppercase()),
            2 => CodeableConcept::from_text(names[which]),
            3 => {
                let mut both = code("urn:local:x", &format!("L{which}"), "");
                both.codings.extend(standard.codings);
                both
            }
            // A code that stands for two of them, as in a coarse classification.
            _ => {
                let mut coarse = standard;
                coarse
                    .codings
                    .push(ehr_types::Coding::new("urn:coarse", format!("C{}", which / 2)));
                coarse
            }
        }
    })
}

fn moment() -> impl Strategy<Value = String> {
    (2018..2021u16, 1..3u8, 1..4u8, 0..4u8).prop_map(|(year, month, day, form)| match form {
        0 => format!("{year}-{month:02}-{day:02}"),
        1 => format!("{year}-{month:02}-{day:02}T10:00:00Z"),
        2 => format!("{year}-{month:02}-{day:02}T06:00:00-04:00"),
        _ => format!("{year}"),
    })
}

fn record() -> impl Strategy<Value = Record> {
    let values = prop::sample::select(vec!["98", "98.4", "97", "100"]);
    let statuses = prop::sample::select(vec!["final", "corrected", "preliminary"]);
    let identifiers = prop::option::weighted(0.2, prop::sample::select(vec!["1", "2", "3"]));
    (
        concept(),
        moment(),
        moment(),
        values,
        statuses,
        identifiers,
        0..9u8,
    )
        .prop_map(|(concept, start, end, value, status, identifier, class)| {
            let identifier: Vec<Identifier> = identifier
                .map(|id| Identifier::new("urn:ids", id))
                .into_iter()
                .collect();
            let at = Some(Occurrence::DateTime(time(&start)));
            match class {
                0 => AllergyIntolerance {
                    identifier,
                    ..allergy(concept)
                }
                .into(),
                1 => Condition {
                    identifier,
                    ..problem(concept, &start, if end > start { &end } else { "" })
                }
                .into(),
                2 => problem(concept, "", "").into(),
                3 => MedicationStatement {
                    identifier,
                    ..taken(concept, &start, "")
                }
                .into(),
                4 => Procedure {
                    identifier,
                    code: Some(concept),
                    performed: at,
                    ..Procedure::default()
                }
                .into(),
                5 => Encounter {
                    identifier,
                    type_: vec![concept],
                    period: Some(Period::new(Some(time(&start)), Some(time(&end)))),
                    ..Encounter::default()
                }
                .into(),
                6 => MedicationRequest {
                    identifier,
                    medication: Some(concept),
                    authored_on: Some(time(&start)),
                    ..MedicationRequest::default()
                }
                .into(),
                _ => Observation {
                    identifier,
                    ..result(concept, &start, value, "mg/dL", status)
                }
                .into(),
            }
        })
}

fn charts() -> impl Strategy<Value = Vec<Chart>> {
    // Some sources have ids of their own for records, some only places.
    prop::collection::vec((prop::collection::vec(record(), 0..10), any::<bool>()), 1..5).prop_map(|sources| {
        let sources = sources.into_iter().enumerate();
        let made = sources.map(|(index, (records, native))| {
            let mut chart = chart(&format!("s{index}"), records);
            for entry in chart.entries.iter_mut().filter(|_| !native) {
                entry.origin.location.path = entry.origin.native_id.take().unwrap_or_default();
            }
            chart
        });
        made.collect()
    })
}

/// Charts of a few people who are easily taken for one another.
fn charts_of_several() -> impl Strategy<Value = Vec<Chart>> {
    let patient = (
        prop::sample::select(vec!["Ann", "Anne", "Karl", "Kari"]),
        prop::sample::select(vec!["1958-03-14", "1958-03-15", "1958"]),
        prop::option::of(prop::sample::select(vec!["219-09-9998", "219-09-9997"])),
    );
    let patient = patient.prop_map(|(given, born, ssn)| Patient {
        name: vec![HumanName {
            family: Some("Kidd".to_owned()),
            given: vec![given.to_owned()],
            ..HumanName::default()
        }],
        birth_date: Date::parse(born).ok(),
        identifier: ssn
            .map(|ssn| Identifier::new("http://hl7.org/fhir/sid/us-ssn", ssn))
            .into_iter()
            .collect(),
        ..Patient::default()
    });
    let own = (
        prop::option::weighted(0.9, patient),
        prop::collection::vec(record(), 0..5),
    );
    prop::collection::vec(own, 1..6).prop_map(|sources| {
        let sources = sources.into_iter().enumerate();
        let made = sources.map(|(index, (patient, records))| {
            let patient = patient.map(Record::from);
            chart(&format!("s{index}"), patient.into_iter().chain(records).collect())
        });
        made.collect()
    })
}

/// Everything that is found out about charts, as text: persons, records, and pairs for review.
fn found(charts: &[Chart]) -> (String, Vec<String>) {
    let found = identify(charts, &Config::default(), &Verdicts::default());
    let records = found.records(charts, &Policy::default());
    let review = found.review.iter().map(|pair| {
        let key = |index: usize| chart_key(&charts[index]);
        format!(
            "{:?} {:?} {} {:?}",
            key(pair.a),
            key(pair.b),
            pair.probability,
            pair.evidence
        )
    });
    (serde_json::to_string(&records).unwrap(), review.collect())
}

fn bytes(record: &HealthRecord) -> String {
    serde_json::to_string(record).unwrap()
}

fn run(charts: &[Chart]) -> HealthRecord {
    merge("p", charts, &Policy::default())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_does_not_matter(charts in charts(), rotation in 0..5usize) {
        let mut other = charts.clone();
        other.reverse();
        let places = rotation % other.len();
        other.rotate_left(places);
        for chart in &mut other {
            chart.entries.sort_by(|a, b| b.id.cmp(&a.id));
        }
        let mut sorted = charts.clone();
        for chart in &mut sorted {
            chart.entries.sort_by(|a, b| b.id.cmp(&a.id));
        }
        prop_assert_eq!(bytes(&run(&sorted)), bytes(&run(&other)));
        prop_assert_eq!(run(&charts).items, run(&other).items);
    }

    #[test]
    fn who_is_who_does_not_depend_on_order(charts in charts_of_several(), rotation in 0..6usize) {
        let mut other = charts.clone();
        other.reverse();
        let places = rotation % other.len();
        other.rotate_left(places);
        prop_assert_eq!(found(&charts), found(&other));
    }

    #[test]
    fn a_chart_counts_once(charts in charts()) {
        let mut twice = charts.clone();
        twice.extend(charts.iter().cloned());
        prop_assert_eq!(bytes(&run(&charts)), bytes(&run(&twice)));
    }

    #[test]
    fn merging_the_merged_changes_nothing(charts in charts()) {
        let once = run(&charts);
        prop_assert_eq!(bytes(&run(&once.charts)), bytes(&once));
    }

    #[test]
    fn every_entry_is_in_one_item(charts in charts()) {
        let record = run(&charts);
        let mut seen: BTreeMap<_, usize> = BTreeMap::new();
        for item in &record.items {
            for member in &item.members {
                *seen.entry(member.entry.clone().unwrap()).or_default() += 1;
            }
        }
        for entry in charts.iter().flat_map(|chart| &chart.entries) {
            prop_assert_eq!(seen.remove(&entry.id), Some(1));
        }
        prop_assert!(seen.is_empty());
    }

    #[test]
    fn taking_a_chart_out_leaves_what_the_others_say(charts in charts(), extra in prop::collection::vec(record(), 0..8)) {
        let before = run(&charts);
        let mut with = charts.clone();
        with.push(chart("extra", extra));
        let joined = run(&with);
        let kept: Vec<Chart> = joined.charts.iter().filter(|chart| chart.source.id != "extra").cloned().collect();
        prop_assert_eq!(bytes(&run(&kept)), bytes(&before));
    }

    #[test]
    fn conflicts_name_members_of_their_item(charts in charts()) {
        for item in run(&charts).items {
            for conflict in item.conflicts {
                prop_assert!(conflict.values.len() > 1);
                for side in conflict.values {
                    prop_assert!(side.members.iter().all(|member| item.members.contains(member)));
                }
            }
        }
    }
}
