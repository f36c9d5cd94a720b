//! From linked pairs to persons, without chains of doubtful links.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// What is known of two records.
#[derive(Clone, Copy)]
pub(crate) struct Edge {
    pub(crate) a: u32,
    pub(crate) b: u32,
    /// Bits for one person.
    pub(crate) score: f64,
    pub(crate) tie: Tie,
}

/// What ties two records, the strongest last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Tie {
    /// They may be two relatives named alike. It links nobody, and a record that fits both is linked to neither.
    Alike,
    /// Linked.
    Linked,
    /// Linked, with a number of one person that agrees.
    Numbered,
    /// Linked by a reviewer: stands whatever the other records say.
    Certain,
}

impl Tie {
    /// Whether it is a link.
    pub(crate) fn links(self) -> bool {
        self != Self::Alike
    }
}

/// The records that are to be grouped, by ascending position.
#[derive(Clone, Copy)]
pub(crate) enum Records<'a> {
    /// The first so many.
    All(usize),
    /// Some of them.
    These(&'a [u32]),
}

impl Records<'_> {
    fn len(self) -> usize {
        match self {
            Self::All(count) => count,
            Self::These(list) => list.len(),
        }
    }

    fn iter(self) -> impl Iterator<Item = u32> {
        (0..self.len() as u32).map(move |place| match self {
            Self::All(_) => place,
            Self::These(list) => list.get(place as usize).copied().unwrap_or(u32::MAX),
        })
    }

    /// Place of a record among them.
    fn place(self, record: u32) -> Option<u32> {
        match self {
            Self::All(count) => ((record as usize) < count).then_some(record),
            Self::These(list) => list.binary_search(&record).ok().map(|place| place as u32),
        }
    }
}

/// What is known of the records beside their links.
pub(crate) struct Grounds<'a, 'r> {
    /// Orders records, whatever order they came in.
    pub(crate) rank: &'a (dyn Fn(u32) -> (u64, &'r str) + Sync),
    /// Bits for one person of any two records; `None` where that is ruled out.
    pub(crate) across: &'a (dyn Fn(u32, u32) -> Option<f64> + Sync),
    /// For a record those that a reviewer has told from it, in both directions.
    pub(crate) enemies: FxHashMap<u32, Vec<u32>>,
}

/// Bits that one pair may add to the mean of a merge either way, so that no single pair outvotes
/// the rest.
pub(crate) const VOICE: f64 = 12.0;
/// Members of a person that speak for it in a merge.
const SPEAKERS: usize = 12;

/// Groups of the records along the links that lie among them, singletons included, ordered by their first record;
/// members ascending.
///
/// What hangs together by links at all is settled each by itself, so on all cores. There the strongest links join
/// first, and two groups become one only when no pair across them is ruled out and the mean score across is in favour.
/// A record that may be either of two relatives named alike joins neither.
pub(crate) fn groups(records: Records<'_>, edges: Vec<Edge>, grounds: &Grounds<'_, '_>) -> Vec<Vec<usize>> {
    let mut sets = Sets::new(records.len());
    let mut placed: Vec<(u32, Edge)> = Vec::with_capacity(edges.len());
    for edge in edges {
        if let (Some(a), Some(b)) = (records.place(edge.a), records.place(edge.b)) {
            if edge.tie.links() {
                sets.unite(a, b);
            }
            placed.push((a, edge));
        }
    }
    placed.retain(|(a, edge)| {
        let b = records.place(edge.b).unwrap_or(*a);
        edge.tie.links() || sets.root(*a) == sets.root(b)
    });
    for (set, _) in &mut placed {
        *set = sets.root(*set);
    }
    placed.par_sort_unstable_by_key(|(set, _)| *set);
    let mut joined: Vec<Vec<usize>> = placed
        .par_chunk_by(|(s, _), (t, _)| s == t)
        .flat_map_iter(|edges| {
            let edges = edges.iter().map(|(_, edge)| edge);
            let open = ambiguous(edges.clone());
            Forest::grow(edges.filter(|edge| !open.contains(&(edge.a, edge.b))), grounds).into_groups()
        })
        .collect();
    joined.par_sort_unstable();
    // All but the first of each group, to tell them from the records that stay alone.
    let mut later: Vec<usize> = joined
        .iter()
        .flat_map(|group| group.iter().skip(1).copied())
        .collect();
    later.par_sort_unstable();
    let (mut joined, mut later) = (joined.into_iter().peekable(), later.into_iter().peekable());
    let mut all = Vec::new();
    for record in records.iter().map(|record| record as usize) {
        if later.next_if_eq(&record).is_some() {
            continue;
        }
        let group = joined.next_if(|group| group.first() == Some(&record));
        all.push(group.unwrap_or_else(|| vec![record]));
    }
    all
}

/// Edges along which nothing may be joined: those between records named alike, and those of a record that fits both of
/// two such records, where no number tells which it is.
fn ambiguous<'a>(edges: impl Iterator<Item = &'a Edge> + Clone) -> FxHashSet<(u32, u32)> {
    let mut open = FxHashSet::default();
    let alike: Vec<&Edge> = edges.clone().filter(|edge| !edge.tie.links()).collect();
    if alike.is_empty() {
        return open;
    }
    let mut linked: FxHashMap<u32, Vec<(u32, &Edge)>> = FxHashMap::default();
    for edge in edges.filter(|edge| edge.tie.links()) {
        linked.entry(edge.a).or_default().push((edge.b, edge));
        linked.entry(edge.b).or_default().push((edge.a, edge));
    }
    for list in linked.values_mut() {
        list.sort_unstable_by_key(|(other, _)| *other);
    }
    let of = |record: u32| linked.get(&record).map_or(&[][..], Vec::as_slice);
    for edge in alike {
        open.insert((edge.a, edge.b));
        let theirs = of(edge.b);
        for (between, one) in of(edge.a) {
            let at = theirs.binary_search_by_key(between, |(other, _)| *other);
            let Some((_, other)) = at.ok().and_then(|at| theirs.get(at)) else {
                continue;
            };
            if one.tie == Tie::Linked && other.tie == Tie::Linked {
                open.insert((one.a, one.b));
                open.insert((other.a, other.b));
            }
        }
    }
    open
}

/// Disjoint sets of places; the root of each is its first.
struct Sets(Vec<u32>);

impl Sets {
    fn new(count: usize) -> Self {
        Self((0..count as u32).collect())
    }

    fn root(&mut self, mut place: u32) -> u32 {
        loop {
            let parent = self.0.get(place as usize).copied().unwrap_or(place);
            if parent == place {
                return place;
            }
            let above = self.0.get(parent as usize).copied().unwrap_or(parent);
            if let Some(slot) = self.0.get_mut(place as usize) {
                *slot = above;
            }
            place = above;
        }
    }

    fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(slot) = self.0.get_mut(a.max(b) as usize) {
            *slot = a.min(b);
        }
    }
}

/// Records that hang together, joined into groups. Each has a place, in the order of their content.
struct Forest {
    /// The records by place.
    records: Vec<u32>,
    /// The group of each, by place.
    group_of: Vec<usize>,
    /// None of one that went into another.
    groups: Vec<Group>,
}

#[derive(Default)]
struct Group {
    /// Places.
    members: Vec<u32>,
    /// The members that speak for it: the first of them.
    speakers: Vec<u32>,
}

impl Forest {
    /// Joins along links, the strongest first.
    fn grow<'a>(edges: impl Iterator<Item = &'a Edge> + Clone, grounds: &Grounds<'_, '_>) -> Self {
        let mut records: Vec<u32> = edges.clone().flat_map(|edge| [edge.a, edge.b]).collect();
        records.sort_unstable();
        records.dedup();
        let mut order: Vec<u32> = (0..records.len() as u32).collect();
        let record = |at: u32| records.get(at as usize).copied().unwrap_or(u32::MAX);
        order.sort_unstable_by_key(|at| ((grounds.rank)(record(*at)), *at));
        let mut places = vec![0_u32; records.len()];
        for (place, at) in (0..).zip(&order) {
            if let Some(slot) = places.get_mut(*at as usize) {
                *slot = place;
            }
        }
        let place = |record: u32| {
            let at = records.binary_search(&record).unwrap_or_default();
            places.get(at).copied().unwrap_or_default()
        };
        let mut placed: Vec<(u32, u32, &Edge)> = edges
            .map(|edge| {
                let (a, b) = (place(edge.a), place(edge.b));
                (a.min(b), a.max(b), edge)
            })
            .collect();
        placed.sort_unstable_by(|(a, b, x), (c, d, y)| {
            (y.tie == Tie::Certain)
                .cmp(&(x.tie == Tie::Certain))
                .then_with(|| y.score.total_cmp(&x.score))
                .then_with(|| (a, b).cmp(&(c, d)))
        });
        let mut forest = Self {
            group_of: (0..records.len()).collect(),
            groups: (0..records.len() as u32)
                .map(|place| Group {
                    members: vec![place],
                    speakers: vec![place],
                })
                .collect(),
            records: order.iter().map(|at| record(*at)).collect(),
        };
        let mut enemies: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (at, record) in records
            .iter()
            .enumerate()
            .take_while(|_| !grounds.enemies.is_empty())
        {
            let Some(theirs) = grounds.enemies.get(record) else {
                continue;
            };
            let here = theirs.iter().filter(|enemy| records.binary_search(enemy).is_ok());
            let own = places.get(at).copied().unwrap_or_default();
            enemies.insert(own, here.map(|enemy| place(*enemy)).collect());
        }
        for (a, b, edge) in placed {
            let (Some(a), Some(b)) = (forest.group(a), forest.group(b)) else {
                continue;
            };
            if a != b && !forest.apart(a, b, &enemies) && forest.agree(a, b, edge, grounds) {
                forest.join(a, b);
            }
        }
        forest
    }

    fn group(&self, place: u32) -> Option<usize> {
        self.group_of.get(place as usize).copied()
    }

    fn record(&self, place: u32) -> u32 {
        self.records.get(place as usize).copied().unwrap_or(u32::MAX)
    }

    fn members(&self, group: usize) -> &[u32] {
        self.groups.get(group).map_or(&[], |group| &group.members)
    }

    fn speakers(&self, group: usize) -> &[u32] {
        self.groups.get(group).map_or(&[], |group| &group.speakers)
    }

    fn agree(&self, a: usize, b: usize, edge: &Edge, grounds: &Grounds<'_, '_>) -> bool {
        let mut sum = 0.0;
        let mut count = 0.0;
        for x in self.speakers(a) {
            for y in self.speakers(b) {
                match (grounds.across)(self.record(*x), self.record(*y)) {
                    None => return false,
                    Some(score) => {
                        sum += score.clamp(-VOICE, VOICE);
                        count += 1.0;
                    }
                }
            }
        }
        edge.tie == Tie::Certain || sum / count > 0.0
    }

    /// Whether a reviewer has told a member of one group from a member of the other.
    fn apart(&self, a: usize, b: usize, enemies: &FxHashMap<u32, Vec<u32>>) -> bool {
        if enemies.is_empty() {
            return false;
        }
        let theirs = self.members(a).iter().filter_map(|member| enemies.get(member));
        theirs.flatten().any(|enemy| self.group(*enemy) == Some(b))
    }

    fn join(&mut self, a: usize, b: usize) {
        let (large, small) = if self.members(a).len() < self.members(b).len() {
            (b, a)
        } else {
            (a, b)
        };
        let moved = self.groups.get_mut(small).map(std::mem::take).unwrap_or_default();
        for place in &moved.members {
            if let Some(group) = self.group_of.get_mut(*place as usize) {
                *group = large;
            }
        }
        if let Some(group) = self.groups.get_mut(large) {
            group.members.extend(moved.members);
            group.speakers.extend(moved.speakers);
            group.speakers.sort_unstable();
            group.speakers.truncate(SPEAKERS);
        }
    }

    /// The groups of two or more, their records ascending.
    fn into_groups(self) -> impl Iterator<Item = Vec<usize>> {
        let large = self.groups.into_iter().map(|group| group.members);
        let large = large.filter(|members| members.len() > 1);
        large.map(move |members| {
            let records = members
                .iter()
                .filter_map(|place| self.records.get(*place as usize));
            let mut records: Vec<usize> = records.map(|record| *record as usize).collect();
            records.sort_unstable();
            records
        })
    }
}
