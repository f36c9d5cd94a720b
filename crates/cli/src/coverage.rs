//! How much of what US Core asks for is there.

use std::collections::BTreeMap;

use ehr::fhir::us_core::{Coverage, Obligation};
use serde_json::{Value, json};

use crate::output::{count, tell};

/// Share of the resources that have the element, in tenths of a percent, rounded down: all is all.
fn per_mille(row: &Coverage) -> usize {
    (row.present * 1000)
        .checked_div(row.resources)
        .unwrap_or_default()
}

fn percent(row: &Coverage) -> f64 {
    u32::try_from(per_mille(row)).map_or(0.0, f64::from) / 10.0
}

/// The rows of each profile, under its name.
pub(crate) fn coverage_json(rows: &[Coverage]) -> Value {
    let profiles = rows.chunk_by(|a, b| a.profile == b.profile).map(|rows| {
        let elements: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "element": row.element,
                    "obligation": match row.obligation {
                        Obligation::MustSupport => "must-support",
                        Obligation::Uscdi => "uscdi",
                    },
                    "present": row.present,
                    "absent_with_reason": row.absent_with_reason,
                    "absent": row.absent(),
                    "percent": percent(row),
                })
            })
            .collect();
        json!({
            "profile": rows.first().map(|row| row.profile),
            "resources": rows.first().map(|row| row.resources),
            "elements": elements,
        })
    });
    profiles.collect()
}

/// The coverage of all files together, profile by profile.
#[derive(Default)]
pub(crate) struct Sums(BTreeMap<&'static str, Vec<Coverage>>);

impl Sums {
    pub(crate) fn add(&mut self, rows: Vec<Coverage>) {
        for row in rows {
            let known = self.0.entry(row.profile).or_default();
            match known.iter_mut().find(|known| known.element == row.element) {
                Some(known) => {
                    known.resources += row.resources;
                    known.present += row.present;
                    known.absent_with_reason += row.absent_with_reason;
                }
                None => known.push(row),
            }
        }
    }

    /// Tells them on standard error.
    pub(crate) fn tell(&self) {
        tell("US Core 7.0.0, must-support elements: share of the resources that have them");
        if self.0.is_empty() {
            tell("  no resource is of any of its profiles");
        }
        for (profile, rows) in &self.0 {
            let resources = rows.first().map_or(0, |row| row.resources);
            tell(&format!(
                "{profile}, {}",
                count(resources, "resource", "resources")
            ));
            for row in rows {
                tell(&told(row));
            }
        }
    }
}

fn told(row: &Coverage) -> String {
    let mut text = format!("  {:5.1} %  {}", percent(row), row.element);
    if row.obligation == Obligation::Uscdi {
        text += " (USCDI)";
    }
    if row.absent_with_reason > 0 {
        text += &format!(", {} with a reason why not", row.absent_with_reason);
    }
    if row.absent() > 0 {
        text += &format!(", {} without", row.absent());
    }
    text
}
