//! "None": what a source says when there is nothing on a list, and what only looks like it.
//!
//! Three things must not be mixed up: that there is nothing ("no known medications"), that one thing is denied ("not taking
//! aspirin"), and that the source does not know ("no information"). To read a thing as "none" can kill; so what says less than
//! "none" stays what it is.

use ehr_model::{Allergens, NoneKnown};
use ehr_types::{AbsentReason, CodeableConcept};

use super::importer::Scope;
use super::phrase::{Said, is_unsure, names_at_large, said, says_none_by_name};
use crate::template::SectionKind;
use crate::xml::{Element, Node};

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
    match said(list, text) {
        Some(Said::NoneKnown) => Denied::All,
        Some(Said::Unknown) => Denied::Unnamed,
        None if names_at_large(list, text) => Denied::All,
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
        // Procedure. Not surgical procedure: who had no surgery may have had others.
        SectionKind::Procedures => &["71388002"],
        // A procedure that brings an implant or a device, and those themselves.
        SectionKind::MedicalEquipment => &["71388002", "40388003", "49062001"],
        SectionKind::Problems | SectionKind::FamilyHistory => ANY_PROBLEM,
        _ => &[],
    }
}

/// "None known" of a list, in codes. Words of the source are kept where they say the same.
pub(super) fn none_known(list: SectionKind, said_as: Option<CodeableConcept>) -> CodeableConcept {
    let none = match list {
        SectionKind::Medications => NoneKnown::Medications,
        SectionKind::Immunizations => NoneKnown::Immunizations,
        SectionKind::Procedures => NoneKnown::Procedures,
        SectionKind::MedicalEquipment => NoneKnown::Devices,
        _ => NoneKnown::Problems,
    };
    CodeableConcept {
        codings: none.codings(),
        text: words_of(list, said_as),
        ..CodeableConcept::default()
    }
}

/// "No known allergy" of a kind, in codes and for people: a code alone is read as any kind.
pub(super) fn no_known_allergy(kind: Allergens, said_as: Option<CodeableConcept>) -> CodeableConcept {
    let latex = || (kind == Allergens::Latex).then(|| "No known latex allergy".to_owned());
    CodeableConcept {
        codings: NoneKnown::Allergies(kind).codings(),
        text: words_of(SectionKind::Allergies, said_as).or_else(latex),
        ..CodeableConcept::default()
    }
}

fn words_of(list: SectionKind, said_as: Option<CodeableConcept>) -> Option<String> {
    said_as?.text.filter(|text| says_none_by_name(list, text))
}

/// The kind of which these words say that no allergy is known; `None` where they name several kinds.
pub(super) fn no_allergy_of_kind(text: &str) -> Option<Allergens> {
    const KINDS: &[(Allergens, &[&str])] = &[
        (
            Allergens::Medication,
            &[
                "drug",
                "drugs",
                "med",
                "meds",
                "medication",
                "medications",
                "medicine",
                "medicines",
                "nkda",
                "nkma",
            ],
        ),
        (Allergens::Food, &["food", "foods", "nkfa"]),
        (Allergens::Environment, &["environmental", "nkea"]),
        (Allergens::Latex, &["latex", "nkla"]),
        (Allergens::Insects, &["insect", "insects"]),
    ];
    let folded = text.to_lowercase();
    let has = |words: &[&str]| {
        let mut own = folded.split(|letter: char| !letter.is_alphanumeric());
        own.any(|own| words.contains(&own))
    };
    let mut named = KINDS.iter().filter(|(_, words)| has(words));
    match (named.next(), named.next()) {
        (None, _) if !has(&["seasonal", "contrast"]) => Some(Allergens::Any),
        (Some((kind, _)), None) => Some(*kind),
        _ => None,
    }
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

#[cfg(test)]
mod tests {
    use ehr_types::{CodeSystem, Coding};

    use super::*;
    use SectionKind as S;

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
            (
                Some(words("No medications administered during visit")),
                Denied::One,
            ),
            (Some(words("Unknown")), Denied::Unnamed),
            (None, Denied::Unnamed),
        ] {
            assert_eq!(denied(S::Medications, concept.as_ref()), expected, "{concept:?}");
        }
    }
}
