//! Roles: one practitioner at one organization in one function.

use ehr_model::{EntryId, PractitionerRole, Reference};

use super::{Facts, Looker, OneSource, Rule};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::project::fields;

impl Rule for PractitionerRole {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.code.first());
        looker.also(&self.specialty);
        if looker.look.concept.is_none() && self.specialty.is_empty() {
            looker.look.names.push("\u{1}role".to_owned());
        }
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        if a.shares_identifier(b) {
            return Verdict::Same(100);
        }
        let (x, y) = (a.record, b.record);
        let who = same_item(x.practitioner.as_ref(), y.practitioner.as_ref(), cx);
        let place = same_item(x.organization.as_ref(), y.organization.as_ref(), cx);
        if who == Some(false) || place == Some(false) || a.concept(b, cx) == Relation::Different {
            return Verdict::Different;
        }
        let empty = x.organization.is_none() && y.organization.is_none();
        if who == Some(true) && (place == Some(true) || empty) {
            return Verdict::Same(60);
        }
        if a.equals(b) && !a.is_told_apart_from(b) && who.is_some() {
            return Verdict::Same(50);
        }
        Verdict::Unsure
    }
}

/// Whether two references lead to one item; `None` where one leads nowhere.
fn same_item(a: Option<&Reference>, b: Option<&Reference>, cx: &Context<'_>) -> Option<bool> {
    let target = |reference: Option<&Reference>| -> Option<EntryId> {
        let target = reference?.target.as_ref()?;
        Some(cx.item_of(target).clone())
    };
    target(a).zip(target(b)).map(|(a, b)| a == b)
}

fields!(PractitionerRole {
    identifier: union,
    active: fill,
    period: fill,
    practitioner: fill,
    organization: fill,
    code: union,
    specialty: union,
    location: union,
    healthcare_service: union,
    telecom: union,
    endpoint: union,
});
