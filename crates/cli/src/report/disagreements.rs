//! What the sources of a person do not agree on, and what one source corrected.

use std::fmt::Write as _;

use ehr::model::{Conflict, HealthRecord, MergedItem, RecordClass};

use super::cell;
use super::names::Names;
use super::parts::Parts;
use super::words::{SECTIONS, field, section, time, what};

/// What sources do not agree on, in the order of the parts below, and, apart from it, results that one source corrected.
pub(super) fn write(out: &mut String, record: &HealthRecord, names: &Names<'_>, parts: &Parts<'_>) {
    let mut all: Vec<(&MergedItem, &Conflict)> = record
        .items
        .iter()
        .flat_map(|item| item.conflicts.iter().map(move |conflict| (item, conflict)))
        .collect();
    all.sort_by_key(|(item, _)| SECTIONS.iter().position(|title| *title == section(item.class())));
    let (revised, disputed): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|(item, conflict)| parts.is_revision(item, conflict));
    let mut table = |title: &str, rows: &str| {
        if !rows.is_empty() {
            let head = "| about | what differs | who says what |\n|---|---|---|";
            let _ = writeln!(out, "### {title}\n\n{head}\n{rows}");
        }
    };
    table("Disagreements", &rows(" — ", &disputed, names, parts));
    table(
        "Corrected by their source",
        &rows(" replaces ", &revised, names, parts),
    );
}

fn rows(between: &str, rows: &[(&MergedItem, &Conflict)], names: &Names<'_>, parts: &Parts<'_>) -> String {
    let mut out = String::new();
    for (item, conflict) in rows {
        let sides: Vec<String> = conflict
            .values
            .iter()
            .zip(parts.values(conflict))
            .map(|(side, value)| format!("**{value}** {}", names.of_all(&side.members)))
            .collect();
        out += &row(item, &field(item, conflict), &sides.join(between));
    }
    out
}

fn row(item: &MergedItem, field: &str, sides: &str) -> String {
    let when = item
        .record
        .when()
        .filter(|_| item.class() == RecordClass::Observation);
    let about = match when {
        Some(when) => format!("{}, {}", what(&item.record), time(&when)),
        None => what(&item.record),
    };
    format!(
        "| {}: {} | {} | {} |\n",
        section(item.class()),
        cell(&about),
        cell(field),
        cell(sides)
    )
}
