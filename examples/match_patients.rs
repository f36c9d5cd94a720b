//! Find the same people in two lists of registrations, with reasons.
//!
//! Run it: `cargo run --release -p ehr-examples --example match_patients`
//!
//! To change when copying: `registrations`, which would read your lists (for CSV files use `ehr match`). Give every field that
//! you have; leave out what you do not. Keep the reviewers' answers as `Verdicts` and pass them in each time.

use ehr::link::{Config, Decision, Linkage, PersonName, Record, Sex, Verdicts, link};

fn main() {
    let records = registrations();
    let linkage = link(&records, &Config::default(), &Verdicts::default());
    for person in &linkage.persons {
        let ids: Vec<&str> = person
            .members
            .iter()
            .map(|position| linkage.record_id(*position))
            .collect();
        println!("{}: {}", person.id, ids.join(", "));
    }
    println!("\nOf each pair: bits above 0 speak for one person, below 0 against; one bit doubles the odds.");
    print_pairs(&linkage);
}

/// Why pairs were linked or wait for a reviewer; the table holds no value of the records.
fn print_pairs(linkage: &Linkage) {
    for pair in &linkage.pairs {
        if pair.decision == Decision::NoMatch {
            continue;
        }
        println!(
            "\n{} and {}: {:?}",
            linkage.record_id(pair.a),
            linkage.record_id(pair.b),
            pair.decision
        );
        if let Some(explanation) = linkage.explain(pair.a, pair.b) {
            print!("{explanation}");
        }
    }
}

fn registrations() -> Vec<Record> {
    vec![
        person(
            "clinic/1",
            "Katherine",
            "O'Neill",
            "1984-11-30",
            Sex::Female,
            "555-010-2001",
        ),
        person(
            "hospital/77",
            "Kate",
            "ONeill",
            "19841130",
            Sex::Female,
            "(555) 010-2001",
        ),
        person(
            "clinic/2",
            "Jonas",
            "Weber",
            "2015-05-05",
            Sex::Male,
            "555-010-3003",
        ),
        person(
            "clinic/3",
            "Jakob",
            "Weber",
            "2015-05-05",
            Sex::Male,
            "555-010-3003",
        ),
    ]
}

fn person(id: &str, given: &str, family: &str, birth: &str, sex: Sex, phone: &str) -> Record {
    let mut record = Record::new(id);
    record.source = id.split_once('/').map(|(source, _)| source.to_owned());
    record.names.push(PersonName::official(given, family));
    record.birth_date = Some(birth.into());
    record.sex = Some(sex);
    record.phones.push(phone.into());
    record
}

#[test]
fn one_woman_at_two_places_and_two_brothers() {
    let linkage = link(&registrations(), &Config::default(), &Verdicts::default());
    assert_eq!(linkage.person_of(0), linkage.person_of(1));
    assert_ne!(linkage.person_of(2), linkage.person_of(3));
    assert_eq!(linkage.persons.len(), 3);
}
