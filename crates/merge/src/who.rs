//! What the sources themselves say of who is who.

use ehr_link::{Verdict, Verdicts};
use ehr_model::{Chart, Entry, IdentityStatement, Patient, Reference};
use rustc_hash::FxHashMap;

/// A patient entry and its record.
type Registration<'a> = (&'a Entry, &'a Patient);

/// Verdicts that the sources state: links to another record of the same person, replaced or not, and that two registrations are
/// two people, which stands above links that are not known to be later.
pub(crate) fn stated_verdicts(charts: &[Chart], registrations: &[Registration<'_>]) -> Verdicts {
    let mut verdicts = Verdicts::default();
    let known = Register::new(registrations);
    for (entry, patient) in registrations {
        let links = patient.link.iter().filter(|link| link.type_.is_some());
        for other in links.filter_map(|link| link.other.as_ref()) {
            let found = known.found(other).filter(|(theirs, _)| theirs.id != entry.id);
            for (theirs, known) in found {
                if leads_to(other, entry, theirs, known) {
                    verdicts.set(&entry.id.to_string(), &theirs.id.to_string(), Verdict::Same);
                }
            }
        }
    }
    let statements = charts.iter().flat_map(|chart| &chart.identity);
    let standing = IdentityStatement::standing(statements);
    for statement in standing.into_iter().filter(|statement| !statement.is_one_person) {
        let (one, other) = (known.named(&statement.patient), known.named(&statement.other));
        for a in &one {
            // Who has the identifiers of both is neither.
            for b in other.iter().filter(|b| !one.contains(b) && !other.contains(a)) {
                verdicts.set(a, b, Verdict::Different);
            }
        }
    }
    verdicts
}

/// Registrations by what may lead to them.
struct Register<'a>(FxHashMap<&'a str, Vec<Registration<'a>>>);

impl<'a> Register<'a> {
    fn new(registrations: &[Registration<'a>]) -> Self {
        let mut known: FxHashMap<&str, Vec<Registration<'_>>> = FxHashMap::default();
        for (entry, patient) in registrations {
            let identifiers = patient.identifier.iter();
            let numbers = identifiers.filter_map(|identifier| identifier.value.as_deref());
            let own = entry.origin.native_id.as_deref();
            for key in numbers.chain(own).chain([entry.id.key.as_str()]) {
                known.entry(key).or_default().push((*entry, *patient));
            }
        }
        Self(known)
    }

    /// Registrations that a reference may lead to.
    fn found(&self, reference: &Reference) -> impl Iterator<Item = &Registration<'a>> {
        let number = reference
            .identifier
            .as_ref()
            .and_then(|identifier| identifier.value.as_deref());
        let keys = match &reference.target {
            Some(target) => [Some(target.key.as_str()), None],
            None => [number, own_id(reference)],
        };
        let known = keys.into_iter().flatten().filter_map(|key| self.0.get(key));
        known.flatten()
    }

    /// The names in verdicts of the registrations that the references lead to, each once.
    fn named(&self, references: &[Reference]) -> Vec<String> {
        let mut named: Vec<String> = references
            .iter()
            .flat_map(|reference| {
                self.found(reference)
                    .filter(|(entry, patient)| is_of(reference, entry, patient))
            })
            .map(|(entry, _)| entry.id.to_string())
            .collect();
        named.sort();
        named.dedup();
        named
    }
}

/// The id in its own source of the patient that a reference leads to.
fn own_id(reference: &Reference) -> Option<&str> {
    reference.literal.as_deref()?.strip_prefix("Patient/")
}

/// Whether a reference leads to a registration by its entry or by an identifier.
fn is_of(reference: &Reference, to: &Entry, patient: &Patient) -> bool {
    if let Some(target) = &reference.target {
        return *target == to.id;
    }
    let wanted = reference.identifier.as_ref();
    wanted.is_some_and(|wanted| patient.identifier.iter().any(|id| id.is_same_as(wanted)))
}

/// Whether a reference of `from` leads to a registration: by entry, by identifier, or by the source's own id.
fn leads_to(reference: &Reference, from: &Entry, to: &Entry, patient: &Patient) -> bool {
    let is_named = from.origin.source == to.origin.source
        && own_id(reference).is_some_and(|id| to.origin.native_id.as_deref() == Some(id));
    is_of(reference, to, patient) || reference.target.is_none() && is_named
}
