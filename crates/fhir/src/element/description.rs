//! What is known of a FHIR type without looking at a value: its members, their types, cardinalities and bindings.

use std::fmt;

use super::kind::Kind;
use super::rule::Rule;
use crate::r4::ElementType;
use crate::r4::table::{
    AFTER_NAME, BEFORE_NAME, EXTENSION, ID, KEY, MODIFIER_EXTENSION, MORE, NAMES, TARGETS,
};

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

impl Type {
    /// Slots are below this: sets of them are the bits of a `u128`, of which the last is the reader's.
    pub(crate) const SLOTS: u8 = 127;

    pub(crate) const fn new(path: &'static str, fields: &'static [Field]) -> Self {
        let mut required = 0;
        let mut i = 0;
        #[allow(clippy::indexing_slicing)] // const context: an error would be one of compilation
        while i < fields.len() {
            assert!(fields[i].slot < Self::SLOTS);
            if fields[i].flags & REQUIRED != 0 {
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
        self.fields.iter().find(|field| field.is_named(name))
    }
}

/// One member that the JSON object of a type may have: its name, type, cardinality and binding. Each type of a choice
/// (`valueQuantity`, `valueString`) is a member of its own.
///
/// ```
/// use ehr_fhir::{Element, r4::Observation};
/// let observation = Observation::default();
/// let status = observation.describe().field("status").unwrap();
/// assert!(status.required() && status.modifier() && !status.many());
/// let value = observation.describe().field("valueQuantity").unwrap();
/// assert_eq!((value.element_name(), value.choice()), ("value[x]", Some("value[x]")));
/// ```
// Its texts are numbers of places in tables: there are 6,000 members, and a pointer costs 24 bytes more in every program that
// is loaded at an address not known before.
pub struct Field {
    name: Name,
    slot: u8,
    kind: Kind,
    flags: u8,
    /// Place in [`MORE`].
    more: u16,
}

/// A text in [`NAMES`]: where its key starts, and how long it is.
#[derive(Clone, Copy)]
pub(crate) struct Name(pub(crate) u16, pub(crate) u8);

/// The key of a JSON member: `,"birthDate":`.
#[derive(Clone, Copy)]
pub(crate) struct Key(Name);

impl Key {
    #[inline]
    pub(crate) fn len(self) -> usize {
        usize::from(self.0.1) + BEFORE_NAME + AFTER_NAME
    }

    #[inline]
    fn start(self) -> usize {
        usize::from(self.0.0)
    }

    /// The key and what follows it in the table: nearly every key is shorter, and is copied as fast as one byte is.
    #[inline]
    pub(crate) fn and_more(self) -> Option<&'static [u8; KEY]> {
        NAMES
            .as_bytes()
            .get(self.start()..self.start() + KEY)?
            .first_chunk()
    }

    /// The key without its comma, and what follows it in the table.
    #[inline]
    pub(crate) fn without_comma_and_more(self) -> Option<&'static [u8; KEY]> {
        let start = self.start() + 1;
        NAMES.as_bytes().get(start..start + KEY)?.first_chunk()
    }

    /// The key as it stands at the start of an object: `"birthDate":`.
    #[inline]
    pub(crate) fn without_comma(self) -> &'static [u8] {
        NAMES
            .as_bytes()
            .get(self.start() + 1..self.start() + self.len())
            .unwrap_or_default()
    }

    /// The key, and as many bytes of what follows it in the table.
    #[inline]
    pub(crate) fn text_and(self, following: usize) -> &'static [u8] {
        NAMES
            .as_bytes()
            .get(self.start()..self.start() + self.len() + following)
            .unwrap_or_default()
    }
}

impl Name {
    #[inline]
    fn text(self) -> &'static str {
        let start = usize::from(self.0) + BEFORE_NAME;
        NAMES.get(start..start + usize::from(self.1)).unwrap_or_default()
    }
}

/// What only some members have, apart so that the table of all members stays small.
pub(crate) struct More {
    pub(crate) choice: Option<Name>,
    /// Places in [`TARGETS`].
    pub(crate) targets: &'static [u8],
    pub(crate) binding: Option<&'static ValueSet>,
}

/// The minimum is one.
pub(crate) const REQUIRED: u8 = 1;
/// The element may repeat.
pub(crate) const MANY: u8 = 2;
/// The element belongs to the summary.
pub(crate) const SUMMARY: u8 = 4;
/// The element can change the meaning of what contains it.
pub(crate) const MODIFIER: u8 = 8;
/// The value is stored in [`Extra`](crate::Extra).
const BESIDE: u8 = 16;

impl Field {
    pub(crate) const ID: Self = Self::new(ID.0, ID.1, 0, Kind::String, BESIDE, 0);
    pub(crate) const EXTENSION: Self = Self::new(
        EXTENSION.0,
        EXTENSION.1,
        1,
        Kind::Element(ElementType::Extension),
        MANY | BESIDE,
        0,
    );
    pub(crate) const MODIFIER_EXTENSION: Self = Self::new(
        MODIFIER_EXTENSION.0,
        MODIFIER_EXTENSION.1,
        2,
        Kind::Element(ElementType::Extension),
        MANY | MODIFIER | BESIDE,
        0,
    );

    pub(crate) const fn new(name: u16, length: u8, slot: u8, kind: Kind, flags: u8, more: u16) -> Self {
        Self {
            name: Name(name, length),
            slot,
            kind,
            flags,
            more,
        }
    }

    /// Name in JSON: `birthDate`, `valueQuantity`.
    #[inline]
    pub fn name(&self) -> &'static str {
        self.name.text()
    }

    /// The name as the key of a member that is not the first: `,"birthDate":`.
    #[inline]
    pub(crate) fn key(&self) -> Key {
        Key(self.name)
    }

    /// Whether that is the name in JSON.
    #[inline]
    pub(crate) fn is_named(&self, name: &str) -> bool {
        let start = usize::from(self.name.0) + BEFORE_NAME;
        usize::from(self.name.1) == name.len()
            && NAMES.as_bytes().get(start..start + name.len()) == Some(name.as_bytes())
    }

    /// Number of the element in its type; the members of one choice share it.
    #[inline]
    pub fn slot(&self) -> u8 {
        self.slot
    }

    /// Type of the value.
    #[inline]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the element may repeat, which makes it an array.
    pub fn many(&self) -> bool {
        self.flags & MANY != 0
    }

    /// Whether the minimum is one.
    pub fn required(&self) -> bool {
        self.flags & REQUIRED != 0
    }

    /// Whether the element belongs to the summary.
    pub fn summary(&self) -> bool {
        self.flags & SUMMARY != 0
    }

    /// Whether the element can change the meaning of what contains it.
    pub fn modifier(&self) -> bool {
        self.flags & MODIFIER != 0
    }

    /// Whether the value is stored in [`Extra`](crate::Extra).
    #[inline]
    pub(crate) fn in_extra(&self) -> bool {
        self.flags & BESIDE != 0
    }

    fn more(&self) -> Option<&'static More> {
        MORE.get(usize::from(self.more))
    }

    /// Name of the choice (`value[x]`), when this member is one of its types.
    pub fn choice(&self) -> Option<&'static str> {
        self.more()?.choice.map(Name::text)
    }

    /// Resource types that a Reference may name; empty when any.
    pub fn targets(&self) -> impl ExactSizeIterator<Item = &'static str> + Clone + use<> {
        let targets = self.more().map_or(&[][..], |more| more.targets);
        targets
            .iter()
            .map(|at| TARGETS.get(usize::from(*at)).copied().unwrap_or_default())
    }

    /// Codes of a required binding that is not an enum.
    pub fn binding(&self) -> Option<&'static ValueSet> {
        self.more()?.binding
    }

    /// Name of the element: `birthDate`, `value[x]`.
    pub fn element_name(&self) -> &'static str {
        self.choice().unwrap_or(self.name())
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field")
            .field("name", &self.name())
            .field("kind", &self.kind)
            .field("many", &self.many())
            .field("required", &self.required())
            .finish_non_exhaustive()
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
