//! What words say that there is none of.
//!
//! A phrase is taken as a whole or not at all: `no known drug allergies` denies those to drugs, `no known allergies except latex`
//! denies nothing that could be held against anybody.

use ehr_model::{Allergens, NoneKnown};
use ehr_types::CodeableConcept;

use super::{ANY, Denied, Said};
use crate::wording::{letters, words};

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

/// Words that only say that nothing is said here.
fn says_nothing(folded: &str) -> bool {
    const NOTHING: &[&str] = &[
        "n a",
        "not applicable",
        "not available",
        "not documented",
        "not entered",
        "not known",
        "not listed",
        "not on file",
        "not recorded",
        "not reviewed",
        "not specified",
        "see chart",
        "see comment",
        "see comments",
        "see note",
        "see notes",
        "see paper chart",
        "see scanned document",
        "unable to assess",
        "unable to obtain",
        "unknown",
        "deferred",
    ];
    NOTHING.contains(&folded)
}

/// What words say.
pub(super) fn phrase(text: &str, list: NoneKnown) -> Said {
    if let Some(kind) = initials(text) {
        return Said::None(vec![Denied::All(NoneKnown::Allergies(kind))]);
    }
    let folded = words(text);
    // A mark that somebody typed because the field must not be empty.
    if !text.trim().is_empty() && matches!(folded.as_str(), "" | "0" | "na") {
        return Said::Unclear;
    }
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
        ["none" | "nil" | "no" | "denies"] | ["none" | "nil", "known" | "reported" | "stated"] => {
            return Said::None(vec![Denied::All(list)]);
        }
        ["none" | "nil", rest @ ..] if rest.iter().any(|word| NARROWING.contains(word)) => {
            return Said::Unclear;
        }
        ["not" | "n" | "see" | "unable" | "unknown" | "deferred", ..] if says_nothing(&folded) => {
            return Said::Unclear;
        }
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
            ("NO", none(vec![Denied::All(NoneKnown::Problems)])),
            ("Denies", none(vec![Denied::All(NoneKnown::Problems)])),
            ("None reported", none(vec![Denied::All(NoneKnown::Problems)])),
            ("none known except HTN", Said::Unclear),
            ("None on file", Said::Unclear),
            ("Not on file", Said::Unclear),
            ("N/A", Said::Unclear),
            ("See chart", Said::Unclear),
            (" - ", Said::Unclear),
            (".", Said::Unclear),
            ("0", Said::Unclear),
            ("Not done", Said::Something),
            ("See-saw injury", Said::Something),
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
