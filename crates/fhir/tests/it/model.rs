//! Records of the model, of every class and with every field, through FHIR and back.

use std::collections::{BTreeMap, BTreeSet};

use ehr_fhir::convert::{from_fhir, to_fhir};
use ehr_fhir::{ParseOptions, parse_resource, to_json_vec};
use ehr_model::{Record, RecordClass};
use serde_json::Value;

use crate::arbitrary::{Kinds, make};

/// Fields that only a chart can fill (a reference leads to an entry of it), and codes, whose value sets the texts are not of.
const WITHOUT: &[(&str, &str)] = &[("Reference", "target"), ("Status", "code")];

/// What FHIR has no form for and gives back in another: where, and why.
const NORMALISED: &[(&str, &str)] = &[
    (
        ".DocumentReference.section",
        "sections are in the Composition of a chart",
    ),
    (
        ".DiagnosticReport.media",
        "an image without its link has one that is not known",
    ),
    (
        ".MedicationDispense.fill_number",
        "the number of a fill counts from one",
    ),
    (".Encounter.class", "the first coding of its concept is the class"),
    (".Encounter.class_concept", "one coding alone is the class"),
    (
        ".MedicationRequest.reported",
        "who reported it says that it was reported",
    ),
    (".Patient.race", "US Core has a category for what is unknown"),
    (".Patient.ethnicity", "US Core has a category for what is unknown"),
    (".Patient.birth_sex", "US Core has a code for what is unknown"),
    (
        ".AllergyIntolerance.knowledge",
        "a code says that nothing is known",
    ),
    (
        ".AllergyIntolerance.verification_status",
        "an allergy that nobody has is refuted",
    ),
    (
        ".AllergyIntolerance.code",
        "an allergy that nobody has is said by its code",
    ),
];

fn is_normalised(path: &str) -> bool {
    let is_in = |place: &str| {
        path.strip_prefix(place)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    NORMALISED.iter().any(|(place, _)| is_in(place)) || path.ends_with(".as_needed")
}

/// A value without what says nothing in FHIR: what is absent for an unknown reason (FHIR cannot say `deleted`), which is what stands for each required
/// element that a record does not have, a reference that names nothing but the class of its target, and a unit that is the code.
fn settled(value: Value) -> Option<Value> {
    match value {
        Value::Object(members) => {
            let is_unknown = |name: &str, value: &Value| {
                name == "absent" && (value["reason"] == "unknown" || value["reason"] == "deleted")
            };
            let is_code = members.get("unit") == members.get("code");
            let left: serde_json::Map<String, Value> = members
                .into_iter()
                .filter(|(name, value)| name != "class" || !value.is_string())
                .filter(|(name, value)| !(is_unknown(name, value) || is_code && name == "unit"))
                .filter_map(|(name, value)| Some((name, settled(value)?)))
                .collect();
            (!left.is_empty()).then_some(Value::Object(left))
        }
        Value::Array(items) => {
            let left: Vec<Value> = items.into_iter().filter_map(settled).collect();
            (!left.is_empty()).then_some(Value::Array(left))
        }
        other => Some(other),
    }
}

/// The places where two values differ.
fn differences(a: &Value, b: &Value, path: &str, out: &mut BTreeSet<String>) {
    match (a, b) {
        (Value::Object(left), Value::Object(right)) => {
            let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for name in names {
                let path = format!("{path}.{name}");
                let [a, b] = [left, right].map(|members| members.get(name).unwrap_or(&Value::Null));
                differences(a, b, &path, out);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let both = left.iter().zip(right);
            both.for_each(|(a, b)| differences(a, b, path, out));
        }
        _ if a == b => {}
        _ => drop(out.insert(path.to_owned())),
    }
}

fn bytes(state: &mut u64, len: usize) -> Vec<u8> {
    let mut next = || {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*state >> 56) as u8
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn any_record_comes_back_from_fhir() {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(500);
    let (mut state, mut kinds) = (20_260_101_u64, Kinds::default());
    let mut lost: BTreeMap<String, String> = BTreeMap::new();
    let mut filled = BTreeSet::new();
    let mut classes = BTreeSet::new();
    for _ in 0..cases {
        let (record, fields): (Record, _) = make(&bytes(&mut state, 400), WITHOUT, &mut kinds);
        if record.class() == RecordClass::Other {
            continue;
        }
        filled.extend(fields);
        classes.insert(record.class());
        let resource = to_fhir(&record);
        let text = to_json_vec(&resource);
        let parsed = parse_resource(&text, &ParseOptions::default()).unwrap().value;
        assert!(parsed == resource, "{}", String::from_utf8_lossy(&text));
        let [before, after] = [&record, &from_fhir(&parsed)]
            .map(|record| settled(serde_json::to_value(record).unwrap()).unwrap_or_default());
        let mut found = BTreeSet::new();
        differences(&before, &after, "", &mut found);
        found.retain(|path| !is_normalised(path));
        for path in found {
            lost.entry(path).or_insert_with(|| {
                format!(
                    "{before} became {after} by way of {}",
                    String::from_utf8_lossy(&text)
                )
            });
        }
    }
    println!(
        "{cases} records of {} classes with {} fields",
        classes.len(),
        filled.len()
    );
    for (path, example) in &lost {
        println!("{path}: {example}");
    }
    assert!(lost.is_empty(), "{} places differ", lost.len());
}
