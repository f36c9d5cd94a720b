use ehr_types::{CodeableConcept, DateTime, Identifier};

use crate::datatypes::{Annotation, Occurrence, Reference, Status};
use crate::shape::data;

data! {
    /// An allergy or intolerance, or a statement about having none: FHIR
    /// [AllergyIntolerance](https://hl7.org/fhir/R4/allergyintolerance.html), HL7 v2 AL1 and IAM, C-CDA allergy concern act and observation.
    ///
    /// [`knowledge`](Self::knowledge) tells a positive statement, "no known allergy" and "not asked" apart. None of them
    /// is the same as a chart without any entry of this class.
    pub struct AllergyIntolerance {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// What the entry states.
        pub knowledge: AllergyKnowledge,
        /// FHIR allergyintolerance-clinical: `active`, `inactive`, `resolved`, and the source's own code.
        pub clinical_status: Option<CodeableConcept>,
        /// FHIR allergyintolerance-verification: `confirmed`, `unconfirmed`, `refuted`, `entered-in-error`.
        pub verification_status: Option<CodeableConcept>,
        /// `allergy` or `intolerance`, with the source's own code.
        pub type_: Option<Status>,
        /// `food`, `medication`, `environment`, `biologic`.
        pub category: Vec<String>,
        /// `low`, `high`, `unable-to-assess`, with the source's own code.
        pub criticality: Option<Status>,
        /// The substance, class of substances, or the negated concept.
        pub code: Option<CodeableConcept>,
        /// The patient.
        pub patient: Option<Reference>,
        /// Where it was recorded.
        pub encounter: Option<Reference>,
        /// When it began.
        pub onset: Option<Occurrence>,
        /// When it ended: C-CDA effectiveTime high, which FHIR keeps as an extension.
        pub abatement: Option<DateTime>,
        /// When it was first recorded.
        pub recorded_date: Option<DateTime>,
        /// Who recorded it.
        pub recorder: Option<Reference>,
        /// Who says so.
        pub asserter: Option<Reference>,
        /// When it last showed.
        pub last_occurrence: Option<DateTime>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// What happened.
        pub reaction: Vec<Reaction>,
    }

    /// A reaction to the substance.
    pub struct Reaction {
        /// The substance of this event, when it is narrower than the allergy's.
        pub substance: Option<CodeableConcept>,
        /// Signs and symptoms.
        pub manifestation: Vec<CodeableConcept>,
        /// Words.
        pub description: Option<String>,
        /// When it began.
        pub onset: Option<DateTime>,
        /// `mild`, `moderate`, `severe`, with the source's own code.
        pub severity: Option<Status>,
        /// How the patient was exposed.
        pub exposure_route: Option<CodeableConcept>,
        /// Remarks.
        pub note: Vec<Annotation>,
    }
}

/// What an allergy entry states.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum AllergyKnowledge {
    /// There is an allergy or intolerance.
    #[default]
    Present,
    /// Somebody looked and knows of none: of any kind, or of the kind that `code` names (drug, food, latex, …).
    NoneKnown,
    /// Nobody asked, or nothing can be said.
    NotAsked,
}
