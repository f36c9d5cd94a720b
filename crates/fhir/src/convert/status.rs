//! Statuses: the code of FHIR, and what the source said beside or instead of it.

use ehr_model::Status;
use ehr_types::Coding;

use super::extension;
use super::map::{Convert, Reader, Writer, said};
use super::text::code;
use crate::element::{Element, Node};
use crate::r4::{self, Extension, ExtensionValue};

/// A status from its code and what stands beside it.
pub(super) fn read_status(code: Option<&str>, known: bool, beside: &[Extension]) -> Option<Status> {
    let absent = extension::read_absent(beside);
    let mut source = None;
    let mut unknown = code.filter(|_| !known).map(str::to_owned);
    for found in beside {
        match (found.url.as_deref(), found.value.as_deref()) {
            (Some(extension::SOURCE_CODE), Some(ExtensionValue::Coding(coding))) => {
                source = Some(Coding::read(coding, &Reader::PLAIN));
            }
            (Some(extension::SOURCE_CODE), Some(ExtensionValue::String(text))) => {
                unknown = Some(text.to_string());
            }
            _ => {}
        }
    }
    let code_alone = |code| Coding {
        code: Some(code),
        ..Coding::default()
    };
    let mut code = code.filter(|_| known).map(str::to_owned);
    if source.is_some() {
        code = code.or(unknown);
    } else {
        source = unknown.map(code_alone);
    }
    let status = Status { code, source, absent };
    (status != Status::default()).then_some(status)
}

/// What stands beside the code of a status: the source's own code, a code outside of the value set, or why there is none.
pub(super) fn status_extensions(status: &Status, known: bool) -> Vec<Extension> {
    let mut out = Vec::new();
    let unknown = status.code.as_deref().filter(|_| !known).and_then(code);
    let source: Option<Box<r4::Coding>> = status
        .source
        .as_ref()
        .and_then(|source| said(source, &Writer::PLAIN));
    if let (Some(_), Some(code)) = (&source, &unknown) {
        out.push(extension::string(extension::SOURCE_CODE, code));
    }
    let code_alone = |code| {
        Box::new(r4::Coding {
            code: Some(code),
            ..r4::Coding::default()
        })
    };
    if let Some(coding) = source.or_else(|| unknown.map(code_alone)) {
        out.push(extension::value(
            extension::SOURCE_CODE,
            ExtensionValue::Coding(coding),
        ));
    }
    if let Some(absent) = &status.absent
        && (status.code.is_none() || !known)
    {
        out.extend(extension::absent(absent));
    }
    out
}

/// The status of something that has none in FHIR.
pub(super) fn put_status(status: Option<&Status>, to: &mut dyn Node) {
    let Some(status) = status else { return };
    if let Some(code) = status.code.as_deref().and_then(code) {
        let code = ExtensionValue::Code(code);
        to.extension_mut().push(extension::other_type("status", code));
    }
    if let Some(source) = status
        .source
        .as_ref()
        .and_then(|source| said(source, &Writer::PLAIN))
    {
        let source = ExtensionValue::Coding(source);
        to.extension_mut().push(extension::other_type("status", source));
    }
    if let Some(absent) = &status.absent {
        let mut missing = Box::<r4::CodeableConcept>::default();
        missing.extension_mut().extend(extension::absent(absent));
        let missing = ExtensionValue::CodeableConcept(missing);
        to.extension_mut().push(extension::other_type("status", missing));
    }
}

/// The status that [`put_status`] wrote.
pub(super) fn get_status(extensions: &[Extension]) -> Option<Status> {
    let mut status = Status::default();
    for value in extension::other_types(extensions, "status") {
        match value {
            ExtensionValue::Code(code) => status.code = Some(code.to_string()),
            ExtensionValue::Coding(source) => status.source = Some(Coding::read(source, &Reader::PLAIN)),
            ExtensionValue::CodeableConcept(missing) => {
                status.absent = extension::read_absent(missing.extension());
            }
            _ => {}
        }
    }
    (status != Status::default()).then_some(status)
}
