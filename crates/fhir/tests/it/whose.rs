//! Whose a record is: references in Bundles of several servers, names that several resources have, subjects who are not here.

use ehr_fhir::convert::{export_chart, import};
use ehr_fhir::to_json_string;
use ehr_model::{Chart, Import, ImportOptions, Source};

/// Entries with the `fullUrl` and the resource of each.
fn read(entries: &[(&str, &str)]) -> Import {
    let entries: Vec<String> = entries
        .iter()
        .map(|(url, resource)| match *url {
            "" => format!(r#"{{"resource":{resource}}}"#),
            url => format!(r#"{{"fullUrl":"{url}","resource":{resource}}}"#),
        })
        .collect();
    let json = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#,
        entries.join(",")
    );
    import(json.as_bytes(), &ImportOptions::new(Source::new("a"))).unwrap()
}

fn patient(id: &str, more: &str) -> String {
    format!(r#"{{"resourceType":"Patient","id":"{id}"{more}}}"#)
}

fn allergy(patient: &str) -> String {
    format!(r#"{{"resourceType":"AllergyIntolerance","id":"a","code":{{"text":"x"}}{patient}}}"#)
}

fn of(literal: &str) -> String {
    allergy(&format!(r#","patient":{{"reference":"{literal}"}}"#))
}

/// The number of the chart in which the allergy is, or none, when that has no patient; and the codes of the findings about it.
fn whose(import: &Import) -> (Option<usize>, Vec<&str>) {
    let has = |chart: &Chart| {
        chart
            .entries
            .iter()
            .any(|entry| entry.class().as_str() == "AllergyIntolerance")
    };
    let mut places = import.charts.iter().enumerate().filter(|(_, chart)| has(chart));
    let (at, chart) = places.next().expect("the allergy is in a chart");
    assert!(places.next().is_none(), "the allergy is in one chart");
    let codes = import.findings.iter().map(|finding| finding.code.as_ref());
    let codes = codes.filter(|code| code.starts_with("fhir.reference.")).collect();
    (chart.patient_entry().map(|_| at), codes)
}

const URN: &str = "urn:uuid:c757873d-ec9a-4326-a141-556f43239520";
const DANGLING: &str = "urn:uuid:e757873d-ec9a-4326-a141-556f43239522";

#[test]
fn a_record_is_of_the_patient_whom_it_names_and_of_nobody_else() {
    let (p1, p2) = (
        patient("1", r#","name":[{"family":"Ng","given":["Ann"]}]"#),
        patient("2", ""),
    );
    let [mrn1, mrn2] = ["1", "2"].map(|id| {
        patient(
            id,
            &format!(r#","identifier":[{{"system":"http://mrn","value":"{id}"}}]"#),
        )
    });
    let by_identifier = |value: &str| format!(r#""identifier":{{"system":"http://mrn","value":"{value}"}}"#);
    let named = |name: &str| allergy(&format!(r#","patient":{{"display":"{name}"}}"#));
    let (here, there) = ("http://a.y/fhir/Patient/1", "http://b.y/fhir/Patient/1");
    for (entries, expected, told) in [
        // The base of a relative reference is that of its holder.
        (
            vec![
                (here, p1.clone()),
                (there, p1.clone()),
                ("http://b.y/fhir/AllergyIntolerance/a", of("Patient/1")),
            ],
            Some(1),
            vec![],
        ),
        (
            vec![
                (here, p1.clone()),
                (there, p1.clone()),
                ("http://a.y/fhir/AllergyIntolerance/a", of("Patient/1")),
            ],
            Some(0),
            vec![],
        ),
        (
            vec![
                (here, p1.clone()),
                ("http://c.y/fhir/AllergyIntolerance/a", of("Patient/1")),
            ],
            None,
            vec![],
        ),
        (
            vec![
                (here, p1.clone()),
                (
                    "http://a.y/fhir/AllergyIntolerance/a",
                    of("http://b.y/fhir/Patient/1"),
                ),
            ],
            None,
            vec![],
        ),
        (
            vec![
                ("HTTP://A.Y/fhir/Patient/1", p1.clone()),
                ("http://a.y/fhir/AllergyIntolerance/a", of("Patient/1")),
            ],
            Some(0),
            vec![],
        ),
        (
            vec![
                ("", p1.clone()),
                ("http://a.y/fhir/AllergyIntolerance/a", of("Patient/1")),
            ],
            Some(0),
            vec![],
        ),
        (
            vec![(URN, p1.clone()), (DANGLING, of("Patient/1"))],
            Some(0),
            vec![],
        ),
        // A subject who is not here.
        (vec![(URN, p1.clone()), ("", of(DANGLING))], None, vec![]),
        (
            vec![
                (URN, p1.clone()),
                ("", of(&URN.to_uppercase().replace("URN:UUID", "urn:uuid"))),
            ],
            Some(0),
            vec![],
        ),
        (vec![("", p1.clone()), ("", of("Patient/99"))], None, vec![]),
        // Several who answer to the name.
        (
            vec![("", p1.clone()), ("", patient("1", "")), ("", of("Patient/1"))],
            None,
            vec!["fhir.reference.ambiguous"],
        ),
        (
            vec![("", p1.clone()), ("", p1.clone()), ("", of("Patient/1"))],
            Some(0),
            vec![],
        ),
        (
            vec![(URN, p1.clone()), (URN, p2.clone()), ("", of(URN))],
            None,
            vec!["fhir.reference.ambiguous"],
        ),
        (
            vec![(here, p1.clone()), (there, p1.clone()), ("", of("Patient/1"))],
            None,
            vec!["fhir.reference.ambiguous"],
        ),
        (
            vec![
                ("", mrn1.clone()),
                ("", mrn2.clone()),
                (
                    "",
                    allergy(&format!(
                        r#","patient":{{"reference":"Patient/1",{}}}"#,
                        by_identifier("2")
                    )),
                ),
            ],
            None,
            vec!["fhir.reference.ambiguous"],
        ),
        (
            vec![
                ("", mrn1.clone()),
                ("", mrn2.clone()),
                (
                    "",
                    allergy(&format!(
                        r#","patient":{{"reference":"Patient/1",{}}}"#,
                        by_identifier("1")
                    )),
                ),
            ],
            Some(0),
            vec![],
        ),
        (
            vec![
                ("", mrn1.clone()),
                ("", mrn1.replace(r#""id":"1""#, r#""id":"7""#)),
                ("", allergy(&format!(r#","patient":{{{}}}"#, by_identifier("1")))),
            ],
            None,
            vec!["fhir.reference.ambiguous"],
        ),
        // Nobody is named, or by a name alone.
        (
            vec![("", p1.clone()), ("", allergy(""))],
            Some(0),
            vec!["fhir.reference.only-patient"],
        ),
        (vec![("", p1.clone()), ("", p2), ("", allergy(""))], None, vec![]),
        (
            vec![("", p1.clone()), ("", named("Ms. Ann B. Ng"))],
            Some(0),
            vec!["fhir.reference.only-patient"],
        ),
        (
            vec![("", p1.clone()), ("", named("A. Ng"))],
            Some(0),
            vec!["fhir.reference.only-patient"],
        ),
        (
            vec![("", p1.clone()), ("", named("Bob Ng"))],
            None,
            vec!["fhir.reference.other-name"],
        ),
        (
            vec![("", p1.clone()), ("", named("somebody else"))],
            None,
            vec!["fhir.reference.other-name"],
        ),
    ] {
        let entries: Vec<(&str, &str)> = entries.iter().map(|(url, json)| (*url, json.as_str())).collect();
        assert_eq!(whose(&read(&entries)), (expected, told), "{entries:?}");
    }
}

#[test]
fn of_two_versions_of_a_patient_the_later_one_is_meant() {
    let version = |version: &str, more: &str| patient("1", &format!(r#","meta":{{{version}}}{more}"#));
    let old = version(
        r#""versionId":"9""#,
        r#","gender":"male","name":[{"family":"Ng"}]"#,
    );
    let new = version(
        r#""versionId":"10""#,
        r#","gender":"female","name":[{"family":"Ng"}]"#,
    );
    let by_name = allergy(r#","patient":{"display":"Ng"}"#);
    for reference in [of("Patient/1"), of("Patient/1/_history/9"), by_name] {
        for entries in [[&old, &reference, &new], [&new, &old, &reference]] {
            let entries = entries.map(|json| ("", json.as_str()));
            let import = read(&entries);
            let [chart] = import.charts.as_slice() else {
                panic!("one chart: {} of {entries:?}", import.charts.len())
            };
            assert_eq!(chart.entries.len(), 3);
            let Some(latest) = chart.patient() else {
                panic!("a patient")
            };
            assert_eq!(
                latest.gender.as_ref().and_then(|gender| gender.code.as_deref()),
                Some("female")
            );
            let told = import
                .findings
                .iter()
                .filter(|finding| finding.code == "fhir.version.older");
            assert_eq!(told.count(), 1);
            assert_eq!(whose(&import).0, Some(0));
            // Both go out, each as what it is.
            let text = to_json_string(&export_chart(chart));
            for member in [r#""gender":"male""#, r#""gender":"female""#] {
                assert!(text.contains(member), "{text}");
            }
        }
    }
    // What cannot be put in order stays two, and nobody's.
    let unordered = version(r#""versionId":"9""#, r#","gender":"unknown""#);
    let import = read(&[("", &old), ("", &unordered), ("", &of("Patient/1"))]);
    assert_eq!(whose(&import), (None, vec!["fhir.reference.ambiguous"]));
    let import = read(&[("", &old), ("", &new)]);
    let bundle = export_chart(&import.charts[0]);
    assert_eq!(bundle.entry[0].full_url, bundle.entry[1].full_url);
    assert!(ehr_fhir::check(&bundle).is_empty());
}

#[test]
fn each_bundle_of_an_artifact_is_resolved_by_itself() {
    let bundle = |family: &str| {
        format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{}}},{{"resource":{}}}]}}"#,
            patient("1", &format!(r#","name":[{{"family":"{family}"}}]"#)),
            of("Patient/1")
        )
    };
    let (a, b) = (bundle("A"), bundle("B"));
    let outer = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{a}}},{{"resource":{b}}}]}}"#
    );
    for json in [format!("[{a},{b}]"), format!("{a}\n{b}\n"), outer] {
        let import = import(json.as_bytes(), &ImportOptions::new(Source::new("a"))).unwrap();
        let counts: Vec<usize> = import.charts.iter().map(|chart| chart.entries.len()).collect();
        assert_eq!(counts, [2, 2]);
    }
}

#[test]
fn resources_of_several_servers_stay_apart_on_the_way_out() {
    let (p1, allergy) = (patient("1", ""), of("Patient/1"));
    let import = read(&[
        ("http://a.y/fhir/Patient/1", &p1),
        ("http://b.y/fhir/Patient/1", &p1),
        ("http://b.y/fhir/AllergyIntolerance/a", &allergy),
    ]);
    let [_, chart] = import.charts.as_slice() else {
        panic!("two charts")
    };
    assert_eq!(
        chart.patient_entry().unwrap().source_key(),
        "http://b.y/fhir/Patient/1"
    );
    let bundle = export_chart(chart);
    let text = to_json_string(&bundle);
    for url in [
        "http://b.y/fhir/Patient/1",
        "http://b.y/fhir/AllergyIntolerance/a",
    ] {
        assert!(text.contains(&format!(r#""fullUrl":"{url}""#)), "{text}");
    }
}

/// In time that grows with the square, this takes minutes; the bench `fhir/contained` shows how it grows.
#[test]
fn many_patients_inside_a_record_stay_inside() {
    let inner: Vec<String> = (0..20_000).map(|at| patient(&format!("p{at}"), "")).collect();
    let items: Vec<String> = (0..20_000)
        .map(|at| format!(r##"{{"item":{{"reference":"#p{at}"}}}}"##))
        .collect();
    let json = format!(
        r#"{{"resourceType":"List","contained":[{}],"status":"current","mode":"working","entry":[{}]}}"#,
        inner.join(","),
        items.join(",")
    );
    let import = import(json.as_bytes(), &ImportOptions::new(Source::new("a"))).unwrap();
    let text = to_json_string(&export_chart(&import.charts[0]));
    assert_eq!(text.matches(r#""resourceType":"Patient""#).count(), 20_000);
}
