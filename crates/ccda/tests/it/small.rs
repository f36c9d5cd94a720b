//! What single statements become, on documents written for the purpose.

use ehr_ccda::import;
use ehr_model::{
    AllergyIntolerance, AllergyKnowledge, Amount, Chart, Condition, DiagnosticReport, Document, Encounter,
    Immunization, ImportOptions, MedicationRequest, MedicationStatement, Observation, Occurrence, Record,
    RecordClass, Source, Value,
};
use ehr_types::{AbsentReason, Comparator};

fn chart(source: &str) -> Chart {
    import(source.as_bytes(), &ImportOptions::new(Source::new("small")))
        .unwrap()
        .charts
        .remove(0)
}

fn small() -> Chart {
    chart(include_str!("data/small.xml"))
}

fn section(template: &str, code: &str, body: &str) -> Chart {
    chart(&format!(
        "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><component><structuredBody><component>\
         <section><templateId root='{template}'/><code code='{code}' codeSystem='2.16.840.1.113883.6.1'/><text/>{body}</section>\
         </component></structuredBody></component></ClinicalDocument>"
    ))
}

fn all<'c, T>(chart: &'c Chart, pick: impl Fn(&'c Record) -> Option<&'c T>) -> Vec<&'c T> {
    chart
        .entries
        .iter()
        .filter_map(|entry| pick(&entry.record))
        .collect()
}

#[test]
fn patient_and_header() {
    let chart = small();
    let patient = chart.patient().unwrap();
    assert_eq!(patient.gender.as_ref().unwrap().code.as_deref(), Some("female"));
    assert_eq!(patient.race.len(), 2);
    assert_eq!(patient.name[0].given, ["Ada", "M"]);
    assert_eq!(patient.telecom[0].value.as_deref(), Some("+1(503)555-0117"));
    assert_eq!(patient.telecom[0].use_.as_deref(), Some("mobile"));
    assert_eq!(chart.source.organization.as_deref(), Some("Riverside Clinic"));
    let encounter = all(&chart, Encounter::from_record)[0];
    assert_eq!(encounter.class.as_ref().unwrap().code.as_deref(), Some("AMB"));
    assert!(encounter.status.as_ref().unwrap().is("finished"));
    // One clinic, named three times in two ways of writing: with and without telephone.
    assert_eq!(chart.of_class(RecordClass::Organization).count(), 2);
    assert_eq!(chart.of_class(RecordClass::Practitioner).count(), 1);
}

#[test]
fn allergy_with_reaction_and_severity() {
    let chart = small();
    let allergy = all(&chart, AllergyIntolerance::from_record)[0];
    assert_eq!(allergy.knowledge, AllergyKnowledge::Present);
    assert_eq!(allergy.code.as_ref().unwrap().text.as_deref(), Some("Penicillin"));
    assert_eq!(allergy.category, ["medication"]);
    assert!(allergy.reaction[0].severity.as_ref().unwrap().is("moderate"));
    assert_eq!(
        allergy.onset.as_ref().unwrap().start().unwrap().to_string(),
        "1998"
    );
    let status = allergy.clinical_status.as_ref().unwrap();
    assert_eq!(status.codings[0].code.as_deref(), Some("active"));
}

#[test]
fn an_unknown_end_resolves_a_problem_without_inventing_a_date() {
    let chart = small();
    let problem = all(&chart, Condition::from_record)[0];
    assert_eq!(
        problem.clinical_status.as_ref().unwrap().codings[0]
            .code
            .as_deref(),
        Some("resolved")
    );
    assert_eq!(problem.abatement, None);
    let code = problem.code.as_ref().unwrap();
    assert_eq!(code.text.as_deref(), Some("High blood pressure"));
    assert_eq!(
        code.codings[1].system.as_deref(),
        Some("http://hl7.org/fhir/sid/icd-10-cm")
    );
}

#[test]
fn medication_twice_a_day_with_its_order() {
    let chart = small();
    let statement = all(&chart, MedicationStatement::from_record)[0];
    let timing = statement.dosage[0].timing.as_ref().unwrap();
    assert_eq!(
        (timing.frequency, timing.period_unit.as_deref()),
        (Some(2), Some("d"))
    );
    let Some(Amount::Quantity(dose)) = &statement.dosage[0].dose else {
        panic!("no dose")
    };
    assert_eq!(dose.value.as_ref().unwrap().as_str(), "1.0");
    assert!(matches!(statement.effective, Some(Occurrence::Period(_))));
    let order = all(&chart, MedicationRequest::from_record)[0];
    assert_eq!(order.repeats_allowed, Some(2));
    assert_eq!(order.medication, statement.medication);
}

#[test]
fn a_bounded_result_keeps_its_bound() {
    let chart = small();
    let report = all(&chart, DiagnosticReport::from_record)[0];
    assert_eq!(report.result.len(), 1);
    assert!(matches!(report.effective, Some(Occurrence::DateTime(_))));
    let observation = all(&chart, Observation::from_record)
        .into_iter()
        .find(|o| o.code.as_ref().unwrap().label() == Some("Troponin I"))
        .unwrap();
    let Some(Value::Quantity(value)) = &observation.value else {
        panic!("no quantity")
    };
    assert_eq!(value.comparator, Some(Comparator::Less));
    assert_eq!(value.value.as_ref().unwrap().as_str(), "0.010");
    assert!(observation.reference_range[0].low.is_none());
}

#[test]
fn unknown_templates_lose_nothing_and_pressures_are_one() {
    let chart = small();
    let codes: Vec<_> = all(&chart, Observation::from_record)
        .into_iter()
        .filter_map(|o| o.code.as_ref()?.codings.last()?.code.clone())
        .collect();
    assert!(
        codes.contains(&"85353-1".to_owned())
            && codes.contains(&"85354-9".to_owned())
            && codes.contains(&"8302-2".to_owned())
    );
    assert!(!codes.contains(&"8480-6".to_owned()));
}

#[test]
fn narrative_is_kept_whole() {
    let chart = small();
    let document = all(&chart, Document::from_record)[0];
    assert_eq!(document.section.len(), 7);
    assert_eq!(document.section[5].text.as_deref(), Some("Doing well."));
    assert!(
        document.section[5]
            .xhtml
            .as_deref()
            .unwrap()
            .contains("<span class=\"Bold\">well</span>")
    );
    let reason = document.section[6].empty_reason.as_ref().unwrap();
    assert_eq!(reason.codings[0].code.as_deref(), Some("notasked"));
    assert!(document.section[0].entry[0].target.is_some());
}

const ALLERGIES: &str = "2.16.840.1.113883.10.20.22.2.6.1";

fn allergy(negation: &str, kind: &str, substance: &str) -> Chart {
    section(
        ALLERGIES,
        "48765-2",
        &format!(
            "<entry><act classCode='ACT' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.30'/><entryRelationship typeCode='SUBJ'>\
             <observation {negation}><templateId root='2.16.840.1.113883.10.20.22.4.7'/>\
             <value xsi:type='CD' code='{kind}' codeSystem='2.16.840.1.113883.6.96'/>{substance}</observation></entryRelationship></act></entry>"
        ),
    )
}

#[test]
fn none_known_and_not_asked_are_different_things() {
    let substance = |code: &str| {
        format!(
            "<participant typeCode='CSM'><participantRole><playingEntity>{code}</playingEntity></participantRole></participant>"
        )
    };
    let check = |chart: &Chart| {
        let list = all(chart, AllergyIntolerance::from_record);
        assert_eq!(list.len(), 1);
        (
            list[0].knowledge,
            list[0]
                .code
                .as_ref()
                .and_then(|code| code.codings.first()?.code.clone()),
        )
    };
    let null = substance("<code nullFlavor='NA'/>");
    assert_eq!(
        check(&allergy("negationInd='true'", "419199007", &null)),
        (AllergyKnowledge::NoneKnown, Some("716186003".into()))
    );
    assert_eq!(
        check(&allergy("negationInd='true'", "416098002", &null)),
        (AllergyKnowledge::NoneKnown, Some("409137002".into()))
    );
    let latex = substance("<code code='111088007' codeSystem='2.16.840.1.113883.6.96'/>");
    assert_eq!(
        check(&allergy("negationInd='true'", "419199007", &latex)),
        // The guide has a code for that.
        (AllergyKnowledge::NoneKnown, Some("1003774007".into()))
    );
    assert_eq!(
        check(&allergy("", "419199007", &latex)),
        (AllergyKnowledge::Present, Some("111088007".into()))
    );
    let unknown = substance("<code nullFlavor='UNK'/>");
    assert_eq!(
        check(&allergy("", "419199007", &unknown)),
        (AllergyKnowledge::NotAsked, None)
    );
    let named = substance("<code nullFlavor='OTH'><originalText>house dust</originalText></code>");
    assert_eq!(
        check(&allergy("", "419199007", &named)),
        (AllergyKnowledge::Present, None)
    );

    let silent = chart(
        "<ClinicalDocument xmlns='urn:hl7-org:v3'><component><structuredBody><component><section nullFlavor='NI'>\
         <templateId root='2.16.840.1.113883.10.20.22.2.6.1'/><code code='48765-2'/><text>No information</text></section></component>\
         </structuredBody></component></ClinicalDocument>",
    );
    let list = all(&silent, AllergyIntolerance::from_record);
    assert_eq!(list[0].knowledge, AllergyKnowledge::NotAsked);
    assert_eq!(
        list[0].code.as_ref().unwrap().absent.as_ref().unwrap().reason,
        AbsentReason::Unknown
    );
}

#[test]
fn refused_immunizations_are_not_given() {
    let chart = section(
        "2.16.840.1.113883.10.20.22.2.2.1",
        "11369-6",
        "<entry><substanceAdministration moodCode='EVN' negationInd='true'><templateId root='2.16.840.1.113883.10.20.22.4.52'/>\
         <statusCode code='completed'/><effectiveTime value='20151115'/><consumable><manufacturedProduct><manufacturedMaterial>\
         <code code='43' codeSystem='2.16.840.1.113883.12.292'/><lotNumberText>2</lotNumberText></manufacturedMaterial></manufacturedProduct></consumable>\
         <entryRelationship typeCode='RSON'><observation><templateId root='2.16.840.1.113883.10.20.22.4.53'/>\
         <code code='PATOBJ' codeSystem='2.16.840.1.113883.5.8'/></observation></entryRelationship></substanceAdministration></entry>",
    );
    let immunization = all(&chart, Immunization::from_record)[0];
    assert!(immunization.status.as_ref().unwrap().is("not-done"));
    assert_eq!(
        immunization
            .status
            .as_ref()
            .unwrap()
            .source
            .as_ref()
            .unwrap()
            .code
            .as_deref(),
        Some("completed")
    );
    assert_eq!(
        immunization.status_reason.as_ref().unwrap().codings[0]
            .code
            .as_deref(),
        Some("PATOBJ")
    );
}

#[test]
fn a_missing_status_stays_missing() {
    let chart = section(
        "2.16.840.1.113883.10.20.22.2.1.1",
        "10160-0",
        "<entry><substanceAdministration moodCode='EVN'><statusCode nullFlavor='UNK'/></substanceAdministration></entry>\
         <entry><substanceAdministration moodCode='EVN'><routeCode code='PO'/></substanceAdministration></entry>",
    );
    let list = all(&chart, MedicationStatement::from_record);
    let status = list[0].status.as_ref().unwrap();
    assert_eq!(status.code, None);
    assert_eq!(
        status.absent.as_ref().unwrap().source_code.as_deref(),
        Some("UNK")
    );
    assert_eq!(list[1].status, None);
}

#[test]
fn same_native_id_collapses_only_for_the_same_content() {
    let problem = |code: &str| {
        format!(
            "<entry><observation><templateId root='2.16.840.1.113883.10.20.22.4.4'/><id root='1.2' extension='x'/>\
             <value xsi:type='CD' code='{code}' codeSystem='2.16.840.1.113883.6.96'/></observation></entry>"
        )
    };
    let count = |body: String| {
        all(
            &section("2.16.840.1.113883.10.20.22.2.5.1", "11450-4", &body),
            Condition::from_record,
        )
        .len()
    };
    assert_eq!(count(problem("1") + &problem("1")), 1);
    assert_eq!(count(problem("1") + &problem("2")), 2);
    let anonymous = "<entry><observation><value xsi:type='CD' code='1' codeSystem='2.16.840.1.113883.6.96'/></observation></entry>";
    assert_eq!(count(anonymous.repeat(2)), 2);
}

#[test]
fn what_is_not_understood_is_residual_of_its_entry() {
    let chart = section(
        "2.16.840.1.113883.10.20.22.2.5.1",
        "11450-4",
        "<entry><observation><id root='1.2' extension='x'/><value xsi:type='CD' code='1' codeSystem='2.16.840.1.113883.6.96'>\
         <qualifier><name code='n'/><value code='v'/></qualifier></value><surprise>words</surprise></observation></entry>",
    );
    let entry = chart.of_class(RecordClass::Condition).next().unwrap();
    let left: Vec<_> = entry
        .residual
        .iter()
        .map(|leaf| {
            (
                leaf.location.path.rsplit('/').next().unwrap(),
                leaf.content.as_str(),
            )
        })
        .collect();
    assert_eq!(left, [("@code", "n"), ("@code", "v"), ("text()", "words")]);
}

#[test]
fn other_xml_is_refused_with_a_place() {
    for source in [
        "<html><body>x</body></html>",
        "<Bundle xmlns='http://hl7.org/fhir'/>",
        "",
        "MSH|^~\\&|",
    ] {
        let error = import(source.as_bytes(), &ImportOptions::new(Source::new("x"))).unwrap_err();
        assert_eq!(error.findings().len(), 1);
    }
}

#[test]
fn strict_refuses_what_lenient_reports() {
    let mut options = ImportOptions::new(Source::new("x"));
    let source =
        b"<ClinicalDocument xmlns='urn:hl7-org:v3'><effectiveTime value='2012023045'/></ClinicalDocument>";
    assert!(
        import(source, &options)
            .unwrap()
            .findings
            .iter()
            .any(|finding| finding.code == "ccda.ts.invalid")
    );
    options.strictness = ehr_types::Strictness::Strict;
    assert!(import(source, &options).is_err());
}
