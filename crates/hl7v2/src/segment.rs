//! Views of segments.

use std::fmt;
use std::ops::Range;

use ehr_types::{SourceLocation, Span};

use crate::message::Message;
use crate::path::Path;
use crate::segment_id::SegmentId;
use crate::view::{Field, Place, Slot};

/// One segment of a message.
///
/// Fields are counted from 1, as in the standard. In MSH, FHS and BHS, field 1 is the field
/// separator itself and field 2 the encoding characters.
#[derive(Clone, Copy)]
pub struct Segment<'m> {
    message: &'m Message<'m>,
    position: u32,
    start: u32,
    end: u32,
    id: SegmentId,
}

impl<'m> Segment<'m> {
    #[inline]
    pub(crate) fn new(message: &'m Message<'m>, position: u32) -> Self {
        let (start, end, id) = message
            .line(position)
            .map_or((0, 0, SegmentId::UNKNOWN), |line| (line.start, line.end, line.id));
        Self {
            message,
            position,
            start,
            end,
            id,
        }
    }

    /// The name; [`SegmentId::UNKNOWN`] when the line begins with none.
    pub fn id(&self) -> SegmentId {
        self.id
    }

    /// The position in the message, from 0.
    pub fn position(&self) -> usize {
        self.position as usize
    }

    /// Which segment of its name this is, from 1.
    pub fn occurrence(&self) -> u32 {
        self.message.occurrence(self.position)
    }

    /// The message that this is a segment of.
    pub fn message(&self) -> &'m Message<'m> {
        self.message
    }

    /// The bytes of the line, without its terminator.
    pub fn raw(&self) -> &'m [u8] {
        self.message.slice(self.start, self.end)
    }

    /// The range of its bytes.
    pub fn span(&self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }

    /// The path: `PID`, `OBX[2]`.
    pub fn path(&self) -> Path<'static> {
        let occurrence = self.occurrence();
        let shown = if occurrence == 1 && !self.id.is_unknown() {
            0
        } else {
            occurrence
        };
        Path::of_segment(self.id, shown)
    }

    /// Path, range, line and column.
    pub fn location(&self) -> SourceLocation {
        self.message.location(&self.path(), self.span())
    }

    /// How many fields are written; those beyond are absent.
    pub fn field_count(&self) -> u32 {
        let separators = self.message.index.count_fields(self.start, self.end);
        if self.id.is_header() && separators > 0 {
            separators + 1
        } else {
            separators
        }
    }

    /// The field of a number, from 1; absent when the segment ends before it.
    #[inline]
    pub fn field(&self, number: u32) -> Field<'m> {
        let (message, index) = (self.message, &self.message.index);
        let place = Place {
            segment: self.position,
            field: number,
            repetition: 0,
            component: 0,
            subcomponent: 0,
        };
        let nth = if self.id.is_header() {
            if number == 1 {
                let start = index.nth_field(self.start, self.end, 1);
                return Field::new(Slot::optional(
                    message,
                    start.map(|start| (start, start + 1)),
                    place,
                ));
            }
            number.saturating_sub(1)
        } else {
            number
        };
        let start = index
            .nth_field(self.start, self.end, nth)
            .map(|separator| separator + 1);
        let range = start.map(|start| (start, index.next_field(start, self.end)));
        Field::new(Slot::optional(message, range, place))
    }

    /// The fields that are written, in order.
    pub fn fields(&self) -> impl Iterator<Item = Field<'m>> + use<'m> {
        let segment = *self;
        let mut next = Some((1, segment.start));
        std::iter::from_fn(move || {
            let (number, from) = next?;
            let field = if number == 1 || (number == 2 && segment.id.is_header()) {
                segment.field(number)
            } else {
                let end = segment.message.index.next_field(from, segment.end);
                let place = Place {
                    segment: segment.position,
                    field: number,
                    repetition: 0,
                    component: 0,
                    subcomponent: 0,
                };
                Field::new(Slot {
                    message: segment.message,
                    start: from,
                    end,
                    present: true,
                    place,
                })
            };
            if field.is_absent() {
                next = None;
                return None;
            }
            let end = field.0.end;
            // Field 1 of a header is the separator itself: the next field begins right after it.
            let separator = if number == 1 && segment.id.is_header() {
                end - 1
            } else {
                end
            };
            next = (separator < segment.end).then_some((number + 1, separator + 1));
            Some(field)
        })
    }

    #[inline]
    pub(crate) fn slot(&self) -> Slot<'m> {
        let place = Place {
            segment: self.position,
            field: 0,
            repetition: 0,
            component: 0,
            subcomponent: 0,
        };
        Slot {
            message: self.message,
            start: self.start,
            end: self.end,
            present: true,
            place,
        }
    }

    pub(crate) fn path_at(&self, offset: u32) -> Path<'static> {
        let index = &self.message.index;
        let before = index.count_fields(self.start, offset.min(self.end));
        let header = self.id.is_header();
        let at_first =
            header && before == 0 && index.next_field(self.start, self.end) == offset && offset < self.end;
        let number = if at_first {
            1
        } else if header && before > 0 {
            before + 1
        } else {
            before
        };
        if number == 0 {
            return self.path();
        }
        self.field(number).path_at(offset)
    }
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.path(), self.end - self.start)
    }
}

/// Segments in order; see [`Message::segments`].
#[derive(Clone)]
pub struct Segments<'m> {
    message: &'m Message<'m>,
    range: Range<u32>,
}

impl<'m> Segments<'m> {
    pub(crate) fn new(message: &'m Message<'m>, range: Range<u32>) -> Self {
        Self { message, range }
    }
}

impl<'m> Iterator for Segments<'m> {
    type Item = Segment<'m>;

    fn next(&mut self) -> Option<Segment<'m>> {
        self.range
            .next()
            .map(|position| Segment::new(self.message, position))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl DoubleEndedIterator for Segments<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.range
            .next_back()
            .map(|position| Segment::new(self.message, position))
    }
}

impl ExactSizeIterator for Segments<'_> {}

impl fmt::Debug for Segments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segments({})", self.range.len())
    }
}
