//! `--verdicts`: what reviewers decided about pairs of charts or rows.

use std::collections::BTreeSet;
use std::path::Path;

use ehr::link::{Verdict, Verdicts};

use crate::inputs;
use crate::output::Error;
use crate::table::Table;

/// The verdicts of the file that the option names; none without it.
pub(crate) fn read_option(path: Option<&Path>) -> Result<Verdicts, Error> {
    path.map_or_else(|| Ok(Verdicts::default()), read)
}

/// Reads rows `a,b,verdict` with the ids of `merge.json` or of a table of people, with or without that header. A row without a
/// verdict is a pair that nobody decided yet.
fn read(path: &Path) -> Result<Verdicts, Error> {
    let bytes = inputs::read_option(path)?;
    let mut verdicts = Verdicts::default();
    let table = Table::read_in_order(path, &bytes, &["a", "b", "verdict"], &["same", "different"])?;
    for row in table.rows() {
        let [a, b, verdict] = row.fields();
        let verdict = match verdict.to_ascii_lowercase().as_str() {
            "" => continue,
            "same" => Verdict::Same,
            "different" => Verdict::Different,
            _ => return Err(row.error("the verdict is neither `same` nor `different`")),
        };
        if a.is_empty() || b.is_empty() || a == b {
            return Err(row.error("a verdict is about two charts or rows"));
        }
        if verdicts
            .set(a, b, verdict)
            .is_some_and(|earlier| earlier != verdict)
        {
            return Err(row.error("an earlier row decides the pair otherwise"));
        }
    }
    Ok(verdicts)
}

/// Ids in verdicts that are not among the `known`: of an input that is not there, or misspelt.
pub(crate) fn strangers(verdicts: &Verdicts, known: impl Iterator<Item = impl AsRef<str>>) -> BTreeSet<&str> {
    let mut strangers: BTreeSet<&str> = verdicts.iter().flat_map(|(a, b, _)| [a, b]).collect();
    for id in known {
        strangers.remove(id.as_ref());
    }
    strangers
}
