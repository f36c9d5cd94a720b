//! What is noticed about texts: their character set, control characters and escape sequences.

use ehr_types::{Finding, Span};

use super::Inspection;
use crate::charset::Charset;
use crate::escape::{Piece, pieces};
use crate::view::{Field, Subcomponent};

impl<'m> Inspection<'m> {
    pub(super) fn charset(&mut self) {
        let message = self.message;
        let Some(header) = message.header() else { return };
        let field = header.field(18);
        for name in field.repetitions() {
            let known = std::str::from_utf8(name.raw())
                .ok()
                .is_some_and(|text| Charset::from_name(text.trim()).is_some());
            if name.has_text() && !known && message.options().charset.is_none() {
                let location = name.location();
                self.add(|| {
                    Finding::warning(
                        "v2.charset.unknown",
                        location,
                        "the character set is not known or not supported",
                    )
                });
            }
        }
        if message.contradicts_charset() {
            let location = field.location();
            let is_overruled = message.declared_charset() != Some(message.charset());
            self.add(|| {
                Finding::warning(
                    "v2.charset.contradicted",
                    location,
                    if is_overruled {
                        "MSH-18 names another character set, but the bytes are UTF-8; they are read as that"
                    } else {
                        "MSH-18 names another character set, but most bytes beyond ASCII are UTF-8; they are read as MSH-18 says"
                    },
                )
            });
        }
        let declared = message.options().charset.is_some() || message.declared_charset().is_some();
        if !message.index.plain && !declared && !message.has_utf8_mark() {
            let stated = field.location();
            let location = if stated.span.is_some() {
                stated
            } else {
                message.location(&field.path(), header.span())
            };
            self.add(|| {
                Finding::warning(
                    "v2.charset.undeclared",
                    location,
                    "there are characters beyond ASCII, and MSH-18 names no known character set",
                )
            });
        }
    }

    /// One finding a line: the first place is enough to look there.
    pub(super) fn control_characters(&mut self, text: &[u8]) {
        let is_control = |byte: &u8| matches!(byte, 0..=8 | 0x0e..=0x1a | 0x1d..=0x1f | 0x7f);
        let start = self.message.content().start;
        let mut line = 0;
        while let Some(rest) = text.get(line..).filter(|_| !self.is_full()) {
            let Some(at) = rest.iter().position(is_control) else {
                return;
            };
            let end = rest
                .iter()
                .skip(at)
                .position(|byte| matches!(byte, b'\r' | b'\n'));
            let found = start + line + at;
            line = end.map_or(text.len(), |end| line + at + end);
            let location = self.at(Span::new(found, found + 1));
            self.add(|| {
                Finding::warning(
                    "v2.value.control",
                    location,
                    "a control character, which no text has, stands in a value; it is kept as it is",
                )
            });
        }
    }

    /// A field with characters beyond ASCII or escape sequences.
    pub(super) fn field(&mut self, field: Field<'m>) {
        let leaves = field
            .repetitions()
            .flat_map(|repetition| repetition.components())
            .flat_map(|component| component.subcomponents());
        for leaf in leaves {
            if self.is_full() {
                return;
            }
            self.leaf(leaf);
        }
    }

    fn leaf(&mut self, leaf: Subcomponent<'m>) {
        let raw = leaf.raw();
        let charset = || self.message.charset();
        if !raw.is_ascii() {
            let charset = charset();
            let misread = charset.decode(raw).is_none();
            if misread {
                let location = leaf.location();
                self.add(|| {
                    Finding::error(
                        "v2.charset.invalid",
                        location,
                        "the bytes are not text in the declared character set",
                    )
                });
            }
        }
        let text = leaf.escaped();
        let same_bytes = text.len() == raw.len();
        let mut at = 0;
        let mut reported = [false; 4];
        for piece in pieces(&text, self.message.delimiters()) {
            let source = piece.source();
            let from = at;
            at += source.len();
            let (slot, code, note) = match piece {
                Piece::Stray(_) => (
                    0,
                    "v2.escape.stray",
                    "an escape character begins no escape sequence; it is taken as text",
                ),
                Piece::Unknown(_) => (
                    1,
                    "v2.escape.unknown",
                    "the escape sequence is not defined; it is kept as it is",
                ),
                Piece::Charset(_) => (
                    2,
                    "v2.escape.charset",
                    "a switch of the character set inside of a text is not read; it is kept",
                ),
                // Bytes of one character may be spread over sequences, so only lone ASCII is certain here.
                Piece::Hex(digits, _) if !self.hex_reads(digits) => (
                    3,
                    "v2.escape.hex",
                    "hexadecimal bytes may be no text in the character set; these are kept as they are",
                ),
                _ => continue,
            };
            // One finding a leaf and kind is enough to look there.
            if reported
                .get_mut(slot)
                .is_none_or(|done| std::mem::replace(done, true))
            {
                continue;
            }
            let span = if same_bytes {
                Span::new(leaf.span().start + from, leaf.span().start + at)
            } else {
                leaf.span()
            };
            let location = self.message.location(&leaf.path(), span);
            self.add(|| Finding::warning(code, location, note));
        }
    }

    fn hex_reads(&self, digits: &str) -> bool {
        self.message.options().hex.reads(digits, &self.message.charset())
    }
}
