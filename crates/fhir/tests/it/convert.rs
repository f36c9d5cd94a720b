//! The mapping between FHIR and the model: corpora, and what a caller may rely on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use ehr_fhir::convert::{export, export_chart, export_entry, import};
use ehr_fhir::r4::Resource;
use ehr_fhir::{ParseOptions, Severity, parse_resource, to_json_string};
use ehr_model::{Chart, HealthRecord, ImportOptions, Member, MergedItem, Record, RecordClass, Source};

use crate::corpus::{folder, json_files};

fn options(name: &str) -> ImportOptions {
    ImportOptions::new(Source::new(name))
}

/// The resource of an entry, and the same after it went through the model, as compact JSON in the order of FHIR.
fn both_ways(chart: &Chart) -> impl Iterator<Item = (RecordClass, String, String)> + '_ {
    // What an empty list says is an entry without an original.
    chart.entries.iter().filter_map(|entry| {
        let original = &entry.original.as_ref()?.content;
        let parsed = parse_resource(original.as_bytes(), &ParseOptions::default())
            .unwrap()
            .value;
        let exported = to_json_string(&export_entry(entry));
        Some((entry.class(), to_json_string(&parsed), exported))
    })
}

/// Number of values in a JSON text.
fn leaves(json: &str) -> usize {
    fn count(value: &serde_json::Value) -> usize {
        match value {
            serde_json::Value::Object(members) => members.values().map(count).sum(),
            serde_json::Value::Array(items) => items.iter().map(count).sum(),
            _ => 1,
        }
    }
    serde_json::from_str(json).map_or(1, |value| count(&value))
}

/// What the entries of one class hold: how many values, how many of them beside the model, and under which members.
#[derive(Default)]
struct Tally {
    entries: usize,
    leaves: usize,
    residual: usize,
    paths: BTreeMap<String, usize>,
}

/// Imports every file, checks that each entry exports as its original, and prints what the model does not hold.
fn round_trip(part: &str) {
    let Some(folder) = folder(part) else { return };
    let mut tally: BTreeMap<RecordClass, Tally> = BTreeMap::new();
    let (mut count, mut entries) = (0, 0);
    for path in json_files(&folder) {
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
                let original = entry.original.as_ref();
                tally.leaves += original.map_or(0, |original| leaves(&original.content));
                for residual in &entry.residual {
                    tally.residual += leaves(&residual.content);
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
            "  {class}: {} entries, {} of {} values ({:.1} %) beside the model: {}",
            tally.entries,
            tally.residual,
            tally.leaves,
            100.0 * tally.residual as f64 / tally.leaves as f64,
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
        let Some(folder) = folder(part) else {
            continue;
        };
        let mut paths = json_files(&folder);
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
fn what_breaks_a_rule_or_has_no_zone_is_understood_and_goes_out_valid() {
    let json = r#"{"resourceType":"Bundle","type":"collection","entry":[
     {"resource":{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"effectiveDateTime":"2020-01-02T10:00:00",
       "issued":"2020-01-03","valueString":"a","dataAbsentReason":{"text":"none"},"method":{"text":"m","extension":[{"url":"http://x","valueString":"kept"}]}}},
     {"resource":{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","medicationCodeableConcept":{"text":"Warfarin"},
       "subject":{"display":"Ann"},"dosageInstruction":[{"text":"t","timing":{"repeat":{"countMax":3}},"doseAndRate":[{"doseQuantity":{"value":5.0,"comparator":"<","unit":"mg"}}]}]}}]}"#;
    let chart = import(json.as_bytes(), &options("a")).unwrap().charts.remove(0);
    let Record::Observation(observation) = &chart.entries[0].record else {
        panic!("an observation")
    };
    let effective = observation
        .effective
        .as_ref()
        .and_then(ehr_model::Occurrence::start);
    assert_eq!(effective.unwrap().to_string(), "2020-01-02T10:00:00");
    assert_eq!(observation.issued.unwrap().to_string(), "2020-01-03");
    let bundle = export_chart(&chart);
    let text = to_json_string(&bundle);
    let errors = ehr_fhir::check(&bundle)
        .into_iter()
        .filter(ehr_fhir::Finding::is_error);
    assert_eq!(
        errors.map(|error| error.to_string()).collect::<Vec<_>>(),
        Vec::<String>::new(),
        "{text}"
    );
    for kept in [
        "2020-01-02T10:00:00",
        "2020-01-03",
        "kept",
        "5.0",
        "none",
        r#""effectiveDateTime":"2020-01-02""#,
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    let again = import(text.as_bytes(), &options("a")).unwrap().charts.remove(0);
    for (before, after) in chart.entries.iter().zip(&again.entries) {
        assert!(before.record == after.record, "{}", before.class());
    }
}

#[test]
fn an_identifier_alone_says_whose_a_record_is() {
    let allergy = |id: &str, patient: &str| {
        format!(r#"{{"resource":{{"resourceType":"AllergyIntolerance","id":"{id}","patient":{patient}}}}}"#)
    };
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[
         {{"resource":{{"resourceType":"Patient","id":"1","identifier":[{{"system":"http://mrn","value":"1"}}]}}}},{},{},{},{},{}]}}"#,
        allergy(
            "typed",
            r#"{"type":"Patient","identifier":{"system":"http://mrn","value":"1"}}"#
        ),
        allergy("bare", r#"{"identifier":{"system":"http://mrn","value":"1"}}"#),
        allergy("other", r#"{"identifier":{"system":"http://mrn","value":"2"}}"#),
        allergy("unsaid", r#"{"display":"Ann"}"#),
        allergy("stranger", r#"{"reference":"urn:uuid:2"}"#),
    );
    let import = import(bundle.as_bytes(), &options("a")).unwrap();
    let keys = |chart: &Chart| -> Vec<String> {
        chart
            .entries
            .iter()
            .map(|entry| entry.source_key().to_owned())
            .collect()
    };
    let charts: Vec<Vec<String>> = import.charts.iter().map(keys).collect();
    assert_eq!(
        charts[..3],
        [vec!["1", "typed", "bare"], vec!["other"], vec!["stranger"]]
    );
    assert_eq!(charts[3], ["unsaid"], "whose it is, nobody knows");
    let Record::AllergyIntolerance(allergy) = &import.charts[0].entries[2].record else {
        panic!("an allergy")
    };
    let target = allergy.patient.as_ref().unwrap().target.as_ref();
    assert_eq!(target, Some(&import.charts[0].entries[0].id));
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

#[test]
fn a_bad_line_of_ndjson_spoils_only_itself() {
    let good = |id: &str| format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#);
    let (a, b) = (good("a"), good("b"));
    for (text, bad) in [
        (format!("{{bad\n{a}\n{b}\n"), true),
        (format!("{a}\n{{bad\n{b}"), true),
        (format!("{a}\n{b}\n{{bad"), true),
        (format!("{a}\r{b}\r"), false),
        (format!("{a}\r\n\r\n{b}\r\n"), false),
        (format!("{a}\n\u{feff}{b}\n"), false),
    ] {
        let import = import(text.as_bytes(), &options("a")).unwrap();
        let ids: BTreeSet<&str> = import
            .charts
            .iter()
            .flat_map(|chart| &chart.entries)
            .filter_map(|entry| entry.origin.native_id.as_deref())
            .collect();
        assert_eq!(ids.len(), 2, "{text:?} {ids:?}");
        let kept = import
            .charts
            .iter()
            .flat_map(|chart| &chart.residual)
            .any(|residual| residual.content == "{bad");
        assert_eq!((kept, import.findings.is_empty()), (bad, !bad), "{text:?}");
    }
}

/// OBX-4 as the guide HL7/v2-to-fhir writes it.
#[test]
fn the_sub_id_of_an_observation_goes_out_and_comes_back() {
    let mut chart = Chart::new(Source::new("lab"));
    let keys = [
        "0123456789abcdef0123456789abcdef",
        "fedcba9876543210fedcba9876543210",
    ];
    for (key, sub_id) in keys.into_iter().zip(["1", "1.2&b"]) {
        let id = ehr_model::EntryId {
            class: RecordClass::Observation,
            key: key.to_owned(),
        };
        let record = ehr_model::Observation {
            code: Some(ehr_types::CodeableConcept::from_text("Culture")),
            ..ehr_model::Observation::default()
        };
        let origin = ehr_model::Origin {
            native_id: Some(id.with_sub_id(sub_id)),
            ..ehr_model::Origin::default()
        };
        chart.entries.push(ehr_model::Entry {
            id,
            origin,
            labels: Vec::new(),
            record: record.into(),
            original: None,
            residual: Vec::new(),
        });
    }
    let bundle = to_json_string(&export_chart(&chart));
    assert!(bundle.contains(r#"{"url":"original-sub-identifier","valueString":"1.2&b"}],"url":"http://hl7.org/fhir/StructureDefinition/observation-v2-subid"}"#), "{bundle}");
    let again = import(bundle.as_bytes(), &options("lab"))
        .unwrap()
        .charts
        .remove(0);
    for ((entry, sub_id), key) in again.entries.iter().zip(["1", "1.2&b"]).zip(keys) {
        assert_eq!(entry.origin.sub_id(), Some(sub_id));
        let left: Vec<&str> = entry
            .residual
            .iter()
            .map(|left| left.location.path.as_str())
            .collect();
        assert!(left.iter().all(|path| path.contains(".meta")), "{left:?}");
        let name = format!("Observation/{key}");
        assert!(to_json_string(&export_chart(&again)).contains(&name));
    }
}
