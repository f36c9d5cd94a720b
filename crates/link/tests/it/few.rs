//! A handful of records, as from a few documents: nothing can be learnt from them.

use ehr_link::{
    Config, Decision, Field, Identifier, IdentifierKind, Linkage, Record, Rule, Verdict, Verdicts, link,
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
            "source=a;first=John;last=Farrell;sex=M;dob=1975-05-01",
            "source=b;first=John;last=Farrell;sex=M;dob=1975-05-01",
        ],
        [
            "source=a;first=Adam;middle=Frankie;last=Everyman;sex=M;dob=1962-10-22;street=2222 Home St;zip=97266",
            "source=b;first=Adam;last=Everyman;sex=M;dob=1962-10-22;street=1 Other Ave;zip=20001",
        ],
        [
            "source=a;first=Robert;last=Okafor;dob=1980-05-17",
            "source=b;first=Bob;last=Okafor;dob=1980-05-17",
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

/// That the first two records are two persons, and a pair for a reviewer.
fn assert_reviewed(texts: &[&str]) {
    let linkage = run(texts);
    assert_ne!(linkage.person_of(0), linkage.person_of(1), "{texts:?}");
    let queue = linkage.review_queue();
    assert!(queue.iter().any(|pair| (pair.a, pair.b) == (0, 1)), "{texts:?}");
}

/// Each text followed by the rest that all have in common.
fn with(texts: [&str; 2], rest: &str) -> [String; 2] {
    texts.map(|text| format!("{text};{rest}"))
}

#[test]
fn twins_named_alike_go_to_a_reviewer() {
    let household = "last=Zywicki;dob=2015-05-05;street=14 Quarry Lane;zip=89801;phone=775-284-2381";
    for names in [
        ["first=Anna", "first=Anne"],
        ["first=Julia", "first=Julie"],
        ["first=Anna", "first=Hanna"],
        ["first=Mia", "first=Mila"],
        ["first=Jan", "first=Jana"],
        ["first=Maria;middle=Anna", "first=Maria;middle=Lena"],
        ["first=Maria Anna", "first=Maria Lena"],
        ["first=Anna Maria", "first=Lena Maria"],
        ["first=Zofia-Anna", "first=Zofia-Lena"],
        ["first=A", "first=Anna"],
        ["first=Robert", "first=Roberto"],
        ["first=Jan;suffix=Sr", "first=Jan;suffix=Jr"],
    ] {
        let [a, b] = with(names, household);
        assert_reviewed(&[&a, &b]);
        // A third record that fits both, or has a number of one of them, does not bring them together.
        for third in ["first=A", "first=Anna;ssn=536-22-8871"] {
            let third = format!("{third};{household}");
            assert!(!together(&[&a, &b, &third]), "{names:?}");
        }
        // Their own numbers do.
        let [a, b] = with(names, &format!("{household};ssn=536-22-8871"));
        if names[0] != "first=Mia" && names[0] != "first=Jan" && names[1] != "first=Hanna" {
            assert!(together(&[&a, &b]), "{names:?}");
        }
    }
    // One name in two spellings, or what its bearer is called, is no twin's.
    for names in [
        ["first=Sara", "first=Sarah"],
        ["first=Brian", "first=Bryan"],
        ["first=Robert", "first=Bob"],
        ["first=Marcus", "first=Marc"],
        ["first=Mary Ann", "first=Mary Anne"],
        ["first=Mary Ann", "first=Mary"],
        ["first=Maria;middle=Anna", "first=Maria;middle=A"],
        ["first=Maria;middle=Anna", "first=Maria"],
    ] {
        let [a, b] = with(names, household);
        assert!(together(&[&a, &b]), "{names:?}");
    }
}

#[test]
fn a_record_that_fits_two_twins_is_neither_unless_a_number_tells() {
    let household = "last=Zywicki;dob=2015-05-05;street=14 Quarry Lane;zip=89801;phone=775-284-2381";
    for names in [
        ["first=Jose;middle=Luis", "first=Jose;middle=Carlos", "first=Jose"],
        ["first=Anna", "first=Anne", "first=Annie"],
    ] {
        let [luis, carlos, open] = names.map(|name| format!("{name};{household}"));
        let linkage = run(&[&luis, &carlos, &open]);
        assert_eq!(linkage.persons.len(), 3, "{names:?}");
        let queue: Vec<_> = linkage.review_queue().iter().map(|p| (p.a, p.b)).collect();
        assert!(
            queue.contains(&(0, 2)) && queue.contains(&(1, 2)),
            "{names:?} {queue:?}"
        );
        // Where there is one of them alone, it is that one.
        assert!(together(&[&luis, &open]), "{names:?}");
        let numbered = [&luis, &open].map(|text| format!("{text};ssn4=8871"));
        assert!(together(&[&numbered[0], &numbered[1], &carlos]), "{names:?}");
    }
}

#[test]
fn namesakes_go_to_a_reviewer_unless_something_supports_them() {
    let elsewhere = [
        "street=14 Quarry Lane;zip=89801;phone=775-284-2381",
        "street=9 Elm St;zip=02110;phone=617-284-9911",
    ];
    for name in [
        "first=John;last=Smith;dob=1975-05-01",
        "first=Maria;last=Garcia;dob=1961-04-07",
        "first=Mohammed;last=Ali;dob=1980-01-01",
        // A year is all that is known of them.
        "first=Marta;last=Zywicki;dob=1980-01-01",
    ] {
        assert_reviewed(&[name, name]);
        let [a, b] = elsewhere.map(|place| format!("{name};{place}"));
        assert_reviewed(&[&a, &b]);
        for more in ["phone=775-284-2381", "street=9 Elm St;zip=02110", "ssn4=8871"] {
            let more = format!("{name};{more}");
            assert!(together(&[&more, &more]), "{more}");
        }
    }
    // A place or a middle name are enough where the day is known.
    for more in ["zip=02110", "middle=Ilse"] {
        let more = format!("first=Maria;last=Garcia;dob=1961-04-07;{more}");
        assert!(together(&[&more, &more]), "{more}");
    }
    let rare = "first=Marta;last=Zywicki;dob=1961-04-07";
    let [a, b] = elsewhere.map(|place| format!("{rare};{place}"));
    assert!(together(&[&a, &b]));
}

#[test]
fn a_shared_number_asks_for_a_reviewer_whatever_else_differs() {
    for number in [
        "ssn=219-45-8812",
        "source=a;mrn=4711",
        "source=a;mrn=00001",
        "medicaid=AB12",
    ] {
        let [a, b] = with(
            [
                "first=Marta;last=Zywicki;sex=F;dob=1961-04-07;zip=89801",
                "first=Bob;last=Brown;sex=M;dob=1980-02-02",
            ],
            number,
        );
        assert_reviewed(&[&a, &b]);
    }
    // What is written for no number is none.
    for number in [
        "ssn=999-99-9999",
        "source=a;mrn=0",
        "source=a;mrn=none",
        "source=a;mrn=111111",
    ] {
        let [a, b] = with(["first=Marta;last=Zywicki", "first=Bob;last=Brown"], number);
        assert!(run(&[&a, &b]).pairs.is_empty(), "{number}");
    }
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

#[test]
fn verified_identifiers_decide_whatever_else_there_is() {
    let record = |id: &str, given: &str, birth: &str, kind: IdentifierKind, number: &str| {
        let mut record = Record::new(id);
        record.set(Field::Given, given);
        record.set(Field::Family, "Okonkwo");
        record.set(Field::BirthDate, birth);
        record.set(Field::Phone, "503-284-8871");
        record
            .identifiers
            .push(Identifier::new("urn:oid:1.2.3", number, kind));
        record
    };
    use IdentifierKind::{Other, Unique, Verified};
    let pair = |a: &Record, b: &Record| {
        let linkage = link(&[a.clone(), b.clone()], &Config::default(), &Verdicts::default());
        let turned = link(&[b.clone(), a.clone()], &Config::default(), &Verdicts::default());
        let found = |linkage: &Linkage| {
            linkage
                .pairs
                .first()
                .map(|pair| (pair.decision, pair.rule, pair.pattern))
        };
        assert_eq!(found(&linkage), found(&turned));
        found(&linkage).map(|(decision, rule, _)| (decision, rule))
    };
    let first = record("1", "Ngozi", "1980-05-17", Verified, "A1007");
    // The same person under another name, and two people who look like one.
    let renamed = record("2", "Charles", "1980-05-17", Verified, "A1007");
    assert_eq!(
        pair(&first, &renamed),
        Some((Decision::Match, Some(Rule::SameIdentifier)))
    );
    let other = record("3", "Ngozi", "1980-05-17", Verified, "A2009");
    assert_eq!(
        pair(&first, &other),
        Some((Decision::NoMatch, Some(Rule::OtherVerifiedIdentifier)))
    );
    // Verified on one side alone, it asks for a reviewer.
    for kind in [Unique, Other] {
        let other = record("3", "Ngozi", "1980-05-17", kind, "A2009");
        assert_eq!(
            pair(&first, &other),
            Some((Decision::Review, Some(Rule::OtherIdentifier)))
        );
        let renamed = record("2", "Charles", "1980-05-17", kind, "A1007");
        assert_eq!(
            pair(&first, &renamed),
            Some((Decision::Review, Some(Rule::IdentifierContradicted)))
        );
    }
    // Nor do the two come together through a third.
    let mut between = record("4", "Ngozi", "1980-05-17", Other, "");
    between.identifiers.clear();
    let linkage = link(&[first, between, other], &Config::default(), &Verdicts::default());
    assert_ne!(linkage.person_of(0), linkage.person_of(2));
}
