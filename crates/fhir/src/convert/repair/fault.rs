//! The faults of a resource that something can be done about, and what.

use std::collections::BTreeMap;

use super::place::{Step, steps, type_at, walk};
use crate::Finding;
use crate::convert::json::Tree;
use crate::element::{Field, Node, Test, Type};

/// A fault of an element: which member, and what is wrong with it.
pub(super) struct Fault {
    pub(super) place: Step,
    pub(super) kind: Kind,
}

/// What is to be done about a fault.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A required member is not there: that is said.
    Missing,
    /// The member says nothing: it goes.
    Empty,
    /// The member is no list.
    NotArray,
    /// The list of values and that of what stands beside them differ in length.
    Uneven,
    /// The element has an id alone.
    Childless,
    /// The value cannot stand there: it is set aside.
    Misplaced,
    /// The value cannot stand beside another: it is set aside.
    Second,
    /// The reference leads where it must not: it is kept in an extension, where it may.
    Target,
    /// The reference leads to nothing in the resource: it is kept as a text.
    Dangling,
    /// The narrative is none: its words stay, and what it was is kept as a text.
    Narrative,
    /// Nothing refers to the contained resource: the one that contains it does.
    Unreferenced,
    /// A contained resource says of itself what only another may.
    Version,
    /// See `Version`.
    Label,
    /// A contained resource contains others: they move out of it.
    Nested,
}

impl Kind {
    pub(super) fn of(code: &str) -> Option<Self> {
        Some(match code {
            "fhir.element.missing" => Self::Missing,
            "fhir.element.empty-array" | "fhir.element.empty-object" | "fhir.element.null" => Self::Empty,
            "fhir.element.not-array" => Self::NotArray,
            "fhir.element.array-length" => Self::Uneven,
            "fhir.invariant.ele-1" => Self::Childless,
            "fhir.choice.two-values" | "json.duplicate-member" => Self::Second,
            "fhir.reference.target" => Self::Target,
            "fhir.invariant.ref-1" => Self::Dangling,
            "fhir.invariant.txt-1" | "fhir.invariant.txt-2" | "fhir.primitive.xhtml" => Self::Narrative,
            "fhir.invariant.dom-2" => Self::Nested,
            "fhir.invariant.dom-3" => Self::Unreferenced,
            "fhir.invariant.dom-4" => Self::Version,
            "fhir.invariant.dom-5" => Self::Label,
            "fhir.element.type"
            | "fhir.element.unknown"
            | "fhir.resource.unknown-type"
            | "fhir.resource.no-type"
            | "fhir.resource.duplicate-id"
            | "fhir.code.unknown"
            | "fhir.invariant.ext-1"
            | "json.lone-surrogate" => Self::Misplaced,
            code if code.starts_with("fhir.primitive.") => Self::Misplaced,
            _ => return None,
        })
    }

    /// Whether the fault of an extension's member can be mended inside the extension, which is nothing without its URL.
    pub(super) fn is_mended_inside(self, place: &Step) -> bool {
        match self {
            Self::Missing | Self::Second => false,
            Self::Misplaced => place.name != "url",
            _ => true,
        }
    }
}

/// Faults by the element that they stand in: how deep it is, and the steps to it.
pub(super) type Faults = BTreeMap<(usize, Vec<Step>), Vec<Fault>>;

/// Adds the members that an element demands by a rule, as missing: what it does say stays where it is.
pub(super) fn add_demanded(findings: &[Finding], root: &dyn Node, tree: &mut Tree, to: &mut Faults) {
    for finding in findings.iter().filter(|finding| finding.is_error()) {
        let Some(key) = finding.code.strip_prefix("fhir.invariant.") else {
            continue;
        };
        let Some(parents) = steps(&finding.location.path).filter(|_| Kind::of(&finding.code).is_none())
        else {
            continue;
        };
        let (Some(of), Some(element)) = (type_at(root, &parents), walk(tree, &parents)) else {
            continue;
        };
        let missing = demanded(element, of, key).into_iter().map(|name| Fault {
            place: Step {
                name: name.to_owned(),
                index: None,
            },
            kind: Kind::Missing,
        });
        to.entry((parents.len(), parents)).or_default().extend(missing);
    }
}

/// The errors that something can be done about.
pub(super) fn by_parent(findings: &[Finding]) -> Faults {
    let mut groups = Faults::new();
    for finding in findings.iter().filter(|finding| finding.is_error()) {
        let Some(mut kind) = Kind::of(&finding.code) else {
            continue;
        };
        let Some(mut parents) = steps(&finding.location.path) else {
            continue;
        };
        let Some(mut place) = parents.pop() else { continue };
        // Words for a status are understood: the mapping writes it.
        let is_status = matches!(place.name.as_str(), "clinicalStatus" | "verificationStatus");
        if is_status && parents.is_empty() && finding.code == "fhir.code.unknown" {
            continue;
        }
        if kind == Kind::Narrative && place.name != "div" {
            parents.push(place.clone());
        }
        // An extension has a value or parts, not both (rule ext-1): what cannot stay beside its value takes it along.
        if let Some(extension) = parents.pop_if(|last| last.is_extension() && !kind.is_mended_inside(&place))
        {
            (place, kind) = (extension, Kind::Misplaced);
        }
        if kind == Kind::Childless && place.is_extension() {
            kind = Kind::Misplaced;
        }
        let faults = groups.entry((parents.len(), parents)).or_default();
        faults.push(Fault { place, kind });
    }
    groups
}

/// The members of an element that have to be said to be missing so that it keeps a rule about what stands together.
pub(super) fn demanded(element: &Tree, of: &Type, key: &str) -> Vec<&'static str> {
    let is_there = |field: &&Field| {
        element.get(field.name()).is_some() || element.get(&format!("_{}", field.name())).is_some()
    };
    let slots =
        |fields: &mut dyn Iterator<Item = &Field>| fields.fold(0_u128, |set, field| set | 1 << field.slot());
    let seen = slots(&mut of.fields.iter().filter(is_there));
    let mut out = Vec::new();
    for rule in of
        .rules
        .iter()
        .filter(|rule| rule.key == key && !rule.holds(seen))
    {
        let (wanted, all) = match rule.test {
            Test::Any(set) | Test::One(set) if seen & set == 0 => (set, false),
            Test::Implies(_, set) => (set, false),
            Test::Together(set) => (set & !seen, true),
            // There is too much, not too little.
            Test::Any(_) | Test::One(_) | Test::NotBoth(_) => continue,
        };
        let may_be = |field: &&Field| wanted & (1 << field.slot()) != 0 && field.name() != "extension";
        let mut fields: Vec<&Field> = of.fields.iter().filter(may_be).collect();
        // What is missing is said most briefly beside a primitive.
        fields.sort_by_key(|field| !field.kind().is_primitive());
        let names = fields.iter().map(|field| {
            let name = field.element_name();
            name.strip_suffix("[x]").unwrap_or(name)
        });
        out.extend(names.take(if all { usize::MAX } else { 1 }));
    }
    out
}
