//! HL7 v2: this crate beside `mllp`, `er7`, `hl7-parser` and `rust-hl7`.
//!
//! `cargo run --release --features hl7v2 --bin hl7v2` prints a table of the best times of several
//! rounds, taken in turns so that all bear the same load, and the allocations of one parse.
//! Bytes go in, as they come from a wire: for crates that want `&str` the UTF-8 check counts.

use std::alloc::System;
use std::hint::black_box;
use std::time::{Duration, Instant};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The ten fields of the task `read`.
const PATHS: [&str; 10] =
    ["MSH-9.1", "MSH-10", "PID-3.1", "PID-5.1", "PID-5.2", "PID-7", "PID-8", "PID-11.3", "PV1-2", "OBX-5"];

fn main() {
    let adt = adt();
    let oru = oru(36);
    let document = document(1_000_000);
    println!("ADT {} bytes, ORU {} bytes, document {} bytes", adt.len(), oru.len(), document.len());
    for (name, message) in [("ADT", &adt), ("ORU", &oru), ("1 MB", &document)] {
        for (task, peers) in tasks() {
            table(name, task, message, &peers);
        }
    }
    worst_cases();
}

type Run = fn(&[u8], &Paths) -> usize;

struct Peer {
    name: &'static str,
    run: Run,
}

fn tasks() -> [(&'static str, Vec<Peer>); 2] {
    let peer = |name, run: Run| Peer { name, run };
    [
        (
            "parse",
            vec![
                peer("ehr-hl7v2", |bytes, _| parse_ours(bytes).segment_count()),
                peer("mllp", |bytes, _| parse_mllp(bytes).segments().len()),
                peer("er7", |bytes, _| parse_er7(bytes).segments.len()),
                peer("hl7-parser", |bytes, _| parse_hl7_parser(bytes).segments().count()),
                peer("rust-hl7", |bytes, _| parse_rust_hl7(bytes).segments.len()),
            ],
        ),
        (
            "read",
            vec![
                peer("ehr-hl7v2", read_ours),
                peer("mllp", read_mllp),
                peer("er7", read_er7),
                peer("hl7-parser", read_hl7_parser),
                peer("rust-hl7", read_rust_hl7),
            ],
        ),
    ]
}

/// Paths in the form of each crate, made before the clock runs.
struct Paths {
    er7: Vec<er7::Path>,
    hl7_parser: Vec<hl7_parser::query::LocationQuery>,
    rust_hl7: Vec<String>,
}

impl Paths {
    fn new() -> Self {
        let dotted = PATHS.map(|path| path.replace('-', "."));
        Self {
            er7: PATHS.iter().map(|path| path.parse().expect("a path")).collect(),
            hl7_parser: dotted.iter().map(|path| path.as_str().try_into().ok().expect("a path")).collect(),
            rust_hl7: PATHS
                .iter()
                .map(|path| match path.split_once('.') {
                    Some((field, component)) => format!("{}.R1.C{component}", field.replace('-', ".F")),
                    None => path.replace('-', ".F"),
                })
                .collect(),
        }
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the messages are UTF-8")
}

fn parse_ours(bytes: &[u8]) -> ehr_hl7v2::Message<'_> {
    ehr_hl7v2::Message::parse(bytes).expect("a message")
}

fn parse_mllp(bytes: &[u8]) -> mllp::Message<'_> {
    mllp::Message::parse(text(bytes)).expect("a message")
}

fn parse_er7(bytes: &[u8]) -> er7::Message {
    er7::parse(text(bytes)).expect("a message")
}

fn parse_hl7_parser(bytes: &[u8]) -> hl7_parser::Message<'_> {
    hl7_parser::Message::parse(text(bytes)).expect("a message")
}

fn parse_rust_hl7(bytes: &[u8]) -> rusthl7::message::Message<'_> {
    rusthl7::message::Message::try_from(text(bytes)).expect("a message")
}

fn read_ours(bytes: &[u8], _: &Paths) -> usize {
    use ehr_hl7v2::path;
    let message = parse_ours(bytes);
    let length = |path| message.at(path).text().map_or(0, str::len);
    length(&path!("MSH-9.1"))
        + length(&path!("MSH-10"))
        + length(&path!("PID-3.1"))
        + length(&path!("PID-5.1"))
        + length(&path!("PID-5.2"))
        + length(&path!("PID-7"))
        + length(&path!("PID-8"))
        + length(&path!("PID-11.3"))
        + length(&path!("PV1-2"))
        + length(&path!("OBX-5"))
}

fn read_mllp(bytes: &[u8], _: &Paths) -> usize {
    let message = parse_mllp(bytes);
    // Whole fields are unescaped, components can only be had as they are.
    let value = |path| message.value(path).map_or(0, |text| text.len());
    let component = |path, number| {
        message.field(path).and_then(|field| field.component(number)).map_or(0, |text| text.len())
    };
    component("MSH-9", 1)
        + value("MSH-10")
        + component("PID-3", 1)
        + component("PID-5", 1)
        + component("PID-5", 2)
        + value("PID-7")
        + value("PID-8")
        + component("PID-11", 3)
        + value("PV1-2")
        + value("OBX-5")
}

fn read_er7(bytes: &[u8], paths: &Paths) -> usize {
    let message = parse_er7(bytes);
    paths.er7.iter().map(|path| message.query_path(path).first().map_or(0, String::len)).sum()
}

fn read_hl7_parser(bytes: &[u8], paths: &Paths) -> usize {
    let message = parse_hl7_parser(bytes);
    let separators = message.separators;
    let value = |query: &hl7_parser::query::LocationQuery| {
        let found = message.query(query.clone());
        found.map_or(0, |found| separators.decode(found.raw_value()).to_string().len())
    };
    paths.hl7_parser.iter().map(value).sum()
}

fn read_rust_hl7(bytes: &[u8], paths: &Paths) -> usize {
    let message = parse_rust_hl7(bytes);
    let decoder = rusthl7::escape_sequence::EscapeSequence::new(message.get_separators());
    let has = |path: &str| message.segments.iter().any(|segment| segment.as_str().starts_with(&path[..3]));
    // Asking for a segment that is not there panics.
    paths.rust_hl7.iter().filter(|path| has(path)).map(|path| decoder.decode(message.query(path.as_str())).len()).sum()
}

/// Best time of each peer, rounds taken in turns, and the allocations of one run.
fn table(name: &str, task: &str, message: &[u8], peers: &[Peer]) {
    let paths = Paths::new();
    let mut best = vec![Duration::MAX; peers.len()];
    for round in 0..60 {
        for (peer, best) in peers.iter().zip(&mut best) {
            let started = Instant::now();
            let mut runs = 0u32;
            while runs == 0 || (started.elapsed() < Duration::from_micros(2000) && runs < 20_000) {
                for _ in 0..if message.len() > 100_000 { 1 } else { 32 } {
                    black_box((peer.run)(black_box(message), &paths));
                    runs += 1;
                }
            }
            let each = started.elapsed() / runs;
            if round > 0 {
                *best = (*best).min(each);
            }
        }
    }
    println!("\n{name} {task}: runs/s, MB/s, we are so many times as fast; allocations, bytes allocated a byte");
    let ours = best.first().copied().unwrap_or_default();
    for (peer, best) in peers.iter().zip(&best) {
        let region = Region::new(ALLOCATOR);
        black_box((peer.run)(message, &paths));
        let change = region.change();
        println!(
            "{:12} {:>12.0} {:>9.0} {:>7.1}x   {:>6} {:>8.2}",
            peer.name,
            1.0 / best.as_secs_f64(),
            message.len() as f64 / best.as_secs_f64() / 1e6,
            best.as_secs_f64() / ours.as_secs_f64(),
            change.allocations + change.reallocations,
            (change.bytes_allocated as f64) / message.len() as f64,
        );
    }
}

/// 64 MB of one character after a header: time must grow with length alone.
fn worst_cases() {
    println!("\nworst cases, 4 MB and 64 MB: parse, findings");
    for (name, filler) in [("|", b"|".as_slice()), ("\\", b"\\"), ("^", b"^"), ("\\r", b"\r"), ("A\\r", b"A\r"), ("\\x01", b"\x01")] {
        let time = |length: usize| {
            let mut bytes = b"MSH|^~\\&|A\rZZZ|".to_vec();
            bytes.extend(filler.iter().cycle().take(length));
            let started = Instant::now();
            let message = parse_ours(&bytes);
            let parsed = started.elapsed();
            let region = Region::new(ALLOCATOR);
            let started = Instant::now();
            black_box(message.findings().len());
            black_box(message.at(&ehr_hl7v2::path!("ZZZ-3[2].4.5")));
            black_box(message.at_offset(length));
            (parsed, started.elapsed(), region.change().bytes_allocated)
        };
        let (small, large) = (time(4_000_000), time(64_000_000));
        println!("{name:5} parse {:?} -> {:?}; findings {:?} -> {:?}", small.0, large.0, small.1, large.1);
    }
}

/// An admission of about 900 bytes.
fn adt() -> Vec<u8> {
    "MSH|^~\\&|ADT1|GOOD HEALTH HOSPITAL|GHH LAB, INC.|GOOD HEALTH HOSPITAL|20240818112600|SECURITY|ADT^A01^ADT_A01|MSG00001|P|2.8\r\
     EVN|A01|20240818112322|||10^WELBY^MARCUS^A^III^DR^MD^^PHYSICIANS&1.2.3&ISO|20240818110000\r\
     PID|1||PATID1234^5^M11^ADT1^MR^GOOD HEALTH HOSPITAL~123456789^^^USSSA^SS||EVERYWOMAN^EVE^E^III^^^L~JONES^EVE^^^^^M||19610615|F||2106-3^White^HL70005|1200 N ELM STREET^^GREENSBORO^NC^27401-1020^USA^H|GL|(919)379-1212^PRN^PH~^NET^Internet^eve@example.org|(919)271-3434||S^Single^HL70002||PATID12345001^2^M10^ADT1^AN^A|123456789|987654^NC\r\
     NK1|1|JONES^BARBARA^K|SPO^Spouse^HL70063|||(919)379-1213|NK^NEXT OF KIN\r\
     PV1|1|I|2000^2012^01^GHH||||004777^LEBAUER^SIDNEY^J.^^DR^^^^L||004778^SMITH^ALAN|SUR||||ADM|A0\r\
     AL1|1|DA|00000741^OXYCODONE^LN|SV|HIVES\r\
     DG1|1||I10^Essential hypertension^I10||20240817|W\r\
     IN1|1|PPO^Preferred provider^L|INS001|ACME INSURANCE|1 MAIN ST^^GREENSBORO^NC^27401\r"
        .as_bytes()
        .to_vec()
}

/// A report with so many results, of about 230 bytes each.
fn oru(results: usize) -> Vec<u8> {
    let mut message = String::from(
        "MSH|^~\\&|LAB|ACME^1.2.3.4^ISO|EHR|CLINIC|20240818112600||ORU^R01^ORU_R01|MSG00002|P|2.5.1\r\
         PID|1||PATID1234^5^M11^ADT1^MR||EVERYWOMAN^EVE^E^III^^^L||19610615|F|||1200 N ELM STREET^^GREENSBORO^NC^27401\r\
         PV1|1|O|2000^2012^01\r\
         ORC|RE|PL123^EHR|FI456^LAB||CM\r\
         OBR|1|PL123^EHR|FI456^LAB|24323-8^Comprehensive metabolic panel^LN|||20240818080000||||||||1234^DOC^ANNE\r",
    );
    for number in 1..=results {
        message.push_str(&format!(
            "OBX|{number}|NM|2345-{}^Glucose [Mass/volume] in Serum \\T\\ Plasma^LN^GLU{number}^Glucose^L|{number}|{}.{}|mg/dL^milligram per deciliter^UCUM|70-105|H^High^HL70078|||F|||20240818080000||^TECH&JOE|AUTO^Analyzer^L\r\
             NTE|{number}|L|Checked twice\\.br\\by the laboratory\r",
            number % 10,
            80 + number,
            number % 7,
        ));
    }
    message.into_bytes()
}

/// A report whose value is base64 of so many bytes.
fn document(length: usize) -> Vec<u8> {
    let mut message = b"MSH|^~\\&|LAB|ACME|EHR|CLINIC|20240818112600||MDM^T02^MDM_T02|MSG00003|P|2.5.1\rPID|1||PATID1234^5^M11^ADT1^MR||EVERYWOMAN^EVE^E||19610615|F|||1200 N ELM STREET^^GREENSBORO^NC^27401\rPV1|1|O\rTXA|1|CN\rOBX|1|ED|11506-3^Progress note^LN||^AP^PDF^Base64^".to_vec();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 1u32;
    message.extend((0..length).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        alphabet[(state >> 26) as usize]
    }));
    message.extend_from_slice(b"||||||F\r");
    message
}
