//! Parse, write and memory of FHIR codecs over bundles: `cargo run --release --features … -- [FOLDER]`.
//!
//! Build with one feature at a time for numbers that do not depend on features that peers share. Each codec runs over
//! all files of FOLDER (default: the Synthea bundles of the corpus), as they are and minified. Shown are the best of
//! several rounds in MB/s of input (parse) or output (write), and the heap that the parsed value holds, as a multiple
//! of the input.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system allocator; only the sizes are counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        HELD.fetch_add(size, Ordering::Relaxed);
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROUND: Duration = Duration::from_millis(1500);

fn main() {
    let folder = std::env::args().nth(1).map_or_else(corpus, PathBuf::from);
    let pretty = read(&folder);
    let minified: Vec<Vec<u8>> = pretty.iter().map(|source| minify(source)).collect();
    println!("{:<28} {:<9} {:>9} {:>9} {:>7}", "", "input", "parse", "write", "held");
    for (name, sources) in [("as it is", &pretty), ("minified", &minified)] {
        measure("ehr-fhir", name, sources, ehr, |bundle| ehr_fhir::to_json_vec(bundle));
        #[cfg(feature = "serde-json")]
        measure(
            "serde_json::Value",
            name,
            sources,
            |source| serde_json::from_slice::<serde_json::Value>(source).ok(),
            |value| serde_json::to_vec(value).unwrap_or_default(),
        );
        #[cfg(feature = "sonic")]
        measure(
            "sonic_rs::Value",
            name,
            sources,
            |source| sonic_rs::from_slice::<sonic_rs::Value>(source).ok(),
            |value| sonic_rs::to_vec(value).unwrap_or_default(),
        );
        #[cfg(feature = "simd")]
        measure(
            "simd_json::OwnedValue",
            name,
            sources,
            |source| simd_json::to_owned_value(&mut source.to_vec()).ok(),
            |value| simd_json::to_vec(value).unwrap_or_default(),
        );
        #[cfg(feature = "fhirbolt")]
        measure(
            "fhirbolt (r4)",
            name,
            sources,
            |source| fhirbolt::json::from_slice::<fhirbolt::model::r4::resources::Bundle>(source, None).ok(),
            |bundle| fhirbolt::json::to_vec(bundle, None).unwrap_or_default(),
        );
        #[cfg(feature = "fhir-sdk")]
        measure(
            "fhir-sdk (r4b)",
            name,
            sources,
            |source| serde_json::from_slice::<fhir_sdk::r4b::resources::Bundle>(source).ok(),
            |bundle| serde_json::to_vec(bundle).unwrap_or_default(),
        );
    }
}

fn ehr(source: &[u8]) -> Option<ehr_fhir::r4::Bundle> {
    ehr_fhir::parse(source, &ehr_fhir::ParseOptions::default()).ok().map(|parsed| parsed.value)
}

fn measure<T>(
    codec: &str,
    name: &str,
    sources: &[Vec<u8>],
    parse: impl Fn(&[u8]) -> Option<T>,
    write: impl Fn(&T) -> Vec<u8>,
) {
    let input: usize = sources.iter().map(Vec::len).sum();
    let before = HELD.load(Ordering::Relaxed);
    let values: Vec<T> = sources.iter().filter_map(|source| parse(source)).collect();
    let held = HELD.load(Ordering::Relaxed) - before;
    let output: usize = values.iter().map(|value| write(value).len()).sum();
    let parse_time = best(|| sources.iter().for_each(|source| drop(black_box(parse(source)))));
    let write_time = best(|| values.iter().for_each(|value| drop(black_box(write(value)))));
    let rate = |bytes: usize, time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    println!(
        "{codec:<28} {name:<9} {:>9.0} {:>9.0} {:>7.2}   ({} of {} files)",
        rate(input, parse_time),
        rate(output, write_time),
        held as f64 / input as f64,
        values.len(),
        sources.len(),
    );
}

fn best(mut run: impl FnMut()) -> Duration {
    let begin = Instant::now();
    let mut best = Duration::MAX;
    while begin.elapsed() < ROUND {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed());
    }
    best
}

fn corpus() -> PathBuf {
    let root = std::env::var_os("EHR_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"), PathBuf::from);
    root.join("fhir/synthea")
}

fn read(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    paths.iter().filter(|path| path.extension().is_some_and(|e| e == "json")).filter_map(|path| std::fs::read(path).ok()).collect()
}

/// Drops white space between tokens and nothing else.
fn minify(source: &[u8]) -> Vec<u8> {
    let (mut out, mut inside, mut escaped) = (Vec::with_capacity(source.len()), false, false);
    for byte in source {
        if !inside && byte.is_ascii_whitespace() {
            continue;
        }
        inside ^= *byte == b'"' && !escaped;
        escaped = inside && *byte == b'\\' && !escaped;
        out.push(*byte);
    }
    out
}
