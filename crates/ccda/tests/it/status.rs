//! The status of what is stated, and what a statement takes from the one around it.

use ehr_model::{
    Chart, Import, MedicationDispense, MedicationRequest, MedicationStatement, RecordClass, Status,
};

use crate::section::{all, findings, imported, only, part};

const DRUG: &str = "<consumable><manufacturedProduct><manufacturedMaterial><code code='314076' \
                    codeSystem='2.16.840.1.113883.6.88'/></manufacturedMaterial></manufacturedProduct></consumable>";
const CONTRADICTION: &str = "ccda.medication.status-contradiction";

fn medication(mood: &str, inner: &str) -> Import {
    imported(&part(
        "10160-0",
        "",
        &[&format!(
            "<substanceAdministration classCode='SBADM' moodCode='{mood}'>{inner}{DRUG}</substanceAdministration>"
        )],
    ))
}

fn said(value: &str) -> String {
    format!(
        "<entryRelationship typeCode='REFR'><observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.1.47'/>\
         <code code='33999-4' codeSystem='2.16.840.1.113883.6.1'/><statusCode code='completed'/>{value}</observation></entryRelationship>"
    )
}

fn coded(code: &str, display: &str) -> String {
    format!(
        "<value xsi:type='CE' code='{code}' codeSystem='2.16.840.1.113883.6.96' displayName='{display}'/>"
    )
}

fn code(status: Option<&Status>) -> Option<&str> {
    status?.code.as_deref()
}

fn left(chart: &Chart, content: &str) -> bool {
    let residual = chart.entries.iter().flat_map(|entry| &entry.residual);
    residual
        .chain(&chart.residual)
        .any(|leaf| leaf.content == content)
}

#[test]
fn whether_a_medication_is_taken_is_what_its_status_observation_says() {
    let active = coded("55561003", "Active");
    let gone = coded("73425007", "No Longer Active");
    let (open, past, ahead) = (
        "<high nullFlavor='UNK'/>",
        "<high value='20230601'/>",
        "<high value='20250601'/>",
    );
    for (status, end, value, expected, differs) in [
        ("completed", open, &active, "active", 1),
        ("completed", "", &active, "active", 1),
        ("completed", ahead, &active, "active", 1),
        // Two against one: it is over.
        ("completed", past, &active, "completed", 1),
        ("completed", past, &gone, "completed", 0),
        ("active", open, &active, "active", 0),
        ("active", open, &gone, "completed", 1),
        ("completed", open, &coded("421139008", "On Hold"), "on-hold", 1),
        ("aborted", open, &active, "stopped", 1),
        ("nullified", open, &active, "entered-in-error", 1),
        // Code and words that differ decide nothing.
        (
            "completed",
            open,
            &coded("421139008", "No Longer Active"),
            "completed",
            0,
        ),
        ("completed", open, &coded("74964007", "Other"), "completed", 0),
        (
            "completed",
            open,
            &"<value xsi:type='CD' nullFlavor='OTH'><originalText>active</originalText></value>".to_owned(),
            "active",
            1,
        ),
    ] {
        for mood in ["EVN", "INT"] {
            let done = medication(
                mood,
                &format!(
                    "<statusCode code='{status}'/><effectiveTime xsi:type='IVL_TS'><low value='20230101'/>{end}</effectiveTime>{}",
                    said(value)
                ),
            );
            let chart = &done.charts[0];
            let (found, notes) = if mood == "EVN" {
                let statement = only(chart, MedicationStatement::from_record);
                (code(statement.status.as_ref()), &statement.note)
            } else {
                let request = only(chart, MedicationRequest::from_record);
                (code(request.status.as_ref()), &request.note)
            };
            let case = format!("{mood} {status} {end} {value}");
            assert_eq!(found, Some(expected), "{case}");
            assert_eq!(findings(&done, CONTRADICTION), differs, "{case}");
            assert_eq!(chart.of_class(RecordClass::Observation).count(), 0, "{case}");
            // Neither of two that differ is lost.
            let told = left(chart, status) || notes.iter().any(|note| note.text.starts_with("Status: "));
            assert!(differs == 0 || told, "{case}");
        }
    }
}

#[test]
fn a_status_that_is_not_understood_is_a_remark() {
    let done = medication(
        "INT",
        &format!(
            "<statusCode code='completed'/>{}",
            said(&coded("74964007", "Other"))
        ),
    );
    let request = only(&done.charts[0], MedicationRequest::from_record);
    assert_eq!(request.note[0].text, "Status: Other");
    assert!(left(&done.charts[0], "74964007"));
}

#[test]
fn who_takes_no_medication_does_not_by_its_status_observation() {
    let done = imported(&part(
        "10160-0",
        "",
        &[&format!(
            "<substanceAdministration moodCode='EVN' negationInd='true'><statusCode code='completed'/>{DRUG}{}</substanceAdministration>",
            said(&coded("55561003", "Active"))
        )],
    ));
    let statement = only(&done.charts[0], MedicationStatement::from_record);
    assert_eq!(code(statement.status.as_ref()), Some("not-taken"));
}

#[test]
fn a_dispense_without_a_product_is_of_the_drug_ordered() {
    for mood in ["EVN", "INT"] {
        let done = medication(
            mood,
            "<statusCode code='active'/><entryRelationship typeCode='REFR'><supply classCode='SPLY' moodCode='EVN'>\
             <templateId root='2.16.840.1.113883.10.20.22.4.18'/><statusCode code='completed'/><quantity value='30'/></supply>\
             </entryRelationship>",
        );
        let chart = &done.charts[0];
        let dispense = only(chart, MedicationDispense::from_record);
        let codings = &dispense.medication.as_ref().unwrap().codings;
        assert_eq!(codings[0].code.as_deref(), Some("314076"), "{mood}");
        assert_eq!(
            dispense.authorizing_prescription.len(),
            usize::from(mood == "INT")
        );
        assert_eq!(dispense.supporting_information.len(), usize::from(mood == "EVN"));
    }
}

#[test]
fn a_dose_that_is_no_number_is_told_as_it_is_written() {
    for (dose, text) in [
        ("<doseQuantity value='0,5' unit='mg'/>", "Dose: 0,5 mg"),
        ("<doseQuantity value='half'/>", "Dose: half"),
        (
            "<doseQuantity><low value='0,5' unit='mg'/><high value='2' unit='mg'/></doseQuantity>",
            "Dose: 0,5 mg to 2 mg",
        ),
        ("<rateQuantity value='2,5' unit='mL/h'/>", "Rate: 2,5 mL/h"),
        (
            "<text>once a day</text><doseQuantity value='0,5' unit='mg'/>",
            "once a day; Dose: 0,5 mg",
        ),
    ] {
        for mood in ["EVN", "INT"] {
            let done = medication(mood, dose);
            let dosage = match mood {
                "EVN" => &only(&done.charts[0], MedicationStatement::from_record).dosage,
                _ => &only(&done.charts[0], MedicationRequest::from_record).dosage,
            };
            assert_eq!(dosage[0].text.as_deref(), Some(text));
            assert_eq!(findings(&done, "ccda.number.invalid"), 1);
        }
    }
    let plain = medication("EVN", "<doseQuantity value='0.5' unit='mg'/>");
    assert_eq!(
        only(&plain.charts[0], MedicationStatement::from_record).dosage[0].text,
        None
    );
}
