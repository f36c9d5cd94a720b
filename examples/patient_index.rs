//! Keep an index of patients between runs: each registration gets the id of its person, and ids stay.
//!
//! Run it twice: `cargo run --release -p ehr-examples --example patient_index -- target/patients.index`
//!
//! To change when copying: `registrations`, which would take what arrives, and where the file is kept: it holds data of patients. A
//! first file of many registrations is better linked at once (`link`, then `Linker::resume`), so that the model is learnt from them.

use std::error::Error;
use std::fs;
use std::path::Path;

use ehr::link::{Config, Field, Linker, Model, Record};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "target/patients.index".into());
    let path = Path::new(&path);
    let mut linker = open(path)?;
    for record in registrations() {
        match linker.position_of(&record) {
            Some(position) => println!(
                "{}: known, {}",
                record.id,
                linker.person_of(position).unwrap_or_default()
            ),
            None => {
                let inserted = linker.insert(&record);
                println!("{}: {}, {:?}", record.id, inserted.person, inserted.events);
            }
        }
    }
    for pair in linker.review_queue() {
        println!(
            "for review: {} and {}",
            linker.record_id(pair.a),
            linker.record_id(pair.b)
        );
    }
    save(&linker, path)
}

/// The index as it was left, or an empty one that judges as for a hundred thousand people.
fn open(path: &Path) -> Result<Linker, Box<dyn Error>> {
    if !path.exists() {
        return Ok(Linker::new(&Config::default(), Model::built_in(100_000)));
    }
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// Writes the index whole: what was there before stays until the new one is complete.
fn save(linker: &Linker, path: &Path) -> Result<(), Box<dyn Error>> {
    let unfinished = path.with_extension("part");
    fs::write(&unfinished, serde_json::to_vec(linker)?)?;
    fs::rename(&unfinished, path)?;
    Ok(())
}

fn registrations() -> Vec<Record> {
    let rows = [
        ["clinic/1", "Katherine", "O'Neill", "1984-11-30", "555-010-2001"],
        ["hospital/77", "Kate", "ONeill", "19841130", "(555) 010-2001"],
        ["clinic/2", "Jonas", "Weber", "2015-05-05", "555-010-3003"],
    ];
    let fields = [
        Field::Id,
        Field::Given,
        Field::Family,
        Field::BirthDate,
        Field::Phone,
    ];
    let record = |row: [&str; 5]| {
        let mut record = Record::default();
        fields
            .into_iter()
            .zip(row)
            .for_each(|(field, text)| record.set(field, text));
        record
    };
    rows.map(record).into()
}

#[test]
fn ids_stay_from_run_to_run() {
    let mut linker = Linker::new(&Config::default(), Model::built_in(100_000));
    let ids: Vec<String> = registrations()
        .iter()
        .map(|record| linker.insert(record).person)
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    let path = std::env::temp_dir().join(format!("patients-{}.index", std::process::id()));
    save(&linker, &path).expect("written");
    let mut again = open(&path).expect("read");
    fs::remove_file(&path).expect("removed");
    for (record, id) in registrations().iter().zip(&ids) {
        let position = again.position_of(record).expect("known");
        assert_eq!(again.person_of(position).as_ref(), Some(id));
    }
}
