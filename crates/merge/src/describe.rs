//! What a record says, in words for a person: one line beside its concept, status and time.

use ehr_model::{
    AllergyIntolerance, AllergyKnowledge, Condition, Immunization, MedicationAdministration,
    MedicationRequest, Observation, Reaction, Record, Value,
};
use ehr_types::{CodeableConcept, Coding};

use crate::stated::{Shown, label, listed, shown};

/// The result of an observation, the dose of a medication, the reactions to a substance: what a reader of a list wants to
/// know of a record beside its [concept](Record::concept), [status](Record::status) and [time](Record::when). Empty where
/// there is nothing of the kind.
///
/// ```
/// use ehr_model::{Observation, Value};
/// use ehr_types::{Decimal, Quantity};
///
/// let potassium = Observation {
///     value: Some(Value::Quantity(Quantity::ucum(Decimal::parse("4.4").unwrap(), "mmol/L"))),
///     ..Observation::default()
/// };
/// assert_eq!(ehr_merge::describe(&potassium.into()), "4.4 mmol/L");
/// ```
pub fn describe(record: &Record) -> String {
    match record {
        Record::Observation(observation) => result(observation),
        Record::AllergyIntolerance(allergy) => reactions(allergy),
        Record::Condition(condition) => course(condition),
        Record::MedicationRequest(request) => order(request),
        Record::MedicationStatement(statement) => all(&statement.dosage),
        Record::MedicationDispense(dispense) => {
            listed([all(&dispense.dosage), shown(dispense.quantity.as_ref())])
        }
        Record::MedicationAdministration(given) => dose(given),
        Record::Immunization(immunization) => vaccine(immunization),
        Record::DiagnosticReport(report) => listed([
            report.conclusion.clone().unwrap_or_default(),
            labels(&report.conclusion_code),
        ]),
        Record::Procedure(procedure) => listed([
            labels(&procedure.body_site),
            label(procedure.outcome.as_ref()),
            labels(&procedure.reason_code),
        ]),
        Record::Encounter(encounter) => listed([
            encounter.class.as_ref().map(class).unwrap_or_default(),
            labels(&encounter.reason_code),
            shown(encounter.hospitalization.as_ref()),
        ]),
        Record::Goal(goal) => all(&goal.target),
        Record::FamilyMemberHistory(history) => {
            let conditions = history
                .condition
                .iter()
                .map(|condition| label(condition.code.as_ref()));
            listed(conditions)
        }
        Record::CarePlan(plan) => listed(plan.title.iter().chain(&plan.description).cloned()),
        Record::CareTeam(team) => team.name.clone().unwrap_or_default(),
        Record::ServiceRequest(request) if request.do_not_perform == Some(true) => {
            "not to be done".to_owned()
        }
        Record::ServiceRequest(request) => labels(&request.reason_code),
        Record::Appointment(appointment) => appointment.description.clone().unwrap_or_default(),
        Record::Specimen(specimen) => listed([
            label(specimen.body_site.as_ref()),
            shown(specimen.quantity.as_ref()),
        ]),
        Record::Device(device) => listed(device.name.iter().map(|name| name.name.clone())),
        Record::Coverage(coverage) => listed(coverage.payor.iter().map(Shown::show)),
        Record::ChargeItem(charge) => shown(charge.quantity.as_ref()),
        Record::Medication(medication) => all(&medication.ingredient),
        Record::RelatedPerson(person) => labels(&person.relationship),
        Record::DocumentReference(_)
        | Record::Patient(_)
        | Record::Practitioner(_)
        | Record::PractitionerRole(_)
        | Record::Organization(_)
        | Record::Location(_)
        | Record::Other(_) => String::new(),
    }
}

fn result(observation: &Observation) -> String {
    let components = observation.component.iter().map(|component| {
        let value = match (&component.value, &component.data_absent_reason) {
            (Some(value), _) => in_words(value),
            (None, Some(reason)) => label(Some(reason)),
            (None, None) => "no value".to_owned(),
        };
        format!("{} {value}", label(component.code.as_ref()))
    });
    let missing = observation
        .data_absent_reason
        .as_ref()
        .filter(|_| observation.value.is_none());
    let ranges = all(&observation.reference_range);
    let range = if ranges.is_empty() {
        ranges
    } else {
        format!("reference {ranges}")
    };
    listed(
        [
            observation.value.as_ref().map(in_words).unwrap_or_default(),
            label(missing),
        ]
        .into_iter()
        .chain(components)
        .chain(observation.interpretation.iter().map(flag))
        .chain([range]),
    )
}

/// The class of an encounter in words; the codes are those of HL7 v3 ActEncounterCode.
fn class(class: &Coding) -> String {
    let words = match class.code.as_deref() {
        _ if class.display.is_some() => class.display.as_deref(),
        Some("AMB") => Some("ambulatory"),
        Some("EMER") => Some("emergency"),
        Some("HH") => Some("home health"),
        Some("IMP") => Some("inpatient"),
        Some("OBSENC") => Some("observation"),
        Some("VR") => Some("virtual"),
        code => code,
    };
    words.unwrap_or_default().to_owned()
}

/// A value without its code.
fn in_words(value: &Value) -> String {
    match value {
        Value::CodeableConcept(concept) => label(Some(concept)),
        value => value.show(),
    }
}

/// An interpretation in words; the codes are those of HL7 table 0078 that stand alone most.
fn flag(interpretation: &CodeableConcept) -> String {
    let words = label(Some(interpretation));
    match words.as_str() {
        "N" => "normal",
        "A" => "abnormal",
        "AA" => "critically abnormal",
        "H" => "high",
        "HH" => "critically high",
        "L" => "low",
        "LL" => "critically low",
        _ => return words,
    }
    .to_owned()
}

fn reactions(allergy: &AllergyIntolerance) -> String {
    let reaction = |reaction: &Reaction| {
        let words = reaction
            .description
            .clone()
            .filter(|_| reaction.manifestation.is_empty());
        listed([
            labels(&reaction.manifestation),
            words.unwrap_or_default(),
            shown(reaction.severity.as_ref()),
        ])
    };
    let knowledge = match allergy.knowledge {
        AllergyKnowledge::Present => "",
        AllergyKnowledge::NoneKnown => "none known",
        AllergyKnowledge::NotAsked => "not asked, or no information",
    };
    let criticality = match &allergy.criticality {
        Some(criticality) => format!("criticality {}", criticality.show()),
        None => String::new(),
    };
    let uncertain = uncertainty(allergy.verification_status.as_ref());
    listed(
        [knowledge.to_owned()]
            .into_iter()
            .chain(allergy.reaction.iter().map(reaction))
            .chain([criticality, uncertain]),
    )
}

fn course(condition: &Condition) -> String {
    let until = match &condition.abatement {
        Some(end) => format!("until {}", end.show()),
        None => String::new(),
    };
    listed([
        label(condition.severity.as_ref()),
        labels(&condition.body_site),
        until,
        uncertainty(condition.verification_status.as_ref()),
    ])
}

/// A verification status other than "confirmed".
fn uncertainty(status: Option<&CodeableConcept>) -> String {
    let code = status.and_then(|status| status.codings.iter().find_map(|coding| coding.code.as_deref()));
    code.filter(|code| *code != "confirmed").unwrap_or("").to_owned()
}

fn order(request: &MedicationRequest) -> String {
    let forbidden = if request.do_not_perform == Some(true) {
        "not to be given"
    } else {
        ""
    };
    listed([
        forbidden.to_owned(),
        all(&request.dosage),
        shown(request.dispense_quantity.as_ref()),
    ])
}

fn dose(given: &MedicationAdministration) -> String {
    let structured = listed([
        shown(given.dose.as_ref()),
        shown(given.rate.as_ref()),
        label(given.route.as_ref()),
    ]);
    if structured.is_empty() {
        return given.dosage_text.clone().unwrap_or_default();
    }
    structured
}

fn vaccine(immunization: &Immunization) -> String {
    let lot = match &immunization.lot_number {
        Some(lot) => format!("lot {lot}"),
        None => String::new(),
    };
    listed([
        shown(immunization.dose_quantity.as_ref()),
        lot,
        label(immunization.status_reason.as_ref()),
    ])
}

fn all<T: Shown>(values: &[T]) -> String {
    let shown: Vec<String> = values
        .iter()
        .map(Shown::show)
        .filter(|text| !text.is_empty())
        .collect();
    shown.join("; ")
}

fn labels(concepts: &[CodeableConcept]) -> String {
    listed(concepts.iter().map(|concept| label(Some(concept))))
}

#[cfg(test)]
mod tests {
    use ehr_model::{Dosage, MedicationStatement, ObservationComponent, Status};
    use ehr_types::{Decimal, Quantity};

    use super::*;

    fn quantity(value: &str, unit: &str) -> Quantity {
        Quantity::ucum(Decimal::parse(value).unwrap(), unit)
    }

    #[test]
    fn a_pressure_names_its_parts_and_what_is_missing() {
        let part = |name: &str, value: Option<&str>| ObservationComponent {
            code: Some(CodeableConcept::from_text(name)),
            value: value.map(|value| Value::Quantity(quantity(value, "mm[Hg]"))),
            ..ObservationComponent::default()
        };
        let pressure = Observation {
            component: vec![part("Systolic", Some("120")), part("Diastolic", None)],
            ..Observation::default()
        };
        assert_eq!(
            describe(&pressure.into()),
            "Systolic 120 mm[Hg], Diastolic no value"
        );
    }

    #[test]
    fn unknown_is_not_none() {
        let of = |knowledge: AllergyKnowledge| {
            let allergy = AllergyIntolerance {
                knowledge,
                ..AllergyIntolerance::default()
            };
            describe(&allergy.into())
        };
        assert_eq!(of(AllergyKnowledge::NoneKnown), "none known");
        assert_eq!(of(AllergyKnowledge::NotAsked), "not asked, or no information");
        assert_eq!(of(AllergyKnowledge::Present), "");
    }

    #[test]
    fn reactions_and_doses() {
        let allergy = AllergyIntolerance {
            reaction: vec![Reaction {
                manifestation: vec![CodeableConcept::from_text("Hives")],
                severity: Some(Status::fhir("severe")),
                ..Reaction::default()
            }],
            verification_status: Some(CodeableConcept::from_coding(ehr_types::Coding::new(
                "urn:v", "refuted",
            ))),
            ..AllergyIntolerance::default()
        };
        assert_eq!(describe(&allergy.into()), "Hives, severe, refuted");
        let statement = MedicationStatement {
            dosage: vec![Dosage {
                dose: Some(ehr_model::Amount::Quantity(quantity("5", "mg"))),
                as_needed: Some(true),
                ..Dosage::default()
            }],
            ..MedicationStatement::default()
        };
        assert_eq!(describe(&statement.into()), "5 mg, as needed");
    }
}
