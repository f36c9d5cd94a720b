//! Specimens: one accession or other identifier, or one material taken at one time.

use ehr_model::Specimen;

use super::{Facts, Looker, OneSource, Rule, is_error, within_source};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::moment::Closeness;
use crate::project::fields;

impl Rule for Specimen {
    const REACH: Option<i64> = Some(0);
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.type_.as_ref());
        looker.key(
            "accession",
            self.accession_identifier
                .as_ref()
                .and_then(|id| id.value.as_deref()),
        );
        let collected = self.collected.as_ref();
        looker.time(
            collected.and_then(ehr_model::Occurrence::start),
            collected.and_then(ehr_model::Occurrence::end),
        );
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let type_ = a.concept(b, cx);
        if type_ == Relation::Different {
            return Verdict::Different;
        }
        let accession = a
            .record
            .accession_identifier
            .as_ref()
            .zip(b.record.accession_identifier.as_ref())
            .is_some_and(|(a, b)| a.is_same_as(b));
        if a.is_identified_with(b, cx) || accession {
            return Verdict::Same(100);
        }
        if let Some(verdict) = within_source(a, b, cx) {
            return verdict;
        }
        match a.closeness(b) {
            Some(Closeness::SameTime) if type_ == Relation::Same => Verdict::Same(50),
            Some(Closeness::Apart) => Verdict::Different,
            _ => Verdict::Unsure,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }
}

fields!(Specimen {
    identifier: union,
    accession_identifier: one("accessionIdentifier"),
    status: status("status"),
    type_: merged,
    subject: fill,
    received_time: one("receivedTime"),
    parent: union,
    request: union,
    collector: fill,
    collected: one("collection.collected[x]"),
    quantity: one("collection.quantity"),
    method: one("collection.method"),
    body_site: one("collection.bodySite"),
    condition: union,
    note: union,
});
