//! Orders of services: one order number, or one service ordered on one day.

use ehr_model::ServiceRequest;
use ehr_types::DateTime;

use super::event::same_event;
use super::{Facts, Looker, OneSource, Rule, is_error};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::moment::DAY;
use crate::project::fields;

impl Rule for ServiceRequest {
    const REACH: Option<i64> = Some(DAY);
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.code.as_ref());
        looker.visit(self.encounter.as_ref());
        let occurrence = self.occurrence.as_ref();
        looker.time(
            occurrence
                .and_then(ehr_model::Occurrence::start)
                .or(self.authored_on),
            None,
        );
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        if a.record.do_not_perform.unwrap_or(false) != b.record.do_not_perform.unwrap_or(false) {
            return Verdict::Different;
        }
        if !a.is_of_same_source(b) && a.is_numbered_apart_from(b) {
            return Verdict::Different;
        }
        same_event(a, b, cx)
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }

    fn recorded(&self) -> Option<DateTime> {
        self.authored_on
    }
}

fields!(ServiceRequest {
    identifier: union,
    based_on: union,
    replaces: union,
    requisition: fill,
    status: status("status"),
    intent: one("intent"),
    category: union,
    priority: one("priority"),
    do_not_perform: one("doNotPerform"),
    code: merged,
    order_detail: union,
    quantity: one("quantity[x]"),
    subject: fill,
    encounter: fill,
    occurrence: one("occurrence[x]"),
    as_needed: fill,
    as_needed_for: fill,
    authored_on: one("authoredOn"),
    requester: fill,
    performer_type: fill,
    performer: union,
    location_code: union,
    location_reference: union,
    reason_code: union,
    reason_reference: union,
    insurance: union,
    supporting_info: union,
    specimen: union,
    body_site: union,
    note: union,
    patient_instruction: fill,
});
