//! Coverage: one subscriber number, or one kind of coverage by one payer.

use ehr_model::Coverage;

use super::{Facts, Looker, OneSource, Rule, is_error};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::project::fields;
use crate::stated::Stated;
use crate::wording::letters;

impl Rule for Coverage {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.type_.as_ref());
        looker.key("subscriber", self.subscriber_id.as_deref());
        let period = self.period.as_ref();
        looker.time(
            period.and_then(|period| period.start),
            period.and_then(|period| period.end),
        );
        for payor in &self.payor {
            looker.name(payor.display.as_deref());
        }
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let (x, y) = (a.record, b.record);
        let subscriber = x
            .subscriber_id
            .as_deref()
            .zip(y.subscriber_id.as_deref())
            .map(|(a, b)| letters(a) == letters(b));
        let payors = !x.payor.is_empty() && !y.payor.is_empty();
        let one_payor = x.payor.iter().any(|payor| {
            y.payor
                .iter()
                .any(|other| payor.agrees(other, cx) || shown_alike(payor, other))
        });
        let over = x
            .period
            .as_ref()
            .zip(y.period.as_ref())
            .is_some_and(|(a, b)| !a.overlaps(b));
        if subscriber == Some(false) || over {
            return Verdict::Different;
        }
        if a.shares_identifier(b) {
            return Verdict::Same(100);
        }
        let type_ = a.concept(b, cx);
        if a.is_of_same_source(b) {
            let alike = !a.is_told_apart_from(b) && x == y;
            return if alike {
                Verdict::Same(90)
            } else {
                Verdict::Different
            };
        }
        match (subscriber, type_) {
            (_, Relation::Different) if !one_payor => Verdict::Different,
            (Some(true), _) if one_payor || !payors => Verdict::Same(80),
            (None, Relation::Same) if one_payor => Verdict::Same(40),
            _ if payors && !one_payor => Verdict::Different,
            (_, Relation::Same) => Verdict::Likely,
            _ => Verdict::Unsure,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }
}

fn shown_alike(a: &ehr_model::Reference, b: &ehr_model::Reference) -> bool {
    a.display
        .as_deref()
        .zip(b.display.as_deref())
        .is_some_and(|(a, b)| letters(a) == letters(b))
}

fields!(Coverage {
    identifier: union,
    status: status("status"),
    type_: merged,
    policy_holder: fill,
    subscriber: fill,
    subscriber_id: one("subscriberId"),
    beneficiary: fill,
    dependent: one("dependent"),
    relationship: one("relationship"),
    period: one("period"),
    payor: union,
    class: union,
    order: one("order"),
    network: fill,
    subrogation: fill,
    contract: union,
});
