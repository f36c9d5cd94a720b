//! What the sources themselves say of who is who.

use ehr_link::{Comparator, Comparison, Config, Explanation, Record as LinkRecord, Verdict, Verdicts};
use ehr_model::{Chart, Entry, EntryId, IdentityStatement, Patient, Reference};
use rustc_hash::FxHashMap;

/// A patient entry and its record.
type Registration<'a> = (&'a Entry, &'a Patient);

/// What the sources state.
#[derive(Default)]
pub(crate) struct StatedIdentity {
    pub(crate) verdicts: Verdicts,
    /// Registrations, by place, of which a source says that they are one person, although they do not look so or it does not link them;
    /// and how they compare.
    pub(crate) doubted: Vec<(usize, usize, Explanation)>,
}

/// What the sources state: links to another record of the same person, replaced or not, unless it looks like another person's; and
/// that two registrations are two people, which stands above links that are not known to be later. `records` are those of the
/// registrations.
pub(crate) fn stated_identity(
    charts: &[Chart],
    registrations: &[Registration<'_>],
    records: &[LinkRecord],
    config: &Config,
) -> StatedIdentity {
    let mut stated = StatedIdentity::default();
    let known = Register::new(registrations);
    let comparator = Comparator::new(config);
    let places: FxHashMap<&EntryId, usize> = registrations
        .iter()
        .enumerate()
        .map(|(place, (entry, _))| (&entry.id, place))
        .collect();
    let explain = |a: usize, b: usize| {
        let pair = records.get(a).zip(records.get(b));
        pair.map(|(a, b)| comparator.compare(a, b).1)
    };
    for (place, (entry, patient)) in registrations.iter().enumerate() {
        let links = patient.link.iter().filter(|link| link.type_.is_some());
        for other in links.filter_map(|link| link.other.as_ref()) {
            let found = known.found(other).filter(|(theirs, _)| theirs.id != entry.id);
            for (theirs, _) in found.filter(|(theirs, known)| leads_to(other, entry, theirs, known)) {
                let there = places.get(&theirs.id).copied().unwrap_or(place);
                match explain(place, there).filter(look_like_two) {
                    Some(why_not) => stated.doubted.push((place, there, why_not)),
                    None => {
                        stated
                            .verdicts
                            .set(&entry.id.to_string(), &theirs.id.to_string(), Verdict::Same);
                    }
                }
            }
        }
    }
    let statements = charts.iter().flat_map(|chart| &chart.identity);
    for statement in IdentityStatement::standing(statements) {
        let (one, other) = (known.named(&statement.patient), known.named(&statement.other));
        for a in &one {
            // Who has the identifiers of both is neither.
            for b in other.iter().filter(|b| !one.contains(b) && !other.contains(a)) {
                let names = (a.to_string(), b.to_string());
                if !statement.is_one_person {
                    stated.verdicts.set(&names.0, &names.1, Verdict::Different);
                } else if stated.verdicts.get(&names.0, &names.1).is_none() {
                    // A source that says so and does not link them has its doubts, too.
                    let there = places.get(a).copied().zip(places.get(b).copied());
                    stated
                        .doubted
                        .extend(there.and_then(|(a, b)| Some((a, b, explain(a, b)?))));
                }
            }
        }
    }
    stated
}

/// Levels of a comparison on which two records differ, and not by a slip of the pen.
const GIVEN_DIFFERS: &[&str] = &[
    "different",
    "different, one of them no usual name",
    "near but another name",
];
const BIRTH_DIFFERS: &[&str] = &[
    "different",
    "a generation apart",
    "same year",
    "same year and month",
];
const SEX_DIFFERS: &[&str] = &["different"];

/// Whether two records differ in two of given name, birth date and sex: a link of them is a slip, more likely than not.
fn look_like_two(explanation: &Explanation) -> bool {
    let differs = |comparison: Comparison, levels: &[&str]| {
        let mut terms = explanation.terms.iter();
        terms.any(|term| term.comparison == comparison && levels.contains(&term.level_name()))
    };
    let signs = [
        differs(Comparison::GivenName, GIVEN_DIFFERS),
        differs(Comparison::BirthDate, BIRTH_DIFFERS),
        differs(Comparison::Sex, SEX_DIFFERS),
    ];
    signs.iter().filter(|differs| **differs).count() > 1
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

    /// The patient entries that the references lead to, each once.
    fn named(&self, references: &[Reference]) -> Vec<&'a EntryId> {
        let mut named: Vec<&EntryId> = references
            .iter()
            .flat_map(|reference| {
                self.found(reference)
                    .filter(|(entry, patient)| is_of(reference, entry, patient))
            })
            .map(|(entry, _)| &entry.id)
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
