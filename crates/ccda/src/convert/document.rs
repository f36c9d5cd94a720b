//! Note activities.

use ehr_model::{Document as DocumentRecord, EntryId, RecordClass, Reference, Status};
use ehr_types::Period;

use super::importer::{Importer, Scope};
use super::section::{attachment, clinical_note};
use super::statement::{read_outline, retracted, time_of};
use super::vocabulary::base64;
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// A Note Activity (guide page CF-notes): a clinical note of its own.
    pub(super) fn note(&mut self, act: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::DocumentReference, act, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        read_outline(act);
        let mut type_ = act.child("code").and_then(Element::to_concept);
        if let Some(concept) = &mut type_
            && concept.codings.len() > 1
        {
            // `34109-9` says "note" and no more; the translations say which.
            let generic = concept
                .codings
                .iter()
                .position(|coding| coding.code.as_deref() == Some("34109-9"));
            if let Some(index) = generic {
                let coding = concept.codings.remove(index);
                concept.codings.push(coding);
            }
        }
        let (author, date) = self.own_authors(act);
        let time = time_of(act);
        let mut record = DocumentRecord {
            identifier: act.to_identifiers(),
            status: Some(Status::fhir(if retracted(act) {
                "entered-in-error"
            } else {
                "current"
            })),
            type_,
            category: vec![clinical_note()],
            subject: self.subject(),
            date,
            author,
            period: time
                .period()
                .or_else(|| time.value.map(|at| Period::new(Some(at), None))),
            encounter: self.encounter_of(scope).into_iter().collect(),
            ..DocumentRecord::default()
        };
        if let Some(text) = act.child("text") {
            let target = text.narrative_target();
            record
                .content
                .extend(match target.and_then(Element::to_xhtml_div) {
                    Some(xhtml) => Some(ehr_model::Attachment {
                        content_type: Some("application/xhtml+xml".to_owned()),
                        data: Some(base64(xhtml.as_bytes())),
                        ..ehr_model::Attachment::default()
                    }),
                    None => attachment(text),
                });
            // A file beside the narrative that shows it.
            if target.is_some() && text.peek().attribute("representation") == Some("B64") {
                record
                    .content
                    .extend(attachment(text).filter(|file| !record.content.contains(file)));
            }
        }
        let informants: Vec<_> = act.children("informant").collect();
        for informant in informants {
            record.related.extend(self.informant(informant));
        }
        for external in act.find_all(&["reference", "externalDocument"]) {
            let identifiers = external.to_identifiers();
            record
                .related
                .extend(identifiers.into_iter().map(|identifier| Reference {
                    identifier: Some(identifier),
                    class: Some(RecordClass::DocumentReference),
                    ..Reference::default()
                }));
        }
        let about = scope.about(&slot.id);
        for made in self.rest(act, &about) {
            if made.class == Some(RecordClass::Encounter) {
                record.encounter = vec![made];
            } else {
                record.related.push(made);
            }
        }
        vec![self.close(slot, record)]
    }
}
