//! The whole way: exports of several EMRs in, one FHIR record per person out.
//!
//! Run it: `cargo run --release -p ehr-examples --example emr_to_ehr -- examples/data/riverside/*/*`
//! It prints who was found, what disagrees and who waits for review, and writes `target/emr_to_ehr/<person>.json`.
//!
//! To change when copying: where the bytes come from (`std::fs::read`), what names a source (here its path; better the name
//! of the organization and system), and what is done with the Bundle at the end.

use std::error::Error;
use std::fs;
use std::path::Path;

use ehr::link::{Config, Verdicts};
use ehr::merge::{Policy, identify};
use ehr::model::{Chart, HealthRecord, ImportOptions, Source};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        return Err("name some files: C-CDA documents, HL7 v2 messages, FHIR JSON".into());
    }
    let mut charts = Vec::new();
    let mut unread = 0;
    for path in &paths {
        // One file that cannot be read does not keep the others from the record; but who reads the record must know.
        match read(path) {
            Ok(more) => charts.extend(more),
            Err(error) => {
                eprintln!("{path}: not read: {error}");
                unread += 1;
            }
        }
    }
    let folder = Path::new("target/emr_to_ehr");
    fs::create_dir_all(folder)?;
    for record in merge_all(&charts) {
        let bundle = ehr::fhir::export(&record);
        fs::write(
            folder.join(format!("{}.json", record.person)),
            ehr::fhir::to_json_pretty(&bundle),
        )?;
        print_summary(&record);
    }
    match unread {
        0 => Ok(()),
        _ => Err(format!("{unread} of {} files are in no record", paths.len()).into()),
    }
}

/// The charts of one file; what was noticed goes to standard error, without any value of a patient.
fn read(path: &str) -> Result<Vec<Chart>, Box<dyn Error>> {
    let import = ehr::import(&fs::read(path)?, &ImportOptions::new(Source::new(path)))?;
    for finding in &import.findings {
        eprintln!("{path}: {finding}");
    }
    Ok(import.charts)
}

/// One record per person. Pairs that need a reviewer stay apart and are named.
fn merge_all(charts: &[Chart]) -> Vec<HealthRecord> {
    let identification = identify(charts, &Config::default(), &Verdicts::default());
    for pair in &identification.review {
        let name = |index: usize| charts.get(index).map_or("?", |chart| chart.source.id.as_str());
        println!(
            "for review ({:.2}): {} and {}",
            pair.probability,
            name(pair.a),
            name(pair.b)
        );
    }
    identification.records(charts, &Policy::default())
}

/// Whose record it is, and what its sources do not agree on: who says what.
fn print_summary(record: &HealthRecord) {
    let patient = record.charts.iter().find_map(|chart| chart.patient());
    let name = patient.and_then(|patient| patient.name.first()?.display());
    let (charts, items) = (record.charts.len(), record.items.len());
    let name = name.as_deref().unwrap_or("(no name)");
    println!("{name} ({}): {items} items from {charts} charts", record.person);
    for item in &record.items {
        let label = item.record.concept().and_then(|concept| concept.label());
        let label = label.unwrap_or("(not named)");
        for conflict in &item.conflicts {
            println!("  {} {label}: disagreement on {}", item.class(), conflict.field);
            for side in &conflict.values {
                let sources: Vec<&str> = side.members.iter().map(|member| member.source.as_str()).collect();
                println!("    {}, says {}", side.value, sources.join(", "));
            }
        }
    }
}

#[test]
fn the_sample_data_make_one_record_per_person() {
    let riverside = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/riverside");
    let mut charts = Vec::new();
    for file in [
        "clinic/vance-eleanor.xml",
        "hospital/export.json",
        "lab/results.hl7",
    ] {
        charts.extend(read(riverside.join(file).to_str().unwrap()).unwrap());
    }
    let entries: usize = charts.iter().map(|chart| chart.entries.len()).sum();
    let records = merge_all(&charts);
    let reached: usize = records
        .iter()
        .flat_map(|record| &record.items)
        .map(|item| item.members.len())
        .sum();
    assert_eq!(reached, entries);
    assert!(
        records.iter().any(|record| record.charts.len() == 3),
        "Eleanor Vance is in all three"
    );
}
