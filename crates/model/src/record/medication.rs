use ehr_types::{CodeableConcept, DateTime, Identifier, Period, Quantity, Ratio};

use crate::datatypes::{Amount, Annotation, Dosage, Occurrence, Reference, Status};
use crate::record::procedure::Performer;
use crate::shape::data;

data! {
    /// A medicinal product: FHIR [Medication](https://hl7.org/fhir/R4/medication.html), C-CDA manufacturedProduct.
    pub struct Medication {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// What it is.
        pub code: Option<CodeableConcept>,
        /// FHIR medication-status: `active`, `inactive`, `entered-in-error`.
        pub status: Option<Status>,
        /// Who made it.
        pub manufacturer: Option<Reference>,
        /// Tablet, ointment, …
        pub form: Option<CodeableConcept>,
        /// Amount in the package.
        pub amount: Option<Ratio>,
        /// What it contains.
        pub ingredient: Vec<Ingredient>,
        /// Lot number.
        pub lot_number: Option<String>,
        /// When it expires.
        pub expiration_date: Option<DateTime>,
    }

    /// What a medication contains.
    pub struct Ingredient {
        /// The substance.
        pub item: Option<CodeableConcept>,
        /// The substance as an entry.
        pub item_reference: Option<Reference>,
        /// Whether it is active.
        pub is_active: Option<bool>,
        /// How much.
        pub strength: Option<Ratio>,
    }

    /// An order for a medication: FHIR [MedicationRequest](https://hl7.org/fhir/R4/medicationrequest.html), HL7 v2 RXO and RXE, C-CDA
    /// medication activity with mood INT.
    pub struct MedicationRequest {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// FHIR medicationrequest-status: `active`, `on-hold`, `cancelled`, `completed`, `stopped`, `draft`, `unknown`.
        pub status: Option<Status>,
        /// Why it has that status.
        pub status_reason: Option<CodeableConcept>,
        /// FHIR medicationrequest-intent: `proposal`, `plan`, `order`, …
        pub intent: Option<String>,
        /// Inpatient, outpatient, community, …
        pub category: Vec<CodeableConcept>,
        /// `routine`, `urgent`, `asap`, `stat`.
        pub priority: Option<String>,
        /// Whether it orders *not* to take the medication.
        pub do_not_perform: Option<bool>,
        /// Whether it is reported and not the original order.
        pub reported: Option<bool>,
        /// Who reported it.
        pub reported_by: Option<Reference>,
        /// What is ordered.
        pub medication: Option<CodeableConcept>,
        /// What is ordered, as an entry.
        pub medication_reference: Option<Reference>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Where it was ordered.
        pub encounter: Option<Reference>,
        /// Supporting entries.
        pub supporting_information: Vec<Reference>,
        /// When it was ordered.
        pub authored_on: Option<DateTime>,
        /// Who ordered it.
        pub requester: Option<Reference>,
        /// Who is to perform it.
        pub performer: Option<Reference>,
        /// Kind of performer.
        pub performer_type: Option<CodeableConcept>,
        /// Who entered the order.
        pub recorder: Option<Reference>,
        /// Why, coded.
        pub reason_code: Vec<CodeableConcept>,
        /// Why, as entries.
        pub reason_reference: Vec<Reference>,
        /// What it follows from.
        pub based_on: Vec<Reference>,
        /// Identifier of the group of orders.
        pub group_identifier: Option<Identifier>,
        /// Course of therapy.
        pub course_of_therapy_type: Option<CodeableConcept>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// How to take it.
        pub dosage: Vec<Dosage>,
        /// The therapy's course (C-CDA effectiveTime).
        pub effective: Option<Period>,
        /// How much to dispense.
        pub dispense_quantity: Option<Quantity>,
        /// Refills allowed.
        pub repeats_allowed: Option<u32>,
        /// When it may be dispensed.
        pub validity_period: Option<Period>,
        /// How long the supply lasts.
        pub expected_supply_duration: Option<Quantity>,
        /// Who is to dispense.
        pub dispense_performer: Option<Reference>,
        /// Whether substitution is allowed.
        pub substitution_allowed: Option<bool>,
        /// What it replaces.
        pub prior_prescription: Option<Reference>,
    }

    /// A statement that a medication is, was or will be taken: FHIR
    /// [MedicationStatement](https://hl7.org/fhir/R4/medicationstatement.html), C-CDA medication activity with mood EVN.
    pub struct MedicationStatement {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// What it follows from.
        pub based_on: Vec<Reference>,
        /// What it is part of.
        pub part_of: Vec<Reference>,
        /// FHIR medication-statement-status: `active`, `completed`, `intended`, `stopped`, `on-hold`, `unknown`, `not-taken`.
        pub status: Option<Status>,
        /// Why it has that status.
        pub status_reason: Vec<CodeableConcept>,
        /// Inpatient, outpatient, …
        pub category: Option<CodeableConcept>,
        /// What is taken.
        pub medication: Option<CodeableConcept>,
        /// What is taken, as an entry.
        pub medication_reference: Option<Reference>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Where it was stated.
        pub context: Option<Reference>,
        /// When it is taken.
        pub effective: Option<Occurrence>,
        /// When it was stated.
        pub date_asserted: Option<DateTime>,
        /// Who says so.
        pub information_source: Option<Reference>,
        /// What it is derived from.
        pub derived_from: Vec<Reference>,
        /// Why, coded.
        pub reason_code: Vec<CodeableConcept>,
        /// Why, as entries.
        pub reason_reference: Vec<Reference>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// How it is taken.
        pub dosage: Vec<Dosage>,
    }

    /// A medication handed out: FHIR [MedicationDispense](https://hl7.org/fhir/R4/medicationdispense.html), HL7 v2 RXD, C-CDA
    /// medication dispense.
    pub struct MedicationDispense {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// What it is part of.
        pub part_of: Vec<Reference>,
        /// FHIR medicationdispense-status: `preparation`, `in-progress`, `completed`, `cancelled`, `unknown`, …
        pub status: Option<Status>,
        /// Why it was not performed.
        pub status_reason: Option<CodeableConcept>,
        /// Inpatient, outpatient, …
        pub category: Option<CodeableConcept>,
        /// What was handed out.
        pub medication: Option<CodeableConcept>,
        /// What was handed out, as an entry.
        pub medication_reference: Option<Reference>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Where.
        pub context: Option<Reference>,
        /// Supporting entries.
        pub supporting_information: Vec<Reference>,
        /// Who dispensed.
        pub performer: Vec<Performer>,
        /// Place of dispensing.
        pub location: Option<Reference>,
        /// The orders it fills.
        pub authorizing_prescription: Vec<Reference>,
        /// Trial fill, refill, …
        pub type_: Option<CodeableConcept>,
        /// How much.
        pub quantity: Option<Quantity>,
        /// Supply in days.
        pub days_supply: Option<Quantity>,
        /// When it was packaged.
        pub when_prepared: Option<DateTime>,
        /// When it was handed over.
        pub when_handed_over: Option<DateTime>,
        /// Place it was sent to.
        pub destination: Option<Reference>,
        /// Who received it.
        pub receiver: Vec<Reference>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// How to take it.
        pub dosage: Vec<Dosage>,
        /// Number of the fill (C-CDA repeatNumber).
        pub fill_number: Option<u32>,
    }

    /// A medication given: FHIR [MedicationAdministration](https://hl7.org/fhir/R4/medicationadministration.html), HL7 v2 RXA outside
    /// of immunization.
    pub struct MedicationAdministration {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// What it is part of.
        pub part_of: Vec<Reference>,
        /// FHIR medication-admin-status: `in-progress`, `not-done`, `completed`, `stopped`, `unknown`, …
        pub status: Option<Status>,
        /// Why it was not given.
        pub status_reason: Vec<CodeableConcept>,
        /// Inpatient, outpatient, …
        pub category: Option<CodeableConcept>,
        /// What was given.
        pub medication: Option<CodeableConcept>,
        /// What was given, as an entry.
        pub medication_reference: Option<Reference>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Where.
        pub context: Option<Reference>,
        /// Supporting entries.
        pub supporting_information: Vec<Reference>,
        /// When.
        pub effective: Option<Occurrence>,
        /// Who gave it.
        pub performer: Vec<Performer>,
        /// Why, coded.
        pub reason_code: Vec<CodeableConcept>,
        /// Why, as entries.
        pub reason_reference: Vec<Reference>,
        /// The order it carries out.
        pub request: Option<Reference>,
        /// Devices used.
        pub device: Vec<Reference>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// Words for the dosage.
        pub dosage_text: Option<String>,
        /// Where on the body.
        pub site: Option<CodeableConcept>,
        /// By which route.
        pub route: Option<CodeableConcept>,
        /// By which technique.
        pub method: Option<CodeableConcept>,
        /// How much.
        pub dose: Option<Quantity>,
        /// How fast.
        pub rate: Option<Amount>,
    }
}
