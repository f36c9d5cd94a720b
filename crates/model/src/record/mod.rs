//! The records: one struct a class, in the words of FHIR R4 resources.

use ehr_types::{CodeableConcept, DateTime, Identifier};

use crate::class::RecordClass;
use crate::datatypes::Occurrence;

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

    /// The status that says whether the record holds now: clinical status, lifecycle status or status, by class; the
    /// normalised FHIR code. `None` for classes without one and where the source gave none.
    pub fn status(&self) -> Option<&str> {
        let status = match self {
            Self::Condition(record) => return concept_code(record.clinical_status.as_ref()),
            Self::AllergyIntolerance(record) => return concept_code(record.clinical_status.as_ref()),
            Self::Encounter(record) => &record.status,
            Self::Medication(record) => &record.status,
            Self::MedicationRequest(record) => &record.status,
            Self::MedicationStatement(record) => &record.status,
            Self::MedicationDispense(record) => &record.status,
            Self::MedicationAdministration(record) => &record.status,
            Self::Immunization(record) => &record.status,
            Self::Observation(record) => &record.status,
            Self::DiagnosticReport(record) => &record.status,
            Self::Specimen(record) => &record.status,
            Self::Procedure(record) => &record.status,
            Self::CarePlan(record) => &record.status,
            Self::CareTeam(record) => &record.status,
            Self::Goal(record) => &record.lifecycle_status,
            Self::ServiceRequest(record) => &record.status,
            Self::Appointment(record) => &record.status,
            Self::DocumentReference(record) => &record.status,
            Self::FamilyMemberHistory(record) => &record.status,
            Self::Device(record) => &record.status,
            Self::Coverage(record) => &record.status,
            Self::ChargeItem(record) => &record.status,
            Self::Location(record) => &record.status,
            Self::Patient(_)
            | Self::RelatedPerson(_)
            | Self::Practitioner(_)
            | Self::PractitionerRole(_)
            | Self::Organization(_)
            | Self::Other(_) => return None,
        };
        status.as_ref().and_then(|status| status.code.as_deref())
    }

    /// When what the record states was so or happened: onset, effective time, date of performance, by class; the
    /// earliest that is known. `None` for classes without a time and where the source gave none.
    pub fn when(&self) -> Option<DateTime> {
        let start = |occurrence: &Option<Occurrence>| occurrence.as_ref().and_then(Occurrence::start);
        match self {
            Self::Encounter(record) => record
                .period
                .as_ref()
                .and_then(|period| period.start.or(period.end)),
            Self::Condition(record) => start(&record.onset).or(record.recorded_date),
            Self::AllergyIntolerance(record) => start(&record.onset).or(record.recorded_date),
            Self::MedicationRequest(record) => record
                .effective
                .as_ref()
                .and_then(|period| period.start)
                .or(record.authored_on),
            Self::MedicationStatement(record) => start(&record.effective).or(record.date_asserted),
            Self::MedicationDispense(record) => record.when_handed_over.or(record.when_prepared),
            Self::MedicationAdministration(record) => start(&record.effective),
            Self::Immunization(record) => start(&record.occurrence).or(record.recorded),
            Self::Observation(record) => start(&record.effective).or(record.issued),
            Self::DiagnosticReport(record) => start(&record.effective).or(record.issued),
            Self::Specimen(record) => start(&record.collected).or(record.received_time),
            Self::Procedure(record) => start(&record.performed),
            Self::CarePlan(record) => record
                .period
                .as_ref()
                .and_then(|period| period.start)
                .or(record.created),
            Self::CareTeam(record) => record.period.as_ref().and_then(|period| period.start),
            Self::Goal(record) => record.start_date.or(record.status_date).map(DateTime::from),
            Self::ServiceRequest(record) => start(&record.occurrence).or(record.authored_on),
            Self::Appointment(record) => record.start.or(record.created),
            Self::DocumentReference(record) => record
                .date
                .or_else(|| record.period.as_ref().and_then(|period| period.start)),
            Self::FamilyMemberHistory(record) => record.date,
            Self::Coverage(record) => record.period.as_ref().and_then(|period| period.start),
            Self::ChargeItem(record) => start(&record.occurrence).or(record.entered_date),
            Self::Patient(record) => record
                .birth_time
                .or_else(|| record.birth_date.map(DateTime::from)),
            Self::RelatedPerson(_)
            | Self::Practitioner(_)
            | Self::PractitionerRole(_)
            | Self::Organization(_)
            | Self::Location(_)
            | Self::Medication(_)
            | Self::Device(_)
            | Self::Other(_) => None,
        }
    }
}

fn concept_code(concept: Option<&CodeableConcept>) -> Option<&str> {
    concept.and_then(|concept| concept.codings.iter().find_map(|coding| coding.code.as_deref()))
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
