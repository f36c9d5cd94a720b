//! Cases at the edge of JSON and FHIR: what is found, where, and that nothing is lost.

use ehr_fhir::r4::{Bundle, HumanName, Patient, Resource};
use ehr_fhir::{
    BundleReader, Element, NdjsonReader, ParseOptions, Severity, StreamError, check, parse, parse_resource,
    salvage, to_json_pretty, to_json_string, to_json_vec,
};

use crate::lossless::{self, Json};

/// Reads `json`, compares the findings as `code path`, and that writing gives the same values.
fn case(json: &str, expected: &[&str]) {
    let parsed =
        parse_resource(json.as_bytes(), &ParseOptions::default()).unwrap_or_else(|e| panic!("{json}: {e}"));
    let found: Vec<String> = parsed
        .findings
        .iter()
        .map(|f| format!("{} {}", f.code, f.location.path))
        .collect();
    assert_eq!(found, expected, "{json}");
    lossless::check(json.as_bytes()).unwrap_or_else(|what| panic!("{json}: {what}"));
    for finding in &parsed.findings {
        let span = finding.location.span.unwrap();
        assert!(span.end <= json.len(), "{json}: {finding}");
    }
}

#[test]
fn faults_of_structure() {
    case(r#"{"resourceType":"Patient"}"#, &[]);
    case(
        r#"{"resourceType":"Patient","x":{"y":[1.0,null]}}"#,
        &["fhir.element.unknown Patient.x"],
    );
    // A name of another format is shown, a value in place of a name is not.
    case(
        r#"{"resourceType":"Patient","x-y":1,"$ref":1,"@type":1,"xsi:type":1,"größe":1,"1985-01-01":1,"a b":1}"#,
        &[
            "fhir.element.unknown Patient.x-y",
            "fhir.element.unknown Patient.$ref",
            "fhir.element.unknown Patient.@type",
            "fhir.element.unknown Patient.xsi:type",
            "fhir.element.unknown Patient.größe",
            "fhir.element.unknown Patient.????-??-??",
            "fhir.element.unknown Patient.a?b",
        ],
    );
    case(
        r#"{"resourceType":"Patient","name":{"family":"a"}}"#,
        &["fhir.element.not-array Patient.name"],
    );
    case(
        r#"{"resourceType":"Patient","name":["a"]}"#,
        &["fhir.element.type Patient.name[0]"],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"given":"a"}]}"#,
        &["fhir.element.not-array Patient.name[0].given"],
    );
    case(
        r#"{"resourceType":"Patient","name":"a"}"#,
        &["fhir.element.type Patient.name"],
    );
    case(
        r#"{"resourceType":"Patient","name":[]}"#,
        &["fhir.element.empty-array Patient.name"],
    );
    case(
        r#"{"resourceType":"Patient","name":[{}]}"#,
        &["fhir.element.empty-object Patient.name[0]"],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"id":"x"}]}"#,
        &["fhir.invariant.ele-1 Patient.name[0]"],
    );
    case(
        r#"{"resourceType":"Patient","active":null}"#,
        &["fhir.element.null Patient.active"],
    );
    case(
        r#"{"resourceType":"Patient","name":[null,{"family":"a"}]}"#,
        &["fhir.element.null Patient.name[0]"],
    );
    case(
        r#"{"resourceType":"Patient","gender":["male"]}"#,
        &["fhir.element.type Patient.gender"],
    );
    case(
        r#"{"resourceType":"Patient","active":"true"}"#,
        &["fhir.element.type Patient.active"],
    );
    case(
        r#"{"resourceType":"Patient","active":true,"active":false}"#,
        &["json.duplicate-member Patient.active"],
    );
    case(r#"{"resourceType":"Patient","a\u0063tive":true}"#, &[]);
    case(r#"{"active":true,"resourceType":"Patient"}"#, &[]);
    case(
        r#"{"resourceType":"Patient","resourceType":"Patient"}"#,
        &["json.duplicate-member Patient.resourceType"],
    );
    case(
        r#"{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}"#,
        &["fhir.choice.two-values Patient.deceasedDateTime"],
    );
    case(
        r#"{"resourceType":"Tricorder","id":"1","x":[1.50]}"#,
        &["fhir.resource.unknown-type Tricorder"],
    );
    case(r#"{"id":"1"}"#, &["fhir.resource.no-type "]);
    case(
        r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"X"}},{"resource":5}]}"#,
        &[
            "fhir.resource.unknown-type Bundle.entry[0].resource",
            "fhir.element.type Bundle.entry[1].resource",
        ],
    );
}

#[test]
fn faults_of_values() {
    case(
        r#"{"resourceType":"Patient","birthDate":"2020-02-30"}"#,
        &["fhir.primitive.date Patient.birthDate"],
    );
    case(
        r#"{"resourceType":"Patient","birthDate":""}"#,
        &["fhir.primitive.date Patient.birthDate"],
    );
    case(
        r#"{"resourceType":"Patient","gender":"m"}"#,
        &["fhir.code.unknown Patient.gender"],
    );
    case(
        r#"{"resourceType":"Patient","id":"a b"}"#,
        &["fhir.primitive.id Patient.id"],
    );
    case(
        r#"{"resourceType":"Patient","implicitRules":"a b"}"#,
        &["fhir.primitive.uri Patient.implicitRules"],
    );
    case(
        r#"{"resourceType":"Patient","multipleBirthInteger":1.0}"#,
        &["fhir.primitive.integer Patient.multipleBirthInteger"],
    );
    case(
        r#"{"resourceType":"Patient","multipleBirthInteger":99999999999}"#,
        &["fhir.primitive.integer Patient.multipleBirthInteger"],
    );
    case(
        r#"{"resourceType":"Patient","multipleBirthInteger":-0}"#,
        &["fhir.primitive.integer Patient.multipleBirthInteger"],
    );
    case(
        r#"{"resourceType":"Patient","managingOrganization":{"reference":"Patient/1"}}"#,
        &["fhir.reference.target Patient.managingOrganization.reference"],
    );
    case(
        r##"{"resourceType":"Patient","managingOrganization":{"reference":"#o"},"contained":[{"resourceType":"Organization","id":"p","name":"n"}]}"##,
        &[
            "fhir.invariant.ref-1 Patient.managingOrganization.reference",
            "fhir.invariant.dom-3 Patient.contained[0]",
        ],
    );
    case(
        r#"{"resourceType":"AllergyIntolerance","patient":{"display":"p"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"on"}]}}"#,
        &["fhir.code.unknown AllergyIntolerance.clinicalStatus.coding[0].code"],
    );
    case(
        r#"{"resourceType":"Patient","extension":[{"url":"u","valueDecimal":1.50E+10},{"url":"u"}]}"#,
        &["fhir.invariant.ext-1 Patient.extension[1]"],
    );
    case(
        r#"{"resourceType":"Patient","link":[{}]}"#,
        &[
            "fhir.element.empty-object Patient.link[0]",
            "fhir.element.missing Patient.link[0].other",
            "fhir.element.missing Patient.link[0].type",
        ],
    );
}

#[test]
fn faults_of_siblings() {
    let lengths = "fhir.element.array-length Patient.name[0].given";
    case(
        r#"{"resourceType":"Patient","name":[{"_given":[null,{"extension":[{"url":"http://a","valueString":"b"}]}]}]}"#,
        &[],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"given":["x",null],"_given":[null,{"extension":[{"url":"http://a","valueString":"b"}]}]}]}"#,
        &[],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"given":["x"],"_given":[null,{"extension":[{"url":"http://a","valueString":"b"}]}]}]}"#,
        &[lengths],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"_given":[{"id":"a"}],"given":["x","y"]}]}"#,
        &[lengths],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"given":["x",5],"_given":[{"id":"a"},null,null]}]}"#,
        &["fhir.element.type Patient.name[0].given[1]", lengths],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"given":["x"],"_given":[null]}]}"#,
        &["fhir.element.null Patient.name[0].given"],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"given":["x","y"],"_given":[null,"z"]}]}"#,
        &["fhir.element.type Patient.name[0].given[1]"],
    );
    let two = "fhir.choice.two-values Patient.deceasedDateTime";
    case(
        r#"{"resourceType":"Patient","deceasedBoolean":true,"_deceasedDateTime":{"id":"a"}}"#,
        &[two],
    );
    case(
        r#"{"resourceType":"Patient","_deceasedDateTime":{"id":"a"},"deceasedBoolean":true}"#,
        &[two],
    );
    case(
        r#"{"resourceType":"Patient","_deceasedBoolean":{"extension":[{"url":"http://a","valueString":"b"}]},"_deceasedDateTime":{"extension":[{"url":"http://a","valueString":"b"}]}}"#,
        &[two],
    );
    case(
        r#"{"resourceType":"Patient","deceasedBoolean":true,"_deceasedBoolean":{"id":"a"}}"#,
        &[],
    );
    case(
        r#"{"resourceType":"Patient","_active":{"extension":[{"url":"http://a","valueString":"b"}]},"_active":{"id":"b"}}"#,
        &["json.duplicate-member Patient._active"],
    );
}

#[test]
fn faults_of_references() {
    let form = "fhir.reference.form Patient.managingOrganization.reference";
    for (reference, expected) in [
        ("Organization/1", &[][..]),
        ("Organization/1/_history/2", &[]),
        ("Organization?name=x", &[]),
        ("http://example.org/any/where", &[]),
        ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", &[]),
        ("some text", &[form]),
        ("Hospital/1", &[form]),
    ] {
        case(
            &format!(r#"{{"resourceType":"Patient","managingOrganization":{{"reference":"{reference}"}}}}"#),
            expected,
        );
    }
    case(
        r#"{"resourceType":"Patient","generalPractitioner":[{"reference":"Practitioner/1","type":"Organization"}]}"#,
        &["fhir.reference.type Patient.generalPractitioner[0].type"],
    );
    case(
        r##"{"resourceType":"Patient","managingOrganization":{"reference":"#o"},"contained":[
            {"resourceType":"Basic","id":"o","code":{"text":"x"}},{"resourceType":"Organization","id":"o","name":"n"}]}"##,
        &["fhir.resource.duplicate-id Patient.contained[1]"],
    );
    case(
        r##"{"resourceType":"Patient","managingOrganization":{"reference":"#o"},"contained":[
            {"resourceType":"Basic","id":"o","code":{"text":"x"}}]}"##,
        &["fhir.reference.target Patient.managingOrganization.reference"],
    );
}

#[test]
fn what_is_kept_as_text_stays_on_one_line() {
    let json = "{\"resourceType\":\"Patient\",\"x\":{\n  \"a b\": [1.00, \"\\n\"]\n}, \"name\": [\n[\n1 ]]}";
    let parsed = parse::<Patient>(json.as_bytes(), &ParseOptions::default()).unwrap();
    assert_eq!(
        to_json_string(&parsed.value),
        r#"{"resourceType":"Patient","name":[[1]],"x":{"a b":[1.00,"\n"]}}"#
    );
    let unknown = parse_resource(b"{\"resourceType\": \"X\",\n\"a\": 1}", &ParseOptions::default()).unwrap();
    assert!(!to_json_string(&unknown.value).contains('\n'));
}

/// Formats that cannot carry JSON text are refused, for they would lose digits.
#[test]
fn serde_carries_json_or_refuses() {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Buffered {
        Patient(#[allow(dead_code)] Box<Patient>),
    }
    let json = r#"{"resourceType":"Patient","extension":[{"url":"u","valueDecimal":1.50}]}"#;
    let patient: Patient = serde_json::from_str(json).unwrap();
    assert_eq!(
        serde_json::to_string(&vec![patient]).unwrap(),
        format!("[{json}]")
    );
    assert!(serde_json::from_str::<Buffered>(json).is_err());
}

#[test]
fn a_control_character_is_told_and_written_as_an_escape() {
    let json = b"{\"resourceType\":\"Patient\",\"language\":\"a\tb\"}";
    let parsed = parse_resource(json, &ParseOptions::default()).unwrap();
    assert_eq!(parsed.findings[0].code, "json.control-character");
    assert_eq!(
        to_json_string(&parsed.value),
        r#"{"resourceType":"Patient","language":"a\tb"}"#
    );
}

#[test]
fn half_a_surrogate_pair_is_kept_as_it_is_written() {
    let json = br#"{"resourceType":"Patient","language":"a\ud800b"}"#;
    let parsed = parse_resource(json, &ParseOptions::default()).unwrap();
    assert_eq!(parsed.findings[0].code, "json.lone-surrogate");
    assert_eq!(to_json_vec(&parsed.value), json);
}

#[test]
fn primitives_with_extensions_and_holes() {
    case(
        r#"{"resourceType":"Patient","birthDate":"2020","_birthDate":{"id":"x","extension":[{"url":"u","valueCode":"c"}]}}"#,
        &[],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"given":["a",null,"c"],"_given":[null,{"extension":[{"url":"u","valueCode":"c"}]},null]}]}"#,
        &[],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"_given":[{"extension":[{"url":"u","valueCode":"c"}]}]}]}"#,
        &[],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"given":[null]}]}"#,
        &["fhir.element.null Patient.name[0].given[0]"],
    );
    case(
        r#"{"resourceType":"Patient","name":[{"given":["a",5,"c"]}]}"#,
        &["fhir.element.type Patient.name[0].given[1]"],
    );
    case(
        r#"{"resourceType":"Patient","_birthDate":[null]}"#,
        &["fhir.element.type Patient.birthDate"],
    );
    case(
        r#"{"resourceType":"Patient","_name":[{"id":"a"}]}"#,
        &["fhir.element.unknown Patient._name"],
    );
    case(
        r#"{"resourceType":"Patient","_id":{"extension":[{"url":"u","valueCode":"c"}]}}"#,
        &[],
    );
    // A required element that has only an extension is there.
    case(
        r#"{"resourceType":"Basic","code":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}}"#,
        &[],
    );
}

#[test]
fn broken_text_is_fatal_but_what_stands_before_it_can_be_had() {
    for json in [
        "",
        "  ",
        "[]",
        "5",
        "{",
        r#"{"resourceType":"Patient""#,
        r#"{"resourceType":"Patient","active":tru}"#,
        r#"{"resourceType":"Patient","name":[{"family":"a"}"#,
        r#"{"resourceType":"Patient",}"#,
        r#"{"resourceType":"Patient"} x"#,
        r#"{"resourceType":"Observation"}"#,
        "{\"resourceType\":\"Patient\",\"language\":\"\u{0}",
    ] {
        let error = parse::<Patient>(json.as_bytes(), &ParseOptions::default()).unwrap_err();
        assert!(
            error.findings.iter().any(|f| f.severity == Severity::Fatal),
            "{json}"
        );
        assert!(error.findings.iter().all(|f| f.location.line.is_some()), "{json}");
    }
    let error = parse::<Patient>(
        b"{\"resourceType\":\"Patient\",\"id\":\"\xff\"}",
        &ParseOptions::default(),
    )
    .unwrap_err();
    assert_eq!(
        (error.findings[0].code.as_ref(), error.findings[0].location.column),
        ("json.encoding", Some(33))
    );
    let json = br#"{"resourceType":"Patient","active":true,"name":[{"family":"a"},{"family":"b","gi"#;
    let (value, findings) = salvage::<Patient>(json, &ParseOptions::default());
    assert_eq!(value.unwrap().name.len(), 2);
    assert_eq!(findings[0].location.path, "Patient.name[1]");
}

#[test]
fn a_byte_order_mark_is_told() {
    let json = "\u{feff}{\"resourceType\":\"Patient\",\"x\":1}";
    let parsed = parse::<Patient>(json.as_bytes(), &ParseOptions::default()).unwrap();
    assert_eq!(parsed.findings[0].code, "json.bom");
    assert_eq!(parsed.findings[1].location.span.unwrap().start, 29);
}

#[test]
fn deep_nesting_is_kept_as_text_on_a_small_stack() {
    let deep = |levels: usize| {
        let mut json = r#"{"url":"u","valueCode":"c"}"#.to_owned();
        for _ in 0..levels {
            json = format!(r#"{{"extension":[{json}],"url":"u"}}"#);
        }
        format!(r#"{{"resourceType":"Basic","extension":[{json}],"code":{{"text":"x"}}}}"#)
    };
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(move || {
            for levels in [60, 125, 126, 127, 500, 20_000] {
                let json = deep(levels);
                let parsed = parse_resource(json.as_bytes(), &ParseOptions::default()).unwrap();
                assert_eq!(
                    parsed.findings.is_empty(),
                    levels <= 126,
                    "{levels}: {:?}",
                    parsed.findings
                );
                assert!(parsed.findings.iter().all(|f| f.code == "fhir.limit.depth"));
                assert_eq!(to_json_string(&parsed.value), json);
                assert_eq!(parsed.value.clone(), parsed.value);
            }
            let brackets = "[".repeat(1_000_000);
            assert!(parse_resource(brackets.as_bytes(), &ParseOptions::default()).is_err());
            let contained = format!(
                "{}{}",
                r#"{"resourceType":"Basic","contained":["#.repeat(10_000),
                "]}".repeat(10_000)
            );
            assert!(parse_resource(contained.as_bytes(), &ParseOptions::default()).is_ok());
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn limits_stop_the_reader() {
    let json = br#"{"resourceType":"Patient","name":[{"family":"a"},{"family":"b"}]}"#;
    let few = ParseOptions {
        max_elements: 2,
        ..ParseOptions::default()
    };
    assert_eq!(
        parse::<Patient>(json, &few).unwrap_err().findings[0].code,
        "fhir.limit.elements"
    );
    let short = ParseOptions {
        max_bytes: 10,
        ..ParseOptions::default()
    };
    assert_eq!(
        parse::<Patient>(json, &short).unwrap_err().findings[0].code,
        "fhir.limit.bytes"
    );
    let silent = ParseOptions {
        max_findings: 1,
        ..ParseOptions::default()
    };
    let many = br#"{"resourceType":"Patient","a":1,"b":2,"c":3}"#;
    let findings = parse::<Patient>(many, &silent).unwrap().findings;
    let codes: Vec<_> = findings.iter().map(|f| f.code.as_ref()).collect();
    assert_eq!(codes, ["fhir.element.unknown", "fhir.limit.findings"]);
}

#[test]
fn setting_a_value_replaces_the_one_that_could_not_be_read() {
    let json = br#"{"resourceType":"Patient","birthDate":"soon","x":1}"#;
    let mut patient = parse::<Patient>(json, &ParseOptions::default()).unwrap().value;
    patient.birth_date = ehr_types::Date::parse("1990").ok();
    assert_eq!(
        to_json_string(&patient),
        r#"{"resourceType":"Patient","birthDate":"1990","x":1}"#
    );
    assert!(!format!("{patient:?}").contains("1990"));
}

#[test]
fn members_of_primitives_can_be_set_and_taken_away() {
    let mut name = HumanName {
        given: ["a".into(), "b".into()].into(),
        ..HumanName::default()
    };
    let extension = ehr_fhir::r4::Extension {
        url: Some("u".into()),
        ..Default::default()
    };
    name.set_primitive_extension("given", Some(1), vec![extension]);
    assert_eq!(
        to_json_string(&name),
        r#"{"given":["a","b"],"_given":[null,{"extension":[{"url":"u"}]}]}"#
    );
    assert_eq!(name.primitive_extension("given", Some(0)), []);
    name.set_primitive_extension("given", Some(1), Vec::new());
    assert_eq!(to_json_string(&name), r#"{"given":["a","b"]}"#);
}

#[test]
fn serde_goes_through_the_same_codec() {
    let json = r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00},"x":[1e400]}"#;
    let resource: Resource = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&resource).unwrap(), json);
    let value = serde_json::to_value(&resource).unwrap_or_default();
    assert!(value.is_null() || value["status"] == "final");
    assert!(serde_json::from_str::<Patient>(json).is_err());
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Envelope {
        patient: Patient,
    }
    let envelope: Envelope =
        serde_json::from_str(r#"{"patient":{"resourceType":"Patient","id":"1"}}"#).unwrap();
    assert_eq!(
        serde_json::to_string(&envelope).unwrap(),
        r#"{"patient":{"resourceType":"Patient","id":"1"}}"#
    );
}

#[test]
fn a_stream_goes_on_after_a_bad_piece() {
    let bundle = "{\"type\":\"collection\",\"entry\":[\n{\"fullUrl\":\"urn:uuid:\\\"]\",\"resource\":{\"resourceType\":\"Patient\",\"x\":1}},\n {\"resource\":{\"resourceType\":\"Patient\",}},\n 5,{\"resource\":{\"resourceType\":\"Patient\",\"name\":[{\"text\":\"}\"}]}}],\"resourceType\":\"Bundle\",\"timestamp\":\"2020-01-01T00:00:00Z\"}";
    let mut reader = BundleReader::new(bundle.as_bytes(), ParseOptions::default());
    let entries: Vec<_> = reader.by_ref().collect();
    assert_eq!(entries.len(), 4);
    let first = entries[0].as_ref().unwrap();
    let finding = &first.parsed.findings[0];
    assert_eq!(finding.location.path, "Bundle.entry[0].resource.x");
    assert_eq!(finding.location.line, Some(2));
    assert_eq!(&bundle[finding.location.span.unwrap().start..][..3], "\"x\"");
    assert!(
        matches!(&entries[1], Err(StreamError::Piece { place, .. }) if place.index == 1 && place.line == 3)
    );
    assert!(matches!(&entries[2], Err(StreamError::Piece { place, .. }) if place.index == 2));
    assert!(entries[3].is_ok());
    let frame = reader.bundle().unwrap();
    assert!(frame.findings.is_empty(), "{:?}", frame.findings);
    assert!(frame.value.timestamp.is_some() && frame.value.entry.is_empty());

    let mut broken = BundleReader::new(&bundle.as_bytes()[..90], ParseOptions::default());
    assert!(broken.by_ref().any(|entry| entry.is_err()));

    let long = format!(
        "{{\"resourceType\":\"Basic\",\"language\":\"{}\"}}\n{{\"resourceType\":\"Patient\"}}",
        "x".repeat(1000)
    );
    let options = ParseOptions {
        max_bytes: 100,
        ..ParseOptions::default()
    };
    let lines: Vec<_> = NdjsonReader::<_, Resource>::new(long.as_bytes(), options).collect();
    assert!(lines[0].is_err() && lines[1].is_ok() && lines.len() == 2);
    assert_eq!(lines[1].as_ref().unwrap().place.line, 2);
}

#[test]
fn a_streamed_bundle_is_the_whole_bundle() {
    let Some(folder) = crate::corpus::folder("fhir/synthea") else {
        return;
    };
    let mut count = 0;
    for path in crate::corpus::json_files(&folder) {
        let source = std::fs::read(&path).unwrap();
        let whole = parse::<Bundle>(&source, &ParseOptions::default()).unwrap().value;
        let mut reader = BundleReader::new(&source[..], ParseOptions::default());
        let entries: Vec<_> = reader.by_ref().map(|entry| entry.unwrap().parsed.value).collect();
        count += entries.len();
        assert!(entries == whole.entry, "{}", path.display());
        assert!(
            Bundle {
                entry: entries.into(),
                ..reader.bundle().unwrap().value
            } == whole
        );
    }
    println!("{count} entries streamed");
}

#[test]
fn writing_is_the_same_in_both_layouts() {
    let json = br#"{"resourceType":"Patient","name":[{"family":"\u00e9\"\\\n","given":["x"]}],"multipleBirthInteger":-3}"#;
    let patient = parse::<Patient>(json, &ParseOptions::default()).unwrap().value;
    let pretty = String::from_utf8(to_json_pretty(&patient)).unwrap();
    let compact = String::from_utf8(to_json_vec(&patient)).unwrap();
    assert_eq!(Json::read(&pretty), Json::read(&compact));
    assert!(pretty.contains("\n  \"name\": [\n    {\n      \"family\": "));
    assert!(check(&patient).is_empty());
}

#[test]
fn the_order_of_unreadable_members_is_kept() {
    let options = ParseOptions {
        keep_order: true,
        ..ParseOptions::default()
    };
    for text in [
        r#"{"resourceType":"Observation","status":null,"subject":{}}"#,
        r#"{"resourceType":"Patient","_id":{"id":"a"},"_birthDate":{"id":"b"}}"#,
        r#"{"resourceType":"Patient","_birthDate":{"id":"b"},"_id":{"id":"a"}}"#,
    ] {
        let parsed = parse_resource(text.as_bytes(), &options).unwrap();
        assert_eq!(String::from_utf8(to_json_vec(&parsed.value)).unwrap(), text);
        let again = parse_resource(&to_json_vec(&parsed.value), &options).unwrap();
        assert!(again.value == parsed.value);
    }
}
