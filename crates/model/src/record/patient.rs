use ehr_types::{Address, CodeableConcept, ContactPoint, Date, DateTime, HumanName, Identifier, Period};

use crate::datatypes::{Attachment, Reference, Status};
use crate::shape::{alternatives, data};

data! {
    /// The person whose chart it is: FHIR [Patient](https://hl7.org/fhir/R4/patient.html) with the US Core extensions;
    /// C-CDA recordTarget; HL7 v2 PID, PD1.
    pub struct Patient {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// Whether the source's record is in use; `None` when not said.
        pub active: Option<bool>,
        /// Names, aliases and former names.
        pub name: Vec<HumanName>,
        /// Telephone, e-mail.
        pub telecom: Vec<ContactPoint>,
        /// Administrative gender: `male`, `female`, `other`, `unknown`, with the source's own code.
        pub gender: Option<Status>,
        /// Date of birth.
        pub birth_date: Option<Date>,
        /// Time of birth, where the source has more than the day (extension patient-birthTime).
        pub birth_time: Option<DateTime>,
        /// Place of birth.
        pub birth_place: Option<Address>,
        /// Whether and when the person died.
        pub deceased: Option<Deceased>,
        /// Addresses.
        pub address: Vec<Address>,
        /// Marital status.
        pub marital_status: Option<CodeableConcept>,
        /// Twin or other multiple birth.
        pub multiple_birth: Option<MultipleBirth>,
        /// Pictures.
        pub photo: Vec<Attachment>,
        /// People to contact.
        pub contact: Vec<PatientContact>,
        /// Languages spoken.
        pub communication: Vec<Communication>,
        /// The usual practitioners.
        pub general_practitioner: Vec<Reference>,
        /// Who keeps the record.
        pub managing_organization: Option<Reference>,
        /// Other records of the same person, as the source says.
        pub link: Vec<PatientLink>,
        /// Race (US Core; CDC code system), broad categories and details.
        pub race: Vec<CodeableConcept>,
        /// Ethnicity (US Core; CDC code system).
        pub ethnicity: Vec<CodeableConcept>,
        /// Sex recorded at birth (US Core birthsex).
        pub birth_sex: Option<CodeableConcept>,
        /// Gender identity.
        pub gender_identity: Vec<CodeableConcept>,
        /// Pronouns.
        pub pronouns: Vec<CodeableConcept>,
        /// Religion.
        pub religion: Option<CodeableConcept>,
        /// Tribal affiliation (US Core).
        pub tribal_affiliation: Vec<CodeableConcept>,
        /// Citizenship.
        pub citizenship: Vec<CodeableConcept>,
        /// The mother's maiden name.
        pub mothers_maiden_name: Option<String>,
    }

    /// A person to contact: FHIR Patient.contact, HL7 v2 NK1, C-CDA guardian.
    pub struct PatientContact {
        /// Kinds of relationship.
        pub relationship: Vec<CodeableConcept>,
        /// Name.
        pub name: Option<HumanName>,
        /// Telephone, e-mail.
        pub telecom: Vec<ContactPoint>,
        /// Address.
        pub address: Option<Address>,
        /// Administrative gender.
        pub gender: Option<Status>,
        /// An organization as the contact.
        pub organization: Option<Reference>,
        /// When to contact.
        pub period: Option<Period>,
    }

    /// A language of the patient.
    pub struct Communication {
        /// The language (BCP 47).
        pub language: Option<CodeableConcept>,
        /// Whether it is preferred; `None` when not said.
        pub preferred: Option<bool>,
    }

    /// Another record of the same person.
    pub struct PatientLink {
        /// The other record.
        pub other: Option<Reference>,
        /// FHIR link-type: `replaced-by`, `replaces`, `refer`, `seealso`.
        pub type_: Option<String>,
    }

    /// A person related to the patient: FHIR [RelatedPerson](https://hl7.org/fhir/R4/relatedperson.html), HL7 v2 NK1, C-CDA
    /// guardian and participants.
    pub struct RelatedPerson {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// Whether the record is in use.
        pub active: Option<bool>,
        /// The patient.
        pub patient: Option<Reference>,
        /// Kinds of relationship.
        pub relationship: Vec<CodeableConcept>,
        /// Names.
        pub name: Vec<HumanName>,
        /// Telephone, e-mail.
        pub telecom: Vec<ContactPoint>,
        /// Administrative gender.
        pub gender: Option<Status>,
        /// Date of birth.
        pub birth_date: Option<Date>,
        /// Addresses.
        pub address: Vec<Address>,
        /// Pictures.
        pub photo: Vec<Attachment>,
        /// When the relationship holds.
        pub period: Option<Period>,
        /// Languages spoken.
        pub communication: Vec<Communication>,
    }
}

alternatives! {
    /// Whether and when a person died.
    pub enum Deceased {
        /// Whether.
        Boolean(bool),
        /// When.
        DateTime(DateTime),
    }

    /// Twin or other multiple birth.
    pub enum MultipleBirth {
        /// Whether.
        Boolean(bool),
        /// Order of birth, from 1.
        Integer(i32),
    }
}
