//! Statements about medications taken: the product is the identity, at whatever dates the course is said to run, unless one
//! course was over for long when the other began.

use ehr_model::MedicationStatement;
use ehr_types::DateTime;

use super::{Facts, Known, Look, Looker, OneSource, Rule, is_error};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::moment::DAY;
use crate::project::fields;
use crate::stated::same_set;

impl Rule for MedicationStatement {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Untold;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.medication(self.medication.as_ref(), self.medication_reference.as_ref());
        let effective = self.effective.as_ref();
        looker.time(
            effective.and_then(ehr_model::Occurrence::start),
            effective.and_then(ehr_model::Occurrence::end),
        );
    }

    fn told_by(&self, look: &Look) -> Option<Self> {
        look.concept?;
        Some(Self {
            medication: self.medication.clone(),
            medication_reference: self.medication_reference.clone(),
            effective: self.effective.clone(),
            dosage: self.dosage.clone(),
            ..Self::default()
        })
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let dosage = same_set(&a.record.dosage, &b.record.dosage, cx);
        same_therapy(a, b, dosage, cx)
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }

    fn recorded(&self) -> Option<DateTime> {
        self.date_asserted
    }
}

/// Whether two entries are of one line of therapy: one product. Sources that differ in the dates of the course disagree
/// about one therapy; one source that lists a product twice means two courses, unless they are alike.
pub(super) fn same_therapy(a: &Known<'_>, b: &Known<'_>, same_dosage: bool, cx: &Context<'_>) -> Verdict {
    if let Some(verdict) = a.concept(b, cx).unless_same(|| Verdict::Unsure) {
        return verdict;
    }
    if a.is_version_of(b) || a.is_identified_with(b, cx) {
        return Verdict::Same(100);
    }
    if a.recurs(b, cx) {
        return Verdict::Different;
    }
    let gap = a.gap(b);
    if a.is_of_same_source(b) {
        let ends_apart = a.look.end.zip(b.look.end).is_some_and(|(a, b)| a.gap(&b) > 0);
        let alike = same_dosage && !ends_apart && !a.is_told_apart_from(b);
        return match gap {
            Some(0) if alike => Verdict::Same(60),
            None if alike && a.look.start.is_none() && b.look.start.is_none() => Verdict::Same(60),
            _ => Verdict::Different,
        };
    }
    let dosage = if same_dosage { 5 } else { 0 };
    match gap {
        Some(0) => Verdict::Same(50 + a.time_score(b) + dosage),
        Some(gap) => {
            let days = u32::try_from(gap / DAY).unwrap_or(u32::MAX);
            Verdict::Same(40 - days.min(3600) / 90 + dosage)
        }
        None if a.look.start.is_none() && b.look.start.is_none() => Verdict::Same(50 + dosage),
        None => Verdict::Same(10 + dosage),
    }
}

fields!(MedicationStatement {
    identifier: union,
    based_on: union,
    part_of: union,
    status: status("status"),
    status_reason: list_beside(status),
    category: fill,
    medication: product,
    medication_reference: product_entry,
    subject: fill,
    context: fill,
    effective: one("effective[x]"),
    date_asserted: fill,
    information_source: fill,
    derived_from: union,
    reason_code: union,
    reason_reference: union,
    note: union,
    dosage: whole("dosage"),
});
