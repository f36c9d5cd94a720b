//! Resources of types that the model does not interpret: one identifier, or nothing.

use ehr_model::OtherRecord;

use super::{Facts, Looker, OneSource, Rule};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::project::fields;

impl Rule for OtherRecord {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, _: &mut Looker<'_>) {}

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, _: &Context<'_>) -> Verdict {
        let content = |facts: &Facts<'_, Self>| {
            let original = facts.entry.original.as_ref();
            original.map(|original| original.content.clone())
        };
        let one_type = a.record.resource_type == b.record.resource_type;
        // What is not understood is only the same when it is the same text, or else it would be lost in the other.
        if one_type && a.shares_identifier(b) && content(a) == content(b) {
            Verdict::Same(100)
        } else {
            Verdict::Different
        }
    }
}

fields!(OtherRecord {
    resource_type: lead,
    identifier: union,
});
