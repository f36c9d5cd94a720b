//! Whether the names that sources give to one code can mean one thing.

use ehr_types::{CodeSystem, CodeableConcept, Coding};

use super::common::COMMON;
use super::synonyms::are_synonyms;
use crate::wording::{normalize, words};

/// Words of which at most one is true of a thing, in groups.
const EXCLUSIVE: &[&[&str]] = &[
    &["acute", "chronic"],
    &[
        "suspected",
        "possible",
        "probable",
        "?",
        "excluded",
        "ruled",
        "confirmed",
    ],
    &["primary", "secondary", "gestational"],
    &["benign", "malignant"],
    &["positive", "negative"],
    &["mild", "moderate", "severe"],
    &["upper", "lower"],
    &["proximal", "distal"],
    &["anterior", "posterior", "inferior"],
    &["medial", "lateral"],
    &["lad", "rca", "lcx", "circumflex", "lmca"],
    &["systolic", "diastolic"],
    &["active", "remission", "resolved"],
    &["first", "second", "third", "fourth"],
];

/// Codes by which systems of one's own say that there is no code.
const CATCH_ALL: &[&str] = &[
    "other",
    "oth",
    "othr",
    "freetext",
    "free text",
    "misc",
    "miscellaneous",
    "uncoded",
    "nocode",
    "no code",
    "none",
    "unk",
    "unknown",
    "local",
    "custom",
    "text",
];

/// Whether a code is of a system that is published, so that it means the same whoever writes it.
pub(super) fn is_published(coding: &Coding) -> bool {
    coding.canonical_system().is_some_and(|system| {
        CodeSystem::by_uri(system).is_some()
            || system.starts_with("http://hl7.org/")
            || system.starts_with("http://terminology.hl7.org/")
    })
}

/// Whether a code of a system of one's own says that there is no code.
pub(super) fn is_catch_all(coding: &Coding) -> bool {
    let code = coding.code.as_deref().map(words);
    code.is_some_and(|code| CATCH_ALL.contains(&code.as_str())) && !is_published(coding)
}

/// Whether both have names, and no telling word of either stands in the other.
pub(super) fn share_no_word(a: &[&str], b: &[&str]) -> bool {
    let (a, b) = (telling(a), telling(b));
    let is_shared = |x: &&str| b.iter().any(|y| is_one_word(x, y));
    !a.is_empty() && !b.is_empty() && !a.iter().any(is_shared)
}

/// Whether both have names that have nothing to do with each other: no word of either is one of the other, begins one, is short for
/// some or is written like it, and no name of either is known as a synonym.
pub(super) fn are_unlike(a: &[&str], b: &[&str]) -> bool {
    have_no_names_in(a, b, are_related)
}

fn have_no_names_in(a: &[&str], b: &[&str], are_related: fn(&str, &str) -> bool) -> bool {
    let names_all = |names: &[&str]| !telling(names).is_empty();
    let is_one = |x: &str, y: &str| are_related(x, y) || are_synonyms(x, y);
    names_all(a) && names_all(b) && !a.iter().any(|x| b.iter().any(|y| is_one(x, y)))
}

/// How the names and words of two concepts are compared that have a code in common.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Names that have something in common are of one thing.
    Name,
    /// Likewise, of substances: another ending is another substance.
    Substance,
    /// Names as for [`Name`](Self::Name), and number, grade, certainty and place must fit.
    Wording,
    /// Names as for [`Substance`](Self::Substance), and what must fit for [`Wording`](Self::Wording).
    SubstanceWording,
}

impl Naming {
    /// Whether the names of two concepts have nothing to do with each other.
    pub(crate) fn are_unlike(self, a: &CodeableConcept, b: &CodeableConcept) -> bool {
        let (a, b) = (names(a), names(b));
        fn all(names: &[String]) -> Vec<&str> {
            names.iter().map(String::as_str).collect()
        }
        let related = match self {
            Self::Name | Self::Wording => are_related,
            Self::Substance | Self::SubstanceWording => are_related_substances,
        };
        have_no_names_in(&all(&a), &all(&b), related)
    }

    /// Whether the words in which two sources put one thing cannot both be true of it: number, grade, certainty or place differ.
    pub(crate) fn exclude_each_other(self, a: &CodeableConcept, b: &CodeableConcept) -> bool {
        matches!(self, Self::Wording | Self::SubstanceWording) && words_exclude_each_other(a, b)
    }
}

fn words_exclude_each_other(a: &CodeableConcept, b: &CodeableConcept) -> bool {
    let both = a.text.as_deref().zip(b.text.as_deref());
    let Some((a, b)) = both.or_else(|| a.label().zip(b.label())) else {
        return false;
    };
    let (a, b) = (words(a), words(b));
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    let differ = |of: &dyn Fn(&str) -> Option<String>| {
        let of_a: Vec<String> = a.iter().filter_map(|word| of(word)).collect();
        let of_b: Vec<String> = b.iter().filter_map(|word| of(word)).collect();
        let within = |x: &[String], y: &[String]| x.iter().all(|word| y.contains(word));
        !within(&of_a, &of_b) && !within(&of_b, &of_a)
    };
    let excludes = |group: &&[&str]| differ(&|word| group.contains(&word).then(|| word.to_owned()));
    differ(&number) || EXCLUSIVE.iter().any(excludes)
}

/// A number or grade: in digits, as a roman number, or a single letter.
fn number(word: &str) -> Option<String> {
    let arabic = match word {
        "i" => "1",
        "ii" => "2",
        "iii" => "3",
        "iv" => "4",
        _ if word.starts_with(|char: char| char.is_ascii_digit()) => word,
        _ => return None,
    };
    Some(arabic.to_owned())
}

/// All names of a concept that name something, in one spelling.
pub(super) fn names(concept: &CodeableConcept) -> Vec<String> {
    let displays = concept
        .codings
        .iter()
        .filter_map(|coding| coding.display.as_deref());
    let all = concept.text.as_deref().into_iter().chain(displays);
    all.filter_map(normalize).collect()
}

/// The words of names by which things are told apart.
fn telling<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let is_telling = |word: &&str| {
        word.chars().count() > 1
            && !word.starts_with(|char: char| char.is_ascii_digit())
            && !COMMON.contains(word)
    };
    names
        .iter()
        .flat_map(|name| name.split(' '))
        .filter(is_telling)
        .collect()
}

/// Whether two words are one, perhaps in the plural.
fn is_one_word(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    long.strip_prefix(short)
        .is_some_and(|rest| matches!(rest, "" | "s" | "es"))
}

/// Whether a word of one name is one of the other, begins like one, or is short for it or for its words.
fn are_related(a: &str, b: &str) -> bool {
    let (of_a, of_b) = (telling(&[a]), telling(&[b]));
    let alike = |x: &&str| of_b.iter().any(|y| begin_alike(x, y));
    of_a.iter().any(alike) || has_short_form(&of_a, b) || has_short_form(&of_b, a)
}

fn begin_alike(a: &str, b: &str) -> bool {
    let shared = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let is_beginning = shared >= 3 && shared == a.chars().count().min(b.chars().count());
    shared >= 5 || is_beginning || is_one_word(a, b) || is_misspelt(a, b)
}

/// Whether names of substances have a word in common, or one of one is short for one of the other. What only begins alike or is
/// written alike is another substance: hydralazine is not hydroxyzine.
fn are_related_substances(a: &str, b: &str) -> bool {
    let (of_a, of_b) = (telling(&[a]), telling(&[b]));
    let is_beginning = |x: &str, y: &str| x.chars().count() >= 4 && y.starts_with(x);
    let alike = |x: &&str| {
        let is_one = |y: &&str| is_one_word(x, y) || is_beginning(x, y) || is_beginning(y, x);
        of_b.iter().any(is_one)
    };
    of_a.iter().any(alike) || has_short_form(&of_a, b) || has_short_form(&of_b, a)
}

/// Whether a long word is another with one letter wrong, missing, or exchanged with the next: no more, or hypertension would be
/// hypotension.
fn is_misspelt(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().min(b.len()) < 8 || a.len().abs_diff(b.len()) > 1 || a.first() != b.first() {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (
        a.get(same..).unwrap_or_default(),
        b.get(same..).unwrap_or_default(),
    );
    match (a, b) {
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([_, a @ ..], b) if a == b => true,
        (a, [_, b @ ..]) if a == b => true,
        ([x, y, a @ ..], [v, w, b @ ..]) => x == w && y == v && a == b,
        _ => false,
    }
}

/// Whether one of the words is short for words of the name: `htn` for hypertension, `mi` for myocardial infarction.
fn has_short_form(short: &[&str], name: &str) -> bool {
    let initials: String = name.split(' ').filter_map(|word| word.chars().next()).collect();
    short.iter().filter(|word| word.chars().count() <= 5).any(|word| {
        let abbreviates = |long: &str| {
            let mut letters = long.chars();
            long.len() > word.len()
                && long.chars().next() == word.chars().next()
                && word.chars().all(|char| letters.any(|letter| letter == char))
        };
        initials.contains(word) || name.split(' ').any(abbreviates)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_code_that_have_nothing_to_do_with_each_other() {
        for (a, b, unlike) in [
            ("malignant neoplastic disease", "respiratory insufficiency", true),
            ("penicillin g", "latex", true),
            ("hypertension", "diabetes mellitus type 2", true),
            ("hypertension", "essential hypertension", false),
            ("htn", "hypertension", false),
            ("mi", "myocardial infarction", false),
            ("copd", "chronic obstructive pulmonary disease", false),
            ("glu", "glucose mass volume in serum", false),
            ("allergy to latex", "allergy to egg", true),
            ("diabetic", "diabetes", false),
            ("k", "potassium", false),
            ("hypertension", "high blood pressure", false),
            ("pnuemonia", "pneumonia", false),
            ("shortness of breath", "dyspnea", false),
            ("hypertension", "hypotension", true),
            ("hyperthyroidism", "hypothyroidism", true),
        ] {
            assert_eq!(are_unlike(&[a], &[b]), unlike, "{a} {b}");
            assert_eq!(are_unlike(&[b], &[a]), unlike, "{b} {a}");
        }
        assert!(share_no_word(&["penicillin"], &["penicillamine"]));
        assert!(!share_no_word(&["penicillin allergy"], &["penicillins"]));
        assert!(!share_no_word(&["asthma"], &[]));
    }

    #[test]
    fn a_substance_is_not_another_that_is_written_like_it() {
        let unlike = |a: &str, b: &str| {
            let (a, b) = (CodeableConcept::from_text(a), CodeableConcept::from_text(b));
            assert_eq!(
                Naming::Substance.are_unlike(&a, &b),
                Naming::Substance.are_unlike(&b, &a)
            );
            Naming::Substance.are_unlike(&a, &b)
        };
        for (a, b, expected) in [
            (
                "Hydralazine 25 MG Oral Tablet",
                "Hydroxyzine 25 MG Oral Tablet",
                true,
            ),
            (
                "Prednisone 5 MG Oral Tablet",
                "Prednisolone 5 MG Oral Tablet",
                true,
            ),
            ("Celebrex", "Celexa", true),
            ("Penicillin G", "Penicillamine", true),
            ("Warfarin Sodium 5 MG Oral Tablet", "Coumadin 5 mg", false),
            (
                "lisinopril 10 MG Oral Tablet [Prinivil]",
                "Lisinopril 10mg",
                false,
            ),
            ("HCTZ 25", "Hydrochlorothiazide 25 MG", false),
            ("Amox 500", "Amoxicillin 500 MG Oral Capsule", false),
            ("ASA 81", "Aspirin 81 MG", false),
        ] {
            assert_eq!(unlike(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn wordings_that_cannot_both_be_true() {
        let differ = |a: &str, b: &str| {
            let (a, b) = (CodeableConcept::from_text(a), CodeableConcept::from_text(b));
            Naming::Wording.are_unlike(&a, &b) || Naming::Wording.exclude_each_other(&a, &b)
        };
        for (a, b, expected) in [
            ("type 1 diabetes", "Type II diabetes", true),
            ("type 2 diabetes", "Diabetes mellitus, type II", false),
            ("Diabetes", "type 2 diabetes", false),
            ("L4-L5 fusion", "L5-S1 fusion", true),
            ("LAD stent", "RCA stent", true),
            ("Acute bronchitis", "chronic bronchitis", true),
            ("suspected DVT", "DVT ruled out", true),
            ("CKD stage 1", "CKD stage 3", true),
            ("Bronchitis", "Acute bronchitis", false),
        ] {
            assert_eq!(differ(a, b), expected, "{a} {b}");
            assert_eq!(differ(b, a), expected, "{b} {a}");
        }
    }
}
