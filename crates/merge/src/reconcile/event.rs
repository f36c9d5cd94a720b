//! The rule of things that happen once at one time: one concept, one day.

use super::{Facts, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::moment::DAY;

/// Whether two entries are one event: one identifier, or one concept at times that lie at most a day apart.
pub(super) fn same_event<T: PartialEq>(a: &Facts<'_, T>, b: &Facts<'_, T>, cx: &Context<'_>) -> Verdict {
    match a.concept(b, cx) {
        Relation::Same => {}
        Relation::Unknown => {
            return match within_source(a, b, cx) {
                Some(verdict) => verdict,
                None if a.is_identified_with(b, cx) => Verdict::Same(70),
                None => Verdict::Unsure,
            };
        }
        Relation::Narrower | Relation::Broader | Relation::Related | Relation::Different => {
            return Verdict::Different;
        }
    }
    if let Some(verdict) = within_source(a, b, cx) {
        return verdict;
    }
    if a.is_identified_with(b, cx) {
        return Verdict::Same(100);
    }
    match a.gap(b) {
        Some(0) => Verdict::Same(50 + a.time_score(b)),
        Some(gap) if gap <= DAY => Verdict::Same(30),
        Some(_) => Verdict::Different,
        None => Verdict::Likely,
    }
}
