//! Which files are inputs, and where results go.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{ehr, json, root, scratch, text, tree};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p"}"#;

#[test]
fn nothing_to_read_is_wrong_usage() {
    let folder = scratch("nothing");
    let (input, out) = (folder.join("in"), folder.join("out"));
    fs::create_dir_all(&input).unwrap();
    for args in [
        &["convert", text(&input), "--out", text(&out)][..],
        &["merge", text(&input), "--out", text(&out)],
        &["check", text(&input)],
    ] {
        let output = ehr(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("no input files"));
    }
    assert!(!out.exists());
}

#[test]
fn results_do_not_go_into_an_input_folder() {
    let folder = scratch("same-folder");
    fs::write(folder.join("p.json"), PATIENT).unwrap();
    for command in ["convert", "merge"] {
        let same = folder.join(".");
        let output = ehr(&[command, text(&folder), "--out", text(&same)]);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(tree(&folder).len(), 1, "nothing is written");
        // Below it is no fault: the results are no input of the next run.
        let below = folder.join("out");
        assert!(
            ehr(&[command, text(&folder), "--out", text(&below)])
                .status
                .success()
        );
        fs::remove_dir_all(below).unwrap();
    }
}

#[test]
fn each_input_has_results_of_its_own() {
    let folder = scratch("three-inputs");
    let files = ["a/x.json", "a/input-2/x.json", "b/x.json"];
    for (number, file) in files.iter().enumerate() {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!(r#"{{"resourceType":"Patient","id":"p{number}"}}"#)).unwrap();
    }
    let out = folder.join("out");
    let (a, b) = (folder.join("a"), folder.join("b"));
    assert!(
        ehr(&["convert", text(&a), text(&b), "--out", text(&out)])
            .status
            .success()
    );
    let ids: BTreeSet<String> = tree(&out)
        .keys()
        .filter(|path| text(path).ends_with(".fhir.json"))
        .map(|path| json(&out.join(path))["entry"][0]["resource"]["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 3, "{ids:?}");
}

#[test]
fn inputs_of_one_folder_are_known_as_if_it_were_given() {
    let run = |name: &str, inputs: &[&str]| {
        let out = scratch(name);
        let output = ehr(&[&["merge"], inputs, &["--out", text(&out)]].concat());
        assert!(output.status.success());
        tree(&out)
    };
    let whole = run("keys-whole", &["examples/data/riverside"]);
    let [clinic, hospital, lab, registry] =
        ["clinic", "hospital", "lab", "registry"].map(|name| format!("examples/data/riverside/{name}"));
    assert_eq!(
        run("keys-folders", &[&clinic, &hospital, &lab, &registry]),
        whole,
        "as a shell spells `/*`"
    );
    let doubled = run("keys-doubled", &["examples/data/riverside", &clinic]);
    assert_eq!(doubled, whole, "a part given twice");
    assert_eq!(
        run("keys-doubled-2", &[&clinic, "examples/data/riverside"]),
        whole,
        "in any order"
    );
    let alone = run("keys-alone", &[&lab]);
    assert_eq!(
        run("keys-moved", &["examples/../examples/data/riverside/lab"]).len(),
        alone.len()
    );
}

#[cfg(unix)]
#[test]
fn names_that_are_not_unicode_are_names() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = scratch("not-unicode");
    for (name, family) in [(b"a\xFF.json", "Alpha"), (b"a\xFE.json", "Beta-")] {
        let patient = format!(r#"{{"resourceType":"Patient","name":[{{"family":"{family}"}}]}}"#);
        if fs::write(folder.join(OsStr::from_bytes(name)), patient).is_err() {
            return eprintln!("not run: this file system takes Unicode alone");
        }
    }
    let output = ehr(&["check", text(&folder)]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        told.contains(r"a\\xFF.json") && told.contains(r"a\\xFE.json"),
        "{told}"
    );
}

#[test]
fn a_reader_who_goes_away_does_not_end_the_work() {
    let folder = scratch("closed-pipe");
    let (input, out) = (folder.join("in"), folder.join("out"));
    fs::create_dir_all(&input).unwrap();
    for number in 0..300 {
        fs::write(input.join(format!("{number}.json")), PATIENT).unwrap();
    }
    fs::write(input.join("bad.json"), "{").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_ehr"))
        .args(["convert", text(&input), "--out", text(&out)])
        .current_dir(root())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(
        child.wait().unwrap().code(),
        Some(1),
        "the status is that of the work"
    );
    assert_eq!(tree(&out).len(), 300 * 2 + 1);
}

#[test]
fn patients_and_conditions_of_one_id_are_all_converted() {
    let folder = scratch("one-id");
    let patient = |family: &str| serde_json::json!({"resource": {"resourceType": "Patient", "id": "p", "name": [{"family": family}]}});
    let bundle = serde_json::json!({"resourceType": "Bundle", "type": "collection",
        "entry": [patient("Alpha"), patient("Beta"), patient("Alpha")]});
    fs::write(folder.join("b.json"), bundle.to_string()).unwrap();
    let out = folder.join("out");
    assert!(
        ehr(&["convert", text(&folder.join("b.json")), "--out", text(&out)])
            .status
            .success()
    );
    let bundle = json(&out.join("b.json.fhir.json"));
    let names: BTreeSet<&str> = bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["resource"]["name"][0]["family"].as_str())
        .collect();
    assert_eq!(names, BTreeSet::from(["Alpha", "Beta"]));
}

#[test]
fn a_file_that_was_not_read_has_no_round_trip() {
    let folder = scratch("no-round-trip");
    fs::write(folder.join("x.json"), "{").unwrap();
    let output = ehr(&["check", text(&folder)]);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["ok"], &line["round_trip"]), (&false.into(), &Value::Null));
    assert_eq!(output.status.code(), Some(1));
}
