//! Showing the members of an element to whoever asks.

use super::{AsPrimitive, Field, Node, Primitive, Str, Type};
use crate::json::{Decoder, Encoder};
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

impl<T: AsPrimitive> Primitives for Vec<T> {
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
    /// Appends an empty element and gives it to be filled.
    #[doc(hidden)]
    fn grow(&mut self) -> Option<&mut dyn Node>;
}

impl<T: Node + Default> Elements for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn at(&self, index: usize) -> Option<&dyn Node> {
        self.get(index).map(|element| element as &dyn Node)
    }

    fn grow(&mut self) -> Option<&mut dyn Node> {
        if self.len() == self.capacity() {
            // Most arrays of FHIR have one item: grow 1, 2, 4 … instead of starting with four.
            self.reserve_exact(self.len().max(1));
        }
        self.push(T::default());
        self.last_mut().map(|element| element as &mut dyn Node)
    }
}

/// A place for one primitive value.
pub(crate) trait PrimitiveSlot {
    /// The value there.
    fn get(&self) -> Option<Primitive<'_>>;
}

impl<T: AsPrimitive> PrimitiveSlot for Option<T> {
    fn get(&self) -> Option<Primitive<'_>> {
        self.as_ref().map(T::as_primitive)
    }
}

/// A place for one boxed element.
pub(crate) trait ElementSlot {
    /// The element there.
    fn get(&self) -> Option<&dyn Node>;
    /// Puts an empty element there and gives it to be filled.
    fn fill(&mut self) -> &mut dyn Node;
}

impl<T: Node + Default> ElementSlot for Option<Box<T>> {
    fn get(&self) -> Option<&dyn Node> {
        self.as_deref().map(|element| element as &dyn Node)
    }

    fn fill(&mut self) -> &mut dyn Node {
        self.insert(Box::default()).as_mut()
    }
}

/// The value of a choice.
pub(crate) enum ChoiceValue<'a> {
    /// A primitive.
    Primitive(Primitive<'a>),
    /// A complex value.
    Element(&'a dyn Node),
}

/// A place for a choice.
pub(crate) trait ChoiceSlot {
    /// The number of the type and the value.
    fn get(&self) -> Option<(usize, ChoiceValue<'_>)>;
}

impl<T: Choice> ChoiceSlot for Option<T> {
    fn get(&self) -> Option<(usize, ChoiceValue<'_>)> {
        self.as_ref().map(Choice::value)
    }
}

/// A `value[x]`.
pub(crate) trait Choice: Sized {
    /// Reads the value of the type numbered `variant`.
    fn decode(variant: usize, d: &mut Decoder<'_>) -> Option<Self>;
    /// The number of the type and the value.
    fn value(&self) -> (usize, ChoiceValue<'_>);
}

impl<T: Choice> Choice for Box<T> {
    fn decode(variant: usize, d: &mut Decoder<'_>) -> Option<Self> {
        T::decode(variant, d).map(Self::new)
    }

    fn value(&self) -> (usize, ChoiceValue<'_>) {
        T::value(self)
    }
}

/// Takes the fields of one type as a generated [`Node::walk`] shows them.
///
/// What depends on the type of a field is behind a table of functions, so that a generated type needs no more than a call
/// for each field. A writer, which is by far the most frequent guest, is known by its type, any other behind [`Visitor`].
pub struct Walk<'v> {
    fields: &'static [Field],
    guest: Guest<'v>,
}

enum Guest<'v> {
    Writer(&'v mut Encoder),
    Visitor(&'v mut dyn Visitor),
}

impl<'v> Walk<'v> {
    pub(crate) fn write(writer: &'v mut Encoder) -> Self {
        Self {
            fields: &[],
            guest: Guest::Writer(writer),
        }
    }

    pub(crate) fn show(visitor: &'v mut dyn Visitor) -> Self {
        Self {
            fields: &[],
            guest: Guest::Visitor(visitor),
        }
    }

    /// Says whose fields follow.
    #[inline]
    pub(crate) fn of(&mut self, ty: &'static Type) {
        self.fields = ty.fields;
    }

    #[expect(
        clippy::ref_option,
        reason = "the generated caller has the place of the field at hand"
    )]
    #[inline(never)]
    pub(crate) fn text(&mut self, at: usize, slot: &Option<Str>) {
        if let (Some(value), Some(field)) = (slot, self.fields.get(at)) {
            match &mut self.guest {
                Guest::Writer(writer) => writer.out.text_member(field.name, value),
                Guest::Visitor(visitor) => visitor.primitive(field, Primitive::Text(value)),
            }
        }
    }

    #[inline(never)]
    pub(crate) fn primitive(&mut self, at: usize, slot: &dyn PrimitiveSlot) {
        if let Some(value) = slot.get() {
            self.one(at, ChoiceValue::Primitive(value));
        }
    }

    #[inline(never)]
    pub(crate) fn primitives(&mut self, at: usize, list: &dyn Primitives) {
        if let (true, Some(field)) = (list.count() > 0, self.fields.get(at)) {
            match &mut self.guest {
                Guest::Writer(writer) => {
                    writer.out.key(field.name);
                    writer.primitives(list);
                }
                Guest::Visitor(visitor) => visitor.primitives(field, list),
            }
        }
    }

    #[inline(never)]
    pub(crate) fn element(&mut self, at: usize, slot: &dyn ElementSlot) {
        if let Some(value) = slot.get() {
            self.one(at, ChoiceValue::Element(value));
        }
    }

    #[inline(never)]
    pub(crate) fn elements(&mut self, at: usize, list: &dyn Elements) {
        if let (true, Some(field)) = (list.count() > 0, self.fields.get(at)) {
            match &mut self.guest {
                Guest::Writer(writer) => {
                    writer.out.key(field.name);
                    writer.elements(list);
                }
                Guest::Visitor(visitor) => visitor.elements(field, list),
            }
        }
    }

    #[expect(
        clippy::ref_option,
        reason = "the generated caller has the place of the field at hand"
    )]
    #[inline(never)]
    pub(crate) fn resource(&mut self, at: usize, slot: &Option<Resource>) {
        if let (Some(value), Some(field)) = (slot, self.fields.get(at)) {
            match &mut self.guest {
                Guest::Writer(writer) => {
                    writer.out.key(field.name);
                    writer.resource(value);
                }
                Guest::Visitor(visitor) => visitor.resource(field, value),
            }
        }
    }

    #[inline(never)]
    pub(crate) fn resources(&mut self, at: usize, list: &[Resource]) {
        if let (false, Some(field)) = (list.is_empty(), self.fields.get(at)) {
            match &mut self.guest {
                Guest::Writer(writer) => {
                    writer.out.key(field.name);
                    writer.resources(list);
                }
                Guest::Visitor(visitor) => visitor.resources(field, list),
            }
        }
    }

    #[inline(never)]
    pub(crate) fn choice(&mut self, at: usize, slot: &dyn ChoiceSlot) {
        if let Some((variant, value)) = slot.get() {
            self.one(at + variant, value);
        }
    }

    #[inline]
    fn one(&mut self, at: usize, value: ChoiceValue<'_>) {
        let Some(field) = self.fields.get(at) else {
            return;
        };
        match (&mut self.guest, value) {
            (Guest::Writer(writer), ChoiceValue::Primitive(value)) => {
                writer.out.key(field.name);
                writer.value(value);
            }
            (Guest::Writer(writer), ChoiceValue::Element(value)) => {
                writer.out.key(field.name);
                writer.object(value);
            }
            (Guest::Visitor(visitor), ChoiceValue::Primitive(value)) => visitor.primitive(field, value),
            (Guest::Visitor(visitor), ChoiceValue::Element(value)) => visitor.element(field, value),
        }
    }
}
