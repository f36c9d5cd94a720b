//! ONC §170.315(b)(2): what each of the reconciliation documents holds, by code.

use ehr_ccda::import;
use ehr_model::{AllergyKnowledge, ImportOptions, Record, RecordClass, Source};

use crate::corpus::corpus;

fn codes(path: &str) -> Option<[Vec<String>; 3]> {
    let path = corpus()?.join("onc-cures/Receiver").join(path);
    let bytes = std::fs::read(path).ok()?;
    let done = import(&bytes, &ImportOptions::new(Source::new("b2"))).unwrap();
    let chart = &done.charts[0];
    let list = |classes: &[RecordClass]| {
        let entries = chart
            .entries
            .iter()
            .filter(|entry| classes.contains(&entry.class()));
        let entries = entries.filter(|entry| match &entry.record {
            Record::AllergyIntolerance(allergy) => allergy.knowledge == AllergyKnowledge::Present,
            _ => true,
        });
        let mut list: Vec<_> = entries
            .filter_map(|entry| {
                entry
                    .record
                    .concept()
                    .and_then(|c| c.codings.first())
                    .and_then(|c| c.code.clone())
            })
            .collect();
        list.sort();
        list
    };
    Some([
        list(&[RecordClass::AllergyIntolerance]),
        list(&[RecordClass::MedicationStatement]),
        problem_list(chart),
    ])
}

/// The problem list proper: not health concerns, not diagnoses of encounters.
fn problem_list(chart: &ehr_model::Chart) -> Vec<String> {
    let conditions = chart.entries.iter().filter_map(|entry| match &entry.record {
        Record::Condition(condition) => Some(condition),
        _ => None,
    });
    let listed = conditions.filter(|c| {
        c.category.iter().any(|c| {
            c.codings
                .iter()
                .any(|c| c.code.as_deref() == Some("problem-list-item"))
        })
    });
    let mut list: Vec<_> = listed
        .filter_map(|c| c.code.as_ref()?.codings.first()?.code.clone())
        .collect();
    list.sort();
    list
}

#[test]
fn the_documents_hold_what_the_instructions_say() {
    let mut ran = 0;
    for folder in ["170.315_b2_CIRI_Amb", "170.315_b2_CIRI_Inp"] {
        for (file, allergies, medications, problems) in [
            ("170.315_b2_ciri__r11_sample1_v10.xml", 1, 1, 1),
            ("170.315_b2_ciri__r11_sample1_recon_v10.xml", 1, 1, 1),
            ("170.315_b2_ciri__r21_sample1_ccd_v12.xml", 1, 2, 2),
            ("170.315_b2_ciri__r21_sample1_ccd_recon_v12.xml", 3, 2, 4),
        ] {
            let Some(codes) = codes(&format!("{folder}/{file}")) else {
                continue;
            };
            println!("{folder}/{file}: {codes:?}");
            ran += 1;
            assert_eq!(
                codes.each_ref().map(Vec::len),
                [allergies, medications, problems],
                "{file}"
            );
        }
    }
    println!("{ran} documents of (b)(2)");
}

#[test]
fn the_reconciled_concepts_are_there() {
    let folder = "170.315_b2_CIRI_Amb";
    let Some([allergies, medications, problems]) = codes(&format!(
        "{folder}/170.315_b2_ciri__r21_sample1_ccd_recon_v12.xml"
    )) else {
        return;
    };
    // Penicillin G benzathine, ampicillin; Aranesp, Tylenol; fever, essential hypertension.
    assert!(
        allergies.contains(&"7982".to_owned()) || allergies.contains(&"7980".to_owned()),
        "{allergies:?}"
    );
    assert!(allergies.contains(&"733".to_owned()), "{allergies:?}");
    assert!(medications.iter().any(|code| code == "209459"), "{medications:?}");
    assert!(
        problems.contains(&"386661006".to_owned()) && problems.contains(&"59621000".to_owned()),
        "{problems:?}"
    );
}
