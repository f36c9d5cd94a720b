//! What a document says of somebody else is never put on the patient.

use ehr_ccda::import;
use ehr_model::{
    AllergyIntolerance, Chart, Condition, FamilyMemberHistory, Immunization, ImportOptions, Observation,
    RecordClass, Source,
};
use ehr_types::Severity;

use crate::section::{all, each, findings, imported, only, part};

const FINDING: &str = "ccda.subject.other";
const VACCINE: &str = "<consumable><manufacturedProduct><manufacturedMaterial><code code='08' \
                       codeSystem='2.16.840.1.113883.12.292'/></manufacturedMaterial></manufacturedProduct></consumable>";

fn subject(relation: &str, person: &str) -> String {
    format!(
        "<subject><relatedSubject classCode='PRS'><code code='{relation}' codeSystem='2.16.840.1.113883.5.111'/>\
         <subject>{person}</subject></relatedSubject></subject>"
    )
}

fn baby() -> String {
    subject(
        "NCHILD",
        "<name><given>Baby</given><family>Larson</family></name><birthTime value='20220701'/>",
    )
}

fn group(value: &str, subject: &str) -> String {
    format!(
        "<observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.2'/><code code='882-1' \
         codeSystem='2.16.840.1.113883.6.1'/><statusCode code='completed'/><value xsi:type='ST'>{value}</value>{subject}</observation>"
    )
}

fn organizer(subject: &str, observations: &[String]) -> String {
    let components = each("component", observations);
    format!(
        "<organizer classCode='BATTERY' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.1'/><code code='24323-8' \
         codeSystem='2.16.840.1.113883.6.1'/><statusCode code='completed'/>{subject}{components}</organizer>"
    )
}

fn problem(root: &str, text: &str, subject: &str) -> String {
    format!(
        "<act classCode='ACT' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.{root}'/><code code='CONC'/>{text}\
         <statusCode code='active'/><entryRelationship typeCode='SUBJ'><observation classCode='OBS' moodCode='EVN'>\
         <templateId root='2.16.840.1.113883.10.20.22.4.4'/><value xsi:type='CD' code='276549000' \
         codeSystem='2.16.840.1.113883.6.96'/>{subject}</observation></entryRelationship></act>"
    )
}

fn values(chart: &Chart) -> Vec<String> {
    let observations = all(chart, Observation::from_record);
    let values = observations
        .iter()
        .filter_map(|observation| observation.value.as_ref());
    values
        .map(|value| match value {
            ehr_model::Value::String(text) => text.clone(),
            _ => String::new(),
        })
        .collect()
}

fn left(chart: &Chart, content: &str) -> usize {
    let residual = chart.entries.iter().flat_map(|entry| &entry.residual);
    residual
        .chain(&chart.residual)
        .filter(|leaf| leaf.content == content)
        .count()
}

#[test]
fn a_statement_about_the_baby_is_none_about_the_mother() {
    let done = imported(&part(
        "30954-2",
        "",
        &[
            &organizer(&baby(), &[group("O neg", "")]),
            &organizer("", &[group("A pos", ""), group("B neg", &baby())]),
        ],
    ));
    let chart = &done.charts[0];
    assert_eq!(values(chart), ["A pos"]);
    assert_eq!(chart.of_class(RecordClass::DiagnosticReport).count(), 1);
    assert_eq!(findings(&done, FINDING), 2);
    assert!(
        done.findings
            .iter()
            .any(|finding| finding.code == FINDING && finding.severity == Severity::Error)
    );
    assert_eq!(
        (left(chart, "O neg"), left(chart, "B neg"), left(chart, "Baby")),
        (1, 1, 2)
    );
}

#[test]
fn no_statement_of_any_kind_crosses_over() {
    for (section, statement) in [
        ("11450-4", problem("3", "", &baby())),
        ("11450-4", problem("3", "<text>Neonatal jaundice</text>", &baby())),
        (
            "75310-3",
            problem("132", "<text>Neonatal jaundice</text>", &baby()),
        ),
        (
            "11369-6",
            format!(
                "<substanceAdministration moodCode='EVN'>{VACCINE}{}</substanceAdministration>",
                baby()
            ),
        ),
        (
            "10160-0",
            format!(
                "<substanceAdministration moodCode='EVN'>{VACCINE}{}</substanceAdministration>",
                baby()
            ),
        ),
        (
            "47519-4",
            format!("<procedure moodCode='EVN'><code code='1'/>{}</procedure>", baby()),
        ),
        (
            "46240-8",
            format!("<encounter moodCode='EVN'><code code='1'/>{}</encounter>", baby()),
        ),
        ("8716-3", organizer(&baby(), &[group("1", "")])),
        (
            "48765-2",
            problem("30", "", &baby()).replace("22.4.4'", "22.4.7'"),
        ),
        // Who it is about is not known.
        ("30954-2", group("O neg", "<subject nullFlavor='UNK'/>")),
        (
            "30954-2",
            group("O neg", "<subject><relatedSubject classCode='PRS'/></subject>"),
        ),
    ] {
        let done = imported(&part(section, "", &[&statement]));
        let classes: Vec<_> = done.charts[0]
            .entries
            .iter()
            .map(|entry| entry.id.class)
            .collect();
        let about = classes
            .iter()
            .filter(|class| {
                !matches!(
                    class,
                    RecordClass::Patient | RecordClass::DocumentReference | RecordClass::DiagnosticReport
                )
            })
            .count();
        assert_eq!(about, 0, "{statement}: {classes:?}");
        assert_eq!(findings(&done, FINDING), 1, "{statement}");
    }
}

#[test]
fn a_section_about_somebody_else_is_withheld_whole() {
    let vaccine = format!("<substanceAdministration moodCode='EVN'>{VACCINE}</substanceAdministration>");
    let inner = part("11369-6", "", &[&vaccine]);
    let sections = [
        part("11450-4", &baby(), &[&problem("3", "", "")]),
        part(
            "48765-2",
            &format!("<text>No known allergies</text>{}", baby()),
            &[],
        ),
        part(
            "34109-9",
            &format!("<text>Well baby</text>{}{inner}", baby()),
            &[],
        ),
    ];
    let done = imported(&sections.concat());
    let chart = &done.charts[0];
    assert!(all(chart, Condition::from_record).is_empty());
    assert!(all(chart, AllergyIntolerance::from_record).is_empty());
    assert!(all(chart, Immunization::from_record).is_empty());
    assert_eq!(chart.of_class(RecordClass::DocumentReference).count(), 1);
    assert_eq!(findings(&done, FINDING), 3);
    assert_eq!(left(chart, "276549000"), 1);
}

#[test]
fn a_subject_that_is_the_patient_changes_nothing() {
    let named = |name: &str, born: &str| {
        format!(
            "<subject><relatedSubject classCode='PRS'><subject><name><given>{name}</given><family>LARSON</family></name>\
             <birthTime value='{born}'/></subject></relatedSubject></subject>"
        )
    };
    for (who, kept) in [
        (subject("SELF", ""), true),
        ("<subject/>".to_owned(), true),
        (
            "<subject><relatedSubject classCode='PAT'/></subject>".to_owned(),
            true,
        ),
        (named("Rebecca", "19700501"), true),
        (named("Rebecca", "19960501"), false),
        (named("Roberta", "19700501"), false),
        (
            subject(
                "NCHILD",
                "<name><given>Rebecca</given><family>Larson</family></name>",
            ),
            false,
        ),
    ] {
        let done = imported(&part("30954-2", "", &[&group("A pos", &who)]));
        assert_eq!(values(&done.charts[0]).len(), usize::from(kept), "{who}");
        assert_eq!(findings(&done, FINDING), usize::from(!kept), "{who}");
    }
}

#[test]
fn fragments_are_no_exception() {
    let source = group("O neg", &baby()).replacen("<observation", "<observation xmlns='urn:hl7-org:v3'", 1);
    let done = import(source.as_bytes(), &ImportOptions::new(Source::new("s"))).unwrap();
    assert!(all(&done.charts[0], Observation::from_record).is_empty());
    assert_eq!(left(&done.charts[0], "O neg"), 1);
}

#[test]
fn family_history_says_whose_it_is_wherever_the_subject_stands() {
    let condition = |code: &str, subject: &str| {
        format!(
            "<observation classCode='OBS' moodCode='EVN'><templateId root='2.16.840.1.113883.10.20.22.4.46'/><value xsi:type='CD' \
             code='{code}' codeSystem='2.16.840.1.113883.6.96'/>{subject}</observation>"
        )
    };
    let family = |subject: &str, conditions: &[String]| {
        organizer(subject, conditions)
            .replace("22.4.1'", "22.4.45'")
            .replace("BATTERY", "CLUSTER")
    };
    let father = || subject("FTH", "");
    for section in [
        part("10157-6", "", &[&family(&father(), &[condition("44054006", "")])]),
        part("10157-6", "", &[&family("", &[condition("44054006", &father())])]),
        part(
            "10157-6",
            "",
            &[&family(&father(), &[condition("44054006", &father())])],
        ),
        part("10157-6", "", &[&condition("44054006", &father())]),
        part("10157-6", &father(), &[&family("", &[condition("44054006", "")])]),
        // What the mother had is not what the father had.
        part(
            "10157-6",
            "",
            &[&family(
                &father(),
                &[
                    condition("44054006", ""),
                    condition("22298006", &subject("MTH", "")),
                ],
            )],
        ),
    ] {
        let done = imported(&section);
        let chart = &done.charts[0];
        let history = only(chart, FamilyMemberHistory::from_record);
        let relation = history.relationship.as_ref().unwrap();
        assert_eq!(relation.codings[0].code.as_deref(), Some("FTH"), "{section}");
        assert_eq!(history.condition.len(), 1, "{section}");
        assert!(all(chart, Observation::from_record).is_empty(), "{section}");
        let others = usize::from(section.contains("MTH"));
        assert_eq!(
            (findings(&done, FINDING), left(chart, "22298006")),
            (others, others)
        );
    }
    // A problem in the section of family history is no family history.
    let done = imported(&part("10157-6", &father(), &[&problem("3", "", "")]));
    assert!(all(&done.charts[0], Condition::from_record).is_empty());
    assert_eq!(findings(&done, FINDING), 1);
}

#[test]
fn a_family_history_observation_alone_is_not_the_patients_disease() {
    let alone = |attributes: &str| {
        imported(&part(
            "10157-6",
            "",
            &[&format!(
                "<observation classCode='OBS' moodCode='EVN' {attributes}><templateId root='2.16.840.1.113883.10.20.22.4.46'/>\
                 <value xsi:type='CD' code='44054006' codeSystem='2.16.840.1.113883.6.96' displayName='Diabetes'/></observation>"
            )],
        ))
    };
    let done = alone("");
    let history = only(&done.charts[0], FamilyMemberHistory::from_record);
    assert_eq!(
        (history.condition.len(), history.relationship.is_none()),
        (1, true)
    );
    assert!(all(&done.charts[0], Observation::from_record).is_empty());
    let denied = alone("negationInd='true'");
    let history = only(&denied.charts[0], FamilyMemberHistory::from_record);
    assert!(history.condition.is_empty());
    assert_eq!(history.note[0].text, "No history of: Diabetes");
    assert_eq!(findings(&denied, "ccda.observation.negated"), 1);
}
