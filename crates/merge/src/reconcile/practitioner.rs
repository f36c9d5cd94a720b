//! Practitioners: one NPI or other identifier, else one full name.

use ehr_model::Practitioner;
use ehr_types::{CodeSystem, HumanName, Identifier};

use super::{Facts, Look, Looker, OneSource, Rule};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::project::fields;
use crate::wording::words;

impl Rule for Practitioner {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        let keys: Vec<String> = self.name.iter().filter_map(full_name).collect();
        looker.look.names.extend(keys);
    }

    fn told_by(&self, _: &Look) -> Option<Self> {
        Some(Self {
            name: self.name.clone(),
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

/// The identifier in the register of providers of the United States.
pub(super) fn npi_of(identifiers: &[Identifier]) -> Option<&Identifier> {
    identifiers
        .iter()
        .find(|id| id.canonical_system() == Some(CodeSystem::US_NPI.uri))
}

/// Whether two providers have one number in that register; `None` where one has none.
pub(super) fn same_npi(a: &[Identifier], b: &[Identifier]) -> Option<bool> {
    Some(npi(a)? == npi(b)?)
}

fn npi(identifiers: &[Identifier]) -> Option<&str> {
    npi_of(identifiers)?
        .value
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
