//! TQ1, and TQ of versions up to 2.6, read as schedules.

use ehr_model::{Bounds, Timing};
use ehr_types::{CodeableConcept, Coding, Decimal, Period, Quantity};

use super::conversion::Conversion;
use super::order::priority;
use super::reading::{At, Seg};
use super::table;
use super::timing::Schedule;
use super::value::time_of_day;

impl<'r> Conversion<'r, '_> {
    /// The schedules of the TQ1 among segments.
    pub(super) fn schedules_of_segments<'s>(
        &self,
        segments: impl IntoIterator<Item = &'s Seg<'r>>,
    ) -> Vec<Schedule<'r>>
    where
        'r: 's,
    {
        segments
            .into_iter()
            .filter_map(|seg| self.schedule(*seg))
            .collect()
    }

    /// TQ1.
    fn schedule(&self, seg: Seg<'r>) -> Option<Schedule<'r>> {
        if !seg.is("TQ1") || !(2..=14).any(|field| seg.has(field)) {
            return None;
        }
        let timing = self.timing(seg);
        let condition = seg.text(10);
        let patterns: Vec<At<'r>> = seg.all(3).map(|pattern| pattern.leaf()).collect();
        let as_needed = patterns.iter().any(says_as_needed)
            || is_as_needed(seg.at(9).leaf())
            || condition.as_deref().is_some_and(begins_as_needed);
        Some(Schedule {
            quantity: seg.at(2),
            timing,
            as_needed,
            condition,
            instruction: seg.text(11),
            conjunction: seg.at(12).peek_code().inspect(|_| seg.at(12).leaf().mark()),
            priority: priority(seg.at(9)),
            place: (2..=14).flat_map(|field| seg.all(field)).collect(),
        })
    }

    /// TQ1 as a time.
    fn timing(&self, seg: Seg<'r>) -> Option<Timing> {
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

    /// TQ: the timing of versions up to 2.6, in one field; each repetition is a schedule.
    pub(super) fn schedules_of_tq(&self, seg: Seg<'r>, field: u32) -> Vec<Schedule<'r>> {
        let written = seg.all(field).filter(At::has_text);
        written.map(|at| self.schedule_of_tq(at)).collect()
    }

    #[expect(clippy::unused_self, reason = "read like its neighbours, which need it")]
    fn schedule_of_tq(&self, at: At<'r>) -> Schedule<'r> {
        let mut timing = Timing::default();
        let pattern = at.part(2).part(1);
        if let Some(pattern) = pattern.text() {
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
        let condition = at.part(7).text();
        Schedule {
            quantity: at.part(1),
            timing: (timing != Timing::default()).then_some(timing),
            as_needed: says_as_needed(&pattern)
                || is_as_needed(at.part(6))
                || condition.as_deref().is_some_and(begins_as_needed),
            condition,
            instruction: None,
            conjunction: at.part(9).code(),
            priority: priority(at.part(6)),
            place: vec![at],
        }
    }
}

/// Table 0335: `PRN`, alone, beside another pattern (`Q4H PRN`) or with one (`PRNQ6H`).
fn says_as_needed(pattern: &At<'_>) -> bool {
    let text = pattern.peek().unwrap_or_default().to_ascii_uppercase();
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.any(|word| word.starts_with("PRN") || word.ends_with("PRN"))
}

/// TQ.6, and TQ1-9 of senders that go on as they did: `PRN` where the priority stands.
fn is_as_needed(priority: At<'_>) -> bool {
    let is_as_needed = priority
        .peek_code()
        .is_some_and(|code| code.eq_ignore_ascii_case("PRN"));
    if is_as_needed {
        priority.leaf().mark();
    }
    is_as_needed
}

/// A condition that says so itself: `prn pain`.
fn begins_as_needed(condition: &str) -> bool {
    let word = condition
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .next();
    word.is_some_and(|word| word.eq_ignore_ascii_case("PRN"))
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
    let number = Decimal::parse_numeric(text.get(1..)?).ok()?;
    Some(Quantity::ucum(number, unit))
}
