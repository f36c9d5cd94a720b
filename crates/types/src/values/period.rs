//! Spans of time.

use serde::{Deserialize, Serialize};

use crate::debug_shape;
use crate::time::{DateTime, TimeRelation};

/// From a time to a time, either of which may be open: FHIR [Period](https://hl7.org/fhir/R4/datatypes.html#Period),
/// C-CDA IVL_TS, HL7 v2 DR. Both ends are inclusive at their own precision.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Period {
    /// When it begins; `None` when not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<DateTime>,
    /// When it ends; `None` when it goes on or is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<DateTime>,
}

debug_shape!(Period);

impl Period {
    /// A period from `start` to `end`.
    pub fn new(start: Option<DateTime>, end: Option<DateTime>) -> Self {
        Self { start, end }
    }

    /// Whether neither end is known.
    pub fn is_empty(&self) -> bool {
        self.start.is_none() && self.end.is_none()
    }

    /// Whether the two can share a moment; an open end reaches for ever.
    pub fn overlaps(&self, other: &Self) -> bool {
        let ends_before = |a: &Self, b: &Self| match (&a.end, &b.start) {
            (Some(end), Some(start)) => end.relation(start) == TimeRelation::Before,
            _ => false,
        };
        !ends_before(self, other) && !ends_before(other, self)
    }
}
