//! What can only be judged when an element or resource is read: invariants, contained resources.

use std::borrow::Cow;

use ehr_types::{Severity, Span};

use super::{Decoder, Local, NO_INDEX, Note};
use crate::element::{Element, Node};
use crate::r4::Resource;

impl Decoder<'_> {
    /// Turns broken invariants into findings and notes local references.
    #[cold]
    #[inline(never)]
    pub(super) fn judge(&mut self, start: usize) {
        for rule in std::mem::take(&mut self.rules) {
            let member = (!rule.member.is_empty()).then_some(rule.member);
            let path = self.path_of(member, NO_INDEX);
            let code = if rule.key.starts_with("fhir.") {
                Cow::Borrowed(rule.key)
            } else {
                Cow::Owned(format!("fhir.invariant.{}", rule.key))
            };
            let span = Span::new(start, self.lexer.pos);
            self.push_note(Note {
                code,
                severity: rule.severity,
                path,
                span,
                message: rule.message.into(),
            });
        }
        for id in std::mem::take(&mut self.found_locals) {
            let path = self.path_of(Some("reference"), NO_INDEX);
            self.locals.push(Local {
                id,
                path,
                span: Span::new(start, self.lexer.pos),
            });
        }
    }

    /// Checks contained resources and the references to them (dom-2 to dom-5, ref-1), when their container is read.
    pub(super) fn resolve_locals(
        &mut self,
        node: &dyn Node,
        (locals, mentioned, back): (usize, usize, usize),
    ) {
        if self
            .path
            .last()
            .is_some_and(|step| step.field.name() == "contained")
        {
            let refers_back = self
                .locals
                .get(locals..)
                .unwrap_or_default()
                .iter()
                .any(|local| local.id.is_empty());
            if refers_back {
                self.back.extend(self.path.last().map(|step| step.index));
            }
            return;
        }
        let contained = node.parts().map_or(&[][..], |parts| parts.contained);
        if !contained.is_empty() || self.locals.len() > locals {
            self.check_contained(contained, (locals, mentioned, back));
        }
        self.locals.truncate(locals);
        self.mentioned.truncate(mentioned);
        self.back.truncate(back);
    }

    #[inline(never)]
    pub(super) fn check_contained(
        &mut self,
        contained: &[Resource],
        (locals, mentioned, back): (usize, usize, usize),
    ) {
        let (locals, back) = (self.locals.split_off(locals), self.back.split_off(back));
        for local in &locals {
            let known = contained
                .iter()
                .any(|resource| resource.id() == Some(local.id.as_str()));
            if !known && !local.id.is_empty() {
                let message = "no contained resource has that id";
                self.note(
                    "fhir.invariant.ref-1",
                    Severity::Error,
                    local.path.clone(),
                    local.span,
                    message,
                );
            }
        }
        let span = Span::new(self.lexer.pos.saturating_sub(1), self.lexer.pos);
        for (index, resource) in contained.iter().enumerate() {
            let Some(parts) = resource.as_element().and_then(Element::parts) else {
                continue;
            };
            let id = parts.id.as_deref().unwrap_or_default();
            let named = locals.iter().any(|local| local.id == id)
                || self
                    .mentioned
                    .get(mentioned..)
                    .unwrap_or_default()
                    .iter()
                    .any(|mentioned| mentioned == id)
                || back.contains(&(index as u32));
            let meta = parts.meta.as_ref();
            let rules = [
                (
                    "fhir.invariant.dom-2",
                    !parts.contained.is_empty(),
                    "a contained resource contains others",
                ),
                (
                    "fhir.invariant.dom-3",
                    !named,
                    "nothing refers to the contained resource",
                ),
                (
                    "fhir.invariant.dom-4",
                    meta.is_some_and(|meta| meta.version_id.is_some() || meta.last_updated.is_some()),
                    "a contained resource has no version of its own",
                ),
                (
                    "fhir.invariant.dom-5",
                    meta.is_some_and(|meta| !meta.security.is_empty()),
                    "a contained resource has no security label",
                ),
            ];
            for (code, broken, message) in rules {
                if broken {
                    let path = self.path_of(Some("contained"), index as u32);
                    self.note(code, Severity::Error, path, span, message);
                }
            }
        }
    }
}
