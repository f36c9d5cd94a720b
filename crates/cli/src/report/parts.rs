//! What is looked up in a person's record while it is written.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use ehr::model::{
    AllergyKnowledge, Conflict, Entry, EntryId, HealthRecord, MergedItem, Record, RecordClass, Reference,
    Source,
};

use super::document::{InWords, in_words};
use super::units::plain;
use super::words::{field, is_clinical, is_over, status, time, what, when};

/// Security label of what is no patient's but a test's.
const TEST: &str = "HTEST";

/// What is looked up for each part of the record.
pub(super) struct Parts<'m> {
    /// Sections of documents in words alone.
    pub(super) in_words: Vec<InWords<'m>>,
    /// By source, the source of the document that replaces its document, where that leaves something out.
    pub(super) replaced: BTreeMap<&'m str, &'m str>,
    places: Places<'m>,
    items: BTreeMap<&'m EntryId, &'m MergedItem>,
    /// The codes of all concepts: what says so little to a reader that it is left out where words do.
    codes: BTreeSet<&'m str>,
    /// By entry, what is in dispute about it, in words.
    disputes: BTreeMap<&'m EntryId, BTreeSet<String>>,
}

type Places<'m> = BTreeMap<&'m EntryId, Place<'m>>;

/// Where an entry stands.
struct Place<'m> {
    /// Id of its source.
    source: &'m str,
    /// The organization and the system that the source is of, where both are known: they send many files.
    sender: Option<(&'m str, &'m str)>,
    /// Its place among what the source says.
    at: usize,
    entry: &'m Entry,
}

fn places(record: &HealthRecord) -> Places<'_> {
    let mut places = BTreeMap::new();
    for chart in &record.charts {
        let Source {
            id: source,
            organization,
            system,
            ..
        } = &chart.source;
        let sender = organization.as_deref().zip(system.as_deref());
        let sender = sender
            .filter(|(organization, system)| !organization.trim().is_empty() && !system.trim().is_empty());
        for (at, entry) in chart.entries.iter().enumerate() {
            places.entry(&entry.id).or_insert(Place {
                source,
                sender,
                at,
                entry,
            });
        }
    }
    places
}

fn codes(record: &HealthRecord) -> BTreeSet<&str> {
    let entries = record.charts.iter().flat_map(|chart| &chart.entries);
    let codings = entries
        .filter_map(|entry| entry.record.concept())
        .flat_map(|concept| &concept.codings);
    codings.filter_map(|coding| coding.code.as_deref()).collect()
}

/// A conflict stands at one item, but may be with entries of others: a penicillin allergy with "no known allergy".
fn disputes<'m>(record: &'m HealthRecord, places: &Places<'m>) -> BTreeMap<&'m EntryId, BTreeSet<String>> {
    let mut disputes: BTreeMap<&EntryId, BTreeSet<String>> = BTreeMap::new();
    for item in &record.items {
        for conflict in item
            .conflicts
            .iter()
            .filter(|conflict| !is_revision(item, conflict, places))
        {
            let members = conflict
                .values
                .iter()
                .flat_map(|side| &side.members)
                .chain(&item.members);
            for entry in members.filter_map(|member| member.entry.as_ref()) {
                disputes.entry(entry).or_default().insert(field(item, conflict));
            }
        }
    }
    disputes
}

impl<'m> Parts<'m> {
    pub(super) fn of(record: &'m HealthRecord) -> Self {
        let places = places(record);
        Self {
            in_words: in_words(record),
            replaced: replaced(record, &places),
            items: record.items.iter().map(|item| (&item.id, item)).collect(),
            codes: codes(record),
            disputes: disputes(record, &places),
            places,
        }
    }

    /// On what the sources disagree about an item, in words.
    pub(super) fn disputed(&self, item: &MergedItem) -> BTreeSet<&str> {
        let entries = item.members.iter().filter_map(|member| member.entry.as_ref());
        let fields = entries.filter_map(|entry| self.disputes.get(entry)).flatten();
        fields.map(String::as_str).collect()
    }

    /// What the sides of a conflict say, without codes behind words and in plain units, unless two sides would look the same.
    pub(super) fn values(&self, conflict: &Conflict) -> Vec<String> {
        let without_code = |value: &str| {
            let inner = value.strip_suffix(')').and_then(|value| value.rsplit_once(" ("));
            let words = inner
                .filter(|(_, code)| self.codes.contains(code))
                .map(|(words, _)| words);
            plain(words.unwrap_or(value))
        };
        let sides = conflict.values.iter().map(|side| side.value.as_str());
        let shown: Vec<String> = sides.clone().map(without_code).collect();
        let told_apart: BTreeSet<&String> = shown.iter().collect();
        if told_apart.len() == shown.len() {
            return shown;
        }
        sides.map(str::to_owned).collect()
    }

    fn places_of<'p>(&'p self, item: &'p MergedItem) -> impl Iterator<Item = &'p Place<'p>> {
        let entries = item.members.iter().filter_map(|member| member.entry.as_ref());
        entries.filter_map(|entry| self.places.get(entry))
    }

    /// What a reader must not overlook first: what there is before what there is not, what goes on or is in dispute before what
    /// is over. Then the latest; what is of one time, or of none, in the order of the source.
    pub(super) fn sort(&self, items: &mut [&MergedItem]) {
        items.sort_by_cached_key(|item| {
            let place = self.places_of(item).map(|place| (place.source, place.at)).min();
            let when = when(&item.record).map(|when| time(&when));
            let is_past = is_over(&item.record) && item.conflicts.is_empty();
            (is_absence(&item.record), is_past, Reverse(when), place, &item.id)
        });
    }

    /// What the item is about. A name in capitals is shown as another of its sources writes it.
    pub(super) fn what(&self, item: &MergedItem) -> String {
        let is_shouted = |name: &str| !name.contains(char::is_lowercase);
        let shown = what(&item.record);
        if !is_shouted(&shown) {
            return shown;
        }
        let spellings = self.places_of(item).map(|place| what(&place.entry.record));
        let is_it = |name: &String| !is_shouted(name) && name.to_uppercase() == shown;
        spellings.into_iter().find(is_it).unwrap_or(shown)
    }

    /// What members call it by a name that has no word in common with the one that is shown, unless that is in dispute.
    pub(super) fn also_called<'p>(&'p self, item: &'p MergedItem, shown: &str) -> BTreeSet<&'p str> {
        const NAMES: [&str; 3] = ["code", "medication[x]", "vaccineCode"];
        let is_disputed = item
            .conflicts
            .iter()
            .any(|conflict| NAMES.contains(&&*conflict.field));
        if is_disputed || !is_clinical(item.class()) {
            return BTreeSet::new();
        }
        let words = |name: &str| -> BTreeSet<String> {
            let words = name.split(|char: char| !char.is_alphanumeric());
            words
                .filter(|word| !word.is_empty())
                .map(str::to_lowercase)
                .collect()
        };
        let known = words(shown);
        let names = self
            .places_of(item)
            .filter_map(|place| place.entry.record.concept()?.label());
        // A code for want of words, and "it is so" of what the value says.
        let is_code = |name: &&str| self.codes.contains(name) || name.eq_ignore_ascii_case("assertion");
        names
            .filter(|name| !is_code(name) && !words(name).is_empty() && words(name).is_disjoint(&known))
            .collect()
    }

    /// Whether all members, some or none are of a test or of training, as their labels say (HL7 v3 ActReason HTEST).
    pub(super) fn test_data(&self, item: &MergedItem) -> Option<&'static str> {
        let is_test = |place: &Place<'_>| {
            let mut labels = place.entry.labels.iter();
            labels.any(|label| label.code.as_deref() == Some(TEST))
        };
        if !self.places_of(item).any(is_test) {
            None
        } else if self.places_of(item).all(is_test) {
            Some("**test data**")
        } else {
            Some("**in part test data**")
        }
    }

    /// What the item is about that an item refers to.
    pub(super) fn target(&self, reference: &Reference) -> Option<String> {
        let item = self.items.get(reference.target.as_ref()?)?;
        Some(self.what(item))
    }

    /// Whether only documents say it that others replace.
    pub(super) fn is_replaced(&self, item: &MergedItem) -> bool {
        let mut conflicts = item.conflicts.iter();
        conflicts.any(|conflict| left_out(item, conflict, &self.places).is_some())
    }

    /// Whether the sides are versions of a result that one sender gives.
    pub(super) fn is_revision(&self, item: &MergedItem, conflict: &Conflict) -> bool {
        is_revision(item, conflict, &self.places)
    }
}

/// By source, the source of the document that replaces its document, as the merge found: what the newer one leaves out is in
/// dispute with it.
fn replaced<'m>(record: &'m HealthRecord, places: &Places<'m>) -> BTreeMap<&'m str, &'m str> {
    let mut replaced = BTreeMap::new();
    for item in &record.items {
        for newer in item
            .conflicts
            .iter()
            .filter_map(|conflict| left_out(item, conflict, places))
        {
            replaced.extend(item.members.iter().map(|member| (&*member.source, newer)));
        }
    }
    replaced
}

/// The source of the document that leaves an item out, where that is what the conflict is about.
fn left_out<'m>(item: &MergedItem, conflict: &Conflict, places: &Places<'m>) -> Option<&'m str> {
    if item.class() == RecordClass::DocumentReference {
        return None;
    }
    conflict.values.iter().find_map(|side| {
        let place = places.get(side.members.first()?.entry.as_ref()?)?;
        (place.entry.record.class() == RecordClass::DocumentReference).then_some(place.source)
    })
}

/// Whether the record says that there is nothing of its kind, or that nobody knows.
fn is_absence(record: &Record) -> bool {
    matches!(record, Record::AllergyIntolerance(allergy) if allergy.knowledge != AllergyKnowledge::Present)
}

/// Whether the sides are versions of a result that one sender gives: it says that one corrects, completes or takes back another,
/// or all bear one number. Two final results of one sender that cannot both be true are no correction: two patients' samples may
/// have been exchanged.
fn is_revision(item: &MergedItem, conflict: &Conflict, places: &Places<'_>) -> bool {
    const PASSING: [&str; 8] = [
        "registered",
        "partial",
        "preliminary",
        "corrected",
        "amended",
        "appended",
        "cancelled",
        "entered-in-error",
    ];
    let revisable = matches!(
        item.class(),
        RecordClass::Observation | RecordClass::DiagnosticReport
    );
    let members = conflict.values.iter().flat_map(|side| &side.members);
    let told: Vec<&Place<'_>> = members
        .filter_map(|member| places.get(member.entry.as_ref()?))
        .collect();
    let Some((first, others)) = told.split_first().filter(|_| revisable) else {
        return false;
    };
    let one_sender = |other: &&Place<'_>| {
        other.source == first.source || (other.sender.is_some() && other.sender == first.sender)
    };
    let one_number = |other: &&Place<'_>| {
        let numbers = other.entry.record.identifiers();
        let own = first.entry.record.identifiers();
        own.iter()
            .any(|number| numbers.iter().any(|other| other.is_same_as(number)))
    };
    let is_passing =
        |place: &&Place<'_>| status(&place.entry.record).is_some_and(|status| PASSING.contains(&status));
    others.iter().all(one_sender) && (told.iter().any(is_passing) || others.iter().all(one_number))
}
