//! References: what they are, and where they lead inside one source.

use std::collections::HashMap;

use ehr_model::{Chart, EntryId, Record};

use super::json::Tree;
use crate::r4;

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

/// Whether the reference is to be resolved against the base of what it stands in.
fn is_relative(literal: &str) -> bool {
    !literal.contains("://") && !literal.starts_with("urn:") && !literal.starts_with('#')
}

/// What one resource of a source is known by.
pub(super) struct Names<'a> {
    pub(super) resource_type: &'a str,
    pub(super) id: Option<&'a str>,
    pub(super) full_url: Option<&'a str>,
    /// Namespace and value.
    pub(super) identifiers: Vec<(String, String)>,
}

/// Finds the resource that a reference leads to, by its place in the list that the index was made of.
#[derive(Default)]
pub(super) struct Index {
    by_full_url: Places,
    by_id: Places,
    by_bare_id: Places,
    by_identifier: Places,
    has_full_url: Vec<bool>,
}

/// The resources that have a name.
#[derive(Default)]
struct Places(HashMap<String, Vec<usize>>);

impl Places {
    #[inline(never)]
    fn add(&mut self, name: String, at: usize) {
        self.0.entry(name).or_default().push(at);
    }

    #[inline(never)]
    fn of(&self, name: &str) -> &[usize] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    fn first(&self, name: &str) -> Option<usize> {
        self.of(name).first().copied()
    }
}

/// Type, namespace and value in one; no type has a bar, nor has a namespace a line break.
fn identifier_name(type_: &str, system: &str, value: &str) -> String {
    format!("{type_}|{system}\n{value}")
}

impl Index {
    /// Adds the next resource of the list.
    pub(super) fn add(&mut self, names: &Names<'_>) {
        let at = self.has_full_url.len();
        if let Some(url) = names.full_url {
            self.by_full_url.add(url.to_owned(), at);
        }
        self.has_full_url
            .push(names.full_url.is_some_and(|url| url.contains("://")));
        if let Some(id) = names.id {
            self.by_id.add(format!("{}/{id}", names.resource_type), at);
            self.by_bare_id.add(id.to_owned(), at);
        }
        for (system, value) in &names.identifiers {
            for type_ in [names.resource_type, ""] {
                self.by_identifier.add(identifier_name(type_, system, value), at);
            }
        }
    }

    /// The resource that a literal reference leads to.
    pub(super) fn literal(&self, literal: &str) -> Option<usize> {
        let literal = literal.trim();
        if literal.starts_with('#') {
            return None;
        }
        let unversioned = literal.split_once("/_history/").map_or(literal, |(head, _)| head);
        if let Some(at) = self
            .by_full_url
            .first(literal)
            .or_else(|| self.by_full_url.first(unversioned))
        {
            return Some(at);
        }
        if let Some(id) = literal
            .strip_prefix("urn:uuid:")
            .or_else(|| literal.strip_prefix("urn:oid:"))
        {
            return self.by_bare_id.first(id);
        }
        if let Some((type_, query)) = literal.split_once('?') {
            let type_ = type_.rsplit_once('/').map_or(type_, |(_, type_)| type_);
            return self.conditional(type_, query);
        }
        let (type_, id) = split(literal)?;
        let at = self.by_id.first(&format!("{type_}/{id}"))?;
        // The same id on another server is another resource.
        (is_relative(literal) || !self.has_full_url.get(at).copied().unwrap_or(false)).then_some(at)
    }

    fn conditional(&self, type_: &str, query: &str) -> Option<usize> {
        let value = query
            .split('&')
            .find_map(|part| part.strip_prefix("identifier="))?;
        let value = value
            .replace("%7C", "|")
            .replace("%7c", "|")
            .replace("%3A", ":")
            .replace("%2F", "/");
        match value.split_once('|') {
            Some((system, value)) => self.identifier(Some(type_), system, value),
            None => self.identifier(Some(type_), "", &value),
        }
    }

    /// The only resource, of that type or of any, with that identifier.
    pub(super) fn identifier(&self, type_: Option<&str>, system: &str, value: &str) -> Option<usize> {
        let type_ = type_.unwrap_or_default();
        match self.by_identifier.of(&identifier_name(type_, system, value)) {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// The resource that a Reference leads to by its identifier alone.
    pub(super) fn logical(&self, reference: &Tree) -> Option<usize> {
        let text = |of: &'_ Tree, name: &str| of.get(name).and_then(Tree::as_str).map(str::to_owned);
        let identifier = reference.get("identifier")?;
        let (system, value) = (text(identifier, "system")?, text(identifier, "value")?);
        self.identifier(text(reference, "type").as_deref(), &system, &value)
    }

    /// The resource that a Reference leads to, by its literal or its identifier.
    pub(super) fn resolve(&self, reference: &r4::Reference) -> Option<usize> {
        if let Some(literal) = reference.reference.as_deref() {
            return self.literal(literal);
        }
        let identifier = reference.identifier.as_deref()?;
        let system = identifier.system.as_deref()?;
        self.identifier(reference.r#type.as_deref(), system, identifier.value.as_deref()?)
    }
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

/// Finds the entry of a chart that a literal reference in an original leads to.
pub(super) struct ChartIndex<'a> {
    index: Index,
    ids: Vec<&'a EntryId>,
}

impl<'a> ChartIndex<'a> {
    pub(super) fn new(chart: &'a Chart) -> Self {
        let mut index = Index::default();
        for entry in &chart.entries {
            let resource_type = match &entry.record {
                Record::Other(other) => other.resource_type.as_str(),
                _ => entry.class().as_str(),
            };
            let native = entry.origin.native_id.as_deref();
            let is_url = native.is_some_and(|id| id.contains(':'));
            index.add(&Names {
                resource_type,
                id: native.filter(|_| !is_url),
                full_url: native.filter(|_| is_url),
                identifiers: entry
                    .identifiers()
                    .iter()
                    .filter_map(|identifier| {
                        let value = identifier.value.clone()?;
                        Some((identifier.system.clone().unwrap_or_default(), value))
                    })
                    .collect(),
            });
        }
        Self {
            index,
            ids: chart.entries.iter().map(|entry| &entry.id).collect(),
        }
    }

    pub(super) fn literal(&self, literal: &str) -> Option<&'a EntryId> {
        self.ids.get(self.index.literal(literal)?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_where_they_say() {
        let names = |type_, id, url| Names {
            resource_type: type_,
            id,
            full_url: url,
            identifiers: vec![("http://npi".to_owned(), id.unwrap_or_default().to_owned())],
        };
        let mut index = Index::default();
        index.add(&names("Patient", Some("1"), Some("http://a/Patient/1")));
        index.add(&names("Practitioner", Some("2"), Some("urn:uuid:x")));
        index.add(&names("Organization", Some("3"), None));
        for (literal, found) in [
            ("Patient/1", Some(0)),
            ("Patient/1/_history/4", Some(0)),
            ("http://a/Patient/1", Some(0)),
            ("http://b/Patient/1", None),
            ("urn:uuid:x", Some(1)),
            ("Practitioner?identifier=http://npi|2", Some(1)),
            ("Practitioner?identifier=http://npi%7C9", None),
            ("Organization?identifier=http://npi|2", None),
            ("http://b/Organization/3", Some(2)),
            ("#1", None),
            ("Condition/1", None),
        ] {
            assert_eq!(index.literal(literal), found, "{literal}");
        }
        for (type_, found) in [
            (Some("Practitioner"), Some(1)),
            (Some("Patient"), None),
            (None, Some(1)),
        ] {
            assert_eq!(index.identifier(type_, "http://npi", "2"), found);
        }
        assert_eq!(type_of("http://a/fhir/Patient/1"), Some("Patient"));
        assert_eq!(type_of("urn:uuid:x"), None);
    }
}
