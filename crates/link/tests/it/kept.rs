//! A linker that is kept and read again.

use ehr_link::{
    Config, Decision, Field, Identifier, IdentifierKind, Linker, Model, Population, Record, ScoredPair,
    Verdict, Verdicts, link,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::laws::{batch, records};
use crate::sample::registrations;

/// The linker after it was written and read.
fn again(linker: &Linker) -> Linker {
    let bytes = serde_json::to_vec(linker).expect("a linker is plain data");
    serde_json::from_slice(&bytes).expect("what was written")
}

/// All that a linker tells.
fn told(linker: &mut Linker) -> String {
    let pairs = |pairs: Vec<ScoredPair>| -> Vec<String> {
        let bits = |p: &ScoredPair| format!("{p:?} {:x}", p.score.to_bits());
        pairs.iter().map(bits).collect()
    };
    format!(
        "{:?} {:?} {:?} {:?}",
        linker.persons(),
        pairs(linker.pairs()),
        pairs(linker.review_queue()),
        linker.summary()
    )
}

/// A record with a value of every kind.
fn full(n: usize) -> Record {
    let mut record = Record::new(format!("full{n}"));
    record.source = Some("north".into());
    for (field, text) in [
        (Field::Given, "María"),
        (Field::Middle, "Luz"),
        (Field::Family, "de la Cruz-Ortiz"),
        (Field::Maiden, "Peña"),
        (Field::Alias, "Mari"),
        (Field::Suffix, "Jr"),
        (Field::Sex, "F"),
        (Field::BirthDate, "1971-03-09"),
        (Field::DeathDate, "2020-01-05"),
        (Field::MultipleBirth, "yes"),
        (Field::BirthOrder, "2"),
        (Field::Ssn, "219-38-4471"),
        (Field::Phone, "503-284-8871"),
        (Field::Phone, "231-512-9048"),
        (Field::Email, "maria.cruz@example.org"),
        (Field::Email, "mlc@example.net"),
        (Field::Street, "12 Elm Street Apt 4"),
        (Field::AddressLine2, "Rear house"),
        (Field::City, "Traverse City"),
        (Field::State, "MI"),
        (Field::PostalCode, "K1A 0B1"),
        (Field::Medicaid, "77120934"),
        (Field::MothersMaidenName, "Ortiz"),
        (Field::GuardianGiven, "Rosa"),
        (Field::GuardianFamily, "Ortiz"),
    ] {
        record.set(field, text);
    }
    let second = record.addresses[0].clone();
    record.addresses.push(second);
    record.addresses[1].street = "9 Oak Avenue".into();
    let number = Identifier::new("urn:oid:1.2.3", format!("A{n}7"), IdentifierKind::MedicalRecord);
    record.identifiers.push(number);
    record
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        // Each writes and reads a linker several times.
        cases: ProptestConfig::default().cases.div_ceil(16),
        ..ProptestConfig::default()
    })]

    #[test]
    fn insertion_goes_on_as_if_it_had_never_stopped(
        records in records(),
        stops in prop::collection::vec(0_usize..24, 1..4),
        size in 2_usize..20,
        verdict in (0_usize..24, 0_usize..24),
    ) {
        let mut config = Config::default();
        config.block_size = size;
        let mut steady = Linker::new(&config, Model::built_in(1_000));
        let mut kept = Linker::new(&config, Model::built_in(1_000));
        for (n, record) in records.iter().enumerate() {
            if stops.contains(&n) {
                prop_assert_eq!(told(&mut steady), told(&mut kept));
                kept = again(&kept);
            }
            prop_assert_eq!(steady.insert(record), kept.insert(record));
            if n == verdict.0 {
                let (a, b) = (&records[verdict.1 % (n + 1)].id, &record.id);
                let word = [None, Some(Verdict::Different), Some(Verdict::Same)][verdict.1 % 3];
                prop_assert_eq!(steady.set_verdict(a, b, word), kept.set_verdict(a, b, word));
            }
        }
        kept = again(&kept);
        prop_assert_eq!(told(&mut steady), told(&mut kept));
        prop_assert_eq!(steady.relearn(), kept.relearn());
        prop_assert_eq!(told(&mut steady), told(&mut again(&kept)));
    }

    #[test]
    fn what_waits_for_a_reviewer_is_what_a_batch_leaves(records in records(), size in 2_usize..20) {
        let mut config = Config::default();
        config.block_size = size;
        let model = Model::built_in(1_000);
        let whole = batch(&records, &config, &model, &Verdicts::default());
        let mut linker = Linker::new(&config, model);
        for record in &records {
            linker.insert(record);
        }
        let ids = |pairs: Vec<(usize, usize, f64, Decision)>| -> Vec<_> {
            pairs.into_iter().map(|(a, b, score, decision)| (a, b, score.to_bits(), decision)).collect()
        };
        let batch = whole.review_queue().into_iter().map(|p| (p.a, p.b, p.score, p.decision)).collect();
        let grown = linker.review_queue().into_iter().map(|p| (p.a, p.b, p.score, p.decision)).collect();
        prop_assert_eq!(ids(batch), ids(grown));
        for pair in whole.review_queue().windows(2) {
            prop_assert!(whole.review_value(pair[0]) >= whole.review_value(pair[1]));
        }
    }

    #[test]
    fn whatever_is_read_for_a_linker_is_refused_or_works(
        changes in prop::collection::vec((0_usize..10_000, 0_usize..12), 1..4),
    ) {
        let mut linker = Linker::new(&Config::default(), Model::built_in(1_000));
        for n in 0..4 {
            linker.insert(&full(n));
        }
        linker.set_verdict("full0", "full1", Some(Verdict::Different));
        let mut value = serde_json::to_value(&linker).expect("plain data");
        for (place, change) in changes {
            let mut leaves = Vec::new();
            let model = value.as_object_mut().expect("an object").remove("model");
            places(&mut value, &mut leaves);
            if let Some(leaf) = leaves.get(place % leaves.len()) {
                *value.pointer_mut(leaf).expect("a place") = [
                    Value::Null, 0.into(), 1.into(), 2.into(), 3.into(), 9_999.into(), 100_000_000.into(),
                    u32::MAX.into(), u64::MAX.into(), (-1).into(), "".into(), serde_json::json!([]),
                ][change].clone();
            }
            value.as_object_mut().expect("an object").insert("model".into(), model.expect("a model"));
        }
        if let Ok(mut read) = serde_json::from_value::<Linker>(value) {
            for n in 2..6 {
                read.insert(&full(n));
            }
            told(&mut read);
            again(&read);
        }
    }
}

/// The places of all values that hold no other.
fn places(value: &mut Value, into: &mut Vec<String>) {
    fn walk(value: &Value, at: &str, into: &mut Vec<String>) {
        let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
        match value {
            Value::Array(list) if !list.is_empty() => {
                for (n, value) in list.iter().enumerate() {
                    walk(value, &format!("{at}/{n}"), into);
                }
            }
            Value::Object(map) if !map.is_empty() => {
                for (key, value) in map {
                    walk(value, &format!("{at}/{}", escaped(key)), into);
                }
            }
            _ => into.push(at.to_owned()),
        }
    }
    walk(value, "", into);
}

#[test]
fn a_batch_goes_on_after_it_was_kept() {
    let mut records = registrations(400);
    records.extend((0..3).map(full));
    let (first, rest) = records.split_at(500);
    let linkage = link(first, &Config::default(), &Verdicts::default());
    let ids: Vec<String> = linkage.persons.iter().map(|person| person.id.clone()).collect();
    let mut steady = Linker::resume(linkage);
    let mut kept = again(&steady);
    assert_eq!(
        kept.persons()
            .into_iter()
            .map(|person| person.id)
            .collect::<Vec<_>>(),
        ids
    );
    for record in rest {
        assert_eq!(steady.insert(record), kept.insert(record));
        assert_eq!(kept.position_of(record), steady.position_of(record));
    }
    assert_eq!(told(&mut steady), told(&mut kept));
    let back = again(&kept);
    assert!(back.model() == steady.model());
    assert_eq!(
        serde_json::to_vec(&back).expect("plain"),
        serde_json::to_vec(&steady).expect("plain")
    );
}

#[test]
fn a_record_is_known_by_its_id_source_and_content() {
    let mut linker = Linker::new(&Config::default(), Model::built_in(1_000));
    assert_eq!(linker.position_of(&full(0)), None);
    for n in 0..3 {
        assert_eq!(linker.insert(&full(n)).position, n);
    }
    let mut linker = again(&linker);
    assert_eq!(linker.position_of(&full(1)), Some(1));
    linker.insert(&full(3));
    assert_eq!(linker.position_of(&full(3)), Some(3));
    let changed = |change: &dyn Fn(&mut Record)| {
        let mut record = full(1);
        change(&mut record);
        record
    };
    for record in [
        changed(&|record| record.id = "other".into()),
        changed(&|record| record.source = Some("south".into())),
        changed(&|record| record.set(Field::Phone, "612-555-0147")),
    ] {
        assert_eq!(linker.position_of(&record), None);
    }
    // What is written otherwise and means the same is the same.
    let notation = changed(&|record| record.birth_date = Some("03/09/1971".into()));
    assert_eq!(linker.position_of(&notation), Some(1));
}

#[test]
fn an_id_is_never_minted_again() {
    let mut linker = Linker::new(&Config::default(), Model::built_in(1_000));
    let mut gone = std::collections::BTreeSet::new();
    for n in 0..2 {
        linker.insert(&full(n));
    }
    for _ in 0..5 {
        linker.set_verdict("full0", "full1", Some(Verdict::Different));
        linker = again(&linker);
        let second = linker.person_of(1).expect("a person");
        assert!(gone.insert(second), "an id that was gone is back");
        linker.set_verdict("full0", "full1", None);
        assert_eq!(linker.persons().len(), 1);
    }
}

#[test]
fn learning_anew_keeps_the_ids() {
    let records = registrations(600);
    let (first, rest) = records.split_at(40);
    let mut linker = Linker::resume(link(first, &Config::default(), &Verdicts::default()));
    for record in rest {
        linker.insert(record);
    }
    let before = linker.persons();
    let events = linker.relearn();
    let whole = link(&records, &Config::default(), &Verdicts::default());
    let members =
        |persons: &[ehr_link::Person]| persons.iter().map(|p| p.members.clone()).collect::<Vec<_>>();
    assert_eq!(members(&linker.persons()), members(&whole.persons));
    assert!(linker.model() == &whole.model());
    let kept = before
        .iter()
        .filter(|person| linker.persons().contains(person))
        .count();
    assert!(kept > before.len() / 2, "{kept} of {}", before.len());
    let minted = ehr_link::PersonEvent::between(&before, &linker.persons());
    assert_eq!(events.len(), minted.len(), "{events:?} {minted:?}");
}

#[test]
fn verdicts_are_replaced_at_once() {
    let records = registrations(60);
    let mut linker = Linker::new(&Config::default(), Model::built_in(1_000));
    for record in &records {
        linker.insert(record);
    }
    let before = linker.persons();
    let mut verdicts = Verdicts::default();
    for n in [0, 10, 24] {
        verdicts.set(&records[n].id, &records[n + 1].id, Verdict::Different);
    }
    linker.set_verdicts(&verdicts);
    for n in [0, 10, 24] {
        assert_ne!(linker.person_of(n), linker.person_of(n + 1));
    }
    assert_eq!(linker.verdicts(), &verdicts);
    linker.set_verdicts(&Verdicts::default());
    let members =
        |persons: &[ehr_link::Person]| persons.iter().map(|p| p.members.clone()).collect::<Vec<_>>();
    assert_eq!(members(&linker.persons()), members(&before));
}

#[test]
fn what_is_no_linker_is_refused_with_the_reason() {
    let mut linker = Linker::new(&Config::default(), Model::built_in(1_000));
    for n in 0..3 {
        linker.insert(&full(n));
    }
    let value = serde_json::to_value(&linker).expect("plain data");
    type Change = &'static dyn Fn(&mut Value);
    let cases: &[(Change, &str)] = &[
        (&|v| v["version"] = 99.into(), "version 99"),
        (&|v| v["ids"] = serde_json::json!(["a"]), "one length"),
        (&|v| v["names"][1] = v["names"][0].clone(), "twice"),
        (&|v| v["names"][0] = "".into(), "empty"),
        (&|v| v["rows"][1][1] = 9_000.into(), "no table"),
        (&|v| v["rows"][1][4] = 100_000_000.into(), "range"),
        (&|v| v["sources"][0] = 77.into(), "no table"),
        (
            &|v| v["extra_of"] = serde_json::json!([0, 0, 1]),
            "order of the records",
        ),
        (&|v| v["extras"][0][5][0][2] = 9.into(), "range"),
        (&|v| v["pairs"][0] = serde_json::json!([1, 0, 2]), "pair"),
        (&|v| v["pairs"][0] = serde_json::json!([0, 7, 2]), "pair"),
        (&|v| v["pairs"][0][2] = 5.into(), "pair"),
        (&|v| v["person_of"][2] = 5.into(), "person"),
        (&|v| v["persons"] = serde_json::json!([5, 5]), "person"),
        (&|v| v["gone"] = v["persons"].clone(), "person"),
        (&|v| v["model"]["version"] = 0.into(), "version 0"),
    ];
    for (change, reason) in cases {
        let mut value = value.clone();
        change(&mut value);
        let told = serde_json::from_value::<Linker>(value)
            .map(|_| ())
            .expect_err(reason)
            .to_string();
        assert!(told.contains(reason), "{reason}: {told}");
        for patient in ["cruz", "maria", "1971", "full"] {
            assert!(!told.contains(patient), "{told}");
        }
    }
}

#[test]
fn values_are_shown_to_those_who_ask_alone() {
    let mut linker = Linker::new(&Config::default(), Model::built_in(1_000));
    for n in 0..2 {
        linker.insert(&full(n));
    }
    let shown = linker.explain_with_values(0, 1).expect("both are there");
    assert_eq!(shown.values.len(), shown.explanation.terms.len());
    let table = shown.table();
    for value in [
        "maria, mari",
        "luz",
        "female",
        "1971-03-09",
        "219384471",
        "5032848871, 2315129048",
        "maria.cruz@example.org, mlc@example.net",
        "12 elm",
        "a07 of urn:oid:1.2.3",
        "rosa ortiz",
    ] {
        assert!(table.contains(value), "{value}: {table}");
    }
    assert!(
        serde_json::to_string(&shown)
            .expect("plain data")
            .contains("219384471")
    );
    let silent = format!(
        "{shown:?} {:?} {} {linker:?} {:?}",
        shown.values,
        shown.explanation,
        linker.explain(0, 1)
    );
    let silent = silent + &serde_json::to_string(&linker.explain(0, 1)).expect("plain data");
    for value in ["maria", "luz", "1971", "2193", "5032", "elm", "a07", "rosa"] {
        assert!(!silent.to_lowercase().contains(value), "{value}: {silent}");
    }
    let (decision, compared) =
        ehr_link::Comparator::new(&Config::default()).compare_with_values(&full(0), &full(1));
    assert_eq!(decision, Decision::Match);
    assert_eq!(compared.values, shown.values);
}

#[test]
fn an_empty_population_is_kept() {
    let mut linker = Linker::resume(Population::new(&Config::default()).link(&Verdicts::default()));
    let mut linker = again(&{
        linker.relearn();
        linker
    });
    assert!(linker.is_empty());
    assert_eq!(linker.insert(&full(0)).position, 0);
}

#[test]
fn a_linker_sums_up_as_its_batch_did() {
    let linkage = link(&registrations(600), &Config::default(), &Verdicts::default());
    let batch = linkage.summary.clone();
    let mut linker = Linker::resume(linkage);
    let told = again(&linker).summary();
    assert_eq!(told, linker.summary());
    assert_eq!(
        (told.records, told.persons, told.compared),
        (batch.records, batch.persons, batch.compared)
    );
    assert_eq!((told.matches, told.reviews), (batch.matches, batch.reviews));
    assert!((told.threshold - batch.threshold).abs() < 1e-12);
    assert!((told.expected_false_links - batch.expected_false_links).abs() < 1e-6);
    assert!(
        (told.blocking_recall - batch.blocking_recall).abs() < 1e-9,
        "{told:?} {batch:?}"
    );
}
