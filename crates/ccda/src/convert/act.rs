//! Acts without a record of their own kind: what was or is to be done, in the source's words; and what only points elsewhere.

use ehr_model::{EntryId, Procedure, RecordClass, Reference, ServiceRequest};
use ehr_types::{CodeableConcept, Coding};

use super::importer::{Importer, Scope};
use super::kind::read_code;
use super::statement::{code_of, deny, negated, occurrence, part_of, read_outline, status_of, time_of};
use super::vocabulary::{INTENT, PROCEDURE_STATUS, REQUEST_STATUS, translate};
use crate::template::EntryKind;
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// An act without a model of its own: what was or is to be done, in the source's words.
    pub(super) fn act(&mut self, act: Element<'d>, kind: EntryKind, scope: &Scope) -> Vec<EntryId> {
        let mood = act.attribute("moodCode").unwrap_or("EVN");
        let code = code_of(act);
        let said = code
            .as_ref()
            .is_some_and(|code| code.text.is_some() || code.codings.iter().any(|coding| !is_generic(coding)));
        let planned = mood != "EVN" || kind == EntryKind::Instruction;
        let mut ids = Vec::new();
        let text = act.child("text").and_then(|text| text.to_encapsulated().text);
        if (said || text.is_some()) && planned {
            ids.extend(self.instruction(act, code, text, mood, scope));
        } else if said || text.is_some() {
            match self.open(RecordClass::Procedure, act, "") {
                Ok(slot) => {
                    let (reason_code, reason_reference) = self.reasons(act);
                    let mut status = status_of(act, PROCEDURE_STATUS);
                    if negated(act) {
                        deny(&mut status, "not-done");
                    }
                    let record = Procedure {
                        identifier: act.to_identifiers(),
                        status,
                        code: code.or_else(|| text.map(CodeableConcept::from_text)),
                        subject: self.subject(),
                        performed: occurrence(&time_of(act)),
                        performer: self.performers(act),
                        part_of: part_of(scope),
                        reason_code,
                        reason_reference,
                        note: self.notes(act),
                        ..Procedure::default()
                    };
                    ids.push(self.close(slot, record));
                }
                Err(id) => ids.push(id),
            }
        }
        let scope = ids.first().map_or_else(|| scope.clone(), |id| scope.about(id));
        let inner = self.rest(act, &scope);
        if ids.is_empty() {
            ids.extend(inner.into_iter().filter_map(|reference| reference.target));
        }
        ids
    }

    fn instruction(
        &mut self,
        act: Element<'d>,
        code: Option<CodeableConcept>,
        text: Option<String>,
        mood: &str,
        scope: &Scope,
    ) -> Option<EntryId> {
        let slot = match self.open(RecordClass::ServiceRequest, act, "") {
            Ok(slot) => slot,
            Err(id) => return Some(id),
        };
        let (reason_code, reason_reference) = self.reasons(act);
        let (requester, authored_on) = self.recorder(act);
        let note = self.notes(act);
        let record = ServiceRequest {
            identifier: act.to_identifiers(),
            status: status_of(act, REQUEST_STATUS),
            intent: translate(INTENT, mood).map(str::to_owned),
            do_not_perform: negated(act).then_some(true),
            code,
            subject: self.subject(),
            occurrence: occurrence(&time_of(act)),
            authored_on,
            requester,
            performer: self.performing(act),
            reason_code,
            reason_reference,
            supporting_info: scope.focus.iter().map(Reference::to).collect(),
            patient_instruction: text,
            note,
            ..ServiceRequest::default()
        };
        Some(self.close(slot, record))
    }

    /// A comment that is not about another statement.
    pub(super) fn lone_comment(&mut self, act: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        self.note(act, scope)
    }

    /// A pointer to another entry of the document.
    pub(super) fn entry_reference(&mut self, act: Element<'d>) -> Vec<Reference> {
        read_outline(act);
        read_code(act);
        if let Some(id) = self.same_native(act) {
            let reference = Reference::to(id);
            act.to_identifiers();
            return vec![reference];
        }
        let ids = act.to_identifiers().into_iter();
        ids.map(|identifier| Reference {
            identifier: Some(identifier),
            ..Reference::default()
        })
        .collect()
    }
}

/// Codes that say "instruction" and nothing of what it is (IHE PCC).
fn is_generic(coding: &Coding) -> bool {
    matches!(coding.code.as_deref(), Some("PINSTRUCT" | "FINSTRUCT"))
}
