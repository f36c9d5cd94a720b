//! What originals hold beyond the model, carried over to a merged resource.

use std::collections::BTreeMap;

use ehr_model::Entry;

use super::json::Tree;

/// Members of an original that a merged resource has in its own way, or that speak of the original alone.
pub(super) const OF_THE_ORIGINAL: &[&str] = &[
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
    let residual = |entry: &Entry| -> Vec<String> {
        let prefix = &entry.origin.location.path;
        entry
            .residual
            .iter()
            .filter_map(|residual| {
                residual
                    .location
                    .path
                    .strip_prefix(prefix.as_str())?
                    .strip_prefix('.')
            })
            .map(str::to_owned)
            .collect()
    };
    let mut complete = Vec::new();
    let mut wanted: BTreeMap<String, Vec<&Tree>> = BTreeMap::new();
    for (entry, original) in originals {
        let mut all = true;
        for path in residual(entry) {
            let top = path.split(['.', '[']).next().unwrap_or_default();
            match top {
                // Derived from the data, or about its form.
                "meta" => all &= !path.starts_with("meta.tag") && !path.starts_with("meta.extension"),
                "text" => all &= is_derived(original.get("text")),
                "extension" | "modifierExtension" => {
                    let at = path.get(top.len()..).and_then(index_alone);
                    match at.and_then(|at| original.get(top)?.items().get(at)) {
                        Some(extension) => wanted.entry(top.to_owned()).or_default().push(extension),
                        None => all = false,
                    }
                }
                name if OF_THE_ORIGINAL.contains(&name) => all = false,
                name if name == path => {
                    if let Some(value) = original.get(name) {
                        wanted.entry(path).or_default().push(value);
                    }
                }
                _ => all = false,
            }
        }
        complete.push(all);
    }
    for (name, mut values) in wanted {
        let is_list = name == "extension" || name == "modifierExtension";
        if is_list {
            for value in values {
                if !tree.get(&name).is_some_and(|list| list.items().contains(value)) {
                    tree.push(&name, value.clone());
                }
            }
            continue;
        }
        values.dedup();
        // A `_name` belongs to its value, and a choice has one value.
        if let ([only], None, false) = (values.as_slice(), tree.get(&name), name.starts_with('_')) {
            tree.set(&name, (*only).clone());
        } else {
            for ((_, original), complete) in originals.iter().zip(&mut complete) {
                if original
                    .get(&name)
                    .is_some_and(|value| tree.get(&name) != Some(value))
                {
                    *complete = false;
                }
            }
        }
    }
    complete
}

/// The number in `[n]`, when that is all.
pub(super) fn index_alone(path: &str) -> Option<usize> {
    path.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Whether a narrative was generated from the data of its resource.
pub(super) fn is_derived(text: Option<&Tree>) -> bool {
    let status = text.and_then(|text| text.get("status")).and_then(Tree::as_str);
    matches!(status, Some("generated" | "empty"))
}
