//! What two JSON trees do not have in common: the residual of an import, the changes of an export.

use super::json::Tree;

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
    let mut left: Vec<&Tree> = others.iter().collect();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let at = left
            .iter()
            .position(|other| *other == item)
            .or_else(|| left.iter().position(|other| other.get("url") == item.get("url")));
        match at {
            Some(at) => missing(item, left.remove(at), &path, out),
            None => out.push((path, item.to_text())),
        }
    }
}

/// `base` with the changes that lead from `before` to `after`.
pub(super) fn patch(base: &Tree, before: &Tree, after: &Tree) -> Tree {
    if before == after {
        return base.clone();
    }
    match (base, before, after) {
        (Tree::Object(members), Tree::Object(_), Tree::Object(new)) => {
            let mut out = Vec::new();
            for (name, value) in members {
                match (before.get(name), after.get(name)) {
                    (Some(before), Some(after)) => out.push((name.clone(), patch(value, before, after))),
                    (Some(_), None) => {}
                    (None, Some(after)) => out.push((name.clone(), after.clone())),
                    (None, None) => out.push((name.clone(), value.clone())),
                }
            }
            for (name, value) in new {
                if base.get(name).is_none() && before.get(name) != Some(value) {
                    out.push((name.clone(), value.clone()));
                }
            }
            Tree::Object(out)
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
            out.extend(items.iter().skip(before.len()).cloned());
            Tree::Array(out)
        }
        _ => after.clone(),
    }
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
}
