//! Decisions about pairs, from their probability where a population was learnt from, and by the
//! practice of careful registrars where there are too few records for that.

use crate::comparison::level::{
    self, address, birth, code, email, family, given, identifier, kin, middle, number, phone, suffix,
};
use crate::comparison::{Comparison, Pattern};
use crate::rule::Rule;
use crate::score::Decision;

/// How much the decision may rest on the learnt probabilities.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Footing {
    /// Two records and no population: a link needs the same name and birth date and something else
    /// that agrees.
    Pair,
    /// A handful of records: name and birth date are enough where the name is not common, unless something contradicts.
    Few,
    /// Enough records to learn from.
    Many,
}

/// Records from which on the probabilities decide.
const MANY: usize = 500;

impl Footing {
    pub(crate) fn of(records: usize) -> Self {
        if records < MANY { Self::Few } else { Self::Many }
    }
}

/// What agrees and what contradicts beside name, sex and birth date.
struct Context {
    supports: u32,
    contradicts: u32,
    /// A number that hardly two people share.
    unique: bool,
}

impl Context {
    fn of(pattern: Pattern) -> Self {
        let count = |table: &[(Comparison, &[usize])]| -> u32 {
            let hits = table
                .iter()
                .filter(|(comparison, levels)| levels.contains(&pattern.level(*comparison)));
            hits.count() as u32
        };
        Self {
            supports: count(SUPPORTS),
            contradicts: count(CONTRADICTS),
            unique: is_claimed(pattern),
        }
    }
}

const SUPPORTS: &[(Comparison, &[usize])] = &[
    (
        Comparison::Address,
        &[
            address::SAME,
            address::SAME_LINE_ELSEWHERE,
            address::SIMILAR_LINE,
            address::SIMILAR_LINE_ELSEWHERE,
        ],
    ),
    (Comparison::Phone, &[phone::SAME, phone::TYPO]),
    (
        Comparison::SocialSecurity,
        &[number::SAME, number::TYPO, number::SAME_LAST_FOUR],
    ),
    (Comparison::Email, &[email::SAME]),
    (Comparison::Guardian, &[kin::SAME]),
    (Comparison::MothersMaidenName, &[kin::SAME]),
    (Comparison::Identifier, &[identifier::SAME]),
    (Comparison::MiddleName, &[middle::SAME]),
];
const CONTRADICTS: &[(Comparison, &[usize])] = &[
    (
        Comparison::SocialSecurity,
        &[number::DIFFERENT, number::DIFFERENT_LAST_FOUR],
    ),
    (Comparison::Guardian, &[kin::DIFFERENT]),
    (Comparison::MothersMaidenName, &[kin::DIFFERENT]),
    (Comparison::MiddleName, &[middle::DIFFERENT]),
    (Comparison::Suffix, &[suffix::DIFFERENT]),
    (Comparison::Identifier, &[identifier::DIFFERENT]),
];

/// The decision on a pair and the rule behind it.
pub(crate) fn decide(
    footing: Footing,
    pattern: Pattern,
    probability: f64,
    rule: Option<Rule>,
    threshold: f64,
    floor: f64,
) -> (Decision, Option<Rule>) {
    match rule {
        Some(Rule::VerdictSame | Rule::SameIdentifier) => return (Decision::Match, rule),
        Some(rule) if rule.forbids() => return (Decision::NoMatch, Some(rule)),
        Some(Rule::IdentifierContradicted) => return (Decision::Review, rule),
        _ => {}
    }
    let (decision, rule) = if footing == Footing::Many {
        let decision = match rule {
            None if probability >= threshold => Decision::Match,
            _ if probability >= floor => Decision::Review,
            _ => Decision::NoMatch,
        };
        (decision, rule)
    } else {
        by_practice(footing, pattern, probability, rule, floor)
    };
    match decision {
        // Single pairs may come from anywhere, and so may a number that one desk made up.
        Decision::NoMatch if footing != Footing::Pair && is_claimed(pattern) => {
            (Decision::Review, Some(Rule::IdentifierContradicted))
        }
        _ => (decision, rule),
    }
}

/// Whether a number that hardly two people share is the same, which asks for a reviewer whatever else there is.
pub(crate) fn is_claimed(pattern: Pattern) -> bool {
    pattern.level(Comparison::SocialSecurity) == number::SAME
        || pattern.level(Comparison::Identifier) == identifier::SAME
}

/// Whether a number of one person agrees, or nearly so.
pub(crate) fn is_numbered(pattern: Pattern) -> bool {
    matches!(
        pattern.level(Comparison::SocialSecurity),
        number::SAME | number::TYPO | number::SAME_LAST_FOUR | number::TWO_TYPOS
    ) || pattern.level(Comparison::Identifier) == identifier::SAME
}

/// Whether a pair lacks what a link of two records among many needs, however probable it looks: among families, a given
/// or middle name or a number that agrees, or other given names with one birth date, for all else is a household's, and
/// without given names to tell them the birth date is twins'; and something beside a birth date alone, or beside names
/// whose birth dates are a generation apart.
pub(crate) fn uncorroborated(pattern: Pattern, families: bool) -> bool {
    let at = |comparison| pattern.level(comparison);
    let named = matches!(
        at(Comparison::GivenName),
        given::SAME
            | given::NICKNAME
            | given::INITIAL
            | given::TYPO
            | given::SIMILAR
            | given::OTHER_PART
            | given::SWAPPED
    ) || at(Comparison::MiddleName) == middle::SAME;
    let born = (birth::SAME..=birth::PARTIAL).contains(&at(Comparison::BirthDate));
    let told = born && at(Comparison::GivenName) != level::MISSING;
    if families && !named && !told && !is_numbered(pattern) {
        return true;
    }
    let nameless =
        at(Comparison::GivenName) == level::MISSING && at(Comparison::FamilyName) == level::MISSING;
    let generation_apart = at(Comparison::BirthDate) == birth::GENERATION_APART;
    let hints = at(Comparison::Address) == address::SAME_NUMBER
        || at(Comparison::SocialSecurity) == number::TWO_TYPOS;
    (nameless || generation_apart) && !hints && Context::of(pattern).supports == 0
}

/// Whether a pair may be two people of one family who are named alike: twins by another form of the name, both in full,
/// by another middle name, or by names of which one record has the initial alone; father and son by another suffix,
/// where the birth date of one was written for the other. What else they share is their household's; only a number of
/// one person tells.
pub(crate) fn may_be_relatives(pattern: Pattern) -> bool {
    let at = |comparison| pattern.level(comparison);
    let alike = match at(Comparison::GivenName) {
        _ if at(Comparison::Suffix) == suffix::DIFFERENT => true,
        given::OTHER_FORM => true,
        given::INITIAL => at(Comparison::MiddleName) != middle::SAME,
        given::SAME | given::NICKNAME | given::TYPO => at(Comparison::MiddleName) == middle::DIFFERENT,
        _ => false,
    };
    let born = (birth::SAME..=birth::PARTIAL).contains(&at(Comparison::BirthDate));
    alike && born && !is_numbered(pattern)
}

/// Whether two records share a full name and a birth date, and nothing else that names a person or a household.
pub(crate) fn is_name_and_birth_alone(pattern: Pattern) -> bool {
    let middle = u32::from(pattern.level(Comparison::MiddleName) == middle::SAME);
    is_full_name_and_birth(pattern) && Context::of(pattern).supports == middle
}

fn is_full_name_and_birth(pattern: Pattern) -> bool {
    matches!(
        pattern.level(Comparison::GivenName),
        given::SAME | given::NICKNAME
    ) && pattern.level(Comparison::FamilyName) == family::SAME
        && pattern.level(Comparison::BirthDate) == birth::SAME
}

fn by_practice(
    footing: Footing,
    pattern: Pattern,
    probability: f64,
    rule: Option<Rule>,
    floor: f64,
) -> (Decision, Option<Rule>) {
    let given = pattern.level(Comparison::GivenName);
    let family = pattern.level(Comparison::FamilyName);
    let birth = pattern.level(Comparison::BirthDate);
    let sex_differs = pattern.level(Comparison::Sex) == code::DIFFERENT;
    let context = Context::of(pattern);
    if is_full_name_and_birth(pattern) && !sex_differs {
        let enough = match footing {
            Footing::Pair => {
                context.supports > 0 && context.supports >= context.contradicts && probability >= 0.5
            }
            _ => context.contradicts == 0 || context.supports > context.contradicts,
        };
        return match rule {
            None if enough => (Decision::Match, None),
            None => (Decision::Review, Some(Rule::Uncorroborated)),
            _ => (Decision::Review, rule),
        };
    }
    // Another name: two people, unless a number says otherwise.
    if matches!(given, given::DIFFERENT | given::DIFFERENT_UNUSUAL) || family == family::DIFFERENT {
        let review = if footing == Footing::Pair {
            context.unique && probability >= 0.5
        } else {
            probability >= floor && (context.unique || (birth == birth::SAME && context.supports > 0))
        };
        return if review {
            (Decision::Review, rule)
        } else {
            (Decision::NoMatch, rule)
        };
    }
    // One part is not quite the same. A few records may still show that it is an error of writing.
    let named = matches!(given, given::SAME | given::NICKNAME);
    let swapped = given == given::SWAPPED;
    let slips = u32::from(!named)
        + u32::from(family != family::SAME && !swapped)
        + u32::from(birth != birth::SAME)
        + u32::from(sex_differs);
    let slight = (named || swapped || matches!(given, given::INITIAL | given::TYPO | given::OTHER_FORM))
        && (matches!(family, family::SAME | family::PART | family::TYPO) || swapped)
        && (birth::SAME..=birth::DEFAULTED).contains(&birth)
        && slips == 1;
    let supported = context.contradicts == 0
        && (context.unique
            || (context.supports > 0
                && (named || swapped || given == given::INITIAL)
                && birth == birth::SAME));
    let match_anyway = footing == Footing::Few && slight && supported && !sex_differs && rule.is_none();
    if match_anyway {
        return (Decision::Match, None);
    }
    if probability >= floor {
        return (Decision::Review, rule.or(Some(Rule::NotTheSame)));
    }
    (Decision::NoMatch, rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::COMPARISONS;

    fn pattern(levels: &[(Comparison, usize)]) -> Pattern {
        let mut all = [0; COMPARISONS];
        for (comparison, level) in levels {
            all[*comparison as usize] = *level as u8;
        }
        Pattern::from(all)
    }

    #[test]
    fn without_a_name_or_a_generation_apart_something_must_support_a_link() {
        use Comparison::*;
        let birth_and_town = [(BirthDate, birth::SAME), (Address, address::NO_LINE)];
        let namesakes = [
            (GivenName, given::SAME),
            (FamilyName, family::SAME),
            (BirthDate, birth::GENERATION_APART),
            (Address, address::NO_LINE),
        ];
        for levels in [&birth_and_town[..], &namesakes[..]] {
            assert!(uncorroborated(pattern(levels), false), "{levels:?}");
            assert!(
                !uncorroborated(pattern(&[levels, &[(Email, email::SAME)]].concat()), false),
                "{levels:?}"
            );
        }
        let plain = [
            (GivenName, given::SAME),
            (FamilyName, family::SAME),
            (BirthDate, birth::SAME),
        ];
        assert!(!uncorroborated(pattern(&plain), true));
    }

    const HOUSEHOLD: &[(Comparison, usize)] = &[
        (Comparison::FamilyName, family::SAME),
        (Comparison::Phone, phone::SAME),
        (Comparison::Email, email::SAME),
        (Comparison::Address, address::SAME),
    ];
    const OWN_NUMBERS: &[(Comparison, usize)] = &[
        (Comparison::SocialSecurity, number::SAME_LAST_FOUR),
        (Comparison::Identifier, identifier::SAME),
    ];

    #[test]
    fn what_a_household_shares_makes_no_person() {
        use Comparison::*;
        for given in [
            level::MISSING,
            given::NEAR_OTHER,
            given::DIFFERENT,
            given::DIFFERENT_UNUSUAL,
        ] {
            let levels = [HOUSEHOLD, &[(GivenName, given)]].concat();
            assert!(uncorroborated(pattern(&levels), true), "{given}");
            // Twins share the birth date too; where the given names are there, the model knows them apart.
            let born = pattern(&[&levels[..], &[(BirthDate, birth::SAME)]].concat());
            assert_eq!(uncorroborated(born, true), given == level::MISSING, "{given}");
            assert!(!uncorroborated(pattern(&levels), false), "{given}");
            for personal in [&[(MiddleName, middle::SAME)][..], OWN_NUMBERS].concat() {
                assert!(
                    !uncorroborated(pattern(&[&levels[..], &[personal]].concat()), true),
                    "{given}"
                );
            }
        }
    }

    #[test]
    fn relatives_named_alike_are_told_by_numbers_alone() {
        use Comparison::*;
        let born = [HOUSEHOLD, &[(BirthDate, birth::SAME)]].concat();
        for names in [
            &[(GivenName, given::OTHER_FORM)][..],
            &[(GivenName, given::INITIAL)],
            &[(GivenName, given::SAME), (MiddleName, middle::DIFFERENT)],
            &[(GivenName, given::SAME), (Suffix, suffix::DIFFERENT)],
        ] {
            let levels = [&born[..], names].concat();
            for footing in [Footing::Few, Footing::Pair] {
                let rule = may_be_relatives(pattern(&levels)).then_some(Rule::NamedAlike);
                let (decision, _) = decide(footing, pattern(&levels), 0.9999, rule, 0.99, 0.02);
                assert_eq!(decision, Decision::Review, "{names:?}");
            }
            for own in OWN_NUMBERS {
                assert!(
                    !may_be_relatives(pattern(&[&levels[..], &[*own]].concat())),
                    "{names:?}"
                );
            }
        }
        let same = [
            &born[..],
            &[(GivenName, given::NICKNAME), (MiddleName, middle::INITIAL)],
        ]
        .concat();
        assert!(!may_be_relatives(pattern(&same)));
    }

    #[test]
    fn a_shared_number_asks_for_a_reviewer_at_least() {
        use Comparison::*;
        let strangers = pattern(&[
            (GivenName, given::DIFFERENT),
            (FamilyName, family::DIFFERENT),
            (BirthDate, birth::GENERATION_APART),
            (SocialSecurity, number::SAME),
        ]);
        for footing in [Footing::Few, Footing::Many] {
            let (decision, rule) = decide(footing, strangers, 1e-9, None, 0.99, 0.02);
            assert_eq!(decision, Decision::Review);
            assert_eq!(rule, Some(Rule::IdentifierContradicted));
        }
    }
}
