//! Vaccinations: one vaccine within three days, below most minimal intervals between doses. One that was refused on one day and
//! given on another is two; so are two of different lots or numbers in a series that are not of one day.

use ehr_model::{DoseNumber, Immunization};
use ehr_types::DateTime;

use super::facts::done_and_not_done;
use super::{Facts, Looker, OneSource, Rule, is_error, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::moment::DAY;
use crate::project::fields;
use crate::wording::letters;

const NEAR: i64 = 3 * DAY;

impl Rule for Immunization {
    const REACH: Option<i64> = Some(NEAR);
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.vaccine_code.as_ref());
        let occurrence = self.occurrence.as_ref();
        looker.time(
            occurrence.and_then(ehr_model::Occurrence::start),
            occurrence.and_then(ehr_model::Occurrence::end),
        );
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        if let Some(verdict) = a.concept(b, cx).unless_same(|| Verdict::Unsure) {
            return verdict;
        }
        if let Some(verdict) = within_source(a, b, cx) {
            return verdict;
        }
        if a.is_identified_with(b, cx) {
            return Verdict::Same(100);
        }
        let lots = a.record.lot_number.as_deref().zip(b.record.lot_number.as_deref());
        let lot = match lots.map(|(a, b)| letters(a) == letters(b)) {
            Some(true) => 10,
            Some(false) | None => 0,
        };
        let numbers = dose_numbers(a.record).zip(dose_numbers(b.record));
        let are_two_doses = lots.is_some_and(|(a, b)| letters(a) != letters(b))
            || numbers.is_some_and(|(a, b)| !a.iter().any(|number| b.contains(number)));
        let disputed = done_and_not_done(a.record.status.as_ref(), b.record.status.as_ref());
        let vague = a.is_vaguer_or_finer_than(b);
        match a.gap(b) {
            Some(0) if disputed && !vague => Verdict::Same(20),
            Some(_) if disputed => Verdict::Different,
            None if disputed && (a.look.start.is_some() || b.look.start.is_some()) => Verdict::Different,
            Some(0) if vague => Verdict::Likely,
            Some(0) => Verdict::Same(50 + a.time_score(b) + lot),
            Some(_) if are_two_doses => Verdict::Different,
            Some(gap) if gap <= DAY => Verdict::Same(40 + lot),
            Some(gap) if gap <= NEAR => Verdict::Same(30 + lot),
            Some(_) => Verdict::Different,
            None if a.look.start.is_none() && b.look.start.is_none() => Verdict::Same(30 + lot),
            None => Verdict::Likely,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }

    fn recorded(&self) -> Option<DateTime> {
        self.recorded
    }
}

/// Which doses of their series it was, where that is told.
fn dose_numbers(given: &Immunization) -> Option<Vec<&DoseNumber>> {
    let numbers = given
        .protocol_applied
        .iter()
        .filter_map(|series| series.dose_number.as_ref());
    let numbers: Vec<&DoseNumber> = numbers.collect();
    (!numbers.is_empty()).then_some(numbers)
}

fields!(Immunization {
    identifier: union,
    status: status("status"),
    status_reason: beside(status, "statusReason"),
    vaccine_code: named("vaccineCode"),
    patient: fill,
    encounter: fill,
    occurrence: one("occurrence[x]"),
    recorded: fill,
    primary_source: fill,
    report_origin: fill,
    location: fill,
    manufacturer: as_done(status, "manufacturer"),
    lot_number: as_done(status, "lotNumber"),
    expiration_date: as_done(status, "expirationDate"),
    site: as_done(status, "site"),
    route: as_done(status, "route"),
    dose_quantity: as_done(status, "doseQuantity"),
    performer: list_as_done(status),
    note: union,
    reason_code: union,
    reason_reference: union,
    is_subpotent: as_done(status, "isSubpotent"),
    subpotent_reason: list_as_done(status),
    education: union,
    program_eligibility: union,
    funding_source: fill,
    reaction: list_as_done(status),
    protocol_applied: list_as_done(status),
});
