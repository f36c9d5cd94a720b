//! Bundle.

use std::collections::BTreeSet;

use ehr_types::Severity;

use super::{exists, has_value, may_name};
use crate::bundle::content_hash;
use crate::r4::{Bundle, BundleEntry, BundleType, Resource};
use crate::reference::ReferenceTarget;
use crate::scope::Scope;
use crate::sort::sort_by;

/// What the rules about all entries of a Bundle ask of them, gathered entry by entry.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    count: usize,
    unread: usize,
    searches: usize,
    requests: usize,
    responses: usize,
    first: First,
    /// Digests of each fullUrl with its version, and of each request that changes a resource: an entry in few bytes.
    urls: BTreeSet<u128>,
    changes: BTreeSet<u128>,
    url_twice: bool,
    /// Numbers of the entries that change what one before them changes.
    change_twice: Vec<usize>,
}

/// What the first entry holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum First {
    #[default]
    Nothing,
    Composition,
    MessageHeader,
    Other,
    Unread,
}

impl Entries {
    pub(crate) fn add(&mut self, entry: &BundleEntry) {
        if self.count == 0 {
            self.first = match &entry.resource {
                Some(Resource::Composition(_)) => First::Composition,
                Some(Resource::MessageHeader(_)) => First::MessageHeader,
                _ => First::Other,
            };
        }
        self.searches += usize::from(entry.search.is_some());
        self.requests += usize::from(exists(entry, entry.request.is_some(), "request"));
        self.responses += usize::from(exists(entry, entry.response.is_some(), "response"));
        if let Some(url) = &entry.full_url {
            let version = entry.resource.as_ref().and_then(Resource::version_id);
            let key = content_hash(&[url, version.unwrap_or_default()]);
            self.url_twice |= !self.urls.insert(key);
        }
        if let Some(request) = &entry.request
            && let (Some(method), Some(url)) = (&request.method, &request.url)
            && matches!(method.as_str(), "PUT" | "PATCH" | "DELETE")
            && !self.changes.insert(content_hash(&[url]))
        {
            self.change_twice.push(self.count);
        }
        self.count += 1;
    }

    /// Counts an entry that could not be read.
    pub(crate) fn add_unread(&mut self) {
        if self.count == 0 {
            self.first = First::Unread;
        }
        self.count += 1;
        self.unread += 1;
    }

    pub(crate) fn judge(&self, kind: &BundleType, at: &mut Scope<'_>) {
        let is = |kinds: &[BundleType]| kinds.contains(kind);
        at.require(
            is(&[BundleType::Searchset]) || self.searches == 0,
            "bdl-2",
            "",
            "only a search has entry.search",
        );
        let all = |asked: bool, count: usize| count == if asked { self.count - self.unread } else { 0 };
        let asks = is(&[BundleType::Batch, BundleType::Transaction, BundleType::History]);
        at.require(
            all(asks, self.requests),
            "bdl-3",
            "",
            "entry.request stands in batch, transaction and history, and only there",
        );
        let answers = is(&[
            BundleType::BatchResponse,
            BundleType::TransactionResponse,
            BundleType::History,
        ]);
        at.require(
            all(answers, self.responses),
            "bdl-4",
            "",
            "entry.response stands in responses and history, and only there",
        );
        at.require(
            is(&[BundleType::History]) || !self.url_twice,
            "bdl-7",
            "",
            "a fullUrl stands twice",
        );
        let starts_with = |first: First| [first, First::Unread].contains(&self.first);
        at.require(
            !is(&[BundleType::Document]) || starts_with(First::Composition),
            "bdl-11",
            "",
            "a document starts with a Composition",
        );
        at.require(
            !is(&[BundleType::Message]) || starts_with(First::MessageHeader),
            "bdl-12",
            "",
            "a message starts with a MessageHeader",
        );
        if is(&[BundleType::Transaction]) {
            for index in &self.change_twice {
                let member = format!("entry[{index}].request.url").into();
                let message = "a transaction changes a resource once";
                at.broken("fhir.bundle.changed-twice", member, message);
            }
        }
    }
}

pub(crate) fn bundle(it: &Bundle, at: &mut Scope<'_>) {
    let Some(kind) = &it.r#type else { return };
    let is = |kinds: &[BundleType]| kinds.contains(kind);
    at.require(
        is(&[BundleType::Searchset, BundleType::History]) || !exists(it, it.total.is_some(), "total"),
        "bdl-1",
        "",
        "only a search or history has a total",
    );
    if is(&[BundleType::Document]) {
        let identified = it.identifier.as_ref().is_some_and(|id| {
            exists(id.as_ref(), id.system.is_some(), "system")
                && exists(id.as_ref(), id.value.is_some(), "value")
        });
        at.require(
            identified,
            "bdl-9",
            "",
            "a document has an identifier with system and value",
        );
        at.require(
            has_value(it, it.timestamp.is_some(), "timestamp"),
            "bdl-10",
            "",
            "a document has a timestamp",
        );
    }
    let mut entries = Entries::default();
    for entry in &it.entry {
        entries.add(entry);
    }
    entries.judge(kind, at);
    if !at.urns.is_empty() {
        look_up_urns(it, at);
    }
}

/// Looks up what the references by `urn:` of a Bundle are to; those that are as they should be are done with.
fn look_up_urns(it: &Bundle, at: &mut Scope<'_>) {
    let mut entries: Vec<(u64, &str, Option<&str>)> = it
        .entry
        .iter()
        .filter_map(|entry| {
            let url = entry.full_url.as_deref()?;
            let resource = entry.resource.as_ref();
            Some((last_bytes(url), url, resource.map(Resource::resource_type)))
        })
        .collect();
    sort_by(&mut entries, Ord::cmp);
    // However often a URL stands there: it is looked at once for each type.
    entries.dedup();
    let inside = at.urns.partition_point(|urn| urn.start < at.start);
    let mut kept = inside;
    for index in inside..at.urns.len() {
        let Some(urn) = at.urns.get_mut(index) else { break };
        let url = urn.url.as_str();
        let key = (last_bytes(url), url);
        let first = entries.partition_point(|(bytes, url, _)| (*bytes, *url) < key);
        let same = entries.get(first..).unwrap_or_default();
        let mut same = same.iter().take_while(|(_, own, _)| *own == url).peekable();
        if same.peek().is_none() {
            let message = "no entry of the Bundle has that fullUrl";
            urn.fault = Some(("fhir.bundle.reference", Severity::Warning, message));
        } else if !same.any(|(_, _, kind)| kind.is_none_or(|kind| may_name(urn.field, kind))) {
            let message = "the entry is not of a type that is allowed here";
            urn.fault = Some(("fhir.reference.target", Severity::Error, message));
        } else {
            continue;
        }
        at.urns.swap(kept, index);
        kept += 1;
    }
    at.urns.truncate(kept);
}

/// The last eight bytes, by which most URLs of a Bundle differ.
fn last_bytes(url: &str) -> u64 {
    url.as_bytes()
        .last_chunk()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

pub(crate) fn bundle_entry(it: &BundleEntry, at: &mut Scope<'_>) {
    const KEY: &str = "fhir.bundle.full-url";
    let Some(url) = it.full_url.as_deref().filter(|url| !url.is_empty()) else {
        return;
    };
    if url.starts_with("urn:") {
        return;
    }
    at.require(
        !url.contains("/_history/"),
        "bdl-8",
        "",
        "a fullUrl names no version",
    );
    at.require(url.contains(':'), KEY, "fullUrl", "a fullUrl is absolute");
    if let Some(resource) = &it.resource
        && let ReferenceTarget::Literal {
            base: Some(_),
            resource_type,
            id,
            ..
        } = ReferenceTarget::parse(url)
    {
        let own = resource_type == resource.resource_type() && resource.id().is_none_or(|own| own == id);
        let message = "the fullUrl is that of another resource";
        at.require(own, KEY, "fullUrl", message);
    }
}
