//! Who takes part and where, whose insurance it is, and who may see what.

use ehr_model::{
    Appointment, Coverage, DiagnosticReport, Encounter, Observation, Organization, Patient, Practitioner,
    PractitionerRole, RecordClass, Reference, RelatedPerson, Value,
};

use super::{JANE, all, message, one, residual};

/// The role that a reference leads to.
fn role<'c>(chart: &'c ehr_model::Chart, reference: Option<&Reference>) -> &'c PractitionerRole {
    let entry = chart.entry(reference.unwrap().target.as_ref().unwrap()).unwrap();
    PractitionerRole::from_record(&entry.record).unwrap()
}

/// A segment with these fields.
fn segment(id: &str, fields: &[(usize, &str)]) -> String {
    let last = fields.iter().map(|(number, _)| *number).max().unwrap();
    let mut parts = vec![id; last + 1];
    parts[1..].fill("");
    for (number, content) in fields {
        parts[*number] = content;
    }
    parts.join("|")
}

fn left(chart: &ehr_model::Chart) -> Vec<String> {
    let left = residual(chart).into_iter();
    left.map(|(path, content)| format!("{path} {content}")).collect()
}

#[test]
fn a_person_stays_with_place_organization_and_specialty() {
    let chart = one(&message(
        "ADT^A01^ADT_A01",
        &[
            JANE,
            "PV1|1|I",
            "ROL|1|AD|AT^Attending^HL70443|1^Ash^Ann|20240101||||GP^General practice^L||||555-1|Ward^1^2^HOSP|Clinic East",
            "ROL|2|AD|CP^Consulting^HL70443|2^Elm^Ed",
        ],
    ));
    let visit = all(&chart, Encounter::from_record)[0];
    let attending = role(&chart, visit.participant[0].actor.as_ref());
    assert!(attending.practitioner.is_some() && attending.organization.is_some());
    assert_eq!((attending.location.len(), attending.specialty.len()), (1, 1));
    assert_eq!(attending.code, visit.participant[0].role);
    let consulting = visit.participant[1].actor.as_ref().unwrap();
    assert_eq!(consulting.class, Some(RecordClass::Practitioner));

    let chart = one(&message(
        "ORU^R01^ORU_R01",
        &[
            JANE,
            "OBR|1||F1|X^X^L||||||||||||||||||||||F|||||||1&Ash&Ann^^^Lab^7^^HOSP",
            "OBX|1|ST|X^X^L||x||||||F",
        ],
    ));
    let report = all(&chart, DiagnosticReport::from_record)[0];
    let reader = role(&chart, report.results_interpreter.first());
    assert_eq!(
        reader.location[0].display.as_deref(),
        Some("7"),
        "room 7 of the unit"
    );
    assert_eq!(chart.of_class(RecordClass::Location).count(), 3);
}

#[test]
fn contacts_of_an_appointment_and_of_a_referral() {
    let chart = one(&message(
        "SIU^S12^SIU_S12",
        &[
            "SCH|A1||||||||||^^^20240105|9^Fir^Flo|555-2|1 Elm St|Desk^^^HOSP|8^Oak^Ola||||7^Yew^Yan",
            JANE,
        ],
    ));
    let appointment = all(&chart, Appointment::from_record)[0];
    let roles: Vec<_> = appointment
        .participant
        .iter()
        .map(|who| who.role.first()?.label())
        .collect();
    let expected = [
        "placer contact person",
        "filler contact person",
        "data entry person",
    ];
    assert_eq!(roles[1..], expected.map(Some));
    let placer = role(&chart, appointment.participant[1].actor.as_ref());
    assert_eq!(placer.location.len(), 1);
    let flo = all(&chart, Practitioner::from_record)[0];
    assert_eq!((flo.telecom.len(), flo.address.len()), (1, 1));

    let chart = one(&message(
        "REF^I12^REF_I12",
        &[
            "RF1|A^Accepted^HL70283",
            "PRD|RP^Referring^HL70286|Ash^Ann|||555-3||77^NPI^IL^20301231",
            "CTD|PR^Person^HL70131|Low^Lou|||555-4",
            JANE,
        ],
    ));
    let people = all(&chart, Practitioner::from_record);
    assert_eq!(people.len(), 2);
    assert!(people[0].identifier[0].period.is_some());
    let roles = all(&chart, PractitionerRole::from_record);
    assert_eq!(roles[0].code[0].label(), Some("Referring"));
    assert_eq!(roles[1].code[0].label(), Some("Person"));
}

#[test]
fn whose_policy_it_is() {
    let chart = one(&message(
        "ADT^A01^ADT_A01",
        &[
            JANE,
            &segment(
                "IN1",
                &[
                    (2, "PLAN"),
                    (4, "Payer"),
                    (10, "E7^^^ACME^SN"),
                    (11, "Acme Works"),
                    (16, "Doe^John"),
                    (44, "1 Mill Rd^^Paytown"),
                ],
            ),
            &segment(
                "IN2",
                &[
                    (1, "E1^^^ACME"),
                    (2, "123-45-6789"),
                    (10, "M5"),
                    (34, "eng^English"),
                    (61, "D3^^^PAY^MB"),
                    (72, "02^Spouse"),
                ],
            ),
        ],
    ));
    let coverage = all(&chart, Coverage::from_record)[0];
    assert_eq!(coverage.relationship.as_ref().unwrap().label(), Some("Spouse"));
    assert_eq!(coverage.dependent.as_deref(), Some("D3"));
    assert!(
        coverage
            .identifier
            .iter()
            .any(|known| known.assigner.as_deref() == Some("PAY"))
    );
    let organizations = all(&chart, Organization::from_record);
    let works = organizations
        .iter()
        .find(|known| known.name.as_deref() == Some("Acme Works"));
    assert_eq!(works.unwrap().address[0].city.as_deref(), Some("Paytown"));
    assert_eq!(works.unwrap().identifier[0].value.as_deref(), Some("E7"));
    let john = all(&chart, RelatedPerson::from_record)[0];
    assert_eq!((john.identifier.len(), john.communication.len()), (3, 1));
}

#[test]
fn what_a_patient_is_called_and_has_been_registered_as() {
    let chart = one(&message(
        "ADT^A08^ADT_A01",
        &[
            "PID|1||7^^^ACME^MR||Doe^Jane^^^^^L^^^^^^^^Janie||||||||||||||||||||||||||||20230101|Clinic^1.2.3^ISO",
            "NTE|1||hard of hearing",
            "PD1||||||||||9^^^ACME^MR||Y",
            "ARV|1|A|DEM^Demographics^HL70717",
            "ARV|2|D|LOC^Location^HL70717",
            "PV1|1|O||||||||||||||||Outpatient",
            "PV2||||||||||||||||||||||Y",
        ],
    ));
    let patient = chart.patient().unwrap();
    assert_eq!(patient.name[1].use_.as_deref(), Some("nickname"));
    assert_eq!(patient.name[1].given, ["Janie"]);
    assert_eq!(patient.link[0].type_.as_deref(), Some("seealso"));
    let entry = chart.patient_entry().unwrap();
    let codes = |labels: &[ehr_types::Coding]| -> Vec<String> {
        labels.iter().filter_map(|label| label.code.clone()).collect()
    };
    assert_eq!(codes(&entry.labels), ["R", "DEM"]);
    assert_eq!(entry.origin.recorded.unwrap().date().year(), 2023);
    assert_eq!(entry.origin.authors[0].display.as_deref(), Some("Clinic"));
    let remark = all(&chart, Observation::from_record)[0];
    assert!(matches!(&remark.value, Some(Value::String(text)) if text == "hard of hearing"));
    let visit = chart.of_class(RecordClass::Encounter).next().unwrap();
    assert_eq!(codes(&visit.labels), ["R"]);
    assert_eq!(all(&chart, Encounter::from_record)[0].type_.len(), 1);
    assert!(
        left(&chart).contains(&"ARV[2]-3[1].1 LOC".to_owned()),
        "{:?}",
        left(&chart)
    );
}

/// What is read for a record that is not made is left to the residual.
#[test]
fn what_makes_no_record_is_left() {
    let chart = one(&message(
        "ORU^R01^ORU_R01",
        &[
            JANE,
            &segment(
                "OBR",
                &[
                    (4, "X^X^L"),
                    (5, "S"),
                    (9, "5^mL"),
                    (12, "DANGER"),
                    (13, "fasting"),
                    (25, "F"),
                ],
            ),
            "OBX|1|ST|X^X^L||x||||||F",
            "SPM|1|S1^T1||SER",
            &segment("IN1", &[(2, "PLAN"), (43, "F")]),
        ],
    ));
    for expected in [
        "OBR-5 S",
        "OBR-9[1].1 5",
        "OBR-12 DANGER",
        "OBR-13 fasting",
        "IN1-43 F",
    ] {
        assert!(
            left(&chart).iter().any(|leaf| leaf == expected),
            "{expected} in {:?}",
            left(&chart)
        );
    }
    assert!(
        all(&chart, Patient::from_record)[0]
            .general_practitioner
            .is_empty()
    );
}
