//! One person's part of the report.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use ehr::merge::{chart_key, describe};
use ehr::model::{Conflict, EntryId, HealthRecord, MergedItem, Record, RecordClass};

use super::document::{InWords, in_words, replaced};
use super::names::Names;
use super::words::{SECTIONS, field, kind, section, status, time, what};
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
    let replaced = replaced(record);
    for chart in &record.charts {
        let entries = count(chart.entries.len(), "entry", "entries");
        let name = cell(&names.of(&chart.source.id));
        let mut notes = String::new();
        if merged.is_partial(&chart.source.id) {
            notes += "; **not read to its end**";
        }
        if let Some(newer) = replaced.get(chart.source.id.as_str()) {
            notes += &format!("; **replaced by {}**", cell(&names.of(newer)));
        }
        let _ = match chart_key(chart) {
            Some(id) => writeln!(out, "- {name}: {entries}; chart `{id}`{notes}"),
            None => writeln!(out, "- {name}: {entries}; names no patient{notes}"),
        };
    }
    out.push('\n');
    disagreements(out, record, names);
    let parts = Parts {
        in_words: in_words(record),
        replaced,
        places: places(record),
    };
    items(out, record, names, merged, &parts);
}

/// What is looked up for each part of the record.
struct Parts<'m> {
    in_words: Vec<InWords<'m>>,
    replaced: BTreeMap<&'m str, &'m str>,
    places: BTreeMap<&'m EntryId, (&'m str, usize)>,
}

/// Where each entry stands: its source, and its place among what the source says.
fn places(record: &HealthRecord) -> BTreeMap<&EntryId, (&str, usize)> {
    let mut places = BTreeMap::new();
    for chart in &record.charts {
        for (at, entry) in chart.entries.iter().enumerate() {
            places.entry(&entry.id).or_insert((chart.source.id.as_str(), at));
        }
    }
    places
}

impl Parts<'_> {
    /// The latest first; what is of one time, or of none, in the order of the source.
    fn sort(&self, items: &mut [&MergedItem]) {
        items.sort_by_cached_key(|item| {
            let entries = item.members.iter().filter_map(|member| member.entry.as_ref());
            let place = entries.filter_map(|entry| self.places.get(entry)).min().copied();
            let when = item.record.when().map(|when| time(&when));
            (Reverse(when), place, &item.id)
        });
    }

    /// Whether only documents say it that others replace.
    fn is_replaced(&self, item: &MergedItem) -> bool {
        let mut sources = item.members.iter().map(|member| member.source.as_str());
        sources.all(|source| self.replaced.contains_key(source))
    }
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
fn details(item: &MergedItem, parts: &Parts<'_>) -> String {
    let mut said: Vec<String> = Vec::from_iter(Some(describe(&item.record)).filter(|said| !said.is_empty()));
    let disputed: Vec<String> = item
        .conflicts
        .iter()
        .filter(|conflict| !is_revision(item, conflict))
        .map(|conflict| field(item, &conflict.field))
        .collect();
    if !disputed.is_empty() {
        said.push(format!("**sources disagree: {}**", disputed.join(", ")));
    }
    if parts.is_replaced(item) {
        said.push("**only in a document that was replaced**".to_owned());
    }
    said.join("; ")
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
        let expected = EXPECTED.iter().find(|(section, _)| section == title);
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
        out.push_str("| what | details | kind | status | when | sources |\n|---|---|---|---|---|---|\n");
        parts.sort(&mut own);
        for item in own {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                cell(&what(item)),
                cell(&details(item, parts)),
                cell(&kind(item)),
                cell(status(&item.record).unwrap_or_default()),
                item.record.when().map(|when| time(&when)).unwrap_or_default(),
                cell(&names.of_all(&item.members))
            );
        }
        out.push('\n');
    }
    other_words(out, names, parts);
}

/// Sections in words that belong to no table: by name, because most are meant to be read as a document.
fn other_words(out: &mut String, names: &Names<'_>, parts: &Parts<'_>) {
    let mut by_source: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for words in parts.in_words.iter().filter(|words| words.part.is_none()) {
        by_source.entry(words.source).or_default().push(cell(words.title));
    }
    if by_source.is_empty() {
        return;
    }
    out.push_str(
        "### Only in words\n\nThese sections of documents were kept, but are in no table above.\n\n",
    );
    for (source, titles) in by_source {
        let _ = writeln!(out, "- {}: {}", cell(&names.of(source)), titles.join(", "));
    }
    out.push('\n');
}
