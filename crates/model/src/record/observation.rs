use ehr_types::{CodeableConcept, DateTime, Identifier, Quantity};

use crate::datatypes::{Annotation, Attachment, Occurrence, Reference, ReferenceRange, Status, Value};
use crate::shape::data;

data! {
    /// A measurement or finding: FHIR [Observation](https://hl7.org/fhir/R4/observation.html), HL7 v2 OBX, C-CDA result, vital sign,
    /// social history and other observations.
    pub struct Observation {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// Orders that it answers.
        pub based_on: Vec<Reference>,
        /// What it is part of.
        pub part_of: Vec<Reference>,
        /// FHIR observation-status: `registered`, `preliminary`, `final`, `amended`, `corrected`, `cancelled`, `entered-in-error`, `unknown`.
        pub status: Option<Status>,
        /// `laboratory`, `vital-signs`, `social-history`, `survey`, `exam`, …
        pub category: Vec<CodeableConcept>,
        /// What was observed.
        pub code: Option<CodeableConcept>,
        /// The patient.
        pub subject: Option<Reference>,
        /// What it is about, when that is not the subject itself.
        pub focus: Vec<Reference>,
        /// Where.
        pub encounter: Option<Reference>,
        /// Clinically relevant time.
        pub effective: Option<Occurrence>,
        /// When it was made available.
        pub issued: Option<DateTime>,
        /// Who is responsible.
        pub performer: Vec<Reference>,
        /// The result.
        pub value: Option<Value>,
        /// Why there is no result.
        pub data_absent_reason: Option<CodeableConcept>,
        /// High, low, normal, …
        pub interpretation: Vec<CodeableConcept>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// Where on the body.
        pub body_site: Option<CodeableConcept>,
        /// How it was done.
        pub method: Option<CodeableConcept>,
        /// Material examined.
        pub specimen: Option<Reference>,
        /// Device that measured.
        pub device: Option<Reference>,
        /// Normal and other bounds.
        pub reference_range: Vec<ReferenceRange>,
        /// Observations of a panel.
        pub has_member: Vec<Reference>,
        /// What it is derived from.
        pub derived_from: Vec<Reference>,
        /// Parts of one observation, such as systolic and diastolic pressure.
        pub component: Vec<ObservationComponent>,
    }

    /// A part of an observation with a code and a result of its own.
    pub struct ObservationComponent {
        /// What was observed.
        pub code: Option<CodeableConcept>,
        /// The result.
        pub value: Option<Value>,
        /// Why there is no result.
        pub data_absent_reason: Option<CodeableConcept>,
        /// High, low, normal, …
        pub interpretation: Vec<CodeableConcept>,
        /// Normal and other bounds.
        pub reference_range: Vec<ReferenceRange>,
    }

    /// A report over observations: FHIR [DiagnosticReport](https://hl7.org/fhir/R4/diagnosticreport.html), HL7 v2 OBR with its OBX,
    /// C-CDA result organizer.
    pub struct DiagnosticReport {
        /// Identifiers: placer and filler order numbers.
        pub identifier: Vec<Identifier>,
        /// Orders that it answers.
        pub based_on: Vec<Reference>,
        /// FHIR diagnostic-report-status: `registered`, `partial`, `preliminary`, `final`, `amended`, `corrected`, `cancelled`, …
        pub status: Option<Status>,
        /// Service section: `LAB`, `RAD`, …
        pub category: Vec<CodeableConcept>,
        /// What was asked for.
        pub code: Option<CodeableConcept>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Where.
        pub encounter: Option<Reference>,
        /// Clinically relevant time.
        pub effective: Option<Occurrence>,
        /// When it was released.
        pub issued: Option<DateTime>,
        /// Who issued it.
        pub performer: Vec<Reference>,
        /// Who interpreted it.
        pub results_interpreter: Vec<Reference>,
        /// Material examined.
        pub specimen: Vec<Reference>,
        /// The observations.
        pub result: Vec<Reference>,
        /// Imaging studies.
        pub imaging_study: Vec<Reference>,
        /// Key images: remark and link.
        pub media: Vec<Annotation>,
        /// Clinical conclusion.
        pub conclusion: Option<String>,
        /// Conclusion, coded.
        pub conclusion_code: Vec<CodeableConcept>,
        /// The whole report as issued.
        pub presented_form: Vec<Attachment>,
        /// Remarks (HL7 v2 NTE after OBR).
        pub note: Vec<Annotation>,
    }

    /// Material taken for examination: FHIR [Specimen](https://hl7.org/fhir/R4/specimen.html), HL7 v2 SPM and OBR-15, C-CDA specimen.
    pub struct Specimen {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// Identifier given by the laboratory.
        pub accession_identifier: Option<Identifier>,
        /// FHIR specimen-status: `available`, `unavailable`, `unsatisfactory`, `entered-in-error`.
        pub status: Option<Status>,
        /// What it is.
        pub type_: Option<CodeableConcept>,
        /// Whom it was taken from.
        pub subject: Option<Reference>,
        /// When the laboratory received it.
        pub received_time: Option<DateTime>,
        /// What it was taken from.
        pub parent: Vec<Reference>,
        /// Why it was taken.
        pub request: Vec<Reference>,
        /// Who took it.
        pub collector: Option<Reference>,
        /// When it was taken.
        pub collected: Option<Occurrence>,
        /// How much.
        pub quantity: Option<Quantity>,
        /// How it was taken.
        pub method: Option<CodeableConcept>,
        /// Where on the body.
        pub body_site: Option<CodeableConcept>,
        /// State of the material.
        pub condition: Vec<CodeableConcept>,
        /// Remarks.
        pub note: Vec<Annotation>,
    }
}
