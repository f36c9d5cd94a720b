//! The canonical view of an item: a projection of its members, field by field, with what they disagree on.

use ehr_model::{Conflict, Member, Reference, Side};
use ehr_types::CodeableConcept;

use crate::context::Context;
use crate::stated::{Stated, same_set};

/// A record class whose fields are projected by a table.
pub(crate) trait Fields: Sized {
    /// One record from those of all members; the best-ranked member comes first.
    fn project(voices: &[&Self], desk: &mut Desk<'_>) -> Self;

    /// Calls `visit` for each reference.
    fn refers(&mut self, visit: &mut dyn FnMut(&mut Reference));
}

/// Where the projection of one item is worked out.
pub(crate) struct Desk<'a> {
    pub(crate) cx: &'a Context<'a>,
    /// The members that the voices belong to, in the same order.
    pub(crate) members: &'a [Member],
    pub(crate) conflicts: Vec<Conflict>,
}

/// Declares how each field of a record is projected:
///
/// * `one("path")` – a single value; values that do not agree are a conflict on that FHIR path;
/// * `fill` – a single value without clinical weight: the best-ranked member's, else the next one's;
/// * `merged` – a concept that all members mean: all codings together;
/// * `union` – all values, those that agree once;
/// * `whole("path")` – a list that only makes sense as a whole: the best-ranked member's; another list is a conflict;
/// * `lead` – the best-ranked member's;
/// * `with(function)` – by a function of the voices and the desk.
macro_rules! fields {
    ($type:ident { $($field:ident: $how:ident $(($argument:expr))?,)* }) => {
        impl $crate::project::Fields for ehr_model::$type {
            fn project(voices: &[&Self], desk: &mut $crate::project::Desk<'_>) -> Self {
                // Every field is named: a new one is a compile error here.
                Self { $($field: fields!(@$how voices, desk, $field $(, $argument)?),)* }
            }

            fn refers(&mut self, visit: &mut dyn FnMut(&mut ehr_model::Reference)) {
                $($crate::refers::Refers::refers(&mut self.$field, visit);)*
            }
        }
    };
    (@one $voices:ident, $desk:ident, $field:ident, $path:expr) => { $desk.one($path, $voices, |voice| voice.$field.as_ref()) };
    (@fill $voices:ident, $desk:ident, $field:ident) => { $desk.fill($voices, |voice| voice.$field.as_ref()) };
    (@merged $voices:ident, $desk:ident, $field:ident) => { $desk.merged($voices, |voice| voice.$field.as_ref()) };
    (@union $voices:ident, $desk:ident, $field:ident) => { $desk.union($voices, |voice| voice.$field.as_slice()) };
    (@whole $voices:ident, $desk:ident, $field:ident, $path:expr) => { $desk.whole($path, $voices, |voice| voice.$field.as_slice()) };
    (@lead $voices:ident, $desk:ident, $field:ident) => { $voices.first().map(|voice| voice.$field.clone()).unwrap_or_default() };
    (@with $voices:ident, $desk:ident, $field:ident, $function:expr) => { $function($voices, $desk) };
}

pub(crate) use fields;

impl Desk<'_> {
    /// Groups statements that agree: each group led by the one that says most, the groups in the order of their
    /// best-ranked voice. Statements are voice index and value.
    fn sides<'v, T: Stated>(&self, stated: &[(usize, &'v T)]) -> Vec<Vec<(usize, &'v T)>> {
        let mut order: Vec<(usize, &T)> = stated.to_vec();
        order.sort_by_key(|(voice, value)| (std::cmp::Reverse(value.detail()), *voice));
        let mut sides: Vec<Vec<(usize, &T)>> = Vec::new();
        for (voice, value) in order {
            let side = sides.iter_mut().find(|side| {
                side.first()
                    .is_some_and(|(_, first)| first.agrees(value, self.cx))
            });
            match side {
                Some(side) => side.push((voice, value)),
                None => sides.push(vec![(voice, value)]),
            }
        }
        sides.sort_by_key(|side| side.iter().map(|(voice, _)| *voice).min());
        sides
    }

    /// The single value of a field; a conflict where statements do not agree.
    pub(crate) fn one<V, T: Stated>(
        &mut self,
        path: &str,
        voices: &[&V],
        get: impl Fn(&V) -> Option<&T>,
    ) -> Option<T> {
        self.single(Some(path), voices, get)
    }

    /// The single value of a field that is not worth a conflict.
    pub(crate) fn fill<V, T: Stated>(&mut self, voices: &[&V], get: impl Fn(&V) -> Option<&T>) -> Option<T> {
        self.single(None, voices, get)
    }

    fn single<V, T: Stated>(
        &mut self,
        path: Option<&str>,
        voices: &[&V],
        get: impl Fn(&V) -> Option<&T>,
    ) -> Option<T> {
        let all: Vec<(usize, &T)> = voices
            .iter()
            .enumerate()
            .filter_map(|(index, voice)| Some((index, get(voice)?)))
            .collect();
        let (_, first) = all.first()?;
        if all.iter().all(|(_, value)| value == first) {
            return Some((*first).clone());
        }
        let said: Vec<(usize, &T)> = all
            .iter()
            .filter(|(_, value)| !value.is_blank())
            .copied()
            .collect();
        let sides = self.sides(&said);
        let Some(lead) = sides.first() else {
            return Some((*first).clone());
        };
        let mut shown = lead.first().map(|(_, value)| (*value).clone())?;
        let mut rest: Vec<&(usize, &T)> = lead.iter().skip(1).collect();
        rest.sort_by_key(|(voice, _)| *voice);
        for (_, value) in rest {
            shown.absorb(value, self.cx);
        }
        if let Some(path) = path {
            let sides = sides.iter().map(|side| {
                let shown = side.first().map(|(_, value)| value.show()).unwrap_or_default();
                (shown, side.iter().map(|(voice, _)| *voice).collect::<Vec<_>>())
            });
            self.conflict(path, sides.collect());
        }
        Some(shown)
    }

    /// A concept that all voices mean: all codings and the words of the best-ranked one.
    pub(crate) fn merged<V>(
        &mut self,
        voices: &[&V],
        get: impl Fn(&V) -> Option<&CodeableConcept>,
    ) -> Option<CodeableConcept> {
        let mut stated = voices.iter().filter_map(|voice| get(voice));
        let mut shown = stated.next()?.clone();
        for concept in stated {
            shown.absorb(concept, self.cx);
        }
        Some(shown)
    }

    /// All values of a list, those that agree once.
    pub(crate) fn union<V, T: Stated>(&mut self, voices: &[&V], get: impl Fn(&V) -> &[T]) -> Vec<T> {
        let mut all: Vec<T> = Vec::new();
        for (index, voice) in voices.iter().enumerate() {
            let earlier = all.len();
            for value in get(voice) {
                // What one source states twice stays twice; only other sources' values are compared.
                let known = all
                    .iter_mut()
                    .take(if index == 0 { 0 } else { earlier })
                    .find(|known| known.agrees(value, self.cx));
                match known {
                    Some(known) => known.absorb(value, self.cx),
                    None => all.push(value.clone()),
                }
            }
        }
        all
    }

    /// A list that only makes sense as a whole.
    pub(crate) fn whole<V, T: Stated>(
        &mut self,
        path: &str,
        voices: &[&V],
        get: impl Fn(&V) -> &[T],
    ) -> Vec<T> {
        let mut sides: Vec<(&[T], Vec<usize>)> = Vec::new();
        for (index, voice) in voices.iter().enumerate() {
            let list = get(voice);
            if list.iter().all(Stated::is_blank) {
                continue;
            }
            match sides.iter_mut().find(|(known, _)| same_set(known, list, self.cx)) {
                Some((_, voices)) => voices.push(index),
                None => sides.push((list, vec![index])),
            }
        }
        let Some((lead, stated_by)) = sides.first() else {
            return Vec::new();
        };
        let mut shown = lead.to_vec();
        for voice in stated_by.iter().filter_map(|index| voices.get(*index)) {
            for value in &mut shown {
                if let Some(other) = get(voice).iter().find(|other| value.agrees(other, self.cx)) {
                    value.absorb(other, self.cx);
                }
            }
        }
        let sides = sides.into_iter().map(|(list, voices)| {
            let text: Vec<String> = list.iter().map(Stated::show).collect();
            (text.join("; "), voices)
        });
        self.conflict(path, sides.collect());
        shown
    }

    /// Reports sides, when there is more than one; the first is the one shown. Sides are text and voices.
    pub(crate) fn conflict(&mut self, path: &str, sides: Vec<(String, Vec<usize>)>) {
        if sides.len() < 2 {
            return;
        }
        let values = sides
            .into_iter()
            .map(|(value, mut voices)| {
                voices.sort_unstable();
                voices.dedup();
                let mut members: Vec<Member> = voices
                    .iter()
                    .filter_map(|voice| self.members.get(*voice))
                    .cloned()
                    .collect();
                members.sort_by(|a, b| (&a.source, &a.entry).cmp(&(&b.source, &b.entry)));
                members.dedup();
                Side { value, members }
            })
            .collect();
        self.conflicts.push(Conflict {
            field: path.to_owned(),
            values,
        });
    }
}
