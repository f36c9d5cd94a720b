//! `--verdicts`: what reviewers decided about pairs of charts.

use std::collections::BTreeSet;
use std::path::Path;

use ehr::link::{Verdict, Verdicts};
use ehr::merge::chart_key;
use ehr::model::Chart;

use crate::inputs;
use crate::output::Error;
use crate::table::Table;

/// Reads rows `a,b,verdict` with the ids of `merge.json`, with or without that header. A row without a verdict is a pair that nobody decided yet.
pub(crate) fn read(path: &Path) -> Result<Verdicts, Error> {
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
            return Err(row.error("a verdict is about two charts"));
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

/// Ids in verdicts that no chart has: of an export that is not among the inputs, or misspelt.
pub(crate) fn strangers<'v>(verdicts: &'v Verdicts, charts: &[Chart]) -> BTreeSet<&'v str> {
    let known: BTreeSet<String> = charts.iter().filter_map(chart_key).collect();
    verdicts
        .iter()
        .flat_map(|(a, b, _)| [a, b])
        .filter(|id| !known.contains(*id))
        .collect()
}
