use ehr_types::{CodeableConcept, Date, DateTime, Identifier, Quantity};

use crate::datatypes::{Annotation, Occurrence, Reference, Status};
use crate::record::procedure::Performer;
use crate::shape::{alternatives, data};

data! {
    /// A vaccination, given or not: FHIR [Immunization](https://hl7.org/fhir/R4/immunization.html), HL7 v2 RXA in VXU, C-CDA
    /// immunization activity.
    pub struct Immunization {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// FHIR immunization-status: `completed`, `not-done`, `entered-in-error`.
        pub status: Option<Status>,
        /// Why it was not given: refusal, contraindication, immunity.
        pub status_reason: Option<CodeableConcept>,
        /// The vaccine.
        pub vaccine_code: Option<CodeableConcept>,
        /// The patient.
        pub patient: Option<Reference>,
        /// Where it was given.
        pub encounter: Option<Reference>,
        /// When: a time, or words.
        pub occurrence: Option<Occurrence>,
        /// When it was first recorded.
        pub recorded: Option<DateTime>,
        /// Whether the record comes from who gave it; `false` for history told by others.
        pub primary_source: Option<bool>,
        /// Where a secondary record comes from.
        pub report_origin: Option<CodeableConcept>,
        /// Place.
        pub location: Option<Reference>,
        /// Manufacturer.
        pub manufacturer: Option<Reference>,
        /// Lot number.
        pub lot_number: Option<String>,
        /// When the lot expires.
        pub expiration_date: Option<Date>,
        /// Where on the body.
        pub site: Option<CodeableConcept>,
        /// By which route.
        pub route: Option<CodeableConcept>,
        /// How much.
        pub dose_quantity: Option<Quantity>,
        /// Who ordered and who gave it.
        pub performer: Vec<Performer>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// Why it was given, coded.
        pub reason_code: Vec<CodeableConcept>,
        /// Why it was given, as entries.
        pub reason_reference: Vec<Reference>,
        /// Whether the dose was less than potent.
        pub is_subpotent: Option<bool>,
        /// Why it was less than potent.
        pub subpotent_reason: Vec<CodeableConcept>,
        /// Material given to the patient.
        pub education: Vec<VaccineEducation>,
        /// Eligibility for a funding programme.
        pub program_eligibility: Vec<CodeableConcept>,
        /// Who paid for the vaccine.
        pub funding_source: Option<CodeableConcept>,
        /// What happened after it.
        pub reaction: Vec<ImmunizationReaction>,
        /// Series and dose by protocol.
        pub protocol_applied: Vec<ProtocolApplied>,
    }

    /// Material on the vaccine given to the patient.
    pub struct VaccineEducation {
        /// Identifier of the material.
        pub document_type: Option<String>,
        /// Where it is.
        pub reference: Option<String>,
        /// When it was published.
        pub publication_date: Option<DateTime>,
        /// When it was given.
        pub presentation_date: Option<DateTime>,
    }

    /// A reaction after a vaccination.
    pub struct ImmunizationReaction {
        /// When it began.
        pub date: Option<DateTime>,
        /// The observation of it.
        pub detail: Option<Reference>,
        /// Whether the patient told it.
        pub reported: Option<bool>,
    }

    /// The place of a dose in a protocol.
    pub struct ProtocolApplied {
        /// Name of the series.
        pub series: Option<String>,
        /// Who published the protocol.
        pub authority: Option<Reference>,
        /// Diseases aimed at.
        pub target_disease: Vec<CodeableConcept>,
        /// Number of the dose.
        pub dose_number: Option<DoseNumber>,
        /// Doses in the series.
        pub series_doses: Option<DoseNumber>,
    }
}

alternatives! {
    /// A number of doses, as a number or in words.
    pub enum DoseNumber {
        /// From 1.
        PositiveInt(u32),
        /// Words.
        String(String),
    }
}
