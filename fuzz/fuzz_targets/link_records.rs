//! Any text in any field: linkage neither panics nor loses a record, and order does not matter.
#![no_main]

use std::collections::BTreeSet;

use ehr::link::{Config, Field, Linkage, Record, Verdicts, link};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut records: Vec<Record> = Vec::new();
    for (n, line) in text.lines().take(64).enumerate() {
        let mut record = Record::new(n.to_string());
        for cell in line.split('\t') {
            let mut letters = cell.chars();
            let Some(first) = letters.next() else { continue };
            let field = Field::ALL[first as usize % Field::ALL.len()];
            if field != Field::Id {
                record.set(field, letters.as_str());
            }
        }
        records.push(record);
    }
    let config = Config::default();
    let partition = |linkage: &Linkage| -> BTreeSet<BTreeSet<String>> {
        let persons = linkage.persons.iter();
        persons
            .map(|p| {
                p.members
                    .iter()
                    .map(|m| linkage.record_id(*m).to_owned())
                    .collect()
            })
            .collect()
    };
    let forward = link(&records, &config, &Verdicts::default());
    let members: usize = forward.persons.iter().map(|p| p.members.len()).sum();
    assert_eq!(members, records.len());
    records.reverse();
    let backward = link(&records, &config, &Verdicts::default());
    assert_eq!(partition(&forward), partition(&backward));
});
