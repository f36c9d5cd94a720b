//! What the types of primitives allow, and what stands beside them.

use ehr_fhir::r4::{Observation, Patient};
use ehr_fhir::{Finding, ParseOptions, check, parse, parse_resource, to_json_string};

/// Code and path of all that is found.
fn found(json: &str) -> Vec<(String, String)> {
    let parsed = parse_resource(json.as_bytes(), &ParseOptions::default()).unwrap();
    let text = |finding: &Finding| (finding.code.to_string(), finding.location.path.clone());
    let mut out: Vec<_> = parsed.findings.iter().map(text).collect();
    out.sort();
    out
}

fn expect(json: &str, wanted: &[(&str, &str)]) {
    let found = found(json);
    let found: Vec<_> = found
        .iter()
        .map(|(code, path)| (code.as_str(), path.as_str()))
        .collect();
    assert_eq!(found, wanted, "{json}");
}

#[test]
fn an_id_alone_is_no_value() {
    const ELE: &str = "fhir.invariant.ele-1";
    const MISSING: &str = "fhir.element.missing";
    expect(
        r#"{"resourceType":"Observation","_status":{"id":"x"},"code":{"text":"c"}}"#,
        &[(MISSING, "Observation.status"), (ELE, "Observation.status")],
    );
    expect(
        r#"{"resourceType":"Patient","_birthDate":{"id":"x"},"name":[{"given":["a",null],"_given":[null,{"id":"y"}]}]}"#,
        &[(ELE, "Patient.birthDate"), (ELE, "Patient.name[0].given[1]")],
    );
    expect(
        r#"{"resourceType":"Patient","name":[{"_given":[{"id":"y"}]}],"_deceasedBoolean":{"id":"z"}}"#,
        &[
            (ELE, "Patient.deceasedBoolean"),
            (ELE, "Patient.name[0].given[0]"),
        ],
    );
    expect(
        r#"{"resourceType":"Patient","extension":[{"_url":{"id":"x"},"valueString":"y"}]}"#,
        &[
            (MISSING, "Patient.extension[0].url"),
            (ELE, "Patient.extension[0].url"),
        ],
    );
    // In XML the URL is an attribute, which has no extensions.
    expect(
        r#"{"resourceType":"Patient","extension":[{"_url":{"extension":[{"url":"http://a","valueString":"b"}]},"valueString":"y"}]}"#,
        &[(MISSING, "Patient.extension[0].url")],
    );
    for good in [
        r#"{"resourceType":"Patient","birthDate":"1990","_birthDate":{"id":"x"}}"#,
        r#"{"resourceType":"Patient","name":[{"given":["a","b"],"_given":[{"id":"x"},null]}]}"#,
        r#"{"resourceType":"Observation","_status":{"id":"x","extension":[{"url":"http://a","valueString":"b"}]},"code":{"text":"c"}}"#,
    ] {
        expect(good, &[]);
    }
}

#[test]
fn a_fraction_of_a_second_has_any_number_of_digits() {
    let json = concat!(
        r#"{"resourceType":"Observation","meta":{"lastUpdated":"2020-01-01T10:00:00.1234567890123Z"},"status":"final","#,
        r#""code":{"text":"c"},"issued":"2020-01-01T10:00:00.000000000000001+14:00","valueTime":"10:00:00.1234567891"}"#
    );
    let parsed = parse::<Observation>(json.as_bytes(), &ParseOptions::default()).unwrap();
    assert_eq!(parsed.findings, []);
    assert_eq!(to_json_string(&parsed.value), json);
    let mut value = parsed.value;
    assert_eq!(value.issued.unwrap().fraction_digits(), 9);
    assert_eq!(check(&value), []);
    // Another time does not get the old digits.
    value.issued = Some(ehr_types::DateTime::parse("2021-01-01T10:00:00.5Z").unwrap());
    assert!(to_json_string(&value).contains(r#""issued":"2021-01-01T10:00:00.5Z""#));

    let times = concat!(
        r#"{"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"m"},"#,
        r#""subject":{"display":"p"},"dosageInstruction":[{"timing":{"repeat":{"timeOfDay":[null,"x","08:00:00.0000000001","09:00:00"],"#,
        r#""_timeOfDay":[{"extension":[{"url":"http://a","valueString":"b"}]},null,null,null]}}}]}"#
    );
    let parsed = parse_resource(times.as_bytes(), &ParseOptions::default()).unwrap();
    assert_eq!(to_json_string(&parsed.value), times);
    expect(
        times,
        &[(
            "fhir.primitive.time",
            "MedicationRequest.dosageInstruction[0].timing.repeat.timeOfDay[1]",
        )],
    );
    for bad in [
        "2020-01-01T10:00:00.Z",
        "2020-01-01T10:00:00.1234567890",
        "2020-13-01T10:00:00.1234567890Z",
    ] {
        let json =
            format!(r#"{{"resourceType":"Basic","code":{{"text":"c"}},"meta":{{"lastUpdated":"{bad}"}}}}"#);
        expect(&json, &[("fhir.primitive.instant", "Basic.meta.lastUpdated")]);
    }
}

#[test]
fn a_zone_is_fourteen_hours_from_utc_at_most() {
    for (zone, good) in [
        ("+14:00", true),
        ("-14:00", true),
        ("+13:59", true),
        ("+14:01", false),
        ("-14:59", false),
    ] {
        let json = format!(r#"{{"resourceType":"Patient","deceasedDateTime":"2020-01-01T10:00:00{zone}"}}"#);
        let bad = [("fhir.primitive.date-time", "Patient.deceasedDateTime")];
        expect(&json, if good { &[] } else { &bad });
    }
}

#[test]
fn ids_codes_currencies_and_media_types_have_their_form() {
    expect(
        r#"{"resourceType":"Patient","name":[{"id":"a b","text":"x"}],"birthDate":"1990","_birthDate":{"id":"c\td"}}"#,
        &[
            ("fhir.primitive.id", "Patient.birthDate.id"),
            ("fhir.primitive.id", "Patient.name[0].id"),
        ],
    );
    expect(
        r#"{"resourceType":"Patient","meta":{"tag":[{"code":"a b"},{"code":"a\tb"},{"code":"a\nb"}]}}"#,
        &[
            ("fhir.primitive.code", "Patient.meta.tag[1].code"),
            ("fhir.primitive.code", "Patient.meta.tag[2].code"),
        ],
    );
    expect(
        r#"{"resourceType":"Basic","code":{"text":"c"},"extension":[{"url":"http://a","valueMoney":{"currency":"DOLLAR"}},
        {"url":"http://a","valueMoney":{"value":1.50,"currency":"EUR"}},
        {"url":"http://a","valueAttachment":{"contentType":"text"}},
        {"url":"http://a","valueAttachment":{"contentType":"text/plain; charset=UTF-8"}},
        {"url":"http://a","valueAttachment":{"contentType":"application/hl7-cda+xml"}}]}"#,
        &[
            ("fhir.code.unknown", "Basic.extension[0].valueMoney.currency"),
            (
                "fhir.code.unknown",
                "Basic.extension[2].valueAttachment.contentType",
            ),
        ],
    );
    // Three capital letters are not enough.
    expect(
        r#"{"resourceType":"Invoice","status":"draft","totalNet":{"value":1,"currency":"QQQ"}}"#,
        &[("fhir.code.unknown", "Invoice.totalNet.currency")],
    );
    expect(
        r#"{"resourceType":"Binary","contentType":"json","language":"english"}"#,
        &[
            ("fhir.code.unknown", "Binary.contentType"),
            ("fhir.code.unknown", "Binary.language"),
        ],
    );
    expect(
        r#"{"resourceType":"Endpoint","status":"active","connectionType":{"code":"x"},"payloadType":[{"text":"x"}],"address":"http://a",
        "language":"zh-Hant-TW","payloadMimeType":["application/dicom; variant=IHE IID","pdf"]}"#,
        &[("fhir.code.unknown", "Endpoint.payloadMimeType[1]")],
    );
    expect(
        r#"{"resourceType":"CapabilityStatement","status":"draft","date":"2020","kind":"requirements","description":"x",
        "rest":[{"mode":"server"}],"fhirVersion":"4.0.1","format":["json","application/fhir+xml","pdf"],"patchFormat":["json"]}"#,
        &[
            ("fhir.code.unknown", "CapabilityStatement.format[2]"),
            ("fhir.code.unknown", "CapabilityStatement.patchFormat[0]"),
        ],
    );
    // An expression has a language of another kind.
    expect(
        r#"{"resourceType":"Basic","code":{"text":"c"},"extension":[{"url":"http://a","valueExpression":{"language":"text/cql",
        "expression":"x"}},{"url":"http://a","valueExpression":{"language":"javascript","expression":"x"}}]}"#,
        &[],
    );
}

#[test]
fn a_fraction_counts_in_an_order_of_times() {
    for (start, end, good) in [
        ("2020-01-01T10:00:00.001Z", "2020-01-01T10:00:00Z", false),
        ("2020-01-01T10:00:00.5Z", "2020-01-01T10:00:00.25Z", false),
        ("2020-01-01T10:00:00Z", "2020-01-01T10:00:00.001Z", true),
        ("2020-01-01T10:00:00.0Z", "2020-01-01T10:00:00Z", true),
        ("2020-01-01T11:00:00.5+01:00", "2020-01-01T10:00:00Z", false),
        ("2020-01-01T10:00:00.001Z", "2020-01-01", true),
    ] {
        let json = format!(
            r#"{{"resourceType":"Patient","name":[{{"text":"x","period":{{"start":"{start}","end":"{end}"}}}}]}}"#
        );
        let bad = [("fhir.invariant.per-1", "Patient.name[0].period")];
        expect(&json, if good { &[] } else { &bad });
    }
}

#[test]
fn a_concept_of_a_required_value_set_has_a_code_of_it() {
    let unknown = |concept: &str, at: &str| {
        let json = format!(
            r#"{{"resourceType":"AllergyIntolerance","clinicalStatus":{concept},"patient":{{"display":"p"}}}}"#
        );
        expect(
            &json,
            &[(
                "fhir.code.unknown",
                &format!("AllergyIntolerance.clinicalStatus{at}"),
            )],
        );
    };
    unknown(r#"{"text":"active"}"#, "");
    unknown(r#"{"coding":[{"display":"Active"}]}"#, ".coding[0]");
    unknown(
        r#"{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"}]}"#,
        ".coding[0].code",
    );
    unknown(r#"{"coding":[{"display":"a"},{"display":"b"}]}"#, "");
    // Why there is no code may be said by an extension.
    for good in [
        r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}],"text":"active"}"#,
        r#"{"coding":[{"_code":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}}]}"#,
    ] {
        let json = format!(
            r#"{{"resourceType":"AllergyIntolerance","clinicalStatus":{good},"patient":{{"display":"p"}}}}"#
        );
        expect(&json, &[]);
    }
}

#[test]
fn a_finding_stands_where_its_path_says() {
    let json = r##"{"resourceType":"Observation","status":"final",
        "code":{"text":"c"},
        "category":[{"text":"a"}],
        "subject":{"display":"x",
            "reference":"Slot/1"},
        "encounter":{"type":"Encounter","reference":"#nowhere"},
        "performer":[{"display":"y"},{"display":"z","reference":"Patient/a_b"}],
        "contained":[{"resourceType":"AllergyIntolerance","patient":{"reference":"#"},"clinicalStatus":{"text":"a","coding":
            [{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"none"}]}}]}"##;
    let parsed = parse_resource(json.as_bytes(), &ParseOptions::default()).unwrap();
    let at = |path: &str| {
        let finding = parsed
            .findings
            .iter()
            .find(|finding| finding.location.path == path)
            .unwrap();
        let span = finding.location.span.unwrap();
        let line = 1 + json[..span.start].matches('\n').count();
        assert_eq!(finding.location.line, u32::try_from(line).ok(), "{path}");
        &json[span.start..span.end]
    };
    assert_eq!(at("Observation.subject.reference"), "\"Slot/1\"");
    assert_eq!(at("Observation.encounter.reference"), "\"#nowhere\"");
    assert_eq!(at("Observation.performer[1].reference"), "\"Patient/a_b\"");
    assert_eq!(
        at("Observation.contained[0].clinicalStatus.coding[0].code"),
        "\"none\""
    );
}

#[test]
fn references_have_one_of_their_forms() {
    for (reference, good) in [
        ("Patient/1", true),
        ("Patient/1/_history/2", true),
        ("Patient?identifier=a|b", true),
        ("http://example.org/fhir/Patient/a_b", true),
        ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", true),
        ("Patient/", false),
        ("Patient", false),
        ("Patient/a_b", false),
        ("Patient/1/_history/", false),
        ("Patient?", false),
        ("/Patient/1", false),
        ("1", false),
    ] {
        let json = format!(
            r#"{{"resourceType":"Basic","code":{{"text":"c"}},"subject":{{"reference":"{reference}"}}}}"#
        );
        let bad = [("fhir.reference.form", "Basic.subject.reference")];
        expect(&json, if good { &[] } else { &bad });
    }
}

#[test]
fn what_stands_twice_or_has_no_proper_name_is_written_back() {
    let ordered = ParseOptions {
        keep_order: true,
        ..ParseOptions::default()
    };
    for text in [
        r#"{"resourceType":{"x":"a"},"active":true,"resourceType":"Patient"}"#,
        r#"{"active":true,"resourceType":5,"resourceType":"Patient","resourceType":"Basic"}"#,
        r#"{"resourceType":"Patient","language":"de","_language":"2020","_language":{"extension":[{"url":"http://a","valueString":"b"}]}}"#,
        r#"{"resourceType":"Patient","_language":{"id":"a"},"language":"de","_language":7,"language":"en"}"#,
        r#"{"resourceType":"Patient","a\ud800":1,"a\ud801":2,"a�":3,"\udc00":{"b":[]},"active":true}"#,
        r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":null,"resourceType":"Patient","contained":[{"resourceType":[],"resourceType":"Basic"}]}}]}"#,
    ] {
        let parsed = parse_resource(text.as_bytes(), &ordered).unwrap();
        assert_eq!(to_json_string(&parsed.value), text);
        let again = parse_resource(text.as_bytes(), &ordered).unwrap();
        assert!(again.value == parsed.value);
        // In the order of the specification nothing is lost either.
        let plain = parse_resource(text.as_bytes(), &ParseOptions::default())
            .unwrap()
            .value;
        let written = to_json_string(&plain);
        assert_eq!(written.len(), text.len(), "{written}");
        assert!(
            parse_resource(written.as_bytes(), &ParseOptions::default())
                .unwrap()
                .value
                == plain
        );
    }
    // A name is gone with its member.
    let text = r#"{"resourceType":"Patient","a\ud800":1,"b":2,"c\ud800":3}"#;
    let mut patient = parse::<Patient>(text.as_bytes(), &ParseOptions::default())
        .unwrap()
        .value;
    let extra = patient.extra.as_mut().unwrap();
    extra.remove_raw_members("b");
    extra.remove_raw_members("a\u{fffd}");
    assert_eq!(
        to_json_string(&patient),
        r#"{"resourceType":"Patient","c\ud800":3}"#
    );
}
