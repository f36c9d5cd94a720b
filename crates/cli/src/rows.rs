//! The rows of a CSV table, and what is wrong with how they are written.
//!
//! A quotation mark that nobody closes makes one cell of everything up to the next one. Here such a row ends where its line
//! does, and is counted; so is everything else that a row does not say plainly.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::str;

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::cells::{Cells, Split};
use crate::inputs;
use crate::output::Error;

/// Bytes that are looked through for the end of a quoted cell.
const LONGEST_CELL: usize = 1 << 20;

/// The separators in use, the likeliest first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// One row.
#[derive(Default)]
pub(crate) struct Row {
    /// The line on which it starts, from 1.
    pub(crate) line: u32,
    /// Whether a quoted cell goes over several lines.
    pub(crate) has_line_breaks: bool,
    /// Whether its bytes were not UTF-8; they are then taken as Windows-1252, of which ISO 8859-1 is a part.
    pub(crate) is_transcoded: bool,
    /// Whether a quotation mark opens a cell and nothing closes it: the mark is left out and the row ends with its line.
    pub(crate) is_unclosed: bool,
    /// Whether text follows a closing quotation mark in its cell.
    pub(crate) is_loose: bool,
    text: String,
    ends: Vec<usize>,
}

impl Row {
    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One cell, without blanks around it; empty beyond the end.
    pub(crate) fn cell(&self, at: usize) -> &str {
        let start = at
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        let end = self.ends.get(at).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default().trim()
    }

    /// All cells.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|at| self.cell(at))
    }

    /// Takes in what was split off.
    fn take(&mut self, cells: &Cells) {
        self.text.clear();
        self.ends.clone_from(&cells.ends);
        self.is_transcoded = false;
        if let Ok(text) = str::from_utf8(&cells.bytes) {
            self.text.push_str(text);
            return;
        }
        self.is_transcoded = true;
        let mut start = 0;
        for end in &mut self.ends {
            let bytes = cells.bytes.get(start..*end).unwrap_or_default();
            let text = match str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
            };
            start = *end;
            self.text.push_str(&text);
            *end = self.text.len();
        }
    }
}

/// Reads a table row by row.
pub(crate) struct Rows {
    input: Box<dyn BufRead + Send>,
    separator: u8,
    /// What was read of the input and is not all used.
    held: Vec<u8>,
    /// The first byte of `held` that is not used, and its line.
    at: usize,
    line: u32,
    cells: Cells,
}

impl Rows {
    /// Opens a table. UTF-16 is read as such; what is plainly no text is refused.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |error: io::Error| Error::file(path, error);
        let mut input = BufReader::with_capacity(1 << 16, source(path)?);
        let head = input.fill_buf().map_err(failed)?;
        let encoding = match head {
            [0xFF, 0xFE, ..] => Some(UTF_16LE),
            [0xFE, 0xFF, ..] => Some(UTF_16BE),
            [first, second, ..] if *first == 0 && *second != 0 => Some(UTF_16BE),
            [first, second, ..] if *first != 0 && *second == 0 => Some(UTF_16LE),
            _ => None,
        };
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\xD0\xCF\x11\xE0") {
            return Err(Error::file(
                path,
                "a spreadsheet or archive, not a CSV table; save it as CSV",
            ));
        }
        let Some(encoding) = encoding else {
            if head.contains(&0) {
                return Err(Error::file(path, "binary data, not a CSV table"));
            }
            return Ok(Self::new(input));
        };
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes).map_err(failed)?;
        let (text, malformed) = encoding.decode_with_bom_removal(&bytes);
        if malformed {
            return Err(Error::file(path, "binary data, not a CSV table"));
        }
        Ok(Self::new(Cursor::new(text.into_owned())))
    }

    /// A table of these bytes, with commas between its cells.
    pub(crate) fn new(input: impl BufRead + Send + 'static) -> Self {
        Self {
            input: Box::new(input),
            separator: b',',
            held: Vec::new(),
            at: 0,
            line: 1,
            cells: Cells::default(),
        }
    }

    /// Finds out what stands between the cells from the first line: the separator that gives the most cells that `is_known`
    /// knows. A line `sep=;`, which spreadsheets write, says so itself.
    pub(crate) fn find_separator(&mut self, is_known: impl Fn(&str) -> bool) -> io::Result<char> {
        let mut row = Row::default();
        if self.hold()? {
            let first = self.held.get(self.at..).unwrap_or_default().trim_ascii();
            if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] = *first {
                self.separator = separator;
                (self.at, self.line) = (self.held.len(), self.line + 1);
                return Ok(separator.into());
            }
            let mut most = 0;
            for separator in SEPARATORS {
                let bytes = self.held.get(self.at..).unwrap_or_default();
                self.cells.split(bytes, separator, None);
                row.take(&self.cells);
                let known = row.cells().filter(|name| is_known(name)).count();
                if known > most {
                    (most, self.separator) = (known, separator);
                }
            }
        }
        Ok(self.separator.into())
    }

    /// Reads the next row over `row`; whether there was one. Empty lines are none.
    pub(crate) fn read(&mut self, row: &mut Row) -> io::Result<bool> {
        loop {
            if !self.hold()? {
                return Ok(false);
            }
            let split = self.split()?;
            row.line = self.line;
            row.is_unclosed = split.unclosed;
            row.is_loose = self.cells.is_loose;
            row.has_line_breaks = self.cells.line_breaks > 0;
            self.at += split.used;
            self.line += 1 + self.cells.line_breaks;
            if self.cells.ends.len() > 1 || !self.cells.bytes.trim_ascii().is_empty() {
                row.take(&self.cells);
                return Ok(true);
            }
        }
    }

    /// Sees to it that at least one line is held; whether there is one.
    fn hold(&mut self) -> io::Result<bool> {
        const BOM: &[u8] = b"\xEF\xBB\xBF";
        if self.at < self.held.len() {
            return Ok(true);
        }
        self.held.clear();
        self.at = 0;
        self.input.read_until(b'\n', &mut self.held)?;
        if self.line == 1 && self.held.starts_with(BOM) {
            self.at = BOM.len();
        }
        Ok(self.at < self.held.len())
    }

    /// Splits the next row, reading on where a quoted cell goes over the end of what is held.
    fn split(&mut self) -> io::Result<Used> {
        let mut literal = None;
        loop {
            let bytes = self.held.get(self.at..).unwrap_or_default();
            match self.cells.split(bytes, self.separator, literal) {
                Split::Row(used) => {
                    return Ok(Used {
                        used,
                        unclosed: literal.is_some(),
                    });
                }
                Split::Unclosed(at) => literal = Some(at),
                Split::Open(at) => {
                    // Twice as much each time, so that looking for the end takes time in proportion.
                    let (before, length) = (self.held.len(), bytes.len());
                    let mut more = length < LONGEST_CELL;
                    while more && self.held.len() < before + length {
                        more = self.input.read_until(b'\n', &mut self.held)? > 0;
                    }
                    if self.held.len() == before {
                        literal = Some(at);
                    }
                }
            }
        }
    }
}

struct Used {
    used: usize,
    unclosed: bool,
}

/// The file, or standard input for `-`.
fn source(path: &Path) -> Result<Box<dyn Read + Send>, Error> {
    if path.is_dir() {
        return Err(Error::Usage(format!(
            "{}: a folder, not a CSV table",
            path.display()
        )));
    }
    inputs::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::Usage(format!("{}: no such file", path.display())),
        _ => Error::file(path, error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows as `line:cell|cell`, with a letter behind the line for what is wrong.
    fn rows(text: &[u8]) -> Vec<String> {
        let mut rows = Rows::new(Cursor::new(text.to_vec()));
        let (mut row, mut out) = (Row::default(), Vec::new());
        while rows.read(&mut row).unwrap() {
            let marks = [
                (row.has_line_breaks, 'l'),
                (row.is_transcoded, 't'),
                (row.is_unclosed, 'u'),
                (row.is_loose, 'x'),
            ];
            let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
            out.push(format!(
                "{}{marks}:{}",
                row.line,
                row.cells().collect::<Vec<_>>().join("|")
            ));
        }
        out
    }

    #[test]
    fn rows_as_they_are_meant() {
        let cases: &[(&[u8], &[&str])] = &[
            (b"", &[]),
            (b"\n\r\n", &[]),
            (b"a,b\n1,2", &["1:a|b", "2:1|2"]),
            (b"\xEF\xBB\xBFa,b\r\n\r\n1,\r\n", &["1:a|b", "3:1|"]),
            (b"a,b\r1,2\r\r3,4\r", &["1:a|b", "2:1|2", "4:3|4"]),
            (b"\"a,\"\"b\"\"\", c , \"d\" \n", &["1:a,\"b\"|c|d"]),
            (b"5\" pipe,x\n", &["1:5\" pipe|x"]),
            (b"a,\"b\nc\"\nd\n", &["1l:a|b\nc", "3:d"]),
            (b"a,\"b\rc\"\rd", &["1l:a|b\rc", "3:d"]),
            (b"\"a\" b,c\n", &["1x:a b|c"]),
            (b"M\xFCller,\xC3\xBC\n", &["1t:Müller|ü"]),
            // A quotation mark that is not closed ends with its line, wherever the next one stands.
            (b"1,\"Ann,Lee\n2,Bob,Ray\n", &["1u:1|Ann|Lee", "2:2|Bob|Ray"]),
            (
                b"1,\"Ann,Lee\n2,\"Bob\",Ray\n3,\"Cy\",Dee\n",
                &["1u:1|Ann|Lee", "2:2|Bob|Ray", "3:3|Cy|Dee"],
            ),
            (b"1,\"Ann\n2,\"Bob\n3,c\n", &["1u:1|Ann", "2u:2|Bob", "3:3|c"]),
            // A quotation mark alone says nothing.
            (b"\"", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(rows(text), *expected, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn a_long_search_for_a_closing_mark_ends() {
        let mut text = b"1,\"Ann\n".to_vec();
        for number in 2..60_000 {
            text.extend_from_slice(format!("{number},Bob of some longer name,Ray\n").as_bytes());
        }
        let rows = rows(&text);
        assert_eq!(rows.len(), 59_999);
        assert_eq!(rows[0], "1u:1|Ann");
        assert_eq!(rows[59_998], "59999:59999|Bob of some longer name|Ray");
    }

    #[test]
    fn separators_are_found() {
        for (header, separator) in [
            ("id,first,last", ','),
            ("id;first;last", ';'),
            ("id\tfirst\tlast", '\t'),
            ("id|first|last", '|'),
            ("sep=;\nid;first", ';'),
            ("first", ','),
            ("", ','),
        ] {
            let mut rows = Rows::new(Cursor::new(header.as_bytes().to_vec()));
            let found = rows.find_separator(|name| ["id", "first", "last"].contains(&name));
            assert_eq!(found.unwrap(), separator, "{header}");
            let mut row = Row::default();
            assert_eq!(rows.read(&mut row).unwrap(), !header.is_empty());
            assert!(
                row.cells()
                    .next()
                    .is_none_or(|name| name == "id" || name == "first")
            );
        }
    }
}
