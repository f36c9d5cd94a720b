//! Standard input and output, and results that cannot be written.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::{ehr, json, root, scratch, text, tree};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p"}"#;
const PEOPLE: &str =
    "id,first,last,dob,ssn\n1,Ann,Lee,1990-01-01,219-09-9998\n2,Ann,Lee,1990-01-01,219-09-9998\n";

/// Runs `ehr` with this on its standard input.
fn fed(input: &str, args: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ehr"))
        .args(args)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Wrong usage is told before anything is read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn a_dash_is_standard_input() {
    let folder = scratch("stdin");
    let output = fed(PATIENT, &["check", "-"]);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&line["file"], &line["round_trip"]),
        (&"-".into(), &"identical".into())
    );
    let out = folder.join("fhir");
    assert!(
        fed(PATIENT, &["convert", "-", "--out", text(&out)])
            .status
            .success()
    );
    assert_eq!(
        json(&out.join("stdin.fhir.json"))["entry"][0]["resource"]["id"],
        "p"
    );
    let out = folder.join("merged");
    assert!(
        fed(PATIENT, &["merge", "-", "--out", text(&out)])
            .status
            .success()
    );
    assert_eq!(
        json(&out.join("merge.json"))["persons"][0]["members"][0]["source"],
        "-"
    );
}

#[test]
fn a_table_goes_through_a_pipe() {
    let output = fed(PEOPLE, &["match", "-", "--out", "-"]);
    assert!(output.status.success());
    let rows: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
    assert_eq!(
        (rows.len(), rows[0]),
        (3, "rec_id,person"),
        "nothing but the table"
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains("2 records, 1 person;"));
    let twice = fed(PEOPLE, &["match", "-", "--out", "-", "--pairs", "-"]);
    assert_eq!(twice.status.code(), Some(2));
}

#[test]
fn nothing_is_coloured_where_nobody_sees_it() {
    let folder = scratch("colours");
    for args in [
        &["--help"][..],
        &["merge"],
        &["merge", "examples/data/riverside", "--out", text(&folder)],
    ] {
        let output = ehr(args);
        for stream in [&output.stdout, &output.stderr] {
            assert!(!stream.contains(&0x1B), "{args:?}");
        }
    }
}

#[test]
fn the_folder_for_results_is_a_folder() {
    let folder = scratch("out-is-a-file");
    let (input, out) = (folder.join("p.json"), folder.join("out"));
    fs::write(&input, PATIENT).unwrap();
    fs::write(&out, "mine").unwrap();
    for command in ["convert", "merge"] {
        let output = ehr(&[command, text(&input), "--out", text(&out)]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("not a folder"));
    }
    assert_eq!(fs::read(&out).unwrap(), b"mine");
}

#[test]
fn a_name_that_is_too_long_for_its_result_stops_nothing_else() {
    let folder = scratch("long-name");
    let (input, out) = (folder.join("in"), folder.join("out"));
    fs::create_dir_all(&input).unwrap();
    fs::write(input.join(format!("{}.json", "a".repeat(246))), PATIENT).unwrap();
    fs::write(input.join("b.json"), PATIENT).unwrap();
    let output = ehr(&["convert", text(&input), "--out", text(&out)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("ehr: "));
    assert!(tree(&out).contains_key(Path::new("b.json.fhir.json")));
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_told_and_is_1() {
    let folder = scratch("full");
    let input = folder.join("in");
    fs::create_dir_all(&input).unwrap();
    for name in ["a.json", "b.json"] {
        fs::write(input.join(name), PATIENT).unwrap();
    }
    let people = folder.join("people.csv");
    fs::write(&people, PEOPLE).unwrap();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for args in [
        &["check", text(&input)][..],
        &["convert", text(&input), "--out", text(&folder.join("out"))],
        &["match", text(&people), "--out", "-"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_ehr"))
            .args(args)
            .stdout(full())
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {error}");
        assert_eq!(error.matches("standard output").count(), 1, "once: {error}");
    }
    let output = ehr(&["match", text(&people), "--out", "/dev/full"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        Path::new("/dev/full").exists(),
        "a device is no half-written file"
    );
}
