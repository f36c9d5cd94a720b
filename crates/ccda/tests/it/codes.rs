//! The codes of findings are API: each stands in the table of the documentation.

use std::collections::BTreeSet;
use std::path::Path;

use crate::corpus::files_with;

#[test]
fn every_code_of_a_finding_is_documented() {
    let sources = files_with(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &["rs"]);
    let mut codes = BTreeSet::new();
    for path in sources {
        let source = std::fs::read_to_string(path).unwrap();
        let literals = source.split('"').filter(|literal| literal.starts_with("ccda."));
        codes.extend(literals.map(str::to_owned));
    }
    assert!(codes.len() > 50, "{codes:?}");
    let table = include_str!("../../src/findings.md");
    let documented: BTreeSet<_> = table
        .split('`')
        .filter(|word| word.starts_with("ccda."))
        .collect();
    let missing: Vec<_> = codes
        .iter()
        .filter(|code| !documented.contains(code.as_str()))
        .collect();
    assert!(missing.is_empty(), "not in findings.md: {missing:?}");
    let gone: Vec<_> = documented.iter().filter(|code| !codes.contains(**code)).collect();
    assert!(gone.is_empty(), "documented, but never reported: {gone:?}");
}
