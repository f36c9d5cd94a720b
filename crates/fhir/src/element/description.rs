//! What is known of a FHIR type without looking at a value: its members, their types, cardinalities and bindings.

use super::kind::Kind;
use super::rule::Rule;
use crate::r4::ElementType;

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

/// One member that the JSON object of a type may have; each type of a choice is a member of its own.
#[derive(Debug)]
pub struct Field {
    /// Name in JSON: `birthDate`, `valueQuantity`.
    pub name: &'static str,
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
    /// Whether the value is stored in [`Extra`](crate::Extra).
    pub(crate) in_extra: bool,
    more: &'static More,
}

/// What only some members have, apart so that the table of all members stays small.
#[derive(Debug)]
pub(crate) struct More {
    pub(crate) choice: Option<&'static str>,
    pub(crate) targets: &'static [&'static str],
    pub(crate) binding: Option<&'static ValueSet>,
}

impl More {
    pub(crate) const NONE: Self = Self {
        choice: None,
        targets: &[],
        binding: None,
    };
}

impl Field {
    pub(crate) const ID: Self = Self::new("id", 0, Kind::String).beside();
    pub(crate) const EXTENSION: Self = Self::new("extension", 1, Kind::Element(ElementType::Extension))
        .many()
        .beside();
    pub(crate) const MODIFIER_EXTENSION: Self =
        Self::new("modifierExtension", 2, Kind::Element(ElementType::Extension))
            .many()
            .modifier()
            .beside();

    pub(crate) const fn new(name: &'static str, slot: u8, kind: Kind) -> Self {
        Self {
            name,
            slot,
            kind,
            many: false,
            required: false,
            summary: false,
            modifier: false,
            in_extra: false,
            more: &More::NONE,
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

    pub(crate) const fn more(mut self, more: &'static More) -> Self {
        self.more = more;
        self
    }

    /// Name of the choice (`value[x]`), when this member is one of its types.
    pub fn choice(&self) -> Option<&'static str> {
        self.more.choice
    }

    /// Resource types that a Reference may name; empty when any.
    pub fn targets(&self) -> &'static [&'static str] {
        self.more.targets
    }

    /// Codes of a required binding that is not an enum.
    pub fn binding(&self) -> Option<&'static ValueSet> {
        self.more.binding
    }

    /// Name of the element: `birthDate`, `value[x]`.
    pub fn element_name(&self) -> &'static str {
        self.choice().unwrap_or(self.name)
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
