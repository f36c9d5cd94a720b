//! Documents that replace others, and files that one sender sends after another.

use ehr_model::{
    Chart, Document, DocumentRelation, NarrativeSection, Observation, Record, RecordClass, Reference, Status,
};
use ehr_types::Identifier;

use crate::charts::*;

const ALLERGY: RecordClass = RecordClass::AllergyIntolerance;
const DOCUMENT: RecordClass = RecordClass::DocumentReference;

/// A version of a document, which may replace another.
fn version(number: &str, replaces: Option<&str>) -> Document {
    let identifier = |number: &str| Some(Identifier::new("urn:documents", number));
    let replaces = replaces.map(|number| DocumentRelation {
        code: Some("replaces".to_owned()),
        target: Some(Reference {
            identifier: identifier(number),
            ..Reference::default()
        }),
    });
    Document {
        master_identifier: identifier(number),
        status: Some(Status::fhir("current")),
        relates_to: replaces.into_iter().collect(),
        section: vec![NarrativeSection {
            text: Some(format!("version {number}")),
            ..NarrativeSection::default()
        }],
        ..Document::default()
    }
}

fn read_from(source: &str, document: Document, substances: &[&str]) -> Chart {
    let known = substances
        .iter()
        .map(|substance| allergy(code(RXNORM, substance, substance)).into());
    let records: Vec<Record> = std::iter::once(document.into()).chain(known).collect();
    chart(source, records)
}

/// The status of each document.
fn statuses(charts: &[Chart]) -> Vec<String> {
    let record = merged(charts);
    let mut all: Vec<String> = record
        .of_class(DOCUMENT)
        .map(|item| {
            let status = item.record.status().unwrap_or_default();
            format!("{} {status}", item.members[0].source)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn what_only_a_replaced_document_says_is_in_dispute() {
    let charts = [
        read_from("1", version("1", None), &["penicillin", "latex", "codeine"]),
        read_from("2", version("2", Some("1")), &["penicillin", "latex"]),
        read_from("3", version("3", Some("2")), &["penicillin"]),
    ];
    let disputed = sides(&merged(&charts), ALLERGY, "code");
    let mut said: Vec<&str> = disputed.iter().map(|sides| sides[0].as_str()).collect();
    said.sort_unstable();
    assert_eq!(said, ["codeine", "latex"]);
    assert!(
        disputed
            .iter()
            .all(|sides| sides[1].starts_with("not in the document"))
    );
    let newest: Vec<String> = merged(&charts)
        .of_class(ALLERGY)
        .flat_map(|item| item.conflicts.clone())
        .map(|conflict| conflict.values[1].members[0].source.clone())
        .collect();
    assert_eq!(newest, ["3", "3"]);
    assert_eq!(statuses(&charts), ["1 superseded", "2 superseded", "3 current"]);
}

#[test]
fn what_another_source_says_too_is_not() {
    let charts = [
        read_from("1", version("1", None), &["penicillin"]),
        read_from("2", version("2", Some("1")), &[]),
        chart(
            "hospital",
            vec![allergy(code(RXNORM, "penicillin", "penicillin")).into()],
        ),
    ];
    assert!(conflicts(&merged(&charts), ALLERGY).is_empty());
}

#[test]
fn who_merely_lists_a_replaced_document_is_not_replaced() {
    let listed = Document {
        section: Vec::new(),
        ..version("1", None)
    };
    let charts = [
        read_from("hospital", listed, &["penicillin"]),
        read_from("2", version("2", Some("1")), &[]),
    ];
    assert!(conflicts(&merged(&charts), ALLERGY).is_empty());
    assert_eq!(statuses(&charts), ["2 current", "hospital superseded"]);
}

#[test]
fn documents_that_replace_each_other_end_somewhere() {
    let charts = [
        read_from("1", version("1", Some("2")), &["penicillin"]),
        read_from("2", version("2", Some("1")), &[]),
    ];
    assert_eq!(conflicts(&merged(&charts), ALLERGY), ["code"]);
}

/// A file of a laboratory with one potassium.
fn file(source: &str, system: Option<&str>, sent: &str, value: &str, status: &str) -> Chart {
    let potassium: Observation = result(
        code(LOINC, "2823-3", "Potassium"),
        "202403011000",
        value,
        "mmol/L",
        status,
    );
    let mut chart = chart(source, vec![potassium.into()]);
    chart.source.organization = system.map(|_| "Elko".to_owned());
    chart.source.system = system.map(str::to_owned);
    chart.entries[0].origin.recorded = Some(time(sent));
    chart
}

#[test]
fn a_later_file_of_a_laboratory_takes_a_result_back() {
    let after = |system: Option<&str>, first: &str, second: &str| {
        let record = merged(&[
            file("day1", Some("LAB"), first, "6.9", "final"),
            file("day2", system, second, "6.9", "entered-in-error"),
        ]);
        let item = record.of_class(RecordClass::Observation).next().unwrap();
        assert_eq!(item.members.len(), 2);
        item.record.status().unwrap_or_default().to_owned()
    };
    assert_eq!(after(Some("LAB"), "20240301", "20240302"), "entered-in-error");
    // Sent again after it was taken back; taken back by somebody else; by nobody knows whom.
    assert_eq!(after(Some("LAB"), "20240302", "20240301"), "final");
    assert_eq!(after(Some("OTHER"), "20240301", "20240302"), "final");
    assert_eq!(after(None, "20240301", "20240302"), "final");
}

#[test]
fn a_later_file_of_a_laboratory_corrects_a_result() {
    for order in [[0, 1], [1, 0]] {
        let files = [
            file("day1", Some("LAB"), "20240301", "6.9", "final"),
            file("day2", Some("LAB"), "20240302", "4.1", "corrected"),
        ];
        let record = merged(&order.map(|at| files[at].clone()));
        assert_eq!(
            sides(&record, RecordClass::Observation, "value[x]"),
            [["4.1 mmol/L", "6.9 mmol/L"]]
        );
    }
}

#[test]
fn what_the_replacing_document_says_is_shown() {
    let taken_at = |source: &str, document: Document, start: &str| {
        let statement = taken(code(RXNORM, "308135", "Amlodipine"), start, "");
        chart(source, vec![document.into(), statement.into()])
    };
    // Their names do not tell which is newer.
    for (older, newer) in [("1", "2"), ("2", "1")] {
        let record = merged(&[
            taken_at(older, version("1", None), "2020-01-01"),
            taken_at(newer, version("2", Some("1")), "2021-01-01"),
        ]);
        let shown = sides(&record, RecordClass::MedicationStatement, "effective[x]");
        assert!(shown[0][0].contains("2021"), "{shown:?}");
    }
}

#[test]
fn an_empty_section_stands_against_what_is_known() {
    let document = |reason: &str| Document {
        section: vec![NarrativeSection {
            title: Some("Problems".to_owned()),
            code: Some(code(LOINC, "11450-4", "")),
            empty_reason: state("http://terminology.hl7.org/CodeSystem/list-empty-reason", reason),
            ..NarrativeSection::default()
        }],
        ..version("1", None)
    };
    let known = || chart("b", vec![problem(code(SNOMED, "22298006", "MI"), "", "").into()]);
    let disputed = |reason: &str| {
        sides(
            &merged(&[chart("a", vec![document(reason).into()]), known()]),
            DOCUMENT,
            "section",
        )
    };
    assert_eq!(disputed("nilknown"), [["Problems: none known", "MI (22298006)"]]);
    assert!(disputed("notasked").is_empty());
    assert!(disputed("unavailable").is_empty());
}
