//! Any bytes: reading never panics, every span lies inside the source, a second import gives the same.
#![no_main]

use ehr::ccda::{Document, Limits, import, validate};
use ehr::model::{ImportOptions, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &[u8]| {
    let parsed = Document::parse(source, &Limits::default());
    for element in parsed.document.top().descendants() {
        let span = element.span();
        assert!(span.start <= span.end && span.end <= source.len());
    }
    validate(&parsed.document);
    let options = ImportOptions::new(Source::new("fuzz"));
    if let Ok(first) = import(source, &options) {
        assert!(import(source, &options).is_ok_and(|second| second == first));
    }
});
