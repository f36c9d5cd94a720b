//! What of FHIR R5 is not read as R4.

use super::codeable_reference::{MANY, ONE, has_codeable_reference};
use super::later::RENAMED;
use crate::convert::json::Tree;

/// Members of R5 that R4 does not have under their name or in their form, beside those above.
const OTHER: &[(&str, &[&str])] = &[
    ("AllergyIntolerance", &["participant"]),
    (
        "Appointment",
        &["class", "subject", "virtualService", "recurrenceTemplate"],
    ),
    ("Condition", &["participant"]),
    ("CareTeam", &["reason"]),
    ("Coverage", &["insurer", "kind", "paymentBy", "insurancePlan"]),
    (
        "Device",
        &[
            "name",
            "displayName",
            "category",
            "conformsTo",
            "biologicalSourceEvent",
            "additive",
        ],
    ),
    ("DiagnosticReport", &["supportingInfo"]),
    (
        "DocumentReference",
        &[
            "attester",
            "basedOn",
            "bodySite",
            "event",
            "facilityType",
            "modality",
            "period",
            "practiceSetting",
            "version",
        ],
    ),
    (
        "Encounter",
        &[
            "careTeam",
            "dietPreference",
            "plannedEndDate",
            "plannedStartDate",
            "specialArrangement",
            "specialCourtesy",
            "subjectStatus",
            "virtualService",
        ],
    ),
    ("FamilyMemberHistory", &["participant", "procedure"]),
    ("Goal", &["acceptance", "continuous"]),
    (
        "Immunization",
        &["administeredProduct", "basedOn", "supportingInformation"],
    ),
    ("Location", &["characteristic", "contact", "virtualService"]),
    (
        "Medication",
        &["definition", "marketingAuthorizationHolder", "totalVolume"],
    ),
    (
        "MedicationAdministration",
        &[
            "basedOn",
            "isSubPotent",
            "occurenceTiming",
            "recorded",
            "subPotentReason",
        ],
    ),
    (
        "MedicationDispense",
        &["recorded", "renderedDosageInstruction", "statusChanged"],
    ),
    (
        "MedicationRequest",
        &[
            "device",
            "effectiveDosePeriod",
            "renderedDosageInstruction",
            "statusChanged",
        ],
    ),
    (
        "MedicationStatement",
        &[
            "adherence",
            "relatedClinicalInformation",
            "renderedDosageInstruction",
        ],
    ),
    (
        "Observation",
        &[
            "bodyStructure",
            "instantiatesCanonical",
            "instantiatesReference",
            "triggeredBy",
        ],
    ),
    ("Organization", &["description", "qualification"]),
    ("Practitioner", &["deceasedBoolean", "deceasedDateTime"]),
    (
        "PractitionerRole",
        &["characteristic", "communication", "contact"],
    ),
    (
        "Procedure",
        &[
            "focus",
            "occurrenceTiming",
            "recorded",
            "reportedBoolean",
            "reportedReference",
        ],
    ),
    ("ServiceRequest", &["bodyStructure"]),
    ("Specimen", &["combined", "feature", "role"]),
];

/// Members that R4 has too, whose value of R5 has another form.
const RETYPED: &[(&str, &str, Kind)] = &[
    ("AllergyIntolerance", "type", Kind::Object),
    ("DocumentReference", "context", Kind::List),
    ("Encounter", "class", Kind::List),
    ("Encounter", "reason", Kind::Grouped),
    ("Encounter", "serviceType", Kind::List),
    ("MedicationRequest", "performer", Kind::List),
    ("MedicationStatement", "informationSource", Kind::List),
    ("Device", "type", Kind::List),
];

enum Kind {
    Object,
    List,
    /// A list of groups, each with values.
    Grouped,
}

/// The members of a resource that are of R5 and were not read.
pub(super) fn unread(resource: &Tree) -> impl Iterator<Item = &'static str> {
    let of = resource.get("resourceType").and_then(Tree::as_str);
    let is_of = move |type_: &str| of == Some(type_);
    let there = move |name: &&str| resource.get(name).is_some();
    let other = OTHER
        .iter()
        .filter(move |(type_, _)| is_of(type_))
        .flat_map(|(_, names)| names.iter().copied())
        .filter(there);
    let renamed = RENAMED
        .iter()
        .filter(move |(type_, ..)| is_of(type_))
        .map(|(_, from, _)| *from)
        .filter(there);
    let split = ONE
        .iter()
        .chain(MANY)
        .filter(move |split| is_of(split.of))
        .filter(|split| resource.get(split.from).is_some_and(has_codeable_reference))
        .map(|split| split.from);
    let retyped = RETYPED
        .iter()
        .filter(move |(type_, ..)| is_of(type_))
        .filter(|(_, name, kind)| match kind {
            Kind::Object => matches!(resource.get(name), Some(Tree::Object(_))),
            Kind::List => matches!(resource.get(name), Some(Tree::Array(_))),
            Kind::Grouped => {
                let items = resource.get(name).map(Tree::items).unwrap_or_default();
                items.iter().any(|item| item.get("value").is_some())
            }
        })
        .map(|(_, name, _)| *name);
    let mut names: Vec<&'static str> = other.chain(renamed).chain(split).chain(retyped).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter()
}
