//! The choices: an enum for each list of types that a `value[x]` may have, shared by the elements that have the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::definitions::{Definitions, Element, TypeRef};
use super::PART;
use super::member::primitive;
use super::name::{choice_name, pascal};

/// The enum of the values of an extension, and of whatever else may be of any type.
pub(super) const OPEN_CHOICE: &str = "ExtensionValue";

/// Up to so many types name the enum of a choice that several elements have.
const NAMED_BY_TYPES: usize = 3;

/// The choices that several elements have.
pub(super) struct Choices {
    /// The types of an extension's value.
    open: Vec<TypeRef>,
    /// The name of an enum by the names of its types, in alphabetical order.
    shared: BTreeMap<Vec<String>, String>,
}

impl Choices {
    pub(super) fn new(definitions: &Definitions) -> Result<Self, String> {
        let open = definitions
            .structures
            .iter()
            .find(|structure| structure.name == "Extension")
            .and_then(|structure| structure.elements.last())
            .ok_or("no Extension")?
            .types
            .clone();
        let mut elements: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
        for element in definitions.structures.iter().flat_map(|s| &s.elements) {
            if is_choice(element) && element.types != open {
                elements
                    .entry(names(&element.types))
                    .or_default()
                    .push(choice_name(element));
            }
        }
        elements.retain(|_, elements| elements.len() > 1);
        let shared = elements
            .into_iter()
            .filter_map(|(types, elements)| {
                let name = if types.len() <= NAMED_BY_TYPES {
                    let types: Vec<String> = types.iter().map(|name| pascal(name)).collect();
                    types.join("Or")
                } else {
                    // The plainest of the elements speaks for all.
                    elements
                        .into_iter()
                        .min_by_key(|name| (name.len(), name.clone()))?
                };
                Some((types, name))
            })
            .collect();
        Ok(Self { open, shared })
    }

    /// Whether any type may stand there.
    pub(super) fn is_open(&self, element: &Element) -> bool {
        element.types == self.open
    }

    /// The types of a choice, in the order of its enum.
    pub(super) fn types(&self, element: &Element) -> Vec<TypeRef> {
        let mut types = element.types.clone();
        if self.shared.contains_key(&names(&types)) {
            types.sort_by_key(|kind| kind.name.to_lowercase());
        }
        types
    }

    /// Every name of a type that the choices need.
    pub(super) fn type_names(&self, definitions: &Definitions) -> Vec<String> {
        let elements = definitions.structures.iter().flat_map(|s| &s.elements);
        let own = elements
            .filter(|element| is_choice(element) && !self.is_open(element))
            .map(choice_name);
        let shared = self.shared.values().cloned();
        let mut all: Vec<String> = own.collect();
        all.extend(shared.filter(|name| !all.contains(name)).collect::<Vec<_>>());
        all
    }

    /// Declares the type of the values of one element.
    pub(super) fn declare(&self, out: &mut String, element: &Element, page: &str) {
        let name = choice_name(element);
        let doc = format!("The values that [`{}`]({page}) may have.", element.path);
        if self.is_open(element) {
            if element.path == "Extension.value[x]" {
                write_enum(out, OPEN_CHOICE, &doc, &element.types);
            }
        } else if let Some(shared) = self.shared.get(&names(&element.types)) {
            if *shared != name {
                let _ = writeln!(out, "\n/// {doc}\npub type {name} = {shared};");
            }
        } else {
            write_enum(out, &name, &doc, &element.types);
        }
    }

    /// The file of the enums that elements share.
    pub(super) fn file(&self, definitions: &Definitions) -> String {
        let mut out = String::from(PART);
        let elements: Vec<&Element> = definitions.structures.iter().flat_map(|s| &s.elements).collect();
        for (types, name) in &self.shared {
            let Some(one) = elements
                .iter()
                .find(|e| is_choice(e) && names(&e.types) == *types)
            else {
                continue;
            };
            let list: Vec<String> = types.iter().map(|name| format!("`{name}`")).collect();
            let doc = format!("The value of an element that may be of type {}.", list.join(", "));
            write_enum(&mut out, name, &doc, &self.types(one));
        }
        out
    }
}

pub(super) fn is_choice(element: &Element) -> bool {
    element.path.ends_with("[x]")
}

fn names(types: &[TypeRef]) -> Vec<String> {
    let mut names: Vec<String> = types.iter().map(|kind| kind.name.clone()).collect();
    names.sort_by_key(|name| name.to_lowercase());
    names
}

fn write_enum(out: &mut String, name: &str, doc: &str, types: &[TypeRef]) {
    let _ = writeln!(out, "\n/// {doc}\n#[derive(Clone)]\npub enum {name} {{");
    let (mut decode, mut visit) = (String::new(), String::new());
    for (at, kind) in types.iter().enumerate() {
        let variant = pascal(&kind.name);
        let (value, read, shown) = match primitive(&kind.name) {
            Some(rust) => (
                rust.to_owned(),
                "d.choice_primitive()",
                "Primitive(value.as_primitive())",
            ),
            None => (
                format!("Box<{}>", kind.name),
                "Place::read_boxed(d)",
                "Element(value.node())",
            ),
        };
        let _ = writeln!(out, "    /// `{}`\n    {variant}({value}),", kind.name);
        let _ = writeln!(decode, "{at} => Self::{variant}({read}?),");
        let _ = writeln!(visit, "Self::{variant}(value) => ({at}, ChoiceValue::{shown}),");
    }
    let _ = writeln!(
        out,
        "}}
impl Choice for {name} {{
    fn decode(variant: usize, d: &mut Decoder<'_>) -> Option<Self> {{ Some(match variant {{ {decode} _ => return None }}) }}
    fn value(&self) -> (usize, ChoiceValue<'_>) {{ match self {{ {visit} }} }}
}}
choice_traits!({name});"
    );
}
