//! [Condition](https://hl7.org/fhir/R4/condition.html) and
//! [AllergyIntolerance](https://hl7.org/fhir/R4/allergyintolerance.html).

use ehr_model as model;
use ehr_model::AllergyKnowledge;
use ehr_types::{AbsentReason, CodeableConcept, Coding, DateTime};

use super::choice::Loose;
use super::map::{Convert, Reader, Writer, each_written, is_empty};
use super::mapping::mapping;
use super::member::clear_beside;
use super::none_known::{mark_derived, said_by, take_back_knowledge, write_none_known};
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
            coding: [status].into(),
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
pub(super) fn displaced(to: &mut dyn Node, name: &str, value: Option<ExtensionValue>) {
    if let Some(value) = value {
        to.extension_mut().push(extension::other_type(name, value));
    }
}

pub(super) fn is(status: Option<&r4::CodeableConcept>, codes: &[&str]) -> bool {
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
