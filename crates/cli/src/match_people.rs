//! `ehr match`: the rows of a table that are the same person.

use std::collections::BTreeMap;
use std::path::Path;

use ehr::link::{Config, Decision, Explanation, Field, Linkage, Population, Record, ScoredPair, Verdicts};
use serde_json::json;

use crate::args::{Format, Match};
use crate::output::{Error, Outcome, line, write};

pub(crate) fn run(options: &Match, format: Format) -> Result<Outcome, Error> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(&options.people)
        .map_err(|error| Error::file(&options.people, error))?;
    let header = reader
        .headers()
        .map_err(|error| Error::file(&options.people, error))?
        .clone();
    let columns = Columns::new(&header, &options.map)?;
    let mut population = Population::new(&Config::default());
    let mut record = Record::default();
    let mut row = csv::StringRecord::new();
    while reader
        .read_record(&mut row)
        .map_err(|error| Error::file(&options.people, error))?
    {
        record.clear();
        for (field, text) in columns.fields.iter().zip(&row) {
            if let Some(field) = field {
                record.set(*field, text);
            }
        }
        if record.id.is_empty() {
            record.id = format!("row-{}", population.len() + 1);
        }
        population.push(&record);
    }
    let linkage = population.link(&Verdicts::default());
    write_persons(&linkage, &options.out)?;
    if let Some(path) = &options.pairs {
        write_pairs(&linkage, path)?;
    }
    report(&linkage, &columns, format);
    Ok(Outcome::AllRead)
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
}

fn write_persons(linkage: &Linkage, path: &Path) -> Result<(), Error> {
    let count = linkage.summary.records;
    let rows = (0..count).map(|position| {
        let person = linkage
            .person_of(position)
            .and_then(|person| linkage.persons.get(person));
        [
            linkage.record_id(position).to_owned(),
            person.map(|person| person.id.clone()).unwrap_or_default(),
        ]
    });
    write_csv(path, &["rec_id", "person"], rows)
}

fn write_pairs(linkage: &Linkage, path: &Path) -> Result<(), Error> {
    let rows = linkage.pairs.iter().map(|pair| {
        [
            linkage.record_id(pair.a).to_owned(),
            linkage.record_id(pair.b).to_owned(),
            format!("{:.6}", pair.probability),
            decision_name(pair).to_owned(),
            linkage
                .explain(pair.a, pair.b)
                .map(|explanation| evidence(&explanation))
                .unwrap_or_default(),
        ]
    });
    write_csv(path, &["a", "b", "probability", "decision", "evidence"], rows)
}

fn write_csv<const N: usize>(
    path: &Path,
    header: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<(), Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(header)
        .map_err(|error| Error::file(path, error))?;
    for row in rows {
        writer
            .write_record(&row)
            .map_err(|error| Error::file(path, error))?;
    }
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
