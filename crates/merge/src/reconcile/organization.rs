//! Organizations: one identifier with one name, or one name at an address that does not differ.

use ehr_model::Organization;
use ehr_types::Address;

use super::practitioner::{npi_of, same_npi};
use super::{Facts, Look, Looker, OneSource, Rule};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::project::fields;
use crate::wording::{letters, words};

impl Rule for Organization {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.name(self.name.as_deref());
        for alias in &self.alias {
            looker.name(Some(alias));
        }
    }

    fn told_by(&self, _: &Look) -> Option<Self> {
        Some(Self {
            name: self.name.clone(),
            alias: self.alias.clone(),
            address: self.address.clone(),
            identifier: npi_of(&self.identifier).cloned().into_iter().collect(),
            ..Self::default()
        })
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, _: &Context<'_>) -> Verdict {
        match same_npi(&a.record.identifier, &b.record.identifier) {
            Some(true) => return Verdict::Same(100),
            Some(false) => return Verdict::Different,
            None => {}
        }
        let named = !a.look.names.is_empty() && !b.look.names.is_empty();
        match (a.shares_identifier(b), a.shares_name(b)) {
            (true, true) => Verdict::Same(90),
            (true, false) if !named => Verdict::Same(80),
            (false, true) if addresses_differ(&a.record.address, &b.record.address) => Verdict::Different,
            (false, true) => Verdict::Same(60),
            (_, false) => Verdict::Unsure,
        }
    }
}

/// Whether both state addresses and none of them can be one place.
pub(super) fn addresses_differ(a: &[Address], b: &[Address]) -> bool {
    let stated = |address: &&Address| address.postal_code.is_some() || address.city.is_some();
    let (a, b): (Vec<_>, Vec<_>) = (
        a.iter().filter(stated).collect(),
        b.iter().filter(stated).collect(),
    );
    let zip = |address: &Address| -> String {
        letters(address.postal_code.as_deref().unwrap_or(""))
            .chars()
            .take(5)
            .collect()
    };
    let near = |a: &Address, b: &Address| {
        let zips = (zip(a), zip(b));
        if zips.0.is_empty() || zips.1.is_empty() {
            a.city.as_deref().map(words) == b.city.as_deref().map(words)
        } else {
            zips.0 == zips.1
        }
    };
    !a.is_empty() && !b.is_empty() && !a.iter().any(|x| b.iter().any(|y| near(x, y)))
}

fields!(Organization {
    identifier: union,
    active: fill,
    type_: union,
    name: fill,
    alias: union,
    telecom: union,
    address: union,
    part_of: fill,
    contact: union,
    endpoint: union,
});
