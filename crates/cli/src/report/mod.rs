//! The merge report for a person to read.

mod names;
mod person;
mod review;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ehr::model::{Chart, HealthRecord};
use ehr::types::Finding;
use serde_json::Value;

use crate::merge::Totals;

use names::Names;

/// What the report tells of.
pub(crate) struct Merged<'m> {
    pub(crate) charts: &'m [Chart],
    pub(crate) records: &'m [HealthRecord],
    /// The review list of `merge.json`.
    pub(crate) review: &'m Value,
    /// By source, the parts that were not understood.
    pub(crate) residual: &'m BTreeMap<String, usize>,
    /// Inputs that could not be read.
    pub(crate) unread: &'m [(String, Vec<Finding>)],
    /// Inputs with the same content, by name.
    pub(crate) copies: &'m [Vec<String>],
    pub(crate) totals: &'m Totals,
}

/// The whole report as Markdown.
pub(crate) fn markdown(merged: &Merged<'_>) -> String {
    let names = Names::new(merged.charts, merged.residual.keys());
    let mut out = String::from("# Merge report\n\n");
    summary(&mut out, merged.totals);
    not_read(&mut out, merged);
    review::write(&mut out, merged.review, merged.charts, &names);
    if merged.totals.persons > 0 {
        out.push_str(
            "*Are two charts of one person below not of one person? Write a line `chart,chart,different` with their names into a \
             file, say `reviewed.csv`, and merge again with `--verdicts reviewed.csv`.*\n\n",
        );
    }
    for record in merged.records {
        person::write(&mut out, record, &names);
    }
    sources(&mut out, merged, &names);
    out
}

fn summary(out: &mut String, totals: &Totals) {
    let _ = writeln!(
        out,
        "{} hold {} about {}.",
        count(totals.sources, "source", "sources"),
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
    let _ = writeln!(out, "- {} lost.\n", count(totals.lost, "entry", "entries"));
}

fn not_read(out: &mut String, merged: &Merged<'_>) {
    if !merged.unread.is_empty() {
        out.push_str("## Not read\n\nNothing of these files is in the record.\n\n");
        for (name, findings) in merged.unread {
            for finding in findings {
                let _ = writeln!(out, "- `{name}`: {finding}");
            }
        }
        out.push('\n');
    }
    if !merged.copies.is_empty() {
        out.push_str("## Given twice\n\nThese files hold the same bytes. They count as sources of their own, but say one thing once.\n\n");
        for copies in merged.copies {
            let names: Vec<String> = copies.iter().map(|name| format!("`{name}`")).collect();
            let _ = writeln!(out, "- {}", names.join(", "));
        }
        out.push('\n');
    }
}

fn sources(out: &mut String, merged: &Merged<'_>, names: &Names<'_>) {
    out.push_str(
        "## Sources\n\nParts that were not understood are kept as they came, but are in no table above.\n\n",
    );
    out.push_str("| source | file | patients | entries | not understood |\n|---|---|---:|---:|---:|\n");
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
            "| {} | `{}` | {patients} | {entries} | {residual} |",
            cell(&names.of(source)),
            cell(source)
        );
    }
}

/// A number with its noun.
fn count(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// Text that keeps to one cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
