//! What two JSON trees do not have in common: the residual of an import, the changes of an export.

use std::collections::HashMap;

use super::extension;
use super::json::Tree;
use crate::element::Str;

/// Members of `original` that `written` does not hold, or holds with another value: path and JSON text of each.
pub(super) fn missing(original: &Tree, written: &Tree, path: &str, out: &mut Vec<(String, String)>) {
    match (original, written) {
        (Tree::Object(members), Tree::Object(_)) => {
            for (name, value) in members {
                let path = format!("{path}.{name}");
                match written.get(name) {
                    None => out.push((path, value.to_text())),
                    Some(other) if name == "extension" || name == "modifierExtension" => {
                        missing_extensions(value.items(), other.items(), &path, out);
                    }
                    Some(other) => missing(value, other, &path, out),
                }
            }
        }
        (Tree::Array(items), Tree::Array(others)) => {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}[{index}]");
                match others.get(index) {
                    Some(other) => missing(item, other, &path, out),
                    None => out.push((path, item.to_text())),
                }
            }
        }
        _ if original == written => {}
        _ => out.push((path.to_owned(), original.to_text())),
    }
}

/// Extensions have no order that means anything: each is looked for by its URL.
fn missing_extensions(items: &[Tree], others: &[Tree], path: &str, out: &mut Vec<(String, String)>) {
    let mut left = Extensions::new(others);
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match left.take(item) {
            Some(other) => missing(item, other, &path, out),
            None => out.push((path, item.to_text())),
        }
    }
}

/// Extensions by their URLs, in their order.
struct Extensions<'t> {
    /// Places, the last first.
    by_url: HashMap<String, Vec<usize>>,
    all: &'t [Tree],
    left: Vec<bool>,
}

impl<'t> Extensions<'t> {
    fn new(all: &'t [Tree]) -> Self {
        let mut by_url: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, item) in all.iter().enumerate().rev() {
            by_url.entry(url(item).to_owned()).or_default().push(index);
        }
        let left = vec![true; all.len()];
        Self { by_url, all, left }
    }

    /// Takes the extension that is the same, or else the first with the same URL.
    fn take(&mut self, like: &Tree) -> Option<&'t Tree> {
        let places = self.by_url.get_mut(url(like))?;
        let same = places.iter().rposition(|at| self.all.get(*at) == Some(like));
        let at = places.remove(same.or_else(|| places.len().checked_sub(1))?);
        *self.left.get_mut(at)? = false;
        self.all.get(at)
    }

    /// What was not taken.
    fn left(&self) -> impl Iterator<Item = &'t Tree> {
        let all = self.all.iter().zip(&self.left);
        all.filter(|(_, left)| **left).map(|(item, _)| item)
    }
}

fn url(extension: &Tree) -> &str {
    extension.get("url").and_then(Tree::as_str).unwrap_or_default()
}

/// `base` with the changes that lead from `before` to `after`.
pub(super) fn patch(base: &Tree, before: &Tree, after: &Tree) -> Tree {
    if before == after {
        return base.clone();
    }
    match (base, before, after) {
        (Tree::Object(_), Tree::Object(_), Tree::Object(_)) => {
            Tree::Object(patch_members(base, before, after))
        }
        (Tree::Array(items), Tree::Array(before), Tree::Array(after)) if items.len() >= before.len() => {
            let same_length = before.len() == after.len() && items.len() == before.len();
            let mut out: Vec<Tree> = after
                .iter()
                .enumerate()
                .map(|(index, new)| {
                    let at = if same_length {
                        Some(index)
                    } else {
                        before.iter().position(|old| old == new)
                    };
                    match at.and_then(|at| items.get(at).zip(before.get(at))) {
                        Some((item, before)) => patch(item, before, new),
                        None => new.clone(),
                    }
                })
                .collect();
            // What was not understood at all was never part of the comparison.
            if after.len() < before.len() {
                let both = items
                    .iter()
                    .zip(before)
                    .filter(|(_, before)| says_nothing(before));
                let kept = both.filter(|(item, before)| item != before && !after.contains(before));
                out.extend(kept.map(|(item, _)| item.clone()));
            }
            out.extend(items.iter().skip(before.len()).cloned());
            Tree::Array(out)
        }
        _ => after.clone(),
    }
}

/// Whether no value is in it.
fn says_nothing(tree: &Tree) -> bool {
    match tree {
        Tree::Object(members) => members.iter().all(|(_, value)| says_nothing(value)),
        Tree::Array(items) => items.iter().all(says_nothing),
        _ => false,
    }
}

fn patch_members(base: &Tree, before: &Tree, after: &Tree) -> Vec<(Str, Tree)> {
    let mut out = Vec::new();
    for (name, value) in base.members() {
        let restated = is_restated(name, base, before, after);
        let (before, after) = (before.get(name), after.get(name));
        if matches!(name.as_str(), "extension" | "modifierExtension") {
            let [before, after] = [before, after].map(|list| list.map(Tree::items).unwrap_or_default());
            let left = patch_extensions(value.items(), before, after);
            if !left.is_empty() {
                out.push((name.clone(), Tree::Array(left)));
            }
            continue;
        }
        match (before, after) {
            (Some(before), Some(after)) if !restated => out.push((name.clone(), patch(value, before, after))),
            // Nothing of it was understood, so its end was not meant.
            (Some(before), None) if says_nothing(before) => out.push((name.clone(), value.clone())),
            (Some(_), None) => {}
            (None, None) if restated => {}
            // What stands beside a primitive and was not understood stays.
            (None, Some(after)) if name.starts_with('_') => {
                out.push((name.clone(), patch(value, &Tree::Object(Vec::new()), after)));
            }
            (_, Some(after)) => out.push((name.clone(), after.clone())),
            (None, None) => out.push((name.clone(), value.clone())),
        }
    }
    let had_value = base
        .members()
        .iter()
        .any(|(name, _)| !matches!(name.as_str(), "extension" | "id"));
    let mut has_value = had_value;
    for (name, value) in after.members() {
        if base.get(name).is_some() || before.get(name) == Some(value) {
            continue;
        }
        has_value |= !matches!(name.as_str(), "extension" | "id");
        out.push((name.clone(), value.clone()));
        // What has a value is not missing any more.
        let beside = format!("_{name}");
        for (known, beside) in out.iter_mut().filter(|(known, _)| *known == beside) {
            if before.get(known).is_none() {
                drop_reason(beside);
            }
        }
    }
    out.retain(|(name, value)| !name.starts_with('_') || *value != Tree::Object(Vec::new()));
    if has_value && !had_value && before.get("extension").is_none() {
        let mut whole = Tree::Object(out);
        drop_reason(&mut whole);
        return whole.into_members();
    }
    out
}

/// Whether the original says in a primitive what FHIR does not allow there, the record therefore in an extension beside it,
/// and now another thing.
fn is_restated(name: &str, base: &Tree, before: &Tree, after: &Tree) -> bool {
    const HELD: &[&str] = &[
        extension::SOURCE_TIME,
        extension::SOURCE_TEXT,
        extension::SOURCE_CODE,
        extension::BIRTH_TIME,
    ];
    let beside = format!("_{name}");
    let held = |tree: &Tree| -> Vec<Tree> {
        let all = tree.get(&beside).and_then(|beside| beside.get("extension"));
        let all = all.map(Tree::items).unwrap_or_default().iter();
        all.filter(|item| HELD.contains(&url(item))).cloned().collect()
    };
    let before = held(before);
    !before.is_empty() && before != held(after) && held(base).is_empty()
}

/// Drops the reason why an element has no value.
fn drop_reason(element: &mut Tree) {
    if let Some(Tree::Array(extensions)) = element.get_mut("extension") {
        extensions.retain(|extension| url(extension) != extension::DATA_ABSENT_REASON);
        if extensions.is_empty() {
            element.remove("extension");
        }
    }
}

/// Extensions have no order that means anything: each is looked for by its URL.
fn patch_extensions(base: &[Tree], before: &[Tree], after: &[Tree]) -> Vec<Tree> {
    let (mut before, mut after) = (Extensions::new(before), Extensions::new(after));
    let mut out = Vec::new();
    for item in base {
        let Some(before) = before.take(item) else {
            out.push(item.clone());
            continue;
        };
        if let Some(after) = after.take(before) {
            out.push(patch(item, before, after));
        }
    }
    // What the record says and the original does not, or in other words, unless it said so before.
    for item in before.left() {
        if let Some(new) = after.take(item)
            && new != item
        {
            out.push(new.clone());
        }
    }
    // What was made valid before may say it already.
    let new: Vec<Tree> = after.left().filter(|item| !out.contains(item)).cloned().collect();
    out.extend(new);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> Tree {
        Tree::parse(text).unwrap()
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut out = Vec::new();
        missing(
            &node(r#"{"a":1,"b":{"c":2.0,"d":[1,2]},"extension":[{"url":"x"},{"url":"y"}]}"#),
            &node(r#"{"a":1,"b":{"c":2,"d":[1]},"extension":[{"url":"y"}]}"#),
            "T",
            &mut out,
        );
        let paths: Vec<&str> = out.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["T.b.c", "T.b.d[1]", "T.extension[0]"]);
    }

    #[test]
    fn a_patch_touches_only_what_changed() {
        let base = node(r#"{"a":1,"x":"kept","b":[{"c":1,"y":"kept"},{"c":2}]}"#);
        let before = node(r#"{"a":1,"b":[{"c":1},{"c":2}]}"#);
        let after = node(r#"{"b":[{"c":1},{"c":3}],"n":true}"#);
        assert_eq!(
            patch(&base, &before, &after).to_text(),
            r#"{"x":"kept","b":[{"c":1,"y":"kept"},{"c":3}],"n":true}"#
        );
        assert_eq!(patch(&base, &before, &before).to_text(), base.to_text());
    }

    #[test]
    fn what_was_not_understood_stays() {
        let base = node(r#"{"a":{"x":1},"b":[{"x":1},{"c":2}],"d":{"e":1}}"#);
        let before = node(r#"{"a":{},"b":[{},{"c":2}],"d":{"e":1}}"#);
        let after = node(r#"{"b":[{"c":2}]}"#);
        assert_eq!(
            patch(&base, &before, &after).to_text(),
            r#"{"a":{"x":1},"b":[{"c":2},{"x":1}]}"#
        );
    }

    #[test]
    fn extensions_are_patched_by_their_urls() {
        let base =
            node(r#"{"extension":[{"url":"x","n":1},{"url":"race","n":1,"y":2},{"url":"sex","n":1}]}"#);
        let before = node(r#"{"extension":[{"url":"said","n":1},{"url":"race","n":1},{"url":"sex","n":1}]}"#);
        let after =
            node(r#"{"extension":[{"url":"race","n":2},{"url":"faith","n":1},{"url":"said","n":1}]}"#);
        assert_eq!(
            patch(&base, &before, &after).to_text(),
            r#"{"extension":[{"url":"x","n":1},{"url":"race","n":2,"y":2},{"url":"faith","n":1}]}"#
        );
    }

    #[test]
    fn what_stands_beside_a_primitive_stays() {
        let base = node(r#"{"a":1,"_a":{"id":"i","extension":[{"url":"x"}]}}"#);
        let after = node(r#"{"_a":{"extension":[{"url":"y"}]}}"#);
        assert_eq!(
            patch(&base, &node(r#"{"a":1}"#), &after).to_text(),
            r#"{"_a":{"id":"i","extension":[{"url":"x"},{"url":"y"}]}}"#
        );
    }

    #[test]
    fn what_has_a_value_is_not_missing() {
        let reason = format!(
            r#"{{"url":"{}","valueCode":"unknown"}}"#,
            extension::DATA_ABSENT_REASON
        );
        let base =
            format!(r#"{{"_a":{{"extension":[{reason}]}},"b":{{"extension":[{reason},{{"url":"x"}}]}}}}"#);
        let after = node(r#"{"b":{"c":1},"a":1}"#);
        assert_eq!(
            patch(&node(&base), &node(r#"{"b":{}}"#), &after).to_text(),
            r#"{"b":{"extension":[{"url":"x"}],"c":1},"a":1}"#
        );
    }
}
