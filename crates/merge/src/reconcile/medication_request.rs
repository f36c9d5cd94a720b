//! Orders of medications: one product ordered at one time. Entries that tell the course of a therapy instead of an order
//! go by the product alone, as statements do.

use ehr_model::MedicationRequest;
use ehr_types::DateTime;

use super::medication_statement::same_therapy;
use super::{Facts, Look, Looker, OneSource, Rule, is_error, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::moment::DAY;
use crate::project::fields;
use crate::stated::same_set;

impl Rule for MedicationRequest {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Untold;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.medication(self.medication.as_ref(), self.medication_reference.as_ref());
        looker.visit(self.encounter.as_ref());
        match &self.effective {
            Some(course) => looker.time(course.start, course.end),
            None => looker.time(self.authored_on, None),
        }
    }

    fn told_by(&self, look: &Look) -> Option<Self> {
        look.concept?;
        // A mere order is another order unless it is equal in all.
        self.effective.as_ref()?;
        Some(Self {
            medication: self.medication.clone(),
            medication_reference: self.medication_reference.clone(),
            effective: self.effective,
            dosage: self.dosage.clone(),
            do_not_perform: self.do_not_perform,
            ..Self::default()
        })
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        if a.record.do_not_perform.unwrap_or(false) != b.record.do_not_perform.unwrap_or(false) {
            return Verdict::Different;
        }
        let dosage = same_set(&a.record.dosage, &b.record.dosage, cx);
        if a.record.effective.is_some() || b.record.effective.is_some() {
            return same_therapy(a, b, dosage, cx);
        }
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
        if a.is_identified_with(b, cx) {
            return Verdict::Same(100);
        }
        if a.is_of_another_visit(b) || a.is_numbered_apart_from(b) {
            return Verdict::Different;
        }
        let dosage = if dosage { 5 } else { 0 };
        match a.gap(b) {
            Some(0) if a.is_vaguer_or_finer_than(b) => Verdict::Likely,
            Some(0) => Verdict::Same(50 + a.time_score(b) + dosage),
            Some(gap) if gap <= DAY => Verdict::Same(30 + dosage),
            Some(_) => Verdict::Different,
            None if a.look.start.is_none() && b.look.start.is_none() => Verdict::Same(40 + dosage),
            None => Verdict::Likely,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }

    fn recorded(&self) -> Option<DateTime> {
        self.authored_on
    }
}

fields!(MedicationRequest {
    identifier: union,
    status: status("status"),
    status_reason: beside(status, "statusReason"),
    intent: one("intent"),
    category: union,
    priority: fill,
    do_not_perform: one("doNotPerform"),
    reported: fill,
    reported_by: fill,
    medication: product,
    medication_reference: product_entry,
    subject: fill,
    encounter: fill,
    supporting_information: union,
    authored_on: one("authoredOn"),
    requester: fill,
    performer: fill,
    performer_type: fill,
    recorder: fill,
    reason_code: union,
    reason_reference: union,
    based_on: union,
    group_identifier: fill,
    course_of_therapy_type: fill,
    note: union,
    dosage: whole("dosageInstruction"),
    effective: one("effective"),
    dispense_quantity: one("dispenseRequest.quantity"),
    repeats_allowed: one("dispenseRequest.numberOfRepeatsAllowed"),
    validity_period: fill,
    expected_supply_duration: one("dispenseRequest.expectedSupplyDuration"),
    dispense_performer: fill,
    substitution_allowed: one("substitution.allowed[x]"),
    prior_prescription: fill,
});
