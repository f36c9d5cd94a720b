//! A value of a data type, and what is read of it.

use ehr_types::{Date, DateTime, Decimal, Finding, SourceLocation};

use super::{Reading, says};
use crate::view::Node;

/// A value of a data type at any level, as it is converted.
#[derive(Clone, Copy)]
pub(in crate::convert) struct At<'r> {
    pub(super) node: Node<'r>,
    pub(super) reading: &'r Reading<'r>,
}

impl<'r> At<'r> {
    /// The part of a number, from 1.
    pub(in crate::convert) fn part(&self, number: u32) -> Self {
        Self {
            node: self.node.part(number),
            reading: self.reading,
        }
    }

    pub(in crate::convert) fn node(&self) -> Node<'r> {
        self.node
    }

    /// Number of the last part that is written.
    pub(in crate::convert) fn part_count(&self) -> u32 {
        self.node.part_count()
    }

    pub(in crate::convert) fn is_empty(&self) -> bool {
        self.node.is_empty()
    }

    /// Whether the sender asks to delete (`""`), in the whole or as the only part.
    pub(in crate::convert) fn is_null(&self) -> bool {
        self.node.is_null()
    }

    /// Whether something other than null is written, in whatever part.
    pub(in crate::convert) fn has_text(&self) -> bool {
        self.node.has_text() && self.node.raw().iter().any(u8::is_ascii_graphic)
            || !self.node.raw().is_ascii() && !self.node.raw().is_empty()
    }

    /// Whether a letter or a figure is written, so that it says something: null (`""`) alone, in all parts, does not.
    pub(in crate::convert) fn says(&self) -> bool {
        says(self.node.raw())
    }

    /// Notes that the whole was carried over.
    pub(in crate::convert) fn mark(&self) {
        if !self.node.is_absent() {
            self.reading.mark(self.node.span(), true);
        }
    }

    /// Notes that what was read has not gone into a record after all: it is residual.
    pub(in crate::convert) fn leave(&self) {
        if !self.node.is_absent() {
            self.reading.mark(self.node.span(), false);
        }
    }

    /// All that is written in all parts, in one line.
    pub(in crate::convert) fn phrase(&self) -> Option<String> {
        let parts = (1..=self.part_count()).map(|number| self.part(number));
        let leaves = parts.flat_map(|part| (1..=part.part_count()).map(move |number| part.part(number)));
        let words: Vec<String> = leaves.filter_map(|leaf| leaf.text()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// Null, taken as read.
    pub(in crate::convert) fn take_null(&self) -> bool {
        let null = self.is_null();
        if null {
            self.mark();
        }
        null
    }

    /// The whole text, blanks around it aside; `None` when nothing or null is written.
    pub(in crate::convert) fn text(&self) -> Option<String> {
        let text = self.peek()?;
        self.mark();
        Some(text)
    }

    /// The text as [`text`](Self::text) gives it, without taking it as read.
    pub(in crate::convert) fn peek(&self) -> Option<String> {
        let text = self.node.some_text()?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The first leaf, whatever the sender wrote behind it.
    pub(in crate::convert) fn leaf(&self) -> Self {
        self.part(1).part(1)
    }

    /// The text of the first leaf.
    pub(in crate::convert) fn code(&self) -> Option<String> {
        self.leaf().text()
    }

    /// The text of the first leaf, without taking it as read.
    pub(in crate::convert) fn peek_code(&self) -> Option<String> {
        self.leaf().peek()
    }

    /// DTM, TS, DT: the time, in the zone of the message where it states none. A text that is no time gets a finding and
    /// stays in the residual.
    pub(in crate::convert) fn time(&self) -> Option<DateTime> {
        let leaf = self.leaf();
        let text = leaf.peek()?;
        let time = DateTime::parse_hl7(&text).or_else(|_| DateTime::parse_any(&text));
        match time {
            Ok(time) => {
                leaf.mark();
                Some(time.with_default_offset(self.reading.offset))
            }
            Err(_) => {
                leaf.warn("v2.time.unread", "not a time of HL7 v2; the text is kept");
                None
            }
        }
    }

    /// The day of a time. The hour has no place beside it: the whole stays in the residual, too.
    pub(in crate::convert) fn date(&self) -> Option<Date> {
        let date = self.time()?.date();
        let text = self.leaf().peek().unwrap_or_default();
        let digits = text.bytes().take_while(u8::is_ascii_digit);
        if digits.skip("YYYYMMDD".len()).any(|digit| digit != b'0') {
            self.leaf().leave();
        }
        Some(date)
    }

    /// NM: the number with its digits. A text that is no number gets a finding and stays in the residual.
    pub(in crate::convert) fn decimal(&self) -> Option<Decimal> {
        let leaf = self.leaf();
        let text = leaf.peek()?;
        match Decimal::parse_numeric(&text) {
            Ok(number) => {
                leaf.mark();
                Some(number)
            }
            Err(_) => {
                leaf.warn("v2.number.unread", "not a number; the text is kept");
                None
            }
        }
    }

    /// A whole number; a text that is none stays in the residual.
    pub(in crate::convert) fn unsigned(&self) -> Option<u32> {
        let leaf = self.leaf();
        let number = leaf.peek()?.parse().ok()?;
        leaf.mark();
        Some(number)
    }

    /// Table 0136: `Y` or `N`; any other text stays in the residual.
    pub(in crate::convert) fn yes_no(&self) -> Option<bool> {
        let leaf = self.leaf();
        let answer = match leaf.peek()?.to_ascii_uppercase().as_str() {
            "Y" | "YES" => true,
            "N" | "NO" => false,
            _ => return None,
        };
        leaf.mark();
        Some(answer)
    }

    pub(in crate::convert) fn location(&self) -> SourceLocation {
        let path = self.node.path().to_string();
        if self.node.is_absent() {
            return self.reading.relocate(&SourceLocation::new(path));
        }
        self.reading.location(&path, self.node.span())
    }

    /// Notes something about the place.
    pub(in crate::convert) fn warn(&self, code: &'static str, message: &'static str) {
        self.reading
            .note(Finding::warning(code, self.location(), message));
    }
}
