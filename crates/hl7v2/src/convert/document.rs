//! TXA with its OBX: documents.

use std::collections::HashSet;

use ehr_model::{Attachment, Document, DocumentRelation, Reference, Status, Value};
use ehr_types::{CodeableConcept, Coding};

use super::conversion::{Conversion, key_of, plain, text_of_note};
use super::datatype::{base64, words};
use super::distinct::add_all;
use super::group::{Document as DocumentGroup, Unit};
use super::observation::{Context, is_no_result};
use super::reading::{At, Seg};
use super::table;

impl<'r> Conversion<'r, '_> {
    /// TXA: what is known of the document; the OBX after it: its content.
    pub(super) fn document(&mut self, group: &DocumentGroup<'r>) {
        let seg = group.unit.seg;
        let mut document = Document {
            master_identifier: self.sender().entity(seg.at(12), None),
            type_: self.concept_of(seg.at(2), 270),
            subject: self.subject(),
            date: seg.at(6).time().or_else(|| seg.at(7).time()),
            author: self.practitioners(seg, 9),
            authenticator: self.practitioners(seg, 10).into_iter().next(),
            doc_status: self.sender().status(seg.at(17), 271, table::document_completion),
            security_label: self.concepts(seg, 18, Some(272)),
            status: self.document_status(seg),
            description: seg.text(25),
            encounter: self.encounter().into_iter().collect(),
            ..Document::default()
        };
        if let Some(time) = seg.at(4).time() {
            // Activity: the service that is documented.
            document.period = Some(ehr_types::Period::new(Some(time), None));
        }
        let originators = self.practitioners(seg, 5);
        document.author.extend(originators);
        if document.authenticator.is_none() {
            document.authenticator = self.practitioners(seg, 22).into_iter().next();
        }
        if let Some(parent) = self.sender().entity(seg.at(13), None) {
            document.relates_to.push(DocumentRelation {
                // T10 and T09 replace, others append.
                code: Some(
                    if matches!(self.header.event.as_str(), "T09" | "T10") {
                        "replaces"
                    } else {
                        "appends"
                    }
                    .to_owned(),
                ),
                target: Some(Reference {
                    identifier: Some(parent),
                    ..Reference::default()
                }),
            });
        }
        for field in [14, 15] {
            document.related.extend(
                seg.all(field)
                    .filter_map(|at| self.sender().entity(at, None))
                    .map(|identifier| Reference {
                        identifier: Some(identifier),
                        ..Reference::default()
                    }),
            );
        }
        if let Some(name) = seg.text(16) {
            document.identifier.push(ehr_types::Identifier {
                value: Some(name),
                ..ehr_types::Identifier::default()
            });
        }
        let notes = group.unit.notes.iter().filter_map(|note| text_of_note(*note));
        let lines: Vec<String> = document.description.into_iter().chain(notes).collect();
        document.description = (!lines.is_empty()).then(|| lines.join("\n"));
        let content_type = content_type(seg.at(3));
        let rest = self.content(&group.observations, content_type.as_deref(), &mut document);
        let key = match &document.master_identifier {
            Some(identifier) => key_of(identifier),
            None => seg.content(),
        };
        let mut segments = group.unit.segments();
        for unit in &group.observations {
            if !rest.contains(&unit.seg.segment().position()) {
                segments.extend(unit.segments());
            }
        }
        let id = self.add(&["document", &key], document, &segments);
        let context = Context {
            order: format!("document {key}"),
            ..Context::default()
        };
        let related: Vec<Reference> = group
            .observations
            .iter()
            .filter(|unit| rest.contains(&unit.seg.segment().position()))
            .map(|unit| Reference::to(&self.observation(unit, &context)))
            .collect();
        if !related.is_empty()
            && let Some(ehr_model::Record::DocumentReference(document)) = self.chart.record_mut(&id)
        {
            add_all(&mut document.related, related);
        }
    }

    /// TXA-19, else the event; a document that is there is current.
    fn document_status(&self, seg: Seg<'r>) -> Option<Status> {
        let event = self.header.event.to_ascii_uppercase();
        if let Some(status) = table::document_status_of_event(&event) {
            return Some(Status::translated(
                Some(status),
                Coding::new(table::uri(3), event),
            ));
        }
        self.sender()
            .status(seg.at(19), 273, table::document_availability)
            .or_else(|| Some(Status::fhir("current")))
    }

    /// The content: data and pointers each as an attachment, lines of text together as one. Gives the positions of the
    /// observations that are neither.
    fn content(
        &mut self,
        units: &[Unit<'r>],
        content_type: Option<&str>,
        document: &mut Document,
    ) -> HashSet<usize> {
        let mut rest = HashSet::new();
        let mut text: Vec<String> = Vec::new();
        // Codes of the content's parts say more of what the document is.
        let mut codes: Vec<CodeableConcept> = Vec::new();
        for unit in units {
            let seg = unit.seg;
            if is_no_result(seg) {
                rest.insert(seg.segment().position());
                continue;
            }
            let kind = seg.code(2).unwrap_or_default().to_ascii_uppercase();
            match kind.as_str() {
                "ED" | "RP" => {
                    for at in seg.all(5).collect::<Vec<_>>() {
                        match self.value(&kind, at, seg) {
                            Some(Value::Attachment(mut attachment)) => {
                                let label = words(seg.at(3));
                                attachment.title = attachment.title.or(label);
                                document.content.push(attachment);
                            }
                            Some(Value::String(line)) => text.push(line),
                            _ => {}
                        }
                    }
                }
                "TX" | "FT" | "ST" | "" => {
                    let label = self.concept(seg.at(3));
                    codes.extend(label.filter(|code| {
                        document.type_.as_ref() != Some(code) && !document.event.contains(code)
                    }));
                    let lines: Vec<String> = seg
                        .segment()
                        .field(5)
                        .repetitions()
                        .map(|repetition| plain(repetition.text().trim_end()))
                        .collect();
                    seg.all(5).for_each(|at| at.mark());
                    text.push(lines.join("\n"));
                }
                _ => {
                    rest.insert(seg.segment().position());
                }
            }
            if !rest.contains(&seg.segment().position()) {
                text.extend(unit.notes.iter().filter_map(|note| text_of_note(*note)));
                if seg.at(11).peek_code().as_deref() == Some("F") {
                    seg.at(11).leaf().mark();
                }
            }
        }
        add_all(&mut document.category, codes);
        if !text.is_empty() {
            let whole = text.join("\n");
            document.content.push(Attachment {
                content_type: Some(
                    content_type
                        .filter(|kind| kind.starts_with("text/"))
                        .unwrap_or("text/plain")
                        .to_owned(),
                ),
                size: u32::try_from(whole.len()).ok(),
                data: Some(base64(whole.as_bytes())),
                ..Attachment::default()
            });
        }
        rest
    }
}

/// TXA-3 by table 0191, as a media type.
fn content_type(at: At<'_>) -> Option<String> {
    let kind = at.peek_code()?;
    let known = match kind.to_ascii_uppercase().as_str() {
        "TEXT" | "TX" | "FT" => "text/plain",
        "HTML" => "text/html",
        _ if kind.contains('/') => return at.code(),
        _ => return None,
    };
    at.leaf().mark();
    Some(known.to_owned())
}
