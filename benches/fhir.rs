//! Reading and writing FHIR: a bundle made here, as compact text and with white space; then how the mapping's time grows with what
//! could make it grow with the square.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ehr::fhir::r4::Bundle;
use ehr::fhir::{BundleReader, ParseOptions, export_chart, import, parse, to_json_pretty, to_json_vec};
use ehr::model::{ImportOptions, Source};

/// A bundle of `count` observations with the members that such data has.
fn bundle(count: usize) -> Vec<u8> {
    let mut out = String::from(r#"{"resourceType":"Bundle","type":"collection","entry":["#);
    for n in 0..count {
        if n > 0 {
            out.push(',');
        }
        out.push_str(&format!(
            r#"{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-{n:012}","resource":{{"resourceType":"Observation","id":"o{n}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"2345-7","display":"Glucose [Mass/volume] in Serum or Plasma"}}],"text":"Glucose"}},"subject":{{"reference":"urn:uuid:00000000-0000-4000-8000-000000000000"}},"effectiveDateTime":"2020-03-{:02}T08:30:00+01:00","issued":"2020-03-04T08:30:00.123+01:00","valueQuantity":{{"value":{}.50,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}}}}}"#,
            n % 28 + 1,
            n % 300,
        ));
    }
    out.push_str("]}");
    out.into_bytes()
}

fn fhir(c: &mut Criterion) {
    let compact = bundle(1000);
    let options = ParseOptions::default();
    let Ok(parsed) = parse::<Bundle>(&compact, &options) else {
        return;
    };
    let pretty = to_json_pretty(&parsed.value);
    let mut group = c.benchmark_group("fhir");
    for (name, source) in [("compact", &compact), ("pretty", &pretty)] {
        group.throughput(Throughput::Bytes(source.len() as u64));
        group.bench_function(format!("parse/{name}"), |b| {
            b.iter(|| parse::<Bundle>(black_box(source), &options));
        });
        group.bench_function(format!("entries/{name}"), |b| {
            b.iter(|| BundleReader::new(black_box(&source[..]), options.clone()).count());
        });
    }
    group.throughput(Throughput::Bytes(compact.len() as u64));
    group.bench_function("write/compact", |b| {
        b.iter(|| to_json_vec(black_box(&parsed.value)));
    });
    group.throughput(Throughput::Bytes(pretty.len() as u64));
    group.bench_function("write/pretty", |b| {
        b.iter(|| to_json_pretty(black_box(&parsed.value)));
    });
    group.finish();
}

/// A patient with `count` faults of three kinds each.
fn faults(count: usize) -> String {
    let mut json = r#"{"resourceType":"Patient""#.to_owned();
    for number in 0..count {
        json += &format!(r#","x{number}":{number},"gender":"male","_y":null"#);
    }
    json + "}"
}

/// A list with `count` patients inside it.
fn contained(count: usize) -> String {
    let join = |part: fn(usize) -> String| (0..count).map(part).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"resourceType":"List","contained":[{}],"status":"current","mode":"working","entry":[{}]}}"#,
        join(|at| format!(r#"{{"resourceType":"Patient","id":"p{at}"}}"#)),
        join(|at| format!(r##"{{"item":{{"reference":"#p{at}"}}}}"##)),
    )
}

fn growth(c: &mut Criterion) {
    let options = ImportOptions::new(Source::new("bench"));
    for (name, source) in [
        ("fhir/faults", faults as fn(usize) -> String),
        ("fhir/contained", contained),
    ] {
        let mut group = c.benchmark_group(name);
        group.sample_size(10);
        for count in [1_000, 10_000] {
            let json = source(count);
            group.throughput(Throughput::Elements(count as u64));
            group.bench_with_input(BenchmarkId::from_parameter(count), &json, |b, json| {
                b.iter(|| {
                    let read = import(json.as_bytes(), &options).unwrap_or_default();
                    read.charts.iter().map(export_chart).count()
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, fhir, growth);
criterion_main!(benches);
