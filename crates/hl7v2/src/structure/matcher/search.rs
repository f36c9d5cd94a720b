//! Where a segment goes: the search through the open groups.

use super::{Id, Matcher, Move, Reach};
use crate::definitions::{GroupDefinition, MemberDefinition, NameIndex};

impl Matcher<'_, '_> {
    /// Where a segment goes: the nearest place of the widest reach that is needed, or the one that fits
    /// best what follows.
    pub(super) fn place_for(&self, id: Id) -> Option<Move> {
        if id.is_none() {
            return self.find(id, Reach::Any);
        }
        match self.find(id, Reach::Exact) {
            Some(way) => Some(self.best(way, id)),
            None => self
                .find(id, Reach::Any)
                .or_else(|| self.find(id, Reach::Lenient)),
        }
    }

    fn find(&self, id: Id, reach: Reach) -> Option<Move> {
        for (level, frame) in self.stack.iter().enumerate().rev() {
            let member = frame.group.member(frame.member)?;
            let same = frame.count > 0 && matches(member, id, reach);
            if same
                && (member.is_any()
                    || member
                        .max_repetitions()
                        .is_none_or(|max| frame.count < u32::from(max)))
            {
                return Some(Move::within(level, vec![frame.member]));
            }
            let forward = if frame.group.is_choice() && frame.count > 0 {
                None
            } else {
                let from = frame.member + usize::from(frame.count > 0);
                self.forward(frame.group, from, id, reach)
            };
            let opener = level > 0 && id.is_some() && frame.opener == id;
            // The segment that opened the group opens it again, rather than some group inside it.
            let inward = forward.as_ref().is_none_or(|path| path.len() > 1);
            if opener
                && frame.repeats
                && inward
                && let Some(path) = self.opening(frame.group, id)
            {
                return Some(self.unless_next_says(Move::again(level, path), id));
            }
            if let Some(path) = forward {
                let due = path.first().and_then(|at| frame.group.member(*at));
                let due = due.is_some_and(|member| !self.may_pass(member, Reach::Exact));
                let around = if path.len() > 1 && !due {
                    self.reopened_around(level, id)
                } else {
                    None
                };
                return Some(match around {
                    Some(around) => self.unless_next_says(around, id),
                    None => Move::within(level, path),
                });
            }
            if reach != Reach::Lenient {
                if let Some(path) = self.forward(frame.group, 0, id, reach).filter(|_| frame.repeats) {
                    return Some(Move::again(level, path));
                }
            } else if same && !frame.anonymous {
                return Some(Move {
                    excess: true,
                    ..Move::within(level, vec![frame.member])
                });
            } else if opener
                && !frame.anonymous
                && let Some(path) = self.forward(frame.group, 0, id, Reach::Exact)
            {
                return Some(Move {
                    excess: true,
                    ..Move::again(level, path)
                });
            }
        }
        None
    }

    /// A repeating group around `level` that the same segment opened before. An order that follows an
    /// order is the next one, although the first could hold another (a prior result, say) that
    /// begins alike.
    fn reopened_around(&self, level: usize, id: Id) -> Option<Move> {
        let outer = self.stack.iter().enumerate().take(level).skip(1).rev();
        let (level, frame) = outer
            .into_iter()
            .find(|(_, f)| f.repeats && id.is_some() && f.opener == id)?;
        let path = self.opening(frame.group, id)?;
        Some(Move::again(level, path))
    }

    /// The same move, unless the next segment has no place after it but has one after another: an order
    /// that begins alike may belong to a later part of the structure.
    fn unless_next_says(&self, reopened: Move, id: Id) -> Move {
        let Some(next) = self.next_id() else {
            return reopened;
        };
        let Some(frame) = self.stack.get(reopened.level) else {
            return reopened;
        };
        if self.follows(frame.group, &reopened.path, next) {
            return reopened;
        }
        for (level, frame) in self.stack.iter().enumerate().rev() {
            if frame.group.is_choice() && frame.count > 0 {
                continue;
            }
            let from = frame.member + usize::from(frame.count > 0);
            if let Some(path) = self.forward(frame.group, from, id, Reach::Exact)
                && self.follows(frame.group, &path, next)
            {
                return Move::within(level, path);
            }
        }
        reopened
    }

    /// The name of the next segment that the definitions know.
    fn next_id(&self) -> Id {
        let after = self.ids.get(self.position as usize + 1..).unwrap_or_default();
        after.iter().take(8).find_map(|id| *id)
    }

    /// Whether a segment has a place in a group after the place that a path leads to.
    fn follows(&self, group: GroupDefinition, path: &[usize], next: NameIndex) -> bool {
        let Some((at, rest)) = path.split_first() else {
            return false;
        };
        let Some(member) = group.member(*at) else {
            return false;
        };
        let inside = match member.group() {
            Some(inner) => self.follows(inner, rest, next),
            None => member.is_segment(Some(next)) && member.repeats(),
        };
        inside || (!group.is_choice() && self.forward(group, at + 1, Some(next), Reach::Exact).is_some())
    }

    /// The way to the segment that opened a group.
    fn opening(&self, group: GroupDefinition, id: Id) -> Option<Vec<usize>> {
        let exact = self.forward(group, 0, id, Reach::Exact);
        let lenient = exact.or_else(|| self.forward(group, 0, id, Reach::Lenient));
        lenient.or_else(|| unconditional(group, id))
    }

    /// The way to `id` through the members of a group, from one of them on.
    pub(super) fn forward(
        &self,
        group: GroupDefinition,
        from: usize,
        id: Id,
        reach: Reach,
    ) -> Option<Vec<usize>> {
        for (at, member) in group.members().enumerate().skip(from) {
            if matches(member, id, reach) {
                return Some(vec![at]);
            }
            if let Some(mut path) = member.group().and_then(|inner| self.forward(inner, 0, id, reach)) {
                path.insert(0, at);
                return Some(path);
            }
            if !group.is_choice() && !self.may_pass(member, reach) {
                return None;
            }
        }
        None
    }

    pub(super) fn may_pass(&self, member: MemberDefinition, reach: Reach) -> bool {
        if !member.is_required() || member.is_any() {
            return true;
        }
        match member.group() {
            Some(group) => {
                let mut members = group.members();
                if group.is_choice() {
                    members.any(|member| self.may_pass(member, reach))
                } else {
                    members.all(|member| self.may_pass(member, reach))
                }
            }
            None => reach == Reach::Lenient && !self.comes_later(member),
        }
    }

    fn comes_later(&self, member: MemberDefinition) -> bool {
        member.segment().is_some_and(|id| {
            let at = self.last.binary_search_by_key(&id, |(id, _)| *id);
            at.ok()
                .and_then(|at| self.last.get(at))
                .is_some_and(|(_, last)| *last > self.position)
        })
    }
}

/// The way to the first place of `id` in a group, whatever it passes.
fn unconditional(group: GroupDefinition, id: Id) -> Option<Vec<usize>> {
    for (at, member) in group.members().enumerate() {
        if matches(member, id, Reach::Exact) {
            return Some(vec![at]);
        }
        if let Some(mut path) = member.group().and_then(|inner| unconditional(inner, id)) {
            path.insert(0, at);
            return Some(path);
        }
    }
    None
}

fn matches(member: MemberDefinition, id: Id, reach: Reach) -> bool {
    member.is_segment(id) || (reach == Reach::Any && member.is_any())
}
