//! What holds for any input.

use ehr_fhir::r4::Resource;
use ehr_fhir::{BundleReader, NdjsonReader, ParseOptions, parse_resource, salvage, to_json_vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::lossless;

/// JSON that looks like FHIR here and there, with names that types know and types that they do not expect.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[ -~\u{e9}\u{1f600}\n]{0,30}".prop_map(Value::from),
        prop_oneof![
            "final",
            "2020-01-01",
            "2020-01-01T10:00:00Z",
            "Patient/1",
            "#a",
            "a"
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "id",
        "_id",
        "name",
        "given",
        "_given",
        "family",
        "extension",
        "url",
        "valueString",
        "valueQuantity",
        "value",
        "code",
        "coding",
        "system",
        "status",
        "subject",
        "reference",
        "contained",
        "resourceType",
        "text",
        "div",
        "birthDate",
        "_birthDate",
        "component",
        "start",
        "end",
        "period",
        "identifier",
        "entry",
        "resource",
        "meta",
        "unheardOf",
        "",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn anything_under_a_resource_type_is_kept(
        kind in prop::sample::select(vec!["Patient", "Observation", "Bundle", "Basic", "Parameters", "Questionnaire", "Nonesuch"]),
        members in prop::collection::vec((name(), json_value()), 0..8),
    ) {
        let mut object: Map<String, Value> = members.into_iter().collect();
        object.insert("resourceType".to_owned(), json!(kind));
        let text = serde_json::to_vec(&object).unwrap();
        if let Err(what) = lossless::check(&text) {
            return Err(TestCaseError::fail(format!("{what}: {}", String::from_utf8_lossy(&text))));
        }
    }

    #[cfg(feature = "convert")]
    #[test]
    fn anything_comes_back_through_the_model(
        kind in prop::sample::select(vec!["Patient", "Observation", "Condition", "DocumentReference", "Medication", "Location"]),
        members in prop::collection::vec((name(), json_value()), 0..8),
    ) {
        let mut object: Map<String, Value> = members.into_iter().collect();
        object.insert("resourceType".to_owned(), json!(kind));
        let text = serde_json::to_vec(&object).unwrap();
        let options = ehr_model::ImportOptions::new(ehr_model::Source::new("a"));
        let import = ehr_fhir::import(&text, &options).unwrap();
        // What happens to be of R5 comes out as R4 says it.
        prop_assume!(import.findings.iter().all(|finding| finding.code != "fhir.release.later"));
        let parsed = parse_resource(&text, &ParseOptions::default()).unwrap().value;
        let entry = &import.charts[0].entries[0];
        let again = ehr_fhir::convert::export_entry(entry);
        prop_assert_eq!(String::from_utf8(to_json_vec(&again)), String::from_utf8(to_json_vec(&parsed)));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = salvage::<Resource>(&bytes, &ParseOptions::default());
        let _ = NdjsonReader::<_, Resource>::new(&bytes[..], ParseOptions::default()).count();
        let _ = BundleReader::new(&bytes[..], ParseOptions::default()).count();
    }

    #[test]
    fn damage_never_makes_it_panic(at in 0.0..1.0_f64, with in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        let at = (at * bytes.len() as f64) as usize;
        if cut { bytes.truncate(at) } else { bytes[at] = with }
        let _ = BundleReader::new(&bytes[..], ParseOptions::default()).count();
        if let Ok(parsed) = parse_resource(&bytes, &ParseOptions::default()) {
            let written = to_json_vec(&parsed.value);
            let again = parse_resource(&written, &ParseOptions::default()).unwrap();
            prop_assert!(again.value == parsed.value);
        }
    }
}

const SAMPLE: &str = r##"{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":{
  "resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1-8"}]},
  "valueQuantity":{"value":1.50,"unit":"mg"},"subject":{"reference":"#p"},"effectiveDateTime":"2020-01-01T10:00:00.10Z",
  "contained":[{"resourceType":"Patient","id":"p","name":[{"given":["a",null],"_given":[null,{"id":"x"}]}]}]}}]}"##;
