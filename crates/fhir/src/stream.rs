//! Reading bulk data piece by piece: NDJSON files and the entries of a Bundle, in memory bounded by the largest piece.
//! A piece that cannot be read is given as an error with its place, and reading goes on with the next.

use std::io::{self, BufRead};

use ehr_types::{Finding, LineIndex, Severity, SourceLocation, Span, Strictness};
use thiserror::Error;

use crate::parse::{Json, ParseError, ParseOptions, Parsed, salvage_at};
use crate::r4::{Bundle, BundleEntry, Resource};

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

/// A piece that was set aside.
#[derive(Debug, Error)]
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
        let next = Place {
            index: 0,
            offset: 0,
            line: 1,
            column: 1,
        };
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

/// Reads a Bundle entry by entry, without holding more than one of them.
///
/// When it has ended, [`bundle`](Self::bundle) gives everything of the Bundle but its entries.
///
/// ```
/// use ehr_fhir::{BundleReader, ParseOptions};
/// let json = br#"{"resourceType":"Bundle","entry":[
///   {"resource":{"resourceType":"Patient"}}, {"resource":{"resourceType":"Basic"}}], "type":"collection"}"#;
/// let mut reader = BundleReader::new(&json[..], ParseOptions::default());
/// let entries: Vec<_> = reader.by_ref().collect::<Result<_, _>>()?;
/// assert_eq!(entries.len(), 2);
/// assert_eq!(entries[1].parsed.findings[0].location.path, "Bundle.entry[1].resource.code");
/// assert!(reader.bundle()?.value.r#type.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct BundleReader<R> {
    input: R,
    options: ParseOptions,
    /// The text of the Bundle, entries left out.
    frame: Vec<u8>,
    at: Place,
    /// Open brackets around the next byte.
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// The string that was read last, at the depth of the Bundle's members.
    name: Vec<u8>,
    /// Whether `name` is being read.
    naming: bool,
    in_entries: bool,
    entries: usize,
    done: bool,
}

impl<R: BufRead> BundleReader<R> {
    /// A reader over the JSON text of one Bundle.
    pub fn new(input: R, options: ParseOptions) -> Self {
        Self {
            input,
            options,
            frame: Vec::new(),
            at: Place {
                index: 0,
                offset: 0,
                line: 1,
                column: 1,
            },
            depth: 0,
            in_string: false,
            escaped: false,
            name: Vec::new(),
            naming: false,
            in_entries: false,
            entries: 0,
            done: false,
        }
    }

    /// The Bundle without its entries, with what was noticed in it; reads over the entries that were not taken.
    ///
    /// Places in its findings count in the text without the entries, so only their paths are given.
    ///
    /// # Errors
    /// When the stream fails, or what is around the entries is not a Bundle.
    pub fn bundle(mut self) -> Result<Parsed<Bundle>, StreamError> {
        for entry in self.by_ref() {
            if let Err(error @ (StreamError::Io(_) | StreamError::Broken(_))) = entry {
                return Err(error);
            }
        }
        let place = Place {
            index: 0,
            offset: 0,
            line: 1,
            column: 1,
        };
        let mut piece = read_piece::<Bundle>(&self.frame, place, None, &self.options)?;
        for finding in &mut piece.parsed.findings {
            finding.location = SourceLocation::new(std::mem::take(&mut finding.location.path));
        }
        // What the missing entries are at fault for is not the Bundle's.
        let of_entries = [
            "fhir.element.empty-array",
            "fhir.invariant.bdl-11",
            "fhir.invariant.bdl-12",
        ];
        let entries = self.entries > 0;
        piece.parsed.findings.retain(|finding| {
            !(entries && finding.location.path == "Bundle.entry"
                || of_entries.contains(&finding.code.as_ref()))
        });
        if let Some(extra) = piece.parsed.value.extra.as_mut().filter(|_| entries) {
            extra.remove_raw_members("entry");
            if extra.is_empty() {
                piece.parsed.value.extra = None;
            }
        }
        Ok(piece.parsed)
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let buffer = self.input.fill_buf()?;
        let Some(byte) = buffer.first().copied() else {
            return Ok(None);
        };
        self.input.consume(1);
        self.at.offset += 1;
        if byte == b'\n' {
            self.at.line += 1;
            self.at.column = 1;
        } else {
            self.at.column += 1;
        }
        Ok(Some(byte))
    }

    /// Follows strings and brackets; the byte is part of the frame or of an entry.
    fn follow(&mut self, byte: u8) {
        if self.in_string {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = false;
                self.naming = false;
                return;
            }
            if self.naming {
                self.name.push(byte);
            }
            return;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.naming = self.depth == 1;
                if self.naming {
                    self.name.clear();
                }
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// The next entry's bytes; `None` at the end of the Bundle.
    fn advance(&mut self) -> io::Result<Option<(Place, Vec<u8>)>> {
        let mut entry = Vec::new();
        let mut place = None;
        while let Some(byte) = self.byte()? {
            if !self.in_entries {
                let opens = byte == b'[' && !self.in_string && self.depth == 1 && self.name == b"entry";
                self.follow(byte);
                self.frame.push(byte);
                self.in_entries = opens;
                continue;
            }
            match place {
                None => {
                    let outside = self.depth == 2 && !self.in_string;
                    if outside && byte == b']' {
                        self.follow(byte);
                        self.frame.push(byte);
                        self.in_entries = false;
                        self.name.clear();
                    } else if !(outside && (byte == b',' || byte.is_ascii_whitespace())) {
                        let before = Place {
                            index: self.entries,
                            offset: self.at.offset - 1,
                            line: self.at.line,
                            column: self.at.column.saturating_sub(1).max(1),
                        };
                        place = Some(before);
                        entry.push(byte);
                        self.follow(byte);
                    }
                }
                Some(at) => {
                    let ends = self.depth == 2 && !self.in_string && matches!(byte, b',' | b']');
                    if !ends {
                        entry.push(byte);
                    }
                    if ends && byte == b']' {
                        self.follow(byte);
                        self.frame.push(byte);
                        self.in_entries = false;
                        self.name.clear();
                    } else if !ends {
                        self.follow(byte);
                        if entry.len() > self.options.max_bytes {
                            return Ok(Some((at, entry)));
                        }
                        if self.depth > 2 || self.in_string || !matches!(byte, b'}' | b'"') {
                            continue;
                        }
                    }
                    self.entries += 1;
                    return Ok(Some((at, entry)));
                }
            }
        }
        self.done = true;
        if let Some(at) = place {
            self.entries += 1;
            return Ok(Some((at, entry)));
        }
        Ok(None)
    }
}

impl<R: BufRead> Iterator for BundleReader<R> {
    type Item = Result<Piece<BundleEntry>, StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        match self.advance() {
            Ok(Some((place, bytes))) => {
                let root = format!("Bundle.entry[{}]", place.index);
                Some(read_piece(&bytes, place, Some(root), &self.options))
            }
            Ok(None) => {
                if self.in_entries || self.depth > 0 {
                    let at = SourceLocation::new("Bundle").at(
                        Span::new(self.frame.len(), self.frame.len()),
                        &LineIndex::new(&self.frame),
                    );
                    let mut finding = Finding::fatal("json.syntax", at, "the Bundle breaks off");
                    finding.location.span = Some(Span::new(self.at.offset, self.at.offset));
                    finding.location.line = Some(self.at.line);
                    finding.location.column = Some(self.at.column);
                    return Some(Err(StreamError::Broken(ParseError {
                        findings: vec![finding],
                    })));
                }
                None
            }
            Err(error) => {
                self.done = true;
                Some(Err(error.into()))
            }
        }
    }
}
