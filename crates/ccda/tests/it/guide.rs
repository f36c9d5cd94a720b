//! Rows of the C-CDA on FHIR guide that ask for more than a field for a field.

use ehr_model::{
    AllergyIntolerance, Condition, Encounter, MedicationStatement, Observation, Occurrence, Procedure,
    RecordClass, Value,
};
use ehr_types::DateTime;

use crate::section::{all, only, section, told};

const LOINC: &str = "codeSystem='2.16.840.1.113883.6.1'";

fn vital(code: &str, value: u32, unit: &str) -> String {
    format!(
        "<component><observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.27'/><code code='{code}' \
         {LOINC}/><statusCode code='completed'/><effectiveTime value='20240102'/><value xsi:type='PQ' value='{value}' unit='{unit}'/>\
         </observation></component>"
    )
}

#[test]
fn inhaled_oxygen_belongs_to_the_saturation() {
    let panel = format!(
        "<organizer classCode='CLUSTER' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.26'/>{}{}{}</organizer>",
        vital("59408-5", 95, "%"),
        vital("3151-8", 2, "L/min"),
        vital("8867-4", 70, "/min"),
    );
    let chart = section("8716-3", &panel);
    let observations = all(&chart, Observation::from_record);
    let saturation = observations
        .iter()
        .find(|o| o.code.as_ref().unwrap().codings[0].code.as_deref() == Some("59408-5"))
        .unwrap();
    assert_eq!(
        saturation.code.as_ref().unwrap().codings[1].code.as_deref(),
        Some("2708-6")
    );
    assert_eq!(saturation.component.len(), 1);
    // The panel, the saturation with its flow, and the pulse.
    assert_eq!(observations.len(), 3);
}

#[test]
fn directions_come_from_the_words_that_the_text_refers_to() {
    let medication = |reference: &str| {
        format!(
            "<substanceAdministration classCode='SBADM' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.16'/>\
             <text><reference value='#{reference}'/></text><statusCode code='active'/><consumable><manufacturedProduct>\
             <manufacturedMaterial><code code='314076' codeSystem='2.16.840.1.113883.6.88' displayName='Lisinopril 10 MG Oral Tablet'/>\
             </manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>"
        )
    };
    let narrative = "<table><tbody><tr ID='row'><td ID='drug'>Lisinopril 10 mg</td><td><content ID='sig'>1 tablet daily</content></td></tr></tbody></table>";
    for (reference, expected) in [("sig", Some("1 tablet daily")), ("drug", None), ("row", None)] {
        let chart = told("10160-0", narrative, &medication(reference));
        let statement = only(&chart, MedicationStatement::from_record);
        let text = statement.dosage.first().and_then(|dosage| dosage.text.as_deref());
        assert_eq!(text, expected, "{reference}");
    }
}

#[test]
fn the_words_of_a_reaction_are_not_the_name_of_the_substance() {
    let chart = told(
        "48765-2",
        "<content ID='r'>Hives</content>",
        "<observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.7'/><participant typeCode='CSM'>\
         <participantRole><playingEntity><code code='7980' codeSystem='2.16.840.1.113883.6.88' displayName='Penicillin G'><originalText>\
         <reference value='#r'/></originalText></code></playingEntity></participantRole></participant><entryRelationship typeCode='MFST'>\
         <observation classCode='OBS' moodCode='EVN'><code code='ASSERTION'/><text><reference value='#r'/></text><value xsi:type='CD' \
         code='247472004' codeSystem='2.16.840.1.113883.6.96' displayName='Hives'/></observation></entryRelationship></observation>",
    );
    let allergy = only(&chart, AllergyIntolerance::from_record);
    assert_eq!(allergy.code.as_ref().unwrap().label(), Some("Penicillin G"));
}

#[test]
fn the_date_of_a_diagnosis_is_no_procedure() {
    let chart = section(
        "11450-4",
        &format!(
            "<observation classCode='OBS' moodCode='EVN'><value xsi:type='CD' code='38341003' codeSystem='2.16.840.1.113883.6.96'/>\
             <entryRelationship typeCode='COMP'><act classCode='ACT' moodCode='EVN'><code code='77975-1' {LOINC}/><statusCode \
             code='completed'/><effectiveTime value='20190220'/></act></entryRelationship></observation>"
        ),
    );
    assert_eq!(all(&chart, Procedure::from_record).len(), 0);
    let date = only(&chart, Observation::from_record);
    let day = DateTime::parse_hl7("20190220").unwrap();
    assert_eq!(date.value, Some(Value::DateTime(day)));
    let problem = chart.of_class(RecordClass::Condition).next().unwrap();
    assert_eq!(date.focus[0].target.as_ref(), Some(&problem.id));
}

#[test]
fn a_visit_code_tells_the_class_and_what_is_in_a_visit_belongs_to_it() {
    let chart = section(
        "46240-8",
        "<encounter classCode='ENC' moodCode='EVN'><code code='99213' codeSystem='2.16.840.1.113883.6.12'/><effectiveTime value='20240102'/>\
         <entryRelationship typeCode='COMP'><act classCode='ACT' moodCode='EVN'><code code='29308-4' codeSystem='2.16.840.1.113883.6.1'/>\
         <entryRelationship typeCode='SUBJ'><observation classCode='OBS' moodCode='EVN'><value xsi:type='CD' code='38341003' \
         codeSystem='2.16.840.1.113883.6.96'/></observation></entryRelationship></act></entryRelationship></encounter>",
    );
    let visit = only(&chart, Encounter::from_record);
    assert_eq!(visit.class.as_ref().unwrap().code.as_deref(), Some("AMB"));
    assert_eq!(visit.type_[0].codings[0].code.as_deref(), Some("99213"));
    let id = &chart.of_class(RecordClass::Encounter).next().unwrap().id;
    let diagnosis = only(&chart, Condition::from_record);
    assert_eq!(diagnosis.encounter.as_ref().unwrap().target.as_ref(), Some(id));
}

#[test]
fn unknown_is_an_answer_to_whether_one_is_pregnant() {
    let chart = section(
        "29762-2",
        "<observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.15.3.8'/><code code='ASSERTION' \
         codeSystem='2.16.840.1.113883.5.4'/><statusCode code='completed'/><effectiveTime><low value='20240102'/></effectiveTime>\
         <value xsi:type='CD' nullFlavor='UNK'/></observation>",
    );
    let pregnancy = only(&chart, Observation::from_record);
    assert_eq!(
        pregnancy.code.as_ref().unwrap().codings[0].code.as_deref(),
        Some("82810-3")
    );
    assert!(matches!(pregnancy.effective, Some(Occurrence::DateTime(_))));
    let Some(Value::CodeableConcept(answer)) = &pregnancy.value else {
        panic!("no answer")
    };
    assert_eq!(answer.codings[0].code.as_deref(), Some("UNK"));
}
