//! Places: one identifier with one name, or one name at an address that does not differ. A bed is not a room, nor is a room of one
//! ward that of another.

use ehr_model::Location;

use super::organization::addresses_differ;
use super::{Facts, Looker, OneSource, Rule};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::project::fields;
use crate::stated::Stated;

impl Rule for Location {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.name(self.name.as_deref());
        looker.within(self.part_of.as_ref());
        for alias in &self.alias {
            looker.name(Some(alias));
        }
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let kinds = a
            .record
            .physical_type
            .as_ref()
            .zip(b.record.physical_type.as_ref());
        let lies_elsewhere = a.look.within.iter().zip(&b.look.within).any(|(a, b)| a != b);
        if lies_elsewhere || kinds.is_some_and(|(a, b)| !a.agrees(b, cx)) {
            return Verdict::Different;
        }
        let named = !a.look.names.is_empty() && !b.look.names.is_empty();
        let place = |location: &Location| location.address.clone().into_iter().collect::<Vec<_>>();
        match (a.shares_identifier(b), a.shares_name(b)) {
            (true, true) => Verdict::Same(90),
            (true, false) if !named => Verdict::Same(80),
            (false, true) if addresses_differ(&place(a.record), &place(b.record)) => Verdict::Different,
            (false, true) if a.is_told_apart_from(b) && a.record != b.record => Verdict::Unsure,
            // A number names a place only within another.
            (false, true) if a.look.within.is_empty() != b.look.within.is_empty() && !is_telling(a) => {
                Verdict::Unsure
            }
            (false, true) => Verdict::Same(60),
            (_, false) => Verdict::Unsure,
        }
    }
}

/// Whether a place has a name that is more than a number or a letter.
fn is_telling(place: &Facts<'_, Location>) -> bool {
    let is_word = |name: &String| name.chars().filter(|char| char.is_alphabetic()).count() > 1;
    place.look.names.iter().any(is_word)
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
