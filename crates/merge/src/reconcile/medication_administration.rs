//! Medications given: one product at one time.

use ehr_model::MedicationAdministration;

use super::event::same_event;
use super::{Facts, Looker, OneSource, Rule, is_error};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::project::fields;

impl Rule for MedicationAdministration {
    // Doses may follow each other within hours, so that another time is another dose.
    const REACH: Option<i64> = Some(0);
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.medication(self.medication.as_ref(), self.medication_reference.as_ref());
        looker.visit(self.context.as_ref());
        let effective = self.effective.as_ref();
        looker.time(
            effective.and_then(ehr_model::Occurrence::start),
            effective.and_then(ehr_model::Occurrence::end),
        );
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        if a.gap(b).is_some_and(|gap| gap > 0) && !a.is_identified_with(b, cx) {
            return Verdict::Different;
        }
        same_event(a, b, cx)
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }
}

fields!(MedicationAdministration {
    identifier: union,
    part_of: union,
    status: status("status"),
    status_reason: list_beside(status),
    category: fill,
    medication: product,
    medication_reference: product_entry,
    subject: fill,
    context: fill,
    supporting_information: union,
    effective: one("effective[x]"),
    performer: union,
    reason_code: union,
    reason_reference: union,
    request: fill,
    device: union,
    note: union,
    dosage_text: one("dosage.text"),
    site: one("dosage.site"),
    route: one("dosage.route"),
    method: one("dosage.method"),
    dose: one("dosage.dose"),
    rate: one("dosage.rate[x]"),
});
