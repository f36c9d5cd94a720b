//! Members in their order, with what stands beside the fields: siblings of primitives, holes in arrays, raw members.

use std::collections::{BTreeMap, VecDeque};

use super::Encoder;
use crate::element::{Element, Elements, Field, Node, Primitive, Primitives, Type, Visitor};
use crate::extra::{Extra, Hole, PrimitiveElement, RawReason, Rest};
use crate::json::with_nine_digits;
use crate::r4::Resource;
use crate::sort::sort_by;

/// Writes the members of one object of which not all stand in its fields.
pub(super) struct MemberWriter<'o, 'n> {
    to: &'o mut Encoder,
    ty: &'static Type,
    rest: Option<&'n Rest>,
    first: bool,
    /// Members of the type up to here are written; only counted when there is a rest.
    done: usize,
    /// Slots that have a value; only kept when there is a rest.
    written: u128,
    /// Name, whether it is raw, and start of each member, when they are to be put in an order.
    marks: Vec<(String, bool, usize)>,
}

impl<'o, 'n> MemberWriter<'o, 'n> {
    #[cold]
    #[inline(never)]
    pub(super) fn object(to: &'o mut Encoder, node: &'n dyn Node) {
        let ty = node.describe();
        let extra = node.extra();
        to.out.push(b'{');
        to.out.depth += 1;
        let mut object = Self {
            ty,
            rest: extra.and_then(|extra| extra.rest.as_deref()),
            first: true,
            done: 0,
            written: 0,
            marks: Vec::new(),
            to,
        };
        if ty.is_resource {
            object.key("resourceType");
            object.to.out.string(ty.path);
        }
        if let Some(extra) = extra {
            object.extra(extra);
        }
        node.visit(&mut object);
        object.finish();
    }

    fn key(&mut self, name: &str) {
        self.separate();
        if self.rest.is_some_and(|rest| !rest.order.is_empty()) {
            self.marks.push((name.to_owned(), false, self.to.out.len()));
        }
        // Names of FHIR have nothing to escape.
        self.to.out.push(b'"');
        self.to.out.put(name.as_bytes());
        self.to.out.push(b'"');
        self.to.out.colon();
    }

    #[inline]
    fn separate(&mut self) {
        if !self.first {
            self.to.out.push(b',');
        }
        self.first = false;
        self.to.out.line();
    }

    /// `id` and extensions that are not fields.
    fn extra(&mut self, extra: &Extra) {
        for field in self.ty.fields.iter().take_while(|field| field.in_extra()) {
            let list = if field.modifier() {
                &extra.modifier_extension
            } else {
                &extra.extension
            };
            match (field.many(), &extra.id) {
                (false, Some(id)) => self.primitive(field, Primitive::Text(id)),
                (true, _) if !list.is_empty() => self.elements(field, &list),
                _ => {}
            }
        }
        if self.ty.is_resource {
            // Only a resource that has no such fields keeps extensions there; they are not dropped all the same.
            for (name, list) in [
                ("extension", &extra.extension),
                ("modifierExtension", &extra.modifier_extension),
            ] {
                if !list.is_empty() {
                    self.key(name);
                    self.to.elements(&list);
                }
            }
        }
    }

    /// Writes what stands before a field in the order of the type and has no value itself: siblings and holes.
    #[inline]
    fn before(&mut self, field: &'static Field) {
        if let Some(rest) = self.rest {
            let at = self
                .ty
                .fields
                .iter()
                .position(|other| std::ptr::eq(other, field))
                .unwrap_or(0);
            self.catch_up(rest, at);
            self.done = at + 1;
            self.written |= 1 << field.slot();
        }
    }

    #[cold]
    fn catch_up(&mut self, rest: &Rest, until: usize) {
        for field in self.ty.fields.get(self.done..until).unwrap_or_default() {
            if rest.holes.iter().any(|hole| hole.name == field.name()) {
                self.key(field.name());
                self.items(rest, field, 0, |_, _, _| {});
            }
            self.sibling(rest, field);
        }
    }

    #[inline]
    fn after(&mut self, field: &'static Field) {
        if let Some(rest) = self.rest {
            self.sibling(rest, field);
        }
    }

    #[cold]
    fn sibling(&mut self, rest: &Rest, field: &'static Field) {
        let Some(sibling) = rest.siblings.iter().find(|sibling| sibling.name == field.name()) else {
            return;
        };
        let mut name = String::with_capacity(field.name().len() + 1);
        name.push('_');
        name.push_str(field.name());
        self.key(&name);
        let item = |out: &mut Encoder, item: Option<&PrimitiveElement>| match item {
            Some(item) => out.object(item),
            None => out.out.put(b"null"),
        };
        match sibling.len {
            Some(len) => self.to.array(len, |out, at| item(out, sibling.item(at))),
            None => item(self.to, sibling.item(0)),
        }
    }

    /// Writes an array with its holes; `item` is given the number of a value and its place in the array.
    fn items(
        &mut self,
        rest: &Rest,
        field: &'static Field,
        count: usize,
        mut item: impl FnMut(&mut Encoder, usize, usize),
    ) {
        if count == 1 && rest.singles.iter().any(|name| name == field.name()) {
            item(self.to, 0, 0);
            return;
        }
        let own = |hole: &&Hole| hole.name == field.name();
        let all = count + rest.holes.iter().filter(own).count();
        let mut holes = rest.holes.iter().filter(own).peekable();
        let mut next = 0;
        self.to.array(all, |out, at| {
            // Values that were taken out leave the later holes without their place: those stand at the end.
            match holes.next_if(|hole| hole.index <= at || next >= count) {
                Some(hole) => out.out.put(hole.json.as_bytes()),
                None => {
                    item(out, next, at);
                    next += 1;
                }
            }
        });
    }

    /// Writes what is left and the end.
    fn finish(mut self) {
        if let Some(rest) = self.rest {
            self.rest_of(rest);
        }
        self.to.out.depth -= 1;
        if !self.first {
            self.to.out.line();
        }
        self.to.out.push(b'}');
    }

    #[cold]
    fn rest_of(&mut self, rest: &Rest) {
        self.catch_up(rest, self.ty.fields.len());
        for (at, member) in rest.raw.iter().enumerate() {
            let slot = self
                .ty
                .field(&member.name)
                .map_or(0, |field| 1_u128 << field.slot());
            if member.reason == RawReason::Invalid && self.written & slot != 0 {
                continue; // A value was set since: it takes the place of the one that could not be read.
            }
            self.separate();
            if !rest.order.is_empty() {
                self.marks
                    .push((member.name.to_string(), true, self.to.out.len()));
            }
            let place = rest.broken_names.binary_search_by_key(&at, |broken| broken.at);
            match place.ok().and_then(|place| rest.broken_names.get(place)) {
                Some(broken) => self.to.out.put(broken.json.as_bytes()),
                None => self.to.out.string(&member.name),
            }
            self.to.out.colon();
            self.to.out.put(member.json.as_bytes());
        }
        if !rest.order.is_empty() {
            self.reorder(rest);
        }
    }

    /// Puts the members in the order of the source; new ones come last.
    fn reorder(&mut self, rest: &Rest) {
        let Some(start) = self.marks.first().map(|(_, _, start)| *start) else {
            return;
        };
        let separator = self.separator_len();
        let body = self.to.out.split_off(start);
        let mut places: BTreeMap<(&str, bool), VecDeque<usize>> = BTreeMap::new();
        for (at, member) in rest.order.iter().enumerate() {
            places
                .entry((&member.name, member.raw))
                .or_default()
                .push_back(at);
        }
        let mut members = Vec::new();
        for (at, (name, raw, from)) in self.marks.iter().enumerate() {
            let until = self
                .marks
                .get(at + 1)
                .map_or(body.len(), |(_, _, next)| next - start - separator);
            // A value that was set since takes the place of the one that could not be read.
            let mut place = |raw| {
                places
                    .get_mut(&(name.as_str(), raw))
                    .and_then(VecDeque::pop_front)
            };
            let place = place(*raw).or_else(|| place(!raw));
            members.push((
                place.unwrap_or(usize::MAX),
                body.get(from - start..until).unwrap_or_default(),
            ));
        }
        sort_by(&mut members, |one, other| one.0.cmp(&other.0));
        for (at, (_, text)) in members.into_iter().enumerate() {
            if at > 0 {
                self.to.out.push(b',');
                self.to.out.line();
            }
            self.to.out.put(text);
        }
    }

    fn separator_len(&self) -> usize {
        1 + self.to.out.line_len()
    }
}

/// Writes a primitive as it was spelt, when its field does not hold all of that and has not been changed since. `place` is
/// its place in the array, 0 when it stands alone.
fn value_or_spelling(
    to: &mut Encoder,
    rest: &Rest,
    field: &'static Field,
    place: usize,
    value: Primitive<'_>,
) {
    let key = (field.name(), place);
    let found = rest
        .spellings
        .binary_search_by(|own| (own.name.as_str(), own.index).cmp(&key));
    let Some(spelling) = found.ok().and_then(|at| rest.spellings.get(at)) else {
        return to.value(value);
    };
    let held = match value {
        Primitive::DateTime(value) => value.to_string(),
        Primitive::Time(value) => value.to_string(),
        _ => return to.value(value),
    };
    if with_nine_digits(&spelling.text) == Some(held) {
        to.out.string(&spelling.text);
    } else {
        to.value(value);
    }
}

impl Visitor for MemberWriter<'_, '_> {
    fn primitive(&mut self, field: &'static Field, value: Primitive<'_>) {
        self.before(field);
        self.key(field.name());
        match self.rest {
            Some(rest) => value_or_spelling(self.to, rest, field, 0, value),
            None => self.to.value(value),
        }
        self.after(field);
    }

    fn primitives(&mut self, field: &'static Field, values: &dyn Primitives) {
        self.before(field);
        self.key(field.name());
        match self.rest {
            Some(rest) => self.items(rest, field, values.count(), |out, at, place| {
                if let Some(value) = values.at(at) {
                    value_or_spelling(out, rest, field, place, value);
                }
            }),
            None => self.to.primitives(values),
        }
        self.after(field);
    }

    fn element(&mut self, field: &'static Field, value: &dyn Node) {
        self.before(field);
        self.key(field.name());
        self.to.object(value);
    }

    fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
        self.before(field);
        self.key(field.name());
        let item = |out: &mut Encoder, at| {
            if let Some(value) = values.at(at) {
                out.object(value);
            }
        };
        match self.rest {
            Some(rest) => self.items(rest, field, values.count(), |out, at, _| item(out, at)),
            None => self.to.elements(values),
        }
    }

    fn resource(&mut self, field: &'static Field, value: &Resource) {
        self.before(field);
        self.key(field.name());
        self.to.resource(value);
    }

    fn resources(&mut self, field: &'static Field, values: &[Resource]) {
        self.before(field);
        self.key(field.name());
        let item = |out: &mut Encoder, at: usize| {
            if let Some(value) = values.get(at) {
                out.resource(value);
            }
        };
        match self.rest {
            Some(rest) => self.items(rest, field, values.len(), |out, at, _| item(out, at)),
            None => self.to.resources(values),
        }
    }
}
