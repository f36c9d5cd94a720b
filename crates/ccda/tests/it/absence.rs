//! "None known" becomes none known of that list; what says less never does.

use ehr_ccda::import;
use ehr_model::{
    AllergyIntolerance, AllergyKnowledge, Chart, Condition, Document, FamilyMemberHistory, Immunization,
    ImportOptions, MedicationRequest, MedicationStatement, Procedure, Record, RecordClass, Source,
};
use ehr_types::CodeableConcept;

use crate::section::{all, only, section, told};

const SNOMED: &str = "codeSystem='2.16.840.1.113883.6.96'";
const LATEX: &str = "111088007";

fn codes(concept: Option<&CodeableConcept>) -> Vec<&str> {
    let codings = concept.into_iter().flat_map(|concept| &concept.codings);
    codings.filter_map(|coding| coding.code.as_deref()).collect()
}

fn text(concept: Option<&CodeableConcept>) -> Option<&str> {
    concept?.text.as_deref()
}

/// A document of one section without entries.
fn words(code: &str, attributes: &str, narrative: &str) -> Chart {
    let source = format!(
        "<ClinicalDocument xmlns='urn:hl7-org:v3'><component><structuredBody><component><section {attributes}>\
         <code code='{code}' codeSystem='2.16.840.1.113883.6.1'/><text>{narrative}</text></section></component></structuredBody>\
         </component></ClinicalDocument>"
    );
    let mut import = import(source.as_bytes(), &ImportOptions::new(Source::new("s"))).unwrap();
    import.charts.remove(0)
}

fn empty_reason(chart: &Chart) -> Option<&str> {
    let document = only(chart, Document::from_record);
    let reason = document.section[0].empty_reason.as_ref()?;
    reason.codings[0].code.as_deref()
}

fn activity(attributes: &str, template: &str, inner: &str, product: &str) -> String {
    format!(
        "<substanceAdministration classCode='SBADM' {attributes}><templateId root='2.16.840.1.113883.10.20.22.4.{template}'/>{inner}\
         <consumable><manufacturedProduct><manufacturedMaterial>{product}</manufacturedMaterial></manufacturedProduct></consumable>\
         </substanceAdministration>"
    )
}

#[test]
fn no_known_medications() {
    let at_large = format!("<code nullFlavor='OTH'><translation code='410942007' {SNOMED}/></code>");
    let in_words = "<code nullFlavor='OTH'><originalText>No known medications</originalText></code>";
    for (mood, status, product) in [
        ("EVN", "active", "<code nullFlavor='NA'/>"),
        ("EVN", "completed", "<code nullFlavor='NA'/>"),
        ("INT", "active", at_large.as_str()),
        ("EVN", "active", in_words),
    ] {
        let inner = format!("<statusCode code='{status}'/>");
        let attributes = format!("moodCode='{mood}' negationInd='true'");
        let chart = section("10160-0", &activity(&attributes, "16", &inner, product));
        let statement = only(&chart, MedicationStatement::from_record);
        assert_eq!(
            codes(statement.medication.as_ref()),
            ["787481004", "no-known-medications"],
            "{product}"
        );
        assert!(statement.status.as_ref().unwrap().is("active"), "{product}");
        assert_eq!(chart.of_class(RecordClass::MedicationRequest).count(), 0);
    }
    // Not negated: the words say it.
    let chart = section("10160-0", &activity("moodCode='EVN'", "16", "", in_words));
    let statement = only(&chart, MedicationStatement::from_record);
    assert_eq!(text(statement.medication.as_ref()), Some("No known medications"));
    assert_eq!(
        codes(statement.medication.as_ref()),
        ["787481004", "no-known-medications"]
    );
}

#[test]
fn a_medication_that_is_denied_or_unknown_is_not_none() {
    let aspirin = "<code code='1191' codeSystem='2.16.840.1.113883.6.88'/>";
    let unknown = "<code nullFlavor='UNK'/>";
    for (product, expected) in [(aspirin, vec!["1191"]), (unknown, vec![])] {
        let chart = section(
            "10160-0",
            &activity("moodCode='EVN' negationInd='true'", "16", "", product),
        );
        let statement = only(&chart, MedicationStatement::from_record);
        assert_eq!(codes(statement.medication.as_ref()), expected);
        assert!(statement.status.as_ref().unwrap().is("not-taken"));
    }
    // Entered in error, or stopped: it does not hold.
    for (status, expected) in [("nullified", "entered-in-error"), ("aborted", "not-taken")] {
        let inner = format!("<statusCode code='{status}'/>");
        let chart = section(
            "10160-0",
            &activity(
                "moodCode='EVN' negationInd='true'",
                "16",
                &inner,
                "<code nullFlavor='NA'/>",
            ),
        );
        let statement = only(&chart, MedicationStatement::from_record);
        assert!(statement.status.as_ref().unwrap().is(expected));
        assert!(codes(statement.medication.as_ref()).is_empty());
    }
    // None on admission is not none at all.
    let chart = section(
        "42346-7",
        &activity(
            "moodCode='EVN' negationInd='true'",
            "16",
            "<text>None on admission</text>",
            "<code nullFlavor='NA'/>",
        ),
    );
    let statement = only(&chart, MedicationStatement::from_record);
    assert!(statement.status.as_ref().unwrap().is("not-taken"));
    assert_eq!(text(statement.medication.as_ref()), Some("None on admission"));
    let chart = section(
        "10183-2",
        &activity(
            "moodCode='INT' negationInd='true'",
            "16",
            "",
            "<code nullFlavor='NA'/>",
        ),
    );
    assert_eq!(
        only(&chart, MedicationRequest::from_record).do_not_perform,
        Some(true)
    );
    // "No information" is no medication.
    let chart = section(
        "10160-0",
        &activity(
            "moodCode='EVN'",
            "16",
            "",
            "<code nullFlavor='OTH'><originalText>No information about medications</originalText></code>",
        ),
    );
    assert_eq!(chart.of_class(RecordClass::MedicationStatement).count(), 0);
}

fn allergy(attributes: &str, kind: &str, substance: &str) -> Chart {
    section(
        "48765-2",
        &format!(
            "<observation classCode='OBS' moodCode='EVN' {attributes}><templateId root='2.16.840.1.113883.10.20.22.4.7'/>\
             <value xsi:type='CD' code='{kind}' {SNOMED}/><participant typeCode='CSM'><participantRole><playingEntity>{substance}\
             </playingEntity></participantRole></participant></observation>"
        ),
    )
}

#[test]
fn no_known_allergies_of_each_kind() {
    let coded = |code: &str| format!("<code code='{code}' {SNOMED}/>");
    let words = |words: &str| format!("<code nullFlavor='OTH'><originalText>{words}</originalText></code>");
    let na = "<code nullFlavor='NA'/>".to_owned();
    for (kind, substance, expected) in [
        ("419199007", na.clone(), "716186003"),
        ("416098002", na.clone(), "409137002"),
        ("414285001", na.clone(), "429625007"),
        ("426232007", na, "428607008"),
        ("419199007", coded(LATEX), "1003774007"),
        ("419199007", coded("255620007"), "429625007"),
        ("416098002", coded("410942007"), "409137002"),
    ] {
        let chart = allergy("negationInd='true'", kind, &substance);
        let allergy = only(&chart, AllergyIntolerance::from_record);
        assert_eq!(allergy.knowledge, AllergyKnowledge::NoneKnown, "{substance}");
        assert_eq!(codes(allergy.code.as_ref())[0], expected, "{substance}");
        assert_eq!(allergy.verification_status, None, "{substance}");
    }
    for (said, expected) in [
        ("No known allergies", vec!["716186003", "no-known-allergies"]),
        ("NKDA", vec!["409137002", "no-known-medication-allergies"]),
        ("No known latex allergy", vec!["1003774007"]),
        ("No known drug or food allergies", vec![]),
    ] {
        let chart = allergy("", "419199007", &words(said));
        let allergy = only(&chart, AllergyIntolerance::from_record);
        assert_eq!(allergy.knowledge, AllergyKnowledge::NoneKnown, "{said}");
        assert_eq!(codes(allergy.code.as_ref()), expected, "{said}");
        assert_eq!(text(allergy.code.as_ref()), Some(said));
    }
}

#[test]
fn an_allergy_that_nobody_knows_of_is_not_none() {
    let words = |words: &str| format!("<code nullFlavor='OTH'><originalText>{words}</originalText></code>");
    for (attributes, substance, expected) in [
        (
            "negationInd='true'",
            "<code nullFlavor='NASK'/>".to_owned(),
            AllergyKnowledge::NotAsked,
        ),
        (
            "negationInd='true'",
            "<code nullFlavor='ASKU'/>".to_owned(),
            AllergyKnowledge::NotAsked,
        ),
        ("", words("Unknown"), AllergyKnowledge::NotAsked),
        ("", words("No allergies on file"), AllergyKnowledge::NotAsked),
        (
            "",
            words("No known allergies except latex"),
            AllergyKnowledge::Present,
        ),
    ] {
        let chart = allergy(attributes, "419199007", &substance);
        let allergy = only(&chart, AllergyIntolerance::from_record);
        assert_eq!(allergy.knowledge, expected, "{substance}");
    }
}

#[test]
fn no_known_problems_is_said_of_the_problem_list_alone() {
    let problem = |value: &str| {
        format!(
            "<observation classCode='OBS' moodCode='EVN' negationInd='true'><templateId root='2.16.840.1.113883.10.20.22.4.4'/>\
             {value}</observation>"
        )
    };
    let at_large = format!(
        "<value xsi:type='CD' code='55607006' {SNOMED}><originalText>problems.</originalText></value>"
    );
    let chart = section("11450-4", &problem(&at_large));
    let condition = only(&chart, Condition::from_record);
    assert_eq!(codes(condition.code.as_ref()), ["160245001", "no-known-problems"]);
    assert_eq!(text(condition.code.as_ref()), None);
    assert_eq!(condition.verification_status, None);
    // No past illness is not "no problems", nor is no diagnosis at discharge.
    for code in ["11348-0", "11535-2"] {
        let chart = section(code, &problem(&at_large));
        let condition = only(&chart, Condition::from_record);
        assert_eq!(codes(condition.code.as_ref()), ["55607006"]);
        assert_eq!(codes(condition.verification_status.as_ref()), ["refuted"]);
    }
    let chart = section(
        "11450-4",
        &problem("<text>No problems indicated</text><value xsi:type='CD' nullFlavor='NI'/>"),
    );
    let condition = only(&chart, Condition::from_record);
    assert_eq!(text(condition.code.as_ref()), Some("No problems indicated"));
    assert_eq!(condition.verification_status, None);
}

#[test]
fn no_immunizations_no_procedures_and_no_devices() {
    let vaccine = |product: &str| {
        section(
            "11369-6",
            &activity("moodCode='EVN' negationInd='true'", "52", "", product),
        )
    };
    let at_large = format!("<code nullFlavor='OTH'><translation code='71181003' {SNOMED}/></code>");
    for product in ["<code nullFlavor='NA'/>", &at_large] {
        let chart = vaccine(product);
        let immunization = only(&chart, Immunization::from_record);
        assert_eq!(
            codes(immunization.vaccine_code.as_ref()),
            ["no-known-immunizations"]
        );
        assert!(immunization.status.as_ref().unwrap().is("not-done"));
    }
    let chart = section(
        "11369-6",
        &activity(
            "moodCode='EVN'",
            "52",
            "<statusCode code='completed'/>",
            "<code code='998' codeSystem='2.16.840.1.113883.12.292'/>",
        ),
    );
    let immunization = only(&chart, Immunization::from_record);
    assert!(immunization.status.as_ref().unwrap().is("not-done"));
    for (loinc, expected) in [
        ("47519-4", "no-known-procedures"),
        ("46264-8", "no-known-devices"),
    ] {
        let chart = told(
            loinc,
            "<paragraph ID='p'>No history of it</paragraph>",
            &format!(
                "<procedure classCode='PROC' moodCode='EVN' negationInd='true'><templateId root='2.16.840.1.113883.10.20.22.4.14'/>\
                 <code code='71388002' {SNOMED}/><text><reference value='#p'/></text></procedure>"
            ),
        );
        let procedure = only(&chart, Procedure::from_record);
        assert_eq!(codes(procedure.code.as_ref()), [expected]);
        assert!(procedure.status.as_ref().unwrap().is("not-done"));
    }
}

#[test]
fn no_encounter_and_no_illness_of_the_family() {
    let chart = section(
        "46240-8",
        "<encounter classCode='ENC' moodCode='EVN' negationInd='true'><code nullFlavor='NA'/></encounter>",
    );
    assert_eq!(chart.of_class(RecordClass::Encounter).count(), 0);
    let member = |organizer: &str, observation: &str| {
        section(
            "10157-6",
            &format!(
                "<organizer classCode='CLUSTER' moodCode='EVN' {organizer}><templateId root='2.16.840.1.113883.10.20.22.4.45'/>\
                 <component><observation classCode='OBS' moodCode='EVN' {observation}><value xsi:type='CD' code='64572001' {SNOMED}/>\
                 </observation></component></organizer>"
            ),
        )
    };
    for chart in [member("", "negationInd='true'"), member("negationInd='true'", "")] {
        let history = only(&chart, FamilyMemberHistory::from_record);
        assert!(history.condition.is_empty());
        assert_eq!(history.note[0].text, "No history of any condition");
    }
}

#[test]
fn a_section_that_says_none_in_words() {
    let chart = words(
        "48765-2",
        "",
        "<table><thead><tr><th>Substance</th></tr></thead><tbody><tr><td>No known drug allergies</td></tr></tbody></table>",
    );
    let allergy = only(&chart, AllergyIntolerance::from_record);
    assert_eq!(allergy.knowledge, AllergyKnowledge::NoneKnown);
    assert_eq!(codes(allergy.code.as_ref())[0], "409137002");
    let chart = words("10160-0", "", "None");
    let statement = only(&chart, MedicationStatement::from_record);
    assert_eq!(
        codes(statement.medication.as_ref()),
        ["787481004", "no-known-medications"]
    );
    let chart = words("11450-4", "", "No known problems");
    assert_eq!(
        codes(only(&chart, Condition::from_record).code.as_ref())[0],
        "160245001"
    );
    for (code, narrative, expected) in [
        ("11369-6", "No immunization history", Some("nilknown")),
        ("47519-4", "None", Some("nilknown")),
        ("46240-8", "No encounters", Some("nilknown")),
        ("10157-6", "No known family history", Some("nilknown")),
        ("30954-2", "No lab results", Some("nilknown")),
        ("10183-2", "None", Some("nilknown")),
        ("48765-2", "Not available.", Some("unavailable")),
        ("10160-0", "No information", Some("unavailable")),
        ("48765-2", "No known allergies except latex", None),
        ("10160-0", "None other than aspirin", None),
        ("11348-0", "See history of present illness.", None),
    ] {
        let chart = words(code, "", narrative);
        assert_eq!(empty_reason(&chart), expected, "{narrative}");
        let is_document = |record: &Record| matches!(record, Record::DocumentReference(_));
        assert!(
            chart.entries.iter().all(|entry| is_document(&entry.record)),
            "{narrative}"
        );
    }
}

#[test]
fn a_null_section_is_unknown_whatever_it_says() {
    for flavor in ["NI", "UNK", "NA", "NASK", "MSK"] {
        let attributes = format!("nullFlavor='{flavor}'");
        let chart = words("48765-2", &attributes, "No information");
        let allergy = only(&chart, AllergyIntolerance::from_record);
        assert_eq!(allergy.knowledge, AllergyKnowledge::NotAsked, "{flavor}");
        for code in ["10160-0", "11450-4", "11369-6", "47519-4"] {
            let chart = words(code, &attributes, "No information");
            assert_eq!(chart.entries.len(), 1, "{code} {flavor}");
            assert_ne!(empty_reason(&chart), Some("nilknown"));
        }
        // The code says unknown, the words say none: neither is taken for the other.
        let chart = words("48765-2", &attributes, "No known allergies");
        assert!(all(&chart, AllergyIntolerance::from_record).is_empty());
        assert!(empty_reason(&chart).is_some_and(|reason| reason != "nilknown"));
    }
}
