//! The rule of things that happen once at one time: one concept, one day.

use super::{Known, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::moment::DAY;

/// Whether two entries are one event: one identifier, or one concept at times that lie at most a day apart.
pub(super) fn same_event(a: &Known<'_>, b: &Known<'_>, cx: &Context<'_>) -> Verdict {
    let unknown = || match within_source(a, b, cx) {
        Some(verdict) => verdict,
        None if a.is_identified_with(b, cx) => Verdict::Same(70),
        None => Verdict::Unsure,
    };
    if let Some(verdict) = a.concept(b, cx).unless_same(unknown) {
        return verdict;
    }
    if let Some(verdict) = within_source(a, b, cx) {
        return verdict;
    }
    if a.is_identified_with(b, cx) {
        return Verdict::Same(100);
    }
    if a.is_of_another_visit(b) {
        return Verdict::Different;
    }
    match a.gap(b) {
        Some(0) if a.is_vaguer_or_finer_than(b) => Verdict::Likely,
        Some(0) => Verdict::Same(50 + a.time_score(b)),
        Some(gap) if gap <= DAY => Verdict::Same(30),
        Some(_) => Verdict::Different,
        None => Verdict::Likely,
    }
}
