//! Formats, exit codes and findings that other programs rely on.

use std::fs;

use serde_json::Value;

use crate::{ehr, json, scratch, text};

#[test]
fn every_command_shows_examples() {
    for command in ["convert", "merge", "match", "check"] {
        let output = ehr(&[command, "--help"]);
        assert!(output.status.success());
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("Examples:"),
            "{command}"
        );
    }
}

#[test]
fn wrong_usage_is_2() {
    for args in [
        &["convert"][..],
        &["merge", "x"],
        &["nonsense"],
        &["convert", "no/such/file", "--out", "target/tmp/none"],
    ] {
        assert_eq!(ehr(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn an_input_that_cannot_be_read_is_1_and_the_rest_is_done() {
    let folder = scratch("mixed");
    let input = folder.join("in");
    fs::create_dir_all(input.join("deep")).unwrap();
    fs::write(
        input.join("good.json"),
        br#"{"resourceType":"Patient","id":"a","gender":"female"}"#,
    )
    .unwrap();
    fs::write(input.join("empty"), b"").unwrap();
    fs::write(input.join("binary.bin"), [0x7f, b'E', b'L', b'F', 0, 0, 1]).unwrap();
    fs::write(input.join("page.html"), b"<html><body>hello</body></html>").unwrap();
    fs::write(
        input.join("deep/cut.xml"),
        b"<?xml version=\"1.0\"?><ClinicalDocument xmlns=\"urn:hl7-org:v3\"><reco",
    )
    .unwrap();
    fs::write(input.join("cut.json"), br#"{"resourceType":"Patient","id":"a""#).unwrap();
    let out = folder.join("out");
    let output = ehr(&["convert", text(&input), "--out", text(&out), "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 6, "a line a file");
    let bundle = json(&out.join("good.json.fhir.json"));
    assert_eq!(
        (&bundle["resourceType"], &bundle["type"]),
        (&"Bundle".into(), &"collection".into())
    );
    assert_eq!(bundle["entry"][0]["resource"]["gender"], "female");
    for name in ["empty", "binary.bin", "page.html", "deep/cut.xml", "cut.json"] {
        let findings = json(&out.join(format!("{name}.findings.json")));
        let fatal = findings
            .as_array()
            .unwrap()
            .iter()
            .find(|finding| finding["severity"] == "fatal");
        let fatal = fatal.unwrap_or_else(|| panic!("{name}: {findings}"));
        for member in ["code", "severity", "path", "line", "column", "offset", "message"] {
            assert!(fatal.get(member).is_some(), "{name}: {member}");
        }
        assert!(fatal["line"].is_number(), "{name} says where: {fatal}");
    }
}

#[test]
fn check_says_whether_a_file_survives() {
    let folder = scratch("check");
    let file = |name: &str, content: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        text(&path).to_owned()
    };
    let patient = file("p.json", br#"{"resourceType":"Patient","active":true}"#);
    let spaced = file("s.json", b"{ \"active\" : true,\n\"resourceType\":\"Patient\"}");
    let wrong = file(
        "w.json",
        br#"{"resourceType":"Patient","birthDate":"yesterday","x":1}"#,
    );
    let message = file("m.hl7", b"MSH|^~\\&|A|B|C|D|20240101||ADT^A01^ADT_A01|1|P|2.5\rEVN|A01|20240101\rPID|1||1^^^A||Doe^Jo\rPV1|1|O\r");
    let output = ehr(&["check", &patient, &spaced, &wrong, &message, "--format", "json"]);
    let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |name: &str| {
        lines
            .iter()
            .find(|line| line["file"].as_str().unwrap().ends_with(name))
            .unwrap()
    };
    assert_eq!(of("p.json")["ok"], true);
    assert_eq!(of("p.json")["round_trip"], "identical");
    assert_eq!(of("s.json")["round_trip"], "equal");
    assert_eq!(of("m.hl7")["format"], "hl7v2");
    assert_eq!(of("m.hl7")["round_trip"], "identical");
    let findings = of("w.json")["findings"].as_array().unwrap();
    let paths: Vec<&str> = findings
        .iter()
        .filter_map(|finding| finding["path"].as_str())
        .collect();
    assert_eq!(paths, ["Patient.birthDate", "Patient.x"]);
    assert_eq!(of("w.json")["ok"], false);
    assert_ne!(of("w.json")["round_trip"], "differs");
}
