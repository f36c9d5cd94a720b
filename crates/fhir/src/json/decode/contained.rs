//! What can only be judged when an element or resource is read: invariants, contained resources.

use std::collections::{BTreeMap, BTreeSet};

use ehr_types::{Severity, Span};

use super::{Contained, Decoder, Local, NO_INDEX, Note};
use crate::element::{Element, Node, Str};
use crate::r4::{Resource, may_name};
use crate::sort::sort_by;

impl Decoder<'_> {
    /// Turns broken invariants into findings and notes local references.
    #[cold]
    #[inline(never)]
    pub(super) fn judge(&mut self, start: usize) {
        for rule in std::mem::take(&mut self.rules) {
            let element = Span::new(start, self.lexer.pos);
            let (member, span) = if rule.member.is_empty() {
                (None, element)
            } else {
                (Some(rule.member.as_ref()), self.locate(element, &rule.member))
            };
            let path = self.path_of(member, NO_INDEX);
            self.push_note(Note {
                code: rule.code(),
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
                field: self.path.last().map(|step| step.field),
                path,
                span: Span::new(start, self.lexer.pos),
            });
        }
    }

    /// Reports the references by `urn:` with which something is wrong in the Bundle that was read.
    #[cold]
    #[inline(never)]
    pub(super) fn report_urns(&mut self, start: usize) {
        let inside = self.urns.partition_point(|urn| urn.start < start);
        let mut urns = self.urns.split_off(inside);
        sort_by(&mut urns, |one, other| one.start.cmp(&other.start));
        let starts: Vec<usize> = urns.iter().map(|urn| urn.start).collect();
        let bundle = self.path_of(None, NO_INDEX);
        for (urn, path) in urns.iter().zip(self.paths(start, &starts)) {
            if let Some((code, severity, message)) = urn.fault {
                let span = self.locate(Span::new(urn.start, urn.start), "reference");
                let path = format!("{bundle}{path}.reference");
                self.note(code, severity, path, span, message);
            }
        }
    }

    /// Checks contained resources and the references to them (dom-2 to dom-5, ref-1), when their container is read.
    pub(super) fn resolve_locals(
        &mut self,
        node: &dyn Node,
        start: usize,
        (locals, mentioned, contained): (usize, usize, usize),
    ) {
        if let Some(step) = self.path.last().filter(|step| step.field.name() == "contained") {
            let own = self.locals.get(locals..).unwrap_or_default();
            self.contained.truncate(contained);
            self.contained.push(Contained {
                index: step.index,
                span: Span::new(start, self.lexer.pos),
                refers_back: own.iter().any(|local| local.id.is_empty()),
            });
            return;
        }
        let resources = node.parts().map_or(&[][..], |parts| parts.contained);
        if !resources.is_empty() || self.locals.len() > locals {
            let read = self.contained.split_off(contained);
            self.check_contained(resources, &read, locals, mentioned);
        }
        self.locals.truncate(locals);
        self.mentioned.truncate(mentioned);
        self.contained.truncate(contained);
    }

    #[inline(never)]
    fn check_contained(
        &mut self,
        resources: &[Resource],
        read: &[Contained],
        locals: usize,
        mentioned: usize,
    ) {
        let locals = self.locals.split_off(locals);
        let mut by_id: BTreeMap<&str, &Resource> = BTreeMap::new();
        by_id.extend(
            resources
                .iter()
                .filter_map(|resource| Some((resource.id()?, resource))),
        );
        for local in locals.iter().filter(|local| !local.id.is_empty()) {
            let (code, message) = match by_id.get(local.id.as_str()) {
                None => ("fhir.invariant.ref-1", "no contained resource has that id"),
                Some(target) if !may_name(local.field, target.resource_type()) => (
                    "fhir.reference.target",
                    "the contained resource is not of a type that is allowed here",
                ),
                Some(_) => continue,
            };
            let span = self.locate(local.span, "reference");
            self.note(code, Severity::Error, local.path.clone(), span, message);
        }
        let mentioned = self.mentioned.split_off(mentioned);
        let mut named: BTreeSet<&str> = BTreeSet::new();
        named.extend(locals.iter().map(|local| local.id.as_str()));
        named.extend(mentioned.iter().map(Str::as_str));
        let mut used: BTreeSet<&str> = BTreeSet::new();
        // One of a type that R4 does not have was not read, and neither were items that are no objects.
        let known = resources.iter().filter_map(Resource::as_element);
        for (resource, contained) in known.zip(read) {
            let Contained {
                index,
                span,
                refers_back,
            } = contained;
            let Some(parts) = resource.parts() else {
                continue;
            };
            let named = *refers_back || named.contains(parts.id.as_deref().unwrap_or_default());
            let meta = parts.meta.as_ref();
            let rules = [
                (
                    "fhir.resource.duplicate-id",
                    parts.id.as_deref().is_some_and(|id| !used.insert(id)),
                    "another contained resource has the same id",
                ),
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
                    let path = self.path_of(Some("contained"), *index);
                    self.note(code, Severity::Error, path, *span, message);
                }
            }
        }
    }
}
