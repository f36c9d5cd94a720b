//! What a Reference points to: <https://hl7.org/fhir/R4/references.html>, and inside a Bundle
//! <https://hl7.org/fhir/R4/bundle.html#references>.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::element::{Element, Elements, Field, Node, Primitive, Primitives, Visitor};
use crate::r4::{Bundle, Identifier, Reference, Resource};

/// A literal reference, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceTarget<'a> {
    /// `#id`: a resource contained in the same one; an empty id is the container itself.
    Contained(&'a str),
    /// `Patient/1`, with or without a base URL and a version.
    Literal {
        /// Base URL without its last slash, when absolute.
        base: Option<&'a str>,
        /// Resource type.
        resource_type: &'a str,
        /// Logical id.
        id: &'a str,
        /// Version, from `/_history/…`.
        version: Option<&'a str>,
    },
    /// `Patient?identifier=…`: whatever the search finds.
    Conditional {
        /// Resource type.
        resource_type: &'a str,
        /// The search, after the question mark.
        query: &'a str,
    },
    /// Any other absolute URI: `urn:uuid:…`.
    Uri(&'a str),
    /// Not one of these forms.
    Other(&'a str),
}

impl<'a> ReferenceTarget<'a> {
    /// Takes a reference apart.
    ///
    /// ```
    /// use ehr_fhir::ReferenceTarget;
    /// assert_eq!(ReferenceTarget::parse("#p1"), ReferenceTarget::Contained("p1"));
    /// let ReferenceTarget::Literal { base, id, version, .. } =
    ///     ReferenceTarget::parse("http://example.org/fhir/Patient/7/_history/2") else { panic!() };
    /// assert_eq!((base, id, version), (Some("http://example.org/fhir"), "7", Some("2")));
    /// ```
    pub fn parse(reference: &'a str) -> Self {
        if let Some(id) = reference.strip_prefix('#') {
            return Self::Contained(id);
        }
        let absolute = reference.contains("://") || reference.starts_with("urn:");
        if let Some((path, query)) = reference.split_once('?') {
            if Resource::is_type(path) {
                return Self::Conditional {
                    resource_type: path,
                    query,
                };
            }
            return if absolute {
                Self::Uri(reference)
            } else {
                Self::Other(reference)
            };
        }
        let (path, version) = match reference.split_once("/_history/") {
            Some((path, version)) => (path, Some(version)),
            None => (reference, None),
        };
        if let Some((front, id)) = path.rsplit_once('/') {
            let (base, resource_type) = match front.rsplit_once('/') {
                Some((base, name)) => (Some(base), name),
                None => (None, front),
            };
            if Resource::is_type(resource_type) && !id.is_empty() && (base.is_none() || absolute) {
                return Self::Literal {
                    base,
                    resource_type,
                    id,
                    version,
                };
            }
        }
        if absolute {
            Self::Uri(reference)
        } else {
            Self::Other(reference)
        }
    }
}

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

/// Whether a search by `_id` or `identifier` finds the resource; other searches find nothing.
fn matches(resource: &Resource, resource_type: &str, query: &str) -> bool {
    resource.resource_type() == resource_type
        && query.split('&').all(|part| match part.split_once('=') {
            Some(("_id", id)) => resource.id() == Some(id),
            Some(("identifier", token)) => {
                let token = unescape(token);
                let (system, value) = token
                    .split_once('|')
                    .map_or((None, token.as_str()), |(s, v)| (Some(s), v));
                identifiers(resource).iter().any(|(own_system, own_value)| {
                    own_value == value
                        && system.is_none_or(|system| own_system.as_deref().unwrap_or_default() == system)
                })
            }
            _ => false,
        })
}

fn unescape(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// System and value of the identifiers of a resource.
fn identifiers(resource: &Resource) -> Vec<(Option<String>, String)> {
    struct Find(Vec<(Option<String>, String)>);
    impl Find {
        fn add(&mut self, value: &dyn Node) {
            if let Some(Identifier {
                system,
                value: Some(value),
                ..
            }) = value.as_identifier()
            {
                self.0
                    .push((system.as_ref().map(ToString::to_string), value.to_string()));
            }
        }
    }
    impl Visitor for Find {
        fn primitive(&mut self, _: &'static Field, _: Primitive<'_>) {}
        fn primitives(&mut self, _: &'static Field, _: &dyn Primitives) {}
        fn element(&mut self, field: &'static Field, value: &dyn Node) {
            if field.name() == "identifier" {
                self.add(value);
            }
        }
        fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
            if field.name() == "identifier" {
                (0..values.count())
                    .filter_map(|at| values.at(at))
                    .for_each(|value| self.add(value));
            }
        }
        fn resource(&mut self, _: &'static Field, _: &Resource) {}
        fn resources(&mut self, _: &'static Field, _: &[Resource]) {}
    }
    let mut find = Find(Vec::new());
    if let Some(element) = resource.as_element() {
        element.visit(&mut find);
    }
    find.0
}

/// Calls `f` with the path and value of every Reference in a resource, those in extensions and contained resources too.
///
/// ```
/// use ehr_fhir::{ParseOptions, for_each_reference, parse_resource};
/// let json = br#"{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"Patient/1"}}"#;
/// let mut paths = Vec::new();
/// for_each_reference(&parse_resource(json, &ParseOptions::default())?.value, &mut |path, _| paths.push(path.to_owned()));
/// assert_eq!(paths, ["Basic.subject"]);
/// # Ok::<(), ehr_fhir::ParseError>(())
/// ```
pub fn for_each_reference(resource: &Resource, f: &mut dyn FnMut(&str, &Reference)) {
    if let Some(element) = resource.as_element() {
        Walker {
            path: resource.resource_type().to_owned(),
            f,
        }
        .node(element);
    }
}

struct Walker<'f> {
    path: String,
    f: &'f mut dyn FnMut(&str, &Reference),
}

impl Walker<'_> {
    fn node(&mut self, node: &dyn Node) {
        if let Some(reference) = node.as_reference() {
            (self.f)(&self.path, reference);
        }
        if node.parts().is_none() {
            self.list(
                "extension",
                node.extension().iter().map(|extension| extension as &dyn Node),
            );
            self.list(
                "modifierExtension",
                node.modifier_extension()
                    .iter()
                    .map(|extension| extension as &dyn Node),
            );
        }
        if let Some(extra) = node.extra() {
            for (name, index, primitive) in extra.primitives() {
                self.enter(name, index, |walker| walker.node(primitive));
            }
        }
        node.visit(self);
    }

    fn enter(&mut self, name: &str, index: Option<usize>, run: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('.');
        self.path.push_str(name);
        if let Some(index) = index {
            let _ = write!(self.path, "[{index}]");
        }
        run(self);
        self.path.truncate(length);
    }

    fn list<'n>(&mut self, name: &str, nodes: impl Iterator<Item = &'n dyn Node>) {
        for (index, node) in nodes.enumerate() {
            self.enter(name, Some(index), |walker| walker.node(node));
        }
    }
}

impl Visitor for Walker<'_> {
    fn primitive(&mut self, _: &'static Field, _: Primitive<'_>) {}
    fn primitives(&mut self, _: &'static Field, _: &dyn Primitives) {}
    fn element(&mut self, field: &'static Field, value: &dyn Node) {
        self.enter(field.name(), None, |walker| walker.node(value));
    }
    fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
        self.list(field.name(), (0..values.count()).filter_map(|at| values.at(at)));
    }
    fn resource(&mut self, field: &'static Field, value: &Resource) {
        if let Some(element) = value.as_element() {
            self.enter(field.name(), None, |walker| walker.node(element));
        }
    }
    fn resources(&mut self, field: &'static Field, values: &[Resource]) {
        self.list(field.name(), values.iter().filter_map(Resource::as_element));
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
            {"fullUrl":"urn:uuid:0b1ffe6c-0f41-4b9a-9e6f-3b5a0c7a8e11","resource":{"resourceType":"Organization","id":"o","name":"O"}},
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
        assert!(matches!(
            index.resolve("#s", Some(3)),
            Resolution::Found(Resource::Specimen(_))
        ));
        assert_eq!(index.resolve("#t", Some(3)), Resolution::Missing);
        assert_eq!(index.resolve("#", Some(3)), Resolution::Container);
        assert!(index.unresolved().is_empty());
    }
}
