//! Taking the text of a Bundle apart into its entries and what is around them.

use std::io::{self, BufRead};

use super::Place;
use crate::json::decode_name;

/// What was found in the text of a Bundle.
pub(super) enum Part {
    /// The text of an entry.
    Entry(Place, Vec<u8>),
    /// What stands between entries and should not, or the place where something is missing.
    Junk(Place, Vec<u8>, &'static str),
    /// A bracket closes what it did not open, or the text ends too early: what follows cannot be told apart.
    Broken(Place, &'static str),
}

/// What was read last in the array of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Bracket,
    Comma,
    Entry,
}

/// The entry being read.
#[derive(Debug)]
struct Open {
    place: Place,
    text: Vec<u8>,
}

/// Follows strings and brackets of the text of a Bundle.
#[derive(Debug)]
pub(super) struct Splitter {
    /// Most bytes of one part that are kept.
    limit: usize,
    /// The text without what stands in arrays of entries.
    pub(super) frame: Vec<u8>,
    /// Where the frame goes on after entries: the offset in it, and the place in the source.
    pub(super) cuts: Vec<(usize, Place)>,
    /// The next byte.
    pub(super) at: Place,
    /// The open brackets: `true` for those of an object.
    open: Vec<bool>,
    in_string: bool,
    escaped: bool,
    /// The string that was read last among the Bundle's members, as it is written.
    name: Vec<u8>,
    naming: bool,
    /// Whether the array of entries is being read, and what was last in it.
    entries: Option<Last>,
    entry: Option<Open>,
    ended: bool,
}

impl Splitter {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            frame: Vec::new(),
            cuts: vec![(0, Place::START)],
            at: Place::START,
            open: Vec::new(),
            in_string: false,
            escaped: false,
            name: Vec::new(),
            naming: false,
            entries: None,
            entry: None,
            ended: false,
        }
    }

    /// Reads up to the end of a part; empty when the text has ended.
    pub(super) fn advance(&mut self, input: &mut impl BufRead) -> io::Result<Vec<Part>> {
        let mut parts = Vec::new();
        while !self.ended {
            let buffer = input.fill_buf()?;
            if buffer.is_empty() {
                self.end(&mut parts);
                break;
            }
            let mut used = 0;
            for byte in buffer {
                used += 1;
                let here = self.at;
                self.at.offset += 1;
                if *byte == b'\n' {
                    self.at.line += 1;
                    self.at.column = 1;
                } else {
                    self.at.column += 1;
                }
                self.byte(*byte, here, &mut parts);
                if !parts.is_empty() {
                    break;
                }
            }
            input.consume(used);
            if !parts.is_empty() {
                break;
            }
        }
        Ok(parts)
    }

    fn end(&mut self, parts: &mut Vec<Part>) {
        self.ended = true;
        if let Some(open) = self.entry.take() {
            parts.push(Part::Entry(open.place, open.text));
        }
        if !self.open.is_empty() || self.in_string {
            parts.push(Part::Broken(self.at, "the Bundle breaks off"));
        }
    }

    fn byte(&mut self, byte: u8, here: Place, parts: &mut Vec<Part>) {
        let Some(last) = self.entries else {
            let starts_entries = byte == b'['
                && !self.in_string
                && self.open == [true]
                && decode_name(&self.name).is_some_and(|name| name == "entry");
            self.keep_frame(byte);
            if !self.follow(byte) {
                self.mismatch(here, parts);
            } else if starts_entries {
                self.entries = Some(Last::Bracket);
            }
            return;
        };
        let outside = self.open.len() == 2 && !self.in_string;
        if outside && matches!(byte, b',' | b']' | b' ' | b'\t' | b'\n' | b'\r') {
            // A number or literal, which is no entry, ends here.
            let ended = self.entry.take();
            let last = if ended.is_some() { Last::Entry } else { last };
            parts.extend(ended.map(|open| Part::Entry(open.place, open.text)));
            self.entries = Some(last);
            match byte {
                b',' => {
                    if last != Last::Entry {
                        parts.push(Part::Junk(here, vec![byte], "not JSON: expected an entry"));
                    }
                    self.entries = Some(Last::Comma);
                }
                b']' => {
                    if last == Last::Comma {
                        parts.push(Part::Junk(here, Vec::new(), "not JSON: expected an entry"));
                    }
                    self.cuts.push((self.frame.len(), here));
                    self.keep_frame(byte);
                    self.follow(byte);
                    self.entries = None;
                    self.name.clear();
                }
                _ => {}
            }
            return;
        }
        if self.entry.is_none() {
            if last == Last::Entry {
                parts.push(Part::Junk(here, Vec::new(), "not JSON: expected `,`"));
            }
            let (place, text) = (here, Vec::new());
            self.entry = Some(Open { place, text });
            self.entries = Some(Last::Entry);
        }
        let limit = self.limit;
        if let Some(open) = self.entry.as_mut().filter(|open| open.text.len() <= limit) {
            open.text.push(byte);
        }
        if !self.follow(byte) {
            self.mismatch(here, parts);
        } else if self.open.len() == 2 && !self.in_string && matches!(byte, b'}' | b']' | b'"') {
            parts.extend(self.entry.take().map(|open| Part::Entry(open.place, open.text)));
        }
    }

    fn mismatch(&mut self, here: Place, parts: &mut Vec<Part>) {
        self.ended = true;
        parts.extend(self.entry.take().map(|open| Part::Entry(open.place, open.text)));
        parts.push(Part::Broken(here, "a bracket closes what it did not open"));
    }

    fn keep_frame(&mut self, byte: u8) {
        // One byte more than the limit tells a frame that is too long from one that just fits.
        if self.frame.len() <= self.limit {
            self.frame.push(byte);
        }
    }

    /// Follows strings and brackets; `false` when a bracket closes another.
    fn follow(&mut self, byte: u8) -> bool {
        if self.in_string {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = false;
                self.naming = false;
                return true;
            }
            if self.naming && self.name.len() <= self.limit {
                self.name.push(byte);
            }
            return true;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.naming = self.open.len() == 1;
                if self.naming {
                    self.name.clear();
                }
            }
            b'{' => self.open.push(true),
            b'[' => self.open.push(false),
            b'}' | b']' => return self.open.pop() == Some(byte == b'}'),
            _ => {}
        }
        true
    }
}
