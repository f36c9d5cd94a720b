//! Reading FHIR from JSON: one pass, every fault reported at its place, nothing dropped.

mod contained;
mod member;
mod primitive;
mod report;
mod resource;
mod root;

use std::borrow::Cow;

use ehr_types::{Severity, Span};

use crate::element::{Choice, Element, ElementSlot, Elements, Field, Kind, Node, Str, Type};
use crate::extra::RawReason;
use crate::json::intern::Interner;
use crate::json::lex::{Broken, Lexer};
use crate::parse::ParseOptions;
use crate::r4::Resource;
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

/// What is known of an object while its members are read.
#[derive(Default)]
struct Members {
    start: usize,
    /// Slots that have a value, and those that have a sibling.
    seen: u128,
    seen_siblings: u128,
    /// The member that comes next in the order of the specification.
    next: usize,
    order: Vec<Str>,
    /// Nulls in arrays of primitives, good only beside an extension.
    nulls: Vec<(&'static Field, u32, Span)>,
    first_residue: usize,
    marks: (usize, usize, usize),
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

    #[inline(never)]
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

    #[inline(never)]
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

    /// Reads the members of an object. Elements nest through here, so its frame is kept small: what can be done apart is.
    fn members(&mut self, node: &mut dyn Node, start: usize) -> Result<(), Broken> {
        let mut state = Members {
            start,
            first_residue: self.residue.len(),
            marks: (self.locals.len(), self.mentioned.len(), self.back.len()),
            ..Members::default()
        };
        loop {
            if let Some((at, field)) = self.name(node, &mut state)? {
                if field.in_extra {
                    self.extra_member(node, field);
                } else {
                    node.decode(at, self);
                }
                if self.residue.len() > state.first_residue {
                    self.keep(node, field, state.first_residue, &mut state.nulls);
                }
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
        self.close(node, state);
        Ok(())
    }

    /// Reads the name of a member: gives the field to read, or `None` when the member is dealt with.
    #[inline(never)]
    fn name(
        &mut self,
        node: &mut dyn Node,
        state: &mut Members,
    ) -> Result<Option<(usize, &'static Field)>, Broken> {
        if self.lexer.peek() != b'"' {
            return self.lexer.broken("a member name");
        }
        let key_at = self.lexer.pos;
        let key = self.lexer.string()?;
        self.lexer.take(b':', "`:`")?;
        self.lexer.next_token();
        let key = self.key(key, key_at);
        if self.options.keep_order {
            state.order.push(Str::new(&key));
        }
        let Some((at, field)) = find(node.describe().fields, state.next, &key) else {
            self.other_member(node, &key, key_at, &mut state.seen, &mut state.seen_siblings)?;
            return Ok(None);
        };
        state.next = at + 1;
        let bit = 1_u128 << field.slot;
        self.field = field;
        self.item = NO_INDEX;
        if state.seen & bit != 0 {
            self.second_value(field, &key);
            if self.fatal.is_none() {
                self.keep(node, field, state.first_residue, &mut state.nulls);
            }
            return Ok(None);
        }
        state.seen |= bit;
        Ok(Some((at, field)))
    }

    /// Judges an element whose members are read.
    #[inline(never)]
    fn close(&mut self, node: &mut dyn Node, state: Members) {
        let ty = node.describe();
        let Members {
            start,
            seen,
            seen_siblings,
            order,
            nulls,
            marks,
            ..
        } = state;
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
        // The `id` of a primitive stands beside its value, that of another element needs one.
        let only_id = seen == 1 && seen_siblings == 0 && !ty.is_resource && ty.path != "Element";
        if only_id && node.extra().is_none_or(|extra| extra.raw_members().is_empty()) {
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
        // What could not be read is written last, wherever its name belongs.
        let raw = || node.extra().is_some_and(|extra| !extra.raw_members().is_empty());
        if !order.is_empty() && (raw() || !in_order(ty, &order)) {
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
