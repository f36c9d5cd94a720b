//! Members that are not simply the value of an element: siblings of primitives, repeated and unknown ones.

use std::borrow::Cow;

use ehr_types::{Severity, Span};

use super::object::Members;
use super::report::shown;
use super::{Decoder, FromJson, NO_INDEX, Residue};
use crate::element::{Element, Elements, Field, Node, Place, Primitive, Primitives, Str, Type, Visitor};
use crate::extra::{BrokenName, Extra, Hole, PrimitiveElement, RawMember, RawReason, Sibling, Spelling};
use crate::json::lex::{Broken, Text, one_line};
use crate::r4::{Extension, Resource};

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
            let mut list: Vec<Extension> = Vec::new();
            Extension::read_list(&mut list, self);
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
        const TYPE_SEEN: u128 = 1 << Type::SLOTS;
        let ty = node.describe();
        let start = self.lexer.pos;
        let is_type = key == "resourceType" && ty.is_resource && self.lexer.peek() == b'"';
        if is_type && state.seen & TYPE_SEEN == 0 {
            state.seen |= TYPE_SEEN;
            return self.lexer.skip_value();
        }
        let primitive = key
            .strip_prefix('_')
            .and_then(|name| ty.field(name))
            .filter(|field| field.kind().is_primitive());
        let mut reason = RawReason::Unknown;
        if let Some(field) = primitive {
            let mut before = state.siblings.iter();
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
                state.seen_siblings |= 1 << field.slot();
                if self.sibling(node, field)? {
                    let span = Span::new(start, self.lexer.pos);
                    state.siblings.push((field, Some(span)));
                    return Ok(());
                }
                state.siblings.push((field, None));
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
        if let Some(last) = state.order.last_mut() {
            last.raw = true;
        }
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

    /// Reads `_name`; `false` when it is not of the right shape (which is reported).
    pub(super) fn sibling(&mut self, node: &mut dyn Node, field: &'static Field) -> Result<bool, Broken> {
        let start = self.lexer.pos;
        let mut sibling = Sibling {
            name: field.name().into(),
            len: None,
            items: Vec::new(),
        };
        match (self.lexer.peek(), field.many()) {
            (b'{', false) if self.depth < self.options.max_depth => {
                let mut item = PrimitiveElement::default();
                (self.field, self.item) = (field, NO_INDEX);
                self.child(&mut item);
                sibling.items.push((0, item));
            }
            (b'[', true) => {
                self.lexer.pos += 1;
                let mut len = 0;
                if self.lexer.next_token() == b']' {
                    self.lexer.pos = start;
                    self.report(
                        "fhir.element.empty-array",
                        Severity::Error,
                        Some(field.name()),
                        start,
                        "an array must not be empty",
                    );
                    return Ok(false);
                }
                loop {
                    match self.lexer.next_token() {
                        b'n' => self.lexer.literal("null")?,
                        b'{' if self.depth < self.options.max_depth => {
                            let mut item = PrimitiveElement::default();
                            (self.field, self.item) = (field, len as u32);
                            self.child(&mut item);
                            if self.fatal.is_some() {
                                return Ok(true);
                            }
                            sibling.items.push((len, item));
                        }
                        _ => {
                            let at = self.lexer.pos;
                            self.report(
                                "fhir.element.type",
                                Severity::Error,
                                Some(field.name()),
                                at,
                                "expected an object or null",
                            );
                            self.lexer.pos = start;
                            return Ok(false);
                        }
                    }
                    len += 1;
                    match self.lexer.next_token() {
                        b',' => self.lexer.pos += 1,
                        b']' => {
                            self.lexer.pos += 1;
                            break;
                        }
                        _ => return self.lexer.broken("`,` or `]`"),
                    }
                }
                sibling.len = Some(len);
            }
            (_, many) => {
                let expected = if many {
                    "expected an array of objects and nulls"
                } else {
                    "expected an object"
                };
                self.report(
                    "fhir.element.type",
                    Severity::Error,
                    Some(field.name()),
                    start,
                    expected,
                );
                return Ok(false);
            }
        }
        let siblings = &mut node.extra_mut().get_or_insert_default().rest_mut().siblings;
        let at = siblings.partition_point(|other| other.name < sibling.name);
        siblings.insert(at, sibling);
        Ok(true)
    }

    /// Reports siblings that have an `id` alone where there is no value (ele-1), and gives the slots that are empty for it.
    #[cold]
    pub(super) fn valueless(
        &mut self,
        node: &dyn Node,
        seen: u128,
        siblings: &[(&'static Field, Option<Span>)],
    ) -> u128 {
        let (mut empty, mut filled) = (0, seen);
        for (field, span) in siblings {
            let Some(span) = span else { continue };
            let bit = 1 << field.slot();
            if seen & bit != 0 && !field.many() {
                continue;
            }
            let rest = node.extra().and_then(|extra| extra.rest.as_deref());
            let sibling = rest.and_then(|rest| rest.siblings.iter().find(|own| own.name == field.name()));
            let (Some(rest), Some(sibling)) = (rest, sibling) else {
                continue;
            };
            let mut values = SlotValue::new(field.slot());
            node.visit(&mut values);
            let holes = || rest.holes.iter().filter(|hole| hole.name == field.name());
            let count = values.count + holes().count();
            let has_value = |index: usize| {
                index < count && !holes().any(|hole| hole.index == index && &*hole.json == "null")
            };
            // A URL of an extension is an attribute in XML, which has no extensions.
            let extensible = !(node.describe().path == "Extension" && field.name() == "url");
            for (index, item) in &sibling.items {
                if has_value(*index) {
                    continue;
                }
                let says_nothing =
                    |extra: &Extra| extra.extension.is_empty() && extra.raw_members().is_empty();
                if item.extra().is_some_and(says_nothing) {
                    let index = if field.many() { *index as u32 } else { NO_INDEX };
                    let path = self.path_of(Some(field.name()), index);
                    let message = "an element must have a value or children";
                    self.note("fhir.invariant.ele-1", Severity::Error, path, *span, message);
                } else if extensible {
                    filled |= bit;
                }
            }
            empty |= bit;
        }
        empty & !filled
    }

    /// Checks a sibling that was read against the value that it belongs to and the siblings before it.
    #[cold]
    pub(super) fn judge_sibling(
        &mut self,
        node: &dyn Node,
        field: &'static Field,
        span: Span,
        before: &[(&'static Field, Option<Span>)],
    ) {
        let mut value = SlotValue::new(field.slot());
        node.visit(&mut value);
        let other = |of: &'static Field| of.slot() == field.slot() && !std::ptr::eq(of, field);
        if value.field.is_some_and(other) || before.iter().any(|(of, span)| span.is_some() && other(of)) {
            let path = self.path_of(Some(field.name()), NO_INDEX);
            let message = "a second type of one choice";
            self.note("fhir.choice.two-values", Severity::Error, path, span, message);
        }
        let rest = node.extra().and_then(|extra| extra.rest.as_deref());
        let sibling = rest.and_then(|rest| rest.siblings.iter().find(|sibling| sibling.name == field.name()));
        let (Some(rest), Some(sibling)) = (rest, sibling) else {
            return;
        };
        let Some(len) = sibling.len else { return };
        let holes = rest.holes.iter().filter(|hole| hole.name == field.name()).count();
        let fault = if sibling.items.is_empty() {
            let message = "an array must not be of nulls alone";
            Some(("fhir.element.null", Severity::Error, message))
        } else if value.count + holes > 0
            && value.count + holes != len
            && !rest.singles.iter().any(|name| name == field.name())
        {
            // Whose value is whose is plain: what is missing at the end is null.
            Some((
                "fhir.element.array-length",
                Severity::Warning,
                "the array of values and that of their ids and extensions differ in length",
            ))
        } else {
            None
        };
        if let Some((code, severity, message)) = fault {
            let path = self.path_of(Some(field.name()), NO_INDEX);
            self.note(code, severity, path, span, message);
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
                    if let Some(last) = state.order.last_mut() {
                        last.raw = true;
                    }
                }
                Residue::Hole { index, span, null } => {
                    let json = self.json(span);
                    rest.holes.push(Hole {
                        name: field.name().into(),
                        index: index as usize,
                        json,
                    });
                    if null {
                        state.nulls.push((field, index, span));
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

/// Sees which member of a slot is present, and how many primitives it has.
struct SlotValue {
    slot: u8,
    field: Option<&'static Field>,
    count: usize,
}

impl SlotValue {
    fn new(slot: u8) -> Self {
        let (field, count) = (None, 0);
        Self { slot, field, count }
    }

    fn see(&mut self, field: &'static Field, count: usize) {
        if field.slot() == self.slot {
            self.field = Some(field);
            self.count = count;
        }
    }
}

impl Visitor for SlotValue {
    fn primitive(&mut self, field: &'static Field, _: Primitive<'_>) {
        self.see(field, 1);
    }
    fn primitives(&mut self, field: &'static Field, values: &dyn Primitives) {
        self.see(field, values.count());
    }
    fn element(&mut self, field: &'static Field, _: &dyn Node) {
        self.see(field, 1);
    }
    fn elements(&mut self, _: &'static Field, _: &dyn Elements) {}
    fn resource(&mut self, _: &'static Field, _: &Resource) {}
    fn resources(&mut self, _: &'static Field, _: &[Resource]) {}
}
