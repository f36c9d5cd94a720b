//! Writing FHIR as JSON.

use crate::element::{Elements, Field, Node, Primitive, Primitives, Type, Visitor};
use crate::extra::{Extra, PrimitiveElement, RawReason, Rest};
use crate::json::out::Output;
use crate::r4::Resource;

/// The text being written.
pub struct Encoder {
    pub(crate) out: Output,
    pretty: bool,
    depth: usize,
}

impl Encoder {
    pub(crate) fn compact() -> Self {
        Self {
            out: Output::new(),
            pretty: false,
            depth: 0,
        }
    }

    pub(crate) fn pretty() -> Self {
        Self {
            out: Output::new(),
            pretty: true,
            depth: 0,
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    pub(crate) fn resource(&mut self, resource: &Resource) {
        match (resource.as_element(), resource) {
            (Some(element), _) => self.object(element),
            (None, Resource::Unknown(unknown)) => self.out.put(unknown.json().as_bytes()),
            (None, _) => self.out.put(b"{}"),
        }
    }

    pub(crate) fn object(&mut self, node: &dyn Node) {
        let ty = node.describe();
        let extra = node.beside().as_deref();
        let rest = extra.and_then(|extra| extra.rest.as_deref());
        self.out.push(b'{');
        self.depth += 1;
        let mut object = ObjectWriter {
            ty,
            rest,
            first: true,
            done: 0,
            written: 0,
            marks: Vec::new(),
            to: self,
        };
        if ty.is_resource {
            object.key("resourceType");
            object.to.out.string(ty.path);
        }
        if let Some(extra) = extra {
            object.extra(extra);
        }
        node.visit(&mut object);
        let empty = object.finish();
        self.depth -= 1;
        if !empty {
            self.line();
        }
        self.out.push(b'}');
    }

    #[inline]
    fn line(&mut self) {
        if self.pretty {
            self.out.push(b'\n');
            for _ in 0..self.depth {
                self.out.put(b"  ");
            }
        }
    }

    fn array(&mut self, count: usize, mut item: impl FnMut(&mut Self, usize)) {
        self.out.push(b'[');
        self.depth += 1;
        for at in 0..count {
            if at > 0 {
                self.out.push(b',');
            }
            self.line();
            item(self, at);
        }
        self.depth -= 1;
        if count > 0 {
            self.line();
        }
        self.out.push(b']');
    }

    #[inline]
    fn value(&mut self, value: Primitive<'_>) {
        match value {
            Primitive::Text(value) => self.out.string(value),
            Primitive::Boolean(true) => self.out.put(b"true"),
            Primitive::Boolean(false) => self.out.put(b"false"),
            Primitive::Integer(value) => {
                if value < 0 {
                    self.out.push(b'-');
                }
                self.out.number(value.unsigned_abs());
            }
            Primitive::Unsigned(value) => self.out.number(value),
            Primitive::Decimal(value) => self.out.put(value.json_text().as_bytes()),
            Primitive::Date(value) => self.out.date(value),
            Primitive::DateTime(value) => self.out.date_time(value),
            Primitive::Time(value) => self.out.time(value),
        }
    }
}

/// Writes the members of one object.
struct ObjectWriter<'o, 'n> {
    to: &'o mut Encoder,
    ty: &'static Type,
    rest: Option<&'n Rest>,
    first: bool,
    /// Members of the type up to here are written; only counted when there is a rest.
    done: usize,
    /// Slots that have a value; only kept when there is a rest.
    written: u128,
    /// Name and start of each member, when they are to be put in an order.
    marks: Vec<(String, usize)>,
}

impl ObjectWriter<'_, '_> {
    #[inline]
    fn member(&mut self, field: &'static Field) {
        if self.to.pretty || self.rest.is_some() {
            return self.key(field.name);
        }
        let key = field.key.as_bytes();
        self.to.out.put(if self.first {
            key.get(1..).unwrap_or_default()
        } else {
            key
        });
        self.first = false;
    }

    fn key(&mut self, name: &str) {
        self.separate();
        if self.rest.is_some_and(|rest| !rest.order.is_empty()) {
            self.marks.push((name.to_owned(), self.to.out.len()));
        }
        // Names of FHIR have nothing to escape.
        self.to.out.push(b'"');
        self.to.out.put(name.as_bytes());
        self.to.out.put(if self.to.pretty { b"\": " } else { b"\":" });
    }

    #[inline]
    fn separate(&mut self) {
        if !self.first {
            self.to.out.push(b',');
        }
        self.first = false;
        self.to.line();
    }

    /// `id` and extensions that are not fields.
    fn extra(&mut self, extra: &Extra) {
        for field in self.ty.fields.iter().take_while(|field| field.in_extra) {
            let list = if field.modifier {
                &extra.modifier_extension
            } else {
                &extra.extension
            };
            match (field.many, &extra.id) {
                (false, Some(id)) => self.primitive(field, Primitive::Text(id)),
                (true, _) if !list.is_empty() => self.elements(field, list),
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
                    self.to.array(list.len(), |out, at| {
                        list.get(at).into_iter().for_each(|item| out.object(item));
                    });
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
            self.written |= 1 << field.slot;
        }
    }

    #[cold]
    fn catch_up(&mut self, rest: &Rest, until: usize) {
        for field in self.ty.fields.get(self.done..until).unwrap_or_default() {
            if rest.holes.iter().any(|hole| hole.name == field.name) {
                self.key(field.name);
                self.items(rest, field, 0, |_, _| {});
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
        let Some(sibling) = rest.siblings.iter().find(|sibling| sibling.name == field.name) else {
            return;
        };
        let mut name = String::with_capacity(field.name.len() + 1);
        name.push('_');
        name.push_str(field.name);
        self.key(&name);
        let find = |at: usize| {
            sibling
                .items
                .iter()
                .find(|(index, _)| *index == at)
                .map(|(_, item)| item)
        };
        let item = |out: &mut Encoder, item: Option<&PrimitiveElement>| match item {
            Some(item) => out.object(item),
            None => out.out.put(b"null"),
        };
        match sibling.len {
            Some(len) => self.to.array(len, |out, at| item(out, find(at))),
            None => item(self.to, find(0)),
        }
    }

    /// Writes an array with its holes.
    fn items(
        &mut self,
        rest: &Rest,
        field: &'static Field,
        count: usize,
        mut item: impl FnMut(&mut Encoder, usize),
    ) {
        if count == 1 && rest.singles.iter().any(|name| name == field.name) {
            item(self.to, 0);
            return;
        }
        let holes: Vec<_> = rest.holes.iter().filter(|hole| hole.name == field.name).collect();
        let mut next = 0;
        self.to.array(count + holes.len(), |out, at| {
            // Values that were taken out leave the later holes without their place: those stand at the end.
            let hole = holes.iter().find(|hole| hole.index == at).or_else(|| {
                if next >= count {
                    holes
                        .iter()
                        .filter(|hole| hole.index >= count + holes.len())
                        .nth(at - next)
                } else {
                    None
                }
            });
            match hole {
                Some(hole) => out.out.put(hole.json.as_bytes()),
                None => {
                    item(out, next);
                    next += 1;
                }
            }
        });
    }

    /// Writes what is left and says whether the object has no member.
    fn finish(mut self) -> bool {
        if let Some(rest) = self.rest {
            self.rest_of(rest);
        }
        self.first
    }

    #[cold]
    fn rest_of(&mut self, rest: &Rest) {
        self.catch_up(rest, self.ty.fields.len());
        for member in &rest.raw {
            let slot = self
                .ty
                .field(&member.name)
                .map_or(0, |field| 1_u128 << field.slot);
            if member.reason == RawReason::Invalid && self.written & slot != 0 {
                continue; // A value was set since: it takes the place of the one that could not be read.
            }
            self.separate();
            if !rest.order.is_empty() {
                self.marks.push((member.name.to_string(), self.to.out.len()));
            }
            self.to.out.string(&member.name);
            self.to.out.put(if self.to.pretty { b": " } else { b":" });
            self.to.out.put(member.json.as_bytes());
        }
        if !rest.order.is_empty() {
            self.reorder(rest);
        }
    }

    /// Puts the members in the order of the source; new ones come last.
    fn reorder(&mut self, rest: &Rest) {
        let Some(start) = self.marks.first().map(|(_, start)| *start) else {
            return;
        };
        let separator = self.separator_len();
        let body = self.to.out.split_off(start);
        let mut members: Vec<Option<(&str, &[u8])>> = Vec::new();
        for (at, (name, from)) in self.marks.iter().enumerate() {
            let until = self
                .marks
                .get(at + 1)
                .map_or(body.len(), |(_, next)| next - start - separator);
            members.push(Some((name, body.get(from - start..until).unwrap_or_default())));
        }
        let mut sorted = Vec::new();
        for name in &rest.order {
            if let Some(member) = members
                .iter_mut()
                .find(|member| member.is_some_and(|(own, _)| own == name))
            {
                sorted.extend(member.take());
            }
        }
        sorted.extend(members.into_iter().flatten());
        for (at, (_, text)) in sorted.into_iter().enumerate() {
            if at > 0 {
                self.to.out.push(b',');
                self.to.line();
            }
            self.to.out.put(text);
        }
    }

    fn separator_len(&self) -> usize {
        if self.to.pretty { 2 + 2 * self.to.depth } else { 1 }
    }
}

impl Visitor for ObjectWriter<'_, '_> {
    fn primitive(&mut self, field: &'static Field, value: Primitive<'_>) {
        self.before(field);
        self.member(field);
        self.to.value(value);
        self.after(field);
    }

    fn primitives(&mut self, field: &'static Field, values: &dyn Primitives) {
        self.before(field);
        self.member(field);
        let item = |out: &mut Encoder, at| {
            if let Some(value) = values.at(at) {
                out.value(value);
            }
        };
        match self.rest {
            Some(rest) => self.items(rest, field, values.count(), item),
            None => self.to.array(values.count(), item),
        }
        self.after(field);
    }

    fn element(&mut self, field: &'static Field, value: &dyn Node) {
        self.before(field);
        self.member(field);
        self.to.object(value);
    }

    fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
        self.before(field);
        self.member(field);
        let item = |out: &mut Encoder, at| {
            if let Some(value) = values.at(at) {
                out.object(value);
            }
        };
        match self.rest {
            Some(rest) => self.items(rest, field, values.count(), item),
            None => self.to.array(values.count(), item),
        }
    }

    fn resource(&mut self, field: &'static Field, value: &Resource) {
        self.before(field);
        self.member(field);
        self.to.resource(value);
    }

    fn resources(&mut self, field: &'static Field, values: &[Resource]) {
        self.before(field);
        self.member(field);
        let item = |out: &mut Encoder, at: usize| {
            if let Some(value) = values.get(at) {
                out.resource(value);
            }
        };
        match self.rest {
            Some(rest) => self.items(rest, field, values.len(), item),
            None => self.to.array(values.len(), item),
        }
    }
}
