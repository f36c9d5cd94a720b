//! `ehr merge`: the exports of several sources as one record per person.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use ehr::link::{Config, Verdicts};
use ehr::merge::{Identification, Policy, chart_key, identify};
use ehr::model::{Chart, EntryId, HealthRecord, Member, MergedItem, Record};
use ehr::types::{CodeableConcept, Finding, Severity};
use serde_json::{Map, Value, json};

use crate::args::{Format, Merge};
use crate::bulk::exports;
use crate::inputs::collect;
use crate::output::{Error, Outcome, explain, finding_json, json_bytes, line, progress, tell, write};
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
    let policy = Policy {
        equivalences: terminology::read_all(&options.concept_map)?,
        ..Policy::default()
    };
    let decided = options
        .verdicts
        .as_deref()
        .map_or_else(|| Ok(Verdicts::default()), verdicts::read)?;
    let inputs = collect(&options.inputs, Some(&options.out))?;
    let exports = exports(&inputs);
    let bar = progress(exports.len());
    let mut totals = Totals::default();
    let mut charts: Vec<Chart> = Vec::new();
    let mut residual: BTreeMap<String, usize> = BTreeMap::new();
    let mut heard: BTreeMap<String, Heard> = BTreeMap::new();
    let mut outcome = Outcome::AllRead;
    let mut by_content: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for export in &exports {
        bar.set_message(export.name.clone());
        let reading = export.read();
        if !reading.is_to_end() {
            outcome = Outcome::SomeUnreadable;
        }
        let told = Heard {
            read: reading.import.is_some(),
            partial: reading.is_partial(),
            findings: reading.findings,
        };
        if let Some(import) = reading.import {
            bar.suspend(|| explain(&export.name, &told.findings));
            totals.sources += 1;
            let count: usize = import.charts.iter().map(Chart::residual_count).sum();
            residual.insert(export.name.clone(), count);
            if let Some(content) = artifacts(&import.charts) {
                by_content.entry(content).or_default().push(export.name.clone());
            }
            charts.extend(import.charts);
        }
        heard.insert(export.name.clone(), told);
        bar.inc(1);
    }
    bar.finish_and_clear();

    let copies: Vec<Vec<String>> = by_content.into_values().filter(|names| names.len() > 1).collect();
    for id in verdicts::strangers(&decided, &charts) {
        tell(&format!(
            "ehr: a verdict names {id}, which is no chart of these inputs"
        ));
    }

    let identification = identify(&charts, &Config::default(), &decided);
    let review = review_json(&identification, &charts);
    let records = identification.records(&charts, &policy);
    totals.persons = records.iter().filter(|record| has_patient(record)).count();
    totals.without_patient = records.len() - totals.persons;
    totals.review = review.len();
    remove_stale(options, &records)?;
    for record in &records {
        let bundle = ehr::fhir::export(record);
        let path = options.out.join("ehr").join(format!("{}.json", record.person));
        write(&path, &ehr::fhir::to_json_pretty(&bundle))?;
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
        "findings": heard_json(&heard),
    });
    write(&options.out.join("merge.json"), &json_bytes(&document))?;
    let text = report::markdown(&Merged {
        charts: &charts,
        records: &records,
        review: &document["review"],
        residual: &residual,
        heard: &heard,
        copies: &copies,
        totals: &totals,
    });
    write(&options.out.join("report.md"), text.as_bytes())?;
    for (name, told) in heard.iter().filter(|(_, told)| !told.read) {
        for finding in &told.findings {
            match format {
                Format::Text => line(&format!("{name}: not read: {finding}")),
                Format::Json => line(
                    &json!({ "file": name, "read": false, "finding": finding_json(finding) }).to_string(),
                ),
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

/// SHA-256 of the files that charts were read from.
fn artifacts(charts: &[Chart]) -> Option<String> {
    let entries = charts.iter().flat_map(|chart| &chart.entries);
    let files: BTreeSet<&str> = entries
        .filter_map(|entry| entry.origin.artifact.as_deref())
        .collect();
    (!files.is_empty()).then(|| Vec::from_iter(files).join(" "))
}

/// Whether somebody is named whose record it is.
fn has_patient(record: &HealthRecord) -> bool {
    record.charts.iter().any(|chart| chart.patient_entry().is_some())
}

/// By source, what was noticed: counted and one by one.
fn heard_json(heard: &BTreeMap<String, Heard>) -> Value {
    let of = |told: &Heard| {
        json!({
            "read": told.read,
            "in_part": told.partial,
            "counts": SEVERITIES.map(|severity| (severity.to_string(), count_of(&told.findings, severity)))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            "findings": told.findings.iter().map(finding_json).collect::<Vec<_>>(),
        })
    };
    heard
        .iter()
        .map(|(name, told)| (name.clone(), of(told)))
        .collect()
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

/// Removes the records of persons that an earlier run wrote to the same folder and that are no more: other inputs or
/// verdicts make other persons.
fn remove_stale(options: &Merge, records: &[HealthRecord]) -> Result<(), Error> {
    let Ok(earlier) = fs::read(options.out.join("merge.json")) else {
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
    for id in persons.filter_map(|person| person["id"].as_str()).filter(is_id) {
        let path = options.out.join("ehr").join(format!("{id}.json"));
        if !now.contains(id) && path.exists() {
            fs::remove_file(&path).map_err(|error| Error::file(&path, error))?;
        }
    }
    Ok(())
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

/// A chart and its patient: the source's names for them, and the id by which verdicts name them.
fn patient_json(chart: &Chart) -> Value {
    json!({
        "source": chart.source.id,
        "patient": chart.patient_entry().map(|entry| entry.source_key()),
        "id": chart_key(chart),
    })
}

fn review_json(identification: &Identification, charts: &[Chart]) -> Vec<Value> {
    let patient = |index: usize| charts.get(index).map_or(Value::Null, patient_json);
    let mut pairs: Vec<Value> = identification
        .review
        .iter()
        .map(|pair| {
            json!({
                "a": patient(pair.a),
                "b": patient(pair.b),
                "probability": (pair.probability * 1e6).round() / 1e6,
                "evidence": pair.evidence,
                "rule": pair.rule,
            })
        })
        .collect();
    pairs.sort_by_key(ToString::to_string);
    pairs
}

fn person_json(record: &HealthRecord) -> Value {
    json!({
        "id": record.person,
        "has_patient": has_patient(record),
        "members": record.charts.iter().map(patient_json).collect::<Vec<_>>(),
        "items": record.items.iter().map(item_json).collect::<Vec<_>>(),
    })
}

/// The FHIR resource type of an item.
fn class_name(item: &MergedItem) -> &str {
    match &item.record {
        Record::Other(other) => &other.resource_type,
        record => record.class().as_str(),
    }
}

fn item_json(item: &MergedItem) -> Value {
    json!({
        "class": class_name(item),
        "code": item.record.concept().map(code_json),
        "status": item.record.status(),
        "members": members_json(&item.members),
        "conflicts": item.conflicts.iter().map(|conflict| json!({
            "field": conflict.field,
            "values": conflict.values.iter().map(|side| json!({
                "value": side.value,
                "members": members_json(&side.members),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

/// The first coding of the concept, with the words that the source shows for it.
fn code_json(concept: &CodeableConcept) -> Value {
    let coding = concept.codings.first();
    let mut code = Map::new();
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            code.insert(name.to_owned(), value.into());
        }
    };
    put("system", coding.and_then(|coding| coding.system.as_deref()));
    put("code", coding.and_then(|coding| coding.code.as_deref()));
    put(
        "display",
        coding
            .and_then(|coding| coding.display.as_deref())
            .or_else(|| concept.label()),
    );
    Value::Object(code)
}

fn members_json(members: &[Member]) -> Vec<Value> {
    members
        .iter()
        .map(|member| json!({ "source": member.source, "id": member.key }))
        .collect()
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
