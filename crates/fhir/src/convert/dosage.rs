//! How medication is taken: [Dosage](https://hl7.org/fhir/R4/dosage.html) and
//! [Timing](https://hl7.org/fhir/R4/datatypes.html#Timing).

use ehr_model as model;
use ehr_types as types;

use super::extension;
use super::map::{Convert, Reader, Writer, is_empty, mapping, said, written};
use super::text;
use crate::element::{Element, Str};
use crate::r4::{self, ExtensionValue};

mapping!(model::Timing, r4::Timing { event, code } read read_timing; write write_timing;);

fn read_timing(from: &r4::Timing, to: &mut model::Timing, cx: &Reader<'_>) {
    if let Some(repeat) = &from.repeat {
        to.read_from(repeat.as_ref(), cx);
    }
}

fn write_timing(from: &model::Timing, to: &mut r4::Timing, cx: &Writer<'_>) {
    to.repeat = said(from, cx);
}

mapping!(model::Timing, r4::TimingRepeat {
    bounds, count, count_max, duration, duration_max, duration_unit, frequency, frequency_max, period, period_max,
    period_unit, day_of_week, time_of_day, when, offset,
} write write_repeat;);

/// Rules tim-1, tim-2: an amount has a unit, and the unit an amount; tim-4, tim-5: amounts are not negative; tim-6 to tim-10: no
/// maximum without its value, no event of the day beside times of the day, an offset only with an event.
fn write_repeat(from: &model::Timing, to: &mut r4::TimingRepeat, cx: &Writer<'_>) {
    if cx.mirror {
        return;
    }
    let zero = types::Decimal::from(0);
    let negative = |number: &Option<types::Decimal>| number.as_ref().is_some_and(|number| *number < zero);
    let bad_duration = (to.duration.is_some() && to.duration_unit.is_none()) || negative(&to.duration);
    if bad_duration || (to.duration_max.is_some() && to.duration.is_none()) {
        keep_pair(
            to,
            "duration",
            from.duration.clone().or(from.duration_max.clone()),
            from.duration_unit.as_ref(),
        );
        to.duration = None;
        to.duration_max = None;
        to.duration_unit = None;
    }
    let bad_period = (to.period.is_some() && to.period_unit.is_none()) || negative(&to.period);
    if bad_period || (to.period_max.is_some() && to.period.is_none()) {
        keep_pair(
            to,
            "period",
            from.period.clone().or(from.period_max.clone()),
            from.period_unit.as_ref(),
        );
        to.period = None;
        to.period_max = None;
        to.period_unit = None;
    }
    if to.duration.is_none() && to.duration_unit.is_some() {
        keep_pair(to, "duration", None, from.duration_unit.as_ref());
        to.duration_unit = None;
    }
    if to.period.is_none() && to.period_unit.is_some() {
        keep_pair(to, "period", None, from.period_unit.as_ref());
        to.period_unit = None;
    }
    if to.count_max.is_some() && to.count.is_none() {
        to.count = to.count_max.take();
    }
    if !to.time_of_day.is_empty() && !to.when.is_empty() {
        for when in std::mem::take(&mut to.when) {
            keep(to, "when", ExtensionValue::String(Str::new(when.as_str())));
        }
    }
    if to.when.is_empty()
        && let Some(offset) = to.offset.take()
    {
        keep(to, "offset", ExtensionValue::UnsignedInt(offset));
    }
}

fn keep(to: &mut r4::TimingRepeat, element: &str, value: ExtensionValue) {
    to.extension_mut().push(extension::other_type(element, value));
}

fn keep_pair(to: &mut r4::TimingRepeat, element: &str, value: Option<types::Decimal>, unit: Option<&String>) {
    let quantity = r4::Quantity {
        value: value.as_ref().and_then(text::number),
        unit: unit.and_then(|unit| text::string(unit)),
        ..r4::Quantity::default()
    };
    if !is_empty(&quantity) {
        keep(to, element, ExtensionValue::Quantity(Box::new(quantity)));
    }
}

mapping!(model::Dosage, r4::Dosage {
    sequence, text, additional_instruction, patient_instruction, timing, site, route, method, max_dose_per_period,
    max_dose_per_administration, max_dose_per_lifetime,
} read read_dosage; write write_dosage;);

fn read_dosage(from: &r4::Dosage, to: &mut model::Dosage, cx: &Reader<'_>) {
    match &from.as_needed {
        Some(r4::DosageAsNeeded::Boolean(needed)) => to.as_needed = Some(*needed),
        Some(r4::DosageAsNeeded::CodeableConcept(why)) => {
            to.as_needed_for = Some(types::CodeableConcept::read(why, cx));
        }
        None => {}
    }
    // The model has one dose; a second one stays in the residual.
    if let Some(dose) = from.dose_and_rate.first() {
        to.read_from(dose, cx);
    }
}

fn write_dosage(from: &model::Dosage, to: &mut r4::Dosage, cx: &Writer<'_>) {
    to.as_needed = match (&from.as_needed_for, from.as_needed) {
        (Some(why), needed) if needed != Some(false) => {
            written(why, cx)
                .map(r4::DosageAsNeeded::CodeableConcept)
                .or_else(|| needed.map(r4::DosageAsNeeded::Boolean))
        }
        (_, needed) => needed.map(r4::DosageAsNeeded::Boolean),
    };
    to.dose_and_rate.extend(said(from, cx).map(|dose| *dose));
}

mapping!(
    model::Dosage,
    r4::DosageDoseAndRate {
        dose_type: r#type,
        dose,
        rate
    }
);
