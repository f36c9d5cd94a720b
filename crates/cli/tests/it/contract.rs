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

#[test]
fn match_finds_the_rows_of_one_person() {
    let folder = scratch("match");
    let people = folder.join("people.csv");
    fs::write(
        &people,
        "rec_id,source,first,last,sex,dob,phone,street,city,state,zip,shoe_size\n\
         1,a,Eleanor,Vance,F,1958-03-14,5550101418,418 Willow Lane,Riverside,OH,45424,38\n\
         2,b,Ellie,Vance,F,1958-03-14,5550101418,418 Willow Ln,Riverside,OH,45424,38\n\
         3,b,Hugh,Crain,M,1930-01-02,5550100000,1 Hill House,Hillsdale,VT,05001,44\n",
    )
    .unwrap();
    let (out, pairs) = (folder.join("out.csv"), folder.join("pairs.csv"));
    let output = ehr(&[
        "match",
        text(&people),
        "--out",
        text(&out),
        "--pairs",
        text(&pairs),
    ]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("ignored columns: shoe_size"));
    let rows = fs::read_to_string(&out).unwrap();
    let persons: Vec<(&str, &str)> = rows
        .lines()
        .skip(1)
        .filter_map(|row| row.split_once(','))
        .collect();
    assert_eq!(persons.len(), 3);
    assert_eq!(persons[0].1, persons[1].1);
    assert_ne!(persons[0].1, persons[2].1);
    assert!(
        fs::read_to_string(&pairs)
            .unwrap()
            .starts_with("a,b,probability,decision,evidence\n1,2,")
    );
}

#[test]
fn match_keeps_strangers_of_one_record_id_apart() {
    let folder = scratch("match-one-id");
    let (people, out) = (folder.join("people.csv"), folder.join("out.csv"));
    // The first row is short, the third is longer than the header.
    fs::write(
        &people,
        "rec_id,first,last,dob\n1,Ann,Lee\n1,Hugh,Crain,1930-01-02\n1,Zoe,Ray,1990-12-10,x,y\n",
    )
    .unwrap();
    let output = ehr(&["match", text(&people), "--out", text(&out)]);
    assert!(output.status.success());
    let rows = fs::read_to_string(&out).unwrap();
    let mut persons: Vec<&str> = rows.lines().skip(1).map(|row| &row[2..]).collect();
    persons.sort_unstable();
    persons.dedup();
    assert_eq!(persons.len(), 3, "{rows}");
}

#[test]
fn match_never_writes_over_its_input() {
    let folder = scratch("match-over");
    let (people, out) = (folder.join("people.csv"), folder.join("out.csv"));
    let table = "rec_id,first,last,dob\n1,Ann,Lee,1990-12-10\n";
    fs::write(&people, table).unwrap();
    for arguments in [
        [
            "match",
            text(&people),
            "--out",
            text(&people),
            "--pairs",
            text(&out),
        ],
        ["match", text(&people), "--out", text(&out), "--pairs", text(&out)],
    ] {
        assert_eq!(ehr(&arguments).status.code(), Some(2));
    }
    assert_eq!(fs::read_to_string(&people).unwrap(), table);
    assert!(!out.exists());
}

#[test]
fn match_refuses_a_table_without_people() {
    let folder = scratch("match-wrong");
    let table = folder.join("t.csv");
    fs::write(&table, "colour,size\nred,3\n").unwrap();
    assert_eq!(
        ehr(&["match", text(&table), "--out", text(&folder.join("o.csv"))])
            .status
            .code(),
        Some(2)
    );
    assert_eq!(
        ehr(&["match", text(&table), "--out", "x.csv", "--map", "colour=shade"])
            .status
            .code(),
        Some(2)
    );
}
