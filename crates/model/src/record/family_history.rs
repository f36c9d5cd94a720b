use ehr_types::{CodeableConcept, DateTime, Identifier};

use crate::datatypes::{Annotation, Occurrence, Reference, Status};
use crate::record::patient::Deceased;
use crate::shape::data;

data! {
    /// Conditions of a relative: FHIR [FamilyMemberHistory](https://hl7.org/fhir/R4/familymemberhistory.html), C-CDA family history
    /// organizer.
    pub struct FamilyMemberHistory {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// FHIR history-status: `partial`, `completed`, `entered-in-error`, `health-unknown`.
        pub status: Option<Status>,
        /// Why nothing is known.
        pub data_absent_reason: Option<CodeableConcept>,
        /// The patient.
        pub patient: Option<Reference>,
        /// When it was recorded.
        pub date: Option<DateTime>,
        /// Name of the relative.
        pub name: Option<String>,
        /// How related.
        pub relationship: Option<CodeableConcept>,
        /// Sex of the relative.
        pub sex: Option<CodeableConcept>,
        /// When the relative was born: a time or words.
        pub born: Option<Occurrence>,
        /// Age of the relative.
        pub age: Option<Occurrence>,
        /// Whether the age is estimated.
        pub estimated_age: Option<bool>,
        /// Whether and when the relative died.
        pub deceased: Option<Deceased>,
        /// Age at death, where that is what is known.
        pub deceased_age: Option<Occurrence>,
        /// Why it was recorded, coded.
        pub reason_code: Vec<CodeableConcept>,
        /// Why it was recorded, as entries.
        pub reason_reference: Vec<Reference>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// The conditions.
        pub condition: Vec<FamilyCondition>,
    }

    /// A condition of a relative.
    pub struct FamilyCondition {
        /// What it is.
        pub code: Option<CodeableConcept>,
        /// What came of it.
        pub outcome: Option<CodeableConcept>,
        /// Whether the relative died of it.
        pub contributed_to_death: Option<bool>,
        /// When it began, usually an age.
        pub onset: Option<Occurrence>,
        /// Remarks.
        pub note: Vec<Annotation>,
    }
}
