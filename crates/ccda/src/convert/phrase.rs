//! Words that say of a list as a whole that there is nothing, or that nobody knows.
//!
//! A phrase is taken as a whole or not at all: `no known drug allergies`, but not `no known allergies except latex`.

use ehr_types::CodeableConcept;

use super::list_noun::nouns;
use crate::template::SectionKind;

/// What is said of a list as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// That there is nothing on it.
    NoneKnown,
    /// That the source does not know.
    Unknown,
}

/// Whether words say that there is none, and of what: `No known allergies`, but not `None`.
pub(super) fn says_none_by_name(list: SectionKind, text: &str) -> bool {
    let is_alone =
        matches!(Phrase::new(list, text).words.as_slice(), [word] if word == "none" || word == "nil");
    !is_alone && said(list, text) == Some(Said::NoneKnown)
}

/// What a concept says of a list in its words, where it names nothing: each of its words must say the same, and no code
/// may stand there without words.
pub(super) fn said_by(list: SectionKind, concept: &CodeableConcept) -> Option<Said> {
    if concept
        .codings
        .iter()
        .any(|coding| coding.code.is_some() && coding.display.is_none())
    {
        return None;
    }
    let displays = concept
        .codings
        .iter()
        .filter_map(|coding| coding.display.as_deref());
    let mut all = displays
        .chain(concept.text.as_deref())
        .map(|text| said(list, text));
    let first = all.next()??;
    let mut out = first;
    for next in all {
        if next? != first {
            out = Said::Unknown;
        }
    }
    Some(out)
}

/// What words say of a list as a whole, where they say no more.
pub(super) fn said(list: SectionKind, text: &str) -> Option<Said> {
    let initials: String = text
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    if list == SectionKind::Allergies && ABBREVIATIONS.contains(&initials.as_str()) {
        return Some(Said::NoneKnown);
    }
    let mut words = Phrase::new(list, text);
    let mut out = None;
    while !words.is_at_end() {
        let next = words.clause()?;
        out = match out {
            Some(known) if known != next => Some(Said::Unknown),
            _ => Some(next),
        };
    }
    out
}

const ABBREVIATIONS: &[&str] = &["nka", "nkda", "nkfa", "nkma", "nkea", "nkla"];

/// Words that change nothing.
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

/// Words that say that the source does not know.
const UNSURE: &[&str] = &[
    "unknown",
    "unk",
    "unavailable",
    "available",
    "information",
    "data",
    "recorded",
    "documented",
    "reported",
    "noted",
    "entered",
    "listed",
    "excluded",
    "asked",
    "assessed",
    "file",
];

/// Whether words say, whatever else they say, that something is not known or not shown.
pub(super) fn is_unsure(text: &str) -> bool {
    let folded = text.to_lowercase();
    let mut words = folded.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| UNSURE.contains(&word))
}

/// Whether words name only what the list is about: `drug or medication`.
pub(super) fn names_at_large(list: SectionKind, text: &str) -> bool {
    let mut words = Phrase::new(list, text);
    words.about() && words.is_at_end()
}

/// The words of a phrase that are still to be read.
struct Phrase {
    list: SectionKind,
    words: Vec<String>,
    at: usize,
}

impl Phrase {
    fn new(list: SectionKind, text: &str) -> Self {
        let folded = text.to_lowercase();
        let words = folded
            .split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty() && !FILLERS.contains(word));
        Self {
            list,
            words: words.map(str::to_owned).collect(),
            at: 0,
        }
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.words.len()
    }

    fn take(&mut self, words: &[&str]) -> bool {
        let rest = self.words.get(self.at..).unwrap_or_default();
        let found = rest.len() >= words.len() && rest.iter().zip(words).all(|(own, word)| own == word);
        if found {
            self.at += words.len();
        }
        found
    }

    fn take_one(&mut self, of: &[&str]) -> bool {
        of.iter().any(|word| self.take(&[word]))
    }

    /// What the list is about: `current medications`, `drug or food allergies`. Whether it was named.
    fn about(&mut self) -> bool {
        let (nouns, others) = nouns(self.list);
        let start = self.at;
        let mut named = false;
        loop {
            let noun = self.take_one(nouns);
            named |= noun;
            if !noun && !self.take_one(others) && !self.take_one(&["or", "and"]) {
                break;
            }
        }
        // A reaction is none to be allergic to, unless it is one of an allergy.
        let own = self.words.get(start..self.at).unwrap_or_default();
        let has = |words: &[&str]| own.iter().any(|own| words.contains(&own.as_str()));
        named || has(&["reaction", "reactions"]) && has(&["adverse", "allergic"])
    }

    /// One statement: an abbreviation, that the source does not know, or that there is none.
    fn clause(&mut self) -> Option<Said> {
        if self.list == SectionKind::Allergies && self.take_one(ABBREVIATIONS) {
            return Some(Said::NoneKnown);
        }
        if self.unknown() {
            return Some(Said::Unknown);
        }
        let start = self.at;
        self.about();
        if !self.take_one(&["none", "nil"]) {
            self.at = start;
            if !self.take_one(&["no", "nil", "denies", "denied"]) {
                return None;
            }
            self.take(&["any"]);
            self.take(&["known"]);
            if !self.about() {
                return None;
            }
        }
        Some(self.tail())
    }

    /// What follows: `known`, `on file`.
    fn tail(&mut self) -> Said {
        let mut said = Said::NoneKnown;
        loop {
            if self.take_one(&[
                "known",
                "identified",
                "indicated",
                "found",
                "present",
                "currently",
            ]) || self.take(&["at", "this", "time"])
            {
                continue;
            }
            if self.take_one(UNSURE) || self.take(&["on", "file"]) {
                said = Said::Unknown;
                continue;
            }
            return said;
        }
    }

    /// `allergies unknown`, `no information about medications`, `not available`.
    fn unknown(&mut self) -> bool {
        const UNKNOWN: &[&[&str]] = &[
            &["unknown"],
            &["unk"],
            &["unavailable"],
            &["not", "asked"],
            &["not", "known"],
            &["not", "assessed"],
            &["not", "recorded"],
            &["not", "documented"],
            &["not", "available"],
            &["not", "on", "file"],
            &["unable", "to", "obtain"],
            &["unable", "to", "assess"],
            &["unable", "to", "determine"],
        ];
        let start = self.at;
        let is_none = self.take(&["no"]);
        self.about();
        let found = if is_none {
            self.take_one(&["information", "data", "record", "records"])
        } else {
            self.take_one(&["information", "data", "status", "history"]);
            UNKNOWN.iter().any(|words| self.take(words))
        };
        if found {
            self.take_one(&["available", "recorded"]);
            self.take_one(&["about", "on", "for"]);
            self.about();
            self.take_one(&["status", "history"]);
        } else {
            self.at = start;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use ehr_types::Coding;

    use super::*;
    use Said::{NoneKnown, Unknown};
    use SectionKind as S;

    #[test]
    fn a_phrase_is_taken_as_a_whole_or_not_at_all() {
        for (list, text, expected) in [
            (S::Allergies, "NKDA", Some(NoneKnown)),
            (S::Allergies, "N.K.A.", Some(NoneKnown)),
            (S::Allergies, "No Known Allergies", Some(NoneKnown)),
            (S::Allergies, "Allergies: none", Some(NoneKnown)),
            (S::Allergies, "No known drug allergies (NKDA)", Some(NoneKnown)),
            (S::Allergies, "No known allergies to medications", Some(NoneKnown)),
            (
                S::Allergies,
                "Patient denies any drug or food allergies",
                Some(NoneKnown),
            ),
            (
                S::Allergies,
                "No known allergies or adverse drug reactions",
                Some(NoneKnown),
            ),
            (S::Allergies, "No allergies on file", Some(Unknown)),
            (S::Allergies, "None recorded", Some(Unknown)),
            (S::Allergies, "Allergy status unknown", Some(Unknown)),
            (S::Allergies, "No information about allergies", Some(Unknown)),
            (S::Allergies, "NKDA; food allergies unknown", Some(Unknown)),
            (S::Allergies, "No known allergies except latex", None),
            (S::Allergies, "No other known allergies", None),
            (S::Allergies, "no known allergy to penicillin", None),
            (S::Allergies, "no reaction", None),
            (S::Allergies, "Latex allergy, no reaction", None),
            (S::Allergies, "No known medications", None),
            (S::Allergies, "Penicillin", None),
            (S::Medications, "No known Medications", Some(NoneKnown)),
            (S::Medications, "No current medications", Some(NoneKnown)),
            (S::Medications, "None", Some(NoneKnown)),
            (
                S::Medications,
                "No medications information available",
                Some(Unknown),
            ),
            (S::Medications, "Not available.", Some(Unknown)),
            (S::Medications, "No medications administered", None),
            (S::Medications, "No known medications other than aspirin", None),
            (S::Medications, "no aspirin", None),
            (S::Medications, "medication", None),
            (S::Problems, "No Problems indicated", Some(NoneKnown)),
            (S::Problems, "No known health problems", Some(NoneKnown)),
            (S::Problems, "No problems documented", Some(Unknown)),
            (S::Problems, "no diabetes", None),
            (S::Immunizations, "No immunization history", Some(NoneKnown)),
            (S::Immunizations, "No Immunization Information", Some(Unknown)),
            (
                S::Immunizations,
                "No immunizations administered during visit",
                None,
            ),
            (S::Procedures, "No Known Procedures", Some(NoneKnown)),
            (S::Procedures, "No surgical history", None),
            (S::Medications, "No prescriptions", None),
            (S::Results, "No lab results", Some(NoneKnown)),
            (S::Results, "No data", Some(Unknown)),
            (S::Encounters, "No Encounters", Some(NoneKnown)),
            (S::FamilyHistory, "No family history of cancer", None),
            (S::FamilyHistory, "Family history unknown", Some(Unknown)),
            (
                S::MedicalEquipment,
                "Patient has no history of implantable devices",
                Some(NoneKnown),
            ),
            (S::Medications, "no", None),
            (S::Medications, "", None),
        ] {
            assert_eq!(said(list, text), expected, "{list:?} {text}");
        }
    }

    #[test]
    fn codes_beside_words_must_not_disagree() {
        let coded = |code: &str, display: &str| CodeableConcept {
            codings: vec![Coding::new("urn:x", code).with_display(display)],
            ..CodeableConcept::default()
        };
        assert_eq!(
            said_by(S::Allergies, &coded("1", "No known allergies")),
            Some(NoneKnown)
        );
        assert_eq!(said_by(S::Allergies, &coded("1", "Penicillin")), None);
        let mut both = coded("1", "Penicillin");
        both.text = Some("NKDA".to_owned());
        assert_eq!(said_by(S::Allergies, &both), None);
        both = coded("1", "NKA");
        both.text = Some("unknown".to_owned());
        assert_eq!(said_by(S::Allergies, &both), Some(Unknown));
        both = CodeableConcept::from_coding(Coding::new("urn:x", "7980"));
        both.text = Some("NKDA".to_owned());
        assert_eq!(said_by(S::Allergies, &both), None);
    }
}
