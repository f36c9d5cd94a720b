//! Other data types.

use ehr_types::{DateTime, Decimal, Precision, TimeRelation};

use super::quantity::zero;
use super::{advise, exists};
use crate::element::{Element, Field, Str};
use crate::r4::*;
use crate::r4::{RESOURCE_NAMES, is_currency, is_media_type};
use crate::scope::Scope;

/// Whether `start` is after `end` for sure. Seconds and their fractions are one precision: `10:00:00` is the start of its
/// second.
pub(super) fn later(start: &DateTime, end: &DateTime) -> bool {
    match start.relation(end) {
        TimeRelation::After => true,
        TimeRelation::Overlapping if start.precision().min(end.precision()) >= Precision::Second => start
            .utc_interval()
            .zip(end.utc_interval())
            .is_some_and(|(start, end)| start.0 > end.0),
        _ => false,
    }
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
    let Some(set) = at.field.and_then(|field| field.binding()) else {
        return;
    };
    if let Some(code) = &it.code {
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
    } else if !exists(it, false, "code") && it.extension().is_empty() {
        let message = "there is no code of the required value set";
        at.require(false, "fhir.code.unknown", "", message);
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
    // A concept without any code may say by an extension why.
    let says_why =
        |coding: &Coding| exists(coding, coding.code.is_some(), "code") || !coding.extension().is_empty();
    let coded = it.coding.iter().any(|coding| coding.code.is_some());
    let explained = !it.extension().is_empty() || it.coding.iter().any(says_why);
    if !known && (coded || !explained) {
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

/// Whether a relative reference is a type and an id, with or without a version, or a type and a search.
fn is_relative(reference: &str, resource_type: &str) -> bool {
    let Some(rest) = reference.strip_prefix(resource_type) else {
        return false;
    };
    // Published artifacts have ids of more than 64 characters.
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let id = |text: &str| !text.is_empty() && text.bytes().all(letter);
    match (rest.strip_prefix('?'), rest.strip_prefix('/')) {
        (Some(search), _) => !search.is_empty(),
        (_, Some(path)) => match path.split_once("/_history/") {
            Some((path, version)) => id(path) && id(version),
            None => id(path),
        },
        _ => false,
    }
}

/// Whether a Reference that stands in `field` may be to a resource of that type.
pub(crate) fn may_name(field: Option<&Field>, resource_type: &str) -> bool {
    field.is_none_or(|field| {
        let mut targets = field.targets();
        targets.len() == 0 || targets.any(|target| target == resource_type)
    })
}

pub(crate) fn reference(it: &Reference, at: &mut Scope<'_>) {
    let mut named = None;
    if let Some(reference) = &it.reference {
        if reference.starts_with("urn:") {
            at.urn_reference(reference);
        } else if let Some(id) = reference.strip_prefix('#') {
            at.local_reference(id);
        } else if !reference.is_empty() {
            named = literal_reference(reference, at);
        }
    }
    if let Some(name) = it.r#type.as_deref()
        && RESOURCE_NAMES.binary_search(&name).is_ok()
    {
        let message = "the type is not one that is allowed here";
        at.require(may_name(at.field, name), "fhir.reference.target", "type", message);
        let message = "the type is not that of the reference";
        at.require(
            named.is_none_or(|named| named == name),
            "fhir.reference.type",
            "type",
            message,
        );
    }
}

/// Checks a reference by URL, and gives the resource type that it names.
fn literal_reference<'r>(reference: &'r str, at: &mut Scope<'_>) -> Option<&'r str> {
    let named = reference_type(reference);
    if let Some(name) = named {
        let message = "the reference is not to a type that is allowed here";
        at.require(
            may_name(at.field, name),
            "fhir.reference.target",
            "reference",
            message,
        );
    }
    let relative = reference
        .find([':', '/', '?', '#'])
        .is_none_or(|at| reference.get(at..=at) != Some(":"));
    if relative {
        let holds = named.is_some_and(|name| is_relative(reference, name));
        let message = "a reference is #id, a resource type and an id, or an absolute URL";
        advise(at, holds, "fhir.reference.form", "reference", message);
    }
    named
}

pub(crate) fn money(it: &Money, at: &mut Scope<'_>) {
    at.require(
        it.currency
            .as_deref()
            .is_none_or(|code| code.is_empty() || is_currency(code)),
        "fhir.code.unknown",
        "currency",
        "the currency is not one of ISO 4217",
    );
}

pub(crate) fn attachment(it: &Attachment, at: &mut Scope<'_>) {
    at.require(
        it.content_type
            .as_deref()
            .is_none_or(|code| code.is_empty() || is_media_type(code)),
        "fhir.code.unknown",
        "contentType",
        "a media type is a type and a subtype (BCP 13)",
    );
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
