//! How any FHIR type describes itself, is filled by the reader and walked by the writer.

mod boxed;
mod description;
mod equal;
mod kind;
mod many;
mod place;
mod primitive;
mod rule;
mod shape;
mod walk;

pub use self::boxed::{Boxed, IsResource};
pub use self::description::{Field, Type, ValueSet};
pub(crate) use self::description::{Key, MANY, MODIFIER, More, Name, REQUIRED, SUMMARY};
pub(crate) use self::equal::{choice_equal, equal};
pub use self::kind::Kind;
pub use self::many::Many;
pub(crate) use self::place::{Choice, ChoiceValue, Empty, Place, fill};
pub(crate) use self::primitive::AsPrimitive;
pub use self::primitive::Primitive;
pub(crate) use self::rule::{Rule, Test};
pub(crate) use self::shape::debug_shape;
#[allow(unreachable_pub)] // Named by a hidden method of a public trait.
pub use self::walk::Walk;
pub use self::walk::{Elements, Primitives, Visitor};

use crate::extra::Extra;
use crate::json::Decoder;
use crate::r4::{Extension, Identifier, Meta, Reference, Resource};
use crate::scope::Scope;

pub use ehr_types::Str;

/// What every generated struct tells of itself: resources, data types and the groups inside resources.
///
/// For the methods to use, see [`Element`], which every node has. This trait is kept to what differs from type to type: each
/// method is a table entry in each of 670 types.
pub trait Node {
    /// The description of the type, and what stands beside the fields.
    #[doc(hidden)]
    fn about(&self) -> About<'_>;

    /// The places of what every element has, to change.
    #[doc(hidden)]
    fn parts_mut(&mut self) -> PartsMut<'_>;

    /// Shows every field that has a value to who walks over the members of the type.
    #[doc(hidden)]
    fn walk(&self, _walk: &mut Walk<'_>) {}

    /// Reads the value of the member numbered `field`.
    #[doc(hidden)]
    fn decode(&mut self, _field: usize, _d: &mut Decoder<'_>) {}

    /// Reports the hand-written invariants that do not hold.
    #[doc(hidden)]
    fn invariants(&self, _at: &mut Scope<'_>) {}

    /// What the element is, where that matters to whoever knows only that it is one.
    #[doc(hidden)]
    fn seen_as(&self) -> Seen<'_> {
        Seen::Other
    }
}

/// What [`Node::about`] tells.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct About<'a> {
    pub(crate) ty: &'static Type,
    pub(crate) extra: Option<&'a Extra>,
}

impl<'a> About<'a> {
    #[inline]
    pub(crate) fn new(ty: &'static Type, extra: Option<&'a Extra>) -> Self {
        Self { ty, extra }
    }
}

/// The types that are told from a node of any type.
#[doc(hidden)]
pub enum Seen<'a> {
    /// A resource.
    Resource(ResourceParts<'a>),
    /// A Reference.
    Reference(&'a Reference),
    /// An Identifier.
    Identifier(&'a Identifier),
    /// Any other element.
    Other,
}

/// The fields of a resource that other elements keep in [`Extra`]; only domain resources have extensions.
#[doc(hidden)]
pub struct ResourceParts<'a> {
    pub(crate) id: &'a Option<Str>,
    pub(crate) meta: &'a Option<Box<Meta>>,
    pub(crate) contained: &'a [Resource],
    pub(crate) extensions: Option<(&'a Many<Extension>, &'a Many<Extension>)>,
}

/// The places of what every element has: in [`Extra`], or in fields of its own.
#[doc(hidden)]
pub struct PartsMut<'a> {
    pub(crate) extra: &'a mut Option<Box<Extra>>,
    pub(crate) id: Option<&'a mut Option<Str>>,
    pub(crate) extensions: Option<(&'a mut Many<Extension>, &'a mut Many<Extension>)>,
}

impl<'a> PartsMut<'a> {
    #[inline]
    pub(crate) fn beside(extra: &'a mut Option<Box<Extra>>) -> Self {
        Self {
            extra,
            id: None,
            extensions: None,
        }
    }

    fn id(self) -> &'a mut Option<Str> {
        match self.id {
            Some(id) => id,
            None => &mut self.extra.get_or_insert_default().id,
        }
    }

    fn extensions(self) -> (&'a mut Many<Extension>, &'a mut Many<Extension>) {
        self.extensions.unwrap_or_else(|| {
            let extra = self.extra.get_or_insert_default();
            (&mut extra.extension, &mut extra.modifier_extension)
        })
    }
}

/// `id`, `extension` and `modifierExtension` of anything, wherever they are stored, and of its primitives.
///
/// ```
/// use ehr_fhir::{Element, r4::{Extension, ExtensionValue, HumanName}};
/// let mut name = HumanName { family: Some("Ng".into()), ..HumanName::default() };
/// name.extension_mut().push(Extension {
///     url: Some("http://example.org/known-since".into()),
///     value: Some(Box::new(ExtensionValue::String("school".into()))),
///     ..Extension::default()
/// });
/// name.set_primitive_extension("family", None, name.extension().to_vec());
/// assert_eq!(name.primitive_extension("family", None).len(), 1);
/// ```
pub trait Element: Node {
    /// The description of the type.
    #[inline]
    fn describe(&self) -> &'static Type {
        self.about().ty
    }

    /// Shows every member that is present, in the order of the specification; not what is in [`Extra`].
    fn visit(&self, visitor: &mut dyn Visitor) {
        self.walk(&mut Walk::show(visitor, self.describe()));
    }

    /// The element as a Reference, when it is one.
    fn as_reference(&self) -> Option<&Reference> {
        match self.seen_as() {
            Seen::Reference(reference) => Some(reference),
            _ => None,
        }
    }

    /// The element as an Identifier, when it is one.
    fn as_identifier(&self) -> Option<&Identifier> {
        match self.seen_as() {
            Seen::Identifier(identifier) => Some(identifier),
            _ => None,
        }
    }

    /// The fields of a resource that other elements keep in [`Extra`].
    #[doc(hidden)]
    fn parts(&self) -> Option<ResourceParts<'_>> {
        match self.seen_as() {
            Seen::Resource(parts) => Some(parts),
            _ => None,
        }
    }

    /// What stands beside the fields, if anything does.
    fn extra(&self) -> Option<&Extra> {
        self.about().extra
    }

    /// The place of what stands beside the fields.
    fn extra_mut(&mut self) -> &mut Option<Box<Extra>> {
        self.parts_mut().extra
    }

    /// The `id` of the element or resource.
    fn element_id(&self) -> Option<&str> {
        match self.parts() {
            Some(parts) => parts.id.as_deref(),
            None => self.extra().and_then(|extra| extra.id.as_deref()),
        }
    }

    /// Sets the `id` of the element or resource.
    fn set_element_id(&mut self, id: Option<Str>) {
        if id.is_some() || self.element_id().is_some() {
            *self.parts_mut().id() = id;
        }
    }

    /// The extensions.
    fn extension(&self) -> &[Extension] {
        match self.parts().and_then(|parts| parts.extensions) {
            Some((extension, _)) => extension,
            None => self.extra().map_or(&[], |extra| &extra.extension),
        }
    }

    /// The extensions, to change.
    fn extension_mut(&mut self) -> &mut Vec<Extension> {
        self.parts_mut().extensions().0
    }

    /// The modifier extensions.
    fn modifier_extension(&self) -> &[Extension] {
        match self.parts().and_then(|parts| parts.extensions) {
            Some((_, extension)) => extension,
            None => self.extra().map_or(&[], |extra| &extra.modifier_extension),
        }
    }

    /// The modifier extensions, to change.
    fn modifier_extension_mut(&mut self) -> &mut Vec<Extension> {
        self.parts_mut().extensions().1
    }

    /// The extensions with that URL.
    fn extensions_by_url<'a>(&'a self, url: &'a str) -> impl Iterator<Item = &'a Extension> {
        self.extension()
            .iter()
            .filter(move |extension| extension.url.as_deref() == Some(url))
    }

    /// The extensions of a primitive: `name` is its name in JSON (`birthDate`, `valueDateTime`), `index` its place in
    /// the array of a repeating one, counting nulls.
    fn primitive_extension(&self, name: &str, index: Option<usize>) -> &[Extension] {
        self.extra()
            .map_or(&[], |extra| extra.primitive_extension(name, index))
    }

    /// Replaces the extensions of a primitive, and says whether the type has one of that name: nothing is kept otherwise.
    ///
    /// `index` is as for [`primitive_extension`](Self::primitive_extension); without it the first of a repeating primitive
    /// is meant. The extensions of a repeating primitive belong to places: who takes a value out of the list moves those
    /// of the values after it.
    fn set_primitive_extension(
        &mut self,
        name: &str,
        index: Option<usize>,
        extension: Vec<Extension>,
    ) -> bool {
        let index = match self.describe().field(name) {
            Some(field) if !field.kind().is_primitive() => return false,
            Some(field) if field.many() => Some(index.unwrap_or(0)),
            Some(_) if index.unwrap_or(0) == 0 => None,
            _ => return false,
        };
        if !extension.is_empty() || self.extra().is_some() {
            self.extra_mut()
                .get_or_insert_default()
                .set_primitive_extension(name, index, extension);
        }
        true
    }

    /// The `id` of a primitive.
    fn primitive_id(&self, name: &str, index: Option<usize>) -> Option<&str> {
        self.extra()
            .and_then(|extra| extra.primitive(name, index))
            .and_then(|primitive| primitive.element_id())
    }
}

impl<T: Node + ?Sized> Element for T {}
