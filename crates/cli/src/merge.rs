//! `ehr merge`: the exports of several sources as one record per person.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ehr::link::Config;
use ehr::merge::{Policy, chart_key, identify};
use ehr::model::{Chart, EntryId, HealthRecord};
use ehr::types::{Finding, Severity};
use serde_json::{Map, Value, json};

use crate::args::{Format, Merge};
use crate::bulk::{Export, exports};
use crate::inputs::collect;
use crate::merge_json::{heard_json, not_understood, person_json, review_json};
use crate::output::{
    Error, Outcome, explain, finding_json, json_bytes, line, progress, remove_earlier, tell, write,
};
use crate::reading::{join_pages, rename};
use crate::report::{self, Merged};
use crate::{terminology, verdicts};

/// What the closing table counts.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) sources: usize,
    /// Persons who are named: what names no patient is counted apart.
    pub(crate) persons: usize,
    pub(crate) without_patient: usize,
    pub(crate) entries_in: usize,
    pub(crate) entries_out: usize,
    pub(crate) conflicts: usize,
    pub(crate) review: usize,
    pub(crate) lost: usize,
}

impl Totals {
    /// Entries that went into an item together with another.
    pub(crate) fn merged(&self) -> usize {
        self.entries_in.saturating_sub(self.entries_out)
    }
}

/// How the reading of a source went.
pub(crate) struct Heard {
    /// Whether anything of it was read.
    pub(crate) read: bool,
    /// Whether a part of it was not.
    pub(crate) partial: bool,
    /// Everything noticed.
    pub(crate) findings: Vec<Finding>,
}

pub(crate) fn run(options: &Merge, format: Format) -> Result<Outcome, Error> {
    let terminologies = terminology::read_all(&options.concept_map)?;
    let decided = verdicts::read_option(options.verdicts.as_deref())?;
    let inputs = collect(&options.inputs, Some(&options.out))?;
    let exports = exports(&inputs);
    let bar = progress(exports.len());
    let mut totals = Totals::default();
    let mut charts: Vec<Chart> = Vec::new();
    let mut residual: BTreeMap<String, usize> = BTreeMap::new();
    let mut heard: BTreeMap<String, Heard> = BTreeMap::new();
    let mut outcome = Outcome::AllRead;
    let mut by_content: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut readings = Vec::with_capacity(exports.len());
    for export in &exports {
        bar.set_message(export.name.clone());
        readings.push(export.read());
        bar.inc(1);
    }
    bar.finish_and_clear();
    join_pages(&mut readings);
    for (export, reading) in exports.iter().zip(readings) {
        if !reading.is_whole() {
            outcome = Outcome::SomeUnreadable;
        }
        let told = Heard {
            read: reading.import.is_some(),
            partial: reading.is_partial(),
            findings: reading.findings,
        };
        if let Some(import) = reading.import {
            explain(&export.name, &told.findings);
            totals.sources += 1;
            let count: usize = import.charts.iter().map(Chart::residual_count).sum();
            residual.insert(export.name.clone(), count);
            if let Some(content) = artifacts(&import.charts) {
                by_content.entry(content).or_default().push(export.name.clone());
            }
            charts.extend(import.charts);
        }
        heard.insert(export.name.clone(), told);
    }

    let copies: Vec<Vec<String>> = by_content.into_values().filter(|names| names.len() > 1).collect();
    for id in verdicts::strangers(&decided, charts.iter().filter_map(chart_key)) {
        tell(&format!(
            "ehr: a verdict names {id}, which is no chart of these inputs"
        ));
    }

    let policy = Policy {
        equivalences: terminologies
            .into_iter()
            .map(|terminology| terminology.check(&charts))
            .collect(),
        ..Policy::default()
    };
    let identification = identify(&charts, &Config::default(), &decided);
    let mut records = identification.records(&charts, &policy);
    name_sources(&mut charts, &mut records, &exports);
    let review = review_json(&identification, &charts);
    totals.persons = records.iter().filter(|record| has_patient(record)).count();
    totals.without_patient = records.len() - totals.persons;
    totals.review = review.len();
    for record in &records {
        let (entries, lost) = account(record);
        totals.entries_in += entries;
        totals.lost += lost;
        totals.entries_out += record.items.len();
        totals.conflicts += record
            .items
            .iter()
            .map(|item| item.conflicts.len())
            .sum::<usize>();
    }
    let document = json!({
        "persons": records.iter().map(person_json).collect::<Vec<_>>(),
        "review": review,
        "residual": residual,
        "not_understood": not_understood(&charts),
        "findings": heard_json(&heard),
    });
    let text = report::markdown(&Merged {
        charts: &charts,
        records: &records,
        review: &document["review"],
        residual: &residual,
        heard: &heard,
        copies: &copies,
        totals: &totals,
    });
    write_results(&options.out, &records, &document, &text)?;
    for (name, told) in heard.iter().filter(|(_, told)| !told.read) {
        for finding in &told.findings {
            match format {
                Format::Json => line(
                    &json!({ "file": name, "read": false, "finding": finding_json(finding) }).to_string(),
                ),
                _ => line(&format!("{name}: not read: {finding}")),
            }
        }
    }
    if format == Format::Text {
        for (name, _) in heard.iter().filter(|(_, told)| told.partial) {
            line(&format!("{name}: read only in part"));
        }
        if totals.without_patient > 0 {
            line(&format!(
                "records that name no patient: {}",
                totals.without_patient
            ));
        }
    }
    line(&table(&totals, format));
    Ok(outcome)
}

/// Names sources by their paths as they were given, from here on where all ids are made.
fn name_sources(charts: &mut [Chart], records: &mut [HealthRecord], exports: &[Export<'_>]) {
    let names: BTreeMap<&str, &str> = exports
        .iter()
        .map(|export| (&*export.key, &*export.name))
        .collect();
    let name = |key: &str| names.get(key).copied().unwrap_or(key).to_owned();
    rename(charts, name);
    for record in records {
        rename(&mut record.charts, name);
        for item in &mut record.items {
            let sides = item
                .conflicts
                .iter_mut()
                .flat_map(|conflict| &mut conflict.values);
            let members = sides.flat_map(|side| &mut side.members).chain(&mut item.members);
            members.for_each(|member| member.source = name(&member.source));
        }
    }
}

/// SHA-256 of the files that charts were read from.
fn artifacts(charts: &[Chart]) -> Option<String> {
    let entries = charts.iter().flat_map(|chart| &chart.entries);
    let files: BTreeSet<&str> = entries
        .filter_map(|entry| entry.origin.artifact.as_deref())
        .collect();
    (!files.is_empty()).then(|| Vec::from_iter(files).join(" "))
}

/// Whether somebody is named whose record it is.
pub(crate) fn has_patient(record: &HealthRecord) -> bool {
    record.charts.iter().any(|chart| chart.patient_entry().is_some())
}

/// From the gravest on.
pub(crate) const SEVERITIES: [Severity; 4] = [
    Severity::Fatal,
    Severity::Error,
    Severity::Warning,
    Severity::Information,
];

pub(crate) fn count_of(findings: &[Finding], severity: Severity) -> usize {
    findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .count()
}

/// Writes all results: the report last, so that a run that did not end leaves none, and `merge.json` first, which tells the
/// next run whose records it has to remove.
fn write_results(out: &Path, records: &[HealthRecord], document: &Value, report: &str) -> Result<(), Error> {
    let (listed, reported) = (out.join("merge.json"), out.join("report.md"));
    remove_earlier(&reported)?;
    remove_stale(out, &listed, records)?;
    write(&listed, &json_bytes(document))?;
    for record in records {
        let bundle = ehr::fhir::export(record);
        write(
            &person_file(out, &record.person),
            &ehr::fhir::to_json_pretty(&bundle),
        )?;
    }
    write(&reported, report.as_bytes())
}

fn person_file(out: &Path, person: &str) -> PathBuf {
    out.join("ehr").join(format!("{person}.json"))
}

/// Removes the records of persons that an earlier run wrote to the same folder and that are no more: other inputs or
/// verdicts make other persons.
fn remove_stale(out: &Path, listed: &Path, records: &[HealthRecord]) -> Result<(), Error> {
    let Ok(earlier) = fs::read(listed) else {
        return Ok(());
    };
    let earlier: Value = serde_json::from_slice(&earlier).unwrap_or_default();
    let now: BTreeSet<&str> = records.iter().map(|record| record.person.as_str()).collect();
    let persons = earlier["persons"].as_array().into_iter().flatten();
    // A person id is a FHIR id; anything else was not written here.
    let is_id = |id: &&str| {
        id.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let mut gone = persons
        .filter_map(|person| person["id"].as_str())
        .filter(|id| is_id(id) && !now.contains(id));
    gone.try_for_each(|id| remove_earlier(&person_file(out, id)))
}

/// Number of entries that went into a record, and of those that no item has as a member.
fn account(record: &HealthRecord) -> (usize, usize) {
    let entries: BTreeSet<&EntryId> = record
        .charts
        .iter()
        .flat_map(|chart| &chart.entries)
        .map(|entry| &entry.id)
        .collect();
    let members: BTreeSet<&EntryId> = record
        .items
        .iter()
        .flat_map(|item| &item.members)
        .filter_map(|member| member.entry.as_ref())
        .collect();
    (entries.len(), entries.difference(&members).count())
}

fn table(totals: &Totals, format: Format) -> String {
    let rows = [
        ("sources", totals.sources),
        ("persons", totals.persons),
        ("entries in", totals.entries_in),
        ("entries out", totals.entries_out),
        ("merged", totals.merged()),
        ("conflicts", totals.conflicts),
        ("for review", totals.review),
        ("lost", totals.lost),
    ];
    if format == Format::Json {
        let object: Map<String, Value> = rows
            .iter()
            .chain(&[("without patient", totals.without_patient)])
            .map(|(name, count)| (name.replace(' ', "_"), (*count).into()))
            .collect();
        return Value::Object(object).to_string();
    }
    let head: Vec<String> = rows.iter().map(|(name, _)| format!("{name:>13}")).collect();
    let body: Vec<String> = rows.iter().map(|(_, count)| format!("{count:>13}")).collect();
    format!("{}\n{}", head.concat(), body.concat())
}
