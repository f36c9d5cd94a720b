//! One person's part of the report.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ehr::merge::chart_key;
use ehr::model::{HealthRecord, MergedItem, Patient, Record, RecordClass};

use super::details::details;
use super::names::Names;
use super::parts::Parts;
use super::words::{SECTIONS, has_kinds, kind, section, status, time, when};
use super::{Merged, cell, disagreements};
use crate::output::count;

/// Parts of which a reader must know when no source says anything: silence is not "none".
const EXPECTED: &[(&str, &str)] = &[
    ("Allergies", "allergies"),
    ("Problems", "problems"),
    ("Medications", "medications"),
];

pub(super) fn write(out: &mut String, record: &HealthRecord, names: &Names<'_>, merged: &Merged<'_>) {
    let _ = writeln!(out, "## {}\n", cell(&title(record, names)));
    let _ = writeln!(out, "Person `{}`; charts:\n", record.person);
    let parts = Parts::of(record);
    for chart in &record.charts {
        let entries = count(chart.entries.len(), "entry", "entries");
        let name = cell(&names.of(&chart.source.id));
        let mut notes = String::new();
        if merged.is_partial(&chart.source.id) {
            notes += "; **not read to its end**";
        }
        if let Some(newer) = parts.replaced.get(chart.source.id.as_str()) {
            notes += &format!("; **replaced by {}**", cell(&names.of(newer)));
        }
        let _ = match chart_key(chart) {
            Some(id) => writeln!(out, "- {name}: {entries}; chart `{id}`{notes}"),
            None => writeln!(out, "- {name}: {entries}; names no patient{notes}"),
        };
    }
    out.push('\n');
    disagreements::write(out, record, names, &parts);
    items(out, record, names, merged, &parts);
}

fn patient(record: &HealthRecord) -> Option<&Patient> {
    let mut patients = record.of_class(RecordClass::Patient);
    patients.find_map(|item| match &item.record {
        Record::Patient(patient) => Some(&**patient),
        _ => None,
    })
}

/// Whose record it is; where nobody is named, what it was read from.
pub(super) fn title(record: &HealthRecord, names: &Names<'_>) -> String {
    let Some(patient) = patient(record) else {
        let sources: BTreeSet<String> = record
            .charts
            .iter()
            .map(|chart| names.of(&chart.source.id))
            .collect();
        return format!(
            "Entries without a patient: {}",
            Vec::from_iter(sources).join(", ")
        );
    };
    let name = patient.name.first().and_then(|name| name.display());
    let born = patient.birth_date.map_or_else(
        || "birth date not known".to_owned(),
        |date| format!("born {date}"),
    );
    format!("{}, {born}", name.unwrap_or_else(|| "(no name)".to_owned()))
}

/// The order of a file room: family name, given names, birth date; last what is nobody's.
pub(super) fn order(record: &HealthRecord) -> impl Ord {
    let patient = patient(record);
    let name = patient.and_then(|patient| patient.name.first());
    let sortable = |text: &String| text.to_lowercase();
    (
        patient.is_none(),
        name.is_none(),
        name.and_then(|name| name.family.as_ref()).map(sortable),
        name.map(|name| name.given.iter().map(sortable).collect::<Vec<_>>()),
        patient
            .and_then(|patient| patient.birth_date)
            .map(|date| date.to_string()),
        record.person.clone(),
    )
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
    let foreign: BTreeSet<String> = record
        .charts
        .iter()
        .filter(|chart| merged.foreign_parts(&chart.source.id) > 0)
        .map(|chart| cell(&names.of(&chart.source.id)))
        .collect();
    if !foreign.is_empty() {
        let names = Vec::from_iter(foreign).join(", ");
        return format!(
            "Nothing was read about {words}, but not all that {names} holds is FHIR R4 and was understood."
        );
    }
    if merged.any_unread() {
        return format!("No source that could be read says anything about {words}.");
    }
    format!("No source says anything about {words}.")
}

fn items(out: &mut String, record: &HealthRecord, names: &Names<'_>, merged: &Merged<'_>, parts: &Parts<'_>) {
    for title in SECTIONS {
        let mut own: Vec<&MergedItem> = record
            .items
            .iter()
            .filter(|item| section(item.class()) == *title)
            .collect();
        let words: Vec<String> = parts
            .in_words
            .iter()
            .filter(|words| words.part == Some(title))
            .map(|words| {
                let source = cell(&names.of(words.source));
                format!(
                    "- {source} says in words, not read as entries: “{}”\n",
                    cell(&words.text)
                )
            })
            .collect();
        let expected = EXPECTED
            .iter()
            .find(|(section, _)| section == title && patient(record).is_some());
        if own.is_empty() && words.is_empty() && expected.is_none() {
            continue;
        }
        let _ = writeln!(out, "### {title}\n");
        if let (true, Some((_, what))) = (own.is_empty() && words.is_empty(), expected) {
            let silence = silence(record, what, names, merged);
            let _ = writeln!(out, "{silence} That is not the same as having none.\n");
        }
        if !words.is_empty() {
            let _ = writeln!(out, "{}", words.concat());
        }
        if own.is_empty() {
            continue;
        }
        // A column in which each row says the same tells nothing.
        let kinds = has_kinds(title);
        out.push_str(if kinds {
            "| what | details | kind | status | when | sources |\n|---|---|---|---|---|---|\n"
        } else {
            "| what | details | status | when | sources |\n|---|---|---|---|---|\n"
        });
        parts.sort(&mut own);
        for item in own {
            let kind = if kinds {
                format!(" {} |", cell(&kind(item)))
            } else {
                String::new()
            };
            let what = parts.what(item);
            let _ = writeln!(
                out,
                "| {} | {} |{kind} {} | {} | {} |",
                cell(&what),
                cell(&details(item, &what, parts)),
                cell(status(&item.record).unwrap_or_default()),
                when(&item.record).map(|when| time(&when)).unwrap_or_default(),
                cell(&names.of_all(&item.members))
            );
        }
        out.push('\n');
    }
    other_words(out, record, names, parts);
}

/// Sections in words that belong to no table: by name, because most are meant to be read as a document.
fn other_words(out: &mut String, record: &HealthRecord, names: &Names<'_>, parts: &Parts<'_>) {
    let mut by_source: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for words in parts.in_words.iter().filter(|words| words.part.is_none()) {
        by_source.entry(words.source).or_default().push(cell(words.title));
    }
    if by_source.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "### Only in words\n\nThese sections of documents are in no table above; what they say is in `ehr/{}.json`.\n",
        record.person
    );
    for (source, titles) in by_source {
        let _ = writeln!(out, "- {}: {}", cell(&names.of(source)), titles.join(", "));
    }
    out.push('\n');
}
