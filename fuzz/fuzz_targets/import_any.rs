//! Any bytes: import, export and check never panic, and every entry that comes in goes out.
#![no_main]

use std::collections::BTreeSet;

use ehr::link::{Config, Verdicts};
use ehr::merge::{Policy, identify};
use ehr::model::{ImportOptions, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = ehr::check::check(data);
    if let Ok(import) = ehr::import(data, &ImportOptions::new(Source::new("fuzz"))) {
        let bundle = ehr::export_charts(&import.charts);
        let written = ehr::fhir::to_json_vec(&bundle);
        assert!(
            ehr::import(&written, &ImportOptions::new(Source::new("again"))).is_ok(),
            "our own output is read again"
        );
        let identification = identify(&import.charts, &Config::default(), &Verdicts::default());
        let ids = |chart: &ehr::model::Chart| {
            chart
                .entries
                .iter()
                .map(|entry| entry.id.clone())
                .collect::<Vec<_>>()
        };
        let entries: BTreeSet<_> = import.charts.iter().flat_map(ids).collect();
        let records = identification.records(&import.charts, &Policy::default());
        let members: BTreeSet<_> = records
            .iter()
            .flat_map(|record| &record.items)
            .flat_map(|item| &item.members)
            .filter_map(|member| member.entry.clone())
            .collect();
        assert_eq!(members, entries, "no entry vanishes");
    }
});
