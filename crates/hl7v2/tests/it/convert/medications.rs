//! What was ordered, when and how it is to be taken.

use ehr_model::{Amount, Bounds, Dosage};

use super::*;

fn orders(chart: &Chart) -> Vec<&MedicationRequest> {
    all(chart, MedicationRequest::from_record)
}

fn ordered(segments: &[&str]) -> Chart {
    let mut all = vec![JANE];
    all.extend(segments);
    one(&message("RDE^O11^RDE_O11", &all))
}

fn dose(dosage: &Dosage) -> Option<String> {
    match dosage.dose.as_ref()? {
        Amount::Quantity(dose) => Some(format!(
            "{} {}",
            dose.value.as_ref()?.as_str(),
            dose.unit.as_deref().unwrap_or_default()
        )),
        _ => None,
    }
}

/// How often, how much, from when.
fn schedule(dosage: &Dosage) -> (Option<&str>, Option<String>, Option<String>) {
    let timing = dosage.timing.as_ref();
    let start = match timing.and_then(|timing| timing.bounds.as_ref()) {
        Some(Bounds::Period(period)) => period.start.map(|start| start.to_string()),
        _ => None,
    };
    let code = timing.and_then(|timing| timing.code.as_ref()?.codings.first()?.code.as_deref());
    (code, dose(dosage), start)
}

fn notes(order: &MedicationRequest) -> Vec<&str> {
    order.note.iter().map(|note| note.text.as_str()).collect()
}

#[test]
fn each_schedule_has_its_own_dose_and_time() {
    let drug = "RXE||855332^Warfarin^RXNORM|5||MG";
    let chart = ordered(&[
        "ORC|NW|P5^H",
        drug,
        "TQ1|1|5^MG|QAM||||20230101|20230103|||odd days|S",
        "TQ1|2|7.5^MG|QHS||||20230104|20230110|||even days",
        "RXR|PO^Oral",
        "RXR|IV^Intravenous",
    ]);
    let order = orders(&chart)[0];
    let schedules: Vec<_> = order.dosage.iter().map(schedule).collect();
    assert_eq!(
        schedules,
        [
            (Some("QAM"), Some("5 MG".into()), Some("20230101".into())),
            (Some("QHS"), Some("7.5 MG".into()), Some("20230104".into())),
        ]
    );
    let sequence: Vec<_> = order.dosage.iter().map(|dosage| dosage.sequence).collect();
    assert_eq!(sequence, [Some(1), Some(2)]);
    for dosage in &order.dosage {
        assert_eq!(dosage.route.as_ref().unwrap().label(), Some("Oral"));
        let instructions: Vec<_> = dosage
            .additional_instruction
            .iter()
            .filter_map(|it| it.label())
            .collect();
        assert!(instructions.contains(&"Intravenous"), "{instructions:?}");
    }

    // A quantity that is no dose like that of the order takes no dose's place; nor is a sequence made up.
    let chart = ordered(&["ORC|NW|P5^H", drug, "TQ1|1|2^TAB|BID", "TQ1|2|1|QHS"]);
    let dosages = &orders(&chart)[0].dosage;
    assert!(
        dosages
            .iter()
            .all(|it| dose(it).as_deref() == Some("5 MG") && it.sequence.is_none())
    );
    assert_eq!(
        dosages[0].additional_instruction[0].label(),
        Some("Quantity: 2 TAB")
    );
    assert_eq!(residual(&chart), [("TQ1[2]-2".to_owned(), "1".to_owned())]);

    // Where each has its own, that of the order stays in words.
    let chart = ordered(&["ORC|NW|P5^H", drug, "TQ1|1|7.5^MG|BID"]);
    assert_eq!(dose(&orders(&chart)[0].dosage[0]).as_deref(), Some("7.5 MG"));
    assert_eq!(notes(orders(&chart)[0]), ["Dose: 5 MG"]);

    let chart = ordered(&["ORC|NW|P22^H|||||1^ONCE^^^^^~1^BID^D3", "RXE||1^DrugC^L|10||MG"]);
    let patterns: Vec<_> = orders(&chart)[0].dosage.iter().map(|it| schedule(it).0).collect();
    assert_eq!(patterns, [Some("ONCE"), Some("BID")]);
}

#[test]
fn what_was_asked_for_and_what_the_pharmacy_made_of_it_are_two() {
    let chart = ordered(&[
        "ORC|NW|P5^H",
        "RXO|7052^Morphine^RXNORM|10||MG",
        "RXR|PO^Oral|SITEQ^Spine",
        "RXE||3423^Hydromorphone^RXNORM|",
        "RXR|IV^Intravenous",
    ]);
    let orders = orders(&chart);
    let told: Vec<_> = orders
        .iter()
        .map(|order| {
            let dosage = &order.dosage[0];
            let medication = order.medication.as_ref().unwrap();
            let codes: Vec<_> = medication
                .codings
                .iter()
                .filter_map(|it| it.display.as_deref())
                .collect();
            (
                codes,
                dose(dosage),
                dosage.route.as_ref().unwrap().label(),
                order.intent.as_deref().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                vec!["Morphine"],
                Some("10 MG".into()),
                Some("Oral"),
                "original-order"
            ),
            (vec!["Hydromorphone"], None, Some("Intravenous"), "filler-order"),
        ]
    );
    let first = chart.of_class(RecordClass::MedicationRequest).next().unwrap();
    assert_eq!(orders[1].based_on[0].target.as_ref(), Some(&first.id));
    assert!(orders[0].based_on.is_empty());

    // The schedule of the order is of both, that of RXE of RXE alone.
    let chart = ordered(&[
        "ORC|NW|P5^H|||||1^BID^D10",
        "RXO|1^A^L|1||MG",
        "RXE||1^A^L|2||MG",
        "TQ1|1||TID",
    ]);
    let orders = self::orders(&chart);
    assert_eq!(
        schedule(&orders[0].dosage[0]),
        (Some("BID"), Some("1 MG".into()), None)
    );
    assert_eq!(
        schedule(&orders[1].dosage[0]),
        (Some("TID"), Some("2 MG".into()), None)
    );
    assert_eq!(notes(orders[1]), ["Also timed: 1 BID D10"]);

    // Several of an order.
    let chart = ordered(&["ORC|NW|P5^H", "RXO|1^A^L|1||MG", "RXO|2^B^L|3||MG"]);
    let doses: Vec<_> = self::orders(&chart)
        .iter()
        .map(|order| dose(&order.dosage[0]).unwrap())
        .collect();
    assert_eq!(doses, ["1 MG", "3 MG"]);
}

#[test]
fn as_needed_is_heard_wherever_it_is_said() {
    for (orc, rxe, tq1, reason) in [
        (
            "",
            "2&TAB^Q6H&0600,1200^X5^20230101^20230105^PRN^if pain",
            "",
            Some("if pain"),
        ),
        ("^Q8H PRN^^^^PRN^nausea", "", "", Some("nausea")),
        ("1^BID^D10^20230101^20230111^R^prn pain", "", "", Some("prn pain")),
        ("1^PRNQ6H", "", "", None),
        ("", "", "TQ1|1||Q4H PRN", None),
        ("", "", "TQ1|1||Q8H||||||PRN|headache", Some("headache")),
        ("", "", "TQ1|1||PRN~Q8H", None),
    ] {
        let orc = format!("ORC|NW|P1^H|||||{orc}");
        let rxe = format!("RXE|{rxe}|1^A^L|10||MG");
        let chart = ordered(&[&orc, &rxe, tq1]);
        let dosage = &orders(&chart)[0].dosage[0];
        assert_eq!(dosage.as_needed, Some(true), "{orc} {rxe} {tq1}");
        let said = dosage.as_needed_for.as_ref().and_then(|reason| reason.label());
        assert_eq!(said, reason, "{orc} {rxe} {tq1}");
    }
    let chart = ordered(&["ORC|NW|P1^H|||||1^BID^^^^R^with food", "RXE||1^A^L|10||MG"]);
    let dosage = &orders(&chart)[0].dosage[0];
    assert_eq!(dosage.as_needed, None);
    assert_eq!(dosage.additional_instruction[0].label(), Some("with food"));
}

#[test]
fn a_request_tells_of_all_its_times() {
    let request = |segments: &[&str]| {
        let mut all_segments = vec![JANE];
        all_segments.extend(segments);
        let chart = one(&message("OML^O21^OML_O21", &all_segments));
        let request = all(&chart, ServiceRequest::from_record)[0].clone();
        let notes: Vec<String> = request.note.iter().map(|note| note.text.clone()).collect();
        (request, notes)
    };
    let obr = "OBR|1|P1^H||24326-1^Lytes^LN";
    let (order, notes) = request(&[
        "ORC|NW|P1^H|||||1^Q6Hxx^D10^20230101^^S",
        obr,
        "TQ1|1||Q8Hyy|||||20230102",
        "TQ1|2||Q12Hzz",
    ]);
    let Some(Occurrence::Timing(timing)) = &order.occurrence else {
        panic!("{:?}", order.occurrence)
    };
    assert_eq!(
        timing.code.as_ref().unwrap().codings[0].code.as_deref(),
        Some("Q8Hyy")
    );
    assert_eq!(
        notes,
        ["Also timed: Q12Hzz", "Also timed: 1 Q6Hxx D10 20230101 S"]
    );
    assert_eq!(order.priority.as_deref(), Some("stat"));

    let (order, notes) = request(&[
        "ORC|NW|P1^H|||||^^^20230101093000^^R",
        "OBR|1|P1^H||1^X^L||20230101080000|||||||||||||||||||||^^^20230101094400^^R",
    ]);
    assert!(matches!(order.occurrence, Some(Occurrence::DateTime(_))));
    assert_eq!(
        notes,
        ["Also timed: 20230101093000 R", "Also timed: 20230101094400 R"]
    );

    let (order, notes) = request(&["ORC|NW|P1^H|||||^^^20230101^^PRN^if febrile", obr]);
    assert_eq!(order.as_needed, Some(true));
    assert_eq!(order.as_needed_for.unwrap().label(), Some("if febrile"));
    assert_eq!(notes, [""; 0]);
}

#[test]
fn every_route_of_a_vaccination_is_told() {
    let chart = one(&message(
        "VXU^V04^VXU_V04",
        &[
            JANE,
            "ORC|RE||F1^L",
            "RXA|0|1|20230101||08^HepB^CVX|0.5|mL|||||||||||00^R1^L~01^R2xx^L||CP",
            "RXR|IM|LA",
            "RXR|SCx|RAx",
        ],
    ));
    let given = all(&chart, Immunization::from_record)[0];
    assert_eq!(
        given.route.as_ref().unwrap().codings[0].code.as_deref(),
        Some("IM")
    );
    let notes: Vec<_> = given.note.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["R2xx, 01", "SCx, RAx"]);
}
