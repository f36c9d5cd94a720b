//! Building one patient's chart from many messages.
//!
//! An entry's id derives from the source, the patient and the native identifiers that name the thing (its key). When a
//! message brings a key that is already there:
//!
//! * the same record again is the same entry;
//! * people, organizations, places, the patient and encounters are **folded**: lists are joined, a value of the later
//!   message takes the place of the former one, which stays as residual of the entry;
//! * everything else is a **new version**: the record of the later message (by MSH-7, else by order) takes the id, and the
//!   former one stays as an entry of its own, with its status, under an id that derives from its content. Both have the
//!   control id of their message (MSH-10) as their version. Where the later one takes the record back, the former ones are
//!   entered in error too.

use std::collections::{BTreeMap, HashMap};

use ehr_model::{
    Chart, Entry, EntryId, Event, Format, IdentityStatement, Origin, Original, Patient, Record, RecordClass,
    Reference, Residual, Source,
};
use ehr_types::{Coding, DateTime, Finding, SourceLocation, TimeRelation};

use super::distinct::add_all;
use super::erasure::{Erasure, Told};
use super::events::Events;
use super::fold::{Later, fold_entries, is_folded};
use super::link::unlink;
use super::reading::Seg;
use super::withdrawn::{is_withdrawn, withdraw};

/// What all entries of one message have in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Provenance {
    pub(super) artifact: String,
    /// EVN-2, else MSH-7.
    pub(super) recorded: Option<DateTime>,
    /// MSH-10.
    pub(super) control_id: Option<String>,
    /// MSH-9 and 10, EVN.
    pub(super) event: Option<Event>,
    /// MSH-11: that this is of a test.
    pub(super) labels: Vec<Coding>,
    pub(super) keep_originals: bool,
}

/// What became of a record that was added.
pub(super) struct Added {
    pub(super) id: EntryId,
    /// Where the version stands that is no longer the current one.
    pub(super) superseded: Option<SourceLocation>,
}

/// A chart in the making.
pub(super) struct ChartBuilder {
    chart: Chart,
    /// What the patient is known by, in every id.
    patient_key: String,
    /// Position of each entry. Looked up only: no order comes from it.
    positions: HashMap<EntryId, usize>,
    /// What later messages said of the entry at a position, not yet joined with it.
    later: BTreeMap<usize, Vec<Later>>,
    /// The records as they were added of entries that were linked since: the same message again adds them so again.
    unlinked: HashMap<usize, Record>,
    /// Positions of the former versions of an entry.
    former: HashMap<EntryId, Vec<usize>>,
    /// Name, birth date and sex of the patient as they were last stated.
    pub(super) stated: Patient,
    pub(super) told_by_field: Told,
    /// The place in PV1-3 of each encounter as it was last stated.
    pub(super) current_place: HashMap<EntryId, String>,
    /// When the message was sent that each entry is from.
    times: Vec<Option<DateTime>>,
    versions: Vec<Option<String>>,
    /// The time that the first observation of an order, code and sub-id stated.
    first_times: HashMap<String, String>,
    events: Events,
}

impl ChartBuilder {
    pub(super) fn new(source: Source, patient_key: String) -> Self {
        Self {
            chart: Chart::new(source),
            patient_key,
            positions: HashMap::new(),
            later: BTreeMap::new(),
            unlinked: HashMap::new(),
            former: HashMap::new(),
            stated: Patient::default(),
            told_by_field: Told::default(),
            current_place: HashMap::new(),
            times: Vec::new(),
            versions: Vec::new(),
            first_times: HashMap::new(),
            events: Events::default(),
        }
    }

    pub(super) fn note_time(&mut self, place: String, time: String) {
        self.first_times.entry(place).or_insert(time);
    }

    pub(super) fn first_time(&self, place: &str) -> Option<String> {
        self.first_times.get(place).cloned()
    }

    /// Notes who wrote an entry down, and its security labels.
    pub(super) fn sign(&mut self, id: &EntryId, authors: Vec<Reference>, labels: Vec<Coding>) {
        if let Some(entry) = self.latest_mut(id) {
            add_all(&mut entry.origin.authors, authors);
            add_all(&mut entry.labels, labels);
        }
    }

    /// Notes when an entry was written down, where that is not the time of its message.
    pub(super) fn recorded(&mut self, id: &EntryId, time: DateTime) {
        if let Some(entry) = self.latest_mut(id) {
            entry.origin.recorded = Some(time);
        }
    }

    /// Notes by what its source tells an entry apart from others like it; whether it is known by that now.
    pub(super) fn name(&mut self, id: &EntryId, native: &str) -> bool {
        let position = self.positions.get(id).copied();
        let entry = position.and_then(|position| self.chart.entries.get_mut(position));
        entry.is_some_and(|entry| {
            let known = &mut entry.origin.native_id;
            known.get_or_insert_with(|| native.to_owned()) == native
        })
    }

    /// Notes what a message says of whether this patient and another are one person.
    pub(super) fn state(&mut self, statement: IdentityStatement) {
        if !self.chart.identity.contains(&statement) {
            self.chart.identity.push(statement);
        }
    }

    /// The id of the entry of the patient.
    pub(super) fn patient_id(&self) -> EntryId {
        self.id(RecordClass::Patient, &["patient"])
    }

    /// The id of the thing that a key names.
    pub(super) fn id(&self, class: RecordClass, key: &[&str]) -> EntryId {
        let mut parts = vec![self.chart.source.id.as_str(), self.patient_key.as_str()];
        parts.extend(key);
        EntryId::derive(class, &parts)
    }

    pub(super) fn contains(&self, id: &EntryId) -> bool {
        self.positions.contains_key(id)
    }

    pub(super) fn record(&self, id: &EntryId) -> Option<&Record> {
        let position = self.positions.get(id)?;
        self.chart.entries.get(*position).map(|entry| &entry.record)
    }

    /// What the last message that spoke of a thing says of it, to be linked with what else the message tells.
    pub(super) fn record_mut(&mut self, id: &EntryId) -> Option<&mut Record> {
        if is_folded(id.class) {
            return self.latest_mut(id).map(|entry| &mut entry.record);
        }
        let position = *self.positions.get(id)?;
        let entry = self.chart.entries.get_mut(position)?;
        self.unlinked
            .entry(position)
            .or_insert_with(|| entry.record.clone());
        Some(&mut entry.record)
    }

    fn latest_mut(&mut self, id: &EntryId) -> Option<&mut Entry> {
        let position = *self.positions.get(id)?;
        let later = self.later.get_mut(&position).and_then(|later| later.last_mut());
        later
            .map(|later| &mut later.entry)
            .or(self.chart.entries.get_mut(position))
    }

    /// Takes back of what was said before what the last message that spoke of a thing takes back.
    pub(super) fn erase(&mut self, id: &EntryId, erased: Vec<Erasure>) {
        let later = self
            .positions
            .get(id)
            .and_then(|position| self.later.get_mut(position));
        if let Some(later) = later.and_then(|later| later.last_mut()) {
            later.erased.extend(erased);
        }
    }

    /// Joins an entry with what was said of it later.
    fn settle(&mut self, position: usize) {
        if let Some(later) = self.later.remove(&position)
            && let Some(known) = self.chart.entries.get_mut(position)
        {
            fold_entries(known, later);
        }
    }

    /// Adds a record that stands at a place, made from whole segments or, where none are given, from a field.
    pub(super) fn add(
        &mut self,
        provenance: &Provenance,
        key: &[&str],
        record: Record,
        location: SourceLocation,
        segments: &[Seg<'_>],
    ) -> Added {
        let id = self.id(record.class(), key);
        let original = (provenance.keep_originals && !segments.is_empty()).then(|| Original {
            format: Format::Hl7v2,
            content: lines(segments).into(),
        });
        let mut entry = Entry::new(
            id.clone(),
            Origin {
                source: self.chart.source.id.clone(),
                artifact: Some(provenance.artifact.clone()),
                location,
                recorded: provenance.recorded,
                ..Origin::default()
            },
            record,
        );
        entry.original = original;
        entry.labels.clone_from(&provenance.labels);
        let Some(position) = self.positions.get(&id).copied() else {
            self.events.told(&id, provenance);
            self.push(entry, provenance);
            return Added { id, superseded: None };
        };
        let is_known = self
            .latest_mut(&id)
            .is_some_and(|latest| latest.record == entry.record && latest.original == entry.original);
        let added = self.unlinked.get(&position);
        let is_same = |known: &Entry| *added.unwrap_or(&known.record) == entry.record;
        if is_folded(id.class) || self.chart.entries.get(position).is_some_and(is_same) {
            if !is_known {
                let erased = Vec::new();
                self.later
                    .entry(position)
                    .or_default()
                    .push(Later { entry, erased });
            }
            self.events.told(&id, provenance);
            return Added { id, superseded: None };
        }
        self.settle(position);
        let Some(known) = self.chart.entries.get_mut(position) else {
            return Added { id, superseded: None };
        };
        let earlier = match (self.times.get(position).copied().flatten(), provenance.recorded) {
            (Some(known), Some(new)) => new.relation(&known) == TimeRelation::Before,
            _ => false,
        };
        entry.origin.version.clone_from(&provenance.control_id);
        // What tells it from others like it tells its versions too.
        entry.origin.native_id.clone_from(&known.origin.native_id);
        if known.origin.version.is_none() {
            known.origin.version = self.versions.get(position).cloned().flatten();
        }
        let mut former = if earlier {
            entry
        } else {
            std::mem::replace(known, entry)
        };
        if !earlier {
            self.unlinked.remove(&position);
            if let Some(time) = self.times.get_mut(position) {
                *time = provenance.recorded;
            }
        }
        let content = serde_json::to_string(&former.record).unwrap_or_default();
        former.id = EntryId::derive(id.class, &[id.key.as_str(), "former", &content]);
        let superseded = Some(former.origin.location.clone());
        let current = self.chart.entries.get_mut(position);
        if current.is_some_and(|current| is_withdrawn(&mut current.record)) {
            withdraw(&mut former.record);
            for position in self.former.get(&id).into_iter().flatten() {
                if let Some(former) = self.chart.entries.get_mut(*position) {
                    withdraw(&mut former.record);
                }
            }
        }
        if earlier {
            self.events.told(&former.id, provenance);
        } else {
            self.events.rename(&id, &former.id);
            self.events.told(&id, provenance);
        }
        if !self.contains(&former.id) {
            self.former
                .entry(id.clone())
                .or_default()
                .push(self.chart.entries.len());
            self.push(former, provenance);
        }
        Added { id, superseded }
    }

    fn push(&mut self, entry: Entry, provenance: &Provenance) {
        self.positions.insert(entry.id.clone(), self.chart.entries.len());
        self.times.push(entry.origin.recorded);
        self.versions.push(provenance.control_id.clone());
        self.chart.entries.push(entry);
    }

    /// Gives what was not understood of a segment to the entry it belongs to, else to the chart.
    pub(super) fn add_residual(&mut self, owner: Option<&EntryId>, residual: Vec<Residual>) {
        let position = owner.and_then(|owner| self.positions.get(owner).copied());
        match position.and_then(|position| self.chart.entries.get_mut(position)) {
            Some(entry) => entry.residual.extend(residual),
            None => self.chart.residual.extend(residual),
        }
    }

    pub(super) fn has_entries(&self) -> bool {
        !self.chart.entries.is_empty()
    }

    pub(super) fn finish(mut self) -> Chart {
        let positions: Vec<usize> = self.later.keys().copied().collect();
        for position in positions {
            self.settle(position);
        }
        let patient = self.positions.get(&self.patient_id()).copied();
        if let Some(patient) = patient.and_then(|position| self.chart.entries.get_mut(position)) {
            unlink(patient, &self.chart.identity);
        }
        self.chart.events = self.events.finish();
        // The patient whose chart it is comes first.
        self.chart
            .entries
            .sort_by_key(|entry| entry.class() != RecordClass::Patient);
        self.chart
    }
}

/// Segments as they were received, CR-terminated.
fn lines(segments: &[Seg<'_>]) -> String {
    let mut text = String::new();
    for segment in segments {
        text.push_str(&segment.text_of_line());
        text.push('\r');
    }
    text
}

/// Notes that a later message replaced a record.
pub(super) fn superseded(location: SourceLocation) -> Finding {
    Finding::information(
        "v2.superseded",
        location,
        "this takes the place of an earlier version, which is kept as an entry of its own",
    )
}

#[cfg(test)]
mod tests {
    use ehr_model::{Observation, Practitioner, Status};
    use ehr_types::HumanName;

    use super::*;

    fn at(time: &str, control: &str) -> Provenance {
        Provenance {
            recorded: DateTime::parse_hl7(time).ok(),
            control_id: Some(control.to_owned()),
            ..Provenance::default()
        }
    }

    fn result(status: &str) -> Observation {
        Observation {
            status: Some(Status::fhir(status)),
            ..Observation::default()
        }
    }

    #[test]
    fn a_later_version_takes_the_id_in_whatever_order_they_come() {
        let (first, second) = (at("20240101", "1"), at("20240102", "2"));
        for order in [[0, 1], [1, 0]] {
            let mut chart = ChartBuilder::new(Source::new("lab"), "p".into());
            let versions = [(&first, "final"), (&second, "corrected")];
            let ids: Vec<EntryId> = order
                .iter()
                .map(|n| {
                    let (provenance, status) = versions[*n];
                    let record = result(status).into();
                    chart
                        .add(
                            provenance,
                            &["order", "test"],
                            record,
                            SourceLocation::default(),
                            &[],
                        )
                        .id
                })
                .collect();
            assert_eq!(ids[0], ids[1]);
            let chart = chart.finish();
            assert_eq!(chart.entries.len(), 2);
            let current = Observation::from_record(&chart.entry(&ids[0]).unwrap().record).unwrap();
            assert!(current.status.as_ref().unwrap().is("corrected"));
            let mut versions: Vec<_> = chart
                .entries
                .iter()
                .filter_map(|e| e.origin.version.as_deref())
                .collect();
            versions.sort_unstable();
            assert_eq!(versions, ["1", "2"]);
        }
    }

    #[test]
    fn the_same_again_is_the_same_entry() {
        let mut chart = ChartBuilder::new(Source::new("lab"), "p".into());
        chart.add(
            &at("20240101", "1"),
            &["a"],
            result("final").into(),
            SourceLocation::default(),
            &[],
        );
        chart.add(
            &at("20240102", "2"),
            &["a"],
            result("final").into(),
            SourceLocation::default(),
            &[],
        );
        assert_eq!(chart.finish().entries.len(), 1);
    }

    #[test]
    fn people_are_folded_and_what_is_replaced_stays() {
        let person = |family: &str, birth: &str| Practitioner {
            name: vec![HumanName {
                family: Some(family.into()),
                ..HumanName::default()
            }],
            birth_date: ehr_types::Date::parse(birth).ok(),
            ..Practitioner::default()
        };
        let mut chart = ChartBuilder::new(Source::new("lab"), "p".into());
        chart.add(
            &at("2024", "1"),
            &["7"],
            person("Ash", "1970").into(),
            SourceLocation::default(),
            &[],
        );
        chart.add(
            &at("2024", "2"),
            &["7"],
            person("Elm", "1971").into(),
            SourceLocation::default(),
            &[],
        );
        let chart = chart.finish();
        let folded = Practitioner::from_record(&chart.entries[0].record).unwrap();
        assert_eq!(folded.name.len(), 2);
        assert_eq!(folded.birth_date.unwrap().year(), 1971);
        assert_eq!(chart.entries[0].residual[0].content, "1970");
    }
}
