//! The records: one struct a class, in the words of FHIR R4 resources.

use ehr_types::{CodeableConcept, Identifier};

use crate::class::RecordClass;

mod allergy_intolerance;
mod care;
mod condition;
mod coverage;
mod device;
mod document;
mod encounter;
mod family_history;
mod immunization;
mod medication;
mod observation;
mod patient;
mod practitioner;
mod procedure;

pub use allergy_intolerance::{AllergyIntolerance, AllergyKnowledge, Reaction};
pub use care::{CarePlan, CarePlanActivity, CareTeam, Goal, GoalTarget, ServiceRequest};
pub use condition::{Condition, ConditionStage};
pub use coverage::{ChargeItem, Coverage, CoverageClass};
pub use device::{Device, DeviceName};
pub use document::{Document, DocumentRelation, NarrativeSection};
pub use encounter::{Appointment, Encounter, EncounterDiagnosis, EncounterLocation, Hospitalization};
pub use family_history::{FamilyCondition, FamilyMemberHistory};
pub use immunization::{DoseNumber, Immunization, ImmunizationReaction, ProtocolApplied, VaccineEducation};
pub use medication::{
    Ingredient, Medication, MedicationAdministration, MedicationDispense, MedicationRequest,
    MedicationStatement,
};
pub use observation::{DiagnosticReport, Observation, ObservationComponent, Specimen};
pub use patient::{
    Communication, Deceased, MultipleBirth, Patient, PatientContact, PatientLink, RelatedPerson,
};
pub use practitioner::{
    Location, Organization, OrganizationContact, Practitioner, PractitionerRole, Qualification,
};
pub use procedure::{Performer, Procedure};

macro_rules! records {
    ($($variant:ident($type:ident),)*) => {
        /// One record of any class.
        #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub enum Record {
            $(#[doc = concat!("A record of class [`RecordClass::", stringify!($variant), "`].")] $variant(Box<$type>),)*
        }

        impl Record {
            /// Class of the record.
            pub fn class(&self) -> RecordClass {
                match self {
                    $(Self::$variant(_) => RecordClass::$variant,)*
                }
            }

            /// Identifiers that the source gave it.
            pub fn identifiers(&self) -> &[Identifier] {
                match self {
                    $(Self::$variant(record) => &record.identifier,)*
                }
            }
        }

        $(
            impl From<$type> for Record {
                fn from(record: $type) -> Self {
                    Self::$variant(Box::new(record))
                }
            }

            impl $type {
                /// The record as this type, when it is of this class.
                pub fn from_record(record: &Record) -> Option<&Self> {
                    match record {
                        Record::$variant(record) => Some(record),
                        _ => None,
                    }
                }
            }
        )*

        ehr_types::debug_shape!(Record);
    };
}

records! {
    Patient(Patient),
    RelatedPerson(RelatedPerson),
    Practitioner(Practitioner),
    PractitionerRole(PractitionerRole),
    Organization(Organization),
    Location(Location),
    Encounter(Encounter),
    Condition(Condition),
    AllergyIntolerance(AllergyIntolerance),
    Medication(Medication),
    MedicationRequest(MedicationRequest),
    MedicationStatement(MedicationStatement),
    MedicationDispense(MedicationDispense),
    MedicationAdministration(MedicationAdministration),
    Immunization(Immunization),
    Observation(Observation),
    DiagnosticReport(DiagnosticReport),
    Specimen(Specimen),
    Procedure(Procedure),
    CarePlan(CarePlan),
    CareTeam(CareTeam),
    Goal(Goal),
    ServiceRequest(ServiceRequest),
    Appointment(Appointment),
    DocumentReference(Document),
    FamilyMemberHistory(FamilyMemberHistory),
    Device(Device),
    Coverage(Coverage),
    ChargeItem(ChargeItem),
    Other(OtherRecord),
}

impl Record {
    /// The concept that says what the record is about: the problem, the substance, the test, the vaccine.
    /// `None` for classes that have none and where the source gave none.
    pub fn concept(&self) -> Option<&CodeableConcept> {
        match self {
            Self::Condition(record) => record.code.as_ref(),
            Self::AllergyIntolerance(record) => record.code.as_ref(),
            Self::Medication(record) => record.code.as_ref(),
            Self::MedicationRequest(record) => record.medication.as_ref(),
            Self::MedicationStatement(record) => record.medication.as_ref(),
            Self::MedicationDispense(record) => record.medication.as_ref(),
            Self::MedicationAdministration(record) => record.medication.as_ref(),
            Self::Immunization(record) => record.vaccine_code.as_ref(),
            Self::Observation(record) => record.code.as_ref(),
            Self::DiagnosticReport(record) => record.code.as_ref(),
            Self::Specimen(record) => record.type_.as_ref(),
            Self::Procedure(record) => record.code.as_ref(),
            Self::ServiceRequest(record) => record.code.as_ref(),
            Self::Goal(record) => record.description.as_ref(),
            Self::DocumentReference(record) => record.type_.as_ref(),
            Self::Encounter(record) => record.type_.first(),
            Self::CarePlan(record) => record.category.first(),
            Self::CareTeam(record) => record.category.first(),
            Self::Appointment(record) => record.service_type.first(),
            Self::FamilyMemberHistory(record) => record.relationship.as_ref(),
            Self::Device(record) => record.type_.as_ref(),
            Self::Coverage(record) => record.type_.as_ref(),
            Self::ChargeItem(record) => record.code.as_ref(),
            Self::PractitionerRole(record) => record.code.first(),
            Self::Organization(record) => record.type_.first(),
            Self::Location(record) => record.type_.first(),
            Self::RelatedPerson(record) => record.relationship.first(),
            Self::Patient(_) | Self::Practitioner(_) | Self::Other(_) => None,
        }
    }
}

crate::shape::data! {
    /// A resource of a type that the model does not interpret. Its content is the entry's [`Original`](crate::Original).
    pub struct OtherRecord {
        /// FHIR resource type, or what the source calls it.
        pub resource_type: String,
        /// Identifiers of the source.
        pub identifier: Vec<Identifier>,
    }
}
