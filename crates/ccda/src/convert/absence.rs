//! "None": what a source says when there is nothing on a list, and what only looks like it.
//!
//! Three things must not be mixed up: that there is nothing ("no known medications"), that one thing is denied ("not taking
//! aspirin"), and that the source does not know ("no information"). To read a thing as "none" can kill; so words are taken as a
//! whole or not at all (`no known drug allergies`, but not `no known allergies except latex`), and what says less than
//! "none" stays what it is.

use ehr_types::{AbsentReason, CodeSystem, CodeableConcept, Coding};

use super::importer::Scope;
use crate::template::SectionKind;
use crate::xml::{Element, Node};

/// Codes for what is known to be absent, of the International Patient Summary (HL7, CC0).
const ABSENT: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

/// SNOMED CT: no known allergy.
pub(super) const NO_KNOWN_ALLERGY: &str = "716186003";
/// SNOMED CT: no known latex allergy. The International Patient Summary has no code for it.
const NO_LATEX_ALLERGY: &str = "1003774007";

/// What is said of a list as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// That there is nothing on it.
    NoneKnown,
    /// That the source does not know.
    Unknown,
}

/// What a negated statement denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// All that the list is about.
    All,
    /// One thing.
    One,
    /// Something that it does not name.
    Unnamed,
}

/// What `concept`, in a statement of this list that is negated, denies: all, where its code names things at large, or
/// cannot apply, or its words say that there is none.
pub(super) fn denied(list: SectionKind, concept: Option<&CodeableConcept>) -> Denied {
    let Some(concept) = concept else {
        return Denied::Unnamed;
    };
    let mut codes = concept
        .codings
        .iter()
        .filter_map(|coding| coding.code.as_deref())
        .peekable();
    let text = concept.text.as_deref();
    if codes.peek().is_some() {
        let is_all = codes.all(|code| at_large(list).contains(&code)) && !text.is_some_and(is_unsure);
        return if is_all { Denied::All } else { Denied::One };
    }
    let Some(text) = concept.label() else {
        let reason = concept.absent.as_ref().map(|absent| absent.reason);
        return if reason == Some(AbsentReason::NotApplicable) {
            Denied::All
        } else {
            Denied::Unnamed
        };
    };
    let mut words = Phrase::new(list, text);
    match said(list, text) {
        Some(Said::NoneKnown) => Denied::All,
        Some(Said::Unknown) => Denied::Unnamed,
        None if words.about() && words.is_at_end() => Denied::All,
        None => Denied::One,
    }
}

/// SNOMED CT: problem, clinical finding, disease.
const ANY_PROBLEM: &[&str] = &["55607006", "404684003", "64572001"];

/// Whether a statement that is negated says that there is nothing of all that the list is about.
pub(super) fn is_none(list: SectionKind, concept: Option<&CodeableConcept>, scope: &Scope) -> bool {
    speaks_of_all(scope, list) && denied(list, concept) == Denied::All
}

/// Codes (SNOMED CT) of things at large: who denies them denies all that the list is about.
fn at_large(list: SectionKind) -> &'static [&'static str] {
    match list {
        // Drug, pharmaceutical or medicinal product, substance.
        SectionKind::Medications => &["410942007", "373873005", "763158003", "105590001"],
        // Vaccine, as substance and as product.
        SectionKind::Immunizations => &["71181003", "787859002", "398827000"],
        // Procedure, surgical procedure.
        SectionKind::Procedures => &["71388002", "387713003"],
        // A procedure that brings an implant or a device, and those themselves.
        SectionKind::MedicalEquipment => &["71388002", "40388003", "49062001"],
        SectionKind::Problems | SectionKind::FamilyHistory => ANY_PROBLEM,
        _ => &[],
    }
}

/// "None known" of a list, in codes. Words of the source are kept where they say the same.
pub(super) fn none_known(list: SectionKind, said_as: Option<CodeableConcept>) -> CodeableConcept {
    let (snomed, absent, display) = match list {
        SectionKind::Medications => (Some("787481004"), "no-known-medications", "No known medications"),
        SectionKind::Immunizations => (None, "no-known-immunizations", "No known immunizations"),
        SectionKind::Procedures => (None, "no-known-procedures", "No known procedures"),
        SectionKind::MedicalEquipment => (None, "no-known-devices", "No known devices"),
        // No current problems or disability.
        _ => (Some("160245001"), "no-known-problems", "No known problems"),
    };
    let snomed = snomed.map(|code| Coding::new(CodeSystem::SNOMED_CT.uri, code));
    let absent = Coding::new(ABSENT, absent).with_display(display);
    CodeableConcept {
        codings: snomed.into_iter().chain([absent]).collect(),
        text: said_as
            .and_then(|concept| concept.text)
            .filter(|text| says_none_by_name(list, text)),
        ..CodeableConcept::default()
    }
}

/// "No known allergy" of the kind that a SNOMED CT code says, in codes and for people: a code alone is read as any kind.
pub(super) fn no_known_allergy(snomed: &str, said_as: Option<CodeableConcept>) -> CodeableConcept {
    let absent = match snomed {
        NO_KNOWN_ALLERGY => Some(("no-known-allergies", "No known allergies")),
        "409137002" => Some(("no-known-medication-allergies", "No known medication allergies")),
        "429625007" => Some(("no-known-food-allergies", "No known food allergies")),
        "428607008" => Some(("no-known-environmental-allergies", "No known environmental allergies")),
        _ => None,
    };
    let absent = absent.map(|(code, display)| Coding::new(ABSENT, code).with_display(display));
    let words = said_as
        .and_then(|concept| concept.text)
        .filter(|text| says_none_by_name(SectionKind::Allergies, text));
    let latex = || (snomed == NO_LATEX_ALLERGY).then(|| "No known latex allergy".to_owned());
    CodeableConcept {
        codings: std::iter::once(Coding::new(CodeSystem::SNOMED_CT.uri, snomed))
            .chain(absent)
            .collect(),
        text: words.or_else(latex),
        ..CodeableConcept::default()
    }
}

/// The SNOMED CT code for that no allergy of the kind in these words is known; `None` where they name several kinds.
pub(super) fn no_allergy_of_kind(text: &str) -> Option<&'static str> {
    const KINDS: &[(&str, &[&str])] = &[
        (
            "409137002",
            &[
                "drug", "drugs", "med", "meds", "medication", "medications", "medicine", "medicines", "nkda", "nkma",
            ],
        ),
        ("429625007", &["food", "foods", "nkfa"]),
        ("428607008", &["environmental", "nkea"]),
        (NO_LATEX_ALLERGY, &["latex", "nkla"]),
    ];
    let folded = text.to_lowercase();
    let has = |words: &[&str]| {
        let mut own = folded.split(|letter: char| !letter.is_alphanumeric());
        own.any(|own| words.contains(&own))
    };
    let mut named = KINDS.iter().filter(|(_, words)| has(words));
    match (named.next(), named.next()) {
        (None, _) if !has(&["insect", "seasonal", "contrast"]) => Some(NO_KNOWN_ALLERGY),
        (Some((code, _)), None) => Some(code),
        _ => None,
    }
}

/// Whether words say that there is none, and of what: `No known allergies`, but not `None`.
pub(super) fn says_none_by_name(list: SectionKind, text: &str) -> bool {
    let is_alone = matches!(Phrase::new(list, text).words.as_slice(), [word] if word == "none" || word == "nil");
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
    let mut all = displays.chain(concept.text.as_deref()).map(|text| said(list, text));
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

/// The words of a narrative without the heads and captions of its tables.
pub(super) fn body_words(narrative: Element<'_>) -> String {
    fn collect(element: Element<'_>, out: &mut String) {
        for node in element.nodes() {
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Element(child) if matches!(child.name(), "thead" | "th" | "caption") => {}
                Node::Element(child) => {
                    out.push(' ');
                    collect(child, out);
                    out.push(' ');
                }
            }
        }
    }
    let mut out = String::new();
    collect(narrative.peek(), &mut out);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sections on a part of what their kind is about: nothing on their list is not nothing at all.
const NARROWER: &[&str] = &[
    // Medications administered, at discharge, on admission.
    "29549-3", "10183-2", "75311-1", "8654-6", "42346-7",
    // Past illness; diagnoses on admission, at discharge, of an encounter, before, during and after surgery.
    "11348-0", "46241-6", "11535-2", "78375-3", "29308-4", "10219-4", "10218-6", "55109-3",
];

/// Whether a statement that stands here speaks of the list as a whole.
pub(super) fn speaks_of_all(scope: &Scope, list: SectionKind) -> bool {
    let is_narrower = |code: &str| NARROWER.contains(&code);
    scope.focus.is_none()
        && match scope.section_code.as_deref() {
            Some(code) => scope.section == list && !is_narrower(code),
            // A statement alone, or a section known by its template.
            None => scope.section == list || scope.section == SectionKind::Other,
        }
}

const ABBREVIATIONS: &[&str] = &["nka", "nkda", "nkfa", "nkma", "nkea", "nkla"];

/// Words that change nothing.
const FILLERS: &[&str] = &["patient", "pt", "has", "the", "there", "are", "is", "situation", "finding"];

/// Words that say that the source does not know.
const UNSURE: &[&str] = &[
    "unknown", "unk", "unavailable", "available", "information", "data", "recorded", "documented", "reported", "noted",
    "entered", "listed", "excluded", "asked", "assessed", "file",
];

fn is_unsure(text: &str) -> bool {
    let folded = text.to_lowercase();
    let mut words = folded.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| UNSURE.contains(&word))
}

/// What a list is about in words: nouns, and what may stand before and after them.
fn nouns(list: SectionKind) -> (&'static [&'static str], &'static [&'static str]) {
    match list {
        SectionKind::Allergies => (
            &[
                "allergy", "allergies", "intolerance", "intolerances", "sensitivity", "sensitivities", "hypersensitivity",
                "hypersensitivities",
            ],
            // Not "other": who knows of no other allergy knows of one.
            &[
                "drug", "drugs", "med", "meds", "medication", "medications", "medicine", "medicines", "food", "foods",
                "environmental", "latex", "insect", "seasonal", "contrast", "adverse", "allergic", "reaction", "reactions", "to",
            ],
        ),
        SectionKind::Medications => (
            &["medication", "medications", "medicine", "medicines", "med", "meds", "drug", "drugs", "prescriptions"],
            &["current", "active", "prescription"],
        ),
        SectionKind::Problems => (
            &["problem", "problems", "condition", "conditions", "diagnosis", "diagnoses", "issues"],
            &["current", "active", "health", "medical"],
        ),
        SectionKind::Immunizations => (
            &[
                "immunization", "immunizations", "immunisation", "immunisations", "vaccination", "vaccinations", "vaccine",
                "vaccines",
            ],
            &["history", "of"],
        ),
        SectionKind::Procedures => (
            &["procedure", "procedures", "surgery", "surgeries", "operation", "operations"],
            &["surgical", "prior", "previous", "past", "history", "of"],
        ),
        SectionKind::Results => (
            &["result", "results", "lab", "labs", "test", "tests"],
            &["laboratory", "diagnostic"],
        ),
        SectionKind::VitalSigns => (&["vitals", "signs"], &["vital"]),
        SectionKind::Encounters => (&["encounter", "encounters", "visit", "visits"], &[]),
        SectionKind::FamilyHistory => (&["history"], &["family", "medical"]),
        SectionKind::MedicalEquipment => (
            &["device", "devices", "implant", "implants", "equipment"],
            &["medical", "implanted", "implantable", "history", "of"],
        ),
        SectionKind::HealthConcerns => (&["concern", "concerns"], &["health", "current", "active"]),
        SectionKind::Goals => (&["goal", "goals"], &["current", "active"]),
        SectionKind::AdvanceDirectives => (&["directive", "directives"], &["advance", "advanced"]),
        SectionKind::SocialHistory => (&["history"], &["social"]),
        _ => (&[], &[]),
    }
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
            if self.take_one(&["known", "identified", "indicated", "found", "present", "currently"])
                || self.take(&["at", "this", "time"])
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
            (S::Allergies, "Patient denies any drug or food allergies", Some(NoneKnown)),
            (S::Allergies, "No known allergies or adverse drug reactions", Some(NoneKnown)),
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
            (S::Medications, "No medications information available", Some(Unknown)),
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
            (S::Immunizations, "No immunizations administered during visit", None),
            (S::Procedures, "No Known Procedures", Some(NoneKnown)),
            (S::Results, "No lab results", Some(NoneKnown)),
            (S::Results, "No data", Some(Unknown)),
            (S::Encounters, "No Encounters", Some(NoneKnown)),
            (S::FamilyHistory, "No family history of cancer", None),
            (S::FamilyHistory, "Family history unknown", Some(Unknown)),
            (S::MedicalEquipment, "Patient has no history of implantable devices", Some(NoneKnown)),
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
        assert_eq!(said_by(S::Allergies, &coded("1", "No known allergies")), Some(NoneKnown));
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

    #[test]
    fn what_is_denied() {
        let snomed = |code| CodeableConcept::from_coding(Coding::new(CodeSystem::SNOMED_CT.uri, code));
        let null = |flavor| CodeableConcept::from_absent(ehr_types::Absent::from_null_flavor(flavor));
        let words = CodeableConcept::from_text;
        let mut withheld = snomed("410942007");
        withheld.text = Some("Medication excluded/not available".to_owned());
        for (concept, expected) in [
            (Some(snomed("410942007")), Denied::All),
            (Some(snomed("314076")), Denied::One),
            (Some(withheld), Denied::One),
            (Some(null("NA")), Denied::All),
            (Some(null("UNK")), Denied::Unnamed),
            (Some(null("NI")), Denied::Unnamed),
            (Some(words("No known medications")), Denied::All),
            (Some(words("Drug or medication")), Denied::All),
            (Some(words("Aspirin")), Denied::One),
            (Some(words("No medications administered during visit")), Denied::One),
            (Some(words("Unknown")), Denied::Unnamed),
            (None, Denied::Unnamed),
        ] {
            assert_eq!(denied(S::Medications, concept.as_ref()), expected, "{concept:?}");
        }
    }
}
