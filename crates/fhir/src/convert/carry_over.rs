//! What originals hold beyond the model, carried over to a merged resource.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ehr_model::Entry;

use super::json::Tree;
use super::release;

/// Members of an original that a merged resource has in its own way, or that speak of the original alone.
const OF_THE_ORIGINAL: &[&str] = &[
    "resourceType",
    "id",
    "meta",
    "text",
    "contained",
    "implicitRules",
    "language",
];

/// Carries over what the model does not hold, where all originals that have it agree. Says for each original whether
/// everything of it found a place.
pub(super) fn carry_over(tree: &mut Tree, originals: &[(&Entry, &Tree)]) -> Vec<bool> {
    let mut complete = Vec::new();
    let mut wanted: BTreeMap<&str, Vec<&Tree>> = BTreeMap::new();
    let members: Vec<HashMap<&str, &Tree>> =
        originals.iter().map(|(_, original)| by_name(original)).collect();
    for ((entry, original), members) in originals.iter().zip(&members) {
        let mut all = true;
        for (path, _) in residual(entry) {
            let top = path.split(['.', '[']).next().unwrap_or_default();
            match top {
                // Derived from the data, or about its form.
                "meta" => all &= !path.starts_with("meta.tag") && !path.starts_with("meta.extension"),
                "text" => all &= is_derived(original.get("text")),
                name if OF_THE_ORIGINAL.contains(&name) => all = false,
                _ => match (members.get_key_value(top), path.get(top.len()..)) {
                    (Some((name, value)), Some("")) if is_extension(top) => {
                        wanted.entry(name).or_default().extend(value.items());
                    }
                    (Some((name, value)), Some("")) => wanted.entry(name).or_default().push(value),
                    (Some((name, value)), Some(rest)) if is_extension(top) => {
                        match index_alone(rest).and_then(|at| value.items().get(at)) {
                            Some(extension) => wanted.entry(name).or_default().push(extension),
                            None => all = false,
                        }
                    }
                    _ => all = false,
                },
            }
        }
        complete.push(all);
    }
    let (known, mut found) = (by_name(tree), Vec::new());
    for (name, mut values) in wanted {
        values.dedup();
        // A `_name` belongs to its value, and a choice has one value.
        let is_free = !known.contains_key(name) && !name.starts_with('_');
        if is_extension(name) || is_free && values.len() == 1 {
            found.push((name, values));
        } else {
            for (members, complete) in members.iter().zip(&mut complete) {
                *complete &= members
                    .get(name)
                    .is_none_or(|value| known.get(name) == Some(value));
            }
        }
    }
    for (name, values) in found {
        match values.as_slice() {
            extensions if is_extension(name) => carry_extensions(tree, name, extensions),
            [only] => tree.append(name, (*only).clone()),
            _ => {}
        }
    }
    complete
}

/// The members of an object by their names; of several with one name, the first.
fn by_name(tree: &Tree) -> HashMap<&str, &Tree> {
    let members = tree.members().iter().rev();
    members.map(|(name, value)| (name.as_str(), value)).collect()
}

/// Adds the extensions that are not there yet.
fn carry_extensions(tree: &mut Tree, name: &str, wanted: &[&Tree]) {
    let there = tree.get(name).map(Tree::items).unwrap_or_default();
    let mut known: BTreeSet<String> = there.iter().map(Tree::to_text).collect();
    for extension in wanted {
        if known.insert(extension.to_text()) {
            tree.push(name, (*extension).clone());
        }
    }
}

fn is_extension(name: &str) -> bool {
    matches!(name, "extension" | "modifierExtension")
}

/// Whether the path is that of extensions of the resource, which are carried over as they are.
pub(super) fn is_whole_extension(path: &str) -> bool {
    let (name, place) = path.split_at(path.find('[').unwrap_or(path.len()));
    is_extension(name) && (place.is_empty() || index_alone(place).is_some())
}

/// What was not understood of an entry: path inside its resource, and JSON.
pub(super) fn residual(entry: &Entry) -> impl Iterator<Item = (&str, &str)> {
    let prefix = entry.origin.location.path.as_str();
    entry.residual.iter().filter_map(move |residual| {
        let path = residual.location.path.strip_prefix(prefix)?.strip_prefix('.')?;
        Some((path, residual.content.as_str()))
    })
}

/// Whether what stands there changes the meaning of what stands beside it
/// ([modifiers](https://hl7.org/fhir/R4/conformance-rules.html#isModifier)): who does not understand it has not understood
/// the rest.
pub(super) fn is_modifier(path: &str) -> bool {
    let is_extension = |step: &str| step.split('[').next() == Some("modifierExtension");
    path == "implicitRules" || release::is_modifier(path) || path.split('.').any(is_extension)
}

/// The number in `[n]`, when that is all.
fn index_alone(path: &str) -> Option<usize> {
    path.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Whether a narrative was generated from the data of its resource.
fn is_derived(text: Option<&Tree>) -> bool {
    let status = text.and_then(|text| text.get("status")).and_then(Tree::as_str);
    matches!(status, Some("generated" | "empty"))
}
