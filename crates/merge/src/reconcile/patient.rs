//! The person: all charts of one person state one patient. What they disagree on is shown.

use ehr_model::{Communication, Patient};
use ehr_types::{Address, CodeSystem, ContactPoint, HumanName, Identifier, Period};

use super::{Facts, Looker, OneSource, Rule};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::desk::{Desk, Lists};
use crate::project::fields;
use crate::stated::{Shown, Stated, label, listed};
use crate::wording::{folded, letters, words};

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

/// All numbers to call.
fn telecoms(voices: &[&Patient], desk: &mut Desk<'_>) -> Vec<ContactPoint> {
    in_use(
        "telecom",
        &|at| voices.get(at).map_or(&[], |voice| &voice.telecom),
        |contact| ended(contact.use_.as_deref(), contact.period.as_ref()),
        desk,
    )
}

/// All addresses.
fn addresses(voices: &[&Patient], desk: &mut Desk<'_>) -> Vec<Address> {
    in_use(
        "address",
        &|at| voices.get(at).map_or(&[], |voice| &voice.address),
        |address| ended(address.use_.as_deref(), address.period.as_ref()),
        desk,
    )
}

/// All values of a list; one that a source lists and another says to have ended is a conflict.
fn in_use<T: Shown>(
    path: &str,
    lists: Lists<'_, '_, T>,
    ended: fn(&T) -> Option<String>,
    desk: &mut Desk<'_>,
) -> Vec<T> {
    desk.within(path, lists, &|a, b, cx| {
        let words = |value: &T| listed([value.show(), ended(value).unwrap_or_default()]);
        let differ = ended(a).is_some() != ended(b).is_some() && a.agrees(b, cx);
        differ.then(|| (words(a), words(b)))
    });
    desk.union(lists)
}

/// That something is no longer used, in words.
fn ended(use_: Option<&str>, period: Option<&Period>) -> Option<String> {
    match period.and_then(|period| period.end) {
        Some(end) => Some(format!("until {}", end.show())),
        None => (use_ == Some("old")).then(|| "no longer".to_owned()),
    }
}

/// All languages; two that are each preferred are a conflict.
fn languages(voices: &[&Patient], desk: &mut Desk<'_>) -> Vec<Communication> {
    let lists: Lists<'_, '_, Communication> = &|at| voices.get(at).map_or(&[], |voice| &voice.communication);
    desk.within("communication.preferred", lists, &|a, b, cx| {
        let are_preferred = a.preferred == Some(true) && b.preferred == Some(true);
        let words = |one: &Communication| label(one.language.as_ref());
        let languages = language(a).zip(language(b)).filter(|_| !a.agrees(b, cx));
        let differ = are_preferred && languages.is_some_and(|(a, b)| a != b);
        differ.then(|| (words(a), words(b)))
    });
    desk.union(lists)
}

/// The language that is meant: the code of ISO 639-1 where there is one, whatever region, longer code or English name stands there.
fn language(of: &Communication) -> Option<String> {
    /// ISO 639-1, ISO 639-2 (bibliographic and terminological), name in English.
    const LANGUAGES: &[[&str; 4]] = &[
        ["ar", "ara", "ara", "arabic"],
        ["de", "ger", "deu", "german"],
        ["en", "eng", "eng", "english"],
        ["es", "spa", "spa", "spanish"],
        ["fa", "per", "fas", "persian"],
        ["fr", "fre", "fra", "french"],
        ["hi", "hin", "hin", "hindi"],
        ["ht", "hat", "hat", "haitian"],
        ["it", "ita", "ita", "italian"],
        ["ja", "jpn", "jpn", "japanese"],
        ["ko", "kor", "kor", "korean"],
        ["nl", "dut", "nld", "dutch"],
        ["pl", "pol", "pol", "polish"],
        ["pt", "por", "por", "portuguese"],
        ["ru", "rus", "rus", "russian"],
        ["so", "som", "som", "somali"],
        ["tl", "tgl", "tgl", "tagalog"],
        ["uk", "ukr", "ukr", "ukrainian"],
        ["ur", "urd", "urd", "urdu"],
        ["vi", "vie", "vie", "vietnamese"],
        ["zh", "chi", "zho", "chinese"],
    ];
    let concept = of.language.as_ref()?;
    let coded = concept.codings.iter().find_map(|coding| coding.code.as_deref());
    let said = words(coded.or_else(|| concept.label())?);
    let said = said.split(' ').next().filter(|said| !said.is_empty())?;
    let known = LANGUAGES.iter().find(|names| names.contains(&said));
    Some(known.map_or(said, |[code, ..]| code).to_owned())
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
    active: one("active"),
    name: with(names),
    telecom: with(telecoms),
    gender: one("gender"),
    birth_date: one("birthDate"),
    birth_time: one("birthTime"),
    birth_place: one("birthPlace"),
    deceased: one("deceased[x]"),
    address: with(addresses),
    marital_status: one("maritalStatus"),
    multiple_birth: one("multipleBirth[x]"),
    photo: union,
    contact: union,
    communication: with(languages),
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
