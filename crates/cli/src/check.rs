//! `ehr check`: parse, validate and round-trip files.

use ehr::check::{CheckReport, check};
use ehr::fhir::r4::{Extension, ExtensionValue};
use ehr::fhir::us_core::Coverage;
use serde_json::{Value, json};

use crate::args::{Check, Format};
use crate::coverage::{Sums, coverage_json};
use crate::inputs::{Input, collect};
use crate::output::{Error, Outcome, explain, finding_json, line, progress};

/// The file that an OperationOutcome is about.
const FILE: &str = "http://hl7.org/fhir/StructureDefinition/operationoutcome-file";

pub(crate) fn run(options: &Check, format: Format) -> Result<Outcome, Error> {
    let inputs = collect(&options.files, None)?;
    let bar = progress(inputs.len());
    let mut outcome = Outcome::AllRead;
    let mut sums = Sums::default();
    for input in &inputs {
        let (report, coverage) = examine(input, options);
        if report.round_trip.is_none() || options.strict && !report.is_ok() {
            outcome = Outcome::SomeUnreadable;
        }
        bar.suspend(|| {
            line(&match format {
                Format::OperationOutcome => as_outcome(input, &report),
                Format::Text | Format::Json => as_json(input, &report, coverage.as_deref()).to_string(),
            });
            if format == Format::Text {
                // On standard error, so that standard output stays JSON lines.
                explain(&input.name, &report.findings);
            }
        });
        sums.add(coverage.unwrap_or_default());
        bar.inc(1);
    }
    bar.finish_and_clear();
    if options.us_core && format == Format::Text {
        sums.tell();
    }
    Ok(outcome)
}

/// What is found in an input, and its coverage where that is asked for.
fn examine(input: &Input, options: &Check) -> (CheckReport, Option<Vec<Coverage>>) {
    match input.read() {
        Ok(bytes) => (
            check(&bytes),
            options.us_core.then(|| ehr::us_core_coverage(&bytes)),
        ),
        Err(finding) => {
            let unread = CheckReport {
                format: None,
                findings: vec![finding],
                round_trip: None,
            };
            (unread, options.us_core.then(Vec::new))
        }
    }
}

fn as_outcome(input: &Input, report: &CheckReport) -> String {
    let mut outcome = report.operation_outcome();
    outcome.extension.push(Extension {
        url: Some(FILE.into()),
        value: Some(Box::new(ExtensionValue::String(input.name.as_str().into()))),
        ..Extension::default()
    });
    ehr::fhir::to_json_string(&outcome)
}

fn as_json(input: &Input, report: &CheckReport, coverage: Option<&[Coverage]>) -> Value {
    let mut out = json!({
        "file": input.name,
        "format": report.format.map_or("unknown", |format| format.name()),
        "ok": report.is_ok(),
        "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "round_trip": report.round_trip.map(|round_trip| round_trip.name()),
    });
    if let (Some(coverage), Value::Object(members)) = (coverage, &mut out) {
        members.insert("us_core".to_owned(), coverage_json(coverage));
    }
    out
}
