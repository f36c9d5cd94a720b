//! The resources of a Bundle, found by what refers to them.

use std::collections::BTreeMap;

use super::search::matches;
use super::{ReferenceTarget, for_each_reference};
use crate::element::Element;
use crate::r4::{Bundle, Resource};

/// What was found for a reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resolution<'a> {
    /// This resource.
    Found(&'a Resource),
    /// The resource that the reference itself stands in (`#`).
    Container,
    /// Several resources match; nothing says which is meant.
    Ambiguous,
    /// It should be here (contained, `urn:`) but is not.
    Missing,
    /// It points elsewhere.
    External,
}

/// Finds the resources of a Bundle by what refers to them.
#[derive(Debug)]
pub struct ReferenceIndex<'a> {
    bundle: &'a Bundle,
    /// By fullUrl.
    by_url: BTreeMap<&'a str, Vec<usize>>,
    /// By type and id.
    by_id: BTreeMap<(&'a str, &'a str), Vec<usize>>,
    /// The base of each entry's fullUrl, where it is that of a server.
    bases: Vec<Option<&'a str>>,
}

impl<'a> ReferenceIndex<'a> {
    /// Indexes the entries of `bundle`.
    pub fn new(bundle: &'a Bundle) -> Self {
        let mut index = Self {
            bundle,
            by_url: BTreeMap::new(),
            by_id: BTreeMap::new(),
            bases: Vec::with_capacity(bundle.entry.len()),
        };
        for (at, entry) in bundle.entry.iter().enumerate() {
            let url = entry.full_url.as_deref().map(ReferenceTarget::parse);
            index.bases.push(match url {
                Some(ReferenceTarget::Literal { base, .. }) => base,
                _ => None,
            });
            if let Some(url) = &entry.full_url {
                index.by_url.entry(url).or_default().push(at);
            }
            if let Some(resource) = &entry.resource
                && let Some(id) = resource.id()
            {
                index
                    .by_id
                    .entry((resource.resource_type(), id))
                    .or_default()
                    .push(at);
            }
        }
        index
    }

    /// Finds what `reference` means in the entry numbered `from`; `None` when it does not stand in an entry.
    ///
    /// The rules are those of Bundle: a contained resource by its id; an absolute URL by fullUrl; a relative one by the
    /// base of the fullUrl of the entry it stands in. Where one of the two entries has no such base, type and id decide,
    /// but never between the resources of two servers. A conditional one is found by the identifier or id that it asks for.
    pub fn resolve(&self, reference: &str, from: Option<usize>) -> Resolution<'a> {
        match ReferenceTarget::parse(reference) {
            ReferenceTarget::Contained("") => Resolution::Container,
            ReferenceTarget::Contained(id) => {
                let container = from
                    .and_then(|from| self.bundle.entry.get(from))
                    .and_then(|entry| entry.resource.as_ref());
                container.map_or(Resolution::Missing, |container| contained(container, id))
            }
            ReferenceTarget::Literal {
                base,
                resource_type,
                id,
                version,
            } => {
                let own = self.base_of(from);
                let mut found = match base.or(own) {
                    Some(base) => self.with_url(&format!("{base}/{resource_type}/{id}")),
                    None => Vec::new(),
                };
                if found.is_empty() && base.is_none() {
                    found = self.with_id(resource_type, id);
                    found.retain(|at| own.is_none() || self.base_of(Some(*at)).is_none());
                }
                self.one(&found, version, Resolution::External)
            }
            ReferenceTarget::Conditional { resource_type, query } => {
                let found: Vec<usize> = (0..self.bundle.entry.len())
                    .filter(|at| {
                        self.resource(*at)
                            .is_some_and(|resource| matches(resource, resource_type, query))
                    })
                    .collect();
                self.one(&found, None, Resolution::External)
            }
            ReferenceTarget::Uri(uri) => {
                let absent = if uri.starts_with("urn:") {
                    Resolution::Missing
                } else {
                    Resolution::External
                };
                self.one(&self.with_url(uri), None, absent)
            }
            ReferenceTarget::Other(_) => Resolution::External,
        }
    }

    /// Every reference of the Bundle that stays inside it but finds nothing or more than one: entry, path and text.
    pub fn unresolved(&self) -> Vec<(usize, String, Resolution<'a>)> {
        let mut out = Vec::new();
        for at in 0..self.bundle.entry.len() {
            if let Some(resource) = self.resource(at) {
                for_each_reference(resource, &mut |path, reference| {
                    if let Some(text) = &reference.reference {
                        let found = self.resolve(text, Some(at));
                        if matches!(found, Resolution::Missing | Resolution::Ambiguous) {
                            out.push((at, path.to_owned(), found));
                        }
                    }
                });
            }
        }
        out
    }

    fn resource(&self, at: usize) -> Option<&'a Resource> {
        self.bundle.entry.get(at)?.resource.as_ref()
    }

    fn base_of(&self, entry: Option<usize>) -> Option<&'a str> {
        self.bases.get(entry?).copied().flatten()
    }

    fn with_url(&self, url: &str) -> Vec<usize> {
        self.by_url.get(url).cloned().unwrap_or_default()
    }

    fn with_id(&self, resource_type: &str, id: &str) -> Vec<usize> {
        self.by_id.get(&(resource_type, id)).cloned().unwrap_or_default()
    }

    fn one(&self, found: &[usize], version: Option<&str>, absent: Resolution<'a>) -> Resolution<'a> {
        let mut resources: Vec<&Resource> = found.iter().filter_map(|at| self.resource(*at)).collect();
        if let Some(version) = version {
            resources.retain(|resource| resource.version_id().is_none_or(|own| own == version));
        }
        match resources.as_slice() {
            [] => absent,
            [one] => Resolution::Found(one),
            _ => Resolution::Ambiguous,
        }
    }
}

/// The contained resource with that id.
fn contained<'a>(container: &'a Resource, id: &str) -> Resolution<'a> {
    let inside = container
        .as_element()
        .and_then(Element::parts)
        .map_or(&[][..], |parts| parts.contained);
    let mut found = inside.iter().filter(|resource| resource.id() == Some(id));
    match (found.next(), found.next()) {
        (Some(one), None) => Resolution::Found(one),
        (Some(_), Some(_)) => Resolution::Ambiguous,
        (None, _) => Resolution::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ParseOptions, parse};

    #[test]
    fn references_resolve_by_the_rules_of_bundle() {
        let json = br##"{"resourceType":"Bundle","type":"collection","entry":[
            {"fullUrl":"http://a.org/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1",
                "identifier":[{"system":"urn:s","value":"x y"}]}},
            {"fullUrl":"http://b.org/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1"}},
            {"fullUrl":"urn:uuid:0b1ffe6c-0f41-4b9a-9e6f-3b5a0c7a8e11","resource":{"resourceType":"Organization","id":"o","name":"O",
                "identifier":[{"value":"v|2"}]}},
            {"fullUrl":"http://b.org/fhir/Observation/9","resource":{"resourceType":"Observation","id":"9","status":"final",
                "code":{"text":"c"},"subject":{"reference":"Patient/1"},"specimen":{"reference":"#s"},
                "contained":[{"resourceType":"Specimen","id":"s"}]}},
            {"fullUrl":"http://c.org/fhir/Basic/1","resource":{"resourceType":"Basic","id":"1","code":{"text":"c"}}}]}"##;
        let bundle = parse::<Bundle>(json, &ParseOptions::default()).unwrap().value;
        let index = ReferenceIndex::new(&bundle);
        let entry = |at: usize| Resolution::Found(bundle.entry[at].resource.as_ref().unwrap());
        assert_eq!(index.resolve("Patient/1", Some(3)), entry(1));
        assert_eq!(index.resolve("Patient/1", Some(0)), entry(0));
        assert_eq!(index.resolve("Patient/1", Some(2)), Resolution::Ambiguous);
        // One of another server is another patient.
        assert_eq!(index.resolve("Patient/1", Some(4)), Resolution::External);
        assert_eq!(index.resolve("Organization/o", Some(4)), entry(2));
        assert_eq!(index.resolve("http://a.org/fhir/Patient/1", None), entry(0));
        assert_eq!(
            index.resolve("http://c.org/fhir/Patient/1", None),
            Resolution::External
        );
        assert_eq!(index.resolve("Organization/o", Some(3)), entry(2));
        assert_eq!(
            index.resolve("urn:uuid:0b1ffe6c-0f41-4b9a-9e6f-3b5a0c7a8e11", None),
            entry(2)
        );
        assert_eq!(index.resolve("urn:uuid:none", None), Resolution::Missing);
        assert_eq!(index.resolve("Patient?identifier=urn:s%7Cx%20y", None), entry(0));
        assert_eq!(index.resolve("Patient?name=x", None), Resolution::External);
        assert_eq!(index.resolve("Patient?identifier=urn:s|", None), entry(0));
        assert_eq!(index.resolve("Patient?identifier=none,x y", None), entry(0));
        assert_eq!(
            index.resolve("Patient?_id=1&identifier=urn:s|x y", None),
            entry(0)
        );
        assert_eq!(index.resolve("Patient?_id=2,1", None), Resolution::Ambiguous);
        assert_eq!(index.resolve("Organization?identifier=|v\\|2", None), entry(2));
        assert_eq!(index.resolve("Organization?identifier=v%5C%7C2", None), entry(2));
        for nothing in ["|x y", "urn:t|", "|", "", "v|2", "a|b|c"] {
            let search = format!("Patient?identifier={nothing}");
            assert_eq!(index.resolve(&search, None), Resolution::External, "{search}");
        }
        assert!(matches!(
            index.resolve("#s", Some(3)),
            Resolution::Found(Resource::Specimen(_))
        ));
        assert_eq!(index.resolve("#t", Some(3)), Resolution::Missing);
        assert_eq!(index.resolve("#", Some(3)), Resolution::Container);
        assert!(index.unresolved().is_empty());
    }
}
