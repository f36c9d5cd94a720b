//! "None known" beside something known: neither removes the other, and both are shown.

use ehr_model::{AllergyKnowledge, Conflict, MergedItem, Record, Side};
use ehr_types::CodeableConcept;

use super::allergy_intolerance::has_code;
use crate::stated::Shown;

/// "No known problems" in SNOMED CT and in the code system of the International Patient Summary.
const NO_PROBLEMS: &[&str] = &["160245001", "no-known-problems"];

/// "No known medications", likewise.
const NO_MEDICATIONS: &[&str] = &["787481004", "no-known-medications"];

/// What an item says about a list as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// Something is there.
    Present(List),
    /// Nothing is known to be there.
    NoneKnown(List),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Allergies,
    Problems,
    Medications,
}

impl List {
    const ALL: [Self; 3] = [Self::Allergies, Self::Problems, Self::Medications];

    fn none_known(self) -> &'static str {
        match self {
            Self::Allergies => "No known allergies",
            Self::Problems => "No known problems",
            Self::Medications => "No known medications",
        }
    }
}

/// Adds a conflict to each "none known" item that stands beside a positive one of its list.
pub(crate) fn contradicted_absences(items: &mut [MergedItem]) {
    for list in List::ALL {
        let positive: Vec<Side> = items
            .iter()
            .filter(|item| claim(&item.record) == Some(Claim::Present(list)))
            .map(|item| Side {
                value: item.record.concept().map(Shown::show).unwrap_or_default(),
                members: item.members.clone(),
            })
            .collect();
        if positive.is_empty() {
            continue;
        }
        for item in items.iter_mut() {
            if claim(&item.record) != Some(Claim::NoneKnown(list)) {
                continue;
            }
            let shown = item
                .record
                .concept()
                .map(Shown::show)
                .filter(|text| !text.is_empty());
            let mut values = vec![Side {
                value: shown.unwrap_or_else(|| list.none_known().to_owned()),
                members: item.members.clone(),
            }];
            values.extend(positive.iter().cloned());
            item.conflicts.push(Conflict {
                field: "code".to_owned(),
                values,
            });
        }
    }
}

fn claim(record: &Record) -> Option<Claim> {
    let denied = |status: Option<&CodeableConcept>| {
        has_code(status, "refuted") || has_code(status, "entered-in-error")
    };
    match record {
        Record::AllergyIntolerance(allergy) if denied(allergy.verification_status.as_ref()) => None,
        Record::AllergyIntolerance(allergy) => match allergy.knowledge {
            AllergyKnowledge::Present => Some(Claim::Present(List::Allergies)),
            AllergyKnowledge::NoneKnown => Some(Claim::NoneKnown(List::Allergies)),
            AllergyKnowledge::NotAsked => None,
        },
        Record::Condition(condition) if denied(condition.verification_status.as_ref()) => None,
        Record::Condition(condition) => Some(of_list(condition.code.as_ref(), NO_PROBLEMS, List::Problems)),
        Record::MedicationStatement(statement) => Some(of_list(
            statement.medication.as_ref(),
            NO_MEDICATIONS,
            List::Medications,
        )),
        Record::MedicationRequest(request) => Some(of_list(
            request.medication.as_ref(),
            NO_MEDICATIONS,
            List::Medications,
        )),
        _ => None,
    }
}

fn of_list(concept: Option<&CodeableConcept>, absent: &[&str], list: List) -> Claim {
    if absent.iter().any(|code| has_code(concept, code)) {
        Claim::NoneKnown(list)
    } else {
        Claim::Present(list)
    }
}
