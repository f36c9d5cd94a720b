//! A handful of records, as from a few documents: nothing can be learnt from them.

use ehr_link::{
    Config, Decision, Field, Identifier, IdentifierKind, Linkage, Record, Verdict, Verdicts, link,
};

/// A record from `field=value` pairs.
fn record(id: &str, text: &str) -> Record {
    let mut record = Record::new(id);
    for pair in text.split(';') {
        let (name, value) = pair.split_once('=').expect("field=value");
        let field = Field::from_header(name.trim()).expect("known field");
        record.set(field, value);
    }
    record
}

fn run(texts: &[&str]) -> Linkage {
    let records: Vec<Record> = texts
        .iter()
        .enumerate()
        .map(|(i, text)| record(&format!("r{i}"), text))
        .collect();
    link(&records, &Config::default(), &Verdicts::default())
}

/// Whether the first two records of `texts` are one person.
fn together(texts: &[&str]) -> bool {
    let linkage = run(texts);
    linkage.person_of(0) == linkage.person_of(1)
}

#[test]
fn same_name_birth_date_and_sex_is_one_person() {
    for texts in [
        [
            "source=a;first=Isabella;last=Jones;sex=F;dob=1975-05-01",
            "source=b;first=ISABELLA;last=JONES;sex=female;dob=19750501",
        ],
        [
            "source=a;first=John;last=Smith;sex=M;dob=1975-05-01",
            "source=b;first=John;last=Smith;sex=M;dob=1975-05-01",
        ],
        [
            "source=a;first=Adam;middle=Frankie;last=Everyman;sex=M;dob=1962-10-22;street=2222 Home St;zip=97266",
            "source=b;first=Adam;last=Everyman;sex=M;dob=1962-10-22;street=1 Other Ave;zip=20001",
        ],
        [
            "source=a;first=Robert;last=Nguyen;dob=1980-05-17",
            "source=b;first=Bob;last=Nguyen;dob=1980-05-17",
        ],
        [
            "source=a;first=Mary;last=Grant;sex=F;dob=1970-05-01;middle=Ann",
            "source=b;first=Mary A;last=Grant;sex=F;dob=1970-05-01;phone=555-777-1234",
        ],
    ] {
        assert!(together(&texts), "{texts:?}");
    }
}

#[test]
fn twins_stay_apart() {
    let twins = [
        "source=a;first=Kari;last=Kidd;sex=F;dob=2012-05-23;street=12 Elm St;zip=97266;phone=503-555-8871",
        "source=a;first=Karl;last=Kidd;sex=M;dob=2012-05-23;street=12 Elm St;zip=97266;phone=503-555-8871",
        "source=b;first=Kari;last=Kidd;sex=F;dob=2012-05-23;street=12 Elm St;zip=97266;phone=503-555-8871",
        "source=b;first=Karl;last=Kidd;sex=M;dob=2012-05-23;street=12 Elm St;zip=97266;phone=503-555-8871",
    ];
    let linkage = run(&twins);
    assert_eq!(linkage.persons.len(), 2);
    assert_eq!(linkage.person_of(0), linkage.person_of(2));
    assert_eq!(linkage.person_of(1), linkage.person_of(3));
    assert_ne!(linkage.person_of(0), linkage.person_of(1));
    assert!(!together(&[
        "first=Jaden;last=Kidd;sex=M;dob=2012-05-23;street=12 Elm St;zip=97266",
        "first=Jayden;last=Kidd;sex=M;dob=2012-05-23;street=12 Elm St;zip=97266",
    ]));
    assert!(!together(&[
        "first=Anna;last=Kidd;sex=F;dob=2012-05-23;street=12 Elm St;zip=97266",
        "first=Sofia;last=Kidd;sex=F;dob=2012-05-23;street=12 Elm St;zip=97266",
    ]));
}

#[test]
fn birth_order_keeps_twins_apart_whatever_else_agrees() {
    assert!(!together(&[
        "first=Baby;last=Kidd;sex=F;dob=2012-05-23;birth_order=1;multiple_birth=Y;zip=97266;mrn=77;source=a",
        "first=Baby;last=Kidd;sex=F;dob=2012-05-23;birth_order=2;multiple_birth=Y;zip=97266;mrn=77;source=a",
    ]));
}

#[test]
fn namesakes_stay_apart() {
    for texts in [
        [
            "first=John;last=Smith;sex=M;dob=1975-05-01",
            "first=John;last=Smith;sex=M;dob=1948-11-20",
        ],
        [
            "first=John;last=Smith;sex=M;dob=1975-05-01;street=12 Elm St;zip=97266;phone=503-555-8871",
            "first=John;last=Smith;sex=M;dob=1948-11-20;street=12 Elm St;zip=97266;phone=503-555-8871",
        ],
        [
            "first=John;last=Smith;sex=M;dob=1975-05-01;ssn=536-22-8871",
            "first=John;last=Smith;sex=M;dob=1975-05-01;ssn=417-60-3312",
        ],
        [
            "first=Ann;last=Lee;sex=F;dob=1975-05-01",
            "first=Ann;last=Lee;sex=F;zip=97266",
        ],
        [
            "first=Unknown;last=Unknown;dob=1900-01-01",
            "first=Unknown;last=Unknown;dob=1900-01-01",
        ],
    ] {
        assert!(!together(&texts), "{texts:?}");
    }
}

#[test]
fn an_identifier_of_one_assigner_links_unless_contradicted() {
    let with = |text: &str, system: &str, value: &str| {
        let mut record = record(text, text);
        record
            .identifiers
            .push(Identifier::new(system, value, IdentifierKind::MedicalRecord));
        record
    };
    let linked = |a: Record, b: Record| {
        let linkage = link(&[a, b], &Config::default(), &Verdicts::default());
        let decision = linkage.pairs.first().map(|p| p.decision);
        (linkage.persons.len() == 1, decision)
    };
    let oid = "1.2.840.114350";
    // A lab order with the number and a mistyped birth date.
    let (one, _) = linked(
        with("first=Ann;last=Lee;dob=1975-05-01", oid, "00123"),
        with("first=Ann;last=Leigh;dob=1975-05-10", oid, "123"),
    );
    assert!(one);
    // The same number of two assigners means nothing.
    let (one, _) = linked(
        with("first=Ann;last=Lee;dob=1975-05-01", oid, "123"),
        with("first=Bob;last=Ray;dob=1990-05-10", "1.2.3.4", "123"),
    );
    assert!(!one);
    // Two vendors' test documents with one root: never linked, but shown.
    let (one, decision) = linked(
        with("first=Ann;last=Lee;dob=1975-05-01", oid, "123"),
        with("first=Bob;last=Ray;dob=1990-12-10", oid, "123"),
    );
    assert!(!one);
    assert_eq!(decision, Some(Decision::Review));
}

#[test]
fn verdicts_link_and_unlink_and_can_be_taken_back() {
    let records = [
        record("a", "first=Ann;last=Lee;dob=1975-05-01;zip=97266"),
        record("b", "first=Ann;last=Lee;dob=1975-05-01;zip=97266"),
        record("c", "first=Zoe;last=Ray;dob=1990-12-10"),
    ];
    let config = Config::default();
    let mut verdicts = Verdicts::default();
    let before = link(&records, &config, &verdicts);
    assert_eq!(before.persons.len(), 2);
    verdicts.set("a", "b", Verdict::Different);
    assert_eq!(link(&records, &config, &verdicts).persons.len(), 3);
    verdicts.set("b", "c", Verdict::Same);
    let moved = link(&records, &config, &verdicts);
    assert_eq!(moved.person_of(1), moved.person_of(2));
    assert_ne!(moved.person_of(0), moved.person_of(1));
    verdicts.remove("a", "b");
    verdicts.remove("b", "c");
    assert_eq!(link(&records, &config, &verdicts).persons, before.persons);
}

#[test]
fn nothing_and_empty_records_are_fine() {
    assert!(run(&[]).persons.is_empty());
    let records = [Record::new("1"), Record::new("2")];
    let linkage = link(&records, &Config::default(), &Verdicts::default());
    assert_eq!(linkage.persons.len(), 2);
}
