//! Medications: products, strengths, doses and courses.

use ehr_model::{Amount, Bounds, Dosage, MedicationStatement, Record, RecordClass, Status, Timing};
use ehr_types::{CodeableConcept, Decimal, Quantity, Ratio};

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

fn amount(number: &str, unit: &str) -> Quantity {
    Quantity::ucum(Decimal::parse(number).unwrap(), unit)
}

/// The fields in dispute between two sources that say how one product is taken.
fn disputed(a: Dosage, b: Dosage) -> Vec<String> {
    let with = |dosage: Dosage| {
        let mut statement = taken(code(RXNORM, "11289", "Warfarin"), "2020-01-01", "");
        statement.dosage = vec![dosage];
        vec![Record::from(statement)]
    };
    let record = merged(&[chart("a", with(a)), chart("b", with(b))]);
    assert_eq!(
        members(&record, RecordClass::MedicationStatement),
        [["a/0", "b/0"]]
    );
    conflicts(&record, RecordClass::MedicationStatement)
}

#[test]
fn doses_are_not_rounded() {
    let dose = |number, unit| Dosage {
        dose: Some(Amount::Quantity(amount(number, unit))),
        ..Dosage::default()
    };
    for (a, b, same) in [
        (dose("2", "mg"), dose("2.5", "mg"), false),
        (dose("1", "{tbl}"), dose("0.5", "{tbl}"), false),
        (dose("1", "g"), dose("500", "mg"), false),
        (dose("1", "g"), dose("1000", "mg"), true),
        (dose("2", "mg"), dose("2.0", "mg"), true),
    ] {
        assert_eq!(disputed(a, b).is_empty(), same);
    }
}

#[test]
fn what_is_told_only_in_words_is_not_passed_over() {
    let told = |dose: &str, text: &str| Dosage {
        dose: (!dose.is_empty()).then(|| Amount::Quantity(amount(dose, "{tbl}"))),
        text: (!text.is_empty()).then(|| text.to_owned()),
        ..Dosage::default()
    };
    for (a, b, same) in [
        (
            told("1", "Take 1 tablet daily"),
            told("", "Take 4 tablets three times a day"),
            false,
        ),
        (told("1", ""), told("", "Take 4 tablets three times a day"), false),
        (told("1", "once daily"), told("1", "once WEEKLY"), false),
        (told("", "1 tablet daily"), told("", "1 TABLET DAILY"), true),
        (told("1", "1 tablet daily"), told("1", ""), true),
    ] {
        assert_eq!(disputed(a, b).is_empty(), same);
    }
}

#[test]
fn how_long_how_often_where_and_how_much_at_most() {
    let of = |timing: Timing| Dosage {
        timing: Some(timing),
        ..Dosage::default()
    };
    let daily = || Timing {
        frequency: Some(1),
        period: Decimal::parse("1").ok(),
        period_unit: Some("d".to_owned()),
        ..Timing::default()
    };
    let lasting = |days: &str| Timing {
        bounds: Some(Bounds::Duration(amount(days, "d"))),
        ..daily()
    };
    let up_to = |most: u32| Timing {
        frequency_max: Some(most),
        ..daily()
    };
    let coded = |words: &str| Timing {
        code: Some(code(
            "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation",
            words,
            "",
        )),
        ..Timing::default()
    };
    let in_words = |words: &str| Timing {
        code: Some(CodeableConcept::from_text(words)),
        ..Timing::default()
    };
    let at = |site: &str| Dosage {
        site: Some(code(SNOMED, site, "")),
        ..of(daily())
    };
    let most = |number: &str| Dosage {
        max_dose_per_period: Some(Ratio {
            numerator: Some(amount(number, "mg")),
            denominator: Some(amount("1", "d")),
        }),
        ..of(daily())
    };
    for (a, b, same) in [
        (of(lasting("7")), of(lasting("14")), false),
        (of(lasting("7")), of(lasting("7.0")), true),
        (of(daily()), of(up_to(4)), false),
        (of(coded("AM")), of(coded("BED")), false),
        (of(coded("QD")), of(coded("BED")), true),
        (of(daily()), of(in_words("weekly")), false),
        (at("8966001"), at("18944008"), false),
        (most("4000"), most("2000"), false),
    ] {
        assert_eq!(disputed(a, b).is_empty(), same);
    }
}

#[test]
fn two_strengths_under_one_code_are_in_dispute() {
    let metformin = |words: &str| taken(code(RXNORM, "6809", words), "2020-01-01", "").into();
    for (a, b, fields) in [
        ("Metformin 500 MG", "Metformin 1000 MG", vec!["medication[x]"]),
        ("Metformin 500 MG Oral Tablet", "metformin 0.5 g tab", vec![]),
        ("Metformin", "Metformin 500 MG", vec![]),
    ] {
        let record = merged(&[chart("a", vec![metformin(a)]), chart("b", vec![metformin(b)])]);
        assert_eq!(
            members(&record, RecordClass::MedicationStatement),
            [["a/0", "b/0"]]
        );
        assert_eq!(conflicts(&record, RecordClass::MedicationStatement), fields);
    }
}

#[test]
fn a_course_that_was_over_for_long_is_another() {
    let amoxicillin = |start, end| taken(code(RXNORM, "723", "Amoxicillin"), start, end).into();
    check(
        RecordClass::MedicationStatement,
        vec![
            vec![amoxicillin("2012-01-01", "2012-01-10")],
            vec![amoxicillin("2020-05-01", "")],
        ],
        &[&["a/0"], &["b/0"]],
    );
}

#[test]
fn a_reason_stays_with_its_status() {
    let warfarin = |status: &str, reason: &str| {
        let mut statement = taken(code(RXNORM, "11289", "Warfarin"), "2020-01-01", "");
        statement.status = Some(Status::fhir(status));
        statement.status_reason = vec![CodeableConcept::from_text(reason)]
            .into_iter()
            .filter(|reason| reason.text.as_deref() != Some(""))
            .collect();
        statement
    };
    let mut charts = [
        chart("a", vec![warfarin("active", "").into()]),
        chart("b", vec![warfarin("stopped", "bleeding").into()]),
    ];
    charts[0].entries[0].origin.recorded = Some(time("2024"));
    let record = merged(&charts);
    let Record::MedicationStatement(shown) = &record.items[0].record else {
        panic!("another class")
    };
    assert!(shown.status.as_ref().unwrap().is("active") && shown.status_reason.is_empty());
    assert_eq!(conflicts(&record, RecordClass::MedicationStatement), ["status"]);
}

#[test]
fn what_is_not_taken_does_not_contradict_that_there_is_none() {
    let none = || Record::from(taken(code(SNOMED, "787481004", "No known medications"), "", ""));
    for (status, disputed) in [
        ("active", true),
        ("entered-in-error", false),
        ("not-taken", false),
        ("stopped", false),
    ] {
        let mut warfarin = taken(code(RXNORM, "11289", "Warfarin"), "2020-01-01", "");
        warfarin.status = Some(Status::fhir(status));
        let record = merged(&[chart("a", vec![none()]), chart("b", vec![warfarin.into()])]);
        assert_eq!(
            !conflicts(&record, RecordClass::MedicationStatement).is_empty(),
            disputed,
            "{status}"
        );
    }
}

/// A dosage in its halves.
fn dosage(dose: Option<Quantity>, frequency: Option<u32>) -> Dosage {
    let often = |frequency| Timing {
        frequency: Some(frequency),
        period: Decimal::parse("1").ok(),
        period_unit: Some("d".to_owned()),
        ..Timing::default()
    };
    Dosage {
        dose: dose.map(Amount::Quantity),
        timing: frequency.map(often),
        ..Dosage::default()
    }
}

#[test]
fn a_dose_without_a_unit_is_not_one_in_any() {
    let of = |number, unit| dosage(Some(amount(number, unit)), None);
    for (a, b, same) in [
        (of("1", ""), of("1", "mg"), false),
        (of("5", "mL"), of("5", ""), false),
        (of("1", ""), of("1", "{tbl}"), true),
    ] {
        assert_eq!(disputed(a, b).is_empty(), same);
    }
}

#[test]
fn what_instructions_say_of_one_dosage() {
    let base = || dosage(Some(amount("5", "mg")), Some(2));
    let told = |words: &str| Dosage {
        patient_instruction: Some(words.to_owned()),
        ..base()
    };
    let at_most = |number| Dosage {
        max_dose_per_administration: Some(amount(number, "mg")),
        ..base()
    };
    let as_needed = Dosage {
        as_needed: Some(true),
        ..base()
    };
    for (a, b, same) in [
        (told("take in the evening"), told("take every other day"), false),
        (told("Take with food."), told("take with food"), true),
        (at_most("5"), at_most("50"), false),
        (base(), as_needed.clone(), false),
        (as_needed.clone(), as_needed, true),
        (dosage(Some(amount("5", "mg")), None), base(), true),
    ] {
        assert_eq!(disputed(a, b).is_empty(), same);
    }
}

#[test]
fn no_half_of_a_dosage_comes_from_another_source() {
    let dose = dosage(Some(amount("50", "mg")), None);
    let times = dosage(None, Some(2));
    assert_eq!(disputed(dose.clone(), times.clone()), ["dosage"]);
    let with = |source, dosage: &Dosage| {
        let mut statement = taken(code(RXNORM, "6918", "Metoprolol"), "2020-01-01", "");
        statement.dosage = vec![dosage.clone()];
        chart(source, vec![statement.into()])
    };
    let both = dosage(Some(amount("50", "mg")), Some(1));
    for charts in [
        vec![with("a", &dose), with("b", &times)],
        vec![with("a", &dose), with("b", &both), with("c", &times)],
    ] {
        let record = merged(&charts);
        let Record::MedicationStatement(shown) = &record.items[0].record else {
            panic!("another class")
        };
        assert!(
            [&dose, &times, &both].contains(&&shown.dosage[0]),
            "{:?}",
            shown.dosage
        );
    }
}

#[test]
fn a_dose_that_falls_is_not_one_that_rises() {
    let steps = |doses: [&str; 3]| {
        let mut statement = taken(code(RXNORM, "8640", "Prednisone"), "2020-01-01", "");
        let numbered = doses.iter().zip(1..).map(|(dose, number)| Dosage {
            sequence: Some(number),
            ..dosage(Some(amount(dose, "mg")), Some(1))
        });
        statement.dosage = numbered.collect();
        vec![Record::from(statement)]
    };
    for (other, fields) in [(["10", "20", "40"], vec!["dosage"]), (["40", "20", "10"], vec![])] {
        let record = merged(&[chart("a", steps(["40", "20", "10"])), chart("b", steps(other))]);
        assert_eq!(conflicts(&record, RecordClass::MedicationStatement), fields);
    }
}
