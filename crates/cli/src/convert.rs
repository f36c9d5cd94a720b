//! `ehr convert`: each input as a FHIR R4 Bundle.

use std::collections::BTreeMap;
use std::path::Path;

use ehr::model::Chart;
use ehr::types::Severity;
use serde_json::{Value, json};

use crate::args::{Convert, Format};
use crate::bulk::{Export, exports};
use crate::inputs::{Input, collect};
use crate::output::{
    Error, Outcome, finding_json, json_bytes, line, progress, remove_earlier, tell, with_suffix, write,
};
use crate::reading::{Reading, read, rename};

pub(crate) fn run(options: &Convert, format: Format) -> Result<Outcome, Error> {
    let inputs = collect(&options.inputs, Some(&options.out))?;
    let exports = exports(&inputs);
    let mut beside: BTreeMap<&str, &Export<'_>> = BTreeMap::new();
    for export in exports.iter().filter(|export| export.files().len() > 1) {
        beside.extend(export.files().iter().map(|file| (&*file.name, export)));
        tell(&format!(
            "{}: {} of its NDJSON files refer to one another; each is converted by itself, with its references as they are \
             (ehr merge reads them as one source)",
            export.name,
            export.files().len()
        ));
    }
    let bar = progress(inputs.len());
    let mut outcome = Outcome::AllRead;
    for input in &inputs {
        bar.set_message(input.name.clone());
        let mut reading = read(input, &input.key, |reference| {
            beside
                .get(&*input.name)
                .is_some_and(|export| export.has(reference))
        });
        rename(reading.charts_mut(), |_| input.name.clone());
        if !reading.is_whole() {
            outcome = Outcome::SomeUnreadable;
        }
        match write_results(&options.out.join(&input.relative), &reading) {
            Ok(resources) => bar.suspend(|| line(&summary(input, &reading, resources, format))),
            // A name that is too long for the folder is no reason to leave out the others.
            Err(error) => {
                outcome = Outcome::SomeUnreadable;
                bar.suspend(|| tell(&format!("ehr: {error}")));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(outcome)
}

/// Writes the Bundle and the findings; returns the number of resources.
fn write_results(target: &Path, reading: &Reading) -> Result<usize, Error> {
    let mut resources = 0;
    let converted = with_suffix(target, "fhir.json");
    if let Some(import) = &reading.import {
        let bundle = ehr::export_charts(&import.charts);
        resources = bundle.entry.len();
        write(&converted, &ehr::fhir::to_json_pretty(&bundle))?;
    } else {
        remove_earlier(&converted)?;
    }
    let findings: Vec<Value> = reading.findings.iter().map(finding_json).collect();
    write(
        &with_suffix(target, "findings.json"),
        &json_bytes(&Value::Array(findings)),
    )?;
    Ok(resources)
}

fn summary(input: &Input, reading: &Reading, resources: usize, format: Format) -> String {
    let worst = reading.findings.iter().map(|finding| finding.severity).max();
    let charts = reading.import.as_ref().map_or(&[][..], |import| &import.charts);
    let patients = charts
        .iter()
        .filter(|chart| chart.patient_entry().is_some())
        .count();
    let residual: usize = charts.iter().map(Chart::residual_count).sum();
    if format == Format::Json {
        return json!({
            "file": input.name,
            "format": reading.format,
            "read": reading.import.is_some(),
            "in_part": reading.is_partial(),
            "charts": charts.len(),
            "patients": patients,
            "resources": resources,
            "residual": residual,
            "findings": reading.findings.len(),
            "worst": worst,
        })
        .to_string();
    }
    if let (None, Some(finding)) = (&reading.import, reading.findings.first()) {
        return format!("{}: not read: {finding}", input.name);
    }
    let mut text = format!("{}: {}, {patients} patient(s)", input.name, reading.format);
    if charts.len() > patients {
        text += &format!(", {} chart(s) without a patient", charts.len() - patients);
    }
    text += &format!(
        ", {resources} resources, {residual} not understood, {} finding(s)",
        reading.findings.len()
    );
    if let Some(worst) = worst.filter(|worst| *worst > Severity::Information) {
        text += &format!(", worst {worst}");
    }
    if reading.is_partial() {
        text += ", read only in part";
    }
    text
}
