//! The direction of dependencies between the crates of the house, and the licences of all others.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::licences;

/// What each crate may name among ours; see ARCHITECTURE.md.
const ALLOWED: &[(&str, &[&str])] = &[
    ("ehr-types", &[]),
    ("ehr-model", &["ehr-types"]),
    ("ehr-fhir", &["ehr-types", "ehr-model"]),
    ("ehr-hl7v2", &["ehr-types", "ehr-model"]),
    ("ehr-ccda", &["ehr-types", "ehr-model"]),
    ("ehr-link", &["ehr-types"]),
    ("ehr-merge", &["ehr-types", "ehr-model", "ehr-link"]),
    (
        "ehr",
        &[
            "ehr-types",
            "ehr-model",
            "ehr-fhir",
            "ehr-hl7v2",
            "ehr-ccda",
            "ehr-link",
            "ehr-merge",
        ],
    ),
    ("ehr-cli", &["ehr"]),
    ("ehr-examples", &["ehr"]),
    ("ehr-benches", &["ehr"]),
    ("xtask", &[]),
];

/// Reads `cargo metadata` and names every dependency, of any kind, that goes against [`ALLOWED`], and every licence that asks more
/// than ARCHITECTURE.md says. It also looks inside the codecs: only their `convert` module may name the model.
pub(crate) fn check(root: &Path) -> Result<String, String> {
    let host = cargo(root, &["--version", "--verbose"])?;
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or("cargo: no host")?;
    let metadata = [
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--filter-platform",
        host,
    ];
    let metadata: Value =
        serde_json::from_str(&cargo(root, &metadata)?).map_err(|e| format!("cargo metadata: {e}"))?;
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let packages = metadata["packages"]
        .as_array()
        .ok_or("cargo metadata: no packages")?;
    let mut wrong = licences::wrong(packages);
    let ours: Vec<&Value> = packages
        .iter()
        .filter(|package| package["source"].is_null())
        .collect();
    for package in &ours {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(may) = allowed.get(name) else {
            wrong.push(format!("{name}: not in the list of xtask/src/deps.rs"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let on = dependency["name"].as_str().unwrap_or_default();
            if allowed.contains_key(on) && !may.contains(&on) {
                wrong.push(format!("{name} depends on {on}"));
            }
        }
    }
    for codec in ["fhir", "hl7v2", "ccda"] {
        model_outside_convert(&root.join("crates").join(codec).join("src"), &mut wrong)?;
    }
    if wrong.is_empty() {
        Ok(format!(
            "{} packages, every dependency in its direction; {} of others, all on the terms that are allowed",
            ours.len(),
            packages.len() - ours.len()
        ))
    } else {
        Err(wrong.join("\n"))
    }
}

/// What cargo prints.
fn cargo(root: &Path, args: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO")).args(args).current_dir(root).output();
    let output = output.map_err(|e| format!("cargo: {e}"))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|e| format!("cargo: {e}"))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn model_outside_convert(dir: &Path, wrong: &mut Vec<String>) -> Result<(), String> {
    for entry in std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))? {
        let path = entry.map_err(|e| e.to_string())?.path();
        if path.file_stem().is_some_and(|stem| stem == "convert") {
            continue;
        }
        if path.is_dir() {
            model_outside_convert(&path, wrong)?;
        } else if std::fs::read_to_string(&path).is_ok_and(|text| names_model(&text)) {
            wrong.push(format!("{} names ehr_model outside `convert`", path.display()));
        }
    }
    Ok(())
}

/// Whether code names the model; an example in documentation may.
fn names_model(text: &str) -> bool {
    text.lines()
        .any(|line| !line.trim_start().starts_with("//") && line.contains("ehr_model::"))
}
