//! Messages against the definitions of their version.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ehr_hl7v2::{Message, ValidateOptions, definitions::Version};
use ehr_types::Severity;

/// The findings of a message: code and path.
#[track_caller]
fn check(version: &str, segments: &[&str], expected: &[(&str, &str)]) {
    let kind = if version < "2.3.1" {
        "ADT^A08"
    } else {
        "ADT^A08^ADT_A01"
    };
    let mut text = format!("MSH|^~\\&|A|B|C|D|20240102||{kind}|1|P|{version}\r");
    for segment in segments {
        text.push_str(segment);
        text.push('\r');
    }
    let message = Message::parse(text.as_bytes()).unwrap();
    let mut options = ValidateOptions::default();
    options.structure = false;
    let findings = message.validate_with(&options);
    let found: Vec<(&str, &str)> = findings
        .iter()
        .map(|f| (f.code.trim_start_matches("v2."), f.location.path.as_str()))
        .collect();
    assert_eq!(found, expected, "{version} {segments:?}");
    for finding in &findings {
        let span = finding
            .location
            .span
            .unwrap_or_else(|| panic!("{finding} has no range"));
        assert!(
            span.end <= text.len() && finding.location.line.is_some(),
            "{finding}"
        );
    }
}

#[test]
fn what_is_right_has_no_findings() {
    check(
        "2.5.1",
        &[
            "EVN||20240102",
            "PID|1||7^^^ACME&1.2.3&ISO^MR~8^^^SSA^SS||Doe&van^Jane^Q^^^^L||20010203|F|||1 Main St^^Town^ST^12345^USA",
            "PV1|1|I",
            "OBX|1|NM|1-8^x^LN||-6.10|%^percent^UCUM|||||F|||20240102030405.1234+0100",
            "OBX|2|CE|1-8^x^LN||A^b^L||||||F",
            "OBX|3|DT|1-8^x^LN||20240102||||||F",
            "OBX|4|SN|1-8^x^LN||>^5||||||F",
            "OBX|5|TX|1-8^x^LN||one~two||||||F",
            "ZAB|whatever^is~said",
        ],
        &[],
    );
}

#[test]
fn required_things_are_missed_where_they_would_stand() {
    check("2.5.1", &["PID|1||||Doe^Jane"], &[("field.missing", "PID-3")]);
    check(
        "2.5.1",
        &["PID|1"],
        &[("field.missing", "PID-3"), ("field.missing", "PID-5")],
    );
    check("2.5.1", &["PID|1||\"\"||\"\""], &[]);
    check(
        "2.5.1",
        &["OBX|1||1-8^x^LN||5||||||F"],
        &[("field.missing", "OBX-2")],
    );
    // Components became required in 2.6.
    check(
        "2.6",
        &["PID|1||^^^ACME^MR||Doe"],
        &[("component.missing", "PID-3[1].1")],
    );
    check("2.5", &["PID|1||^^^ACME^MR||Doe"], &[]);
}

#[test]
fn what_the_version_does_not_define_is_found() {
    check(
        "2.5.1",
        &["PID|1||7||Doe|~||F~M"],
        &[("field.repetition", "PID-8[2]")],
    );
    check(
        "2.3",
        &["PID|1||7||Doe^A~Roe^B"],
        &[("field.repetition", "PID-5[2]")],
    );
    check(
        "2.2",
        &["PID|1||7||Doe^A^^^^^^h"],
        &[("component.version", "PID-5[1].8")],
    );
    check(
        "2.3.1",
        &["PID|1||7||Doe||||||||||||||||||||||||||x"],
        &[("field.version", "PID-31")],
    );
    let far = format!("PID|1||7||Doe{}x", "|".repeat(60));
    check("2.3.1", &[&far], &[("field.undefined", "PID-65")]);
    check(
        "2.7.1",
        &["PID|1|2|7^^^^MR||Doe"],
        &[("field.withdrawn", "PID-2")],
    );
    check("2.5.1", &["QQQ|1"], &[("segment.unknown", "QQQ")]);
    check("2.3", &["SPM|1|||BLD"], &[("segment.version", "SPM")]);
    check(
        "2.5.1",
        &["PID|1||7||Doe|||F^x"],
        &[("component.version", "PID-8[1].2")],
    );
    check(
        "2.5.1",
        &["PID|1^x||7||Doe"],
        &[("component.undefined", "PID-1[1].2")],
    );
    check(
        "2.5.1",
        &["PID|1||7||Doe|||F&x"],
        &[("component.undefined", "PID-8[1].1.2")],
    );
}

#[test]
fn values_are_checked_by_their_type() {
    check(
        "2.5.1",
        &["PID|x||7||Doe||1980-02-03"],
        &[
            ("datatype.invalid", "PID-1[1].1"),
            ("datatype.invalid", "PID-7[1].1"),
        ],
    );
    check(
        "2.6",
        &["PID|1||7||Doe||19800231"],
        &[("datatype.invalid", "PID-7[1].1")],
    );
    check(
        "2.5.1",
        &["OBX|1|NM|1^x||<5||||||F"],
        &[("datatype.invalid", "OBX-5[1].1")],
    );
    check(
        "2.5.1",
        &["OBX|1|QQ|1^x||<5||||||F"],
        &[("table.code", "OBX-2[1].1"), ("datatype.unknown", "OBX-2")],
    );
    check(
        "2.5.1",
        &["OBX|1|XPN|1^x||Doe^Jane^^^^^^^^2020&20x~A||||||F"],
        &[("datatype.invalid", "OBX-5[1].10.2")],
    );
    check(
        "2.5.1",
        &["OBX|1|ST|1^x||a^b||||||F"],
        &[("component.undefined", "OBX-5[1].2")],
    );
    check(
        "2.5.1",
        &["OBX|1|ST|1^x||a||||||q"],
        &[("table.code", "OBX-11[1].1")],
    );
    check("2.2", &["OBX|1|ST|1^x||a||||||q"], &[]);
    check(
        "2.5.1",
        &["OBX|1|CWE|1^x||a||||||F"],
        &[("table.version", "OBX-2[1].1")],
    );
}

#[test]
fn the_options_are_kept() {
    let text = b"MSH|^~\\&|A|B|C|D|20240102||ADT^A08|1|P|2.5.1\rPID|1|2|7||Doe\r";
    let message = Message::parse(text).unwrap();
    let codes = |options: &ValidateOptions| -> Vec<String> {
        message
            .validate_with(options)
            .into_iter()
            .map(|f| f.code.into_owned())
            .collect()
    };
    let mut options = ValidateOptions::default();
    assert_eq!(codes(&options), ["v2.structure.missing", "v2.structure.missing"]);
    options.version = Some(Version::V2_7);
    options.structure = false;
    assert_eq!(
        codes(&options),
        [
            "v2.component.missing",
            "v2.field.withdrawn",
            "v2.component.missing"
        ]
    );
    options.least = Severity::Warning;
    assert_eq!(codes(&options), ["v2.component.missing", "v2.component.missing"]);
}

fn corpus() -> Option<PathBuf> {
    let root = std::env::var_os("EHR_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    Some(root.join("hl7v2")).filter(|folder| folder.is_dir())
}

#[test]
fn the_corpus_is_checked_and_every_finding_has_a_place() {
    let Some(folder) = corpus() else {
        println!("no corpus: nothing ran");
        return;
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let (mut messages, mut clean, mut total) = (0, 0, 0);
    let mut codes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let show = std::env::var("EHR_SHOW").unwrap_or_default();
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let Ok(message) = Message::parse(&bytes) else {
            continue;
        };
        messages += 1;
        let findings = message.validate();
        clean += usize::from(findings.is_empty());
        let mut seen = BTreeMap::new();
        for finding in &findings {
            total += 1;
            let span = finding
                .location
                .span
                .unwrap_or_else(|| panic!("{}: {finding} has no range", path.display()));
            assert!(span.end <= bytes.len(), "{}: {finding}", path.display());
            assert!(!finding.location.path.is_empty(), "{}: {finding}", path.display());
            *seen.entry(finding.code.to_string()).or_insert(0) += 1;
            if !show.is_empty() && finding.code.starts_with(&show) {
                println!(
                    "{} {}",
                    path.file_name().unwrap().to_string_lossy(),
                    finding.render(&bytes)
                );
            }
        }
        for (code, count) in seen {
            let entry = codes.entry(code).or_default();
            entry.0 += count;
            entry.1 += 1;
        }
    }
    println!("{messages} messages, {clean} without findings, {total} findings");
    for (code, (count, of)) in codes {
        println!("{count:7} in {of:5} messages: {code}");
    }
    assert!(messages > 0, "an empty corpus");
}
