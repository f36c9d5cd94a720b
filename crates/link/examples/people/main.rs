//! Writes a table of synthetic registrations whose truth is known, for measurements at scale.
//!
//! `cargo run --release -p ehr-link --example people -- 1000000 7 > people.csv` writes a
//! million records of the people of one seed: families at one address, twins, fathers and sons of
//! one name, moves, marriages, nicknames, missing values and errors of typing, spread over eight
//! practices. The columns `person_id` and `household_id` are the truth. Nothing in it is real.
//!
//! A third argument makes what is rare frequent: with `twins`, half of the younger brothers and sisters are twins of the
//! elder, half of those named alike, and nobody has a number of their own; with `namesakes`, one in five people bears
//! one of a few names, and half of these were registered as born on the first of January.

#[path = "table.rs"]
mod table;

use std::error::Error;
use std::io::{BufWriter, Write};

use table::{HEADER, Kind, table};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let wanted: usize = arguments.next().unwrap_or_else(|| "10000".into()).parse()?;
    let seed: u64 = arguments.next().unwrap_or_else(|| "1".into()).parse()?;
    let kind = match arguments.next().as_deref() {
        None => Kind::Usual,
        Some("twins") => Kind::Twins,
        Some("namesakes") => Kind::Namesakes,
        Some(other) => return Err(format!("{other}: not a kind of table").into()),
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    writeln!(out, "{HEADER}")?;
    for row in table(wanted, seed, kind) {
        writeln!(out, "{}", row.join(","))?;
    }
    Ok(())
}
