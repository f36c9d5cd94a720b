//! Measures the matcher on tables whose truth is known.
//!
//! `cargo run --release -p ehr-link --example evaluate -- people.csv febrl1.csv …` reads tables with
//! a column of truth (`person_id` or `cluster`) and prints pairwise and cluster precision, recall and
//! F1, calibration and time. A table with columns `a_…`, `b_…` and `expect` is taken as graded pairs.
//! `--insert N` holds N records back and times their insertion; with `--keep` the records before them are first written as
//! JSON and read again, and that is timed, too. `--errors N` shows N wrong decisions of each sort by record id and field levels.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::time::Instant;

use ehr_link::{Comparator, Config, Decision, Field, Linkage, Linker, Population, Record, Verdicts};

fn main() -> Result<(), Box<dyn Error>> {
    let mut errors = 0;
    let mut hold = 0;
    let mut keep = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--errors" => errors = arguments.next().unwrap_or_default().parse()?,
            "--keep" => keep = true,
            "--insert" => hold = arguments.next().unwrap_or_default().parse()?,
            path => {
                let mut reader = csv::Reader::from_path(path)?;
                let headers = reader.headers()?.clone();
                if headers.iter().any(|h| h == "expect") {
                    graded_pairs(path, reader, &headers, errors)?;
                } else {
                    table(path, reader, &headers, errors, hold, keep)?;
                }
            }
        }
    }
    Ok(())
}

fn table(
    path: &str,
    mut reader: csv::Reader<std::fs::File>,
    headers: &csv::StringRecord,
    errors: usize,
    hold: usize,
    keep: bool,
) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let fields: Vec<Option<Field>> = headers.iter().map(Field::from_header).collect();
    let truth_column = headers
        .iter()
        .position(|h| h == "person_id" || h == "cluster" || h == "Match Id");
    let mut population = Population::new(&Config::default());
    let mut truth: Vec<u32> = Vec::new();
    let mut names: HashMap<String, u32> = HashMap::new();
    let mut held: Vec<Record> = Vec::new();
    let mut rows: Vec<(usize, csv::StringRecord)> = Vec::new();
    let fill = |(n, row): &(usize, csv::StringRecord), record: &mut Record| {
        for (field, cell) in fields.iter().zip(row) {
            if let Some(field) = field {
                record.set(*field, cell);
            }
        }
        if record.id.is_empty() {
            record.id = n.to_string();
        }
    };
    for (n, row) in (1..).zip(reader.records()) {
        let row = row?;
        if hold > 0 && n % 97 == 0 && held.len() < hold {
            let mut record = Record::default();
            fill(&(n, row), &mut record);
            held.push(record);
            continue;
        }
        if let Some(column) = truth_column {
            let next = names.len() as u32;
            truth.push(*names.entry(row[column].to_owned()).or_insert(next));
        }
        rows.push((n, row));
        if rows.len() == 16_384 {
            population.push_all(&rows, fill);
            rows.clear();
        }
    }
    population.push_all(&rows, fill);
    let read = started.elapsed().as_secs_f64();
    let linkage = population.link(&Verdicts::default());
    let seconds = started.elapsed().as_secs_f64();
    let s = &linkage.summary;
    println!("== {path}");
    println!(
        "records {} persons {} compared {} matches {} reviews {} threshold {:.4} expected false {:.5} blocking recall est. {:.4}",
        s.records,
        s.persons,
        s.compared,
        s.matches,
        s.reviews,
        s.threshold,
        s.expected_false_links,
        s.blocking_recall
    );
    println!(
        "seconds {seconds:.2} (reading {read:.2}) peak {} MB",
        peak_megabytes()
    );
    if errors > 0 {
        println!("{}", linkage.parameters());
    }
    if truth_column.is_some() {
        judge(&linkage, &truth, errors);
    }
    if !held.is_empty() {
        insert(linkage, &held, keep)?;
    }
    Ok(())
}

/// Times the insertion of records into the persons of a batch.
fn insert(linkage: Linkage, records: &[Record], keep: bool) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let mut linker = Linker::resume(linkage);
    println!("index built in {:.2} s", started.elapsed().as_secs_f64());
    if keep {
        let started = Instant::now();
        let bytes = serde_json::to_vec(&linker)?;
        let written = started.elapsed().as_secs_f64();
        let each = bytes.len() as f64 / linker.len().max(1) as f64;
        drop(linker);
        let started = Instant::now();
        linker = serde_json::from_slice(&bytes)?;
        println!(
            "kept in {each:.0} bytes a record: written in {written:.2} s, read and indexed in {:.2} s, peak {} MB",
            started.elapsed().as_secs_f64(),
            peak_megabytes()
        );
    }
    let mut times: Vec<f64> = records
        .iter()
        .map(|record| {
            let started = Instant::now();
            linker.insert(record);
            started.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{} insertions: median {:.3} ms, p99 {:.3} ms, longest {:.3} ms, peak {} MB",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0),
        peak_megabytes()
    );
    Ok(())
}

fn pairs_of(sizes: impl Iterator<Item = usize>) -> f64 {
    sizes.map(|n| n as f64 * (n as f64 - 1.0) / 2.0).sum()
}

fn judge(linkage: &Linkage, truth: &[u32], errors: usize) {
    let mut by_truth: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (position, person) in truth.iter().enumerate() {
        by_truth.entry(*person).or_default().push(position);
    }
    let true_pairs = pairs_of(by_truth.values().map(Vec::len));
    let same = |a: usize, b: usize| truth[a] == truth[b];
    let report = |name: &str, hit: f64, said: f64| {
        let (p, r) = (hit / said.max(1.0), hit / true_pairs.max(1.0));
        println!(
            "{name:<9} P {p:.5} R {r:.5} F1 {:.5}  (false {}, missed {})",
            2.0 * p * r / (p + r),
            said - hit,
            true_pairs - hit
        );
    };
    for (name, floor) in [("match", 2.0), (">=.5", 0.5)] {
        let chosen = linkage
            .pairs
            .iter()
            .filter(|p| p.decision == Decision::Match || (p.rule.is_none() && p.probability >= floor));
        let (mut hit, mut said) = (0.0, 0.0);
        for pair in chosen {
            said += 1.0;
            hit += f64::from(u8::from(same(pair.a, pair.b)));
        }
        report(name, hit, said);
    }
    let mut hit = 0.0;
    for person in &linkage.persons {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for member in &person.members {
            *counts.entry(truth[*member]).or_default() += 1;
        }
        hit += pairs_of(counts.into_values());
    }
    let said = pairs_of(linkage.persons.iter().map(|p| p.members.len()));
    report("clusters", hit, said);
    calibration(linkage, &same);
    if errors > 0 {
        show_errors(linkage, &by_truth, &same, errors);
    }
}

fn calibration(linkage: &Linkage, same: &dyn Fn(usize, usize) -> bool) {
    let mut bins = vec![(0.0_f64, 0.0_f64, 0.0_f64); 20];
    for pair in &linkage.pairs {
        let at = ((pair.probability * 20.0) as usize).min(19);
        bins[at].0 += 1.0;
        bins[at].1 += pair.probability;
        bins[at].2 += f64::from(u8::from(same(pair.a, pair.b)));
    }
    let all: f64 = bins.iter().map(|b| b.0).sum();
    let error: f64 = bins
        .iter()
        .filter(|b| b.0 > 0.0)
        .map(|b| (b.1 - b.2).abs() / all)
        .sum();
    println!("calibration error {error:.4} over {all} pairs");
    for (i, (n, said, was)) in bins.iter().enumerate() {
        if *n > 0.0 {
            print!("  {:.2}:{:.0}/{:.3}/{:.3}", i as f64 / 20.0, n, said / n, was / n);
        }
    }
    println!();
}

fn show_errors(
    linkage: &Linkage,
    by_truth: &BTreeMap<u32, Vec<usize>>,
    same: &dyn Fn(usize, usize) -> bool,
    errors: usize,
) {
    println!("-- false matches");
    let matches = linkage.pairs.iter().filter(|p| p.decision == Decision::Match);
    let wrong: Vec<(usize, usize)> = matches
        .map(|p| (p.a, p.b))
        .filter(|(a, b)| !same(*a, *b))
        .collect();
    let step = (wrong.len() / errors).max(1);
    for (a, b) in wrong.into_iter().step_by(step).take(errors) {
        show(linkage, a, b);
    }
    println!("-- false links");
    let mut wrong = linkage
        .persons
        .iter()
        .filter_map(|p| {
            p.members
                .iter()
                .flat_map(|a| p.members.iter().map(move |b| (*a, *b)))
                .find(|(a, b)| a < b && !same(*a, *b))
        })
        .collect::<Vec<_>>();
    let step = (wrong.len() / errors).max(1);
    wrong = wrong.into_iter().step_by(step).take(errors).collect();
    for (a, b) in wrong {
        show(linkage, a, b);
    }
    println!("-- missed links");
    let missed: Vec<(usize, usize)> = by_truth
        .values()
        .filter_map(|members| {
            members
                .iter()
                .flat_map(|a| members.iter().map(move |b| (*a, *b)))
                .find(|(a, b)| a < b && linkage.person_of(*a) != linkage.person_of(*b))
        })
        .collect();
    let step = (missed.len() / errors).max(1);
    for (a, b) in missed.into_iter().step_by(step).take(errors) {
        show(linkage, a, b);
    }
}

fn show(linkage: &Linkage, a: usize, b: usize) {
    let listed = linkage
        .pairs
        .iter()
        .find(|p| (p.a, p.b) == (a.min(b), a.max(b)))
        .map(|p| p.decision);
    println!("{} {} ({listed:?})", linkage.record_id(a), linkage.record_id(b));
    if let Some(explanation) = linkage.explain(a, b) {
        println!("{explanation}");
    }
}

fn graded_pairs(
    path: &str,
    mut reader: csv::Reader<std::fs::File>,
    headers: &csv::StringRecord,
    errors: usize,
) -> Result<(), Box<dyn Error>> {
    let comparator = Comparator::new(&Config::default());
    let side = |prefix: &str| -> Vec<(usize, Field)> {
        headers
            .iter()
            .enumerate()
            .filter_map(|(i, h)| Some((i, Field::from_header(h.strip_prefix(prefix)?)?)))
            .collect()
    };
    let (left, right) = (side("a_"), side("b_"));
    let column = |name: &str| headers.iter().position(|h| h == name).unwrap_or(0);
    let (test, scenario, quality, expect) = (
        column("test"),
        column("scenario"),
        column("quality"),
        column("expect"),
    );
    let mut table: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut wrong: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    for row in reader.records() {
        let row = row?;
        let read = |side: &[(usize, Field)], id: &str| {
            let mut record = Record::new(id);
            for (i, field) in side {
                record.set(*field, &row[*i]);
            }
            record
        };
        let (decision, explanation) = comparator.compare(&read(&left, "a"), &read(&right, "b"));
        let said = match decision {
            Decision::Match => "match",
            Decision::Review => "review",
            _ => "no",
        };
        let key = (row[expect].to_owned(), said);
        *table.entry(key.clone()).or_default() += 1;
        wrong.entry(key).or_default().push(format!(
            "{} {} {}\n{explanation}",
            &row[test], &row[scenario], &row[quality]
        ));
    }
    println!("== {path}");
    let count = |e: &str, s: &str| {
        *table
            .iter()
            .find(|((x, y), _)| x == e && *y == s)
            .map_or(&0, |(_, n)| n) as f64
    };
    let all: f64 = ["Match", "Possible Match", "Not a Match"]
        .iter()
        .flat_map(|e| ["match", "review", "no"].iter().map(move |s| (e, s)))
        .map(|(e, s)| count(e, s))
        .sum();
    for expected in ["Match", "Possible Match", "Not a Match"] {
        println!(
            "{expected:<16} match {:>5} review {:>5} no {:>5}",
            count(expected, "match"),
            count(expected, "review"),
            count(expected, "no")
        );
    }
    let right = count("Match", "match") + count("Possible Match", "review") + count("Not a Match", "no");
    let nots = all
        - ["Match", "Possible Match"]
            .iter()
            .flat_map(|e| ["match", "review", "no"].iter().map(move |s| (e, s)))
            .map(|(e, s)| count(e, s))
            .sum::<f64>();
    let matches: f64 = ["match", "review", "no"].iter().map(|s| count("Match", s)).sum();
    println!(
        "three-way accuracy {:.4}; Not a Match linked {:.4}; Match found or reviewed {:.4}",
        right / all.max(1.0),
        count("Not a Match", "match") / nots.max(1.0),
        1.0 - count("Match", "no") / matches
    );
    if errors > 0 {
        for ((expected, said), list) in wrong {
            let fine = matches!(
                (expected.as_str(), said),
                ("Match", "match") | ("Possible Match", "review") | ("Not a Match", "no")
            );
            if !fine {
                println!("---- expected {expected}, said {said}: {}", list.len());
                let step = list.len().div_ceil(errors).max(1);
                for text in list.iter().step_by(step).take(errors) {
                    println!("{text}");
                }
            }
        }
    }
    Ok(())
}

fn peak_megabytes() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}
