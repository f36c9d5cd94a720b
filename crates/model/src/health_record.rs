//! The record of one person, made from several charts.

use std::collections::BTreeMap;

use ehr_types::debug_shape;
use serde::{Deserialize, Serialize};

use crate::chart::Chart;
use crate::class::RecordClass;
use crate::entry::{Entry, EntryId};
use crate::record::Record;
use crate::shape::data;

/// One person's longitudinal record: the charts, untouched, and what the merge makes of their entries.
///
/// Every entry of every chart is a member of exactly one item.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HealthRecord {
    /// Identity of the person; a legal FHIR id.
    pub person: String,
    /// The sources' charts.
    pub charts: Vec<Chart>,
    /// The merged items, by class and then by id.
    pub items: Vec<MergedItem>,
}

/// One fact about the person, from all the entries that state it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MergedItem {
    /// Identity, derived from the members.
    pub id: EntryId,
    /// The entries that state it, in a fixed order.
    pub members: Vec<Member>,
    /// The canonical view: a projection of the members by policy, never a replacement of them. References in it point
    /// to items.
    pub record: Record,
    /// Fields on which the members disagree.
    pub conflicts: Vec<Conflict>,
}

data! {
    /// An entry that takes part in an item.
    pub struct Member {
        /// [`Source::id`](crate::Source::id) of the chart.
        pub source: String,
        /// The entry; `None` only in a default value.
        pub entry: Option<EntryId>,
        /// The name by which the source knows it: [`Entry::source_key`].
        pub key: String,
    }

    /// A field whose values differ beyond what precision or spelling explains. All sides are kept.
    pub struct Conflict {
        /// The field, by its FHIR element path within the resource: `onsetDateTime`, `clinicalStatus`.
        pub field: String,
        /// Each value and who states it; the first is the one that the canonical view shows.
        pub values: Vec<Side>,
    }

    /// One side of a disagreement.
    pub struct Side {
        /// The value as text for a person.
        pub value: String,
        /// Who states it.
        pub members: Vec<Member>,
    }
}

debug_shape!(HealthRecord, MergedItem);

impl MergedItem {
    /// Class of the item.
    pub fn class(&self) -> RecordClass {
        self.id.class
    }
}

impl HealthRecord {
    /// Items of one class.
    pub fn of_class(&self, class: RecordClass) -> impl Iterator<Item = &MergedItem> {
        self.items.iter().filter(move |item| item.class() == class)
    }

    /// Every entry of every chart, by id.
    pub fn entries(&self) -> BTreeMap<&EntryId, &Entry> {
        self.charts
            .iter()
            .flat_map(|chart| &chart.entries)
            .map(|entry| (&entry.id, entry))
            .collect()
    }
}
