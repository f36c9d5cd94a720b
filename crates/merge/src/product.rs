//! What the name of a medicinal product says: its ingredients and their strengths.

use crate::wording::{EMPTY_WORDS, words};

/// Amounts of substance: each a number in the smallest unit of its kind, and that unit.
pub(crate) type Strengths = Vec<(f64, &'static str)>;

/// The amounts of substance that words name, as in `Metformin 500 MG Oral Tablet`, in the order of size.
pub(crate) fn strengths(text: &str) -> Strengths {
    let words = words(text);
    let all: Vec<&str> = words.split(' ').collect();
    let mut found: Strengths = all
        .windows(2)
        .filter_map(|pair| {
            let (number, unit) = (pair.first()?.parse::<f64>().ok()?, pair.last()?);
            Some(match *unit {
                "g" | "gm" | "gram" | "grams" => (number * 1e6, "ug"),
                "mg" | "milligram" | "milligrams" => (number * 1e3, "ug"),
                "mcg" | "ug" | "µg" | "μg" | "microgram" | "micrograms" => (number, "ug"),
                "unt" | "unit" | "units" | "iu" => (number, "units"),
                "meq" => (number, "meq"),
                "%" => (number, "%"),
                _ => return None,
            })
        })
        .collect();
    found.sort_by(|a, b| a.1.cmp(b.1).then_with(|| a.0.total_cmp(&b.0)));
    found
}

/// Words that a name of a product has behind its ingredient: forms, and the salts that an ingredient comes as.
const BEHIND_INGREDIENTS: &[&str] = &[
    "tablet",
    "tablets",
    "tab",
    "tabs",
    "capsule",
    "capsules",
    "cap",
    "caps",
    "oral",
    "injection",
    "injectable",
    "solution",
    "suspension",
    "cream",
    "ointment",
    "gel",
    "patch",
    "inhaler",
    "inhalation",
    "spray",
    "drops",
    "syrup",
    "extended",
    "delayed",
    "release",
    "xr",
    "er",
    "xl",
    "sr",
    "ir",
    "dr",
    "cr",
    "la",
    "po",
    "hydrochloride",
    "hcl",
    "sodium",
    "potassium",
    "calcium",
    "tartrate",
    "succinate",
    "maleate",
    "besylate",
    "mesylate",
    "sulfate",
    "phosphate",
    "acetate",
    "citrate",
    "fumarate",
    "hydrobromide",
    "bitartrate",
];

/// The ingredients that the name of a product begins its parts with: `Metoprolol Tartrate 25 MG Oral Tablet`,
/// `lisinopril 10 MG / hydrochlorothiazide 12.5 MG`.
pub(crate) fn ingredients(name: &str) -> Vec<String> {
    let of_part = |part: &str| {
        let words = words(part);
        let named: Vec<&str> = words
            .split(' ')
            // "24 HR" stands in front.
            .skip_while(|word| word.starts_with(|first: char| first.is_ascii_digit()) || *word == "hr")
            .enumerate()
            .take_while(|(at, word)| {
                let is_number = word.starts_with(|first: char| first.is_ascii_digit());
                *at == 0 || !is_number && !BEHIND_INGREDIENTS.contains(word)
            })
            .map(|(_, word)| word)
            .collect();
        named.join(" ")
    };
    let parts = name.split(" / ").map(of_part);
    parts
        .filter(|part| !EMPTY_WORDS.contains(&part.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ingredients_of_products() {
        for (name, expected) in [
            ("Metoprolol Tartrate 25 MG Oral Tablet", &["metoprolol"][..]),
            (
                "24 HR metoprolol succinate 50 MG Extended Release Oral Tablet",
                &["metoprolol"],
            ),
            (
                "lisinopril 10 MG / hydrochlorothiazide 12.5 MG Oral Tablet",
                &["lisinopril", "hydrochlorothiazide"],
            ),
            ("insulin glargine 100 UNT/ML", &["insulin glargine"]),
            ("insulin lispro", &["insulin lispro"]),
            ("potassium chloride 10 MEQ", &["potassium chloride"]),
            ("Warfarin", &["warfarin"]),
            ("unknown", &[]),
        ] {
            assert_eq!(ingredients(name), expected, "{name}");
        }
    }

    #[test]
    fn strengths_are_told_by_words() {
        let same = |a: &str, b: &str| strengths(a) == strengths(b);
        assert!(same(
            "Metformin 500mg tab",
            "metformin hydrochloride 0.5 G Oral Tablet"
        ));
        assert!(same(
            "Lisinopril 10 MG / HCTZ 12.5 MG",
            "HCTZ 12.5 mg, lisinopril 10 mg"
        ));
        assert!(!same("Metformin 500 MG", "Metformin 1000 MG"));
        assert!(!same("Levothyroxine 50 mcg", "Levothyroxine 50 mg"));
        assert!(strengths("Aspirin").is_empty());
    }
}
