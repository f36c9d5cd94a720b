//! "None known" beside something known: neither removes the other, and both are shown.

use ehr_model::{
    AllergyIntolerance, AllergyKnowledge, Condition, MergedItem, NoneKnown, Record, Side, Status,
};
use ehr_types::CodeableConcept;

use super::allergy_intolerance::has_code;
use super::dispute;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::stated::{Shown, Stated};
use crate::wording::words;

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

/// Something that is there: what, of which categories, and who says so.
type Positive = (Option<CodeableConcept>, Vec<String>, Side);

/// Adds a conflict to each "none known" item that stands beside a positive one of its list.
pub(crate) fn contradicted_absences(items: &mut [MergedItem], cx: &Context<'_>) {
    for list in List::ALL {
        let positive: Vec<Positive> = items
            .iter()
            .filter(|item| claim(&item.record) == Some(Claim::Present(list)))
            .map(|item| {
                let concept = item.record.concept();
                let side = Side {
                    value: concept.map(Shown::show).unwrap_or_default(),
                    members: item.members.clone(),
                };
                let kinds = match &item.record {
                    Record::AllergyIntolerance(allergy) => allergy.category.clone(),
                    _ => Vec::new(),
                };
                (concept.cloned(), kinds, side)
            })
            .collect();
        for item in items.iter_mut() {
            if claim(&item.record) != Some(Claim::NoneKnown(list)) {
                continue;
            }
            let denied = item.record.concept().filter(|concept| !concept.is_blank());
            let one_thing = denied.filter(|concept| list == List::Allergies && !is_of_a_kind(concept));
            let kind = denied.and_then(kind_denied);
            let against = |(present, kinds, _): &&Positive| match (one_thing, present, kind) {
                (Some(denied), Some(present), _) => cx.relate(denied, present) == Relation::Same,
                (_, _, Some(kind)) => kinds.is_empty() || kinds.iter().any(|known| known == kind),
                _ => true,
            };
            let opposed: Vec<Side> = positive
                .iter()
                .filter(against)
                .map(|(.., side)| side.clone())
                .collect();
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
            dispute(item, "code", values);
        }
    }
}

/// What an allergy entry states: also where it says only in words that there is none.
pub(super) fn knowledge(allergy: &AllergyIntolerance) -> AllergyKnowledge {
    match &allergy.code {
        Some(code) if allergy.knowledge == AllergyKnowledge::Present && says_none(code) => {
            AllergyKnowledge::NoneKnown
        }
        _ => allergy.knowledge,
    }
}

/// Whether a concept without a code says in words that there is nothing.
fn says_none(concept: &CodeableConcept) -> bool {
    const NOTHING: &[&str] = &[
        "none",
        "none known",
        "nka",
        "nkda",
        "nkma",
        "nkfa",
        "no allergies",
        "no medications",
        "no problems",
    ];
    let is_coded = concept.codings.iter().any(|coding| coding.code.is_some());
    concept.text.as_deref().filter(|_| !is_coded).is_some_and(|text| {
        let words = words(text);
        NOTHING.contains(&words.as_str()) || words.starts_with("no known ")
    })
}

/// Of which category "none known" is said, where it is said of one.
fn kind_denied(concept: &CodeableConcept) -> Option<&'static str> {
    concept
        .codings
        .iter()
        .find_map(|coding| match NoneKnown::of_coding(coding)? {
            NoneKnown::Allergies(kind) => kind,
            _ => None,
        })
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
    matches!(NoneKnown::of(concept), Some(NoneKnown::Allergies(_)))
        || concept.text.iter().chain(displays).any(says_none)
}

fn claim(record: &Record) -> Option<Claim> {
    let denied = |status: Option<&CodeableConcept>| {
        has_code(status, "refuted") || has_code(status, "entered-in-error")
    };
    match record {
        Record::AllergyIntolerance(allergy) if denied(allergy.verification_status.as_ref()) => None,
        Record::AllergyIntolerance(allergy) => match knowledge(allergy) {
            AllergyKnowledge::Present => Some(Claim::Present(List::Allergies)),
            AllergyKnowledge::NoneKnown => Some(Claim::NoneKnown(List::Allergies)),
            AllergyKnowledge::NotAsked => None,
        },
        Record::Condition(condition) if denied(condition.verification_status.as_ref()) => None,
        Record::Condition(condition) if is_over(condition) => None,
        Record::Condition(condition) => Some(of_list(condition.code.as_ref(), List::Problems)),
        Record::MedicationStatement(statement) if is_not_taken(statement.status.as_ref()) => None,
        Record::MedicationRequest(request)
            if request.do_not_perform == Some(true) || is_not_taken(request.status.as_ref()) =>
        {
            None
        }
        Record::MedicationStatement(statement) => {
            Some(of_list(statement.medication.as_ref(), List::Medications))
        }
        Record::MedicationRequest(request) => Some(of_list(request.medication.as_ref(), List::Medications)),
        _ => None,
    }
}

/// Whether a medication does not stand against that none is taken.
fn is_not_taken(status: Option<&Status>) -> bool {
    const NOT_TAKEN: &[&str] = &[
        "entered-in-error",
        "not-taken",
        "stopped",
        "completed",
        "cancelled",
    ];
    status.is_some_and(|status| NOT_TAKEN.iter().any(|code| status.is(code)))
}

/// Whether a problem is over, so that it does not stand against that there is none.
fn is_over(condition: &Condition) -> bool {
    let status = condition.clinical_status.as_ref();
    ["inactive", "resolved", "remission"]
        .iter()
        .any(|code| has_code(status, code))
}

fn of_list(concept: Option<&CodeableConcept>, list: List) -> Claim {
    let none_known = |concept: &CodeableConcept| match NoneKnown::of(concept) {
        Some(NoneKnown::Problems) => list == List::Problems,
        Some(NoneKnown::Medications) => list == List::Medications,
        _ => says_none(concept),
    };
    if concept.is_some_and(none_known) {
        Claim::NoneKnown(list)
    } else {
        Claim::Present(list)
    }
}
