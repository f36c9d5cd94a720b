use ehr_types::{CodeableConcept, Date, DateTime, Identifier, Period};

use crate::datatypes::{Amount, Annotation, Occurrence, Participant, Reference, Status, Value};
use crate::shape::data;

data! {
    /// What is planned for the patient: FHIR [CarePlan](https://hl7.org/fhir/R4/careplan.html), C-CDA plan of treatment.
    pub struct CarePlan {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// Plans or proposals it follows from.
        pub based_on: Vec<Reference>,
        /// Plans that it replaces.
        pub replaces: Vec<Reference>,
        /// Plans that it is part of.
        pub part_of: Vec<Reference>,
        /// FHIR request-status: `draft`, `active`, `on-hold`, `revoked`, `completed`, `unknown`.
        pub status: Option<Status>,
        /// FHIR care-plan-intent: `proposal`, `plan`, `order`, `option`.
        pub intent: Option<String>,
        /// Kinds of plan.
        pub category: Vec<CodeableConcept>,
        /// Name for a person.
        pub title: Option<String>,
        /// Summary.
        pub description: Option<String>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Where it was made.
        pub encounter: Option<Reference>,
        /// When it covers.
        pub period: Option<Period>,
        /// When it was made.
        pub created: Option<DateTime>,
        /// Who is responsible.
        pub author: Option<Reference>,
        /// Who contributed.
        pub contributor: Vec<Reference>,
        /// Who carries it out.
        pub care_team: Vec<Reference>,
        /// Conditions it addresses.
        pub addresses: Vec<Reference>,
        /// Supporting entries.
        pub supporting_info: Vec<Reference>,
        /// Goals.
        pub goal: Vec<Reference>,
        /// What is to be done.
        pub activity: Vec<CarePlanActivity>,
        /// Remarks.
        pub note: Vec<Annotation>,
    }

    /// Something to be done under a plan.
    pub struct CarePlanActivity {
        /// What came of it, coded.
        pub outcome: Vec<CodeableConcept>,
        /// What came of it, as entries.
        pub outcome_reference: Vec<Reference>,
        /// Progress.
        pub progress: Vec<Annotation>,
        /// The activity as an entry of its own.
        pub reference: Option<Reference>,
        /// FHIR resource type of an activity given in place (`kind`).
        pub kind: Option<String>,
        /// What is to be done.
        pub code: Option<CodeableConcept>,
        /// Why, coded.
        pub reason_code: Vec<CodeableConcept>,
        /// Goals it serves.
        pub goal: Vec<Reference>,
        /// FHIR care-plan-activity-status: `not-started`, `scheduled`, `in-progress`, `completed`, …
        pub status: Option<Status>,
        /// Why it has that status.
        pub status_reason: Option<CodeableConcept>,
        /// Whether it must *not* be done.
        pub do_not_perform: Option<bool>,
        /// When.
        pub scheduled: Option<Occurrence>,
        /// Where.
        pub location: Option<Reference>,
        /// By whom.
        pub performer: Vec<Reference>,
        /// Words.
        pub description: Option<String>,
    }

    /// Who takes part in the care: FHIR [CareTeam](https://hl7.org/fhir/R4/careteam.html), C-CDA care team organizer.
    pub struct CareTeam {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// FHIR care-team-status: `proposed`, `active`, `suspended`, `inactive`, `entered-in-error`.
        pub status: Option<Status>,
        /// Kinds of team.
        pub category: Vec<CodeableConcept>,
        /// Name.
        pub name: Option<String>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Where it was formed.
        pub encounter: Option<Reference>,
        /// When it works.
        pub period: Option<Period>,
        /// Members.
        pub participant: Vec<Participant>,
        /// Why, coded.
        pub reason_code: Vec<CodeableConcept>,
        /// Why, as entries.
        pub reason_reference: Vec<Reference>,
        /// Who is responsible for it.
        pub managing_organization: Vec<Reference>,
        /// Telephone and e-mail of the team.
        pub telecom: Vec<ehr_types::ContactPoint>,
        /// Remarks.
        pub note: Vec<Annotation>,
    }

    /// What the care aims at: FHIR [Goal](https://hl7.org/fhir/R4/goal.html), C-CDA goal observation.
    pub struct Goal {
        /// Identifiers.
        pub identifier: Vec<Identifier>,
        /// FHIR goal-status: `proposed`, `planned`, `accepted`, `active`, `completed`, `cancelled`, …
        pub lifecycle_status: Option<Status>,
        /// In progress, achieved, not achieved, …
        pub achievement_status: Option<CodeableConcept>,
        /// Kinds.
        pub category: Vec<CodeableConcept>,
        /// How important.
        pub priority: Option<CodeableConcept>,
        /// The goal.
        pub description: Option<CodeableConcept>,
        /// The patient.
        pub subject: Option<Reference>,
        /// When it starts.
        pub start_date: Option<Date>,
        /// The event that starts it.
        pub start_code: Option<CodeableConcept>,
        /// Measures.
        pub target: Vec<GoalTarget>,
        /// When its status took effect.
        pub status_date: Option<Date>,
        /// Why it has that status.
        pub status_reason: Option<String>,
        /// Who set it.
        pub expressed_by: Option<Reference>,
        /// Entries it addresses.
        pub addresses: Vec<Reference>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// What came of it, coded.
        pub outcome_code: Vec<CodeableConcept>,
        /// What came of it, as entries.
        pub outcome_reference: Vec<Reference>,
    }

    /// A measure of a goal.
    pub struct GoalTarget {
        /// What is measured.
        pub measure: Option<CodeableConcept>,
        /// The value to reach.
        pub detail: Option<Value>,
        /// By when.
        pub due_date: Option<Date>,
        /// Within how long.
        pub due_duration: Option<ehr_types::Quantity>,
    }

    /// An order or proposal for a service: FHIR [ServiceRequest](https://hl7.org/fhir/R4/servicerequest.html), HL7 v2 ORC with OBR,
    /// C-CDA planned procedure, planned observation and planned act.
    pub struct ServiceRequest {
        /// Identifiers: placer and filler order numbers.
        pub identifier: Vec<Identifier>,
        /// Orders that it follows from.
        pub based_on: Vec<Reference>,
        /// Orders that it replaces.
        pub replaces: Vec<Reference>,
        /// Identifier of the group of orders.
        pub requisition: Option<Identifier>,
        /// FHIR request-status: `draft`, `active`, `on-hold`, `revoked`, `completed`, `unknown`.
        pub status: Option<Status>,
        /// FHIR request-intent: `proposal`, `plan`, `order`, …
        pub intent: Option<String>,
        /// Kinds of service.
        pub category: Vec<CodeableConcept>,
        /// `routine`, `urgent`, `asap`, `stat`.
        pub priority: Option<String>,
        /// Whether it asks *not* to do it.
        pub do_not_perform: Option<bool>,
        /// What is ordered.
        pub code: Option<CodeableConcept>,
        /// Details of the order.
        pub order_detail: Vec<CodeableConcept>,
        /// How much.
        pub quantity: Option<Amount>,
        /// The patient.
        pub subject: Option<Reference>,
        /// Where it was ordered.
        pub encounter: Option<Reference>,
        /// When it is to be done.
        pub occurrence: Option<Occurrence>,
        /// Whether as needed.
        pub as_needed: Option<bool>,
        /// For what, as needed.
        pub as_needed_for: Option<CodeableConcept>,
        /// When it was ordered.
        pub authored_on: Option<DateTime>,
        /// Who ordered it.
        pub requester: Option<Reference>,
        /// Kind of performer wanted.
        pub performer_type: Option<CodeableConcept>,
        /// Performers wanted.
        pub performer: Vec<Reference>,
        /// Places, coded.
        pub location_code: Vec<CodeableConcept>,
        /// Places, as entries.
        pub location_reference: Vec<Reference>,
        /// Why, coded.
        pub reason_code: Vec<CodeableConcept>,
        /// Why, as entries.
        pub reason_reference: Vec<Reference>,
        /// Coverage that may pay.
        pub insurance: Vec<Reference>,
        /// Supporting entries.
        pub supporting_info: Vec<Reference>,
        /// Material to examine.
        pub specimen: Vec<Reference>,
        /// Where on the body.
        pub body_site: Vec<CodeableConcept>,
        /// Remarks.
        pub note: Vec<Annotation>,
        /// Words for the patient.
        pub patient_instruction: Option<String>,
    }
}
