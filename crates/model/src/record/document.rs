use ehr_types::{CodeableConcept, Coding, DateTime, Identifier, Period};

use crate::datatypes::{Attachment, Reference, Status};
use crate::shape::data;

data! {
    /// A clinical note or other document: FHIR [DocumentReference](https://hl7.org/fhir/R4/documentreference.html), HL7 v2 TXA, a C-CDA
    /// document or notes section.
    pub struct Document {
        /// Identifiers, the version-specific one (C-CDA `id`, masterIdentifier) in `master_identifier`.
        pub identifier: Vec<Identifier>,
        /// Identifier of this version.
        pub master_identifier: Option<Identifier>,
        /// FHIR document-reference-status: `current`, `superseded`, `entered-in-error`.
        pub status: Option<Status>,
        /// FHIR composition-status of what is referred to: `preliminary`, `final`, `amended`, `entered-in-error`.
        pub doc_status: Option<Status>,
        /// Kind of document (LOINC).
        pub type_: Option<CodeableConcept>,
        /// Broad kinds.
        pub category: Vec<CodeableConcept>,
        /// The patient.
        pub subject: Option<Reference>,
        /// When the reference or document was made.
        pub date: Option<DateTime>,
        /// Who wrote it.
        pub author: Vec<Reference>,
        /// Who authenticated it.
        pub authenticator: Option<Reference>,
        /// Who keeps it.
        pub custodian: Option<Reference>,
        /// Other documents it stands to.
        pub relates_to: Vec<DocumentRelation>,
        /// Title or description.
        pub description: Option<String>,
        /// Confidentiality.
        pub security_label: Vec<CodeableConcept>,
        /// The content, in each form in which it is there.
        pub content: Vec<Attachment>,
        /// Format of the content beyond its media type, parallel to `content` where given.
        pub format: Vec<Coding>,
        /// Where it was written.
        pub encounter: Vec<Reference>,
        /// Events documented.
        pub event: Vec<CodeableConcept>,
        /// Time of service documented.
        pub period: Option<Period>,
        /// Kind of facility.
        pub facility_type: Option<CodeableConcept>,
        /// Specialty.
        pub practice_setting: Option<CodeableConcept>,
        /// Related entries.
        pub related: Vec<Reference>,
        /// The narrative of the sections, whole, in the order of the document.
        pub section: Vec<NarrativeSection>,
    }

    /// How a document stands to another.
    pub struct DocumentRelation {
        /// FHIR document-relationship-type: `replaces`, `transforms`, `signs`, `appends`.
        pub code: Option<String>,
        /// The other document.
        pub target: Option<Reference>,
    }

    /// A section of a document: what a person reads.
    pub struct NarrativeSection {
        /// Title.
        pub title: Option<String>,
        /// Kind of section (LOINC).
        pub code: Option<CodeableConcept>,
        /// The narrative as an XHTML `div` of the subset that FHIR allows.
        pub xhtml: Option<String>,
        /// The narrative as plain text.
        pub text: Option<String>,
        /// Why the section is empty (`nilknown`, `notasked`, `unavailable`, `withheld`, …; FHIR list-empty-reason).
        pub empty_reason: Option<CodeableConcept>,
        /// Entries made from the section.
        pub entry: Vec<Reference>,
        /// Sections inside.
        pub section: Vec<NarrativeSection>,
    }
}
