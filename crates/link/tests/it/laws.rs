//! What must hold whatever the records are.

use std::collections::BTreeSet;

use ehr_link::{Config, Field, Linkage, Linker, Model, Population, Record, Verdict, Verdicts, link};
use proptest::prelude::*;

use crate::sample::registrations;

/// Registrations of a few families, with errors: enough to make matches, reviews and near misses.
pub(crate) fn records() -> impl Strategy<Value = Vec<Record>> {
    let given = prop::sample::select(vec!["Ann", "Anna", "Bob", "Robert", "Karl", "Kari", "", "Jo"]);
    let family = prop::sample::select(vec!["Lee", "Leigh", "Kidd", "Smith-Jones", "Smith", ""]);
    let birth = prop::sample::select(vec!["1980-05-17", "1980-05-07", "1980-01-01", "2012-05-23", ""]);
    let phone = prop::sample::select(vec!["503-555-8871", "503-555-8817", "212-555-7765", ""]);
    let street = prop::sample::select(vec!["12 Elm St", "12 Elm Street Apt 3", "9 Oak Ave", ""]);
    let last4 = prop::sample::select(vec!["8871", "1234", ""]);
    let one = (given, family, birth, phone, street, last4);
    prop::collection::vec(one, 0..24).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(n, (given, family, birth, phone, street, last4))| {
                let mut record = Record::new(format!("r{n}"));
                record.source = Some(format!("s{}", n % 3));
                record.set(Field::Given, given);
                record.set(Field::Family, family);
                record.set(Field::BirthDate, birth);
                record.set(Field::Phone, phone);
                record.set(Field::Street, street);
                record.set(Field::PostalCode, "97266");
                record.set(Field::SsnLast4, last4);
                record
            })
            .collect()
    })
}

/// The partition as sets of record ids.
fn partition(linkage: &Linkage) -> BTreeSet<BTreeSet<String>> {
    let persons = linkage.persons.iter();
    persons
        .map(|p| {
            p.members
                .iter()
                .map(|m| linkage.record_id(*m).to_owned())
                .collect()
        })
        .collect()
}

fn grown(linker: &Linker, records: &[Record]) -> BTreeSet<BTreeSet<String>> {
    let persons = linker.persons().into_iter();
    persons
        .map(|p| p.members.iter().map(|m| records[*m].id.clone()).collect())
        .collect()
}

pub(crate) fn batch(records: &[Record], config: &Config, model: &Model, verdicts: &Verdicts) -> Linkage {
    let mut population = Population::new(config);
    for record in records {
        population.push(record);
    }
    population.link_with(model, verdicts)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_records_does_not_matter(records in records(), turn in 0_usize..24) {
        let config = Config::default();
        let one = link(&records, &config, &Verdicts::default());
        let mut other = records.clone();
        other.reverse();
        let turn = turn % other.len().max(1);
        other.rotate_left(turn);
        let two = link(&other, &config, &Verdicts::default());
        prop_assert_eq!(partition(&one), partition(&two));
        let ids = |l: &Linkage| l.persons.iter().map(|p| p.id.clone()).collect::<BTreeSet<_>>();
        prop_assert_eq!(ids(&one), ids(&two));
        let scores = |l: &Linkage| {
            let mut list: Vec<_> = l.pairs.iter().map(|p| {
                let (a, b) = (l.record_id(p.a).to_owned(), l.record_id(p.b).to_owned());
                (a.clone().min(b.clone()), a.max(b), p.score.to_bits(), p.decision)
            }).collect();
            list.sort();
            list
        };
        prop_assert_eq!(scores(&one), scores(&two));
    }

    #[test]
    fn insertion_one_by_one_equals_the_batch(records in records(), size in 2_usize..20) {
        let mut config = Config::default();
        config.block_size = size;
        let model = Model::built_in(1_000);
        let whole = batch(&records, &config, &model, &Verdicts::default());
        let mut linker = Linker::new(&config, model);
        for record in &records {
            let inserted = linker.insert(record);
            prop_assert_eq!(linker.person_of(inserted.position), Some(inserted.person));
        }
        prop_assert_eq!(grown(&linker, &records), partition(&whole));
    }

    #[test]
    fn the_order_of_insertion_does_not_matter(records in records(), turn in 0_usize..24) {
        let config = Config::default();
        let insert = |records: &[Record]| {
            let mut linker = Linker::new(&config, Model::built_in(1_000));
            for record in records {
                linker.insert(record);
            }
            grown(&linker, records)
        };
        let mut other = records.clone();
        other.reverse();
        other.rotate_left(turn % records.len().max(1));
        prop_assert_eq!(insert(&records), insert(&other));
    }

    #[test]
    fn going_on_from_a_batch_equals_the_whole(records in records(), cut in 0_usize..24) {
        let config = Config::default();
        let model = Model::built_in(1_000);
        let cut = cut.min(records.len());
        let whole = batch(&records, &config, &model, &Verdicts::default());
        let mut linker = Linker::resume(batch(&records[..cut], &config, &model, &Verdicts::default()));
        for record in &records[cut..] {
            linker.insert(record);
        }
        prop_assert_eq!(grown(&linker, &records), partition(&whole));
    }

    #[test]
    fn unlinking_and_taking_it_back_restores(records in records(), a in 0_usize..24, b in 0_usize..24) {
        let config = Config::default();
        let mut linker = Linker::new(&config, Model::built_in(1_000));
        for record in &records {
            linker.insert(record);
        }
        let before = linker.persons();
        let (Some(x), Some(y)) = (records.get(a), records.get(b)) else { return Ok(()) };
        if a == b { return Ok(()) }
        linker.set_verdict(&x.id, &y.id, Some(Verdict::Different));
        prop_assert_ne!(linker.person_of(a), linker.person_of(b));
        let mut verdicts = Verdicts::default();
        verdicts.set(&x.id, &y.id, Verdict::Different);
        let whole = batch(&records, &config, &Model::built_in(1_000), &verdicts);
        prop_assert_eq!(grown(&linker, &records), partition(&whole));
        linker.set_verdict(&x.id, &y.id, None);
        let members = |list: &[ehr_link::Person]| list.iter().map(|p| p.members.clone()).collect::<Vec<_>>();
        prop_assert_eq!(members(&before), members(&linker.persons()));
    }

    #[test]
    fn the_terms_of_an_explanation_sum_to_the_score(records in records()) {
        let linkage = link(&records, &Config::default(), &Verdicts::default());
        for a in 0..records.len().min(6) {
            for b in a + 1..records.len() {
                let e = linkage.explain(a, b).expect("both exist");
                let sum = e.prior + e.terms.iter().map(|t| t.weight + t.frequency).sum::<f64>();
                prop_assert!((sum - e.score).abs() < 1e-9, "{} {}", sum, e.score);
                let back = linkage.explain(b, a).expect("both exist");
                prop_assert_eq!(e.score.to_bits(), back.score.to_bits());
            }
        }
    }

    #[test]
    fn any_text_is_fine(texts in prop::collection::vec(".{0,40}", 0..40)) {
        let mut records = vec![Record::new("a"), Record::new("b"), Record::new("c")];
        for (n, text) in texts.iter().enumerate() {
            let field = Field::ALL[(n * 7 + 1) % Field::ALL.len()];
            records[n % 3].set(field, text);
        }
        let linkage = link(&records, &Config::default(), &Verdicts::default());
        prop_assert_eq!(linkage.persons.iter().map(|p| p.members.len()).sum::<usize>(), 3);
    }
}

/// Registrations of one person, again and again in a few forms, and now and then of somebody much alike.
fn registered_again() -> impl Strategy<Value = Vec<Record>> {
    let forms = [
        "Wilhelmina|Okonkwo|1980-05-17|503-284-8871|12 Elm St",
        "Wilhelmina|Okonkwo|1980-05-17|503-284-8871|",
        "Minnie|Okonkwo|1980-05-17||12 Elm St",
        "Wilhelmina|Okonkwo||503-284-8871|12 Elm St",
        "Wilhelmina|Okonkw|1980-05-17|503-284-8871|9 Oak Ave",
        "Wilma|Okonkwo|1980-05-17|503-284-8871|12 Elm St",
        "|Okonkwo|1980-05-17|503-284-8871|12 Elm St",
        "Ngozi|Okonkwo|1980-05-17|503-284-8871|12 Elm St",
    ];
    let often = prop::sample::select(vec![0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7]);
    prop::collection::vec(often, 0..60).prop_map(move |list| {
        let fields = [
            Field::Given,
            Field::Family,
            Field::BirthDate,
            Field::Phone,
            Field::Street,
        ];
        list.into_iter()
            .enumerate()
            .map(|(n, form): (usize, usize)| {
                let mut record = Record::new(format!("r{}", n * 7919 % 61));
                for (field, text) in fields.into_iter().zip(forms[form].split('|')) {
                    record.set(field, text);
                }
                record.set(Field::PostalCode, "97266");
                record
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: ProptestConfig::default().cases / 4,
        ..ProptestConfig::default()
    })]

    #[test]
    fn insertion_into_a_large_person_equals_the_batch(records in registered_again(), size in 2_usize..30) {
        let mut config = Config::default();
        config.block_size = size;
        let model = Model::built_in(1_000);
        let whole = batch(&records, &config, &model, &Verdicts::default());
        let mut linker = Linker::new(&config, model.clone());
        for record in &records {
            linker.insert(record);
        }
        prop_assert_eq!(grown(&linker, &records), partition(&whole));
        let (first, rest) = records.split_at(records.len() / 2);
        let mut linker = Linker::resume(batch(first, &config, &model, &Verdicts::default()));
        for record in rest {
            linker.insert(record);
        }
        prop_assert_eq!(grown(&linker, &records), partition(&whole));
    }
}

/// Registrations of one woman in `forms` different forms, all of which speak for her.
fn registered_otherwise(forms: usize) -> Vec<Record> {
    let forms = (0..forms).map(|n| {
        let mut record = Record::new(format!("f{n}"));
        record.set(Field::Given, "Wilhelmina");
        record.set(Field::Family, "Okonkwo");
        record.set(Field::BirthDate, "1980-05-17");
        record.set(Field::Phone, "503-284-8871");
        record.set(Field::Street, &format!("{} Elm Street", 1 + n * 7));
        record.set(Field::PostalCode, "97266");
        record
    });
    forms.collect()
}

#[test]
fn insertion_into_a_person_of_very_many_forms_equals_the_batch() {
    let config = Config::default();
    let model = Model::built_in(1_000);
    let mut records = registered_otherwise(300);
    // One that fits, but contradicts some of the others; one of a daughter at one of the addresses.
    let mut odd = Record::new("odd");
    odd.set(Field::Family, "Okonkwo");
    odd.set(Field::Phone, "503-284-8871");
    records.push(odd);
    let mut daughter = registered_otherwise(5).remove(4);
    daughter.id = "daughter".into();
    daughter.set(Field::Given, "Ngozi");
    daughter.set(Field::BirthDate, "2009-11-30");
    records.push(daughter);
    records.extend(registered_otherwise(310).into_iter().skip(300));
    for cut in [0, 200, 299, 301, 305] {
        let (first, rest) = records.split_at(cut);
        let mut linker = Linker::resume(batch(first, &config, &model, &Verdicts::default()));
        for record in rest {
            linker.insert(record);
        }
        let whole = batch(&records, &config, &model, &Verdicts::default());
        assert!(grown(&linker, &records) == partition(&whole), "cut at {cut}");
    }
}

#[test]
fn a_model_survives_serialisation() {
    let records: Vec<Record> = (0..40)
        .map(|n| {
            let mut record = Record::new(format!("{n}"));
            record.set(Field::Given, ["Ann", "Bob", "Zoe"][n % 3]);
            record.set(Field::Family, ["Lee", "Ray"][n % 2]);
            record.set(Field::BirthDate, "1980-05-17");
            record
        })
        .collect();
    let model = link(&records, &Config::default(), &Verdicts::default()).model();
    let text = serde_json::to_string(&model).expect("a model is plain data");
    let back: Model = serde_json::from_str(&text).expect("what was written");
    assert_eq!(model.threshold().to_bits(), back.threshold().to_bits());
    let judged = |model: &Model| batch(&records, &Config::default(), model, &Verdicts::default());
    assert_eq!(judged(&model).persons, judged(&back).persons);
    assert_eq!(judged(&model).pairs.len(), judged(&back).pairs.len());
}

#[test]
fn ids_stay_through_merge_and_split() {
    let mut linker = Linker::new(&Config::default(), Model::built_in(1_000));
    let mut record = Record::new("a");
    record.set(Field::Given, "Wilhelmina");
    record.set(Field::Family, "Okonkwo");
    record.set(Field::BirthDate, "1980-05-17");
    record.set(Field::Phone, "503-555-8871");
    let first = linker.insert(&record).person;
    record.id = "b".into();
    assert_eq!(linker.insert(&record).person, first);
    let events = linker.set_verdict("a", "b", Some(Verdict::Different));
    assert!(!events.is_empty());
    assert_eq!(linker.person_of(0), Some(first.clone()));
    assert_ne!(linker.person_of(1), Some(first.clone()));
    linker.set_verdict("a", "b", None);
    assert_eq!(linker.person_of(1), Some(first));
}

/// Everything that a linkage found and learnt, to the last bit.
fn bytes(linkage: &Linkage) -> String {
    let pairs: Vec<_> = linkage
        .pairs
        .iter()
        .map(|p| {
            (
                p.a,
                p.b,
                p.score.to_bits(),
                p.probability.to_bits(),
                p.decision,
                p.rule,
                p.pattern,
            )
        })
        .collect();
    let model = serde_json::to_string(&linkage.model()).expect("a model is plain data");
    format!("{pairs:?} {:?} {:?} {model}", linkage.persons, linkage.summary)
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let records = registrations(1_200);
    let mut verdicts = Verdicts::default();
    for n in (0..600).step_by(20) {
        let verdict = if n % 40 == 0 {
            Verdict::Same
        } else {
            Verdict::Different
        };
        verdicts.set(&records[n].id, &records[n + 1 + n % 3].id, verdict);
    }
    let found = [1, 2, 4].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool");
        pool.install(|| bytes(&link(&records, &Config::default(), &verdicts)))
    });
    assert!(found[0] == found[1], "one thread and two differ");
    assert!(found[0] == found[2], "one thread and four differ");
}

#[test]
fn many_records_link_alike_in_any_order_and_in_batches() {
    let records = registrations(700);
    let config = Config::default();
    let whole = link(&records, &config, &Verdicts::default());
    assert!(whole.summary.persons < 900, "{}", whole.summary.persons);
    let mut other: Vec<Record> = records.iter().skip(1).step_by(2).cloned().collect();
    other.extend(records.iter().step_by(2).cloned());
    let turned = link(&other, &config, &Verdicts::default());
    assert!(
        partition(&whole) == partition(&turned),
        "another order, other persons"
    );
    assert!(
        whole.parameters() == turned.parameters(),
        "another order, other parameters"
    );
    // A part as a batch, the rest one by one, by the model of the whole.
    let model = whole.model();
    let (first, rest) = records.split_at(900);
    let mut linker = Linker::resume(batch(first, &config, &model, &Verdicts::default()));
    for record in rest {
        linker.insert(record);
    }
    let again = batch(&records, &config, &model, &Verdicts::default());
    assert!(
        grown(&linker, &records) == partition(&again),
        "in batches, other persons"
    );
}
