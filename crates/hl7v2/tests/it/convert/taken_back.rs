//! Null, empty, "none", "unknown" and "taken back": five things that are not each other, and no thing of their own.

use ehr_model::{Goal, MedicationDispense, RelatedPerson};

use super::*;

fn codes(import: &Import) -> Vec<&str> {
    import.findings.iter().map(|finding| &*finding.code).collect()
}

fn clinical(import: &Import) -> usize {
    let entries = import.charts.iter().flat_map(|chart| &chart.entries);
    entries
        .filter(|entry| !matches!(entry.class(), RecordClass::Patient | RecordClass::Encounter))
        .count()
}

/// A segment whose subject is null or empty is an entry of nothing: none is made, and all of it is kept and reported.
#[test]
fn no_entry_is_made_of_nothing() {
    for (event, segments, finding) in [
        ("ADT^A08", &["AL1|2|FA|\"\""][..], "v2.delete.not-applied"),
        (
            "ADT^A08",
            &["AL1|1|\"\"|\"\"|\"\"|\"\"|\"\""],
            "v2.delete.not-applied",
        ),
        ("ADT^A08", &["AL1|1|DA|\"\"^\"\"^\"\""], "v2.delete.not-applied"),
        ("ADT^A08", &["AL1|1|DA"], "v2.segment.unnamed"),
        ("ADT^A60", &["IAM|1|DA|\"\"|||D"], "v2.delete.not-applied"),
        ("ADT^A08", &["DG1|1||\"\"|\"\"||A"], "v2.delete.not-applied"),
        ("ADT^A08", &["DG1|1|||||A"], "v2.segment.unnamed"),
        ("PPR^PC3", &["PRB|DE|20240101|\"\"|\"\""], "v2.delete.not-applied"),
        ("PGL^PC6", &["GOL|DE|20240101|\"\"|\"\""], "v2.delete.not-applied"),
        ("ADT^A08", &["PR1|1||\"\"||20240101"], "v2.delete.not-applied"),
        ("ADT^A08", &["IN1|1|\"\"|\"\"|\"\""], "v2.delete.not-applied"),
        ("ADT^A08", &["NK1|1|\"\"|\"\""], "v2.delete.not-applied"),
        (
            "VXU^V04",
            &["ORC|RE||V1", "RXA|0|1|20240101||\"\"|999"],
            "v2.delete.not-applied",
        ),
        (
            "RAS^O17",
            &["ORC|RE||V1", "RXA|0|1|20240101|||5|mg"],
            "v2.segment.unnamed",
        ),
        (
            "RDS^O13",
            &["ORC|RE||V1", "RXD|1|\"\"|20240101|5"],
            "v2.delete.not-applied",
        ),
    ] {
        let text = message(event, &[&[JANE], segments].concat());
        let import = read(&text);
        assert_eq!(clinical(&import), 0, "{segments:?}");
        assert_eq!(codes(&import), [finding], "{segments:?}");
        let place = &import.findings[0].location;
        let span = place.span.unwrap();
        assert!(
            segments.concat().contains(&text[span.start..span.end]),
            "{segments:?}"
        );
        // All that was written is kept, null too.
        let kept = residual(&import.charts[0]).len();
        let written = segments
            .last()
            .unwrap()
            .split('|')
            .skip(2)
            .filter(|field| !field.is_empty());
        assert!(kept >= written.count(), "{segments:?}: {kept}");
    }
    // An empty segment says nothing at all.
    let import = read(&message("ADT^A08", &[JANE, "AL1|1", "DG1|1|"]));
    assert_eq!((clinical(&import), codes(&import).len()), (0, 0));
}

#[test]
fn what_al1_and_iam_state_of_allergies() {
    use AllergyKnowledge::{NoneKnown, NotAsked, Present};
    for (segment, knowledge, active, finding) in [
        ("AL1|1|DA|7980^Penicillin^RXNORM|SV|Hives", Present, true, None),
        ("AL1|1|DA|NKDA", NoneKnown, true, None),
        ("AL1|1|DA|^No Known Drug Allergies", NoneKnown, true, None),
        (
            "AL1|1||716186003^No known allergy (situation)^SCT",
            NoneKnown,
            true,
            None,
        ),
        ("AL1|1||NONE", NoneKnown, true, None),
        ("AL1|1||^Unknown", NotAsked, false, None),
        ("AL1|1||UTO^Unable to obtain^L", NotAsked, false, None),
        ("AL1|1||^No allergies on file", NotAsked, false, None),
        ("AL1|1||^No known allergies except latex", Present, true, None),
        ("AL1|1||^No other known allergies", Present, true, None),
        (
            "AL1|1|DA|7980^Penicillin^RXNORM^NKDA^No known drug allergies^L",
            Present,
            true,
            Some("v2.allergy.contradiction"),
        ),
        (
            "AL1|1||NKA||Anaphylaxis",
            NotAsked,
            false,
            Some("v2.allergy.contradiction"),
        ),
        ("AL1|1||NKA|U|N/A", NoneKnown, true, None),
        (
            "AL1|1|DA||SV|Hives",
            Present,
            false,
            Some("v2.allergy.no-substance"),
        ),
        (
            "AL1|1|DA|\"\"|SV|Hives",
            Present,
            false,
            Some("v2.allergy.no-substance"),
        ),
    ] {
        let import = read(&message("ADT^A08", &[JANE, segment]));
        let all = all(&import.charts[0], AllergyIntolerance::from_record);
        let [allergy] = all.as_slice() else {
            panic!("{segment}")
        };
        assert_eq!(allergy.knowledge, knowledge, "{segment}");
        assert_eq!(allergy.clinical_status.is_some(), active, "{segment}");
        assert_eq!(
            codes(&import),
            finding.into_iter().collect::<Vec<_>>(),
            "{segment}"
        );
    }
    let chart = one(&message(
        "ADT^A08",
        &[JANE, "AL1|1|\"\"|7980^Penicillin^RXNORM|\"\""],
    ));
    let allergy = all(&chart, AllergyIntolerance::from_record)[0];
    let deleted = |status: &Option<ehr_model::Status>| status.as_ref().unwrap().absent.is_some();
    assert!(deleted(&allergy.type_) && deleted(&allergy.criticality));
}

/// What is taken back is never a plain fact any more, and what only says how to take a segment in changes nothing.
#[test]
fn who_takes_back_is_heard() {
    let wrong = |chart: &Chart| -> Vec<String> {
        let json = serde_json::to_string(&chart.entries).unwrap();
        json.match_indices("entered-in-error")
            .map(|(_, found)| found.to_owned())
            .collect()
    };
    for (event, segment, taken_back) in [
        ("ADT^A60", "IAM|1|DA|7980^Penicillin^RXNORM|||D", true),
        ("ADT^A60", "IAM|1|DA|7980^Penicillin^RXNORM|||d", true),
        ("ADT^A60", "IAM|1|DA|7980^Penicillin^RXNORM|||U", false),
        ("ADT^A60", "IAM|1|DA|7980^Penicillin^RXNORM|||A|||||||||||E", true),
        ("ADT^A08", "DG1|1||I10^Hypertension^I10|||A|||||||||||||||D", true),
        (
            "ADT^A08",
            "DG1|1||I10^Hypertension^I10|||A|||||||||||||||X",
            false,
        ),
        (
            "ADT^A08",
            "PR1|1||47^Appendectomy^L||20240101|||||||||||||||D",
            true,
        ),
        ("PPR^PC3", "PRB|DE|20240101|I10^Hypertension^I10|P1", true),
        ("PPR^PC2", "PRB|UC|20240101|I10^Hypertension^I10|P1", false),
        ("PGL^PC8", "GOL|DE|20240101|WALK^Walk^L|G1", true),
        ("ORU^R01", "OBX|1|NM|718-7^Hb^LN||13|g/dL|||||D", true),
        ("ORU^R01", "OBX|1|NM|718-7^Hb^LN||13|g/dL|||||W", true),
        ("ORU^R01", "OBX|1|NM|718-7^Hb^LN||13|g/dL|||||C", false),
        (
            "VXU^V04",
            "RXA|0|1|20240101||03^MMR^CVX|1||||||||||||||CP|D",
            true,
        ),
        (
            "VXU^V04",
            "RXA|0|1|20240101||03^MMR^CVX|1||||||||||||||CP|U",
            false,
        ),
        (
            "RAS^O17",
            "RXA|0|1|20240101||197361^Amlodipine^RXNORM|1||||||||||||||CP|D",
            true,
        ),
        ("SIU^S17", "SCH|A1^ACME|B1^ACME", true),
    ] {
        let chart = one(&message(event, &[JANE, segment]));
        assert_eq!(!wrong(&chart).is_empty(), taken_back, "{segment}");
    }
    let goals = one(&message("PGL^PC8", &[JANE, "GOL|DE|20240101|WALK^Walk^L|G1"]));
    assert!(
        all(&goals, Goal::from_record)[0]
            .lifecycle_status
            .as_ref()
            .unwrap()
            .is("entered-in-error")
    );
}

#[test]
fn events_that_ask_for_more_than_is_done_are_reported() {
    for (event, code) in [
        ("ADT^A23", "v2.delete.not-applied"),
        ("ADT^A29", "v2.delete.not-applied"),
        // Of one patient alone.
        ("ADT^A37", "v2.link.not-applied"),
    ] {
        let import = read(&message(event, &[JANE]));
        assert_eq!(codes(&import), [code]);
        assert!(import.charts[0].patient().is_some());
    }
}

#[test]
fn a_doubt_is_no_refutation() {
    let chart = one(&message(
        "ADT^A60",
        &[
            JANE,
            "IAM|1|DA|7980^Penicillin^RXNORM|||A|||||||||||D^Doubt raised^HL70438",
        ],
    ));
    let verification = all(&chart, AllergyIntolerance::from_record)[0]
        .verification_status
        .as_ref()
        .unwrap();
    assert_eq!(verification.codings[0].code.as_deref(), Some("unconfirmed"));
}

#[test]
fn nothing_was_given_where_no_vaccine_was() {
    let status = |control: &str, rxa: &str| {
        let orc = format!("ORC|{control}||V1");
        let chart = one(&message("VXU^V04", &[JANE, &orc, rxa]));
        let status = all(&chart, Immunization::from_record)[0].status.clone();
        status.and_then(|status| status.code)
    };
    let given = "RXA|0|1|20240101||03^MMR^CVX|1";
    assert_eq!(status("RE", given).as_deref(), Some("completed"));
    assert_eq!(status("CA", given), None);
    for none in [
        "RXA|0|1|20240101||998^No vaccine^CVX|999",
        "RXA|0|1|20240101||998^No vaccine^CVX|999||||||||||||||CP",
    ] {
        assert_eq!(status("RE", none).as_deref(), Some("not-done"));
    }
    let chart = one(&message(
        "RDS^O13",
        &[JANE, "ORC|OC||V1", "RXD|1|197361^Amlodipine^RXNORM|20240101|5"],
    ));
    assert_eq!(all(&chart, MedicationDispense::from_record)[0].status, None);
}

/// A result that was taken back is no part of a vaccination or a document.
#[test]
fn what_was_taken_back_is_no_part_of_another_entry() {
    for status in ["D", "W", "X"] {
        let obx = format!("OBX|1|CE|64994-7^Eligibility^LN|1|V02^Medicaid^HL70064||||||{status}");
        let chart = one(&message(
            "VXU^V04",
            &[JANE, "ORC|RE||V1", "RXA|0|1|20240101||03^MMR^CVX|1", &obx],
        ));
        assert!(
            all(&chart, Immunization::from_record)[0]
                .program_eligibility
                .is_empty()
        );
        assert_eq!(all(&chart, Observation::from_record).len(), 1);
        let obx = format!("OBX|1|TX|||of another patient||||||{status}");
        let chart = one(&message("MDM^T02", &[JANE, "TXA|1|DS|TX|||||||||D1", &obx]));
        assert!(all(&chart, Document::from_record)[0].content.is_empty());
        assert_eq!(all(&chart, Observation::from_record).len(), 1);
    }
}

#[test]
fn an_order_cancelled_and_in_process_is_reported() {
    let import = read(&message(
        "ORM^O01",
        &[JANE, "ORC|OC|1||||IP", "ORC|OC|2|||IP", "OBR|1|2||T"],
    ));
    let found = |code| import.findings.iter().find(|finding| finding.code == code);
    assert!(
        found("v2.order.contradiction")
            .unwrap()
            .location
            .path
            .starts_with("ORC[2]-5")
    );
}

/// Null in a field that holds a number of the visit or account is neither taken as one nor forgotten.
#[test]
fn null_numbers_stay_in_the_residual() {
    let pv1 = "PV1|1|I|||\"\"||||||||||||||\"\"";
    let chart = one(&message("ADT^A08", &[&format!("{JANE}|||||\"\""), pv1]));
    let left: Vec<String> = residual(&chart).into_iter().map(|(path, _)| path).collect();
    assert_eq!(left, ["PID-18", "PV1-19", "PV1-5"]);
    assert!(all(&chart, RelatedPerson::from_record).is_empty());
}

/// A source that takes a result back has taken back all its versions, in whatever order they come.
#[test]
fn no_version_outlives_what_takes_it_back() {
    let at = |day: u32, segments: &[&str]| {
        let event = if segments[1].starts_with("RXA") {
            "VXU^V04"
        } else {
            "ORU^R01"
        };
        let all = [&[JANE], segments].concat();
        message(event, &all).replace("|20240102030405", &format!("|2024010{day}030405"))
    };
    let result = |value: &str, status: &str| {
        format!("OBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L|||||{status}|||20240101")
    };
    let order = "OBR|1||F1|24323-8^CMP^LN|||20240101";
    let statuses = |messages: &[String]| -> Vec<String> {
        let chart = one(&messages.concat());
        let observations = all(&chart, Observation::from_record)
            .into_iter()
            .map(|o| o.status.clone());
        let given = all(&chart, Immunization::from_record)
            .into_iter()
            .map(|i| i.status.clone());
        observations
            .chain(given)
            .map(|status| status.unwrap().code.unwrap())
            .collect()
    };
    let first = at(2, &[order, &result("6.9", "F")]);
    let corrected = at(3, &[order, &result("6.1", "C")]);
    for deletion in [
        result("", "D"),
        result("\"\"", "D"),
        result("6.9", "D"),
        result("6.9", "W"),
    ] {
        let deleted = at(4, &[order, &deletion]);
        for messages in [
            vec![first.clone(), deleted.clone()],
            vec![deleted.clone(), first.clone()],
            vec![first.clone(), corrected.clone(), deleted.clone()],
            vec![first.clone(), deleted.clone(), corrected.clone()],
        ] {
            let statuses = statuses(&messages);
            assert_eq!(statuses, vec!["entered-in-error"; messages.len()], "{deletion}");
        }
        let again = at(5, &[order, &result("4.1", "F")]);
        let mut statuses = statuses(&[first.clone(), deleted, again]);
        statuses.sort_unstable();
        assert_eq!(statuses, ["entered-in-error", "entered-in-error", "final"]);
    }
    let rxa = |action: &str| format!("RXA|0|1|20240101||03^MMR^CVX|1||||||||||||||CP|{action}");
    let given = [
        at(2, &["ORC|RE||V1", &rxa("A")]),
        at(3, &["ORC|RE||V1", &rxa("D")]),
    ];
    assert_eq!(statuses(&given), ["entered-in-error"; 2]);
}

/// What the sender tells apart, by OBX-4, has native ids of its own; serial results of one sub-id have none in common.
#[test]
fn sub_ids_keep_observations_apart() {
    let obx = |sub: &str, day: u32| format!("OBX|1|NM|9998-5^Sub^LN|{sub}|7|mg/dL|||||F|||2024010{day}");
    let chart = one(&message(
        "ORU^R01",
        &[JANE, "OBR|1||F1|X^X^L", &obx("1", 1), &obx("2", 1), &obx("1", 2)],
    ));
    let native = |chart: &Chart| -> Vec<String> {
        let observations = chart.of_class(RecordClass::Observation);
        observations
            .filter_map(|entry| entry.origin.native_id.clone())
            .collect()
    };
    let mut ids = native(&chart);
    assert!(ids[0].starts_with("1@") && ids[1].starts_with("2@"));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    let alone = one(&message("ORU^R01", &[JANE, "OBR|1||F1|X^X^L", &obx("1", 1)]));
    assert!(native(&alone).is_empty());
}

#[test]
fn a_bare_order_number_is_of_its_sender() {
    let chart = one(&message(
        "ORM^O01",
        &[JANE, "ORC|NW|1|2^^1.2.3.4^ISO", "OBR|1|||T"],
    ));
    let request = all(&chart, ServiceRequest::from_record)[0];
    assert_eq!(request.identifier[0].assigner.as_deref(), Some("ACME"));
    assert_eq!(
        (
            request.identifier[1].assigner.as_deref(),
            request.identifier[1].system.as_deref()
        ),
        (None, Some("urn:oid:1.2.3.4"))
    );
}

/// A correction of one of them is known by the sub-id too, though it comes alone.
#[test]
fn a_correction_keeps_the_sub_id_of_what_it_corrects() {
    let obx = |sub: &str, value: &str, status: &str| {
        format!("OBX|1|NM|9998-5^Sub^LN|{sub}|{value}|mg/dL|||||{status}")
    };
    let obr = "OBR|1||F1|9999-4^Panel^LN|||20240101";
    let first = message("ORU^R01", &[JANE, obr, &obx("1", "7", "F"), &obx("2", "8", "F")]);
    let later = message("ORU^R01", &[JANE, obr, &obx("1", "6", "C")]).replace("20240102030405", "20240103");
    let import = read(&format!("{first}{later}"));
    let chart = &import.charts[0];
    let sub_ids: Vec<_> = chart
        .of_class(RecordClass::Observation)
        .map(|entry| entry.origin.sub_id())
        .collect();
    assert_eq!(sub_ids, [Some("1"), Some("2"), Some("1")]);
}
