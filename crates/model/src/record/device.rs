use ehr_types::{CodeableConcept, ContactPoint, DateTime, Identifier};

use crate::datatypes::{Annotation, Reference, Status};
use crate::shape::data;

data! {
    /// A device, implanted or used: FHIR [Device](https://hl7.org/fhir/R4/device.html), C-CDA product instance and authoring device.
    pub struct Device {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// UDI device identifier (DI part).
        pub udi_device_identifier: Option<String>,
        /// Issuer of the UDI, as a URI.
        pub udi_issuer: Option<String>,
        /// The UDI carrier in human-readable form.
        pub udi_carrier_hrf: Option<String>,
        /// FHIR device-status: `active`, `inactive`, `entered-in-error`, `unknown`.
        pub status: Option<Status>,
        /// The distinct identification code of human cells and tissues.
        pub distinct_identifier: Option<String>,
        /// Manufacturer.
        pub manufacturer: Option<String>,
        /// When it was made.
        pub manufacture_date: Option<DateTime>,
        /// When it expires.
        pub expiration_date: Option<DateTime>,
        /// Lot number.
        pub lot_number: Option<String>,
        /// Serial number.
        pub serial_number: Option<String>,
        /// Names, with their FHIR device-nametype where given.
        pub name: Vec<DeviceName>,
        /// Model.
        pub model_number: Option<String>,
        /// Part number.
        pub part_number: Option<String>,
        /// What it is.
        pub type_: Option<CodeableConcept>,
        /// Software version.
        pub version: Vec<String>,
        /// The patient.
        pub patient: Option<Reference>,
        /// Who owns it.
        pub owner: Option<Reference>,
        /// Telephone, e-mail of support.
        pub contact: Vec<ContactPoint>,
        /// Where it is.
        pub location: Option<Reference>,
        /// Network address.
        pub url: Option<String>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// What it is part of.
        pub parent: Option<Reference>,
    }

    /// A name of a device.
    pub struct DeviceName {
        /// The name.
        pub name: String,
        /// FHIR device-nametype: `udi-label-name`, `user-friendly-name`, `model-name`, …
        pub type_: Option<String>,
    }
}
