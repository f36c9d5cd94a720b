use ehr_types::{CodeableConcept, Identifier};

use crate::datatypes::{Annotation, Occurrence, Reference, Status};
use crate::shape::data;

data! {
    /// Something done to or for the patient: FHIR [Procedure](https://hl7.org/fhir/R4/procedure.html), HL7 v2 PR1, C-CDA procedure
    /// activities.
    pub struct Procedure {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// Orders that it carries out.
        pub based_on: Vec<Reference>,
        /// What it is part of.
        pub part_of: Vec<Reference>,
        /// FHIR event-status: `preparation`, `in-progress`, `not-done`, `completed`, `stopped`, `unknown`, …
        pub status: Option<Status>,
        /// Why it has that status.
        pub status_reason: Option<CodeableConcept>,
        /// Broad kind.
        pub category: Option<CodeableConcept>,
        /// What was done.
        pub code: Option<CodeableConcept>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Where.
        pub encounter: Option<Reference>,
        /// When.
        pub performed: Option<Occurrence>,
        /// Who recorded it.
        pub recorder: Option<Reference>,
        /// Who says so.
        pub asserter: Option<Reference>,
        /// Who did it.
        pub performer: Vec<Performer>,
        /// Place.
        pub location: Option<Reference>,
        /// Why, coded.
        pub reason_code: Vec<CodeableConcept>,
        /// Why, as entries.
        pub reason_reference: Vec<Reference>,
        /// Where on the body.
        pub body_site: Vec<CodeableConcept>,
        /// How it went.
        pub outcome: Option<CodeableConcept>,
        /// Reports of it.
        pub report: Vec<Reference>,
        /// Complications, coded.
        pub complication: Vec<CodeableConcept>,
        /// Complications, as entries.
        pub complication_detail: Vec<Reference>,
        /// Instructions for afterwards.
        pub follow_up: Vec<CodeableConcept>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// Devices that were implanted, changed or removed.
        pub focal_device: Vec<Reference>,
        /// Entries for items used.
        pub used_reference: Vec<Reference>,
        /// Items used, coded.
        pub used_code: Vec<CodeableConcept>,
    }

    /// Who did something, and as what.
    pub struct Performer {
        /// The function.
        pub function: Option<CodeableConcept>,
        /// Who.
        pub actor: Option<Reference>,
        /// On behalf of which organization.
        pub on_behalf_of: Option<Reference>,
    }
}
