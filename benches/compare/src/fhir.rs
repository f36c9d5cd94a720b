//! Parse, write and memory of FHIR codecs over bundles: `cargo run --release --bin fhir --features … -- [FOLDER]`.
//!
//! All codecs run in turns over all JSON files of FOLDER (default: the Synthea bundles of the corpus), as they are and
//! minified. Shown are the best rounds in MB/s of input (parse, and dropping what was parsed) or of output (write), the heap
//! that the parsed value holds as a multiple of the input, and how many times as fast ehr-fhir is. See the README beside
//! this package for the features.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::rc::Rc;
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

/// How long all codecs together are measured on one input.
const SPAN: Duration = Duration::from_secs(12);

/// How often each writes in its turn. The first time it may have to ask the system for the memory of the output, page by page,
/// that the allocator gave back when the parsed value was dropped: whether it does is chance, and nothing of the codec.
const WRITES: usize = 3;

/// One codec on one set of files.
struct Contender {
    name: &'static str,
    files: usize,
    input: usize,
    output: usize,
    held: usize,
    parse: Box<dyn Fn()>,
    write: Box<dyn Fn()>,
    parse_time: Duration,
    write_time: Duration,
}

impl Contender {
    fn new<T: 'static>(
        name: &'static str,
        sources: &Rc<Vec<Vec<u8>>>,
        parse: impl Fn(&[u8]) -> Option<T> + 'static,
        write: impl Fn(&T) -> Vec<u8> + 'static,
    ) -> Self {
        let before = HELD.load(Ordering::Relaxed);
        let values: Vec<T> = sources.iter().filter_map(|source| parse(source)).collect();
        let held = HELD.load(Ordering::Relaxed) - before;
        let sources = Rc::clone(sources);
        Self {
            name,
            files: values.len(),
            input: sources.iter().map(Vec::len).sum(),
            output: values.iter().map(|value| write(value).len()).sum(),
            held,
            parse: Box::new(move || sources.iter().for_each(|source| drop(black_box(parse(source))))),
            write: Box::new(move || values.iter().for_each(|value| drop(black_box(write(value))))),
            parse_time: Duration::MAX,
            write_time: Duration::MAX,
        }
    }

    fn round(&mut self) {
        let time = |run: &dyn Fn()| {
            let start = Instant::now();
            run();
            start.elapsed()
        };
        self.parse_time = time(&self.parse).min(self.parse_time);
        for _ in 0..WRITES {
            self.write_time = time(&self.write).min(self.write_time);
        }
    }

    /// MB of input read and of output written in a second.
    fn rates(&self) -> (f64, f64) {
        let rate = |bytes: usize, time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
        (
            rate(self.input, self.parse_time),
            rate(self.output, self.write_time),
        )
    }
}

fn main() {
    let folder = std::env::args().nth(1).map_or_else(corpus, PathBuf::from);
    let pretty = read(&folder);
    let minified: Vec<Vec<u8>> = pretty.iter().map(|source| minify(source)).collect();
    for (name, sources) in [("as they are", pretty), ("minified", minified)] {
        let sources = Rc::new(sources);
        let bytes: usize = sources.iter().map(Vec::len).sum();
        println!("{} files {name}, {:.1} MB", sources.len(), bytes as f64 / 1e6);
        let mut contenders = contenders(&sources);
        let begin = Instant::now();
        // In turns, so that what else the machine does meets all of them alike.
        while begin.elapsed() < SPAN {
            contenders.iter_mut().for_each(Contender::round);
        }
        report(&contenders);
    }
}

fn contenders(sources: &Rc<Vec<Vec<u8>>>) -> Vec<Contender> {
    vec![
        Contender::new("ehr-fhir", sources, ehr, ehr_fhir::to_json_vec),
        #[cfg(feature = "serde-json")]
        Contender::new(
            "serde_json::Value",
            sources,
            |source| serde_json::from_slice::<serde_json::Value>(source).ok(),
            |value| serde_json::to_vec(value).unwrap_or_default(),
        ),
        #[cfg(feature = "sonic")]
        Contender::new(
            "sonic_rs::Value",
            sources,
            |source| sonic_rs::from_slice::<sonic_rs::Value>(source).ok(),
            |value| sonic_rs::to_vec(value).unwrap_or_default(),
        ),
        #[cfg(feature = "simd")]
        Contender::new(
            "simd_json::OwnedValue",
            sources,
            |source| simd_json::to_owned_value(&mut source.to_vec()).ok(),
            |value| simd_json::to_vec(value).unwrap_or_default(),
        ),
        #[cfg(feature = "fhirbolt")]
        Contender::new(
            "fhirbolt (r4)",
            sources,
            |source| fhirbolt::json::from_slice::<fhirbolt::model::r4::resources::Bundle>(source, None).ok(),
            |bundle| fhirbolt::json::to_vec(bundle, None).unwrap_or_default(),
        ),
        #[cfg(feature = "fhir-sdk")]
        Contender::new(
            "fhir-sdk (r4b)",
            sources,
            |source| serde_json::from_slice::<fhir_sdk::r4b::resources::Bundle>(source).ok(),
            |bundle| serde_json::to_vec(bundle).unwrap_or_default(),
        ),
    ]
}

fn ehr(source: &[u8]) -> Option<ehr_fhir::r4::Bundle> {
    ehr_fhir::parse(source, &ehr_fhir::ParseOptions::default())
        .ok()
        .map(|parsed| parsed.value)
}

fn report(contenders: &[Contender]) {
    println!(
        "{:<24}{:>8}{:>8}{:>8}   ehr-fhir is faster by",
        "", "parse", "write", "held"
    );
    let own = contenders.first().map_or((0.0, 0.0), Contender::rates);
    for contender in contenders {
        let (parse, write) = contender.rates();
        print!(
            "{:<24}{parse:>8.0}{write:>8.0}{:>8.2}",
            contender.name,
            contender.held as f64 / contender.input as f64
        );
        print!("   {:>5.2} × {:>5.2} ×", own.0 / parse, own.1 / write);
        println!("   {} files", contender.files);
    }
}

fn corpus() -> PathBuf {
    let root = std::env::var_os("EHR_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    root.join("fhir/synthea")
}

fn read(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    paths.sort();
    paths
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .filter_map(|path| std::fs::read(path).ok())
        .collect()
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
