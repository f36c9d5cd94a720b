//! Names: nicknames, exchanged parts, double names, errors of typing.

use super::text::{self, Likeness};
use super::{Comparer, Comparison, Pattern, alternatives};
use crate::intern::Symbol;
use crate::population::{Extra, Row};

impl Comparer<'_> {
    fn is_established(&self, name: Symbol) -> bool {
        self.population.fact(name).established || self.established.get(name as usize).copied() == Some(true)
    }

    pub(super) fn is_form(&self, a: Symbol, b: Symbol) -> bool {
        let x = &self.population.fact(a).groups;
        let y = &self.population.fact(b).groups;
        x.iter().any(|group| *group != 0 && y.contains(group))
    }

    pub(super) fn names(
        &self,
        a: &Row,
        b: &Row,
        ea: Option<&Extra>,
        eb: Option<&Extra>,
        pattern: &mut Pattern,
    ) {
        let mut family = match (a.family, b.family) {
            (0, _) | (_, 0) => 0,
            (x, y) if x == y => 1,
            (x, y) => match self.likeness(x, y) {
                Likeness::Same => 1,
                Likeness::Typo => 3,
                Likeness::Similar => 4,
                Likeness::Different => 5,
            },
        };
        let mut given = self.given(a, b, family <= 4);
        if given > 1 || (given == 0 && (ea.is_some() || eb.is_some())) {
            let more = alternatives(a.given, ea.map(|e| &e.given[..]))
                .any(|x| alternatives(b.given, eb.map(|e| &e.given[..])).any(|y| x == y));
            if more {
                given = 2;
            }
        }
        if family > 1 {
            let more = alternatives(a.family, ea.map(|e| &e.family[..]))
                .any(|x| alternatives(b.family, eb.map(|e| &e.family[..])).any(|y| x == y));
            if more {
                family = 2;
            } else if family > 3 && self.holds(a.family, b.family) {
                family = 4;
            }
        }
        // Given and family name exchanged: both must answer to each other.
        if given >= 6 && family >= 4 && a.given != 0 && b.given != 0 {
            let crossed = self.crossed(a.given, b.family) && self.crossed(b.given, a.family);
            if crossed {
                // One event: it counts once, as the given name's.
                given = 8;
                family = 0;
            }
        }
        // One name stands in the other's field and its own place is empty.
        if given == 0 && family == 5 {
            let crossed = (a.given == 0 && a.family == b.given && b.given != 0)
                || (b.given == 0 && b.family == a.given && a.given != 0);
            if crossed {
                given = 8;
                family = 0;
            }
        }
        let mut middle = self.middle(a, b);
        // The given name of one is the middle name of the other.
        if matches!(given, 5 | 6 | 9 | 10) {
            let crossed = (a.middle != 0 && a.middle == b.given)
                || (b.middle != 0 && b.middle == a.given)
                || self.shares_word(a.given, b.given);
            if crossed {
                given = 7;
                if middle == 4 {
                    middle = 0;
                }
            }
        }
        pattern.set(Comparison::GivenName, given);
        pattern.set(Comparison::FamilyName, family);
        pattern.set(Comparison::MiddleName, middle);
    }

    fn given(&self, a: &Row, b: &Row, alike: bool) -> u64 {
        let (x, y) = (a.given, b.given);
        if x == 0 || y == 0 {
            return 0;
        }
        if x == y {
            return 1;
        }
        let (fx, fy) = (self.population.fact(x), self.population.fact(y));
        if fx.length == 1 || fy.length == 1 {
            let names = &self.population.names;
            let same = names.get(x).chars().next() == names.get(y).chars().next();
            return if same { 3 } else { 9 };
        }
        if self.is_form(x, y) {
            return 2;
        }
        match self.likeness(x, y) {
            Likeness::Same => 1,
            Likeness::Typo if self.is_established(x) && self.is_established(y) => 5,
            Likeness::Typo => 4,
            Likeness::Similar if self.is_established(x) && self.is_established(y) => 9,
            Likeness::Similar => 6,
            // `Rb` is `Rob` mistyped, which is a form of `Robert`.
            Likeness::Different if alike && self.is_form_mistyped(x, y) => 6,
            Likeness::Different if self.is_established(x) && self.is_established(y) => 9,
            Likeness::Different => 10,
        }
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
        family != 0 && (self.likeness(given, family) <= Likeness::Typo || self.is_form(given, family))
    }

    fn middle(&self, a: &Row, b: &Row) -> u64 {
        let (x, y) = (a.middle, b.middle);
        if x == 0 || y == 0 {
            return 0;
        }
        let (fx, fy) = (self.population.fact(x), self.population.fact(y));
        if x == y {
            return if fx.length == 1 { 2 } else { 1 };
        }
        if fx.length == 1 || fy.length == 1 {
            let names = &self.population.names;
            let same = names.get(x).chars().next() == names.get(y).chars().next();
            return if same { 2 } else { 4 };
        }
        if self.is_form(x, y) || self.likeness(x, y) <= Likeness::Typo {
            return 3;
        }
        4
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
