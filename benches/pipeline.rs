//! The main job over the sample data: import, identify and merge, export.
//!
//! `cargo bench -p ehr-benches --bench pipeline`

use std::fs;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ehr::link::{Config, Verdicts};
use ehr::merge::{Policy, identify};
use ehr::model::{Chart, HealthRecord, ImportOptions, Source};

fn inputs() -> Vec<(String, Vec<u8>)> {
    let riverside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data/riverside");
    let mut inputs = Vec::new();
    for folder in ["clinic", "hospital", "lab", "registry"] {
        for entry in fs::read_dir(riverside.join(folder)).expect("the sample data") {
            let path = entry.expect("an entry").path();
            inputs.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
    inputs.sort();
    inputs
}

fn import(inputs: &[(String, Vec<u8>)]) -> Vec<Chart> {
    let read = |(name, bytes): &(String, Vec<u8>)| {
        ehr::import(bytes, &ImportOptions::new(Source::new(name.clone())))
    };
    inputs
        .iter()
        .flat_map(|input| read(input).expect("readable").charts)
        .collect()
}

fn merge_all(charts: &[Chart]) -> Vec<HealthRecord> {
    identify(charts, &Config::default(), &Verdicts::default()).records(charts, &Policy::default())
}

fn pipeline(criterion: &mut Criterion) {
    let inputs = inputs();
    let bytes: usize = inputs.iter().map(|(_, bytes)| bytes.len()).sum();
    let charts = import(&inputs);
    let records = merge_all(&charts);

    let mut group = criterion.benchmark_group("riverside");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("import", |bencher| bencher.iter(|| import(&inputs)));
    group.bench_function("identify and merge", |bencher| {
        bencher.iter(|| merge_all(&charts));
    });
    group.bench_function("export", |bencher| {
        bencher.iter(|| {
            records
                .iter()
                .map(|record| ehr::fhir::to_json_vec(&ehr::fhir::convert::export(record)).len())
                .sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
