//! [DocumentReference](https://hl7.org/fhir/R4/documentreference.html), and the
//! [Composition](https://hl7.org/fhir/R4/composition.html) of a document that has sections.

use ehr_model as model;
use ehr_model::NarrativeSection;
use ehr_types::Coding;

use super::extension;
use super::map::{Convert, Reader, Writer, group, mapping, member};
use super::primitive::Fill;
use super::{narrative, text};
use crate::element::Element;
use crate::r4;

mapping!(model::Document, r4::DocumentReference {
    master_identifier, identifier, status, doc_status, type_: r#type, category, subject, author, authenticator,
    custodian, relates_to, description, security_label,
} required { status } read read_document; write write_document;);

fn read_document(from: &r4::DocumentReference, to: &mut model::Document, cx: &Reader<'_>) {
    to.date = text::read_time(from.date, from.primitive_extension("date", None), cx);
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
        read_context(context, to, cx);
    }
}

group!(model::Document, r4::DocumentReferenceContext {
    encounter, event, period, facility_type, practice_setting, related,
} read read_context; write write_context;);

fn write_document(from: &model::Document, to: &mut r4::DocumentReference, cx: &Writer<'_>) {
    if let Some(date) = from.date {
        let (instant, extension) = text::write_instant(date);
        to.date = instant;
        if let Some(extension) = extension {
            super::map::beside(to, "date", extension);
        }
    }
    for (index, attachment) in from.content.iter().enumerate() {
        let attachment: r4::Attachment = attachment.write(cx);
        let mut content = r4::DocumentReferenceContent::default();
        if attachment != r4::Attachment::default() {
            content.attachment = Some(Box::new(attachment));
        }
        content.format = from
            .format
            .get(index)
            .filter(|format| **format != Coding::default())
            .map(|format| Box::new(format.write(cx)));
        if cx.mirror || content != r4::DocumentReferenceContent::default() {
            to.content.push(content);
        }
    }
    if !cx.mirror {
        if to.content.is_empty() {
            to.content.push(r4::DocumentReferenceContent::default());
        }
        for content in &mut to.content {
            if content.attachment.is_none() {
                content.attachment.fill(extension::unknown());
            }
        }
    }
    to.context = write_context(from, cx).map(Box::new);
}

mapping!(model::DocumentRelation, r4::DocumentReferenceRelatesTo { code, target } required { code, target });

/// The narrative of a document, whole, as a Composition; `None` for a document without sections.
pub(super) fn composition(from: &model::Document, cx: &Writer<'_>) -> Option<r4::Composition> {
    if from.section.is_empty() {
        return None;
    }
    let mut to = r4::Composition::default();
    member!(write from to cx doc_status status);
    member!(write from to cx type_ r#type);
    member!(write from to cx category);
    member!(write from to cx subject);
    member!(write from to cx author);
    member!(write from to cx custodian);
    member!(write from to cx description title);
    member!(write from to cx date);
    member!(write from to cx master_identifier identifier);
    if let Some(first) = from.encounter.first() {
        let first: r4::Reference = first.write(cx);
        to.encounter = (first != r4::Reference::default()).then(|| Box::new(first));
    }
    to.section = from.section.iter().filter_map(|part| section(part, cx)).collect();
    for (name, missing) in [
        ("status", to.status.is_none()),
        ("date", to.date.is_none()),
        ("title", to.title.is_none()),
    ] {
        if missing {
            extension::explain(&mut to, name, extension::unknown());
        }
    }
    if to.r#type.is_none() {
        to.r#type.fill(extension::unknown());
    }
    if to.author.is_empty() {
        to.author.fill(extension::unknown());
    }
    Some(to)
}

/// Rule cmp-1: a section has a text, entries or sections; cmp-2: a reason for being empty only where there is no entry.
fn section(from: &NarrativeSection, cx: &Writer<'_>) -> Option<r4::CompositionSection> {
    let mut to = r4::CompositionSection::default();
    member!(write from to cx title);
    member!(write from to cx code);
    member!(write from to cx entry);
    member!(write from to cx empty_reason);
    to.section = from.section.iter().filter_map(|part| section(part, cx)).collect();
    to.text = narrative::of(from.xhtml.as_deref(), from.text.as_deref());
    if to == r4::CompositionSection::default() {
        return None;
    }
    if !to.entry.is_empty()
        && let Some(reason) = to.empty_reason.take()
    {
        to.extension_mut().push(extension::complex(
            extension::OTHER_TYPE,
            vec![
                extension::string("element", "emptyReason"),
                extension::value("value", r4::ExtensionValue::CodeableConcept(reason)),
            ],
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
