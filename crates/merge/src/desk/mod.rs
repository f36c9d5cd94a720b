//! Where the projection of one item is worked out: which value is shown, and what members disagree on.

use std::cmp::Reverse;

use ehr_model::{Conflict, Member, Side, Status};
use ehr_types::CodeableConcept;

use crate::context::Context;
use crate::reconcile::is_done;
use crate::stated::{Shown, Stated};

mod lists;
mod naming;

pub(crate) use lists::Lists;

/// What each member says in one field, by its place among the members.
pub(crate) type Says<'s, 'v, T> = &'s dyn Fn(usize) -> Option<&'v T>;

/// Where the projection of one item is worked out.
pub(crate) struct Desk<'a> {
    pub(crate) cx: &'a Context<'a>,
    /// The members that the voices belong to, in the same order.
    pub(crate) members: &'a [Member],
    /// How many of them are heard, from the first: what was entered in error is only heard on its status.
    pub(crate) heard: usize,
    /// How many are heard on their status.
    pub(crate) heard_on_status: usize,
    pub(crate) conflicts: Vec<Conflict>,
}

/// Sides of a disagreement: each a list of places among the statements.
type Sides = Vec<Vec<usize>>;

/// Sides of a disagreement: each in words, and who states it, by place among the members.
pub(crate) type InWords = Vec<(String, Vec<usize>)>;

/// What is said, each once, with who says it.
fn distinct<T: PartialEq + Copy>(said: impl Iterator<Item = (usize, T)>) -> Vec<(T, Vec<usize>)> {
    let mut distinct: Vec<(T, Vec<usize>)> = Vec::new();
    for (voice, value) in said {
        match distinct.iter_mut().find(|(known, _)| *known == value) {
            Some((_, voices)) => voices.push(voice),
            None => distinct.push((value, vec![voice])),
        }
    }
    distinct
}

/// Groups statements that agree, each with all of its group, led by the one that says most; the groups in the order of their best-ranked
/// statement. `detail` is of each statement, in the order of their voices.
fn sides(detail: &[u32], agree: &dyn Fn(usize, usize) -> bool) -> Sides {
    let mut order: Vec<usize> = (0..detail.len()).collect();
    order.sort_by_key(|at| (Reverse(detail.get(*at)), *at));
    let mut sides: Sides = Vec::new();
    for at in order {
        let side = sides
            .iter_mut()
            .find(|side| side.iter().all(|member| agree(*member, at)));
        match side {
            Some(side) => side.push(at),
            None => sides.push(vec![at]),
        }
    }
    sides.sort_by_key(|side| side.iter().min().copied());
    sides
}

/// Puts the side first that the first member states which counts.
fn lead_with(sides: &mut InWords, counts: &[bool]) {
    let lead = counts.iter().position(|counts| *counts);
    let at = lead.and_then(|lead| sides.iter().position(|(_, voices)| voices.contains(&lead)));
    if let Some(side) = at.map(|at| sides.remove(at)) {
        sides.insert(0, side);
    }
}

/// Whether a clinical status says that something lasts.
pub(crate) fn is_lasting(status: &CodeableConcept) -> bool {
    let mut codes = status.codings.iter().filter_map(|coding| coding.code.as_deref());
    codes.any(|code| matches!(code, "active" | "recurrence" | "relapse"))
}

impl Desk<'_> {
    /// The single value of a field; a conflict where statements do not agree.
    pub(crate) fn one<T: Shown>(&mut self, path: &str, says: Says<'_, '_, T>) -> Option<T> {
        let (shown, conflict) = self.single(says, Some(Shown::show))?;
        self.conflict(path, conflict);
        Some(shown)
    }

    /// The status; that a member was entered in error is a side of its own, and never the status of the others.
    pub(crate) fn status<T: Shown>(&mut self, path: &str, says: Says<'_, '_, T>) -> Option<T> {
        let (shown, mut sides) = match self.sides(says) {
            Some((shown, sides)) => (Some(shown), sides),
            None => (
                None,
                vec![("not withdrawn".to_owned(), (0..self.heard).collect())],
            ),
        };
        self.hear_withdrawn(&mut sides, says);
        self.conflict(path, sides);
        shown
    }

    /// Adds what those members say on their status that were entered in error.
    fn hear_withdrawn<T: Shown>(&self, sides: &mut InWords, says: Says<'_, '_, T>) {
        for voice in self.heard..self.heard_on_status {
            let Some(words) = says(voice).map(Shown::show) else {
                continue;
            };
            match sides.iter_mut().find(|(known, _)| *known == words) {
                Some((_, voices)) => voices.push(voice),
                None => sides.push((words, vec![voice])),
            }
        }
    }

    /// How sure it is. Who says nothing of that, asserts it: that another doubts it is a disagreement, and no status of theirs; nor is
    /// a doubt shown where another source has none.
    pub(crate) fn verification(
        &mut self,
        path: &str,
        doubts: &[&str],
        says: Says<'_, '_, CodeableConcept>,
    ) -> Option<CodeableConcept> {
        let doubted = |voice: usize| {
            let codings = says(voice).into_iter().flat_map(|concept| &concept.codings);
            let mut codes = codings.filter_map(|coding| coding.code.as_deref());
            codes.any(|code| doubts.contains(&code))
        };
        if !(0..self.heard).any(doubted) {
            return self.status(path, says);
        }
        let silent: Vec<usize> = (0..self.heard).filter(|voice| says(*voice).is_none()).collect();
        let mut sides = self.sides(says).map(|(_, sides)| sides).unwrap_or_default();
        if !silent.is_empty() {
            let at = if silent.contains(&0) { 0 } else { sides.len() };
            sides.insert(at, ("asserted".to_owned(), silent));
        }
        self.hear_withdrawn(&mut sides, says);
        let counts = self.rather(&|voice| Some(!doubted(voice)));
        lead_with(&mut sides, &counts);
        self.conflict(path, sides);
        self.fill(&|voice| says(voice).filter(|_| counts.get(voice) == Some(&true)))
    }

    /// Whether something lasts: where one source says so, no other's "resolved" is shown instead.
    pub(crate) fn lasting(
        &mut self,
        path: &str,
        says: Says<'_, '_, CodeableConcept>,
    ) -> Option<CodeableConcept> {
        self.one_rather(path, &is_lasting, says)
    }

    /// The single value of a field, one that is `preferred` rather than another; a conflict where statements do not agree.
    pub(crate) fn one_rather<T: Shown>(
        &mut self,
        path: &str,
        preferred: &dyn Fn(&T) -> bool,
        says: Says<'_, '_, T>,
    ) -> Option<T> {
        let (_, mut sides) = self.sides(says)?;
        let counts = self.rather(&|voice| says(voice).map(preferred));
        lead_with(&mut sides, &counts);
        self.conflict(path, sides);
        self.fill(&|voice| says(voice).filter(|_| counts.get(voice) == Some(&true)))
    }

    /// Which members count for what is shown: those that say what is preferred, unless their sender said otherwise later; all where
    /// there are none.
    fn rather(&self, is_preferred: &dyn Fn(usize) -> Option<bool>) -> Vec<bool> {
        let are_one_sender = |a: usize, b: usize| {
            let members = self.members.get(a).zip(self.members.get(b));
            members.is_some_and(|(a, b)| self.cx.senders.are_one_source(&a.source, &b.source))
        };
        let counts: Vec<bool> = (0..self.heard)
            .map(|voice| {
                let mut better = (0..voice).filter(|other| is_preferred(*other) == Some(false));
                is_preferred(voice) == Some(true) && !better.any(|other| are_one_sender(voice, other))
            })
            .collect();
        if counts.contains(&true) {
            counts
        } else {
            vec![true; self.heard]
        }
    }

    /// Whether a member states the status that is shown, or none: what comes with another status is not said of the one shown.
    pub(crate) fn states_shown<T: Stated>(&self, says: Says<'_, '_, T>) -> impl Fn(usize) -> bool + use<T> {
        let shown = self.fill(says);
        let states: Vec<bool> = (0..self.heard)
            .map(|voice| match (says(voice), &shown) {
                (Some(own), Some(shown)) => own.is_blank() || own.agrees(shown, self.cx),
                _ => true,
            })
            .collect();
        move |voice| states.get(voice).copied().unwrap_or(false)
    }

    /// Whether a member says as the status that is shown does whether it was done.
    pub(crate) fn done_as_shown(&self, says: Says<'_, '_, Status>) -> impl Fn(usize) -> bool + use<> {
        let shown = self.fill(says).as_ref().and_then(is_done);
        let done: Vec<Option<bool>> = (0..self.heard).map(|voice| is_done(says(voice)?)).collect();
        move |voice| match (done.get(voice).copied().flatten(), shown) {
            (Some(own), Some(shown)) => own == shown,
            _ => true,
        }
    }

    /// The single value of a field that is not worth a conflict.
    pub(crate) fn fill<T: Stated>(&self, says: Says<'_, '_, T>) -> Option<T> {
        Some(self.single(says, None)?.0)
    }

    /// The value to show, and all that is stated in words: one side where nobody disagrees.
    pub(crate) fn sides<T: Shown>(&self, says: Says<'_, '_, T>) -> Option<(T, InWords)> {
        let (shown, mut sides) = self.single(says, Some(Shown::show))?;
        if sides.is_empty() {
            let voices = (0..self.heard).filter(|voice| says(*voice).is_some());
            sides.push((shown.show(), voices.collect()));
        }
        Some((shown, sides))
    }

    /// When something ended: not shown where the status that is shown says that it has not, unless the same member says both.
    pub(crate) fn unless_active<T: Shown>(
        &mut self,
        path: &str,
        status: Says<'_, '_, CodeableConcept>,
        end: Says<'_, '_, T>,
    ) -> Option<T> {
        let is_active = |voice: usize| status(voice).is_some_and(is_lasting);
        let counts = self.rather(&|voice| status(voice).map(is_lasting));
        let shown = self.fill(&|voice| status(voice).filter(|_| counts.get(voice) == Some(&true)));
        if !shown.as_ref().is_some_and(is_lasting) {
            return self.one(path, end);
        }
        let (active, rest): (Vec<usize>, Vec<usize>) = (0..self.heard).partition(|voice| is_active(*voice));
        let ended = self.sides(&|at| end(at).filter(|_| rest.contains(&at)));
        if let Some((_, mut sides)) = ended {
            sides.insert(0, ("not ended".to_owned(), active.clone()));
            self.conflict(path, sides);
        }
        self.one(path, &|at| end(at).filter(|_| active.contains(&at)))
    }

    /// The value to show, and the sides of a disagreement in words, where words are asked for.
    fn single<'v, T: Stated + 'v>(
        &self,
        says: Says<'_, 'v, T>,
        show: Option<fn(&T) -> String>,
    ) -> Option<(T, InWords)> {
        let all: Vec<(usize, &T)> = (0..self.heard)
            .filter_map(|voice| Some((voice, says(voice)?)))
            .collect();
        let (_, first) = *all.first()?;
        if all.iter().all(|(_, value)| *value == first) {
            return Some((first.clone(), Vec::new()));
        }
        let said = distinct(all.into_iter().filter(|(_, value)| !value.is_blank()));
        let at = |place: &usize| said.get(*place);
        let detail: Vec<u32> = said.iter().map(|(value, _)| value.detail()).collect();
        let sides = sides(&detail, &|a, b| match (at(&a), at(&b)) {
            (Some((a, _)), Some((b, _))) => a.agrees(b, self.cx),
            _ => false,
        });
        let Some(lead) = sides.first() else {
            return Some((first.clone(), Vec::new()));
        };
        let mut shown = lead.first().and_then(at)?.0.clone();
        let mut rest: Vec<usize> = lead.iter().skip(1).copied().collect();
        rest.sort_unstable();
        for (value, _) in rest.iter().filter_map(at) {
            shown.absorb(value, self.cx);
        }
        let in_words = sides.iter().filter_map(|side| {
            let (leading, _) = side.first().and_then(at)?;
            let voices = side.iter().filter_map(at).flat_map(|(_, voices)| voices);
            Some((show?(leading), voices.copied().collect()))
        });
        Some((shown, in_words.collect()))
    }

    /// Reports sides, when there is more than one; the first is the one shown. Sides are text and voices.
    pub(crate) fn conflict(&mut self, path: &str, sides: InWords) {
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
