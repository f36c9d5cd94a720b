//! What a reader must be told of: words that are in no table, documents that were replaced, options without effect.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::merging::potassium;
use crate::partly::{merge, put};
use crate::{ehr, items, persons, root, scratch, text};

fn document(name: &str) -> String {
    fs::read_to_string(root().join("examples/data/riverside/clinic").join(name)).unwrap()
}

/// The document without the entries of the section with this code.
fn in_words_alone(document: &str, section: &str) -> String {
    let code = document
        .find(&format!("<code code=\"{section}\""))
        .expect("the section");
    let end = code + document[code..].find("</section>").unwrap();
    let first = code + document[code..end].find("<entry").unwrap();
    let last = code + document[code..end].rfind("</entry>").unwrap() + "</entry>".len();
    format!("{}{}", &document[..first], &document[last..])
}

#[test]
fn what_a_section_says_in_words_alone_is_no_silence() {
    let folder = scratch("in-words");
    let whole = document("vance-eleanor.xml");
    let run = merge(
        &put(&folder, "a.xml", in_words_alone(&whole, "48765-2")),
        &folder.join("out"),
    );
    let allergies = run
        .report
        .split("### ")
        .find(|part| part.starts_with("Allergies"))
        .expect("a part");
    assert!(
        allergies.contains("says in words, not read as entries: “"),
        "{allergies}"
    );
    assert!(allergies.contains("Penicillin"), "{allergies}");
    assert!(
        !run.report.contains("says anything about allergies"),
        "{}",
        run.report
    );
    let read = merge(&put(&folder, "b.xml", whole), &folder.join("out-whole"));
    assert!(!read.report.contains("says in words"), "{}", read.report);
}

#[test]
fn what_only_a_replaced_document_says_is_marked() {
    let folder = scratch("replaced");
    let old = document("vance-eleanor.xml");
    let root = "root=\"2.25.310000000000000000000000000000001.7\"";
    let replaces = format!(
        "<relatedDocument typeCode=\"RPLC\"><parentDocument><id {root} extension=\"RFC-1001-20260914\"/></parentDocument></relatedDocument>\n <component>\n  <structuredBody>"
    );
    let new = in_words_alone(&old, "48765-2")
        .replacen("RFC-1001-20260914", "RFC-1001-20260915", 1)
        .replacen("<component>\n  <structuredBody>", &replaces, 1);
    let input = folder.join("in");
    put(&input, "1.xml", &old);
    put(&input, "2.xml", new);
    let run = merge(&input, &folder.join("out"));
    assert!(
        run.report
            .contains("; **replaced by Riverside Family Clinic (2.xml)**"),
        "{}",
        run.report
    );
    let marked: Vec<&str> = run
        .report
        .lines()
        .filter(|line| line.contains("a document that was replaced"))
        .collect();
    assert!(
        marked.iter().any(|line| line.contains("Penicillin")),
        "{marked:#?}"
    );
    assert!(
        !marked.iter().any(|line| line.contains("arfarin")),
        "the new one says so, too: {marked:#?}"
    );
}

#[test]
fn what_was_not_understood_is_in_merge_json() {
    let folder = scratch("not-understood");
    let message = "MSH|^~\\&|A|B|C|D|20240101||ADT^A01^ADT_A01|1|P|2.5\rEVN|A01|20240101\r\
        PID|1||1^^^A||Doe^Jo||19700102\rPV1|1|O\rZEB|ZEBRAVALUE\r";
    let run = merge(&put(&folder, "m.hl7", message), &folder.join("out"));
    for (source, parts) in run.merge["not_understood"].as_object().unwrap() {
        let parts = parts.as_array().unwrap();
        assert_eq!(
            run.merge["residual"][source],
            parts.len(),
            "each that is counted is there"
        );
        assert!(
            parts
                .iter()
                .any(|part| part["text"].to_string().contains("ZEBRAVALUE")),
            "{parts:?}"
        );
        assert!(parts.iter().all(|part| part["path"].is_string()));
    }
}

fn bundle(resources: &[Value]) -> String {
    let mut entries =
        vec![json!({"resource": {"resourceType": "Patient", "id": "p", "name": [{"family": "Vance"}]}})];
    entries.extend(resources.iter().map(|resource| json!({"resource": resource})));
    json!({"resourceType": "Bundle", "type": "collection", "entry": entries}).to_string()
}

#[test]
fn another_version_of_fhir_is_told_and_its_silence_is_none() {
    let folder = scratch("dstu2");
    let order = json!({"resourceType": "MedicationOrder", "id": "m", "patient": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": "warfarin"}});
    let run = merge(&put(&folder, "dstu2.json", bundle(&[order])), &folder.join("out"));
    let (head, person) = run.report.split_once("Person `").unwrap();
    assert!(
        head.contains("## Not all FHIR R4") && head.contains("dstu2.json`: "),
        "{head}"
    );
    assert!(person.contains("warfarin"), "{person}");
    assert!(
        !person.contains("No source says anything about allergies"),
        "{person}"
    );
    assert!(
        person.contains("Nothing was read about allergies, but not all that dstu2.json holds"),
        "{person}"
    );
    let r4 = merge(&put(&folder, "r4.json", bundle(&[])), &folder.join("out-r4"));
    assert!(
        !r4.report.contains("Not all FHIR R4") && r4.report.contains("No source says"),
        "{}",
        r4.report
    );
}

#[test]
fn what_must_not_be_overlooked_is_first() {
    let folder = scratch("first");
    let allergy = |id: &str, status: &str, code: Value| {
        json!({"resourceType": "AllergyIntolerance", "id": id, "patient": {"reference": "Patient/p"}, "code": code,
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": status}]},
            "recordedDate": format!("20{id}")})
    };
    let none = json!({"coding": [{"system": "http://snomed.info/sct", "code": "716186003", "display": "No known allergy"}]});
    let resources = [
        allergy("24", "active", none),
        allergy("23", "resolved", json!({"text": "latex"})),
        allergy("01", "active", json!({"text": "penicillin"})),
        json!({"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/p"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
            "valueQuantity": {"value": 120, "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}}),
    ];
    let run = merge(&put(&folder, "b.json", bundle(&resources)), &folder.join("out"));
    let places: Vec<usize> = ["| penicillin |", "| latex |", "| No known allergy |"]
        .iter()
        .map(|row| {
            run.report
                .find(row)
                .unwrap_or_else(|| panic!("{row}: {}", run.report))
        })
        .collect();
    assert!(places.is_sorted(), "{}", run.report);
    assert!(
        run.report.contains("| LOINC 8480-6 | 120 mmHg |"),
        "{}",
        run.report
    );
}

#[test]
fn what_was_refuted_has_no_active_status() {
    let folder = scratch("refuted");
    let of = |class: &str, id: &str, verification: &str| {
        let code = |code: &str| json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/x", "code": code}]});
        json!({"resourceType": class, "id": id, "clinicalStatus": code("active"), "verificationStatus": code(verification),
            "code": {"text": id}, "patient": {"reference": "Patient/p"}, "subject": {"reference": "Patient/p"}})
    };
    let resources = [
        of("AllergyIntolerance", "nuts", "entered-in-error"),
        of("Condition", "asthma", "refuted"),
        of("Condition", "gout", "confirmed"),
    ];
    let run = merge(&put(&folder, "b.json", bundle(&resources)), &folder.join("out"));
    let person = &persons(&run.merge)[0];
    assert_eq!(
        items(person, "AllergyIntolerance")[0]["status"],
        "entered-in-error"
    );
    let mut conditions: Vec<&str> = items(person, "Condition")
        .iter()
        .map(|item| item["status"].as_str().unwrap())
        .collect();
    conditions.sort_unstable();
    assert_eq!(conditions, ["active", "refuted"]);
    for (what, status) in [("nuts", "entered-in-error"), ("asthma", "refuted")] {
        let row = run
            .report
            .lines()
            .find(|line| line.starts_with(&format!("| {what} |")))
            .unwrap();
        assert!(row.contains(&format!("| {status} |")), "{row}");
    }
}

#[test]
fn the_report_shows_the_latest_first_and_lines_in_their_order() {
    let folder = scratch("order");
    let line = |number: usize, date: &str| {
        json!({"resourceType": "Observation", "id": format!("o{number}"), "status": "final", "subject": {"reference": "Patient/p"},
            "code": {"coding": [{"system": "urn:l", "code": format!("c{number}"), "display": format!("line {number}")}]},
            "effectiveDateTime": date, "valueString": format!("text {number}")})
    };
    let resources: Vec<Value> = (0..9)
        .map(|number| line(number, if number < 8 { "2024-01-01" } else { "2025-01-01" }))
        .collect();
    let run = merge(&put(&folder, "b.json", bundle(&resources)), &folder.join("out"));
    let shown: Vec<&str> = run
        .report
        .lines()
        .filter_map(|line| line.strip_prefix("| line "))
        .map(|line| &line[..1])
        .collect();
    assert_eq!(shown.concat(), "801234567");
}

#[test]
fn a_concept_map_without_effect_is_told() {
    let folder = scratch("concept-map-idle");
    let local = potassium(&folder, "lab.json", "urn:oid:1.2.3", "K", "Kalium");
    let standard = potassium(&folder, "clinic.json", "http://loinc.org", "2823-3", "Potassium");
    let run = |name: &str, content: &str| {
        let map = put(&folder, name, content);
        let out = folder.join(format!("out-{name}"));
        let output = ehr(&[
            "merge",
            text(&local),
            text(&standard),
            "--concept-map",
            text(&map),
            "--out",
            text(&out),
        ]);
        assert!(output.status.success());
        let observations: usize = persons(&crate::json(&out.join("merge.json")))
            .iter()
            .map(|person| items(person, "Observation").len())
            .sum();
        (String::from_utf8_lossy(&output.stderr).into_owned(), observations)
    };
    const HEADER: &str = "source_system;source_code;target_system;target_code\n";
    let (told, observations) = run(
        "oid.csv",
        &format!("{HEADER}1.2.3;K;urn:oid:2.16.840.1.113883.6.1;2823-3\n"),
    );
    assert_eq!(
        (told.as_str(), observations),
        ("", 1),
        "OIDs and semicolons are understood"
    );
    let (told, _) = run(
        "idle.csv",
        &format!("{HEADER}1.2.3;K;http://loinc.org;2823-3\n1.2.4;K;http://loinc.org;2823-3\n"),
    );
    assert!(
        told.contains("1 of 2 rows have a code that no input has, first in line 3"),
        "{told}"
    );
    let (told, _) = run(
        "idle.json",
        r#"{"resourceType":"ConceptMap","status":"active","group":[{"source":"urn:a","target":"urn:b",
            "element":[{"code":"1","target":[{"code":"2","equivalence":"equivalent"}]}]}]}"#,
    );
    assert!(told.contains("no input has any of its codes"), "{told}");
}

/// The ids of persons, of charts and of items' members, which verdicts and other programs keep.
fn ids(merged: &Value) -> Vec<String> {
    let mut ids: Vec<String> = persons(merged)
        .iter()
        .flat_map(|person| {
            let charts = person["members"]
                .as_array()
                .unwrap()
                .iter()
                .map(|chart| &chart["id"]);
            charts.chain([&person["id"]]).map(Value::to_string)
        })
        .collect();
    ids.sort();
    ids
}

#[test]
fn ids_do_not_depend_on_how_a_path_is_spelt() {
    let folder = scratch("spelling");
    let input = folder.join("in");
    fs::create_dir_all(input.join("deep")).unwrap();
    potassium(&input, "deep/a.json", "http://loinc.org", "2823-3", "Potassium");
    put(&input, "v.xml", document("vance-eleanor.xml"));
    let bulk = "{\"resourceType\":\"Patient\",\"id\":\"p1\"}\n";
    put(&input, "Patient.ndjson", bulk);
    put(
        &input,
        "Condition.ndjson",
        "{\"resourceType\":\"Condition\",\"subject\":{\"reference\":\"Patient/p1\"}}\n",
    );
    let copy = folder.join("elsewhere/copy");
    for name in ["deep/a.json", "v.xml", "Patient.ndjson", "Condition.ndjson"] {
        put(&copy, name, fs::read(input.join(name)).unwrap());
    }
    let spelt = |name: &str, inputs: &[&Path]| {
        let out = folder.join(name);
        let mut args = vec!["merge", "--out", text(&out)];
        args.extend(inputs.iter().map(|input| text(input)));
        assert!(ehr(&args).status.success());
        let merged = crate::json(&out.join("merge.json"));
        (ids(&merged), merged)
    };
    let (plain, merged) = spelt("plain", &[&input]);
    let (detour, _) = spelt("detour", &[&input.join("deep/../../in/.")]);
    let (copied, _) = spelt("copied", &[&copy]);
    let (twice, again) = spelt("twice", &[&input.join("deep/.."), &input]);
    assert_eq!(plain, detour);
    assert_eq!(plain, copied);
    assert_eq!(plain, twice);
    let named = merged["residual"].as_object().unwrap();
    assert_eq!(
        again["residual"].as_object().unwrap().len(),
        named.len(),
        "one file by two names is one source"
    );
    assert!(
        named.keys().all(|source| source.starts_with(text(&input))),
        "sources are named as given"
    );
}

#[test]
fn results_among_the_inputs_hide_none_of_them() {
    let folder = scratch("hidden-input");
    for (name, id) in [("a/x.json", "a"), ("lab/y.json", "b")] {
        put(
            &folder,
            name,
            format!(r#"{{"resourceType":"Patient","id":"{id}"}}"#),
        );
    }
    for command in ["merge", "convert"] {
        let output = ehr(&[command, text(&folder), "--out", text(&folder.join("lab"))]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("y.json"),
            "{command}"
        );
        // A folder of results is no input of the next run, and hides nothing.
        let out = folder.join(command);
        for _ in 0..2 {
            assert!(
                ehr(&[command, text(&folder), "--out", text(&out)])
                    .status
                    .success()
            );
        }
        fs::remove_dir_all(out).unwrap();
    }
}

#[test]
fn verdicts_of_a_spreadsheet_are_read_or_refused() {
    let folder = scratch("verdicts-spreadsheet");
    let input = potassium(&folder, "a.json", "http://loinc.org", "2823-3", "Potassium");
    let run = |content: &str| {
        let verdicts = put(&folder, "v.csv", content);
        ehr(&[
            "merge",
            text(&input),
            "--verdicts",
            text(&verdicts),
            "--out",
            text(&folder.join("out")),
        ])
    };
    for content in [
        "\u{feff}a;b;verdict\r\nPatient/x;Patient/y;same\r\n",
        "Patient/x;Patient/y;same\n",
    ] {
        let told = run(content);
        assert!(told.status.success());
        assert!(
            String::from_utf8_lossy(&told.stderr).contains("Patient/x"),
            "it was read: {content}"
        );
    }
    for content in [
        "Patient/x Patient/y same\n",
        "a,b,verdict\nPatient/x,\"Patient/y,same\n",
        "Patient/x,Patient/y\n",
    ] {
        assert_eq!(run(content).status.code(), Some(2), "{content}");
    }
}
