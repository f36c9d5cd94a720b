//! Visits every reference inside a record.

use ehr_model::{
    Amount, Annotation, Attachment, Bounds, CarePlanActivity, Communication, ConditionStage, CoverageClass,
    Deceased, DeviceName, DocumentRelation, Dosage, DoseNumber, EncounterDiagnosis, EncounterLocation,
    FamilyCondition, GoalTarget, Hospitalization, ImmunizationReaction, Ingredient, MultipleBirth,
    NarrativeSection, ObservationComponent, Occurrence, OrganizationContact, Participant, PatientContact,
    PatientLink, Performer, ProtocolApplied, Qualification, Reaction, Reference, ReferenceRange, SampledData,
    Status, Timing, VaccineEducation, Value,
};
use ehr_types::{
    Address, CodeableConcept, Coding, ContactPoint, Date, DateTime, Decimal, HumanName, Identifier, Period,
    Quantity, Range, Ratio, Time,
};

/// Something that may hold references to entries.
pub(crate) trait Refers {
    /// Calls `visit` for each reference.
    fn refers(&mut self, visit: &mut dyn FnMut(&mut Reference));
}

impl Refers for Reference {
    fn refers(&mut self, visit: &mut dyn FnMut(&mut Reference)) {
        visit(self);
    }
}

impl<T: Refers> Refers for Option<T> {
    fn refers(&mut self, visit: &mut dyn FnMut(&mut Reference)) {
        if let Some(value) = self {
            value.refers(visit);
        }
    }
}

impl<T: Refers> Refers for Vec<T> {
    fn refers(&mut self, visit: &mut dyn FnMut(&mut Reference)) {
        for value in self {
            value.refers(visit);
        }
    }
}

/// Types without references.
macro_rules! without {
    ($($type:ty),+ $(,)?) => { $(impl Refers for $type {
        fn refers(&mut self, _: &mut dyn FnMut(&mut Reference)) {}
    })+ };
}

/// Types with references; the pattern names every member, so that a new one is a compile error here.
macro_rules! with {
    ($($type:ident { $($member:ident),* ; $($other:ident),* })+) => {$(
        impl Refers for $type {
            fn refers(&mut self, visit: &mut dyn FnMut(&mut Reference)) {
                let $type { $($member,)* $($other: _,)* } = self;
                $($member.refers(visit);)*
            }
        }
    )+};
}

without!(
    String,
    bool,
    u32,
    i32,
    Decimal,
    Date,
    DateTime,
    Time,
    Period,
    Quantity,
    Range,
    Ratio,
    Coding,
    CodeableConcept,
    Identifier,
    HumanName,
    Address,
    ContactPoint,
    Status,
    Timing,
    Bounds,
    Amount,
    SampledData,
    Attachment,
    Value,
    Occurrence,
    Deceased,
    MultipleBirth,
    DoseNumber,
    Dosage,
    ReferenceRange,
    CoverageClass,
    DeviceName,
    Communication,
    ObservationComponent,
    GoalTarget,
    OrganizationContact,
    VaccineEducation,
    ehr_model::AllergyKnowledge,
);

with! {
    Annotation { author; text, time }
    Participant { actor, on_behalf_of; role, period, status }
    Performer { actor, on_behalf_of; function }
    PatientContact { organization; relationship, name, telecom, address, gender, period }
    PatientLink { other; type_ }
    Qualification { issuer; identifier, code, period }
    ConditionStage { assessment; summary, type_ }
    Reaction { note; substance, manifestation, description, onset, severity, exposure_route }
    Ingredient { item_reference; item, is_active, strength }
    ImmunizationReaction { detail; date, reported }
    ProtocolApplied { authority; series, target_disease, dose_number, series_doses }
    EncounterDiagnosis { condition; use_, rank }
    Hospitalization { origin, destination; pre_admission_identifier, admit_source, re_admission, diet_preference, special_courtesy, special_arrangement, discharge_disposition }
    EncounterLocation { location; status, physical_type, period }
    DocumentRelation { target; code }
    NarrativeSection { entry, section; title, code, xhtml, text, empty_reason }
    CarePlanActivity { outcome_reference, progress, reference, goal, location, performer; outcome, kind, code, reason_code, status, status_reason, do_not_perform, scheduled, description }
    FamilyCondition { note; code, outcome, contributed_to_death, onset }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_references_are_visited() {
        let mut section = NarrativeSection {
            entry: vec![Reference::named("a")],
            section: vec![NarrativeSection {
                entry: vec![Reference::named("b")],
                ..NarrativeSection::default()
            }],
            ..NarrativeSection::default()
        };
        let mut seen = Vec::new();
        section.refers(&mut |reference| seen.extend(reference.display.clone()));
        assert_eq!(seen, ["a", "b"]);
    }
}
