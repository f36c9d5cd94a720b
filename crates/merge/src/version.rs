//! Which members of an item still count: a source takes back and replaces what it said.

use std::cmp::Ordering;

use ehr_model::Entry;
use rustc_hash::FxHashMap;

use crate::moment::Moment;
use crate::reconcile::{ClassRule, WITHDRAWN, shares_identifier};

/// Whether what a member says counts, from best to worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Voice {
    /// It is heard.
    Heard,
    /// It was entered in error: heard on its status alone.
    Withdrawn,
    /// A withdrawal of the same result took it back, and stands in its place.
    TakenBack,
    /// A later version of the same record of the same source stands in its place.
    Replaced,
}

/// Whether each member of an item counts.
pub(crate) fn voices(rule: &dyn ClassRule, members: &[&Entry]) -> Vec<Voice> {
    let withdrawn: Vec<&Entry> = members
        .iter()
        .copied()
        .filter(|entry| is_withdrawn(rule, entry))
        .collect();
    let mut versions: FxHashMap<(&str, &str), Vec<&Entry>> = FxHashMap::default();
    for entry in members {
        if let Some(id) = record_of(entry) {
            versions.entry(id).or_default().push(entry);
        }
    }
    let voice = |entry: &&Entry| {
        let mut versions = record_of(entry)
            .and_then(|id| versions.get(&id))
            .into_iter()
            .flatten();
        if versions.any(|other| age(rule, other, entry) == Some(Ordering::Greater)) {
            Voice::Replaced
        } else if is_withdrawn(rule, entry) {
            Voice::Withdrawn
        } else if withdrawn.iter().any(|other| takes_back(rule, other, entry)) {
            Voice::TakenBack
        } else {
            Voice::Heard
        }
    };
    members.iter().map(voice).collect()
}

/// Which record of which source an entry is, where the source tells.
fn record_of(entry: &Entry) -> Option<(&str, &str)> {
    Some((entry.origin.source.as_str(), entry.origin.native_id.as_deref()?))
}

fn is_withdrawn(rule: &dyn ClassRule, entry: &Entry) -> bool {
    rule.standing(&entry.record) <= WITHDRAWN
}

/// Whether a withdrawal is of an entry: the same result of one source, or one with the same number, unless the entry was
/// written later.
fn takes_back(rule: &dyn ClassRule, withdrawal: &Entry, entry: &Entry) -> bool {
    let one_source = withdrawal.origin.source == entry.origin.source;
    let is_meant = match (one_source, rule.by_result()) {
        (true, true) => true,
        (true, false) | (false, true) => shares_identifier(withdrawal, entry),
        (false, false) => false,
    };
    is_meant && age(rule, withdrawal, entry) != Some(Ordering::Less)
}

/// Which of two was written later, as far as that is told.
fn age(rule: &dyn ClassRule, a: &Entry, b: &Entry) -> Option<Ordering> {
    let written = |entry: &Entry| {
        let recorded = entry.origin.recorded.or_else(|| rule.recorded(&entry.record))?;
        Some(Moment::new(&recorded)?.order())
    };
    let version = |entry: &Entry| entry.origin.version.as_ref()?.parse::<u64>().ok();
    let by_time = written(a).zip(written(b)).map(|(a, b)| a.cmp(&b));
    let by_number = || version(a).zip(version(b)).map(|(a, b)| a.cmp(&b));
    by_time.filter(|order| order.is_ne()).or_else(by_number)
}
