//! What results belong to, and what they are read with.

use super::*;

fn results(segments: &[&str]) -> Import {
    let mut all = vec![JANE];
    all.extend(segments);
    read(&message("ORU^R01^ORU_R01", &all))
}

fn notes(observation: &Observation) -> Vec<&str> {
    observation.note.iter().map(|note| note.text.as_str()).collect()
}

#[test]
fn a_susceptibility_is_that_of_its_organism() {
    let import = results(&[
        "OBR|1|P9^H|F9^L|600-7^Blood culture^LN|||20230105",
        "OBX|1|CWE|600-7^Bacteria^LN|1|3092008^Staph aureus^SCT||||||F",
        "OBX|2|CWE|600-7^Bacteria^LN|2|112283007^E coli^SCT||||||F",
        "OBR|2|P9^H|F9A^L|29576-6^Suscept^LN|||20230105|||||||||||||||||||600-7&Bacteria&LN^1^Staph aureus|||P9&H^F9&L",
        "OBX|1|SN|20629-2^Levofloxacin^LN|1|<=^0.5|ug/mL||S|||F",
        "OBR|3|P9^H|F9B^L|29576-6^Suscept^LN|||20230105|||||||||||||||||||600-7&Bacteria&LN^2^E coli|||P9&H^F9&L",
        "OBX|1|SN|20629-2^Levofloxacin^LN|1|>^8|ug/mL||R|||F",
    ]);
    let chart = &import.charts[0];
    let all_results = all(chart, Observation::from_record);
    let organism = |result: &Observation| {
        let parent = chart
            .entry(result.derived_from[0].target.as_ref().unwrap())
            .unwrap();
        match &Observation::from_record(&parent.record).unwrap().value {
            Some(Value::CodeableConcept(concept)) => concept.codings[0].display.clone().unwrap(),
            _ => panic!(),
        }
    };
    assert_eq!(notes(all_results[0]), ["Sub-id: 1"]);
    for (result, name, words) in [
        (all_results[2], "Staph aureus", "600-7 Bacteria LN 1 Staph aureus"),
        (all_results[3], "E coli", "600-7 Bacteria LN 2 E coli"),
    ] {
        assert_eq!(organism(result), name);
        assert_eq!(notes(result), [format!("Parent result: {words}")]);
    }
    let reports = all(chart, DiagnosticReport::from_record);
    assert!(reports[1].note[0].text.contains("Staph aureus"));
}

#[test]
fn what_a_sub_id_names_is_told() {
    let import = results(&[
        "OBR|3|P3^H|F3^L|10331-7^Rh^LN|||20230111090000",
        "OBX|2|ST|11882-8^Fetal sex^LN|FETUS 1|Male||||||F",
        "OBX|3|ST|11882-8^Fetal sex^LN|FETUS 2|Female||||||F",
        "OBR|4|P4^H|F4^L|1-1^X^LN",
        "OBX|1|ST|718-7^Hb^LN|1|x||||||F",
    ]);
    let told: Vec<_> = all(&import.charts[0], Observation::from_record)
        .into_iter()
        .map(notes)
        .collect();
    assert_eq!(told, [vec!["Sub-id: FETUS 1"], vec!["Sub-id: FETUS 2"], vec![]]);
}

#[test]
fn a_control_is_nobodys_result() {
    let import = results(&[
        "OBR|1|P1^H|F1^L|882-1^ABO^LN",
        "OBX|1|ST|882-1^ABO^LN||O||||||F",
        "SPM|1|||BLD|||||||P^Patient^HL70369",
        "OBR|2|P2^H|F2^L|882-1^ABO^LN",
        "OBX|1|ST|882-1^ABO^LN||AB||||||F",
        "SPM|1|||BLD|||||||Q^Control specimen^HL70369",
        "OBR|3|P3^H|F3^L|10331-7^Rh^LN",
        "OBX|1|ST|10331-7^Rh^LN||neg||||||F||||||||||||||||||QCM",
    ]);
    let chart = &import.charts[0];
    assert_eq!(all(chart, Observation::from_record).len(), 1);
    assert_eq!(all(chart, Specimen::from_record).len(), 1);
    let left: Vec<_> = residual(chart).into_iter().map(|(_, content)| content).collect();
    for expected in ["AB", "Q", "neg"] {
        assert!(left.iter().any(|text| text == expected), "{expected}");
    }
    let count = import
        .findings
        .iter()
        .filter(|it| it.code == "v2.specimen.control")
        .count();
    assert_eq!(count, 2);
}

#[test]
fn a_text_has_its_unit_and_all_its_bounds() {
    let import = results(&[
        "OBR|1|P1^H|F1^L|1-1^X^LN|||20230106",
        "OBX|1|TX|2823-3^Potassium^LN||4.1 |mmol/L|||||F",
        "OBX|2|NM|804-5^WBC^LN||1,200|/uL||LL|||F",
        "OBX|3|ST|5778-6^Color^LN||yellow|mg/dL|||||F",
        "OBX|4|NM|789-8^RBC^LN||4.5|x10E6/uL|4.2-5.4~3.8-5.2 female||||F",
        "OBX|5|NM|2075-0^Cl^LN||100|mmol/L|||||F|||20231105240000",
    ]);
    let all = all(&import.charts[0], Observation::from_record);
    let text = |observation: &Observation| match &observation.value {
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let texts: Vec<_> = all.iter().map(|it| text(it)).collect();
    assert_eq!(texts[..3], ["4.1 mmol/L", "1,200 /uL", "yellow"]);
    assert_eq!(notes(all[2]), ["Unit: mg/dL"]);
    let ranges: Vec<_> = all[3]
        .reference_range
        .iter()
        .filter_map(|it| it.text.as_deref())
        .collect();
    assert_eq!(ranges, ["4.2-5.4", "3.8-5.2 female"]);
    assert!(all[0].effective.is_some());
    assert!(all[4].effective.is_none(), "its own time cannot be read");
}

#[test]
fn an_allergy_is_critical_or_severe() {
    let chart = one(&message(
        "ADT^A08",
        &[
            JANE,
            "AL1|1|DA|1^Penicillin^L|SV|Hives~Itchy",
            "AL1|2|DA|2^Latex^L|MO|Rash",
            "IAM|3|DA|3^Egg^L|MI|Hives|A",
        ],
    ));
    let told: Vec<_> = all(&chart, AllergyIntolerance::from_record)
        .into_iter()
        .map(|allergy| {
            let reaction = &allergy.reaction[0];
            let code = |status: &Option<ehr_model::Status>| status.as_ref().and_then(|it| it.code.clone());
            assert!(
                reaction
                    .manifestation
                    .iter()
                    .all(|it| it.codings.is_empty() && it.text.is_some())
            );
            (code(&allergy.criticality), code(&reaction.severity))
        })
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        told,
        [
            (some("high"), None),
            (None, some("moderate")),
            (some("low"), None)
        ]
    );
}

#[test]
fn what_is_asked_of_an_order_is_told() {
    for control in ["CA", "HD"] {
        let chart = read(&message(
            "OML^O21",
            &[JANE, &format!("ORC|{control}|P1^H"), "OBR|1|P1^H||1-1^X^LN"],
        ));
        let request = all(&chart.charts[0], ServiceRequest::from_record)[0];
        assert!(request.note[0].text.contains(control));
        assert!(
            chart
                .findings
                .iter()
                .any(|finding| finding.code == "v2.order.asked")
        );
    }
}

#[test]
fn what_has_no_place_is_left_and_not_forgotten() {
    for (event, segments, expected) in [
        (
            "SIU^S12",
            [
                "SCH|A1^H|FA1^H|||||||||^^^20230301100000^20230309110000",
                "TQ1|||||||20230304113344|20230308114455",
                "AIG|1||1^Room^L^2^Other^L",
            ],
            vec!["20230304113344", "20230308114455", "Other"],
        ),
        (
            "OML^O21",
            [
                "ORC|NW|P1^H||||||||||||^WPN^PH^^^555^1234567||||||||||9 Side St",
                "OBR|1|P1^H||1-1^X^LN",
                "TQ1|1||BID|||3^d|20230101|20230104",
            ],
            vec!["9 Side St", "1234567", "3"],
        ),
    ] {
        let mut all = vec![JANE];
        all.extend(segments);
        let chart = one(&message(event, &all));
        let left: Vec<_> = residual(&chart).into_iter().map(|(_, content)| content).collect();
        for text in expected {
            assert!(left.iter().any(|it| it == text), "{text}: {left:?}");
        }
    }
    let chart = one(&message(
        "MDM^T02",
        &[
            JANE,
            "TXA|1|DS|TX|||||||||D1^ACME|||||AU||AV||||||report",
            "NTE|1||Submission of serum",
        ],
    ));
    let document = all(&chart, Document::from_record)[0];
    assert_eq!(
        document.description.as_deref(),
        Some("report\nSubmission of serum")
    );
}
