//! `ehr match`: the rows of a table that are the same person.

use std::path::Path;

use ehr::link::{Config, Decision, Explanation, Field, Linkage, ScoredPair};
use ehr::types::Finding;
use serde_json::json;

use crate::args::{Format, Match};
use crate::inputs::is_standard_stream;
use crate::output::{Error, Outcome, count, finding_json, line, print, tell, write};
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
    let population = people::read(rows, &columns, &config, &told).map_err(failed)?;
    let linkage = population.link(&decided);
    let ids = (0..linkage.summary.records).map(|position| linkage.record_id(position));
    for id in verdicts::strangers(&decided, ids) {
        tell(&format!(
            "ehr: a verdict names {id}, which is no row of this table"
        ));
    }
    write_persons(&linkage, &options.out)?;
    if let Some(path) = &options.pairs {
        write_pairs(&linkage, path)?;
    }
    let findings = told.findings(&columns, separator);
    report(&linkage, &columns, &findings, options, format);
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
    let results = [Some(&options.out), options.pairs.as_ref()];
    if results
        .iter()
        .flatten()
        .filter(|path| is_standard_stream(path))
        .count()
        > 1
    {
        return Err(Error::Usage("standard output for two results".into()));
    }
    let named = [Some(&options.people), options.verdicts.as_ref()]
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
    if is_standard_stream(path) {
        print(&bytes);
        return Ok(());
    }
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
fn evidence(explanation: &Explanation) -> String {
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

fn report(linkage: &Linkage, columns: &Columns, findings: &[Finding], options: &Match, format: Format) {
    let summary = &linkage.summary;
    let in_part = findings.iter().any(Finding::is_error);
    let results = [Some(&options.out), options.pairs.as_ref()];
    // A result on standard output is not mixed with words.
    let line = if results.into_iter().flatten().any(|path| is_standard_stream(path)) {
        tell
    } else {
        line
    };
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
                "in_part": in_part,
                "findings": findings.iter().map(finding_json).collect::<Vec<_>>(),
            })
            .to_string(),
        );
        return;
    }
    let name = options.people.display();
    for finding in findings {
        let place = finding
            .location
            .line
            .map_or_else(String::new, |line| format!(", first in line {line}"));
        let Finding {
            code,
            severity,
            message,
            ..
        } = finding;
        tell(&format!("{name}: {severity}[{code}]: {message}{place}"));
    }
    if in_part {
        line(&format!("{name}: read only in part"));
    }
    if !columns.ignored.is_empty() {
        line(&format!("ignored columns: {}", columns.ignored.join(", ")));
    }
    line(&format!(
        "{}, {}; {} compared, {} matched, {} for review",
        count(summary.records, "record", "records"),
        count(summary.persons, "person", "persons"),
        count(summary.compared, "pair", "pairs"),
        summary.matches,
        summary.reviews
    ));
    line(&format!(
        "expected share of false links {:.4}, of true pairs compared {:.4}",
        summary.expected_false_links, summary.blocking_recall
    ));
}
