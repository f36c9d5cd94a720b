//! Groups statements of one fact: grown from the best pairs, never against a pair that cannot be one.

use rustc_hash::FxHashMap;

use crate::reconcile::Candidates;

/// What a rule says of two entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// They are not one fact, whatever else is said.
    Different,
    /// Nothing speaks for it; they may share an item through others.
    Unsure,
    /// They may be one fact, if no other candidate is as good: something that would tell is missing.
    Likely,
    /// They are one fact; the higher the number, the better they agree.
    Same(u32),
}

/// Groups the nodes `0..len` by the pairs worth comparing. Nodes are in a fixed order, so that ties fall the same way
/// whatever the order in which the charts came.
pub(crate) fn cluster(
    len: usize,
    candidates: &Candidates,
    compare: &dyn Fn(usize, usize) -> Verdict,
) -> Vec<Vec<usize>> {
    let mut groups = Groups::new(len);
    let mut edges: Vec<(u32, usize, usize)> = Vec::new();
    let mut likely: Vec<(usize, usize)> = Vec::new();
    // Of many partners only some are compared: one that seems to be the only one need not be.
    let crowded = |node: usize| candidates.crowded.get(node).copied().unwrap_or(false);
    for (a, b) in &candidates.pairs {
        match compare(*a, *b) {
            Verdict::Same(score) => edges.push((score, *a, *b)),
            Verdict::Likely if !crowded(*a) && !crowded(*b) => likely.push((*a, *b)),
            Verdict::Likely | Verdict::Different | Verdict::Unsure => {}
        }
    }
    edges.sort_unstable_by(|x, y| y.0.cmp(&x.0).then_with(|| (x.1, x.2).cmp(&(y.1, y.2))));
    for (_, a, b) in edges {
        if groups.may_join(a, b, compare) {
            groups.join(a, b);
        }
    }
    join_likely(&mut groups, likely, compare);
    groups
        .members
        .into_iter()
        .filter(|members| !members.is_empty())
        .collect()
}

/// Joins a node to the only group that it may belong to. With several the choice would be a guess.
fn join_likely(
    groups: &mut Groups,
    mut likely: Vec<(usize, usize)>,
    compare: &dyn Fn(usize, usize) -> Verdict,
) {
    let mut partners: Vec<(usize, usize)> = likely.iter().map(|(a, b)| (*b, *a)).collect();
    partners.append(&mut likely);
    partners.sort_unstable();
    let mut choices: Vec<(usize, usize)> = Vec::new();
    for run in partners.chunk_by(|x, y| x.0 == y.0) {
        let mut targets: Vec<usize> = run
            .iter()
            .filter(|(node, partner)| groups.may_join(*node, *partner, compare))
            .map(|(_, partner)| groups.of(*partner))
            .collect();
        targets.sort_unstable();
        targets.dedup();
        if let ([_], Some((node, _))) = (targets.as_slice(), run.first()) {
            let partner = run
                .iter()
                .find(|(_, partner)| targets.contains(&groups.of(*partner)))
                .map_or(*node, |(_, partner)| *partner);
            choices.push((*node, partner));
        }
    }
    let mut wanted: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
    for (node, partner) in &choices {
        wanted.entry(groups.of(*partner)).or_default().push(*node);
    }
    // Two that want into one group and cannot both be in it: neither is the obvious one.
    let rivals = |node: usize, partner: usize| {
        wanted
            .get(&groups.of(partner))
            .into_iter()
            .flatten()
            .any(|other| {
                *other != node
                    && groups.of(*other) != groups.of(node)
                    && compare(node.min(*other), node.max(*other)) == Verdict::Different
            })
    };
    let accepted: Vec<(usize, usize)> = choices
        .iter()
        .filter(|(node, partner)| !rivals(*node, *partner))
        .copied()
        .collect();
    for (node, partner) in accepted {
        if groups.may_join(node, partner, compare) {
            groups.join(node, partner);
        }
    }
}

struct Groups {
    group: Vec<usize>,
    members: Vec<Vec<usize>>,
}

impl Groups {
    fn new(len: usize) -> Self {
        Self {
            group: (0..len).collect(),
            members: (0..len).map(|node| vec![node]).collect(),
        }
    }

    fn of(&self, node: usize) -> usize {
        self.group.get(node).copied().unwrap_or(node)
    }

    fn list(&self, node: usize) -> &[usize] {
        self.members
            .get(self.of(node))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Whether no pair across the two groups is different.
    fn may_join(&self, a: usize, b: usize, compare: &dyn Fn(usize, usize) -> Verdict) -> bool {
        self.of(a) != self.of(b)
            && self.list(a).iter().all(|x| {
                self.list(b)
                    .iter()
                    .all(|y| compare(*x.min(y), *x.max(y)) != Verdict::Different)
            })
    }

    fn join(&mut self, a: usize, b: usize) {
        let (low, high) = (self.of(a).min(self.of(b)), self.of(a).max(self.of(b)));
        if low == high {
            return;
        }
        let moved = self.members.get_mut(high).map(std::mem::take).unwrap_or_default();
        for node in &moved {
            if let Some(group) = self.group.get_mut(*node) {
                *group = low;
            }
        }
        if let Some(list) = self.members.get_mut(low) {
            list.extend(moved);
            list.sort_unstable();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clustered(pairs: &[(usize, usize)], compare: &dyn Fn(usize, usize) -> Verdict) -> Vec<Vec<usize>> {
        let len = pairs.iter().map(|(_, b)| b + 1).max().unwrap_or(0);
        let candidates = Candidates {
            pairs: pairs.to_vec(),
            crowded: Vec::new(),
        };
        cluster(len, &candidates, compare)
    }

    #[test]
    fn a_forbidden_pair_is_never_joined_through_others() {
        // 0–1 and 1–2 agree, 0–2 cannot be.
        let compare = |a: usize, b: usize| match (a, b) {
            (0, 1) => Verdict::Same(5),
            (1, 2) => Verdict::Same(9),
            _ => Verdict::Different,
        };
        let groups = clustered(&[(0, 1), (1, 2), (0, 2)], &compare);
        assert_eq!(groups, [vec![0], vec![1, 2]]);
    }

    #[test]
    fn an_undated_entry_joins_the_only_episode() {
        let one = |_: usize, _: usize| Verdict::Likely;
        assert_eq!(clustered(&[(0, 1)], &one), [vec![0, 1]]);
        // Two episodes, 0 and 1: the undated 2 stays by itself.
        let two = |a: usize, b: usize| match (a, b) {
            (0, 1) => Verdict::Different,
            _ => Verdict::Likely,
        };
        let groups = clustered(&[(0, 1), (0, 2), (1, 2)], &two);
        assert_eq!(groups, [vec![0], vec![1], vec![2]]);
    }

    #[test]
    fn among_many_a_likely_partner_is_not_the_only_one() {
        let candidates = Candidates {
            pairs: vec![(0, 1)],
            crowded: vec![true, false],
        };
        assert_eq!(
            cluster(2, &candidates, &|_, _| Verdict::Likely),
            [vec![0], vec![1]]
        );
        assert_eq!(cluster(2, &candidates, &|_, _| Verdict::Same(1)), [vec![0, 1]]);
    }
}
