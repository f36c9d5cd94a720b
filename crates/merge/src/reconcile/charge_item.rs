//! Charges: one service on one day. Two charges of one source are two.

use ehr_model::ChargeItem;
use ehr_types::DateTime;

use super::event::same_event;
use super::{Facts, Looker, OneSource, Rule, is_error};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::moment::DAY;
use crate::project::fields;

impl Rule for ChargeItem {
    const REACH: Option<i64> = Some(DAY);
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.code.as_ref());
        looker.visit(self.context.as_ref());
        let occurrence = self.occurrence.as_ref();
        looker.time(
            occurrence.and_then(ehr_model::Occurrence::start),
            occurrence.and_then(ehr_model::Occurrence::end),
        );
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        same_event(a, b, cx)
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }

    fn recorded(&self) -> Option<DateTime> {
        self.entered_date
    }
}

fields!(ChargeItem {
    identifier: union,
    status: status("status"),
    part_of: union,
    code: merged,
    subject: fill,
    context: fill,
    occurrence: one("occurrence[x]"),
    performer: union,
    performing_organization: fill,
    requesting_organization: fill,
    quantity: one("quantity"),
    bodysite: union,
    factor_override: one("factorOverride"),
    price_override: one("priceOverride"),
    price_currency: one("priceOverride.currency"),
    override_reason: fill,
    enterer: fill,
    entered_date: fill,
    reason: union,
    service: union,
    product: one("product[x]"),
    account: union,
    note: union,
});
