//! Reports: one code at one time, or one order number.

use std::collections::BTreeSet;

use ehr_model::{DiagnosticReport, EntryId};
use ehr_types::DateTime;

use super::{CANCELLED, Facts, Looker, OneSource, Rule, WITHDRAWN, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::moment::Closeness;
use crate::project::fields;

impl Rule for DiagnosticReport {
    const REACH: Option<i64> = Some(0);
    const ONE_SOURCE: OneSource = OneSource::Marked;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.code.as_ref());
        looker.visit(self.encounter.as_ref());
        let effective = self.effective.as_ref();
        let start = effective.and_then(ehr_model::Occurrence::start);
        looker.time(
            start.or(self.issued),
            effective.and_then(ehr_model::Occurrence::end),
        );
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let unknown = || {
            if a.shares_identifier(b) && a.gap(b).is_none_or(|gap| gap == 0) {
                Verdict::Same(70)
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
        let shared = shared_results(a.record, b.record, cx);
        // Of two orders, or numbered each by its own laboratory and without a result in common.
        let are_two = a.is_numbered_apart_from(b)
            || a.is_of_another_visit(b)
            || shared == Some(0) && !a.record.identifier.is_empty() && !b.record.identifier.is_empty();
        match a.closeness(b) {
            _ if are_two => Verdict::Different,
            Some(Closeness::Apart) => Verdict::Different,
            Some(_) if a.is_vaguer_or_finer_than(b) => Verdict::Likely,
            Some(_) => Verdict::Same(40 + a.time_score(b) + shared.unwrap_or(0)),
            None => Verdict::Likely,
        }
    }

    fn standing(&self) -> i8 {
        match self.status.as_ref().and_then(|status| status.code.as_deref()) {
            Some("entered-in-error") => WITHDRAWN,
            Some("cancelled") => CANCELLED,
            Some("registered" | "partial" | "preliminary") => -1,
            Some("corrected" | "amended" | "appended") => 1,
            _ => 0,
        }
    }

    fn recorded(&self) -> Option<DateTime> {
        self.issued
    }
}

/// Up to 20 points for results that are the same items; `None` where one lists none.
fn shared_results(a: &DiagnosticReport, b: &DiagnosticReport, cx: &Context<'_>) -> Option<u32> {
    let items = |report: &DiagnosticReport| -> BTreeSet<EntryId> {
        let targets = report.result.iter().filter_map(|result| result.target.as_ref());
        targets.map(|target| cx.item_of(target).clone()).collect()
    };
    let (a, b) = (items(a), items(b));
    if a.is_empty() || b.is_empty() {
        return None;
    }
    Some((20 * a.intersection(&b).count() / a.union(&b).count()) as u32)
}

fields!(DiagnosticReport {
    identifier: union,
    based_on: union,
    status: status("status"),
    category: union,
    code: merged,
    subject: fill,
    encounter: fill,
    effective: one("effective[x]"),
    issued: fill,
    performer: union,
    results_interpreter: union,
    specimen: union,
    result: union,
    imaging_study: union,
    media: union,
    conclusion: one("conclusion"),
    conclusion_code: whole("conclusionCode"),
    presented_form: union,
    note: union,
});
