//! Several places for one segment: which of them fits what follows.

use std::collections::BTreeSet;

use super::{Id, Matcher, Move, Reach};

/// So many segments are looked at to tell places apart.
const LOOK_AHEAD: usize = 16;

impl Matcher<'_, '_> {
    /// The place after which the fewest of the segments that follow are irregular: `nearest`, unless
    /// another is better.
    pub(super) fn best(&self, nearest: Move, id: Id) -> Move {
        if self.probing {
            return nearest;
        }
        let mut others = self.places(id);
        others.retain(|other| *other != nearest);
        if others.is_empty() {
            return nearest;
        }
        let mut least = self.irregular_after(&nearest, id);
        let mut best = nearest;
        for other in others {
            if least == 0 {
                break;
            }
            let irregular = self.irregular_after(&other, id);
            if irregular < least {
                (least, best) = (irregular, other);
            }
        }
        best
    }

    /// Every place in the open groups that skips nothing required.
    fn places(&self, id: Id) -> Vec<Move> {
        let mut places = Vec::new();
        for (level, frame) in self.stack.iter().enumerate().rev() {
            let Some(member) = frame.group.member(frame.member) else {
                continue;
            };
            let same = frame.count > 0 && member.is_segment(id);
            if same
                && member
                    .max_repetitions()
                    .is_none_or(|max| frame.count < u32::from(max))
            {
                places.push(Move::within(level, vec![frame.member]));
            }
            if !frame.group.is_choice() || frame.count == 0 {
                let from = frame.member + usize::from(frame.count > 0);
                let forward = self.forward(frame.group, from, id, Reach::Exact);
                places.extend(forward.map(|path| Move::within(level, path)));
            }
            if frame.repeats {
                let again = self.forward(frame.group, 0, id, Reach::Exact);
                places.extend(again.map(|path| Move::again(level, path)));
            }
        }
        places
    }

    /// How much is irregular in the segments that follow when this one goes to a place.
    fn irregular_after(&self, way: &Move, id: Id) -> u32 {
        let mut probe = Matcher {
            message: self.message,
            nodes: Vec::new(),
            placed: Vec::new(),
            stack: self.stack.clone(),
            ids: self.ids,
            last: self.last,
            position: self.position,
            missing: Vec::new(),
            strays: BTreeSet::new(),
            findings: Vec::new(),
            probing: true,
            irregular: 0,
        };
        probe.go(way.clone(), id);
        let next = self.position as usize + 1;
        let following = self.ids.get(next..).unwrap_or_default();
        for (position, id) in (next..).zip(following.iter().take(LOOK_AHEAD)) {
            probe.position = position as u32;
            if let Some(segment) = self.message.segment(position) {
                probe.segment(segment, *id);
            }
        }
        if following.len() <= LOOK_AHEAD {
            probe.close_all();
        }
        probe.irregular
    }
}
