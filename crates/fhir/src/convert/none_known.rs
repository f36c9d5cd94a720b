//! Whether an allergy entry says that there is one, that none is known, or that nobody asked: in codes, in words.

use ehr_model as model;
use ehr_model::{Allergens, AllergyKnowledge, NoneKnown};
use ehr_types::{Absent, AbsentReason, CodeableConcept, Coding};

use super::condition::{displaced, is};
use super::map::{Convert, Writer};
use super::{extension, note};
use crate::element::{Element, Node};
use crate::r4::{self, ExtensionValue};

/// Codes that say that nobody asked; the last is of SNOMED CT.
const NOT_ASKED: &[&str] = &["not-asked", "no-allergy-info", "1631000175102"];

/// What the code of an allergy says about whether there is one.
pub(super) fn said_by(code: Option<&CodeableConcept>) -> AllergyKnowledge {
    let Some(code) = code else {
        return AllergyKnowledge::Present;
    };
    let has = |codes: &[&str]| {
        let mut all = code.codings.iter().filter_map(|coding| coding.code.as_deref());
        all.any(|code| codes.contains(&code))
    };
    let was_asked = |absent: &Absent| absent.reason != AbsentReason::NotAsked;
    if matches!(NoneKnown::of(code), Some(NoneKnown::Allergies(_))) {
        AllergyKnowledge::NoneKnown
    } else if !code.absent.as_ref().is_none_or(was_asked) || has(NOT_ASKED) {
        AllergyKnowledge::NotAsked
    } else {
        let text = code.text.as_deref().filter(|_| code.codings.is_empty());
        text.and_then(in_words).unwrap_or(AllergyKnowledge::Present)
    }
}

/// "None known" must not read as an allergy: by the codes that say so, as US Core and the International Patient Summary want
/// them, else by the verification status `refuted`.
pub(super) fn write_none_known(from: &model::AllergyIntolerance, to: &mut r4::AllergyIntolerance) {
    let code = from.code.as_ref();
    // A denial more would deny the denial.
    let is_denied = is(
        to.verification_status.as_deref(),
        &["refuted", "entered-in-error"],
    );
    if is_denied || code.is_some_and(|code| NoneKnown::of(code).is_some()) {
        return;
    }
    let is_said = code.is_some_and(|code| !code.codings.is_empty() || code.text.is_some());
    let label = code.and_then(CodeableConcept::label);
    let of_what = code
        .and_then(|code| code.codings.iter().find_map(Allergens::of_coding))
        .or_else(|| label.and_then(allergens))
        .or_else(|| (!is_said).then_some(Allergens::Any));
    if let Some(of_what) = of_what {
        if !is_said {
            // Why there was no code is no reason beside one.
            let reason = to.code.take();
            displaced(to, "code", reason.map(ExtensionValue::CodeableConcept));
        }
        let codings = NoneKnown::Allergies(of_what).codings();
        let codings = codings.iter().map(|coding| {
            let mut coding: r4::Coding = coding.write(&Writer::MIRROR);
            mark_derived(&mut coding);
            coding
        });
        to.code.get_or_insert_default().coding.splice(0..0, codings);
    } else if !label.is_some_and(|label| says_none(label) || in_words(label).is_some()) {
        let status = to.verification_status.take();
        displaced(
            to,
            "verificationStatus",
            status.map(ExtensionValue::CodeableConcept),
        );
        let refuted = Coding::new(
            "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
            "refuted",
        );
        let mut refuted = CodeableConcept::from_coding(refuted).write(&Writer::MIRROR);
        mark_derived(&mut refuted);
        to.verification_status = Some(Box::new(refuted));
    }
}

/// The source says by other means whether there is an allergy.
pub(super) fn mark_derived(of: &mut dyn Node) {
    of.extension_mut()
        .push(extension::string(extension::DERIVED, "knowledge"));
}

/// Takes back what was added to the code so that it says whether there is an allergy.
pub(super) fn take_back_knowledge(from: Option<&r4::CodeableConcept>, code: &mut Option<CodeableConcept>) {
    let (Some(from), Some(to)) = (from, code.as_mut()) else {
        return;
    };
    let mut theirs = from.coding.iter();
    to.codings
        .retain(|_| !theirs.next().is_some_and(|coding| note::is_derived(coding)));
    if note::is_derived(from) {
        to.absent = None;
    }
    if *to == CodeableConcept::default() {
        *code = None;
    }
}

/// What a whole text says, where it says that there is none or that nobody knows.
fn in_words(text: &str) -> Option<AllergyKnowledge> {
    let text = text.to_lowercase();
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<&str> = words
        .filter(|word| {
            !matches!(
                *word,
                "" | "patient"
                    | "pt"
                    | "any"
                    | "the"
                    | "has"
                    | "having"
                    | "of"
                    | "to"
                    | "at"
                    | "this"
                    | "time"
                    | "currently"
            )
        })
        .collect();
    let of_all = |words: &[&str]| {
        let words = words.strip_prefix(&["known"]).unwrap_or(words);
        let words = words
            .strip_prefix(&["drug"])
            .or(words.strip_prefix(&["medication"]))
            .unwrap_or(words);
        let words = words.strip_prefix(&["or", "food"]).unwrap_or(words);
        matches!(words, ["allergy" | "allergies"])
    };
    Some(match words.as_slice() {
        ["none" | "nil" | "nka" | "nkda" | "nkma"] | ["none" | "nil", "known" | "reported"] => {
            AllergyKnowledge::NoneKnown
        }
        ["no" | "nil" | "denies" | "denied", rest @ ..] if of_all(rest) => AllergyKnowledge::NoneKnown,
        ["unknown" | "unobtainable"]
        | ["not", "asked" | "known" | "assessed" | "recorded"]
        | ["unable", "obtain" | "assess"]
        | ["allergies", "unknown" | "unobtainable"]
        | ["unknown", "allergies"] => AllergyKnowledge::NotAsked,
        _ => return None,
    })
}

/// What the words that deny allergies speak of, where that is sure.
fn allergens(label: &str) -> Option<Allergens> {
    let label = label.trim().to_ascii_lowercase();
    let none = label.strip_prefix("no known ").unwrap_or(&label);
    Some(match none {
        "nka" | "allergies" | "allergy" => Allergens::Any,
        "nkda"
        | "nkma"
        | "drug allergies"
        | "drug allergy"
        | "medication allergies"
        | "medication allergy" => Allergens::Medication,
        "nkfa" | "food allergies" | "food allergy" => Allergens::Food,
        "environmental allergies" | "environmental allergy" => Allergens::Environment,
        "latex allergies" | "latex allergy" => Allergens::Latex,
        _ => return None,
    })
}

/// Whether the words themselves say that there is none, so that `refuted` would deny it.
fn says_none(label: &str) -> bool {
    let label = label.trim().to_ascii_lowercase();
    let words = ["no ", "none", "not known", "nil", "denies", "negative"];
    label.contains("no known")
        || words.iter().any(|word| label.starts_with(word))
        || matches!(&*label, "no" | "nka" | "nkda" | "nkma" | "nkfa")
}

#[cfg(test)]
mod tests {
    use ehr_types::CodeSystem;

    use super::*;
    use crate::convert::map::Reader;

    #[test]
    fn none_known_never_reads_as_an_allergy() {
        let export = |code: CodeableConcept| -> r4::AllergyIntolerance {
            model::AllergyIntolerance {
                knowledge: AllergyKnowledge::NoneKnown,
                code: Some(code),
                ..model::AllergyIntolerance::default()
            }
            .write(&Writer::PLAIN)
        };
        let snomed = |code| CodeableConcept::from_coding(Coding::new(CodeSystem::SNOMED_CT.uri, code));
        let drug = export(snomed("416098002"));
        assert_eq!(
            drug.code.as_ref().unwrap().coding[0].code.as_deref(),
            Some("409137002")
        );
        assert!(drug.verification_status.is_none());
        let back = model::AllergyIntolerance::read(&drug, &Reader::PLAIN);
        assert!(back.code == Some(snomed("416098002")) && back.knowledge == AllergyKnowledge::NoneKnown);
        let by_name = CodeableConcept::from_coding(Coding::new(
            "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips",
            "no-known-food-allergies",
        ));
        let food = export(by_name);
        assert!(food.verification_status.is_none() && food.code.unwrap().coding.len() == 1);
        let penicillin = export(CodeableConcept::from_text("Penicillin"));
        assert!(is(penicillin.verification_status.as_deref(), &["refuted"]));
        for (words, code) in [("NKDA", Some("409137002")), ("No known pollen allergy", None)] {
            let said = export(CodeableConcept::from_text(words));
            let first = said
                .code
                .as_ref()
                .and_then(|code| code.coding.first()?.code.as_deref());
            assert!(said.verification_status.is_none() && first == code, "{words}");
        }
        let back = model::AllergyIntolerance::read(&penicillin, &Reader::PLAIN);
        assert!(back.knowledge == AllergyKnowledge::NoneKnown && back.verification_status.is_none());
        let absent = CodeableConcept {
            absent: Some(Absent::new(AbsentReason::NotApplicable)),
            ..CodeableConcept::default()
        };
        let unsaid = export(absent.clone());
        let code = unsaid.code.as_ref().unwrap();
        assert!(code.extension().is_empty() && code.coding[0].code.as_deref() == Some("716186003"));
        let back_again = model::AllergyIntolerance::read(&unsaid, &Reader::PLAIN);
        assert!(back_again.code == Some(absent) && back_again.knowledge == AllergyKnowledge::NoneKnown);
        let status = Coding::new(
            "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
            "refuted",
        );
        let nothing = model::AllergyIntolerance {
            code: None,
            verification_status: Some(CodeableConcept::from_coding(status)),
            ..back
        };
        let refuted: r4::AllergyIntolerance = nothing.write(&Writer::PLAIN);
        assert!(refuted.code.is_none(), "refuted, and no code that it would deny");
    }

    #[test]
    fn words_are_understood_as_a_whole() {
        use AllergyKnowledge::{NoneKnown, NotAsked, Present};
        for (text, knowledge) in [
            ("None", NoneKnown),
            ("nil known", NoneKnown),
            ("N.K.D.A.", Present),
            ("No known drug allergies", NoneKnown),
            ("Patient denies any allergies", NoneKnown),
            ("Denies any drug or food allergies.", NoneKnown),
            ("Unknown", NotAsked),
            ("unable to obtain", NotAsked),
            ("None of the penicillins", Present),
            ("No known penicillin allergy", Present),
            ("Unknown antibiotic", Present),
        ] {
            assert_eq!(
                said_by(Some(&CodeableConcept::from_text(text))),
                knowledge,
                "{text}"
            );
        }
    }
}
