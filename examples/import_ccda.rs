//! Read a C-CDA document and list what it says: allergies, medications, problems, and what was not understood.
//!
//! Run it: `cargo run --release -p ehr-examples --example import_ccda -- examples/data/riverside/clinic/vance-eleanor.xml`
//!
//! To change when copying: the classes that are listed, and what is done with findings and residual (here they are counted;
//! a product shows them to whoever feeds the documents in).

use std::error::Error;

use ehr::model::{
    AllergyIntolerance, AllergyKnowledge, Chart, Import, ImportOptions, Record, RecordClass, Source,
};
use ehr::types::Severity;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name a C-CDA document")?;
    let import = import(&std::fs::read(&path)?, &path)?;
    for chart in &import.charts {
        for line in lines(chart) {
            println!("{line}");
        }
        println!(
            "{} parts of the document were kept but not understood",
            chart.residual_count()
        );
    }
    let errors = import
        .findings
        .iter()
        .filter(|finding| finding.severity >= Severity::Error)
        .count();
    println!("{} findings, {errors} of them errors", import.findings.len());
    Ok(())
}

fn import(bytes: &[u8], source: &str) -> Result<Import, Box<dyn Error>> {
    Ok(ehr::ccda::import(
        bytes,
        &ImportOptions::new(Source::new(source)),
    )?)
}

fn lines(chart: &Chart) -> Vec<String> {
    let classes = [
        RecordClass::AllergyIntolerance,
        RecordClass::MedicationStatement,
        RecordClass::MedicationRequest,
        RecordClass::Condition,
    ];
    let mut lines = Vec::new();
    for class in classes {
        for entry in chart.of_class(class) {
            let what = match &entry.record {
                Record::AllergyIntolerance(allergy) => allergy_label(allergy),
                record => record
                    .concept()
                    .and_then(|concept| concept.label())
                    .unwrap_or("(not said)")
                    .to_owned(),
            };
            let since = entry
                .record
                .when()
                .map(|time| format!(", {}", time.to_iso()))
                .unwrap_or_default();
            lines.push(format!(
                "{class}: {what}{since} [{}]",
                entry.record.status().unwrap_or("status not said")
            ));
        }
    }
    lines
}

/// "None known" and "not asked" are statements of their own; neither is the same as an empty list.
fn allergy_label(allergy: &AllergyIntolerance) -> String {
    let substance = allergy
        .code
        .as_ref()
        .and_then(|code| code.label())
        .unwrap_or("substance not said");
    match allergy.knowledge {
        AllergyKnowledge::Present => substance.to_owned(),
        AllergyKnowledge::NoneKnown => "no known allergy".to_owned(),
        AllergyKnowledge::NotAsked => "not asked".to_owned(),
    }
}

#[test]
fn the_clinics_document_lists_the_allergy_and_both_medications() {
    let bytes = include_bytes!("data/riverside/clinic/vance-eleanor.xml");
    let import = import(bytes, "clinic").unwrap();
    let lines = lines(&import.charts[0]);
    let count = |part: &str| lines.iter().filter(|line| line.contains(part)).count();
    assert_eq!(
        count("AllergyIntolerance: Penicillin G, 1987 [active]"),
        1,
        "{lines:#?}"
    );
    assert_eq!(count("warfarin"), 1, "{lines:#?}");
    assert_eq!(count("Condition"), 2, "{lines:#?}");
}
