//! How any FHIR type describes itself, is filled by the reader and walked by the writer.

use std::fmt;

use ehr_types::{Date, DateTime, Decimal, Time};
use smol_str::SmolStr;

use crate::extra::Extra;
use crate::json::Decoder;
use crate::r4::{Extension, Identifier, Meta, Reference, Resource};
use crate::scope::Scope;

/// Text of FHIR: shared, cheap to clone, without an allocation up to 23 bytes.
pub type Str = SmolStr;

/// The FHIR type of a member of a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `boolean`
    Boolean,
    /// `integer`
    Integer,
    /// `positiveInt`
    PositiveInt,
    /// `unsignedInt`
    UnsignedInt,
    /// `decimal`
    Decimal,
    /// `date`
    Date,
    /// `dateTime`
    DateTime,
    /// `instant`
    Instant,
    /// `time`
    Time,
    /// `string`
    String,
    /// `markdown`
    Markdown,
    /// `uri`
    Uri,
    /// `url`
    Url,
    /// `canonical`
    Canonical,
    /// `code`
    Code,
    /// `id`
    Id,
    /// `oid`
    Oid,
    /// `uuid`
    Uuid,
    /// `base64Binary`
    Base64Binary,
    /// `xhtml`
    Xhtml,
    /// A complex type, by its name in FHIR (`BackboneElement` for a group inside a resource).
    Element(&'static str),
    /// Any resource.
    Resource,
}

impl Kind {
    /// Whether the value is a primitive, which may have a `_name` sibling.
    pub fn is_primitive(self) -> bool {
        !matches!(self, Self::Element(_) | Self::Resource)
    }

    /// Name of the type in FHIR.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::PositiveInt => "positiveInt",
            Self::UnsignedInt => "unsignedInt",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::DateTime => "dateTime",
            Self::Instant => "instant",
            Self::Time => "time",
            Self::String => "string",
            Self::Markdown => "markdown",
            Self::Uri => "uri",
            Self::Url => "url",
            Self::Canonical => "canonical",
            Self::Code => "code",
            Self::Id => "id",
            Self::Oid => "oid",
            Self::Uuid => "uuid",
            Self::Base64Binary => "base64Binary",
            Self::Xhtml => "xhtml",
            Self::Element(name) => name,
            Self::Resource => "Resource",
        }
    }
}

/// The codes of a required binding, by system.
#[derive(Debug)]
pub struct ValueSet {
    /// Canonical URL.
    pub url: &'static str,
    /// Code systems and the codes of each that are members.
    pub systems: &'static [(&'static str, &'static [&'static str])],
}

impl ValueSet {
    pub(crate) const fn new(
        url: &'static str,
        systems: &'static [(&'static str, &'static [&'static str])],
    ) -> Self {
        Self { url, systems }
    }

    /// Whether some system of the set has the code.
    pub fn has_code(&self, code: &str) -> bool {
        self.systems.iter().any(|(_, codes)| codes.contains(&code))
    }

    /// Whether the coding is a member.
    pub fn has_coding(&self, system: &str, code: &str) -> bool {
        self.systems
            .iter()
            .any(|(s, codes)| *s == system && codes.contains(&code))
    }
}

/// One member that the JSON object of a type may have; each type of a choice is a member of its own.
#[derive(Debug)]
pub struct Field {
    /// Name in JSON: `birthDate`, `valueQuantity`.
    pub name: &'static str,
    /// The name as the writer puts it: `,"birthDate":`.
    pub(crate) key: &'static str,
    /// Number of the element in its type; the members of one choice share it.
    pub slot: u8,
    /// Type of the value.
    pub kind: Kind,
    /// Whether the element may repeat, which makes it an array.
    pub many: bool,
    /// Whether the minimum is one.
    pub required: bool,
    /// Whether the element belongs to the summary.
    pub summary: bool,
    /// Whether the element can change the meaning of what contains it.
    pub modifier: bool,
    /// Name of the choice (`value[x]`), when this member is one of its types.
    pub choice: Option<&'static str>,
    /// Resource types that a Reference may name; empty when any.
    pub targets: &'static [&'static str],
    /// Codes of a required binding that is not an enum.
    pub binding: Option<&'static ValueSet>,
    /// Whether the value is stored in [`Extra`].
    pub(crate) in_extra: bool,
}

impl Field {
    pub(crate) const ID: Self = Self::new(",\"id\":", 0, Kind::String).beside();
    pub(crate) const EXTENSION: Self = Self::new(",\"extension\":", 1, Kind::Element("Extension"))
        .many()
        .beside();
    pub(crate) const MODIFIER_EXTENSION: Self =
        Self::new(",\"modifierExtension\":", 2, Kind::Element("Extension"))
            .many()
            .modifier()
            .beside();

    /// A member; `key` is `,"name":`.
    pub(crate) const fn new(key: &'static str, slot: u8, kind: Kind) -> Self {
        let (name, _) = key.split_at(key.len() - 2);
        let (_, name) = name.split_at(2);
        Self {
            name,
            key,
            slot,
            kind,
            many: false,
            required: false,
            summary: false,
            modifier: false,
            choice: None,
            targets: &[],
            binding: None,
            in_extra: false,
        }
    }

    const fn beside(mut self) -> Self {
        self.in_extra = true;
        self
    }

    pub(crate) const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn summary(mut self) -> Self {
        self.summary = true;
        self
    }

    pub(crate) const fn modifier(mut self) -> Self {
        self.modifier = true;
        self
    }

    pub(crate) const fn choice(mut self, name: &'static str) -> Self {
        self.choice = Some(name);
        self
    }

    pub(crate) const fn targets(mut self, targets: &'static [&'static str]) -> Self {
        self.targets = targets;
        self
    }

    pub(crate) const fn bound(mut self, set: &'static ValueSet) -> Self {
        self.binding = Some(set);
        self
    }

    /// Name of the element: `birthDate`, `value[x]`.
    pub fn element_name(&self) -> &'static str {
        self.choice.unwrap_or(self.name)
    }
}

/// What is known of a FHIR type: its path and the members that its JSON object may have, in the order of the
/// specification.
#[derive(Debug)]
pub struct Type {
    /// `Patient`, `HumanName`, `Patient.contact`.
    pub path: &'static str,
    /// Whether it is a resource, which has a `resourceType`.
    pub is_resource: bool,
    /// The members.
    pub fields: &'static [Field],
    pub(crate) required: u128,
    pub(crate) rules: &'static [Rule],
}

/// An invariant about which elements stand together; sets of elements are bits by slot.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) key: &'static str,
    pub(crate) test: Test,
    pub(crate) message: &'static str,
}

/// What a [`Rule`] demands.
#[derive(Debug)]
pub(crate) enum Test {
    Any(u128),
    One(u128),
    NotBoth(u128),
    Implies(u128, u128),
    Together(u128),
}

impl Rule {
    pub(crate) const fn new(key: &'static str, test: Test, message: &'static str) -> Self {
        Self { key, test, message }
    }

    /// Whether the rule holds for an element with those members.
    pub(crate) fn holds(&self, seen: u128) -> bool {
        match self.test {
            Test::Any(set) => seen & set != 0,
            Test::One(set) => (seen & set).is_power_of_two(),
            Test::NotBoth(set) => seen & set != set,
            Test::Implies(one, other) => seen & one == 0 || seen & other != 0,
            Test::Together(set) => seen & set == 0 || seen & set == set,
        }
    }
}

impl Type {
    pub(crate) const fn new(path: &'static str, fields: &'static [Field]) -> Self {
        let mut required = 0;
        let mut i = 0;
        #[allow(clippy::indexing_slicing)] // const context: an error would be one of compilation
        while i < fields.len() {
            if fields[i].required {
                required |= 1 << fields[i].slot;
            }
            i += 1;
        }
        Self {
            path,
            is_resource: false,
            fields,
            required,
            rules: &[],
        }
    }

    pub(crate) const fn rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    pub(crate) const fn resource(path: &'static str, fields: &'static [Field]) -> Self {
        let mut out = Self::new(path, fields);
        out.is_resource = true;
        out
    }

    /// The member of that JSON name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A primitive value on its way to a [`Visitor`].
#[derive(Clone, Copy, PartialEq)]
pub enum Primitive<'a> {
    /// A `boolean`.
    Boolean(bool),
    /// An `integer`.
    Integer(i32),
    /// A `positiveInt` or `unsignedInt`.
    Unsigned(u32),
    /// A `decimal`.
    Decimal(&'a Decimal),
    /// A `date`.
    Date(Date),
    /// A `dateTime` or `instant`.
    DateTime(DateTime),
    /// A `time`.
    Time(Time),
    /// Any text.
    Text(&'a str),
}

/// A value that can be seen as a [`Primitive`].
pub trait AsPrimitive {
    /// The value.
    fn as_primitive(&self) -> Primitive<'_>;
}

macro_rules! as_primitive {
    ($($type:ty => |$value:ident| $primitive:expr;)*) => {
        $(impl AsPrimitive for $type {
            #[inline]
            fn as_primitive(&self) -> Primitive<'_> {
                let $value = self;
                $primitive
            }
        })*
    };
}

as_primitive! {
    bool => |value| Primitive::Boolean(*value);
    i32 => |value| Primitive::Integer(*value);
    u32 => |value| Primitive::Unsigned(*value);
    Decimal => |value| Primitive::Decimal(value);
    Date => |value| Primitive::Date(*value);
    DateTime => |value| Primitive::DateTime(*value);
    Time => |value| Primitive::Time(*value);
    Str => |value| Primitive::Text(value.as_str());
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

/// Shows the fields of one type to a visitor. What depends on the type of a field is behind a table of functions, so that
/// a generated type needs no more than a call for each field.
pub(crate) struct Walk<'v> {
    fields: &'static [Field],
    visitor: &'v mut dyn Visitor,
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

impl<'v> Walk<'v> {
    pub(crate) fn new(ty: &'static Type, visitor: &'v mut dyn Visitor) -> Self {
        Self {
            fields: ty.fields,
            visitor,
        }
    }

    #[expect(
        clippy::ref_option,
        reason = "the generated caller has the place of the field at hand"
    )]
    #[inline(never)]
    pub(crate) fn text(&mut self, at: usize, slot: &Option<Str>) {
        if let (Some(value), Some(field)) = (slot, self.fields.get(at)) {
            self.visitor.primitive(field, Primitive::Text(value));
        }
    }

    #[inline(never)]
    pub(crate) fn primitive(&mut self, at: usize, slot: &dyn PrimitiveSlot) {
        if let (Some(value), Some(field)) = (slot.get(), self.fields.get(at)) {
            self.visitor.primitive(field, value);
        }
    }

    #[inline(never)]
    pub(crate) fn primitives(&mut self, at: usize, list: &dyn Primitives) {
        if let (true, Some(field)) = (list.count() > 0, self.fields.get(at)) {
            self.visitor.primitives(field, list);
        }
    }

    #[inline(never)]
    pub(crate) fn element(&mut self, at: usize, slot: &dyn ElementSlot) {
        if let (Some(value), Some(field)) = (slot.get(), self.fields.get(at)) {
            self.visitor.element(field, value);
        }
    }

    #[inline(never)]
    pub(crate) fn elements(&mut self, at: usize, list: &dyn Elements) {
        if let (true, Some(field)) = (list.count() > 0, self.fields.get(at)) {
            self.visitor.elements(field, list);
        }
    }

    #[expect(
        clippy::ref_option,
        reason = "the generated caller has the place of the field at hand"
    )]
    #[inline(never)]
    pub(crate) fn resource(&mut self, at: usize, slot: &Option<Resource>) {
        if let (Some(value), Some(field)) = (slot, self.fields.get(at)) {
            self.visitor.resource(field, value);
        }
    }

    #[inline(never)]
    pub(crate) fn resources(&mut self, at: usize, list: &[Resource]) {
        if let (false, Some(field)) = (list.is_empty(), self.fields.get(at)) {
            self.visitor.resources(field, list);
        }
    }

    #[inline(never)]
    pub(crate) fn choice(&mut self, at: usize, slot: &dyn ChoiceSlot) {
        match (slot.get(), self.fields) {
            (Some((variant, ChoiceValue::Primitive(value))), fields) => {
                if let Some(field) = fields.get(at + variant) {
                    self.visitor.primitive(field, value);
                }
            }
            (Some((variant, ChoiceValue::Element(value))), fields) => {
                if let Some(field) = fields.get(at + variant) {
                    self.visitor.element(field, value);
                }
            }
            (None, _) => {}
        }
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

/// What every generated struct tells of itself: resources, data types and the groups inside resources.
///
/// For the methods to use, see [`Element`], which every node has.
pub trait Node {
    /// The description of the type.
    fn describe(&self) -> &'static Type;

    /// What stands beside the fields.
    #[doc(hidden)]
    fn beside(&self) -> &Option<Box<Extra>>;

    /// The place of what stands beside the fields.
    fn extra_mut(&mut self) -> &mut Option<Box<Extra>>;

    /// Shows every member that is present, in the order of the specification; not what is in [`Extra`].
    fn visit(&self, visitor: &mut dyn Visitor);

    /// Reads the value of the member numbered `field`.
    #[doc(hidden)]
    fn decode(&mut self, field: usize, d: &mut Decoder<'_>);

    /// Reports the hand-written invariants that do not hold.
    #[doc(hidden)]
    fn invariants(&self, _at: &mut Scope<'_>) {}

    /// The element as a Reference, when it is one.
    fn as_reference(&self) -> Option<&Reference> {
        None
    }

    /// The element as an Identifier, when it is one.
    fn as_identifier(&self) -> Option<&Identifier> {
        None
    }

    /// The fields of a resource that other elements keep in [`Extra`].
    #[doc(hidden)]
    fn parts(&self) -> Option<ResourceParts<'_>> {
        None
    }

    /// The place of the `id`.
    #[doc(hidden)]
    fn id_mut(&mut self) -> &mut Option<Str> {
        id_beside(self.extra_mut())
    }

    /// The places of `extension` and `modifierExtension`.
    #[doc(hidden)]
    fn extensions_mut(&mut self) -> (&mut Vec<Extension>, &mut Vec<Extension>) {
        extensions_beside(self.extra_mut())
    }
}

fn id_beside(extra: &mut Option<Box<Extra>>) -> &mut Option<Str> {
    &mut extra.get_or_insert_default().id
}

fn extensions_beside(extra: &mut Option<Box<Extra>>) -> (&mut Vec<Extension>, &mut Vec<Extension>) {
    let extra = extra.get_or_insert_default();
    (&mut extra.extension, &mut extra.modifier_extension)
}

/// The fields of a resource that other elements keep in [`Extra`]; only domain resources have extensions.
#[doc(hidden)]
pub struct ResourceParts<'a> {
    pub(crate) id: &'a Option<Str>,
    pub(crate) meta: &'a Option<Box<Meta>>,
    pub(crate) contained: &'a [Resource],
    pub(crate) extensions: Option<(&'a Vec<Extension>, &'a Vec<Extension>)>,
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
    /// What stands beside the fields, if anything does.
    fn extra(&self) -> Option<&Extra> {
        self.beside().as_deref()
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
            *self.id_mut() = id;
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
        self.extensions_mut().0
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
        self.extensions_mut().1
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

    /// Replaces the extensions of a primitive.
    fn set_primitive_extension(&mut self, name: &str, index: Option<usize>, extension: Vec<Extension>) {
        if !extension.is_empty() || self.extra().is_some() {
            self.extra_mut()
                .get_or_insert_default()
                .set_primitive_extension(name, index, extension);
        }
    }

    /// The `id` of a primitive.
    fn primitive_id(&self, name: &str, index: Option<usize>) -> Option<&str> {
        self.extra()
            .and_then(|extra| extra.primitive(name, index))
            .and_then(|primitive| primitive.element_id())
    }
}

impl<T: Node + ?Sized> Element for T {}

/// Prints the shape of an element: the members present, counts, and no value.
pub(crate) fn debug_shape(element: &dyn Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    struct Shape(Vec<(&'static str, usize)>);
    impl Visitor for Shape {
        fn primitive(&mut self, field: &'static Field, _: Primitive<'_>) {
            self.0.push((field.name, 0));
        }
        fn primitives(&mut self, field: &'static Field, values: &dyn Primitives) {
            self.0.push((field.name, values.count()));
        }
        fn element(&mut self, field: &'static Field, _: &dyn Node) {
            self.0.push((field.name, 0));
        }
        fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
            self.0.push((field.name, values.count()));
        }
        fn resource(&mut self, field: &'static Field, _: &Resource) {
            self.0.push((field.name, 0));
        }
        fn resources(&mut self, field: &'static Field, values: &[Resource]) {
            self.0.push((field.name, values.len()));
        }
    }
    let mut shape = Shape(Vec::new());
    element.visit(&mut shape);
    f.write_str(element.describe().path)?;
    let mut set = f.debug_set();
    for (name, count) in shape.0 {
        match count {
            0 => set.entry(&format_args!("{name}")),
            n => set.entry(&format_args!("{name}[{n}]")),
        };
    }
    if element.extra().is_some_and(|extra| !extra.is_empty()) {
        set.entry(&format_args!("…"));
    }
    set.finish()
}
