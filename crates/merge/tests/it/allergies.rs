//! Allergies: which are one, what is denied, what is in doubt.

use ehr_model::{AllergyIntolerance, AllergyKnowledge, Occurrence, Record, RecordClass};

use crate::charts::*;

#[test]
fn the_substance_is_the_identity_of_an_allergy() {
    let penicillin = || allergy(code(RXNORM, "7980", "Penicillin G benzathine"));
    let class_of = || allergy(code(SNOMED, "16047007", "Product containing benzodiazepine"));
    let member_of = || allergy(code(RXNORM, "596", "Alprazolam"));
    let mut later = penicillin();
    later.onset = Some(Occurrence::DateTime(time("1980-05-01")));
    check(
        RecordClass::AllergyIntolerance,
        vec![
            vec![penicillin().into(), class_of().into()],
            vec![later.into(), member_of().into()],
        ],
        &[&["a/0", "b/0"], &["a/1"], &["b/1"]],
    );
}

#[test]
fn none_known_stays_beside_an_allergy() {
    let none = AllergyIntolerance {
        knowledge: AllergyKnowledge::NoneKnown,
        ..AllergyIntolerance::default()
    };
    let not_asked = AllergyIntolerance {
        knowledge: AllergyKnowledge::NotAsked,
        ..AllergyIntolerance::default()
    };
    let record = merged(&[
        chart("a", vec![none.clone().into()]),
        chart("b", vec![allergy(code(RXNORM, "1191", "Aspirin")).into()]),
        chart("c", vec![not_asked.clone().into(), none.into()]),
    ]);
    assert_eq!(
        members(&record, RecordClass::AllergyIntolerance),
        [vec!["a/0", "c/1"], vec!["b/0"], vec!["c/0"]]
    );
    let knowledge: Vec<_> = record
        .items
        .iter()
        .filter(|item| !item.conflicts.is_empty())
        .map(|item| match &item.record {
            Record::AllergyIntolerance(allergy) => (allergy.knowledge, item.conflicts[0].values.len()),
            _ => panic!("another class"),
        })
        .collect();
    assert_eq!(knowledge, [(AllergyKnowledge::NoneKnown, 2)]);
    // "Not asked" alone never becomes "none known".
    let silent = merged(&[chart("c", vec![not_asked.into()])]);
    assert!(
        matches!(&silent.items[0].record, Record::AllergyIntolerance(a) if a.knowledge == AllergyKnowledge::NotAsked)
    );
}
