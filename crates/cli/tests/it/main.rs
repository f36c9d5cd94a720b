//! The `ehr` program as another program calls it.

mod checking;
mod contract;
mod corpus;
mod index;
mod matching;
mod merging;
mod partly;
mod placing;
mod report;
mod results;
mod riverside;
mod streams;
mod telling;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Runs `ehr` in the workspace root.
pub(crate) fn ehr(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ehr"))
        .args(args)
        .current_dir(root())
        .output()
        .expect("ehr runs")
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A fresh folder for one test.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("scratch folder");
    path
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path in Unicode")
}

pub(crate) fn json(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder with its content, by relative path.
pub(crate) fn tree(folder: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let relative = path.strip_prefix(folder).expect("below").to_path_buf();
                files.insert(relative, std::fs::read(&path).expect("file"));
            }
        }
    }
    files
}

/// Items of a person of a `merge.json`.
pub(crate) fn items<'a>(person: &'a Value, class: &str) -> Vec<&'a Value> {
    let items = person["items"].as_array().expect("items");
    items.iter().filter(|item| item["class"] == class).collect()
}

/// Persons of a `merge.json`.
pub(crate) fn persons(merge: &Value) -> &[Value] {
    merge["persons"].as_array().expect("persons")
}
