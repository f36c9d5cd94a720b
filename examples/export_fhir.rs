//! Build a chart from a program's own data and write it as a FHIR R4 Bundle, then check what was written.
//!
//! Run it: `cargo run --release -p ehr-examples --example export_fhir`
//!
//! To change when copying: the values, which would come from your database; the source, which names your organization.
//! Leave out what you do not know: a missing status or date is written with its reason, never made up.

use std::error::Error;

use ehr::fhir::{ParseOptions, parse, r4, to_json_pretty};
use ehr::model::{Chart, Condition, Entry, EntryId, Origin, Patient, Record, Reference, Source, Status};
use ehr::types::{CodeSystem, CodeableConcept, Coding, Date, DateTime, HumanName, Identifier};

fn main() -> Result<(), Box<dyn Error>> {
    let bundle = ehr::export_charts(&[chart()?]);
    let json = to_json_pretty(&bundle);
    let parsed = parse::<r4::Bundle>(&json, &ParseOptions::strict())?;
    println!("{}", String::from_utf8(json)?);
    eprintln!(
        "{} resources, {} findings",
        parsed.value.entry.len(),
        parsed.findings.len()
    );
    Ok(())
}

fn chart() -> Result<Chart, Box<dyn Error>> {
    let mut chart = Chart::new(Source::new("https://clinic.example/emr"));
    let patient = Patient {
        identifier: vec![Identifier::new("https://clinic.example/mrn", "4711")],
        name: vec![HumanName {
            family: Some("Moreau".into()),
            given: vec!["Lena".into()],
            ..HumanName::default()
        }],
        gender: Some(Status::fhir("female")),
        birth_date: Some(Date::parse("1990-02")?),
        ..Patient::default()
    };
    let id = add(&mut chart, "patient 4711", patient.into());

    let asthma = Coding::new(CodeSystem::ICD_10_CM.uri, "J45.909");
    let condition = Condition {
        code: Some(CodeableConcept {
            codings: vec![asthma],
            text: Some("Asthma".into()),
            ..CodeableConcept::default()
        }),
        subject: Some(Reference::to(&id)),
        onset: Some(DateTime::parse("2004")?.into()),
        ..Condition::default()
    };
    add(&mut chart, "problem 17", condition.into());
    Ok(chart)
}

/// Adds a record under the key that your system knows it by.
fn add(chart: &mut Chart, key: &str, record: Record) -> EntryId {
    let id = EntryId::derive(record.class(), &[&chart.source.id, key]);
    let origin = Origin {
        source: chart.source.id.clone(),
        native_id: Some(key.replace(' ', "-")),
        ..Origin::default()
    };
    chart.entries.push(Entry::new(id.clone(), origin, record));
    id
}

#[test]
fn what_is_written_is_valid_and_nothing_is_made_up() {
    let bundle = ehr::export_charts(&[chart().unwrap()]);
    let json = String::from_utf8(to_json_pretty(&bundle)).unwrap();
    assert!(
        parse::<r4::Bundle>(json.as_bytes(), &ParseOptions::strict())
            .unwrap()
            .findings
            .is_empty()
    );
    assert!(json.contains(r#""birthDate": "1990-02""#));
    assert!(json.contains(r#""onsetDateTime": "2004""#));
    assert!(!json.contains("clinicalStatus"), "the source did not say");
}
