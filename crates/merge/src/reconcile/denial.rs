//! What a concept says that there is none of, in codes or in words.
//!
//! A phrase is taken as a whole or not at all: `no known drug allergies` denies those to drugs, `no known allergies except latex`
//! denies nothing that could be held against anybody.

use ehr_model::{Allergens, AllergyIntolerance, AllergyKnowledge, NoneKnown};
use ehr_types::CodeableConcept;

use crate::context::Context;
use crate::equivalence::Relation;
use crate::wording::{letters, words};

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
fn names(concept: &CodeableConcept) -> impl Iterator<Item = &str> {
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

/// The kind of allergen that a word names.
fn kind_named(word: &str) -> Option<Allergens> {
    Some(match word {
        "drug" | "drugs" | "med" | "meds" | "medication" | "medications" | "medicine" | "medicines"
        | "medicament" | "medicaments" => Allergens::Medication,
        "food" | "foods" => Allergens::Food,
        "environment" | "environmental" => Allergens::Environment,
        "latex" => Allergens::Latex,
        "insect" | "insects" => Allergens::Insects,
        "animal" | "animals" => Allergens::Animals,
        _ => return None,
    })
}

/// What is denied by initials: NKDA, N.K.A.
fn initials(text: &str) -> Option<Allergens> {
    Some(match letters(text).as_str() {
        "nka" => Allergens::Any,
        "nkda" | "nkma" => Allergens::Medication,
        "nkfa" => Allergens::Food,
        "nkea" => Allergens::Environment,
        "nkla" => Allergens::Latex,
        _ => return None,
    })
}

const ALLERGIES: &[&str] = &[
    "allergy",
    "allergies",
    "intolerance",
    "intolerances",
    "sensitivity",
    "sensitivities",
    "hypersensitivity",
    "hypersensitivities",
];

/// The nouns of the other lists, and what may stand beside them without narrowing them.
const LISTS: &[(NoneKnown, &[&str], &[&str])] = &[
    (
        NoneKnown::Medications,
        &[
            "medication",
            "medications",
            "medicine",
            "medicines",
            "meds",
            "drugs",
        ],
        &["current", "active"],
    ),
    (
        NoneKnown::Problems,
        &[
            "problem",
            "problems",
            "condition",
            "conditions",
            "diagnosis",
            "diagnoses",
        ],
        &["current", "active", "health", "medical"],
    ),
    (
        NoneKnown::Immunizations,
        &[
            "immunization",
            "immunizations",
            "immunisation",
            "immunisations",
            "vaccination",
            "vaccinations",
        ],
        &["history", "of"],
    ),
    (
        NoneKnown::Procedures,
        &["procedure", "procedures"],
        &["past", "prior", "previous", "history", "of"],
    ),
    (
        NoneKnown::Devices,
        &["device", "devices"],
        &["medical", "in", "use"],
    ),
];

/// What words say.
fn phrase(text: &str, list: NoneKnown) -> Said {
    if let Some(kind) = initials(text) {
        return Said::None(vec![Denied::All(NoneKnown::Allergies(kind))]);
    }
    let folded = words(text);
    let mut all: Vec<&str> = folded.split(' ').filter(|word| !FILLERS.contains(word)).collect();
    if all.len() > 1 && all.last().and_then(|last| initials(last)).is_some() {
        all.pop();
    }
    for time in [&["to", "date"][..], &["at", "this", "time"], &["at", "present"]] {
        if all.ends_with(time) {
            all.truncate(all.len() - time.len());
        }
    }
    let (is_known, rest) = match all.as_slice() {
        ["none" | "nil"] | ["none" | "nil", "known"] => return Said::None(vec![Denied::All(list)]),
        ["no" | "denies", "any", "known", rest @ ..] | ["no", "known", rest @ ..] => (true, rest),
        ["no" | "denies", rest @ ..] => (false, rest),
        _ => return Said::Something,
    };
    let denied = match rest.iter().position(|word| ALLERGIES.contains(word)) {
        Some(at) => {
            let (before, after) = rest.split_at(at);
            allergies_denied(before, after.get(1..).unwrap_or_default())
        }
        None => list_denied(rest).map(|list| vec![Denied::All(list)]),
    };
    match denied {
        Some(denied) => Said::None(denied),
        // "No pain" is a finding, "no known heart disease" is none.
        None if !is_known && !rest.iter().any(|word| ALLERGIES.contains(word)) => Said::Something,
        None => Said::Unclear,
    }
}

/// Words that change nothing; the last two end names of SNOMED CT.
const FILLERS: &[&str] = &[
    "patient",
    "pt",
    "has",
    "the",
    "there",
    "are",
    "is",
    "situation",
    "finding",
];

/// Words that narrow a denial, or turn it: what is denied is then not told here.
const NARROWING: &[&str] = &[
    "other",
    "except",
    "but",
    "than",
    "excluding",
    "not",
    "on",
    "file",
    "record",
    "recorded",
    "documented",
    "reported",
    "noted",
    "listed",
    "entered",
    "available",
    "unknown",
    "history",
    "family",
    "severe",
    "significant",
    "new",
];

/// The allergies denied by `no known BEFORE allergies AFTER`.
fn allergies_denied(before: &[&str], after: &[&str]) -> Option<Vec<Denied>> {
    if before.iter().chain(after).any(|word| NARROWING.contains(word)) {
        return None;
    }
    let to = after.iter().position(|word| *word == "to");
    let (more, target) = match to {
        Some(at) => (after.get(..at)?, after.get(at + 1..)?),
        None => (after, &[][..]),
    };
    let is_neutral = |word: &&&str| {
        let reaction = matches!(
            **word,
            "or" | "and" | "adverse" | "allergic" | "reaction" | "reactions" | "known"
        );
        reaction || ALLERGIES.contains(*word)
    };
    // `no known allergies or adverse drug reactions`
    let kinds: Option<Vec<Allergens>> = more
        .iter()
        .filter(|word| !is_neutral(word))
        .map(|word| kind_named(word))
        .collect();
    let mut denied: Vec<Denied> = kinds?
        .into_iter()
        .map(|kind| Denied::All(NoneKnown::Allergies(kind)))
        .collect();
    let named = if target.is_empty() { before } else { target };
    for part in named.split(|word| matches!(*word, "or" | "and")) {
        let part: Vec<&str> = part.iter().filter(|word| !is_neutral(word)).copied().collect();
        let kinds: Option<Vec<Allergens>> = part.iter().map(|word| kind_named(word)).collect();
        match kinds {
            Some(kinds) => denied.extend(
                kinds
                    .into_iter()
                    .map(|kind| Denied::All(NoneKnown::Allergies(kind))),
            ),
            None => denied.push(Denied::One(CodeableConcept::from_text(part.join(" ")))),
        }
    }
    if denied.is_empty() || (named.is_empty() && !more.is_empty()) {
        denied.push(Denied::All(ANY));
    }
    Some(denied)
}

/// The list denied by `no known REST`.
fn list_denied(rest: &[&str]) -> Option<NoneKnown> {
    let is_of = |(_, nouns, beside): &&(NoneKnown, &[&str], &[&str])| {
        rest.iter().any(|word| nouns.contains(word))
            && rest
                .iter()
                .all(|word| nouns.contains(word) || beside.contains(word))
    };
    LISTS.iter().find(is_of).map(|(list, ..)| *list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_denies_what_it_names_and_no_more() {
        let kind = |kind: Allergens| Denied::All(NoneKnown::Allergies(kind));
        let one = |text: &str| Denied::One(CodeableConcept::from_text(text));
        let none = |denied: Vec<Denied>| Said::None(denied);
        for (text, expected) in [
            ("No known allergies", none(vec![kind(Allergens::Any)])),
            ("No Known Allergies (situation)", none(vec![kind(Allergens::Any)])),
            ("No known allergies to date.", none(vec![kind(Allergens::Any)])),
            ("N.K.A.", none(vec![kind(Allergens::Any)])),
            ("NKDA", none(vec![kind(Allergens::Medication)])),
            (
                "No known drug allergies (NKDA)",
                none(vec![kind(Allergens::Medication)]),
            ),
            (
                "No known allergies to medications",
                none(vec![kind(Allergens::Medication)]),
            ),
            (
                "No known drug or food allergies",
                none(vec![kind(Allergens::Medication), kind(Allergens::Food)]),
            ),
            ("No known latex allergy", none(vec![kind(Allergens::Latex)])),
            ("No known insect allergy", none(vec![kind(Allergens::Insects)])),
            ("No known bee sting allergy", none(vec![one("bee sting")])),
            ("No known allergy to penicillin", none(vec![one("penicillin")])),
            (
                "No known penicillin allergy or latex allergy",
                Said::None(vec![kind(Allergens::Latex), one("penicillin")]),
            ),
            (
                "No known allergies or adverse drug reactions",
                none(vec![kind(Allergens::Medication), kind(Allergens::Any)]),
            ),
            ("None", none(vec![Denied::All(NoneKnown::Problems)])),
            ("No known problems", none(vec![Denied::All(NoneKnown::Problems)])),
            (
                "No current medications",
                none(vec![Denied::All(NoneKnown::Medications)]),
            ),
            (
                "No known devices in use",
                none(vec![Denied::All(NoneKnown::Devices)]),
            ),
            ("No known allergies except latex", Said::Unclear),
            ("No other known allergies", Said::Unclear),
            ("No known allergies on file", Said::Unclear),
            ("No known heart disease", Said::Unclear),
            ("No known family history of diabetes", Said::Unclear),
            ("No pain", Said::Something),
            ("Penicillin", Said::Something),
            ("Latex allergy, no known reaction", Said::Something),
            ("", Said::Something),
        ] {
            assert_eq!(phrase(text, NoneKnown::Problems), expected, "{text}");
        }
    }
}
