//! Small CSV tables, given as options.

use std::path::{Path, PathBuf};

use crate::output::Error;

/// A table whose columns were found.
pub(crate) struct Table {
    path: PathBuf,
    rows: Vec<csv::StringRecord>,
    /// Place of each wanted column; `None` for one that is not there.
    columns: Vec<Option<usize>>,
}

/// One row.
pub(crate) struct Row<'t> {
    table: &'t Table,
    record: &'t csv::StringRecord,
}

impl Table {
    /// Reads a table with a header that names `required` and may name `optional`; other columns are ignored.
    pub(crate) fn read(
        path: &Path,
        bytes: &[u8],
        required: &[&str],
        optional: &[&str],
    ) -> Result<Self, Error> {
        let wanted: Vec<&str> = required.iter().chain(optional).copied().collect();
        let mut table = Self::read_plain(path, bytes, wanted.len())?;
        let header = table.rows.first().cloned().unwrap_or_default();
        let find = |name: &&str| header.iter().position(|column| column.eq_ignore_ascii_case(name));
        table.columns = wanted.iter().map(find).collect();
        if table.columns.iter().take(required.len()).any(Option::is_none) {
            let names = required.join(",");
            return Err(Error::Usage(format!(
                "{}: not a CSV table with the columns {names}",
                path.display()
            )));
        }
        table.rows.remove(0);
        Ok(table)
    }

    /// Reads a table whose first `count` columns are the wanted ones; a first row with these very `names` is a header.
    pub(crate) fn read_in_order(path: &Path, bytes: &[u8], names: &[&str]) -> Result<Self, Error> {
        let mut table = Self::read_plain(path, bytes, names.len())?;
        let is_header = |row: &csv::StringRecord| {
            names.len() <= row.len()
                && names
                    .iter()
                    .zip(row)
                    .all(|(name, column)| column.eq_ignore_ascii_case(name))
        };
        if table.rows.first().is_some_and(is_header) {
            table.rows.remove(0);
        }
        Ok(table)
    }

    fn read_plain(path: &Path, bytes: &[u8], count: usize) -> Result<Self, Error> {
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let rows: Result<Vec<_>, _> = csv::ReaderBuilder::new()
            .has_headers(false)
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(text)
            .into_records()
            .collect();
        Ok(Self {
            path: path.to_path_buf(),
            rows: rows.map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?,
            columns: (0..count).map(Some).collect(),
        })
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|record| Row { table: self, record })
    }
}

impl<'t> Row<'t> {
    /// The wanted columns; empty where the row or the table has none.
    pub(crate) fn fields<const N: usize>(&self) -> [&'t str; N] {
        std::array::from_fn(|at| {
            let column = self.table.columns.get(at).copied().flatten();
            column.and_then(|column| self.record.get(column)).unwrap_or("")
        })
    }

    /// Wrong usage in this row.
    pub(crate) fn error(&self, message: &str) -> Error {
        let line = self.record.position().map_or(0, csv::Position::line);
        Error::Usage(format!("{} line {line}: {message}", self.table.path.display()))
    }
}
