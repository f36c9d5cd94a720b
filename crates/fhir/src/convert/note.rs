//! Notes on resources that FHIR gives none.

use ehr_model::Annotation;

use super::extension;
use super::map::{Convert, Reader, Writer};
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

pub(super) fn write(from: &[Annotation], cx: &Writer<'_>) -> Vec<Extension> {
    from.iter()
        .map(|note| Convert::<r4::Annotation>::write(note, cx))
        .filter(|note| *note != r4::Annotation::default())
        .map(|note| extension::value(extension::NOTE, ExtensionValue::Annotation(Box::new(note))))
        .collect()
}
