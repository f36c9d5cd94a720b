//! Orders and statements of one drug: what they say of the therapy has to fit together.

use ehr_model::{
    Amount, Dosage, MedicationRequest, MedicationStatement, Record, RecordClass, Reference, Status,
};
use ehr_types::{CodeableConcept, Decimal, Quantity};

use crate::charts::*;

const STATEMENT: RecordClass = RecordClass::MedicationStatement;
const ORDER: RecordClass = RecordClass::MedicationRequest;

fn drug() -> CodeableConcept {
    code(RXNORM, "855332", "Warfarin Sodium 5 MG Oral Tablet")
}

fn status(code: &str) -> Option<Status> {
    Some(Status {
        code: Some(code.to_owned()),
        ..Status::default()
    })
}

fn stated(state: &str, start: &str) -> MedicationStatement {
    MedicationStatement {
        status: status(state),
        ..taken(drug(), start, "")
    }
}

fn ordered(state: &str, at: &str) -> MedicationRequest {
    MedicationRequest {
        status: status(state),
        medication: Some(drug()),
        authored_on: Some(time(at)),
        ..MedicationRequest::default()
    }
}

fn dose(amount: &str) -> Vec<Dosage> {
    vec![Dosage {
        dose: Some(Amount::Quantity(Quantity::ucum(
            Decimal::parse(amount).unwrap(),
            "mg",
        ))),
        ..Dosage::default()
    }]
}

#[test]
fn a_drug_that_one_takes_and_another_stopped_is_disputed() {
    for (statement, order, class) in [
        (
            stated("active", "2024-01-10"),
            ordered("stopped", "2024-01-05"),
            STATEMENT,
        ),
        (
            stated("stopped", "2024-01-10"),
            ordered("active", "2024-01-05"),
            ORDER,
        ),
        (
            stated("not-taken", "2024-01-10"),
            ordered("active", "2024-01-05"),
            ORDER,
        ),
    ] {
        let record = merged(&[chart("a", vec![statement.into()]), chart("b", vec![order.into()])]);
        assert_eq!(conflicts(&record, class), ["status"]);
        let all = record.of_class(STATEMENT).chain(record.of_class(ORDER));
        assert_eq!(all.map(|item| item.conflicts.len()).sum::<usize>(), 1);
    }
    let forbidden = MedicationRequest {
        do_not_perform: Some(true),
        ..ordered("active", "2024-01-05")
    };
    let record = merged(&[
        chart("a", vec![stated("active", "2024-01-10").into()]),
        chart("b", vec![forbidden.into()]),
    ]);
    assert_eq!(
        sides(&record, STATEMENT, "status"),
        [["active, as taken", "not to be given, as ordered"]]
    );
}

#[test]
fn what_fits_together_is_not_disputed() {
    let other_drug = MedicationRequest {
        medication: Some(code(RXNORM, "617310", "Atorvastatin 20 MG Oral Tablet")),
        ..ordered("stopped", "2024-01-05")
    };
    for order in [
        ordered("active", "2024-01-05"),
        ordered("completed", "2024-01-05"),
        ordered("unknown", "2024-01-05"),
        // Stopped for long when it was begun anew.
        ordered("stopped", "2020-01-05"),
        other_drug,
    ] {
        let charts = [
            chart("a", vec![stated("active", "2024-01-10").into()]),
            chart("b", vec![order.into()]),
        ];
        let record = merged(&charts);
        assert!(conflicts(&record, STATEMENT).is_empty() && conflicts(&record, ORDER).is_empty());
    }
    // One source that stops an order and goes on means a new order.
    let own: Vec<Record> = vec![
        stated("active", "2024-01-10").into(),
        ordered("stopped", "2024-01-05").into(),
    ];
    assert!(conflicts(&merged(&[chart("a", own)]), STATEMENT).is_empty());
}

#[test]
fn an_order_of_another_dose_is_disputed() {
    let statement = |amount: &str| MedicationStatement {
        dosage: dose(amount),
        ..stated("active", "2024-01-10")
    };
    let order = MedicationRequest {
        dosage: dose("5"),
        ..ordered("active", "2024-01-05")
    };
    for (amount, disputed) in [("5", false), ("2.5", true)] {
        let record = merged(&[
            chart("a", vec![statement(amount).into()]),
            chart("b", vec![order.clone().into()]),
        ]);
        assert_eq!(!conflicts(&record, STATEMENT).is_empty(), disputed, "{amount}");
        assert!(conflicts(&record, ORDER).is_empty());
    }
}

#[test]
fn a_drug_behind_a_reference_is_that_drug() {
    let product = ehr_model::Medication {
        code: Some(drug()),
        ..ehr_model::Medication::default()
    };
    let mut second = chart("b", vec![product.into()]);
    let order = MedicationRequest {
        medication: None,
        medication_reference: Some(Reference::to(&second.entries[0].id)),
        ..ordered("stopped", "2024-01-05")
    };
    let orders = chart("b", vec![order.clone().into(), order.into()]);
    second.entries.extend(orders.entries.into_iter().skip(1));
    let record = merged(&[chart("a", vec![stated("active", "2024-01-10").into()]), second]);
    assert_eq!(conflicts(&record, STATEMENT), ["status"]);
}

#[test]
fn one_ingredient_ordered_by_two_is_told() {
    let order = |name: &str, at: &str, state: &str| {
        Record::from(MedicationRequest {
            medication: Some(code("urn:drugs", name, name)),
            ..ordered(state, at)
        })
    };
    let told = |a: Vec<Record>, b: Vec<Record>| {
        sides(&merged(&[chart("a", a), chart("b", b)]), ORDER, "medication[x]").len()
    };
    let tartrate = || order("Metoprolol Tartrate 25 MG Oral Tablet", "2023-11-01", "active");
    let succinate = |state: &str| {
        order(
            "24 HR metoprolol succinate 50 MG Oral Tablet",
            "2024-01-01",
            state,
        )
    };
    assert_eq!(told(vec![tartrate()], vec![succinate("active")]), 2);
    assert_eq!(told(vec![tartrate()], vec![succinate("completed")]), 0);
    // One source knows what it orders; other drugs are none of this.
    assert_eq!(told(vec![tartrate(), succinate("active")], vec![]), 0);
    assert_eq!(
        told(
            vec![tartrate()],
            vec![order("Atenolol 50 MG Oral Tablet", "2024-01-01", "active")]
        ),
        0
    );
}

#[test]
fn an_order_of_another_strength_is_told_beside_what_is_taken() {
    let lisinopril = |rxnorm: &str, name: &str| code(RXNORM, rxnorm, name);
    let statement = |concept| MedicationStatement {
        status: status("active"),
        ..taken(concept, "2020-01-01", "")
    };
    let order = |concept, state: &str| MedicationRequest {
        medication: Some(concept),
        ..ordered(state, "2026-02-01")
    };
    let ten = || lisinopril("314076", "lisinopril 10 MG Oral Tablet");
    let of = |statement: MedicationStatement, order: MedicationRequest| {
        let record = merged(&[chart("a", vec![statement.into()]), chart("b", vec![order.into()])]);
        sides(&record, STATEMENT, "medication[x]")
    };
    let twenty = || lisinopril("314077", "lisinopril 20 MG Oral Tablet");
    assert_eq!(
        of(statement(ten()), order(twenty(), "active")),
        [[
            "lisinopril 10 MG Oral Tablet, active, as taken",
            "lisinopril 20 MG Oral Tablet, active, as ordered"
        ]]
    );
    for order in [
        order(twenty(), "completed"),
        order(ten(), "active"),
        order(
            lisinopril("104377", "Lisinopril 10 MG Oral Tablet [Zestril]"),
            "active",
        ),
        order(lisinopril("29046", "Lisinopril"), "active"),
        order(lisinopril("197361", "amlodipine 5 MG Oral Tablet"), "active"),
    ] {
        assert!(of(statement(ten()), order).is_empty());
    }
}

#[test]
fn whatever_says_that_it_is_not_taken_is_told_beside_an_active_one() {
    for state in ["on-hold", "completed", "cancelled", "entered-in-error", "stopped"] {
        let order = vec![Record::from(ordered(state, "2024-01-05"))];
        let statement = vec![Record::from(stated("active", "2024-01-02"))];
        let record = merged(&[chart("a", statement), chart("b", order)]);
        assert_eq!(conflicts(&record, STATEMENT), ["status"], "{state}");
        let order = vec![Record::from(ordered("active", "2024-01-05"))];
        let statement = vec![Record::from(stated(state, "2024-01-05"))];
        let record = merged(&[chart("a", statement), chart("b", order)]);
        assert_eq!(conflicts(&record, ORDER), ["status"], "{state}");
    }
}
