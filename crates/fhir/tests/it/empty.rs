//! What is empty: lists that say why, and Bundles without entries.

use ehr_fhir::convert::{export_chart, import};
use ehr_fhir::{check, to_json_string};
use ehr_model::{
    AllergyKnowledge, Chart, Import, ImportError, ImportOptions, NoneKnown, Record, RecordClass, Source,
};

const ALLERGIES: &str = "48765-2";
const MEDICATIONS: &str = "10160-0";
const PROBLEMS: &str = "11450-4";

fn read(json: &str) -> Import {
    import(json.as_bytes(), &ImportOptions::new(Source::new("s"))).unwrap()
}

fn reason(code: &str) -> String {
    format!(
        r#""emptyReason":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/list-empty-reason","code":"{code}"}}]}}"#
    )
}

fn about(loinc: &str) -> String {
    format!(r#""code":{{"coding":[{{"system":"http://loinc.org","code":"{loinc}"}}]}}"#)
}

/// A chart of one patient and one other resource that is about the patient.
fn with(resource: &str) -> Import {
    read(&format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"Patient","id":"p"}}}},
        {{"resource":{{"subject":{{"reference":"Patient/p"}},{resource}}}}}]}}"#
    ))
}

fn list(more: &str, loinc: &str, code: &str) -> Import {
    with(&format!(
        r#""resourceType":"List","id":"l","mode":"snapshot",{more},{},{}"#,
        about(loinc),
        reason(code)
    ))
}

fn section(more: &str, loinc: &str, code: &str) -> Import {
    with(&format!(
        r#""resourceType":"Composition","id":"c","status":"final","type":{{"text":"x"}},"date":"2024","author":[{{"display":"a"}}],
        "title":"t","section":[{{{more}"title":"s",{},{}}}]"#,
        about(loinc),
        reason(code)
    ))
}

/// What the chart says of a whole list.
fn said(chart: &Chart) -> Vec<String> {
    let said = |record: &Record| match record {
        Record::AllergyIntolerance(allergy) => Some(format!("{:?}", allergy.knowledge)),
        record => record
            .concept()
            .and_then(NoneKnown::of)
            .map(|none| format!("{none:?}")),
    };
    chart
        .entries
        .iter()
        .filter_map(|entry| said(&entry.record))
        .collect()
}

fn is_told(import: &Import) -> bool {
    import
        .findings
        .iter()
        .any(|finding| finding.code == "fhir.absence.list")
}

#[test]
fn a_list_that_is_empty_says_what_its_reason_says() {
    const CURRENT: &str = r#""status":"current""#;
    for (loinc, code, expected) in [
        (ALLERGIES, "nilknown", Some("NoneKnown")),
        ("52472-8", "nilknown", Some("NoneKnown")),
        (ALLERGIES, "notasked", Some("NotAsked")),
        (ALLERGIES, "unavailable", Some("NotAsked")),
        (ALLERGIES, "withheld", Some("NotAsked")),
        (ALLERGIES, "closed", None),
        (MEDICATIONS, "nilknown", Some("Medications")),
        (MEDICATIONS, "notasked", None),
        (PROBLEMS, "nilknown", Some("Problems")),
        (PROBLEMS, "unavailable", None),
        ("1234-5", "nilknown", None),
    ] {
        for import in [list(CURRENT, loinc, code), section("", loinc, code)] {
            let expected: Vec<&str> = expected.into_iter().collect();
            assert_eq!(said(&import.charts[0]), expected, "{loinc} {code}");
            // What no record says is told.
            assert_eq!(is_told(&import), expected.is_empty(), "{loinc} {code}");
        }
    }
}

#[test]
fn what_does_not_stand_or_is_about_somebody_else_says_nothing() {
    let inner = format!(r#""section":[{{"title":"i","text":{{}},{}}}],"#, about(PROBLEMS));
    for import in [
        list(r#""status":"entered-in-error""#, ALLERGIES, "nilknown"),
        list(r#""status":"retired""#, ALLERGIES, "nilknown"),
        list(
            r#""status":"current","entry":[{"item":{"reference":"AllergyIntolerance/1"}}]"#,
            ALLERGIES,
            "nilknown",
        ),
        section(r#""mode":"changes","#, ALLERGIES, "nilknown"),
        section(
            r#""focus":{"reference":"RelatedPerson/1"},"#,
            ALLERGIES,
            "nilknown",
        ),
        section(&inner, ALLERGIES, "nilknown"),
    ] {
        assert_eq!(said(&import.charts[0]), [""; 0]);
        assert!(is_told(&import));
    }
    let of_another = read(&format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"Patient","id":"p"}}}},
        {{"resource":{{"resourceType":"List","id":"l","status":"current","mode":"snapshot","subject":{{"reference":"Group/1"}},{},{}}}}}]}}"#,
        about(ALLERGIES),
        reason("nilknown")
    ));
    assert!(of_another.charts.iter().all(|chart| said(chart).is_empty()));
}

#[test]
fn it_is_said_once_and_comes_back_once() {
    let import = section("", ALLERGIES, "nilknown");
    let chart = &import.charts[0];
    let entry = chart.of_class(RecordClass::AllergyIntolerance).next().unwrap();
    assert_eq!(
        entry.origin.location.path,
        "Bundle.entry[1].resource.section[0].emptyReason"
    );
    let Record::AllergyIntolerance(allergy) = &entry.record else {
        panic!()
    };
    assert_eq!(allergy.knowledge, AllergyKnowledge::NoneKnown);
    assert_eq!(
        allergy.patient.as_ref().unwrap().target,
        Some(chart.patient_entry().unwrap().id.clone())
    );
    let bundle = export_chart(chart);
    assert_eq!(check(&bundle), []);
    let again = read(&to_json_string(&bundle));
    assert_eq!(said(&again.charts[0]), ["NoneKnown"]);
    // The Composition is there as it was.
    assert!(to_json_string(&bundle).contains("list-empty-reason"));
}

#[test]
fn a_bundle_without_entries_is_an_empty_record() {
    for entry in [
        "",
        r#","entry":[]"#,
        r#","entry":null"#,
        r#","entry":[],"link":[{"relation":"self","url":"http://x"}]"#,
    ] {
        let import = read(&format!(
            r#"{{"resourceType":"Bundle","type":"searchset"{entry}}}"#
        ));
        assert_eq!(import.charts.len(), 1);
        assert!(import.charts[0].entries.is_empty());
        assert!(import.findings.iter().any(|finding| finding.code == "fhir.empty"));
        // The empty array itself is told of, too.
        let is_faulty = import
            .findings
            .iter()
            .any(|finding| finding.location.path == "Bundle.entry");
        assert_eq!(is_faulty, entry.contains(r#""entry""#), "{entry}");
    }
    for broken in [
        r#"{"resourceType":"Bundle","type":"searchset","entry":"none"}"#,
        r#"{"resourceType":"Bundle","type":"searchset","entry":[]"#,
        r#"{"resourceType":"Bundle","entry":[7]}"#,
    ] {
        let read = import(broken.as_bytes(), &ImportOptions::new(Source::new("s")));
        assert!(matches!(read, Err(ImportError::Unreadable(_))), "{broken}");
    }
}
