//! The distilled definitions, parsed.

use std::collections::BTreeMap;

/// All facts of the definitions file.
#[derive(Default)]
pub(crate) struct Definitions {
    pub(crate) structures: Vec<Structure>,
    pub(crate) value_sets: BTreeMap<String, ValueSet>,
}

/// One resource or data type with its elements in the order of the specification.
pub(crate) struct Structure {
    pub(crate) name: String,
    pub(crate) resource: bool,
    pub(crate) elements: Vec<Element>,
}

/// One element.
pub(crate) struct Element {
    pub(crate) path: String,
    pub(crate) required: bool,
    pub(crate) many: bool,
    pub(crate) max: String,
    pub(crate) types: Vec<TypeRef>,
    pub(crate) binding: Option<String>,
    pub(crate) summary: bool,
    pub(crate) modifier: bool,
}

/// A type that an element may have.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TypeRef {
    /// FHIR type name, or `#path` of an element whose content is shared.
    pub(crate) name: String,
    /// A Quantity without comparator (profile SimpleQuantity).
    pub(crate) simple: bool,
    /// Resource types that a Reference may point to.
    pub(crate) targets: Vec<String>,
}

/// A value set of a required binding.
pub(crate) struct ValueSet {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) url: String,
    /// System and codes; empty when not enumerable.
    pub(crate) systems: Vec<(String, Vec<String>)>,
}

/// Reads the definitions file.
pub(crate) fn parse(text: &str) -> Result<Definitions, String> {
    let mut out = Definitions::default();
    let mut set: Option<String> = None;
    for (number, line) in text.lines().enumerate() {
        let bad = || format!("definitions, line {}: {line}", number + 1);
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [first, ..] if first.starts_with('#') => {}
            [system, codes @ ..] if line.starts_with("  ") => {
                let set = set
                    .as_ref()
                    .and_then(|id| out.value_sets.get_mut(id))
                    .ok_or_else(bad)?;
                set.systems.push((
                    (*system).to_owned(),
                    codes.iter().map(|c| (*c).to_owned()).collect(),
                ));
            }
            [kind @ ("resource" | "datatype"), name, ..] => out.structures.push(Structure {
                name: (*name).to_owned(),
                resource: *kind == "resource",
                elements: Vec::new(),
            }),
            ["valueset", id, name, url] => {
                let (id, name, url) = ((*id).to_owned(), (*name).to_owned(), (*url).to_owned());
                set = Some(id.clone());
                out.value_sets.insert(
                    id.clone(),
                    ValueSet {
                        id,
                        name,
                        url,
                        systems: Vec::new(),
                    },
                );
            }
            [path, cardinality, types, flags @ ..] => {
                let (min, max) = cardinality.split_once("..").ok_or_else(bad)?;
                out.structures.last_mut().ok_or_else(bad)?.elements.push(Element {
                    path: (*path).to_owned(),
                    required: min != "0",
                    many: max != "1" && max != "0",
                    max: max.to_owned(),
                    types: types.split('|').map(type_ref).collect(),
                    binding: flags.iter().find_map(|f| f.strip_prefix("b=")).map(str::to_owned),
                    summary: flags.contains(&"s"),
                    modifier: flags.contains(&"m"),
                });
            }
            _ => return Err(bad()),
        }
    }
    Ok(out)
}

fn type_ref(text: &str) -> TypeRef {
    let (name, targets) = match text.strip_suffix(')').and_then(|t| t.split_once('(')) {
        Some((name, targets)) => (name, targets.split(',').map(str::to_owned).collect()),
        None => (text, Vec::new()),
    };
    let simple = name == "SimpleQuantity";
    TypeRef {
        name: if simple { "Quantity" } else { name }.to_owned(),
        simple,
        targets,
    }
}
