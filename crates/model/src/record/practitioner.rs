use ehr_types::{Address, CodeableConcept, ContactPoint, Date, Decimal, HumanName, Identifier, Period};

use crate::datatypes::{Attachment, Reference, Status};
use crate::shape::data;

data! {
    /// A person who provides care: FHIR [Practitioner](https://hl7.org/fhir/R4/practitioner.html), HL7 v2 XCN, C-CDA
    /// assignedAuthor and assignedEntity.
    pub struct Practitioner {
        /// Identifiers, the US NPI among them.
        pub identifier: Vec<Identifier>,
        /// Whether the record is in use.
        pub active: Option<bool>,
        /// Names.
        pub name: Vec<HumanName>,
        /// Telephone, e-mail.
        pub telecom: Vec<ContactPoint>,
        /// Addresses.
        pub address: Vec<Address>,
        /// Administrative gender.
        pub gender: Option<Status>,
        /// Date of birth.
        pub birth_date: Option<Date>,
        /// Pictures.
        pub photo: Vec<Attachment>,
        /// Licences and degrees.
        pub qualification: Vec<Qualification>,
        /// Languages spoken.
        pub communication: Vec<CodeableConcept>,
    }

    /// A licence or degree.
    pub struct Qualification {
        /// Its identifiers.
        pub identifier: Vec<Identifier>,
        /// What it is.
        pub code: Option<CodeableConcept>,
        /// When it is valid.
        pub period: Option<Period>,
        /// Who issued it.
        pub issuer: Option<Reference>,
    }

    /// What a practitioner does at an organization: FHIR [PractitionerRole](https://hl7.org/fhir/R4/practitionerrole.html).
    pub struct PractitionerRole {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// Whether the record is in use.
        pub active: Option<bool>,
        /// When.
        pub period: Option<Period>,
        /// Who.
        pub practitioner: Option<Reference>,
        /// Where.
        pub organization: Option<Reference>,
        /// Roles.
        pub code: Vec<CodeableConcept>,
        /// Specialties.
        pub specialty: Vec<CodeableConcept>,
        /// Places.
        pub location: Vec<Reference>,
        /// Services provided.
        pub healthcare_service: Vec<Reference>,
        /// Telephone, e-mail.
        pub telecom: Vec<ContactPoint>,
        /// Technical endpoints.
        pub endpoint: Vec<Reference>,
    }

    /// A clinic, hospital, laboratory, payer or department: FHIR [Organization](https://hl7.org/fhir/R4/organization.html),
    /// HL7 v2 XON, C-CDA representedOrganization.
    pub struct Organization {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// Whether the record is in use.
        pub active: Option<bool>,
        /// Kinds.
        pub type_: Vec<CodeableConcept>,
        /// Name.
        pub name: Option<String>,
        /// Other names.
        pub alias: Vec<String>,
        /// Telephone, e-mail.
        pub telecom: Vec<ContactPoint>,
        /// Addresses.
        pub address: Vec<Address>,
        /// What it belongs to.
        pub part_of: Option<Reference>,
        /// People to contact.
        pub contact: Vec<OrganizationContact>,
        /// Technical endpoints.
        pub endpoint: Vec<Reference>,
    }

    /// Whom to contact at an organization.
    pub struct OrganizationContact {
        /// For what.
        pub purpose: Option<CodeableConcept>,
        /// Name.
        pub name: Option<HumanName>,
        /// Telephone, e-mail.
        pub telecom: Vec<ContactPoint>,
        /// Address.
        pub address: Option<Address>,
    }

    /// A place: FHIR [Location](https://hl7.org/fhir/R4/location.html), HL7 v2 PL, C-CDA serviceDeliveryLocation.
    pub struct Location {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// FHIR location-status: `active`, `suspended`, `inactive`.
        pub status: Option<Status>,
        /// Bed status.
        pub operational_status: Option<CodeableConcept>,
        /// Name.
        pub name: Option<String>,
        /// Other names.
        pub alias: Vec<String>,
        /// Description.
        pub description: Option<String>,
        /// `instance` or `kind`.
        pub mode: Option<String>,
        /// Functions.
        pub type_: Vec<CodeableConcept>,
        /// Telephone, e-mail.
        pub telecom: Vec<ContactPoint>,
        /// Address.
        pub address: Option<Address>,
        /// Room, bed, building, …
        pub physical_type: Option<CodeableConcept>,
        /// Latitude and longitude, WGS84 degrees.
        pub latitude: Option<Decimal>,
        /// Longitude, WGS84 degrees.
        pub longitude: Option<Decimal>,
        /// Altitude, metres.
        pub altitude: Option<Decimal>,
        /// Who runs it.
        pub managing_organization: Option<Reference>,
        /// What it is part of.
        pub part_of: Option<Reference>,
    }
}
