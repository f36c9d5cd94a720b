//! Writing FHIR as JSON.

mod members;

use self::members::MemberWriter;
use crate::element::{About, Elements, Node, Primitive, Primitives, Walk};
use crate::json::out::Output;
use crate::r4::Resource;

/// The text being written.
pub struct Encoder {
    pub(crate) out: Output,
}

impl Encoder {
    pub(crate) fn compact() -> Self {
        Self {
            out: Output::new(false),
        }
    }

    pub(crate) fn pretty() -> Self {
        Self {
            out: Output::new(true),
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    pub(crate) fn resource(&mut self, resource: &Resource) {
        match (resource.as_element(), resource) {
            (Some(node), _) => self.root(node),
            (None, Resource::Unknown(unknown)) => self.out.put(unknown.json().as_bytes()),
            (None, _) => self.out.put(b"{}"),
        }
    }

    /// Writes an object that may be a resource.
    pub(crate) fn root(&mut self, node: &dyn Node) {
        let about = node.about();
        self.node(node, about, about.ty.is_resource.then_some(about.ty.path));
    }

    /// Writes an object that is not a resource.
    pub(crate) fn object(&mut self, node: &dyn Node) {
        self.node(node, node.about(), None);
    }

    #[inline]
    fn node(&mut self, node: &dyn Node, about: About<'_>, resource_type: Option<&str>) {
        if about.extra.is_some() {
            let object: fn(&mut Self, &dyn Node) = |to, node| MemberWriter::object(to, node);
            return object(self, node);
        }
        // Nearly every element is written here: nothing stands beside its fields. Each member starts with a comma, and
        // the brace takes the place of the first.
        let start = self.out.len();
        self.out.depth += 1;
        if let Some(name) = resource_type {
            self.out.resource_type(name);
        }
        node.walk(&mut Walk::write(self, about.ty));
        self.out.depth -= 1;
        self.out.enclose(start);
    }

    pub(crate) fn elements(&mut self, list: &dyn Elements) {
        self.array(list.count(), |out, at| {
            if let Some(element) = list.at(at) {
                out.object(element);
            }
        });
    }

    pub(crate) fn resources(&mut self, list: &[Resource]) {
        self.array(list.len(), |out, at| {
            if let Some(resource) = list.get(at) {
                out.resource(resource);
            }
        });
    }

    pub(crate) fn primitives(&mut self, list: &dyn Primitives) {
        self.array(list.count(), |out, at| {
            if let Some(value) = list.at(at) {
                out.value(value);
            }
        });
    }

    fn array(&mut self, count: usize, mut item: impl FnMut(&mut Self, usize)) {
        self.out.push(b'[');
        self.out.depth += 1;
        for at in 0..count {
            if at > 0 {
                self.out.push(b',');
            }
            self.out.line();
            item(self, at);
        }
        self.out.depth -= 1;
        if count > 0 {
            self.out.line();
        }
        self.out.push(b']');
    }

    #[inline]
    pub(crate) fn value(&mut self, value: Primitive<'_>) {
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
