//! `_name` beside a primitive: its `id` and extensions.

use std::collections::BTreeSet;

use ehr_types::{Severity, Span};

use super::{Decoder, NO_INDEX};
use crate::element::{Element, Elements, Field, Many, Node, Primitive, Primitives, Visitor};
use crate::extra::{Extra, PrimitiveElement, Sibling};
use crate::json::lex::Broken;
use crate::r4::Resource;

impl Decoder<'_> {
    /// Reads `_name`; `false` when it is not of the right shape (which is reported).
    pub(super) fn sibling(&mut self, node: &mut dyn Node, field: &'static Field) -> Result<bool, Broken> {
        let start = self.lexer.pos;
        let mut sibling = Sibling {
            name: field.name().into(),
            len: None,
            items: Many::new(),
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
                            let path = self.path_of(Some(field.name()), len as u32);
                            self.note(
                                "fhir.element.type",
                                Severity::Error,
                                path,
                                Span::new(at, at + 1),
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
            let mut nulls: BTreeSet<usize> = BTreeSet::new();
            nulls.extend(
                holes()
                    .filter(|hole| &*hole.json == "null")
                    .map(|hole| hole.index),
            );
            let has_value = |index: usize| index < count && !nulls.contains(&index);
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
