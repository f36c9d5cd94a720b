//! Family history.

use ehr_model::{Annotation, FamilyCondition, FamilyMemberHistory, Record, RecordClass};
use ehr_types::CodeableConcept;

use crate::charts::*;

fn father(conditions: &[&str], notes: &[&str]) -> Record {
    FamilyMemberHistory {
        relationship: Some(code(
            "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
            "FTH",
            "",
        )),
        condition: conditions
            .iter()
            .map(|name| FamilyCondition {
                code: Some(CodeableConcept::from_text(*name)),
                ..FamilyCondition::default()
            })
            .collect(),
        note: notes
            .iter()
            .map(|text| Annotation {
                text: (*text).to_owned(),
                ..Annotation::default()
            })
            .collect(),
        ..FamilyMemberHistory::default()
    }
    .into()
}

#[test]
fn what_one_source_denies_of_a_relative_and_another_tells_is_in_dispute() {
    for (conditions, notes, disputed) in [
        (
            &["Type 2 diabetes mellitus"][..],
            &["No history of: diabetes mellitus"][..],
            true,
        ),
        (&["DM"], &["No history of: DM"], true),
        (&["DM"], &["No history of any condition"], true),
        (&["Myocardial infarction"], &["No history of: DM"], false),
        (&["DM"], &["Smoker"], false),
    ] {
        let record = merged(&[
            chart("clinic", vec![father(&[], notes)]),
            chart("hospital", vec![father(conditions, &[])]),
        ]);
        let fields = conflicts(&record, RecordClass::FamilyMemberHistory);
        assert_eq!(
            fields == ["condition"],
            disputed,
            "{conditions:?} {notes:?} {fields:?}"
        );
    }
    // Nobody disagrees with himself.
    let one = chart("clinic", vec![father(&["Stroke"], &["No history of: DM"])]);
    assert!(conflicts(&merged(&[one.clone(), one]), RecordClass::FamilyMemberHistory).is_empty());
}
