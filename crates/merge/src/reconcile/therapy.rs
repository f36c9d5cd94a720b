//! One drug in several items: taken by one source's statement, stopped by another's order, at another dose, or twice.

use std::cmp::Reverse;

use ehr_model::{Conflict, Dosage, EntryId, MergedItem, Occurrence, Record, Reference, Side, Status};
use ehr_types::{CodeableConcept, DateTime};
use rustc_hash::FxHashMap;

use super::dispute;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::moment::{DAY, Moment};
use crate::product::{ingredients, strengths};
use crate::stated::{Shown, Stated, label, listed};
use crate::wording::normalize;

/// So many items of one drug are compared with each, the latest ones: an order a day for years adds nothing.
const LATEST: usize = 8;

/// What an item says of a therapy.
struct Therapy {
    item: usize,
    drug: CodeableConcept,
    ingredients: Vec<String>,
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
    /// Not to be taken, or no longer.
    Stopped,
    /// Taken to its end, which another course may follow at once.
    Completed,
}

/// Adds a conflict to each item of a drug that is active where items of other sources do not fit: where one of the other class says
/// that the drug was stopped, is on hold, is not to be taken or was taken to the end, to each statement where an order has another dose or is of another strength of its
/// ingredient, and where one of its own class has the same ingredient and is active too.
///
/// Orders and statements are items of their own, because an order is not yet a tablet taken; what they say of one therapy has to fit
/// together none the less.
pub(crate) fn contradicted_therapies(items: &mut [MergedItem], cx: &Context<'_>) {
    let all = Therapies::new(items);
    let mut found = Vec::new();
    for active in all.list.iter().filter(|therapy| therapy.course == Course::Active) {
        let is_one_drug = |other: &Therapy| {
            are_of_other_sources(items, active, other)
                && cx.relate(&active.drug, &other.drug) == Relation::Same
        };
        let others = all.latest(active, &|other| other.is_order != active.is_order);
        let others: Vec<&Therapy> = others.into_iter().filter(|other| is_one_drug(other)).collect();
        let stopped = |other: &&&Therapy| other.course != Course::Active && !begins_anew(active, other, cx);
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
        let twins = all.latest(active, &|other| {
            other.course == Course::Active && other.is_order == active.is_order && other.item != active.item
        });
        let has_its_ingredient = |other: &&Therapy| {
            let shared = other
                .ingredients
                .iter()
                .any(|one| active.ingredients.contains(one));
            is_one_drug(other) || shared && are_of_other_sources(items, active, other)
        };
        let mut against: Vec<&Therapy> = twins.into_iter().filter(has_its_ingredient).collect();
        if !active.is_order {
            let is_stronger_or_weaker = |other: &&Therapy| {
                other.course == Course::Active
                    && has_its_ingredient(other)
                    && active.differs_in_strength(other)
            };
            let orders = all.latest(active, &|other| other.is_order);
            against.extend(orders.into_iter().filter(is_stronger_or_weaker));
        }
        found.extend(conflict(items, active, &against, "medication[x]", Therapy::show));
    }
    for (item, conflict) in found {
        if let Some(item) = items.get_mut(item) {
            dispute(item, &conflict.field, conflict.values);
        }
    }
}

impl Therapy {
    fn show(&self) -> String {
        listed([
            label(Some(&self.drug)),
            self.dosage.as_ref().map(Shown::show).unwrap_or_default(),
            self.status.clone(),
        ])
    }

    /// Whether both products name their strengths, and not the same.
    fn differs_in_strength(&self, other: &Self) -> bool {
        let of = |therapy: &Self| {
            names(&therapy.drug)
                .map(strengths)
                .find(|found| !found.is_empty())
        };
        of(self).zip(of(other)).is_some_and(|(a, b)| a != b)
    }

    /// Under what it is found: each code and each name of its drug, and each ingredient.
    fn keys(&self) -> Vec<String> {
        let codes = self.drug.codings.iter().filter_map(|coding| {
            Some(format!(
                "{}\u{1}{}",
                coding.canonical_system()?,
                coding.canonical_code()?
            ))
        });
        let names = names(&self.drug).filter_map(normalize);
        let ingredients = self.ingredients.iter().map(|name| format!("\u{1}{name}"));
        codes.chain(names).chain(ingredients).collect()
    }
}

/// All that items say of therapies, by drug.
struct Therapies {
    list: Vec<Therapy>,
    /// Places in the list, the latest first.
    by_key: FxHashMap<String, Vec<usize>>,
}

impl Therapies {
    fn new(items: &[MergedItem]) -> Self {
        let list = therapies(items);
        let mut by_key: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        let mut order: Vec<usize> = (0..list.len()).collect();
        let last = |at: &usize| list.get(*at).and_then(|therapy| Some(therapy.last?.order()));
        order.sort_by_key(|at| Reverse(last(at)));
        for at in order {
            for key in list.get(at).map(Therapy::keys).unwrap_or_default() {
                by_key.entry(key).or_default().push(at);
            }
        }
        Self { list, by_key }
    }

    /// The latest ones that may be of the drug of `of`, among those that are wanted.
    fn latest(&self, of: &Therapy, wanted: &dyn Fn(&Therapy) -> bool) -> Vec<&Therapy> {
        let lists = of.keys();
        let mut places: Vec<usize> = lists
            .iter()
            .filter_map(|key| self.by_key.get(key))
            .flat_map(|list| {
                let wanted = |at: &&usize| self.list.get(**at).is_some_and(wanted);
                list.iter().filter(wanted).take(LATEST).copied()
            })
            .collect();
        places.sort_unstable();
        places.dedup();
        places.iter().filter_map(|at| self.list.get(*at)).collect()
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
                let drug = drug(
                    statement.medication.as_ref(),
                    statement.medication_reference.as_ref(),
                )?;
                Some(Therapy {
                    item: at,
                    ingredients: names(&drug).flat_map(ingredients).collect(),
                    drug,
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
                let drug = drug(order.medication.as_ref(), order.medication_reference.as_ref())?;
                Some(Therapy {
                    item: at,
                    ingredients: names(&drug).flat_map(ingredients).collect(),
                    drug,
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

/// Whether a drug is to be taken or is not, and the words for it; nothing of a course that is planned or of unknown state.
fn course(status: Option<&Status>, forbids: bool, whose: &str) -> Option<(Course, String)> {
    let code = status?.code.as_deref()?;
    match code {
        "active" if forbids => Some((Course::Stopped, format!("not to be given, {whose}"))),
        "active" => Some((Course::Active, format!("active, {whose}"))),
        "completed" if !forbids => Some((Course::Completed, format!("completed, {whose}"))),
        "stopped" | "not-taken" | "on-hold" | "cancelled" | "entered-in-error" if !forbids => {
            Some((Course::Stopped, format!("{code}, {whose}")))
        }
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

/// The names that a concept has in words.
fn names(drug: &CodeableConcept) -> impl Iterator<Item = &str> {
    let displays = drug.codings.iter().filter_map(|coding| coding.display.as_deref());
    drug.text.as_deref().into_iter().chain(displays)
}

/// Whether no source speaks in both: one source that does means two courses.
fn are_of_other_sources(items: &[MergedItem], a: &Therapy, b: &Therapy) -> bool {
    let members = |therapy: &Therapy| items.get(therapy.item).map_or(&[][..], |item| &item.members);
    let theirs = members(b);
    !members(a)
        .iter()
        .any(|a| theirs.iter().any(|b| a.source == b.source))
}

/// Whether the course began after the other was over: long after, where that one was stopped.
fn begins_anew(active: &Therapy, stopped: &Therapy, cx: &Context<'_>) -> bool {
    let limit = match stopped.course {
        Course::Completed => 0,
        Course::Active | Course::Stopped => i64::from(cx.policy.recurrence_days.0) * DAY,
    };
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
