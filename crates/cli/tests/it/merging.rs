//! `ehr merge` with terminologies, verdicts, and inputs as they are found in the field.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{ehr, items, json, persons, scratch, text, tree};

const RIVERSIDE: &str = "examples/data/riverside";

/// A Bundle of one patient and one potassium result under the code of a source.
pub(crate) fn potassium(folder: &Path, name: &str, system: &str, code: &str, display: &str) -> PathBuf {
    let bundle = serde_json::json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1958-03-14",
            "name": [{"family": "Vance", "given": ["Eleanor"]}],
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "219-09-9998"}],
            "telecom": [{"system": "phone", "value": "555-010-1418"}]}},
        {"resource": {"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/p"},
            "code": {"coding": [{"system": system, "code": code, "display": display}]},
            "effectiveDateTime": "2026-09-20T08:15:00-04:00",
            "valueQuantity": {"value": 4.4, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"}}}
    ]});
    let path = folder.join(name);
    fs::write(&path, bundle.to_string()).unwrap();
    path
}

/// Merges and gives `merge.json`.
pub(crate) fn merge(out: &Path, args: &[&str]) -> Value {
    let mut all = vec!["merge"];
    all.extend(args);
    all.extend(["--out", text(out)]);
    let output = ehr(&all);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    json(&out.join("merge.json"))
}

fn observations(merged: &Value) -> usize {
    persons(merged)
        .iter()
        .map(|person| items(person, "Observation").len())
        .sum()
}

#[test]
fn a_concept_map_joins_a_local_code() {
    let folder = scratch("concept-map");
    let local = potassium(&folder, "lab.json", "urn:lab:codes", "K", "Kalium");
    let standard = potassium(&folder, "clinic.json", "http://loinc.org", "2823-3", "Potassium");
    let inputs = [text(&local), text(&standard)];
    assert_eq!(
        observations(&merge(&folder.join("apart"), &inputs)),
        2,
        "no table says what K is"
    );

    let csv = folder.join("map.csv");
    fs::write(&csv, "source_system,source_code,target_system,target_code,note\nurn:lab:codes,K,http://loinc.org,2823-3,x\n").unwrap();
    let fhir = folder.join("map.json");
    fs::write(
        &fhir,
        r#"{"resourceType":"ConceptMap","status":"active","group":[{"source":"urn:lab:codes","target":"http://loinc.org",
            "element":[{"code":"K","target":[{"code":"2823-3","equivalence":"equivalent"}]}]}]}"#,
    )
    .unwrap();
    let outs = [&csv, &fhir].map(|map| {
        let out = folder.join(format!("with-{}", map.extension().unwrap().to_str().unwrap()));
        let merged = merge(&out, &[inputs[0], inputs[1], "--concept-map", text(map)]);
        assert_eq!(observations(&merged), 1, "{}", map.display());
        out
    });
    assert_eq!(tree(&outs[0]), tree(&outs[1]), "both forms say the same");
}

#[test]
fn a_concept_map_that_cannot_be_used_is_wrong_usage() {
    let folder = scratch("concept-map-wrong");
    let input = potassium(&folder, "lab.json", "urn:lab:codes", "K", "Kalium");
    let cases = [
        ("missing.csv", None, "No such file"),
        ("headless.csv", Some("urn:a,1,urn:b,2\n"), "columns"),
        (
            "gap.csv",
            Some("source_system,source_code,target_system,target_code\nurn:a,,urn:b,2\n"),
            "line 2",
        ),
        (
            "relation.csv",
            Some("source_system,source_code,target_system,target_code,relation\nurn:a,1,urn:b,2,alike\n"),
            "alike",
        ),
        (
            "patient.json",
            Some(r#"{"resourceType":"Patient"}"#),
            "ConceptMap",
        ),
        (
            "empty.json",
            Some(r#"{"resourceType":"ConceptMap","status":"draft"}"#),
            "no codes",
        ),
    ];
    for (name, content, told) in cases {
        let map = folder.join(name);
        if let Some(content) = content {
            fs::write(&map, content).unwrap();
        }
        let out = folder.join("out");
        let output = ehr(&[
            "merge",
            text(&input),
            "--concept-map",
            text(&map),
            "--out",
            text(&out),
        ]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {error}");
        assert!(error.contains(told) && error.contains(name), "{name}: {error}");
        assert!(!out.exists(), "{name}: nothing is done");
    }
}

/// The id of a chart of this source, and of this patient where there are several.
fn chart_id<'m>(merged: &'m Value, source: &str, patient: Option<&str>) -> &'m str {
    let mut members = persons(merged)
        .iter()
        .flat_map(|person| person["members"].as_array().unwrap());
    let chart = members.find(|member| {
        let of_patient = patient.is_none_or(|patient| member["patient"] == patient);
        of_patient && member["source"].as_str().unwrap().ends_with(source)
    });
    chart.expect("a chart of the source")["id"]
        .as_str()
        .expect("an id")
}

/// Whether a pair of charts is for review.
fn asks(merged: &Value, a: &str, b: &str) -> bool {
    let review = merged["review"].as_array().unwrap();
    review.iter().any(|pair| {
        [a, b]
            .iter()
            .all(|id| pair["a"]["id"] == *id || pair["b"]["id"] == *id)
    })
}

#[test]
fn a_reviewer_decides_and_takes_back() {
    let folder = scratch("verdicts");
    let out = folder.join("out");
    let before = merge(&out, &[RIVERSIDE]);
    // Two people of one name.
    let a = chart_id(&before, "holloway-grace.xml", None);
    let b = chart_id(&before, "export.json", Some("pat-5007"));
    let report = fs::read_to_string(out.join("report.md")).unwrap();
    assert!(
        report.contains("--verdicts") && report.contains(a) && report.contains(b),
        "the report says how"
    );

    let verdicts = folder.join("reviewed.csv");
    fs::write(&verdicts, format!("a,b,verdict\n{b},{a},SAME\n")).unwrap();
    let same = merge(&out, &[RIVERSIDE, "--verdicts", text(&verdicts)]);
    assert_eq!(persons(&same).len(), persons(&before).len() - 1);
    assert!(!asks(&same, a, b), "decided, so not asked");
    let files: BTreeSet<String> = tree(&out.join("ehr"))
        .keys()
        .map(|path| text(path).to_owned())
        .collect();
    let ids: BTreeSet<String> = persons(&same)
        .iter()
        .map(|person| format!("{}.json", person["id"].as_str().unwrap()))
        .collect();
    assert_eq!(files, ids, "no record of an earlier run is left over");

    fs::write(&verdicts, format!("{a},{b},different\n{a},{b},different\n")).unwrap();
    let apart = merge(&out, &[RIVERSIDE, "--verdicts", text(&verdicts)]);
    assert_eq!(persons(&apart), persons(&before));
    assert!(!asks(&apart, a, b), "decided, so not asked");

    fs::write(&verdicts, format!("{a},{b},\n")).unwrap();
    assert_eq!(
        merge(&out, &[RIVERSIDE, "--verdicts", text(&verdicts)]),
        before,
        "not decided yet"
    );
}

#[test]
fn a_wrong_link_is_undone() {
    let folder = scratch("undo");
    let a = potassium(&folder, "a.json", "http://loinc.org", "2823-3", "Potassium");
    let b = potassium(&folder, "b.json", "http://loinc.org", "2823-3", "Potassium");
    let inputs = [text(&a), text(&b)];
    let linked = merge(&folder.join("out"), &inputs);
    assert_eq!(persons(&linked).len(), 1);
    let verdicts = folder.join("v.csv");
    let (x, y) = (
        chart_id(&linked, "a.json", None),
        chart_id(&linked, "b.json", None),
    );
    fs::write(&verdicts, format!("{x},{y},different\n")).unwrap();
    let parted = merge(
        &folder.join("out"),
        &[inputs[0], inputs[1], "--verdicts", text(&verdicts)],
    );
    assert_eq!(persons(&parted).len(), 2);
    assert_eq!(observations(&parted), 2);
}

#[test]
fn verdicts_that_make_no_sense_are_wrong_usage() {
    let folder = scratch("verdicts-wrong");
    let verdicts = folder.join("v.csv");
    for (content, told) in [
        ("x,y,maybe\n", "line 1"),
        ("a,b,verdict\nx,x,same\n", "line 2"),
        ("x,,same\n", "line 1"),
        ("x,y,same\ny,x,different\n", "line 2"),
    ] {
        fs::write(&verdicts, content).unwrap();
        let output = ehr(&[
            "merge",
            RIVERSIDE,
            "--verdicts",
            text(&verdicts),
            "--out",
            text(&folder.join("out")),
        ]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{content}: {error}");
        assert!(error.contains(told), "{content}: {error}");
    }
    fs::write(&verdicts, "Patient/x,Patient/y,same\n").unwrap();
    let output = ehr(&[
        "merge",
        RIVERSIDE,
        "--verdicts",
        text(&verdicts),
        "--out",
        text(&folder.join("out")),
    ]);
    assert!(
        output.status.success(),
        "a verdict about charts that are not there hurts nothing"
    );
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("Patient/x"),
        "but is told"
    );
}

#[test]
fn what_is_no_record_is_told_and_the_rest_is_merged() {
    let folder = scratch("merge-mixed");
    let input = folder.join("in");
    fs::create_dir_all(input.join("deep")).unwrap();
    potassium(&input, "good.json", "http://loinc.org", "2823-3", "Potassium");
    fs::copy(input.join("good.json"), input.join("deep/copy.json")).unwrap();
    fs::write(input.join("empty.xml"), b"").unwrap();
    fs::write(input.join("letter.txt"), b"Dear colleague,\n").unwrap();
    fs::write(input.join("scan.pdf"), [b'%', b'P', b'D', b'F', 0, 1, 2]).unwrap();
    fs::write(
        input.join("cut.json"),
        br#"{"resourceType":"Bundle","entry":[{"resource":"#,
    )
    .unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&input, input.join("deep/round")).unwrap();
        std::os::unix::fs::symlink(input.join("nowhere"), input.join("dangling")).unwrap();
    }
    let out = input.join("merged");
    let run = || ehr(&["merge", text(&input), "--out", text(&out), "--format", "json"]);
    let output = run();
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (totals, refused) = lines.split_last().unwrap();
    assert_eq!(
        (&totals["sources"], &totals["persons"], &totals["lost"]),
        (&2.into(), &1.into(), &0.into())
    );
    assert_eq!(
        (&totals["entries_in"], &totals["entries_out"]),
        (&4.into(), &2.into())
    );
    let files: BTreeSet<&str> = refused
        .iter()
        .filter(|line| line["read"] == false)
        .map(|line| line["file"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    let mut expected = BTreeSet::from(["empty.xml", "letter.txt", "scan.pdf", "cut.json"]);
    if cfg!(unix) {
        expected.insert("dangling");
    }
    assert_eq!(files, expected);
    let report = fs::read_to_string(out.join("report.md")).unwrap();
    assert!(report.contains("## Not read") && report.contains("## Given twice"));

    // The results lie among the inputs: they are not read as sources by the next run.
    let first = tree(&out);
    run();
    assert_eq!(tree(&out), first);
}

#[test]
fn nothing_readable_is_still_an_answer() {
    let folder = scratch("merge-nothing");
    let input = folder.join("in");
    fs::create_dir_all(&input).unwrap();
    let out = folder.join("out");
    fs::write(input.join("letter.txt"), b"Dear colleague,\n").unwrap();
    let output = ehr(&["merge", text(&input), "--out", text(&out)]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(persons(&json(&out.join("merge.json"))).len(), 0);
}
