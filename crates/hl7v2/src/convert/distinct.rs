//! Lists without repeats, however long a sender makes them.

use std::collections::HashSet;

use serde::Serialize;

/// A list in which each item stands once, at its first place.
pub(super) struct Distinct<T> {
    items: Vec<T>,
    /// The items as text, once there are many.
    seen: HashSet<String>,
}

/// So many items are looked through one by one.
const FEW: usize = 16;

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            seen: HashSet::new(),
        }
    }
}

impl<T: PartialEq + Serialize> Distinct<T> {
    /// Goes on with a list that has no repeats.
    pub(super) fn new(items: Vec<T>) -> Self {
        let mut seen = HashSet::new();
        if items.len() > FEW {
            seen.extend(items.iter().map(text));
        }
        Self { items, seen }
    }

    /// Adds an item unless it is there; says whether it was not.
    pub(super) fn add(&mut self, item: T) -> bool {
        let is_new = if self.items.len() <= FEW {
            !self.items.contains(&item)
        } else {
            if self.seen.is_empty() {
                self.seen.extend(self.items.iter().map(text));
            }
            self.seen.insert(text(&item))
        };
        if is_new {
            self.items.push(item);
        }
        is_new
    }

    pub(super) fn extend(&mut self, items: impl IntoIterator<Item = T>) {
        for item in items {
            self.add(item);
        }
    }

    pub(super) fn into_vec(self) -> Vec<T> {
        self.items
    }
}

/// Adds to a list what is not there yet.
pub(super) fn add_all<T: PartialEq + Serialize>(known: &mut Vec<T>, more: Vec<T>) {
    let mut joined = Distinct::new(std::mem::take(known));
    joined.extend(more);
    *known = joined.into_vec();
}

fn text<T: Serialize>(item: &T) -> String {
    serde_json::to_string(item).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_stands_once_however_many_there_are() {
        let mut distinct = Distinct::new(vec![0, 1]);
        for _ in 0..3 {
            distinct.extend(0..100);
        }
        assert!(!distinct.add(99) && distinct.add(100));
        assert_eq!(distinct.into_vec(), (0..=100).collect::<Vec<_>>());
    }
}
