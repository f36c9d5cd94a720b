//! Rules that stand above the score of a pair.

use serde::{Deserialize, Serialize};

use crate::comparison::level::{self, birth, family, given, identifier};
use crate::comparison::{Comparison, Pattern};
use crate::population::{Population, Row};
use crate::record::IdentifierKind;

/// A rule that stands above the score of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Rule {
    /// Same identifier of one assigner, and name or birth date agree or both are verified: linked.
    SameIdentifier,
    /// Same identifier of one assigner, but the given name or both name and birth date differ, or same social security
    /// number and hardly anything else: reviewed, never linked; identifiers are mistyped, borrowed and reused.
    IdentifierContradicted,
    /// Two places in the order of a multiple birth: two people.
    BirthOrder,
    /// Different identifiers of an assigner that gives each person one: reviewed at most.
    OtherIdentifier,
    /// Different verified identifiers of one assigner: two people.
    OtherVerifiedIdentifier,
    /// Same source, which is said to hold nobody twice: two people.
    SameSource,
    /// Nothing but name, birth date or sex agrees and too little else is known; or only what a household shares agrees;
    /// or there is no name to compare, or the birth dates are a generation apart, and nothing makes up for it:
    /// reviewed at most.
    Uncorroborated,
    /// Name and birth date agree and nothing else, and the date is the first of January, which stands for a year, or, in
    /// a few records, the name is a common one: reviewed at most.
    Namesakes,
    /// What agrees is what twins share, or father and son, who are named alike, and no number of one person:
    /// reviewed at most.
    NamedAlike,
    /// Name, birth date or sex are not quite the same, and there are too few records to know what that is
    /// worth: reviewed at most.
    NotTheSame,
    /// A reviewer said that it is one person.
    VerdictSame,
    /// A reviewer said that it is two people.
    VerdictDifferent,
}

impl Rule {
    /// One sentence for tables.
    pub fn describe(self) -> &'static str {
        match self {
            Self::SameIdentifier => "same identifier of one assigner",
            Self::IdentifierContradicted => "same identifier, but the person looks like another",
            Self::BirthOrder => "another place in the order of a multiple birth",
            Self::OtherIdentifier => "another identifier of an assigner that gives each person one",
            Self::OtherVerifiedIdentifier => "another verified identifier of one assigner",
            Self::SameSource => "both in one source that holds nobody twice",
            Self::Uncorroborated => "nothing supports name and birth date",
            Self::Namesakes => "a name and a birth date that several people may share",
            Self::NamedAlike => "may be twins, or relatives, who are named alike",
            Self::NotTheSame => "name, birth date or sex are not quite the same",
            Self::VerdictSame => "a reviewer said: one person",
            Self::VerdictDifferent => "a reviewer said: two people",
        }
    }

    /// Whether the rule keeps the records of a pair from ever being one person.
    pub(crate) const fn forbids(self) -> bool {
        matches!(
            self,
            Self::BirthOrder | Self::OtherVerifiedIdentifier | Self::SameSource | Self::VerdictDifferent
        )
    }
}

/// The rule that applies to a pair by its content, the strictest first.
pub(crate) fn of(pattern: Pattern, population: &Population, a: &Row, b: &Row) -> Option<Rule> {
    let birth = pattern.level(Comparison::BirthDate);
    if pattern.level(Comparison::BirthOrder) == level::code::DIFFERENT && birth <= birth::PARTIAL {
        let multiple = |row: &Row| population.extra(row).is_some_and(|e| e.multiple != 1);
        if multiple(a) && multiple(b) {
            return Some(Rule::BirthOrder);
        }
    }
    match pattern.level(Comparison::Identifier) {
        identifier::SAME => {
            let given = pattern.level(Comparison::GivenName);
            let family = pattern.level(Comparison::FamilyName);
            // Twins share all but the given name, and a number may be copied from one to the other: another given
            // name is a contradiction by itself, however near; so is a given name that is only alike with another sex.
            let other_given = matches!(
                given,
                given::NEAR_OTHER | given::DIFFERENT | given::DIFFERENT_UNUSUAL
            ) || (given > given::NICKNAME
                && pattern.level(Comparison::Sex) == level::code::DIFFERENT);
            let name_agrees = given != level::MISSING
                && !other_given
                && (family != family::DIFFERENT || given == given::SWAPPED);
            let birth_agrees = (birth::SAME..=birth::PARTIAL).contains(&birth) && !other_given;
            Some(
                if name_agrees || birth_agrees || verified(population, a, b).contains(&true) {
                    Rule::SameIdentifier
                } else {
                    Rule::IdentifierContradicted
                },
            )
        }
        identifier::DIFFERENT if verified(population, a, b).contains(&false) => {
            Some(Rule::OtherVerifiedIdentifier)
        }
        identifier::DIFFERENT => Some(Rule::OtherIdentifier),
        _ => None,
    }
}

/// For each two identifiers of one assigner that are verified in both records, whether they are the same.
fn verified(population: &Population, a: &Row, b: &Row) -> Vec<bool> {
    let verified = |row| {
        let all = population
            .extra(row)
            .into_iter()
            .flat_map(|extra| &extra.identifiers);
        all.filter(|(_, _, kind)| *kind == IdentifierKind::Verified)
    };
    let pairs = verified(a).flat_map(|x| verified(b).map(move |y| (x, y)));
    let of_one_assigner = pairs.filter(|(x, y)| x.0 == y.0);
    of_one_assigner.map(|(x, y)| x.1 == y.1).collect()
}
