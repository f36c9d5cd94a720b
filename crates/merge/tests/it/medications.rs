//! Medications: products, strengths, doses and courses.

use ehr_model::{Amount, Dosage, MedicationStatement, Record, RecordClass, Timing};
use ehr_types::{Decimal, Quantity};

use crate::charts::*;

#[test]
fn a_course_with_two_spans_is_one_therapy() {
    let albuterol = |start, end| taken(code(RXNORM, "1649560", "Albuterol"), start, end).into();
    let record = merged(&[
        chart("a", vec![albuterol("2012-08-06", "2012-08-13")]),
        chart("b", vec![albuterol("2012-08-01", "2012-08-06")]),
    ]);
    assert_eq!(
        members(&record, RecordClass::MedicationStatement),
        [vec!["a/0", "b/0"]]
    );
    assert_eq!(
        conflicts(&record, RecordClass::MedicationStatement),
        ["effective[x]"]
    );
}

#[test]
fn dosage_is_compared_by_what_it_means() {
    let tablet = |timing: Timing, dose: &str| {
        let mut statement: MedicationStatement =
            taken(code(RXNORM, "209459", "Tylenol 500mg"), "2015-02-22", "");
        statement.dosage = vec![Dosage {
            timing: Some(timing),
            dose: Some(Amount::Quantity(Quantity::ucum(
                Decimal::parse(dose).unwrap(),
                "mg",
            ))),
            ..Dosage::default()
        }];
        Record::from(statement)
    };
    let every = |frequency: u32, period: &str, unit: &str| Timing {
        frequency: Some(frequency),
        period: Decimal::parse(period).ok(),
        period_unit: Some(unit.to_owned()),
        ..Timing::default()
    };
    let twice = Timing {
        code: Some(code(
            "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation",
            "BID",
            "",
        )),
        ..Timing::default()
    };
    for (a, b, disputed) in [
        (
            tablet(every(1, "12", "h"), "500"),
            tablet(every(2, "1", "d"), "500.0"),
            false,
        ),
        (tablet(every(2, "1", "d"), "500"), tablet(twice, "500"), false),
        (
            tablet(every(1, "12", "h"), "500"),
            tablet(every(1, "8", "h"), "500"),
            true,
        ),
        (
            tablet(every(1, "12", "h"), "500"),
            tablet(every(1, "12", "h"), "250"),
            true,
        ),
    ] {
        let record = merged(&[chart("a", vec![a]), chart("b", vec![b])]);
        let fields = conflicts(&record, RecordClass::MedicationStatement);
        assert_eq!(fields.contains(&"dosage".to_owned()), disputed);
    }
}
