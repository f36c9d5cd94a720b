//! The words of a ward for the names of FHIR.

use ehr::merge::describe;
use ehr::model::{AllergyKnowledge, Conflict, MergedItem, Record, RecordClass};
use ehr::types::{CodeSystem, Coding, DateTime, HumanName, Precision};

/// The parts of a person's record, in the order in which they are read.
pub(super) const SECTIONS: &[&str] = &[
    "Allergies",
    "Problems",
    "Medications",
    "Vaccinations",
    "Results and observations",
    "Reports",
    "Procedures",
    "Visits",
    "Plans, goals and orders",
    "Family history",
    "Devices",
    "Documents",
    "Insurance and charges",
    "People, organizations and places",
    "Other",
];

/// The part of the record that a class stands in.
pub(super) fn section(class: RecordClass) -> &'static str {
    match class {
        RecordClass::AllergyIntolerance => "Allergies",
        RecordClass::Condition => "Problems",
        RecordClass::Medication
        | RecordClass::MedicationRequest
        | RecordClass::MedicationStatement
        | RecordClass::MedicationDispense
        | RecordClass::MedicationAdministration => "Medications",
        RecordClass::Immunization => "Vaccinations",
        RecordClass::Observation => "Results and observations",
        RecordClass::DiagnosticReport | RecordClass::Specimen => "Reports",
        RecordClass::Procedure => "Procedures",
        RecordClass::Encounter | RecordClass::Appointment => "Visits",
        RecordClass::CarePlan | RecordClass::CareTeam | RecordClass::Goal | RecordClass::ServiceRequest => {
            "Plans, goals and orders"
        }
        RecordClass::FamilyMemberHistory => "Family history",
        RecordClass::Device => "Devices",
        RecordClass::DocumentReference => "Documents",
        RecordClass::Coverage | RecordClass::ChargeItem => "Insurance and charges",
        RecordClass::Patient
        | RecordClass::RelatedPerson
        | RecordClass::Practitioner
        | RecordClass::PractitionerRole
        | RecordClass::Organization
        | RecordClass::Location => "People, organizations and places",
        RecordClass::Other => "Other",
    }
}

/// Whether records of the class tell of the patient's health, and not of who, where and by whom it is paid.
pub(super) fn is_clinical(class: RecordClass) -> bool {
    !matches!(
        section(class),
        "Visits"
            | "Devices"
            | "Documents"
            | "Insurance and charges"
            | "People, organizations and places"
            | "Other"
    )
}

/// Whether the items of a part are of several kinds.
pub(super) fn has_kinds(title: &str) -> bool {
    let classes = RecordClass::ALL.iter().filter(|class| section(**class) == title);
    title == "Other" || classes.count() > 1
}

/// Whether an allergy, a problem or a medication is no current one.
pub(super) fn is_over(record: &Record) -> bool {
    let current = matches!(section(record.class()), "Allergies" | "Problems" | "Medications");
    current
        && matches!(
            status(record),
            Some(
                "inactive"
                    | "resolved"
                    | "remission"
                    | "refuted"
                    | "entered-in-error"
                    | "completed"
                    | "stopped"
                    | "cancelled"
                    | "not-taken"
                    | "not-done"
                    | "declined"
            )
        )
}

/// What an item of the class is called.
pub(super) fn kind(item: &MergedItem) -> String {
    let name = match &item.record {
        Record::MedicationRequest(request)
            if matches!(request.intent.as_deref(), Some("plan" | "proposal")) =>
        {
            "planned"
        }
        Record::MedicationRequest(_) => "ordered",
        Record::MedicationStatement(_) => "taken",
        Record::MedicationDispense(_) => "handed out",
        Record::MedicationAdministration(_) => "given",
        Record::Other(other) => &other.resource_type,
        record => return spaced(record.class().as_str()),
    };
    name.to_owned()
}

/// The status of a record as it must be read: an allergy or a problem that was entered in error or refuted is no active one,
/// whatever its clinical status.
pub(crate) fn status(record: &Record) -> Option<&str> {
    let verification = match record {
        Record::AllergyIntolerance(allergy) => allergy.verification_status.as_ref(),
        Record::Condition(condition) => condition.verification_status.as_ref(),
        _ => None,
    };
    let codes = verification.into_iter().flat_map(|status| &status.codings);
    codes
        .filter_map(|coding| coding.code.as_deref())
        .find(|code| matches!(*code, "entered-in-error" | "refuted"))
        .or_else(|| record.status())
}

/// What a conflict of an item is about: its FHIR element path in words.
pub(super) fn field(item: &MergedItem, conflict: &Conflict) -> String {
    let words = match (item.class(), conflict.field.as_str()) {
        (_, "code") => concept_field(item, conflict),
        (RecordClass::Observation, "effective[x]") => "when it was measured",
        (RecordClass::Immunization, "occurrence[x]") => "when it was given",
        (RecordClass::Patient, "name") => "name",
        (_, "onset[x]") => "when it began",
        (_, "abatement[x]" | "abatement") => "when it ended",
        (_, "effective[x]" | "effective" | "period" | "occurrence[x]") => "when",
        (_, "performed[x]") => "when it was done",
        (_, "authoredOn") => "when it was ordered",
        (_, "value[x]") => "result",
        (_, "valueQuantity.unit") => "unit of the result",
        (_, "vaccineCode") => "which vaccine",
        (RecordClass::FamilyMemberHistory, "condition") => "whether the relative had it",
        (RecordClass::Patient, "active") => "whether the record is in use",
        (RecordClass::Patient, "telecom" | "address") => "whether it is in use",
        (RecordClass::Patient, "communication.preferred") => "preferred language",
        (_, "component.value[x]") => "result of a part",
        (_, "dosage" | "dosageInstruction") => "dose",
        (_, "clinicalStatus") => "active or not",
        (_, "verificationStatus") => "how certain it is",
        (_, "gender") => "sex",
        (_, "deceased[x]") => "alive or deceased",
        (_, "multipleBirth[x]") => "twin or single birth",
        (_, other) => return spaced(other.rsplit('.').next().unwrap_or(other).trim_end_matches("[x]")),
    };
    words.to_owned()
}

/// What sources disagree on where they disagree on the concept: whether it still stands, where one side is the document that left it
/// out; whether there is any, where one side is another item that this one denies; else its name.
fn concept_field(item: &MergedItem, conflict: &Conflict) -> &'static str {
    let mut others = conflict
        .values
        .iter()
        .flat_map(|side| &side.members)
        .filter(|member| !item.members.contains(member))
        .filter_map(|member| member.entry.as_ref())
        .peekable();
    if others.peek().is_none() {
        "what it is"
    } else if others.any(|entry| entry.class == RecordClass::DocumentReference) {
        "whether it still stands"
    } else {
        "whether there is any"
    }
}

/// `birthDate` as `birth date`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for char in name.chars() {
        if char.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(char.to_lowercase());
    }
    words
}

/// What a record is about: its concept, or the name of the person, organization or place.
pub(super) fn what(record: &Record) -> String {
    let name = |names: &[HumanName]| names.first().and_then(HumanName::display);
    let named = match record {
        Record::Patient(patient) => name(&patient.name),
        Record::RelatedPerson(person) => name(&person.name),
        Record::Practitioner(practitioner) => name(&practitioner.name),
        Record::Organization(organization) => organization.name.clone(),
        Record::Location(location) => location.name.clone(),
        Record::DocumentReference(document) => document.description.clone(),
        _ => None,
    };
    let concept = record.concept();
    let label = || {
        let words = concept?.label()?;
        let is_code = concept?
            .codings
            .iter()
            .any(|coding| coding.code.as_deref() == Some(words));
        (!is_code).then(|| words.to_owned())
    };
    let code = || {
        let mut codings = concept?.codings.iter();
        let coding = codings.find(|coding| coding.code.is_some())?;
        if let Some(name) = coding.code.as_deref().and_then(fixed) {
            return Some(name.to_owned());
        }
        let system = coding.system.as_deref().and_then(CodeSystem::by_uri);
        let system = system.map_or("code", |system| system.name);
        Some(format!("{system} {}", coding.code.as_deref()?))
    };
    let referred = || match record {
        Record::MedicationRequest(request) => request.medication_reference.as_ref()?.display.clone(),
        Record::MedicationStatement(statement) => statement.medication_reference.as_ref()?.display.clone(),
        Record::MedicationDispense(dispense) => dispense.medication_reference.as_ref()?.display.clone(),
        Record::MedicationAdministration(given) => given.medication_reference.as_ref()?.display.clone(),
        Record::PractitionerRole(role) => {
            let mut referred = role.practitioner.iter().chain(&role.organization);
            referred.find_map(|reference| reference.display.clone())
        }
        _ => None,
    };
    let absent = || match record {
        Record::AllergyIntolerance(allergy) => match allergy.knowledge {
            AllergyKnowledge::NoneKnown => Some("No known allergies".to_owned()),
            AllergyKnowledge::NotAsked => Some("Allergies: unknown".to_owned()),
            AllergyKnowledge::Present => None,
        },
        _ => None,
    };
    // What the details would say of it names it as well.
    let described = || match record {
        Record::Encounter(_)
        | Record::CareTeam(_)
        | Record::CarePlan(_)
        | Record::Device(_)
        | Record::Appointment(_) => Some(describe(record)).filter(|words| !words.is_empty()),
        _ => None,
    };
    let asserted = || match record {
        Record::Observation(_) if concept?.codings.iter().any(is_assertion) => {
            Some(describe(record)).filter(|words| !words.is_empty())
        }
        _ => None,
    };
    named
        .or_else(asserted)
        .or_else(label)
        .or_else(absent)
        .or_else(referred)
        .or_else(code)
        .or_else(described)
        .unwrap_or_else(|| "(not named)".to_owned())
}

/// "It is so": what is so is the value (HL7 v3 ActCode).
fn is_assertion(coding: &Coding) -> bool {
    coding.code.as_deref() == Some("ASSERTION")
}

/// What the codes mean that C-CDA fixes for its entries, which documents give without a name.
fn fixed(code: &str) -> Option<&'static str> {
    Some(match code {
        "445518008" => "Age when it began",
        "75328-5" => "Prognosis",
        "85354-9" => "Blood pressure",
        _ => return None,
    })
}

/// When it is or was; of what is planned, the first time.
pub(super) fn when(record: &Record) -> Option<DateTime> {
    let planned = || match record {
        Record::MedicationRequest(request) => {
            let timings = request.dosage.iter().filter_map(|dosage| dosage.timing.as_ref());
            timings.flat_map(|timing| &timing.event).min().copied()
        }
        _ => None,
    };
    record.when().or_else(planned)
}

/// A time as the source's clock shows it, to the minute.
pub(super) fn time(time: &DateTime) -> String {
    let text = time.to_iso().to_string();
    let Some((date, clock)) = text.split_once('T') else {
        return text;
    };
    match clock.get(..5).filter(|_| time.precision() > Precision::Hour) {
        Some(minute) => format!("{date} {minute}"),
        None => format!("{date} {} h", clock.get(..2).unwrap_or(clock)),
    }
}

#[cfg(test)]
mod tests {
    use ehr::model::{EntryId, Member, Side};

    use super::*;

    #[test]
    fn every_class_has_a_section() {
        for class in RecordClass::ALL {
            assert!(SECTIONS.contains(&section(*class)), "{class}");
        }
    }

    #[test]
    fn a_disagreement_on_the_concept_is_told_by_who_is_on_the_other_side() {
        let member = |class, key: &str| Member {
            source: key.to_owned(),
            entry: Some(EntryId::derive(class, &[key])),
            ..Member::default()
        };
        let own = member(RecordClass::Procedure, "own");
        let item = MergedItem {
            id: EntryId::derive(RecordClass::Procedure, &["item"]),
            members: vec![own.clone(), member(RecordClass::Procedure, "too")],
            record: ehr::model::Procedure::default().into(),
            conflicts: Vec::new(),
        };
        for (other, expected) in [
            (member(RecordClass::Procedure, "too"), "what it is"),
            (member(RecordClass::Procedure, "another"), "whether there is any"),
            (
                member(RecordClass::DocumentReference, "newer"),
                "whether it still stands",
            ),
        ] {
            let side = |member: &Member| Side {
                value: "x".to_owned(),
                members: vec![member.clone()],
            };
            let conflict = Conflict {
                field: "code".to_owned(),
                values: vec![side(&own), side(&other)],
            };
            assert_eq!(field(&item, &conflict), expected);
        }
    }

    #[test]
    fn what_has_no_type_is_called_by_what_is_said_of_it() {
        let team = ehr::model::CareTeam {
            name: Some("Heart failure team".to_owned()),
            ..Default::default()
        };
        assert_eq!(what(&team.into()), "Heart failure team");
        assert_eq!(what(&ehr::model::CareTeam::default().into()), "(not named)");
    }

    #[test]
    fn times_in_one_form() {
        for (text, expected) in [
            ("20260914101500-0400", "2026-09-14 10:15"),
            ("201902", "2019-02"),
            ("2026091409", "2026-09-14 09 h"),
            ("2026091409-0400", "2026-09-14 09 h"),
            ("2026-09-14T09:15Z", "2026-09-14 09:15"),
            ("2026-09-14", "2026-09-14"),
        ] {
            assert_eq!(time(&DateTime::parse_any(text).unwrap()), expected);
        }
    }
}
