//! `ehr check`: parse, validate and round-trip files.

use ehr::check::{CheckReport, check};
use serde_json::{Value, json};

use crate::args::{Check, Format};
use crate::inputs::{Input, collect};
use crate::output::{Error, Outcome, explain, finding_json, line, progress};

pub(crate) fn run(options: &Check, format: Format) -> Result<Outcome, Error> {
    let inputs = collect(&options.files, None)?;
    let bar = progress(inputs.len());
    let mut outcome = Outcome::AllRead;
    for input in &inputs {
        let report = examine(input);
        if report.round_trip.is_none() {
            outcome = Outcome::SomeUnreadable;
        }
        bar.suspend(|| {
            line(&as_json(input, &report).to_string());
            if format == Format::Text {
                // On standard error, so that standard output stays JSON lines.
                explain(&input.name, &report.findings);
            }
        });
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(outcome)
}

fn examine(input: &Input) -> CheckReport {
    match input.read() {
        Ok(bytes) => check(&bytes),
        Err(finding) => CheckReport {
            format: None,
            findings: vec![finding],
            round_trip: None,
        },
    }
}

fn as_json(input: &Input, report: &CheckReport) -> Value {
    json!({
        "file": input.name,
        "format": report.format.map_or("unknown", |format| format.name()),
        "ok": report.is_ok(),
        "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "round_trip": report.round_trip.map(|round_trip| round_trip.name()),
    })
}
