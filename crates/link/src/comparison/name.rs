//! Names: nicknames, exchanged parts, double names, errors of typing.

use super::level::{self, family, given, middle};
use super::text::{self, Likeness};
use super::{Comparer, Comparison, Pattern, alternatives};
use crate::intern::Symbol;
use crate::population::{Extra, Row};

/// How two names are forms of one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// At least one is what somebody is called, or both are one name in two spellings.
    Short,
    /// Both are names that children are given: one person's in two languages, or two sisters'.
    BothInFull,
}

impl Comparer<'_> {
    fn is_established(&self, name: Symbol) -> bool {
        self.population.fact(name).established || self.established.get(name as usize).copied() == Some(true)
    }

    /// How the names are forms of one name, if they are, by their first words.
    pub(super) fn form(&self, a: Symbol, b: Symbol) -> Option<Form> {
        let (x, y) = (self.population.fact(a), self.population.fact(b));
        let (mut shared, mut in_full) = (false, true);
        for (i, group) in x.groups.iter().enumerate().take_while(|(_, group)| **group != 0) {
            if let Some(j) = y.groups.iter().position(|other| other == group) {
                shared = true;
                in_full &= x.in_full >> i & y.in_full >> j & 1 == 1;
            }
        }
        if !shared {
            return None;
        }
        let first = |name| {
            self.population
                .names
                .get(name)
                .split(' ')
                .next()
                .unwrap_or_default()
        };
        Some(if in_full && !text::spoken_alike(first(a), first(b)) {
            Form::BothInFull
        } else {
            Form::Short
        })
    }

    pub(super) fn names(
        &self,
        a: &Row,
        b: &Row,
        ea: Option<&Extra>,
        eb: Option<&Extra>,
        pattern: &mut Pattern,
    ) {
        let mut family_level = match (a.family, b.family) {
            (0, _) | (_, 0) => level::MISSING,
            (x, y) => match self.likeness(x, y) {
                Likeness::Same => family::SAME,
                Likeness::Typo => family::TYPO,
                Likeness::Similar => family::SIMILAR,
                Likeness::Different => family::DIFFERENT,
            },
        };
        let mut given_level = self.given(a, b, family_level <= family::SIMILAR);
        if given_level > given::SAME || (given_level == level::MISSING && (ea.is_some() || eb.is_some())) {
            let more = alternatives(a.given, ea.map(|e| &e.given[..]))
                .any(|x| alternatives(b.given, eb.map(|e| &e.given[..])).any(|y| x == y));
            if more {
                given_level = given::NICKNAME;
            }
        }
        if family_level > family::SAME {
            let more = alternatives(a.family, ea.map(|e| &e.family[..]))
                .any(|x| alternatives(b.family, eb.map(|e| &e.family[..])).any(|y| x == y));
            if more {
                family_level = family::PART;
            } else if family_level > family::TYPO && self.holds(a.family, b.family) {
                family_level = family::SIMILAR;
            }
        }
        // Given and family name exchanged: both must answer to each other.
        let unlike = given_level >= given::SIMILAR && given_level != given::OTHER_FORM;
        if unlike && family_level >= family::SIMILAR && a.given != 0 && b.given != 0 {
            let crossed = self.crossed(a.given, b.family) && self.crossed(b.given, a.family);
            if crossed {
                // One event: it counts once, as the given name's.
                given_level = given::SWAPPED;
                family_level = level::MISSING;
            }
        }
        // One name stands in the other's field and its own place is empty.
        if given_level == level::MISSING && family_level == family::DIFFERENT {
            let crossed = (a.given == 0 && a.family == b.given && b.given != 0)
                || (b.given == 0 && b.family == a.given && a.given != 0);
            if crossed {
                given_level = given::SWAPPED;
                family_level = level::MISSING;
            }
        }
        let mut middle_level = self.middle(a, b);
        // The given name of one is the middle name of the other.
        if matches!(
            given_level,
            given::NEAR_OTHER | given::SIMILAR | given::DIFFERENT | given::DIFFERENT_UNUSUAL
        ) {
            let crossed = (a.middle != 0 && a.middle == b.given)
                || (b.middle != 0 && b.middle == a.given)
                || self.shares_word(a.given, b.given);
            if crossed {
                given_level = given::OTHER_PART;
                if middle_level == middle::DIFFERENT {
                    middle_level = level::MISSING;
                }
            }
        }
        pattern.set(Comparison::GivenName, given_level);
        pattern.set(Comparison::FamilyName, family_level);
        pattern.set(Comparison::MiddleName, middle_level);
    }

    fn given(&self, a: &Row, b: &Row, alike: bool) -> usize {
        let (x, y) = (a.given, b.given);
        if x == 0 || y == 0 {
            return level::MISSING;
        }
        let fx = self.population.fact(x);
        if x == y {
            return if fx.initial { given::INITIAL } else { given::SAME };
        }
        let fy = self.population.fact(y);
        if fx.initial || fy.initial {
            let same = self.same_initial(x, y);
            return if same { given::INITIAL } else { given::DIFFERENT };
        }
        if fx.compound
            && fy.compound
            && let Some(level) = self.double_names(x, y)
        {
            return level;
        }
        match self.form(x, y) {
            Some(Form::Short) => return given::NICKNAME,
            Some(Form::BothInFull) => return given::OTHER_FORM,
            None => {}
        }
        let both_established = self.is_established(x) && self.is_established(y);
        match self.likeness(x, y) {
            Likeness::Same => given::SAME,
            Likeness::Typo if both_established => given::NEAR_OTHER,
            Likeness::Typo => given::TYPO,
            Likeness::Similar if both_established => given::DIFFERENT,
            Likeness::Similar => given::SIMILAR,
            // `Rb` is `Rob` mistyped, which is a form of `Robert`.
            Likeness::Different if alike && self.is_form_mistyped(x, y) => given::SIMILAR,
            Likeness::Different if both_established => given::DIFFERENT,
            Likeness::Different => given::DIFFERENT_UNUSUAL,
        }
    }

    /// Two names of several words, compared word by word: `Mary Ann` and `Mary Anne` are one, `Mary Ann` and `Mary Lou`
    /// are two in full, as sisters may bear. `None` where they have no word in common or not as many words.
    fn double_names(&self, a: Symbol, b: Symbol) -> Option<usize> {
        let names = &self.population.names;
        let (x, y) = (names.get(a), names.get(b));
        if x.split(' ').count() != y.split(' ').count() {
            return None;
        }
        let unlike = |(one, other): &(&str, &str)| {
            text::likeness(one, other) > Likeness::Typo && !text::spoken_alike(one, other)
        };
        let words = || x.split(' ').zip(y.split(' '));
        if !words().any(|pair| unlike(&pair)) {
            return Some(given::NICKNAME);
        }
        let shared = x.split(' ').any(|one| y.split(' ').any(|other| one == other));
        shared.then_some(given::OTHER_FORM)
    }

    fn is_form_mistyped(&self, a: Symbol, b: Symbol) -> bool {
        let one = |name: Symbol, other: Symbol| {
            let text = self.population.names.get(name);
            self.population
                .fact(other)
                .groups
                .iter()
                .flat_map(|group| self.population.nicknames.forms(*group))
                .any(|form| form.len() > 2 && text::within_one(text, form))
        };
        (!self.population.fact(a).established && one(a, b))
            || (!self.population.fact(b).established && one(b, a))
    }

    /// Whether a given name and another record's family name are one name, perhaps a form of it.
    fn crossed(&self, given: Symbol, family: Symbol) -> bool {
        family != 0 && (self.likeness(given, family) <= Likeness::Typo || self.form(given, family).is_some())
    }

    fn middle(&self, a: &Row, b: &Row) -> usize {
        let (x, y) = (a.middle, b.middle);
        if x == 0 || y == 0 {
            return level::MISSING;
        }
        let initial = |name| self.population.fact(name).initial;
        if initial(x) || initial(y) {
            let same = self.same_initial(x, y);
            return if same { middle::INITIAL } else { middle::DIFFERENT };
        }
        if x == y {
            return middle::SAME;
        }
        if self.form(x, y).is_some() || self.likeness(x, y) <= Likeness::Typo {
            return middle::SIMILAR;
        }
        middle::DIFFERENT
    }

    fn same_initial(&self, a: Symbol, b: Symbol) -> bool {
        let initial = |name| self.population.names.get(name).chars().next();
        initial(a) == initial(b)
    }

    /// Whether a given name of several words shares one with the other name.
    fn shares_word(&self, a: Symbol, b: Symbol) -> bool {
        if !self.population.fact(a).compound && !self.population.fact(b).compound {
            return false;
        }
        let names = &self.population.names;
        names
            .get(a)
            .split(' ')
            .any(|x| x.len() > 1 && names.get(b).split(' ').any(|y| x == y))
    }

    /// Whether one family name begins or ends with the other, which is four letters or longer.
    fn holds(&self, a: Symbol, b: Symbol) -> bool {
        let names = &self.population.names;
        let (mut long, mut short) = (names.get(a), names.get(b));
        if long.len() < short.len() {
            (long, short) = (short, long);
        }
        short.len() >= 4 && (long.starts_with(short) || long.ends_with(short))
    }
}
