//! Related persons: one name and a relationship that does not differ.

use ehr_model::RelatedPerson;

use super::practitioner::full_name;
use super::{Facts, Look, Looker, OneSource, Rule};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::project::fields;
use crate::stated::Stated;

impl Rule for RelatedPerson {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.relationship.first());
        looker.also(self.relationship.iter().skip(1));
        let keys: Vec<String> = self.name.iter().filter_map(full_name).collect();
        looker.look.names.extend(keys);
    }

    fn told_by(&self, _: &Look) -> Option<Self> {
        Some(Self {
            relationship: self.relationship.clone(),
            name: self.name.clone(),
            birth_date: self.birth_date,
            ..Self::default()
        })
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let born = a.record.birth_date.zip(b.record.birth_date);
        if born.is_some_and(|(a, b)| !a.agrees(&b, cx)) {
            return Verdict::Different;
        }
        let named = !a.look.names.is_empty() && !b.look.names.is_empty();
        match (a.shares_name(b), a.concept(b, cx)) {
            (true, Relation::Same) => Verdict::Same(80),
            (true, Relation::Unknown) => Verdict::Same(60),
            // One person may be guardian and next of kin.
            (true, _) => Verdict::Same(50),
            (false, _) if a.shares_identifier(b) && !named => Verdict::Same(70),
            (false, _) if named => Verdict::Different,
            (false, _) => Verdict::Unsure,
        }
    }
}

fields!(RelatedPerson {
    identifier: union,
    active: fill,
    patient: fill,
    relationship: union,
    name: union,
    telecom: union,
    gender: one("gender"),
    birth_date: one("birthDate"),
    address: union,
    photo: union,
    period: fill,
    communication: union,
});
