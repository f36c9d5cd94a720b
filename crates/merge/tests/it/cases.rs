//! Clinical cases, one by one.

use ehr_model::{
    AllergyIntolerance, AllergyKnowledge, Amount, Condition, DiagnosticReport, Dosage, Encounter, EntryId,
    MedicationStatement, Observation, ObservationComponent, Occurrence, Procedure, Record, RecordClass,
    Reference, Timing, Value,
};
use ehr_types::{CodeableConcept, Decimal, Identifier, Quantity};

use crate::charts::*;

fn check(class: RecordClass, sources: Vec<Vec<Record>>, expected: &[&[&str]]) {
    let names = ["a", "b", "c", "d"];
    let charts: Vec<_> = sources
        .into_iter()
        .zip(names)
        .map(|(records, name)| chart(name, records))
        .collect();
    let record = merged(&charts);
    let expected: Vec<Vec<String>> = expected
        .iter()
        .map(|item| item.iter().map(|member| (*member).to_owned()).collect())
        .collect();
    assert_eq!(members(&record, class), expected);
}

#[test]
fn the_substance_is_the_identity_of_an_allergy() {
    let penicillin = || allergy(code(RXNORM, "7980", "Penicillin G benzathine"));
    let class_of = || allergy(code(SNOMED, "16047007", "Product containing benzodiazepine"));
    let member_of = || allergy(code(RXNORM, "596", "Alprazolam"));
    let mut later = penicillin();
    later.onset = Some(Occurrence::DateTime(time("1980-05-01")));
    check(
        RecordClass::AllergyIntolerance,
        vec![
            vec![penicillin().into(), class_of().into()],
            vec![later.into(), member_of().into()],
        ],
        &[&["a/0", "b/0"], &["a/1"], &["b/1"]],
    );
}

#[test]
fn none_known_stays_beside_an_allergy() {
    let none = AllergyIntolerance {
        knowledge: AllergyKnowledge::NoneKnown,
        ..AllergyIntolerance::default()
    };
    let not_asked = AllergyIntolerance {
        knowledge: AllergyKnowledge::NotAsked,
        ..AllergyIntolerance::default()
    };
    let record = merged(&[
        chart("a", vec![none.clone().into()]),
        chart("b", vec![allergy(code(RXNORM, "1191", "Aspirin")).into()]),
        chart("c", vec![not_asked.clone().into(), none.into()]),
    ]);
    assert_eq!(
        members(&record, RecordClass::AllergyIntolerance),
        [vec!["a/0", "c/1"], vec!["b/0"], vec!["c/0"]]
    );
    let knowledge: Vec<_> = record
        .items
        .iter()
        .filter(|item| !item.conflicts.is_empty())
        .map(|item| match &item.record {
            Record::AllergyIntolerance(allergy) => (allergy.knowledge, item.conflicts[0].values.len()),
            _ => panic!("another class"),
        })
        .collect();
    assert_eq!(knowledge, [(AllergyKnowledge::NoneKnown, 2)]);
    // "Not asked" alone never becomes "none known".
    let silent = merged(&[chart("c", vec![not_asked.into()])]);
    assert!(
        matches!(&silent.items[0].record, Record::AllergyIntolerance(a) if a.knowledge == AllergyKnowledge::NotAsked)
    );
}

#[test]
fn a_problem_with_two_dates_is_one_problem_in_dispute() {
    let fever = |onset| problem(code(SNOMED, "386661006", "Fever"), onset, "").into();
    let record = merged(&[
        chart("a", vec![fever("2015-06-22")]),
        chart("b", vec![fever("2015-02-22")]),
    ]);
    assert_eq!(members(&record, RecordClass::Condition), [vec!["a/0", "b/0"]]);
    assert_eq!(conflicts(&record, RecordClass::Condition), ["onset[x]"]);
    // A less precise date is no disagreement.
    let record = merged(&[
        chart("a", vec![fever("2015-06-22")]),
        chart("b", vec![fever("2015")]),
    ]);
    assert_eq!(conflicts(&record, RecordClass::Condition), Vec::<String>::new());
    let Record::Condition(condition) = &record.items[0].record else {
        panic!("another class")
    };
    assert_eq!(condition.onset, Some(Occurrence::DateTime(time("2015-06-22"))));
}

#[test]
fn episodes_stay_apart() {
    let sinusitis = |onset, end| problem(code(SNOMED, "444814009", "Viral sinusitis"), onset, end).into();
    check(
        RecordClass::Condition,
        vec![
            vec![
                sinusitis("2014-04-19", "2014-05-03"),
                sinusitis("2015-08-31", "2015-09-14"),
            ],
            vec![
                sinusitis("2015-08-31T19:41:23Z", "2015-09-14T19:41:23Z"),
                sinusitis("2019-01-01", ""),
            ],
        ],
        &[&["a/0"], &["a/1", "b/0"], &["b/1"]],
    );
    // Undated: with one episode it is that one, with two nobody knows.
    check(
        RecordClass::Condition,
        vec![
            vec![sinusitis("2014-04-19", "2014-05-03")],
            vec![sinusitis("", "")],
        ],
        &[&["a/0", "b/0"]],
    );
    check(
        RecordClass::Condition,
        vec![
            vec![
                sinusitis("2014-04-19", "2014-05-03"),
                sinusitis("2015-08-31", "2015-09-14"),
            ],
            vec![sinusitis("", "")],
        ],
        &[&["a/0"], &["a/1"], &["b/0"]],
    );
}

#[test]
fn sides_of_the_body_are_two_problems() {
    let cataract = |side: &str| {
        let mut condition: Condition = problem(code(SNOMED, "193570009", "Cataract"), "2015", "");
        condition.body_site = vec![code(SNOMED, side, "")];
        Record::from(condition)
    };
    check(
        RecordClass::Condition,
        vec![vec![cataract("8966001")], vec![cataract("18944008")]],
        &[&["a/0"], &["b/0"]],
    );
}

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
fn results_agree_after_rounding_conversion_and_loss_of_precision() {
    let height =
        |at, value, unit| result(code(LOINC, "8302-2", "Body Height"), at, value, unit, "final").into();
    check(
        RecordClass::Observation,
        vec![
            vec![
                height("1985-08-24T02:39:21+00:00", "176.59400043386583", "cm"),
                height("1986-08-30T02:39:21+00:00", "176.59400043386583", "cm"),
            ],
            vec![
                height("1985-08-24", "69.5", "[in_i]"),
                height("1986-08-30T02:39:21Z", "176.6", "cm"),
            ],
            vec![
                height("1985-08-24T02:39:21Z", "180", "cm"),
                height("1986-08-30", "180", "cm"),
            ],
        ],
        &[&["a/0", "b/0"], &["a/1", "b/1"], &["c/0"], &["c/1"]],
    );
}

#[test]
fn two_values_at_one_moment_are_in_dispute() {
    let glucose = |value| {
        result(
            code(LOINC, "2345-7", "Glucose"),
            "2020-01-02T08:00:00Z",
            value,
            "mg/dL",
            "final",
        )
        .into()
    };
    let record = merged(&[chart("a", vec![glucose("98")]), chart("b", vec![glucose("89")])]);
    assert_eq!(conflicts(&record, RecordClass::Observation), ["value[x]"]);
    let values: Vec<_> = record.items[0].conflicts[0]
        .values
        .iter()
        .map(|side| side.value.clone())
        .collect();
    assert_eq!(values.len(), 2);
    assert!(values.contains(&"98 mg/dL".to_owned()) && values.contains(&"89 mg/dL".to_owned()));
}

#[test]
fn a_corrected_result_is_shown_and_its_first_version_kept() {
    let potassium = |value, status| {
        Record::from(result(
            code(LOINC, "2823-3", "Potassium"),
            "2020-01-02T08:00:00Z",
            value,
            "mmol/L",
            status,
        ))
    };
    let record = merged(&[
        chart(
            "lab",
            vec![potassium("6.4", "final"), potassium("4.6", "corrected")],
        ),
        chart("clinic", vec![potassium("6.4", "final")]),
    ]);
    assert_eq!(
        members(&record, RecordClass::Observation),
        [vec!["clinic/0", "lab/0", "lab/1"]]
    );
    let Record::Observation(shown) = &record.items[0].record else {
        panic!("another class")
    };
    assert!(shown.status.as_ref().unwrap().is("corrected"));
    assert!(matches!(&shown.value, Some(Value::Quantity(q)) if q.value == Decimal::parse("4.6").ok()));
    assert_eq!(
        conflicts(&record, RecordClass::Observation),
        ["status", "value[x]"]
    );
}

#[test]
fn components_are_compared_as_a_set() {
    let pressure = |at: &str, systolic: &str, diastolic: &str, swapped: bool| {
        let part = |analyte: &str, value: &str| ObservationComponent {
            code: Some(code(LOINC, analyte, "")),
            value: Some(Value::Quantity(Quantity::ucum(
                Decimal::parse(value).unwrap(),
                "mm[Hg]",
            ))),
            ..ObservationComponent::default()
        };
        let mut component = vec![part("8480-6", systolic), part("8462-4", diastolic)];
        if swapped {
            component.reverse();
        }
        Record::from(Observation {
            code: Some(code(LOINC, "85354-9", "Blood pressure")),
            effective: Some(Occurrence::DateTime(time(at))),
            component,
            ..Observation::default()
        })
    };
    let charts = [
        chart("a", vec![pressure("2020-01-02T08:00:00Z", "120.4", "80", false)]),
        chart(
            "b",
            vec![
                pressure("2020-01-02", "120", "80", true),
                pressure("2020-01-02", "135", "80", true),
            ],
        ),
    ];
    let record = merged(&charts);
    assert_eq!(
        members(&record, RecordClass::Observation),
        [vec!["a/0", "b/0"], vec!["b/1"]]
    );
    let both = record.items.iter().find(|item| item.members.len() == 2).unwrap();
    let Record::Observation(shown) = &both.record else {
        panic!("another class")
    };
    assert_eq!(shown.component.len(), 2);
    assert!(both.conflicts.is_empty());
}

#[test]
fn a_slip_of_one_day_is_one_procedure() {
    let colonoscopy = |at: &str| {
        Record::from(Procedure {
            code: Some(code(SNOMED, "73761001", "Colonoscopy")),
            performed: Some(Occurrence::DateTime(time(at))),
            ..Procedure::default()
        })
    };
    check(
        RecordClass::Procedure,
        vec![
            vec![
                colonoscopy("2019-03-14T02:39:21+00:00"),
                colonoscopy("2019-03-15T02:39:21+00:00"),
            ],
            vec![colonoscopy("2019-03-16T02:39:21+00:00")],
            vec![colonoscopy("2019-03-14")],
        ],
        &[&["a/0", "c/0"], &["a/1", "b/0"]],
    );
}

#[test]
fn references_lead_to_items() {
    let report = |source: &str| {
        let observation = EntryId::derive(RecordClass::Observation, &[source, "0"]);
        Record::from(DiagnosticReport {
            code: Some(code(LOINC, "51990-0", "Basic metabolic panel")),
            effective: Some(Occurrence::DateTime(time("2020-01-02T08:00:00Z"))),
            result: vec![Reference::to(&observation)],
            ..DiagnosticReport::default()
        })
    };
    let glucose = || {
        Record::from(result(
            code(LOINC, "2345-7", "Glucose"),
            "2020-01-02T08:00:00Z",
            "98",
            "mg/dL",
            "final",
        ))
    };
    let record = merged(&[
        chart("a", vec![glucose(), report("a")]),
        chart("b", vec![glucose(), report("b")]),
    ]);
    let item = record.of_class(RecordClass::Observation).next().unwrap();
    let shown = record.of_class(RecordClass::DiagnosticReport).next().unwrap();
    let Record::DiagnosticReport(shown) = &shown.record else {
        panic!("another class")
    };
    let targets: Vec<_> = shown.result.iter().map(|r| r.target.clone()).collect();
    assert_eq!(targets, [Some(item.id.clone())]);
}

#[test]
fn a_visit_number_is_one_encounter_and_classes_keep_apart() {
    let visit = |number: Option<&str>, start: &str, class: &str| {
        Record::from(Encounter {
            identifier: number
                .map(|n| Identifier::new("urn:hospital:visit", n))
                .into_iter()
                .collect(),
            type_: vec![code(SNOMED, "185345009", "Encounter for symptom")],
            class: Some(ehr_types::Coding::new(
                "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                class,
            )),
            period: Some(ehr_types::Period::new(Some(time(start)), None)),
            ..Encounter::default()
        })
    };
    check(
        RecordClass::Encounter,
        vec![
            vec![
                visit(Some("1"), "2020-01-02T08:00:00Z", "AMB"),
                visit(None, "2021-01-02T08:00:00Z", "AMB"),
            ],
            vec![
                visit(Some("1"), "2020-01-03", "AMB"),
                visit(None, "2021-01-02", "AMB"),
            ],
            vec![visit(None, "2021-01-02T08:00:00Z", "EMER")],
        ],
        &[&["a/0", "b/0"], &["a/1", "b/1"], &["c/0"]],
    );
}

#[test]
fn words_join_where_no_code_system_is_shared() {
    let local = || problem(CodeableConcept::from_text("DIABETES MELLITUS (DISORDER)"), "", "");
    let coded = || problem(code(SNOMED, "73211009", "Diabetes mellitus"), "2001", "");
    let other = || problem(code(SNOMED, "44054006", "Diabetes mellitus"), "2001", "");
    check(
        RecordClass::Condition,
        vec![vec![coded().into()], vec![local().into()]],
        &[&["a/0", "b/0"]],
    );
    // Words that fit two codes join neither.
    check(
        RecordClass::Condition,
        vec![vec![coded().into()], vec![local().into()], vec![other().into()]],
        &[&["a/0"], &["b/0"], &["c/0"]],
    );
}

#[test]
fn copied_identifiers_prove_nothing() {
    let copied = || vec![Identifier::new("urn:oid:1.2.3", "1")];
    let with_id = |concept: CodeableConcept| {
        let mut entry = allergy(concept);
        entry.identifier = copied();
        Record::from(entry)
    };
    check(
        RecordClass::AllergyIntolerance,
        vec![
            vec![with_id(code(RXNORM, "7980", "Penicillin G benzathine"))],
            vec![with_id(code(
                SNOMED,
                "16047007",
                "Product containing benzodiazepine",
            ))],
        ],
        &[&["a/0"], &["b/0"]],
    );
    let pulse = |at: &str, value: &str| {
        let mut entry: Observation = result(code(LOINC, "8867-4", "Heart rate"), at, value, "/min", "final");
        entry.identifier = copied();
        Record::from(entry)
    };
    check(
        RecordClass::Observation,
        vec![vec![
            pulse("2020-01-01", "72"),
            pulse("2020-01-01", "80"),
            pulse("2021-01-01", "72"),
        ]],
        &[&["a/0"], &["a/1"], &["a/2"]],
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

#[test]
fn what_names_nothing_joins_nothing() {
    let unnamed = || taken(code(SNOMED, "410942007", "drug or medication"), "2015-02-22", "").into();
    let flavour = || {
        taken(
            code("urn:oid:2.16.840.1.113883.5.1008", "UNK", ""),
            "2015-02-22",
            "",
        )
        .into()
    };
    check(
        RecordClass::MedicationStatement,
        vec![vec![unnamed(), flavour()], vec![unnamed(), flavour()]],
        &[&["a/0"], &["a/1"], &["b/0"], &["b/1"]],
    );
}

#[test]
fn entries_that_share_an_id_but_not_what_they_say_are_two() {
    let weight = |value: &str, at: &str| {
        Record::from(result(code(LOINC, "29463-7", "Weight"), at, value, "kg", "final"))
    };
    let mut one = chart("a", vec![weight("88", "2020-01-01"), weight("86", "2021-01-01")]);
    let id = one.entries[0].id.clone();
    one.entries[1].id = id;
    let record = merged(&[one.clone(), one]);
    assert_eq!(
        members(&record, RecordClass::Observation),
        [vec!["a/0"], vec!["a/1"]]
    );
    let ids: std::collections::BTreeSet<_> = record.items.iter().map(|item| item.id.clone()).collect();
    assert_eq!(ids.len(), 2);
}

/// A panel or report over some of a chart's own results, by their place in it.
fn report(source: &str, concept: CodeableConcept, results: &[usize]) -> DiagnosticReport {
    let target = |index: &usize| EntryId::derive(RecordClass::Observation, &[source, &index.to_string()]);
    DiagnosticReport {
        code: Some(concept),
        effective: Some(Occurrence::DateTime(time("2009-05-07T17:41:27Z"))),
        result: results
            .iter()
            .map(|index| Reference::to(&target(index)))
            .collect(),
        ..DiagnosticReport::default()
    }
}

#[test]
fn a_test_that_stands_in_two_panels_joins_within_each() {
    let glucose = || {
        result(
            code(LOINC, "2339-0", "Glucose"),
            "2009-05-07T17:41:27Z",
            "84.8",
            "mg/dL",
            "final",
        )
    };
    let (basic, full) = (
        code(LOINC, "51990-0", "Basic panel"),
        code(LOINC, "24323-8", "Full panel"),
    );
    let with = |source: &str, of_basic: usize, of_full: usize| {
        chart(
            source,
            vec![
                glucose().into(),
                glucose().into(),
                report(source, basic.clone(), &[of_basic]).into(),
                report(source, full.clone(), &[of_full]).into(),
            ],
        )
    };
    let record = merged(&[with("a", 0, 1), with("b", 1, 0)]);
    assert_eq!(
        members(&record, RecordClass::Observation),
        [["a/0", "b/1"], ["a/1", "b/0"]]
    );
}

#[test]
fn flags_of_a_result_that_was_corrected_go_with_it() {
    let potassium = |value: &str, status: &str, flag: &str| Observation {
        interpretation: vec![CodeableConcept::from_text(flag)],
        ..result(
            code(LOINC, "2823-3", "Potassium"),
            "2026-09-20T08:15:00-04:00",
            value,
            "mmol/L",
            status,
        )
    };
    let record = merged(&[
        chart(
            "lab",
            vec![
                potassium("6.9", "final", "HH").into(),
                potassium("4.4", "corrected", "N").into(),
            ],
        ),
        chart("clinic", vec![potassium("4.4", "final", "normal").into()]),
    ]);
    let item = record.of_class(RecordClass::Observation).next().unwrap();
    assert_eq!(item.members.len(), 3);
    let Record::Observation(shown) = &item.record else {
        panic!("an observation");
    };
    let flags: Vec<_> = shown
        .interpretation
        .iter()
        .filter_map(CodeableConcept::label)
        .collect();
    assert_eq!(
        flags,
        ["N", "normal"],
        "the critical flag belongs to the result that was withdrawn"
    );
}

#[test]
fn a_correction_joins_the_only_result_of_its_day_or_none() {
    let glucose = |value: &str, status: &str| {
        Record::from(result(
            code(LOINC, "2345-7", "Glucose"),
            "2026-03-01",
            value,
            "mg/dL",
            status,
        ))
    };
    let one = vec![glucose("98", "final"), glucose("89", "corrected")];
    check(RecordClass::Observation, vec![one], &[&["a/0", "a/1"]]);
    let two = vec![
        glucose("98", "final"),
        glucose("140", "final"),
        glucose("89", "corrected"),
    ];
    check(
        RecordClass::Observation,
        vec![two],
        &[&["a/0"], &["a/1"], &["a/2"]],
    );
}
