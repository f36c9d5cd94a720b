//! Decisions about pairs, from their probability where a population was learnt from, and by the
//! practice of careful registrars where there are too few records for that.

use crate::comparison::{Comparison, Pattern, level};
use crate::score::{Decision, Rule};

/// How much the decision may rest on the learnt probabilities.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Footing {
    /// Two records and no population: a link needs the same name and birth date and something else
    /// that agrees.
    Pair,
    /// A handful of records, in which a chance agreement of name and birth date is not to be
    /// expected: they are enough, unless something contradicts.
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
    /// A value that hardly two people share.
    unique: bool,
}

impl Context {
    fn of(pattern: Pattern) -> Self {
        let is =
            |comparison: Comparison, levels: &[usize]| u32::from(levels.contains(&pattern.level(comparison)));
        let number = is(Comparison::SocialSecurity, &[1]) + is(Comparison::Identifier, &[1]);
        Self {
            supports: is(Comparison::Address, &[1, 2, 3, 4])
                + is(Comparison::Phone, &[1, 2])
                + is(Comparison::SocialSecurity, &[1, 2, 3])
                + is(Comparison::Email, &[1])
                + is(Comparison::Guardian, &[1])
                + is(Comparison::MothersMaidenName, &[1])
                + is(Comparison::Identifier, &[1])
                + is(Comparison::MiddleName, &[1]),
            contradicts: is(Comparison::SocialSecurity, &[5, 6])
                + is(Comparison::Guardian, &[3])
                + is(Comparison::MothersMaidenName, &[3])
                + is(Comparison::MiddleName, &[4])
                + is(Comparison::Suffix, &[3])
                + is(Comparison::Identifier, &[2]),
            unique: number > 0,
        }
    }
}

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
    if footing != Footing::Many {
        return by_practice(footing, pattern, probability, rule, floor);
    }
    let decision = match rule {
        None if probability >= threshold => Decision::Match,
        _ if probability >= floor => Decision::Review,
        _ => Decision::NoMatch,
    };
    (decision, rule)
}

/// Whether a pair lacks what a link of two records among many needs, however probable it looks: among families, a given
/// or middle name or a number that agrees, or other given names with one birth date, for all else is a household's, and
/// without given names to tell them the birth date is twins'; and something beside a birth date alone, or beside names
/// whose birth dates are a generation apart.
pub(crate) fn uncorroborated(pattern: Pattern, families: bool) -> bool {
    let at = |comparison| pattern.level(comparison);
    let named = matches!(at(Comparison::GivenName), 1..=4 | 6..=8) || at(Comparison::MiddleName) == 1;
    let numbered = matches!(at(Comparison::SocialSecurity), 1..=3 | level::NUMBER_TWO_ERRORS)
        || at(Comparison::Identifier) == level::IDENTIFIER_SAME;
    let born = (level::BIRTH_SAME..=level::BIRTH_PARTIAL).contains(&at(Comparison::BirthDate));
    let told = born && at(Comparison::GivenName) != 0;
    if families && !named && !told && !numbered {
        return true;
    }
    let nameless = at(Comparison::GivenName) == 0 && at(Comparison::FamilyName) == 0;
    let generation_apart = at(Comparison::BirthDate) == level::BIRTH_GENERATION_APART;
    let hints = at(Comparison::Address) == level::ADDRESS_SAME_NUMBER
        || at(Comparison::SocialSecurity) == level::NUMBER_TWO_ERRORS;
    (nameless || generation_apart) && !hints && Context::of(pattern).supports == 0
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
    let sex_differs = pattern.level(Comparison::Sex) == 2;
    let context = Context::of(pattern);
    let full_name = matches!(given, 1 | 2) && family == 1;
    if full_name && birth == 1 && !sex_differs {
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
    if matches!(given, 9 | 10) || family == 5 {
        let review = if footing == Footing::Pair {
            context.unique && probability >= 0.5
        } else {
            probability >= floor && (context.unique || (birth == 1 && context.supports > 0))
        };
        return if review {
            (Decision::Review, rule)
        } else {
            (Decision::NoMatch, rule)
        };
    }
    // One part is not quite the same. A few records may still show that it is an error of writing.
    let slips = u32::from(!matches!(given, 1 | 2))
        + u32::from(family != 1 && given != 8)
        + u32::from(birth != 1)
        + u32::from(sex_differs);
    let slight = matches!(given, 1..=4 | 8)
        && (matches!(family, 1..=3) || given == 8)
        && (1..=4).contains(&birth)
        && slips == 1;
    let supported = context.contradicts == 0
        && (context.unique || (context.supports > 0 && matches!(given, 1 | 2 | 3 | 8) && birth == 1));
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

    fn pattern(levels: &[(Comparison, u8)]) -> Pattern {
        let mut all = [0; COMPARISONS];
        for (comparison, level) in levels {
            all[*comparison as usize] = *level;
        }
        Pattern::from(all)
    }

    #[test]
    fn without_a_name_or_a_generation_apart_something_must_support_a_link() {
        use Comparison::*;
        let birth_and_town = [(BirthDate, 1), (Address, 6)];
        let namesakes = [(GivenName, 1), (FamilyName, 1), (BirthDate, 10), (Address, 6)];
        for levels in [&birth_and_town[..], &namesakes[..]] {
            assert!(uncorroborated(pattern(levels), false), "{levels:?}");
            assert!(
                !uncorroborated(pattern(&[levels, &[(Email, 1)]].concat()), false),
                "{levels:?}"
            );
        }
        let plain = [(GivenName, 1), (FamilyName, 1), (BirthDate, 1)];
        assert!(!uncorroborated(pattern(&plain), true));
    }

    #[test]
    fn what_a_household_shares_makes_no_person() {
        use Comparison::*;
        let household = [(FamilyName, 1), (Phone, 1), (Email, 1), (Address, 1)];
        for given in [0, 5, 9, 10] {
            let levels = [&household[..], &[(GivenName, given)]].concat();
            assert!(uncorroborated(pattern(&levels), true), "{given}");
            // Twins share the birth date too; where the given names are there, the model knows them apart.
            let born = pattern(&[&levels[..], &[(BirthDate, 1)]].concat());
            assert_eq!(uncorroborated(born, true), given == 0, "{given}");
            assert!(!uncorroborated(pattern(&levels), false), "{given}");
            for personal in [(MiddleName, 1), (SocialSecurity, 3), (Identifier, 1)] {
                assert!(
                    !uncorroborated(pattern(&[&levels[..], &[personal]].concat()), true),
                    "{given}"
                );
            }
        }
    }
}
