//! The values of observations and their reference ranges.

use ehr_model::{Amount, Annotation, ReferenceRange, Value};
use ehr_types::{Absent, CodeableConcept, Severity};

use super::patient::boolean;
use super::section::attachment;
use super::statement::negated;
use super::vocabulary::absent_concept;
use crate::xml::Element;

/// The `value` of an observation by its type, and why there is none.
pub(super) fn observed(observation: Element<'_>) -> (Option<Value>, Option<CodeableConcept>) {
    let Some(element) = observation.child("value") else {
        return (None, observation.to_absent().map(absent_concept));
    };
    let value = value(element);
    let absent = if value.is_none() {
        element
            .null_flavor()
            .map(|flavor| absent_concept(Absent::from_null_flavor(flavor)))
    } else {
        None
    };
    (value, absent)
}

/// The values of an observation beside the one that a record can hold, where they differ from it.
pub(super) fn further_values(observation: Element<'_>, first: Option<&Value>) -> Vec<Annotation> {
    let mut out = Vec::new();
    for element in observation.children("value").skip(1) {
        let Some(further) = value(element.peek()).filter(|further| Some(further) != first) else {
            continue;
        };
        element.report(
            Severity::Warning,
            "ccda.observation.further-value",
            "a second value of an observation, of which a record holds one; it is told in a note",
        );
        let is = if negated(observation.peek()) {
            "Not so"
        } else {
            "Further value"
        };
        let words = in_words(&further).unwrap_or_else(|| "of another kind".to_owned());
        out.push(Annotation {
            text: format!("{is}: {words}"),
            ..Annotation::default()
        });
    }
    out
}

/// A value in words; `None` where it is no thing to say in a line.
pub(super) fn in_words(value: &Value) -> Option<String> {
    let amount = |amount| Some(super::dosage::in_words(&amount));
    match value {
        Value::CodeableConcept(concept) => concept.label().map(str::to_owned),
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        Value::DateTime(time) => Some(time.to_string()),
        Value::Quantity(quantity) => amount(Amount::Quantity(quantity.clone())),
        Value::Range(range) => amount(Amount::Range(range.clone())),
        Value::Ratio(ratio) => amount(Amount::Ratio(ratio.clone())),
        _ => None,
    }
}

/// A `value` (ANY) as a value of the model.
pub(super) fn value(element: Element<'_>) -> Option<Value> {
    let declared = element.xsi_type();
    let kind = declared.unwrap_or_else(|| guess(element));
    let base = kind.split(['_', '<']).next().unwrap_or(kind);
    let read = match base {
        "CD" | "CE" | "CV" | "CO" | "CS" | "SC" => concept_value(element),
        "PQ" | "REAL" | "MO" => element
            .to_quantity()
            .filter(|quantity| quantity.value.is_some())
            .map(Value::Quantity),
        "RTO" => element.to_ratio().map(Value::Ratio),
        "INT" => element
            .peek()
            .attribute("value")
            .and_then(|text| text.parse().ok())
            .map(|number| {
                element.attribute("value");
                Value::Integer(number)
            }),
        "BL" | "BN" => element.attribute("value").and_then(boolean).map(Value::Boolean),
        "ST" => element.deep_text().map(Value::String),
        "ED" => {
            let content = element.to_encapsulated();
            if content.data.is_some() {
                attachment(element).map(Value::Attachment)
            } else {
                content.text.map(Value::String)
            }
        }
        "TS" => element.to_date_time().map(Value::DateTime),
        "II" => element.to_identifier().and_then(|id| id.value).map(Value::String),
        "IVL" => match kind {
            "IVL_TS" => {
                let time = element.to_interval();
                time.point()
                    .map(Value::DateTime)
                    .or_else(|| time.period().map(Value::Period))
            }
            _ => element
                .to_bounded_quantity()
                .map(Value::Quantity)
                .or_else(|| element.to_range().map(Value::Range))
                .or_else(|| {
                    element
                        .to_quantity()
                        .filter(|quantity| quantity.value.is_some())
                        .map(Value::Quantity)
                }),
        },
        _ => None,
    };
    read.or_else(|| fallback(element))
}

fn concept_value(element: Element<'_>) -> Option<Value> {
    let concept = element.to_concept()?;
    let said = !concept.codings.is_empty() || concept.text.is_some();
    said.then_some(Value::CodeableConcept(concept))
}

/// What a `value` without type must be by its form.
fn guess(element: Element<'_>) -> &'static str {
    let element = element.peek();
    if element.attribute("code").is_some() || element.child("translation").is_some() {
        "CD"
    } else if element.child("low").is_some() || element.child("high").is_some() {
        "IVL_PQ"
    } else if element.attribute("value").is_some() {
        "PQ"
    } else {
        "ST"
    }
}

/// A value that is not what its type says keeps its text.
fn fallback(element: Element<'_>) -> Option<Value> {
    let peek = element.peek();
    if let Some(text) = peek.deep_text() {
        element.deep_text();
        return Some(Value::String(text));
    }
    if let Some(text) = peek.attribute("value") {
        element.attribute("value");
        let unit = element
            .attribute("unit")
            .map(|unit| format!(" {unit}"))
            .unwrap_or_default();
        return Some(Value::String(format!("{text}{unit}")));
    }
    if peek.attribute("code").is_some() || peek.attribute("displayName").is_some() {
        return concept_value(element);
    }
    None
}

pub(super) fn reference_range(range: Element<'_>) -> Option<ReferenceRange> {
    let range = range.child("observationRange")?;
    let mut out = ReferenceRange {
        text: range.child("text").and_then(|text| text.to_encapsulated().text),
        ..ReferenceRange::default()
    };
    // What the range means: normal unless it says otherwise.
    out.type_ = range
        .child("interpretationCode")
        .and_then(Element::to_concept)
        .filter(|code| !code.codings.is_empty());
    out.applies_to.extend(
        range
            .child("code")
            .and_then(Element::to_concept)
            .filter(|code| !code.codings.is_empty()),
    );
    if let Some(bounds) = range.child("value") {
        if let Some(limits) = bounds.to_range() {
            out.low = limits.low;
            out.high = limits.high;
        } else {
            let words = match value(bounds) {
                Some(Value::String(text)) => Some(text),
                Some(Value::CodeableConcept(concept)) => concept.label().map(str::to_owned),
                Some(Value::Quantity(quantity)) => quantity.value.map(|value| {
                    let unit = quantity.unit.unwrap_or_default();
                    format!("{value} {unit}").trim().to_owned()
                }),
                _ => None,
            };
            out.text = out.text.or(words);
        }
    }
    (out.low.is_some() || out.high.is_some() || out.text.is_some() || out.type_.is_some()).then_some(out)
}
