//! How a medication is taken: amounts, directions, and the times of GTS (guide page CF-medications).

use ehr_model::{Amount, Annotation, Bounds, Dosage, Timing};
use ehr_types::{CodeableConcept, Decimal, Quantity, Severity};

use super::importer::Importer;
use super::kind::read_code;
use super::remark::labels;
use super::statement::{denied, has_code, has_template, read_outline};
use super::vocabulary::LOINC;
use crate::datatype::{Interval, PeriodicTiming};
use crate::template::EntryKind;
use crate::xml::Element;

/// How many timings a medication may have beside the first. Each makes a dosage with all that is said of the first.
const MAX_FURTHER: usize = 16;

/// The times of a medication.
#[derive(Default)]
pub(super) struct Schedule {
    pub(super) course: Interval,
    pub(super) timing: Timing,
    /// Times beside those of `timing` that one Timing cannot hold with them.
    pub(super) further: Vec<Timing>,
}

impl<'d> Importer<'d> {
    /// How it is taken, once for each timing that [`schedule`] found, the words in the first; and the comments on it.
    pub(super) fn dosage(
        &mut self,
        element: Element<'d>,
        timing: Timing,
        further: Vec<Timing>,
    ) -> (Vec<Dosage>, Vec<Annotation>) {
        let mut dosage = Dosage {
            timing: (timing != Timing::default()).then_some(timing),
            route: element.child("routeCode").and_then(Element::to_concept),
            site: element.child("approachSiteCode").and_then(Element::to_concept),
            method: element.child("methodCode").and_then(Element::to_concept),
            dose: element.child("doseQuantity").and_then(amount),
            rate: element.child("rateQuantity").and_then(amount),
            max_dose_per_period: element.child("maxDoseQuantity").and_then(Element::to_ratio),
            ..Dosage::default()
        };
        for precondition in element.children("precondition") {
            // The guide: a precondition says "as needed".
            dosage.as_needed = Some(true);
            if let Some(criterion) = precondition.child("criterion")
                && dosage.as_needed_for.is_none()
            {
                dosage.as_needed_for = reason_to_take(criterion);
            }
        }
        dosage.text = self.directions(element);
        let notes = self.remarks(element, dosage.text.as_ref());
        for (kind, inner) in self.open_related(element) {
            let instruction = has_template(inner, "2.16.840.1.113883.10.20.22.4.20")
                || (inner.is("act")
                    && kind == "SUBJ"
                    && EntryKind::of(inner, crate::SectionKind::Other) == EntryKind::Act);
            if instruction && !denied(inner) && dosage.patient_instruction.is_none() {
                self.consume(inner);
                read_outline(inner);
                let text = inner.child("text").and_then(|text| text.to_encapsulated().text);
                let code = inner.child("code").and_then(Element::to_concept);
                dosage.patient_instruction = text.or_else(|| code.as_ref()?.text.clone());
                dosage
                    .additional_instruction
                    .extend(code.filter(|code| !code.codings.is_empty()));
            }
        }
        let amounts = ["doseQuantity", "rateQuantity"].into_iter();
        let unread = amounts.filter_map(|name| unread_amount(element, name));
        let words: Vec<_> = dosage.text.take().into_iter().chain(unread).collect();
        dosage.text = (!words.is_empty()).then(|| words.join("; "));
        let same = |timing| Dosage {
            timing: Some(timing),
            text: None,
            patient_instruction: None,
            additional_instruction: Vec::new(),
            ..dosage.clone()
        };
        let further: Vec<_> = further.into_iter().map(same).collect();
        let first = (dosage != Dosage::default()).then_some(dosage);
        (first.into_iter().chain(further).collect(), notes)
    }

    /// The directions in words: a Medication Free Text Sig, else the text of the statement.
    pub(super) fn directions(&mut self, element: Element<'d>) -> Option<String> {
        let sig = self.open_related(element).into_iter().find(|(_, inner)| {
            let named = has_template(*inner, "2.16.840.1.113883.10.20.22.4.147");
            inner.is("substanceAdministration") && (named || has_code(*inner, LOINC, "76662-6"))
        });
        let written = sig.and_then(|(_, sig)| {
            self.consume(sig);
            read_outline(sig);
            read_code(sig);
            sig.child("text").and_then(|text| text.to_encapsulated().text)
        });
        written.or_else(|| own_directions(element))
    }

    /// The comments on a medication; what is said as its directions is none.
    pub(super) fn remarks(&mut self, element: Element<'d>, directions: Option<&String>) -> Vec<Annotation> {
        let mut notes = self.notes(element);
        notes.retain(|note| Some(&note.text) != directions);
        notes
    }
}

/// The directions in the statement's own `text`: written there, or a phrase or cell of the narrative that it refers to. A
/// reference to a whole row says more than that, and words that the codes show say nothing of how to take it.
fn own_directions(element: Element<'_>) -> Option<String> {
    let text = element.child("text")?;
    let words = match text.peek().deep_text() {
        Some(_) => text.to_encapsulated().text,
        None => text
            .narrative_target()
            .filter(|target| matches!(target.name(), "content" | "td"))
            .and_then(Element::to_plain_text),
    }?;
    let lower = words.to_lowercase();
    let shown = labels(element)
        .iter()
        .any(|label| label.to_lowercase().contains(&lower));
    (!shown).then_some(words)
}

/// What a criterion says that the medication is taken for.
fn reason_to_take(criterion: Element<'_>) -> Option<CodeableConcept> {
    let coded = |name| {
        let concept = criterion
            .child(name)
            .map(Element::peek)
            .and_then(Element::to_concept)?;
        let says = concept.label().is_some_and(|label| label != "ASSERTION");
        says.then(|| criterion.child(name).and_then(Element::to_concept))?
    };
    let text = || {
        criterion
            .child("text")
            .and_then(|text| text.to_encapsulated().text)
    };
    read_code(criterion);
    coded("value")
        .or_else(|| coded("code"))
        .or_else(|| text().map(CodeableConcept::from_text))
}

/// An amount as words.
pub(super) fn in_words(amount: &Amount) -> String {
    let quantity = |quantity: &Quantity| {
        let value = quantity
            .value
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        format!("{value} {}", quantity.unit_key().unwrap_or_default())
            .trim()
            .to_owned()
    };
    let side = |side: &Option<Quantity>| side.as_ref().map_or_else(|| "?".to_owned(), quantity);
    match amount {
        Amount::Quantity(amount) => quantity(amount),
        Amount::Range(range) => format!("{} to {}", side(&range.low), side(&range.high)),
        Amount::Ratio(ratio) => format!("{} per {}", side(&ratio.numerator), side(&ratio.denominator)),
    }
}

pub(super) fn amount(element: Element<'_>) -> Option<Amount> {
    if let Some(range) = element.to_range() {
        return Some(match (range.low, range.high) {
            (Some(low), Some(high)) if low == high => Amount::Quantity(low),
            (low, high) => Amount::Range(ehr_types::Range { low, high }),
        });
    }
    element
        .to_quantity()
        .filter(|quantity| quantity.value.is_some())
        .map(Amount::Quantity)
}

/// An amount as it is written, where it is no number: one with a decimal comma must be told all the same.
pub(super) fn unread_amount(activity: Element<'_>, name: &'static str) -> Option<String> {
    let amount = activity.child(name)?;
    let is_unread = |part: Element<'_>| {
        let value = part.peek().attribute("value");
        value.is_some_and(|value| Decimal::parse_numeric(value).is_err())
    };
    let bounds = ["low", "high"].into_iter().filter_map(|name| amount.child(name));
    if !std::iter::once(amount).chain(bounds).any(is_unread) {
        return None;
    }
    let written = |part: Element<'_>| {
        let value = part.attribute("value")?;
        let unit = part.attribute("unit").unwrap_or_default();
        Some(format!("{value} {unit}").trim().to_owned())
    };
    let words = written(amount).or_else(|| {
        let bound = |name| amount.child(name).and_then(written);
        match (bound("low"), bound("high")) {
            (Some(low), Some(high)) => Some(format!("{low} to {high}")),
            (low, high) => low.or(high),
        }
    })?;
    let what = if name == "rateQuantity" { "Rate" } else { "Dose" };
    Some(format!("{what}: {words}"))
}

/// All `effectiveTime`s of a medication: the course, and when it is taken.
pub(super) fn schedule(element: Element<'_>) -> Schedule {
    let mut schedule = Schedule::default();
    for time in element.children("effectiveTime") {
        add_time(time, &mut schedule, 0);
    }
    // The kind of administration that the code repeats is the statement's own.
    if let Some(code) = element.child("code")
        && matches!(code.peek().attribute("code"), None | Some("DRUG" | "IMMUNIZ"))
    {
        code.to_concept();
    }
    schedule
}

fn add_time(time: Element<'_>, schedule: &mut Schedule, depth: usize) {
    let operator = time.peek().attribute("operator");
    let recurs = schedule.timing.period.is_some() || schedule.timing.code.is_some();
    let full = schedule.further.len() >= MAX_FURTHER;
    if full
        || operator == Some("E")
        || (operator == Some("A") && recurs && time.peek().to_periodic_timing().is_some())
    {
        // Said otherwise, it would be taken at times when it must not be.
        time.report(
            Severity::Warning,
            "ccda.gts.operator",
            "times that are excluded, that bound another recurrence or are one too many are kept as residual",
        );
    } else if let Some(periodic) = time.to_periodic_timing() {
        let mut timing = Timing::default();
        recur(&periodic, if recurs { &mut timing } else { &mut schedule.timing });
        schedule
            .further
            .extend((timing != Timing::default()).then_some(timing));
    } else if let Some(event) = time.to_event_timing() {
        let offset = event.offset.and_then(|offset| minutes(&offset));
        let timing = &mut schedule.timing;
        if timing.when.is_empty() || timing.offset == offset {
            timing.when.extend(event.event);
            timing.offset = offset;
        } else {
            schedule.further.push(Timing {
                when: event.event.into_iter().collect(),
                offset,
                ..Timing::default()
            });
        }
    } else if matches!(time.xsi_type(), Some("SXPR_TS")) && depth < 4 {
        for part in time.children("comp") {
            add_time(part, schedule, depth + 1);
        }
    } else {
        let interval = time.peek().to_interval();
        if schedule.course.is_empty() && (schedule.course.absent.is_none() || !interval.is_empty()) {
            schedule.course = time.to_interval();
            if let Some(width) = time.child("width").filter(|_| interval.high.is_none()) {
                let width = width.to_quantity().filter(|width| width.value.is_some());
                schedule.timing.bounds = width.map(Bounds::Duration);
            }
        } else if interval.point().is_some() {
            // A further time is a further time of taking.
            schedule.timing.event.extend(time.to_interval().point());
        }
    }
}

fn recur(periodic: &PeriodicTiming, timing: &mut Timing) {
    timing.event.extend(periodic.phase);
    let Some(period) = &periodic.period else { return };
    let Some(value) = period.value.clone() else { return };
    let unit = period.unit_key().and_then(time_unit);
    let whole = value.to_f64();
    let times = 24.0 / whole;
    let per_day = periodic.institution_specified
        && unit == Some("h")
        && whole > 0.0
        && times.fract() == 0.0
        && times >= 1.0;
    if per_day && periodic.period_max.is_none() {
        timing.frequency = Some(times as u32);
        timing.period = Some(Decimal::from(1));
        timing.period_unit = Some("d".to_owned());
    } else {
        timing.frequency = Some(1);
        timing.period = Some(value);
        timing.period_max = periodic.period_max.as_ref().and_then(|max| max.value.clone());
        match unit {
            Some(unit) => timing.period_unit = Some(unit.to_owned()),
            None => {
                // Not a unit of time that FHIR knows: kept in words.
                let words = format!(
                    "every {} {}",
                    timing.period.take().unwrap_or(Decimal::from(1)),
                    period.unit_key().unwrap_or_default()
                );
                timing.frequency = None;
                timing.code = Some(CodeableConcept::from_text(words.trim().to_owned()));
            }
        }
    }
    if let Some(duration) = &periodic.duration {
        timing.duration.clone_from(&duration.value);
        timing.duration_unit = duration.unit_key().and_then(time_unit).map(str::to_owned);
    }
}

/// UCUM units of time, and the spellings of them that senders use.
fn time_unit(unit: &str) -> Option<&'static str> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "s" | "sec" | "second" | "seconds" => "s",
        "min" | "minute" | "minutes" => "min",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "wk" | "week" | "weeks" => "wk",
        "mo" | "month" | "months" => "mo",
        "a" | "y" | "yr" | "year" | "years" => "a",
        _ => return None,
    })
}

fn minutes(offset: &Quantity) -> Option<u32> {
    let value = offset.value.as_ref()?.to_f64();
    let factor = match offset.unit_key().and_then(time_unit)? {
        "s" => 1.0 / 60.0,
        "min" => 1.0,
        "h" => 60.0,
        "d" => 1440.0,
        _ => return None,
    };
    let minutes = value * factor;
    (minutes >= 0.0 && minutes < f64::from(u32::MAX)).then_some(minutes.round() as u32)
}
