//! The person: all charts of one person state one patient. What they disagree on is shown.

use ehr_model::Patient;
use ehr_types::{CodeSystem, HumanName, Identifier};

use super::{Facts, Looker, OneSource, Rule};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::desk::{Desk, Lists};
use crate::project::fields;
use crate::stated::{Shown, Stated};
use crate::wording::{folded, letters};

/// The word under which the patients of all charts meet.
const PERSON: &str = "\u{1}person";

impl Rule for Patient {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.look.names.push(PERSON.to_owned());
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        // Which chart's patient is this person was decided before. A second patient inside one chart is someone else,
        // unless an identifier says otherwise.
        let subject = |facts: &Facts<'_, Self>| cx.subjects.contains(&facts.entry.id);
        match (subject(a), subject(b)) {
            (true, true) => Verdict::Same(100),
            _ if a.shares_identifier(b) => Verdict::Same(50),
            _ => Verdict::Different,
        }
    }
}

/// All identifiers; two social security numbers of one person are a conflict.
fn identifiers(voices: &[&Patient], desk: &mut Desk<'_>) -> Vec<Identifier> {
    let lists: Lists<'_, '_, Identifier> = &|at| voices.get(at).map_or(&[], |voice| &voice.identifier);
    desk.within("identifier", lists, &|a, b, _| {
        let is_ssn = |id: &Identifier| id.canonical_system() == Some(CodeSystem::US_SSN.uri);
        let value = |id: &Identifier| letters(id.value.as_deref().unwrap_or_default());
        let differ = is_ssn(a) && is_ssn(b) && value(a) != value(b);
        differ.then(|| (a.show(), b.show()))
    });
    desk.union(lists)
}

/// All names, and a conflict where the current ones are not forms of one name.
fn names(voices: &[&Patient], desk: &mut Desk<'_>) -> Vec<HumanName> {
    let mut sides: Vec<(&HumanName, Vec<usize>)> = Vec::new();
    for (index, patient) in voices.iter().enumerate() {
        let Some(name) = patient
            .name
            .iter()
            .find(|name| is_current(name) && !name.is_blank())
        else {
            continue;
        };
        match sides
            .iter_mut()
            .find(|(known, _)| are_variants(known, name, voices))
        {
            Some((_, side)) => side.push(index),
            None => sides.push((name, vec![index])),
        }
    }
    let sides = sides.into_iter().map(|(name, side)| (name.show(), side));
    desk.conflict("name", sides.collect());
    desk.union(&|at| voices.get(at).map_or(&[], |patient| &patient.name))
}

fn is_current(name: &HumanName) -> bool {
    !matches!(
        name.use_.as_deref(),
        Some("old" | "maiden" | "nickname" | "temp" | "anonymous")
    )
}

/// Whether two names are forms of one: initials, missing or further given names, hyphens, and family names of which some
/// chart says that the person bore both.
fn are_variants(a: &HumanName, b: &HumanName, voices: &[&Patient]) -> bool {
    let given = |name: &HumanName| -> Vec<String> { name.given.iter().map(|part| folded(part)).collect() };
    let family = |name: &HumanName| name.family.as_deref().map(folded).unwrap_or_default();
    let one_given = match (given(a).first(), given(b).first()) {
        (Some(x), Some(y)) => {
            x.starts_with(y.as_str())
                || y.starts_with(x.as_str())
                || given(a).contains(y)
                || given(b).contains(x)
                || voices.iter().any(|patient| {
                    let all: Vec<String> = patient.name.iter().flat_map(given).collect();
                    all.contains(x) && all.contains(y)
                })
        }
        _ => true,
    };
    let (x, y) = (family(a), family(b));
    let part_of = |short: &str, long: &str| long.split(' ').any(|part| part == short);
    let one_family = x.is_empty()
        || y.is_empty()
        || x == y
        || part_of(&x, &y)
        || part_of(&y, &x)
        || voices.iter().any(|patient| {
            let all: Vec<String> = patient.name.iter().map(family).collect();
            all.contains(&x) && all.contains(&y)
        });
    one_given && one_family
}

fields!(Patient {
    identifier: with(identifiers),
    active: fill,
    name: with(names),
    telecom: union,
    gender: one("gender"),
    birth_date: one("birthDate"),
    birth_time: one("birthTime"),
    birth_place: one("birthPlace"),
    deceased: one("deceased[x]"),
    address: union,
    marital_status: one("maritalStatus"),
    multiple_birth: one("multipleBirth[x]"),
    photo: union,
    contact: union,
    communication: union,
    general_practitioner: union,
    managing_organization: fill,
    link: union,
    race: union,
    ethnicity: union,
    birth_sex: one("birthsex"),
    gender_identity: union,
    pronouns: union,
    religion: one("religion"),
    tribal_affiliation: union,
    citizenship: union,
    mothers_maiden_name: one("mothersMaidenName"),
});
