//! The merge report for a person to read.

mod details;
mod disagreements;
mod document;
mod names;
mod parts;
mod person;
mod review;
mod units;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ehr::model::{Chart, HealthRecord};
use serde_json::Value;

use crate::merge::{Heard, SEVERITIES, Totals, count_of};
use crate::output::{MOST_TOLD, count};
use crate::reading::{errors, is_foreign};

use names::Names;
use parts::Parts;
pub(crate) use words::status;

/// What the report tells of.
pub(crate) struct Merged<'m> {
    pub(crate) charts: &'m [Chart],
    pub(crate) records: &'m [HealthRecord],
    /// The review list of `merge.json`.
    pub(crate) review: &'m Value,
    /// By source, the parts that were not understood.
    pub(crate) residual: &'m BTreeMap<String, usize>,
    /// By source, how the reading went.
    pub(crate) heard: &'m BTreeMap<String, Heard>,
    /// Inputs with the same content, by name.
    pub(crate) copies: &'m [Vec<String>],
    pub(crate) totals: &'m Totals,
}

impl Merged<'_> {
    /// Whether any source could not be read at all.
    fn any_unread(&self) -> bool {
        self.heard.values().any(|told| !told.read)
    }

    /// Whether a part of the source was not read.
    fn is_partial(&self, source: &str) -> bool {
        self.heard.get(source).is_some_and(|told| told.partial)
    }

    /// Parts of the source that FHIR R4 does not have.
    fn foreign_parts(&self, source: &str) -> usize {
        let findings = self.heard.get(source).into_iter().flat_map(|told| &told.findings);
        findings.filter(|finding| is_foreign(finding)).count()
    }
}

/// The whole report as Markdown.
pub(crate) fn markdown(merged: &Merged<'_>) -> String {
    let names = Names::new(merged.charts, merged.residual.keys());
    let mut out = String::from("# Merge report\n\n");
    summary(&mut out, merged);
    not_read(&mut out, merged);
    read_in_part(&mut out, merged);
    not_r4(&mut out, merged);
    test_data(&mut out, merged);
    given_twice(&mut out, merged);
    let mut records: Vec<&HealthRecord> = merged.records.iter().collect();
    records.sort_by_cached_key(|record| person::order(record));
    persons(&mut out, &records, &names);
    review::write(&mut out, merged.review, merged.charts, merged.records, &names);
    if !records.is_empty() {
        out.push_str(
            "*Are two charts of one person below not of one person? Write a line `chart,chart,different` with their names into a \
             file, say `reviewed.csv`, and merge again with `--verdicts reviewed.csv`.*\n\n",
        );
    }
    for record in records {
        person::write(&mut out, record, &names, merged);
    }
    sources(&mut out, merged, &names);
    out
}

fn summary(out: &mut String, merged: &Merged<'_>) {
    let totals = merged.totals;
    let _ = writeln!(
        out,
        "{} {} about {}.",
        count(totals.sources, "source holds", "sources hold"),
        count(totals.entries_in, "entry", "entries"),
        count(totals.persons, "person", "persons")
    );
    let _ = writeln!(
        out,
        "- {} came out; {} said again what another entry says.",
        count(totals.entries_out, "item", "items"),
        count(totals.merged(), "entry", "entries")
    );
    let _ = writeln!(
        out,
        "- {}. Both sides are shown below, none was dropped.",
        count(totals.conflicts, "disagreement", "disagreements")
    );
    let _ = writeln!(
        out,
        "- {} of charts may be of one person and wait for review.",
        count(totals.review, "pair", "pairs")
    );
    let _ = writeln!(out, "- {} lost.", count(totals.lost, "entry", "entries"));
    let unresolved: usize = merged
        .heard
        .values()
        .flat_map(|told| &told.findings)
        .filter(|finding| finding.code == ehr::UNRESOLVED_SUBJECT)
        .count();
    if unresolved > 0 {
        let _ = writeln!(
            out,
            "- {} about somebody who is not in the same source: nobody can tell from it whose they are.",
            count(unresolved, "entry is", "entries are")
        );
    }
    if totals.without_patient > 0 {
        let _ = writeln!(
            out,
            "- {} no patient; they are below as entries without a patient.",
            count(totals.without_patient, "record names", "records name")
        );
    }
    out.push('\n');
}

fn not_read(out: &mut String, merged: &Merged<'_>) {
    if merged.any_unread() {
        out.push_str("## Not read\n\nNothing of these files is in the record.\n\n");
        for (name, told) in merged.heard.iter().filter(|(_, told)| !told.read) {
            for finding in &told.findings {
                let _ = writeln!(out, "- {}: {}", code(name), cell(&finding.to_string()));
            }
        }
        out.push('\n');
    }
}

/// The sources of which a part is missing, and why.
fn read_in_part(out: &mut String, merged: &Merged<'_>) {
    let mut partial = merged.heard.iter().filter(|(_, told)| told.partial).peekable();
    if partial.peek().is_none() {
        return;
    }
    out.push_str(
        "## Read only in part\n\nThese sources were not read to their end, a part of them could not be read, or their sender says that \
         it did not send all. What they say in the rest is not in the record; ask for them again.\n\n",
    );
    for (name, told) in partial {
        let errors = errors(&told.findings);
        let _ = writeln!(out, "- {}", code(name));
        for finding in errors.iter().take(MOST_TOLD) {
            let _ = writeln!(out, "  - {}", cell(&finding.to_string()));
        }
        if errors.len() > MOST_TOLD {
            let _ = writeln!(
                out,
                "  - … and {} more, all in `merge.json`",
                errors.len() - MOST_TOLD
            );
        }
    }
    out.push('\n');
}

/// The sources that hold what FHIR R4 does not have: another version of FHIR, most likely.
fn not_r4(out: &mut String, merged: &Merged<'_>) {
    let sources = merged.heard.keys().map(|name| (name, merged.foreign_parts(name)));
    let mut foreign = sources.filter(|(_, parts)| *parts > 0).peekable();
    if foreign.peek().is_none() {
        return;
    }
    out.push_str(
        "## Not all FHIR R4\n\nThese sources hold parts that FHIR R4 does not have, as exports in another version of FHIR do. They were \
         read as R4: such parts are not understood, and what they say may be missing below. `merge.json` has them.\n\n",
    );
    for (name, parts) in foreign {
        let _ = writeln!(out, "- {}: {}", code(name), count(parts, "part", "parts"));
    }
    out.push('\n');
}

/// The sources that hold messages of a test: HL7 v2, MSH-11.
fn test_data(out: &mut String, merged: &Merged<'_>) {
    let of_source = |told: &Heard| {
        let findings = told.findings.iter();
        findings
            .filter(|finding| finding.code == "v2.not-production")
            .count()
    };
    let sources = merged.heard.iter().map(|(name, told)| (name, of_source(told)));
    let mut sources = sources.filter(|(_, messages)| *messages > 0).peekable();
    if sources.peek().is_none() {
        return;
    }
    out.push_str(
        "## Test data\n\nThese sources hold messages that say of themselves that they are of a test or of training. What they say is below \
         like all else: is it of no patient, merge again without them.\n\n",
    );
    for (name, messages) in sources {
        let _ = writeln!(
            out,
            "- {}: {}",
            code(name),
            count(messages, "message", "messages")
        );
    }
    out.push('\n');
}

/// Who is below, and whose record needs a look.
fn persons(out: &mut String, records: &[&HealthRecord], names: &Names<'_>) {
    if records.len() < 2 {
        return;
    }
    out.push_str("## Persons\n\n| person | charts | disagreements |\n|---|---:|---:|\n");
    for record in records {
        let parts = Parts::of(record);
        let conflicts = record
            .items
            .iter()
            .flat_map(|item| item.conflicts.iter().map(move |conflict| (item, conflict)));
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            cell(&person::title(record, names)),
            record.charts.len(),
            conflicts
                .filter(|(item, conflict)| !parts.is_revision(item, conflict))
                .count()
        );
    }
    out.push('\n');
}

fn given_twice(out: &mut String, merged: &Merged<'_>) {
    if !merged.copies.is_empty() {
        out.push_str("## Given twice\n\nThese files hold the same bytes. They count as sources of their own, but say one thing once.\n\n");
        for copies in merged.copies {
            let names: Vec<String> = copies.iter().map(|name| code(name)).collect();
            let _ = writeln!(out, "- {}", names.join(", "));
        }
        out.push('\n');
    }
}

fn sources(out: &mut String, merged: &Merged<'_>, names: &Names<'_>) {
    out.push_str(
        "## Sources\n\nParts that were not understood are in no table above; `merge.json` has each of them under `not_understood`.\n\n",
    );
    out.push_str(
        "| source | file | patients | entries | not understood | findings |\n|---|---|---:|---:|---:|---|\n",
    );
    for (source, residual) in merged.residual {
        let charts = merged.charts.iter().filter(|chart| chart.source.id == *source);
        let (patients, entries) = charts.fold((0, 0), |(patients, entries), chart| {
            (
                patients + usize::from(chart.patient_entry().is_some()),
                entries + chart.entries.len(),
            )
        });
        let _ = writeln!(
            out,
            "| {} | {} | {patients} | {entries} | {residual} | {} |",
            cell(&names.of(source)),
            code(source).replace('|', "\\|"),
            merged.heard.get(source).map_or_else(String::new, findings)
        );
    }
}

/// How much was noticed in a source: `1 fatal, 2 error`.
fn findings(told: &Heard) -> String {
    let counts = SEVERITIES.map(|severity| (count_of(&told.findings, severity), severity));
    let words: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {severity}"))
        .collect();
    let words = if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    };
    if told.partial {
        format!("{words}; **read only in part**")
    } else {
        words
    }
}

/// Text of a source that keeps to one line or one cell of a table, and is neither a link, an image, code nor HTML.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '[' | '`' | '\\' => out.extend(['\\', letter]),
            letter => out.push(letter),
        }
    }
    out
}

/// A name as code, whatever it holds.
fn code(name: &str) -> String {
    let name = name.replace(['\n', '\r'], " ");
    let mut fence = String::from("`");
    while name.contains(&fence) {
        fence.push('`');
    }
    let pad = if name.starts_with('`') || name.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{name}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::{cell, code};

    #[test]
    fn what_a_source_says_stays_text() {
        for (text, written) in [
            ("a|b", r"a\|b"),
            (r"a\|b", r"a\\\|b"),
            ("<img src=x>", "&lt;img src=x>"),
            ("&lt;b>", "&amp;lt;b>"),
            ("![i](http://x)", r"!\[i](http://x)"),
            ("`c`\n## Fake", r"\`c\` ## Fake"),
        ] {
            assert_eq!(cell(text), written);
        }
        assert_eq!(code("a/b.xml"), "`a/b.xml`");
        assert_eq!(code("a`<b>``c"), "```a`<b>``c```");
        assert_eq!(code("`"), "`` ` ``");
    }
}
