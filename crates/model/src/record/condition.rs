use ehr_types::{CodeableConcept, DateTime, Identifier};

use crate::datatypes::{Annotation, Occurrence, Reference};
use crate::shape::data;

data! {
    /// A problem, diagnosis or health concern: FHIR [Condition](https://hl7.org/fhir/R4/condition.html), HL7 v2 DG1 and PRB, C-CDA
    /// problem concern act and problem observation.
    pub struct Condition {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// FHIR condition-clinical: `active`, `recurrence`, `relapse`, `inactive`, `remission`, `resolved`, and the source's own code.
        pub clinical_status: Option<CodeableConcept>,
        /// FHIR condition-ver-status: `confirmed`, `provisional`, `refuted`, …
        pub verification_status: Option<CodeableConcept>,
        /// `problem-list-item`, `encounter-diagnosis`, `health-concern`, …
        pub category: Vec<CodeableConcept>,
        /// How severe.
        pub severity: Option<CodeableConcept>,
        /// What it is. "No known problems" is a code here, not an absence of entries.
        pub code: Option<CodeableConcept>,
        /// Where on the body.
        pub body_site: Vec<CodeableConcept>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Where it was found.
        pub encounter: Option<Reference>,
        /// When it began.
        pub onset: Option<Occurrence>,
        /// When it ended.
        pub abatement: Option<Occurrence>,
        /// When it was first recorded.
        pub recorded_date: Option<DateTime>,
        /// Who recorded it.
        pub recorder: Option<Reference>,
        /// Who says so.
        pub asserter: Option<Reference>,
        /// Stages and grades.
        pub stage: Vec<ConditionStage>,
        /// Manifestations that support it, coded.
        pub evidence_code: Vec<CodeableConcept>,
        /// Entries that support it.
        pub evidence_detail: Vec<Reference>,
        /// Remarks.
        pub note: Vec<Annotation>,
    }

    /// A stage or grade.
    pub struct ConditionStage {
        /// The stage.
        pub summary: Option<CodeableConcept>,
        /// Records of the assessment.
        pub assessment: Vec<Reference>,
        /// Kind of staging.
        pub type_: Option<CodeableConcept>,
    }
}
