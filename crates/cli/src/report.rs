//! The merge report for a person to read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ehr::model::{HealthRecord, MergedItem, Record, RecordClass, Side};
use ehr::types::{Finding, HumanName};
use serde_json::Value;

use crate::merge::Totals;

/// The FHIR resource type of an item.
pub(crate) fn class_name(item: &MergedItem) -> &str {
    match &item.record {
        Record::Other(other) => &other.resource_type,
        record => record.class().as_str(),
    }
}

/// The whole report as Markdown.
pub(crate) fn markdown(
    records: &[HealthRecord],
    review: &Value,
    residual: &BTreeMap<String, usize>,
    unread: &[(String, Vec<Finding>)],
    totals: &Totals,
) -> String {
    let mut out = String::from("# Merge report\n\n");
    let _ = writeln!(
        out,
        "{} sources, {} persons. {} entries came in and make {} items; {} were merged into another source's item, {} fields \
         disagree, {} pair(s) of charts wait for review, {} entries were lost.\n",
        totals.sources,
        totals.persons,
        totals.entries_in,
        totals.entries_out,
        totals.merged(),
        totals.conflicts,
        totals.review,
        totals.lost
    );
    if !unread.is_empty() {
        out.push_str("## Not read\n\n");
        for (name, findings) in unread {
            for finding in findings {
                let _ = writeln!(out, "- `{name}`: {finding}");
            }
        }
        out.push('\n');
    }
    review_section(&mut out, review);
    for record in records {
        person(&mut out, record);
    }
    out.push_str("## Not understood\n\nParts of the sources that are kept but not interpreted.\n\n| source | parts |\n|---|---:|\n");
    for (name, count) in residual {
        let _ = writeln!(out, "| `{}` | {count} |", cell(name));
    }
    out
}

fn review_section(out: &mut String, review: &Value) {
    let pairs = review.as_array().map(Vec::as_slice).unwrap_or_default();
    if pairs.is_empty() {
        return;
    }
    out.push_str("## For review\n\nThese charts may or may not be of one person; they were kept apart.\n\n");
    out.push_str("| chart | chart | probability | evidence |\n|---|---|---:|---|\n");
    for pair in pairs {
        let name = |side: &Value| {
            format!(
                "`{}` {}",
                side["source"].as_str().unwrap_or_default(),
                side["patient"].as_str().unwrap_or_default()
            )
        };
        let rule = pair["rule"].as_str().map(str::to_owned);
        let evidence: Vec<String> = rule
            .into_iter()
            .chain(
                pair["evidence"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(evidence_text),
            )
            .collect();
        let _ = writeln!(
            out,
            "| {} | {} | {:.3} | {} |",
            cell(&name(&pair["a"])),
            cell(&name(&pair["b"])),
            pair["probability"].as_f64().unwrap_or_default(),
            cell(&evidence.join("; "))
        );
    }
    out.push('\n');
}

fn evidence_text(evidence: &Value) -> String {
    let text = |name: &str| evidence[name].as_str().unwrap_or_default();
    format!(
        "{}: {} ({:+.1})",
        text("field"),
        text("level"),
        evidence["weight"].as_f64().unwrap_or_default()
    )
}

fn person(out: &mut String, record: &HealthRecord) {
    let patient = record
        .of_class(RecordClass::Patient)
        .next()
        .map(|item| &item.record);
    let title = match patient {
        Some(Record::Patient(patient)) => {
            let name = patient
                .name
                .first()
                .and_then(|name| name.display())
                .unwrap_or_else(|| "(no name)".into());
            let born = patient
                .birth_date
                .map_or_else(|| "birth date not known".into(), |date| format!("born {date}"));
            format!("{name}, {born}")
        }
        _ => "Entries without a patient".to_owned(),
    };
    let _ = writeln!(out, "## {}\n", cell(&title));
    let _ = writeln!(out, "Person `{}`; charts:\n", record.person);
    for chart in &record.charts {
        let organization = chart
            .source
            .organization
            .as_deref()
            .map(|name| format!(" ({})", cell(name)))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "- `{}`{organization}: {} entries",
            chart.source.id,
            chart.entries.len()
        );
    }
    out.push('\n');
    let disagreements: Vec<&MergedItem> = record
        .items
        .iter()
        .filter(|item| !item.conflicts.is_empty())
        .collect();
    if !disagreements.is_empty() {
        out.push_str("### Disagreements\n\n| item | field | values |\n|---|---|---|\n");
        for item in disagreements {
            for conflict in &item.conflicts {
                let sides: Vec<String> = conflict.values.iter().map(side).collect();
                let _ = writeln!(
                    out,
                    "| {} | {} | {} |",
                    cell(&label(item)),
                    cell(&conflict.field),
                    cell(&sides.join(" — "))
                );
            }
        }
        out.push('\n');
    }
    out.push_str("### Items\n\n| class | what | status | when | sources |\n|---|---|---|---|---|\n");
    for item in &record.items {
        let mut sources: Vec<&str> = item.members.iter().map(|member| member.source.as_str()).collect();
        sources.dedup();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            class_name(item),
            cell(&what(item)),
            item.record.status().unwrap_or_default(),
            item.record
                .when()
                .map(|time| time.to_string())
                .unwrap_or_default(),
            cell(
                &sources
                    .iter()
                    .map(|source| format!("`{source}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        );
    }
    out.push('\n');
}

fn side(side: &Side) -> String {
    let mut sources: Vec<&str> = side.members.iter().map(|member| member.source.as_str()).collect();
    sources.dedup();
    let sources: Vec<String> = sources.iter().map(|source| format!("`{source}`")).collect();
    format!("{} ({})", side.value, sources.join(", "))
}

/// What an item is about: its concept, or the name of the person, organization or place.
fn what(item: &MergedItem) -> String {
    let name = |names: &[HumanName]| names.first().and_then(HumanName::display);
    let named = match &item.record {
        Record::Patient(patient) => name(&patient.name),
        Record::RelatedPerson(person) => name(&person.name),
        Record::Practitioner(practitioner) => name(&practitioner.name),
        Record::Organization(organization) => organization.name.clone(),
        Record::Location(location) => location.name.clone(),
        Record::DocumentReference(document) => document.description.clone(),
        _ => None,
    };
    named
        .or_else(|| {
            item.record
                .concept()
                .and_then(|concept| concept.label())
                .map(str::to_owned)
        })
        .unwrap_or_default()
}

fn label(item: &MergedItem) -> String {
    format!("{} {}", class_name(item), what(item))
        .trim_end()
        .to_owned()
}

/// Text that keeps to one cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
