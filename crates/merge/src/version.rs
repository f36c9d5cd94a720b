//! Which members of an item still count: a source takes back and replaces what it said.

use std::cmp::Ordering;

use ehr_model::{Chart, Entry, Source};
use rustc_hash::FxHashMap;

use crate::moment::Moment;
use crate::reconcile::{CANCELLED, ClassRule, WITHDRAWN, shares_identifier};

/// Which sources are one sender: a system of an organization sends many files, and each of them is a source.
#[derive(Default)]
pub(crate) struct Senders<'a>(FxHashMap<&'a str, (&'a str, &'a str)>);

impl<'a> Senders<'a> {
    pub(crate) fn new(charts: &'a [Chart]) -> Self {
        let named = |source: &'a Source| {
            let (organization, system) = (source.organization.as_deref()?, source.system.as_deref()?);
            let is_named = !organization.trim().is_empty() && !system.trim().is_empty();
            is_named.then_some((source.id.as_str(), (organization, system)))
        };
        Self(charts.iter().filter_map(|chart| named(&chart.source)).collect())
    }

    pub(crate) fn are_one(&self, a: &Entry, b: &Entry) -> bool {
        self.are_one_source(&a.origin.source, &b.origin.source)
    }

    pub(crate) fn are_one_source(&self, a: &str, b: &str) -> bool {
        a == b || self.0.get(a).is_some_and(|sender| self.0.get(b) == Some(sender))
    }
}

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
pub(crate) fn voices(rule: &dyn ClassRule, members: &[&Entry], senders: &Senders<'_>) -> Vec<Voice> {
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
        // A correction is told beside what it corrects: somebody may have acted on that.
        let replaces = |other: &Entry| {
            age(rule, other, entry) == Some(Ordering::Greater) && rule.standing(&other.record) <= 0
        };
        if versions.any(|other| replaces(other)) {
            Voice::Replaced
        } else if is_withdrawn(rule, entry) {
            Voice::Withdrawn
        } else if withdrawn
            .iter()
            .any(|other| takes_back(rule, other, entry, senders))
        {
            Voice::TakenBack
        } else {
            Voice::Heard
        }
    };
    members.iter().map(voice).collect()
}

/// Standing of what its sender said last of a result of which no other sender tells.
pub(crate) const LAST_WORD: i8 = i8::MAX;

/// The entry by which the only sender of a result took it back without an error of its own: cancelled after all else that it said.
pub(crate) fn last_word<'e>(
    rule: &dyn ClassRule,
    members: &[&'e Entry],
    senders: &Senders<'_>,
) -> Option<&'e Entry> {
    let is_cancelled = |entry: &&&Entry| rule.standing(&entry.record) == CANCELLED;
    members.iter().filter(is_cancelled).copied().find(|entry| {
        let mut others = members.iter().filter(|other| !std::ptr::eq(**other, *entry));
        others
            .all(|other| senders.are_one(entry, other) && age(rule, entry, other) == Some(Ordering::Greater))
    })
}

/// Which record of which source an entry is, where the source tells.
fn record_of(entry: &Entry) -> Option<(&str, &str)> {
    Some((entry.origin.source.as_str(), entry.origin.native_id.as_deref()?))
}

fn is_withdrawn(rule: &dyn ClassRule, entry: &Entry) -> bool {
    rule.standing(&entry.record) <= WITHDRAWN
}

/// Whether a withdrawal is of an entry: the same result of one sender, or one with the same number, unless the entry was
/// written later. Of two files nobody knows which came first, unless they say so.
fn takes_back(rule: &dyn ClassRule, withdrawal: &Entry, entry: &Entry, senders: &Senders<'_>) -> bool {
    let one_source = withdrawal.origin.source == entry.origin.source;
    let one_sender = senders.are_one(withdrawal, entry);
    match age(rule, withdrawal, entry) {
        Some(Ordering::Less) => false,
        _ if (one_sender || rule.by_result()) && shares_identifier(withdrawal, entry) => true,
        Some(Ordering::Greater) => one_sender && rule.by_result(),
        _ => one_source && rule.by_result(),
    }
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
