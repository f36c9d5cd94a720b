//! Whether an element is there, by its id in a profile.

use crate::element::{Element, Elements, Field, Node, Primitive, Primitives, Str, Visitor};
use crate::r4::{Extension, Resource};

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
    urls.any(|url| url == Some(super::DATA_ABSENT_REASON)) || is_coded(node, REASON_CODES)
}

/// Whether an extension has a value, itself or in a part.
fn says_something(extension: &Extension) -> bool {
    struct Any(bool);
    impl Visitor for Any {
        fn primitive(&mut self, field: &'static Field, value: Primitive<'_>) {
            self.0 |= field.choice().is_some() && is_there(value);
        }
        fn primitives(&mut self, _: &'static Field, _: &dyn Primitives) {}
        fn element(&mut self, field: &'static Field, value: &dyn Node) {
            self.0 |= field.choice().is_some() && has_content(value);
        }
        fn elements(&mut self, _: &'static Field, _: &dyn Elements) {}
        fn resource(&mut self, _: &'static Field, _: &Resource) {}
        fn resources(&mut self, _: &'static Field, _: &[Resource]) {}
    }
    let mut any = Any(false);
    extension.visit(&mut any);
    // A primitive value may be there by its extensions, which say why it is not.
    let beside = extension.extra().into_iter().flat_map(|extra| extra.primitives());
    any.0
        || extension.extension().iter().any(says_something)
        || beside
            .filter(|(name, ..)| *name != "url")
            .any(|(_, _, sibling)| sibling.extension().iter().any(says_something))
}

/// Whether an element has anything but an `id`.
fn has_content(node: &dyn Node) -> bool {
    struct Any(bool);
    impl Visitor for Any {
        fn primitive(&mut self, _: &'static Field, value: Primitive<'_>) {
            self.0 |= is_there(value);
        }
        fn primitives(&mut self, _: &'static Field, values: &dyn Primitives) {
            self.0 |= (0..values.count()).filter_map(|at| values.at(at)).any(is_there);
        }
        fn element(&mut self, _: &'static Field, value: &dyn Node) {
            self.0 |= has_content(value);
        }
        fn elements(&mut self, _: &'static Field, values: &dyn Elements) {
            self.0 |= each(values).any(has_content);
        }
        fn resource(&mut self, _: &'static Field, _: &Resource) {
            self.0 = true;
        }
        fn resources(&mut self, _: &'static Field, _: &[Resource]) {
            self.0 = true;
        }
    }
    let mut any = Any(false);
    node.visit(&mut any);
    let beside = node.extra().into_iter().flat_map(|extra| extra.primitives());
    any.0
        || node.extension().iter().any(says_something)
        || beside
            .flat_map(|(_, _, sibling)| sibling.extension())
            .any(says_something)
}

/// A text without a character is no value.
fn is_there(value: Primitive<'_>) -> bool {
    !matches!(value, Primitive::Text(text) if text.trim().is_empty())
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
            .any(|extension| extension.url.as_deref() == Some(url) && says_something(extension));
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
            None if sibling.extension().iter().any(says_something) => Presence::Present,
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
            None if has_content(node) => Presence::Present,
            None => Presence::Absent,
        });
    }
}

impl Visitor for Look<'_> {
    fn primitive(&mut self, field: &'static Field, value: Primitive<'_>) {
        if is_there(value) {
            self.value(field);
        }
    }
    fn primitives(&mut self, field: &'static Field, values: &dyn Primitives) {
        if (0..values.count()).filter_map(|at| values.at(at)).any(is_there) {
            self.value(field);
        }
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
