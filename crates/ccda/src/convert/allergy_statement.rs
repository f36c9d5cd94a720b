//! What an allergy observation states: an allergy to what, that none is known, or that nobody can say.

use ehr_model::{AllergyIntolerance, AllergyKnowledge};
use ehr_types::{Absent, AbsentReason, CodeableConcept, Severity};

use super::absence::{no_allergy_of_kind, no_known_allergy};
use super::allergy::VERIFICATION;
use super::phrase::{Said, said_by};
use super::statement::related;
use super::vocabulary::{
    ALLERGY_CATEGORY, ALLERGY_TYPE, Map, allergens, fhir_concept, is_none_known, translate,
};
use crate::template::SectionKind;
use crate::xml::Element;

/// How many substances one observation may name. Each makes an allergy with all that is said of the first.
const MAX_SUBSTANCES: usize = 16;

/// The substances: the entities that play the consumable participants. Where none is named, the first says why.
pub(super) fn substances(observation: Element<'_>) -> Vec<CodeableConcept> {
    let mut out = Vec::new();
    let consumed = observation.children("participant").filter(|participant| {
        let code = participant.peek().attribute("typeCode");
        code.is_none_or(|code| code == "CSM")
    });
    for participant in consumed.take(MAX_SUBSTANCES) {
        let Some(entity) = participant.find(&["participantRole", "playingEntity"]) else {
            continue;
        };
        let name = entity.child("name");
        let words = name.and_then(|name| name.peek().to_organization_name());
        let read = || name.and_then(Element::to_organization_name);
        let code = entity.child("code");
        let substance = match code.and_then(Element::to_concept) {
            Some(mut concept) => {
                if code.is_some_and(|code| names_reaction(code, observation)) {
                    concept.text = None;
                }
                let displays = concept
                    .codings
                    .iter()
                    .filter_map(|coding| coding.display.as_ref());
                let repeated = displays
                    .chain(&concept.text)
                    .any(|known| Some(known) == words.as_ref());
                if concept.text.is_none() || repeated {
                    let words = read();
                    concept.text = concept.text.or(words);
                }
                Some(concept)
            }
            None => read().map(CodeableConcept::from_text),
        };
        out.extend(substance.filter(|substance| !out.contains(substance)));
    }
    if out.iter().any(is_named) {
        out.retain(is_named);
    } else {
        out.truncate(1);
    }
    out
}

fn is_named(substance: &CodeableConcept) -> bool {
    !substance.codings.is_empty() || substance.text.is_some()
}

/// Whether words in a statement that is negated deny once more.
fn says_none(words: &str) -> bool {
    let words = words.trim().to_ascii_lowercase();
    let first = words.split(|c: char| !c.is_alphanumeric()).next();
    matches!(first, Some("no" | "none" | "nka" | "nkda"))
}

pub(super) fn first_translated(concept: &CodeableConcept, map: Map) -> Option<&'static str> {
    let mut codes = concept.codings.iter().filter_map(|coding| coding.code.as_deref());
    codes.find_map(|code| translate(map, code))
}

/// Older documents say in the code what kind of allergy it is, and less in the value.
pub(super) fn kind_in_code(record: &mut AllergyIntolerance, observation: Element<'_>) {
    let Some(code) = observation.child("code") else {
        return;
    };
    let Some(concept) = code.peek().to_concept() else {
        return;
    };
    let category = first_translated(&concept, ALLERGY_CATEGORY);
    let type_ = first_translated(&concept, ALLERGY_TYPE);
    if category.is_some() || type_.is_some() {
        code.to_concept();
    }
    if record.category.is_empty() {
        record.category.extend(category.map(str::to_owned));
    }
    if let Some(type_) = type_ {
        let status = record.type_.get_or_insert_default();
        status.code.get_or_insert_with(|| type_.to_owned());
    }
}

/// Whether the words that the code of a substance refers to are those of a reaction: senders who copy a reference would
/// show "Hives" as what the patient is allergic to.
fn names_reaction(code: Element<'_>, observation: Element<'_>) -> bool {
    fn reference<'d>(element: Element<'d>, path: &[&'static str]) -> Option<&'d str> {
        element.peek().find(path)?.attribute("value")
    }
    let Some(own) = reference(code, &["originalText", "reference"]) else {
        return false;
    };
    let shared = related(observation).iter().any(|(kind, inner)| {
        let paths: [&[&'static str]; 2] = [&["text", "reference"], &["value", "originalText", "reference"]];
        *kind == "MFST" && paths.iter().any(|path| reference(*inner, path) == Some(own))
    });
    if shared {
        code.report(
            Severity::Warning,
            "ccda.reference.shared",
            "the substance refers to the words of a reaction; they are not taken as its name",
        );
    }
    shared
}

/// What is stated: an allergy, that none is known, or that nobody can say.
pub(super) fn knowledge(
    record: &mut AllergyIntolerance,
    negated: bool,
    kind: Option<CodeableConcept>,
    substance: Option<CodeableConcept>,
    absent: impl FnOnce() -> Option<Absent>,
) {
    let named = substance.as_ref().is_some_and(is_named);
    record.knowledge = substance.as_ref().map(is_none_known).unwrap_or_default();
    let said = substance
        .as_ref()
        .and_then(|substance| said_by(SectionKind::Allergies, substance));
    if said == Some(Said::NoneKnown) && record.knowledge == AllergyKnowledge::Present && !negated {
        record.knowledge = AllergyKnowledge::NoneKnown;
        record.code = substance.map(none_in_words);
        return;
    }
    if said == Some(Said::Unknown) {
        // "Unknown" is no substance, whether it is denied or not.
        record.knowledge = AllergyKnowledge::NotAsked;
        record.code = substance;
        return;
    }
    if record.knowledge == AllergyKnowledge::Present
        && !named
        && let Some(kind) = &kind
    {
        record.knowledge = is_none_known(kind);
        if record.knowledge == AllergyKnowledge::NoneKnown {
            record.code = Some(kind.clone());
            return;
        }
    }
    let nobody_knows = !named
        && substance
            .as_ref()
            .and_then(|substance| substance.absent.as_ref())
            .is_some_and(|absent| {
                matches!(
                    absent.reason,
                    AbsentReason::NotAsked | AbsentReason::AskedUnknown | AbsentReason::TempUnknown
                )
            });
    if negated && !nobody_knows {
        let one_thing = |substance: &CodeableConcept| {
            is_named(substance)
                && is_none_known(substance) == AllergyKnowledge::Present
                && allergens(substance).is_none()
                && !substance.label().is_some_and(says_none)
        };
        if substance.as_ref().is_some_and(one_thing) {
            // "Not allergic to this" says nothing of other substances.
            record.verification_status = Some(fhir_concept(VERIFICATION, "refuted", None));
            record.code = substance;
            return;
        }
        record.knowledge = AllergyKnowledge::NoneKnown;
        let of_kind = |concept: &Option<CodeableConcept>| allergens(concept.as_ref()?);
        let said = |concept: &CodeableConcept| is_none_known(concept) == AllergyKnowledge::NoneKnown;
        record.code = match of_kind(&substance).or_else(|| of_kind(&kind)) {
            Some(kind) if !substance.as_ref().is_some_and(said) => Some(no_known_allergy(kind, substance)),
            _ => substance.or(kind),
        };
        return;
    }
    if named {
        record.code = substance;
        return;
    }
    let reason = [&substance, &kind]
        .into_iter()
        .find_map(|concept| concept.as_ref()?.absent.clone())
        .or_else(absent);
    let unknown = reason.as_ref().is_some_and(|absent| {
        !matches!(
            absent.reason,
            AbsentReason::Unsupported | AbsentReason::AsText | AbsentReason::Masked
        )
    });
    if unknown && record.knowledge == AllergyKnowledge::Present {
        record.knowledge = AllergyKnowledge::NotAsked;
    }
    // Older documents name the allergy in the value and have no participant.
    record.code = substance
        .or(kind)
        .or_else(|| reason.map(CodeableConcept::from_absent));
}

/// "No known drug allergies" in words alone, with the codes that say so.
pub(super) fn none_in_words(said: CodeableConcept) -> CodeableConcept {
    match said.label().and_then(no_allergy_of_kind) {
        Some(kind) => no_known_allergy(kind, Some(said)),
        None => said,
    }
}
