//! Clinical resources.

use super::datatype::later;
use super::{advise, exists};
use crate::r4::*;
use crate::scope::Scope;

fn has_coding(concept: Option<&CodeableConcept>, system: &str, codes: &[&str]) -> bool {
    concept.is_some_and(|concept| {
        concept.coding.iter().any(|coding| {
            coding.system.as_deref() == Some(system)
                && coding.code.as_deref().is_some_and(|code| codes.contains(&code))
        })
    })
}

pub(crate) fn allergy_intolerance(it: &AllergyIntolerance, at: &mut Scope<'_>) {
    const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
    let wrong = has_coding(it.verification_status.as_deref(), SYSTEM, &["entered-in-error"]);
    let clinical = exists(it, it.clinical_status.is_some(), "clinicalStatus");
    at.require(wrong || clinical, "ait-1", "", "clinicalStatus is missing");
    at.require(
        !wrong || !clinical,
        "ait-2",
        "",
        "clinicalStatus stands with entered-in-error",
    );
}

pub(crate) fn condition(it: &Condition, at: &mut Scope<'_>) {
    const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
    const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
    let over = has_coding(
        it.clinical_status.as_deref(),
        CLINICAL,
        &["resolved", "remission", "inactive"],
    );
    at.require(
        over || !exists(it, it.abatement.is_some(), "abatement[x]"),
        "con-4",
        "",
        "an abated condition is inactive, resolved or in remission",
    );
    let wrong = has_coding(
        it.verification_status.as_deref(),
        VERIFICATION,
        &["entered-in-error"],
    );
    let clinical = exists(it, it.clinical_status.is_some(), "clinicalStatus");
    let on_problem_list = it
        .category
        .iter()
        .any(|category| has_coding(Some(category), CATEGORY, &["problem-list-item"]));
    advise(
        at,
        clinical || wrong || !on_problem_list,
        "con-3",
        "",
        "a problem of the problem list has a clinicalStatus",
    );
    at.require(
        !wrong || !clinical,
        "con-5",
        "",
        "clinicalStatus stands with entered-in-error",
    );
}

pub(crate) fn observation(it: &Observation, at: &mut Scope<'_>) {
    if exists(it, it.value.is_some(), "value[x]")
        && let Some(code) = &it.code
    {
        let own = |coding: &Coding| code.coding.contains(coding);
        let repeated = it
            .component
            .iter()
            .filter_map(|c| c.code.as_ref())
            .any(|code| code.coding.iter().any(own));
        at.require(
            !repeated,
            "obs-7",
            "",
            "a component repeats the code of an observation that has a value",
        );
    }
}

pub(crate) fn medication_dispense(it: &MedicationDispense, at: &mut Scope<'_>) {
    if let (Some(prepared), Some(handed)) = (&it.when_prepared, &it.when_handed_over) {
        at.require(
            !later(prepared, handed),
            "mdd-1",
            "",
            "handed over before it was prepared",
        );
    }
}

pub(crate) fn task(it: &Task, at: &mut Scope<'_>) {
    if let (Some(authored), Some(modified)) = (&it.authored_on, &it.last_modified) {
        at.require(
            !later(authored, modified),
            "inv-1",
            "",
            "last modified before it was authored",
        );
    }
}

pub(crate) fn molecular_sequence(it: &MolecularSequence, at: &mut Scope<'_>) {
    let legal = it.coordinate_system.is_none_or(|system| matches!(system, 0 | 1));
    at.require(legal, "msq-3", "", "the coordinate system is 0 or 1");
}

pub(crate) fn nutrition_order(it: &NutritionOrder, at: &mut Scope<'_>) {
    let ordered = it.oral_diet.is_some() || !it.supplement.is_empty() || it.enteral_formula.is_some();
    let ordered = exists(it, ordered, "oralDiet")
        || exists(it, false, "supplement")
        || exists(it, false, "enteralFormula");
    advise(
        at,
        ordered,
        "nor-1",
        "",
        "an order of nutrition has an oral diet, a supplement or an enteral formula",
    );
}
