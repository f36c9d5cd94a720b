//! Problems that pass: of two that began long after each other, each is one of its own.

use ehr_types::{CodeSystem, CodeableConcept};

use crate::wording::words;

/// Words for what is over within weeks or months.
const PASSING: &[&str] = &[
    "appendicitis",
    "bronchiolitis",
    "cellulitis",
    "concussion",
    "covid",
    "cystitis",
    "embolism",
    "fracture",
    "gastroenteritis",
    "gestation",
    "infarction",
    "influenza",
    "laceration",
    "nstemi",
    "overdose",
    "pharyngitis",
    "pneumonia",
    "poisoning",
    "pregnancy",
    "pregnant",
    "pyelonephritis",
    "sprain",
    "stemi",
    "stroke",
    "tonsillitis",
    "uti",
];

/// Words of which all must be there.
const PASSING_TOGETHER: &[&[&str]] = &[
    &["urinary", "infection"],
    &["respiratory", "infection"],
    &["acute", "bronchitis"],
    &["acute", "otitis"],
    &["acute", "sinusitis"],
    &["acute", "pancreatitis"],
    &["acute", "mi"],
];

/// Words for what stays of it, or lasts.
const LASTING: &[&str] = &[
    "chronic",
    "history",
    "hx",
    "late",
    "malunion",
    "nonunion",
    "old",
    "recurrent",
    "sequela",
    "sequelae",
    "status",
];

/// Categories of ICD-10-CM, by their first three characters: intestinal infections, infarction, embolism, stroke, acute infections of
/// the airways, appendicitis, cellulitis, acute pyelonephritis, pregnancy and birth, injury and poisoning.
const PASSING_CATEGORIES: &[(&str, &str)] = &[
    ("A00", "A09"),
    ("I21", "I22"),
    ("I26", "I26"),
    ("I60", "I63"),
    ("J00", "J22"),
    ("K35", "K37"),
    ("L03", "L03"),
    ("N10", "N10"),
    ("O00", "O9A"),
    ("S00", "T88"),
];

/// Whether a problem passes by itself, as far as its code or its words tell.
pub(super) fn passes_by_itself(code: &CodeableConcept) -> bool {
    let displays = code.codings.iter().filter_map(|coding| coding.display.as_deref());
    let names: Vec<String> = code
        .text
        .as_deref()
        .into_iter()
        .chain(displays)
        .map(words)
        .collect();
    let all: Vec<&str> = names.iter().flat_map(|name| name.split(' ')).collect();
    let has = |word: &&str| all.contains(word);
    if LASTING.iter().any(has) {
        return false;
    }
    PASSING.iter().any(has)
        || PASSING_TOGETHER.iter().any(|words| words.iter().all(has))
        || code.codings.iter().any(|coding| {
            coding.is_of(&CodeSystem::ICD_10_CM) && coding.code.as_deref().is_some_and(is_passing_category)
        })
}

fn is_passing_category(code: &str) -> bool {
    let Some(category) = code.get(..3) else {
        return false;
    };
    // The seventh character S is for what an injury left behind.
    let is_sequela = matches!(category.as_bytes().first(), Some(b'S' | b'T')) && code.ends_with('S');
    let within = |(from, to): &(&str, &str)| (*from..=*to).contains(&category);
    !is_sequela && PASSING_CATEGORIES.iter().any(within)
}

#[cfg(test)]
mod tests {
    use ehr_types::Coding;

    use super::*;

    #[test]
    fn what_passes_is_told_by_words_or_category() {
        let icd = |code: &str| CodeableConcept::from_coding(Coding::new(CodeSystem::ICD_10_CM.uri, code));
        for (concept, expected) in [
            (CodeableConcept::from_text("Myocardial infarction"), true),
            (CodeableConcept::from_text("Fracture of forearm"), true),
            (CodeableConcept::from_text("Acute bronchitis"), true),
            (CodeableConcept::from_text("Chronic bronchitis"), false),
            (CodeableConcept::from_text("History of stroke"), false),
            (CodeableConcept::from_text("Diabetes mellitus type 2"), false),
            (icd("I21.9"), true),
            (icd("I25.2"), false),
            (icd("S52.501A"), true),
            (icd("S52.501S"), false),
            (icd("O80"), true),
            (icd("E11.9"), false),
            (icd("I"), false),
        ] {
            assert_eq!(passes_by_itself(&concept), expected, "{concept:?}");
        }
    }
}
