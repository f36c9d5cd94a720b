use ehr_types::{CodeableConcept, Coding, DateTime, Identifier, Period, Quantity};

use crate::datatypes::{Annotation, Participant, Reference, Status};
use crate::shape::data;

data! {
    /// A contact between the patient and a provider: FHIR [Encounter](https://hl7.org/fhir/R4/encounter.html), HL7 v2 PV1/PV2,
    /// C-CDA encounter activity and encompassingEncounter.
    pub struct Encounter {
        /// Identifiers: the visit number.
        pub identifier: Vec<Identifier>,
        /// FHIR encounter-status: `planned`, `arrived`, `in-progress`, `finished`, `cancelled`, …
        pub status: Option<Status>,
        /// Class: inpatient, ambulatory, emergency (v3 ActCode).
        pub class: Option<Coding>,
        /// Class as concept, where the source gives more than one coding or only words.
        pub class_concept: Option<CodeableConcept>,
        /// Specific types.
        pub type_: Vec<CodeableConcept>,
        /// Kind of service.
        pub service_type: Option<CodeableConcept>,
        /// Urgency.
        pub priority: Option<CodeableConcept>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Episodes that it belongs to.
        pub episode_of_care: Vec<Reference>,
        /// Orders that led to it.
        pub based_on: Vec<Reference>,
        /// Who took part.
        pub participant: Vec<Participant>,
        /// Appointments that led to it.
        pub appointment: Vec<Reference>,
        /// When.
        pub period: Option<Period>,
        /// How long.
        pub length: Option<Quantity>,
        /// Why, coded.
        pub reason_code: Vec<CodeableConcept>,
        /// Why, as entries.
        pub reason_reference: Vec<Reference>,
        /// Diagnoses made.
        pub diagnosis: Vec<EncounterDiagnosis>,
        /// Accounts for billing.
        pub account: Vec<Reference>,
        /// Admission and discharge.
        pub hospitalization: Option<Hospitalization>,
        /// Where.
        pub location: Vec<EncounterLocation>,
        /// Who is responsible.
        pub service_provider: Option<Reference>,
        /// The encounter that it is part of.
        pub part_of: Option<Reference>,
        /// Remarks.
        pub note: Vec<Annotation>,
    }

    /// A diagnosis of an encounter.
    pub struct EncounterDiagnosis {
        /// The condition or procedure.
        pub condition: Option<Reference>,
        /// Admission, discharge, billing, …
        pub use_: Option<CodeableConcept>,
        /// Rank for that use, from 1.
        pub rank: Option<u32>,
    }

    /// Admission and discharge.
    pub struct Hospitalization {
        /// Identifier before admission.
        pub pre_admission_identifier: Option<Identifier>,
        /// Where the patient came from.
        pub origin: Option<Reference>,
        /// How the patient came.
        pub admit_source: Option<CodeableConcept>,
        /// Whether it is a readmission.
        pub re_admission: Option<CodeableConcept>,
        /// Diet.
        pub diet_preference: Vec<CodeableConcept>,
        /// Courtesies.
        pub special_courtesy: Vec<CodeableConcept>,
        /// Arrangements.
        pub special_arrangement: Vec<CodeableConcept>,
        /// Where the patient went.
        pub destination: Option<Reference>,
        /// How the patient left.
        pub discharge_disposition: Option<CodeableConcept>,
    }

    /// Where an encounter took place.
    pub struct EncounterLocation {
        /// The place.
        pub location: Option<Reference>,
        /// FHIR encounter-location-status: `planned`, `active`, `reserved`, `completed`.
        pub status: Option<Status>,
        /// Ward, bed, …
        pub physical_type: Option<CodeableConcept>,
        /// When.
        pub period: Option<Period>,
    }

    /// A booked meeting: FHIR [Appointment](https://hl7.org/fhir/R4/appointment.html), HL7 v2 SCH, C-CDA planned encounter.
    pub struct Appointment {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// FHIR appointmentstatus: `proposed`, `booked`, `fulfilled`, `cancelled`, `noshow`, …
        pub status: Option<Status>,
        /// Why it was cancelled.
        pub cancelation_reason: Option<CodeableConcept>,
        /// Broad category of service.
        pub service_category: Vec<CodeableConcept>,
        /// Kinds of service.
        pub service_type: Vec<CodeableConcept>,
        /// Specialties.
        pub specialty: Vec<CodeableConcept>,
        /// Style of appointment.
        pub appointment_type: Option<CodeableConcept>,
        /// Why, coded.
        pub reason_code: Vec<CodeableConcept>,
        /// Why, as entries.
        pub reason_reference: Vec<Reference>,
        /// iCalendar priority.
        pub priority: Option<u32>,
        /// Words.
        pub description: Option<String>,
        /// Further material.
        pub supporting_information: Vec<Reference>,
        /// When it begins.
        pub start: Option<DateTime>,
        /// When it ends.
        pub end: Option<DateTime>,
        /// Minutes.
        pub minutes_duration: Option<u32>,
        /// Slots filled.
        pub slot: Vec<Reference>,
        /// When it was made.
        pub created: Option<DateTime>,
        /// Remark.
        pub comment: Option<String>,
        /// Words for the patient.
        pub patient_instruction: Option<String>,
        /// Orders that it carries out.
        pub based_on: Vec<Reference>,
        /// Who takes part, the patient among them.
        pub participant: Vec<Participant>,
        /// Times asked for.
        pub requested_period: Vec<Period>,
    }
}
