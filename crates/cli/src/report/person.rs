//! One person's part of the report.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ehr::merge::{chart_key, describe};
use ehr::model::{AllergyKnowledge, Conflict, Entry, EntryId, HealthRecord, MergedItem, Record, RecordClass};

use super::document::{InWords, in_words, replaced};
use super::names::Names;
use super::units::plain;
use super::words::{SECTIONS, field, has_kinds, is_over, kind, section, status, time, what};
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
    let parts = Parts {
        in_words: in_words(record),
        replaced,
        places: places(record),
        codes: codes(record),
        disputes: disputes(record),
    };
    disagreements(out, record, names, &parts);
    items(out, record, names, merged, &parts);
}

/// What is looked up for each part of the record.
struct Parts<'m> {
    in_words: Vec<InWords<'m>>,
    replaced: BTreeMap<&'m str, &'m str>,
    places: BTreeMap<&'m EntryId, Place<'m>>,
    /// The codes of all concepts: what says so little to a reader that it is left out where words do.
    codes: BTreeSet<&'m str>,
    /// By entry, what is in dispute about it, in words.
    disputes: BTreeMap<&'m EntryId, BTreeSet<String>>,
}

/// Where an entry stands.
struct Place<'m> {
    /// Id of its source.
    source: &'m str,
    /// Its place among what the source says.
    at: usize,
    entry: &'m Entry,
}

fn places(record: &HealthRecord) -> BTreeMap<&EntryId, Place<'_>> {
    let mut places = BTreeMap::new();
    for chart in &record.charts {
        let source = chart.source.id.as_str();
        for (at, entry) in chart.entries.iter().enumerate() {
            places.entry(&entry.id).or_insert(Place { source, at, entry });
        }
    }
    places
}

fn codes(record: &HealthRecord) -> BTreeSet<&str> {
    let entries = record.charts.iter().flat_map(|chart| &chart.entries);
    let codings = entries
        .filter_map(|entry| entry.record.concept())
        .flat_map(|concept| &concept.codings);
    codings.filter_map(|coding| coding.code.as_deref()).collect()
}

/// A conflict stands at one item, but may be with entries of others: a penicillin allergy with "no known allergy".
fn disputes(record: &HealthRecord) -> BTreeMap<&EntryId, BTreeSet<String>> {
    let mut disputes: BTreeMap<&EntryId, BTreeSet<String>> = BTreeMap::new();
    for item in &record.items {
        for conflict in item
            .conflicts
            .iter()
            .filter(|conflict| !is_revision(item, conflict))
        {
            let members = conflict
                .values
                .iter()
                .flat_map(|side| &side.members)
                .chain(&item.members);
            for entry in members.filter_map(|member| member.entry.as_ref()) {
                disputes
                    .entry(entry)
                    .or_default()
                    .insert(field(item, &conflict.field));
            }
        }
    }
    disputes
}

impl Parts<'_> {
    /// On what the sources disagree about an item, in words.
    fn disputed(&self, item: &MergedItem) -> BTreeSet<&str> {
        let entries = item.members.iter().filter_map(|member| member.entry.as_ref());
        let fields = entries.filter_map(|entry| self.disputes.get(entry)).flatten();
        fields.map(String::as_str).collect()
    }

    /// What the sides of a conflict say, without codes behind words and in plain units, unless two sides would look the same.
    fn values(&self, conflict: &Conflict) -> Vec<String> {
        let without_code = |value: &str| {
            let inner = value.strip_suffix(')').and_then(|value| value.rsplit_once(" ("));
            let words = inner
                .filter(|(_, code)| self.codes.contains(code))
                .map(|(words, _)| words);
            plain(words.unwrap_or(value))
        };
        let sides = conflict.values.iter().map(|side| side.value.as_str());
        let shown: Vec<String> = sides.clone().map(without_code).collect();
        let told_apart: BTreeSet<&String> = shown.iter().collect();
        if told_apart.len() == shown.len() {
            return shown;
        }
        sides.map(str::to_owned).collect()
    }

    fn of<'p>(&'p self, item: &'p MergedItem) -> impl Iterator<Item = &'p Place<'p>> {
        let entries = item.members.iter().filter_map(|member| member.entry.as_ref());
        entries.filter_map(|entry| self.places.get(entry))
    }

    /// What a reader must not overlook first: what there is before what there is not, what goes on or is in dispute before what
    /// is over. Then the latest; what is of one time, or of none, in the order of the source.
    fn sort(&self, items: &mut [&MergedItem]) {
        items.sort_by_cached_key(|item| {
            let place = self.of(item).map(|place| (place.source, place.at)).min();
            let when = item.record.when().map(|when| time(&when));
            let is_past = is_over(&item.record) && item.conflicts.is_empty();
            (is_absence(&item.record), is_past, Reverse(when), place, &item.id)
        });
    }

    /// What the item is about. A name in capitals is shown as another of its sources writes it.
    fn what(&self, item: &MergedItem) -> String {
        let is_shouted = |name: &str| !name.contains(char::is_lowercase);
        let shown = what(&item.record);
        if !is_shouted(&shown) {
            return shown;
        }
        let spellings = self.of(item).map(|place| what(&place.entry.record));
        let is_it = |name: &String| !is_shouted(name) && name.to_uppercase() == shown;
        spellings.into_iter().find(is_it).unwrap_or(shown)
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

/// Whether the record says that there is nothing of its kind, or that nobody knows.
fn is_absence(record: &Record) -> bool {
    matches!(record, Record::AllergyIntolerance(allergy) if allergy.knowledge != AllergyKnowledge::Present)
}

/// What sources do not agree on, in the order of the parts below, and, apart from it, results that one source corrected.
fn disagreements(out: &mut String, record: &HealthRecord, names: &Names<'_>, parts: &Parts<'_>) {
    let mut all: Vec<(&MergedItem, &Conflict)> = record
        .items
        .iter()
        .flat_map(|item| item.conflicts.iter().map(move |conflict| (item, conflict)))
        .collect();
    all.sort_by_key(|(item, _)| SECTIONS.iter().position(|title| *title == section(item.class())));
    let (revised, disputed): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|(item, conflict)| is_revision(item, conflict));
    let mut write = |title: &str, between: &str, rows: &[(&MergedItem, &Conflict)]| {
        if !rows.is_empty() {
            let _ = writeln!(out, "### {title}\n\n{}", table(between, rows, names, parts));
        }
    };
    write("Disagreements", " — ", &disputed);
    write("Corrected by their source", " replaces ", &revised);
}

fn table(between: &str, rows: &[(&MergedItem, &Conflict)], names: &Names<'_>, parts: &Parts<'_>) -> String {
    let mut out = String::from("| about | what differs | who says what |\n|---|---|---|\n");
    for (item, conflict) in rows {
        let sides: Vec<String> = conflict
            .values
            .iter()
            .zip(parts.values(conflict))
            .map(|(side, value)| format!("**{value}** {}", names.of_all(&side.members)))
            .collect();
        let when = item
            .record
            .when()
            .filter(|_| item.class() == RecordClass::Observation);
        let about = match when {
            Some(when) => format!("{}, {}", what(&item.record), time(&when)),
            None => what(&item.record),
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
    out
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
    let mut said: Vec<String> =
        Vec::from_iter(Some(plain(&describe(&item.record))).filter(|said| !said.is_empty()));
    let disputed = parts.disputed(item);
    if !disputed.is_empty() {
        said.push(format!(
            "**sources disagree: {}**",
            Vec::from_iter(disputed).join(", ")
        ));
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
            let _ = writeln!(
                out,
                "| {} | {} |{kind} {} | {} | {} |",
                cell(&parts.what(item)),
                cell(&details(item, parts)),
                cell(status(&item.record).unwrap_or_default()),
                item.record.when().map(|when| time(&when)).unwrap_or_default(),
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
