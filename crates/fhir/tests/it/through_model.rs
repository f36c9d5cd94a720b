//! What goes through the model comes out as it went in: a record made of a resource says nothing that the resource does not say.

use std::collections::{BTreeMap, BTreeSet};

use ehr_fhir::convert::extension::{BASE, DATA_ABSENT_REASON};
use ehr_fhir::convert::{from_fhir, import, to_fhir};
use ehr_fhir::{ParseOptions, parse_resource, to_json_string};
use ehr_model::{ImportOptions, RecordClass, Source};
use serde_json::Value;

use crate::corpus::{folder, json_files};

/// The values with their places, without what is said to be missing, and without the extensions of the mapping: in those stands
/// what has no place of its own.
fn said(value: &Value, place: &str, out: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Object(members) => {
            let url = members.get("url").and_then(Value::as_str).unwrap_or_default();
            let is_own = url == DATA_ABSENT_REASON || url.starts_with(BASE);
            if !is_own {
                for (name, member) in members {
                    said(member, &format!("{place}.{name}"), out);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| said(item, place, out)),
        leaf => {
            out.insert((place.to_owned(), leaf.to_string()));
        }
    }
}

fn said_by(json: &str) -> BTreeSet<(String, String)> {
    let mut out = BTreeSet::new();
    said(&serde_json::from_str(json).unwrap(), "", &mut out);
    out
}

fn compare(part: &str) {
    let Some(folder) = folder(part) else { return };
    let (mut records, mut values) = (0, 0);
    let mut new: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in json_files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        let Ok(import) = import(&bytes, &ImportOptions::new(Source::new("s"))) else {
            continue;
        };
        let entries = import.charts.iter().flat_map(|chart| &chart.entries);
        for entry in entries.filter(|entry| entry.class() != RecordClass::Other) {
            let Some(original) = &entry.original else { continue };
            let resource = parse_resource(original.content.as_bytes(), &ParseOptions::default())
                .unwrap()
                .value;
            let before = said_by(&to_json_string(&resource));
            let after = said_by(&to_json_string(&to_fhir(&from_fhir(&resource))));
            records += 1;
            values += after.len();
            for (place, value) in after.difference(&before) {
                let name = path.file_name().unwrap().to_string_lossy();
                new.entry(format!("{}{place}", entry.class()))
                    .or_default()
                    .push(format!("{name}: {value}"));
            }
        }
    }
    println!("{part}: {values} values of {records} records went through the model");
    for (place, values) in &new {
        println!("  new at {place}: {} times, as {}", values.len(), values[0]);
    }
    assert!(
        records > 0 && new.is_empty(),
        "{} places say something new",
        new.len()
    );
}

#[test]
fn official_examples_say_no_more_than_before() {
    compare("fhir/r4-examples");
}
