//! When something is to be done: the schedules of TQ1 and TQ as dosages and times.

use ehr_model::{Amount, Annotation, Bounds, Dosage, Occurrence, ServiceRequest, Timing};
use ehr_types::{CodeableConcept, DateTime, Decimal, Period, Quantity};

use super::conversion::{Conversion, remark};
use super::dosage::{amount_in_words, in_words};
use super::group::Order;
use super::reading::{At, Seg};

/// What one TQ1, or one repetition of a TQ, says.
pub(super) struct Schedule<'r> {
    /// TQ1-2, TQ.1; not yet read.
    pub(super) quantity: At<'r>,
    pub(super) timing: Option<Timing>,
    pub(super) as_needed: bool,
    /// TQ1-10, TQ.7: on which condition.
    pub(super) condition: Option<String>,
    /// TQ1-11.
    pub(super) instruction: Option<String>,
    /// TQ1-12, TQ.9: how it goes on with the next.
    pub(super) conjunction: Option<String>,
    pub(super) priority: Option<String>,
    /// Where it stands: fields of a TQ1, or the TQ.
    pub(super) place: Vec<At<'r>>,
}

impl Schedule<'_> {
    /// Whether it says nothing but a quantity.
    fn is_blank(&self) -> bool {
        self.timing.is_none()
            && !self.as_needed
            && self.condition.is_none()
            && self.instruction.is_none()
            && self.priority.is_none()
    }

    /// Whether another says all that this one says of when.
    fn is_within(&self, other: &Self) -> bool {
        fn within<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
            one.is_none() || one == other
        }
        let no_time = Timing::default();
        let (one, two) = (
            self.timing.as_ref().unwrap_or(&no_time),
            other.timing.as_ref().unwrap_or(&no_time),
        );
        let bounds = match (&one.bounds, &two.bounds) {
            (Some(Bounds::Period(one)), Some(Bounds::Period(two))) => {
                within(one.start.as_ref(), two.start.as_ref()) && within(one.end.as_ref(), two.end.as_ref())
            }
            (one, two) => within(one.as_ref(), two.as_ref()),
        };
        bounds
            && (!self.as_needed || other.as_needed)
            && within(pattern(one), pattern(two))
            && within(words(one), words(two))
            && within(one.count.as_ref(), two.count.as_ref())
            && within(self.condition.as_ref(), other.condition.as_ref())
            && within(self.instruction.as_ref(), other.instruction.as_ref())
            && within(self.priority.as_ref(), other.priority.as_ref())
    }

    fn has_pattern(&self) -> bool {
        self.timing.as_ref().and_then(pattern).is_some()
    }

    fn start(&self) -> Option<DateTime> {
        match self.timing.as_ref()?.bounds.as_ref()? {
            Bounds::Period(period) => period.start,
            _ => None,
        }
    }

    /// The start, where that is all that is said of when.
    fn starts_only(&self) -> Option<DateTime> {
        let timing = self.timing.as_ref()?;
        let start = self.start()?;
        let only = Timing {
            bounds: Some(Bounds::Period(Period::new(Some(start), None))),
            ..Timing::default()
        };
        (*timing == only).then_some(start)
    }

    /// All that is written in it, in words.
    fn in_words(&self) -> Option<Annotation> {
        let words: Vec<String> = self.place.iter().filter_map(At::phrase).collect();
        (!words.is_empty()).then(|| remark(format!("Also timed: {}", words.join(" "))))
    }
}

impl<'r> Conversion<'r, '_> {
    /// The schedules of a pharmacy order from the places that may state them, in order of preference: those of one place, and
    /// what the others say beyond it in words. One that states how often goes before one that only says when it begins.
    pub(super) fn schedules(
        places: Vec<Vec<Schedule<'r>>>,
        notes: &mut Vec<Annotation>,
    ) -> Vec<Schedule<'r>> {
        let mut places: Vec<Vec<Schedule<'r>>> =
            places.into_iter().filter(|place| !place.is_empty()).collect();
        places.sort_by_key(|place| !place.iter().any(Schedule::has_pattern));
        let mut places = places.into_iter();
        let Some(chosen) = places.next() else {
            return Vec::new();
        };
        for other in places.flatten() {
            if !other.is_blank() && !chosen.iter().any(|known| other.is_within(known)) {
                notes.extend(other.in_words());
            }
        }
        chosen
    }

    /// A dosage for each schedule. Each has the amount that its own schedule states (TQ1-2) where that is a dose like the one
    /// of the order; any other quantity stands in words.
    pub(super) fn dosages(
        &self,
        whole: Dosage,
        schedules: Vec<Schedule<'r>>,
        notes: &mut Vec<Annotation>,
    ) -> Vec<Dosage> {
        if schedules.is_empty() {
            return if whole == Dosage::default() {
                Vec::new()
            } else {
                vec![whole]
            };
        }
        let sequence = sequence(&schedules);
        let mut is_dose_stated = whole.dose.is_none();
        let mut dosages = Vec::new();
        for (position, schedule) in schedules.into_iter().enumerate() {
            let mut dosage = whole.clone();
            match (self.sender().quantity(schedule.quantity), &whole.dose) {
                (Some(quantity), None) => dosage.dose = Some(Amount::Quantity(quantity)),
                (Some(quantity), Some(Amount::Quantity(known))) if quantity == *known => {
                    is_dose_stated = true;
                }
                (Some(quantity), Some(known)) if is_alike(&quantity, known) => {
                    dosage.dose = Some(Amount::Quantity(quantity));
                }
                (Some(quantity), Some(_)) => {
                    is_dose_stated = true;
                    if is_one(&quantity) {
                        schedule.quantity.leave();
                    } else {
                        let words = format!("Quantity: {}", in_words(&quantity));
                        dosage
                            .additional_instruction
                            .push(CodeableConcept::from_text(words));
                    }
                }
                (None, _) => is_dose_stated = true,
            }
            dosage.timing = schedule.timing;
            if schedule.as_needed {
                dosage.as_needed = Some(true);
                dosage.as_needed_for = schedule.condition.map(CodeableConcept::from_text);
            } else {
                let condition = schedule.condition.map(CodeableConcept::from_text);
                dosage.additional_instruction.extend(condition);
            }
            let instruction = schedule.instruction.map(CodeableConcept::from_text);
            dosage.additional_instruction.extend(instruction);
            dosage.sequence = sequence.get(position).copied();
            if dosage != Dosage::default() {
                dosages.push(dosage);
            }
        }
        if let (false, Some(dose)) = (is_dose_stated, &whole.dose) {
            // Each schedule has a dose of its own.
            notes.push(remark(format!("Dose: {}", amount_in_words(dose))));
        }
        dosages
    }

    /// TQ1, ORC-7 and OBR-27 beside OBR-6 of an order that is no pharmacy's. FHIR has one time for it; further ones stand in words.
    pub(super) fn request_timing(
        &mut self,
        order: &Order<'r>,
        orc: Option<Seg<'r>>,
        obr: Option<Seg<'r>>,
        request: &mut ServiceRequest,
    ) {
        let mut stated = self.schedules_of_segments(&order.timing);
        let of_segments = stated.len();
        stated.extend(orc.into_iter().flat_map(|orc| self.schedules_of_tq(orc, 7)));
        stated.extend(obr.into_iter().flat_map(|obr| self.schedules_of_tq(obr, 27)));
        let mut chosen: Option<Schedule<'r>> = None;
        for (position, mut schedule) in stated.into_iter().enumerate() {
            let is_segment = position < of_segments;
            request.priority = request.priority.take().or_else(|| schedule.priority.clone());
            schedule
                .priority
                .take_if(|priority| request.priority.as_ref() == Some(priority));
            request.note.extend(schedule.instruction.take().map(remark));
            if chosen.is_none() && schedule.as_needed {
                request.as_needed = Some(true);
                request.as_needed_for = schedule.condition.clone().map(CodeableConcept::from_text);
            } else if chosen.is_none() {
                request.note.extend(schedule.condition.take().map(remark));
            }
            if chosen.is_some() || !is_segment && request.occurrence.is_some() {
                let start = schedule.starts_only().map(Occurrence::DateTime);
                let is_known = schedule.is_blank()
                    || chosen.as_ref().is_some_and(|chosen| schedule.is_within(chosen))
                    || start.is_some() && start == request.occurrence;
                if !is_known {
                    request.note.extend(schedule.in_words());
                }
                continue;
            }
            if is_segment && request.quantity.is_none() {
                let quantity = self.sender().quantity(schedule.quantity);
                request.quantity = quantity.map(Amount::Quantity);
            }
            let Some(timing) = &schedule.timing else { continue };
            let occurrence = match schedule.starts_only() {
                Some(start) if !is_segment => Occurrence::DateTime(start),
                _ => Occurrence::Timing(timing.clone()),
            };
            // OBR-6.
            if let Some(Occurrence::DateTime(former)) = request.occurrence.replace(occurrence)
                && schedule.start() != Some(former)
            {
                request.note.push(remark(format!("Also timed: {former}")));
            }
            chosen = Some(schedule);
        }
    }
}

/// How often, as a code.
fn pattern(timing: &Timing) -> Option<&String> {
    timing.code.as_ref()?.codings.first()?.code.as_ref()
}

/// How often, in words.
fn words(timing: &Timing) -> Option<&String> {
    timing.code.as_ref()?.text.as_ref()
}

/// The place of each schedule in a sequence, where the sender says for all how they follow each other: `S`, one after the other;
/// `A`, at the same time.
fn sequence(schedules: &[Schedule<'_>]) -> Vec<i32> {
    let Some((_, linked)) = schedules.split_last().filter(|(_, linked)| !linked.is_empty()) else {
        return Vec::new();
    };
    let mut places = vec![1];
    let mut place = 1;
    for schedule in linked {
        match schedule.conjunction.as_deref() {
            Some("S") => place += 1,
            Some("A") => {}
            _ => return Vec::new(),
        }
        places.push(place);
    }
    places
}

/// Whether a quantity is in the units of an amount, and so can take its place.
fn is_alike(quantity: &Quantity, amount: &Amount) -> bool {
    let known = match amount {
        Amount::Quantity(known) => Some(known),
        Amount::Range(range) => range.low.as_ref().or(range.high.as_ref()),
        Amount::Ratio(_) => None,
    };
    let unit = |quantity: &Quantity| quantity.unit.as_ref().map(|unit| unit.to_lowercase());
    known.is_some_and(|known| unit(known).is_some() && unit(known) == unit(quantity))
}

/// Whether a quantity is one of what the order says.
fn is_one(quantity: &Quantity) -> bool {
    quantity.unit.is_none() && quantity.value == Some(Decimal::from(1))
}
