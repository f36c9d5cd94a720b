//! The words for what a list is about.

use crate::template::SectionKind;

/// What a list is about in words: nouns, and what may stand before and after them.
pub(super) fn nouns(list: SectionKind) -> (&'static [&'static str], &'static [&'static str]) {
    match list {
        SectionKind::Allergies => (
            &[
                "allergy",
                "allergies",
                "intolerance",
                "intolerances",
                "sensitivity",
                "sensitivities",
                "hypersensitivity",
                "hypersensitivities",
            ],
            // Not "other": who knows of no other allergy knows of one.
            &[
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
                "environmental",
                "latex",
                "insect",
                "seasonal",
                "contrast",
                "adverse",
                "allergic",
                "reaction",
                "reactions",
                "to",
            ],
        ),
        SectionKind::Medications => (
            &[
                "medication",
                "medications",
                "medicine",
                "medicines",
                "med",
                "meds",
                "drug",
                "drugs",
            ],
            &["current", "active"],
        ),
        SectionKind::Problems => (
            &[
                "problem",
                "problems",
                "condition",
                "conditions",
                "diagnosis",
                "diagnoses",
                "issues",
            ],
            &["current", "active", "health", "medical"],
        ),
        SectionKind::Immunizations => (
            &[
                "immunization",
                "immunizations",
                "immunisation",
                "immunisations",
                "vaccination",
                "vaccinations",
                "vaccine",
                "vaccines",
            ],
            &["history", "of"],
        ),
        SectionKind::Procedures => (
            &["procedure", "procedures"],
            &["prior", "previous", "past", "history", "of"],
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
