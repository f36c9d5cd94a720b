//! Every document of the corpus is read, or refused with a located finding.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ehr_ccda::import;
use ehr_model::{ImportOptions, RecordClass, Source};

/// The folder of C-CDA corpora, if it is there.
pub(crate) fn corpus() -> Option<PathBuf> {
    let root = std::env::var_os("EHR_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
        PathBuf::from,
    );
    let folder = root.join("ccda");
    if folder.is_dir() {
        Some(folder)
    } else {
        println!("no corpus at {}: nothing was run", folder.display());
        None
    }
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    files_with(folder, &["xml", "ccd", "txt", "html"])
}

/// The files below a folder whose names end so, in order.
pub(crate) fn files_with(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|e| extensions.iter().any(|known| e.eq_ignore_ascii_case(known)))
            {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

fn options() -> ImportOptions {
    ImportOptions::new(Source::new("corpus"))
}

#[test]
fn every_document_is_read_or_refused_with_a_place() {
    let Some(corpus) = corpus() else { return };
    let (mut read, mut refused, mut leaves, mut residual) = (0, Vec::new(), 0_usize, 0_usize);
    let mut classes: BTreeMap<RecordClass, usize> = BTreeMap::new();
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    let mut empty = Vec::new();
    for path in files(&corpus) {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.strip_prefix(&corpus).unwrap().display().to_string();
        match import(&bytes, &options()) {
            Ok(done) => {
                read += 1;
                for finding in &done.findings {
                    *codes
                        .entry(format!("{:?} {}", finding.severity, finding.code))
                        .or_default() += 1;
                    if std::env::var_os("SHOW").is_some_and(|code| code == *finding.code) {
                        println!("{name} {finding}");
                    }
                }
                let chart = &done.charts[0];
                if chart.entries.is_empty() {
                    empty.push(name.clone());
                }
                leaves += bytes.len() / 60;
                residual += chart.residual_count();
                let mut ids = std::collections::BTreeSet::new();
                for entry in &chart.entries {
                    assert!(ids.insert(entry.id.clone()), "{name}: two entries with one id");
                    *classes.entry(entry.class()).or_default() += 1;
                    for leaf in &entry.residual {
                        *left
                            .entry(format!("{} {}", entry.class(), tail(&leaf.location.path)))
                            .or_default() += 1;
                    }
                }
                for leaf in &chart.residual {
                    *left
                        .entry(format!("- {}", tail(&leaf.location.path)))
                        .or_default() += 1;
                }
                assert_eq!(
                    done,
                    import(&bytes, &options()).unwrap(),
                    "{name}: a second import differs"
                );
            }
            Err(error) => {
                assert!(!error.findings().is_empty());
                refused.push(name);
            }
        }
    }
    println!(
        "{read} documents and fragments read, {} refused: {refused:?}",
        refused.len()
    );
    println!("without any entry: {empty:?}");
    println!("entries: {classes:?}");
    println!("findings: {codes:#?}");
    println!("residual {residual} of about {leaves} leaves; most often:");
    let mut left: Vec<_> = left.into_iter().collect();
    left.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (path, count) in left.iter().take(80) {
        println!("{count:6} {path}");
    }
    for name in &refused {
        assert!(
            name.ends_with("readme.txt"),
            "{name} is a health record and was refused"
        );
    }
}

/// The last steps of a path, without indices.
fn tail(path: &str) -> String {
    let steps: Vec<_> = path
        .split('/')
        .map(|step| step.split('[').next().unwrap_or_default())
        .collect();
    steps[steps.len().saturating_sub(5)..].join("/")
}
