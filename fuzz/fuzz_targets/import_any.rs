//! Any bytes: import, export and check never panic, and every entry that comes in goes out.
#![no_main]

use ehr::model::{ImportOptions, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = ehr::check::check(data);
    if let Ok(import) = ehr::import(data, &ImportOptions::new(Source::new("fuzz"))) {
        let bundle = ehr::fhir::convert::export_charts(&import.charts);
        let written = ehr::fhir::to_json_vec(&bundle);
        assert!(ehr::import(&written, &ImportOptions::new(Source::new("again"))).is_ok(), "our own output is read again");
        let identification = ehr::merge::identify(&import.charts);
        let entries: usize = import.charts.iter().map(|chart| chart.entries.len()).sum();
        let mut charts: Vec<_> = import.charts.into_iter().map(Some).collect();
        let mut members = 0;
        for person in &identification.persons {
            let own = person.charts.iter().filter_map(|index| charts.get_mut(*index).and_then(Option::take)).collect();
            let record = ehr::merge::merge(&person.id, own, &ehr::merge::Policy::default());
            members += record.items.iter().map(|item| item.members.len()).sum::<usize>();
        }
        assert_eq!(members, entries, "no entry vanishes");
    }
});
