//! What stands beside the fields: changed after reading, in great numbers, compared.

use ehr_fhir::r4::{BundleEntryResponse, Extension, HumanName, OperationOutcome, Patient, Resource};
use ehr_fhir::{
    Element, NotJson, ParseOptions, RawMember, RawReason, Severity, parse, parse_resource, to_json_string,
};

use crate::lossless;

fn extension() -> Extension {
    Extension {
        url: Some("u".into()),
        ..Extension::default()
    }
}

fn name(json: &str) -> HumanName {
    parse::<HumanName>(json.as_bytes(), &ParseOptions::default())
        .unwrap()
        .value
}

#[test]
fn a_resource_inside_a_type_is_any_resource() {
    for inner in ["OperationOutcome", "Patient", "Unheard"] {
        let json = format!(
            r#"{{"resourceType":"Bundle","type":"batch-response","entry":[{{"response":{{"status":"200","outcome":{{"resourceType":"{inner}","id":"1"}}}}}}]}}"#
        );
        lossless::check(json.as_bytes()).unwrap();
    }
    let response = BundleEntryResponse {
        status: Some("200".into()),
        outcome: Some(Resource::from(OperationOutcome::default())),
        ..BundleEntryResponse::default()
    };
    assert_eq!(
        to_json_string(&response),
        r#"{"status":"200","outcome":{"resourceType":"OperationOutcome"}}"#
    );
}

#[test]
fn what_r4_does_not_have_is_unknown() {
    // Elements of other versions, and of servers of their own.
    for json in [
        r#"{"resourceType":"Patient","meta":{"project":"x"}}"#,
        r#"{"resourceType":"ResearchStudy","status":"active","label":[{"value":"x"}]}"#,
        r#"{"resourceType":"Binary","contentType":"text/plain","url":"http://example.org"}"#,
    ] {
        let parsed = parse_resource(json.as_bytes(), &ParseOptions::default()).unwrap();
        let codes: Vec<_> = parsed.findings.iter().map(|f| f.code.as_ref()).collect();
        assert_eq!(codes, ["fhir.element.unknown"], "{json}");
        lossless::check(json.as_bytes()).unwrap();
    }
}

#[test]
fn holes_stay_when_values_are_taken_out_or_added() {
    let json = r#"{"given":[null,"a","b","c","d",null,7],"_given":[{"id":"x"}]}"#;
    for (len, expected) in [
        (0, "[null,null,7]"),
        (1, r#"[null,"a",null,7]"#),
        (3, r#"[null,"a","b","c",null,7]"#),
        (4, r#"[null,"a","b","c","d",null,7]"#),
    ] {
        let mut name = name(json);
        name.given.truncate(len);
        let written = to_json_string(&name);
        if len > 0 {
            assert!(written.contains(&format!(r#""given":{expected}"#)), "{written}");
        }
        serde_json::from_str::<serde_json::Value>(&written).unwrap();
    }
    let mut longer = name(json);
    longer.given.extend(["e".into(), "f".into()]);
    assert!(to_json_string(&longer).contains(r#"[null,"a","b","c","d",null,7,"e","f"]"#));
    let raw = longer.extra().unwrap().raw_items().collect::<Vec<_>>();
    assert_eq!(raw, [("given", 6, "7")]);
}

#[test]
fn extensions_are_kept_for_primitives_of_the_type_only() {
    let mut patient = Patient::default();
    assert!(!patient.set_primitive_extension("birth_date", None, vec![extension()]));
    assert!(!patient.set_primitive_extension("name", None, vec![extension()]));
    assert!(!patient.set_primitive_extension("birthDate", Some(1), vec![extension()]));
    assert_eq!(to_json_string(&patient), r#"{"resourceType":"Patient"}"#);
    assert!(patient.set_primitive_extension("birthDate", Some(0), vec![extension()]));
    assert_eq!(
        to_json_string(&patient),
        r#"{"resourceType":"Patient","_birthDate":{"extension":[{"url":"u"}]}}"#
    );
    let mut name = name(r#"{"given":["a"]}"#);
    assert!(name.set_primitive_extension("given", None, vec![extension()]));
    assert!(name.set_primitive_extension("given", Some(5), Vec::new()));
    assert_eq!(
        to_json_string(&name),
        r#"{"given":["a"],"_given":[{"extension":[{"url":"u"}]}]}"#
    );
}

#[test]
fn empty_is_as_good_as_none() {
    let mut one = name(r#"{"given":["a"]}"#);
    let other = one.clone();
    assert!(one.extension_mut().is_empty());
    assert!(one == other);
    assert!(other == one);
    one.set_primitive_extension("given", None, vec![extension()]);
    assert!(one != other);
    assert!(other != one);
}

#[test]
fn findings_over_the_limit_are_counted() {
    let json = format!(
        r#"{{"resourceType":"Patient",{}"birthDate":"x"}}"#,
        r#""x":1,"#.repeat(20)
    );
    let options = ParseOptions {
        max_findings: 5,
        ..ParseOptions::default()
    };
    let findings = parse_resource(json.as_bytes(), &options).unwrap().findings;
    assert_eq!(findings.len(), 6);
    let last = findings.last().unwrap();
    assert_eq!(
        (last.code.as_ref(), last.severity),
        ("fhir.limit.findings", Severity::Error)
    );
    assert!(last.message.contains("16 more"), "{last}");
}

#[test]
fn a_contained_resource_is_found_where_it_stands() {
    let json = r##"{"resourceType":"Patient",
"contained":[{"resourceType":"Unheard"},
  {"resourceType":"Organization","id":"a","name":"A"},
  {"resourceType":"Organization","id":"b","name":"B"}],
"managingOrganization":{"reference":"#a"}}"##;
    let parsed = parse_resource(json.as_bytes(), &ParseOptions::default()).unwrap();
    let found: Vec<_> = parsed
        .findings
        .iter()
        .map(|f| format!("{} {} {:?}", f.code, f.location.path, f.location.line))
        .collect();
    assert_eq!(
        found[1..],
        ["fhir.invariant.dom-3 Patient.contained[2] Some(4)"],
        "{found:?}"
    );
}

#[test]
fn values_where_names_belong_are_not_told() {
    for json in [
        r#"{"resourceType":"Patient","219-09-9999":1}"#,
        r#"{"resourceType":"John-Smith-219-09-9999"}"#,
    ] {
        let parsed = parse_resource(json.as_bytes(), &ParseOptions::default()).unwrap();
        let all = format!("{:?}", parsed.findings);
        assert!(!all.contains("219"), "{all}");
    }
}

/// Much of one kind in one object: the time must grow with the size, or these take minutes.
#[test]
fn great_numbers_beside_the_fields() {
    let many = 20_000;
    let list = |item: &dyn Fn(usize) -> String| (0..many).map(item).collect::<Vec<_>>().join(",");
    let nulls = list(&|_| "null".to_owned());
    let twice = list(&|_| r#""given":["x"]"#.to_owned());
    for json in [
        format!(
            r#"{{"resourceType":"Patient","name":[{{"given":[{nulls}],"_given":[{}]}}]}}"#,
            list(&|n| format!(r#"{{"id":"{n}"}}"#))
        ),
        format!(r#"{{"resourceType":"Patient","name":[{{"given":[{nulls}],{twice}}}]}}"#),
        format!(
            r#"{{"resourceType":"Patient",{}}}"#,
            list(&|n| format!(r#""x{n}":{n}"#))
        ),
        format!(
            r#"{{"resourceType":"Patient","contained":[{}],"generalPractitioner":[{}]}}"#,
            list(&|n| format!(r#"{{"resourceType":"Practitioner","id":"{n}"}}"#)),
            list(&|n| format!(r##"{{"reference":"#{n}"}}"##))
        ),
        format!(
            r#"{{"resourceType":"Patient","name":[{{"given":[{nulls}],"_given":[{}]}}]}}"#,
            list(&|_| r#"{"extension":[{"url":"http://a","valueString":"b"}]}"#.to_owned())
        ),
        format!(
            r#"{{"resourceType":"Basic","code":{{"text":"c"}},"extension":[{{"url":"http://a","valueTiming":{{"event":[{}]}}}}]}}"#,
            list(&|_| r#""2020-01-01T10:00:00.0123456789Z""#.to_owned())
        ),
        format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#,
            list(&|n| format!(
                r#"{{"resource":{{"resourceType":"Basic","code":{{"text":"c"}},"subject":{{"reference":"urn:x:{n}"}}}}}}"#
            ))
        ),
    ] {
        for keep_order in [false, true] {
            let options = ParseOptions {
                keep_order,
                ..ParseOptions::default()
            };
            let parsed = parse_resource(json.as_bytes(), &options).unwrap();
            assert_eq!(to_json_string(&parsed.value).len(), json.len());
        }
    }
}

#[test]
fn only_json_is_kept_as_a_raw_member() {
    let member = |json: &str| RawMember {
        name: "x".into(),
        json: json.into(),
        reason: RawReason::Unknown,
    };
    let mut patient = Patient::default();
    let extra = patient.extra.get_or_insert_default();
    for bad in ["", "x", "1 2", "{", "1}", "{\"a\":1},\"b\":2", "[1,]"] {
        assert_eq!(extra.push_raw_member(member(bad)), Err(NotJson), "{bad}");
    }
    extra.push_raw_member(member("{\n\"a\": [1.0]\n}")).unwrap();
    assert_eq!(
        to_json_string(&patient),
        r#"{"resourceType":"Patient","x":{"a":[1.0]}}"#
    );
}
