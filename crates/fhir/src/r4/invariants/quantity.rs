//! Quantities, ranges of them.

use std::cmp::Ordering;

use ehr_types::Decimal;

use crate::element::{Kind, Str};
use crate::r4::{
    Age, Count, Distance, Duration, Quantity, Range, RiskAssessmentPrediction,
    RiskAssessmentPredictionProbability,
};
use crate::scope::Scope;

const UCUM: &str = "http://unitsofmeasure.org";

pub(super) fn zero() -> Option<Decimal> {
    Decimal::parse("0").ok()
}

/// `None` when a part is missing or the units differ.
fn compare(low: &Quantity, high: &Quantity) -> Option<Ordering> {
    let same = |a: &Option<Str>, b: &Option<Str>| a.is_none() || b.is_none() || a == b;
    let comparable =
        same(&low.unit, &high.unit) && same(&low.code, &high.code) && same(&low.system, &high.system);
    match (&low.value, &high.value) {
        (Some(low), Some(high)) if comparable => Some(low.cmp(high)),
        _ => None,
    }
}

pub(crate) fn quantity(it: &Quantity, at: &mut Scope<'_>) {
    if at
        .field
        .is_some_and(|field| field.kind() == Kind::Element(crate::r4::ElementType::SimpleQuantity))
    {
        at.require(
            it.comparator.is_none(),
            "sqty-1",
            "",
            "a SimpleQuantity has no comparator",
        );
    }
}

pub(crate) fn age(it: &Age, at: &mut Scope<'_>) {
    ucum(it.system.as_deref(), "age-1", at);
    let positive = it
        .value
        .as_ref()
        .zip(zero())
        .is_none_or(|(value, zero)| *value > zero);
    at.require(positive, "age-1", "", "an age is above zero");
}

pub(crate) fn count(it: &Count, at: &mut Scope<'_>) {
    ucum(it.system.as_deref(), "cnt-3", at);
    let whole = it
        .value
        .as_ref()
        .is_none_or(|value| !value.as_str().contains('.'));
    at.require(whole, "cnt-3", "", "a count is a whole number");
    at.require(
        it.code.as_deref().is_none_or(|code| code == "1"),
        "cnt-3",
        "",
        "the code of a count is 1",
    );
}

pub(crate) fn distance(it: &Distance, at: &mut Scope<'_>) {
    ucum(it.system.as_deref(), "dis-1", at);
}

pub(crate) fn duration(it: &Duration, at: &mut Scope<'_>) {
    if it.code.is_some() {
        at.require(
            it.system.as_deref() == Some(UCUM),
            "drt-1",
            "",
            "the unit of a duration is in UCUM",
        );
    }
}

fn ucum(system: Option<&str>, key: &'static str, at: &mut Scope<'_>) {
    at.require(
        system.is_none_or(|system| system == UCUM),
        key,
        "",
        "the unit must be in UCUM",
    );
}

pub(crate) fn range(it: &Range, at: &mut Scope<'_>) {
    if let (Some(low), Some(high)) = (&it.low, &it.high) {
        at.require(
            compare(low, high) != Some(Ordering::Greater),
            "rng-2",
            "",
            "low is above high",
        );
    }
}

pub(crate) fn risk_assessment_prediction(it: &RiskAssessmentPrediction, at: &mut Scope<'_>) {
    if let Some(RiskAssessmentPredictionProbability::Decimal(value)) = &it.probability {
        let most = Decimal::parse("100").ok();
        at.require(
            most.is_none_or(|most| *value <= most),
            "ras-2",
            "",
            "the probability is above 100",
        );
    }
    if let Some(RiskAssessmentPredictionProbability::Range(range)) = &it.probability {
        let percent = |quantity: &Quantity| {
            quantity.code.as_deref() == Some("%") && quantity.system.as_deref() == Some(UCUM)
        };
        let mut ends = range.low.iter().chain(&range.high);
        at.require(
            ends.all(|end| percent(end)),
            "ras-1",
            "probabilityRange",
            "the ends of a probability are percentages",
        );
    }
}
