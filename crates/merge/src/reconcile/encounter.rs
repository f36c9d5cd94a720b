//! Encounters: a shared visit number, or one type and class at one time.

use ehr_model::{Encounter, EntryId};
use ehr_types::CodeableConcept;

use super::{Facts, Looker, OneSource, Rule, is_error, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::moment::{Closeness, DAY};
use crate::project::fields;

/// Beginnings this near are one visit where the visits overlap, in milliseconds: registration and first contact.
const NEAR: i64 = 60 * 60 * 1000;

impl Rule for Encounter {
    const REACH: Option<i64> = Some(NEAR);
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.type_.first());
        looker.also(self.type_.iter().skip(1));
        let class = self.class.clone().map(CodeableConcept::from_coding);
        looker.also(class.as_ref().or(self.class_concept.as_ref()));
        let period = self.period.as_ref();
        looker.time(
            period.and_then(|period| period.start),
            period.and_then(|period| period.end),
        );
        if looker.look.concept.is_none() {
            looker.look.names.push("\u{1}untyped".to_owned());
        }
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        if let Some(verdict) = within_source(a, b, cx) {
            return verdict;
        }
        let type_ = a.concept(b, cx);
        // A visit number may come with other types, but not months later: then it is the number of a course of visits.
        let one_visit = a.shares_identifier(b) && a.gap(b).is_none_or(|gap| gap <= DAY);
        if type_ != Relation::Different && one_visit {
            return Verdict::Same(100);
        }
        if type_ == Relation::Different || classes_differ(a.record, b.record) || a.is_numbered_apart_from(b) {
            return Verdict::Different;
        }
        let typed = if type_ == Relation::Same { 20 } else { 0 };
        match a.closeness(b) {
            Some(Closeness::SameTime) => Verdict::Same(40 + typed + ends(a, b)),
            // Two visits of one day, as of a patient who is handed on: each has its number and its own staff.
            Some(Closeness::SameDay | Closeness::Compatible) if have_other_staff(a, b, cx) => Verdict::Unsure,
            Some(Closeness::SameDay | Closeness::Compatible)
                if typed > 0 && !a.is_vaguer_or_finer_than(b) =>
            {
                Verdict::Same(20 + typed + ends(a, b))
            }
            Some(Closeness::SameDay | Closeness::Compatible) => Verdict::Likely,
            Some(Closeness::Apart)
                if typed > 0 && a.gap(b).is_some_and(|gap| gap <= NEAR) && overlap(a.record, b.record) =>
            {
                Verdict::Same(10 + typed)
            }
            Some(Closeness::Apart) => Verdict::Different,
            None if a.look.start.is_none()
                && b.look.start.is_none()
                && a.record.type_ == b.record.type_
                && typed > 0 =>
            {
                Verdict::Likely
            }
            None => Verdict::Unsure,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }
}

fn classes_differ(a: &Encounter, b: &Encounter) -> bool {
    a.class
        .as_ref()
        .zip(b.class.as_ref())
        .is_some_and(|(a, b)| a.canonical_system() == b.canonical_system() && a.code != b.code)
}

/// Whether both have numbers and staff, and share neither.
fn have_other_staff(a: &Facts<'_, Encounter>, b: &Facts<'_, Encounter>, cx: &Context<'_>) -> bool {
    let staff = |encounter: &Encounter| -> Vec<EntryId> {
        let actors = encounter
            .participant
            .iter()
            .filter_map(|participant| participant.actor.as_ref());
        let targets = actors.filter_map(|actor| actor.target.as_ref());
        targets.map(|target| cx.item_of(target).clone()).collect()
    };
    let (own, theirs) = (staff(a.record), staff(b.record));
    let are_numbered = !a.record.identifier.is_empty() && !b.record.identifier.is_empty();
    are_numbered && !own.is_empty() && !theirs.is_empty() && !own.iter().any(|one| theirs.contains(one))
}

fn overlap(a: &Encounter, b: &Encounter) -> bool {
    a.period
        .as_ref()
        .zip(b.period.as_ref())
        .is_some_and(|(a, b)| a.overlaps(b))
}

/// Points for ends that agree.
fn ends(a: &Facts<'_, Encounter>, b: &Facts<'_, Encounter>) -> u32 {
    match a.look.end.zip(b.look.end).map(|(a, b)| a.closeness(&b)) {
        Some(Closeness::SameTime) => 10,
        Some(Closeness::SameDay | Closeness::Compatible) => 5,
        Some(Closeness::Apart) | None => 0,
    }
}

fields!(Encounter {
    identifier: union,
    status: status("status"),
    class: one("class"),
    class_concept: fill,
    type_: union,
    service_type: one("serviceType"),
    priority: fill,
    subject: fill,
    episode_of_care: union,
    based_on: union,
    participant: union,
    appointment: union,
    period: one("period"),
    length: fill,
    reason_code: union,
    reason_reference: union,
    diagnosis: union,
    account: union,
    hospitalization: one("hospitalization"),
    location: union,
    service_provider: fill,
    part_of: fill,
    note: union,
});
