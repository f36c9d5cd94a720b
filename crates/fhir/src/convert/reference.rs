//! References: what they are, and what resources are known by.

use super::json::Tree;
use super::version::Version;
use crate::ReferenceTarget;

/// The resource type in `Type/id`, alone or at the end of a URL, or in `Type?…`.
pub(super) fn type_of(literal: &str) -> Option<&str> {
    let (type_, _) = split(literal)?;
    Some(type_)
}

/// Type and id of a relative or absolute literal reference, without its version.
pub(super) fn split(literal: &str) -> Option<(&str, &str)> {
    let head = literal.split_once("/_history/").map_or(literal, |(head, _)| head);
    if let Some((type_, query)) = head.split_once('?') {
        return is_type(type_).then_some((type_, query));
    }
    let (rest, id) = head.rsplit_once('/')?;
    let type_ = rest.rsplit_once('/').map_or(rest, |(_, type_)| type_);
    (is_type(type_) && !id.is_empty()).then_some((type_, id))
}

fn is_type(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// What one resource of a source is known by.
pub(super) struct Names<'a> {
    pub(super) resource_type: &'a str,
    pub(super) id: Option<&'a str>,
    pub(super) version: Version,
    pub(super) full_url: Option<&'a str>,
    /// Namespace and value.
    pub(super) identifiers: Vec<(String, String)>,
    /// The number of the Bundle that it stands in.
    pub(super) bundle: usize,
}

/// Where a reference stands: what it leads to depends on that
/// ([references in Bundles](https://hl7.org/fhir/R4/bundle.html#references)).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Holder<'a> {
    pub(super) full_url: Option<&'a str>,
    pub(super) bundle: usize,
}

/// The base of the server that a `fullUrl` is of.
pub(super) fn base_of(full_url: &str) -> Option<&str> {
    match ReferenceTarget::parse(full_url) {
        ReferenceTarget::Literal { base, .. } => base,
        _ => None,
    }
}

/// A URL in the one spelling of those that mean the same: scheme and host, and a UUID, are in small letters.
pub(super) fn normal(url: &str) -> String {
    let plain = url.split_once("/_history/").map_or(url, |(head, _)| head);
    let small = match plain.find("://") {
        Some(scheme) => {
            let host = scheme + "://".len();
            let path = plain.get(host..).and_then(|rest| rest.find('/'));
            path.map_or(plain.len(), |path| host + path)
        }
        None if plain
            .get(..9)
            .is_some_and(|head| head.eq_ignore_ascii_case("urn:uuid:")) =>
        {
            plain.len()
        }
        None => 0,
    };
    let (head, tail) = plain.split_at(small);
    format!("{}{tail}", head.to_ascii_lowercase())
}

/// Namespace and value that a conditional reference asks for.
pub(super) fn identifier_of(query: &str) -> Option<(String, String)> {
    let value = query
        .split('&')
        .find_map(|part| part.strip_prefix("identifier="))?;
    let value = value
        .replace("%7C", "|")
        .replace("%7c", "|")
        .replace("%3A", ":")
        .replace("%3a", ":")
        .replace("%2F", "/")
        .replace("%2f", "/");
    let (system, value) = value.split_once('|').unwrap_or(("", &value));
    Some((system.to_owned(), value.to_owned()))
}

/// Namespaces and values of the identifiers of a resource.
pub(super) fn identifiers_of(tree: &Tree) -> Vec<(String, String)> {
    let Some(member) = tree.get("identifier") else {
        return Vec::new();
    };
    let all = match member {
        Tree::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    all.iter()
        .filter_map(|identifier| {
            let value = identifier.get("value").and_then(Tree::as_str)?;
            let system = identifier
                .get("system")
                .and_then(Tree::as_str)
                .unwrap_or_default();
            Some((system.to_owned(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_that_of_the_last_part() {
        assert_eq!(type_of("http://a/fhir/Patient/1"), Some("Patient"));
        assert_eq!(type_of("Patient?identifier=1"), Some("Patient"));
        assert_eq!(type_of("urn:uuid:x"), None);
        assert_eq!(split("Patient/1/_history/2"), Some(("Patient", "1")));
    }
}
