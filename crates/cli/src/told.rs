//! What is to be told of a table of people: how often, and in which line first.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use ehr::link::Field;
use ehr::types::{Finding, Severity, SourceLocation};

use crate::people::Columns;
use crate::rows::Row;

/// What may be noticed in a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Note {
    Unclosed,
    Long,
    Short,
    Loose,
    LineBreaks,
    Encoding,
    Value(Field),
    IdTwice,
    Changed,
}

/// What was noticed: in how many rows, and in which line first.
#[derive(Default)]
pub(crate) struct Told(Mutex<BTreeMap<Note, (usize, u32)>>);

impl Told {
    pub(crate) fn note(&self, note: Note, line: u32) {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (rows, first) = notes.entry(note).or_insert((0, line));
        *rows += 1;
        *first = line.min(*first);
    }

    /// What is wrong with how a row is written; the header is one, too.
    pub(crate) fn row(&self, row: &Row, columns: usize) {
        let is_long = || (columns..row.len()).any(|at| !row.cell(at).is_empty());
        for (is, note) in [
            (row.is_unclosed, Note::Unclosed),
            (row.len() > columns && is_long(), Note::Long),
            (row.len() < columns, Note::Short),
            (row.is_loose, Note::Loose),
            (row.has_line_breaks, Note::LineBreaks),
            (row.is_transcoded, Note::Encoding),
        ] {
            if is {
                self.note(note, row.line);
            }
        }
    }

    /// Everything noticed, without any value of a person.
    pub(crate) fn findings(self, columns: &Columns, separator: char) -> Vec<Finding> {
        let mut findings = Vec::new();
        if separator != ',' {
            let name = if separator == '\t' {
                "tabs".to_owned()
            } else {
                format!("`{separator}`")
            };
            findings.push(Finding::information(
                "table.separator",
                SourceLocation::default(),
                format!("the cells are taken to be separated by {name}"),
            ));
        }
        for (name, field) in &columns.doubled {
            findings.push(Finding::warning(
                "table.column-twice",
                SourceLocation::new(name.clone()),
                format!(
                    "column `{name}` is not used: another column gives {}; choose with --map NAME={}",
                    field.name(),
                    field.name()
                ),
            ));
        }
        let notes = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        findings.extend(
            notes
                .into_iter()
                .map(|(note, (rows, line))| note.finding(rows, line)),
        );
        findings
    }
}

impl Note {
    fn finding(self, rows: usize, line: u32) -> Finding {
        let (code, severity, words) = match self {
            Self::Unclosed => (
                "table.quote.unclosed",
                Severity::Error,
                "with a quotation mark that nothing closes; read to the end of the line only",
            ),
            Self::Long => (
                "table.row.long",
                Severity::Error,
                "with more cells than the header; the cells beyond it were not read",
            ),
            Self::Short => (
                "table.row.short",
                Severity::Warning,
                "with fewer cells than the header; the others are taken as empty",
            ),
            Self::Loose => (
                "table.quote.text",
                Severity::Warning,
                "with text behind a closing quotation mark; taken as part of the cell",
            ),
            Self::LineBreaks => (
                "table.row.lines",
                Severity::Information,
                "with a quoted cell over several lines",
            ),
            Self::Encoding => (
                "table.encoding",
                Severity::Warning,
                "not in UTF-8; read as Windows-1252 (ISO 8859-1)",
            ),
            Self::Value(Field::BirthDate | Field::DeathDate) => (
                "table.date",
                Severity::Warning,
                "with a date that is in none of the known forms or on no calendar; \
                 compared as a typing error where its parts can be told, and else not at all",
            ),
            Self::Value(_) => (
                "table.code",
                Severity::Warning,
                "with a value that is not known; not compared",
            ),
            Self::IdTwice => (
                "table.id-twice",
                Severity::Warning,
                "with the id of an earlier row; the results are in the order of the rows",
            ),
            Self::Changed => (
                "index.id-known",
                Severity::Warning,
                "with the id of a record of the index and other content; added beside it",
            ),
        };
        let mut place = SourceLocation::default();
        if let Self::Value(field) = self {
            field.name().clone_into(&mut place.path);
        }
        place.line = Some(line);
        let rows = if rows == 1 {
            "1 row".to_owned()
        } else {
            format!("{rows} rows")
        };
        Finding::new(code, severity, place, format!("{rows} {words}"))
    }
}
