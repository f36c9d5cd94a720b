//! "None known" beside something known: neither removes the other, and both are shown.

use ehr_model::{AllergyKnowledge, Conflict, MergedItem, Record, Side, Status};
use ehr_types::CodeableConcept;

use super::allergy_intolerance::has_code;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::stated::{Shown, Stated};
use crate::wording::words;

/// Codes of SNOMED CT and of the International Patient Summary that say of a whole kind that no allergy is known: allergies,
/// and those to drugs, to food, to what is in the surroundings, to latex, to insects.
const NO_ALLERGIES: &[&str] = &[
    "716186003",
    "409137002",
    "429625007",
    "428607008",
    "1003774007",
    "428197003",
    "no-known-allergies",
    "no-known-medication-allergies",
    "no-known-food-allergies",
    "no-known-environmental-allergies",
];

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
pub(crate) fn contradicted_absences(items: &mut [MergedItem], cx: &Context<'_>) {
    for list in List::ALL {
        let positive: Vec<(Option<CodeableConcept>, Side)> = items
            .iter()
            .filter(|item| claim(&item.record) == Some(Claim::Present(list)))
            .map(|item| {
                let concept = item.record.concept();
                let side = Side {
                    value: concept.map(Shown::show).unwrap_or_default(),
                    members: item.members.clone(),
                };
                (concept.cloned(), side)
            })
            .collect();
        for item in items.iter_mut() {
            if claim(&item.record) != Some(Claim::NoneKnown(list)) {
                continue;
            }
            let denied = item.record.concept().filter(|concept| !concept.is_blank());
            let one_thing = denied.filter(|concept| list == List::Allergies && !is_of_a_kind(concept));
            let against = |concept: &Option<CodeableConcept>| match (one_thing, concept) {
                (Some(denied), Some(present)) => cx.relate(denied, present) == Relation::Same,
                _ => true,
            };
            let opposed = positive.iter().filter(|(concept, _)| against(concept));
            let opposed: Vec<Side> = opposed.map(|(_, side)| side.clone()).collect();
            if opposed.is_empty() {
                continue;
            }
            let value = match (one_thing, denied) {
                (Some(denied), _) => format!("none known: {}", denied.show()),
                (None, Some(denied)) => denied.show(),
                (None, None) => list.none_known().to_owned(),
            };
            let mut values = vec![Side {
                value,
                members: item.members.clone(),
            }];
            values.extend(opposed);
            item.conflicts.push(Conflict {
                field: "code".to_owned(),
                values,
            });
        }
    }
}

/// Whether "none known" is said of a whole kind, and not of one substance.
fn is_of_a_kind(concept: &CodeableConcept) -> bool {
    let says_none = |text: &String| {
        matches!(
            words(text).split(' ').next(),
            Some("no" | "none" | "nkda" | "nka")
        )
    };
    let displays = concept
        .codings
        .iter()
        .filter_map(|coding| coding.display.as_ref());
    NO_ALLERGIES.iter().any(|code| has_code(Some(concept), code))
        || concept.text.iter().chain(displays).any(says_none)
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
        Record::MedicationStatement(statement) if is_not_taken(statement.status.as_ref()) => None,
        Record::MedicationRequest(request)
            if request.do_not_perform == Some(true) || is_not_taken(request.status.as_ref()) =>
        {
            None
        }
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

/// Whether a medication does not stand against that none is known.
fn is_not_taken(status: Option<&Status>) -> bool {
    status.is_some_and(|status| status.is("entered-in-error") || status.is("not-taken"))
}

fn of_list(concept: Option<&CodeableConcept>, absent: &[&str], list: List) -> Claim {
    if absent.iter().any(|code| has_code(concept, code)) {
        Claim::NoneKnown(list)
    } else {
        Claim::Present(list)
    }
}
