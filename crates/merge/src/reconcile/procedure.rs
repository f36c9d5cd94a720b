//! Procedures: one code on one day, or the days beside it.

use ehr_model::Procedure;

use super::denial::names;
use super::facts::{done_and_not_done, sites_agree};
use super::{Facts, Looker, OneSource, Rule, is_error, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::moment::DAY;
use crate::project::fields;
use crate::wording::words;

impl Rule for Procedure {
    const REACH: Option<i64> = Some(DAY);
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.code.as_ref());
        looker.sites(&self.body_site);
        looker.visit(self.encounter.as_ref());
        let performed = self.performed.as_ref();
        looker.time(
            performed.and_then(ehr_model::Occurrence::start),
            performed.and_then(ehr_model::Occurrence::end),
        );
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let unknown = || {
            if a.is_identified_with(b, cx) && !a.is_of_same_source(b) {
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
        if !sites_agree(&a.record.body_site, &b.record.body_site, cx) {
            return Verdict::Different;
        }
        if a.is_identified_with(b, cx) {
            return Verdict::Same(100);
        }
        if a.is_of_another_visit(b) {
            return Verdict::Different;
        }
        let disputed = done_and_not_done(a.record.status.as_ref(), b.record.status.as_ref());
        match a.gap(b) {
            Some(0) if a.is_vaguer_or_finer_than(b) && !disputed => Verdict::Likely,
            Some(0) if disputed && !a.is_vaguer_or_finer_than(b) => Verdict::Same(20 + ends(a, b)),
            // Given up on one day and done on another: two events.
            Some(_) | None if disputed => Verdict::Different,
            Some(0) => Verdict::Same(50 + a.time_score(b) + ends(a, b)),
            Some(_) if is_done_daily(a.record) || is_done_daily(b.record) => Verdict::Different,
            // The same time of day on the day before or after: a slip of the date.
            Some(gap) if (DAY - gap).abs() < 60_000 => Verdict::Same(45 + ends(a, b)),
            Some(gap) if gap <= DAY => Verdict::Same(30),
            Some(_) => Verdict::Different,
            None if a.look.start.is_none() && b.look.start.is_none() => Verdict::Same(40),
            None => Verdict::Likely,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }
}

/// Whether it is done on one day after the other, so that another day is another one.
fn is_done_daily(procedure: &Procedure) -> bool {
    const DAILY: &[&str] = &[
        "dialysis",
        "hemodialysis",
        "haemodialysis",
        "hemofiltration",
        "transfusion",
        "infusion",
        "injection",
        "radiotherapy",
        "phototherapy",
        "ventilation",
        "dressing",
        "physiotherapy",
    ];
    /// Hemodialysis, renal dialysis (SNOMED CT); hemodialysis, radiation treatment, therapeutic exercise (CPT).
    const CODES: &[&str] = &[
        "302497006",
        "265764009",
        "90935",
        "90937",
        "90999",
        "77412",
        "96413",
        "97110",
    ];
    let code = procedure.code.iter();
    let codings = code.clone().flat_map(|code| &code.codings);
    let mut codes = codings.filter_map(|coding| coding.code.as_deref());
    let is_named = |name: &str| words(name).split(' ').any(|word| DAILY.contains(&word));
    codes.any(|code| CODES.contains(&code)) || code.flat_map(names).any(is_named)
}

/// Points for ends that agree.
fn ends(a: &Facts<'_, Procedure>, b: &Facts<'_, Procedure>) -> u32 {
    a.look
        .end
        .zip(b.look.end)
        .map_or(0, |(a, b)| if a.gap(&b) == 0 { 5 } else { 0 })
}

fields!(Procedure {
    identifier: union,
    based_on: union,
    part_of: union,
    status: status("status"),
    status_reason: beside(status, "statusReason"),
    category: fill,
    code: worded("code"),
    subject: fill,
    encounter: fill,
    performed: one("performed[x]"),
    recorder: fill,
    asserter: fill,
    performer: list_as_done(status),
    location: fill,
    reason_code: union,
    reason_reference: union,
    body_site: union,
    outcome: as_done(status, "outcome"),
    report: list_as_done(status),
    complication: list_as_done(status),
    complication_detail: list_as_done(status),
    follow_up: list_as_done(status),
    note: union,
    focal_device: list_as_done(status),
    used_reference: list_as_done(status),
    used_code: list_as_done(status),
});
