//! Where references lead inside one source.

use std::collections::HashMap;

use super::json::Tree;
use super::reference::{Holder, Names, base_of, identifier_of, normal, split};
use super::release;
use super::version::Version;
use crate::r4;

/// What a reference leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing that is here.
    Nothing,
    /// The resource at this place of the list.
    One(usize),
    /// Several resources have the name: nothing says which is meant.
    Several,
}

impl Found {
    pub(super) fn one(self) -> Option<usize> {
        match self {
            Self::One(at) => Some(at),
            Self::Nothing | Self::Several => None,
        }
    }

    fn among(places: &[usize]) -> Self {
        match places {
            [] => Self::Nothing,
            [only] => Self::One(*only),
            _ => Self::Several,
        }
    }
}

/// Finds the resource that a reference leads to, by its place in the list that the index was made of.
#[derive(Default)]
pub(super) struct Index {
    by_full_url: Places,
    by_id: Places,
    by_bare_id: Places,
    by_identifier: Places,
    known: Vec<Known>,
}

/// What tells resources of one name apart.
#[derive(Default)]
struct Known {
    /// Whether its `fullUrl` says on which server it is.
    has_base: bool,
    version: Version,
    bundle: usize,
    /// The resource of which it is a version: its `fullUrl`, else type and id.
    resource: Option<String>,
}

impl Known {
    /// Whether both are versions of one resource.
    fn is_of(&self, other: &Self) -> bool {
        self.resource.is_some() && self.resource == other.resource && self.bundle == other.bundle
    }
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
}

/// Type, namespace and value in one; no type has a bar, nor has a namespace a line break.
fn identifier_name(type_: &str, system: &str, value: &str) -> String {
    format!("{type_}|{system}\n{value}")
}

impl Index {
    /// Adds the next resource of the list.
    pub(super) fn add(&mut self, names: Names<'_>) {
        let at = self.known.len();
        let full_url = names.full_url.map(normal);
        let by_id = names.id.map(|id| format!("{}/{id}", names.resource_type));
        if let Some(url) = &full_url {
            self.by_full_url.add(url.clone(), at);
        }
        if let Some(name) = &by_id {
            self.by_id.add(name.clone(), at);
        }
        if let Some(id) = names.id {
            self.by_bare_id.add(id.to_ascii_lowercase(), at);
        }
        for (system, value) in &names.identifiers {
            for type_ in [names.resource_type, ""] {
                self.by_identifier.add(identifier_name(type_, system, value), at);
            }
        }
        self.known.push(Known {
            has_base: names.full_url.is_some_and(|url| url.contains("://")),
            version: names.version,
            bundle: names.bundle,
            resource: full_url.or(by_id),
        });
    }

    /// Adds a resource that is there already, to which all its names lead.
    pub(super) fn add_repetition(&mut self) {
        self.known.push(Known::default());
    }

    /// What a literal reference leads to.
    pub(super) fn literal(&self, literal: &str, from: Holder<'_>) -> Found {
        let literal = literal.trim().trim_start_matches('/');
        if literal.starts_with('#') {
            return Found::Nothing;
        }
        let version = literal.split_once("/_history/").map(|(_, version)| version);
        let url = normal(literal);
        let named = self.by_full_url.of(&url);
        if !named.is_empty() {
            return self.among(named, version, from);
        }
        if let Some(id) = url
            .strip_prefix("urn:uuid:")
            .or_else(|| url.strip_prefix("urn:oid:"))
        {
            return self.among(self.by_bare_id.of(id), version, from);
        }
        if let Some((type_, query)) = literal.split_once('?') {
            let type_ = type_.rsplit_once('/').map_or(type_, |(_, type_)| type_);
            return self.conditional(type_, query);
        }
        let Some((mut type_, id)) = split(literal) else {
            return Found::Nothing;
        };
        if type_ == release::MEDICATION_ORDER {
            type_ = "MedicationRequest";
        }
        let name = format!("{type_}/{id}");
        let is_relative = !literal.contains("://");
        let base = from.full_url.and_then(base_of).filter(|_| is_relative);
        if let Some(base) = base {
            let named = self.by_full_url.of(&normal(&format!("{base}/{name}")));
            if !named.is_empty() {
                return self.among(named, version, from);
            }
        }
        let all = self.by_id.of(&name);
        if base.is_none() && is_relative {
            return self.among(all, version, from);
        }
        // The same id on another server is another resource.
        let has_base = |at: &&usize| self.known.get(**at).is_some_and(|known| known.has_base);
        let baseless: Vec<usize> = all.iter().filter(|at| !has_base(at)).copied().collect();
        self.among(&baseless, version, from)
    }

    /// Which of the resources of one name is meant: that of the same Bundle and of the version asked for.
    fn among(&self, places: &[usize], version: Option<&str>, from: Holder<'_>) -> Found {
        if places.len() < 2 {
            return Found::among(places);
        }
        let narrowed = |places: &[usize], is: &dyn Fn(&Known) -> bool| -> Vec<usize> {
            let those = |at: &&usize| self.known.get(**at).is_some_and(is);
            let left: Vec<usize> = places.iter().filter(those).copied().collect();
            if left.is_empty() { places.to_vec() } else { left }
        };
        let near = narrowed(places, &|known| known.bundle == from.bundle);
        match version {
            Some(version) => Found::among(&narrowed(&near, &|known| {
                known.version.id.as_deref() == Some(version)
            })),
            None => self.one_of(&near),
        }
    }

    /// The only one; of versions of one resource the latest, where that is certain.
    fn one_of(&self, places: &[usize]) -> Found {
        match Found::among(places) {
            Found::Several => self.latest(places).map_or(Found::Several, Found::One),
            found => found,
        }
    }

    fn latest(&self, places: &[usize]) -> Option<usize> {
        let is_later = |at: usize, than: usize| match (self.known.get(at), self.known.get(than)) {
            (Some(a), Some(b)) => a.is_of(b) && a.version.is_later(&b.version),
            _ => false,
        };
        let all = places.iter().copied();
        let latest = all.reduce(|latest, at| if is_later(at, latest) { at } else { latest })?;
        let is_certain = |at: &usize| *at == latest || is_later(latest, *at);
        places.iter().all(is_certain).then_some(latest)
    }

    /// For each resource of the list the place of its latest version: its own, where no other is here or is certainly later.
    pub(super) fn latest_versions(&self) -> Vec<usize> {
        let mut versions: HashMap<(usize, &str), Vec<usize>> = HashMap::new();
        for (at, known) in self.known.iter().enumerate() {
            if let Some(resource) = &known.resource {
                versions.entry((known.bundle, resource)).or_default().push(at);
            }
        }
        let mut out: Vec<usize> = (0..self.known.len()).collect();
        for places in versions.values().filter(|places| places.len() > 1) {
            let Some(latest) = self.latest(places) else {
                continue;
            };
            for at in places {
                if let Some(out) = out.get_mut(*at) {
                    *out = latest;
                }
            }
        }
        out
    }

    fn conditional(&self, type_: &str, query: &str) -> Found {
        match identifier_of(query) {
            Some((system, value)) => self.identifier(Some(type_), &system, &value),
            None => Found::Nothing,
        }
    }

    /// The resource, of that type or of any, with that identifier.
    pub(super) fn identifier(&self, type_: Option<&str>, system: &str, value: &str) -> Found {
        let type_ = type_.unwrap_or_default();
        self.one_of(self.by_identifier.of(&identifier_name(type_, system, value)))
    }

    /// The resource that a Reference names by its identifier.
    pub(super) fn logical(&self, reference: &Tree) -> Found {
        let text = |of: &'_ Tree, name: &str| of.get(name).and_then(Tree::as_str).map(str::to_owned);
        let identifier = reference.get("identifier");
        let part = |name| identifier.and_then(|identifier| text(identifier, name));
        match part("system").zip(part("value")) {
            Some((system, value)) => self.identifier(text(reference, "type").as_deref(), &system, &value),
            None => Found::Nothing,
        }
    }

    /// The resource that a Reference leads to, by its literal or its identifier; of two that contradict each other, neither.
    pub(super) fn resolve(&self, reference: &r4::Reference, from: Holder<'_>) -> Found {
        let by_identifier = reference
            .identifier
            .as_deref()
            .map_or(Found::Nothing, |identifier| {
                match identifier.system.as_deref().zip(identifier.value.as_deref()) {
                    Some((system, value)) => self.identifier(reference.r#type.as_deref(), system, value),
                    None => Found::Nothing,
                }
            });
        match reference.reference.as_deref() {
            Some(literal) => agreed(self.literal(literal, from), by_identifier),
            None => by_identifier,
        }
    }
}

/// What a literal leads to, unless the identifier beside it is that of another resource.
pub(super) fn agreed(by_literal: Found, by_identifier: Found) -> Found {
    match (by_literal, by_identifier) {
        (Found::One(a), Found::One(b)) if a != b => Found::Several,
        _ => by_literal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<'a>(resource_type: &'a str, id: &'a str, full_url: Option<&'a str>) -> Names<'a> {
        Names {
            resource_type,
            id: Some(id),
            version: Version::default(),
            full_url,
            identifiers: vec![("http://npi".to_owned(), id.to_owned())],
            bundle: 0,
        }
    }

    #[test]
    fn references_lead_where_they_say() {
        let mut index = Index::default();
        index.add(names("Patient", "1", Some("http://a/Patient/1")));
        index.add(names("Practitioner", "2", Some("urn:uuid:x")));
        index.add(names("Organization", "3", None));
        for (literal, found) in [
            ("Patient/1", Some(0)),
            ("/Patient/1", Some(0)),
            ("Patient/1/_history/4", Some(0)),
            ("http://a/Patient/1", Some(0)),
            ("HTTP://A/Patient/1", Some(0)),
            ("http://b/Patient/1", None),
            ("urn:uuid:X", Some(1)),
            ("Practitioner?identifier=http://npi|2", Some(1)),
            ("Practitioner?identifier=http://npi%7C9", None),
            ("Organization?identifier=http://npi|2", None),
            ("http://b/Organization/3", Some(2)),
            ("#1", None),
            ("Condition/1", None),
        ] {
            let at = index.literal(literal, Holder::default()).one();
            assert_eq!(at, found, "{literal}");
        }
        for (type_, found) in [
            (Some("Practitioner"), Found::One(1)),
            (Some("Patient"), Found::Nothing),
            (None, Found::One(1)),
        ] {
            assert_eq!(index.identifier(type_, "http://npi", "2"), found);
        }
    }

    /// As `ReferenceIndex` finds it in the same Bundle.
    #[test]
    fn a_relative_reference_is_of_the_server_that_it_stands_on() {
        let urls = ["http://a/Patient/1", "http://b/Patient/1", "http://b/Patient/2"];
        let mut index = Index::default();
        for url in urls {
            index.add(names("Patient", split(url).unwrap().1, Some(url)));
        }
        index.add(names("Patient", "3", None));
        let entries: Vec<String> = urls
            .iter()
            .map(|url| {
                let id = split(url).unwrap().1;
                format!(r#"{{"fullUrl":"{url}","resource":{{"resourceType":"Patient","id":"{id}"}}}}"#)
            })
            .chain(
                ["http://a/Basic/9", "http://b/Basic/9", "http://c/Basic/9"].map(|url| {
                    format!(r#"{{"fullUrl":"{url}","resource":{{"resourceType":"Basic","id":"9"}}}}"#)
                }),
            )
            .collect();
        let json = format!(r#"{{"resourceType":"Bundle","entry":[{}]}}"#, entries.join(","));
        let (bundle, _) = crate::salvage::<r4::Bundle>(json.as_bytes(), &crate::ParseOptions::default());
        let bundle = bundle.unwrap();
        let other = crate::ReferenceIndex::new(&bundle);
        use Found::{Nothing, One, Several};
        for (holder, literal, found) in [
            (3, "Patient/1", One(0)),
            (4, "Patient/1", One(1)),
            (4, "Patient/2", One(2)),
            (3, "Patient/2", Nothing),
            (5, "Patient/1", Nothing),
            (5, "http://b/Patient/1", One(1)),
        ] {
            let full_url = bundle.entry[holder].full_url.as_deref();
            let at = index.literal(literal, Holder { full_url, bundle: 0 });
            assert_eq!(at, found, "{literal} at {holder}");
            let expected = match found {
                One(at) => crate::Resolution::Found(bundle.entry[at].resource.as_ref().unwrap()),
                _ => crate::Resolution::External,
            };
            assert_eq!(
                other.resolve(literal, Some(holder)),
                expected,
                "{literal} at {holder}"
            );
        }
        // Nothing says of which server it is.
        assert_eq!(index.literal("Patient/1", Holder::default()), Several);
        let of_b = Holder {
            full_url: Some("http://b/Basic/9"),
            bundle: 0,
        };
        assert_eq!(index.literal("Patient/3", of_b), One(3));
    }

    #[test]
    fn of_several_versions_the_latest_is_meant() {
        let version = |id: &str, bundle: usize| Names {
            version: Version {
                id: Some(id.to_owned()),
                updated: None,
            },
            bundle,
            ..names("Patient", "1", None)
        };
        let index = |all: Vec<Names<'_>>| {
            let mut index = Index::default();
            for names in all {
                index.add(names);
            }
            index
        };
        let found = |index: &Index, literal: &str| index.literal(literal, Holder::default());
        use Found::{One, Several};
        let three = index(vec![version("9", 0), version("10", 0), version("2", 0)]);
        assert_eq!(found(&three, "Patient/1"), One(1));
        assert_eq!(found(&three, "Patient/1/_history/2"), One(2));
        assert_eq!(three.identifier(Some("Patient"), "http://npi", "1"), One(1));
        assert_eq!(three.latest_versions(), [1, 1, 1]);
        // Nothing tells which came first; two say that they are one version; one is of another Bundle.
        for two in [["a", "b"], ["1", "1"]] {
            let two = index(two.map(|id| version(id, 0)).into());
            assert_eq!(found(&two, "Patient/1"), Several);
            assert_eq!(two.latest_versions(), [0, 1]);
        }
        let apart = index(vec![version("1", 0), version("2", 1)]);
        assert_eq!(found(&apart, "Patient/1"), One(0));
        assert_eq!(apart.latest_versions(), [0, 1]);
    }
}
