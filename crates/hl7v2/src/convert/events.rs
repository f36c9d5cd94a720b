//! The events that told of entries.

use std::collections::HashMap;

use ehr_model::{EntryId, Event};

use super::chart::Provenance;

/// The events of a chart.
#[derive(Default)]
pub(super) struct Events {
    all: Vec<Event>,
    /// The event that was noted last, without its entries.
    last: Option<Event>,
    /// Where they tell of an entry: positions of the event and in it, ascending. Looked up only.
    told: HashMap<EntryId, Vec<(usize, usize)>>,
}

impl Events {
    /// Notes that the event of a message told of an entry.
    pub(super) fn told(&mut self, id: &EntryId, provenance: &Provenance) {
        let Some(event) = &provenance.event else { return };
        // Messages come one after the other, so that an event that is known is the last one.
        if self.last.as_ref() != Some(event) {
            self.last = Some(event.clone());
            self.all.push(event.clone());
        }
        let number = self.all.len() - 1;
        let Some(event) = self.all.last_mut() else {
            return;
        };
        let places = self.told.entry(id.clone()).or_default();
        if places.last().is_none_or(|(event, _)| *event != number) {
            places.push((number, event.entries.len()));
            event.entries.push(id.clone());
        }
    }

    /// Gives what the events so far told of an entry to another one: to its former version.
    pub(super) fn rename(&mut self, id: &EntryId, former: &EntryId) {
        let places = self.told.remove(id).unwrap_or_default();
        for (event, entry) in &places {
            let event = self.all.get_mut(*event);
            if let Some(told) = event.and_then(|event| event.entries.get_mut(*entry)) {
                told.clone_from(former);
            }
        }
        self.told.entry(former.clone()).or_default().extend(places);
    }

    pub(super) fn finish(self) -> Vec<Event> {
        self.all
    }
}
