//! What all views are made of: a range of bytes and the place it stands for.

use std::borrow::Cow;

use ehr_types::Span;

use crate::escape::unescape_as;
use crate::index::Marks;
use crate::message::Message;
use crate::path::Path;
use crate::segment::Segment;
use crate::value::Value;

/// Where a slot stands; 0 where the path does not go that deep.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) segment: u32,
    pub(crate) field: u32,
    pub(crate) repetition: u32,
    pub(crate) component: u32,
    pub(crate) subcomponent: u32,
}

/// What all views are: a range of bytes and the place it stands for.
#[derive(Clone, Copy)]
pub(crate) struct Slot<'m> {
    pub(crate) message: &'m Message<'m>,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) present: bool,
    pub(crate) place: Place,
}

impl<'m> Slot<'m> {
    #[inline]
    pub(crate) fn optional(message: &'m Message<'m>, range: Option<(u32, u32)>, place: Place) -> Self {
        match range {
            Some((start, end)) => Self {
                message,
                start,
                end,
                present: true,
                place,
            },
            None => Self {
                message,
                start: 0,
                end: 0,
                present: false,
                place,
            },
        }
    }

    #[inline]
    pub(crate) fn raw(&self) -> &'m [u8] {
        self.message.slice(self.start, self.end)
    }

    pub(crate) fn span(&self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }

    /// Decoded text with escape sequences as they are.
    pub(crate) fn escaped(&self) -> Cow<'m, str> {
        decode(self.message, self.raw())
    }

    pub(crate) fn text(&self) -> Cow<'m, str> {
        let text = self.escaped();
        if self.is_declaration() {
            return text;
        }
        let delimiters = self.message.delimiters();
        let escaped = |escape| memchr::memchr(escape, text.as_bytes()).is_some();
        if !delimiters.escape.is_some_and(escaped) {
            return text;
        }
        let (charset, hex) = (self.message.charset(), self.message.options().hex);
        match text {
            Cow::Borrowed(text) => unescape_as(text, delimiters, &charset, hex),
            Cow::Owned(text) => Cow::Owned(unescape_as(&text, delimiters, &charset, hex).into_owned()),
        }
    }

    pub(crate) fn value(&self) -> Value<'m> {
        match self.raw() {
            _ if !self.present => Value::Absent,
            b"" => Value::Empty,
            b"\"\"" => Value::Null,
            _ => Value::Text(self.text()),
        }
    }

    /// Fields 1 and 2 of a header hold delimiters, not text.
    pub(crate) fn is_declaration(&self) -> bool {
        matches!(self.place.field, 1 | 2)
            && self
                .message
                .line(self.place.segment)
                .is_some_and(|line| line.id.is_header())
    }

    pub(crate) fn path(&self) -> Path<'static> {
        let place = self.place;
        Path {
            field: place.field,
            repetition: place.repetition,
            component: place.component,
            subcomponent: place.subcomponent,
            ..Segment::new(self.message, place.segment).path()
        }
    }

    /// The `n`th part (from 1) between separators of one kind.
    #[inline]
    pub(super) fn part(&self, separator: Option<u8>, n: u32) -> Option<(u32, u32)> {
        if !self.present {
            return None;
        }
        let mut left = n.checked_sub(1)?;
        let mut start = self.start;
        if separator.is_some() {
            for at in self.message.index.inner(self.start, self.end) {
                if self.message.byte(at) == separator {
                    if left == 0 {
                        return Some((start, at));
                    }
                    left -= 1;
                    start = at + 1;
                }
            }
        }
        (left == 0).then_some((start, self.end))
    }

    /// The parts in order.
    pub(super) fn parts(self, separator: Option<u8>) -> Parts<'m> {
        Parts {
            marks: self.message.index.inner(self.start, self.end),
            next: self.present.then_some((1, self.start)),
            slot: self,
            separator,
        }
    }

    /// The number of the part that holds the byte at `offset`.
    pub(super) fn part_at(&self, separator: Option<u8>, offset: u32) -> u32 {
        let parts = self.parts(separator);
        parts
            .take_while(|(_, start, _)| *start <= offset)
            .last()
            .map_or(1, |(number, _, _)| number)
    }
}

/// The parts of a slot between separators of one kind: of each its number, start and end.
#[derive(Clone)]
pub(crate) struct Parts<'m> {
    slot: Slot<'m>,
    separator: Option<u8>,
    marks: Marks<'m>,
    next: Option<(u32, u32)>,
}

impl Iterator for Parts<'_> {
    type Item = (u32, u32, u32);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (number, start) = self.next?;
        let (message, separator) = (self.slot.message, self.separator);
        let end = self
            .marks
            .find(|at| separator.is_some() && message.byte(*at) == separator);
        self.next = end.map(|end| (number + 1, end + 1));
        Some((number, start, end.unwrap_or(self.slot.end)))
    }
}

/// Text of bytes of a message in its character set; in the fallback where they are not in it. Of broken UTF-8, which most often
/// was cut, only the broken bytes are read with that.
pub(crate) fn decode<'m>(message: &'m Message<'m>, raw: &'m [u8]) -> Cow<'m, str> {
    if message.index.plain
        && let Ok(text) = std::str::from_utf8(raw)
    {
        return Cow::Borrowed(text);
    }
    let charset = message.charset();
    if let Some(text) = charset.decode(raw) {
        return text;
    }
    let fallback = message.options().fallback;
    if !charset.is_ascii() && !charset.is_utf8() {
        return fallback.decode_lossy(raw);
    }
    if let Ok(text) = std::str::from_utf8(raw) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(raw.len());
    for chunk in raw.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&fallback.decode_lossy(chunk.invalid()));
    }
    Cow::Owned(text)
}
