//! Members that are not simply the value of an element: `id` and extensions, repeated, unknown and faulty ones.

use std::borrow::Cow;

use ehr_types::{Severity, Span};

use super::object::Members;
use super::report::shown;
use super::{Decoder, FromJson, NO_INDEX, Residue};
use crate::element::{Element, Field, Many, Node, Str, Type};
use crate::extra::{BrokenName, Hole, RawMember, RawReason, Spelling};
use crate::json::lex::{Broken, Text};
use crate::json::one_line;
use crate::r4::Extension;

impl<'a> Decoder<'a> {
    /// Name of a member.
    pub(super) fn key(&mut self, key: Text<'a>, at: usize) -> Cow<'a, str> {
        if key.lone_surrogate || key.control {
            let name = shown(&key.value);
            self.string_faults(key.lone_surrogate, key.control, Some(&name), at);
        }
        key.value
    }

    #[cold]
    pub(super) fn string_faults(
        &mut self,
        lone_surrogate: bool,
        control: bool,
        member: Option<&str>,
        at: usize,
    ) {
        if lone_surrogate {
            self.report(
                "json.lone-surrogate",
                Severity::Error,
                member,
                at,
                "half of a surrogate pair is no character",
            );
        }
        if control {
            self.report(
                "json.control-character",
                Severity::Error,
                member,
                at,
                "a control character must be escaped",
            );
        }
    }

    /// `id`, `extension` and `modifierExtension` of data types and groups.
    pub(super) fn extra_member(&mut self, node: &mut dyn Node, field: &'static Field) {
        if field.many() {
            let mut list: Many<Extension> = Many::new();
            list.read(self);
            if !list.is_empty() {
                let extra = node.extra_mut().get_or_insert_default();
                if field.modifier() {
                    extra.modifier_extension = list;
                } else {
                    extra.extension = list;
                }
            }
        } else {
            self.element_id(node);
        }
    }

    /// Apart from where extensions are read, for elements nest through there.
    #[inline(never)]
    fn element_id(&mut self, node: &mut dyn Node) {
        let start = self.lexer.pos;
        let mut id = None;
        Str::read(&mut id, self);
        let Some(id) = id else { return };
        if id.contains(char::is_whitespace) && !id.trim().is_empty() {
            self.fault(
                start,
                "fhir.primitive.id",
                Severity::Error,
                "an id has no white space",
            );
        }
        node.extra_mut().get_or_insert_default().id = Some(id);
    }

    /// A member whose element has a value already.
    #[cold]
    #[inline(never)]
    pub(super) fn second_value(&mut self, field: &'static Field, key: &str) {
        let start = self.lexer.pos;
        if !self.skip() {
            return;
        }
        let span = Span::new(start, self.lexer.pos);
        let path = self.path_of(Some(key), NO_INDEX);
        let (code, message) = if field.choice().is_some() {
            ("fhir.choice.two-values", "a second value of one choice")
        } else {
            ("json.duplicate-member", "the member stands twice")
        };
        self.note(code, Severity::Error, path, span, message);
        self.residue.push(Residue::Raw {
            span,
            reason: RawReason::Duplicate,
        });
    }

    /// A member that is not an element of the type: `resourceType`, a sibling of a primitive, or unknown.
    #[inline(never)]
    pub(super) fn other_member(
        &mut self,
        node: &mut dyn Node,
        key: &str,
        key_at: usize,
        state: &mut Members,
    ) -> Result<(), Broken> {
        let ty = node.describe();
        let start = self.lexer.pos;
        let is_type = key == "resourceType" && ty.is_resource && self.lexer.peek() == b'"';
        if is_type && state.seen.insert(Type::SLOTS) {
            return self.lexer.skip_value();
        }
        let primitive = key
            .strip_prefix('_')
            .and_then(|name| ty.field(name))
            .filter(|field| field.kind().is_primitive());
        let mut reason = RawReason::Unknown;
        if let Some(field) = primitive {
            let mut before = state.aside().siblings.iter();
            if before.any(|(other, _)| std::ptr::eq(*other, field)) {
                reason = RawReason::Duplicate;
                self.report(
                    "json.duplicate-member",
                    Severity::Error,
                    Some(key),
                    key_at,
                    "the member stands twice",
                );
            } else {
                state.aside().seen_siblings.insert(field.slot());
                if self.sibling(node, field)? {
                    let span = Span::new(start, self.lexer.pos);
                    state.aside().siblings.push((field, Some(span)));
                    return Ok(());
                }
                state.aside().siblings.push((field, None));
                reason = RawReason::Invalid;
            }
        } else {
            self.unknown_member(ty.is_resource && key == "resourceType", key, key_at);
        }
        self.lexer.skip_value()?;
        let json = self.json(Span::new(start, self.lexer.pos));
        let rest = node.extra_mut().get_or_insert_default().rest_mut();
        rest.raw.push(RawMember {
            name: key.into(),
            json,
            reason,
        });
        state.last_is_raw();
        Ok(())
    }

    /// Keeps the name of the raw member that was read last as it is written.
    #[cold]
    pub(super) fn keep_name(&mut self, node: &mut dyn Node, span: Span) {
        let json = self.lexer.text.get(span.start..span.end).unwrap_or_default();
        let json = one_line(json).into();
        let rest = node.extra_mut().get_or_insert_default().rest_mut();
        if let Some(at) = rest.raw.len().checked_sub(1) {
            rest.broken_names.push(BrokenName { at, json });
        }
    }

    #[cold]
    pub(super) fn unknown_member(&mut self, resource_type: bool, key: &str, key_at: usize) {
        let name = shown(key);
        if resource_type {
            self.report(
                "json.duplicate-member",
                Severity::Error,
                Some(&name),
                key_at,
                "the member stands twice",
            );
        } else {
            self.report(
                "fhir.element.unknown",
                Severity::Error,
                Some(&name),
                key_at,
                "FHIR has no such element here",
            );
        }
    }

    /// Moves what a field could not hold to the element's extra part.
    #[cold]
    #[inline(never)]
    pub(super) fn keep(&mut self, node: &mut dyn Node, field: &'static Field, state: &mut Members) {
        state.unsettled = true;
        let residue: Vec<Residue> = self.residue.drain(state.first_residue..).collect();
        for residue in residue {
            let rest = node.extra_mut().get_or_insert_default().rest_mut();
            match residue {
                Residue::Raw { span, reason } => {
                    let json = self.json(span);
                    rest.raw.push(RawMember {
                        name: field.name().into(),
                        json,
                        reason,
                    });
                    state.last_is_raw();
                }
                Residue::Hole { index, span, null } => {
                    let json = self.json(span);
                    rest.holes.push(Hole {
                        name: field.name().into(),
                        index: index as usize,
                        json,
                    });
                    if null {
                        state.aside().nulls.push((field, index, span));
                    }
                }
                Residue::Single => rest.singles.push(field.name().into()),
                Residue::Spelling { index, text } => rest.spellings.push(Spelling {
                    name: field.name().into(),
                    index: if index == NO_INDEX { 0 } else { index as usize },
                    text,
                }),
            }
        }
    }

    /// The text of a value, to keep.
    pub(super) fn json(&self, span: Span) -> Box<str> {
        one_line(self.lexer.text.get(span.start..span.end).unwrap_or_default()).into()
    }

    #[cold]
    #[inline(never)]
    pub(super) fn missing(&mut self, fields: &'static [Field], missing: u128, start: usize) {
        let mut last = None;
        for field in fields {
            if missing & (1 << field.slot()) != 0 && last != Some(field.slot()) {
                last = Some(field.slot());
                self.report(
                    "fhir.element.missing",
                    Severity::Error,
                    Some(field.element_name()),
                    start,
                    "a required element is missing",
                );
            }
        }
    }
}
