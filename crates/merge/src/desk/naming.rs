//! Fields that name a thing: products, and concepts that sources put in their own words.

use ehr_model::Reference;
use ehr_types::CodeableConcept;

use super::{Desk, Says, distinct};
use crate::concept::Naming;
use crate::product::{Strengths, strengths};
use crate::stated::{Stated, label};

impl Desk<'_> {
    /// A product that all voices mean. One code may stand for several strengths: where words tell them apart, that is a conflict.
    pub(crate) fn product(
        &mut self,
        path: &str,
        says: Says<'_, '_, CodeableConcept>,
    ) -> Option<CodeableConcept> {
        let mut sides: Vec<(Strengths, String, Vec<usize>)> = Vec::new();
        for voice in 0..self.heard {
            let words = says(voice).and_then(CodeableConcept::label).unwrap_or_default();
            let strengths = strengths(words);
            if strengths.is_empty() {
                continue;
            }
            match sides.iter_mut().find(|(known, ..)| *known == strengths) {
                Some((.., voices)) => voices.push(voice),
                None => sides.push((strengths, words.to_owned(), vec![voice])),
            }
        }
        let sides = sides.into_iter().map(|(_, words, voices)| (words, voices));
        self.conflict(path, sides.collect());
        self.named(path, Naming::Substance, says)
    }

    /// A concept that all voices mean, by its code; a conflict where the names and words in which they put it cannot all be true. What
    /// one voice calls by the names of two others is one thing.
    pub(crate) fn named(
        &mut self,
        path: &str,
        naming: Naming,
        says: Says<'_, '_, CodeableConcept>,
    ) -> Option<CodeableConcept> {
        let named = (0..self.heard).filter_map(|voice| Some((voice, says(voice)?)));
        let named = named.filter(|(_, concept)| concept.label().is_some());
        let mut sides: Vec<Vec<(&CodeableConcept, Vec<usize>)>> = Vec::new();
        for (concept, voices) in distinct(named) {
            let mut own = vec![(concept, voices)];
            let mut others = Vec::new();
            for side in sides {
                let is_named_alike = side.iter().any(|(known, _)| !naming.are_unlike(known, concept));
                let excludes = side
                    .iter()
                    .any(|(known, _)| own.iter().any(|(own, _)| naming.exclude_each_other(known, own)));
                if is_named_alike && !excludes {
                    own.extend(side);
                } else {
                    others.push(side);
                }
            }
            others.push(own);
            sides = others;
        }
        let first = |side: &[(&CodeableConcept, Vec<usize>)]| {
            side.iter().flat_map(|(_, voices)| voices).min().copied()
        };
        sides.sort_by_key(|side| first(side));
        let in_words = sides.into_iter().filter_map(|mut side| {
            side.sort_by_key(|(_, voices)| voices.first().copied());
            let words = label(Some(side.first()?.0));
            Some((words, side.into_iter().flat_map(|(_, voices)| voices).collect()))
        });
        self.conflict(path, in_words.collect());
        self.merged(says)
    }

    /// A product that is an entry of its own; two of them are a conflict.
    pub(crate) fn product_entry(&mut self, path: &str, says: Says<'_, '_, Reference>) -> Option<Reference> {
        self.one(path, &|at| {
            says(at).filter(|reference| reference.target.is_some())
        });
        self.fill(says)
    }

    /// A concept that all voices mean: all codings and the words of the best-ranked one.
    pub(crate) fn merged(&self, says: Says<'_, '_, CodeableConcept>) -> Option<CodeableConcept> {
        let mut stated = (0..self.heard).filter_map(says);
        let mut shown = stated.next()?.clone();
        for concept in stated {
            shown.absorb(concept, self.cx);
        }
        Some(shown)
    }
}
