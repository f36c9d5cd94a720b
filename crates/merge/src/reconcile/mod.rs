//! Which entries state one fact, class by class.
//!
//! Each class has a file with its [`Rule`] (what makes two entries one fact) and its table of fields (how the canonical
//! view is made). [`reconcile`] runs the rule of a class over all its entries.

use ehr_model::{Entry, EntryId, RecordClass, Reference};
use ehr_types::{CodeableConcept, Date, DateTime};
use rustc_hash::FxHashMap;

use crate::cluster::{Verdict, cluster};
use crate::concept::{ConceptBlock, ConceptKey, Concepts};
use crate::context::Context;
use crate::equivalence::Relation;
use crate::moment::{Closeness, DAY, Moment};
use crate::project::Fields;
use crate::wording::{letters, normalize};

mod absence;
mod allergy_intolerance;
mod appointment;
mod care_plan;
mod care_team;
mod charge_item;
mod condition;
mod coverage;
mod device;
mod diagnostic_report;
mod document_reference;
mod encounter;
mod event;
mod family_member_history;
mod goal;
mod immunization;
mod location;
mod medication;
mod medication_administration;
mod medication_dispense;
mod medication_request;
mod medication_statement;
mod observation;
mod organization;
mod other;
mod patient;
mod practitioner;
mod practitioner_role;
mod procedure;
mod related_person;
mod service_request;
mod specimen;

pub(crate) use absence::contradicted_absences;

/// What a rule looks at in an entry, worked out once.
#[derive(Default)]
pub(crate) struct Look {
    /// What the record is about.
    pub(crate) concept: Option<ConceptKey>,
    /// Further concepts that tell it from others.
    pub(crate) also: Vec<ConceptKey>,
    pub(crate) start: Option<Moment>,
    pub(crate) end: Option<Moment>,
    /// Names and other words by which it can be found.
    pub(crate) names: Vec<String>,
    identifiers: Vec<String>,
}

/// Fills a [`Look`].
pub(crate) struct Looker<'a> {
    concepts: &'a mut Concepts,
    entries: &'a FxHashMap<&'a EntryId, &'a Entry>,
    source: &'a str,
    look: Look,
}

impl<'a> Looker<'a> {
    pub(crate) fn new(
        concepts: &'a mut Concepts,
        entries: &'a FxHashMap<&'a EntryId, &'a Entry>,
        entry: &'a Entry,
    ) -> Self {
        let mut look = Look::default();
        for identifier in entry.identifiers() {
            let namespace = identifier.canonical_system().or(identifier.assigner.as_deref());
            if let (Some(namespace), Some(value)) = (namespace, &identifier.value) {
                look.identifiers.push(format!("{namespace}\u{1}{value}"));
            }
        }
        Self {
            concepts,
            entries,
            source: &entry.origin.source,
            look,
        }
    }

    pub(crate) fn finish(self) -> Look {
        self.look
    }

    fn intern(&mut self, concept: &CodeableConcept) -> Option<ConceptKey> {
        self.concepts.intern(concept, self.source)
    }

    /// What the record is about.
    fn about(&mut self, concept: Option<&CodeableConcept>) {
        if let Some(concept) = concept {
            self.look.concept = self.intern(concept);
        }
    }

    /// Further concepts.
    fn also<'c>(&mut self, concepts: impl IntoIterator<Item = &'c CodeableConcept>) {
        for concept in concepts {
            let key = self.intern(concept);
            self.look.also.extend(key);
        }
    }

    /// The medication, given in place or as an entry of its own.
    fn medication(&mut self, concept: Option<&CodeableConcept>, reference: Option<&Reference>) {
        let referenced = reference.and_then(|reference| {
            let entry = self.entries.get(reference.target.as_ref()?)?;
            entry.record.concept().cloned()
        });
        let named = || {
            reference
                .and_then(|reference| reference.display.clone())
                .map(CodeableConcept::from_text)
        };
        let concept = concept
            .filter(|concept| !concept.codings.is_empty() || concept.text.is_some())
            .cloned()
            .or(referenced)
            .or_else(named);
        self.about(concept.as_ref());
    }

    fn time(&mut self, start: Option<DateTime>, end: Option<DateTime>) {
        self.look.start = start.and_then(|time| Moment::new(&time));
        self.look.end = end.and_then(|time| Moment::new(&time));
    }

    fn date(&mut self, start: Option<Date>) {
        self.look.start = start.and_then(Moment::of_date);
    }

    fn name(&mut self, name: Option<&str>) {
        self.look.names.extend(name.and_then(normalize));
    }

    fn key(&mut self, kind: &str, text: Option<&str>) {
        let text = text.map(letters).filter(|text| !text.is_empty());
        self.look
            .names
            .extend(text.map(|text| format!("{kind}\u{1}{text}")));
    }
}

/// How far the date of one identified thing may be revised between sources, in milliseconds.
const REVISED_WITHIN: i64 = 31 * DAY;

/// An entry as a rule sees it.
pub(crate) struct Facts<'a, T> {
    pub(crate) record: &'a T,
    pub(crate) entry: &'a Entry,
    pub(crate) look: &'a Look,
}

impl<T: PartialEq> Facts<'_, T> {
    fn is_of_same_source(&self, other: &Self) -> bool {
        self.entry.origin.source == other.entry.origin.source
    }

    /// Whether one source gives both ids of their own, and so says that they are two.
    fn is_told_apart_from(&self, other: &Self) -> bool {
        let native = |facts: &Self| facts.entry.origin.native_id.is_some();
        self.is_of_same_source(other) && native(self) && native(other)
    }

    fn shares_identifier(&self, other: &Self) -> bool {
        let theirs = other.entry.identifiers();
        self.entry
            .identifiers()
            .iter()
            .any(|a| theirs.iter().any(|b| a.is_same_as(b)))
    }

    /// Whether an identifier says that both are one: a shared one, on entries that can be about one thing at one time.
    /// Alone it proves nothing, because systems copy identifiers from entry to entry.
    fn is_identified_with(&self, other: &Self, cx: &Context<'_>) -> bool {
        if !self.shares_identifier(other) {
            return false;
        }
        let one_concept = match self.concept(other, cx) {
            Relation::Same => true,
            Relation::Unknown => match (self.look.concept, other.look.concept) {
                (None, None) => self.record == other.record,
                (Some(_), Some(_)) => false,
                _ => true,
            },
            Relation::Narrower | Relation::Broader | Relation::Related | Relation::Different => false,
        };
        // A source gives one identifier to several versions, but not to several days.
        let reach = if self.is_of_same_source(other) {
            0
        } else {
            REVISED_WITHIN
        };
        one_concept && self.gap(other).is_none_or(|gap| gap <= reach)
    }

    fn concept(&self, other: &Self, cx: &Context<'_>) -> Relation {
        cx.relate_keys(self.look.concept, other.look.concept)
    }

    fn shares_name(&self, other: &Self) -> bool {
        self.look.names.iter().any(|name| other.look.names.contains(name))
    }

    /// Milliseconds between the beginnings, where both are known.
    fn gap(&self, other: &Self) -> Option<i64> {
        Some(self.look.start?.gap(&other.look.start?))
    }

    fn closeness(&self, other: &Self) -> Option<Closeness> {
        Some(self.look.start?.closeness(&other.look.start?))
    }

    /// Points for the agreement of times: at most 40.
    fn time_score(&self, other: &Self) -> u32 {
        match self.closeness(other) {
            Some(Closeness::SameTime) => 40,
            Some(Closeness::SameDay) => 30,
            Some(Closeness::Compatible) => 20,
            Some(Closeness::Apart) | None => 0,
        }
    }
}

/// What makes two entries of a class one fact.
pub(crate) trait Rule: Fields + Clone + PartialEq + serde::Serialize {
    /// Farthest that the beginnings of two dated entries may lie apart, in milliseconds; `None` when time does not
    /// keep entries apart.
    const REACH: Option<i64>;

    /// Notes what the rule looks at.
    fn look(&self, looker: &mut Looker<'_>);

    /// Whether the two are one fact.
    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict;

    /// Standing among the members of an item: below 0 for what was entered in error, above 0 for corrections.
    fn standing(&self) -> i8 {
        0
    }

    /// When the record was last written.
    fn recorded(&self) -> Option<DateTime> {
        None
    }
}

/// Verdict of most rules for two entries of one source: one fact only where an identifier says so, or where nothing tells
/// them apart. `None` for entries of different sources.
fn within_source<T: PartialEq>(a: &Facts<'_, T>, b: &Facts<'_, T>, cx: &Context<'_>) -> Option<Verdict> {
    if !a.is_of_same_source(b) {
        return None;
    }
    if a.is_identified_with(b, cx) {
        return Some(Verdict::Same(95));
    }
    if !a.is_told_apart_from(b) && a.record == b.record {
        return Some(Verdict::Same(100));
    }
    Some(Verdict::Different)
}

/// Status code of an entry that was made by mistake.
fn is_error(status: Option<&ehr_model::Status>) -> i8 {
    -i8::from(status.is_some_and(|status| status.is("entered-in-error")))
}

#[derive(PartialEq, Eq, Hash)]
enum Block<'a> {
    Concept(ConceptBlock),
    Name(&'a str),
    Identifier(&'a str),
}

/// An identifier that so many entries share identifies none of them.
const IDENTIFIER_BLOCK: usize = 64;

/// Groups the entries of a class into items, as indexes into `facts`.
pub(crate) fn reconcile<T: Rule>(facts: &[Facts<'_, T>], cx: &Context<'_>) -> Vec<Vec<usize>> {
    let mut bound = Vec::new();
    let mut last: FxHashMap<(&str, &EntryId), usize> = FxHashMap::default();
    for (index, fact) in facts.iter().enumerate() {
        let key = (fact.entry.origin.source.as_str(), &fact.entry.id);
        // Read twice. Entries that share an id but not what they say are judged like any two.
        if let Some(earlier) = last.insert(key, index)
            && facts
                .get(earlier)
                .is_some_and(|earlier| earlier.record == fact.record)
        {
            bound.push((earlier, index));
        }
    }
    let pairs = pairs(facts, cx);
    cluster(
        facts.len(),
        &bound,
        &pairs,
        &|a, b| match (facts.get(a), facts.get(b)) {
            (Some(a), Some(b)) => T::compare(a, b, cx),
            _ => Verdict::Different,
        },
    )
}

/// The pairs that may be one fact: those that share a code, words or an identifier, and whose times are near.
fn pairs<T: Rule>(facts: &[Facts<'_, T>], cx: &Context<'_>) -> Vec<(usize, usize)> {
    let mut blocks: FxHashMap<Block<'_>, Vec<usize>> = FxHashMap::default();
    for (index, fact) in facts.iter().enumerate() {
        let concepts = fact.look.concept.iter().chain(&fact.look.also);
        let concepts = concepts
            .flat_map(|key| cx.concepts.blocks(*key))
            .map(Block::Concept);
        let names = fact.look.names.iter().map(|name| Block::Name(name));
        let identifiers = fact.look.identifiers.iter().map(|id| Block::Identifier(id));
        for block in concepts.chain(names).chain(identifiers) {
            let list = blocks.entry(block).or_default();
            if list.last() != Some(&index) {
                list.push(index);
            }
        }
    }
    let mut pairs = Vec::new();
    for (block, list) in &blocks {
        let by_identifier = matches!(block, Block::Identifier(_)) && list.len() <= IDENTIFIER_BLOCK;
        match T::REACH {
            Some(reach) if !by_identifier => near_pairs(facts, list, reach, &mut pairs),
            _ => {
                for (at, a) in list.iter().enumerate() {
                    pairs.extend(list.iter().skip(at + 1).map(|b| (*a, *b)));
                }
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Pairs of a block whose times are at most `reach` apart, by sweeping over time.
fn near_pairs<T: Rule>(facts: &[Facts<'_, T>], list: &[usize], reach: i64, pairs: &mut Vec<(usize, usize)>) {
    let mut spans: Vec<(i64, i64, usize)> = list
        .iter()
        .map(|index| {
            let start = facts.get(*index).and_then(|fact| fact.look.start);
            let (low, high) = start.map_or((i64::MIN, i64::MAX), |start| start.reach(reach));
            (low, high, *index)
        })
        .collect();
    spans.sort_unstable();
    for (at, (_, end, a)) in spans.iter().enumerate() {
        for (start, _, b) in spans.iter().skip(at + 1) {
            if start > end {
                break;
            }
            pairs.push((*a.min(b), *a.max(b)));
        }
    }
}

/// In which round a class is reconciled: later classes look at the items of earlier ones.
pub(crate) fn round(class: RecordClass) -> u8 {
    match class {
        RecordClass::Patient
        | RecordClass::Practitioner
        | RecordClass::Organization
        | RecordClass::Location
        | RecordClass::Medication => 0,
        RecordClass::PractitionerRole
        | RecordClass::Encounter
        | RecordClass::Specimen
        | RecordClass::RelatedPerson
        | RecordClass::Device
        | RecordClass::ServiceRequest => 1,
        RecordClass::Condition
        | RecordClass::AllergyIntolerance
        | RecordClass::MedicationRequest
        | RecordClass::MedicationStatement
        | RecordClass::MedicationDispense
        | RecordClass::MedicationAdministration
        | RecordClass::Immunization
        | RecordClass::Observation
        | RecordClass::Procedure
        | RecordClass::Goal
        | RecordClass::Appointment
        | RecordClass::FamilyMemberHistory
        | RecordClass::Coverage
        | RecordClass::ChargeItem => 2,
        RecordClass::DiagnosticReport
        | RecordClass::CarePlan
        | RecordClass::CareTeam
        | RecordClass::DocumentReference
        | RecordClass::Other => 3,
    }
}

/// The last round.
pub(crate) const LAST_ROUND: u8 = 3;
