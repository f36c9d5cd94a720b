//! Reading and writing FHIR: a bundle made here, as compact text and with white space.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ehr::fhir::r4::Bundle;
use ehr::fhir::{BundleReader, ParseOptions, parse, to_json_pretty, to_json_vec};

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

criterion_group!(benches, fhir);
criterion_main!(benches);
