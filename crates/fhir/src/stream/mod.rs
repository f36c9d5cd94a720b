//! Reading bulk data piece by piece: NDJSON files and the entries of a Bundle, in memory bounded by the largest piece.
//! A piece that cannot be read is given as an error with its place, and reading goes on with the next.

mod bundle_reader;
mod split;

use std::io::{self, BufRead};

use ehr_types::{Severity, SourceLocation, Span, Strictness};
use thiserror::Error;

pub use self::bundle_reader::BundleReader;
use crate::parse::{Json, ParseError, ParseOptions, Parsed, salvage_at};
use crate::r4::Resource;

/// Where a piece stands in its stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Number of the piece, from 0.
    pub index: usize,
    /// Offset of its first byte in the stream.
    pub offset: usize,
    /// Line of its first byte, from 1.
    pub line: u32,
    /// Column of its first byte, in bytes from 1.
    pub column: u32,
}

impl Place {
    const START: Self = Self {
        index: 0,
        offset: 0,
        line: 1,
        column: 1,
    };
}

/// A piece that was set aside.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The stream could not be read; nothing follows.
    #[error("the stream could not be read")]
    Io(#[from] io::Error),
    /// The piece is not valid JSON, not of its type or, if strict, has an error; the next may be good.
    #[error("piece {}: {error}", place.index)]
    Piece {
        /// Where it stands.
        place: Place,
        /// What is wrong with it; places count from the start of the stream.
        error: ParseError,
        /// Its bytes, to keep.
        bytes: Box<[u8]>,
    },
    /// The text around the pieces is broken, so that no more can be found.
    #[error("{0}")]
    Broken(ParseError),
}

/// A piece of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece<T> {
    /// Where it stands.
    pub place: Place,
    /// What was read; places count from the start of the stream.
    pub parsed: Parsed<T>,
}

fn read_piece<T: Json>(
    bytes: &[u8],
    place: Place,
    root: Option<String>,
    options: &ParseOptions,
) -> Result<Piece<T>, StreamError> {
    let (value, mut findings) = salvage_at(bytes, options, root);
    for finding in &mut findings {
        shift(&mut finding.location, place);
    }
    let stop = match options.strictness {
        Strictness::Lenient => Severity::Fatal,
        Strictness::Strict => Severity::Error,
    };
    match value {
        Some(value) if findings.iter().all(|finding| finding.severity < stop) => Ok(Piece {
            place,
            parsed: Parsed { value, findings },
        }),
        _ => Err(StreamError::Piece {
            place,
            error: ParseError { findings },
            bytes: bytes.into(),
        }),
    }
}

fn shift(location: &mut SourceLocation, place: Place) {
    if let Some(span) = &mut location.span {
        *span = Span::new(span.start + place.offset, span.end + place.offset);
    }
    if location.line == Some(1) {
        location.column = location.column.map(|column| column + place.column - 1);
    }
    location.line = location.line.map(|line| line + place.line - 1);
}

/// Reads the resources of a newline-delimited file, as bulk export gives them.
///
/// ```
/// use ehr_fhir::{NdjsonReader, ParseOptions, r4::Patient};
/// let file = b"{\"resourceType\":\"Patient\",\"id\":\"a\"}\n{oops\n\n{\"resourceType\":\"Patient\",\"id\":\"b\"}\n";
/// let all: Vec<_> = NdjsonReader::<_, Patient>::new(&file[..], ParseOptions::default()).collect();
/// assert_eq!(all.len(), 3);
/// assert!(all[1].is_err());
/// assert_eq!(all[2].as_ref().unwrap().place.line, 4);
/// ```
#[derive(Debug)]
pub struct NdjsonReader<R, T = Resource> {
    input: R,
    options: ParseOptions,
    next: Place,
    done: bool,
    of: std::marker::PhantomData<fn() -> T>,
}

impl<R: BufRead, T: Json> NdjsonReader<R, T> {
    /// A reader over a stream of lines, each of them one `T`.
    pub fn new(input: R, options: ParseOptions) -> Self {
        let next = Place::START;
        Self {
            input,
            options,
            next,
            done: false,
            of: std::marker::PhantomData,
        }
    }
}

impl<R: BufRead, T: Json> Iterator for NdjsonReader<R, T> {
    type Item = Result<Piece<T>, StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        while !self.done {
            line.clear();
            // One byte more than the limit tells a line that is too long from one that just fits.
            let limit = self.options.max_bytes.saturating_add(1) as u64;
            match io::Read::take(&mut self.input, limit).read_until(b'\n', &mut line) {
                Ok(0) => self.done = true,
                Ok(read) => {
                    let place = self.next;
                    self.next.offset += read;
                    if line.last() == Some(&b'\n') {
                        self.next.line += 1;
                    } else if line.len() > self.options.max_bytes {
                        match skip_line(&mut self.input) {
                            Ok(skipped) => self.next.offset += skipped,
                            Err(error) => {
                                self.done = true;
                                return Some(Err(error.into()));
                            }
                        }
                        self.next.line += 1;
                    }
                    if line.iter().all(u8::is_ascii_whitespace) {
                        continue;
                    }
                    self.next.index += 1;
                    return Some(read_piece(&line, place, None, &self.options));
                }
                Err(error) => {
                    self.done = true;
                    return Some(Err(error.into()));
                }
            }
        }
        None
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<usize> {
    let mut skipped = 0;
    loop {
        let buffer = input.fill_buf()?;
        let end = memchr::memchr(b'\n', buffer);
        let count = end.map_or(buffer.len(), |end| end + 1);
        skipped += count;
        input.consume(count);
        if end.is_some() || count == 0 {
            return Ok(skipped);
        }
    }
}
