//! Reading the members of an object, and judging it when they are read.

use ehr_types::{Severity, Span};

use super::{Decoder, NO_INDEX, Step};
use crate::element::{Element, Field, Node, Type};
use crate::extra::Ordered;
use crate::json::lex::{Broken, Why};
use crate::scope::{BrokenRule, Scope};

/// A set of slots.
#[derive(Clone, Copy, Default)]
pub(super) struct Slots([u64; 2]);

impl Slots {
    /// Adds a slot; `false` when it is there already.
    #[inline]
    pub(super) fn insert(&mut self, slot: u8) -> bool {
        let bit = 1 << (slot % 64);
        let Some(word) = self.0.get_mut(usize::from(slot / 64) % 2) else {
            return false;
        };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    pub(super) fn bits(self) -> u128 {
        let [low, high] = self.0;
        u128::from(low) | u128::from(high) << 64
    }
}

/// What is known of an object while its members are read.
pub(super) struct Members {
    ty: &'static Type,
    start: usize,
    /// Slots that have a value.
    pub(super) seen: Slots,
    /// The member that comes next in the order of the specification.
    next: usize,
    pub(super) first_residue: usize,
    /// Something was kept that has to be put in its order.
    pub(super) unsettled: bool,
    marks: (usize, usize, usize),
    aside: Option<Box<Aside>>,
}

/// What is known besides of the few objects that have siblings or nulls, or an order to be kept.
#[derive(Default)]
pub(super) struct Aside {
    /// Slots that have a sibling.
    pub(super) seen_siblings: Slots,
    /// The siblings, and where those stand that could be read.
    pub(super) siblings: Vec<(&'static Field, Option<Span>)>,
    pub(super) order: Vec<Ordered>,
    /// Nulls in arrays of primitives, good only beside an extension.
    pub(super) nulls: Vec<(&'static Field, u32, Span)>,
}

impl Members {
    pub(super) fn aside(&mut self) -> &mut Aside {
        self.aside.get_or_insert_default()
    }

    /// Keeps the name of a member in the order of the source.
    #[cold]
    fn keep_order(&mut self, name: &str) {
        let name = name.into();
        self.aside().order.push(Ordered { name, raw: false });
    }

    /// Tells, where the order is kept, that the last member is kept as raw JSON.
    pub(super) fn last_is_raw(&mut self) {
        if let Some(last) = self.aside.as_mut().and_then(|aside| aside.order.last_mut()) {
            last.raw = true;
        }
    }
}

/// Which member came last after which: what a text does once it mostly does again, and a name that is expected need not be
/// looked for.
pub(super) struct Followers([u8; 512]);

impl Followers {
    pub(super) fn new() -> Self {
        Self([0; 512])
    }

    /// One place for each hash: what falls together costs a search, no more.
    #[inline]
    fn place(fields: &'static [Field], next: usize) -> usize {
        (fields.as_ptr().addr() / 8 + next * 37) % 512
    }

    /// The number of the member to expect where that numbered `next` would follow in the order of the specification.
    #[inline]
    fn after(&self, fields: &'static [Field], next: usize) -> usize {
        self.0
            .get(Self::place(fields, next))
            .map_or(next, |at| usize::from(*at))
    }

    fn learn(&mut self, fields: &'static [Field], next: usize, at: usize) {
        if let (Some(place), Ok(at)) = (self.0.get_mut(Self::place(fields, next)), u8::try_from(at)) {
            *place = at;
        }
    }
}

impl Decoder<'_> {
    /// Reads the object of the member, and of the item in it, that the reader is at.
    #[inline(never)]
    pub(crate) fn child(&mut self, node: &mut dyn Node) {
        self.path.push(Step {
            field: self.field,
            index: self.item,
        });
        // See "Pointers to functions" at `element::place`.
        let object: fn(&mut Self, &mut dyn Node) = Self::object;
        object(self, node);
        // After a syntax error the path stays, to say where it was.
        if self.fatal.is_none()
            && let Some(step) = self.path.pop()
        {
            self.field = step.field;
            self.item = step.index;
        }
    }

    #[inline(never)]
    pub(super) fn object(&mut self, node: &mut dyn Node) {
        let start = self.lexer.pos;
        self.elements += 1;
        if self.elements > self.options.max_elements {
            self.fatal = Some(Broken {
                at: start,
                why: Why::TooManyElements,
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
            let ty = node.describe();
            self.missing(ty.fields, ty.required, start);
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
        let ty = node.describe();
        let mut state = Members {
            ty,
            start,
            seen: Slots::default(),
            next: 0,
            first_residue: self.residue.len(),
            unsettled: false,
            marks: (self.locals.len(), self.mentioned.len(), self.contained.len()),
            aside: None,
        };
        loop {
            let guess = self.followers.after(ty.fields, state.next);
            let known = match ty.fields.get(guess) {
                Some(field) if self.lexer.take_key(field.key()) => Some((guess, field)),
                _ => self.other_name(node, &mut state)?,
            };
            if let Some((at, field)) = known {
                self.lexer.next_token();
                if self.options.keep_order {
                    state.keep_order(field.name());
                }
                state.next = at + 1;
                self.field = field;
                self.item = NO_INDEX;
                if !state.seen.insert(field.slot()) {
                    self.second_value(field, field.name());
                } else if field.in_extra() {
                    self.extra_member(node, field);
                } else {
                    node.decode(at, self);
                }
                if self.residue.len() > state.first_residue {
                    self.keep(node, field, &mut state);
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
        self.close(node, &mut state);
        Ok(())
    }

    /// Reads a name that is not the one expected: gives the member to read, or `None` when that is dealt with.
    #[inline(never)]
    fn other_name(
        &mut self,
        node: &mut dyn Node,
        state: &mut Members,
    ) -> Result<Option<(usize, &'static Field)>, Broken> {
        if self.lexer.peek() != b'"' {
            return self.lexer.broken("a member name");
        }
        let key_at = self.lexer.pos;
        let key = self.lexer.string()?;
        let key_span = Span::new(key_at, self.lexer.pos);
        self.lexer.take(b':', "`:`")?;
        let broken_name = key.lone_surrogate;
        let key = self.key(key, key_at);
        let fields = state.ty.fields;
        if let Some((at, field)) = find(fields, state.next, &key) {
            self.followers.learn(fields, state.next, at);
            return Ok(Some((at, field)));
        }
        self.lexer.next_token();
        if self.options.keep_order {
            state.keep_order(&key);
        }
        self.other_member(node, &key, key_at, state)?;
        if broken_name {
            self.keep_name(node, key_span);
        }
        Ok(None)
    }

    /// Judges an element whose members are read.
    #[inline(never)]
    fn close(&mut self, node: &mut dyn Node, state: &mut Members) {
        let Members { ty, start, .. } = *state;
        if state.unsettled {
            node.extra_mut().get_or_insert_default().rest_mut().settle();
        }
        let seen = state.seen.bits();
        let mut present = seen;
        let mut only_id = seen == 1;
        if let Some(aside) = &state.aside {
            only_id &= aside.seen_siblings.bits() == 0;
            present = self.present(node, seen, aside);
        }
        let missing = ty.required & !present;
        if missing != 0 {
            self.missing(ty.fields, missing, start);
        }
        for rule in ty.rules {
            if !rule.holds(present) {
                self.rules.push(BrokenRule {
                    key: rule.key,
                    severity: Severity::Error,
                    member: "".into(),
                    message: rule.message,
                });
            }
        }
        if only_id {
            self.only_id(node, ty, start);
        }
        if let Some(aside) = state.aside.take() {
            self.judge_aside(node, ty, *aside);
        }
        let field = self.path.last().map(|step| step.field);
        let mut scope = Scope {
            rules: &mut self.rules,
            start,
            field,
            locals: &mut self.found_locals,
            urns: &mut self.urns,
        };
        node.invariants(&mut scope);
        if !self.rules.is_empty() || !self.found_locals.is_empty() {
            self.judge(start);
        }
        if ty.is_resource {
            self.resolve_locals(node, start, state.marks);
            if ty.path == "Bundle" && !self.urns.is_empty() {
                self.report_urns(start);
            }
        }
    }

    /// The slots that are filled, be it by an extension beside their value.
    #[cold]
    #[inline(never)]
    fn present(&mut self, node: &dyn Node, seen: u128, aside: &Aside) -> u128 {
        if aside.siblings.is_empty() {
            return seen;
        }
        let empty = self.valueless(node, seen, &aside.siblings);
        (seen | aside.seen_siblings.bits()) & !empty
    }

    /// Judges an element that has nothing but an `id` (ele-1). That of a primitive stands beside its value.
    #[cold]
    #[inline(never)]
    fn only_id(&mut self, node: &dyn Node, ty: &Type, start: usize) {
        let alone = node.extra().is_none_or(|extra| extra.raw_members().is_empty());
        if alone && !ty.is_resource && ty.path != "Element" {
            self.report(
                "fhir.invariant.ele-1",
                Severity::Error,
                None,
                start,
                "an element must have a value or children",
            );
        }
    }

    /// Judges siblings and nulls, and keeps the order of the members where it is not the usual one.
    #[cold]
    #[inline(never)]
    fn judge_aside(&mut self, node: &mut dyn Node, ty: &'static Type, aside: Aside) {
        let Aside {
            siblings,
            order,
            nulls,
            ..
        } = aside;
        for (at, (field, span)) in siblings.iter().enumerate() {
            if let Some(span) = span {
                self.judge_sibling(node, field, *span, siblings.get(..at).unwrap_or_default());
            }
        }
        for (field, index, span) in nulls {
            if node
                .extra()
                .is_none_or(|extra| extra.primitive(field.name(), Some(index as usize)).is_none())
            {
                let path = self.path_of(Some(field.name()), index);
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
            node.extra_mut().get_or_insert_default().rest_mut().order = order.into();
        }
    }
}

/// Finds a member by name, trying first what follows the last one in the order of the specification.
#[inline]
fn find(fields: &'static [Field], next: usize, key: &str) -> Option<(usize, &'static Field)> {
    let hit = |(_, field): &(usize, &'static Field)| field.is_named(key);
    fields
        .iter()
        .enumerate()
        .skip(next)
        .find(hit)
        .or_else(|| fields.iter().enumerate().take(next).find(hit))
}

/// Whether names stand in the order in which the writer puts them anyway.
fn in_order(ty: &'static Type, names: &[Ordered]) -> bool {
    let (fields, mut last) = (ty.fields, None);
    let names = if ty.is_resource {
        let Some(("resourceType", rest)) = names
            .split_first()
            .map(|(first, rest)| (first.name.as_str(), rest))
        else {
            return false;
        };
        rest
    } else {
        names
    };
    names.iter().all(|Ordered { name, .. }| {
        let (key, sibling) = name
            .strip_prefix('_')
            .map_or((name.as_str(), false), |key| (key, true));
        let at = fields
            .iter()
            .position(|field| field.is_named(key))
            .map(|at| (at, sibling));
        let ok = at.is_some() && at > last;
        last = at;
        ok
    })
}
