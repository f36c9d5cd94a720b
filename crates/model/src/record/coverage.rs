use ehr_types::{CodeableConcept, Decimal, Identifier, Period, Quantity};

use crate::datatypes::{Annotation, Occurrence, Reference, Status};
use crate::record::procedure::Performer;
use crate::shape::data;

data! {
    /// Insurance or another way of payment: FHIR [Coverage](https://hl7.org/fhir/R4/coverage.html), HL7 v2 IN1, C-CDA coverage activity.
    pub struct Coverage {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// FHIR fm-status: `active`, `cancelled`, `draft`, `entered-in-error`.
        pub status: Option<Status>,
        /// Kind of coverage.
        pub type_: Option<CodeableConcept>,
        /// Who owns the policy.
        pub policy_holder: Option<Reference>,
        /// Who subscribed.
        pub subscriber: Option<Reference>,
        /// Identifier of the subscriber.
        pub subscriber_id: Option<String>,
        /// Who is covered.
        pub beneficiary: Option<Reference>,
        /// Number of the dependent.
        pub dependent: Option<String>,
        /// How the beneficiary stands to the subscriber.
        pub relationship: Option<CodeableConcept>,
        /// When it is in force.
        pub period: Option<Period>,
        /// Who pays.
        pub payor: Vec<Reference>,
        /// Group, plan and the like.
        pub class: Vec<CoverageClass>,
        /// Order of precedence, from 1.
        pub order: Option<u32>,
        /// Insurer's network.
        pub network: Option<String>,
        /// Whether the insurer may recover from another.
        pub subrogation: Option<bool>,
        /// Contracts.
        pub contract: Vec<Reference>,
    }

    /// A class of a coverage: group, subgroup, plan, …
    pub struct CoverageClass {
        /// What the value is.
        pub type_: Option<CodeableConcept>,
        /// The value.
        pub value: Option<String>,
        /// Name for a person.
        pub name: Option<String>,
    }

    /// A charge for a service: FHIR [ChargeItem](https://hl7.org/fhir/R4/chargeitem.html), HL7 v2 FT1.
    pub struct ChargeItem {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// FHIR chargeitem-status: `planned`, `billable`, `billed`, `aborted`, `unknown`, …
        pub status: Option<Status>,
        /// What it is part of.
        pub part_of: Vec<Reference>,
        /// What is charged.
        pub code: Option<CodeableConcept>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Where.
        pub context: Option<Reference>,
        /// When.
        pub occurrence: Option<Occurrence>,
        /// Who performed the service.
        pub performer: Vec<Performer>,
        /// Who provided it.
        pub performing_organization: Option<Reference>,
        /// Who asked for it.
        pub requesting_organization: Option<Reference>,
        /// How many.
        pub quantity: Option<Quantity>,
        /// Where on the body.
        pub bodysite: Vec<CodeableConcept>,
        /// Factor on the price.
        pub factor_override: Option<Decimal>,
        /// Price, in `price_currency`.
        pub price_override: Option<Decimal>,
        /// ISO 4217 currency.
        pub price_currency: Option<String>,
        /// Why the price was changed.
        pub override_reason: Option<String>,
        /// Who entered it.
        pub enterer: Option<Reference>,
        /// When it was entered.
        pub entered_date: Option<ehr_types::DateTime>,
        /// Why the service was given, coded.
        pub reason: Vec<CodeableConcept>,
        /// What was done.
        pub service: Vec<Reference>,
        /// Product, coded.
        pub product: Option<CodeableConcept>,
        /// Accounts.
        pub account: Vec<Reference>,
        /// Remarks.
        pub note: Vec<Annotation>,
    }
}
