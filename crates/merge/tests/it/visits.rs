//! What has no date of its own is of the visit at which it was found or done.

use ehr_model::{
    Chart, Condition, Encounter, MedicationRequest, Procedure, Record, RecordClass, Reference,
    ServiceRequest, Status,
};
use ehr_types::{CodeableConcept, Identifier, Period};

use crate::charts::*;

fn coded(text: &str) -> Option<CodeableConcept> {
    Some(CodeableConcept::from_text(text))
}

/// A visit, and what is said of it.
fn visit(
    source: &str,
    number: &str,
    dates: Option<(&str, &str)>,
    said: impl Fn(Option<Reference>) -> Record,
) -> Chart {
    let encounter = Encounter {
        identifier: vec![Identifier::new("urn:visits", number)],
        period: dates.map(|(from, to)| Period::new(Some(time(from)), Some(time(to)))),
        ..Encounter::default()
    };
    let mut chart = chart(source, vec![encounter.into()]);
    let at = Reference::to(&chart.entries[0].id);
    let said = crate::charts::chart(source, vec![Encounter::default().into(), said(Some(at))]);
    chart.entries.extend(said.entries.into_iter().skip(1));
    chart
}

/// Makes a record of the visit that it is given.
type Said = fn(Option<Reference>) -> Record;

fn kinds() -> [(RecordClass, Said); 4] {
    [
        (RecordClass::Condition, |encounter| {
            Condition {
                code: coded("Chest pain"),
                encounter,
                ..Condition::default()
            }
            .into()
        }),
        (RecordClass::Procedure, |encounter| {
            Procedure {
                code: coded("Coronary stent"),
                encounter,
                ..Procedure::default()
            }
            .into()
        }),
        (RecordClass::ServiceRequest, |encounter| {
            ServiceRequest {
                code: coded("Lipid panel"),
                encounter,
                ..ServiceRequest::default()
            }
            .into()
        }),
        (RecordClass::MedicationRequest, |encounter| {
            MedicationRequest {
                medication: coded("Warfarin"),
                encounter,
                ..MedicationRequest::default()
            }
            .into()
        }),
    ]
}

#[test]
fn of_two_visits_years_apart_are_two() {
    for (class, said) in kinds() {
        let record = merged(&[
            visit("a", "1", Some(("2015-01-01", "2015-01-03")), said),
            visit("b", "2", Some(("2023-01-01", "2023-01-03")), said),
        ]);
        assert_eq!(record.of_class(class).count(), 2, "{class:?}");
        let record = merged(&[
            visit("a", "1", Some(("2015-01-01", "2015-01-03")), said),
            visit("b", "1", Some(("2015-01-01", "2015-01-03")), said),
        ]);
        assert_eq!(record.of_class(class).count(), 1, "{class:?}");
    }
}

#[test]
fn what_is_done_at_a_visit_of_another_number_is_done_again() {
    for (class, said) in kinds() {
        let record = merged(&[visit("a", "1", None, said), visit("b", "2", None, said)]);
        // A diagnosis may be made at two visits.
        let expected = if class == RecordClass::Condition { 1 } else { 2 };
        assert_eq!(record.of_class(class).count(), expected, "{class:?}");
    }
}

#[test]
fn a_long_stay_reaches_to_its_end() {
    let (_, said) = kinds()[0];
    let record = merged(&[
        visit("a", "1", Some(("2015-01-01", "2015-06-01")), said),
        visit("b", "2", Some(("2015-06-20", "2015-06-21")), said),
    ]);
    assert_eq!(record.of_class(RecordClass::Condition).count(), 1);
}

#[test]
fn orders_of_two_numbers_are_two() {
    let order = |number: &str, status: &str| {
        Record::from(MedicationRequest {
            identifier: vec![Identifier::new("urn:placer", number)],
            medication: coded("Warfarin"),
            status: Some(Status::fhir(status)),
            ..MedicationRequest::default()
        })
    };
    check(
        RecordClass::MedicationRequest,
        vec![
            vec![order("P1", "cancelled")],
            vec![order("P2", "active")],
            vec![order("P2", "active")],
        ],
        &[&["a/0"], &["b/0", "c/0"]],
    );
}

#[test]
fn what_passes_by_itself_and_begins_years_later_is_another_one() {
    let told = |name: &str, onset: &str| Record::from(problem(CodeableConcept::from_text(name), onset, ""));
    for name in ["Myocardial infarction", "Pregnancy", "Fracture of forearm"] {
        let record = merged(&[
            chart("a", vec![told(name, "2015-03-01")]),
            chart("b", vec![told(name, "2020-07-01")]),
        ]);
        assert_eq!(record.items.len(), 2, "{name}");
    }
    for name in [
        "Diabetes mellitus",
        "Old myocardial infarction",
        "Chronic pyelonephritis",
    ] {
        let record = merged(&[
            chart("a", vec![told(name, "2015-03-01")]),
            chart("b", vec![told(name, "2020-07-01")]),
        ]);
        assert_eq!(conflicts(&record, RecordClass::Condition), ["onset[x]"], "{name}");
    }
}

#[test]
fn dialysis_on_the_next_day_is_another_one() {
    let done = |name: &str, at: &str| {
        Record::from(Procedure {
            code: coded(name),
            performed: Some(ehr_model::Occurrence::DateTime(time(at))),
            ..Procedure::default()
        })
    };
    for (name, expected) in [
        ("Hemodialysis", 2),
        ("Chemotherapy, IV infusion", 2),
        ("Cesarean section", 1),
    ] {
        let record = merged(&[
            chart("a", vec![done(name, "2023-01-02")]),
            chart("b", vec![done(name, "2023-01-03")]),
        ]);
        assert_eq!(record.items.len(), expected, "{name}");
    }
}
