//! Sources of which a part cannot be read, or cannot be given to anybody.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{ehr, items, json, persons, scratch, text};

const SAYS_NOTHING: &str = "No source says anything about";
const CUT: &str = r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"p",
    "name":[{"family":"Vance","given":["Eleanor"]}],"birthDate":"1958-03-14"}},{"resource":{"resourceType":"Condition","id":"c1","cod"#;

pub(crate) fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path
}

pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) merge: Value,
    pub(crate) report: String,
    pub(crate) errors: String,
}

pub(crate) fn merge(input: &Path, out: &Path) -> Run {
    let output = ehr(&["merge", text(input), "--out", text(out)]);
    Run {
        code: output.status.code(),
        merge: json(&out.join("merge.json")),
        report: fs::read_to_string(out.join("report.md")).unwrap(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// What every answer about a source must hold of which a part was not read.
fn tells_of_the_gap(run: &Run, code: &str) {
    assert!(run.errors.contains(code), "standard error: {}", run.errors);
    let (head, persons) = run.report.split_once("Person `").expect("a person");
    assert!(
        head.contains("## Read only in part") && head.contains(code),
        "{}",
        run.report
    );
    assert!(!run.report.contains(SAYS_NOTHING), "{}", run.report);
    assert!(
        persons.contains("not read to its end") && persons.contains("Nothing was read about medications"),
        "{}",
        run.report
    );
    let told = run.merge["findings"]
        .as_object()
        .unwrap()
        .values()
        .next()
        .unwrap();
    assert_eq!((&told["read"], &told["in_part"]), (&true.into(), &true.into()));
    let located = told["findings"].as_array().unwrap();
    assert!(
        located
            .iter()
            .any(|finding| finding["code"] == code && finding["line"].is_number())
    );
    let counted: u64 = told["counts"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_u64)
        .sum();
    assert_eq!(counted, located.len() as u64);
}

#[test]
fn a_bundle_cut_off_is_told() {
    let folder = scratch("partly-json");
    let run = merge(&put(&folder, "cut.json", CUT), &folder.join("out"));
    tells_of_the_gap(&run, "json.syntax");
    assert_eq!(run.code, Some(1));
    let output = ehr(&[
        "convert",
        text(&folder.join("cut.json")),
        "--out",
        text(&folder.join("fhir")),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("read only in part"));
}

#[test]
fn a_document_cut_off_or_misspelt_is_told() {
    let folder = scratch("partly-ccda");
    let whole =
        fs::read_to_string(crate::root().join("examples/data/riverside/clinic/vance-eleanor.xml")).unwrap();
    let at = whole.find("10160-0").expect("a medications section");
    let at = whole[..at].rfind('<').expect("its code");
    let run = merge(&put(&folder, "cut.xml", &whole[..at]), &folder.join("cut"));
    tells_of_the_gap(&run, "ccda.xml.unclosed");
    assert_eq!(run.code, Some(1));
    let misspelt = whole.replacen("</recordTarget>", "</recordtarget>", 1);
    let run = merge(&put(&folder, "tag.xml", misspelt), &folder.join("tag"));
    tells_of_the_gap(&run, "ccda.xml.mismatch");
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_line_that_cannot_be_read_is_told() {
    let folder = scratch("partly-ndjson");
    let lines = "{\"resourceType\":\"Patient\",\"id\":\"p\",\"birthDate\":\"1958-03-14\"}\n{bad line}\n{\"resourceType\":\"Organization\",\"id\":\"o\"}\n";
    let run = merge(&put(&folder, "x.ndjson", lines), &folder.join("out"));
    tells_of_the_gap(&run, "json.syntax");
    assert_eq!(run.code, Some(1));
}

/// A page of a search.
fn page(number: u8, next: Option<u8>) -> String {
    let link = |relation: &str, number: u8| {
        format!(r#"{{"relation":"{relation}","url":"http://x.org?page={number}"}}"#)
    };
    let links = std::iter::once(link("self", number)).chain(next.map(|next| link("next", next)));
    format!(
        r#"{{"resourceType":"Bundle","type":"searchset",
            "link":[{}],"entry":[{{"resource":{{"resourceType":"Patient","id":"p","birthDate":"1958-03-14"}}}}]}}"#,
        links.collect::<Vec<_>>().join(",")
    )
}

#[test]
fn a_page_without_the_next_is_told() {
    let folder = scratch("partly-page");
    let input = folder.join("in");
    put(&input, "1.json", page(1, Some(2)));
    let run = merge(&input, &folder.join("out"));
    tells_of_the_gap(&run, "fhir.bundle.page");
    assert_eq!(run.code, Some(1));
    put(&input, "2.json", page(2, Some(3)));
    let run = merge(&input, &folder.join("out"));
    assert!(
        run.report.contains("- `") && run.report.contains("2.json`\n  - warning"),
        "{}",
        run.report
    );
    assert!(
        !run.report.contains("1.json`\n  - warning"),
        "its next page is here: {}",
        run.report
    );
    put(&input, "3.json", page(3, None));
    let run = merge(&input, &folder.join("out"));
    assert_eq!(run.code, Some(0), "{}", run.errors);
    assert!(!run.report.contains("Read only in part"), "{}", run.report);
}

#[test]
fn what_a_server_did_not_send_is_told() {
    let folder = scratch("partly-outcome");
    let outcome = r#"{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"suppressed"}]}},"#;
    let bundle = page(1, None).replace("\"entry\":[", &format!("\"entry\":[{outcome}"));
    let run = merge(&put(&folder, "x.json", bundle), &folder.join("out"));
    tells_of_the_gap(&run, "fhir.outcome.incomplete");
    assert_eq!(run.code, Some(1));
}

#[test]
fn a_source_read_in_full_is_not_said_to_be_partial() {
    let folder = scratch("partly-whole");
    let patient = r#"{"resourceType":"Patient","id":"p","name":[{"family":"Vance"}],"birthDate":"then"}"#;
    let run = merge(&put(&folder, "p.json", patient), &folder.join("out"));
    assert_eq!(run.code, Some(0));
    assert!(run.report.contains(SAYS_NOTHING) && !run.report.contains("only in part"));
    assert!(
        run.errors.contains("Patient.birthDate"),
        "errors are told: {}",
        run.errors
    );
    assert!(run.report.contains("| 1 error |"), "{}", run.report);
}

const PATIENTS: &str = "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"name\":[{\"family\":\"Alpha\"}],\"birthDate\":\"1970-01-02\"}\n\
    {\"resourceType\":\"Patient\",\"id\":\"p2\",\"name\":[{\"family\":\"Beta\"}],\"birthDate\":\"1950-01-02\"}\n";
const CONDITIONS: &str = "{\"resourceType\":\"Condition\",\"id\":\"c1\",\"code\":{\"text\":\"Asthma\"},\"subject\":{\"reference\":\"Patient/p1\"}}\n\
    {\"resourceType\":\"Condition\",\"code\":{\"text\":\"Gout\"},\"subject\":{\"reference\":\"Patient/p2\"},\"onsetDateTime\":\"?\"}\n";

#[test]
fn a_bulk_export_is_one_source() {
    let folder = scratch("bulk");
    let input = folder.join("in");
    put(&input, "Condition.ndjson", CONDITIONS);
    put(&input, "Patient.ndjson", format!("\u{feff}{PATIENTS}"));
    put(&input, "note.json", r#"{"resourceType":"Organization","id":"o"}"#);
    let run = merge(&input, &folder.join("out"));
    assert_eq!(run.code, Some(0), "{}", run.errors);
    let named: Vec<&Value> = persons(&run.merge)
        .iter()
        .filter(|person| person["has_patient"] == true)
        .collect();
    assert_eq!(named.len(), 2);
    for person in named {
        assert_eq!(items(person, "Condition").len(), 1);
        assert_eq!(
            person["members"][0]["source"],
            text(&input).trim_start_matches("./")
        );
    }
    let told = &run.merge["findings"][text(&input)]["findings"];
    let onset = told
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["severity"] == "error")
        .unwrap();
    assert_eq!(
        (&onset["path"], &onset["line"]),
        (&"Condition.ndjson#Condition.onsetDateTime".into(), &2.into()),
        "the place is that in the file"
    );
    let offset = onset["offset"].as_u64().unwrap() as usize;
    assert_eq!(&CONDITIONS[offset..offset + 3], "\"?\"");
    assert!(!run.report.contains("not in the same source"));
    let output = ehr(&["convert", text(&input), "--out", text(&folder.join("fhir"))]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("2 of its NDJSON files refer to one another"),
        "{told}"
    );
    let findings = fs::read_to_string(folder.join("fhir/Condition.ndjson.findings.json")).unwrap();
    assert!(
        !findings.contains("fhir.reference.subject"),
        "the patient is in the file beside: {findings}"
    );
    put(
        &input,
        "Goal.ndjson",
        CONDITIONS.replace("Condition", "Goal").replace("p2", "p3"),
    );
    ehr(&["convert", text(&input), "--out", text(&folder.join("fhir"))]);
    let findings = fs::read_to_string(folder.join("fhir/Goal.ndjson.findings.json")).unwrap();
    assert_eq!(
        findings.matches("fhir.reference.subject").count(),
        1,
        "p3 is nowhere: {findings}"
    );
}

#[test]
fn files_of_two_servers_are_not_taken_together() {
    let folder = scratch("bulk-two");
    let input = folder.join("in");
    put(&input, "a.ndjson", PATIENTS);
    put(&input, "b.ndjson", PATIENTS.replace("Alpha", "Gamma"));
    put(&input, "c.ndjson", CONDITIONS);
    let run = merge(&input, &folder.join("out"));
    for person in persons(&run.merge)
        .iter()
        .filter(|person| person["has_patient"] == true)
    {
        assert_eq!(items(person, "Condition").len(), 0, "nobody can tell whose it is");
    }
    assert_eq!(run.merge["residual"].as_object().unwrap().len(), 3);
    let told = run.merge["findings"]
        .as_object()
        .unwrap()
        .iter()
        .find(|(name, _)| name.ends_with("c.ndjson"))
        .unwrap()
        .1;
    let subjects: Vec<&Value> = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["code"] == "fhir.reference.subject")
        .collect();
    assert_eq!(subjects.len(), 2);
    assert!(
        subjects
            .iter()
            .all(|finding| finding["severity"] == "warning" && finding["line"].is_number())
    );
    assert!(
        run.report
            .contains("- 2 entries are about somebody who is not in the same source")
    );
}

#[test]
fn what_names_no_patient_is_no_person() {
    let folder = scratch("no-patient");
    let input = put(&folder, "c.ndjson", CONDITIONS);
    let output = ehr(&[
        "merge",
        text(&input),
        "--out",
        text(&folder.join("out")),
        "--format",
        "json",
    ]);
    let totals: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&totals["persons"], &totals["without_patient"]),
        (&0.into(), &2.into())
    );
    assert!(
        fs::read_to_string(folder.join("out/report.md"))
            .unwrap()
            .contains("about 0 persons")
    );
    let output = ehr(&[
        "convert",
        text(&input),
        "--out",
        text(&folder.join("fhir")),
        "--format",
        "json",
    ]);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["charts"], &line["patients"]), (&2.into(), &0.into()));
}

#[test]
fn words_of_a_source_are_no_markup() {
    let folder = scratch("markup");
    let bundle = serde_json::json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "p", "birthDate": "1970-01-02",
            "name": [{"family": "A|B<img src=http://x/x.png>\n## Fake person", "given": ["[x](http://x)"]}],
            "managingOrganization": {"display": "<b>[o](http://x)"}}},
        {"resource": {"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/p"},
            "code": {"text": "Peanut|x\n\n## None\n<script>alert(1)</script> `c` ![i](http://x/p.png)"}}}]});
    let run = merge(&put(&folder, "w.json", bundle.to_string()), &folder.join("out"));
    for markup in ["<img", "<script", "<b>", "\n## Fake", "\n## None"] {
        assert!(!run.report.contains(markup), "{markup}: {}", run.report);
    }
    for (at, _) in run.report.match_indices("](") {
        let before = &run.report[..at];
        let open = before.rfind('[').unwrap();
        assert!(before[..open].ends_with('\\'), "{}", &run.report[open..at]);
    }
}
