//! What entries are about: words, codes, identifiers and references.

use ehr_model::{DiagnosticReport, EntryId, Observation, Occurrence, Record, RecordClass, Reference};
use ehr_types::{CodeableConcept, Identifier};

use crate::charts::*;

#[test]
fn references_lead_to_items() {
    let report = |source: &str| {
        let observation = EntryId::derive(RecordClass::Observation, &[source, "0"]);
        Record::from(DiagnosticReport {
            code: Some(code(LOINC, "51990-0", "Basic metabolic panel")),
            effective: Some(Occurrence::DateTime(time("2020-01-02T08:00:00Z"))),
            result: vec![Reference::to(&observation)],
            ..DiagnosticReport::default()
        })
    };
    let glucose = || {
        Record::from(result(
            code(LOINC, "2345-7", "Glucose"),
            "2020-01-02T08:00:00Z",
            "98",
            "mg/dL",
            "final",
        ))
    };
    let record = merged(&[
        chart("a", vec![glucose(), report("a")]),
        chart("b", vec![glucose(), report("b")]),
    ]);
    let item = record.of_class(RecordClass::Observation).next().unwrap();
    let shown = record.of_class(RecordClass::DiagnosticReport).next().unwrap();
    let Record::DiagnosticReport(shown) = &shown.record else {
        panic!("another class")
    };
    let targets: Vec<_> = shown.result.iter().map(|r| r.target.clone()).collect();
    assert_eq!(targets, [Some(item.id.clone())]);
}

#[test]
fn words_join_where_no_code_system_is_shared() {
    let local = || problem(CodeableConcept::from_text("DIABETES MELLITUS (DISORDER)"), "", "");
    let coded = || problem(code(SNOMED, "73211009", "Diabetes mellitus"), "2001", "");
    let other = || problem(code(SNOMED, "44054006", "Diabetes mellitus"), "2001", "");
    check(
        RecordClass::Condition,
        vec![vec![coded().into()], vec![local().into()]],
        &[&["a/0", "b/0"]],
    );
    // Words that fit two codes join neither.
    check(
        RecordClass::Condition,
        vec![vec![coded().into()], vec![local().into()], vec![other().into()]],
        &[&["a/0"], &["b/0"], &["c/0"]],
    );
}

#[test]
fn copied_identifiers_prove_nothing() {
    let copied = || vec![Identifier::new("urn:oid:1.2.3", "1")];
    let with_id = |concept: CodeableConcept| {
        let mut entry = allergy(concept);
        entry.identifier = copied();
        Record::from(entry)
    };
    check(
        RecordClass::AllergyIntolerance,
        vec![
            vec![with_id(code(RXNORM, "7980", "Penicillin G benzathine"))],
            vec![with_id(code(
                SNOMED,
                "16047007",
                "Product containing benzodiazepine",
            ))],
        ],
        &[&["a/0"], &["b/0"]],
    );
    let pulse = |at: &str, value: &str| {
        let mut entry: Observation = result(code(LOINC, "8867-4", "Heart rate"), at, value, "/min", "final");
        entry.identifier = copied();
        Record::from(entry)
    };
    check(
        RecordClass::Observation,
        vec![vec![
            pulse("2020-01-01", "72"),
            pulse("2020-01-01", "80"),
            pulse("2021-01-01", "72"),
        ]],
        &[&["a/0"], &["a/1"], &["a/2"]],
    );
}

#[test]
fn what_names_nothing_joins_nothing() {
    let unnamed = || taken(code(SNOMED, "410942007", "drug or medication"), "2015-02-22", "").into();
    let flavour = || {
        taken(
            code("urn:oid:2.16.840.1.113883.5.1008", "UNK", ""),
            "2015-02-22",
            "",
        )
        .into()
    };
    check(
        RecordClass::MedicationStatement,
        vec![vec![unnamed(), flavour()], vec![unnamed(), flavour()]],
        &[&["a/0"], &["a/1"], &["b/0"], &["b/1"]],
    );
}

#[test]
fn entries_that_share_an_id_but_not_what_they_say_are_two() {
    let weight = |value: &str, at: &str| {
        Record::from(result(code(LOINC, "29463-7", "Weight"), at, value, "kg", "final"))
    };
    let mut one = chart("a", vec![weight("88", "2020-01-01"), weight("86", "2021-01-01")]);
    let id = one.entries[0].id.clone();
    one.entries[1].id = id;
    let record = merged(&[one.clone(), one]);
    assert_eq!(
        members(&record, RecordClass::Observation),
        [vec!["a/0"], vec!["a/1"]]
    );
    let ids: std::collections::BTreeSet<_> = record.items.iter().map(|item| item.id.clone()).collect();
    assert_eq!(ids.len(), 2);
}

#[test]
fn one_code_by_two_names_is_in_dispute_unless_they_are_synonyms() {
    let told = |names: &[&str]| {
        let charts: Vec<_> = ["a", "b", "c"]
            .into_iter()
            .zip(names)
            .map(|(source, name)| {
                chart(
                    source,
                    vec![problem(code(SNOMED, "38341003", name), "", "").into()],
                )
            })
            .collect();
        let record = merged(&charts);
        assert_eq!(record.items.len(), 1);
        sides(&record, RecordClass::Condition, "code")
    };
    for names in [
        &["Hypertension", "High blood pressure"][..],
        &["Hypertension", "HTN"],
        &["Pnuemonia", "Pneumonia"],
        &["Hypertension", "Essential hypertension", "HTN"],
    ] {
        assert!(told(names).is_empty(), "{names:?}");
    }
    for names in [
        &["Hypertension", "Diabetes mellitus"][..],
        &["Malignant neoplastic disease", "Respiratory insufficiency"],
        &["Hypertension", "Hypotension"],
    ] {
        assert_eq!(told(names).len(), 1, "{names:?}");
    }
    // What stands between two names makes them one, but not what they say besides.
    assert!(told(&["Zorbitis", "Quux", "Zorbitis (quux)"]).is_empty());
    assert_eq!(told(&["CKD stage 1", "CKD stage 3", "CKD"]).len(), 1);
}

#[test]
fn a_drug_is_not_another_that_is_written_like_it() {
    let told = |a: &str, b: &str| {
        let of = |name: &str| Record::from(taken(code(RXNORM, "1", name), "2020", ""));
        conflicts(
            &merged(&[chart("a", vec![of(a)]), chart("b", vec![of(b)])]),
            RecordClass::MedicationStatement,
        )
    };
    assert!(told("Warfarin 5 MG", "Coumadin 5 MG").is_empty());
    assert!(told("Lisinopril 10 MG Oral Tablet [Zestril]", "LISINOPRIL 10 MG").is_empty());
    assert!(told("Hydralazine 25 MG", "Hydroxyzine 25 MG").contains(&"medication[x]".to_owned()));
    assert!(told("Prednisone 5 MG", "Prednisolone 5 MG").contains(&"medication[x]".to_owned()));
}
