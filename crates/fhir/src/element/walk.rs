//! Showing the members of an element to whoever asks.

use super::{AsPrimitive, ChoiceValue, Field, Many, Node, Primitive, Str, Type};
use crate::json::Encoder;
use crate::r4::Resource;

/// Sees the members of an element that are present, in the order of the specification.
pub trait Visitor {
    /// A primitive value.
    fn primitive(&mut self, field: &'static Field, value: Primitive<'_>);
    /// A list of primitive values, not empty.
    fn primitives(&mut self, field: &'static Field, values: &dyn Primitives);
    /// An element.
    fn element(&mut self, field: &'static Field, value: &dyn Node);
    /// A list of elements, not empty.
    fn elements(&mut self, field: &'static Field, values: &dyn Elements);
    /// A resource.
    fn resource(&mut self, field: &'static Field, value: &Resource);
    /// A list of resources, not empty.
    fn resources(&mut self, field: &'static Field, values: &[Resource]);
}

/// A list of primitive values.
pub trait Primitives {
    /// Number of values.
    fn count(&self) -> usize;
    /// The value at `index`.
    fn at(&self, index: usize) -> Option<Primitive<'_>>;
}

impl<T: AsPrimitive> Primitives for &Many<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn at(&self, index: usize) -> Option<Primitive<'_>> {
        self.get(index).map(T::as_primitive)
    }
}

/// A list of elements.
pub trait Elements {
    /// Number of elements.
    fn count(&self) -> usize;
    /// The element at `index`.
    fn at(&self, index: usize) -> Option<&dyn Node>;
}

// For the reference, not the list: the table of functions of a list would hold the code that drops it.
impl<T: Node> Elements for &Many<T> {
    fn count(&self) -> usize {
        self.len()
    }

    // Not inlined, so that the table of functions of `T` is beside `Many::read`, which needs it too: see `place`.
    #[inline(never)]
    fn at(&self, index: usize) -> Option<&dyn Node> {
        self.get(index).map(|element| element as &dyn Node)
    }
}

/// Takes the fields of one type as a generated [`Node::walk`] shows them.
///
/// A generated type makes a call for each field that has a value. A writer, which is by far the most frequent guest, is
/// known by its type, any other behind [`Visitor`].
pub struct Walk<'v> {
    fields: &'static [Field],
    guest: Guest<'v>,
}

enum Guest<'v> {
    Writer(&'v mut Encoder),
    Visitor(&'v mut dyn Visitor),
}

impl<'v> Walk<'v> {
    #[inline]
    pub(crate) fn write(writer: &'v mut Encoder, ty: &'static Type) -> Self {
        Self {
            fields: ty.fields,
            guest: Guest::Writer(writer),
        }
    }

    pub(crate) fn show(visitor: &'v mut dyn Visitor, ty: &'static Type) -> Self {
        Self {
            fields: ty.fields,
            guest: Guest::Visitor(visitor),
        }
    }

    #[inline(never)]
    pub(crate) fn string(&mut self, at: usize, value: &Str) {
        self.text(at, value);
    }

    #[inline(never)]
    pub(crate) fn text(&mut self, at: usize, value: &str) {
        if let Some(field) = self.fields.get(at) {
            match &mut self.guest {
                Guest::Writer(writer) => writer.out.text_member(field.key(), value),
                Guest::Visitor(visitor) => visitor.primitive(field, Primitive::Text(value)),
            }
        }
    }

    #[inline(never)]
    pub(crate) fn primitive(&mut self, at: usize, value: &impl AsPrimitive) {
        self.one(at, ChoiceValue::Primitive(value.as_primitive()));
    }

    #[inline(never)]
    pub(crate) fn primitives(&mut self, at: usize, list: &dyn Primitives) {
        if let Some(field) = self.fields.get(at) {
            match &mut self.guest {
                Guest::Writer(writer) => {
                    writer.out.key(field.key());
                    writer.primitives(list);
                }
                Guest::Visitor(visitor) => visitor.primitives(field, list),
            }
        }
    }

    #[inline(never)]
    pub(crate) fn element(&mut self, at: usize, value: &dyn Node) {
        self.one(at, ChoiceValue::Element(value));
    }

    #[inline(never)]
    pub(crate) fn elements(&mut self, at: usize, list: &dyn Elements) {
        if let Some(field) = self.fields.get(at) {
            match &mut self.guest {
                Guest::Writer(writer) => {
                    writer.out.key(field.key());
                    writer.elements(list);
                }
                Guest::Visitor(visitor) => visitor.elements(field, list),
            }
        }
    }

    #[inline(never)]
    pub(crate) fn resource(&mut self, at: usize, value: &Resource) {
        if let Some(field) = self.fields.get(at) {
            match &mut self.guest {
                Guest::Writer(writer) => {
                    writer.out.key(field.key());
                    writer.resource(value);
                }
                Guest::Visitor(visitor) => visitor.resource(field, value),
            }
        }
    }

    #[inline(never)]
    pub(crate) fn resources(&mut self, at: usize, list: &[Resource]) {
        if let Some(field) = self.fields.get(at) {
            match &mut self.guest {
                Guest::Writer(writer) => {
                    writer.out.key(field.key());
                    writer.resources(list);
                }
                Guest::Visitor(visitor) => visitor.resources(field, list),
            }
        }
    }

    #[inline(never)]
    pub(crate) fn one(&mut self, at: usize, value: ChoiceValue<'_>) {
        let Some(field) = self.fields.get(at) else {
            return;
        };
        match (&mut self.guest, value) {
            (Guest::Writer(writer), ChoiceValue::Primitive(value)) => {
                writer.out.key(field.key());
                writer.value(value);
            }
            (Guest::Writer(writer), ChoiceValue::Element(value)) => {
                writer.out.key(field.key());
                writer.object(value);
            }
            (Guest::Visitor(visitor), ChoiceValue::Primitive(value)) => visitor.primitive(field, value),
            (Guest::Visitor(visitor), ChoiceValue::Element(value)) => visitor.element(field, value),
        }
    }
}
