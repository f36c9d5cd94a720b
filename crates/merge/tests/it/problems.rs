//! Problems: episodes, sides of the body, and how they ended.

use ehr_model::{Condition, Occurrence, Record, RecordClass};

use crate::charts::*;

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
