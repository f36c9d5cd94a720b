//! What later messages of a feed take back of what earlier ones said.

use super::*;

fn feed(messages: &[(&str, &[&str])]) -> Import {
    let text: String = messages
        .iter()
        .map(|(event, segments)| message(&format!("ADT^{event}"), segments))
        .collect();
    read(&text)
}

fn beds(encounter: &Encounter) -> Vec<String> {
    let places = encounter.location.iter().map(|place| {
        let name = place.location.as_ref().and_then(|place| place.display.clone());
        let status = place.status.as_ref().and_then(|status| status.code.as_deref());
        format!("{} {}", name.unwrap_or_default(), status.unwrap_or_default())
    });
    places.collect()
}

#[test]
fn null_deletes_what_its_field_has_brought() {
    let known = "PID|1||7^^^ACME^MR||Doe^Jane^^^^^L||19800202|F|Roe^Jane^^^^^M|2106-3|1 Elm St^^Town||5551^PRN^PH~^NET^Internet^a@b.c\
                 |5552^WPN^CP|spa^Spanish|M|||111-00-2330|DL1^OR|||||2||||20240101|Y";
    let deletes = "PID|1||7^^^ACME^MR||Doe^Jane^^^^^L||\"\"|F|\"\"|\"\"|\"\"||\"\"||\"\"|\"\"|||\"\"|\"\"|||||\"\"||||\"\"|\"\"";
    let import = feed(&[("A01", &[known]), ("A08", &[deletes])]);
    let chart = &import.charts[0];
    let patient = chart.patient().unwrap();
    assert!(patient.birth_date.is_none() && patient.deceased.is_none() && patient.multiple_birth.is_none());
    assert_eq!(patient.name.len(), 1);
    assert_eq!(patient.telecom.len(), 1, "of PID-14");
    assert!(patient.telecom[0].value.as_deref().unwrap().contains("5552"));
    let is_deleted = |absent: &Option<ehr_types::Absent>| {
        absent
            .as_ref()
            .is_some_and(|absent| absent.reason == AbsentReason::Deleted)
    };
    assert!(patient.address.iter().all(|it| is_deleted(&it.absent)));
    assert!(patient.race.iter().all(|it| is_deleted(&it.absent)));
    let numbers: Vec<_> = patient
        .identifier
        .iter()
        .filter_map(|number| number.value.as_deref())
        .collect();
    assert_eq!(numbers, ["7"]);
    let left: String = residual(chart).into_iter().map(|(_, content)| content).collect();
    for expected in [
        "1980-02-02",
        "Roe",
        "1 Elm St",
        "5551",
        "a@b.c",
        "spa",
        "111-00-2330",
        "DL1",
        "20240101",
    ] {
        assert!(left.contains(expected), "{expected}: {left}");
    }
    let count = import
        .findings
        .iter()
        .filter(|finding| finding.code == "v2.deleted")
        .count();
    assert!(count >= 9, "{count}");

    // What is said again afterwards stands, without the null.
    let import = feed(&[("A01", &[known]), ("A08", &[deletes]), ("A08", &[known])]);
    let patient = import.charts[0].patient().unwrap();
    assert_eq!(
        (
            patient.address.len(),
            patient.telecom.len(),
            patient.identifier.len()
        ),
        (1, 3, 3)
    );
    assert!(patient.address[0].absent.is_none() && patient.birth_date.is_some());

    // An empty field says nothing.
    let silent = "PID|1||7^^^ACME^MR||Doe^Jane^^^^^L";
    let import = feed(&[("A01", &[known]), ("A08", &[silent])]);
    assert_eq!(import.charts[0].patient().unwrap().telecom.len(), 3);
}

#[test]
fn a_patient_is_in_one_bed() {
    let visit = |place: &str, prior: &str, rest: &str| {
        format!("PV1||I|{place}|||{prior}|9^Ash^A||||||||||||V1^^^ACME^VN{rest}")
    };
    let discharge = format!("{}20||||||||20220801|20220803", "|".repeat(17));
    let (admit, transfer) = (visit("W^1^A", "", ""), visit("ICU^9^B", "W^1^A", ""));
    let back = visit("W^1^A", "", "");
    let leave = visit("ICU^9^B", "", &discharge);
    let stay = visit("ICU^9^B", "", "");
    let moved = visit("X^2^C", "", "");
    let told = |messages: &[(&str, &str)]| {
        let messages: Vec<Vec<&str>> = messages
            .iter()
            .map(|(event, pv1)| vec![*event, JANE, *pv1])
            .collect();
        let messages: Vec<(&str, &[&str])> = messages.iter().map(|it| (it[0], &it[1..])).collect();
        let import = feed(&messages);
        assert_eq!(all(&import.charts[0], Encounter::from_record).len(), 1);
        all(&import.charts[0], Encounter::from_record)[0].clone()
    };
    let both = ["B active", "A completed"];
    assert_eq!(beds(&told(&[("A01", &admit), ("A02", &transfer)])), both);
    let gone = told(&[("A01", &admit), ("A02", &transfer), ("A03", &leave)]);
    assert_eq!(beds(&gone), both);
    assert!(gone.period.unwrap().end.is_some());

    // A08 tells of another place without saying which was the former.
    let bed = beds(&told(&[("A01", &admit), ("A08", &moved)]));
    assert_eq!(bed, ["C active", "A completed"]);

    // The transfer did not take place.
    let bed = beds(&told(&[("A01", &admit), ("A02", &transfer), ("A12", &back)]));
    assert_eq!(bed, ["A active"]);

    // Nor did the discharge.
    for cancel in [&stay, &leave] {
        let again = told(&[
            ("A01", &admit),
            ("A02", &transfer),
            ("A03", &leave),
            ("A13", cancel),
        ]);
        assert!(again.status.unwrap().is("in-progress"));
        let hospitalization = again.hospitalization.unwrap_or_default();
        assert!(hospitalization.discharge_disposition.is_none());
        assert_eq!(again.period.and_then(|period| period.end), None);
    }

    let nobody = visit("ICU^9^B", "", "").replace("9^Ash^A", "\"\"");
    assert!(told(&[("A01", &admit), ("A08", &nobody)]).participant.is_empty());
}

#[test]
fn what_pv2_and_notes_say_of_a_visit_stands_together() {
    let chart = one(&message(
        "ADT^A01",
        &[
            JANE,
            "PV1|1|I",
            "PV2||||||||||||Fell from ladder",
            "NTE|1||visit note",
        ],
    ));
    let encounter = all(&chart, Encounter::from_record)[0];
    let notes: Vec<_> = encounter.note.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["Fell from ladder", "visit note"]);
}
