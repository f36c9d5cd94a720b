//! [DocumentReference](https://hl7.org/fhir/R4/documentreference.html), and the
//! [Composition](https://hl7.org/fhir/R4/composition.html) of a document that has sections.

use ehr_model as model;
use ehr_model::NarrativeSection;
use ehr_types::Coding;

use super::map::{Convert, Reader, Writer, is_empty, said};
use super::mapping::mapping;
use super::member::Put;
use super::primitive::unknown;
use super::{extension, labels, narrative, time};
use crate::element::Element;
use crate::r4;

mapping!(model::Document, r4::DocumentReference {
    master_identifier, identifier, status, doc_status, type_: r#type, category, subject, author, authenticator,
    custodian, relates_to, description, security_label,
} required { status } read read_document; write write_document;);

fn read_document(from: &r4::DocumentReference, to: &mut model::Document, cx: &Reader<'_>) {
    to.date = time::read_instant(from.date, from, "date", cx);
    for content in &from.content {
        to.content.push(
            content
                .attachment
                .as_ref()
                .map(|attachment| model::Attachment::read(attachment.as_ref(), cx))
                .unwrap_or_default(),
        );
    }
    if from.content.iter().any(|content| content.format.is_some()) {
        to.format = from
            .content
            .iter()
            .map(|content| {
                content
                    .format
                    .as_ref()
                    .map(|format| Coding::read(format, cx))
                    .unwrap_or_default()
            })
            .collect();
    }
    if let Some(context) = &from.context {
        to.read_from(context.as_ref(), cx);
    }
}

mapping!(
    model::Document,
    r4::DocumentReferenceContext {
        encounter,
        event,
        period,
        facility_type,
        practice_setting,
        related,
    }
);

fn write_document(from: &model::Document, to: &mut r4::DocumentReference, cx: &Writer<'_>) {
    to.date = time::put_instant(from.date, to, "date");
    for index in 0..from.content.len().max(from.format.len()) {
        let mut content = r4::DocumentReferenceContent {
            attachment: from
                .content
                .get(index)
                .and_then(|attachment| said(attachment, cx)),
            ..r4::DocumentReferenceContent::default()
        };
        content.format = from.format.get(index).and_then(|format| said(format, cx));
        if cx.mirror || !is_empty(&content) {
            to.content.push(content);
        }
    }
    if !cx.mirror {
        if to.content.is_empty() {
            to.content.push(r4::DocumentReferenceContent::default());
        }
        for content in &mut to.content {
            if content.attachment.is_none() {
                unknown(&mut content.attachment);
            }
        }
    }
    to.context = said(from, cx);
}

mapping!(model::DocumentRelation, r4::DocumentReferenceRelatesTo { code, target } required { code, target });

/// The narrative of a document, whole, as a Composition with the labels of its entries; `None` for a document without sections.
pub(super) fn composition(
    from: &model::Document,
    labels: Vec<r4::Coding>,
    cx: &Writer<'_>,
) -> Option<r4::Composition> {
    if from.section.is_empty() {
        return None;
    }
    let mut to = r4::Composition {
        confidentiality: labels::confidentiality(&labels),
        ..r4::Composition::default()
    };
    labels::put(labels, &mut to.meta);
    let mut at = Put::new(&to, cx);
    at.put("status", &from.doc_status, &mut to.status);
    at.put("type", &from.type_, &mut to.r#type);
    at.put("category", &from.category, &mut to.category);
    at.put("subject", &from.subject, &mut to.subject);
    at.put("author", &from.author, &mut to.author);
    at.put("custodian", &from.custodian, &mut to.custodian);
    at.put("title", &from.description, &mut to.title);
    at.put("date", &from.date, &mut to.date);
    at.put("identifier", &from.master_identifier, &mut to.identifier);
    to.encounter = from
        .encounter
        .first()
        .and_then(|first| said(first, &cx.at(&to, "encounter", "")));
    to.section = from.section.iter().filter_map(|part| section(part, cx)).collect();
    at.require("status", &mut to.status);
    at.require("date", &mut to.date);
    at.require("title", &mut to.title);
    at.require("type", &mut to.r#type);
    at.require("author", &mut to.author);
    at.finish(&mut to);
    Some(to)
}

/// Rule cmp-1: a section has a text, entries or sections; cmp-2: a reason for being empty only where there is no entry.
fn section(from: &NarrativeSection, cx: &Writer<'_>) -> Option<r4::CompositionSection> {
    let mut to = r4::CompositionSection::default();
    let mut at = Put::new(&to, cx);
    at.put("title", &from.title, &mut to.title);
    at.put("code", &from.code, &mut to.code);
    at.put("entry", &from.entry, &mut to.entry);
    at.put("empty_reason", &from.empty_reason, &mut to.empty_reason);
    at.finish(&mut to);
    to.section = from.section.iter().filter_map(|part| section(part, cx)).collect();
    to.text = narrative::of(from.xhtml.as_deref(), from.text.as_deref());
    if is_empty(&to) {
        return None;
    }
    if !to.entry.is_empty()
        && let Some(reason) = to.empty_reason.take()
    {
        to.extension_mut().push(extension::other_type(
            "emptyReason",
            r4::ExtensionValue::CodeableConcept(reason),
        ));
    }
    if to.text.is_none() && to.entry.is_empty() && to.section.is_empty() {
        let label = from
            .title
            .as_deref()
            .or_else(|| from.code.as_ref().and_then(|code| code.label()));
        to.text = narrative::of(None, Some(label.unwrap_or("-")));
        if let Some(text) = &mut to.text {
            text.status = Some(r4::NarrativeStatus::Empty);
        }
    }
    Some(to)
}
