//! Groups statements of one fact: grown from the best pairs, never against a pair that cannot be one.

use std::collections::BTreeMap;

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

/// What is grouped: statements by number.
pub(crate) trait Nodes {
    /// What the rule says of two of them, the lower first.
    fn compare(&self, a: usize, b: usize) -> Verdict;

    /// The source that states it.
    fn source(&self, node: usize) -> &str;

    /// A number for what it says: nodes of one sort compare alike with each node of another source.
    fn sort(&self, node: usize) -> usize;
}

/// Groups the nodes `0..len` by the pairs worth comparing. Nodes are in a fixed order, so that ties fall the same way
/// whatever the order in which the charts came.
pub(crate) fn cluster(len: usize, candidates: &Candidates, nodes: &dyn Nodes) -> Vec<Vec<usize>> {
    let mut groups = Groups::new(len, nodes);
    let mut edges: Vec<(u32, usize, usize)> = Vec::new();
    let mut likely: Vec<(usize, usize)> = Vec::new();
    // Of many partners only some are compared: one that seems to be the only one need not be.
    let crowded = |node: usize| candidates.crowded.get(node).copied().unwrap_or(false);
    for (a, b) in &candidates.pairs {
        match nodes.compare(*a, *b) {
            Verdict::Same(score) => edges.push((score, *a, *b)),
            Verdict::Likely if !crowded(*a) && !crowded(*b) => likely.push((*a, *b)),
            Verdict::Likely | Verdict::Different | Verdict::Unsure => {}
        }
    }
    edges.sort_unstable_by(|x, y| y.0.cmp(&x.0).then_with(|| (x.1, x.2).cmp(&(y.1, y.2))));
    for (_, a, b) in edges {
        if groups.may_join(a, b) {
            groups.join(a, b);
        }
    }
    join_likely(&mut groups, likely);
    let members = groups.groups.into_iter().map(|group| group.members);
    members.filter(|members| !members.is_empty()).collect()
}

/// Joins a node to the only group that it may belong to. With several the choice would be a guess.
fn join_likely(groups: &mut Groups<'_>, mut likely: Vec<(usize, usize)>) {
    let mut partners: Vec<(usize, usize)> = likely.iter().map(|(a, b)| (*b, *a)).collect();
    partners.append(&mut likely);
    partners.sort_unstable();
    let mut choices: Vec<(usize, usize)> = Vec::new();
    for run in partners.chunk_by(|x, y| x.0 == y.0) {
        let mut targets: Vec<usize> = Vec::new();
        for (node, partner) in run {
            if groups.may_join(*node, *partner) {
                targets.push(groups.of(*partner));
            }
        }
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
                *other != node && groups.of(*other) != groups.of(node) && groups.is_different(node, *other)
            })
    };
    let accepted: Vec<(usize, usize)> = choices
        .iter()
        .filter(|(node, partner)| !rivals(*node, *partner))
        .copied()
        .collect();
    for (node, partner) in accepted {
        if groups.may_join(node, partner) {
            groups.join(node, partner);
        }
    }
}

/// So many pairs are compared one by one when two groups are to be joined.
const PAIRS: usize = 64;

/// A group of so many sorts grows no further, nor one with so many nodes of one source where the other has some too. What is stated
/// in more ways is left in several items rather than compared without end.
const MOST: usize = 64;

#[derive(Default)]
struct Group {
    /// Ascending.
    members: Vec<usize>,
    /// Made when it is first asked for.
    summary: Option<Summary>,
}

/// A large group by what its nodes say and by who says it.
#[derive(Default)]
struct Summary {
    /// Of each sort one node and, where there is one, a second of another source.
    sorts: BTreeMap<usize, (usize, Option<usize>)>,
    sources: BTreeMap<String, Vec<usize>>,
}

impl Summary {
    fn add(&mut self, node: usize, nodes: &dyn Nodes) {
        let (first, second) = self.sorts.entry(nodes.sort(node)).or_insert((node, None));
        if second.is_none() && nodes.source(*first) != nodes.source(node) {
            *second = Some(node);
        }
        self.sources
            .entry(nodes.source(node).to_owned())
            .or_default()
            .push(node);
    }

    fn and(self, other: Self, nodes: &dyn Nodes) -> Self {
        let (mut all, few) = if self.sources.len() < other.sources.len() {
            (other, self)
        } else {
            (self, other)
        };
        few.sources
            .into_values()
            .flatten()
            .for_each(|node| all.add(node, nodes));
        all
    }
}

struct Groups<'n> {
    nodes: &'n dyn Nodes,
    group: Vec<usize>,
    groups: Vec<Group>,
    /// Whether two sorts are different, in different sources.
    apart: FxHashMap<(usize, usize), bool>,
}

impl<'n> Groups<'n> {
    fn new(len: usize, nodes: &'n dyn Nodes) -> Self {
        let alone = |node| Group {
            members: vec![node],
            summary: None,
        };
        Self {
            nodes,
            group: (0..len).collect(),
            groups: (0..len).map(alone).collect(),
            apart: FxHashMap::default(),
        }
    }

    fn of(&self, node: usize) -> usize {
        self.group.get(node).copied().unwrap_or(node)
    }

    fn list(&self, node: usize) -> &[usize] {
        let group = self.groups.get(self.of(node));
        group.map(|group| group.members.as_slice()).unwrap_or_default()
    }

    fn is_different(&self, a: usize, b: usize) -> bool {
        self.nodes.compare(a.min(b), a.max(b)) == Verdict::Different
    }

    fn any_is_different(&self, a: &[usize], b: &[usize]) -> bool {
        a.iter().any(|x| b.iter().any(|y| self.is_different(*x, *y)))
    }

    /// Whether no pair across the two groups is different.
    fn may_join(&mut self, a: usize, b: usize) -> bool {
        if self.of(a) == self.of(b) {
            return false;
        }
        if self.list(a).len() * self.list(b).len() <= PAIRS {
            return !self.any_is_different(self.list(a), self.list(b));
        }
        let (first, second) = (self.summary(a), self.summary(b));
        let may_join = self.may_join_by(&first, &second);
        for (node, summary) in [(a, first), (b, second)] {
            let at = self.of(node);
            if let Some(group) = self.groups.get_mut(at) {
                group.summary = Some(summary);
            }
        }
        may_join
    }

    /// Takes the summary of the group of a node.
    fn summary(&mut self, node: usize) -> Summary {
        let at = self.of(node);
        let known = self.groups.get_mut(at).and_then(|group| group.summary.take());
        known.unwrap_or_else(|| {
            let mut summary = Summary::default();
            for member in self.list(node) {
                summary.add(*member, self.nodes);
            }
            summary
        })
    }

    /// The same as comparing all pairs: those of one source are compared one by one, of the others one of each two sorts.
    fn may_join_by(&mut self, a: &Summary, b: &Summary) -> bool {
        if a.sorts.len() + b.sorts.len() > MOST {
            return false;
        }
        let (few, many) = if a.sources.len() < b.sources.len() {
            (a, b)
        } else {
            (b, a)
        };
        for (source, own) in &few.sources {
            let Some(others) = many.sources.get(source) else {
                continue;
            };
            if own.len() + others.len() > MOST || self.any_is_different(own, others) {
                return false;
            }
        }
        a.sorts.iter().all(|(x, of_x)| {
            b.sorts
                .iter()
                .all(|(y, of_y)| !self.are_apart((*x, *of_x), (*y, *of_y)))
        })
    }

    fn are_apart(&mut self, (x, of_x): Sort, (y, of_y): Sort) -> bool {
        let key = (x.min(y), x.max(y));
        if let Some(known) = self.apart.get(&key) {
            return *known;
        }
        let both = |(first, second): (usize, Option<usize>)| [Some(first), second].into_iter().flatten();
        let mut pairs = both(of_x).flat_map(|x| both(of_y).map(move |y| (x, y)));
        let Some((x, y)) = pairs.find(|(x, y)| self.nodes.source(*x) != self.nodes.source(*y)) else {
            // All are of one source, and were compared.
            return false;
        };
        let apart = self.is_different(x, y);
        self.apart.insert(key, apart);
        apart
    }

    fn join(&mut self, a: usize, b: usize) {
        let (low, high) = (self.of(a).min(self.of(b)), self.of(a).max(self.of(b)));
        if low == high {
            return;
        }
        let moved = self.groups.get_mut(high).map(std::mem::take).unwrap_or_default();
        for node in &moved.members {
            if let Some(group) = self.group.get_mut(*node) {
                *group = low;
            }
        }
        let nodes = self.nodes;
        if let Some(group) = self.groups.get_mut(low) {
            group.summary = group
                .summary
                .take()
                .zip(moved.summary)
                .map(|(own, theirs)| own.and(theirs, nodes));
            group.members.extend(moved.members);
            group.members.sort_unstable();
        }
    }
}

/// A sort, with one of its nodes and a second of another source.
type Sort = (usize, (usize, Option<usize>));

#[cfg(test)]
mod tests {
    use super::*;

    /// Nodes that a function compares, of as many sources.
    struct By<'f>(&'f dyn Fn(usize, usize) -> Verdict, Vec<String>);

    impl<'f> By<'f> {
        fn new(compare: &'f dyn Fn(usize, usize) -> Verdict) -> Self {
            Self(compare, (0..1000).map(|node| node.to_string()).collect())
        }
    }

    impl Nodes for By<'_> {
        fn compare(&self, a: usize, b: usize) -> Verdict {
            (self.0)(a, b)
        }

        fn source(&self, node: usize) -> &str {
            &self.1[node]
        }

        /// As if only the remainder counted.
        fn sort(&self, node: usize) -> usize {
            node % 10
        }
    }

    fn clustered(pairs: &[(usize, usize)], compare: &dyn Fn(usize, usize) -> Verdict) -> Vec<Vec<usize>> {
        let len = pairs.iter().map(|(_, b)| b + 1).max().unwrap_or(0);
        let candidates = Candidates {
            pairs: pairs.to_vec(),
            crowded: Vec::new(),
        };
        cluster(len, &candidates, &By::new(compare))
    }

    #[test]
    fn a_large_group_takes_in_what_is_different_from_none() {
        // A chain of many; 7 cannot be one with 3, nor can any of its sort.
        let compare = |a: usize, b: usize| match (a % 10, b % 10) {
            (3, 7) | (7, 3) => Verdict::Different,
            _ => Verdict::Same(1),
        };
        let pairs: Vec<(usize, usize)> = (0..999)
            .map(|node| (node, node + 1))
            .chain((0..998).map(|node| (node, node + 2)))
            .collect();
        let groups = clustered(&pairs, &compare);
        for group in &groups {
            let has = |rest: usize| group.iter().any(|node| node % 10 == rest);
            assert!(!(has(3) && has(7)));
        }
        assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), 1000);
        assert!(groups[0].len() > 600, "{}", groups[0].len());
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
            cluster(2, &candidates, &By::new(&|_, _| Verdict::Likely)),
            [vec![0], vec![1]]
        );
        assert_eq!(
            cluster(2, &candidates, &By::new(&|_, _| Verdict::Same(1))),
            [vec![0, 1]]
        );
    }
}
