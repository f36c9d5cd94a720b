//! Where the references in the originals of a chart lead.

use std::cell::Cell;

use ehr_model::{Chart, Entry, EntryId, Record};

use super::index::Index;
use super::map::Writer;
use super::record;
use super::reference::{Holder, Names, split};
use super::version::Version;

/// Finds the entry of a chart that a literal reference in an original leads to.
pub(super) struct ChartIndex<'a> {
    index: Index,
    entries: Vec<&'a Entry>,
}

impl<'a> ChartIndex<'a> {
    pub(super) fn new(chart: &'a Chart) -> Self {
        let mut index = Index::default();
        for entry in &chart.entries {
            let resource_type = match &entry.record {
                Record::Other(other) => other.resource_type.as_str(),
                _ => entry.class().as_str(),
            };
            let native = native_id(entry);
            let full_url = url_of(entry);
            index.add(Names {
                resource_type,
                id: match full_url {
                    Some(url) => split(url).map(|(_, id)| id),
                    None => native,
                },
                version: Version {
                    id: entry.origin.version.clone(),
                    updated: entry.origin.recorded,
                },
                full_url,
                identifiers: entry
                    .identifiers()
                    .iter()
                    .filter_map(|identifier| {
                        let value = identifier.value.clone()?;
                        Some((identifier.system.clone().unwrap_or_default(), value))
                    })
                    .collect(),
                bundle: 0,
            });
        }
        Self {
            index,
            entries: chart.entries.iter().collect(),
        }
    }

    /// The entry that a literal in the original of `from` leads to.
    pub(super) fn literal(&self, literal: &str, from: &Entry) -> Option<&'a EntryId> {
        let holder = Holder {
            full_url: url_of(from),
            bundle: 0,
        };
        let found = *self.entries.get(self.index.literal(literal, holder).one()?)?;
        // Who is known by an id alone may be of another server: the record knows.
        let is_sure = !literal.contains("://") || url_of(found).is_some();
        (is_sure || refers_to(&from.record, &found.id)).then_some(&found.id)
    }
}

/// What the source calls an entry, without the sub-id that is put before it: no id in FHIR has an `@`.
pub(super) fn native_id(entry: &Entry) -> Option<&str> {
    let native = entry.origin.native_id.as_deref()?;
    match entry.origin.sub_id() {
        Some(sub_id) => native.get(sub_id.len() + 1..),
        None => Some(native),
    }
}

/// The `fullUrl` of an entry, where that is what it is known by.
fn url_of(entry: &Entry) -> Option<&str> {
    entry.origin.native_id.as_deref().filter(|id| id.contains(':'))
}

/// Whether a record has a reference that was found to lead to that entry.
fn refers_to(record: &Record, id: &EntryId) -> bool {
    let is_asked = Cell::new(false);
    let link = |asked: &EntryId| {
        is_asked.set(is_asked.get() || asked == id);
        None
    };
    let mut writer = Writer::linked(&link);
    writer.mirror = true;
    record::write(record, &writer);
    is_asked.get()
}
