//! Small CSV tables, given as options.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use crate::output::Error;
use crate::rows::{Row, Rows};

/// A table whose columns were found.
pub(crate) struct Table {
    path: PathBuf,
    rows: Vec<Row>,
    /// Place of each wanted column; `None` for one that is not there.
    columns: Vec<Option<usize>>,
}

/// One row of it.
pub(crate) struct TableRow<'t> {
    table: &'t Table,
    row: &'t Row,
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
        let mut table = Self::read_plain(path, bytes, wanted.len(), &wanted)?;
        let header = table.rows.first();
        let find = |name: &&str| {
            header?
                .cells()
                .position(|column| column.eq_ignore_ascii_case(name))
        };
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

    /// Reads a table whose first columns are the wanted ones; a first row with these very `names` is a header. Where there is
    /// none, the `values` that one column has tell what separates the cells.
    pub(crate) fn read_in_order(
        path: &Path,
        bytes: &[u8],
        names: &[&str],
        values: &[&str],
    ) -> Result<Self, Error> {
        let mut table = Self::read_plain(path, bytes, names.len(), &[names, values].concat())?;
        let is_header = |row: &Row| {
            let mut cells = row.cells();
            names
                .iter()
                .all(|name| cells.next().is_some_and(|cell| cell.eq_ignore_ascii_case(name)))
        };
        if table.rows.first().is_some_and(is_header) {
            table.rows.remove(0);
        }
        match table.rows.iter().find(|row| row.len() < names.len()) {
            Some(row) => Err(table.error(row, &format!("a row needs the columns {}", names.join(",")))),
            None => Ok(table),
        }
    }

    /// Reads all rows. One that is not plainly written is wrong usage: what an option says is not guessed.
    fn read_plain(path: &Path, bytes: &[u8], count: usize, known: &[&str]) -> Result<Self, Error> {
        let failed = |error| Error::file(path, error);
        let mut rows = Rows::new(Cursor::new(bytes.to_vec()));
        rows.find_separator(|cell| known.iter().any(|word| word.eq_ignore_ascii_case(cell)))
            .map_err(failed)?;
        let mut table = Self {
            path: path.to_path_buf(),
            rows: Vec::new(),
            columns: (0..count).map(Some).collect(),
        };
        let mut row = Row::default();
        while rows.read(&mut row).map_err(failed)? {
            if row.is_transcoded {
                return Err(table.error(&row, "not UTF-8"));
            }
            if row.is_unclosed || row.is_loose {
                return Err(table.error(&row, "a quotation mark that does not close its cell"));
            }
            table.rows.push(std::mem::take(&mut row));
        }
        Ok(table)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = TableRow<'_>> {
        self.rows.iter().map(|row| TableRow { table: self, row })
    }

    /// Wrong usage in a row.
    fn error(&self, row: &Row, message: &str) -> Error {
        Error::Usage(format!("{} line {}: {message}", self.path.display(), row.line))
    }
}

impl<'t> TableRow<'t> {
    /// The wanted columns; empty where the row or the table has none.
    pub(crate) fn fields<const N: usize>(&self) -> [&'t str; N] {
        std::array::from_fn(|at| {
            let column = self.table.columns.get(at).copied().flatten();
            column.map_or("", |column| self.row.cell(column))
        })
    }

    /// The line on which it starts.
    pub(crate) fn line(&self) -> u32 {
        self.row.line
    }

    /// Wrong usage in this row.
    pub(crate) fn error(&self, message: &str) -> Error {
        self.table.error(self.row, message)
    }
}
