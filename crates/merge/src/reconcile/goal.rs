//! Goals: one description.

use ehr_model::Goal;
use ehr_types::DateTime;

use super::{Facts, Looker, OneSource, Rule, is_error, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::moment::DAY;
use crate::project::fields;

impl Rule for Goal {
    const REACH: Option<i64> = Some(DAY);
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.description.as_ref());
        looker.date(self.start_date);
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let unknown = || {
            if a.is_identified_with(b, cx) {
                Verdict::Likely
            } else {
                Verdict::Unsure
            }
        };
        if let Some(verdict) = a.concept(b, cx).unless_same(unknown) {
            return verdict;
        }
        if let Some(verdict) = within_source(a, b, cx) {
            return verdict;
        }
        match a.gap(b) {
            _ if a.is_identified_with(b, cx) => Verdict::Same(100),
            Some(gap) if gap <= DAY => Verdict::Same(50 + a.time_score(b)),
            Some(_) => Verdict::Different,
            None if a.look.start.is_none() && b.look.start.is_none() => Verdict::Same(50),
            None => Verdict::Likely,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.lifecycle_status.as_ref())
    }

    fn recorded(&self) -> Option<DateTime> {
        self.status_date.map(DateTime::from)
    }
}

fields!(Goal {
    identifier: union,
    lifecycle_status: status("lifecycleStatus"),
    achievement_status: one("achievementStatus"),
    category: union,
    priority: one("priority"),
    description: merged,
    subject: fill,
    start_date: one("start[x]"),
    start_code: fill,
    target: whole("target"),
    status_date: fill,
    status_reason: fill,
    expressed_by: fill,
    addresses: union,
    note: union,
    outcome_code: union,
    outcome_reference: union,
});
