//! What can be read is written so that it reads the same again, in both layouts and with the order kept.
#![no_main]

use ehr::fhir::{ParseOptions, check, parse_resource, to_json_pretty, to_json_vec};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for keep_order in [false, true] {
        let options = ParseOptions {
            keep_order,
            ..ParseOptions::default()
        };
        let Ok(parsed) = parse_resource(bytes, &options) else {
            return;
        };
        let compact = to_json_vec(&parsed.value);
        let again = parse_resource(&compact, &options).expect("what is written can be read");
        assert!(again.value == parsed.value);
        assert_eq!(to_json_vec(&again.value), compact);
        let pretty =
            parse_resource(&to_json_pretty(&parsed.value), &options).expect("what is written can be read");
        assert!(pretty.value == parsed.value);
        let _ = check(&parsed.value);
        let _ = format!("{:?}", parsed.value);
    }
});
