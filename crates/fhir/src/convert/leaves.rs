//! Which values of a member stand in the resource of its item.

use std::collections::BTreeSet;

use ehr_model::Record;

use super::json::Tree;
use super::map::Writer;
use super::record;
use crate::to_json_string;

/// The values that a record says, each with the element that it stands in, wherever in a list.
pub(super) struct Leaves(BTreeSet<String>);

impl Leaves {
    pub(super) fn of(record: &Record, writer: &Writer<'_>) -> Self {
        let mut mirror = *writer;
        mirror.mirror = true;
        let mut out = Self(BTreeSet::new());
        if let Some(tree) = Tree::parse(&to_json_string(&record::write(record, &mirror))) {
            out.add(&tree, "");
        }
        out
    }

    fn add(&mut self, tree: &Tree, path: &str) {
        match tree {
            Tree::Object(members) => {
                for (name, value) in members {
                    self.add(value, &format!("{path}.{name}"));
                }
            }
            Tree::Array(items) => items.iter().for_each(|item| self.add(item, path)),
            leaf => drop(self.0.insert(format!("{path} {}", leaf.to_text()))),
        }
    }

    /// Whether all of these are among the others.
    pub(super) fn are_in(&self, others: &Self) -> bool {
        self.0.is_subset(&others.0)
    }

    /// Keeps those of one element of the resource.
    pub(super) fn of_element(mut self, name: &str) -> Self {
        self.0
            .retain(|leaf| leaf.trim_start_matches('.').starts_with(name));
        self
    }
}
