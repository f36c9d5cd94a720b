//! One drug in items of two classes: taken by one source's statement, stopped by another's order, or at another dose.

use ehr_model::{Conflict, Dosage, EntryId, MergedItem, Occurrence, Record, Reference, Side, Status};
use ehr_types::{CodeableConcept, DateTime};
use rustc_hash::FxHashMap;

use super::dispute;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::moment::{DAY, Moment};
use crate::stated::{Shown, Stated};
use crate::wording::normalize;

/// So many items of one drug are compared with each, the latest ones: an order a day for years adds nothing.
const LATEST: usize = 8;

/// What an item says of a therapy.
struct Therapy {
    item: usize,
    drug: CodeableConcept,
    is_order: bool,
    course: Course,
    status: String,
    begins: Option<Moment>,
    /// The last time that the item tells of.
    last: Option<Moment>,
    /// The dosage, where it is one and its dose a number.
    dosage: Option<Dosage>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    Active,
    Stopped,
}

/// Adds a conflict to each item of a drug that is active where an item of the other class, of other sources, says that it was
/// stopped or is not to be taken; and to each statement where an order has another dose.
///
/// Orders and statements are items of their own, because an order is not yet a tablet taken; what they say of one therapy has to fit
/// together none the less.
pub(crate) fn contradicted_therapies(items: &mut [MergedItem], cx: &Context<'_>) {
    let therapies = therapies(items);
    let mut of_drug: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (at, therapy) in therapies.iter().enumerate() {
        for key in keys(&therapy.drug) {
            of_drug.entry(key).or_default().push(at);
        }
    }
    for list in of_drug.values_mut() {
        list.sort_by_key(|at| {
            std::cmp::Reverse(
                therapies
                    .get(*at)
                    .and_then(|therapy| therapy.last.map(|time| time.order())),
            )
        });
    }
    let mut found = Vec::new();
    for active in therapies
        .iter()
        .filter(|therapy| therapy.course == Course::Active)
    {
        let mut others: Vec<usize> = keys(&active.drug)
            .iter()
            .filter_map(|key| of_drug.get(key))
            .flat_map(|list| {
                list.iter()
                    .copied()
                    .filter(|at| is_of_other_class(&therapies, *at, active))
                    .take(LATEST)
            })
            .collect();
        others.sort_unstable();
        others.dedup();
        let others = others.iter().filter_map(|at| therapies.get(*at)).filter(|other| {
            are_of_other_sources(items, active, other)
                && cx.relate(&active.drug, &other.drug) == Relation::Same
        });
        let others: Vec<&Therapy> = others.collect();
        let stopped = |other: &&&Therapy| other.course == Course::Stopped && !begins_anew(active, other, cx);
        let against: Vec<&Therapy> = others.iter().filter(stopped).copied().collect();
        found.extend(conflict(items, active, &against, "status", |therapy| {
            therapy.status.clone()
        }));
        if !active.is_order {
            let differs = |other: &&&Therapy| {
                let doses = active.dosage.as_ref().zip(other.dosage.as_ref());
                other.course == Course::Active && doses.is_some_and(|(a, b)| !a.agrees(b, cx))
            };
            let against: Vec<&Therapy> = others.iter().filter(differs).copied().collect();
            let shown = |therapy: &Therapy| therapy.dosage.as_ref().map(Shown::show).unwrap_or_default();
            found.extend(conflict(items, active, &against, "dosage", shown));
        }
    }
    for (item, conflict) in found {
        if let Some(item) = items.get_mut(item) {
            dispute(item, &conflict.field, conflict.values);
        }
    }
}

fn therapies(items: &[MergedItem]) -> Vec<Therapy> {
    let products: FxHashMap<&EntryId, &CodeableConcept> = items
        .iter()
        .filter_map(|item| match &item.record {
            Record::Medication(product) => Some((&item.id, product.code.as_ref()?)),
            _ => None,
        })
        .collect();
    let drug = |concept: Option<&CodeableConcept>, reference: Option<&Reference>| {
        let referred = reference.and_then(|reference| reference.target.as_ref());
        concept.or_else(|| products.get(referred?).copied()).cloned()
    };
    let told = items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| match &item.record {
            Record::MedicationStatement(statement) => {
                let (course, status) = course(statement.status.as_ref(), false, "as taken")?;
                let effective = statement.effective.as_ref();
                Some(Therapy {
                    item: at,
                    drug: drug(
                        statement.medication.as_ref(),
                        statement.medication_reference.as_ref(),
                    )?,
                    is_order: false,
                    course,
                    status,
                    begins: moment(effective.and_then(Occurrence::start)),
                    last: [
                        effective.and_then(Occurrence::end),
                        statement.date_asserted,
                        effective.and_then(Occurrence::start),
                    ]
                    .into_iter()
                    .find_map(moment),
                    dosage: the_dosage(&statement.dosage),
                })
            }
            Record::MedicationRequest(order) => {
                let forbids = order.do_not_perform == Some(true);
                let (course, status) = course(order.status.as_ref(), forbids, "as ordered")?;
                let period = order.effective.as_ref();
                Some(Therapy {
                    item: at,
                    drug: drug(order.medication.as_ref(), order.medication_reference.as_ref())?,
                    is_order: true,
                    course,
                    status,
                    begins: moment(period.and_then(|period| period.start).or(order.authored_on)),
                    last: [
                        period.and_then(|period| period.end),
                        order.authored_on,
                        period.and_then(|period| period.start),
                    ]
                    .into_iter()
                    .find_map(moment),
                    dosage: the_dosage(&order.dosage),
                })
            }
            _ => None,
        });
    told.collect()
}

/// Whether a drug is to be taken or no longer is, and the words for it; nothing of a course that is over, planned or of unknown state.
fn course(status: Option<&Status>, forbids: bool, whose: &str) -> Option<(Course, String)> {
    let code = status?.code.as_deref()?;
    match code {
        "active" if forbids => Some((Course::Stopped, format!("not to be given, {whose}"))),
        "active" => Some((Course::Active, format!("active, {whose}"))),
        "stopped" | "not-taken" if !forbids => Some((Course::Stopped, format!("{code}, {whose}"))),
        _ => None,
    }
}

fn moment(time: Option<DateTime>) -> Option<Moment> {
    Moment::new(&time?)
}

fn the_dosage(list: &[Dosage]) -> Option<Dosage> {
    match list {
        [only] if only.dose.is_some() => Some(only.clone()),
        _ => None,
    }
}

/// Under what a drug is found: each of its codes, and its words.
fn keys(drug: &CodeableConcept) -> Vec<String> {
    let codes = drug.codings.iter().filter_map(|coding| {
        Some(format!(
            "{}\u{1}{}",
            coding.canonical_system()?,
            coding.canonical_code()?
        ))
    });
    let displays = drug.codings.iter().filter_map(|coding| coding.display.as_deref());
    let words = drug
        .text
        .as_deref()
        .into_iter()
        .chain(displays)
        .filter_map(normalize);
    codes.chain(words).collect()
}

fn is_of_other_class(therapies: &[Therapy], at: usize, than: &Therapy) -> bool {
    therapies
        .get(at)
        .is_some_and(|therapy| therapy.is_order != than.is_order)
}

/// Whether no source speaks in both: one source that does means two courses.
fn are_of_other_sources(items: &[MergedItem], a: &Therapy, b: &Therapy) -> bool {
    let members = |therapy: &Therapy| items.get(therapy.item).map_or(&[][..], |item| &item.members);
    let theirs = members(b);
    !members(a)
        .iter()
        .any(|a| theirs.iter().any(|b| a.source == b.source))
}

/// Whether the course began long after the other was over.
fn begins_anew(active: &Therapy, stopped: &Therapy, cx: &Context<'_>) -> bool {
    let limit = i64::from(cx.policy.recurrence_days.0) * DAY;
    let times = stopped.last.zip(active.begins);
    times.is_some_and(|(stopped, begins)| stopped.precedes_by(&begins, limit))
}

fn conflict(
    items: &[MergedItem],
    own: &Therapy,
    against: &[&Therapy],
    field: &str,
    shown: impl Fn(&Therapy) -> String,
) -> Option<(usize, Conflict)> {
    let side = |therapy: &Therapy| {
        let members = items
            .get(therapy.item)
            .map(|item| item.members.clone())
            .unwrap_or_default();
        Side {
            value: shown(therapy),
            members,
        }
    };
    (!against.is_empty()).then(|| {
        let values = std::iter::once(own)
            .chain(against.iter().copied())
            .map(side)
            .collect();
        let field = field.to_owned();
        (own.item, Conflict { field, values })
    })
}
