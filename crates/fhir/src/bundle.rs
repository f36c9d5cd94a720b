//! Making Bundles: <https://hl7.org/fhir/R4/bundle.html>.

use std::collections::BTreeMap;

use ehr_types::DateTime;

use crate::element::Str;
use crate::parse::to_json_string;
use crate::r4::{
    Bundle, BundleEntry, BundleEntryRequest, BundleEntrySearch, BundleType, Composition, HTTPVerb,
    Identifier, Resource, SearchEntryMode,
};

impl BundleEntry {
    /// An entry with a resource and nothing else.
    pub fn new(resource: impl Into<Resource>) -> Self {
        Self {
            resource: Some(resource.into()),
            ..Self::default()
        }
    }

    /// The same entry under a URL.
    #[must_use]
    pub fn at(mut self, full_url: impl Into<Str>) -> Self {
        self.full_url = Some(full_url.into());
        self
    }

    /// The same entry asking a server to do `method` on `url` with it.
    #[must_use]
    pub fn request(mut self, method: HTTPVerb, url: impl Into<Str>) -> Self {
        self.request = Some(Box::new(BundleEntryRequest {
            method: Some(method),
            url: Some(url.into()),
            ..BundleEntryRequest::default()
        }));
        self
    }
}

impl Bundle {
    /// A Bundle of that type.
    pub fn of(kind: BundleType, entry: Vec<BundleEntry>) -> Self {
        Self {
            r#type: Some(kind),
            entry: entry.into(),
            ..Self::default()
        }
    }

    /// The same Bundle with a fullUrl for each entry that has none: `base`, type and id for a resource with an id, else a
    /// `urn:uuid:` made of its content, so that it can be referred to. Every entry of a collection, document or search
    /// needs one.
    ///
    /// ```
    /// use ehr_fhir::r4::{Bundle, Patient};
    /// let resources = [Patient { id: Some("1".into()), ..Patient::default() }.into(), Patient::default().into()];
    /// let bundle = Bundle::collection(resources).with_full_urls("https://example.org/fhir");
    /// assert_eq!(bundle.entry[0].full_url.as_deref(), Some("https://example.org/fhir/Patient/1"));
    /// assert!(bundle.entry[1].full_url.as_deref().unwrap().starts_with("urn:uuid:"));
    /// ```
    #[must_use]
    pub fn with_full_urls(mut self, base: &str) -> Self {
        let base = base.trim_end_matches('/');
        for entry in &mut self.entry {
            if let (None, Some(resource)) = (&entry.full_url, &entry.resource) {
                entry.full_url = Some(match resource.id() {
                    Some(id) => format!("{base}/{}/{id}", resource.resource_type()).into(),
                    None => uuid_of(resource),
                });
            }
        }
        number_equal(&mut self.entry);
        self
    }

    /// A collection: resources put together for whatever purpose. See [`with_full_urls`](Self::with_full_urls).
    ///
    /// ```
    /// use ehr_fhir::{check, r4::{Bundle, BundleEntry, Patient}};
    /// let bundle = Bundle::collection([Patient { active: Some(true), ..Patient::default() }.into()]);
    /// assert!(check(&bundle).is_empty());
    /// ```
    pub fn collection(resources: impl IntoIterator<Item = Resource>) -> Self {
        Self::of(
            BundleType::Collection,
            resources.into_iter().map(BundleEntry::new).collect(),
        )
    }

    /// A transaction: each resource with an id is put to `Type/id`, each without is posted to `Type` and has a `urn:uuid:`
    /// made of its content as fullUrl, by which the others refer to it.
    ///
    /// A resource that is given twice, the same each time, is put once, for a transaction changes a resource once. Two
    /// that differ under one id both stand there, and [`check`](crate::check) reports them.
    ///
    /// ```
    /// use ehr_fhir::{check, r4::{Bundle, Patient}};
    /// let patient = |active| Patient { id: Some("1".into()), active: Some(active), ..Patient::default() }.into();
    /// assert_eq!(Bundle::transaction([patient(true), patient(true)]).entry.len(), 1);
    /// let findings = check(&Bundle::transaction([patient(true), patient(false)]));
    /// assert_eq!(findings[0].location.path, "Bundle.entry[1].request.url");
    /// ```
    pub fn transaction(resources: impl IntoIterator<Item = Resource>) -> Self {
        let mut entries: Vec<BundleEntry> = Vec::new();
        let mut put: BTreeMap<String, usize> = BTreeMap::new();
        for resource in resources {
            let name = resource.resource_type().to_owned();
            if let Some(id) = resource.id() {
                let url = format!("{name}/{id}");
                let same = put.get(&url).and_then(|at| entries.get(*at));
                if same.is_none_or(|entry| entry.resource.as_ref() != Some(&resource)) {
                    put.entry(url.clone()).or_insert(entries.len());
                    entries.push(BundleEntry::new(resource).request(HTTPVerb::PUT, url));
                }
            } else {
                let full_url = uuid_of(&resource);
                entries.push(
                    BundleEntry::new(resource)
                        .at(full_url)
                        .request(HTTPVerb::POST, name),
                );
            }
        }
        number_equal(&mut entries);
        Self::of(BundleType::Transaction, entries)
    }

    /// A document: its Composition first, then what that refers to. See [`with_full_urls`](Self::with_full_urls).
    pub fn document(
        identifier: Identifier,
        timestamp: DateTime,
        composition: Composition,
        resources: impl IntoIterator<Item = Resource>,
    ) -> Self {
        let entry = std::iter::once(composition.into())
            .chain(resources)
            .map(BundleEntry::new)
            .collect();
        Self {
            identifier: Some(Box::new(identifier)),
            timestamp: Some(timestamp),
            ..Self::of(BundleType::Document, entry)
        }
    }

    /// The result of a search: the matches, then what is included with them. `total` counts all matches on the server.
    pub fn searchset(
        total: Option<u32>,
        matches: impl IntoIterator<Item = Resource>,
        included: impl IntoIterator<Item = Resource>,
    ) -> Self {
        let entry = |resource, mode| BundleEntry {
            search: Some(Box::new(BundleEntrySearch {
                mode: Some(mode),
                ..BundleEntrySearch::default()
            })),
            ..BundleEntry::new(resource)
        };
        let matches = matches
            .into_iter()
            .map(|resource| entry(resource, SearchEntryMode::Match));
        let included = included
            .into_iter()
            .map(|resource| entry(resource, SearchEntryMode::Include));
        Self {
            total,
            ..Self::of(BundleType::Searchset, matches.chain(included).collect())
        }
    }

    /// The resources of the entries.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.entry.iter().filter_map(|entry| entry.resource.as_ref())
    }
}

/// A `urn:uuid:` made of the content of a resource.
fn uuid_of(resource: &Resource) -> Str {
    content_uuid(&[&to_json_string(resource)])
}

/// Tells equal resources without an id apart, for a fullUrl stands once.
fn number_equal(entries: &mut [BundleEntry]) {
    let mut seen: BTreeMap<Str, usize> = BTreeMap::new();
    for entry in entries {
        if let (Some(url), Some(resource)) = (&entry.full_url, &entry.resource)
            && url.starts_with("urn:uuid:")
        {
            let count = seen.entry(url.clone()).or_default();
            *count += 1;
            if *count > 1 {
                let url = content_uuid(&[&to_json_string(resource), &count.to_string()]);
                entry.full_url = Some(url);
            }
        }
    }
}

/// A logical id made of what identifies a thing, the same whenever and wherever it is made: 32 hexadecimal digits.
///
/// The digits are the 128-bit FNV-1a hash of the parts, each with its length: parts that differ give ids that differ,
/// unless someone sets out to make them collide.
///
/// ```
/// use ehr_fhir::content_id;
/// assert_eq!(content_id(&["Patient", "urn:oid:1.2", "7"]), content_id(&["Patient", "urn:oid:1.2", "7"]));
/// assert_ne!(content_id(&["ab", "c"]), content_id(&["a", "bc"]));
/// ```
pub fn content_id(parts: &[&str]) -> Str {
    format!("{:032x}", content_hash(parts)).into()
}

/// The same as a `urn:uuid:` of version 8 (RFC 9562 section 5.8), for `fullUrl`.
pub fn content_uuid(parts: &[&str]) -> Str {
    let hash = content_hash(parts) & !(0xf << 76) & !(0x3 << 62) | (0x8 << 76) | (0x2 << 62);
    let hex = format!("{hash:032x}");
    let group = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        group(0, 8),
        group(8, 12),
        group(12, 16),
        group(16, 20),
        group(20, 32)
    )
    .into()
}

pub(crate) fn content_hash(parts: &[&str]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mut hash = OFFSET;
    for part in parts {
        for byte in (part.len() as u64).to_le_bytes().iter().chain(part.as_bytes()) {
            hash = (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::r4::{Basic, CodeableConcept};
    use crate::{ParseOptions, check, parse};

    fn basic(id: Option<&str>) -> Resource {
        let code = CodeableConcept {
            text: Some("x".into()),
            ..CodeableConcept::default()
        };
        Basic {
            id: id.map(Into::into),
            code: Some(Box::new(code)),
            ..Basic::default()
        }
        .into()
    }

    #[test]
    fn made_bundles_are_valid() {
        let identifier = Identifier {
            system: Some("urn:x".into()),
            value: Some("1".into()),
            ..Identifier::default()
        };
        let composition = parse::<Composition>(
            br#"{"resourceType":"Composition","status":"final","type":{"text":"t"},"date":"2020","author":[{"display":"a"}],"title":"t"}"#,
            &ParseOptions::default(),
        )
        .unwrap()
        .value;
        let time = DateTime::parse("2020-01-01T00:00:00Z").unwrap();
        for bundle in [
            Bundle::collection([basic(None)]),
            Bundle::transaction([basic(None), basic(Some("b"))]),
            Bundle::document(identifier, time, composition, [basic(None)]),
            Bundle::searchset(Some(1), [basic(None)], [basic(Some("b"))]),
        ] {
            assert_eq!(check(&bundle), []);
        }
    }

    #[test]
    fn content_ids_are_stable() {
        assert_eq!(content_id(&["Patient", "1"]).len(), 32);
        let uuid = content_uuid(&["Patient", "1"]);
        assert_eq!((uuid.len(), &uuid[23..24]), (45, "8"));
    }
}
