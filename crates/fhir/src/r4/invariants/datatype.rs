//! Other data types.

use ehr_types::{DateTime, Decimal, TimeRelation};

use super::quantity::zero;
use super::{advise, exists};
use crate::element::{Field, Str};
use crate::r4::RESOURCE_NAMES;
use crate::r4::*;
use crate::scope::Scope;

pub(super) fn later(start: &DateTime, end: &DateTime) -> bool {
    start.relation(end) == TimeRelation::After
}

pub(crate) fn period(it: &Period, at: &mut Scope<'_>) {
    if let (Some(start), Some(end)) = (&it.start, &it.end) {
        at.require(!later(start, end), "per-1", "", "the end is before the start");
    }
}

pub(crate) fn timing_repeat(it: &TimingRepeat, at: &mut Scope<'_>) {
    let negative = |value: &Option<Decimal>| {
        value
            .as_ref()
            .zip(zero())
            .is_some_and(|(value, zero)| *value < zero)
    };
    at.require(!negative(&it.duration), "tim-4", "", "the duration is below zero");
    at.require(!negative(&it.period), "tim-5", "", "the period is below zero");
    if it.offset.is_some() && !it.when.is_empty() {
        let meal = it.when.iter().any(|when| {
            matches!(
                when,
                EventTiming::C | EventTiming::CM | EventTiming::CD | EventTiming::CV
            )
        });
        at.require(
            !meal,
            "tim-9",
            "",
            "an offset needs an event that is not a meal itself",
        );
    }
}

pub(crate) fn coding(it: &Coding, at: &mut Scope<'_>) {
    if let Some(set) = at.field.and_then(|field| field.binding())
        && let Some(code) = &it.code
    {
        let known = it
            .system
            .as_deref()
            .map_or_else(|| set.has_code(code), |system| set.has_coding(system, code));
        at.require(
            known,
            "fhir.code.unknown",
            "code",
            "the code is not in the required value set",
        );
    }
}

pub(crate) fn codeable_concept(it: &CodeableConcept, at: &mut Scope<'_>) {
    let Some(set) = at.field.and_then(|field| field.binding()) else {
        return;
    };
    let known = it
        .coding
        .iter()
        .any(|coding| match (&coding.system, &coding.code) {
            (Some(system), Some(code)) => set.has_coding(system, code),
            _ => false,
        });
    if !known && it.coding.iter().any(|coding| coding.code.is_some()) {
        let of_system = |system: &Str| set.systems.iter().any(|(own, _)| own == system);
        let member = match it.coding.as_slice() {
            [one] if one.system.as_ref().is_some_and(of_system) => "coding[0].code",
            [_] => "coding[0]",
            _ => "",
        };
        at.require(
            false,
            "fhir.code.unknown",
            member,
            "no coding is in the required value set",
        );
    }
}

/// The resource type that a literal reference names: the segment before the id, or before a search.
pub(crate) fn reference_type(reference: &str) -> Option<&str> {
    let (path, search) = match reference.split_once('?') {
        Some((path, _)) => (path, true),
        None => (reference, false),
    };
    let mut segments = path.rsplit('/');
    let mut name = segments.next()?;
    if !search {
        name = segments.next()?;
        if name == "_history" {
            name = segments.nth(1)?;
        }
    }
    RESOURCE_NAMES.binary_search(&name).is_ok().then_some(name)
}

/// Whether a Reference that stands in `field` may be to a resource of that type.
pub(crate) fn may_name(field: Option<&Field>, resource_type: &str) -> bool {
    field.is_none_or(|field| {
        let mut targets = field.targets();
        targets.len() == 0 || targets.any(|target| target == resource_type)
    })
}

pub(crate) fn reference(it: &Reference, at: &mut Scope<'_>) {
    let field = at.field;
    let mut named = None;
    if let Some(reference) = &it.reference {
        if let Some(id) = reference.strip_prefix('#') {
            at.local_reference(id);
        } else if let Some(name) = reference_type(reference) {
            named = Some(name);
            let message = "the reference is not to a type that is allowed here";
            at.require(
                may_name(field, name),
                "fhir.reference.target",
                "reference",
                message,
            );
        } else if !reference.is_empty() && !reference.contains(':') {
            let message = "a reference is #id, a resource type and an id, or an absolute URL";
            advise(at, false, "fhir.reference.form", "reference", message);
        }
    }
    if let Some(name) = it.r#type.as_deref()
        && RESOURCE_NAMES.binary_search(&name).is_ok()
    {
        let message = "the type is not one that is allowed here";
        at.require(may_name(field, name), "fhir.reference.target", "type", message);
        let message = "the type is not that of the reference";
        at.require(
            named.is_none_or(|named| named == name),
            "fhir.reference.type",
            "type",
            message,
        );
    }
}

pub(crate) fn trigger_definition(it: &TriggerDefinition, at: &mut Scope<'_>) {
    let holds = match &it.r#type {
        Some(TriggerType::NamedEvent) => exists(it, it.name.is_some(), "name"),
        Some(TriggerType::Periodic) => it.timing.is_some(),
        Some(kind) if kind.as_str().starts_with("data-") => !it.data.is_empty(),
        _ => true,
    };
    at.require(
        holds,
        "trd-3",
        "",
        "the element that this type of trigger needs is missing",
    );
}
