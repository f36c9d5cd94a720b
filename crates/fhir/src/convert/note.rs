//! Notes on resources that FHIR gives none, and notes that show what a rule of FHIR forbids in its place.

use ehr_model::Annotation;

use super::map::{Convert, Reader, Writer, said};
use super::{extension, text};
use crate::element::{Element, Node};
use crate::r4::{self, Extension, ExtensionValue};

pub(super) fn read(from: &[Extension], cx: &Reader<'_>) -> Vec<Annotation> {
    from.iter()
        .filter(|extension| extension.url.as_deref() == Some(extension::NOTE))
        .filter_map(|extension| match extension.value.as_deref() {
            Some(ExtensionValue::Annotation(note)) => Some(Annotation::read(note.as_ref(), cx)),
            _ => None,
        })
        .collect()
}

/// A note that says visibly what a rule of FHIR does not allow where it belongs, and what therefore stands in an extension.
pub(super) fn visible(notes: &mut Vec<r4::Annotation>, what: &str, said: &str) {
    let Some(text) = text::string(&format!("{what}: {said}")).filter(|_| !said.trim().is_empty()) else {
        return;
    };
    let mut note = r4::Annotation {
        text: Some(text),
        ..r4::Annotation::default()
    };
    note.extension_mut()
        .push(extension::string(extension::DERIVED, what));
    notes.push(note);
}

/// Takes back what [`visible`] wrote.
pub(super) fn take_back(from: &[r4::Annotation], notes: &mut Vec<Annotation>) {
    let mut from = from.iter();
    notes.retain(|_| !from.next().is_some_and(|note| is_derived(note)));
}

/// Whether no source states the element.
pub(super) fn is_derived(of: &dyn Node) -> bool {
    extension::find(of.extension(), extension::DERIVED).is_some()
}

/// A value in words.
pub(super) fn words(value: &ExtensionValue) -> String {
    let of = |texts: &[Option<&str>]| texts.iter().flatten().copied().collect::<Vec<_>>().join(" ");
    match value {
        ExtensionValue::String(text) => text.to_string(),
        ExtensionValue::DateTime(time) => time.to_string(),
        ExtensionValue::Boolean(value) => value.to_string(),
        ExtensionValue::Integer(value) => value.to_string(),
        ExtensionValue::CodeableConcept(concept) => concept_words(concept),
        ExtensionValue::Period(period) => {
            let [start, end] = [period.start, period.end].map(|time| time.map(|time| time.to_string()));
            format!("{} to {}", start.unwrap_or_default(), end.unwrap_or_default())
        }
        ExtensionValue::Quantity(quantity) => {
            let number = quantity.value.as_ref().map(ToString::to_string);
            let unit = quantity.unit.as_deref().or(quantity.code.as_deref());
            let comparator = quantity.comparator.as_ref().map(|comparator| comparator.as_str());
            of(&[comparator, number.as_deref(), unit])
        }
        _ => "see the extension".to_owned(),
    }
}

/// The text of a concept, else the words or the code of its first coding.
pub(super) fn concept_words(concept: &r4::CodeableConcept) -> String {
    let coding = concept.coding.first();
    let words = concept
        .text
        .as_deref()
        .or_else(|| coding.and_then(|coding| coding.display.as_deref().or(coding.code.as_deref())));
    words.unwrap_or_default().to_owned()
}

pub(super) fn write(from: &[Annotation], cx: &Writer<'_>) -> Vec<Extension> {
    from.iter()
        .filter_map(|note| said(note, cx))
        .map(|note| extension::value(extension::NOTE, ExtensionValue::Annotation(note)))
        .collect()
}
