//! Words compared by meaning: case, punctuation, spacing and terminology tags do not count.

use unicode_normalization::UnicodeNormalization;

/// Tags that SNOMED CT puts behind its fully specified names.
const SEMANTIC_TAGS: &[&str] = &[
    "disorder",
    "finding",
    "procedure",
    "situation",
    "substance",
    "product",
    "medicinal product",
    "clinical drug",
    "observable entity",
    "body structure",
    "regime therapy",
    "event",
    "morphologic abnormality",
    "organism",
    "person",
    "occupation",
    "environment",
    "qualifier value",
    "record artifact",
    "physical object",
    "specimen",
    "context dependent category",
];

/// Words that name nothing, so that two entries with them are not about the same thing.
pub(crate) const EMPTY_WORDS: &[&str] = &[
    "",
    "unknown",
    "other",
    "none",
    "n a",
    "na",
    "not specified",
    "unspecified",
    "see comment",
    "see comments",
    "see note",
    "see notes",
    "see text",
    "misc",
    "miscellaneous",
    "null",
    "not available",
    "no information",
    "free text",
    "test",
    "result",
    "comment",
    "unk",
    "drug or medication",
    "drug or medicament",
    "medication",
    "substance",
    "problem",
    "disease",
    "clinical finding",
    "procedure",
    "encounter",
    "instruction",
    "instructions",
];

/// The words in one spelling: lower case, letters and numbers apart, single spaces; a final SNOMED CT tag is left out.
/// `None` when they name nothing.
pub(crate) fn normalize(text: &str) -> Option<String> {
    let words = words(text);
    let without_tag = SEMANTIC_TAGS
        .iter()
        .filter(|_| text.trim_end().ends_with(')'))
        .find_map(|tag| words.strip_suffix(tag))
        .map_or(words.as_str(), str::trim_end);
    let words = if without_tag.is_empty() {
        &words
    } else {
        without_tag
    };
    (!EMPTY_WORDS.contains(&words)).then(|| words.to_owned())
}

/// Units that are told by the litre.
const UNITS_BEFORE_LITRE: &[&str] = &[
    "g", "mg", "ug", "mcg", "ng", "mol", "mmol", "umol", "nmol", "u", "iu", "miu", "meq", "cells",
];

/// Which sides of the body are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    pub(crate) left: bool,
    pub(crate) right: bool,
}

impl Sides {
    pub(crate) fn of(text: &str) -> Self {
        let words = words(text);
        let words: Vec<&str> = words.split(' ').collect();
        let mut sides = Self::default();
        for (at, word) in words.iter().enumerate() {
            let before = at
                .checked_sub(1)
                .and_then(|at| words.get(at))
                .copied()
                .unwrap_or_default();
            let after = words.get(at + 1).copied().unwrap_or_default();
            let (left, right) = match *word {
                "left" | "lt" | "os" | "lue" | "lle" | "luq" | "llq" | "lul" | "lll" if before != "per" => {
                    (true, false)
                }
                "right" | "rt" | "od" | "rue" | "rle" | "ruq" | "rlq" | "rul" | "rml" | "rll" => {
                    (false, true)
                }
                "bilateral" | "bilaterally" | "bilat" | "both" | "ou" | "bue" | "ble" => (true, true),
                // Vertebrae are numbered, units stand behind a number or a unit, and `R/O` rules out.
                "l" | "r" if after.starts_with(|char: char| char.is_ascii_digit()) || after == "o" => {
                    continue;
                }
                "l" if before == "b" => (true, true),
                "l" if UNITS_BEFORE_LITRE.contains(&before)
                    || before.ends_with(|char: char| char.is_ascii_digit()) =>
                {
                    continue;
                }
                "l" => (true, false),
                "r" => (false, true),
                _ => continue,
            };
            sides.left |= left;
            sides.right |= right;
        }
        sides
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            left: self.left || other.left,
            right: self.right || other.right,
        }
    }

    /// Whether both name a side, and not the same.
    pub(crate) fn differ(self, other: Self) -> bool {
        self != other && self != Self::default() && other != Self::default()
    }
}

/// The words in lower case, letters and numbers apart, with single spaces.
///
/// What makes another number or amount of a text stays: decimal points (`.5` is `0.5`), a minus before a number, the sign of a blood
/// group (`O-`), comparators (`≥` is `>=`), the stroke of a fraction (`1/2` is not `1-2`); and a question mark stays a question.
pub(crate) fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = Kind::Space;
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        let kind = match char {
            '0'..='9' => Kind::Digit,
            '.' if next.is_ascii_digit() && (last == Kind::Digit || !before.is_alphanumeric()) => Kind::Digit,
            '-' | '−' if next.is_ascii_digit() && (before.is_whitespace() || before == '(') => Kind::Sign,
            '-' | '−' if before.is_alphabetic() && !next.is_alphanumeric() => Kind::Letter,
            '/' if is_one_digit(&out, last) && is_digit_alone(chars.clone()) => Kind::Letter,
            '=' if matches!(before, '<' | '>') => Kind::Letter,
            '%' | '+' | '<' | '>' | '≤' | '≥' | '?' => Kind::Letter,
            _ if char.is_alphanumeric() => Kind::Letter,
            _ => Kind::Space,
        };
        let starts = kind != last && !(last == Kind::Sign && kind == Kind::Digit);
        if kind != Kind::Space && starts && !out.is_empty() {
            out.push(' ');
        }
        match (kind, char) {
            (Kind::Space, '\'' | '’') => continue,
            (Kind::Space, _) => {}
            (Kind::Digit, '.') if last != Kind::Digit => out.push_str("0."),
            (_, '≤') => out.push_str("<="),
            (_, '≥') => out.push_str(">="),
            (_, '−') => out.push('-'),
            _ => out.extend(char.to_lowercase()),
        }
        last = kind;
        before = char;
    }
    out
}

/// Whether the words end in a number of one digit.
fn is_one_digit(words: &str, last: Kind) -> bool {
    let mut end = words.bytes().rev().skip(1);
    last == Kind::Digit && end.next().is_none_or(|byte| byte == b' ')
}

/// Whether one digit follows, and no more of a number.
fn is_digit_alone(mut rest: impl Iterator<Item = char>) -> bool {
    rest.next().is_some_and(|char| char.is_ascii_digit())
        && !rest
            .next()
            .is_some_and(|char| char.is_ascii_digit() || matches!(char, '.' | '/'))
}

/// [`words`] without accents and other marks on letters: for names, which are written with and without them.
pub(crate) fn folded(text: &str) -> String {
    let is_mark = |char: &char| ('\u{300}'..='\u{36f}').contains(char);
    let plain: String = text.nfkd().filter(|char| !is_mark(char)).collect();
    words(
        &plain
            .replace(['ł', 'Ł'], "l")
            .replace(['ø', 'Ø'], "o")
            .replace('ß', "ss"),
    )
}

/// Letters and digits only, in lower case: for numbers, codes and addresses that are typed in many ways.
pub(crate) fn letters(text: &str) -> String {
    text.chars()
        .filter(|char| char.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    Letter,
    Digit,
    /// A minus before a number.
    Sign,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_count() {
        for (a, b) in [
            (
                "Streptococcal sore throat (disorder)",
                "STREPTOCOCCAL  SORE THROAT",
            ),
            ("Tylenol 500mg", "tylenol 500 MG"),
            ("Crohn's disease", "crohns disease"),
            ("Viral sinusitis (disorder)", "Viral sinusitis (finding)"),
        ] {
            assert_eq!(normalize(a), normalize(b), "{a}");
            assert!(normalize(a).is_some());
        }
        assert_ne!(normalize("0.5 mg"), normalize("5 mg"));
        assert_ne!(normalize("Hepatitis B"), normalize("Hepatitis C"));
    }

    #[test]
    fn what_makes_another_amount_counts() {
        for (a, b) in [
            ("alprazolam .5 mg tablet", "alprazolam 5 mg tablet"),
            ("-2.5", "2.5"),
            ("T-score (-2.5)", "T-score (2.5)"),
            ("O-", "O"),
            ("O-", "O+"),
            (">=100", "<=100"),
            (">=100", ">100"),
            ("≥ 100", "≤ 100"),
            ("1/2 tablet", "1-2 tablet"),
            ("1/2 tablet", "12 tablet"),
            ("Asthma?", "Asthma"),
        ] {
            assert_ne!(words(a), words(b), "{a} {b}");
        }
        for (a, b) in [
            (".5 mg", "0.5 mg"),
            ("≥100", ">=100"),
            ("−2.5", "-2.5"),
            ("Hydrocodone/APAP 5/325 MG", "hydrocodone-APAP 5-325 mg"),
            ("Take 1-2 tablets", "take 1 - 2 tablets."),
            ("No.5", "no. 5"),
            ("Rh-negative", "Rh negative"),
            ("2024-03-01", "2024/03/01"),
            ("Alcohol - current", "alcohol, current"),
        ] {
            assert_eq!(words(a), words(b), "{a} {b}");
        }
    }

    #[test]
    fn sides_are_told_by_words() {
        let differ = |a: &str, b: &str| Sides::of(a).differ(Sides::of(b));
        assert!(differ("Cataract, LEFT eye", "cataract of right eye"));
        assert!(differ("Bilateral knee pain", "Left knee pain"));
        assert!(!differ("Knee pain, both sides", "Bilateral knee pain"));
        assert!(!differ("Knee pain", "Left knee pain"));
        assert!(!differ("Cleft palate", "Bright red blood"));
        for (left, right) in [
            ("TKR (L)", "TKR (R)"),
            ("Lt knee", "Rt. knee"),
            ("Cataract OS", "Cataract OD"),
            ("LLE DVT", "RLE DVT"),
            ("bilat hernia", "R hernia"),
        ] {
            assert!(differ(left, right), "{left} {right}");
        }
        assert!(!differ("L4-L5 fusion", "fusion, right"));
        assert!(!differ("R/O DVT", "DVT, left"));
        assert!(!differ("Cataract OD", "right cataract"));
    }

    #[test]
    fn words_that_name_nothing() {
        for text in ["", "  ", "N/A", "Unknown", "See comment."] {
            assert_eq!(normalize(text), None, "{text}");
        }
        assert_eq!(normalize("(disorder)").as_deref(), Some("disorder"));
    }
}
