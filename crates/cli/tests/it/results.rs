//! Results that an earlier run left, and inputs that are too large.

use std::fs::{self, File};

use crate::partly::put;
use crate::{ehr, json, scratch, text, tree};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p","name":[{"family":"Vance"}]}"#;

#[test]
fn what_cannot_be_read_any_more_leaves_no_earlier_bundle() {
    let folder = scratch("results-earlier");
    let (input, out) = (folder.join("in"), folder.join("out"));
    let convert = || ehr(&["convert", text(&input), "--out", text(&out)]).status.code();
    put(&input, "p.json", PATIENT);
    assert_eq!(convert(), Some(0));
    put(&input, "p.json", &PATIENT[..20]);
    assert_eq!(convert(), Some(1));
    let left: Vec<_> = tree(&out).into_keys().collect();
    assert_eq!(left, ["p.json.findings.json".into()] as [std::path::PathBuf; 1]);
}

#[test]
fn a_merge_that_did_not_end_leaves_no_report() {
    let folder = scratch("results-unfinished");
    let out = folder.join("out");
    let input = put(&folder, "p.json", PATIENT);
    let merge = || ehr(&["merge", text(&input), "--out", text(&out)]);
    assert!(merge().status.success());
    fs::remove_dir_all(out.join("ehr")).unwrap();
    fs::write(out.join("ehr"), "no folder").unwrap();
    let failed = merge();
    assert_eq!(failed.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&failed.stderr).contains("ehr: "),
        "{failed:?}"
    );
    assert!(!out.join("report.md").exists());
    fs::remove_file(out.join("ehr")).unwrap();
    assert!(merge().status.success());
    let names: Vec<String> = tree(&out)
        .into_keys()
        .map(|name| name.display().to_string())
        .collect();
    assert_eq!(
        (names.len(), &*names[1], &*names[2]),
        (3, "merge.json", "report.md"),
        "{names:?}"
    );
}

#[cfg(unix)]
#[test]
fn who_may_read_a_result_may_read_the_next() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = scratch("results-mode");
    let people = put(&folder, "people.csv", "id,first,last\n1,Ann,Lee\n");
    let out = put(&folder, "out.csv", "earlier");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(
        ehr(&["match", text(&people), "--out", text(&out)])
            .status
            .success()
    );
    assert!(fs::read_to_string(&out).unwrap().starts_with("rec_id,person\n1,"));
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_that_is_too_large_is_told_without_being_read() {
    let folder = scratch("results-huge");
    let huge = folder.join("huge.hl7");
    // Without a byte on the disk.
    File::create(&huge).unwrap().set_len(3 << 30).unwrap();
    let out = folder.join("out");
    assert_eq!(
        ehr(&["convert", text(&huge), "--out", text(&out)]).status.code(),
        Some(1)
    );
    let finding = &json(&out.join("huge.hl7.findings.json"))[0];
    assert_eq!(finding["code"], "input.huge");
    assert!(
        finding["message"].as_str().unwrap().contains("2 GiB"),
        "{finding}"
    );
    fs::remove_file(&huge).unwrap();
}
