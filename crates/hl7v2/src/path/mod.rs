//! Paths: `PID-5[1].1.2`, as people write them.

mod parse;

use std::fmt;

use crate::error::PathError;
use crate::segment_id::SegmentId;
use parse::{read_bracket, read_segment, read_step, split_groups};

/// A place in a message: a segment, and down from there a field, repetition, component and
/// subcomponent, all counted from 1.
///
/// Written `PID-5[2].1.3`: segment, field, `[repetition]`, component, subcomponent. A segment that
/// occurs several times takes its occurrence: `OBX[2]-5`. Also read are `PID.5.1`, `PID-5-1` and
/// `PID-5(2).1`. `*[7]` is the seventh segment whatever its name. Groups of the message structure
/// may stand before the segment: `ORDER_OBSERVATION[2]/OBX[1]-5`.
///
/// A path allocates nothing. The text of one known at compile time is checked there by
/// [`path!`](crate::path!).
///
/// ```
/// use ehr_hl7v2::{path, Path};
/// let name = Path::parse("PID.5.1")?;
/// assert_eq!(name.to_string(), "PID-5.1");
/// assert_eq!(name, path!("PID-5.1"));
/// assert_eq!((name.field(), name.repetition(), name.component()), (Some(5), None, Some(1)));
/// assert!(Path::parse("PID-x").is_err());
/// # Ok::<(), ehr_hl7v2::PathError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path<'p> {
    pub(crate) groups: &'p str,
    pub(crate) segment: SegmentId,
    pub(crate) occurrence: u32,
    pub(crate) field: u32,
    pub(crate) repetition: u32,
    pub(crate) component: u32,
    pub(crate) subcomponent: u32,
}

/// A [`Path`] whose text is checked when the program is compiled.
///
/// ```
/// use ehr_hl7v2::path;
/// assert_eq!(path!("PID-3[2].4.1").repetition(), Some(2));
/// ```
///
/// ```compile_fail
/// ehr_hl7v2::path!("PID-0");
/// ```
#[macro_export]
macro_rules! path {
    ($text:literal) => {
        const {
            match $crate::Path::parse($text) {
                Ok(path) => path,
                Err(_) => panic!(concat!("not an HL7 v2 path: ", $text)),
            }
        }
    };
}

impl<'p> Path<'p> {
    /// The path to a segment: its `occurrence`th (from 1) of that name.
    pub const fn of_segment(segment: SegmentId, occurrence: u32) -> Path<'static> {
        Path {
            groups: "",
            segment,
            occurrence,
            field: 0,
            repetition: 0,
            component: 0,
            subcomponent: 0,
        }
    }

    /// Reads a path.
    ///
    /// # Errors
    /// When the text is not a path; the error says at which offset.
    pub const fn parse(text: &'p str) -> Result<Self, PathError> {
        let bytes = text.as_bytes();
        let (groups, at) = match split_groups(text) {
            Ok(split) => split,
            Err(error) => return Err(error),
        };
        let (segment, at) = match read_segment(bytes, at) {
            Ok(read) => read,
            Err(error) => return Err(error),
        };
        let mut path = Path {
            groups,
            segment,
            occurrence: 0,
            field: 0,
            repetition: 0,
            component: 0,
            subcomponent: 0,
        };
        let at = match read_bracket(bytes, at) {
            Ok((number, at)) => {
                path.occurrence = number;
                at
            }
            Err(error) => return Err(error),
        };
        let at = match read_step(bytes, at) {
            Ok((number, at)) => {
                path.field = number;
                at
            }
            Err(error) => return Err(error),
        };
        let at = if path.field == 0 {
            at
        } else {
            match read_bracket(bytes, at) {
                Ok((number, at)) => {
                    path.repetition = number;
                    at
                }
                Err(error) => return Err(error),
            }
        };
        let at = match read_step(bytes, at) {
            Ok((number, at)) => {
                path.component = number;
                at
            }
            Err(error) => return Err(error),
        };
        let at = match read_step(bytes, at) {
            Ok((number, at)) => {
                path.subcomponent = number;
                at
            }
            Err(error) => return Err(error),
        };
        if at < bytes.len() {
            return Err(PathError::Trailing { at });
        }
        Ok(path)
    }

    /// The steps through groups, with the `/` between them; empty when there are none.
    pub const fn groups(&self) -> &'p str {
        self.groups
    }

    /// Each step through a group: its name and which occurrence (1 where none is written).
    pub fn group_steps(&self) -> impl Iterator<Item = (&'p str, u32)> + use<'p> {
        self.groups
            .split('/')
            .filter(|step| !step.is_empty())
            .map(|step| {
                let (name, number) = step.split_once(['[', '(']).unwrap_or((step, ""));
                (name, number.trim_end_matches([']', ')']).parse().unwrap_or(1))
            })
    }

    /// The name of the segment.
    pub const fn segment(&self) -> SegmentId {
        self.segment
    }

    /// Which occurrence of the segment, where the path says so.
    pub const fn occurrence(&self) -> Option<u32> {
        given(self.occurrence)
    }

    /// The number of the field, where the path goes that deep.
    pub const fn field(&self) -> Option<u32> {
        given(self.field)
    }

    /// Which repetition of the field, where the path says so.
    pub const fn repetition(&self) -> Option<u32> {
        given(self.repetition)
    }

    /// The number of the component, where the path goes that deep.
    pub const fn component(&self) -> Option<u32> {
        given(self.component)
    }

    /// The number of the subcomponent, where the path goes that deep.
    pub const fn subcomponent(&self) -> Option<u32> {
        given(self.subcomponent)
    }

    /// The same path without the groups before the segment.
    pub const fn without_groups(self) -> Path<'static> {
        Path {
            groups: "",
            segment: self.segment,
            occurrence: self.occurrence,
            field: self.field,
            repetition: self.repetition,
            component: self.component,
            subcomponent: self.subcomponent,
        }
    }

    /// The path to a field of this path's segment.
    #[must_use]
    pub const fn with_field(self, field: u32) -> Self {
        Path {
            field,
            repetition: 0,
            component: 0,
            subcomponent: 0,
            ..self
        }
    }

    /// The path to a repetition of this path's field.
    #[must_use]
    pub const fn with_repetition(self, repetition: u32) -> Self {
        Path {
            repetition,
            component: 0,
            subcomponent: 0,
            ..self
        }
    }

    /// The path to a component of this path's field or repetition.
    #[must_use]
    pub const fn with_component(self, component: u32) -> Self {
        Path {
            component,
            subcomponent: 0,
            ..self
        }
    }

    /// The path to a subcomponent of this path's component.
    #[must_use]
    pub const fn with_subcomponent(self, subcomponent: u32) -> Self {
        Path { subcomponent, ..self }
    }
}

const fn given(number: u32) -> Option<u32> {
    if number == 0 { None } else { Some(number) }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.groups.is_empty() {
            write!(f, "{}/", self.groups)?;
        }
        write!(f, "{}", self.segment)?;
        if self.occurrence != 0 {
            write!(f, "[{}]", self.occurrence)?;
        }
        if self.field != 0 {
            write!(f, "-{}", self.field)?;
        }
        if self.repetition != 0 {
            write!(f, "[{}]", self.repetition)?;
        }
        if self.component != 0 {
            write!(f, ".{}", self.component)?;
        }
        if self.subcomponent != 0 {
            write!(f, ".{}", self.subcomponent)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'p> TryFrom<&'p str> for Path<'p> {
    type Error = PathError;

    fn try_from(text: &'p str) -> Result<Self, PathError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_in_every_spelling() {
        for (text, canonical) in [
            ("PID", "PID"),
            ("pid-5", "PID-5"),
            ("PID.5.1", "PID-5.1"),
            ("PID-5-1-2", "PID-5.1.2"),
            ("PID-5(2).1", "PID-5[2].1"),
            ("OBX[2]-5[1].1", "OBX[2]-5[1].1"),
            ("OBX(2).5", "OBX[2]-5"),
            ("ZPAS-1", "ZPAS-1"),
            ("*[7]-1", "*[7]-1"),
            ("ORDER_OBSERVATION[2]/OBX[1]-5", "ORDER_OBSERVATION[2]/OBX[1]-5"),
            (
                "PATIENT_RESULT/ORDER_OBSERVATION/OBX-5",
                "PATIENT_RESULT/ORDER_OBSERVATION/OBX-5",
            ),
        ] {
            let path = Path::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(path.to_string(), canonical);
            assert_eq!(Path::parse(canonical), Ok(path), "canonical form reads back");
        }
    }

    #[test]
    fn what_is_no_path_is_refused_with_a_place() {
        for (text, error) in [
            ("", PathError::Segment { at: 0 }),
            ("P", PathError::Segment { at: 0 }),
            ("PID-", PathError::Number { at: 4 }),
            ("PID-0", PathError::Number { at: 4 }),
            ("PID-4294967296", PathError::Number { at: 4 }),
            ("PID-5[1", PathError::Bracket { at: 5 }),
            ("PID-5[]", PathError::Number { at: 6 }),
            ("PID-5.1.2.3", PathError::Trailing { at: 9 }),
            ("/PID-5", PathError::Segment { at: 0 }),
            ("A//PID-5", PathError::Segment { at: 2 }),
            ("PID 5", PathError::Trailing { at: 3 }),
        ] {
            assert_eq!(Path::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn group_steps_are_taken_apart() {
        let path = Path::parse("PATIENT_RESULT/ORDER_OBSERVATION[2]/OBX-5").unwrap();
        assert_eq!(
            path.group_steps().collect::<Vec<_>>(),
            [("PATIENT_RESULT", 1), ("ORDER_OBSERVATION", 2)]
        );
    }
}
