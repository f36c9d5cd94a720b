//! Notes on resources that FHIR gives none.

use ehr_model::Annotation;

use super::extension;
use super::map::{Convert, Reader, Writer, said};
use crate::r4::{Extension, ExtensionValue};

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
        .filter_map(|note| said(note, cx))
        .map(|note| extension::value(extension::NOTE, ExtensionValue::Annotation(note)))
        .collect()
}
