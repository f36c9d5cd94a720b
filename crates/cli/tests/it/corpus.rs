//! Outside documents, where they are present.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{ehr, items, json, persons, root, scratch, text};

/// The folder of the corpus, when it is there.
fn corpus(below: &str) -> Option<PathBuf> {
    let base = std::env::var_os("EHR_CORPUS").map_or_else(|| root().join("../shared/corpus"), PathBuf::from);
    let folder = base.join(below);
    if folder.exists() {
        return Some(folder);
    }
    println!("{below}: not present, 0 cases");
    None
}

fn merge(name: &str, inputs: &[&Path]) -> Value {
    let out = scratch(name);
    let mut args = vec!["merge"];
    args.extend(inputs.iter().map(|path| text(path)));
    args.extend(["--out", text(&out)]);
    let output = ehr(&args);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    json(&out.join("merge.json"))
}

/// ONC §170.315(b)(2): what two documents of one patient must reconcile to.
#[test]
fn onc_reconciliation() {
    let Some(folder) = corpus("ccda/onc-cures/Receiver") else {
        return;
    };
    let mut cases = 0;
    for setting in ["Amb", "Inp"] {
        for (stem, allergies, medications, problems) in
            [("r11_sample1", 2, 1, 2), ("r21_sample1_ccd", 3, 3, 5)]
        {
            let in_setting = folder.join(format!("170.315_b2_CIRI_{setting}"));
            let Ok(files) = std::fs::read_dir(&in_setting) else {
                continue;
            };
            let mut pair: Vec<PathBuf> = files
                .map(|entry| entry.unwrap().path())
                .filter(|path| text(path).contains(stem))
                .collect();
            pair.sort();
            assert_eq!(pair.len(), 2, "{stem}");
            let stem = format!("{setting}-{stem}");
            let merged = merge(&format!("onc-{stem}"), &[&pair[0], &pair[1]]);
            assert_eq!(persons(&merged).len(), 1, "{stem}: one patient");
            let person = &persons(&merged)[0];
            let list = |classes: &[&str]| {
                classes
                    .iter()
                    .flat_map(|class| items(person, class))
                    .collect::<Vec<_>>()
            };
            let codes = |list: &[&Value]| {
                list.iter()
                    .map(|item| item["code"].to_string())
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            let found = list(&["AllergyIntolerance"]);
            assert_eq!(found.len(), allergies, "{stem}: allergies\n{}", codes(&found));
            let found = list(&["MedicationStatement"]);
            assert_eq!(found.len(), medications, "{stem}: medications\n{}", codes(&found));
            let found = list(&["Condition"]);
            assert_eq!(found.len(), problems, "{stem}: problems\n{}", codes(&found));
            cases += 1;
        }
    }
    println!("{cases} cases ran");
}

/// The certification patients that several vendors exported.
#[test]
fn vendors_exports_of_one_patient_become_one_person() {
    let folders: Vec<PathBuf> = [
        "allscripts",
        "cerner",
        "greenway",
        "nextgen",
        "practice-fusion",
        "nist",
        "kareo",
    ]
    .iter()
    .filter_map(|vendor| corpus(&format!("ccda/{vendor}")))
    .collect();
    if folders.is_empty() {
        return;
    }
    let out = scratch("vendors");
    let mut args = vec!["merge"];
    args.extend(folders.iter().map(|path| text(path)));
    args.extend(["--out", text(&out)]);
    ehr(&args);
    let merged = json(&out.join("merge.json"));
    let sources: Vec<Vec<&str>> = persons(&merged)
        .iter()
        .map(|person| {
            person["members"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|member| member["source"].as_str())
                .collect()
        })
        .collect();
    for name in ["Jones", "Everyman", "Hernandez", "Grant"] {
        let of_name: Vec<&Vec<&str>> = sources
            .iter()
            .filter(|files| files.iter().any(|file| file.contains(name)))
            .collect();
        println!("{name}: {} person(s): {of_name:?}", of_name.len());
    }
    println!("{} documents ran", sources.iter().map(Vec::len).sum::<usize>());
    let with = |part: &str| {
        sources
            .iter()
            .position(|files| files.iter().any(|file| file.contains(part)))
    };
    if let (Some(kari), Some(karl)) = (with("Kari"), with("Karl")) {
        assert_ne!(kari, karl, "the twins are two people");
    }
}
