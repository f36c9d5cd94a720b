//! Practitioners: one NPI or other identifier, else one full name.

use ehr_model::Practitioner;
use ehr_types::{CodeSystem, HumanName};

use super::{Facts, Looker, Rule};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::project::fields;
use crate::wording::words;

impl Rule for Practitioner {
    const REACH: Option<i64> = None;

    fn look(&self, looker: &mut Looker<'_>) {
        let keys: Vec<String> = self.name.iter().filter_map(full_name).collect();
        looker.look.names.extend(keys);
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, _: &Context<'_>) -> Verdict {
        match npi(a.record).zip(npi(b.record)).map(|(a, b)| a == b) {
            Some(true) => return Verdict::Same(100),
            Some(false) => return Verdict::Different,
            None => {}
        }
        let named = !a.look.names.is_empty() && !b.look.names.is_empty();
        match (a.shares_identifier(b), a.shares_name(b), named) {
            (true, true, _) | (true, _, false) => Verdict::Same(90),
            // An identifier that names two people is misused.
            (true, false, true) => Verdict::Unsure,
            (false, true, _) => Verdict::Same(60),
            (false, false, true) => Verdict::Different,
            (false, false, false) => Verdict::Unsure,
        }
    }
}

fn npi(practitioner: &Practitioner) -> Option<&str> {
    let id = practitioner
        .identifier
        .iter()
        .find(|id| id.canonical_system() == Some(CodeSystem::US_NPI.uri))?;
    id.value
        .as_deref()
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

/// Given and family name in one spelling; `None` without both, because one alone names many people.
pub(super) fn full_name(name: &HumanName) -> Option<String> {
    let family = words(name.family.as_deref()?);
    let given = words(name.given.first()?);
    (!family.is_empty() && given.chars().count() > 1).then(|| format!("{given}\u{1}{family}"))
}

fields!(Practitioner {
    identifier: union,
    active: fill,
    name: union,
    telecom: union,
    address: union,
    gender: one("gender"),
    birth_date: one("birthDate"),
    photo: union,
    qualification: union,
    communication: union,
});
