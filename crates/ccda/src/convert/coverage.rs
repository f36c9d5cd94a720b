//! Coverage and policy activities.

use ehr_model::{Coverage, EntryId, RecordClass};
use ehr_types::Period;

use super::importer::{Importer, Scope};
use super::kind::read_code;
use super::statement::{code_of, denied, has_template, read_outline};
use crate::template::EntryKind;
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// A Coverage Activity: each policy inside becomes a coverage.
    pub(super) fn coverage(&mut self, act: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let mut ids = Vec::new();
        for (_, inner) in self.open_related(act) {
            if inner.is("act")
                && !denied(inner)
                && matches!(
                    EntryKind::of(inner, scope.section),
                    EntryKind::Policy | EntryKind::Coverage
                )
            {
                self.consume(inner);
                ids.extend(self.policy(inner, Some(act), scope));
            }
        }
        if ids.is_empty() {
            ids.extend(self.policy(act, None, scope));
        }
        self.rest(act, scope);
        ids
    }

    /// A Policy Activity.
    pub(super) fn policy(
        &mut self,
        act: Element<'d>,
        around: Option<Element<'d>>,
        scope: &Scope,
    ) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::Coverage, act, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let mut record = Coverage {
            identifier: act.to_identifiers(),
            type_: code_of(act).filter(|code| code.label().is_some()),
            beneficiary: self.subject(),
            ..Coverage::default()
        };
        read_outline(act);
        if let Some(around) = around {
            self.own(&slot, around);
            read_outline(around);
            read_code(around);
            for identifier in around.to_identifiers() {
                if !record.identifier.contains(&identifier) {
                    record.identifier.push(identifier);
                }
            }
        }
        let performers: Vec<_> = act.children("performer").collect();
        for performer in performers {
            let Some(role) = performer.child("assignedEntity") else {
                continue;
            };
            let code = role.child("code").and_then(|code| code.peek().attribute("code"));
            let guarantor =
                has_template(performer, "2.16.840.1.113883.10.20.22.4.88") || code == Some("GUAR");
            let actor = self.actor(role);
            if guarantor {
                // A guarantor pays when the insurer does not.
                continue;
            }
            record.payor.extend(actor);
        }
        let participants: Vec<_> = act.children("participant").collect();
        for participant in participants {
            let Some(role) = participant.child("participantRole") else {
                continue;
            };
            match participant.peek().attribute("typeCode") {
                Some("COV") => {
                    let time = participant
                        .child("time")
                        .map(Element::to_interval)
                        .unwrap_or_default();
                    record.period = time
                        .period()
                        .or_else(|| time.value.map(|at| Period::new(Some(at), None)));
                    record.relationship = role
                        .child("code")
                        .and_then(Element::to_concept)
                        .filter(|code| code.label().is_some());
                    let member = role.to_identifiers().into_iter().next();
                    if record.subscriber_id.is_none() {
                        record.subscriber_id = member.as_ref().and_then(|id| id.value.clone());
                    }
                    record.identifier.extend(member);
                    // The covered party is the patient; name and address repeat the record target.
                }
                Some("HLD") => {
                    let own = role.to_identifiers();
                    if let Some(id) = own.first().and_then(|id| id.value.clone()) {
                        record.subscriber_id = Some(id);
                    }
                    let holder = self.related_person(role, None);
                    record.policy_holder = holder.clone();
                    record.subscriber = holder;
                }
                _ => {
                    self.actor(role);
                }
            }
        }
        let relation = act.parent().filter(|relation| relation.is("entryRelationship"));
        let number = relation.and_then(|relation| relation.child("sequenceNumber"));
        record.order = number
            .and_then(|number| number.attribute("value"))
            .and_then(|number| number.parse().ok());
        let id = self.close(slot, record);
        for (_, inner) in self.open_related(act) {
            // Authorizations and plan descriptions.
            self.statement(inner, &scope.about(&id));
        }
        vec![id]
    }
}
