//! Care plans: one kind of plan that begins at one time.

use ehr_model::CarePlan;
use ehr_types::{CodeableConcept, DateTime};

use super::{Facts, Looker, OneSource, Rule, is_error, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::moment::DAY;
use crate::project::fields;

impl Rule for CarePlan {
    const REACH: Option<i64> = Some(DAY);
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        let mut kinds = self.category.iter().filter(|category| !is_general(category));
        looker.about(kinds.next());
        looker.also(kinds);
        looker.name(self.title.as_deref());
        let period = self.period.as_ref();
        looker.time(
            period.and_then(|period| period.start).or(self.created),
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
        let kinds = |facts: &Facts<'_, Self>| {
            let mut kinds = facts.look.also.clone();
            kinds.extend(facts.look.concept);
            kinds
        };
        let (x, y) = (kinds(a), kinds(b));
        let same = |key| {
            y.iter()
                .any(|other| cx.concepts.relate(key, *other) == Relation::Same)
        };
        let shared = x.iter().filter(|key| same(**key)).count();
        if shared == 0 && !a.shares_name(b) {
            return if x.is_empty() || y.is_empty() {
                Verdict::Unsure
            } else {
                Verdict::Different
            };
        }
        let kind = if shared == x.len().max(y.len()) { 10 } else { 0 };
        match a.gap(b) {
            Some(0) => Verdict::Same(40 + a.time_score(b) + kind),
            Some(gap) if gap <= DAY => Verdict::Same(30 + kind),
            Some(_) => Verdict::Different,
            None => Verdict::Likely,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }

    fn recorded(&self) -> Option<DateTime> {
        self.created
    }
}

/// Whether a category says only that it is a plan: US Core demands it on every one.
fn is_general(category: &CodeableConcept) -> bool {
    category
        .codings
        .iter()
        .any(|coding| coding.code.as_deref() == Some("assess-plan"))
}

fields!(CarePlan {
    identifier: union,
    based_on: union,
    replaces: union,
    part_of: union,
    status: status("status"),
    intent: one("intent"),
    category: union,
    title: one("title"),
    description: one("description"),
    subject: fill,
    encounter: fill,
    period: one("period"),
    created: fill,
    author: fill,
    contributor: union,
    care_team: union,
    addresses: union,
    supporting_info: union,
    goal: union,
    activity: union,
    note: union,
});
