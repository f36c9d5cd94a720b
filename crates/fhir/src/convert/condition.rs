//! [Condition](https://hl7.org/fhir/R4/condition.html) and
//! [AllergyIntolerance](https://hl7.org/fhir/R4/allergyintolerance.html).

use ehr_model as model;
use ehr_model::{Allergens, AllergyKnowledge, NoneKnown};
use ehr_types::{Absent, AbsentReason, CodeableConcept, Coding, DateTime};

use super::choice::Loose;
use super::map::{Convert, Reader, Writer, each_written, is_empty};
use super::mapping::mapping;
use super::member::clear_beside;
use super::primitive::unknown;
use super::{extension, note, time};
use crate::element::{Element, Node, Str};
use crate::r4::{self, ExtensionValue};

mapping!(model::Condition, r4::Condition {
    identifier, clinical_status, verification_status, category, severity, code, body_site, subject, encounter, onset,
    abatement, recorded_date, recorder, asserter, stage, note,
} required { subject } read read_condition; write write_condition;);

mapping!(model::ConditionStage, r4::ConditionStage { summary, assessment, type_: r#type } write write_stage;);

/// Rule con-1: a stage has a summary or an assessment.
fn write_stage(_: &model::ConditionStage, to: &mut r4::ConditionStage, cx: &Writer<'_>) {
    if !cx.mirror && to.r#type.is_some() && to.summary.is_none() && to.assessment.is_empty() {
        unknown(&mut to.summary);
    }
}

fn read_condition(from: &r4::Condition, to: &mut model::Condition, cx: &Reader<'_>) {
    if is_derived(from.clinical_status.as_deref()) {
        to.clinical_status = None;
    }
    note::take_back(&from.note, &mut to.note);
    restore(&mut to.clinical_status, &from.extension, "clinicalStatus");
    restore(&mut to.verification_status, &from.extension, "verificationStatus");
    for evidence in &from.evidence {
        to.evidence_code
            .extend(evidence.code.iter().map(|code| CodeableConcept::read(code, cx)));
        to.evidence_detail.extend(
            evidence
                .detail
                .iter()
                .map(|detail| model::Reference::read(detail, cx)),
        );
    }
}

fn write_condition(from: &model::Condition, to: &mut r4::Condition, cx: &Writer<'_>) {
    let evidence = r4::ConditionEvidence {
        code: each_written(&from.evidence_code, cx),
        detail: each_written(&from.evidence_detail, cx),
        ..r4::ConditionEvidence::default()
    };
    if !is_empty(&evidence) {
        to.evidence.push(evidence);
    }
    if cx.mirror {
        return;
    }
    let (clinical, verification) = (to.clinical_status.take(), to.verification_status.take());
    to.clinical_status = shown(to, "clinicalStatus", clinical, |to| &mut to.note);
    to.verification_status = shown(to, "verificationStatus", verification, |to| &mut to.note);
    // Rule con-5: no clinical status of what was entered in error.
    if is(to.verification_status.as_deref(), &["entered-in-error"]) {
        let status = to.clinical_status.take();
        displaced(to, "clinicalStatus", status.map(ExtensionValue::CodeableConcept));
    }
    // Rule con-4: what has ended is inactive, in remission or resolved.
    let Some(abatement) = &from.abatement else { return };
    if is(
        to.clinical_status.as_deref(),
        &["inactive", "remission", "resolved"],
    ) {
        return;
    }
    let is_wrong = is(to.verification_status.as_deref(), &["entered-in-error"]);
    let is_unsaid = from.clinical_status.is_none() && !matches!(abatement, model::Occurrence::Text(_));
    if is_unsaid && !is_wrong {
        // The source does not say, and that it ended does: `inactive` is what remission and resolution have in common.
        let status: r4::Coding = Coding::new(CLINICAL, "inactive").write(&Writer::MIRROR);
        let mut concept = Box::new(r4::CodeableConcept {
            coding: vec![status],
            ..r4::CodeableConcept::default()
        });
        concept
            .extension_mut()
            .push(extension::string(extension::DERIVED, "abatement"));
        to.clinical_status = Some(concept);
        return;
    }
    // The source says otherwise: what it says of the end is seen in a note.
    to.abatement = None;
    clear_beside(to, "abatementDateTime");
    if let Some(value) = abatement.loose(cx) {
        let words = value.value.as_deref().map(note::words).unwrap_or_default();
        note::visible(&mut to.note, "The source states an end", &words);
        to.extension.push(extension::aside("abatement", value));
    }
}

const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";

/// Code systems of the statuses of conditions and allergies.
const STATUS_SYSTEMS: &[&str] = &[
    CLINICAL,
    "http://terminology.hl7.org/CodeSystem/condition-ver-status",
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
];

/// A status as its value set allows it; one that it does not is kept elsewhere, and seen in a note.
fn shown<T: Node>(
    to: &mut T,
    name: &str,
    status: Option<Box<r4::CodeableConcept>>,
    notes: fn(&mut T) -> &mut Vec<r4::Annotation>,
) -> Option<Box<r4::CodeableConcept>> {
    let words = status.as_deref().map(note::concept_words).unwrap_or_default();
    let status = bound(to, name, status);
    if status.is_none() {
        note::visible(notes(to), &format!("{name}, as the source says"), &words);
    }
    status
}

/// A concept with a required binding: kept elsewhere when no coding is of the value set.
fn bound(
    to: &mut dyn Node,
    name: &str,
    concept: Option<Box<r4::CodeableConcept>>,
) -> Option<Box<r4::CodeableConcept>> {
    let concept = concept?;
    let set = to.describe().field(name).and_then(|field| field.binding());
    let member = |coding: &r4::Coding| match (set, coding.code.as_deref()) {
        (Some(set), Some(code)) => set.has_coding(coding.system.as_deref().unwrap_or_default(), code),
        (None, _) => true,
        (_, None) => false,
    };
    if concept.coding.iter().any(member) || (concept.coding.is_empty() && concept.text.is_none()) {
        return Some(concept);
    }
    // Words that are a code of the set are as good as the code; what the source said of it is kept all the same.
    let word = concept
        .text
        .as_deref()
        .unwrap_or_default()
        .trim()
        .to_lowercase()
        .replace(' ', "-");
    let system = STATUS_SYSTEMS
        .iter()
        .find(|system| concept.coding.is_empty() && set.is_some_and(|set| set.has_coding(system, &word)));
    let coded = system.map(|system| {
        let mut coded = concept.clone();
        coded
            .coding
            .push(Coding::new(*system, word.as_str()).write(&Writer::MIRROR));
        coded
    });
    displaced(to, name, Some(ExtensionValue::CodeableConcept(concept)));
    coded
}

/// Takes back a concept that [`displaced`] put elsewhere; what stands in its place was said for it.
fn restore(to: &mut Option<CodeableConcept>, extensions: &[r4::Extension], name: &str) {
    if let Some(concept) = extension::set_aside(extensions, name) {
        *to = Some(concept);
    }
}

fn is_derived(status: Option<&r4::CodeableConcept>) -> bool {
    status.is_some_and(|status| note::is_derived(status))
}

/// Keeps a value that a rule forbids in its place.
fn displaced(to: &mut dyn Node, name: &str, value: Option<ExtensionValue>) {
    if let Some(value) = value {
        to.extension_mut().push(extension::other_type(name, value));
    }
}

fn is(status: Option<&r4::CodeableConcept>, codes: &[&str]) -> bool {
    status.is_some_and(|status| {
        status
            .coding
            .iter()
            .any(|coding| coding.code.as_deref().is_some_and(|code| codes.contains(&code)))
    })
}

mapping!(model::AllergyIntolerance, r4::AllergyIntolerance {
    identifier, clinical_status, verification_status, type_: r#type, category, criticality, code, patient, encounter, onset,
    recorded_date, recorder, asserter, last_occurrence, note, reaction,
} required { patient } read read_allergy; write write_allergy;);

mapping!(model::Reaction, r4::AllergyIntoleranceReaction {
    substance, manifestation, description, onset, severity, exposure_route, note,
} required { manifestation });

/// Codes that say that nobody asked; the last is of SNOMED CT.
const NOT_ASKED: &[&str] = &["not-asked", "no-allergy-info", "1631000175102"];

fn read_allergy(from: &r4::AllergyIntolerance, to: &mut model::AllergyIntolerance, _: &Reader<'_>) {
    if is_derived(from.verification_status.as_deref()) {
        to.verification_status = None;
    }
    take_back_knowledge(from.code.as_deref(), &mut to.code);
    restore(&mut to.clinical_status, &from.extension, "clinicalStatus");
    restore(&mut to.verification_status, &from.extension, "verificationStatus");
    note::take_back(&from.note, &mut to.note);
    restore(&mut to.code, &from.extension, "code");
    to.knowledge = match extension::find(&from.extension, extension::ALLERGY_KNOWLEDGE) {
        Some(ExtensionValue::Code(code)) if code == "none-known" => AllergyKnowledge::NoneKnown,
        Some(ExtensionValue::Code(code)) if code == "not-asked" => AllergyKnowledge::NotAsked,
        Some(ExtensionValue::Code(code)) if code == "present" => AllergyKnowledge::Present,
        _ => said_by(to.code.as_ref()),
    };
    to.abatement = match extension::find(&from.extension, extension::ALLERGY_ABATEMENT) {
        Some(ExtensionValue::DateTime(time)) => Some(*time),
        Some(ExtensionValue::String(time)) => DateTime::parse_any(time).ok(),
        _ => None,
    };
}

/// What the code of an allergy says about whether there is one.
fn said_by(code: Option<&CodeableConcept>) -> AllergyKnowledge {
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
        AllergyKnowledge::Present
    }
}

fn write_allergy(from: &model::AllergyIntolerance, to: &mut r4::AllergyIntolerance, cx: &Writer<'_>) {
    if let Some(time) = from.abatement {
        let value = match time::write_time(time) {
            (Some(time), None) => ExtensionValue::DateTime(time),
            _ => ExtensionValue::String(Str::new(time.to_string())),
        };
        to.extension
            .push(extension::value(extension::ALLERGY_ABATEMENT, value));
    }
    let is_plain = from.knowledge == AllergyKnowledge::Present;
    if !(is_plain && said_by(from.code.as_ref()) == AllergyKnowledge::Present) {
        let knowledge = match from.knowledge {
            AllergyKnowledge::Present => "present",
            AllergyKnowledge::NoneKnown => "none-known",
            AllergyKnowledge::NotAsked => "not-asked",
        };
        to.extension.push(extension::value(
            extension::ALLERGY_KNOWLEDGE,
            ExtensionValue::Code(Str::new_static(knowledge)),
        ));
    }
    if cx.mirror {
        return;
    }
    let (clinical, verification) = (to.clinical_status.take(), to.verification_status.take());
    to.clinical_status = shown(to, "clinicalStatus", clinical, |to| &mut to.note);
    to.verification_status = shown(to, "verificationStatus", verification, |to| &mut to.note);
    match from.knowledge {
        AllergyKnowledge::Present => {}
        AllergyKnowledge::NoneKnown => write_none_known(from, to),
        AllergyKnowledge::NotAsked => {
            let code = to.code.get_or_insert_default();
            if extension::read_absent(code.extension()).is_none() {
                let not_asked = ehr_types::Absent::new(AbsentReason::NotAsked);
                code.extension_mut().extend(extension::absent(&not_asked));
                mark_derived(&mut **code);
            }
        }
    }
    // Rules ait-1 and ait-2: a clinical status unless it was entered in error, and then none.
    if is(to.verification_status.as_deref(), &["entered-in-error"]) {
        let status = to.clinical_status.take();
        displaced(to, "clinicalStatus", status.map(ExtensionValue::CodeableConcept));
    } else if to.clinical_status.is_none() {
        unknown(&mut to.clinical_status);
    }
}

/// "None known" must not read as an allergy: by the codes that say so, as US Core and the International Patient Summary want
/// them, else by the verification status `refuted`.
fn write_none_known(from: &model::AllergyIntolerance, to: &mut r4::AllergyIntolerance) {
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
    } else if !label.is_some_and(says_none) {
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
fn mark_derived(of: &mut dyn Node) {
    of.extension_mut()
        .push(extension::string(extension::DERIVED, "knowledge"));
}

/// Takes back what was added to the code so that it says whether there is an allergy.
fn take_back_knowledge(from: Option<&r4::CodeableConcept>, code: &mut Option<CodeableConcept>) {
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
}
