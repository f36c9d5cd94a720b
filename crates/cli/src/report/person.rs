//! One person's part of the report.

use std::fmt::Write as _;

use ehr::merge::{chart_key, describe};
use ehr::model::{Conflict, HealthRecord, MergedItem, Record, RecordClass};

use super::names::Names;
use super::words::{SECTIONS, field, kind, section, time, what};
use super::{Merged, cell, count};

/// Parts of which a reader must know when no source says anything: silence is not "none".
const EXPECTED: &[(&str, &str)] = &[
    ("Allergies", "allergies"),
    ("Problems", "problems"),
    ("Medications", "medications"),
];

pub(super) fn write(out: &mut String, record: &HealthRecord, names: &Names<'_>, merged: &Merged<'_>) {
    let _ = writeln!(out, "## {}\n", cell(&title(record)));
    let _ = writeln!(out, "Person `{}`; charts:\n", record.person);
    for chart in &record.charts {
        let entries = count(chart.entries.len(), "entry", "entries");
        let name = cell(&names.of(&chart.source.id));
        let partial = if merged.is_partial(&chart.source.id) {
            "; **not read to its end**"
        } else {
            ""
        };
        let _ = match chart_key(chart) {
            Some(id) => writeln!(out, "- {name}: {entries}; chart `{id}`{partial}"),
            None => writeln!(out, "- {name}: {entries}; names no patient{partial}"),
        };
    }
    out.push('\n');
    disagreements(out, record, names);
    items(out, record, names, merged);
}

fn title(record: &HealthRecord) -> String {
    let patient = record
        .of_class(RecordClass::Patient)
        .map(|item| &item.record)
        .next();
    match patient {
        Some(Record::Patient(patient)) => {
            let name = patient.name.first().and_then(|name| name.display());
            let born = patient.birth_date.map_or_else(
                || "birth date not known".to_owned(),
                |date| format!("born {date}"),
            );
            format!("{}, {born}", name.unwrap_or_else(|| "(no name)".to_owned()))
        }
        _ => "Entries without a patient".to_owned(),
    }
}

/// What sources do not agree on, and, apart from it, results that one source corrected.
fn disagreements(out: &mut String, record: &HealthRecord, names: &Names<'_>) {
    let all = record
        .items
        .iter()
        .flat_map(|item| item.conflicts.iter().map(move |conflict| (item, conflict)));
    let (revised, disputed): (Vec<_>, Vec<_>) = all.partition(|(item, conflict)| is_revision(item, conflict));
    table(out, "Disagreements", " — ", &disputed, names);
    table(out, "Corrected by their source", " replaces ", &revised, names);
}

fn table(out: &mut String, title: &str, between: &str, rows: &[(&MergedItem, &Conflict)], names: &Names<'_>) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "### {title}\n\n| about | what differs | who says what |\n|---|---|---|"
    );
    for (item, conflict) in rows {
        let sides: Vec<String> = conflict
            .values
            .iter()
            .map(|side| format!("**{}** {}", side.value, names.of_all(&side.members)))
            .collect();
        let when = item
            .record
            .when()
            .filter(|_| item.class() == RecordClass::Observation);
        let about = match when {
            Some(when) => format!("{}, {}", what(item), time(&when)),
            None => what(item),
        };
        let _ = writeln!(
            out,
            "| {}: {} | {} | {} |",
            section(item.class()),
            cell(&about),
            cell(&field(item, &conflict.field)),
            cell(&sides.join(between))
        );
    }
    out.push('\n');
}

/// Whether all sides are versions of a result that one source gives.
fn is_revision(item: &MergedItem, conflict: &Conflict) -> bool {
    let mut sources = conflict
        .values
        .iter()
        .flat_map(|side| &side.members)
        .map(|member| &member.source);
    let first = sources.next();
    let revisable = matches!(
        item.class(),
        RecordClass::Observation | RecordClass::DiagnosticReport
    );
    revisable && first.is_some_and(|first| sources.all(|source| source == first))
}

/// What an item says, and on what its sources disagree: nobody should read one side alone.
fn details(item: &MergedItem) -> String {
    let disputed: Vec<String> = item
        .conflicts
        .iter()
        .filter(|conflict| !is_revision(item, conflict))
        .map(|conflict| field(item, &conflict.field))
        .collect();
    let said = describe(&item.record);
    match (said.is_empty(), disputed.is_empty()) {
        (_, true) => said,
        (true, false) => format!("**sources disagree: {}**", disputed.join(", ")),
        (false, false) => format!("{said}; **sources disagree: {}**", disputed.join(", ")),
    }
}

/// What is to be said where nothing was read about a part of the record.
fn silence(record: &HealthRecord, words: &str, names: &Names<'_>, merged: &Merged<'_>) -> String {
    let mut partial: Vec<String> = record
        .charts
        .iter()
        .filter(|chart| merged.is_partial(&chart.source.id))
        .map(|chart| cell(&names.of(&chart.source.id)))
        .collect();
    partial.dedup();
    if !partial.is_empty() {
        let were = match partial.len() {
            1 => "was not read to its end: it",
            _ => "were not read to their end: they",
        };
        return format!(
            "Nothing was read about {words}, but {} {were} may hold what is not here.",
            partial.join(", ")
        );
    }
    if merged.any_unread() {
        return format!("No source that could be read says anything about {words}.");
    }
    format!("No source says anything about {words}.")
}

fn items(out: &mut String, record: &HealthRecord, names: &Names<'_>, merged: &Merged<'_>) {
    for title in SECTIONS {
        let own: Vec<&MergedItem> = record
            .items
            .iter()
            .filter(|item| section(item.class()) == *title)
            .collect();
        if own.is_empty() {
            if let Some((_, words)) = EXPECTED.iter().find(|(section, _)| section == title) {
                let silence = silence(record, words, names, merged);
                let _ = writeln!(
                    out,
                    "### {title}\n\n{silence} That is not the same as having none.\n"
                );
            }
            continue;
        }
        let _ = writeln!(
            out,
            "### {title}\n\n| what | details | kind | status | when | sources |\n|---|---|---|---|---|---|"
        );
        for item in own {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                cell(&what(item)),
                cell(&details(item)),
                cell(&kind(item)),
                cell(item.record.status().unwrap_or_default()),
                item.record.when().map(|when| time(&when)).unwrap_or_default(),
                cell(&names.of_all(&item.members))
            );
        }
        out.push('\n');
    }
}
