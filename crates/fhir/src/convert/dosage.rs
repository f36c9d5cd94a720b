//! How medication is taken: [Dosage](https://hl7.org/fhir/R4/dosage.html) and
//! [Timing](https://hl7.org/fhir/R4/datatypes.html#Timing).

use ehr_model as model;
use ehr_types as types;

use super::extension;
use super::map::{Convert, Reader, Writer, said, written};
use super::mapping::mapping;
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
/// maximum without its value, no event of the day beside times of the day, an offset only with an event. What breaks a rule is
/// kept in extensions, each value under its own name.
fn write_repeat(_: &model::Timing, to: &mut r4::TimingRepeat, cx: &Writer<'_>) {
    if cx.mirror {
        return;
    }
    let is_amount = |number: &types::Decimal| *number >= types::Decimal::from(0);
    let mut kept: Vec<(&str, ExtensionValue)> = Vec::new();
    if to.duration_unit.is_none() || !to.duration.as_ref().is_some_and(is_amount) {
        kept.extend(
            to.duration
                .take()
                .map(|number| ("duration", ExtensionValue::Decimal(number))),
        );
        kept.extend(
            to.duration_max
                .take()
                .map(|number| ("durationMax", ExtensionValue::Decimal(number))),
        );
        kept.extend(
            to.duration_unit
                .take()
                .map(|unit| ("durationUnit", code(unit.as_str()))),
        );
    }
    if to.period_unit.is_none() || !to.period.as_ref().is_some_and(is_amount) {
        kept.extend(
            to.period
                .take()
                .map(|number| ("period", ExtensionValue::Decimal(number))),
        );
        kept.extend(
            to.period_max
                .take()
                .map(|number| ("periodMax", ExtensionValue::Decimal(number))),
        );
        kept.extend(
            to.period_unit
                .take()
                .map(|unit| ("periodUnit", code(unit.as_str()))),
        );
    }
    if to.count.is_none() {
        kept.extend(
            to.count_max
                .take()
                .map(|count| ("countMax", ExtensionValue::UnsignedInt(count))),
        );
    }
    if !to.time_of_day.is_empty() {
        kept.extend(to.when.drain(..).map(|when| ("when", code(when.as_str()))));
    }
    if to.when.is_empty() {
        kept.extend(
            to.offset
                .take()
                .map(|offset| ("offset", ExtensionValue::UnsignedInt(offset))),
        );
    }
    for (element, value) in kept {
        to.extension_mut().push(extension::other_type(element, value));
    }
}

fn code(code: &str) -> ExtensionValue {
    ExtensionValue::String(Str::new(code))
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
    if to.as_needed_for.is_none() {
        to.as_needed_for = extension::set_aside(from.extension(), "asNeeded");
    }
    // The model has one dose; a second one stays in the residual.
    if let Some(dose) = from.dose_and_rate.first() {
        to.read_from(dose, cx);
    }
}

fn write_dosage(from: &model::Dosage, to: &mut r4::Dosage, cx: &Writer<'_>) {
    to.as_needed = match (&from.as_needed_for, from.as_needed) {
        (Some(why), needed) if needed != Some(false) => written(why, cx)
            .map(r4::DosageAsNeeded::CodeableConcept)
            .or_else(|| needed.map(r4::DosageAsNeeded::Boolean)),
        (_, needed) => needed.map(r4::DosageAsNeeded::Boolean),
    };
    if let (Some(false), Some(why)) = (from.as_needed, &from.as_needed_for)
        && let Some(why) = said(why, cx)
    {
        to.extension_mut().push(extension::other_type(
            "asNeeded",
            ExtensionValue::CodeableConcept(why),
        ));
    }
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
