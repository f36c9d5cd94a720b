//! What AL1-3 and IAM-3 state: an allergy, that none is known, or that nobody can say.
//!
//! Senders have no field for "none known" and "unknown", so they write it where the substance belongs. To read an allergy as
//! "none known" can kill; so a phrase is taken as a whole or not at all (`no known drug allergies`, but not `no known
//! allergies except latex`), and a statement whose parts disagree is none.

use ehr_model::AllergyKnowledge::{self, NoneKnown, NotAsked, Present};
use ehr_types::{CodeSystem, CodeableConcept, Coding};

/// SNOMED CT code that says that the patient was not asked.
const NOBODY_ASKED: &str = "1631000175102";

const ABBREVIATIONS: &[&str] = &["nka", "nkda", "nkfa", "nkma", "nkea", "nkla"];

/// Words that narrow an allergy to a kind. Not `other`: who knows of no other allergy knows of one.
const KINDS: &[&str] = &[
    "drug",
    "drugs",
    "med",
    "meds",
    "medication",
    "medications",
    "medicine",
    "medicines",
    "food",
    "foods",
    "environment",
    "environmental",
    "latex",
    "insect",
    "seasonal",
    "contrast",
    "adverse",
    "allergic",
];

const NOUNS: &[&str] = &[
    "allergy",
    "allergies",
    "intolerance",
    "intolerances",
    "sensitivity",
    "sensitivities",
    "hypersensitivity",
    "hypersensitivities",
    "reaction",
    "reactions",
];

/// What says that the source does not know.
const UNKNOWN: &[&[&str]] = &[
    &["unknown"],
    &["unk"],
    &["not", "asked"],
    &["not", "known"],
    &["not", "assessed"],
    &["not", "recorded"],
    &["not", "documented"],
    &["not", "available"],
    &["unable", "to", "obtain"],
    &["unable", "to", "assess"],
    &["unable", "to", "determine"],
    &["none", "recorded"],
    &["none", "documented"],
    &["none", "on", "file"],
    &["no", "information"],
    &["no", "data"],
];

/// Words that change nothing; the last two end names of SNOMED CT.
const FILLERS: &[&str] = &["patient", "pt", "has", "the", "situation", "finding"];

/// What a substance states. `Err` where its parts contradict each other, which leaves an allergy.
pub(super) fn stated(substance: &CodeableConcept) -> Result<AllergyKnowledge, AllergyKnowledge> {
    let codings = substance.codings.iter().filter_map(of_coding);
    let text = substance.text.as_deref().map(|text| phrase(text, true));
    let mut all = codings.chain(text);
    let Some(first) = all.next() else {
        return Ok(Present);
    };
    let (mut positive, mut absent) = (first.is_none(), first.is_some());
    let mut knowledge = first.unwrap_or_default();
    for next in all {
        positive |= next.is_none();
        absent |= next.is_some();
        if next.is_some_and(|next| next != knowledge) {
            knowledge = NotAsked;
        }
    }
    match (positive, absent) {
        (false, _) => Ok(knowledge),
        (true, false) => Ok(Present),
        (true, true) => Err(Present),
    }
}

/// Whether words name something: a substance, a reaction; not that there is none or that nobody knows.
pub(super) fn names_something(words: &str) -> bool {
    let is_blank = !words.chars().any(char::is_alphanumeric);
    let is_void = ["na", "n/a"]
        .iter()
        .any(|void| words.trim().eq_ignore_ascii_case(void));
    !is_blank && !is_void && phrase(words, true).is_none()
}

/// What a coding says; `Some(None)` where it names a substance.
#[expect(clippy::option_option, reason = "a coding without words says nothing")]
fn of_coding(coding: &Coding) -> Option<Option<AllergyKnowledge>> {
    let code = coding.code.as_deref();
    if let Some(ehr_model::NoneKnown::Allergies(_)) = ehr_model::NoneKnown::of_coding(coding) {
        return Some(Some(NoneKnown));
    }
    if coding.is_of(&CodeSystem::SNOMED_CT) && code == Some(NOBODY_ASKED) {
        return Some(Some(NotAsked));
    }
    match (code, coding.display.as_deref()) {
        (None, None) => None,
        (Some(code), None) => Some(phrase(code, true)),
        (None, Some(display)) => Some(phrase(display, true)),
        // A name of "none" alone beside the code of something else is no name.
        (Some(code), Some(display)) => Some(phrase(display, phrase(code, true).is_some())),
    }
}

/// What a whole phrase says, where it says that there is none or that nobody knows. `alone`: whether the one word `none` does.
fn phrase(text: &str, alone: bool) -> Option<AllergyKnowledge> {
    let folded = text.to_lowercase();
    let initials: String = folded.chars().filter(|letter| letter.is_alphanumeric()).collect();
    if ABBREVIATIONS.contains(&initials.as_str()) {
        return Some(NoneKnown);
    }
    let all: Vec<&str> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty() && !FILLERS.contains(word))
        .collect();
    let mut words = Words(&all);
    let mut said = None;
    while !words.0.is_empty() {
        let next = words.clause(alone)?;
        said = match said {
            Some(known) if known != next => Some(NotAsked),
            _ => Some(next),
        };
    }
    said
}

/// The words of a phrase that are still to be read.
struct Words<'w, 't>(&'w [&'t str]);

impl Words<'_, '_> {
    fn take(&mut self, words: &[&str]) -> bool {
        let found = self.0.starts_with(words);
        if found {
            self.0 = self.0.get(words.len()..).unwrap_or_default();
        }
        found
    }

    fn take_one(&mut self, of: &[&str]) -> bool {
        of.iter().any(|word| self.take(&[word]))
    }

    /// One statement: an abbreviation, a word for unknown, or a negated allergy.
    fn clause(&mut self, alone: bool) -> Option<AllergyKnowledge> {
        if self.take_one(ABBREVIATIONS) {
            return Some(NoneKnown);
        }
        if self.unknown() {
            return Some(NotAsked);
        }
        if self.take(&["none", "known"]) || self.take(&["nil", "known"]) {
            return Some(NoneKnown);
        }
        if alone && self.0.len() == 1 && self.take_one(&["none", "nil"]) {
            return Some(NoneKnown);
        }
        if !self.take_one(&["no", "nil", "denies", "denied"]) {
            return None;
        }
        self.take(&["any"]);
        self.take(&["known"]);
        self.nouns()?;
        while self.take_one(&["or", "and"]) {
            self.nouns()?;
        }
        if self.take(&["to"]) {
            self.kinds()?;
        }
        let unrecorded = self.take_one(&["recorded", "documented", "reported"]) || self.take(&["on", "file"]);
        Some(if unrecorded { NotAsked } else { NoneKnown })
    }

    /// `allergies unknown`, `unknown allergy status`.
    fn unknown(&mut self) -> bool {
        let about = |words: &mut Self| {
            while words.take_one(KINDS) {}
            words.take_one(NOUNS);
            words.take_one(&["status", "history"]);
        };
        let start = self.0;
        about(self);
        let found = UNKNOWN.iter().any(|words| self.take(words));
        if found {
            about(self);
        } else {
            self.0 = start;
        }
        found
    }

    fn kinds(&mut self) -> Option<()> {
        if !self.take_one(KINDS) {
            return None;
        }
        while self.take_one(KINDS) || self.take_one(&["or", "and"]) && self.take_one(KINDS) {}
        Some(())
    }

    /// `drug allergies`, `adverse reactions`; a bare reaction is none to a substance.
    fn nouns(&mut self) -> Option<()> {
        let start = self.0;
        while self.take_one(KINDS) || self.0.first() == Some(&"or") && self.take_one(&["or"]) {}
        let kinds = start.get(..start.len() - self.0.len()).unwrap_or_default();
        let is_reaction = self.0.first().is_some_and(|word| word.starts_with("reaction"));
        let is_adverse = kinds.iter().any(|kind| matches!(*kind, "adverse" | "allergic"));
        ((!is_reaction || is_adverse) && self.take_one(NOUNS)).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_taken_as_a_whole_or_not_at_all() {
        for (text, expected) in [
            ("NKDA", Some(NoneKnown)),
            ("N.K.A.", Some(NoneKnown)),
            ("No Known Allergies", Some(NoneKnown)),
            ("NO KNOWN  DRUG ALLERGIES (NKDA)", Some(NoneKnown)),
            ("No known allergy (situation)", Some(NoneKnown)),
            ("Patient denies any drug or food allergies", Some(NoneKnown)),
            ("No known allergies to medications", Some(NoneKnown)),
            ("no known allergies or adverse drug reactions", Some(NoneKnown)),
            ("None known", Some(NoneKnown)),
            ("None", Some(NoneKnown)),
            ("UNKNOWN", Some(NotAsked)),
            ("Allergy status unknown", Some(NotAsked)),
            ("unable to obtain", Some(NotAsked)),
            ("No allergies on file", Some(NotAsked)),
            ("none recorded", Some(NotAsked)),
            ("NKDA, food allergies unknown", Some(NotAsked)),
            ("No known allergies except latex", None),
            ("No other known allergies", None),
            ("Latex allergy, no reaction", None),
            ("no reaction", None),
            ("no known allergy to penicillin", None),
            ("not NKDA", None),
            ("Penicillin", None),
            ("Unknown antibiotic", None),
            ("no", None),
            ("", None),
        ] {
            assert_eq!(phrase(text, true), expected, "{text}");
        }
    }

    #[test]
    fn parts_that_disagree_leave_an_allergy() {
        let coded = |code: &str, display: &str| {
            let coding = Coding::new("urn:x", code);
            CodeableConcept::from(if display.is_empty() {
                coding
            } else {
                coding.with_display(display)
            })
        };
        assert_eq!(stated(&coded("NKA", "")), Ok(NoneKnown));
        assert_eq!(stated(&coded("00001", "No known allergies")), Ok(NoneKnown));
        assert_eq!(stated(&coded("NKA", "None")), Ok(NoneKnown));
        assert_eq!(stated(&coded("PCN", "none")), Ok(Present));
        assert_eq!(stated(&coded("NKA", "Penicillin")), Ok(Present));
        let mut both = coded("7980", "Penicillin");
        both.text = Some("NKDA".into());
        assert_eq!(stated(&both), Err(Present));
        both = coded("NKDA", "");
        both.text = Some("unknown".into());
        assert_eq!(stated(&both), Ok(NotAsked));
        assert!(names_something("Hives") && !names_something("N/A") && !names_something("none"));
    }
}
