//! PIVL_TS and EIVL_TS: when something recurs.

use ehr_types::{DateTime, Quantity};

use crate::xml::Element;

/// PIVL_TS: every `period`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PeriodicTiming {
    /// How often: `period/@value` and unit.
    pub period: Option<Quantity>,
    /// The longest interval when the source gives a range (`period/low` to `period/high`).
    pub period_max: Option<Quantity>,
    /// Whether the times of day are left to the institution: "three times a day" rather than "every 8 hours".
    pub institution_specified: bool,
    /// `phase/low` or `phase/@value`: when the first one is.
    pub phase: Option<DateTime>,
    /// `phase/width`: how long each one lasts.
    pub duration: Option<Quantity>,
}

/// EIVL_TS: at an event of daily life.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EventTiming {
    /// HL7 v3 TimingEvent: `AC`, `PCM`, `HS`….
    pub event: Option<String>,
    /// How far from the event.
    pub offset: Option<Quantity>,
}

impl std::fmt::Debug for PeriodicTiming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PeriodicTiming(…)")
    }
}

impl std::fmt::Debug for EventTiming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EventTiming(…)")
    }
}

impl Element<'_> {
    /// PIVL_TS, when the element is one (by type, or by its `period`).
    pub fn to_periodic_timing(self) -> Option<PeriodicTiming> {
        let period = self.child("period");
        if self.xsi_type() != Some("PIVL_TS") && period.is_none() {
            return None;
        }
        let phase = self.child("phase");
        let bound = |name| {
            period
                .and_then(|p| p.child(name))
                .and_then(Element::to_quantity)
                .filter(|q| q.value.is_some())
        };
        let low = bound("low");
        let timing = PeriodicTiming {
            period_max: low.as_ref().and_then(|_| bound("high")),
            period: period
                .and_then(Element::to_quantity)
                .filter(|q| q.value.is_some())
                .or(low),
            institution_specified: matches!(self.attribute("institutionSpecified"), Some("true" | "1")),
            phase: phase.and_then(Element::to_start),
            duration: phase
                .and_then(|phase| phase.child("width"))
                .and_then(Element::to_quantity)
                .filter(|q| q.value.is_some()),
        };
        let said = timing.period.is_some() || timing.phase.is_some() || timing.duration.is_some();
        said.then_some(timing)
    }

    /// EIVL_TS, when the element is one (by type, or by its `event`).
    pub fn to_event_timing(self) -> Option<EventTiming> {
        let event = self.child("event");
        if self.xsi_type() != Some("EIVL_TS") && event.is_none() {
            return None;
        }
        let offset = self.child("offset").and_then(|offset| {
            let bound = |name| offset.child(name).and_then(Element::to_quantity);
            offset
                .to_quantity()
                .or_else(|| bound("width"))
                .or_else(|| bound("low"))
        });
        let timing = EventTiming {
            event: event.and_then(|e| e.attribute("code")).map(str::to_owned),
            offset,
        };
        (timing.event.is_some() || timing.offset.is_some()).then_some(timing)
    }
}
