//! Inputs that no registry should hold, and every registry does.

use std::collections::BTreeSet;

use ehr_link::{
    Config, Decision, Field, Linkage, Linker, Model, Population, Record, Verdict, Verdicts, link,
};

use crate::sample::registrations;

fn record(id: &str, fields: &[(Field, &str)]) -> Record {
    let mut record = Record::new(id);
    for (field, text) in fields {
        record.set(*field, text);
    }
    record
}

/// The sizes of the persons, ascending.
fn sizes(linkage: &Linkage) -> Vec<usize> {
    let mut sizes: Vec<usize> = linkage.persons.iter().map(|p| p.members.len()).collect();
    sizes.sort_unstable();
    sizes
}

/// What must hold of any linkage, and that any order and single insertions give the same persons.
fn lawful(records: &[Record], verdicts: &Verdicts) -> Linkage {
    let config = Config::default();
    let linkage = link(records, &config, verdicts);
    assert_eq!(sizes(&linkage).iter().sum::<usize>(), records.len());
    for pair in &linkage.pairs {
        let e = linkage.explain(pair.a, pair.b).expect("both exist");
        let sum = e.prior + e.terms.iter().map(|t| t.weight + t.frequency).sum::<f64>();
        assert!((sum - pair.score).abs() < 1e-9 && pair.probability.is_finite());
    }
    let turned: Vec<Record> = records.iter().rev().cloned().collect();
    let other = link(&turned, &config, verdicts);
    let last = records.len().saturating_sub(1);
    for a in 0..records.len().min(60) {
        for b in 0..records.len() {
            let same = linkage.person_of(a) == linkage.person_of(b);
            assert_eq!(
                same,
                other.person_of(last - a) == other.person_of(last - b),
                "{a} {b}"
            );
        }
    }
    let model = linkage.model();
    let mut population = Population::new(&config);
    for record in records {
        population.push(record);
    }
    let batch = population.link_with(&model, verdicts);
    let mut linker = Linker::new(&config, model);
    for (a, b, verdict) in verdicts.iter() {
        linker.set_verdict(a, b, Some(verdict));
    }
    for record in records {
        linker.insert(record);
    }
    assert_eq!(
        linker
            .persons()
            .into_iter()
            .map(|p| p.members)
            .collect::<Vec<_>>(),
        batch
            .persons
            .iter()
            .map(|p| p.members.clone())
            .collect::<Vec<_>>(),
    );
    linkage
}

#[test]
fn records_that_are_equal_in_all_are_one_person() {
    let one = record(
        "same",
        &[
            (Field::Given, "Wilhelmina"),
            (Field::Family, "Okonkwo"),
            (Field::BirthDate, "1980-05-17"),
            (Field::Phone, "503-555-8871"),
        ],
    );
    let linkage = lawful(&vec![one; 70], &Verdicts::default());
    assert_eq!(sizes(&linkage), [70]);
}

#[test]
fn empty_records_are_nobody_in_particular() {
    let mut records = registrations(300);
    let before = link(&records, &Config::default(), &Verdicts::default())
        .persons
        .len();
    records.extend((0..200).map(|n| Record::new(format!("empty{n}"))));
    records.extend((0..200).map(|_| Record::new("")));
    let linkage = lawful(&records, &Verdicts::default());
    assert_eq!(linkage.persons.len(), before + 400);
}

#[test]
fn one_field_alone_links_nobody() {
    for field in Field::ALL {
        if matches!(field, Field::Id | Field::Source) {
            continue;
        }
        let records: Vec<Record> = (0..600)
            .map(|n| {
                let mut record = record(&format!("r{n}"), &[(Field::Source, "north")]);
                let text = match field {
                    Field::BirthDate | Field::DeathDate => format!("19{:02}-05-17", n % 90),
                    Field::Sex => "F".to_owned(),
                    Field::Email => format!("someone{}@example.org", n % 90),
                    Field::FullName => format!("Ann Lee{}", n % 90),
                    _ => format!("{}0{}1", 3 + n % 7, 1234 + n % 90),
                };
                record.set(field, &text);
                record
            })
            .collect();
        let linkage = lawful(&records, &Verdicts::default());
        let linked = linkage.pairs.iter().any(|p| p.decision == Decision::Match);
        assert!(!linked, "{field:?} {:?}", sizes(&linkage).last());
    }
}

#[test]
fn ten_thousand_of_one_name_and_birth_date() {
    let records: Vec<Record> = (0..10_000)
        .map(|n| {
            record(
                &format!("r{n}"),
                &[
                    (Field::Given, "Maria"),
                    (Field::Family, "Garcia"),
                    (Field::BirthDate, "1980-05-17"),
                ],
            )
        })
        .collect();
    let linkage = link(&records, &Config::default(), &Verdicts::default());
    assert!(
        linkage.summary.compared < 1_000_000,
        "{}",
        linkage.summary.compared
    );
    assert_eq!(sizes(&linkage).iter().sum::<usize>(), 10_000);
    // What a name and a birth date are worth does not hang on the order of the records.
    let turned: Vec<Record> = records.iter().rev().cloned().collect();
    assert_eq!(
        sizes(&linkage),
        sizes(&link(&turned, &Config::default(), &Verdicts::default()))
    );
}

#[test]
fn a_crowd_of_one_name_and_birth_date_is_the_same_one_by_one() {
    let records: Vec<Record> = (0..130_usize)
        .map(|n| {
            let mut record = record(
                &format!("r{n}"),
                &[
                    (Field::Given, "Maria"),
                    (Field::Family, "Garcia"),
                    (Field::BirthDate, "1980-05-17"),
                ],
            );
            if !n.is_multiple_of(5) {
                record.set(Field::SsnLast4, &format!("{:04}", 1234 + n * 37 % 50));
            }
            record
        })
        .collect();
    lawful(&records, &Verdicts::default());
}

#[test]
fn text_that_normalises_to_nothing_is_missing() {
    let nothing = [
        "\u{200b}\u{200d}",
        "\u{301}\u{308}",
        "…—‧",
        "🙂🙂",
        "'’`.",
        "\u{feff}",
        "\u{0}\u{1}",
    ];
    for text in nothing {
        let records: Vec<Record> = (0..20)
            .map(|n| {
                let mut one = Record::new(format!("r{n}"));
                for field in Field::ALL {
                    if !matches!(field, Field::Id | Field::Source) {
                        one.set(field, text);
                    }
                }
                one
            })
            .collect();
        let linkage = lawful(&records, &Verdicts::default());
        assert_eq!(
            linkage.persons.len(),
            20,
            "{:?}",
            text.escape_unicode().to_string()
        );
        let e = linkage.explain(0, 1).expect("both exist");
        assert!(e.terms.is_empty(), "{:?} {e}", text.escape_unicode().to_string());
    }
}

#[test]
fn a_birth_in_the_future_is_a_birth_date_like_any_other() {
    let fields = |birth| {
        [
            (Field::Given, "Ann"),
            (Field::Family, "Leetaru"),
            (Field::BirthDate, birth),
            (Field::Phone, "503-555-8871"),
        ]
    };
    let records = [
        record("a", &fields("2187-05-17")),
        record("b", &fields("2187-05-17")),
        record("c", &fields("9187-05-17")),
        record("d", &fields("2187-13-45")),
    ];
    let linkage = lawful(&records, &Verdicts::default());
    assert_eq!(linkage.person_of(0), linkage.person_of(1));
}

#[test]
fn an_id_twice_names_both_records() {
    let lee = [
        (Field::Given, "Ann"),
        (Field::Family, "Leetaru"),
        (Field::BirthDate, "1975-05-01"),
    ];
    let ray = [
        (Field::Given, "Zoe"),
        (Field::Family, "Ray"),
        (Field::BirthDate, "1990-12-10"),
    ];
    let records = [
        record("a", &lee),
        record("a", &lee),
        record("b", &lee),
        record("b", &ray),
    ];
    let plain = lawful(&records, &Verdicts::default());
    assert_eq!(plain.persons.len(), 2);
    let mut verdicts = Verdicts::default();
    verdicts.set("a", "b", Verdict::Different);
    let apart = lawful(&records, &verdicts);
    assert_eq!(apart.person_of(0), apart.person_of(1));
    assert_ne!(apart.person_of(0), apart.person_of(2));
    // Two persons are two, whatever their records are called.
    let ids = |records: &[Record]| {
        let linkage = lawful(records, &Verdicts::default());
        let resumed = Linker::resume(link(records, &Config::default(), &Verdicts::default()));
        let persons = linkage
            .persons
            .iter()
            .map(|p| (records[p.members[0]].clone(), p.id.clone()));
        assert!(
            resumed
                .persons()
                .iter()
                .map(|p| &p.id)
                .eq(linkage.persons.iter().map(|p| &p.id))
        );
        let mut persons: Vec<(String, String)> = persons
            .map(|(record, id)| (record.birth_date.unwrap_or_default(), id))
            .collect();
        persons.sort();
        persons
    };
    let mut strangers = vec![
        record("a", &lee),
        record("a", &ray),
        record("a", &[(Field::Given, "Bob"), (Field::BirthDate, "1961-07-07")]),
    ];
    let forward = ids(&strangers);
    assert_eq!(forward.iter().map(|(_, id)| id).collect::<BTreeSet<_>>().len(), 3);
    strangers.reverse();
    assert_eq!(forward, ids(&strangers));
    // A record is not told from itself.
    verdicts.set("a", "a", Verdict::Different);
    lawful(&records, &verdicts);
}

#[test]
fn verdicts_that_contradict_each_other_still_give_persons() {
    let lee = [
        (Field::Given, "Ann"),
        (Field::Family, "Leetaru"),
        (Field::BirthDate, "1975-05-01"),
    ];
    let records: Vec<Record> = (0..6).map(|n| record(&format!("{n}"), &lee)).collect();
    let mut verdicts = Verdicts::default();
    for (a, b, verdict) in [
        ("0", "1", Verdict::Same),
        ("1", "2", Verdict::Same),
        ("0", "2", Verdict::Different),
        ("3", "nobody", Verdict::Same),
    ] {
        verdicts.set(a, b, verdict);
    }
    let linkage = lawful(&records, &verdicts);
    assert_ne!(linkage.person_of(0), linkage.person_of(2));
}

#[test]
fn a_linker_that_has_seen_nothing_answers() {
    let mut linker = Linker::new(&Config::default(), Model::built_in(0));
    assert!(linker.set_verdict("a", "b", Some(Verdict::Same)).is_empty());
    assert!(linker.persons().is_empty() && linker.explain(0, 1).is_none());
    let first = linker.insert(&Record::new("a"));
    let second = linker.insert(&Record::new("b"));
    assert_eq!(first.person, second.person);
}
