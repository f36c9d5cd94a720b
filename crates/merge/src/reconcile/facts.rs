//! An entry as the rules see it, and what any two entries have in common.

use std::ops::Deref;

use ehr_model::{Entry, Record, Status};
use ehr_types::{CodeableConcept, Identifier};

use super::look::{Look, Visit};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::moment::{Closeness, DAY, Moment};

/// How far the date of one identified thing may be revised between sources, in milliseconds.
const REVISED_WITHIN: i64 = 31 * DAY;

/// An entry and what was worked out of it, whatever its class.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) look: &'a Look,
}

/// An entry whose record is of a known class.
pub(crate) struct Facts<'a, T> {
    pub(crate) record: &'a T,
    pub(crate) known: Known<'a>,
}

impl<'a, T> Deref for Facts<'a, T> {
    type Target = Known<'a>;

    fn deref(&self) -> &Known<'a> {
        &self.known
    }
}

impl Known<'_> {
    pub(super) fn is_of_same_source(&self, other: &Known<'_>) -> bool {
        self.entry.origin.source == other.entry.origin.source
    }

    /// Whether one source gives both ids of their own, and so says that they are two.
    pub(super) fn is_told_apart_from(&self, other: &Known<'_>) -> bool {
        let (a, b) = (&self.entry.origin, &other.entry.origin);
        let told_apart = a
            .native_id
            .as_ref()
            .zip(b.native_id.as_ref())
            .is_some_and(|(a, b)| a != b);
        self.is_of_same_source(other) && told_apart
    }

    /// Whether both are the same record of one source, perhaps in two versions.
    pub(super) fn is_version_of(&self, other: &Known<'_>) -> bool {
        let (a, b) = (&self.entry.origin, &other.entry.origin);
        self.is_of_same_source(other) && a.native_id.is_some() && a.native_id == b.native_id
    }

    /// Whether the sub-ids by which their sources tell results of one code and time apart are one, where both have one.
    pub(super) fn share_sub_id(&self, other: &Known<'_>) -> Option<bool> {
        let sub_ids = self.entry.origin.sub_id().zip(other.entry.origin.sub_id());
        sub_ids.map(|(a, b)| a == b)
    }

    /// Whether the records are equal, word for word.
    pub(super) fn equals(&self, other: &Known<'_>) -> bool {
        same_record(&self.entry.record, &other.entry.record)
    }

    pub(super) fn shares_identifier(&self, other: &Known<'_>) -> bool {
        shares_identifier(self.entry, other.entry)
    }

    /// Whether both have numbers of one kind and assigner, and share none: they are numbered as two.
    pub(super) fn is_numbered_apart_from(&self, other: &Known<'_>) -> bool {
        are_numbered_apart(self.entry.identifiers(), other.entry.identifiers())
            && !self.shares_identifier(other)
    }

    /// Whether one was over for longer than `limit` when the other began, by the visit of what has no time of its own.
    pub(super) fn is_far_from(&self, other: &Known<'_>, limit: i64) -> bool {
        let spans = self.span().zip(other.span());
        spans.is_some_and(|(a, b)| a.1.precedes_by(&b.0, limit) || b.1.precedes_by(&a.0, limit))
    }

    /// From when to when it was, by its own time or by that of its visit.
    fn span(&self) -> Option<(Moment, Moment)> {
        let (start, end) = match (self.look.start, &self.look.visit) {
            (Some(start), _) => (start, self.look.end),
            (None, Some(visit)) => (visit.start?, visit.end),
            (None, None) => return None,
        };
        // Some systems write an end that never was, as the year 1.
        let end = end.filter(|end| end.order() >= start.order());
        Some((start, end.unwrap_or(start)))
    }

    /// Whether it happened at another visit than the other, of which not both tell when: visits days apart, or numbered as two.
    pub(super) fn is_of_another_visit(&self, other: &Known<'_>) -> bool {
        let visits = self.look.visit.as_ref().zip(other.look.visit.as_ref());
        let are_dated = self.look.start.is_some() && other.look.start.is_some();
        let are_numbered_apart = |(a, b): (&Visit, &Visit)| {
            are_numbered_apart(&a.numbers, &b.numbers)
                && !a
                    .numbers
                    .iter()
                    .any(|a| b.numbers.iter().any(|b| a.is_same_as(b)))
        };
        !are_dated && (self.is_far_from(other, DAY) || visits.is_some_and(are_numbered_apart))
    }

    /// Whether an identifier says that both are one: a shared one, on entries that can be about one thing at one time.
    /// Alone it proves nothing, because systems copy identifiers from entry to entry.
    pub(super) fn is_identified_with(&self, other: &Known<'_>, cx: &Context<'_>) -> bool {
        if !self.shares_identifier(other) {
            return false;
        }
        let one_concept = match self.concept(other, cx) {
            Relation::Same => true,
            Relation::Unknown => match (self.look.concept, other.look.concept) {
                (None, None) => self.equals(other),
                (Some(_), Some(_)) => false,
                _ => true,
            },
            Relation::Narrower | Relation::Broader | Relation::Related | Relation::Different => false,
        };
        // A source gives one identifier to several versions, but not to several days.
        let reach = if self.is_of_same_source(other) {
            0
        } else {
            REVISED_WITHIN
        };
        one_concept && self.gap(other).is_none_or(|gap| gap <= reach)
    }

    /// How the two relate that they are about: left is not right, whatever the code, and one source that gives one code to names of
    /// different things means two.
    pub(super) fn concept(&self, other: &Known<'_>, cx: &Context<'_>) -> Relation {
        if self.look.sides.differ(other.look.sides) || self.is_named_apart_from(other, cx) {
            return Relation::Different;
        }
        cx.relate_keys(self.look.concept, other.look.concept)
    }

    fn is_named_apart_from(&self, other: &Known<'_>, cx: &Context<'_>) -> bool {
        let concepts = self.look.concept.zip(other.look.concept);
        self.is_of_same_source(other)
            && !self.is_version_of(other)
            && concepts.is_some_and(|(a, b)| cx.concepts.are_unlike(a, b))
    }

    pub(super) fn shares_name(&self, other: &Known<'_>) -> bool {
        self.look.names.iter().any(|name| other.look.names.contains(name))
    }

    /// Milliseconds between the beginnings, where both are known.
    pub(super) fn gap(&self, other: &Known<'_>) -> Option<i64> {
        Some(self.look.start?.gap(&other.look.start?))
    }

    /// Whether one is dated by the day and the other only by the month or year: then several may fit.
    pub(super) fn is_vaguer_or_finer_than(&self, other: &Known<'_>) -> bool {
        let starts = self.look.start.zip(other.look.start);
        starts.is_some_and(|(a, b)| a.has_day() != b.has_day())
    }

    /// Whether one was over for so long when the other began that they are two.
    pub(super) fn recurs(&self, other: &Known<'_>, cx: &Context<'_>) -> bool {
        let limit = i64::from(cx.policy.recurrence_days.0) * DAY;
        let over = |first: &Known<'_>, second: &Known<'_>| {
            let times = first.look.end.zip(second.look.start);
            times.is_some_and(|(end, start)| end.precedes_by(&start, limit))
        };
        over(self, other) || over(other, self)
    }

    pub(super) fn closeness(&self, other: &Known<'_>) -> Option<Closeness> {
        Some(self.look.start?.closeness(&other.look.start?))
    }

    /// Points for the agreement of times: at most 40.
    pub(super) fn time_score(&self, other: &Known<'_>) -> u32 {
        match self.closeness(other) {
            Some(Closeness::SameTime) => 40,
            Some(Closeness::SameDay) => 30,
            Some(Closeness::Compatible) => 20,
            Some(Closeness::Apart) | None => 0,
        }
    }
}

impl Relation {
    /// What two concepts alone decide: nothing where they are the same, `unknown` where nothing is known of them.
    pub(super) fn unless_same(self, unknown: impl FnOnce() -> Verdict) -> Option<Verdict> {
        match self {
            Self::Same => None,
            Self::Unknown => Some(unknown()),
            Self::Narrower | Self::Broader | Self::Related | Self::Different => Some(Verdict::Different),
        }
    }
}

/// Whether an identifier of both is one. A source that names no namespace means its own.
pub(crate) fn shares_identifier(a: &Entry, b: &Entry) -> bool {
    let one_source = a.origin.source == b.origin.source;
    let is_one = |x: &Identifier, y: &Identifier| {
        x.is_same_as(y)
            || (one_source && is_bare(x) && is_bare(y) && x.value == y.value && x.type_ == y.type_)
    };
    let theirs = b.identifiers();
    a.identifiers()
        .iter()
        .any(|x| theirs.iter().any(|y| is_one(x, y)))
}

/// Whether both lists have numbers of one kind and assigner that differ.
fn are_numbered_apart(a: &[Identifier], b: &[Identifier]) -> bool {
    a.iter().any(|a| b.iter().any(|b| is_of_one_series(a, b)))
}

/// Whether two identifiers are different numbers of one kind, given by one assigner.
fn is_of_one_series(a: &Identifier, b: &Identifier) -> bool {
    let one_assigner = match (a.canonical_system(), b.canonical_system()) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a.assigner.is_some() && a.assigner == b.assigner,
        _ => false,
    };
    let kind = |identifier: &Identifier| {
        let codings = identifier.type_.as_ref().map(|kind| &kind.codings);
        codings.and_then(|codings| codings.first()?.code.clone())
    };
    one_assigner && kind(a) == kind(b) && a.value.is_some() && b.value.is_some() && a.value != b.value
}

/// Whether an identifier has a value, and nothing says whose number it is.
pub(super) fn is_bare(identifier: &Identifier) -> bool {
    identifier.value.is_some() && identifier.canonical_system().is_none() && identifier.assigner.is_none()
}

/// Whether both can be at one place of the body: where both name places, some must be able to be one.
pub(super) fn sites_agree(a: &[CodeableConcept], b: &[CodeableConcept], cx: &Context<'_>) -> bool {
    let in_words = |concept: &CodeableConcept| concept.codings.iter().all(|coding| coding.code.is_none());
    let can_be_one = |x: &CodeableConcept, y: &CodeableConcept| match cx.relate(x, y) {
        Relation::Same | Relation::Narrower | Relation::Broader | Relation::Related => true,
        // Two names in words alone are two places, as far as anybody can tell.
        Relation::Unknown => !(in_words(x) && in_words(y)),
        Relation::Different => false,
    };
    a.is_empty() || b.is_empty() || a.iter().any(|x| b.iter().any(|y| can_be_one(x, y)))
}

/// Whether one says that it was done, and the other that it was not.
pub(super) fn done_and_not_done(a: Option<&Status>, b: Option<&Status>) -> bool {
    let both = a.and_then(is_done).zip(b.and_then(is_done));
    both.is_some_and(|(a, b)| a != b)
}

/// Whether a status says that something was done, or that it was not.
pub(crate) fn is_done(status: &Status) -> Option<bool> {
    match status.code.as_deref() {
        Some("not-done") => Some(false),
        Some("unknown" | "entered-in-error") | None => None,
        Some(_) => Some(true),
    }
}

/// In one place, because comparing records of every class is much code.
#[inline(never)]
pub(super) fn same_record(a: &Record, b: &Record) -> bool {
    a == b
}

/// Verdict of most rules for two entries of one source: one fact only where an identifier says so, or where nothing tells
/// them apart. `None` for entries of different sources.
pub(super) fn within_source(a: &Known<'_>, b: &Known<'_>, cx: &Context<'_>) -> Option<Verdict> {
    if !a.is_of_same_source(b) {
        return None;
    }
    if a.is_version_of(b) || a.is_identified_with(b, cx) {
        return Some(Verdict::Same(95));
    }
    if !a.is_told_apart_from(b) && a.equals(b) {
        return Some(Verdict::Same(100));
    }
    Some(Verdict::Different)
}
