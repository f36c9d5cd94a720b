//! `--index`: records, model and persons that outlive the run.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use ehr::link::{Config, Linker, PersonEvent, Record, Verdicts};

use crate::args::Match;
use crate::inputs::is_standard_stream;
use crate::match_results::{Found, Indexed};
use crate::output::{Error, write};
use crate::people::{self, Columns};
use crate::rows::Rows;
use crate::told::{Note, Told};

/// Adds the rows of a table to the index, which is made where it is not there, and writes it.
pub(crate) fn run(
    path: &Path,
    rows: Rows,
    columns: &Columns,
    config: &Config,
    told: &Told,
    verdicts: Option<&Verdicts>,
    options: &Match,
) -> Result<Found, Error> {
    if is_standard_stream(path) {
        return Err(Error::Usage("--index -: an index is a file".into()));
    }
    if columns.id.is_none() {
        return Err(Error::Usage(
            "--index: the rows need ids, so that they are known when they come again; name the column with --map NAME=id"
                .into(),
        ));
    }
    let found = match read(path)? {
        None => first(rows, columns, config, told, verdicts),
        Some(linker) => {
            if options
                .false_links
                .is_some_and(|share| share.to_bits() != linker.config().false_link_rate.to_bits())
            {
                return Err(Error::Usage(format!(
                    "--false-links: the index was made with {}, which stays",
                    linker.config().false_link_rate
                )));
            }
            go_on(linker, rows, columns, told, verdicts, options.relearn)
        }
    };
    let found = found.map_err(|error| Error::file(&options.people, error))?;
    // Before the results: no id is told that is not kept.
    let bytes = serde_json::to_vec(&found.linker).map_err(|error| Error::file(path, error))?;
    write(path, &bytes)?;
    Ok(Found::Index(Box::new(found)))
}

/// The linker of an index; none where there is no such file.
fn read(path: &Path) -> Result<Option<Linker>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = std::fs::read(path).map_err(|error| Error::file(path, error))?;
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        let told = error.to_string();
        // What is quoted may be a value of a patient.
        let reason = if told.contains(['"', '`']) {
            let (line, column) = (error.line(), error.column());
            format!("not an index, or damaged at line {line} column {column}")
        } else {
            told
        };
        Error::file(path, reason)
    })
}

/// The first run: a batch.
fn first(
    rows: Rows,
    columns: &Columns,
    config: &Config,
    told: &Told,
    verdicts: Option<&Verdicts>,
) -> std::io::Result<Indexed> {
    let none = Verdicts::default();
    let linkage = people::read(rows, columns, config, told)?.link(verdicts.unwrap_or(&none));
    let mut linker = Linker::resume(linkage);
    let rows: Vec<usize> = (0..linker.len()).collect();
    Ok(Indexed {
        events: PersonEvent::between(&[], &linker.persons()),
        summary: linker.summary(),
        added: rows.len(),
        rows,
        linker,
    })
}

/// A later run: one row after another.
fn go_on(
    mut linker: Linker,
    rows: Rows,
    columns: &Columns,
    told: &Told,
    verdicts: Option<&Verdicts>,
    relearn: bool,
) -> std::io::Result<Indexed> {
    let before = linker.persons();
    let held = linker.len();
    if let Some(verdicts) = verdicts {
        linker.set_verdicts(verdicts);
    }
    let ids: HashSet<u64> = (0..held)
        .map(|position| hash(linker.record_id(position)))
        .collect();
    let mut positions = Vec::new();
    let mut record = Record::default();
    people::read_into(rows, columns, told, |numbered| {
        for (number, row) in numbered {
            record.clear();
            columns.fill(*number, row, &mut record, told);
            let position = linker.position_of(&record).unwrap_or_else(|| {
                if ids.contains(&hash(&record.id)) {
                    told.note(Note::Changed, row.line);
                }
                linker.insert(&record).position
            });
            positions.push(position);
        }
    })?;
    if relearn {
        linker.relearn();
    }
    Ok(Indexed {
        events: PersonEvent::between(&before, &linker.persons()),
        summary: linker.summary(),
        added: linker.len() - held,
        rows: positions,
        linker,
    })
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
