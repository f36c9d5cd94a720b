//! The index over a message: segment lines and the marks of their separators.

use crate::charset::{Charset, Shape};
use crate::delimiters::Delimiters;
use crate::envelope::is_header;
use crate::scan::{self, Block};
use crate::segment_id::SegmentId;

/// One segment line, without its terminator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) id: SegmentId,
}

/// Everything parsing finds out; offsets are into the whole buffer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    blocks: Vec<Block>,
    pub(crate) lines: Vec<Line>,
    /// No byte has its high bit set and no ISO 2022 escape occurs: text needs no decoding.
    pub(crate) plain: bool,
}

impl Index {
    /// Indexes `bytes[start..end]`.
    pub(crate) fn new(bytes: &[u8], start: usize, end: usize, delimiters: &Delimiters) -> Self {
        let mut index = Self::default();
        let content = bytes.get(start..end).unwrap_or_default();
        let has_cr = memchr::memchr(b'\r', content).is_some();
        let mut lines = Vec::with_capacity(content.len() / 64 + 4);
        let mut line_start = start;
        let mut escape = false;
        let seen = scan::scan(bytes, delimiters, &mut index.blocks, |at| {
            if at < line_start || at >= end {
                return;
            }
            match bytes.get(at) {
                Some(b'\r') => {
                    push_line(&mut lines, bytes, line_start, at, delimiters.field);
                    line_start = at + 1;
                }
                Some(b'\n') => {
                    if at == line_start {
                        line_start = at + 1;
                    } else if !has_cr || segment_follows(bytes, at + 1, end, delimiters.field) {
                        push_line(&mut lines, bytes, line_start, at, delimiters.field);
                        line_start = at + 1;
                    }
                }
                Some(0x1b) => escape = true,
                _ => {}
            }
        });
        push_line(&mut lines, bytes, line_start, end, delimiters.field);
        index.lines = lines;
        // A byte order mark before the header is no text.
        index.plain = !escape && (!seen.non_ascii || (start > 0 && content.is_ascii()));
        index.clear_declarations();
        index
    }

    /// Indexes one segment line, whatever bytes it holds.
    pub(crate) fn of_line(line: &[u8], delimiters: &Delimiters) -> Self {
        let mut index = Self::default();
        scan::scan(line, delimiters, &mut index.blocks, |_| {});
        index.lines = vec![Line {
            start: 0,
            end: line.len() as u32,
            id: line_id(line, delimiters.field),
        }];
        index.clear_declarations();
        index
    }

    /// The name that a segment line begins with.
    pub(crate) fn of_line_id(line: &[u8], field: u8) -> SegmentId {
        line_id(line, field)
    }

    /// What a header declares divides nothing there: fields 1 and 2 have no parts. Field 1 is the
    /// first field separator of the line, wherever it stands, field 2 what follows it.
    ///
    /// This holds of every header in the source, also of one that declares something else: all lines
    /// are divided by the delimiters of the first.
    fn clear_declarations(&mut self) {
        for number in 0..self.lines.len() {
            let Some(line) = self.lines.get(number).copied() else {
                return;
            };
            if line.id.is_header()
                && let Some(field) = self.nth_field(line.start, line.end, 1)
            {
                self.clear_inner(field, self.next_field(field + 1, line.end));
            }
        }
    }

    fn clear_inner(&mut self, from: u32, to: u32) {
        for at in from..to {
            if let Some(block) = self.blocks.get_mut(at as usize / 64) {
                block.inner &= !(1 << (at % 64));
            }
        }
    }

    /// Takes away the marks on bytes that are parts of multi-byte characters.
    pub(crate) fn clear_multibyte(&mut self, bytes: &[u8], charset: &Charset) {
        match charset.shape() {
            Shape::AsciiSafe => return,
            Shape::DoubleByte {
                first_lead,
                first_single,
                last_single,
            } => {
                let mut rest = bytes.iter().enumerate();
                while let Some((_, byte)) = rest.next() {
                    let lead =
                        *byte >= first_lead && *byte != 0xff && !(first_single..=last_single).contains(byte);
                    if lead && let Some((at, _)) = rest.next() {
                        self.clear(at);
                    }
                }
            }
            Shape::Iso2022 => {
                let mut wide = false;
                let mut at = 0;
                while let Some(byte) = bytes.get(at) {
                    match byte {
                        0x1b => match bytes.get(at + 1..at + 3) {
                            Some([b'$', _]) => wide = true,
                            Some([b'(', _]) => wide = false,
                            _ => {}
                        },
                        b'\r' | b'\n' => wide = false,
                        _ if wide => self.clear(at),
                        _ => {}
                    }
                    // The two bytes after an escape announce a set; they are no separators.
                    if *byte == 0x1b {
                        self.clear(at + 1);
                        self.clear(at + 2);
                        at += 2;
                    }
                    at += 1;
                }
            }
        }
        // With fewer field separators, what a header declares may reach further.
        self.clear_declarations();
    }

    fn clear(&mut self, at: usize) {
        if let Some(block) = self.blocks.get_mut(at / 64) {
            block.field &= !(1 << (at % 64));
            block.inner &= !(1 << (at % 64));
        }
    }

    /// Offset of the first field separator in `from..end`, or `end`.
    #[inline]
    pub(crate) fn next_field(&self, from: u32, end: u32) -> u32 {
        self.nth_field(from, end, 1).unwrap_or(end)
    }

    /// Offsets of the separators below the field in `from..end`.
    #[inline]
    pub(crate) fn inner(&self, from: u32, end: u32) -> Marks<'_> {
        let last = end.saturating_sub(1) / 64;
        let blocks = if from < end {
            self.blocks.get(from as usize / 64..=last as usize)
        } else {
            None
        };
        let mut blocks = blocks.unwrap_or_default().iter();
        let word = blocks
            .next()
            .map_or(0, |block| block.inner & (u64::MAX << (from % 64)));
        Marks {
            blocks,
            word,
            base: from / 64 * 64,
            end,
        }
    }

    /// Offset of the `n`th (from 1) field separator in `from..end`.
    #[inline]
    pub(crate) fn nth_field(&self, from: u32, end: u32, n: u32) -> Option<u32> {
        if from >= end || n == 0 {
            return None;
        }
        let first = from / 64;
        let mut mask = u64::MAX << (from % 64);
        let last = (end - 1) / 64;
        let mut left = n;
        let blocks = self.blocks.get(first as usize..=last as usize)?;
        for (number, block) in (first..).zip(blocks) {
            let mut word = block.field & mask;
            mask = u64::MAX;
            if word == 0 {
                continue;
            }
            let count = word.count_ones();
            if count < left {
                left -= count;
                continue;
            }
            for _ in 1..left {
                word &= word.wrapping_sub(1);
            }
            let at = number * 64 + word.trailing_zeros();
            return (at < end).then_some(at);
        }
        None
    }

    /// How many field separators stand in `from..end`.
    pub(crate) fn count_fields(&self, from: u32, end: u32) -> u32 {
        if from >= end {
            return 0;
        }
        let (first, last) = (from / 64, (end - 1) / 64);
        let Some(blocks) = self.blocks.get(first as usize..=last as usize) else {
            return 0;
        };
        let mut mask = u64::MAX << (from % 64);
        let mut count = 0;
        for (number, block) in (first..).zip(blocks) {
            if number == last {
                mask &= u64::MAX >> (63 - (end - 1) % 64);
            }
            count += (block.field & mask).count_ones();
            mask = u64::MAX;
        }
        count
    }
}

/// Offsets of separators below the field; see [`Index::inner`].
#[derive(Clone)]
pub(crate) struct Marks<'i> {
    blocks: std::slice::Iter<'i, Block>,
    word: u64,
    base: u32,
    end: u32,
}

impl Iterator for Marks<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        while self.word == 0 {
            self.word = self.blocks.next()?.inner;
            self.base += 64;
        }
        let at = self.base + self.word.trailing_zeros();
        self.word &= self.word - 1;
        (at < self.end).then_some(at)
    }
}

/// Adds the line `start..end`, unless it is blank; leading spaces are not part of a segment.
#[inline]
fn push_line(lines: &mut Vec<Line>, bytes: &[u8], start: usize, end: usize, field: u8) {
    let Some(line) = bytes.get(start..end) else { return };
    let blank = line
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | 0x0b))
        .count();
    if blank == line.len() {
        return;
    }
    let line = line.get(blank..).unwrap_or_default();
    lines.push(Line {
        start: (start + blank) as u32,
        end: end as u32,
        id: line_id(line, field),
    });
}

/// The name that a line begins with.
#[inline]
fn line_id(line: &[u8], field: u8) -> SegmentId {
    let id = match line {
        [b'B' | b'F' | b'M', ..] if is_header(line) => line.get(..3).and_then(SegmentId::from_bytes),
        [a, b, c] => SegmentId::from_bytes(&[*a, *b, *c]),
        [a, b, c, end, ..] if *end == field => SegmentId::from_bytes(&[*a, *b, *c]),
        [a, b, c, d, end, ..] if *end == field => SegmentId::from_bytes(&[*a, *b, *c, *d]),
        _ => None,
    };
    id.unwrap_or(SegmentId::UNKNOWN)
}

/// Whether a lone LF in a message that ends its segments with CR still ends one: a segment, a
/// blank line or nothing follows. Otherwise the LF is part of a value.
fn segment_follows(bytes: &[u8], at: usize, end: usize, field: u8) -> bool {
    let rest = bytes.get(at..end).unwrap_or_default();
    let upper = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    match rest {
        [] | [b'\r' | b'\n' | 0x1c, ..] => true,
        [b'B' | b'F' | b'M', ..] if is_header(rest) => true,
        [a, b, c] => a.is_ascii_uppercase() && upper(b) && upper(c),
        [a, b, c, d, tail @ ..] => {
            let ends = |byte: &u8| *byte == field || matches!(byte, b'\r' | b'\n');
            a.is_ascii_uppercase()
                && upper(b)
                && upper(c)
                && (ends(d) || (upper(d) && tail.first().is_some_and(|byte| *byte == field)))
        }
        _ => false,
    }
}
