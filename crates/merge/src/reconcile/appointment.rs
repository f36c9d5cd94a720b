//! Appointments: one identifier, or one kind of service at one time.

use ehr_model::Appointment;
use ehr_types::DateTime;

use super::{Facts, Looker, OneSource, Rule, is_error, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::moment::Closeness;
use crate::project::fields;

impl Rule for Appointment {
    const REACH: Option<i64> = Some(0);
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.service_type.first());
        looker.time(self.start, self.end);
        looker.look.names.push("\u{1}appointment".to_owned());
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let kind = a.concept(b, cx);
        // What is put off keeps its number.
        if kind != Relation::Different && a.shares_identifier(b) && cx.senders.are_one(a.entry, b.entry) {
            return Verdict::Same(95);
        }
        if let Some(verdict) = within_source(a, b, cx) {
            return verdict;
        }
        if a.is_identified_with(b, cx) {
            return Verdict::Same(100);
        }
        if kind == Relation::Different {
            return Verdict::Different;
        }
        match a.closeness(b) {
            Some(Closeness::Apart) => Verdict::Different,
            Some(Closeness::SameTime) => Verdict::Same(40),
            Some(_) if kind == Relation::Same => Verdict::Same(30),
            Some(_) | None => Verdict::Unsure,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }

    fn recorded(&self) -> Option<DateTime> {
        self.created
    }
}

fields!(Appointment {
    identifier: union,
    status: status("status"),
    cancelation_reason: one("cancelationReason"),
    service_category: union,
    service_type: union,
    specialty: union,
    appointment_type: fill,
    reason_code: union,
    reason_reference: union,
    priority: fill,
    description: fill,
    supporting_information: union,
    start: one("start"),
    end: one("end"),
    minutes_duration: fill,
    slot: union,
    created: fill,
    comment: fill,
    patient_instruction: fill,
    based_on: union,
    participant: union,
    requested_period: union,
});
