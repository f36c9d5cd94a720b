//! Places: one identifier with one name, or one name at an address that does not differ.

use ehr_model::Location;

use super::organization::addresses_differ;
use super::{Facts, Looker, OneSource, Rule};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::project::fields;

impl Rule for Location {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.name(self.name.as_deref());
        for alias in &self.alias {
            looker.name(Some(alias));
        }
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, _: &Context<'_>) -> Verdict {
        let named = !a.look.names.is_empty() && !b.look.names.is_empty();
        let place = |location: &Location| location.address.clone().into_iter().collect::<Vec<_>>();
        match (a.shares_identifier(b), a.shares_name(b)) {
            (true, true) => Verdict::Same(90),
            (true, false) if !named => Verdict::Same(80),
            (false, true) if addresses_differ(&place(a.record), &place(b.record)) => Verdict::Different,
            (false, true) if a.is_told_apart_from(b) && a.record != b.record => Verdict::Unsure,
            (false, true) => Verdict::Same(60),
            (_, false) => Verdict::Unsure,
        }
    }
}

fields!(Location {
    identifier: union,
    status: status("status"),
    operational_status: fill,
    name: fill,
    alias: union,
    description: fill,
    mode: fill,
    type_: union,
    telecom: union,
    address: one("address"),
    physical_type: fill,
    latitude: fill,
    longitude: fill,
    altitude: fill,
    managing_organization: fill,
    part_of: fill,
});
