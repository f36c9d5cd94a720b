//! Places: what lies in different places is not one for its number.

use ehr_model::{EntryId, Location, Record, RecordClass, Reference};

use crate::charts::*;

const KINDS: &str = "http://terminology.hl7.org/CodeSystem/location-physical-type";

/// A place within another of its chart.
fn place(source: &str, name: &str, kind: &str, within: Option<&str>) -> Record {
    let entry = |key: &str| EntryId::derive(RecordClass::Location, &[source, key]);
    Record::from(Location {
        name: Some(name.to_owned()),
        physical_type: state(KINDS, kind),
        part_of: within.map(|key| Reference::to(&entry(key))),
        ..Location::default()
    })
}

#[test]
fn a_bed_is_the_bed_of_its_room() {
    check(
        RecordClass::Location,
        vec![
            vec![
                place("a", "ICU", "wa", None),
                place("a", "9", "ro", Some("0")),
                place("a", "1", "bd", Some("1")),
            ],
            vec![
                place("b", "W", "wa", None),
                place("b", "1", "ro", Some("0")),
                place("b", "1", "bd", Some("1")),
            ],
            vec![
                place("c", "ICU", "wa", None),
                place("c", "9", "ro", Some("0")),
                place("c", "9", "bd", Some("1")),
                place("c", "1", "bd", Some("1")),
            ],
        ],
        &[
            &["a/0", "c/0"],
            &["a/1", "c/1"],
            &["a/2", "c/3"],
            &["b/0"],
            &["b/1"],
            &["b/2"],
            &["c/2"],
        ],
    );
}
