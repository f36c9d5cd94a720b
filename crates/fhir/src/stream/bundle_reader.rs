//! Reading a Bundle entry by entry.

use std::collections::VecDeque;
use std::io::BufRead;

use ehr_types::{Finding, LineIndex, SourceLocation, Span};

use super::split::{Part, Splitter};
use super::{Piece, Place, StreamError, read_piece};
use crate::parse::{ParseError, ParseOptions, Parsed};
use crate::r4::{Bundle, BundleEntry, Entries};
use crate::scope::Scope;

/// Reads a Bundle entry by entry, without holding more than one of them.
///
/// When it has ended, [`bundle`](Self::bundle) gives everything of the Bundle but its entries. What the rules about all
/// entries need is kept in 16 bytes for each fullUrl and each request that changes something.
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
    splitter: Splitter,
    /// What was read and not yet given out.
    ready: VecDeque<Result<Piece<BundleEntry>, StreamError>>,
    /// How many entries were found.
    count: usize,
    entries: Entries,
    done: bool,
}

impl<R: BufRead> BundleReader<R> {
    /// A reader over the JSON text of one Bundle.
    pub fn new(input: R, options: ParseOptions) -> Self {
        Self {
            input,
            splitter: Splitter::new(options.max_bytes),
            options,
            ready: VecDeque::new(),
            count: 0,
            entries: Entries::default(),
            done: false,
        }
    }

    /// The Bundle without its entries, with what was noticed in it; reads over the entries that were not taken.
    ///
    /// # Errors
    /// When the stream fails, or what is around the entries is not a Bundle.
    pub fn bundle(mut self) -> Result<Parsed<Bundle>, StreamError> {
        for entry in self.by_ref() {
            if let Err(error @ (StreamError::Io(_) | StreamError::Broken(_))) = entry {
                return Err(error);
            }
        }
        let read = read_piece::<Bundle>(&self.splitter.frame, Place::START, None, &self.options);
        let mut parsed = match read {
            Ok(piece) => piece.parsed,
            Err(StreamError::Piece {
                place,
                mut error,
                bytes,
            }) => {
                self.relocate(&mut error.findings);
                return Err(StreamError::Piece { place, error, bytes });
            }
            Err(error) => return Err(error),
        };
        self.relocate(&mut parsed.findings);
        self.judge_entries(&mut parsed);
        Ok(parsed)
    }

    /// Counts places in the source, not in the text without entries.
    fn relocate(&self, findings: &mut [Finding]) {
        let frame = LineIndex::new(&self.splitter.frame);
        let cuts: Vec<(usize, Place, SourceLocation)> = self
            .splitter
            .cuts
            .iter()
            .map(|(at, place)| {
                let start = SourceLocation::new("").at(Span::new(*at, *at), &frame);
                (*at, *place, start)
            })
            .collect();
        for Finding { location, .. } in findings {
            let Some(span) = location.span else { continue };
            let cut = |offset: usize| cuts.iter().rev().find(|(at, ..)| *at <= offset);
            let shifted = |offset: usize| match cut(offset) {
                Some((at, place, _)) => offset - at + place.offset,
                None => offset,
            };
            location.span = Some(Span::new(shifted(span.start), shifted(span.end)));
            if let Some((_, place, start)) = cut(span.start) {
                if location.line == start.line {
                    location.column = (location.column.zip(start.column))
                        .map(|(column, start)| column - start + place.column);
                }
                location.line =
                    (location.line.zip(start.line)).map(|(line, start)| line - start + place.line);
            }
        }
    }

    /// Puts what the entries are at fault for in the place of what their absence is at fault for.
    fn judge_entries(&self, parsed: &mut Parsed<Bundle>) {
        const OF_ENTRIES: &[&str] = &[
            "fhir.invariant.bdl-2",
            "fhir.invariant.bdl-3",
            "fhir.invariant.bdl-4",
            "fhir.invariant.bdl-7",
            "fhir.invariant.bdl-11",
            "fhir.invariant.bdl-12",
        ];
        let taken = self.count > 0;
        parsed.findings.retain(|finding| {
            let emptied = taken
                && finding.code == "fhir.element.empty-array"
                && finding.location.path == "Bundle.entry";
            !emptied && !OF_ENTRIES.contains(&finding.code.as_ref())
        });
        if let Some(extra) = parsed.value.extra.as_mut().filter(|_| taken) {
            extra.retain_raw_members(|member| member.name != "entry" || !is_empty_array(&member.json));
            if extra.is_empty() {
                parsed.value.extra = None;
            }
        }
        if let Some(kind) = &parsed.value.r#type {
            let mut rules = Vec::new();
            let mut scope = Scope {
                rules: &mut rules,
                start: 0,
                urns: &mut Vec::new(),
                field: None,
                locals: &mut Vec::new(),
            };
            self.entries.judge(kind, &mut scope);
            for rule in rules {
                let mut path = "Bundle".to_owned();
                if !rule.member.is_empty() {
                    path.push('.');
                    path.push_str(&rule.member);
                }
                let place = SourceLocation::new(path);
                let finding = Finding::new(rule.code(), rule.severity, place, rule.message);
                parsed.findings.push(finding);
            }
        }
    }

    fn take(&mut self, part: Part) {
        let failure = |place: Place, path: &str, message: &'static str| {
            let mut at = SourceLocation::new(path);
            at.span = Some(Span::new(place.offset, place.offset + 1));
            at.line = Some(place.line);
            at.column = Some(place.column);
            ParseError {
                findings: vec![Finding::fatal("json.syntax", at, message)],
            }
        };
        let read = match part {
            Part::Entry(place, text) => {
                let index = self.count;
                let place = Place { index, ..place };
                self.count += 1;
                let root = format!("Bundle.entry[{index}]");
                let read = read_piece(&text, place, Some(root), &self.options);
                match &read {
                    Ok(piece) => self.entries.add(&piece.parsed.value),
                    Err(_) => self.entries.add_unread(),
                }
                read
            }
            Part::Junk(place, text, message) => Err(StreamError::Piece {
                place: Place {
                    index: self.count,
                    ..place
                },
                error: failure(place, "Bundle.entry", message),
                bytes: text.into(),
            }),
            Part::Broken(place, message) => {
                self.done = true;
                Err(StreamError::Broken(failure(place, "Bundle", message)))
            }
        };
        self.ready.push_back(read);
    }
}

/// Whether a JSON text is an array without items.
fn is_empty_array(json: &str) -> bool {
    let inside = json.strip_prefix('[').and_then(|json| json.strip_suffix(']'));
    inside.is_some_and(|inside| inside.trim().is_empty())
}

impl<R: BufRead> Iterator for BundleReader<R> {
    type Item = Result<Piece<BundleEntry>, StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() && !self.done {
            match self.splitter.advance(&mut self.input) {
                Ok(parts) => {
                    self.done |= parts.is_empty();
                    for part in parts {
                        self.take(part);
                    }
                }
                Err(error) => {
                    self.done = true;
                    self.ready.push_back(Err(error.into()));
                }
            }
        }
        self.ready.pop_front()
    }
}
