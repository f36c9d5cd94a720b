//! "None known" beside something known: neither removes the other, and both are shown.

use ehr_model::{AllergyKnowledge, Device, MergedItem, NarrativeSection, NoneKnown, Record, Side, Status};
use ehr_types::{CodeSystem, CodeableConcept};

use super::allergy_intolerance::has_code;
use super::denial::{ANY, Denied, Said, said, stated};
use super::dispute;
use crate::context::Context;
use crate::stated::{Shown, Stated};

/// What an item says about a list as a whole.
enum Claim {
    /// Something of the list is there.
    Present(NoneKnown),
    /// Nothing of these is known to be there.
    NoneKnown(Vec<Denied>),
}

/// Something that is there.
struct Positive {
    list: NoneKnown,
    concept: Option<CodeableConcept>,
    /// Of an allergy.
    categories: Vec<String>,
    side: Side,
}

/// A denial by an item: the field in which it stands, what it denies, and that in words.
struct Denial {
    item: usize,
    field: &'static str,
    denied: Vec<Denied>,
    words: String,
}

/// Adds a conflict to each "none known" item that stands beside something that it denies, and to each document with an empty section
/// that does.
pub(crate) fn contradicted_absences(items: &mut [MergedItem], cx: &Context<'_>) {
    let mut present: Vec<Positive> = Vec::new();
    let mut denials: Vec<Denial> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        if let Record::DocumentReference(document) = &item.record {
            denials.extend(
                empty_sections(&document.section)
                    .into_iter()
                    .map(|(list, words)| Denial {
                        item: at,
                        field: "section",
                        denied: vec![Denied::All(list)],
                        words,
                    }),
            );
        }
        match claim(&item.record) {
            Some(Claim::Present(list)) => present.push(Positive::new(list, item)),
            Some(Claim::NoneKnown(denied)) => denials.push(Denial {
                item: at,
                field: "code",
                words: in_words(&item.record, &denied),
                denied,
            }),
            None => {}
        }
    }
    for Denial {
        item: at,
        field,
        denied,
        words,
    } in denials
    {
        let opposed = present
            .iter()
            .filter(|positive| denied.iter().any(|denied| positive.is_denied(denied, cx)));
        let opposed: Vec<Side> = opposed.map(|positive| positive.side.clone()).collect();
        if let Some(item) = items.get_mut(at).filter(|_| !opposed.is_empty()) {
            let own = Side {
                value: words,
                members: item.members.clone(),
            };
            dispute(item, field, std::iter::once(own).chain(opposed).collect());
        }
    }
}

impl Positive {
    fn new(list: NoneKnown, item: &MergedItem) -> Self {
        let concept = concept(&item.record);
        Self {
            list,
            categories: match &item.record {
                Record::AllergyIntolerance(allergy) => allergy.category.clone(),
                _ => Vec::new(),
            },
            side: Side {
                value: concept.map(Shown::show).unwrap_or_default(),
                members: item.members.clone(),
            },
            concept: concept.cloned(),
        }
    }

    fn is_denied(&self, denied: &Denied, cx: &Context<'_>) -> bool {
        if self.list == ANY {
            return denied.covers(self.concept.as_ref(), &self.categories, cx);
        }
        *denied == Denied::All(self.list)
    }
}

/// The lists that sections say to be empty because there is none, and their titles.
fn empty_sections(sections: &[NarrativeSection]) -> Vec<(NoneKnown, String)> {
    let mut found = Vec::new();
    let mut open: Vec<&NarrativeSection> = sections.iter().collect();
    while let Some(section) = open.pop() {
        open.extend(&section.section);
        let is_empty = section.entry.is_empty() && has_any(section.empty_reason.as_ref(), &["nilknown"]);
        if let Some(list) = section.code.as_ref().and_then(list_of).filter(|_| is_empty) {
            let title = section
                .title
                .as_deref()
                .or_else(|| section.code.as_ref()?.label());
            found.push((list, format!("{}: none known", title.unwrap_or("section"))));
        }
    }
    found
}

/// The list that a section of this kind (LOINC) holds.
fn list_of(code: &CodeableConcept) -> Option<NoneKnown> {
    const LISTS: &[(&str, NoneKnown)] = &[
        ("48765-2", ANY),
        ("11450-4", NoneKnown::Problems),
        ("10160-0", NoneKnown::Medications),
        ("11369-6", NoneKnown::Immunizations),
        ("47519-4", NoneKnown::Procedures),
        ("46264-8", NoneKnown::Devices),
    ];
    let is_it = |(own, _): &&(&str, NoneKnown)| code.has_code(CodeSystem::LOINC.uri, own);
    LISTS.iter().find(is_it).map(|(_, list)| *list)
}

/// What a record claims of a list, in codes or in words.
fn claim(record: &Record) -> Option<Claim> {
    let (list, holds) = of_list(record)?;
    if let Record::AllergyIntolerance(allergy) = record {
        let holds = holds == Holds::Yes;
        return match stated(allergy) {
            (AllergyKnowledge::Present, _) => holds.then_some(Claim::Present(list)),
            (AllergyKnowledge::NoneKnown, denied) => holds.then_some(Claim::NoneKnown(denied)),
            (AllergyKnowledge::NotAsked, _) => None,
        };
    }
    match (
        concept(record).map_or(Said::Something, |concept| said(concept, list)),
        holds,
    ) {
        (Said::None(denied), Holds::Yes | Holds::NotDone) => Some(Claim::NoneKnown(denied)),
        (Said::Something, Holds::Yes) => Some(Claim::Present(list)),
        _ => None,
    }
}

/// Whether what a record says stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Yes,
    /// It says that something was not done: which none at all may be.
    NotDone,
    No,
}

/// The list that a record is about, and whether it stands there.
fn of_list(record: &Record) -> Option<(NoneKnown, Holds)> {
    let unless = |over: bool| if over { Holds::No } else { Holds::Yes };
    let denied = |status: Option<&CodeableConcept>| has_any(status, &["refuted", "entered-in-error"]);
    Some(match record {
        Record::AllergyIntolerance(allergy) => (ANY, unless(denied(allergy.verification_status.as_ref()))),
        Record::Condition(condition) => {
            let over = has_any(
                condition.clinical_status.as_ref(),
                &["inactive", "resolved", "remission"],
            );
            let over = over || denied(condition.verification_status.as_ref());
            (NoneKnown::Problems, unless(over))
        }
        Record::MedicationStatement(statement) => (
            NoneKnown::Medications,
            unless(is_any(statement.status.as_ref(), NOT_TAKEN)),
        ),
        Record::MedicationRequest(request) => {
            let over = request.do_not_perform == Some(true) || is_any(request.status.as_ref(), NOT_TAKEN);
            (NoneKnown::Medications, unless(over))
        }
        Record::Immunization(immunization) => (NoneKnown::Immunizations, done(immunization.status.as_ref())),
        Record::Procedure(procedure) => (NoneKnown::Procedures, done(procedure.status.as_ref())),
        Record::Device(device) => (NoneKnown::Devices, unless(!is_of_patient(device))),
        _ => return None,
    })
}

/// States of a medication that does not stand against that none is taken.
const NOT_TAKEN: &[&str] = &[
    "entered-in-error",
    "not-taken",
    "stopped",
    "completed",
    "cancelled",
];

/// Whether something was done to the patient.
fn done(status: Option<&Status>) -> Holds {
    if is_any(status, &["not-done"]) {
        return Holds::NotDone;
    }
    // What is planned or of unknown state is no history.
    let open = is_any(status, &["entered-in-error", "preparation", "unknown"]);
    if open { Holds::No } else { Holds::Yes }
}

/// Whether it is a device that the patient has, and not one of those that measured.
fn is_of_patient(device: &Device) -> bool {
    device.patient.is_some() && !is_any(device.status.as_ref(), &["inactive", "entered-in-error"])
}

fn is_any(status: Option<&Status>, codes: &[&str]) -> bool {
    status.is_some_and(|status| codes.iter().any(|code| status.is(code)))
}

fn has_any(status: Option<&CodeableConcept>, codes: &[&str]) -> bool {
    codes.iter().any(|code| has_code(status, code))
}

/// What a record is about, where that says something.
fn concept(record: &Record) -> Option<&CodeableConcept> {
    record.concept().filter(|concept| !concept.is_blank())
}

/// A denial in words.
fn in_words(record: &Record, denied: &[Denied]) -> String {
    let shown = concept(record).map(Shown::show);
    match (denied, shown) {
        ([Denied::One(one)], _) => format!("none known: {}", one.show()),
        (_, Some(shown)) => shown,
        (_, None) => "No known allergies".to_owned(),
    }
}
