//! The classes of clinical records.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! classes {
    ($($(#[$doc:meta])* $variant:ident,)*) => {
        /// The class of a record, named by its FHIR R4 resource type.
        ///
        /// Exhaustive on purpose: code that handles classes matches every one, so that a new class is a compile error
        /// and not a class that is silently left out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum RecordClass {
            $($(#[$doc])* $variant,)*
        }

        impl RecordClass {
            /// Every class, in the order in which a record lists them.
            pub const ALL: &'static [RecordClass] = &[$(RecordClass::$variant),*];

            /// The name of the class, equal to the FHIR resource type except for [`Other`](Self::Other).
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)*
                }
            }

            /// The class with this FHIR resource type.
            pub fn from_fhir_type(name: &str) -> Option<Self> {
                match name {
                    "Other" => None,
                    $(stringify!($variant) => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

classes! {
    /// The person whose chart it is.
    Patient,
    /// A relative, guardian or other person linked to the patient.
    RelatedPerson,
    /// A person who provides care.
    Practitioner,
    /// What a practitioner does at an organization.
    PractitionerRole,
    /// A clinic, hospital, laboratory, payer or department.
    Organization,
    /// A place.
    Location,
    /// A contact between the patient and a provider.
    Encounter,
    /// A problem, diagnosis or health concern.
    Condition,
    /// An allergy or intolerance, or the statement that there is none.
    AllergyIntolerance,
    /// A medicinal product that other entries refer to.
    Medication,
    /// An order for a medication.
    MedicationRequest,
    /// A statement that a medication is, was or will be taken.
    MedicationStatement,
    /// A medication handed out.
    MedicationDispense,
    /// A medication given.
    MedicationAdministration,
    /// A vaccination, given or not.
    Immunization,
    /// A measurement or finding: laboratory, vital sign, social history.
    Observation,
    /// A report over observations.
    DiagnosticReport,
    /// Material taken for examination.
    Specimen,
    /// Something done to or for the patient.
    Procedure,
    /// What is planned for the patient.
    CarePlan,
    /// Who takes part in the care.
    CareTeam,
    /// What the care aims at.
    Goal,
    /// An order or proposal for a service.
    ServiceRequest,
    /// A booked meeting.
    Appointment,
    /// A clinical note or other document.
    DocumentReference,
    /// Conditions of a relative.
    FamilyMemberHistory,
    /// A device, implanted or used.
    Device,
    /// Insurance or another way of payment.
    Coverage,
    /// A charge for a service.
    ChargeItem,
    /// A resource of another type, kept whole but not interpreted.
    Other,
}

impl fmt::Display for RecordClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
