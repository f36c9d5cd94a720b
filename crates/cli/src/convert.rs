//! `ehr convert`: each input as a FHIR R4 Bundle.

use ehr::model::{Import, ImportError, ImportOptions, Source};
use ehr::types::{Finding, Severity};
use ehr::{detect, import_as};
use serde_json::{Value, json};

use crate::args::{Convert, Format};
use crate::inputs::{Input, collect};
use crate::output::{Error, Outcome, finding_json, json_bytes, line, progress, with_suffix, write};

/// What was read of one input.
pub(crate) struct Reading {
    /// Name of the recognised format, `unknown` where none was.
    pub(crate) format: &'static str,
    /// The charts; `None` when the input could not be read at all.
    pub(crate) import: Option<Import>,
    /// Everything noticed.
    pub(crate) findings: Vec<Finding>,
}

/// Reads and imports one input; its path is the source's id.
pub(crate) fn read(input: &Input) -> Reading {
    let unreadable = |format, finding| Reading {
        format,
        import: None,
        findings: vec![finding],
    };
    let bytes = match input.read() {
        Ok(bytes) => bytes,
        Err(finding) => return unreadable("unknown", finding),
    };
    let format = match detect(&bytes) {
        Ok(format) => format,
        Err(finding) => return unreadable("unknown", finding),
    };
    match import_as(
        format,
        &bytes,
        &ImportOptions::new(Source::new(input.name.clone())),
    ) {
        Ok(mut import) => {
            let findings = std::mem::take(&mut import.findings);
            Reading {
                format: format.name(),
                import: Some(import),
                findings,
            }
        }
        Err(ImportError::Unreadable(finding)) => unreadable(format.name(), finding),
        Err(ImportError::Refused(findings)) => Reading {
            format: format.name(),
            import: None,
            findings,
        },
    }
}

pub(crate) fn run(options: &Convert, format: Format) -> Result<Outcome, Error> {
    let inputs = collect(&options.inputs, Some(&options.out))?;
    let bar = progress(inputs.len());
    let mut outcome = Outcome::AllRead;
    for input in &inputs {
        bar.set_message(input.name.clone());
        let reading = read(input);
        let target = options.out.join(&input.relative);
        let mut resources = 0;
        if let Some(import) = &reading.import {
            let bundle = ehr::export_charts(&import.charts);
            resources = bundle.entry.len();
            write(
                &with_suffix(&target, "fhir.json"),
                &ehr::fhir::to_json_pretty(&bundle),
            )?;
        } else {
            outcome = Outcome::SomeUnreadable;
        }
        let findings: Vec<Value> = reading.findings.iter().map(finding_json).collect();
        write(
            &with_suffix(&target, "findings.json"),
            &json_bytes(&Value::Array(findings)),
        )?;
        bar.suspend(|| line(&summary(input, &reading, resources, format)));
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(outcome)
}

fn summary(input: &Input, reading: &Reading, resources: usize, format: Format) -> String {
    let worst = reading.findings.iter().map(|finding| finding.severity).max();
    let charts = reading.import.as_ref().map_or(0, |import| import.charts.len());
    let residual: usize = reading
        .import
        .iter()
        .flat_map(|import| &import.charts)
        .map(|chart| chart.residual_count())
        .sum();
    if format == Format::Json {
        return json!({
            "file": input.name,
            "format": reading.format,
            "read": reading.import.is_some(),
            "charts": charts,
            "resources": resources,
            "residual": residual,
            "findings": reading.findings.len(),
            "worst": worst,
        })
        .to_string();
    }
    match (&reading.import, reading.findings.first()) {
        (None, Some(finding)) => format!("{}: not read: {finding}", input.name),
        _ => format!(
            "{}: {}, {charts} patient(s), {resources} resources, {residual} not understood, {} finding(s){}",
            input.name,
            reading.format,
            reading.findings.len(),
            worst
                .filter(|worst| *worst > Severity::Information)
                .map(|worst| format!(", worst {worst}"))
                .unwrap_or_default(),
        ),
    }
}
