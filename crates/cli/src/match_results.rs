//! The results of `ehr match`.

use std::path::Path;

use ehr::link::{
    Decision, Explanation, ExplanationWithValues, Linkage, Linker, PersonEvent, ScoredPair, Summary,
};
use ehr::types::Finding;
use serde_json::{Value, json};

use crate::args::{Format, Match};
use crate::inputs::is_standard_stream;
use crate::output::{Error, count, finding_json, line, print, tell, write};
use crate::people::Columns;

/// What was found: of one table, or of all that the index holds.
pub(crate) enum Found {
    Batch(Linkage),
    Index(Box<Indexed>),
}

/// An index and what a run has done to it.
pub(crate) struct Indexed {
    pub(crate) linker: Linker,
    pub(crate) summary: Summary,
    /// For each row of the table the position of its record.
    pub(crate) rows: Vec<usize>,
    /// How many of them are new.
    pub(crate) added: usize,
    pub(crate) events: Vec<PersonEvent>,
}

impl Indexed {
    fn created(&self) -> usize {
        let created = |event: &&PersonEvent| matches!(event, PersonEvent::Created { .. });
        self.events.iter().filter(created).count()
    }
}

impl Found {
    fn summary(&self) -> &Summary {
        match self {
            Self::Batch(linkage) => &linkage.summary,
            Self::Index(index) => &index.summary,
        }
    }

    fn record_id(&self, position: usize) -> &str {
        match self {
            Self::Batch(linkage) => linkage.record_id(position),
            Self::Index(index) => index.linker.record_id(position),
        }
    }

    /// The ids of all records.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        (0..self.summary().records).map(|position| self.record_id(position))
    }

    /// Those that wait for a reviewer, the most valuable first, and then the others in the order of the rows.
    fn pairs(&self) -> Vec<ScoredPair> {
        let (mut queue, all): (Vec<ScoredPair>, Vec<ScoredPair>) = match self {
            Self::Batch(linkage) => {
                let queue = linkage.review_queue().into_iter().copied();
                (queue.collect(), linkage.pairs.clone())
            }
            Self::Index(index) => (index.linker.review_queue(), index.linker.pairs()),
        };
        let mut waiting: Vec<(usize, usize)> = queue.iter().map(|pair| (pair.a, pair.b)).collect();
        waiting.sort_unstable();
        let waits = |pair: &ScoredPair| waiting.binary_search(&(pair.a, pair.b)).is_ok();
        queue.extend(all.into_iter().filter(|pair| !waits(pair)));
        queue
    }

    fn explain(&self, pair: &ScoredPair) -> Option<Explanation> {
        match self {
            Self::Batch(linkage) => linkage.explain(pair.a, pair.b),
            Self::Index(index) => index.linker.explain(pair.a, pair.b),
        }
    }

    fn with_values(&self, pair: &ScoredPair) -> Option<ExplanationWithValues> {
        match self {
            Self::Batch(linkage) => linkage.explain_with_values(pair.a, pair.b),
            Self::Index(index) => index.linker.explain_with_values(pair.a, pair.b),
        }
    }
}

/// Writes all that the options ask for.
pub(crate) fn write_results(found: &Found, options: &Match) -> Result<(), Error> {
    write_persons(found, &options.out)?;
    if let Some(path) = &options.pairs {
        write_pairs(found, path, options.show_values)?;
    }
    match (&options.events, found) {
        (Some(path), Found::Index(index)) => write_events(&index.events, path),
        _ => Ok(()),
    }
}

fn write_persons(found: &Found, path: &Path) -> Result<(), Error> {
    write_csv(path, &["rec_id", "person"], |writer| match found {
        Found::Batch(linkage) => (0..linkage.summary.records).try_for_each(|position| {
            let person = linkage
                .person_of(position)
                .and_then(|person| linkage.persons.get(person));
            let person = person.map_or("", |person| person.id.as_str());
            writer.write_record([linkage.record_id(position), person])
        }),
        Found::Index(index) => index.rows.iter().try_for_each(|position| {
            let person = index.linker.person_of(*position).unwrap_or_default();
            writer.write_record([index.linker.record_id(*position), &person])
        }),
    })
}

fn write_events(events: &[PersonEvent], path: &Path) -> Result<(), Error> {
    write_csv(path, &["event", "person", "into"], |writer| {
        events.iter().try_for_each(|event| match event {
            PersonEvent::Created { person } => writer.write_record(["created", person, ""]),
            PersonEvent::Merged { from, into } => writer.write_record(["merged", from, into]),
            PersonEvent::Split { from, into } => writer.write_record(["split", from, into]),
            _ => Ok(()),
        })
    })
}

fn write_pairs(found: &Found, path: &Path, show_values: bool) -> Result<(), Error> {
    let mut header = vec!["a", "b", "probability", "decision", "evidence"];
    if show_values {
        header.push("values");
    }
    write_csv(path, &header, |writer| {
        for pair in found.pairs() {
            let explanation = found.explain(&pair);
            let mut cells = vec![
                found.record_id(pair.a).to_owned(),
                found.record_id(pair.b).to_owned(),
                format!("{:.6}", pair.probability),
                decision_name(&pair).to_owned(),
                explanation.as_ref().map_or_else(String::new, evidence),
            ];
            if show_values {
                cells.push(found.with_values(&pair).as_ref().map_or_else(String::new, values));
            }
            writer.write_record(cells)?;
        }
        Ok(())
    })
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

/// The values of the terms on one line: `given name: robert | bob; …`.
fn values(shown: &ExplanationWithValues) -> String {
    let terms = shown.explanation.terms.iter().zip(&shown.values);
    let parts = terms.map(|(term, values)| {
        let (name, a, b) = (term.comparison.name(), values.a.join(", "), values.b.join(", "));
        format!("{name}: {a} | {b}")
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// Tells how the work went.
pub(crate) fn report(
    found: &Found,
    columns: &Columns,
    findings: &[Finding],
    options: &Match,
    format: Format,
) {
    let summary = found.summary();
    let in_part = findings.iter().any(Finding::is_error);
    let results = [
        Some(&options.out),
        options.pairs.as_ref(),
        options.events.as_ref(),
    ];
    // A result on standard output is not mixed with words.
    let line = if results.into_iter().flatten().any(|path| is_standard_stream(path)) {
        tell
    } else {
        line
    };
    if format == Format::Json {
        let mut told = json!({
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
        });
        if let Found::Index(index) = found {
            let events = |merged: bool| -> Vec<Value> {
                let pairs = index.events.iter().filter_map(|event| match event {
                    PersonEvent::Merged { from, into } if merged => Some((from, into)),
                    PersonEvent::Split { from, into } if !merged => Some((from, into)),
                    _ => None,
                });
                pairs
                    .map(|(from, into)| json!({"person": from, "into": into}))
                    .collect()
            };
            told["index"] = json!({
                "added": index.added,
                "known": index.rows.len() - index.added,
                "created": index.created(),
                "merged": events(true),
                "split": events(false),
            });
        }
        line(&told.to_string());
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
    if let Found::Index(index) = found {
        let count_of = |is: fn(&PersonEvent) -> bool| index.events.iter().filter(|event| is(event)).count();
        line(&format!(
            "index: {} added, {} known; {} created, {} merged, {} split",
            count(index.added, "row", "rows"),
            index.rows.len() - index.added,
            count(index.created(), "person", "persons"),
            count_of(|event| matches!(event, PersonEvent::Merged { .. })),
            count_of(|event| matches!(event, PersonEvent::Split { .. })),
        ));
    }
}
