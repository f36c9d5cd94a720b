//! A table of people as records.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use ehr::link::{Config, Field, Population, Record};
use ehr::types::{Date, DateTime};

use crate::output::Error;
use crate::rows::{Row, Rows};
use crate::told::{Note, Told};

/// Rows that are read while those before them are normalised.
const BATCH: usize = 16_384;

/// The records of a table.
pub(crate) fn read(
    rows: Rows,
    columns: &Columns,
    config: &Config,
    told: &Told,
) -> std::io::Result<Population> {
    let mut population = Population::new(config);
    read_into(rows, columns, told, |numbered| {
        population.push_all(numbered, |(number, row), record| {
            columns.fill(*number, row, record, told);
        });
    })?;
    Ok(population)
}

/// Gives the rows of a table with their numbers, many at a time. One thread reads ahead while the others take them in.
pub(crate) fn read_into(
    mut rows: Rows,
    columns: &Columns,
    told: &Told,
    mut take: impl FnMut(&[(usize, &Row)]) + Send,
) -> std::io::Result<()> {
    let mut ids = Ids::default();
    let mut done = 0;
    // Two batches in turn, so that the rows' memory is used again.
    let (mut batch, mut next) = (Vec::new(), Vec::new());
    let mut count = read_batch(&mut rows, &mut batch)?;
    while count > 0 {
        let read = batch.get(..count).unwrap_or_default();
        let numbered: Vec<(usize, &Row)> = (done + 1..).zip(read).collect();
        let (ahead, ()) = rayon::join(
            || read_batch(&mut rows, &mut next),
            || {
                take(&numbered);
                ids.add(read, columns);
            },
        );
        done += count;
        count = ahead?;
        std::mem::swap(&mut batch, &mut next);
    }
    ids.tell(told);
    Ok(())
}

/// Overwrites a batch with the next rows; returns how many there were.
fn read_batch(rows: &mut Rows, batch: &mut Vec<Row>) -> std::io::Result<usize> {
    batch.resize_with(BATCH, Row::default);
    for (count, row) in batch.iter_mut().enumerate() {
        if !rows.read(row)? {
            return Ok(count);
        }
    }
    Ok(BATCH)
}

/// What each column is.
pub(crate) struct Columns {
    fields: Vec<Option<Field>>,
    pub(crate) id: Option<usize>,
    /// Columns that name no field.
    pub(crate) ignored: Vec<String>,
    /// Columns that name a field which another column gives, with the field.
    pub(crate) doubled: Vec<(String, Field)>,
}

impl Columns {
    /// Finds the columns in a header. Where two name one field that a record has once, the one that `--map` names counts, or
    /// else the first.
    pub(crate) fn new(header: &Row, map: &[String]) -> Result<Self, Error> {
        let named = mapped(header, map)?;
        let mut taken: BTreeSet<Field> = BTreeSet::new();
        for (name, field) in &named {
            if !taken.insert(*field) && !may_repeat(*field) {
                let field = field.name();
                return Err(Error::Usage(format!(
                    "--map {name}={field}: {field} is mapped twice"
                )));
            }
        }
        let mut columns = Self {
            fields: Vec::new(),
            id: None,
            ignored: Vec::new(),
            doubled: Vec::new(),
        };
        let mut mapped = named;
        for (at, name) in header.cells().enumerate() {
            let field = match mapped.remove(name) {
                Some(field) => Some(field),
                None => match Field::from_header(name) {
                    Some(field) if taken.insert(field) || may_repeat(field) => Some(field),
                    Some(field) => {
                        columns.doubled.push((name.to_owned(), field));
                        None
                    }
                    None => {
                        let unnamed = || format!("(column {})", at + 1);
                        let name = if name.is_empty() {
                            unnamed()
                        } else {
                            name.to_owned()
                        };
                        columns.ignored.push(name);
                        None
                    }
                },
            };
            if field == Some(Field::Id) {
                columns.id = Some(at);
            }
            columns.fields.push(field);
        }
        if columns.fields.iter().flatten().all(|field| *field == Field::Id) {
            return Err(Error::Usage(
                "no column is known: the first line must name the columns; name others with --map NAME=FIELD"
                    .into(),
            ));
        }
        Ok(columns)
    }

    /// Writes a row into an empty record; one without an id gets its number.
    pub(crate) fn fill(&self, number: usize, row: &Row, record: &mut Record, told: &Told) {
        told.row(row, self.fields.len());
        for (at, field) in self.fields.iter().enumerate() {
            let Some(field) = *field else { continue };
            let text = row.cell(at);
            record.set(field, text);
            if !text.is_empty() && !is_understood(field, text, record) {
                told.note(Note::Value(field), row.line);
            }
        }
        if record.id.is_empty() {
            record.id = format!("row-{number}");
        }
    }
}

/// The columns that `--map` names, with their fields.
fn mapped(header: &Row, map: &[String]) -> Result<BTreeMap<String, Field>, Error> {
    let mut named = BTreeMap::new();
    for pair in map {
        let wrong = |message: &str| Error::Usage(format!("--map {pair}: {message}"));
        let (name, field) = pair.split_once('=').ok_or_else(|| wrong("not NAME=FIELD"))?;
        let known = Field::from_header(field).ok_or_else(|| {
            let all: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
            wrong(&format!("no such field; fields are {}", all.join(", ")))
        })?;
        if !header.cells().any(|column| column == name) {
            return Err(wrong("no such column"));
        }
        if named.insert(name.to_owned(), known).is_some() {
            return Err(wrong("the column is mapped twice"));
        }
    }
    Ok(named)
}

/// Whether a record holds several values of the field.
fn may_repeat(field: Field) -> bool {
    matches!(
        field,
        Field::Phone
            | Field::Email
            | Field::Alias
            | Field::Maiden
            | Field::FamilySecond
            | Field::MedicalRecordNumber
            | Field::Medicaid
    )
}

/// Whether the text, which is in the record, says something that can be compared, or that nothing is known.
fn is_understood(field: Field, text: &str, record: &Record) -> bool {
    let read = match field {
        Field::BirthDate | Field::DeathDate => is_date(text),
        Field::Sex => record.sex.is_some(),
        Field::MultipleBirth => record.multiple_birth.is_some(),
        Field::BirthOrder => record.birth_order.is_some(),
        _ => true,
    };
    const UNKNOWN: [&str; 10] = [
        "u",
        "unk",
        "unknown",
        "n/a",
        "na",
        "none",
        "null",
        "not known",
        "?",
        "-",
    ];
    read || UNKNOWN.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a text is a date in one of the forms of [`Record::birth_date`] that stands in the calendar.
fn is_date(text: &str) -> bool {
    if DateTime::parse_any(text).is_ok() {
        return true;
    }
    let day = text.split([' ', 'T', 't']).next().unwrap_or_default();
    let numbers: Vec<&str> = day.split(['-', '/', '.', ',']).collect();
    let is_day = |year: &str, month: &str, day: &str| {
        let iso = format!("{year}-{month:0>2}-{day:0>2}");
        iso.len() == 10 && Date::parse(&iso).is_ok()
    };
    match numbers[..] {
        [year, month, day] if year.len() == 4 => is_day(year, month, day),
        [a, b, year] => is_day(year, a, b) || is_day(year, b, a),
        [month, year] | [year, month] if year.len() == 4 => is_day(year, month, "1"),
        _ => false,
    }
}

/// Hashes of the ids of rows, with their lines: for a million rows, 16 MB.
#[derive(Default)]
struct Ids(Vec<(u64, u32)>);

impl Ids {
    fn add(&mut self, rows: &[Row], columns: &Columns) {
        let Some(column) = columns.id else { return };
        self.0.extend(rows.iter().filter_map(|row| {
            let id = row.cell(column);
            let mut hasher = DefaultHasher::new();
            id.hash(&mut hasher);
            (!id.is_empty()).then(|| (hasher.finish(), row.line))
        }));
    }

    fn tell(mut self, told: &Told) {
        self.0.sort_unstable();
        let again = self.0.iter().zip(self.0.iter().skip(1));
        for (_, (_, line)) in again.filter(|(first, second)| first.0 == second.0) {
            told.note(Note::IdTwice, *line);
        }
    }
}

#[cfg(test)]
mod tests {
    use ehr::link::{Comparator, Comparison};

    use super::*;

    #[test]
    fn what_counts_as_a_date_is_what_is_compared_as_one() {
        let comparator = Comparator::new(&Config::default());
        let is_compared = |text: &str| {
            let mut record = Record::new("1");
            record.set(Field::BirthDate, text);
            let (_, explanation) = comparator.compare(&record, &record);
            explanation
                .terms
                .iter()
                .any(|term| term.comparison == Comparison::BirthDate)
        };
        for text in [
            "1971-03-09",
            "1971-03",
            "1971",
            "19710309",
            "19710309123000",
            "1971-03-09T00:00:00Z",
            "1971-03-09 12:00",
            "1971/3/9",
            "3/9/1971",
            "25/12/1990",
            "09.03.1971",
            "3/9/1971 0:00",
            "03/1971",
        ] {
            assert!(is_date(text) && is_compared(text), "{text}");
        }
        for text in [
            "3/9/71",
            "March 9, 1971",
            "9-Mar-1971",
            "32574",
            "x",
            "yesterday",
            "1/2",
        ] {
            assert!(!is_date(text) && !is_compared(text), "{text}");
        }
        // Compared as typing errors, and told.
        for text in ["1971-13-05", "30/02/1971"] {
            assert!(!is_date(text), "{text}");
        }
    }
}
