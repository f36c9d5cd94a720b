//! IVL_TS: from a time to a time, and the point in time that many senders write in its place.

use ehr_types::{Absent, DateTime, Period, Quantity};

use crate::xml::Element;

/// IVL_TS as written: nothing is derived.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Interval {
    /// `@value`: a point in time.
    pub value: Option<DateTime>,
    /// `low/@value`.
    pub low: Option<DateTime>,
    /// `high/@value`.
    pub high: Option<DateTime>,
    /// `center/@value`.
    pub center: Option<DateTime>,
    /// `width`: how long. It stays unread.
    pub width: Option<Quantity>,
    /// Why the whole is missing.
    pub absent: Option<Absent>,
    /// Why `low` is missing.
    pub low_absent: Option<Absent>,
    /// Why `high` is missing. In C-CDA an unknown `high` says that the thing is over.
    pub high_absent: Option<Absent>,
}

impl std::fmt::Debug for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            (self.value.is_some(), "value"),
            (self.low.is_some(), "low"),
            (self.high.is_some(), "high"),
        ];
        f.debug_set()
            .entries(parts.iter().filter(|(set, _)| *set).map(|(_, name)| name))
            .finish()
    }
}

impl Interval {
    /// Where it begins: `low`, else the point in time, else the centre.
    pub fn start(&self) -> Option<DateTime> {
        self.low.or(self.value).or(self.center)
    }

    /// `low` to `high`; `None` when neither is known.
    pub fn period(&self) -> Option<Period> {
        let period = Period::new(self.low, self.high);
        (!period.is_empty()).then_some(period)
    }

    /// The one point in time that is meant: `@value`, a `center`, or equal bounds.
    pub fn point(&self) -> Option<DateTime> {
        let equal = self.low.filter(|_| self.low == self.high);
        self.value
            .or(equal)
            .or(self.center.filter(|_| self.low.is_none() && self.high.is_none()))
    }

    /// Whether no time was given.
    pub fn is_empty(&self) -> bool {
        self.value.is_none() && self.low.is_none() && self.high.is_none() && self.center.is_none()
    }
}

impl Element<'_> {
    /// When an IVL_TS begins: `low`, else the point in time, else the centre. The rest of it stays unread.
    pub fn to_start(self) -> Option<DateTime> {
        self.null_flavor();
        let bound = |name| {
            let bound = self.child(name)?;
            bound.null_flavor();
            bound.to_date_time()
        };
        bound("low")
            .or_else(|| self.to_date_time())
            .or_else(|| bound("center"))
    }

    /// IVL_TS (or TS, or the outline of an SXCM_TS).
    pub fn to_interval(self) -> Interval {
        let bound = |name| self.child(name);
        Interval {
            value: self.to_date_time(),
            low: bound("low").and_then(Element::to_date_time),
            high: bound("high").and_then(Element::to_date_time),
            center: bound("center").and_then(Element::to_date_time),
            width: self.peek().child("width").and_then(Element::to_quantity),
            absent: self.to_absent(),
            low_absent: bound("low").and_then(Element::to_absent),
            high_absent: bound("high").and_then(Element::to_absent),
        }
    }
}
