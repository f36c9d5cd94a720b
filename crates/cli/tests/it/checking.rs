//! `ehr check`: as OperationOutcome, strictly, against US Core.

use std::fs;

use serde_json::Value;

use crate::{ehr, scratch, text};

fn lines(output: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(output);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn findings_are_an_operation_outcome_that_is_valid() {
    let folder = scratch("outcome");
    let good = folder.join("good.json");
    let bad = folder.join("bad.json");
    let none = folder.join("none.txt");
    fs::write(&good, r#"{"resourceType":"Patient","active":true}"#).unwrap();
    fs::write(&bad, r#"{"resourceType":"Patient","gender":"f","birthDate":"x"}"#).unwrap();
    fs::write(&none, "hello").unwrap();
    let output = ehr(&["check", text(&folder), "--format", "operation-outcome"]);
    assert_eq!(output.status.code(), Some(1), "one could not be read");
    let outcomes = lines(&output.stdout);
    assert_eq!(outcomes.len(), 3);
    for outcome in &outcomes {
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        let faults = ::ehr::check::check(outcome.to_string().as_bytes());
        assert!(faults.findings.is_empty(), "{:?}", faults.findings);
    }
    let of = |name: &str| {
        let is_of = |outcome: &&Value| {
            let extension = &outcome["extension"][0];
            extension["url"] == "http://hl7.org/fhir/StructureDefinition/operationoutcome-file"
                && extension["valueString"].as_str().unwrap().ends_with(name)
        };
        outcomes.iter().find(is_of).unwrap()["issue"].as_array().unwrap()
    };
    assert_eq!(of("good.json")[0]["severity"], "information");
    let places: Vec<&Value> = of("bad.json")
        .iter()
        .map(|issue| &issue["expression"][0])
        .collect();
    assert_eq!(places, ["Patient.gender", "Patient.birthDate"]);
    assert_eq!(of("bad.json")[0]["code"], "code-invalid");
    assert_eq!(of("none.txt")[0]["severity"], "fatal");
}

#[test]
fn strict_is_told_by_the_exit_status() {
    let folder = scratch("strict");
    let good = folder.join("good.json");
    let bad = folder.join("bad.json");
    fs::write(&good, r#"{"resourceType":"Patient","active":true}"#).unwrap();
    fs::write(&bad, r#"{"resourceType":"Patient","birthDate":"x"}"#).unwrap();
    let code = |args: &[&str]| ehr(args).status.code();
    assert_eq!(code(&["check", text(&bad)]), Some(0), "it was read");
    assert_eq!(code(&["check", "--strict", text(&bad)]), Some(1));
    assert_eq!(code(&["check", "--strict", text(&good)]), Some(0));
    // What is not refused is still reported in full.
    let output = ehr(&["check", "--strict", text(&good), text(&bad)]);
    let ok: Vec<Value> = lines(&output.stdout)
        .iter()
        .map(|line| line["ok"].clone())
        .collect();
    assert_eq!(ok, [false, true]);
}

#[test]
fn coverage_of_us_core_is_said_profile_by_profile() {
    let folder = scratch("us-core");
    let first = folder.join("a.json");
    let second = folder.join("b.hl7");
    let absent = r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}"#;
    let patients = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[
        {{"resource":{{"resourceType":"Patient","name":[{{"family":"Ng"}}],"birthDate":"1990"}}}},
        {{"resource":{{"resourceType":"Patient","_birthDate":{absent}}}}},
        {{"resource":{{"resourceType":"Patient"}}}}]}}"#
    );
    fs::write(&first, patients).unwrap();
    fs::write(
        &second,
        "MSH|^~\\&|A|B|||20240101||ADT^A01|1|P|2.5.1\rPID|1||7^^^H||Ng^Ada\r",
    )
    .unwrap();
    let output = ehr(&["check", "--us-core", text(&folder)]);
    assert_eq!(output.status.code(), Some(0));
    let lines = lines(&output.stdout);
    let patient = &lines[0]["us_core"][0];
    assert_eq!(
        (&patient["profile"], &patient["resources"]),
        (&"us-core-patient".into(), &3.into())
    );
    let of = |element: &str| {
        let rows = patient["elements"].as_array().unwrap();
        let row = rows.iter().find(|row| row["element"] == element).unwrap();
        let counts = ["present", "absent_with_reason", "absent"].map(|name| row[name].as_u64().unwrap());
        (
            counts,
            row["percent"].as_f64().unwrap(),
            row["obligation"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(of("birthDate"), ([1, 1, 1], 33.3, "must-support".to_owned()));
    assert_eq!(of("name.given"), ([0, 0, 3], 0.0, "must-support".to_owned()));
    assert_eq!(of("extension:race").2, "uscdi");
    assert!(
        lines[1]["us_core"]
            .as_array()
            .unwrap()
            .iter()
            .any(|profile| profile["profile"] == "us-core-patient")
    );
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("us-core-patient, 4 resources"), "{told}");
    assert!(told.contains(" 25.0 %  name.given, 3 without"), "{told}");
    let output = ehr(&["check", text(&folder), "--format", "json"]);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("us_core"));
}

#[test]
fn options_that_do_not_go_together_are_wrong_usage() {
    for args in [
        &["check", "--us-core", "--format", "operation-outcome", "README.md"][..],
        &[
            "convert",
            "README.md",
            "--out",
            "x",
            "--format",
            "operation-outcome",
        ],
        &["--format", "operation-outcome", "match", "x.csv", "--out", "-"],
    ] {
        let output = ehr(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
}
