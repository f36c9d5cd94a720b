//! How frequent names and birth dates are, as far as that is known before any record is seen.

use crate::normalize::Date;

/// Shares in thousandths of common given names, in ascending order: of the population of the United States, by its
/// public counts rounded, or of the communities in which the name is common.
#[rustfmt::skip]
const GIVEN: &[(&str, f64)] = &[
    ("abdul", 2.0), ("abdullah", 2.0), ("adam", 1.3), ("ahmed", 4.0), ("aisha", 2.0), ("albert", 1.6),
    ("alexander", 1.2), ("ali", 4.0), ("alice", 1.8), ("amanda", 2.0), ("amina", 1.5), ("amy", 2.3),
    ("ana", 1.5), ("andrea", 1.2), ("andrew", 2.7), ("angela", 2.3), ("ann", 1.8), ("anna", 2.2),
    ("anthony", 3.6), ("antonio", 1.2), ("arthur", 1.7), ("ashley", 1.5), ("barbara", 4.9), ("benjamin", 1.3),
    ("betty", 3.3), ("beverly", 1.3), ("brandon", 1.3), ("brenda", 2.3), ("brian", 3.7), ("bruce", 1.3),
    ("carl", 1.7), ("carlos", 1.2), ("carmen", 1.2), ("carol", 2.8), ("carolyn", 1.9), ("catherine", 1.9),
    ("charles", 7.6), ("cheryl", 1.6), ("christina", 1.4), ("christine", 1.9), ("christopher", 5.2),
    ("cynthia", 2.3), ("daniel", 4.9), ("david", 11.8), ("deborah", 2.5), ("debra", 2.1), ("denise", 1.3),
    ("dennis", 2.1), ("diane", 1.8), ("donald", 4.7), ("donna", 2.9), ("doris", 1.7), ("dorothy", 3.6),
    ("douglas", 1.8), ("edward", 3.9), ("elizabeth", 4.7), ("emily", 1.2), ("emma", 1.0), ("eric", 2.7),
    ("ethan", 1.0), ("evelyn", 1.6), ("fatima", 4.0), ("frances", 1.9), ("francisco", 1.2), ("frank", 2.9),
    ("gary", 3.3), ("george", 4.6), ("gerald", 1.5), ("gloria", 1.7), ("gregory", 2.2), ("guadalupe", 1.0),
    ("harold", 1.9), ("harpreet", 1.0), ("harry", 1.3), ("hassan", 2.0), ("heather", 1.7), ("helen", 3.3),
    ("henry", 1.8), ("hong", 1.5), ("hussein", 2.0), ("ibrahim", 2.0), ("irene", 1.3), ("jack", 1.6),
    ("jacob", 1.5), ("james", 16.6), ("jane", 1.3), ("janet", 1.9), ("janice", 1.5), ("jason", 3.3),
    ("jean", 1.6), ("jeffrey", 3.0), ("jennifer", 4.7), ("jerry", 2.2), ("jessica", 2.5), ("jesus", 1.6),
    ("joan", 1.5), ("john", 16.4), ("jonathan", 1.6), ("jose", 3.1), ("joseph", 7.0), ("joshua", 2.2),
    ("joyce", 1.8), ("juan", 1.6), ("judith", 1.5), ("judy", 1.4), ("julie", 1.7), ("justin", 1.6),
    ("karen", 3.3), ("katherine", 1.6), ("kathleen", 2.1), ("keith", 1.5), ("kelly", 1.4), ("kenneth", 4.1),
    ("kevin", 3.4), ("khadija", 1.5), ("kimberly", 2.5), ("larry", 3.0), ("laura", 2.6), ("lawrence", 1.4),
    ("linda", 5.2), ("lisa", 3.5), ("lori", 1.2), ("luis", 1.1), ("manuel", 1.0), ("margaret", 3.8),
    ("maria", 4.1), ("marie", 1.9), ("marilyn", 1.2), ("mark", 4.7), ("martha", 2.1), ("mary", 13.1),
    ("matthew", 3.3), ("melissa", 2.3), ("michael", 13.1), ("michelle", 2.6), ("miguel", 1.0), ("ming", 1.5),
    ("minh", 2.0), ("mohamed", 10.0), ("mohammad", 8.0), ("mohammed", 10.0), ("muhammad", 10.0),
    ("nancy", 3.3), ("nicholas", 1.4), ("nicole", 1.4), ("noah", 1.0), ("olivia", 1.0), ("omar", 2.0),
    ("pamela", 2.1), ("patricia", 5.4), ("patrick", 2.0), ("paul", 4.7), ("peter", 1.9), ("rachel", 1.2),
    ("raj", 1.0), ("ralph", 1.4), ("raymond", 2.4), ("rebecca", 2.2), ("richard", 8.5), ("robert", 15.7),
    ("roger", 1.6), ("ronald", 3.6), ("rosa", 1.2), ("rose", 1.5), ("roy", 1.4), ("ruth", 2.8), ("ryan", 1.6),
    ("samuel", 1.5), ("sandra", 3.1), ("sarah", 2.5), ("scott", 2.7), ("sharon", 2.6), ("shirley", 2.4),
    ("sophia", 1.0), ("stephanie", 2.0), ("stephen", 2.7), ("steven", 3.9), ("susan", 4.0), ("tammy", 1.3),
    ("teresa", 1.7), ("terry", 1.5), ("theresa", 1.3), ("thi", 4.0), ("thomas", 6.9), ("timothy", 3.2),
    ("tyler", 1.0), ("van", 2.0), ("virginia", 2.2), ("walter", 2.0), ("wei", 3.0), ("william", 12.3),
    ("yan", 1.5),
];

/// The same of family names.
#[rustfmt::skip]
const FAMILY: &[(&str, f64)] = &[
    ("abdi", 2.0), ("adams", 1.5), ("ahmed", 3.0), ("ali", 4.0), ("allen", 1.6), ("alvarez", 0.8),
    ("anderson", 2.7), ("bailey", 0.9), ("baker", 1.4), ("begum", 2.0), ("bennett", 0.8), ("brooks", 0.9),
    ("brown", 4.9), ("campbell", 1.3), ("carter", 1.3), ("castillo", 0.8), ("chavez", 0.9), ("chen", 3.0),
    ("choi", 1.0), ("clark", 1.9), ("collins", 1.1), ("cook", 1.0), ("cooper", 1.0), ("cox", 0.9),
    ("cruz", 1.1), ("davis", 3.8), ("diaz", 1.2), ("edwards", 1.1), ("evans", 1.2), ("flores", 1.5),
    ("foster", 0.8), ("garcia", 4.0), ("gomez", 1.2), ("gonzalez", 2.9), ("gray", 0.8), ("green", 1.5),
    ("gutierrez", 1.0), ("hall", 1.4), ("harris", 2.1), ("hassan", 2.0), ("hernandez", 3.5), ("hill", 1.5),
    ("howard", 0.9), ("huang", 1.5), ("hughes", 0.8), ("hussain", 2.0), ("hussein", 2.0), ("ibrahim", 2.0),
    ("islam", 2.0), ("jackson", 2.4), ("james", 0.8), ("jimenez", 0.8), ("johnson", 6.6), ("jones", 4.8),
    ("kaur", 5.0), ("kelly", 0.9), ("khan", 4.0), ("kim", 1.5), ("king", 1.6), ("kumar", 3.0), ("le", 1.5),
    ("lee", 2.4), ("lewis", 1.8), ("li", 4.0), ("liu", 3.0), ("long", 0.8), ("lopez", 3.0), ("martin", 2.4),
    ("martinez", 3.6), ("mendoza", 0.8), ("miller", 3.9), ("mitchell", 1.3), ("mohamed", 3.0),
    ("mohammed", 3.0), ("moore", 2.5), ("morales", 1.1), ("morgan", 1.0), ("morris", 1.1), ("muller", 1.0),
    ("murphy", 1.0), ("myers", 0.8), ("nelson", 1.4), ("nguyen", 1.5), ("ortiz", 1.0), ("osman", 1.0),
    ("park", 1.0), ("parker", 1.1), ("patel", 2.0), ("perez", 2.3), ("peterson", 1.0), ("pham", 1.5),
    ("phillips", 1.2), ("price", 0.8), ("rahman", 2.0), ("ramirez", 1.9), ("ramos", 0.9), ("reed", 0.9),
    ("reyes", 1.1), ("richardson", 0.9), ("rivera", 1.3), ("roberts", 1.3), ("robinson", 1.8),
    ("rodriguez", 3.7), ("rogers", 1.0), ("ross", 0.8), ("ruiz", 0.8), ("sanchez", 2.1), ("sanders", 0.8),
    ("santos", 2.0), ("schmidt", 1.0), ("scott", 1.5), ("shah", 1.0), ("sharma", 1.5), ("silva", 2.0),
    ("singh", 5.0), ("smith", 8.3), ("stewart", 1.1), ("taylor", 2.6), ("thomas", 2.6), ("thompson", 2.3),
    ("torres", 1.5), ("tran", 2.0), ("turner", 1.2), ("walker", 1.8), ("wang", 4.0), ("ward", 0.9),
    ("watson", 0.9), ("white", 2.2), ("williams", 5.5), ("wilson", 2.7), ("wood", 0.9), ("wright", 1.6),
    ("wu", 1.5), ("yang", 2.0), ("young", 1.6), ("zhang", 4.0),
];

/// Share of a given name, of a family name, that is not listed.
pub(crate) const GIVEN_UNLISTED: f64 = 0.0003;
pub(crate) const FAMILY_UNLISTED: f64 = 0.0001;
/// Share of a day among birth dates.
pub(crate) const DAY: f64 = 1.0 / 25_000.0;
/// Share of a year.
pub(crate) const YEAR: f64 = 1.0 / 70.0;
/// How much more often than another day the first of January is written for a birth date.
pub(crate) const FIRST_OF_JANUARY: f64 = 12.0;

/// Share of people who bear a folded given name.
pub(crate) fn given_share(name: &str) -> f64 {
    listed(GIVEN, name).unwrap_or(GIVEN_UNLISTED)
}

/// Share of people who bear a folded family name.
pub(crate) fn family_share(name: &str) -> f64 {
    listed(FAMILY, name).unwrap_or(FAMILY_UNLISTED)
}

/// Whether a birth date is the one that is written where only the year is known.
pub(crate) fn is_first_of_january(date: Date) -> bool {
    (date.month(), date.day()) == (1, 1)
}

/// Share of a complete birth date among those that are written.
pub(crate) fn birth_share(date: Date) -> f64 {
    if is_first_of_january(date) {
        FIRST_OF_JANUARY * DAY
    } else {
        DAY
    }
}

/// The listed names, given and family names, some of them twice.
pub(crate) fn common_names() -> impl Iterator<Item = &'static str> {
    GIVEN.iter().chain(FAMILY).map(|(name, _)| *name)
}

fn listed(list: &[(&str, f64)], name: &str) -> Option<f64> {
    let at = list.binary_search_by(|(listed, _)| (*listed).cmp(name)).ok()?;
    list.get(at).map(|(_, thousandths)| thousandths / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_names_are_found() {
        for list in [GIVEN, FAMILY] {
            assert!(list.is_sorted_by(|a, b| a.0 < b.0));
        }
        assert!(given_share("mary") > given_share("anna"));
        assert!(family_share("smith") > family_share("zywicki"));
    }
}
