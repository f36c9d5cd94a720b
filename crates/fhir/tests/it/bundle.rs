//! Bundles: the rules about entries, whole and streamed, and their making.

use ehr_fhir::r4::{Bundle, Patient, Resource};
use ehr_fhir::{
    BundleReader, ParseOptions, ReferenceIndex, Resolution, StreamError, check, parse, parse_resource,
};

/// Code and path of all that is found in a Bundle of that type.
fn found(kind: &str, members: &str) -> Vec<String> {
    let json = format!(r#"{{"resourceType":"Bundle","type":"{kind}"{members}}}"#);
    let parsed = parse::<Bundle>(json.as_bytes(), &ParseOptions::default()).unwrap();
    let text = |finding: &ehr_fhir::Finding| format!("{} {}", finding.code, finding.location.path);
    let whole: Vec<String> = parsed.findings.iter().map(text).collect();
    // Streamed, the same is found.
    let mut reader = BundleReader::new(json.as_bytes(), ParseOptions::default());
    let mut streamed: Vec<String> = Vec::new();
    for entry in reader.by_ref() {
        streamed.extend(entry.unwrap().parsed.findings.iter().map(text));
    }
    streamed.extend(reader.bundle().unwrap().findings.iter().map(text));
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    assert_eq!(sorted(&whole), sorted(&streamed), "{json}");
    whole
}

const PATIENT: &str = r#""resource":{"resourceType":"Patient","id":"1"}"#;

#[test]
fn the_rules_about_entries_are_checked_whole_and_streamed() {
    let check = |kind: &str, members: &str, wanted: &[&str]| {
        assert_eq!(found(kind, members), wanted, "{kind} {members}");
    };
    let entry = |members: &str| format!(r#","entry":[{{{PATIENT}{members}}}]"#);
    let request = r#","request":{"method":"GET","url":"Patient/1"}"#;
    check("collection", &entry(""), &[]);
    check("collection", &entry(request), &["fhir.invariant.bdl-3 Bundle"]);
    check("batch", &entry(""), &["fhir.invariant.bdl-3 Bundle"]);
    check("batch", &entry(request), &[]);
    check(
        "collection",
        &entry(r#","search":{"mode":"match"}"#),
        &["fhir.invariant.bdl-2 Bundle"],
    );
    check(
        "collection",
        &entry(r#","response":{"status":"200"}"#),
        &["fhir.invariant.bdl-4 Bundle"],
    );
    check("batch-response", &entry(""), &["fhir.invariant.bdl-4 Bundle"]);
    check("message", &entry(""), &["fhir.invariant.bdl-12 Bundle"]);
    check("message", "", &["fhir.invariant.bdl-12 Bundle"]);
    let document = r#","identifier":{"system":"urn:x","value":"1"},"timestamp":"2020-01-01T00:00:00Z""#;
    check("document", document, &["fhir.invariant.bdl-11 Bundle"]);
    check(
        "document",
        &format!("{document}{}", entry("")),
        &["fhir.invariant.bdl-11 Bundle"],
    );
    let why = r#"{"extension":[{"url":"http://a","valueString":"b"}]}"#;
    check(
        "collection",
        &format!(r#","_total":{why}"#),
        &["fhir.invariant.bdl-1 Bundle"],
    );
    check(
        "document",
        &format!(r#","identifier":{{"system":"urn:x","value":"1"}},"_timestamp":{why}"#),
        &["fhir.invariant.bdl-10 Bundle", "fhir.invariant.bdl-11 Bundle"],
    );
    let twice = format!(
        r#","entry":[{{"fullUrl":"http://a/Patient/1",{PATIENT}}},{{"fullUrl":"http://a/Patient/1",{PATIENT}}}]"#
    );
    check("collection", &twice, &["fhir.invariant.bdl-7 Bundle"]);
    let put = format!(r#"{{{PATIENT},"request":{{"method":"PUT","url":"Patient/1"}}}}"#);
    check(
        "transaction",
        &format!(r#","entry":[{put},{put}]"#),
        &["fhir.bundle.changed-twice Bundle.entry[1].request.url"],
    );
    check("batch", &format!(r#","entry":[{put},{put}]"#), &[]);
    check(
        "collection",
        r#","entry":[]"#,
        &["fhir.element.empty-array Bundle.entry"],
    );
    check(
        "collection",
        r#","link":[]"#,
        &["fhir.element.empty-array Bundle.link"],
    );
}

#[test]
fn a_full_url_is_that_of_its_resource() {
    for (url, good) in [
        ("http://example.org/fhir/Patient/1", true),
        ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", true),
        ("http://example.org/whatever", true),
        ("http://example.org/fhir/Patient/2", false),
        ("http://example.org/fhir/Basic/1", false),
        ("Patient/1", false),
        ("1", false),
    ] {
        let found = found(
            "collection",
            &format!(r#","entry":[{{"fullUrl":"{url}",{PATIENT}}}]"#),
        );
        let bad = ["fhir.bundle.full-url Bundle.entry[0].fullUrl".to_owned()];
        assert_eq!(found, if good { &[] } else { &bad[..] }, "{url}");
    }
}

/// All that a reader gives for a text: the numbers of the entries, `error`s, and the paths of the Bundle's findings.
fn streamed(json: &str) -> (Vec<String>, Result<Vec<String>, String>) {
    let mut reader = BundleReader::new(json.as_bytes(), ParseOptions::default());
    let entries = reader
        .by_ref()
        .map(|entry| match entry {
            Ok(piece) => piece.place.index.to_string(),
            Err(StreamError::Piece { place, error, .. }) => {
                let at = error.findings[0].location.span.unwrap().start;
                assert!(place.offset <= at);
                format!("error at {}", place.offset)
            }
            Err(error) => error.to_string().split(':').next().unwrap_or_default().to_owned(),
        })
        .collect();
    let bundle = reader.bundle().map(|bundle| {
        let place = |finding: &ehr_fhir::Finding| {
            let location = &finding.location;
            format!("{} {:?}:{:?}", location.path, location.line, location.column)
        };
        bundle.findings.iter().map(place).collect()
    });
    (entries, bundle.map_err(|error| error.to_string()))
}

#[test]
fn what_is_broken_between_entries_is_found() {
    let start = r#"{"resourceType":"Bundle","type":"collection","entry":["#;
    let check = |entries: &str, wanted: &[&str]| {
        let (found, bundle) = streamed(&format!("{start}{entries}]}}"));
        assert_eq!(found, wanted, "{entries}");
        assert_eq!(bundle, Ok(Vec::new()), "{entries}");
    };
    let e = format!("{{{PATIENT}}}");
    let (zero, one) = (start.len(), start.len() + e.len());
    check(&format!("{e}, {e}"), &["0", "1"]);
    check(
        &format!("{e},,{e}"),
        &["0", &format!("error at {}", one + 1), "1"],
    );
    check(&format!("{e} {e}"), &["0", &format!("error at {}", one + 1), "1"]);
    check(&format!("{e},"), &["0", &format!("error at {}", one + 1)]);
    check(&format!(",{e}"), &[&format!("error at {zero}"), "0"]);
    check(
        &format!("{e},5 ,{e}"),
        &["0", &format!("error at {}", one + 1), "2"],
    );
    check(&format!("5{e}"), &[&format!("error at {zero}")]);
    check(
        r#""a", []"#,
        &[&format!("error at {zero}"), &format!("error at {}", zero + 5)],
    );
}

#[test]
fn a_wrong_bracket_ends_the_reading_and_invents_no_entries() {
    let json = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{{PATIENT}}},{{"resource":{{"resourceType":"Patient"]}},{{{PATIENT}}}]}}"#
    );
    let mut reader = BundleReader::new(json.as_bytes(), ParseOptions::default());
    assert!(reader.next().unwrap().is_ok());
    assert!(matches!(reader.next(), Some(Err(StreamError::Piece { place, .. })) if place.index == 1));
    assert!(matches!(reader.next(), Some(Err(StreamError::Broken(_)))));
    assert!(reader.next().is_none());
}

#[test]
fn the_rest_of_a_streamed_bundle_has_its_places() {
    let json = format!(
        "\n {{\"resourceType\":\"Bundle\",\"\\u0065ntry\":[{{{PATIENT}}},\n{{{PATIENT}}}\n ], \"foo\":1,\n\"type\":\"collection\",\n \"entry\":[\n{{{PATIENT}}}], \"bar\":2}}"
    );
    let (entries, bundle) = streamed(&json);
    assert_eq!(entries, ["0", "1", "2"]);
    let whole = parse::<Bundle>(json.as_bytes(), &ParseOptions::default()).unwrap();
    let place = |finding: &ehr_fhir::Finding| {
        let location = &finding.location;
        format!("{} {:?}:{:?}", location.path, location.line, location.column)
    };
    let whole: Vec<String> = whole.findings.iter().map(place).collect();
    assert_eq!(bundle, Ok(whole));

    let cut = "{\"resourceType\":\"Bundle\",\"entry\":[{}\n],\"type\":}";
    let mut reader = BundleReader::new(cut.as_bytes(), ParseOptions::default());
    assert_eq!(reader.by_ref().count(), 1);
    let Err(StreamError::Piece { error, .. }) = reader.bundle() else {
        panic!("read");
    };
    let location = &error.findings.last().unwrap().location;
    assert_eq!((location.line, location.column), (Some(2), Some(10)));
}

#[test]
fn an_entry_above_the_limit_is_one_error() {
    let long = "x".repeat(500);
    let json = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"urn:{long}",{PATIENT}}},{{{PATIENT}}}]}}"#
    );
    let options = ParseOptions {
        max_bytes: 200,
        ..ParseOptions::default()
    };
    let mut reader = BundleReader::new(json.as_bytes(), options);
    let Some(Err(StreamError::Piece { error, bytes, .. })) = reader.next() else {
        panic!("read");
    };
    assert_eq!(
        (error.findings[0].code.as_ref(), bytes.len()),
        ("fhir.limit.bytes", 201)
    );
    assert!(reader.next().unwrap().is_ok());
    assert!(reader.next().is_none());
    assert!(reader.bundle().is_ok());
}

#[test]
fn a_reference_does_not_lead_to_another_server() {
    let json = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"http://a.y/fhir/Patient/1",{PATIENT}}},
        {{"fullUrl":"http://c.y/fhir/Basic/2","resource":{{"resourceType":"Basic","id":"2","code":{{"text":"c"}},"subject":{{"reference":"Patient/1"}}}}}},
        {{"resource":{{"resourceType":"Foo","id":"9"}}}}]}}"#
    );
    let bundle = parse::<Bundle>(json.as_bytes(), &ParseOptions::default())
        .unwrap()
        .value;
    let index = ReferenceIndex::new(&bundle);
    assert_eq!(index.resolve("Patient/1", Some(1)), Resolution::External);
    assert!(matches!(
        index.resolve("Patient/1", Some(0)),
        Resolution::Found(_)
    ));
    assert!(matches!(index.resolve("Patient/1", None), Resolution::Found(_)));
}

#[test]
fn a_reference_by_urn_is_to_an_entry_of_the_bundle() {
    const HERE: &str = "urn:uuid:c757873d-ec9a-4326-a141-556f43239520";
    let entry = |url: &str, resource: &str| format!(r#"{{"fullUrl":"{url}","resource":{{{resource}}}}}"#);
    let patient = entry(HERE, r#""resourceType":"Patient""#);
    let observed = |members: &str| {
        entry(
            "http://a.y/x",
            &format!(r#""resourceType":"Observation","status":"final","code":{{"text":"c"}},{members}"#),
        )
    };
    let check = |entries: &[&str], expected: &[&str]| {
        let entries = entries.join(",\n");
        let json = format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{entries}]}}"#);
        let parsed = parse::<Bundle>(json.as_bytes(), &ParseOptions::default()).unwrap();
        let found: Vec<String> = parsed
            .findings
            .iter()
            .map(|finding| format!("{} {}", finding.code, finding.location.path))
            .collect();
        assert_eq!(found, expected, "{json}");
        for finding in &parsed.findings {
            let span = finding.location.span.unwrap();
            assert!(json[span.start..span.end].starts_with("\"urn:"), "{finding}");
        }
    };
    let subject = format!(r#""subject":{{"reference":"{HERE}"}}"#);
    check(&[&observed(&subject), &patient], &[]);
    // Wherever it stands: in an array, in an extension of a primitive, in another reference.
    let elsewhere = observed(&format!(
        r#""performer":[{{"display":"x"}},{{"reference":"urn:uuid:1","identifier":{{"value":"v","assigner":{{"reference":"urn:uuid:2"}}}}}}],
        "_issued":{{"extension":[{{"url":"http://a","valueReference":{{"reference":"urn:oid:1.2.3"}}}},{{"url":"http://a","valueReference":{{"reference":"{HERE}"}}}}]}}"#
    ));
    check(
        &[&patient, &elsewhere],
        &[
            "fhir.bundle.reference Bundle.entry[1].resource.performer[1].reference",
            "fhir.bundle.reference Bundle.entry[1].resource.performer[1].identifier.assigner.reference",
            "fhir.bundle.reference Bundle.entry[1].resource.issued.extension[0].valueReference.reference",
        ],
    );
    let encounter = observed(&format!(r#""encounter":{{"reference":"{HERE}"}}"#));
    check(
        &[&encounter, &patient],
        &["fhir.reference.target Bundle.entry[0].resource.encounter.reference"],
    );
    // Each Bundle is a world of its own.
    let inner = entry(
        "http://a.y/y",
        &format!(
            r#""resourceType":"Bundle","type":"collection","entry":[{}]"#,
            observed(&subject)
        ),
    );
    check(
        &[&patient, &inner, &observed(&subject)],
        &["fhir.bundle.reference Bundle.entry[1].resource.entry[0].resource.subject.reference"],
    );
    // Outside of a Bundle nothing is known of it.
    let json = format!(r#"{{"resourceType":"Basic","code":{{"text":"c"}},{subject}}}"#);
    let parsed = ehr_fhir::parse_resource(json.as_bytes(), &ParseOptions::default()).unwrap();
    assert_eq!(parsed.findings, []);
}

#[test]
fn what_is_built_can_be_referred_to() {
    let unknown = parse_resource(
        br#"{"resourceType":"Foo","x":{"id":"no"},"id":"9"}"#,
        &ParseOptions::default(),
    );
    let unknown = unknown.unwrap().value;
    assert_eq!(unknown.id(), Some("9"));
    let patient = |id: Option<&str>| -> Resource {
        Patient {
            id: id.map(Into::into),
            active: Some(true),
            ..Patient::default()
        }
        .into()
    };
    let bundle = Bundle::transaction([
        patient(Some("1")),
        unknown,
        patient(None),
        patient(None),
        patient(Some("1")),
    ]);
    let urls: Vec<&str> = bundle
        .entry
        .iter()
        .map(|entry| entry.request.as_ref().unwrap().url.as_deref().unwrap())
        .collect();
    assert_eq!(urls, ["Patient/1", "Foo/9", "Patient", "Patient"]);
    let posted = bundle.entry[2].full_url.as_deref().unwrap();
    assert!(posted.starts_with("urn:uuid:") && bundle.entry[3].full_url.as_deref() != Some(posted));
    let again = Bundle::transaction([patient(None)]);
    assert_eq!(again.entry[0].full_url.as_deref(), Some(posted));

    let bundle = Bundle::collection([patient(Some("1")), patient(None)]).with_full_urls("http://a.y/fhir/");
    assert_eq!(
        bundle.entry[0].full_url.as_deref(),
        Some("http://a.y/fhir/Patient/1")
    );
    assert_eq!(bundle.entry[1].full_url.as_deref(), Some(posted));
    assert_eq!(check(&bundle), []);
}
