//! What a concept says that there is none of, in codes or in words.

mod phrase;

use ehr_model::{Allergens, AllergyIntolerance, AllergyKnowledge, NoneKnown};
use ehr_types::CodeableConcept;

use crate::context::Context;
use crate::equivalence::Relation;
use crate::wording::words;
use phrase::phrase;

/// All allergies.
pub(super) const ANY: NoneKnown = NoneKnown::Allergies(Allergens::Any);

/// What is denied.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Denied {
    /// A list, or a kind of allergy.
    All(NoneKnown),
    /// Allergy to one thing, or to a class of things.
    One(CodeableConcept),
}

/// What a concept says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    /// That something is there.
    Something,
    /// That there is none of these.
    None(Vec<Denied>),
    /// Neither: it only begins like a denial, or says that nothing is recorded.
    Unclear,
}

/// What a concept says; "none" alone denies `list`.
pub(super) fn said(concept: &CodeableConcept, list: NoneKnown) -> Said {
    let coded: Vec<Denied> = concept
        .codings
        .iter()
        .filter_map(NoneKnown::of_coding)
        .map(Denied::All)
        .collect();
    if !coded.is_empty() {
        return Said::None(coded);
    }
    let codings = concept.codings.iter();
    let names = codings.filter_map(|coding| coding.display.as_deref().or(coding.code.as_deref()));
    let mut all = names
        .chain(concept.text.as_deref())
        .map(|text| phrase(text, list));
    let Some(mut out) = all.next() else {
        return Said::Something;
    };
    for next in all {
        out = match (out, next) {
            (Said::Something, _) | (_, Said::Something) => return Said::Something,
            (Said::None(mut known), Said::None(more)) => {
                known.extend(more);
                Said::None(known)
            }
            _ => Said::Unclear,
        };
    }
    out
}

/// What an allergy entry states, also where it says so in its code or its words alone, and what it denies.
pub(super) fn stated(allergy: &AllergyIntolerance) -> (AllergyKnowledge, Vec<Denied>) {
    let code = allergy.code.as_ref();
    let denied = match (allergy.knowledge, code.map(|code| said(code, ANY))) {
        (AllergyKnowledge::NotAsked, _) | (AllergyKnowledge::Present, Some(Said::Unclear)) => {
            return (AllergyKnowledge::NotAsked, Vec::new());
        }
        (_, Some(Said::None(denied))) => denied,
        (AllergyKnowledge::Present, _) => return (AllergyKnowledge::Present, Vec::new()),
        // The importer knows that it is denied, and the code says what.
        (AllergyKnowledge::NoneKnown, Some(Said::Something)) => {
            let kind = code.and_then(|code| code.codings.iter().find_map(Allergens::of_coding));
            let one = code.filter(|code| code.label().is_some()).cloned();
            let kind = kind.map(|kind| Denied::All(NoneKnown::Allergies(kind)));
            vec![kind.or(one.map(Denied::One)).unwrap_or(Denied::All(ANY))]
        }
        (AllergyKnowledge::NoneKnown, _) => vec![Denied::All(ANY)],
    };
    (AllergyKnowledge::NoneKnown, denied)
}

impl Denied {
    /// Whether an allergy, to `substance` and of these categories, is one of those denied.
    pub(super) fn covers(
        &self,
        substance: Option<&CodeableConcept>,
        categories: &[String],
        cx: &Context<'_>,
    ) -> bool {
        match self {
            Self::All(NoneKnown::Allergies(kind)) => is_of_kind(*kind, substance, categories),
            Self::All(_) => false,
            Self::One(denied) => substance.is_some_and(|substance| is_kind_of(substance, denied, cx)),
        }
    }
}

fn is_of_kind(kind: Allergens, substance: Option<&CodeableConcept>, categories: &[String]) -> bool {
    let Some(wanted) = kind.category() else {
        return kind == Allergens::Any
            || substance.is_some_and(|substance| allergens(substance) == Some(kind));
    };
    if !categories.is_empty() {
        let biologic = |category: &String| wanted == "medication" && category == "biologic";
        return categories
            .iter()
            .any(|category| category == wanted || biologic(category));
    }
    match substance.and_then(allergens) {
        Some(Allergens::Latex | Allergens::Insects | Allergens::Animals) => wanted == "environment",
        Some(Allergens::Medication | Allergens::Food | Allergens::Environment) => {
            substance.and_then(allergens) == Some(kind)
        }
        // Of which category it is, nobody says.
        _ => true,
    }
}

/// Whether a substance is what is denied, or a kind of it.
fn is_kind_of(substance: &CodeableConcept, denied: &CodeableConcept, cx: &Context<'_>) -> bool {
    match cx.relate(denied, substance) {
        Relation::Same | Relation::Broader => true,
        Relation::Unknown => {
            let singular = |text: &str| -> Vec<String> {
                let words = words(text);
                words
                    .split(' ')
                    .map(|word| word.trim_end_matches('s').to_owned())
                    .collect()
            };
            let theirs: Vec<Vec<String>> = names(substance).map(singular).collect();
            let is_named = |denied: Vec<String>| {
                let has_all = |own: &Vec<String>| denied.iter().all(|word| own.contains(word));
                denied.iter().any(|word| !word.is_empty()) && theirs.iter().any(has_all)
            };
            names(denied).map(singular).any(is_named)
        }
        Relation::Narrower | Relation::Related | Relation::Different => false,
    }
}

/// The kind of allergen that a substance is by its codes, or by its words where that is no category.
fn allergens(substance: &CodeableConcept) -> Option<Allergens> {
    let coded = substance.codings.iter().find_map(Allergens::of_coding);
    coded.filter(|kind| *kind != Allergens::Any).or_else(|| {
        let words: Vec<String> = names(substance).map(words).collect();
        let mut words = words.iter().flat_map(|words| words.split(' '));
        words.find_map(substance_named)
    })
}

/// What a concept is called.
pub(super) fn names(concept: &CodeableConcept) -> impl Iterator<Item = &str> {
    let displays = concept
        .codings
        .iter()
        .filter_map(|coding| coding.display.as_deref());
    concept.text.as_deref().into_iter().chain(displays)
}

/// The allergen of no category that a word names.
fn substance_named(word: &str) -> Option<Allergens> {
    Some(match word {
        "latex" => Allergens::Latex,
        "insect" | "insects" | "bee" | "bees" | "wasp" | "wasps" | "hornet" | "hornets" | "mosquito"
        | "mosquitoes" => Allergens::Insects,
        "animal" | "animals" | "dander" | "cat" | "cats" | "dog" | "dogs" | "horse" | "horses" => {
            Allergens::Animals
        }
        _ => return None,
    })
}
