//! Records of the model, of every class and with every field, through FHIR and back.

use std::collections::{BTreeMap, BTreeSet};

use ehr_fhir::convert::{export, export_chart, export_entry, from_fhir, import, to_fhir};
use ehr_fhir::{Finding, ParseOptions, check, parse_resource, to_json_string};
use ehr_model::{
    Chart, Entry, EntryId, HealthRecord, ImportOptions, Member, MergedItem, Origin, Record, RecordClass,
    Source,
};
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
];

fn is_normalised(path: &str) -> bool {
    let is_in = |place: &str| {
        path.strip_prefix(place)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    NORMALISED.iter().any(|(place, _)| is_in(place)) || path.ends_with(".as_needed")
}

/// A value without what says nothing in FHIR: what is absent for an unknown reason, which stands for each required element
/// that a record does not have (FHIR cannot say `deleted`); a reference that names nothing but the class of its target; a
/// unit that is the code.
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

/// A path without the places in its lists.
fn without_places(path: &str) -> String {
    path.split('[')
        .map(|part| part.split_once(']').map_or(part, |(_, rest)| rest))
        .collect()
}

/// The places where two values differ, each with an example.
#[derive(Default)]
struct Places(BTreeMap<String, String>);

impl Places {
    fn add(&mut self, place: String, example: impl FnOnce() -> String) {
        self.0.entry(place).or_insert_with(example);
    }

    /// Fails, and shows them, when there are any.
    fn none(&self, what: &str) {
        for (place, example) in &self.0 {
            println!("{place}: {example}");
        }
        assert!(self.0.is_empty(), "{} {what}", self.0.len());
    }
}

/// Bytes that look random, the same at each run.
struct Bytes(u64);

impl Bytes {
    fn take(&mut self, len: usize) -> Vec<u8> {
        let mut next = || {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 56) as u8
        };
        (0..len).map(|_| next()).collect()
    }
}

fn cases() -> usize {
    let cases = std::env::var("PROPTEST_CASES");
    cases.ok().and_then(|cases| cases.parse().ok()).unwrap_or(500)
}

/// The faults that a reader finds in what was written, by place in the type and code.
fn add_faults(findings: &[Finding], text: &str, to: &mut Places) {
    for finding in findings.iter().filter(|finding| finding.is_error()) {
        let place = format!("{} {}", without_places(&finding.location.path), finding.code);
        to.add(place, || text.to_owned());
    }
}

/// What a record says, as JSON.
fn said(record: &Record) -> Value {
    settled(serde_json::to_value(record).unwrap()).unwrap_or_default()
}

fn add_differences(before: &Value, after: &Value, text: &str, to: &mut Places) {
    let mut found = BTreeSet::new();
    differences(before, after, "", &mut found);
    for path in found.into_iter().filter(|path| !is_normalised(path)) {
        to.add(path, || format!("{before} became {after} by way of {text}"));
    }
}

#[test]
fn any_record_comes_back_from_fhir() {
    let (mut bytes, mut kinds) = (Bytes(20_260_101), Kinds::default());
    let (mut lost, mut invalid) = (Places::default(), Places::default());
    let (mut filled, mut classes) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..cases() {
        let (record, fields): (Record, _) = make(&bytes.take(400), WITHOUT, &mut kinds);
        if record.class() == RecordClass::Other {
            continue;
        }
        filled.extend(fields);
        classes.insert(record.class());
        let resource = to_fhir(&record);
        let text = to_json_string(&resource);
        let parsed = parse_resource(text.as_bytes(), &ParseOptions::default()).unwrap();
        assert!(parsed.value == resource, "{text}");
        add_faults(&parsed.findings, &text, &mut invalid);
        add_differences(&said(&record), &said(&from_fhir(&resource)), &text, &mut lost);
    }
    println!(
        "{} records of {} classes with {} fields",
        cases(),
        classes.len(),
        filled.len()
    );
    lost.none("places differ");
    invalid.none("kinds of faults are written");
}

/// Codes that contradict each other, texts that are no texts, words where codes belong: what is written is valid all the
/// same, and says the same when it is read and written again.
#[test]
fn whatever_a_record_holds_is_written_as_valid_fhir() {
    let (mut bytes, mut kinds) = (Bytes(20_260_102), Kinds::hostile());
    let (mut unstable, mut invalid) = (Places::default(), Places::default());
    for _ in 0..cases() {
        let (record, _): (Record, _) = make(&bytes.take(400), &[("Reference", "target")], &mut kinds);
        let resource = to_fhir(&record);
        let text = to_json_string(&resource);
        add_faults(&check(&resource), &text, &mut invalid);
        let once = from_fhir(&resource);
        let twice = from_fhir(&to_fhir(&once));
        add_differences(&said(&once), &said(&twice), &text, &mut unstable);
    }
    invalid.none("kinds of faults are written");
    unstable.none("places differ when they are written again");
}

/// A value in which references to entries are the keys of these, however they are written, and one by an identifier is that
/// alone: it may lead to an entry that has the identifier.
fn with_keys(mut value: Value, keys: &BTreeMap<String, String>) -> Value {
    match &mut value {
        Value::Object(members) => {
            let target = members.get("target").and_then(|target| target["key"].as_str());
            if let Some(key) = target.map(|key| keys.get(key).map_or(key, String::as_str).to_owned()) {
                members.insert("target".into(), key.into());
                members.remove("literal");
                if members.contains_key("identifier") {
                    members.remove("target");
                }
            }
            members
                .values_mut()
                .for_each(|member| *member = with_keys(member.take(), keys));
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = with_keys(item.take(), keys)),
        _ => {}
    }
    value
}

/// A chart of a patient and a few entries whose references lead to each other.
fn chart(bytes: &mut Bytes, kinds: &mut Kinds) -> Chart {
    let count = 2 + usize::from(bytes.take(1)[0] % 5);
    let (mut seeds, mut targets): (Vec<Vec<u8>>, _) = (Vec::new(), Vec::new());
    kinds.targets.clear();
    while seeds.len() < count {
        let seed = bytes.take(300);
        // The first byte says which class it is, whatever its references lead to.
        let (record, _): (Record, _) = make(&seed, WITHOUT, kinds);
        let is_wanted = (record.class() == RecordClass::Patient) == seeds.is_empty();
        if is_wanted && record.class() != RecordClass::Other {
            targets.push((record.class().as_str(), format!("e{}", seeds.len())));
            seeds.push(seed);
        }
    }
    kinds.targets.clone_from(&targets);
    let mut chart = Chart::new(Source::new("a"));
    for (seed, (_, key)) in seeds.iter().zip(targets) {
        // Who is named by another identifier, or by another name alone, is somebody else.
        let without = [
            ("Status", "code"),
            ("Reference", "identifier"),
            ("Reference", "display"),
        ];
        let (record, _): (Record, _) = make(seed, &without, kinds);
        chart.entries.push(Entry {
            id: EntryId {
                class: record.class(),
                key,
            },
            origin: Origin::default(),
            labels: Vec::new(),
            record,
            original: None,
            residual: Vec::new(),
        });
    }
    chart
}

#[test]
fn any_chart_comes_back_from_its_bundle() {
    let (mut bytes, mut kinds) = (Bytes(20_260_103), Kinds::default());
    let (mut lost, mut invalid) = (Places::default(), Places::default());
    let (mut entries, mut links) = (0, 0);
    for _ in 0..cases() / 4 {
        let chart = chart(&mut bytes, &mut kinds);
        let bundle = export_chart(&chart);
        let text = to_json_string(&bundle);
        add_faults(&check(&bundle), &text, &mut invalid);
        let again = import(text.as_bytes(), &ImportOptions::new(Source::new("a"))).unwrap();
        assert_eq!(again.charts.len(), 1, "{text}");
        let native = |entry: &Entry| entry.origin.native_id.clone().unwrap_or_default();
        let keys: BTreeMap<String, String> = again.charts[0]
            .entries
            .iter()
            .map(|entry| (entry.id.key.clone(), native(entry)))
            .collect();
        for entry in &chart.entries {
            let same = again.charts[0]
                .entries
                .iter()
                .find(|other| native(other) == entry.id.key);
            let Some(same) = same else {
                lost.add(format!("{}", entry.class()), || text.clone());
                continue;
            };
            let before = with_keys(said(&entry.record), &keys);
            let mut after = with_keys(said(&same.record), &keys);
            links += before.to_string().matches("\"target\"").count();
            entries += 1;
            // The code of what a reference leads to is made that of the entry, so that entries can be compared.
            if let Some((class, members)) = after.as_object_mut().and_then(|record| record.iter_mut().next())
                && before[class.as_str()]["medication"].is_null()
                && !before[class.as_str()]["medication_reference"].is_null()
                && let Some(members) = members.as_object_mut()
            {
                members.remove("medication");
            }
            add_differences(&before, &after, &text, &mut lost);
        }
    }
    println!("{entries} entries with {links} references between them");
    lost.none("places differ");
    invalid.none("kinds of faults are written");
}

/// The values in a JSON value, and in the JSON that its Binaries hold.
fn values(json: &Value, out: &mut BTreeSet<String>) {
    match json {
        Value::Object(members) => {
            if members.get("resourceType").is_some_and(|type_| type_ == "Binary") {
                let data = members["data"].as_str().unwrap_or_default();
                let held = serde_json::from_slice(&from_base64(data));
                values(&held.unwrap_or_default(), out);
            }
            members.values().for_each(|value| values(value, out));
        }
        Value::Array(items) => items.iter().for_each(|item| values(item, out)),
        leaf => drop(out.insert(leaf.to_string())),
    }
}

pub(crate) fn from_base64(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<u32> = text
        .chars()
        .filter_map(|letter| Some(DIGITS.find(letter)? as u32))
        .collect();
    let bytes = digits.chunks(4).flat_map(|four| {
        let bits = four
            .iter()
            .enumerate()
            .fold(0, |bits, (at, digit)| bits | digit << (18 - 6 * at));
        bits.to_be_bytes()[1..four.len()].to_vec()
    });
    bytes.collect()
}

/// However well the members of an item agree, the item's record says what one of them says.
#[test]
fn every_value_of_every_member_stands_in_the_bundle() {
    let (mut bytes, mut kinds) = (Bytes(20_260_105), Kinds::default());
    let (mut lost, mut invalid, mut count) = (Places::default(), Places::default(), 0);
    let mut waiting = BTreeMap::<RecordClass, Record>::new();
    for _ in 0..cases() {
        let (record, _): (Record, _) = make(&bytes.take(300), WITHOUT, &mut kinds);
        let Some(other) = waiting.remove(&record.class()) else {
            waiting.insert(record.class(), record);
            continue;
        };
        let records = [record, other];
        let charts: Vec<Chart> = records
            .iter()
            .zip(["a", "b"])
            .map(|(record, source)| {
                let mut chart = Chart::new(Source::new(source));
                let id = EntryId::derive(record.class(), &[source]);
                let origin = Origin {
                    source: source.to_owned(),
                    ..Origin::default()
                };
                chart.entries.push(Entry::new(id, origin, record.clone()));
                chart
            })
            .collect();
        let members = charts.iter().map(|chart| Member {
            source: chart.source.id.clone(),
            entry: Some(chart.entries[0].id.clone()),
            key: chart.source.id.clone(),
        });
        let item = MergedItem {
            id: charts[0].entries[0].id.clone(),
            members: members.collect(),
            record: records[0].clone(),
            conflicts: Vec::new(),
        };
        let bundle = export(&HealthRecord {
            person: "p".into(),
            items: vec![item],
            charts,
        });
        let text = to_json_string(&bundle);
        add_faults(&check(&bundle), &text, &mut invalid);
        let mut there = BTreeSet::new();
        values(&serde_json::from_str(&text).unwrap(), &mut there);
        for record in &records {
            let mut own = BTreeSet::new();
            values(
                &serde_json::from_str(&to_json_string(&to_fhir(record))).unwrap(),
                &mut own,
            );
            count += own.len();
            for value in own.difference(&there) {
                lost.add(format!("{} {value}", record.class()), || text.clone());
            }
        }
    }
    println!("{count} values of members");
    lost.none("values are lost");
    invalid.none("kinds of faults are written");
}

/// Values that a leaf of a record may be set to, the likeliest first.
fn other_values(old: &Value) -> Vec<Value> {
    let texts: &[&str] = match old {
        Value::Bool(old) => return vec![(!old).into()],
        Value::Number(_) => return vec![7.into(), 8.into()],
        Value::String(old) if old.starts_with(|digit: char| digit.is_ascii_digit()) && old.len() >= 4 => {
            &["1999-12-31", "08:09:10", "7.25", "changed"]
        }
        Value::String(old) if old.parse::<f64>().is_ok() => &["7.25", "changed"],
        // Codes first: a word where a code belongs is kept beside it.
        Value::String(_) => &["entered-in-error", "completed", "changed"],
        _ => &[],
    };
    texts
        .iter()
        .filter(|text| *old != **text)
        .map(|text| (*text).into())
        .collect()
}

/// Places of the leaves of a value.
fn leaves(value: &Value, path: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                leaves(member, &format!("{path}/{name}"), out);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{path}/{index}"), out);
            }
        }
        _ => out.push(path.to_owned()),
    }
}

/// What is wrong with the export of an imported entry whose record was changed: it is to say what the record says and no more,
/// and, where one value was replaced, to leave what the model does not hold as it was.
fn add_wrong_changes(entry: &Entry, record: Record, place: &str, is_one_value: bool, to: &mut Places) {
    let mut changed = entry.clone();
    changed.record = record;
    let text = to_json_string(&export_entry(&changed));
    let again = import(text.as_bytes(), &ImportOptions::new(Source::new("a"))).unwrap();
    let again = &again.charts[0].entries[0];
    let keys = BTreeMap::new();
    let [expected, found] =
        [&from_fhir(&to_fhir(&changed.record)), &again.record].map(|record| with_keys(said(record), &keys));
    let mut differ = BTreeSet::new();
    differences(&expected, &found, "", &mut differ);
    let original = entry.original.as_ref().unwrap();
    for path in differ.iter().filter(|path| !is_normalised(path)) {
        let example = || {
            format!(
                "{expected} became {found} by way of {text} of {}",
                original.content
            )
        };
        to.add(format!("{place} {path}"), example);
    }
    let residual = |entry: &Entry| -> Vec<String> {
        let from = entry.origin.location.path.len();
        let paths = entry.residual.iter().map(|left| &left.location.path);
        let mut paths: Vec<String> = paths.map(|path| without_places(&path[from..])).collect();
        paths.sort();
        paths
    };
    let [before, after] = [entry, again].map(residual);
    if is_one_value && before != after {
        to.add(format!("{place} residual"), || {
            format!("{before:?} became {after:?} by way of {text}")
        });
    }
}

/// Entries of resources that the model has a class for, from all kinds of sources.
fn imported_entries() -> Vec<Entry> {
    let mut out = Vec::new();
    for part in ["fhir/r4-examples", "fhir/synthea", "merge_split"] {
        let Some(folder) = crate::corpus::folder(part) else {
            continue;
        };
        let files = crate::corpus::json_files(&folder).into_iter();
        let few = if part == "merge_split" { 2 } else { usize::MAX };
        for path in files
            .filter(|path| !path.to_string_lossy().contains(".truth."))
            .take(few)
        {
            let bytes = std::fs::read(&path).unwrap();
            let read = import(&bytes, &ImportOptions::new(Source::new("a"))).unwrap_or_default();
            out.extend(read.charts.into_iter().flat_map(|chart| chart.entries));
        }
    }
    out.retain(|entry| entry.class() != RecordClass::Other);
    out
}

/// A few of each kind are enough.
const OF_EACH: usize = 3;

#[test]
fn a_changed_value_of_an_imported_record_comes_out() {
    let (mut wrong, mut seen, mut changes) = (Places::default(), BTreeMap::<String, usize>::new(), 0);
    let entries = imported_entries();
    for entry in &entries {
        let before = serde_json::to_value(&entry.record).unwrap();
        let mut places = Vec::new();
        leaves(&before, "", &mut places);
        // Where a reference leads is said by its text.
        places.retain(|place| !place.contains("/target/") && !place.ends_with("/class"));
        for place in places {
            let names = place.split('/').filter(|part| part.parse::<u8>().is_err());
            let name = names.collect::<Vec<_>>().join(".");
            let count = seen.entry(name.clone()).or_default();
            *count += 1;
            if *count > OF_EACH {
                continue;
            }
            let record = other_values(before.pointer(&place).unwrap())
                .into_iter()
                .find_map(|value| {
                    let mut after = before.clone();
                    *after.pointer_mut(&place).unwrap() = value;
                    serde_json::from_value::<Record>(after).ok()
                });
            if let Some(record) = record {
                changes += 1;
                add_wrong_changes(entry, record, &name, true, &mut wrong);
            }
        }
    }
    println!(
        "{changes} of {} values changed in {} records",
        seen.len(),
        entries.len()
    );
    wrong.none("places differ");
}

#[test]
fn a_field_that_is_put_into_an_imported_record_comes_out() {
    let (mut bytes, mut kinds) = (Bytes(20_260_104), Kinds::default());
    let mut others = BTreeMap::<RecordClass, Vec<Value>>::new();
    for _ in 0..1500 {
        let (record, _): (Record, _) = make(&bytes.take(300), WITHOUT, &mut kinds);
        let record_json = serde_json::to_value(&record).unwrap();
        others.entry(record.class()).or_default().push(record_json);
    }
    let (mut wrong, mut seen, mut changes) = (Places::default(), BTreeMap::<String, usize>::new(), 0);
    let entries = imported_entries();
    for (number, entry) in entries.iter().enumerate() {
        let Some(others) = others.get(&entry.class()) else {
            continue;
        };
        let class = entry.class().as_str();
        let before = serde_json::to_value(&entry.record).unwrap();
        let other = others[number % others.len()][class].as_object().unwrap();
        let old = before[class].as_object().unwrap();
        let names: BTreeSet<&String> = other.keys().chain(old.keys()).collect();
        for name in names {
            let place = format!(
                "{class}.{name}{}",
                if other.contains_key(name) { "" } else { " without" }
            );
            // The concept of a medication that is referred to is that of the Medication.
            if name == "medication" && !other.contains_key(name) && old.contains_key("medication_reference") {
                continue;
            }
            let count = seen.entry(place.clone()).or_default();
            *count += 1;
            if *count > OF_EACH {
                continue;
            }
            let mut after = before.clone();
            let members = after[class].as_object_mut().unwrap();
            match other.get(name) {
                Some(value) => drop(members.insert(name.clone(), value.clone())),
                None => drop(members.remove(name)),
            }
            if let Ok(record) = serde_json::from_value::<Record>(after) {
                changes += 1;
                add_wrong_changes(entry, record, &place, false, &mut wrong);
            }
        }
    }
    println!(
        "{changes} of {} fields changed in {} records",
        seen.len(),
        entries.len()
    );
    wrong.none("places differ");
}
