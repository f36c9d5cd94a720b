//! Which concepts of a record mean the same: an index over all its codes and words.

use std::cell::RefCell;

use ehr_types::{CodeSystem, CodeableConcept, Coding};
use rustc_hash::FxHashMap;

use crate::equivalence::Relation;
use crate::wording::normalize;

mod common;
mod join;
mod names;
mod relate;
mod synonyms;

pub(crate) use names::Naming;

/// Identifies a distinct concept within one merge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct ConceptKey(u32);

/// A distinct code within one merge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Code(u32);

/// The codes and words of a concept, by number.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Shape {
    codes: Vec<Code>,
    words: Vec<u32>,
}

/// A way to find entries about the same thing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum ConceptBlock {
    Code(u32),
    Words(u32),
}

/// All concepts of one record.
///
/// Codes are joined when sources give them as translations of each other or a terminology says so, as long as that
/// would not join two different codes of one system: such a code is broader than both, and joins nothing.
#[derive(Default)]
pub(crate) struct Concepts {
    systems: FxHashMap<String, u32>,
    codes: FxHashMap<(u32, String), Code>,
    /// System of each code, and an example to ask terminologies with.
    examples: Vec<(u32, Coding)>,
    words: FxHashMap<String, u32>,
    /// The words by number.
    spelled: Vec<String>,
    concepts: FxHashMap<Shape, ConceptKey>,
    shapes: Vec<Shape>,
    /// Group of each code, after [`join`](Self::join).
    groups: Vec<u32>,
    /// Codes of a group, by group.
    members: FxHashMap<u32, Vec<Code>>,
    /// Codes with several translations in one system: broader than each of these.
    broad: Vec<bool>,
    /// Codes of systems of one's own that stand with names of different things: they name nothing.
    catch_all: Vec<bool>,
    related: FxHashMap<(Code, Code), Relation>,
    known: RefCell<FxHashMap<(ConceptKey, ConceptKey), Relation>>,
    unlike: RefCell<FxHashMap<(ConceptKey, ConceptKey), bool>>,
}

impl Concepts {
    /// Takes a concept in. Codes without a system count as the source's own.
    pub(crate) fn intern(&mut self, concept: &CodeableConcept, source: &str) -> Option<ConceptKey> {
        let mut shape = Shape::default();
        for coding in &concept.codings {
            let code = coding.canonical_code().filter(|code| !code.is_empty());
            if let Some(code) = code.filter(|code| names_something(coding, code)) {
                shape.codes.push(self.code(coding, &code, source));
            }
        }
        let texts = concept.text.iter().chain(
            concept
                .codings
                .iter()
                .filter_map(|coding| coding.display.as_ref()),
        );
        for words in texts.filter_map(|text| normalize(text)) {
            let next = self.spelled.len() as u32;
            let known = *self.words.entry(words.clone()).or_insert(next);
            if known == next {
                self.spelled.push(words);
            }
            shape.words.push(known);
        }
        shape.codes.sort_unstable();
        shape.codes.dedup();
        shape.words.sort_unstable();
        shape.words.dedup();
        if shape.codes.is_empty() && shape.words.is_empty() {
            return None;
        }
        if let Some(key) = self.concepts.get(&shape) {
            return Some(*key);
        }
        let key = ConceptKey(self.shapes.len() as u32);
        self.shapes.push(shape.clone());
        self.concepts.insert(shape, key);
        Some(key)
    }

    fn code(&mut self, coding: &Coding, code: &str, source: &str) -> Code {
        let local;
        let system = match coding.canonical_system() {
            Some(system) => system,
            None => {
                local = format!("\u{1}{source}");
                &local
            }
        };
        let system = match self.systems.get(system) {
            Some(system) => *system,
            None => {
                let next = self.systems.len() as u32;
                self.systems.insert(system.to_owned(), next);
                next
            }
        };
        let next = Code(self.examples.len() as u32);
        let known = *self.codes.entry((system, code.to_owned())).or_insert(next);
        if known == next {
            self.examples.push((system, coding.clone()));
        }
        known
    }

    fn shape(&self, key: ConceptKey) -> Option<&Shape> {
        self.shapes.get(key.0 as usize)
    }

    fn system(&self, code: Code) -> u32 {
        self.examples
            .get(code.0 as usize)
            .map_or(u32::MAX, |(system, _)| *system)
    }

    /// The names of a concept, in one spelling.
    fn names(&self, shape: &Shape) -> Vec<&str> {
        let spelled = |words: &u32| self.spelled.get(*words as usize).map(String::as_str);
        shape.words.iter().filter_map(spelled).collect()
    }

    fn group(&self, code: Code) -> u32 {
        self.groups.get(code.0 as usize).copied().unwrap_or(code.0)
    }

    /// Keys under which concepts that may be the same are found.
    pub(crate) fn blocks(&self, key: ConceptKey) -> impl Iterator<Item = ConceptBlock> {
        let shape = self.shape(key);
        let codes = shape.into_iter().flat_map(|shape| &shape.codes);
        let words = shape.into_iter().flat_map(|shape| &shape.words);
        codes
            .map(|code| ConceptBlock::Code(self.group(*code)))
            .chain(words.map(|words| ConceptBlock::Words(*words)))
    }
}

/// Codes of SNOMED CT that only say of what kind a thing is: drug, substance, product, finding, disease, problem, procedure,
/// propensity to adverse reactions (of any, of drug, of food, of substance), allergy to substance.
const KINDS: &[&str] = &[
    "410942007",
    "105590001",
    "763158003",
    "404684003",
    "64572001",
    "55607006",
    "71388002",
    "420134006",
    "419511003",
    "418471000",
    "418038007",
    "419199007",
];

/// Whether a code says what a thing is. Two entries with one null flavour are not about the same thing.
fn names_something(coding: &Coding, code: &str) -> bool {
    let null_flavor = coding
        .system
        .as_deref()
        .is_some_and(|system| system.ends_with("NullFlavor") || system.ends_with("2.16.840.1.113883.5.1008"));
    let kind = coding.is_of(&CodeSystem::SNOMED_CT) && KINDS.contains(&code);
    !null_flavor && !kind
}
