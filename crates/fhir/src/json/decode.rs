//! Reading FHIR from JSON: one pass, every fault reported at its place, nothing dropped.

use std::borrow::Cow;
use std::fmt::Write as _;

use ehr_types::{Date, DateTime, Decimal, Finding, LineIndex, Severity, SourceLocation, Span, Time};

use crate::element::{Choice, ElementSlot, Elements, Field, Kind, Node, Str, Type};
use crate::extra::{Hole, PrimitiveElement, RawMember, RawReason, Sibling};
use crate::json::format;
use crate::json::intern::Interner;
use crate::json::lex::{Broken, Lexer, Text};
use crate::parse::ParseOptions;
use crate::r4::{Extension, Resource, UnknownResource};
use crate::scope::{BrokenRule, Scope};

/// No index: the value is not an item of an array.
const NO_INDEX: u32 = u32::MAX;

static NO_FIELD: Field = Field::new(",\"\":", 0, Kind::Resource);

#[derive(Clone, Copy)]
struct Step {
    field: &'static Field,
    index: u32,
}

/// Something of the member being read that its typed field cannot hold.
enum Residue {
    /// The whole value.
    Raw { span: Span, reason: RawReason },
    /// An item of its array.
    Hole { index: u32, span: Span, null: bool },
    /// The value stands without the brackets that its array should have.
    Single,
}

struct Note {
    code: Cow<'static, str>,
    severity: Severity,
    path: String,
    span: Span,
    message: Cow<'static, str>,
}

/// A reference of the form `#id` whose target is looked up when the resource around it is read.
struct Local {
    id: Str,
    path: String,
    span: Span,
}

/// Reads one JSON text; the generated types call back into it.
pub struct Decoder<'a> {
    lexer: Lexer<'a>,
    options: &'a ParseOptions,
    depth: usize,
    elements: usize,
    field: &'static Field,
    item: u32,
    root: Cow<'static, str>,
    fixed_root: bool,
    path: Vec<Step>,
    residue: Vec<Residue>,
    interner: Interner,
    notes: Vec<Note>,
    rules: Vec<BrokenRule>,
    found_locals: Vec<Str>,
    locals: Vec<Local>,
    /// `#id` in a URI of the resource being read.
    mentioned: Vec<Str>,
    /// Which contained resources refer to the one around them.
    back: Vec<u32>,
    fatal: Option<Broken>,
    /// A code that was written with escapes.
    unescaped: String,
}

/// A primitive value that can be read from JSON.
pub(crate) trait FromJson: Sized {
    /// Reads the value, or has it kept as it is and gives `None`.
    fn from_json(d: &mut Decoder<'_>) -> Option<Self>;
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(text: &'a str, options: &'a ParseOptions) -> Self {
        Self {
            lexer: Lexer::new(text),
            options,
            depth: 0,
            elements: 0,
            field: &NO_FIELD,
            item: NO_INDEX,
            root: Cow::Borrowed(""),
            fixed_root: false,
            path: Vec::new(),
            residue: Vec::new(),
            interner: Interner::new(text.len()),
            notes: Vec::new(),
            rules: Vec::new(),
            found_locals: Vec::new(),
            locals: Vec::new(),
            mentioned: Vec::new(),
            back: Vec::new(),
            fatal: None,
            unescaped: String::new(),
        }
    }

    /// Makes paths start with `root` and not with the name of the type.
    pub(crate) fn root_at(&mut self, root: String) {
        self.root = Cow::Owned(root);
        self.fixed_root = true;
    }

    /// Reads a root of a known type. `false` when the text does not hold an object of that type.
    pub(crate) fn root_element(&mut self, node: &mut dyn Node) -> bool {
        let ty = node.describe();
        if !self.fixed_root {
            self.root = Cow::Borrowed(ty.path);
        }
        if self.lexer.next_token() != b'{' {
            self.no_object();
            return false;
        }
        if ty.is_resource {
            match self.resource_type() {
                Some(name) if name == ty.path => {}
                Some(_) => {
                    self.fatal_note("fhir.resource.type", "the resource is not of the type asked for");
                    return false;
                }
                None => {
                    if self.fatal.is_none() {
                        self.fatal_note("fhir.resource.no-type", "the object has no resourceType");
                    }
                    return false;
                }
            }
        }
        self.object(node);
        self.end();
        true
    }

    /// Reads a root that may be any resource.
    pub(crate) fn root_resource(&mut self) -> Option<Resource> {
        if self.lexer.next_token() != b'{' {
            self.no_object();
            return None;
        }
        let resource = self.any_resource();
        self.end();
        resource
    }

    fn no_object(&mut self) {
        match self.lexer.skip_value() {
            Ok(()) => self.fatal_note(
                "fhir.resource.no-object",
                "the text holds a JSON value that is not an object",
            ),
            Err(broken) => self.fatal = Some(broken),
        }
    }

    /// Whether the text ended where the root did.
    fn end(&mut self) {
        if self.fatal.is_none() {
            self.lexer.next_token();
            let (at, end) = (self.lexer.pos, self.lexer.text.len());
            if at < end {
                let path = self.root.clone().into_owned();
                self.note(
                    "json.trailing",
                    Severity::Fatal,
                    path,
                    Span::new(at, end),
                    "text follows the JSON value",
                );
            }
        }
    }

    fn fatal_note(&mut self, code: &'static str, message: &'static str) {
        let span = Span::new(self.lexer.pos, self.lexer.pos + 1);
        let path = self.path_of(None, NO_INDEX);
        self.note(code, Severity::Fatal, path, span, message);
    }

    /// All that was noticed, in the order of the source.
    pub(crate) fn finish(mut self, source: &[u8], offset: usize) -> Vec<Finding> {
        if let Some(broken) = self.fatal.take() {
            let path = self.path_of(None, NO_INDEX);
            let span = Span::new(broken.at, broken.at + 1);
            let message = if broken.expected.starts_with("at most") {
                Cow::Owned(format!("limit reached: {}", broken.expected))
            } else {
                Cow::Owned(format!("not JSON: expected {}", broken.expected))
            };
            let code = if broken.expected.starts_with("at most") {
                "fhir.limit"
            } else {
                "json.syntax"
            };
            self.notes.push(Note {
                code: code.into(),
                severity: Severity::Fatal,
                path,
                span,
                message,
            });
        }
        if self.notes.is_empty() {
            return Vec::new();
        }
        let lines = LineIndex::new(source);
        self.notes.sort_by_key(|note| note.span.start);
        self.notes
            .into_iter()
            .map(|note| {
                let span = Span::new(note.span.start + offset, note.span.end + offset);
                Finding::new(
                    note.code,
                    note.severity,
                    SourceLocation::new(note.path).at(span, &lines),
                    note.message,
                )
            })
            .collect()
    }

    // ---- values: called by the generated types

    /// Reads a primitive that may stand once.
    #[inline(never)]
    pub(crate) fn primitive<T: FromJson>(&mut self, slot: &mut Option<T>) {
        *slot = T::from_json(self);
    }

    /// Reads a repeating primitive.
    #[inline(never)]
    pub(crate) fn primitives<T: FromJson>(&mut self, list: &mut Vec<T>) {
        if !self.open_array() {
            return;
        }
        loop {
            if let Some(value) = T::from_json(self) {
                if list.len() == list.capacity() {
                    list.reserve_exact(list.len().max(1));
                }
                list.push(value);
            }
            if !self.next_item() {
                return;
            }
        }
    }

    /// Reads a complex element that may stand once.
    #[inline(never)]
    pub(crate) fn element(&mut self, slot: &mut dyn ElementSlot) {
        if self.can_open() {
            self.child(slot.fill());
        }
    }

    /// Reads a repeating complex element.
    #[inline(never)]
    pub(crate) fn elements(&mut self, list: &mut dyn Elements) {
        if !self.open_array() {
            return;
        }
        let field = self.field;
        loop {
            if self.can_open() {
                let item = self.item;
                if let Some(node) = list.grow() {
                    self.child(node);
                }
                self.field = field;
                self.item = item;
            }
            if !self.next_item() {
                return;
            }
        }
    }

    /// Reads a resource that may stand once.
    #[inline(never)]
    pub(crate) fn resource(&mut self, slot: &mut Option<Resource>) {
        if self.can_open() {
            let (field, index) = (self.field, self.item);
            self.path.push(Step { field, index });
            *slot = self.any_resource();
            if self.fatal.is_none() {
                self.path.pop();
            }
        }
    }

    /// Reads a repeating resource.
    #[inline(never)]
    pub(crate) fn resources(&mut self, list: &mut Vec<Resource>) {
        if !self.open_array() {
            return;
        }
        let field = self.field;
        loop {
            if self.can_open() {
                let mut slot = None;
                let item = self.item;
                self.resource(&mut slot);
                self.field = field;
                self.item = item;
                if list.len() == list.capacity() {
                    list.reserve_exact(list.len().max(1));
                }
                list.extend(slot);
            }
            if !self.next_item() {
                return;
            }
        }
    }

    /// Reads a choice; `variant` counts its types.
    pub(crate) fn choice<T: Choice>(&mut self, slot: &mut Option<T>, variant: usize) {
        *slot = T::decode(variant, self);
    }

    /// Reads the primitive of a choice.
    #[inline(never)]
    pub(crate) fn choice_primitive<T: FromJson>(&mut self) -> Option<T> {
        T::from_json(self)
    }

    /// Reads the complex value of a choice.
    #[inline(never)]
    pub(crate) fn choice_element<T: Node + Default>(&mut self) -> Option<Box<T>> {
        let mut slot = None;
        self.element(&mut slot);
        slot
    }

    // ---- objects

    fn child(&mut self, node: &mut dyn Node) {
        self.path.push(Step {
            field: self.field,
            index: self.item,
        });
        self.object(node);
        // After a syntax error the path stays, to say where it was.
        if self.fatal.is_none() {
            self.path.pop();
        }
    }

    fn object(&mut self, node: &mut dyn Node) {
        let start = self.lexer.pos;
        self.elements += 1;
        if self.elements > self.options.max_elements {
            self.fatal = Some(Broken {
                at: start,
                expected: "at most as many elements as `max_elements` allows",
            });
            return;
        }
        self.lexer.pos += 1;
        if self.lexer.next_token() == b'}' {
            self.lexer.pos += 1;
            self.report(
                "fhir.element.empty-object",
                Severity::Error,
                None,
                start,
                "an object must not be empty",
            );
            return;
        }
        self.depth += 1;
        if let Err(broken) = self.members(node, start) {
            self.fatal = Some(broken);
        }
        self.depth -= 1;
    }

    fn members(&mut self, node: &mut dyn Node, start: usize) -> Result<(), Broken> {
        let ty = node.describe();
        let (mut seen, mut seen_siblings, mut next) = (0_u128, 0_u128, 0);
        let mut order = Vec::new();
        let marks = (self.locals.len(), self.mentioned.len(), self.back.len());
        let first_residue = self.residue.len();
        let mut nulls = Vec::new();
        loop {
            if self.lexer.next_token() != b'"' {
                return self.lexer.broken("a member name");
            }
            let key_at = self.lexer.pos;
            let key = self.lexer.string()?;
            self.lexer.take(b':', "`:`")?;
            self.lexer.next_token();
            let key = self.key(key, key_at);
            if self.options.keep_order {
                order.push(Str::new(&key));
            }
            match find(ty.fields, next, &key) {
                Some((at, field)) => {
                    next = at + 1;
                    let bit = 1_u128 << field.slot;
                    self.field = field;
                    self.item = NO_INDEX;
                    if seen & bit == 0 {
                        seen |= bit;
                        if field.in_extra {
                            self.extra_member(node, field);
                        } else {
                            node.decode(at, self);
                        }
                    } else {
                        self.second_value(ty.fields, node, field, &key);
                    }
                    if self.residue.len() > first_residue {
                        self.keep(node, field, first_residue, &mut nulls);
                    }
                }
                None => self.other_member(node, &key, key_at, &mut seen, &mut seen_siblings)?,
            }
            if self.fatal.is_some() {
                return Ok(());
            }
            match self.lexer.next_token() {
                b',' => {
                    self.lexer.pos += 1;
                    self.lexer.next_token();
                }
                b'}' => break,
                _ => return self.lexer.broken("`,` or `}`"),
            }
        }
        self.lexer.pos += 1;
        let missing = ty.required & !(seen | seen_siblings);
        if missing != 0 {
            self.missing(ty.fields, missing, start);
        }
        for rule in ty.rules {
            if !rule.holds(seen | seen_siblings) {
                self.rules.push(BrokenRule {
                    key: rule.key,
                    severity: Severity::Error,
                    member: "",
                    message: rule.message,
                });
            }
        }
        if !ty.is_resource
            && seen == 1
            && seen_siblings == 0
            && node.extra().is_none_or(|extra| extra.raw_members().is_empty())
        {
            self.report(
                "fhir.invariant.ele-1",
                Severity::Error,
                None,
                start,
                "an element must have a value or children",
            );
        }
        for (field, index, span) in nulls {
            if node
                .extra()
                .is_none_or(|extra| extra.primitive(field.name, Some(index as usize)).is_none())
            {
                let path = self.path_of(Some(field.name), index);
                self.note(
                    "fhir.element.null",
                    Severity::Error,
                    path,
                    span,
                    "null without an extension in its place",
                );
            }
        }
        if !order.is_empty() && !in_order(ty, &order) {
            node.extra_mut().get_or_insert_default().rest_mut().order = order;
        }
        let field = self.path.last().map(|step| step.field);
        let mut scope = Scope {
            rules: &mut self.rules,
            field,
            locals: &mut self.found_locals,
        };
        node.invariants(&mut scope);
        if !self.rules.is_empty() || !self.found_locals.is_empty() {
            self.judge(start);
        }
        if ty.is_resource {
            self.resolve_locals(node, marks);
        }
        Ok(())
    }

    /// Name of a member.
    fn key(&mut self, key: Text<'a>, at: usize) -> Cow<'a, str> {
        if key.lone_surrogate || key.control {
            let name = shown(&key.value);
            self.string_faults(key.lone_surrogate, key.control, Some(&name), at);
        }
        key.value
    }

    #[cold]
    fn string_faults(&mut self, lone_surrogate: bool, control: bool, member: Option<&str>, at: usize) {
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
    fn extra_member(&mut self, node: &mut dyn Node, field: &'static Field) {
        if field.many {
            let mut list: Vec<Extension> = Vec::new();
            self.elements(&mut list);
            if !list.is_empty() {
                let extra = node.extra_mut().get_or_insert_default();
                if field.modifier {
                    extra.modifier_extension = list;
                } else {
                    extra.extension = list;
                }
            }
        } else {
            let mut id = None;
            self.primitive(&mut id);
            if id.is_some() {
                node.extra_mut().get_or_insert_default().id = id;
            }
        }
    }

    /// A member whose element has a value already.
    #[cold]
    #[inline(never)]
    fn second_value(&mut self, fields: &'static [Field], node: &dyn Node, field: &'static Field, key: &str) {
        let _ = (fields, node);
        let start = self.lexer.pos;
        if !self.skip() {
            return;
        }
        let span = Span::new(start, self.lexer.pos);
        let path = self.path_of(Some(key), NO_INDEX);
        let (code, message) = if field.choice.is_some() {
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
    fn other_member(
        &mut self,
        node: &mut dyn Node,
        key: &str,
        key_at: usize,
        seen: &mut u128,
        seen_siblings: &mut u128,
    ) -> Result<(), Broken> {
        const TYPE_SEEN: u128 = 1 << 127;
        let ty = node.describe();
        let start = self.lexer.pos;
        if key == "resourceType" && ty.is_resource && *seen & TYPE_SEEN == 0 {
            *seen |= TYPE_SEEN;
            return self.lexer.skip_value();
        }
        let primitive = key
            .strip_prefix('_')
            .and_then(|name| ty.field(name))
            .filter(|field| field.kind.is_primitive());
        let mut reason = RawReason::Unknown;
        if let Some(field) = primitive {
            let bit = 1_u128 << field.slot;
            if *seen_siblings & bit == 0 {
                *seen_siblings |= bit;
                if self.sibling(node, field)? {
                    return Ok(());
                }
                reason = RawReason::Invalid;
            } else {
                reason = RawReason::Duplicate;
                self.report(
                    "json.duplicate-member",
                    Severity::Error,
                    Some(key),
                    key_at,
                    "the member stands twice",
                );
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
        Ok(())
    }

    #[cold]
    fn unknown_member(&mut self, resource_type: bool, key: &str, key_at: usize) {
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
    fn sibling(&mut self, node: &mut dyn Node, field: &'static Field) -> Result<bool, Broken> {
        let start = self.lexer.pos;
        let mut sibling = Sibling {
            name: field.name.into(),
            len: None,
            items: Vec::new(),
        };
        match (self.lexer.peek(), field.many) {
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
                        Some(field.name),
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
                                Some(field.name),
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
                    Some(field.name),
                    start,
                    expected,
                );
                return Ok(false);
            }
        }
        node.extra_mut()
            .get_or_insert_default()
            .rest_mut()
            .siblings
            .push(sibling);
        Ok(true)
    }

    /// Moves what a field could not hold to the element's extra part.
    #[cold]
    #[inline(never)]
    fn keep(
        &mut self,
        node: &mut dyn Node,
        field: &'static Field,
        from: usize,
        nulls: &mut Vec<(&'static Field, u32, Span)>,
    ) {
        let residue: Vec<Residue> = self.residue.drain(from..).collect();
        for residue in residue {
            let rest = node.extra_mut().get_or_insert_default().rest_mut();
            match residue {
                Residue::Raw { span, reason } => {
                    let json = self.json(span);
                    rest.raw.push(RawMember {
                        name: field.name.into(),
                        json,
                        reason,
                    });
                }
                Residue::Hole { index, span, null } => {
                    let json = self.json(span);
                    rest.holes.push(Hole {
                        name: field.name.into(),
                        index: index as usize,
                        json,
                    });
                    if null {
                        nulls.push((field, index, span));
                    }
                }
                Residue::Single => rest.singles.push(field.name.into()),
            }
        }
    }

    fn json(&self, span: Span) -> Box<str> {
        self.lexer
            .text
            .get(span.start..span.end)
            .unwrap_or_default()
            .into()
    }

    #[cold]
    #[inline(never)]
    fn missing(&mut self, fields: &'static [Field], missing: u128, start: usize) {
        let mut last = None;
        for field in fields {
            if missing & (1 << field.slot) != 0 && last != Some(field.slot) {
                last = Some(field.slot);
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

    /// Turns broken invariants into findings and notes local references.
    #[cold]
    #[inline(never)]
    fn judge(&mut self, start: usize) {
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
    fn resolve_locals(&mut self, node: &dyn Node, (locals, mentioned, back): (usize, usize, usize)) {
        if self
            .path
            .last()
            .is_some_and(|step| step.field.name == "contained")
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
    fn check_contained(&mut self, contained: &[Resource], (locals, mentioned, back): (usize, usize, usize)) {
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
            let Some(parts) = resource.as_element().and_then(Node::parts) else {
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

    // ---- resources

    fn any_resource(&mut self) -> Option<Resource> {
        let name = self.resource_type();
        if self.fatal.is_some() {
            return None;
        }
        if self.path.is_empty() && !self.fixed_root {
            self.root = Cow::Owned(
                name.as_deref()
                    .map_or_else(String::new, |name| shown(name).into_owned()),
            );
        }
        if let Some(name) = &name
            && let Some(mut resource) = Resource::new(name)
        {
            if let Some(node) = resource.as_element_mut() {
                self.object(node);
            }
            return Some(resource);
        }
        let start = self.lexer.pos;
        match &name {
            Some(_) => {
                self.report(
                    "fhir.resource.unknown-type",
                    Severity::Error,
                    None,
                    start,
                    "FHIR R4 has no such resource type",
                );
            }
            None => self.report(
                "fhir.resource.no-type",
                Severity::Error,
                None,
                start,
                "the object has no resourceType",
            ),
        }
        if !self.skip() {
            return None;
        }
        let json = self.json(Span::new(start, self.lexer.pos));
        Some(Resource::Unknown(Box::new(UnknownResource::new(
            name.unwrap_or_default().as_ref(),
            json,
        ))))
    }

    /// Looks for the `resourceType` of the object that starts here, and comes back to its start.
    fn resource_type(&mut self) -> Option<Cow<'a, str>> {
        let start = self.lexer.pos;
        let found = self.find_resource_type();
        match found {
            Ok(name) => {
                self.lexer.pos = start;
                name
            }
            Err(broken) => {
                self.fatal = Some(broken);
                None
            }
        }
    }

    fn find_resource_type(&mut self) -> Result<Option<Cow<'a, str>>, Broken> {
        self.lexer.pos += 1;
        if self.lexer.next_token() == b'}' {
            return Ok(None);
        }
        loop {
            if self.lexer.next_token() != b'"' {
                return self.lexer.broken("a member name");
            }
            let key = self.lexer.string()?;
            self.lexer.take(b':', "`:`")?;
            let value = self.lexer.next_token();
            if key.value == "resourceType" && value == b'"' {
                return Ok(Some(self.lexer.string()?.value));
            }
            self.lexer.skip_value()?;
            match self.lexer.next_token() {
                b',' => {
                    self.lexer.pos += 1;
                    self.lexer.next_token();
                }
                b'}' => return Ok(None),
                _ => return self.lexer.broken("`,` or `}`"),
            }
        }
    }

    // ---- arrays

    /// Goes to the first item of an array; `false` when there is none to read.
    fn open_array(&mut self) -> bool {
        let start = self.lexer.pos;
        if self.lexer.peek() != b'[' {
            return self.no_array(start);
        }
        self.lexer.pos += 1;
        if self.lexer.next_token() == b']' {
            self.lexer.pos += 1;
            let span = Span::new(start, self.lexer.pos);
            let path = self.path_of(Some(self.field.name), NO_INDEX);
            self.note(
                "fhir.element.empty-array",
                Severity::Error,
                path,
                span,
                "an array must not be empty",
            );
            self.residue.push(Residue::Raw {
                span,
                reason: RawReason::Invalid,
            });
            return false;
        }
        self.item = 0;
        true
    }

    /// A value where an array should be: one item without brackets, or something else.
    #[cold]
    fn no_array(&mut self, start: usize) -> bool {
        let object = self.lexer.peek() == b'{';
        if object == self.field.kind.is_primitive() || self.lexer.peek() == b'n' {
            self.reject("fhir.element.type", "expected an array");
            return false;
        }
        self.report(
            "fhir.element.not-array",
            Severity::Error,
            Some(self.field.name),
            start,
            "expected an array",
        );
        self.residue.push(Residue::Single);
        self.item = NO_INDEX;
        true
    }

    /// Goes to the next item of an array; `false` at its end.
    #[inline]
    fn next_item(&mut self) -> bool {
        if self.item == NO_INDEX || self.fatal.is_some() {
            return false;
        }
        match self.lexer.next_token() {
            b',' => {
                self.lexer.pos += 1;
                self.lexer.next_token();
                self.item += 1;
                true
            }
            b']' => {
                self.lexer.pos += 1;
                self.item = NO_INDEX;
                false
            }
            _ => {
                self.fatal = Some(Broken {
                    at: self.lexer.pos,
                    expected: "`,` or `]`",
                });
                false
            }
        }
    }

    /// Whether an object can be read here; otherwise the value is kept as it is.
    #[inline]
    fn can_open(&mut self) -> bool {
        if self.lexer.peek() != b'{' {
            self.reject("fhir.element.type", "expected an object");
            return false;
        }
        if self.depth >= self.options.max_depth {
            self.reject("fhir.limit.depth", "nested deeper than the limit; kept as text");
            return false;
        }
        true
    }

    // ---- faults

    fn skip(&mut self) -> bool {
        match self.lexer.skip_value() {
            Ok(()) => true,
            Err(broken) => {
                self.fatal = Some(broken);
                false
            }
        }
    }

    /// Keeps the value that starts here as it is, with a finding.
    #[cold]
    #[inline(never)]
    pub(crate) fn reject(&mut self, code: &'static str, message: &'static str) {
        self.reject_from(self.lexer.pos, code, message);
    }

    #[cold]
    #[inline(never)]
    fn reject_from(&mut self, start: usize, code: &'static str, message: &'static str) {
        self.lexer.pos = start;
        let null = self.lexer.peek() == b'n';
        if !self.skip() {
            return;
        }
        let span = Span::new(start, self.lexer.pos);
        let hole = self.item != NO_INDEX;
        let null_item = null && hole && self.field.kind.is_primitive();
        if !null_item {
            let path = self.path_of(Some(self.field.name), self.item);
            if null {
                self.note(
                    "fhir.element.null",
                    Severity::Error,
                    path,
                    span,
                    "null is not a value in FHIR",
                );
            } else {
                self.note(code, Severity::Error, path, span, message);
            }
        }
        self.residue.push(if hole {
            Residue::Hole {
                index: self.item,
                span,
                null: null_item,
            }
        } else {
            Residue::Raw {
                span,
                reason: RawReason::Invalid,
            }
        });
    }

    /// Reports a fault of the current member whose value is still kept in its field.
    #[cold]
    #[inline(never)]
    pub(crate) fn fault(
        &mut self,
        start: usize,
        code: &'static str,
        severity: Severity,
        message: &'static str,
    ) {
        let path = self.path_of(Some(self.field.name), self.item);
        self.note(code, severity, path, Span::new(start, self.lexer.pos), message);
    }

    fn report(
        &mut self,
        code: &'static str,
        severity: Severity,
        member: Option<&str>,
        at: usize,
        message: &'static str,
    ) {
        let path = self.path_of(member, NO_INDEX);
        let end = self.lexer.pos.max(at + 1);
        self.note(code, severity, path, Span::new(at, end), message);
    }

    fn note(
        &mut self,
        code: &'static str,
        severity: Severity,
        path: String,
        span: Span,
        message: &'static str,
    ) {
        self.push_note(Note {
            code: code.into(),
            severity,
            path,
            span,
            message: message.into(),
        });
    }

    fn push_note(&mut self, note: Note) {
        // The worst ones are never crowded out.
        if self.notes.len() < self.options.max_findings || note.severity == Severity::Fatal {
            self.notes.push(note);
        }
    }

    #[cold]
    fn path_of(&self, member: Option<&str>, index: u32) -> String {
        let mut out = self.root.clone().into_owned();
        let mut push = |name: &str, index: u32| {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(name);
            if index != NO_INDEX {
                let _ = write!(out, "[{index}]");
            }
        };
        for step in &self.path {
            push(step.field.name, step.index);
        }
        if let Some(member) = member {
            push(member, index);
        }
        out
    }

    // ---- primitives

    /// Reads a string and checks it against the type of the current field.
    fn text(&mut self) -> Option<(Cow<'a, str>, usize)> {
        let start = self.lexer.pos;
        if self.lexer.peek() != b'"' {
            self.reject("fhir.element.type", "expected a string");
            return None;
        }
        let text = match self.lexer.string() {
            Ok(text) => text,
            Err(broken) => {
                self.fatal = Some(broken);
                return None;
            }
        };
        if text.lone_surrogate {
            self.reject_from(
                start,
                "json.lone-surrogate",
                "half of a surrogate pair is no character",
            );
            return None;
        }
        if text.control {
            self.fault(
                start,
                "json.control-character",
                Severity::Error,
                "a control character must be escaped",
            );
        }
        Some((text.value, start))
    }

    /// Reads a code of an enum, and reports one that is not among `codes`.
    #[inline(never)]
    pub(crate) fn code_text(&mut self, codes: &[&str]) -> Option<&str> {
        let (text, start) = self.text()?;
        if !codes.contains(&text.as_ref()) {
            self.fault(
                start,
                "fhir.code.unknown",
                Severity::Error,
                "the code is not in the required value set",
            );
        }
        match text {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(text) => {
                self.unescaped = text;
                Some(&self.unescaped)
            }
        }
    }

    fn number(&mut self) -> Option<(&'a str, usize)> {
        let start = self.lexer.pos;
        if !matches!(self.lexer.peek(), b'-' | b'0'..=b'9') {
            self.reject("fhir.element.type", "expected a number");
            return None;
        }
        match self.lexer.number() {
            Ok(text) => Some((text, start)),
            Err(broken) => {
                self.fatal = Some(broken);
                None
            }
        }
    }

    fn parsed<T, E>(
        &mut self,
        parse: fn(&str) -> Result<T, E>,
        code: &'static str,
        message: &'static str,
    ) -> Option<T> {
        let (text, start) = self.text()?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(_) => {
                self.reject_from(start, code, message);
                None
            }
        }
    }
}

/// Finds a member by name, trying first what follows the last one in the order of the specification.
#[inline]
fn find(fields: &'static [Field], next: usize, key: &str) -> Option<(usize, &'static Field)> {
    let hit = |(_, field): &(usize, &'static Field)| field.name == key;
    fields
        .iter()
        .enumerate()
        .skip(next)
        .find(hit)
        .or_else(|| fields.iter().enumerate().take(next).find(hit))
}

/// Whether names stand in the order in which the writer puts them anyway.
fn in_order(ty: &'static Type, names: &[Str]) -> bool {
    let (fields, mut last) = (ty.fields, None);
    let names = if ty.is_resource {
        let Some(("resourceType", rest)) = names.split_first().map(|(first, rest)| (first.as_str(), rest))
        else {
            return false;
        };
        rest
    } else {
        names
    };
    names.iter().all(|name| {
        let (key, sibling) = name
            .strip_prefix('_')
            .map_or((name.as_str(), false), |key| (key, true));
        let at = fields
            .iter()
            .position(|field| field.name == key)
            .map(|at| (at, sibling));
        let ok = at.is_some() && at > last;
        last = at;
        ok
    })
}

/// A name from the source as it may stand in a path: short and of letters.
fn shown(name: &str) -> Cow<'_, str> {
    const LONGEST: usize = 64;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.len() <= LONGEST && !name.is_empty() && name.chars().all(plain) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(
        name.chars()
            .take(LONGEST)
            .map(|c| if plain(c) { c } else { '?' })
            .collect(),
    )
}

impl FromJson for Str {
    #[inline]
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let (text, start) = d.text()?;
        let field = d.field;
        if let Some((code, message)) = format::fault(field.kind, &text, matches!(text, Cow::Owned(_))) {
            d.fault(start, code, Severity::Error, message);
        } else if field.kind == Kind::Code
            && let Some(set) = field.binding
            && !set.has_code(&text)
        {
            d.fault(
                start,
                "fhir.code.unknown",
                Severity::Error,
                "the code is not in the required value set",
            );
        }
        if matches!(field.kind, Kind::Uri | Kind::Url | Kind::Canonical)
            && let Some(id) = text.strip_prefix('#')
        {
            d.mentioned.push(id.into());
        }
        Some(d.interner.get(&text))
    }
}

impl FromJson for bool {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let read = match d.lexer.peek() {
            b't' => d.lexer.literal("true").map(|()| true),
            b'f' => d.lexer.literal("false").map(|()| false),
            _ => {
                d.reject("fhir.element.type", "expected true or false");
                return None;
            }
        };
        read.map_err(|broken| d.fatal = Some(broken)).ok()
    }
}

impl FromJson for i32 {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let (text, start) = d.number()?;
        match text.parse() {
            Ok(value) if text != "-0" => Some(value),
            _ => {
                d.reject_from(
                    start,
                    "fhir.primitive.integer",
                    "expected a whole number of 32 bits",
                );
                None
            }
        }
    }
}

impl FromJson for u32 {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let (text, start) = d.number()?;
        let kind = d.field.kind;
        let Ok(value) = text.parse::<u32>() else {
            d.reject_from(
                start,
                "fhir.primitive.integer",
                "expected a whole number from 0 to 2,147,483,647",
            );
            return None;
        };
        if value > i32::MAX as u32 {
            d.fault(
                start,
                "fhir.primitive.integer",
                Severity::Error,
                "the number is above 2,147,483,647",
            );
        } else if value == 0 && kind == Kind::PositiveInt {
            d.fault(
                start,
                "fhir.primitive.integer",
                Severity::Error,
                "the number must be 1 or more",
            );
        }
        Some(value)
    }
}

impl FromJson for Decimal {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let (text, start) = d.number()?;
        let value = Self::parse(text);
        if value.is_err() {
            d.reject_from(start, "fhir.primitive.decimal", "the exponent is out of range");
        }
        value.ok()
    }
}

impl FromJson for Date {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        d.parsed(
            Self::parse,
            "fhir.primitive.date",
            "expected YYYY, YYYY-MM or YYYY-MM-DD",
        )
    }
}

impl FromJson for DateTime {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let instant = d.field.kind == Kind::Instant;
        let start = d.lexer.pos;
        let value = d.parsed(
            Self::parse,
            if instant {
                "fhir.primitive.instant"
            } else {
                "fhir.primitive.date-time"
            },
            "expected YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone",
        )?;
        if instant && !value.is_instant() {
            d.fault(
                start,
                "fhir.primitive.instant",
                Severity::Error,
                "an instant has a time and a time zone",
            );
        }
        Some(value)
    }
}

impl FromJson for Time {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        d.parsed(Self::parse, "fhir.primitive.time", "expected hh:mm:ss")
    }
}
