//! `ehr match`: the rows of a table that are the same person.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use ehr::link::{Config, Decision, Explanation, Field, Linkage, Population, Record, ScoredPair, Verdicts};
use serde_json::json;

use crate::args::{Format, Match};
use crate::output::{Error, Outcome, line, write};

pub(crate) fn run(options: &Match, format: Format) -> Result<Outcome, Error> {
    different_files(options)?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(&options.people)
        .map_err(|error| Error::file(&options.people, error))?;
    let header = reader
        .headers()
        .map_err(|error| Error::file(&options.people, error))?
        .clone();
    let columns = Columns::new(&header, &options.map)?;
    let population = read(reader, &columns).map_err(|error| Error::file(&options.people, error))?;
    let linkage = population.link(&Verdicts::default());
    write_persons(&linkage, &options.out)?;
    if let Some(path) = &options.pairs {
        write_pairs(&linkage, path)?;
    }
    report(&linkage, &columns, format);
    Ok(Outcome::AllRead)
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
    let named = [Some(&options.people), Some(&options.out), options.pairs.as_ref()];
    let mut seen = Vec::new();
    for path in named.into_iter().flatten() {
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

/// Rows that are read while those before them are normalised.
const BATCH: usize = 16_384;

/// The rows of a table as records. One thread reads ahead while the others normalise.
fn read(mut reader: csv::Reader<File>, columns: &Columns) -> Result<Population, csv::Error> {
    let mut population = Population::new(&Config::default());
    let mut done = 0;
    // Two batches in turn, so that the rows' memory is used again.
    let (mut batch, mut next) = (Vec::new(), Vec::new());
    let mut count = read_batch(&mut reader, &mut batch)?;
    while count > 0 {
        let rows = batch.get(..count).unwrap_or_default();
        let numbered: Vec<(usize, &csv::StringRecord)> = (done + 1..).zip(rows).collect();
        let (ahead, ()) = rayon::join(
            || read_batch(&mut reader, &mut next),
            || {
                population.push_all(&numbered, |(number, row), record| {
                    columns.fill(*number, row, record);
                });
            },
        );
        done += count;
        count = ahead?;
        std::mem::swap(&mut batch, &mut next);
    }
    Ok(population)
}

/// Overwrites a batch with the next rows; returns how many there were.
fn read_batch(
    reader: &mut csv::Reader<File>,
    batch: &mut Vec<csv::StringRecord>,
) -> Result<usize, csv::Error> {
    batch.resize_with(BATCH, csv::StringRecord::new);
    for (count, row) in batch.iter_mut().enumerate() {
        if !reader.read_record(row)? {
            return Ok(count);
        }
    }
    Ok(BATCH)
}

/// What each column is.
struct Columns {
    fields: Vec<Option<Field>>,
    ignored: Vec<String>,
}

impl Columns {
    fn new(header: &csv::StringRecord, map: &[String]) -> Result<Self, Error> {
        let mut named = BTreeMap::new();
        for pair in map {
            let (name, field) = pair
                .split_once('=')
                .ok_or_else(|| Error::Usage(format!("--map {pair}: not NAME=FIELD")))?;
            let known = Field::from_header(field).ok_or_else(|| {
                let all: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
                Error::Usage(format!(
                    "--map {pair}: no such field; fields are {}",
                    all.join(", ")
                ))
            })?;
            if !header.iter().any(|column| column == name) {
                return Err(Error::Usage(format!("--map {pair}: no such column")));
            }
            named.insert(name.to_owned(), known);
        }
        let fields: Vec<Option<Field>> = header
            .iter()
            .map(|name| named.get(name).copied().or_else(|| Field::from_header(name)))
            .collect();
        if !fields
            .iter()
            .any(|field| field.is_some_and(|field| field != Field::Id))
        {
            return Err(Error::Usage(
                "no column is known; name some with --map NAME=FIELD".into(),
            ));
        }
        let ignored = header
            .iter()
            .zip(&fields)
            .filter(|(_, field)| field.is_none())
            .map(|(name, _)| name.to_owned())
            .collect();
        Ok(Self { fields, ignored })
    }

    /// Writes a row into an empty record; one without an id gets its number.
    fn fill(&self, number: usize, row: &csv::StringRecord, record: &mut Record) {
        for (field, text) in self.fields.iter().zip(row) {
            if let Some(field) = field {
                record.set(*field, text);
            }
        }
        if record.id.is_empty() {
            record.id = format!("row-{number}");
        }
    }
}

fn write_persons(linkage: &Linkage, path: &Path) -> Result<(), Error> {
    write_csv(path, &["rec_id", "person"], |writer| {
        for position in 0..linkage.summary.records {
            let person = linkage
                .person_of(position)
                .and_then(|person| linkage.persons.get(person));
            let person = person.map_or("", |person| person.id.as_str());
            writer.write_record([linkage.record_id(position), person])?;
        }
        Ok(())
    })
}

fn write_pairs(linkage: &Linkage, path: &Path) -> Result<(), Error> {
    write_csv(
        path,
        &["a", "b", "probability", "decision", "evidence"],
        |writer| {
            for pair in &linkage.pairs {
                let explanation = linkage.explain(pair.a, pair.b);
                writer.write_record([
                    linkage.record_id(pair.a),
                    linkage.record_id(pair.b),
                    &format!("{:.6}", pair.probability),
                    decision_name(pair),
                    &explanation.map_or_else(String::new, |explanation| evidence(&explanation)),
                ])?;
            }
            Ok(())
        },
    )
}

fn write_csv(
    path: &Path,
    header: &[&str],
    rows: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> Result<(), csv::Error>,
) -> Result<(), Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(header)
        .and_then(|()| rows(&mut writer))
        .map_err(|error| Error::file(path, error))?;
    let bytes = writer.into_inner().map_err(|error| Error::file(path, error))?;
    write(path, &bytes)
}

fn decision_name(pair: &ScoredPair) -> &'static str {
    match pair.decision {
        Decision::Match => "match",
        Decision::Review => "review",
        _ => "no-match",
    }
}

/// The terms of a score on one line: `birth date: same +11.2; …`, without values.
pub(crate) fn evidence(explanation: &Explanation) -> String {
    let mut parts: Vec<String> = explanation
        .terms
        .iter()
        .map(|term| {
            format!(
                "{}: {} {:+.1}",
                term.comparison.name(),
                term.level_name(),
                term.weight + term.frequency
            )
        })
        .collect();
    parts.extend(explanation.rule.map(|rule| rule.describe().to_owned()));
    parts.join("; ")
}

fn report(linkage: &Linkage, columns: &Columns, format: Format) {
    let summary = &linkage.summary;
    if format == Format::Json {
        line(
            &json!({
                "records": summary.records,
                "persons": summary.persons,
                "compared": summary.compared,
                "matches": summary.matches,
                "reviews": summary.reviews,
                "expected_false_links": summary.expected_false_links,
                "blocking_recall": summary.blocking_recall,
                "ignored_columns": columns.ignored,
            })
            .to_string(),
        );
        return;
    }
    if !columns.ignored.is_empty() {
        line(&format!("ignored columns: {}", columns.ignored.join(", ")));
    }
    line(&format!(
        "{} records, {} persons; {} pairs compared, {} matched, {} for review",
        summary.records, summary.persons, summary.compared, summary.matches, summary.reviews
    ));
    line(&format!(
        "expected share of false links {:.4}, of true pairs compared {:.4}",
        summary.expected_false_links, summary.blocking_recall
    ));
}
