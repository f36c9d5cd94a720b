//! Linkage: single pairs, a batch, and one record inserted into many.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ehr::link::{Comparator, Config, Field, Linker, Population, Record, Verdicts};

const GIVEN: &[&str] = &[
    "Anna", "Robert", "Maria", "James", "Linda", "David", "Susan", "Peter",
];
const FAMILY: &[&str] = &[
    "Smith",
    "Okonkwo",
    "Nguyen",
    "Garcia",
    "Novak",
    "Lindqvist",
    "Moreau",
];

/// Registration `n`: two in a row are one person, the second with an error.
fn record(n: usize) -> Record {
    let person = n / 2;
    let mut record = Record::new(n.to_string());
    record.set(Field::Source, if n.is_multiple_of(2) { "north" } else { "south" });
    record.set(Field::Given, GIVEN[person * 7 % GIVEN.len()]);
    let family = format!("{}{}", FAMILY[person * 5 % FAMILY.len()], person / 50 % 977);
    record.set(Field::Family, &family);
    let day = 1 + person * 3 % 28;
    let birth = format!("{}-{:02}-{day:02}", 1930 + person * 13 % 90, 1 + person * 11 % 12);
    record.set(Field::BirthDate, &birth);
    record.set(Field::Street, &format!("{} Elm Street", 1 + person * 17 % 9000));
    record.set(Field::PostalCode, &format!("{:05}", 10_000 + person * 31 % 700));
    if n % 4 != 1 {
        record.set(
            Field::Phone,
            &format!("503{:07}", 2_000_000 + person * 7919 % 7_000_000),
        );
    }
    record
}

fn population(records: usize) -> Population {
    let mut population = Population::new(&Config::default());
    for n in 0..records {
        population.push(&record(n));
    }
    population
}

fn link(criterion: &mut Criterion) {
    let comparator = Comparator::new(&Config::default());
    let (a, b) = (record(0), record(1));
    criterion.bench_function("link/pair", |bencher| {
        bencher.iter(|| comparator.compare(black_box(&a), black_box(&b)));
    });
    criterion.bench_function("link/normalise one record", |bencher| {
        let mut people = Population::new(&Config::default());
        bencher.iter(|| people.push(black_box(&a)));
    });
    let mut group = criterion.benchmark_group("link/batch");
    group.sample_size(10);
    for size in [100, 10_000] {
        let people = population(size);
        group.bench_function(size.to_string(), |bencher| {
            bencher.iter_batched(
                || people.clone(),
                |people| people.link(&Verdicts::default()),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
    let mut linker = Linker::resume(population(20_000).link(&Verdicts::default()));
    let mut n = 20_000;
    criterion.bench_function("link/insert into 20000", |bencher| {
        bencher.iter(|| {
            n += 1;
            linker.insert(&record(n))
        });
    });
    let mut group = criterion.benchmark_group("link/insert a person's next form after");
    for forms in [100, 500, 1_500] {
        let mut people = population(20_000);
        (0..forms).for_each(|n| {
            people.push(&form(n));
        });
        let mut linker = Linker::resume(people.link(&Verdicts::default()));
        let mut n = forms;
        group.bench_function(forms.to_string(), |bencher| {
            bencher.iter(|| {
                // Not so many that there are far more of them in the end than in the beginning.
                n = if n < forms + 400 { n + 1 } else { forms };
                linker.insert(&form(n))
            });
        });
    }
    group.finish();
}

/// Registrations of one woman, each in another form.
fn form(n: usize) -> Record {
    let mut record = Record::new(format!("form{n}"));
    record.set(Field::Given, "Wilhelmina");
    record.set(Field::Family, "Oyelaran");
    record.set(Field::BirthDate, "1980-05-17");
    record.set(Field::Phone, "503-284-8871");
    record.set(Field::Street, &format!("{} Elm Street", 1 + n * 3));
    record.set(Field::PostalCode, "97266");
    record
}

criterion_group!(benches, link);
criterion_main!(benches);
