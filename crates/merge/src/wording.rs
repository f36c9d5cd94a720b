//! Words compared by meaning: case, punctuation, spacing and terminology tags do not count.

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
const EMPTY_WORDS: &[&str] = &[
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

/// The words in lower case, letters and numbers apart, with single spaces.
pub(crate) fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = Kind::Space;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let decimal = char == '.' && last == Kind::Digit && chars.peek().is_some_and(char::is_ascii_digit);
        let kind = if char.is_ascii_digit() || decimal {
            Kind::Digit
        } else if char.is_alphanumeric() || matches!(char, '%' | '+' | '<' | '>') {
            Kind::Letter
        } else {
            Kind::Space
        };
        if kind != Kind::Space {
            if kind != last && !out.is_empty() {
                out.push(' ');
            }
            out.extend(char.to_lowercase());
        } else if char == '\'' || char == '’' {
            continue;
        }
        last = kind;
    }
    out
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
    fn words_that_name_nothing() {
        for text in ["", "  ", "N/A", "Unknown", "See comment."] {
            assert_eq!(normalize(text), None, "{text}");
        }
        assert_eq!(normalize("(disorder)").as_deref(), Some("disorder"));
    }
}
