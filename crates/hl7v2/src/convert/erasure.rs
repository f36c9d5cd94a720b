//! What a later message takes back of what an earlier one said of the same thing: null (`""`) asks to delete (HL7 v2.5.1 chapter
//! 2.5.3), and the cancellation of an event undoes what the event told.
//!
//! A list may be of several fields (PID-13 and PID-14). So it is known of each item which field it came from, and null
//! deletes the items of its own field. What is deleted is residual of the entry.

use std::collections::{BTreeMap, HashMap, HashSet};

use ehr_model::EntryId;
use ehr_types::Finding;
use serde::Serialize;
use serde_json::{Map, Value};

use super::conversion::Conversion;
use super::reading::{At, Seg};

/// What is no longer said of a thing.
pub(super) enum Erasure {
    /// A member, by its name, or by two names with a dot between.
    Member(&'static str),
    /// Items of a list.
    Items(&'static str, HashSet<String>),
}

/// An item of a list as it is known by.
pub(super) fn json<T: Serialize>(item: &T) -> Option<String> {
    Some(serde_json::to_value(item).ok()?.to_string())
}

/// Which items each field brought to the lists of each entry. Looked up only.
#[derive(Default)]
pub(super) struct Told(HashMap<EntryId, BTreeMap<(&'static str, u32), HashSet<String>>>);

impl Told {
    /// Notes the items of a field.
    pub(super) fn extend<T: Serialize>(
        &mut self,
        id: &EntryId,
        member: &'static str,
        field: u32,
        items: &[T],
    ) {
        let items = items.iter().filter_map(json);
        let fields = self.0.entry(id.clone()).or_default();
        fields.entry((member, field)).or_default().extend(items);
    }

    /// The items that came from a field, and from no other.
    pub(super) fn take(&mut self, id: &EntryId, member: &'static str, field: u32) -> HashSet<String> {
        let Some(fields) = self.0.get_mut(id) else {
            return HashSet::new();
        };
        let mut items = fields.remove(&(member, field)).unwrap_or_default();
        let others = fields.iter().filter(|((of, _), _)| *of == member);
        others.for_each(|(_, others)| items.retain(|item| !others.contains(item)));
        items
    }
}

impl<'r> Conversion<'r, '_> {
    /// Notes the items that a field brings to a list, or that it asks to delete those it brought.
    pub(super) fn listed<T: Serialize>(
        &mut self,
        id: &EntryId,
        at: At<'r>,
        (member, field): (&'static str, u32),
        items: &[T],
        erased: &mut Vec<Erasure>,
    ) {
        if !at.is_null() {
            self.chart.told_by_field.extend(id, member, field, items);
            return;
        }
        let items = self.chart.told_by_field.take(id, member, field);
        if !items.is_empty() {
            self.note_deleted(at);
            erased.push(Erasure::Items(member, items));
        }
    }

    /// The single values that null in their fields asks to delete.
    pub(super) fn erased(
        &self,
        id: &EntryId,
        seg: Seg<'r>,
        fields: &[(u32, &'static str)],
        erased: &mut Vec<Erasure>,
    ) {
        if !self.chart.contains(id) {
            return;
        }
        for (field, member) in fields {
            if seg.at(*field).is_null() {
                self.note_deleted(seg.at(*field));
                erased.push(Erasure::Member(member));
            }
        }
    }

    fn note_deleted(&self, at: At<'r>) {
        self.reading.note(Finding::information(
            "v2.deleted",
            at.location(),
            "the sender asks to delete what an earlier message said; that is now residual",
        ));
    }
}

/// Takes out of the records of one thing, oldest first, what a later one has erased. `erased` is of the record at the same
/// position. What is taken out goes to `superseded`: member and JSON.
pub(super) fn erase(
    objects: &mut [Map<String, Value>],
    erased: &[Vec<Erasure>],
    superseded: &mut Vec<(String, String)>,
) {
    // The last record that erased it.
    let mut members: BTreeMap<&str, usize> = BTreeMap::new();
    let mut items: BTreeMap<&str, HashMap<&str, usize>> = BTreeMap::new();
    for (position, erasure) in erased
        .iter()
        .enumerate()
        .flat_map(|(n, all)| all.iter().map(move |it| (n, it)))
    {
        match erasure {
            Erasure::Member(member) => {
                members.insert(member, position);
            }
            Erasure::Items(member, texts) => {
                let known = items.entry(member).or_default();
                known.extend(texts.iter().map(|text| (text.as_str(), position)));
            }
        }
    }
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    for (member, last) in members {
        for object in objects.iter_mut().take(last) {
            let removed = match member.split_once('.') {
                None => object.remove(member),
                Some((outer, inner)) => object
                    .get_mut(outer)
                    .and_then(Value::as_object_mut)
                    .and_then(|outer| outer.remove(inner)),
            };
            superseded.extend(removed.map(|value| (member.to_owned(), text(value))));
        }
    }
    for (member, items) in items {
        let mut says = false;
        for (position, object) in objects.iter_mut().enumerate() {
            let Some(list) = object.get_mut(member).and_then(Value::as_array_mut) else {
                continue;
            };
            list.retain(|item| {
                let text = item.to_string();
                let stays = items.get(text.as_str()).is_none_or(|last| position >= *last);
                if !stays {
                    superseded.push((member.to_owned(), text));
                }
                stays
            });
            says |= !list.iter().all(is_null);
        }
        if says {
            // Null has done its work, and others are left.
            let lists = objects
                .iter_mut()
                .filter_map(|object| object.get_mut(member)?.as_array_mut());
            lists.for_each(|list| list.retain(|item| !is_null(item)));
        }
    }
}

/// Whether an item of a list, or all that it consists of, is null.
fn is_null(item: &Value) -> bool {
    let is_null = |value: &Value| value.get("absent").is_some();
    is_null(item)
        || item
            .as_object()
            .is_some_and(|parts| parts.len() == 1 && parts.values().all(is_null))
}
