//! The mapping between FHIR and the model: corpora, and what a caller may rely on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ehr_fhir::convert::{export, export_chart, export_entry, import};
use ehr_fhir::r4::Resource;
use ehr_fhir::{ParseOptions, Severity, parse_resource, to_json_string};
use ehr_model::{Chart, HealthRecord, ImportOptions, Member, MergedItem, Record, RecordClass, Source};

fn corpus(part: &str) -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus");
    let path = PathBuf::from(std::env::var("EHR_CORPUS").unwrap_or_else(|_| default.to_owned())).join(part);
    if !path.is_dir() {
        println!("skipped: no corpus at {}", path.display());
        return None;
    }
    Some(path)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|ext| ext == "json" || ext == "ndjson")
        })
        .collect();
    out.sort();
    out
}

fn options(name: &str) -> ImportOptions {
    ImportOptions::new(Source::new(name))
}

/// The resource of an entry, and the same after it went through the model, as compact JSON in the order of FHIR.
fn both_ways(chart: &Chart) -> impl Iterator<Item = (RecordClass, String, String)> + '_ {
    chart.entries.iter().map(|entry| {
        let original = &entry.original.as_ref().unwrap().content;
        let parsed = parse_resource(original.as_bytes(), &ParseOptions::default())
            .unwrap()
            .value;
        (
            entry.class(),
            to_json_string(&parsed),
            to_json_string(&export_entry(entry)),
        )
    })
}

#[derive(Default)]
struct Tally {
    entries: usize,
    members: usize,
    bytes: usize,
    paths: BTreeMap<String, usize>,
}

/// Imports every file, checks that each entry exports as its original, and prints what the model does not hold.
fn round_trip(part: &str) {
    let Some(folder) = corpus(part) else { return };
    let mut tally: BTreeMap<RecordClass, Tally> = BTreeMap::new();
    let (mut count, mut entries) = (0, 0);
    for path in files(&folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".truth.json") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let Ok(import) = import(&bytes, &options(&name)) else {
            println!("not imported: {name}");
            continue;
        };
        count += 1;
        for chart in &import.charts {
            for (class, original, exported) in both_ways(chart) {
                assert!(original == exported, "{name}: {class} does not come back");
                entries += 1;
            }
            for entry in &chart.entries {
                let tally = tally.entry(entry.class()).or_default();
                tally.entries += 1;
                tally.members += entry.residual.len();
                for residual in &entry.residual {
                    tally.bytes += residual.content.len();
                    let path = residual
                        .location
                        .path
                        .strip_prefix(&entry.origin.location.path)
                        .unwrap();
                    let path: String = path.chars().filter(|letter| !letter.is_ascii_digit()).collect();
                    *tally.paths.entry(path.replace("[]", "")).or_default() += 1;
                }
            }
        }
    }
    println!("{part}: {count} files, {entries} entries come back as they were");
    for (class, tally) in &tally {
        let mut paths: Vec<(&String, &usize)> = tally.paths.iter().collect();
        paths.sort_by_key(|(path, count)| (std::cmp::Reverse(**count), (*path).clone()));
        let top: Vec<String> = paths
            .iter()
            .take(12)
            .map(|(path, count)| format!("{path} {count}"))
            .collect();
        println!(
            "  {class}: {} entries, {} members of {} bytes in the residual: {}",
            tally.entries,
            tally.members,
            tally.bytes,
            top.join(", ")
        );
    }
    assert!(count > 0, "the corpus has no files");
}

#[test]
fn official_examples_come_back() {
    round_trip("fhir/r4-examples");
}

#[test]
fn synthea_comes_back() {
    round_trip("fhir/synthea");
}

#[test]
fn split_records_come_back() {
    round_trip("merge_split");
}

/// A person's record in which each entry is an item of its own.
fn unmerged(charts: Vec<Chart>) -> HealthRecord {
    let mut items: Vec<MergedItem> = charts
        .iter()
        .flat_map(|chart| &chart.entries)
        .map(|entry| MergedItem {
            id: entry.id.clone(),
            members: vec![Member {
                source: entry.origin.source.clone(),
                entry: Some(entry.id.clone()),
                key: entry.source_key().to_owned(),
            }],
            record: entry.record.clone(),
            conflicts: Vec::new(),
        })
        .collect();
    items.sort_by(|a, b| a.id.cmp(&b.id));
    items.dedup_by(|a, b| a.id == b.id);
    HealthRecord {
        person: "p1".into(),
        charts,
        items,
    }
}

/// The references of a Bundle, and those of them that lead to nothing in it.
fn references(bundle: &serde_json::Value) -> (usize, BTreeSet<String>) {
    fn walk(value: &serde_json::Value, out: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => {
                if let Some(serde_json::Value::String(literal)) = members.get("reference") {
                    out.push(literal.clone());
                }
                members.values().for_each(|value| walk(value, out));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|value| walk(value, out)),
            _ => {}
        }
    }
    let mut all = Vec::new();
    walk(bundle, &mut all);
    let mut names = BTreeSet::new();
    for entry in bundle["entry"].as_array().unwrap() {
        let resource = &entry["resource"];
        let id = resource["id"].as_str().unwrap_or_default();
        names.insert(format!("urn:uuid:{id}"));
        names.insert(format!("{}/{id}", resource["resourceType"].as_str().unwrap()));
        names.insert(entry["fullUrl"].as_str().unwrap_or_default().to_owned());
    }
    let count = all.len();
    let dangling = all
        .into_iter()
        .filter(|literal| !literal.starts_with('#') && !literal.contains('?') && !names.contains(literal));
    (count, dangling.collect())
}

#[test]
fn references_of_a_record_resolve_inside_its_bundle() {
    let mut count = 0;
    for part in ["fhir/synthea", "merge_split"] {
        let Some(folder) = corpus(part) else {
            continue;
        };
        let mut paths = files(&folder);
        paths.retain(|path| !path.to_string_lossy().contains(".truth."));
        for path in paths.into_iter().take(3) {
            let bytes = fs::read(&path).unwrap();
            let input: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            if input["resourceType"] != "Bundle" {
                continue;
            }
            let record = unmerged(import(&bytes, &options("a")).unwrap().charts);
            let output: serde_json::Value = serde_json::from_str(&to_json_string(&export(&record))).unwrap();
            let (_, from_the_start) = references(&input);
            let (all, dangling) = references(&output);
            let lost: Vec<&String> = dangling.difference(&from_the_start).collect();
            assert_eq!(lost, Vec::<&String>::new());
            count += all;
            let patients = output["entry"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|entry| entry["resource"]["resourceType"] == "Patient");
            assert_eq!(patients.count(), 1);
        }
    }
    println!("{count} references checked");
}

const BUNDLE: &str = r#"{"resourceType":"Bundle","type":"searchset","total":2,"timestamp":"2024-05-01T10:00:00Z","entry":[
 {"fullUrl":"http://a/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1","meta":{"versionId":"7","security":[{"code":"R"}]},
  "extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":[
    {"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3","display":"White"}},{"url":"text","valueString":"White"}]},
   {"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex","valueCode":"F"},{"url":"http://local/x","valueBoolean":true}],
  "name":[{"family":"Ng","given":["Ann"]}],"birthDate":"1990-02","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"1990-02-03T04:05:06Z"}]},
  "photo":[{"contentType":"image/png"}],"animal":1}},
 {"fullUrl":"http://a/fhir/Patient/2","resource":{"resourceType":"Patient","id":"2"}},
 {"resource":{"resourceType":"Practitioner","id":"d","identifier":[{"system":"http://npi","value":"9"}]}},
 {"resource":{"resourceType":"Organization","id":"lonely"}},
 {"resource":{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/1"},"asserter":{"reference":"Practitioner?identifier=http://npi|9"},
   "code":{"text":"Asthma"},"onsetDateTime":"2012"}},
 {"resource":{"resourceType":"Task","id":"t","for":{"reference":"http://a/fhir/Patient/2"},"status":"draft","intent":"order"}}]}"#;

#[test]
fn a_bundle_of_two_patients_makes_two_charts() {
    let import = import(BUNDLE.as_bytes(), &options("a")).unwrap();
    let classes: Vec<Vec<RecordClass>> = import
        .charts
        .iter()
        .map(|chart| chart.entries.iter().map(|entry| entry.class()).collect())
        .collect();
    use RecordClass as C;
    assert_eq!(
        classes,
        [
            vec![C::Patient, C::Practitioner, C::Condition],
            vec![C::Patient, C::Other],
            vec![C::Organization]
        ]
    );
    let chart = &import.charts[0];
    let Record::Condition(condition) = &chart.entries[2].record else {
        panic!("a condition")
    };
    let asserter = condition.asserter.as_ref().unwrap();
    assert_eq!(asserter.target.as_ref(), Some(&chart.entries[1].id));
    assert_eq!(
        asserter.literal.as_deref(),
        Some("Practitioner?identifier=http://npi|9")
    );
    let patient = chart.patient().unwrap();
    assert_eq!(patient.race[0].codings[0].code.as_deref(), Some("2106-3"));
    assert_eq!(
        patient.birth_sex.as_ref().unwrap().codings[0].code.as_deref(),
        Some("F")
    );
    assert!(patient.birth_time.is_some());
    let entry = chart.patient_entry().unwrap();
    assert_eq!(
        (entry.source_key(), entry.origin.version.as_deref()),
        ("1", Some("7"))
    );
    assert_eq!(entry.labels.len(), 1);
    assert_eq!(entry.origin.location.path, "Bundle.entry[0].resource");
    let span = entry.origin.location.span.unwrap();
    assert!(BUNDLE[span.start..span.end].starts_with(r#"{"resourceType":"Patient","id":"1""#));
    let residual: Vec<&str> = entry
        .residual
        .iter()
        .map(|residual| residual.location.path.as_str())
        .collect();
    assert_eq!(
        residual,
        [
            "Bundle.entry[0].resource.extension[2]",
            "Bundle.entry[0].resource.animal"
        ]
    );
    assert_eq!(
        import.charts[0].residual.len(),
        2,
        "total and timestamp of the Bundle"
    );
}

#[test]
fn a_changed_entry_keeps_what_the_model_does_not_hold() {
    let mut import = import(BUNDLE.as_bytes(), &options("a")).unwrap();
    let entry = &mut import.charts[0].entries[0];
    let Record::Patient(patient) = &mut entry.record else {
        panic!("a patient")
    };
    patient.name[0].family = Some("Shaw".into());
    let text = to_json_string(&export_entry(entry));
    for kept in [
        r#""family":"Shaw""#,
        r#""animal":1"#,
        r#"{"url":"http://local/x","valueBoolean":true}"#,
        r#""birthDate":"1990-02""#,
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
}

#[test]
fn the_same_bytes_give_the_same_ids_and_output() {
    let bundle = |name: &str| {
        let import = import(BUNDLE.as_bytes(), &options(name)).unwrap();
        import
            .charts
            .iter()
            .map(|chart| to_json_string(&export_chart(chart)))
            .collect::<Vec<_>>()
    };
    assert_eq!(bundle("a"), bundle("a"));
    let ids = |name: &str| {
        import(BUNDLE.as_bytes(), &options(name)).unwrap().charts[0].entries[0]
            .id
            .clone()
    };
    assert_ne!(ids("a"), ids("b"));
}

#[test]
fn lines_and_breaks_lose_nothing() {
    let lines = "{\"resourceType\":\"Patient\",\"id\":\"1\"}\n\n{\"resourceType\":\"Observation\",\"id\":\"2\",\"subject\":{\"reference\":\"Patient/1\"}}\n{\"resourceType\":\n";
    let import_lines = import(lines.as_bytes(), &options("a")).unwrap();
    assert_eq!(import_lines.charts.len(), 1);
    assert_eq!(import_lines.charts[0].entries.len(), 2);
    assert_eq!(import_lines.charts[0].entries[1].origin.location.line, Some(3));
    assert_eq!(import_lines.charts[0].residual.len(), 1);
    assert!(
        import_lines
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error && finding.location.line >= Some(4))
    );

    let broken = &BUNDLE[..BUNDLE.find("\"Task\"").unwrap()];
    let import_broken = import(broken.as_bytes(), &options("a")).unwrap();
    assert_eq!(
        import_broken
            .charts
            .iter()
            .map(|chart| chart.entries.len())
            .sum::<usize>(),
        5
    );
    assert!(
        import_broken.charts[0]
            .residual
            .iter()
            .any(|residual| !residual.content.is_empty())
    );

    for nothing in ["", "  ", "[]", "{\"a\":1}", "nonsense", "{"] {
        assert!(import(nothing.as_bytes(), &options("a")).is_err(), "{nothing}");
    }
    assert!(import(b"\xff\xfe\x00", &options("a")).is_err());
}

#[test]
fn what_is_missing_is_said_to_be_missing() {
    for class in RecordClass::ALL {
        let resource_type = class.as_str();
        if *class == RecordClass::Other {
            continue;
        }
        let json = format!("{{\"resourceType\":\"{resource_type}\"}}");
        let resource = parse_resource(json.as_bytes(), &ParseOptions::default())
            .unwrap()
            .value;
        let record = ehr_fhir::convert::from_fhir(&resource);
        assert_eq!(record.class(), *class);
        let exported = ehr_fhir::convert::to_fhir(&record);
        let errors: Vec<String> = ehr_fhir::check(&exported)
            .into_iter()
            .filter(ehr_fhir::Finding::is_error)
            .map(|finding| finding.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{resource_type}");
    }
}

#[test]
fn an_item_names_its_members_and_conflicts() {
    let import = import(BUNDLE.as_bytes(), &options("a b")).unwrap();
    let mut record = unmerged(vec![import.charts.into_iter().next().unwrap()]);
    let item = record
        .items
        .iter_mut()
        .find(|item| item.class() == RecordClass::Condition)
        .unwrap();
    item.conflicts.push(ehr_model::Conflict {
        field: "onsetDateTime".into(),
        values: vec![ehr_model::Side {
            value: "2012".into(),
            members: item.members.clone(),
        }],
    });
    let bundle = export(&record);
    let text = to_json_string(&bundle);
    for part in [
        "https://ehr.example/fhir/StructureDefinition/conflict",
        "\"value\":\"a b#c\"",
        "\"type\":\"seealso\"",
        "\"reference\":\"#source-1\"",
        "\"recorded\":\"2024-05-01T10:00:00Z\"",
        "https://ehr.example/fhir/source/a%20b",
    ] {
        assert!(text.contains(part), "{part}");
    }
    let provenances = bundle
        .entry
        .iter()
        .filter(|entry| matches!(entry.resource, Some(Resource::Provenance(_))))
        .count();
    assert_eq!(provenances, record.items.len());
    let findings: Vec<_> = ehr_fhir::check(&bundle)
        .into_iter()
        .filter(ehr_fhir::Finding::is_error)
        .collect();
    assert!(
        findings
            .iter()
            .all(|finding| finding.location.path.contains("animal")),
        "{findings:?}"
    );
}
