//! Medications handed out: one product on one day, or another quantity on the next: that is another one.

use ehr_model::MedicationDispense;
use ehr_types::DateTime;

use super::event::same_event;
use super::{Facts, Looker, OneSource, Rule, is_error};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::moment::{Closeness, DAY};
use crate::project::fields;
use crate::stated::Stated;

impl Rule for MedicationDispense {
    const REACH: Option<i64> = Some(DAY);
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.medication(self.medication.as_ref(), self.medication_reference.as_ref());
        looker.visit(self.context.as_ref());
        looker.time(self.when_handed_over.or(self.when_prepared), None);
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let fills = a.record.fill_number.zip(b.record.fill_number);
        if fills.is_some_and(|(a, b)| a != b) {
            return Verdict::Different;
        }
        let quantities = a.record.quantity.as_ref().zip(b.record.quantity.as_ref());
        let is_of_one_day = a.closeness(b) != Some(Closeness::Apart);
        if !is_of_one_day && !a.is_identified_with(b, cx) && quantities.is_some_and(|(a, b)| !a.agrees(b, cx))
        {
            return Verdict::Different;
        }
        same_event(a, b, cx)
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }

    fn recorded(&self) -> Option<DateTime> {
        self.when_handed_over
    }
}

fields!(MedicationDispense {
    identifier: union,
    part_of: union,
    status: status("status"),
    status_reason: beside(status, "statusReason[x]"),
    category: fill,
    medication: product,
    medication_reference: product_entry,
    subject: fill,
    context: fill,
    supporting_information: union,
    performer: union,
    location: fill,
    authorizing_prescription: union,
    type_: fill,
    quantity: one("quantity"),
    days_supply: one("daysSupply"),
    when_prepared: one("whenPrepared"),
    when_handed_over: one("whenHandedOver"),
    destination: fill,
    receiver: union,
    note: union,
    dosage: whole("dosageInstruction"),
    fill_number: one("fillNumber"),
});
