//! Registrations made by rule: enough of them to learn from, and nothing random.

use ehr_link::{Field, Record};

const GIVEN: &[&str] = &[
    "Anna", "Robert", "Maria", "James", "Linda", "David", "Susan", "Peter", "Ruth", "Frank", "Ines", "Oscar",
];
const FAMILY: &[&str] = &[
    "Smith",
    "Okonkwo",
    "Nguyen",
    "Garcia",
    "Novak",
    "Lindqvist",
    "Moreau",
    "Tanaka",
    "Farrell",
    "Weiss",
];

/// Registrations of `people` persons, two of each, in families of three that share name and address.
/// The second of each has an error: of typing, of a moved digit, of a missing or another value.
pub(crate) fn registrations(people: usize) -> Vec<Record> {
    (0..2 * people).map(registration).collect()
}

fn registration(n: usize) -> Record {
    let (person, second) = (n / 2, n % 2 == 1);
    let family = person / 3;
    let error = if second { person % 7 } else { 7 };
    let mut record = Record::new(format!("r{n}"));
    record.source = Some(if second { "south" } else { "north" }.to_owned());
    let mut given = GIVEN[(person * 7 + family) % GIVEN.len()].to_owned();
    let mut surname = format!("{}{}", FAMILY[family * 7 % FAMILY.len()], spelt(family / 10));
    let mut day = 1 + person * 3 % 28;
    match error {
        0 => given.insert(2, 'x'),
        1 => {
            surname.pop();
        }
        2 => day = day % 28 + 1,
        _ => {}
    }
    record.set(Field::Given, &given);
    record.set(Field::Family, &surname);
    let birth = format!("{}-{:02}-{day:02}", 1930 + person * 13 % 80, 1 + person * 11 % 12);
    if error != 3 {
        record.set(Field::BirthDate, &birth);
    }
    let street = format!("{} Elm Street", 1 + family * 17 % 9000 + usize::from(error == 4));
    record.set(Field::Street, &street);
    record.set(Field::PostalCode, &format!("{:05}", 10_000 + family * 31 % 700));
    if error != 5 {
        record.set(
            Field::Phone,
            &format!("503{:07}", 2_000_000 + family * 7919 % 7_000_000),
        );
    }
    record
}

/// A number as letters, so that it makes another name.
fn spelt(mut number: usize) -> String {
    let mut text = String::new();
    while number > 0 {
        text.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    text
}
