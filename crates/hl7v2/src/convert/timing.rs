//! TQ1, and TQ of versions up to 2.6: when something is to be done.

use ehr_model::{Amount, Annotation, Bounds, Occurrence, ServiceRequest, Timing};
use ehr_types::{CodeableConcept, Coding, Period, Quantity};

use super::conversion::Conversion;
use super::group::Order;
use super::order::priority;
use super::reading::{At, Seg};
use super::table;
use super::value::time_of_day;

impl<'r> Conversion<'r, '_> {
    pub(super) fn request_timing(
        &mut self,
        order: &Order<'r>,
        orc: Option<Seg<'r>>,
        obr: Option<Seg<'r>>,
        request: &mut ServiceRequest,
    ) {
        for seg in order.timing.iter().filter(|seg| seg.is("TQ1")) {
            if let Some(quantity) = self.sender().quantity(seg.at(2)) {
                request.quantity = Some(Amount::Quantity(quantity));
            }
            request.priority = request.priority.take().or_else(|| priority(seg.at(9)));
            request
                .note
                .extend(
                    [10, 11]
                        .iter()
                        .filter_map(|field| seg.text(*field))
                        .map(|text| Annotation {
                            text,
                            ..Annotation::default()
                        }),
                );
            if let Some(timing) = self.timing(*seg) {
                request.occurrence = Some(Occurrence::Timing(timing));
            }
        }
        for tq in [orc.map(|orc| orc.at(7)), obr.map(|obr| obr.at(27))]
            .into_iter()
            .flatten()
        {
            if !tq.has_text() {
                continue;
            }
            request.priority = request.priority.take().or_else(|| priority(tq.part(6)));
            let timing = self.timing_of_tq(tq);
            if request.occurrence.is_none() {
                request.occurrence = match timing {
                    Some(Timing {
                        bounds:
                            Some(Bounds::Period(Period {
                                start: Some(start),
                                end: None,
                            })),
                        ..
                    }) if timing_is_start_only(timing.as_ref()) => Some(Occurrence::DateTime(start)),
                    timing => timing.map(Occurrence::Timing),
                };
            }
        }
    }

    /// TQ1.
    pub(super) fn timing(&self, seg: Seg<'r>) -> Option<Timing> {
        let mut timing = Timing::default();
        let pattern = seg.at(3);
        timing.code = self.sender().concept(pattern.part(1), Some(335));
        if let Some(unit) = pattern.part(6).peek()
            && let Some(unit) = table::time_unit(&unit)
        {
            timing.period = pattern.part(5).decimal();
            if timing.period.is_some() {
                pattern.part(6).mark();
                timing.period_unit = Some(unit.to_owned());
            }
        }
        if let Some(event) = pattern.part(8).code() {
            timing.when.push(event);
            timing.offset = offset(pattern.part(9), pattern.part(10));
        }
        if timing.when.is_empty() {
            timing.time_of_day = seg.all(4).filter_map(time_of_day).collect();
        }
        let (start, end) = (seg.at(7).time(), seg.at(8).time());
        if start.is_some() || end.is_some() {
            timing.bounds = Some(Bounds::Period(Period::new(start, end)));
        } else if let Some(duration) = self.sender().quantity(seg.at(6)) {
            timing.bounds = Some(Bounds::Duration(duration));
        }
        let duration = seg.at(13);
        if let Some(unit) = duration.part(2).peek_code()
            && let Some(unit) = table::time_unit(&unit)
        {
            timing.duration = duration.part(1).decimal();
            if timing.duration.is_some() {
                duration.part(2).mark();
                timing.duration_unit = Some(unit.to_owned());
            }
        }
        timing.count = seg.at(14).unsigned();
        (timing != Timing::default()).then_some(timing)
    }

    /// TQ: the timing of versions up to 2.6, in one field.
    #[expect(clippy::unused_self, reason = "read like its neighbours, which need it")]
    pub(super) fn timing_of_tq(&self, at: At<'r>) -> Option<Timing> {
        let mut timing = Timing::default();
        if let Some(pattern) = at.part(2).part(1).text() {
            timing.code = Some(CodeableConcept {
                codings: vec![Coding {
                    code: Some(pattern),
                    ..Coding::default()
                }],
                ..CodeableConcept::default()
            });
        }
        let (start, end) = (at.part(4).time(), at.part(5).time());
        if start.is_some() || end.is_some() {
            timing.bounds = Some(Bounds::Period(Period::new(start, end)));
        } else if let Some(quantity) = at.part(3).peek().and_then(|text| duration(&text)) {
            at.part(3).mark();
            timing.bounds = Some(Bounds::Duration(quantity));
        }
        timing.count = at.part(12).unsigned();
        if let Some(text) = at.part(8).text() {
            timing.code.get_or_insert_with(CodeableConcept::default).text = Some(text);
        }
        (timing != Timing::default()).then_some(timing)
    }
}

/// RPT.9 and 10: how far from the event, in minutes, where these are a whole number.
fn offset(amount: At<'_>, unit: At<'_>) -> Option<u32> {
    let seconds: u64 = match table::time_unit(&unit.peek_code()?)? {
        "s" => 1,
        "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let seconds = amount.peek_code()?.parse::<u64>().ok()?.checked_mul(seconds)?;
    let minutes = u32::try_from(seconds / 60).ok().filter(|_| seconds % 60 == 0)?;
    amount.leaf().mark();
    unit.mark();
    Some(minutes)
}

/// TQ.3: `D7` is seven days.
fn duration(text: &str) -> Option<Quantity> {
    let unit = table::time_unit(text.get(..1)?)?;
    let number = ehr_types::Decimal::parse_numeric(text.get(1..)?).ok()?;
    Some(Quantity::ucum(number, unit))
}

fn timing_is_start_only(timing: Option<&Timing>) -> bool {
    timing.is_some_and(|timing| {
        Timing {
            bounds: None,
            ..timing.clone()
        } == Timing::default()
    })
}
