//! Broken messages: prefixes, flipped bytes and splices of the corpus never panic and keep every byte.
//!
//! `EHR_MUTANTS` says how many (in all, 20,000 where it is not set).

use std::sync::atomic::{AtomicUsize, Ordering};

use ehr_hl7v2::{Ack, AckCode, Message, acknowledge, check_batch, messages, pieces};

/// The numbers of one mutant: the same in every run, on any number of threads.
struct Numbers(u64);

impl Numbers {
    fn of(mutant: usize) -> Self {
        // A multiplication that spreads neighbouring numbers; never zero, which would stay zero.
        let seed = (mutant as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self((seed ^ (seed >> 29)) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Says which mutant it was when a check fails.
struct Mutant<'f> {
    number: usize,
    file: &'f str,
}

impl Drop for Mutant<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("mutant {} of {}", self.number, self.file);
        }
    }
}

/// Reads everything that can be read.
fn exercise(bytes: &[u8], thorough: bool) {
    let Ok(message) = Message::parse(bytes) else {
        return;
    };
    assert_eq!(message.as_bytes(), bytes);
    let mut leaves = 0usize;
    for segment in message.segments() {
        for field in segment.fields() {
            for component in field.repetitions().flat_map(|repetition| repetition.components()) {
                for leaf in component.subcomponents() {
                    leaves += leaf.text().len();
                    leaves += pieces(&leaf.escaped(), message.delimiters()).count();
                }
            }
        }
    }
    assert!(
        leaves <= 64 * bytes.len() + 64,
        "texts are about as long as what they are read from"
    );
    for path in ["MSH-9.1", "PID-3[2].4.1", "OBX[3]-5", "*[2]-1"] {
        let _ = message.get(path).unwrap();
    }
    let _ = message.at_offset(bytes.len() / 2);
    if !thorough {
        return;
    }
    let mut findings = message.findings();
    findings.extend(check_batch(bytes));
    let answer = acknowledge(
        &message,
        &Ack {
            code: AckCode::application(&findings),
            control_id: "1",
            time: "2024",
            findings: &findings,
        },
    );
    assert!(Message::parse(&answer).is_ok());
    assert!(messages(bytes).all(|message| message.is_ok()));
    let mut edit = message.edit();
    for path in ["PID-5[2].3.4", "OBX-5", "MSH-30"] {
        let _ = edit.set(path, "|x\r");
    }
    let _ = edit.remove("OBX");
    let _ = Message::parse(&edit.finish());
}

/// Breaks `bytes` in one of four ways: cut short, bytes exchanged, a stretch of another file put in, a
/// stretch taken out.
fn mutate(bytes: &mut Vec<u8>, numbers: &mut Numbers, files: &[(String, Vec<u8>)]) {
    let specials = b"|^~\\&\r\n\"\x0b\x1c\x1b\0\x80\xff\xc3MSHX.F#";
    match numbers.below(4) {
        0 => bytes.truncate(numbers.below(bytes.len() + 1)),
        1 => {
            for _ in 0..=numbers.below(4) {
                let at = numbers.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = specials[numbers.below(specials.len())];
                }
            }
        }
        2 => {
            let at = numbers.below(bytes.len() + 1);
            let (_, other) = &files[numbers.below(files.len())];
            let from = numbers.below(other.len() + 1);
            let to = from + numbers.below((other.len() - from).min(300) + 1);
            bytes.splice(at..at, other[from..to].iter().copied());
        }
        _ => {
            let from = numbers.below(bytes.len() + 1);
            let to = from + numbers.below((bytes.len() - from).min(100) + 1);
            bytes.drain(from..to);
        }
    }
}

#[test]
fn mutants_of_the_corpus_never_panic() {
    let Some(files) = super::corpus::files() else {
        return;
    };
    let wanted: usize = std::env::var("EHR_MUTANTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_000);
    let files: Vec<_> = files
        .into_iter()
        .filter(|(_, bytes)| bytes.len() < 20_000)
        .collect();
    let started = std::time::Instant::now();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut bytes = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= wanted {
                        return;
                    }
                    let (file, source) = &files[number % files.len()];
                    let _mutant = Mutant { number, file };
                    bytes.clone_from(source);
                    mutate(&mut bytes, &mut Numbers::of(number), &files);
                    exercise(&bytes, number.is_multiple_of(8));
                }
            });
        }
    });
    println!(
        "{wanted} mutants of {} files in {:?}",
        files.len(),
        started.elapsed()
    );
}
