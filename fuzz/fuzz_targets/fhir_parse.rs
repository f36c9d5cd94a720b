//! No bytes make the FHIR readers panic, and every finding lies inside the source.
#![no_main]

use ehr::fhir::r4::Resource;
use ehr::fhir::{BundleReader, NdjsonReader, ParseOptions, salvage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (_, findings) = salvage::<Resource>(bytes, &ParseOptions::default());
    for finding in findings {
        let span = finding.location.span.unwrap_or_default();
        assert!(span.start <= bytes.len());
        let _ = finding.render(bytes);
    }
    let _ = NdjsonReader::<_, Resource>::new(bytes, ParseOptions::default()).count();
    let _ = BundleReader::new(bytes, ParseOptions::default()).count();
});
