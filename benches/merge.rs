//! Merge: three charts of one person with a thousand, four thousand and sixteen thousand entries together; and charts of
//! an intensive care unit or a wearable device, with thousands of readings of one vital sign on one day.
//!
//! `cargo bench -p ehr-benches --bench merge`

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ehr::merge::{Policy, merge};
use ehr::model::{
    Chart, Condition, Entry, EntryId, Observation, Occurrence, Origin, Procedure, Record, Source, Value,
};
use ehr::types::{CodeableConcept, Coding, DateTime, Decimal, Quantity};

const ANALYTES: &[(&str, &str)] = &[
    ("8302-2", "Body height"),
    ("29463-7", "Body weight"),
    ("8867-4", "Heart rate"),
    ("2345-7", "Glucose"),
    ("2823-3", "Potassium"),
    ("718-7", "Hemoglobin"),
    ("2160-0", "Creatinine"),
    ("4548-4", "Hemoglobin A1c"),
];

fn concept(system: &str, code: &str, text: &str) -> CodeableConcept {
    CodeableConcept {
        codings: vec![Coding::new(system, code).with_display(text)],
        text: Some(text.to_owned()),
        absent: None,
    }
}

/// Record `n` as one of several sources writes it: by local code, by date alone, rounded.
fn record(n: usize, source: usize) -> Option<Record> {
    let (code, name) = ANALYTES.get(n % ANALYTES.len())?;
    let day = 1 + n / ANALYTES.len() % 28;
    let (month, year) = (1 + n / 224 % 12, 1990 + n / 2688);
    let at = match source {
        1 => format!("{year}-{month:02}-{day:02}"),
        _ => format!("{year}-{month:02}-{day:02}T09:30:00Z"),
    };
    let at = Some(Occurrence::DateTime(DateTime::parse(&at).ok()?));
    let code = match source {
        2 => concept("urn:local", &format!("L{code}"), &name.to_uppercase()),
        _ => concept("http://loinc.org", code, name),
    };
    Some(match n % 20 {
        0 => Condition {
            code: Some(code),
            onset: at,
            ..Condition::default()
        }
        .into(),
        1 => Procedure {
            code: Some(code),
            performed: at,
            ..Procedure::default()
        }
        .into(),
        _ => {
            let value = if source == 1 {
                format!("{}", 60 + n % 90)
            } else {
                format!("{}.0", 60 + n % 90)
            };
            let value = Quantity::ucum(Decimal::parse(&value).ok()?, "mg/dL");
            Observation {
                code: Some(code),
                effective: at,
                value: Some(Value::Quantity(value)),
                ..Observation::default()
            }
            .into()
        }
    })
}

/// Three charts of which every third record of one is also in the next.
fn charts(entries: usize) -> Vec<Chart> {
    (0..3)
        .map(|source| {
            let name = format!("source-{source}");
            let mut chart = Chart::new(Source::new(name));
            for n in (0..entries).filter(|n| n % 3 == source || n % 9 == 0) {
                let Some(record) = record(n, source) else { continue };
                push(&mut chart, n, record);
            }
            chart
        })
        .collect()
}

/// What a reading says of its time: the second, or only the day.
#[derive(Clone, Copy)]
enum Dated {
    ToTheSecond,
    ToTheDay,
}

/// A monitor's readings of one vital sign on one day, and every fourth of them in a second source, rounded.
fn monitor(readings: usize, dated: Dated) -> Vec<Chart> {
    (0..2)
        .map(|source| {
            let name = format!("monitor-{source}");
            let mut chart = Chart::new(Source::new(name));
            for n in (0..readings).filter(|n| source == 0 || n % 4 == 0) {
                let value = 36_000 + n * 7919 % 4_000;
                let value = match source {
                    0 => format!("{}.{:03}", value / 1000, value % 1000),
                    _ => format!("{}.{:02}", value / 1000, value % 1000 / 10),
                };
                let at = match dated {
                    Dated::ToTheSecond => {
                        format!(
                            "2026-03-01T{:02}:{:02}:{:02}Z",
                            n / 3600 % 24,
                            n / 60 % 60,
                            n % 60
                        )
                    }
                    Dated::ToTheDay => "2026-03-01".to_owned(),
                };
                let (Ok(at), Ok(value)) = (DateTime::parse(&at), Decimal::parse(&value)) else {
                    continue;
                };
                let record = Observation {
                    code: Some(concept("http://loinc.org", "8310-5", "Body temperature")),
                    effective: Some(Occurrence::DateTime(at)),
                    value: Some(Value::Quantity(Quantity::ucum(value, "Cel"))),
                    ..Observation::default()
                };
                push(&mut chart, n, record.into());
            }
            chart
        })
        .collect()
}

/// Adds a record that the source knows by its number.
fn push(chart: &mut Chart, n: usize, record: Record) {
    let name = chart.source.id.clone();
    let key = n.to_string();
    let id = EntryId::derive(record.class(), &[&name, &key]);
    let origin = Origin {
        source: name,
        native_id: Some(key),
        ..Origin::default()
    };
    chart.entries.push(Entry::new(id, origin, record));
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("merge");
    for entries in [1_000, 4_000, 16_000] {
        let charts = charts(entries);
        let count: usize = charts.iter().map(|chart| chart.entries.len()).sum();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::from_parameter(count), &charts, |bencher, charts| {
            bencher.iter(|| merge("p", black_box(charts), &Policy::default()).items.len());
        });
    }
    group.finish();

    for (name, dated) in [
        ("vital signs to the second", Dated::ToTheSecond),
        ("vital signs to the day", Dated::ToTheDay),
    ] {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        for readings in [5_000, 20_000] {
            let charts = monitor(readings, dated);
            group.throughput(Throughput::Elements(readings as u64));
            group.bench_with_input(
                BenchmarkId::from_parameter(readings),
                &charts,
                |bencher, charts| {
                    bencher.iter(|| merge("p", black_box(charts), &Policy::default()).items.len());
                },
            );
        }
        group.finish();
    }
}

criterion_group!(merging, benches);
criterion_main!(merging);
