//! US Core 7.0.0 (<https://hl7.org/fhir/us/core/STU7/>): its extensions by name, and how much of what its profiles mark as
//! must-support a record has.

mod extension;
mod must_support;
mod presence;
mod profiles;

pub use extension::{
    Categories, MedicationAdherence, birth_sex, birth_sex_absent_reason, ethnicity, gender_identity,
    interpreter_needed, is_direct_address, jurisdictions, medication_adherence, questionnaire_uri, race, sex,
    tribal_affiliation,
};
pub use must_support::{Coverage, Obligation, must_support};

/// What the canonical URL of everything that US Core defines starts with, before the last part.
const BASE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/";

/// The extension that says why something is not there.
const DATA_ABSENT_REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
