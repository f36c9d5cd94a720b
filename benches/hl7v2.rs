//! HL7 v2: reading, ten fields, findings, one edit, structure.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ehr::hl7v2::{Message, path};

fn report(results: usize) -> Vec<u8> {
    let mut message = String::from(
        "MSH|^~\\&|LAB|ACME^1.2.3.4^ISO|EHR|CLINIC|20240818112600||ORU^R01^ORU_R01|MSG00002|P|2.5.1\r\
         PID|1||PATID1234^5^M11^ADT1^MR||EVERYWOMAN^EVE^E^III^^^L||19610615|F|||1200 N ELM STREET^^GREENSBORO^NC\r\
         PV1|1|O|2000^2012^01\r\
         OBR|1|PL123^EHR|FI456^LAB|24323-8^Comprehensive metabolic panel^LN|||20240818080000\r",
    );
    for number in 1..=results {
        message.push_str(&format!(
            "OBX|{number}|NM|2345-{}^Glucose in Serum \\T\\ Plasma^LN|{number}|{}.{}|mg/dL^^UCUM|70-105|H|||F\r",
            number % 10,
            80 + number,
            number % 7,
        ));
    }
    message.into_bytes()
}

fn benches(criterion: &mut Criterion) {
    let document = {
        let mut message = report(0);
        message.extend_from_slice(b"OBX|1|ED|||^AP^PDF^Base64^");
        message.extend(b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldY".iter().cycle().take(1_000_000));
        message.push(b'\r');
        message
    };
    for (name, bytes) in [
        ("small", report(5)),
        ("large", report(80)),
        ("very large", report(20_000)),
        ("document", document),
    ] {
        let mut group = criterion.benchmark_group(format!("hl7v2 {name}"));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("parse", |bencher| {
            bencher.iter(|| Message::parse(black_box(&bytes)).is_ok());
        });
        group.bench_function("parse and read ten fields", |bencher| {
            bencher.iter(|| {
                let Ok(message) = Message::parse(black_box(&bytes)) else {
                    return 0;
                };
                let length = |path| message.at(path).text().map_or(0, str::len);
                [
                    &path!("MSH-9.1"),
                    &path!("MSH-10"),
                    &path!("PID-3.1"),
                    &path!("PID-5.1"),
                    &path!("PID-5.2"),
                    &path!("PID-7"),
                    &path!("PID-8"),
                    &path!("PID-11.3"),
                    &path!("PV1-2"),
                    &path!("OBX-5"),
                ]
                .map(length)
                .iter()
                .sum::<usize>()
            });
        });
        let Ok(message) = Message::parse(&bytes) else {
            continue;
        };
        group.bench_function("findings", |bencher| bencher.iter(|| message.findings().len()));
        group.bench_function("structure", |bencher| {
            bencher.iter(|| message.structure().name().len());
        });
        group.bench_function("one edit", |bencher| {
            bencher.iter(|| {
                let mut edit = message.edit();
                let _ = edit.set("PID-5.1", black_box("Everyman"));
                edit.finish().len()
            });
        });
        group.finish();
    }
}

criterion_group!(hl7v2, benches);
criterion_main!(hl7v2);
