//! Which given names are forms of one another, and which are established names at all.

use rustc_hash::{FxHashMap, FxHashSet};

/// Each line holds forms of one name: those that children are given, then, after a bar, what their bearers are called
/// or written as. Written for this crate from general knowledge of English, Spanish and other names in use in the
/// United States; a name may stand on several lines.
const FORMS: &str = include_str!("nickname/forms.txt");

/// Other given names in wide use, so that two of them are known for two names and not for one name mistyped.
const ESTABLISHED: &str = include_str!("nickname/established.txt");

/// A group of forms that a name belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Membership {
    /// Number of the group, from 1.
    pub(crate) group: u16,
    /// Whether it is a name in full there: one that children are given, not what they are called for short.
    pub(crate) in_full: bool,
}

/// Groups of given names that are forms of one name.
#[derive(Clone)]
pub(crate) struct Nicknames {
    groups: FxHashMap<Box<str>, Vec<Membership>>,
    forms: Vec<Vec<Box<str>>>,
    established: FxHashSet<Box<str>>,
}

impl Nicknames {
    /// The built-in table with the caller's groups added; of these, none is told to be more than what somebody is called.
    pub(crate) fn new(more: &[Vec<String>]) -> Self {
        let mut table = Self {
            groups: FxHashMap::default(),
            forms: Vec::new(),
            established: FxHashSet::default(),
        };
        for line in FORMS.lines() {
            let (full, short) = line.split_once('|').unwrap_or((line, ""));
            let full = full.split_whitespace().map(|name| (name.to_owned(), true));
            let short = short.split_whitespace().map(|name| (name.to_owned(), false));
            table.add(full.chain(short).collect());
        }
        for group in more {
            let names = group.iter().map(|name| (super::name::fold(name), false));
            table.add(names.collect());
        }
        let established = ESTABLISHED.split_whitespace();
        table.established.extend(established.map(Box::from));
        table
    }

    /// Adds a group of folded names, each with whether it is one in full.
    fn add(&mut self, names: Vec<(String, bool)>) {
        let next = self.forms.len() + 1;
        let Some(group) = u16::try_from(next).ok().filter(|_| names.len() > 1) else {
            return;
        };
        self.forms
            .push(names.iter().map(|(name, _)| name.as_str().into()).collect());
        for (name, in_full) in names {
            self.established.insert(name.as_str().into());
            let list = self.groups.entry(name.into()).or_default();
            if list.last().is_none_or(|last| last.group != group) {
                list.push(Membership { group, in_full });
            }
        }
    }

    /// The names of a group; none for group 0.
    pub(crate) fn forms(&self, group: u16) -> impl Iterator<Item = &str> {
        (group as usize)
            .checked_sub(1)
            .and_then(|index| self.forms.get(index))
            .into_iter()
            .flatten()
            .map(|form| &**form)
    }

    /// The groups a folded name belongs to, in ascending order.
    pub(crate) fn groups(&self, folded: &str) -> &[Membership] {
        self.groups.get(folded).map_or(&[], Vec::as_slice)
    }

    /// Whether a folded given name is one of the built-in list of established names.
    pub(crate) fn is_established(&self, folded: &str) -> bool {
        self.established.contains(folded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn related(table: &Nicknames, a: &str, b: &str) -> bool {
        let others = table.groups(b);
        table
            .groups(a)
            .iter()
            .any(|own| others.iter().any(|other| own.group == other.group))
    }

    #[test]
    fn forms_of_one_name_share_a_group() {
        let table = Nicknames::new(&[vec!["Xóchitl".into(), "Xochi".into()]]);
        for (a, b) in [
            ("robert", "bob"),
            ("william", "bill"),
            ("peggy", "margaret"),
            ("anna", "anne"),
            ("xochitl", "xochi"),
        ] {
            assert!(related(&table, a, b), "{a} {b}");
        }
        for (a, b) in [("robert", "william"), ("kari", "karl"), ("mary", "john")] {
            assert!(!related(&table, a, b), "{a} {b}");
        }
        assert!(table.is_established("kayla"));
        assert!(!table.is_established("joes"));
    }

    #[test]
    fn what_somebody_is_called_is_no_name_in_full() {
        let table = Nicknames::new(&[]);
        let in_full = |name: &str| table.groups(name).iter().any(|own| own.in_full);
        for name in ["anna", "anne", "ann", "roberto", "maria", "marie"] {
            assert!(in_full(name), "{name}");
        }
        for name in ["bob", "bill", "annie", "kate"] {
            assert!(!in_full(name), "{name}");
        }
    }

    #[test]
    fn every_line_names_somebody_in_full() {
        for line in FORMS.lines() {
            assert!(
                line.split('|').next().is_some_and(|full| !full.trim().is_empty()),
                "{line}"
            );
        }
    }
}
