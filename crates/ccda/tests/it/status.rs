//! The status of what is stated, and what a statement takes from the one around it.

use ehr_model::{
    AllergyIntolerance, Chart, Condition, Deceased, DiagnosticReport, Document, Immunization, Import,
    MedicationDispense, MedicationRequest, MedicationStatement, Observation, Patient, RecordClass, Specimen,
    Status,
};

use crate::section::{all, each, findings, imported, only, part};

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

fn result(attributes: &str, values: &str) -> String {
    format!(
        "<observation classCode='OBS' moodCode='EVN' {attributes}><templateId root='2.16.840.1.113883.10.20.22.4.2'/><code code='5196-1' \
         codeSystem='2.16.840.1.113883.6.1'/><statusCode code='completed'/>{values}</observation>"
    )
}

fn text(value: &str) -> String {
    format!("<value xsi:type='ST'>{value}</value>")
}

fn organizer(root: &str, status: &str, components: &[String]) -> String {
    let components = each("component", components);
    format!(
        "<organizer classCode='BATTERY' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.{root}'/><code code='24323-8' \
         codeSystem='2.16.840.1.113883.6.1'/><statusCode code='{status}'/>{components}</organizer>"
    )
}

#[test]
fn what_is_in_an_organizer_entered_in_error_is_so_too() {
    for (section, root) in [("30954-2", "1"), ("8716-3", "26"), ("47420-5", "66")] {
        let inner = organizer(root, "completed", &[result("", &text("b"))]);
        let pressure = ["8480-6", "8462-4"]
            .map(|code| result("", "<value xsi:type='PQ' value='1' unit='mm[Hg]'/>").replace("5196-1", code));
        let parts = [vec![result("", &text("a")), inner], pressure.to_vec()].concat();
        for (status, expected) in [("nullified", "entered-in-error"), ("completed", "final")] {
            let done = imported(&part(section, "", &[&organizer(root, status, &parts)]));
            let observations = all(&done.charts[0], Observation::from_record);
            assert!(observations.len() >= 3);
            for observation in observations {
                assert_eq!(code(observation.status.as_ref()), Some(expected), "{section}");
            }
        }
    }
    let problem = "<observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.4'/><value xsi:type='CD' \
                   code='38341003' codeSystem='2.16.840.1.113883.6.96'/></observation>";
    let done = imported(&part(
        "11450-4",
        "",
        &[&organizer("1", "nullified", &[problem.to_owned()])],
    ));
    let condition = only(&done.charts[0], Condition::from_record);
    assert!(
        condition.verification_status.as_ref().unwrap().codings[0]
            .code
            .as_deref()
            == Some("entered-in-error")
    );
}

#[test]
fn to_deny_a_value_is_not_to_have_looked_at_nothing() {
    for (value, words) in [
        (text("Positive"), "Not so: Positive"),
        (
            "<value xsi:type='CD' code='8517006' codeSystem='2.16.840.1.113883.6.96' displayName='Ex-smoker'/>".to_owned(),
            "Not so: Ex-smoker",
        ),
        ("<value xsi:type='PQ' value='5.1' unit='mmol/L'/>".to_owned(), "Not so: 5.1 mmol/L"),
        ("<value xsi:type='BL' value='true'/>".to_owned(), "Not so: yes"),
    ] {
        let done = imported(&part("30954-2", "", &[&result("negationInd='true'", &value)]));
        let observation = only(&done.charts[0], Observation::from_record);
        assert_eq!(observation.value, None);
        let reason = observation.data_absent_reason.as_ref().unwrap();
        assert_eq!(reason.codings[0].code.as_deref(), Some("unknown"));
        assert_eq!(reason.label(), Some(words));
        assert_eq!(observation.note[0].text, words);
    }
    // Without a value it is the observation that was not made.
    let done = imported(&part("30954-2", "", &[&result("negationInd='true'", "")]));
    let observation = only(&done.charts[0], Observation::from_record);
    let reason = observation.data_absent_reason.as_ref().unwrap();
    assert_eq!(reason.codings[0].code.as_deref(), Some("not-performed"));
    assert!(observation.note.is_empty());
}

#[test]
fn a_second_value_is_told() {
    let done = imported(&part(
        "30954-2",
        "",
        &[&result(
            "",
            &(text("Positive") + &text("Negative") + &text("Positive")),
        )],
    ));
    let observation = only(&done.charts[0], Observation::from_record);
    assert_eq!(observation.note.len(), 1);
    assert_eq!(observation.note[0].text, "Further value: Negative");
    assert_eq!(findings(&done, "ccda.observation.further-value"), 1);
    assert!(left(&done.charts[0], "Negative"));
}

#[test]
fn the_status_of_an_observation_given_up_is_told() {
    for (status, told) in [
        ("aborted", 1),
        ("cancelled", 1),
        ("suspended", 1),
        ("completed", 0),
        ("active", 0),
    ] {
        for (section, root, inner) in [("11450-4", "3", "4"), ("48765-2", "30", "7")] {
            let done = imported(&part(
                section,
                "",
                &[&format!(
                    "<act classCode='ACT' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.{root}'/><code code='CONC'/>\
                     <statusCode code='active'/><entryRelationship typeCode='SUBJ'><observation classCode='OBS' moodCode='EVN'>\
                     <templateId root='2.16.840.1.113883.10.20.22.4.{inner}'/><statusCode code='{status}'/><value xsi:type='CD' \
                     code='38341003' codeSystem='2.16.840.1.113883.6.96'/></observation></entryRelationship></act>"
                )],
            ));
            let chart = &done.charts[0];
            let conditions = all(chart, Condition::from_record);
            let allergies = all(chart, AllergyIntolerance::from_record);
            let mut notes = conditions.iter().flat_map(|record| &record.note);
            let mut others = allergies.iter().flat_map(|record| &record.note);
            let words = format!("Status of the observation: {status}");
            let is_told = notes.any(|note| note.text == words) || others.any(|note| note.text == words);
            assert_eq!(is_told, told == 1, "{section} {status}");
            assert_eq!(
                findings(&done, "ccda.observation.status"),
                told,
                "{section} {status}"
            );
        }
    }
}

#[test]
fn the_specimen_is_what_the_collection_collected() {
    let collection = "<procedure classCode='PROC' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.415'/>\
                      <code code='17636008' codeSystem='2.16.840.1.113883.6.96'/><effectiveTime value='20230105'/>\
                      <participant typeCode='PRD'><participantRole classCode='SPEC'><id root='5.9' extension='sp'/><playingEntity>\
                      <code code='119297000' codeSystem='2.16.840.1.113883.6.96' displayName='Blood'/></playingEntity>\
                      </participantRole></participant></procedure>";
    let participation =
        "<specimen><specimenRole><id root='5.9' extension='other'/></specimenRole></specimen>";
    for specimen in ["", participation] {
        let panel = organizer(
            "1",
            "completed",
            &[result("", &text("Yellow")), collection.to_owned()],
        );
        let done = imported(&part(
            "30954-2",
            "",
            &[&panel.replacen("<component>", &format!("{specimen}<component>"), 1)],
        ));
        let chart = &done.charts[0];
        let found = only(chart, Specimen::from_record);
        assert_eq!(
            found.type_.as_ref().unwrap().codings[0].code.as_deref(),
            Some("119297000")
        );
        assert_eq!(found.identifier.len(), if specimen.is_empty() { 1 } else { 2 });
        assert!(found.collected.is_some());
        let report = only(chart, DiagnosticReport::from_record);
        let observation = only(chart, Observation::from_record);
        assert_eq!(report.specimen.len(), 1);
        assert_eq!(observation.specimen, report.specimen.first().cloned());
        // Of a laboratory report, whatever form the value has.
        assert_eq!(
            observation.category[0].codings[0].code.as_deref(),
            Some("laboratory")
        );
        assert_eq!(chart.of_class(RecordClass::Procedure).count(), 0);
    }
}

#[test]
fn a_note_in_a_file_keeps_the_file_beside_its_narrative() {
    let act = "<act classCode='ACT' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.202'/><code code='34109-9' \
               codeSystem='2.16.840.1.113883.6.1'/><text mediaType='text/rtf' representation='B64'>e1xydGYxfQ==<reference value='#n'/>\
               </text><statusCode code='completed'/></act>";
    let done = imported(&part(
        "34109-9",
        "<text><paragraph ID='n'>Seen today</paragraph></text>",
        &[act],
    ));
    let documents = all(&done.charts[0], Document::from_record);
    let contents: Vec<_> = documents.iter().flat_map(|document| &document.content).collect();
    let types: Vec<_> = contents
        .iter()
        .filter_map(|content| content.content_type.as_deref())
        .collect();
    assert_eq!(types, ["application/xhtml+xml", "text/rtf"]);
    assert_eq!(contents[1].data.as_deref(), Some("e1xydGYxfQ=="));
    assert!(!left(&done.charts[0], "e1xydGYxfQ=="));
}

#[test]
fn a_reaction_to_a_vaccine_is_named_where_the_vaccine_is() {
    let import = imported(&part(
        "11369-6",
        "",
        &[
            "<substanceAdministration classCode='SBADM' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.52'/>\
           <consumable><manufacturedProduct><manufacturedMaterial><code code='140' codeSystem='2.16.840.1.113883.12.292'/>\
           </manufacturedMaterial></manufacturedProduct></consumable><entryRelationship typeCode='MFST'>\
           <observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.9'/>\
           <code code='ASSERTION' codeSystem='2.16.840.1.113883.5.4'/><statusCode code='completed'/>\
           <value xsi:type='CD' code='39579001' codeSystem='2.16.840.1.113883.6.96' displayName='Anaphylaxis'/>\
           </observation></entryRelationship></substanceAdministration>",
        ],
    ));
    let immunization = only(&import.charts[0], Immunization::from_record);
    let detail = immunization.reaction[0].detail.as_ref().unwrap();
    assert_eq!(detail.display.as_deref(), Some("Anaphylaxis"));
    assert!(detail.target.is_some());
}

#[test]
fn a_death_that_is_observed_is_that_of_the_patient() {
    let deceased = |attributes: &str, status: &str, value: &str| {
        let observation = format!(
            "<observation classCode='OBS' moodCode='EVN' {attributes}><templateId root='2.16.840.1.113883.10.20.22.4.79'/>\
             <code code='ASSERTION' codeSystem='2.16.840.1.113883.5.4'/><statusCode code='{status}'/>\
             <effectiveTime value='20240102'/>{value}</observation>"
        );
        let import = imported(&part("11450-4", "", &[&observation]));
        only(&import.charts[0], Patient::from_record).deceased.clone()
    };
    let dead = coded("419099009", "Dead");
    assert!(matches!(
        deceased("", "completed", &dead),
        Some(Deceased::DateTime(_))
    ));
    assert_eq!(deceased("negationInd='true'", "completed", &dead), None);
    assert_eq!(deceased("", "nullified", &dead), None);
    assert_eq!(deceased("", "completed", &coded("438949009", "Alive")), None);
}
