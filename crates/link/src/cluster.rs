//! From linked pairs to persons, without chains of doubtful links.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// A link between two records.
#[derive(Clone, Copy)]
pub(crate) struct Edge {
    pub(crate) a: u32,
    pub(crate) b: u32,
    /// Bits for one person.
    pub(crate) score: f64,
    /// Said by a reviewer: stands whatever the other records say.
    pub(crate) certain: bool,
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
const VOICE: f64 = 12.0;
/// Members of a person that speak for it in a merge.
const SPEAKERS: usize = 12;

/// Groups of the records along the links that lie among them, singletons included, ordered by their first record;
/// members ascending.
///
/// What hangs together by links at all is settled each by itself, so on all cores. There the strongest links join
/// first, and two groups become one only when no pair across them is ruled out and the mean score across is in favour.
pub(crate) fn groups(records: Records<'_>, edges: Vec<Edge>, grounds: &Grounds<'_, '_>) -> Vec<Vec<usize>> {
    let mut sets = Sets::new(records.len());
    let mut placed: Vec<(u32, Edge)> = Vec::with_capacity(edges.len());
    for edge in edges {
        if let (Some(a), Some(b)) = (records.place(edge.a), records.place(edge.b)) {
            sets.unite(a, b);
            placed.push((a, edge));
        }
    }
    for (set, _) in &mut placed {
        *set = sets.root(*set);
    }
    placed.par_sort_unstable_by(|(s, x), (t, y)| {
        s.cmp(t)
            .then_with(|| y.certain.cmp(&x.certain))
            .then_with(|| y.score.total_cmp(&x.score))
            .then_with(|| pair_rank(x, grounds).cmp(&pair_rank(y, grounds)))
    });
    let mut joined: Vec<Vec<usize>> = placed
        .par_chunk_by(|(s, _), (t, _)| s == t)
        .flat_map_iter(|edges| Forest::grow(edges, grounds).into_groups())
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

/// Records that hang together, joined into groups.
struct Forest {
    /// Ascending.
    records: Vec<u32>,
    /// The group of each record.
    group_of: Vec<usize>,
    /// None of one that went into another.
    groups: Vec<Group>,
}

#[derive(Default)]
struct Group {
    members: Vec<u32>,
    /// The members that speak for it: the first of them by rank.
    speakers: Vec<u32>,
}

impl Forest {
    /// `edges` come strongest first.
    fn grow(edges: &[(u32, Edge)], grounds: &Grounds<'_, '_>) -> Self {
        let mut records: Vec<u32> = edges.iter().flat_map(|(_, edge)| [edge.a, edge.b]).collect();
        records.sort_unstable();
        records.dedup();
        let mut forest = Self {
            group_of: (0..records.len()).collect(),
            groups: records
                .iter()
                .map(|record| Group {
                    members: vec![*record],
                    speakers: vec![*record],
                })
                .collect(),
            records,
        };
        for (_, edge) in edges {
            let (Some(a), Some(b)) = (forest.group(edge.a), forest.group(edge.b)) else {
                continue;
            };
            if a != b && !forest.apart(a, b, grounds) && forest.agree(a, b, edge, grounds) {
                forest.join(a, b, grounds);
            }
        }
        forest
    }

    fn group(&self, record: u32) -> Option<usize> {
        let place = self.records.binary_search(&record).ok()?;
        self.group_of.get(place).copied()
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
                match (grounds.across)(*x, *y) {
                    None => return false,
                    Some(score) => {
                        sum += score.clamp(-VOICE, VOICE);
                        count += 1.0;
                    }
                }
            }
        }
        edge.certain || sum / count > 0.0
    }

    /// Whether a reviewer has told a member of one group from a member of the other.
    fn apart(&self, a: usize, b: usize, grounds: &Grounds<'_, '_>) -> bool {
        if grounds.enemies.is_empty() {
            return false;
        }
        let enemies = self
            .members(a)
            .iter()
            .filter_map(|member| grounds.enemies.get(member));
        enemies.flatten().any(|enemy| self.group(*enemy) == Some(b))
    }

    fn join(&mut self, a: usize, b: usize, grounds: &Grounds<'_, '_>) {
        let (large, small) = if self.members(a).len() < self.members(b).len() {
            (b, a)
        } else {
            (a, b)
        };
        let moved = self.groups.get_mut(small).map(std::mem::take).unwrap_or_default();
        for record in &moved.members {
            if let Ok(place) = self.records.binary_search(record)
                && let Some(group) = self.group_of.get_mut(place)
            {
                *group = large;
            }
        }
        if let Some(group) = self.groups.get_mut(large) {
            group.members.extend(moved.members);
            group.speakers.extend(moved.speakers);
            group
                .speakers
                .sort_unstable_by_key(|member| (grounds.rank)(*member));
            group.speakers.truncate(SPEAKERS);
        }
    }

    /// The groups of two or more, members ascending.
    fn into_groups(self) -> impl Iterator<Item = Vec<usize>> {
        let groups = self.groups.into_iter().map(|group| group.members);
        let large = groups.filter(|members| members.len() > 1);
        large.map(|members| {
            let mut members: Vec<usize> = members.into_iter().map(|member| member as usize).collect();
            members.sort_unstable();
            members
        })
    }
}

fn pair_rank<'r>(edge: &Edge, grounds: &Grounds<'_, 'r>) -> ((u64, &'r str), (u64, &'r str)) {
    let (x, y) = ((grounds.rank)(edge.a), (grounds.rank)(edge.b));
    if x <= y { (x, y) } else { (y, x) }
}
