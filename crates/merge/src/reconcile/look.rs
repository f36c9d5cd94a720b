//! What a rule looks at in an entry, worked out once.

use ehr_model::{Entry, EntryId, Record, Reference};
use ehr_types::{CodeSystem, CodeableConcept, Date, DateTime, Identifier};
use rustc_hash::FxHashMap;

use super::facts::is_bare;
use super::results::Results;
use crate::concept::{ConceptKey, Concepts};
use crate::moment::Moment;
use crate::wording::{Sides, letters, normalize};

/// So many places lie within each other: a bed in a room in a ward in a building is four.
const DEEPEST: usize = 8;

/// What a rule looks at in an entry.
#[derive(Default)]
pub(crate) struct Look {
    /// What the record is about.
    pub(crate) concept: Option<ConceptKey>,
    /// Further concepts that tell it from others.
    pub(crate) also: Vec<ConceptKey>,
    /// The panels and reports that list it.
    pub(crate) panels: Vec<ConceptKey>,
    pub(crate) start: Option<Moment>,
    pub(crate) end: Option<Moment>,
    /// The visit at which it was found or done, for classes that look at it.
    pub(super) visit: Option<Visit>,
    /// Of what it was taken, and whether that is coded.
    pub(crate) specimen: Option<(ConceptKey, bool)>,
    /// The sides of the body that it names.
    pub(crate) sides: Sides,
    /// The names of the places in which a place lies, the innermost first.
    pub(crate) within: Vec<String>,
    /// Names and other words by which it can be found.
    pub(crate) names: Vec<String>,
    /// What was found, for classes with [`Rule::BY_RESULT`](super::Rule::BY_RESULT).
    pub(crate) results: Results,
    pub(super) identifiers: Vec<String>,
}

/// A visit, as one who was found or treated at it sees it.
pub(super) struct Visit {
    pub(super) start: Option<Moment>,
    pub(super) end: Option<Moment>,
    pub(super) numbers: Vec<Identifier>,
}

impl Look {
    /// Whether there is anything by which the entry can be found to be the same as another.
    pub(super) fn names_something(&self) -> bool {
        self.concept.is_some()
            || !(self.also.is_empty() && self.names.is_empty() && self.identifiers.is_empty())
    }
}

/// The entries of all charts, by what leads to them.
pub(crate) struct Surroundings<'a> {
    entries: FxHashMap<&'a EntryId, &'a Entry>,
    panels: FxHashMap<&'a EntryId, Vec<&'a CodeableConcept>>,
}

impl<'a> Surroundings<'a> {
    pub(crate) fn new(entries: &[&'a Entry]) -> Self {
        let mut panels: FxHashMap<&EntryId, Vec<&CodeableConcept>> = FxHashMap::default();
        for entry in entries {
            let (code, listed) = match &entry.record {
                Record::DiagnosticReport(report) => (report.code.as_ref(), &report.result),
                Record::Observation(panel) => (panel.code.as_ref(), &panel.has_member),
                _ => continue,
            };
            for target in listed.iter().filter_map(|reference| reference.target.as_ref()) {
                panels.entry(target).or_default().extend(code);
            }
        }
        Self {
            entries: entries.iter().map(|entry| (&entry.id, *entry)).collect(),
            panels,
        }
    }
}

/// Fills a [`Look`].
pub(crate) struct Looker<'a> {
    concepts: &'a mut Concepts,
    surroundings: &'a Surroundings<'a>,
    source: &'a str,
    pub(super) look: Look,
}

impl<'a> Looker<'a> {
    pub(crate) fn new(
        concepts: &'a mut Concepts,
        surroundings: &'a Surroundings<'a>,
        entry: &'a Entry,
    ) -> Self {
        let mut look = Look::default();
        let source = &entry.origin.source;
        for identifier in entry.identifiers() {
            let own = is_bare(identifier).then_some(source.as_str());
            let namespace = identifier
                .canonical_system()
                .or(identifier.assigner.as_deref())
                .or(own);
            if let (Some(namespace), Some(value)) = (namespace, &identifier.value) {
                look.identifiers.push(format!("{namespace}\u{1}{value}"));
            }
        }
        let panels = surroundings.panels.get(&entry.id).into_iter().flatten();
        look.panels = panels
            .filter_map(|panel| concepts.intern(panel, source))
            .collect();
        Self {
            concepts,
            surroundings,
            source,
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
    pub(super) fn about(&mut self, concept: Option<&CodeableConcept>) {
        if let Some(concept) = concept {
            self.look.concept = self.intern(concept);
            self.sites([concept]);
        }
    }

    /// Where on the body it is: only the side is noted.
    pub(super) fn sites<'c>(&mut self, concepts: impl IntoIterator<Item = &'c CodeableConcept>) {
        let named = concepts.into_iter().map(sides_of);
        self.look.sides = named.fold(self.look.sides, Sides::and);
    }

    /// Further concepts.
    pub(super) fn also<'c>(&mut self, concepts: impl IntoIterator<Item = &'c CodeableConcept>) {
        for concept in concepts {
            let key = self.intern(concept);
            self.look.also.extend(key);
        }
    }

    /// The medication, given in place or as an entry of its own.
    pub(super) fn medication(&mut self, concept: Option<&CodeableConcept>, reference: Option<&Reference>) {
        let referenced = reference.and_then(|reference| {
            let entry = self.surroundings.entries.get(reference.target.as_ref()?)?;
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

    /// The places in which it lies.
    pub(super) fn within(&mut self, part_of: Option<&Reference>) {
        let mut around = part_of;
        while let Some(reference) = around.filter(|_| self.look.within.len() < DEEPEST) {
            let target = reference.target.as_ref();
            let entry = target.and_then(|target| self.surroundings.entries.get(target));
            let place = entry.and_then(|entry| match &entry.record {
                Record::Location(place) => Some(place),
                _ => None,
            });
            let name = place
                .and_then(|place| place.name.as_deref())
                .or(reference.display.as_deref());
            let Some(name) = name.and_then(normalize) else {
                return;
            };
            self.look.within.push(name);
            around = place.and_then(|place| place.part_of.as_ref());
        }
    }

    /// Of what it was taken.
    pub(super) fn specimen(&mut self, reference: Option<&Reference>) {
        let Some(reference) = reference else { return };
        let target = reference.target.as_ref();
        let entry = target.and_then(|target| self.surroundings.entries.get(target));
        let kind = entry.and_then(|entry| entry.record.concept().cloned());
        let named = || reference.display.clone().map(CodeableConcept::from_text);
        if let Some(kind) = kind.or_else(named) {
            let is_coded = kind.codings.iter().any(|coding| coding.code.is_some());
            self.look.specimen = self.intern(&kind).map(|key| (key, is_coded));
        }
    }

    pub(super) fn time(&mut self, start: Option<DateTime>, end: Option<DateTime>) {
        self.look.start = start.and_then(|time| Moment::new(&time));
        self.look.end = end.and_then(|time| Moment::new(&time));
    }

    /// The visit at which it was found or done: its period stands for a time that nobody wrote.
    pub(super) fn visit(&mut self, encounter: Option<&Reference>) {
        let target = encounter.and_then(|encounter| encounter.target.as_ref());
        let entry = target.and_then(|target| self.surroundings.entries.get(target));
        let Some(Record::Encounter(visit)) = entry.map(|entry| &entry.record) else {
            return;
        };
        let moment = |time: Option<DateTime>| Moment::new(&time?);
        let period = visit.period.as_ref();
        self.look.visit = Some(Visit {
            start: moment(period.and_then(|period| period.start)),
            end: moment(period.and_then(|period| period.end)),
            numbers: visit.identifier.clone(),
        });
    }

    pub(super) fn date(&mut self, start: Option<Date>) {
        self.look.start = start.and_then(Moment::of_date);
    }

    pub(super) fn name(&mut self, name: Option<&str>) {
        self.look.names.extend(name.and_then(normalize));
    }

    pub(super) fn key(&mut self, kind: &str, text: Option<&str>) {
        let text = text.map(letters).filter(|text| !text.is_empty());
        self.look
            .names
            .extend(text.map(|text| format!("{kind}\u{1}{text}")));
    }
}

/// The sides of the body that a concept names, in words or by the qualifiers of SNOMED CT.
fn sides_of(concept: &CodeableConcept) -> Sides {
    let in_words = concept.text.iter().chain(
        concept
            .codings
            .iter()
            .filter_map(|coding| coding.display.as_ref()),
    );
    let by_code = |code: &str| concept.has_code(CodeSystem::SNOMED_CT.uri, code);
    let qualified = Sides {
        left: by_code("7771000") || by_code("51440002"),
        right: by_code("24028007") || by_code("51440002"),
    };
    in_words.map(|text| Sides::of(text)).fold(qualified, Sides::and)
}
