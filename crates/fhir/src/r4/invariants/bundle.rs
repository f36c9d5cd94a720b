//! Bundle.

use std::collections::BTreeSet;

use super::exists;
use crate::r4::{Bundle, BundleEntry, BundleType, Resource};
use crate::scope::Scope;

pub(crate) fn bundle(it: &Bundle, at: &mut Scope<'_>) {
    let Some(kind) = &it.r#type else { return };
    let is = |kinds: &[BundleType]| kinds.contains(kind);
    let history = is(&[BundleType::History]);
    let counted = history || is(&[BundleType::Searchset]);
    at.require(
        counted || it.total.is_none(),
        "bdl-1",
        "",
        "only a search or history has a total",
    );
    let searches = it.entry.iter().all(|entry| entry.search.is_none());
    at.require(
        is(&[BundleType::Searchset]) || searches,
        "bdl-2",
        "",
        "only a search has entry.search",
    );
    let asks = is(&[BundleType::Batch, BundleType::Transaction, BundleType::History]);
    let requests = it
        .entry
        .iter()
        .all(|entry| exists(entry, entry.request.is_some(), "request") == asks);
    at.require(
        requests,
        "bdl-3",
        "",
        "entry.request stands in batch, transaction and history, and only there",
    );
    let answers = is(&[
        BundleType::BatchResponse,
        BundleType::TransactionResponse,
        BundleType::History,
    ]);
    let responses = it
        .entry
        .iter()
        .all(|entry| exists(entry, entry.response.is_some(), "response") == answers);
    at.require(
        responses,
        "bdl-4",
        "",
        "entry.response stands in responses and history, and only there",
    );
    if !history {
        let mut seen = BTreeSet::new();
        let unique = it.entry.iter().all(|entry| {
            entry.full_url.as_deref().is_none_or(|url| {
                let version = entry.resource.as_ref().and_then(Resource::version_id);
                seen.insert((url, version))
            })
        });
        at.require(unique, "bdl-7", "", "a fullUrl stands twice");
    }
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
            exists(it, it.timestamp.is_some(), "timestamp"),
            "bdl-10",
            "",
            "a document has a timestamp",
        );
    }
    let first = it.entry.first().and_then(|entry| entry.resource.as_ref());
    if is(&[BundleType::Document]) && !it.entry.is_empty() {
        at.require(
            matches!(first, Some(Resource::Composition(_))),
            "bdl-11",
            "",
            "a document starts with a Composition",
        );
    }
    if is(&[BundleType::Message]) && !it.entry.is_empty() {
        at.require(
            matches!(first, Some(Resource::MessageHeader(_))),
            "bdl-12",
            "",
            "a message starts with a MessageHeader",
        );
    }
}

pub(crate) fn bundle_entry(it: &BundleEntry, at: &mut Scope<'_>) {
    let versioned = it
        .full_url
        .as_deref()
        .is_some_and(|url| url.contains("/_history/"));
    at.require(!versioned, "bdl-8", "", "a fullUrl names no version");
}
