//! Charts of one person into one record.

use std::cmp::{Ordering, Reverse};

use ehr_model::{Chart, Entry, EntryId, HealthRecord, Member, MergedItem, Record, RecordClass, Reference};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::concept::Concepts;
use crate::context::Context;
use crate::desk::Desk;
use crate::moment::Moment;
use crate::policy::Policy;
use crate::reconcile::{
    ClassRule, Known, LAST_ROUND, Look, Looker, Replaced, Surroundings, contradicted_absences,
    contradicted_for_life, contradicted_therapies, reconcile, replaced_documents, round, rule_of,
};
use crate::version::{LAST_WORD, Senders, Voice, last_word, voices};

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
    merge_all(person, charts.iter().collect(), policy)
}

/// [`merge`], of charts that lie apart.
pub(crate) fn merge_all(person: &str, charts: Vec<&Chart>, policy: &Policy) -> HealthRecord {
    let charts = in_order(charts);
    let items = Merger::new(&charts, policy).run();
    HealthRecord {
        person: person.to_owned(),
        charts,
        items,
    }
}

/// The charts in an order that depends on what they hold alone, each once.
fn in_order(mut charts: Vec<&Chart>) -> Vec<Chart> {
    let key = |chart: &Chart| {
        let first = chart.patient_entry().or_else(|| chart.entries.first());
        (
            chart.source.clone(),
            first.map(|entry| entry.id.clone()),
            chart.entries.len(),
        )
    };
    charts.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| chart_content(a, b)));
    charts.dedup_by(|a, b| a == b);
    charts.into_iter().cloned().collect()
}

/// An order of charts by content, for the rare ones that have the same identity.
fn chart_content(a: &Chart, b: &Chart) -> Ordering {
    let entries = a.entries.iter().zip(&b.entries);
    entries
        .map(|(a, b)| entry_content(a, b))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| (a.entries.len(), &a.residual).cmp(&(b.entries.len(), &b.residual)))
}

/// An order of entries by content, likewise.
fn entry_content(a: &Entry, b: &Entry) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    a.to_json().cmp(&b.to_json())
}

/// An item before its view is made.
struct Group<'a> {
    id: EntryId,
    entries: Vec<&'a Entry>,
}

struct Merger<'a> {
    replaced: Replaced<'a>,
    entries: Vec<&'a Entry>,
    looks: Vec<Look>,
    cx: Context<'a>,
    groups: Vec<Group<'a>>,
}

impl<'a> Merger<'a> {
    fn new(charts: &'a [Chart], policy: &'a Policy) -> Self {
        let mut entries: Vec<&Entry> = charts.iter().flat_map(|chart| &chart.entries).collect();
        // One order whatever the order of the charts and of the entries in them.
        entries.sort_by(|a, b| {
            (&a.id, &a.origin.source)
                .cmp(&(&b.id, &b.origin.source))
                .then_with(|| entry_content(a, b))
        });
        let surroundings = Surroundings::new(&entries);
        let mut concepts = Concepts::default();
        let looks: Vec<Look> = entries
            .iter()
            .map(|entry| {
                let mut looker = Looker::new(&mut concepts, &surroundings, entry);
                rule_of(entry.class()).look(&entry.record, &mut looker);
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
            replaced: Replaced::new(charts),
            entries,
            looks,
            cx: Context {
                policy,
                concepts,
                senders: Senders::new(charts),
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
                let mut groups = self.grouped(rule_of(*class), &indexes);
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
        let viewed = self.groups.iter().filter_map(|group| self.viewed(group));
        let mut items: Vec<MergedItem> = viewed.collect();
        items.sort_by(|a, b| a.id.cmp(&b.id));
        contradicted_absences(&mut items, &self.cx);
        contradicted_for_life(&mut items, &self.cx);
        contradicted_therapies(&mut items, &self.cx);
        replaced_documents(&mut items, &self.replaced);
        items
    }

    /// The items of the entries of one class, at `indexes`.
    fn grouped(&self, rule: &dyn ClassRule, indexes: &[usize]) -> Vec<Group<'a>> {
        let entry = |index: &usize| self.entries.get(*index).copied();
        // An entry whose record is of another class than its id says is never lost: it stands alone.
        let (own, strays): (Vec<usize>, Vec<usize>) = indexes
            .iter()
            .partition(|index| entry(index).is_some_and(|entry| rule.holds(&entry.record)));
        let known: Vec<Known<'_>> = own
            .iter()
            .filter_map(|index| {
                let (entry, look) = (entry(index)?, self.looks.get(*index)?);
                Some(Known { entry, look })
            })
            .collect();
        reconcile(rule, &known, &self.cx)
            .into_iter()
            .map(|members| {
                let members = members.iter().filter_map(|at| own.get(*at));
                members.filter_map(entry).collect()
            })
            .chain(strays.iter().map(|stray| entry(stray).into_iter().collect()))
            .filter_map(|entries: Vec<&'a Entry>| {
                let id = item_id(&entries)?;
                Some(Group { id, entries })
            })
            .collect()
    }

    fn viewed(&self, group: &Group<'a>) -> Option<MergedItem> {
        let first = group.entries.first()?;
        let rule = rule_of(group.id.class);
        let own: Vec<&Entry> = group
            .entries
            .iter()
            .filter(|entry| rule.holds(&entry.record))
            .copied()
            .collect();
        let mut ranked: Vec<(Voice, &Entry)> = voices(rule, &own, &self.cx.senders)
            .into_iter()
            .zip(own.iter().copied())
            .collect();
        if ranked.len() > 1 {
            let last = last_word(rule, &own, &self.cx.senders);
            ranked.sort_by_cached_key(|(voice, entry)| {
                let is_last_word = last.is_some_and(|last| std::ptr::eq(last, *entry));
                (*voice, self.rank(rule, entry, is_last_word))
            });
        }
        let members: Vec<Member> = ranked.iter().map(|(_, entry)| member(entry)).collect();
        let records: Vec<&Record> = ranked.iter().map(|(_, entry)| &entry.record).collect();
        let up_to = |worst: Voice| ranked.partition_point(|(voice, _)| *voice <= worst);
        let mut desk = Desk {
            cx: &self.cx,
            members: &members,
            // Where all were entered in error, the item says so itself.
            heard: [Voice::Heard, Voice::Withdrawn, Voice::Replaced]
                .into_iter()
                .map(up_to)
                .find(|count| *count > 0)
                .unwrap_or(0),
            heard_on_status: up_to(Voice::TakenBack),
            conflicts: Vec::new(),
        };
        let view = rule.view(&records, &mut desk, &mut |reference| self.point(reference));
        let conflicts = desk.conflicts;
        let mut members: Vec<Member> = group.entries.iter().map(|entry| member(entry)).collect();
        members.sort_by(|a, b| (&a.source, &a.entry).cmp(&(&b.source, &b.entry)));
        members.dedup();
        Some(MergedItem {
            id: group.id.clone(),
            members,
            record: view.unwrap_or_else(|| first.record.clone()),
            conflicts,
        })
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

    /// The order of members for the canonical view; see [`Policy`]. What a document says that another replaces comes after what that
    /// one says.
    fn rank(&self, rule: &dyn ClassRule, entry: &Entry, is_last_word: bool) -> impl Ord + use<> {
        let preferred = &self.cx.policy.prefer;
        let preference = preferred
            .iter()
            .position(|source| *source == entry.origin.source)
            .unwrap_or(preferred.len());
        let recorded = entry.origin.recorded.or_else(|| rule.recorded(&entry.record));
        let recorded = recorded
            .and_then(|time| Moment::new(&time))
            .map(|moment| moment.order());
        let standing = if is_last_word {
            LAST_WORD
        } else {
            rule.standing(&entry.record)
        };
        (
            (-standing).max(0),
            preference,
            self.replaced.is_source(&entry.origin.source),
            Reverse(standing),
            Reverse(recorded),
            Reverse(rule.said(&entry.record)),
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

pub(crate) fn member(entry: &Entry) -> Member {
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
