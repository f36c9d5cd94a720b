//! Allergies: which are one, what is denied, what is in doubt.

use ehr_model::{AllergyIntolerance, AllergyKnowledge, Occurrence, Reaction, Record, RecordClass, Status};
use ehr_types::CodeableConcept;

use crate::charts::*;

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

/// An allergy to penicillin with a verification status.
fn penicillin(verification: &str) -> AllergyIntolerance {
    AllergyIntolerance {
        verification_status: (!verification.is_empty()).then(|| code("urn:verification", verification, "")),
        ..allergy(code(RXNORM, "7980", "Penicillin G"))
    }
}

fn shown(record: &ehr_model::HealthRecord) -> AllergyIntolerance {
    let mut items = record.of_class(RecordClass::AllergyIntolerance);
    match (items.next().map(|item| &item.record), items.next()) {
        (Some(Record::AllergyIntolerance(allergy)), None) => (**allergy).clone(),
        _ => panic!("one allergy"),
    }
}

fn reaction(sign: &str, severity: &str) -> Reaction {
    Reaction {
        manifestation: vec![CodeableConcept::from_text(sign)],
        severity: Some(Status::fhir(severity)),
        ..Reaction::default()
    }
}

#[test]
fn what_another_source_entered_in_error_does_not_strike_an_allergy() {
    for verification in ["entered-in-error", "refuted"] {
        let mut struck = penicillin(verification);
        struck.reaction = vec![reaction("Nausea", "mild")];
        let mut charts = [
            chart("a", vec![penicillin("").into()]),
            chart("b", vec![struck.into()]),
        ];
        // Whoever wrote last.
        charts[0].entries[0].origin.recorded = Some(time("2024-01-02"));
        charts[1].entries[0].origin.recorded = Some(time("2024-01-01"));
        let record = merged(&charts);
        assert_eq!(shown(&record).verification_status, None, "{verification}");
        let said = sides(&record, RecordClass::AllergyIntolerance, "verificationStatus");
        assert!(said.len() == 1 && said[0].len() == 2, "{said:?}");
        assert!(said[0].iter().any(|side| side.contains(verification)), "{said:?}");
        if verification == "entered-in-error" {
            assert!(
                shown(&record).reaction.is_empty(),
                "what was withdrawn lends nothing"
            );
        }
    }
}

#[test]
fn what_all_withdrew_is_shown_as_withdrawn() {
    let record = merged(&[
        chart("a", vec![penicillin("entered-in-error").into()]),
        chart("b", vec![penicillin("entered-in-error").into()]),
    ]);
    assert_eq!(
        shown(&record).verification_status,
        state("urn:verification", "entered-in-error")
    );
    assert_eq!(
        conflicts(&record, RecordClass::AllergyIntolerance),
        Vec::<String>::new()
    );
}

#[test]
fn two_severities_of_one_reaction_are_both_shown() {
    let with = |severity: &str| AllergyIntolerance {
        reaction: vec![reaction("Anaphylaxis", severity)],
        ..penicillin("confirmed")
    };
    let record = merged(&[
        chart("a", vec![with("mild").into()]),
        chart("b", vec![with("severe").into()]),
    ]);
    assert_eq!(shown(&record).reaction.len(), 2);
    assert_eq!(
        conflicts(&record, RecordClass::AllergyIntolerance),
        ["reaction.severity"]
    );
}

#[test]
fn none_known_is_contradicted_by_what_it_denies() {
    let none = |concept: CodeableConcept| AllergyIntolerance {
        knowledge: AllergyKnowledge::NoneKnown,
        ..allergy(concept)
    };
    let peanut = || AllergyIntolerance {
        category: vec!["food".to_owned()],
        ..allergy(code(SNOMED, "256349002", "Peanut"))
    };
    for (denial, present, disputed) in [
        (
            none(code(SNOMED, "716186003", "No known allergy")),
            penicillin(""),
            true,
        ),
        (
            none(code(SNOMED, "409137002", "No known drug allergy")),
            penicillin(""),
            true,
        ),
        (
            none(code(SNOMED, "409137002", "No known drug allergy")),
            peanut(),
            false,
        ),
        (none(code(RXNORM, "7980", "Penicillin G")), penicillin(""), true),
        (none(code(RXNORM, "7980", "Penicillin G")), peanut(), false),
        (allergy(CodeableConcept::from_text("NKDA")), penicillin(""), true),
        (
            allergy(CodeableConcept::from_text("No known allergies")),
            peanut(),
            true,
        ),
        (
            none(code(SNOMED, "716186003", "No known allergy")),
            penicillin("refuted"),
            false,
        ),
    ] {
        let record = merged(&[chart("a", vec![denial.into()]), chart("b", vec![present.into()])]);
        assert_eq!(record.items.len(), 2);
        let fields = conflicts(&record, RecordClass::AllergyIntolerance);
        assert_eq!(fields == ["code"], disputed, "{fields:?}");
        for side in sides(&record, RecordClass::AllergyIntolerance, "code")
            .iter()
            .flatten()
            .take(1)
        {
            let words = side.to_lowercase();
            assert!(
                words.contains("no") || words == "nkda",
                "the denial is no allergy: {side}"
            );
        }
    }
}

#[test]
fn the_newest_version_of_a_record_is_what_its_source_says() {
    let mut one = chart(
        "a",
        vec![
            penicillin("confirmed").into(),
            penicillin("entered-in-error").into(),
        ],
    );
    for (entry, version) in one.entries.iter_mut().zip(["1", "2"]) {
        entry.origin.native_id = Some("0".to_owned());
        entry.origin.version = Some(version.to_owned());
    }
    let record = merged(&[one]);
    assert_eq!(
        shown(&record).verification_status,
        state("urn:verification", "entered-in-error")
    );
    assert_eq!(
        conflicts(&record, RecordClass::AllergyIntolerance),
        Vec::<String>::new()
    );
}

/// A statement that no allergy of a kind is known.
fn none(concept: CodeableConcept) -> AllergyIntolerance {
    AllergyIntolerance {
        knowledge: AllergyKnowledge::NoneKnown,
        ..allergy(concept)
    }
}

fn to(category: &str, concept: CodeableConcept) -> AllergyIntolerance {
    AllergyIntolerance {
        category: vec![category.to_owned()],
        ..allergy(concept)
    }
}

fn words(text: &str) -> CodeableConcept {
    CodeableConcept::from_text(text)
}

/// Whether a denial of one source stands against an allergy of another.
fn stands_against(denial: AllergyIntolerance, present: AllergyIntolerance) -> bool {
    let record = merged(&[chart("a", vec![denial.into()]), chart("b", vec![present.into()])]);
    assert_eq!(record.items.len(), 2);
    !conflicts(&record, RecordClass::AllergyIntolerance).is_empty()
}

#[test]
fn who_denies_latex_denies_no_penicillin() {
    let denials = [
        none(code(SNOMED, "1003774007", "")),
        none(code(SNOMED, "1003774007", "No known latex allergy")),
        none(code(SNOMED, "716184000", "")),
        none(code(SNOMED, "111088007", "Latex")),
        none(words("No known latex allergy")),
        // Read from a source that only says it in its words, or in its code.
        allergy(words("No Known Latex Allergies")),
        allergy(code(
            SNOMED,
            "1003774007",
            "No known Hevea brasiliensis latex allergy",
        )),
    ];
    for (at, denial) in denials.iter().enumerate() {
        for present in [
            to("medication", code(RXNORM, "7980", "Penicillin G")),
            allergy(code(RXNORM, "7980", "Penicillin G")),
            allergy(code(RXNORM, "7980", "")),
            to("food", words("Peanut")),
            to("environment", words("Pollen")),
            allergy(words("Insect venom")),
        ] {
            assert!(!stands_against(denial.clone(), present), "denial {at}");
        }
        for present in [
            allergy(code(SNOMED, "111088007", "Latex")),
            allergy(code(SNOMED, "1003754000", "")),
            allergy(code("urn:local", "L7", "Latex gloves")),
            to("environment", words("LATEX")),
            to("medication", words("latex, natural rubber")),
            allergy(code(SNOMED, "300916003", "")),
        ] {
            assert!(stands_against(denial.clone(), present), "denial {at}");
        }
    }
}

#[test]
fn who_denies_a_class_denies_what_is_of_it() {
    let drug = || none(code(SNOMED, "409137002", ""));
    for (denial, present, expected) in [
        (drug(), to("medication", words("Sulfa")), true),
        (drug(), to("biologic", words("Influenza vaccine")), true),
        (drug(), allergy(words("Sulfa")), true),
        (drug(), to("food", words("Egg")), false),
        (drug(), allergy(code(SNOMED, "111088007", "Latex")), false),
        (drug(), allergy(code(SNOMED, "414285001", "Food allergy")), false),
        (none(words("NKDA")), to("food", words("Egg")), false),
        (
            allergy(words("No known drug or food allergies")),
            to("food", words("Egg")),
            true,
        ),
        (
            allergy(words("No known drug or food allergies")),
            to("environment", words("Dust")),
            false,
        ),
        (
            none(code(SNOMED, "416098002", "Allergy to drug")),
            to("medication", words("Sulfa")),
            true,
        ),
        (
            none(code(SNOMED, "416098002", "Allergy to drug")),
            to("food", words("Egg")),
            false,
        ),
        (
            none(code(SNOMED, "428197003", "")),
            allergy(words("Bee venom")),
            true,
        ),
        (
            none(code(SNOMED, "428197003", "")),
            allergy(words("Cat dander")),
            false,
        ),
        (
            none(code(SNOMED, "716220001", "")),
            allergy(words("Cat dander")),
            true,
        ),
        (
            none(words("No known allergy to penicillins")),
            allergy(code(RXNORM, "7980", "Penicillin G")),
            true,
        ),
        (
            none(words("No known allergy to penicillins")),
            allergy(code(RXNORM, "1191", "Aspirin")),
            false,
        ),
        (
            none(code(SNOMED, "160244002", "")),
            to("food", words("Egg")),
            true,
        ),
    ] {
        let shown = format!(
            "{:?} {:?}",
            denial.code.as_ref().map(CodeableConcept::label),
            present.code.as_ref().map(CodeableConcept::label)
        );
        assert_eq!(stands_against(denial, present), expected, "{shown}");
    }
}

#[test]
fn what_only_begins_like_a_denial_denies_nothing() {
    for text in [
        "No known allergies on file",
        "No known allergies except latex",
        "No other known allergies",
    ] {
        assert!(
            !stands_against(allergy(words(text)), allergy(words("Latex"))),
            "{text}"
        );
        let record = merged(&[
            chart("a", vec![allergy(words(text)).into()]),
            chart(
                "b",
                vec![none(code(SNOMED, "716186003", "No known allergy")).into()],
            ),
        ]);
        assert_eq!(record.items.len(), 2, "{text}");
        assert_eq!(
            conflicts(&record, RecordClass::AllergyIntolerance),
            Vec::<String>::new(),
            "{text}"
        );
    }
}
