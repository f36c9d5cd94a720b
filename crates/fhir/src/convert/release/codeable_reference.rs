//! The CodeableReference of R5: a concept or a reference, in one member where R4 has two.

use crate::convert::json::Tree;

/// A CodeableReference of R5 in one member, and the two members of R4 that hold its concept and its reference.
pub(super) struct Split {
    pub(super) of: &'static str,
    pub(super) from: &'static str,
    concept: Option<&'static str>,
    reference: Option<&'static str>,
}

pub(super) const fn split(
    of: &'static str,
    from: &'static str,
    concept: Option<&'static str>,
    reference: Option<&'static str>,
) -> Split {
    Split {
        of,
        from,
        concept,
        reference,
    }
}

const MEDICATION: (Option<&str>, Option<&str>) =
    (Some("medicationCodeableConcept"), Some("medicationReference"));
pub(super) const REASON: (Option<&str>, Option<&str>) = (Some("reasonCode"), Some("reasonReference"));

/// Single ones.
pub(super) const ONE: &[Split] = &[
    split("MedicationRequest", "medication", MEDICATION.0, MEDICATION.1),
    split("MedicationStatement", "medication", MEDICATION.0, MEDICATION.1),
    split("MedicationDispense", "medication", MEDICATION.0, MEDICATION.1),
    split(
        "MedicationAdministration",
        "medication",
        MEDICATION.0,
        MEDICATION.1,
    ),
    split(
        "MedicationDispense",
        "notPerformedReason",
        Some("statusReasonCodeableConcept"),
        Some("statusReasonReference"),
    ),
    split("Immunization", "informationSource", Some("reportOrigin"), None),
    split("ServiceRequest", "code", Some("code"), None),
];

/// Lists of them.
pub(super) const MANY: &[Split] = &[
    split("MedicationRequest", "reason", REASON.0, REASON.1),
    split("MedicationStatement", "reason", REASON.0, REASON.1),
    split("MedicationAdministration", "reason", REASON.0, REASON.1),
    split("Immunization", "reason", REASON.0, REASON.1),
    split("Procedure", "reason", REASON.0, REASON.1),
    split(
        "Procedure",
        "complication",
        Some("complication"),
        Some("complicationDetail"),
    ),
    split("Procedure", "used", Some("usedCode"), Some("usedReference")),
    split("ServiceRequest", "reason", REASON.0, REASON.1),
    split(
        "ServiceRequest",
        "location",
        Some("locationCode"),
        Some("locationReference"),
    ),
    split("Appointment", "reason", REASON.0, REASON.1),
    split("Appointment", "serviceType", Some("serviceType"), None),
    split("FamilyMemberHistory", "reason", REASON.0, REASON.1),
    split("CarePlan", "addresses", None, Some("addresses")),
];

/// What a CodeableReference holds: its concept or its reference, and nothing else.
pub(super) enum Held {
    Concept(Tree),
    Reference(Tree),
}

pub(super) fn held(item: &Tree) -> Option<Held> {
    match item.members() {
        [(name, value @ Tree::Object(_))] if name == "concept" => Some(Held::Concept(value.clone())),
        [(name, value @ Tree::Object(_))] if name == "reference" => Some(Held::Reference(value.clone())),
        _ => None,
    }
}

/// Whether a value is a CodeableReference, or a list with one.
pub(super) fn has_codeable_reference(value: &Tree) -> bool {
    let is = |item: &Tree| {
        let member = |name| matches!(item.get(name), Some(Tree::Object(_)));
        member("concept") || member("reference")
    };
    is(value) || value.items().iter().any(is)
}

fn is_free(of: &Tree, name: &str, from: &str) -> bool {
    name == from || of.get(name).is_none() && of.get(&format!("_{name}")).is_none()
}

pub(super) fn one(of: &mut Tree, split: &Split) {
    let Some(held) = of.get(split.from).and_then(held) else {
        return;
    };
    let (to, value) = match held {
        Held::Concept(concept) => (split.concept, concept),
        Held::Reference(reference) => (split.reference, reference),
    };
    let targets = [split.concept, split.reference];
    let all_free = targets.iter().flatten().all(|name| is_free(of, name, split.from));
    if let Some(to) = to.filter(|_| all_free) {
        of.remove(split.from);
        of.set(to, value);
    }
}

pub(super) fn many(of: &mut Tree, split: &Split) {
    let Some(Tree::Array(items)) = of.get(split.from) else {
        return;
    };
    let Some(held) = items.iter().map(held).collect::<Option<Vec<Held>>>() else {
        return;
    };
    let (mut concepts, mut references) = (Vec::new(), Vec::new());
    for held in held {
        match held {
            Held::Concept(concept) => concepts.push(concept),
            Held::Reference(reference) => references.push(reference),
        }
    }
    let fits = |name: Option<&str>, list: &[Tree]| {
        list.is_empty() || name.is_some_and(|name| is_free(of, name, split.from))
    };
    if !fits(split.concept, &concepts) || !fits(split.reference, &references) {
        return;
    }
    of.remove(split.from);
    for (name, list) in [(split.concept, concepts), (split.reference, references)] {
        if let Some(name) = name.filter(|_| !list.is_empty()) {
            of.set(name, Tree::Array(list));
        }
    }
}
