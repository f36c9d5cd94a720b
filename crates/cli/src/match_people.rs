//! `ehr match`: the rows of a table that are the same person.

use std::path::Path;

use ehr::link::{Config, Field};
use ehr::types::Finding;

use crate::args::{Format, Match};
use crate::inputs::is_standard_stream;
use crate::match_index;
use crate::match_results::{Found, report, write_results};
use crate::output::{Error, Outcome, tell};
use crate::people::{self, Columns};
use crate::rows::{Row, Rows};
use crate::told::Told;
use crate::verdicts;

pub(crate) fn run(options: &Match, format: Format) -> Result<Outcome, Error> {
    different_files(options)?;
    let decided = verdicts::read_option(options.verdicts.as_deref())?;
    let mut config = Config::default();
    if let Some(share) = options.false_links {
        config.false_link_rate = share;
    }
    let failed = |error| Error::file(&options.people, error);
    let mut rows = Rows::open(&options.people)?;
    let is_known = |name: &str| {
        let mut mapped = options.map.iter().filter_map(|pair| pair.split_once('='));
        mapped.any(|(column, _)| column == name) || Field::from_header(name).is_some()
    };
    let separator = rows.find_separator(is_known).map_err(failed)?;
    let mut header = Row::default();
    if !rows.read(&mut header).map_err(failed)? {
        return Err(Error::file(&options.people, "nothing to read"));
    }
    let columns = Columns::new(&header, &options.map)?;
    let told = Told::default();
    told.row(&header, header.len());
    let found = match &options.index {
        Some(path) => {
            let verdicts = options.verdicts.as_ref().map(|_| &decided);
            match_index::run(path, rows, &columns, &config, &told, verdicts, options)?
        }
        None => {
            let population = people::read(rows, &columns, &config, &told).map_err(failed)?;
            Found::Batch(population.link(&decided))
        }
    };
    for id in verdicts::strangers(&decided, found.ids()) {
        tell(&format!(
            "ehr: a verdict names {id}, which is no row of this table"
        ));
    }
    write_results(&found, options)?;
    let findings = told.findings(&columns, separator);
    report(&found, &columns, &findings, options, format);
    Ok(if findings.iter().any(Finding::is_error) {
        Outcome::SomeUnreadable
    } else {
        Outcome::AllRead
    })
}

/// Neither result is written over the input or over the other.
fn different_files(options: &Match) -> Result<(), Error> {
    // What does not exist yet is known by its folder and name.
    let place = |path: &Path| {
        path.canonicalize().or_else(|_| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
            Ok::<_, std::io::Error>(folder.join(path.file_name().unwrap_or_default()))
        })
    };
    let results = [
        Some(&options.out),
        options.pairs.as_ref(),
        options.events.as_ref(),
    ];
    if results
        .iter()
        .flatten()
        .filter(|path| is_standard_stream(path))
        .count()
        > 1
    {
        return Err(Error::Usage("standard output for two results".into()));
    }
    let named = [
        Some(&options.people),
        options.verdicts.as_ref(),
        options.index.as_ref(),
    ]
    .into_iter()
    .chain(results);
    let mut seen = Vec::new();
    for path in named.flatten().filter(|path| !is_standard_stream(path)) {
        if path.exists() && !path.is_file() {
            continue; // A device takes whatever comes.
        }
        if let Ok(place) = place(path) {
            if seen.contains(&place) {
                return Err(Error::Usage(format!(
                    "{}: one file for two purposes",
                    path.display()
                )));
            }
            seen.push(place);
        }
    }
    Ok(())
}
