//! Charts of one person into one record.

use std::cmp::Reverse;

use ehr_model::{Chart, Entry, EntryId, HealthRecord, Member, MergedItem, Record, RecordClass, Reference};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::concept::Concepts;
use crate::context::Context;
use crate::moment::Moment;
use crate::policy::Policy;
use crate::project::Desk;
use crate::reconcile::{Facts, LAST_ROUND, Look, Looker, Rule, contradicted_absences, reconcile, round};

/// Merges the charts of one person into one record.
///
/// A pure function: the same charts in any order give the same record, a chart that is given twice counts once, and every
/// entry of every chart is a member of exactly one item. To take a chart out again, merge the others.
///
/// ```
/// use ehr_merge::{Policy, merge};
/// use ehr_model::{AllergyIntolerance, Chart, Entry, EntryId, Origin, RecordClass, Source};
/// use ehr_types::{CodeableConcept, Coding};
///
/// let chart = |source: &str, code: &str| {
///     let allergy = AllergyIntolerance {
///         code: Some(CodeableConcept::from_coding(Coding::new("http://www.nlm.nih.gov/research/umls/rxnorm", code))),
///         ..AllergyIntolerance::default()
///     };
///     let mut chart = Chart::new(Source::new(source));
///     let id = EntryId::derive(RecordClass::AllergyIntolerance, &[source, code]);
///     let origin = Origin { source: source.into(), ..Origin::default() };
///     chart.entries.push(Entry::new(id, origin, allergy.into()));
///     chart
/// };
/// let record = merge("p-1", &[chart("clinic", "7980"), chart("hospital", "7980"), chart("lab", "2670")], &Policy::default());
/// assert_eq!(record.items.len(), 2);
/// assert_eq!(record.items.iter().map(|item| item.members.len()).sum::<usize>(), 3);
/// ```
pub fn merge(person: &str, charts: &[Chart], policy: &Policy) -> HealthRecord {
    let charts = in_order(charts);
    let mut items = {
        let merger = Merger::new(&charts, policy);
        merger.run()
    };
    items.sort_by(|a, b| a.id.cmp(&b.id));
    contradicted_absences(&mut items);
    HealthRecord {
        person: person.to_owned(),
        charts,
        items,
    }
}

/// The charts in an order that depends on what they hold alone, each once.
fn in_order(charts: &[Chart]) -> Vec<Chart> {
    let key = |chart: &Chart| {
        let first = chart.patient_entry().or_else(|| chart.entries.first());
        (
            chart.source.clone(),
            first.map(|entry| entry.id.clone()),
            chart.entries.len(),
        )
    };
    let mut sorted: Vec<&Chart> = charts.iter().collect();
    sorted.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| by_content(*a, *b)));
    sorted.dedup_by(|a, b| a == b);
    sorted.into_iter().cloned().collect()
}

/// An order by content, for the rare values that have the same identity.
fn by_content<T: serde::Serialize + PartialEq>(a: &T, b: &T) -> std::cmp::Ordering {
    if a == b {
        return std::cmp::Ordering::Equal;
    }
    let text = |value: &T| serde_json::to_string(value).unwrap_or_default();
    text(a).cmp(&text(b))
}

/// An item before its view is made.
struct Group<'a> {
    id: EntryId,
    entries: Vec<&'a Entry>,
}

struct Merger<'a> {
    entries: Vec<&'a Entry>,
    looks: Vec<Look>,
    cx: Context<'a>,
    groups: Vec<Group<'a>>,
}

/// Runs a generic function for the record type of a class. The match has no wildcard: a new class is a compile error.
macro_rules! by_class {
    ($class:expr, $call:ident ! ( $($argument:expr),* )) => {
        match $class {
            RecordClass::Patient => $call!(ehr_model::Patient, $($argument),*),
            RecordClass::RelatedPerson => $call!(ehr_model::RelatedPerson, $($argument),*),
            RecordClass::Practitioner => $call!(ehr_model::Practitioner, $($argument),*),
            RecordClass::PractitionerRole => $call!(ehr_model::PractitionerRole, $($argument),*),
            RecordClass::Organization => $call!(ehr_model::Organization, $($argument),*),
            RecordClass::Location => $call!(ehr_model::Location, $($argument),*),
            RecordClass::Encounter => $call!(ehr_model::Encounter, $($argument),*),
            RecordClass::Condition => $call!(ehr_model::Condition, $($argument),*),
            RecordClass::AllergyIntolerance => $call!(ehr_model::AllergyIntolerance, $($argument),*),
            RecordClass::Medication => $call!(ehr_model::Medication, $($argument),*),
            RecordClass::MedicationRequest => $call!(ehr_model::MedicationRequest, $($argument),*),
            RecordClass::MedicationStatement => $call!(ehr_model::MedicationStatement, $($argument),*),
            RecordClass::MedicationDispense => $call!(ehr_model::MedicationDispense, $($argument),*),
            RecordClass::MedicationAdministration => $call!(ehr_model::MedicationAdministration, $($argument),*),
            RecordClass::Immunization => $call!(ehr_model::Immunization, $($argument),*),
            RecordClass::Observation => $call!(ehr_model::Observation, $($argument),*),
            RecordClass::DiagnosticReport => $call!(ehr_model::DiagnosticReport, $($argument),*),
            RecordClass::Specimen => $call!(ehr_model::Specimen, $($argument),*),
            RecordClass::Procedure => $call!(ehr_model::Procedure, $($argument),*),
            RecordClass::CarePlan => $call!(ehr_model::CarePlan, $($argument),*),
            RecordClass::CareTeam => $call!(ehr_model::CareTeam, $($argument),*),
            RecordClass::Goal => $call!(ehr_model::Goal, $($argument),*),
            RecordClass::ServiceRequest => $call!(ehr_model::ServiceRequest, $($argument),*),
            RecordClass::Appointment => $call!(ehr_model::Appointment, $($argument),*),
            RecordClass::DocumentReference => $call!(ehr_model::Document, $($argument),*),
            RecordClass::FamilyMemberHistory => $call!(ehr_model::FamilyMemberHistory, $($argument),*),
            RecordClass::Device => $call!(ehr_model::Device, $($argument),*),
            RecordClass::Coverage => $call!(ehr_model::Coverage, $($argument),*),
            RecordClass::ChargeItem => $call!(ehr_model::ChargeItem, $($argument),*),
            RecordClass::Other => $call!(ehr_model::OtherRecord, $($argument),*),
        }
    };
}

macro_rules! look_at {
    ($type:ty, $entry:expr, $looker:expr) => {
        if let Some(record) = <$type>::from_record(&$entry.record) {
            record.look($looker);
        }
    };
}

macro_rules! group_entries {
    ($type:ty, $merger:expr, $indexes:expr) => {
        $merger.grouped::<$type>($indexes, <$type>::from_record)
    };
}

macro_rules! view_group {
    ($type:ty, $merger:expr, $group:expr) => {
        $merger.viewed::<$type>($group, <$type>::from_record)
    };
}

impl<'a> Merger<'a> {
    fn new(charts: &'a [Chart], policy: &'a Policy) -> Self {
        let mut entries: Vec<&Entry> = charts.iter().flat_map(|chart| &chart.entries).collect();
        // One order whatever the order of the charts and of the entries in them.
        entries.sort_by(|a, b| {
            (&a.id, &a.origin.source)
                .cmp(&(&b.id, &b.origin.source))
                .then_with(|| by_content(*a, *b))
        });
        let by_id: FxHashMap<&EntryId, &Entry> = entries.iter().map(|entry| (&entry.id, *entry)).collect();
        let mut concepts = Concepts::default();
        let looks = entries
            .iter()
            .map(|entry| {
                let mut looker = Looker::new(&mut concepts, &by_id, entry);
                by_class!(entry.class(), look_at!(entry, &mut looker));
                looker.finish()
            })
            .collect();
        concepts.join(&policy.equivalences);
        let subjects: FxHashSet<EntryId> = charts
            .iter()
            .filter_map(Chart::patient_entry)
            .map(|entry| entry.id.clone())
            .collect();
        Self {
            entries,
            looks,
            cx: Context {
                policy,
                concepts,
                subjects,
                items: FxHashMap::default(),
                names: FxHashMap::default(),
            },
            groups: Vec::new(),
        }
    }

    fn run(mut self) -> Vec<MergedItem> {
        for now in 0..=LAST_ROUND {
            for class in RecordClass::ALL.iter().filter(|class| round(**class) == now) {
                let indexes: Vec<usize> = (0..self.entries.len())
                    .filter(|index| {
                        self.entries
                            .get(*index)
                            .is_some_and(|entry| entry.class() == *class)
                    })
                    .collect();
                let mut groups: Vec<Group<'a>> = by_class!(class, group_entries!(self, &indexes));
                tell_apart(&mut groups);
                for group in &groups {
                    let name = group.entries.iter().find_map(|entry| name_of(&entry.record));
                    self.cx.names.extend(name.map(|name| (group.id.clone(), name)));
                    for entry in &group.entries {
                        self.cx.items.insert(entry.id.clone(), group.id.clone());
                    }
                }
                self.groups.extend(groups);
            }
        }
        self.groups
            .iter()
            .map(|group| by_class!(group.id.class, view_group!(self, group)))
            .collect()
    }

    fn grouped<T: Rule>(&self, indexes: &[usize], of: fn(&Record) -> Option<&T>) -> Vec<Group<'a>> {
        let own = || {
            indexes
                .iter()
                .filter_map(|index| Some((*self.entries.get(*index)?, self.looks.get(*index)?)))
        };
        // An entry whose record is of another class than its id says is never lost: it stands alone.
        let (known, strays): (Vec<_>, Vec<_>) = own().partition(|(entry, _)| of(&entry.record).is_some());
        let facts: Vec<Facts<'_, T>> = known
            .iter()
            .filter_map(|(entry, look)| {
                Some(Facts {
                    record: of(&entry.record)?,
                    entry,
                    look,
                })
            })
            .collect();
        reconcile(&facts, &self.cx)
            .into_iter()
            .map(|members| {
                let members = members.iter().filter_map(|index| known.get(*index));
                members.map(|(entry, _)| *entry).collect::<Vec<&Entry>>()
            })
            .chain(strays.iter().map(|(entry, _)| vec![*entry]))
            .filter_map(|entries| {
                let id = item_id(&entries)?;
                Some(Group { id, entries })
            })
            .collect()
    }

    fn viewed<T: Rule>(&self, group: &Group<'a>, of: fn(&Record) -> Option<&T>) -> MergedItem
    where
        Record: From<T>,
    {
        let mut ranked: Vec<(&Entry, &T)> = group
            .entries
            .iter()
            .filter_map(|entry| Some((*entry, of(&entry.record)?)))
            .collect();
        if ranked.len() > 1 {
            ranked.sort_by_cached_key(|(entry, record)| self.rank(entry, *record));
        }
        let members: Vec<Member> = ranked.iter().map(|(entry, _)| member(entry)).collect();
        let mut records: Vec<T> = ranked.iter().map(|(_, record)| (*record).clone()).collect();
        for record in &mut records {
            record.refers(&mut |reference| self.point(reference));
        }
        let mut desk = Desk {
            cx: &self.cx,
            members: &members,
            conflicts: Vec::new(),
        };
        let voices: Vec<&T> = records.iter().collect();
        let record = match (records.len(), group.entries.first()) {
            (0, Some(entry)) => entry.record.clone(),
            (1, _) => records
                .first()
                .cloned()
                .map_or_else(|| T::project(&voices, &mut desk).into(), Record::from),
            _ => T::project(&voices, &mut desk).into(),
        };
        let conflicts = desk.conflicts;
        let mut members: Vec<Member> = group.entries.iter().map(|entry| member(entry)).collect();
        members.sort_by(|a, b| (&a.source, &a.entry).cmp(&(&b.source, &b.entry)));
        members.dedup();
        MergedItem {
            id: group.id.clone(),
            members,
            record,
            conflicts,
        }
    }

    /// Lets a reference lead to the item of the entry that it leads to. The source's own literal only means something in
    /// the source.
    fn point(&self, reference: &mut Reference) {
        if let Some(item) = reference
            .target
            .as_ref()
            .and_then(|target| self.cx.items.get(target))
        {
            reference.target = Some(item.clone());
            reference.class = Some(item.class);
            reference.literal = None;
            if reference.display.is_none() {
                reference.display = self.cx.names.get(item).cloned();
            }
        }
    }

    /// The order of members for the canonical view; see [`Policy`].
    fn rank<T: Rule>(&self, entry: &Entry, record: &T) -> impl Ord + use<T> {
        let preferred = &self.cx.policy.prefer;
        let preference = preferred
            .iter()
            .position(|source| *source == entry.origin.source)
            .unwrap_or(preferred.len());
        let recorded = entry.origin.recorded.or_else(|| record.recorded());
        let recorded = recorded
            .and_then(|time| Moment::new(&time))
            .map(|moment| moment.order());
        let said = match serde_json::to_value(record) {
            Ok(serde_json::Value::Object(members)) => members.len(),
            _ => 0,
        };
        let standing = record.standing();
        (
            standing < 0,
            preference,
            Reverse(standing),
            Reverse(recorded),
            Reverse(said),
            entry.origin.source.clone(),
            entry.id.clone(),
        )
    }
}

/// Words for what references lead to.
fn name_of(record: &Record) -> Option<String> {
    match record {
        Record::Organization(organization) => organization.name.clone(),
        Record::Location(location) => location.name.clone(),
        Record::Practitioner(practitioner) => {
            practitioner.name.first().and_then(ehr_types::HumanName::display)
        }
        Record::Medication(medication) => medication
            .code
            .as_ref()
            .and_then(|code| code.label())
            .map(str::to_owned),
        _ => None,
    }
}

fn member(entry: &Entry) -> Member {
    Member {
        source: entry.origin.source.clone(),
        entry: Some(entry.id.clone()),
        key: entry.source_key().to_owned(),
    }
}

/// Gives items an id of their own where entries that share one are in several items. The groups are in a fixed order.
fn tell_apart(groups: &mut [Group<'_>]) {
    let mut used: FxHashMap<EntryId, usize> = FxHashMap::default();
    for group in groups {
        let count = used.entry(group.id.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            group.id = EntryId::derive(group.id.class, &["item", &group.id.key, &count.to_string()]);
        }
    }
}

/// The id of an item follows from its first member, so that it stays when further sources join.
fn item_id(entries: &[&Entry]) -> Option<EntryId> {
    let first = entries
        .iter()
        .min_by_key(|entry| (&entry.id, &entry.origin.source))?;
    Some(EntryId::derive(
        first.id.class,
        &["item", &first.origin.source, &first.id.key],
    ))
}
