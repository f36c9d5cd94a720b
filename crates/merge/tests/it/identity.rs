//! Which charts are of one person.

use ehr_link::{Config, Verdict, Verdicts};
use ehr_merge::{Policy, chart_key, identify};
use ehr_model::{Chart, IdentityStatement, Patient, PatientLink, RecordClass, Reference, Status};
use ehr_types::{Address, ContactPoint, Date, HumanName, Identifier};

use crate::charts::*;

fn patient(given: &str, family: &str, born: &str, sex: &str) -> Patient {
    Patient {
        name: vec![HumanName {
            family: Some(family.into()),
            given: vec![given.into()],
            ..HumanName::default()
        }],
        birth_date: Date::parse(born).ok(),
        gender: Some(Status::fhir(sex)),
        address: vec![Address {
            line: vec!["12 Mill Lane".into()],
            city: Some("Riverside".into()),
            state: Some("OR".into()),
            postal_code: Some("97201".into()),
            ..Address::default()
        }],
        telecom: vec![ContactPoint {
            system: Some("phone".into()),
            value: Some("(503) 555-0147".into()),
            ..ContactPoint::default()
        }],
        ..Patient::default()
    }
}

fn groups(charts: &[Chart], verdicts: &Verdicts) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = identify(charts, &Config::default(), verdicts)
        .persons
        .into_iter()
        .map(|person| person.charts)
        .collect();
    groups.sort();
    groups
}

#[test]
fn one_person_in_two_spellings_and_a_twin() {
    let charts = [
        chart(
            "a",
            vec![patient("Katherine", "Kidd", "2012-03-09", "female").into()],
        ),
        chart(
            "b",
            vec![patient("KATHERINE", "KIDD", "2012-03-09", "female").into()],
        ),
        chart("c", vec![patient("Karl", "Kidd", "2012-03-09", "male").into()]),
    ];
    assert_eq!(groups(&charts, &Verdicts::default()), [vec![0, 1], vec![2]]);
}

#[test]
fn a_verdict_undoes_a_link_and_its_removal_restores_it() {
    let charts = [
        chart(
            "a",
            vec![patient("Katherine", "Kidd", "2012-03-09", "female").into()],
        ),
        chart(
            "b",
            vec![patient("Katherine", "Kidd", "2012-03-09", "female").into()],
        ),
    ];
    let policy = Policy::default();
    let whole = identify(&charts, &Config::default(), &Verdicts::default()).records(&charts, &policy);
    assert_eq!(whole.len(), 1);
    let mut verdicts = Verdicts::default();
    let (a, b) = (chart_key(&charts[0]).unwrap(), chart_key(&charts[1]).unwrap());
    verdicts.set(&a, &b, Verdict::Different);
    let parted = identify(&charts, &Config::default(), &verdicts).records(&charts, &policy);
    assert_eq!(parted.len(), 2);
    for record in &parted {
        let alone = ehr_merge::merge(&record.person, &record.charts, &policy);
        assert_eq!(*record, alone);
        assert_eq!(record.charts.len(), 1);
    }
    verdicts.remove(&a, &b);
    let again = identify(&charts, &Config::default(), &verdicts).records(&charts, &policy);
    assert_eq!(again, whole);
}

#[test]
fn a_replaced_registration_is_the_same_person() {
    let mut survivor = patient("Katherine", "Lind-Moore", "2012-03-09", "female");
    survivor.link = vec![PatientLink {
        other: Some(Reference {
            identifier: Some(Identifier::new("urn:oid:1.2.3", "OLD-7")),
            ..Reference::default()
        }),
        type_: Some("replaces".into()),
    }];
    let mut old = Patient {
        identifier: vec![Identifier::new("urn:oid:1.2.3", "OLD-7")],
        ..Patient::default()
    };
    old.name = vec![HumanName {
        text: Some("Unknown Girl".into()),
        ..HumanName::default()
    }];
    let charts = [
        chart("adt", vec![survivor.into()]),
        chart("lab", vec![old.into()]),
    ];
    assert_eq!(groups(&charts, &Verdicts::default()), [vec![0, 1]]);
}

#[test]
fn a_chart_without_a_patient_is_kept_and_marked() {
    let charts = [
        chart(
            "a",
            vec![patient("Katherine", "Kidd", "2012-03-09", "female").into()],
        ),
        chart("b", vec![allergy(code(RXNORM, "1191", "Aspirin")).into()]),
    ];
    let found = identify(&charts, &Config::default(), &Verdicts::default());
    let marked: Vec<_> = found
        .persons
        .iter()
        .map(|p| (p.charts.clone(), p.identified))
        .collect();
    assert!(marked.contains(&(vec![0], true)) && marked.contains(&(vec![1], false)));
    let records = found.records(&charts, &Policy::default());
    let allergies: usize = records
        .iter()
        .map(|record| record.of_class(RecordClass::AllergyIntolerance).count())
        .sum();
    assert_eq!(allergies, 1);
}

#[test]
fn demographics_in_dispute_are_shown() {
    let mut other = patient("Kathy", "Kidd", "2012-03-19", "female");
    other.name[0].use_ = Some("official".into());
    let record = merged(&[
        chart(
            "a",
            vec![patient("Katherine", "Kidd", "2012-03-09", "female").into()],
        ),
        chart("b", vec![other.into()]),
        chart("c", vec![patient("K", "Kidd", "2012", "unknown").into()]),
    ]);
    assert_eq!(
        members(&record, RecordClass::Patient),
        [vec!["a/0", "b/0", "c/0"]]
    );
    assert_eq!(conflicts(&record, RecordClass::Patient), ["name", "birthDate"]);
}

#[test]
fn accents_are_no_disagreement_and_two_social_security_numbers_are() {
    let ssn = |number: &str| Identifier::new("http://hl7.org/fhir/sid/us-ssn", number);
    let mut plain = patient("MARTA", "ZYWICKI", "1961-04-07", "female");
    plain.identifier = vec![ssn("219-45-8812")];
    let mut marked = patient("Marta", "Żywicki", "1961-04-07", "female");
    marked.identifier = vec![ssn("219458812")];
    let record = merged(&[
        chart("a", vec![plain.into()]),
        chart("b", vec![marked.clone().into()]),
    ]);
    assert_eq!(conflicts(&record, RecordClass::Patient), Vec::<String>::new());
    let mut other = marked.clone();
    other.identifier = vec![ssn("219-45-0001")];
    let record = merged(&[chart("a", vec![marked.into()]), chart("b", vec![other.into()])]);
    assert_eq!(conflicts(&record, RecordClass::Patient), ["identifier"]);
}

/// A chart of Katherine with a number of the hospital.
fn numbered(source: &str, number: &str) -> Chart {
    let mut patient = patient("Katherine", "Kidd", "2012-03-09", "female");
    patient.identifier = vec![Identifier::new("urn:oid:1.2.3", number)];
    chart(source, vec![patient.into()])
}

fn number(value: &str) -> Reference {
    Reference {
        identifier: Some(Identifier::new("urn:oid:1.2.3", value)),
        ..Reference::default()
    }
}

fn says(is_one_person: bool, at: &str) -> IdentityStatement {
    IdentityStatement {
        patient: vec![number("7")],
        other: vec![number("8")],
        is_one_person,
        recorded: Some(time(at)),
    }
}

#[test]
fn whom_a_source_parts_are_two_people_until_it_links_them_again() {
    let charts = |statements: &[IdentityStatement]| {
        let mut charts = [numbered("a", "7"), numbered("b", "8"), numbered("c", "8")];
        // It does not matter which chart says it.
        charts[2].identity = statements.to_vec();
        charts
    };
    let link = |at| says(true, at);
    let part = |at| says(false, at);
    for (statements, expected) in [
        (vec![], vec![vec![0, 1, 2]]),
        (vec![part("2024-01-02")], vec![vec![0], vec![1, 2]]),
        (vec![part("2024-01-02"), link("2024-01-03")], vec![vec![0, 1, 2]]),
        (vec![link("2024-01-03"), part("2024-01-02")], vec![vec![0, 1, 2]]),
        (
            vec![link("2024-01-02"), part("2024-01-03")],
            vec![vec![0], vec![1, 2]],
        ),
        (
            vec![link("2024-01-02"), part("2024-01-02")],
            vec![vec![0], vec![1, 2]],
        ),
    ] {
        assert_eq!(groups(&charts(&statements), &Verdicts::default()), expected);
    }
    // A reviewer has the last word.
    let charts = charts(&[part("2024-01-02")]);
    let mut verdicts = Verdicts::default();
    let key = |at: usize| chart_key(&charts[at]).unwrap();
    verdicts.set(&key(0), &key(1), Verdict::Same);
    verdicts.set(&key(0), &key(2), Verdict::Same);
    assert_eq!(groups(&charts, &verdicts), [vec![0, 1, 2]]);
}

#[test]
fn a_link_that_is_not_known_to_be_later_does_not_join_whom_a_source_parted() {
    let mut charts = [numbered("a", "7"), numbered("b", "8")];
    charts[0].identity = vec![says(false, "2024-01-02")];
    let mut linked = patient("Katherine", "Kidd", "2012-03-09", "female");
    linked.identifier = vec![Identifier::new("urn:oid:1.2.3", "8")];
    linked.link = vec![PatientLink {
        other: Some(number("7")),
        type_: Some("seealso".into()),
    }];
    charts[1] = chart("b", vec![linked.into()]);
    assert_eq!(groups(&charts, &Verdicts::default()), [vec![0], vec![1]]);
}

#[test]
fn a_link_of_two_who_are_not_alike_is_left_to_a_reviewer() {
    let linked = |mut other: Patient| {
        let mut one = patient("Rebecca", "Larson", "1970-05-01", "female");
        one.identifier = vec![Identifier::new("urn:oid:1.2.3", "7")];
        one.link = vec![PatientLink {
            other: Some(number("8")),
            type_: Some("seealso".into()),
        }];
        other.identifier = vec![Identifier::new("urn:oid:1.2.3", "8")];
        [chart("a", vec![one.into()]), chart("b", vec![other.into()])]
    };
    for (other, is_linked) in [
        (patient("Mark", "Jones", "1980-01-01", "male"), false),
        // A mother and her child.
        (patient("Amy", "Larson", "2023-01-01", "female"), false),
        (patient("Rebecca", "Jones", "1970-01-05", "female"), true),
        (patient("Baby", "Larson", "1970-05-01", "female"), true),
    ] {
        let charts = linked(other);
        let found = identify(&charts, &Config::default(), &Verdicts::default());
        assert_eq!(found.persons.len() == 1, is_linked);
        assert_eq!(found.review.len(), usize::from(!is_linked));
        if let Some(pair) = found.review.first() {
            assert!(
                pair.rule
                    .as_ref()
                    .unwrap()
                    .starts_with("a source says that it is one person")
            );
            assert!(!pair.evidence.is_empty());
            let mut verdicts = Verdicts::default();
            let keys = (chart_key(&charts[0]).unwrap(), chart_key(&charts[1]).unwrap());
            for (verdict, persons) in [(Verdict::Same, 1), (Verdict::Different, 2)] {
                verdicts.set(&keys.0, &keys.1, verdict);
                let decided = identify(&charts, &Config::default(), &verdicts);
                assert_eq!((decided.persons.len(), decided.review.len()), (persons, 0));
            }
        }
    }
}

#[test]
fn that_two_unlike_ones_are_one_person_is_asked_where_no_link_follows_it() {
    let mut charts = [numbered("a", "7"), numbered("b", "8")];
    charts[0].identity = vec![says(true, "2024-01-02")];
    // Who is linked by what the charts say is not asked about.
    let found = identify(&charts, &Config::default(), &Verdicts::default());
    assert_eq!((found.persons.len(), found.review.len()), (1, 0));
    let mut other = patient("Mark", "Jones", "1980-01-01", "male");
    other.identifier = vec![Identifier::new("urn:oid:1.2.3", "8")];
    charts[1] = chart("b", vec![other.into()]);
    let found = identify(&charts, &Config::default(), &Verdicts::default());
    assert_eq!((found.persons.len(), found.review.len()), (2, 1));
    charts[0].identity.push(says(false, "2024-01-03"));
    let found = identify(&charts, &Config::default(), &Verdicts::default());
    assert_eq!((found.persons.len(), found.review.len()), (2, 0));
}
