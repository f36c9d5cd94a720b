//! Care teams: one name or kind, at times that overlap.

use ehr_model::CareTeam;

use super::{Facts, Looker, OneSource, Rule, is_error, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::project::fields;
use crate::stated::Stated;

impl Rule for CareTeam {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.category.first());
        looker.also(&self.reason_code);
        looker.name(self.name.as_deref());
        let period = self.period.as_ref();
        looker.time(
            period.and_then(|period| period.start),
            period.and_then(|period| period.end),
        );
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        if let Some(verdict) = within_source(a, b, cx) {
            return verdict;
        }
        if a.is_identified_with(b, cx) {
            return Verdict::Same(100);
        }
        let kind = a.concept(b, cx);
        let named = !a.look.names.is_empty() && !b.look.names.is_empty();
        if kind == Relation::Different || (named && !a.shares_name(b)) {
            return Verdict::Different;
        }
        let periods = a.record.period.as_ref().zip(b.record.period.as_ref());
        if periods.is_some_and(|(a, b)| !a.overlaps(b)) {
            return Verdict::Different;
        }
        let actors = |team: &CareTeam| {
            team.participant
                .iter()
                .filter_map(|p| p.actor.clone())
                .collect::<Vec<_>>()
        };
        let (x, y) = (actors(a.record), actors(b.record));
        let people = x
            .iter()
            .filter(|actor| y.iter().any(|other| actor.agrees(other, cx)))
            .count() as u32;
        match (a.shares_name(b), kind, a.gap(b)) {
            (_, _, Some(0)) => Verdict::Same(40 + a.time_score(b) + people),
            (true, _, _) => Verdict::Same(30 + people),
            (false, Relation::Same, None) => Verdict::Likely,
            _ => Verdict::Unsure,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }
}

fields!(CareTeam {
    identifier: union,
    status: status("status"),
    category: union,
    name: one("name"),
    subject: fill,
    encounter: fill,
    period: one("period"),
    participant: union,
    reason_code: union,
    reason_reference: union,
    managing_organization: union,
    telecom: union,
    note: union,
});
