//! Times: what FHIR allows where, and what to do with the rest.

use ehr_types::DateTime;

use super::extension;
use super::map::Reader;
use crate::element::{Element, Node};
use crate::r4::Extension;

/// A time that stands in an element in a form that FHIR does not allow there: without a zone, without a time of day.
pub(super) fn raw_time(of: &dyn Node, name: &str) -> Option<DateTime> {
    let raw = of.extra()?.raw_members().iter().find(|raw| raw.name == name)?;
    DateTime::parse_any(raw.json.trim_matches('"')).ok()
}

/// The instant that a member of `from` holds, or what its source gives instead.
pub(super) fn read_instant(
    value: Option<DateTime>,
    from: &dyn Node,
    name: &str,
    cx: &Reader<'_>,
) -> Option<DateTime> {
    let value = value.or_else(|| raw_time(from, name));
    read_time(value, from.primitive_extension(name, None), cx)
}

/// Writes the instant of a member of `to`; what is none stands beside it.
pub(super) fn put_instant(value: Option<DateTime>, to: &mut dyn Node, name: &str) -> Option<DateTime> {
    let (instant, extension) = write_instant(value?);
    if let Some(extension) = extension {
        super::member::beside(to, name, extension);
    }
    instant
}

/// A time, restored from the extension that holds what FHIR could not.
pub(super) fn read_time(value: Option<DateTime>, beside: &[Extension], cx: &Reader<'_>) -> Option<DateTime> {
    let whole =
        extension::text_in(beside, extension::SOURCE_TIME).and_then(|text| DateTime::parse_any(&text).ok());
    let time = whole.or(value)?;
    Some(match cx.default_offset {
        Some(offset) => time.with_default_offset(offset),
        None => time,
    })
}

/// A time in a form that FHIR allows, and the extension that holds the rest.
pub(super) fn write_time(time: DateTime) -> (Option<DateTime>, Option<Extension>) {
    let fhir = time.to_fhir();
    if !has_fhir_zone(time) {
        return (Some(time.date().into()), Some(extension::source_time(time)));
    }
    let extension = (!fhir.complete).then(|| extension::source_time(time));
    (DateTime::parse(&fhir.text).ok(), extension)
}

/// A time as a FHIR instant, or the extension that holds it.
pub(super) fn write_instant(time: DateTime) -> (Option<DateTime>, Option<Extension>) {
    match DateTime::parse(&time.to_fhir().text) {
        Ok(instant) if instant.is_instant() && has_fhir_zone(time) => (Some(instant), None),
        _ => (None, Some(extension::source_time(time))),
    }
}

/// Whether the zone, where there is one, is 14 hours from UTC at most, as the type dateTime demands.
fn has_fhir_zone(time: DateTime) -> bool {
    let minutes = time.offset().minutes();
    minutes.is_none_or(|minutes| minutes.abs() <= 14 * 60)
}
