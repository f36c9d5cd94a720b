//! Whether an element is there, by its id in a profile.

use crate::element::{Element, Elements, Field, Node, Primitive, Primitives, Str, Visitor};
use crate::r4::Resource;

const REASON_EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
const REASON_CODES: &[&str] = &["http://terminology.hl7.org/CodeSystem/data-absent-reason|"];

/// Whether an element is there; of several, the greatest counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Presence {
    Absent,
    /// It is not there, and the resource says why.
    Reasoned,
    Present,
}

/// What tells a slice from the other repetitions of its element.
pub(super) enum Slice {
    /// It is the extension of that URL.
    Extension(&'static str),
    /// Its member of that name (itself when empty) has one of the codes, as [`is_coded`] takes them.
    Coded(&'static str, &'static [&'static str]),
}

/// The slices of a profile: id of the element, and what tells it apart.
pub(super) type Slices = &'static [(&'static str, Slice)];

/// Whether an element is there; `id` is its id without the type: `component:systolic.value[x].code`.
pub(super) fn presence(node: &dyn Node, id: &str, slices: Slices) -> Presence {
    within(node, id, 0, slices)
}

/// Whether an element, a CodeableConcept, Coding or Identifier, has one of the codes: `system|code`, or any of a system:
/// `system|`.
fn is_coded(node: &dyn Node, codes: &[&str]) -> bool {
    let mut look = Codes {
        codes,
        system: None,
        code: None,
        found: false,
    };
    node.visit(&mut look);
    let has = |wanted: &&str| {
        let parts = wanted.rsplit_once('|');
        parts.is_some_and(|(system, code)| {
            look.system.as_deref() == Some(system) && (code.is_empty() || look.code.as_deref() == Some(code))
        })
    };
    look.found || codes.iter().any(has)
}

/// Whether a member of an element has one of the codes, as [`is_coded`] takes them.
pub(super) fn member_is_coded(node: &dyn Node, member: &str, codes: &[&str]) -> bool {
    let mut look = Member {
        member,
        codes,
        found: false,
    };
    node.visit(&mut look);
    look.found
}

fn has_reason(node: &dyn Node) -> bool {
    let mut urls = node.extension().iter().map(|extension| extension.url.as_deref());
    urls.any(|url| url == Some(REASON_EXTENSION)) || is_coded(node, REASON_CODES)
}

/// Whether what the id names from the byte `from` on is in the node.
fn within(node: &dyn Node, id: &str, from: usize, slices: Slices) -> Presence {
    let rest = id.get(from..).unwrap_or_default();
    let len = rest.find('.').unwrap_or(rest.len());
    let (segment, up_to_here) = (
        rest.get(..len).unwrap_or_default(),
        id.get(..from + len).unwrap_or_default(),
    );
    let (name, slice_name) = segment.split_once(':').unwrap_or((segment, ""));
    let slice = slices
        .iter()
        .find(|(slice, _)| *slice == up_to_here)
        .map(|(_, slice)| slice);
    let next = (len < rest.len()).then_some(from + len + 1);
    if let Some(Slice::Extension(url)) = slice {
        let there = node
            .extension()
            .iter()
            .any(|extension| extension.url.as_deref() == Some(url));
        return if there {
            Presence::Present
        } else {
            Presence::Absent
        };
    }
    // A slice of a choice is one of its types, by the name of the member.
    let member = if name.ends_with("[x]") && !slice_name.is_empty() {
        slice_name
    } else {
        name
    };
    let mut look = Look {
        member,
        slice,
        id,
        next,
        slices,
        found: Presence::Absent,
    };
    node.visit(&mut look);
    let siblings = node.extra().into_iter().flat_map(|extra| extra.primitives());
    for (_, _, sibling) in siblings.filter(|(name, _, _)| *name == member) {
        let found = match next {
            Some(next) => within(sibling, id, next, slices),
            None if has_reason(sibling) => Presence::Reasoned,
            // A primitive without a value is there by its extensions.
            None if !sibling.extension().is_empty() => Presence::Present,
            None => Presence::Absent,
        };
        look.found = look.found.max(found);
    }
    if look.found == Presence::Absent
        && name == "value[x]"
        && node.describe().field("dataAbsentReason").is_some()
    {
        let reason = within(node, "dataAbsentReason", 0, slices);
        return if reason == Presence::Absent {
            Presence::Absent
        } else {
            Presence::Reasoned
        };
    }
    look.found
}

/// Looks for a member of an element.
struct Look<'p> {
    member: &'p str,
    slice: Option<&'p Slice>,
    id: &'p str,
    /// Where the id goes on, when it names something inside the member.
    next: Option<usize>,
    slices: Slices,
    found: Presence,
}

impl Look<'_> {
    fn is(&self, field: &Field) -> bool {
        field.element_name() == self.member || field.name() == self.member
    }

    fn found(&mut self, presence: Presence) {
        self.found = self.found.max(presence);
    }

    fn value(&mut self, field: &Field) {
        // What the id names inside a primitive is an extension, which is beside the value.
        if self.is(field) && self.next.is_none() {
            self.found(Presence::Present);
        }
    }

    fn node(&mut self, node: &dyn Node) {
        let is_of_slice = match self.slice {
            Some(Slice::Coded("", codes)) => is_coded(node, codes),
            Some(Slice::Coded(member, codes)) => member_is_coded(node, member, codes),
            Some(Slice::Extension(_)) => false,
            None => true,
        };
        if !is_of_slice {
            return;
        }
        self.found(match self.next {
            _ if has_reason(node) => Presence::Reasoned,
            Some(next) => within(node, self.id, next, self.slices),
            None => Presence::Present,
        });
    }
}

impl Visitor for Look<'_> {
    fn primitive(&mut self, field: &'static Field, _: Primitive<'_>) {
        self.value(field);
    }
    fn primitives(&mut self, field: &'static Field, _: &dyn Primitives) {
        self.value(field);
    }
    fn element(&mut self, field: &'static Field, value: &dyn Node) {
        if self.is(field) {
            self.node(value);
        }
    }
    fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
        if self.is(field) {
            each(values).for_each(|value| self.node(value));
        }
    }
    fn resource(&mut self, field: &'static Field, _: &Resource) {
        self.value(field);
    }
    fn resources(&mut self, field: &'static Field, _: &[Resource]) {
        self.value(field);
    }
}

fn each(elements: &dyn Elements) -> impl Iterator<Item = &dyn Node> {
    (0..elements.count()).filter_map(|at| elements.at(at))
}

/// Looks for a coded member.
struct Member<'p> {
    member: &'p str,
    codes: &'p [&'p str],
    found: bool,
}

impl Visitor for Member<'_> {
    fn primitive(&mut self, _: &'static Field, _: Primitive<'_>) {}
    fn primitives(&mut self, _: &'static Field, _: &dyn Primitives) {}
    fn element(&mut self, field: &'static Field, value: &dyn Node) {
        self.found |= field.name() == self.member && is_coded(value, self.codes);
    }
    fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
        self.found |= field.name() == self.member && each(values).any(|value| is_coded(value, self.codes));
    }
    fn resource(&mut self, _: &'static Field, _: &Resource) {}
    fn resources(&mut self, _: &'static Field, _: &[Resource]) {}
}

/// Looks for codes in a CodeableConcept (its codings), a Coding or an Identifier.
struct Codes<'c> {
    codes: &'c [&'c str],
    system: Option<Str>,
    code: Option<Str>,
    found: bool,
}

impl Visitor for Codes<'_> {
    fn primitive(&mut self, field: &'static Field, value: Primitive<'_>) {
        match (field.name(), value) {
            ("system", Primitive::Text(text)) => self.system = Some(text.into()),
            ("code", Primitive::Text(text)) => self.code = Some(text.into()),
            _ => {}
        }
    }
    fn primitives(&mut self, _: &'static Field, _: &dyn Primitives) {}
    fn element(&mut self, _: &'static Field, _: &dyn Node) {}
    fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
        self.found |= field.name() == "coding" && each(values).any(|coding| is_coded(coding, self.codes));
    }
    fn resource(&mut self, _: &'static Field, _: &Resource) {}
    fn resources(&mut self, _: &'static Field, _: &[Resource]) {}
}
