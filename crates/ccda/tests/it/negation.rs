//! What is denied never becomes a thing that is.

use ehr_model::{
    AllergyIntolerance, AllergyKnowledge, Condition, FamilyMemberHistory, Goal, MedicationDispense,
    RecordClass,
};

use crate::section::{only, section};

const VALUE: &str =
    "<value xsi:type='CD' code='38341003' codeSystem='2.16.840.1.113883.6.96' displayName='Hypertension'/>";

#[test]
fn a_negated_reaction_is_none() {
    let chart = section(
        "48765-2",
        "<observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.7'/>\
         <participant typeCode='CSM'><participantRole><playingEntity><code code='7980' codeSystem='2.16.840.1.113883.6.88' \
         displayName='Penicillin G'/></playingEntity></participantRole></participant>\
         <entryRelationship typeCode='MFST'><observation classCode='OBS' moodCode='EVN' negationInd='true'>\
         <templateId root='2.16.840.1.113883.10.20.22.4.9'/><code code='ASSERTION'/><value xsi:type='CD' code='39579001' \
         codeSystem='2.16.840.1.113883.6.96' displayName='Anaphylaxis'/></observation></entryRelationship></observation>",
    );
    let allergy = only(&chart, AllergyIntolerance::from_record);
    assert!(allergy.reaction.is_empty());
    // Kept as an observation that denies it.
    assert_eq!(chart.of_class(RecordClass::Observation).count(), 1);
}

#[test]
fn a_negated_concern_act_denies_what_is_in_it() {
    let allergy = section(
        "48765-2",
        "<act classCode='ACT' moodCode='EVN' negationInd='true'><templateId root='2.16.840.1.113883.10.20.22.4.30'/>\
         <entryRelationship typeCode='SUBJ'><observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.7'/>\
         <value xsi:type='CD' code='416098002' codeSystem='2.16.840.1.113883.6.96'/></observation></entryRelationship></act>",
    );
    assert_eq!(
        only(&allergy, AllergyIntolerance::from_record).knowledge,
        AllergyKnowledge::NoneKnown
    );
    let problem = section(
        "11450-4",
        &format!(
            "<act classCode='ACT' moodCode='EVN' negationInd='true'><entryRelationship typeCode='SUBJ'>\
             <observation classCode='OBS' moodCode='EVN'>{VALUE}</observation></entryRelationship></act>"
        ),
    );
    let status = only(&problem, Condition::from_record)
        .verification_status
        .as_ref()
        .unwrap();
    assert_eq!(status.codings[0].code.as_deref(), Some("refuted"));
}

#[test]
fn no_family_history_is_no_condition_of_the_family() {
    let chart = section(
        "10157-6",
        &format!(
            "<organizer classCode='CLUSTER' moodCode='EVN'><subject><relatedSubject classCode='PRS'><code code='FTH' \
             codeSystem='2.16.840.1.113883.5.111'/></relatedSubject></subject><component><observation classCode='OBS' moodCode='EVN' \
             negationInd='true'>{VALUE}</observation></component></organizer>"
        ),
    );
    let history = only(&chart, FamilyMemberHistory::from_record);
    assert!(history.condition.is_empty());
    assert_eq!(history.note[0].text, "No history of: Hypertension");
    let entry = chart.of_class(RecordClass::FamilyMemberHistory).next().unwrap();
    assert!(entry.residual.iter().any(|leaf| leaf.content == "38341003"));
}

#[test]
fn what_was_not_dispensed_supplied_or_aimed_at_says_so() {
    let supply = |mood: &str| {
        format!(
            "<supply classCode='SPLY' moodCode='{mood}' negationInd='true'><statusCode code='completed'/><product><manufacturedProduct>\
             <manufacturedMaterial><code code='314076' codeSystem='2.16.840.1.113883.6.88'/></manufacturedMaterial></manufacturedProduct>\
             </product></supply>"
        )
    };
    let chart = section("10160-0", &supply("EVN"));
    assert!(
        only(&chart, MedicationDispense::from_record)
            .status
            .as_ref()
            .unwrap()
            .is("declined")
    );
    let chart = section("46264-8", &supply("EVN"));
    assert_eq!(chart.of_class(RecordClass::Device).count(), 0);
    let mut left = chart
        .entries
        .iter()
        .flat_map(|entry| &entry.residual)
        .chain(&chart.residual);
    assert!(left.any(|leaf| leaf.content == "314076"));
    let chart = section(
        "61146-7",
        "<observation classCode='OBS' moodCode='GOL' negationInd='true'><code code='289169006' displayName='Weight loss'/>\
         <statusCode code='active'/></observation>",
    );
    assert!(
        only(&chart, Goal::from_record)
            .lifecycle_status
            .as_ref()
            .unwrap()
            .is("rejected")
    );
}
