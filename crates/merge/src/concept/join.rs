//! Which codes mean the same: what sources give as translations, and what terminologies say.

use ehr_types::Coding;
use rustc_hash::FxHashMap;

use super::names::{is_catch_all, is_published, share_no_word};
use super::{Code, Concepts};
use crate::equivalence::{Equivalence, Relation};

/// A code of a system of one's own with more names than these is for whatever has no code.
const MOST_NAMES: usize = 64;

impl Concepts {
    /// Joins the codes that mean the same. To be called once, after all concepts were taken in.
    pub(crate) fn join(&mut self, equivalences: &[Box<dyn Equivalence>]) {
        self.catch_all = self.find_catch_alls();
        let mut edges = self.translations();
        self.ask(equivalences, &mut edges);
        let neighbours = self.neighbours(&edges);
        self.broad = neighbours
            .iter()
            .map(|codes| has_two_of_one_system(codes, |code| self.system(code)))
            .collect();
        let is_broad =
            |code: Code| self.is_catch_all(code) || self.broad.get(code.0 as usize).copied().unwrap_or(false);
        let mut forest = Forest::new(self.examples.len());
        let mut systems: Vec<Vec<(u32, Code)>> = (0..self.examples.len())
            .map(|index| vec![(self.system(Code(index as u32)), Code(index as u32))])
            .collect();
        // Best supported first; ties by number, which follows the fixed order in which entries are taken in.
        let mut sorted: Vec<((Code, Code), u32)> = edges.into_iter().collect();
        sorted.sort_unstable_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
        for ((a, b), _) in sorted {
            let (x, y) = (forest.root(a.0), forest.root(b.0));
            if x == y || is_broad(a) || is_broad(b) {
                continue;
            }
            let clash = {
                let of = |root: u32| systems.get(root as usize).map(Vec::as_slice).unwrap_or_default();
                of(x)
                    .iter()
                    .any(|(system, _)| of(y).iter().any(|(other, _)| system == other))
            };
            if !clash {
                let root = forest.union(x, y);
                let absorbed = if root == x { y } else { x };
                let moved = systems
                    .get_mut(absorbed as usize)
                    .map(std::mem::take)
                    .unwrap_or_default();
                if let Some(list) = systems.get_mut(root as usize) {
                    list.extend(moved);
                }
            }
        }
        self.groups = (0..self.examples.len() as u32)
            .map(|code| forest.root(code))
            .collect();
        for code in 0..self.examples.len() as u32 {
            self.members
                .entry(self.group(Code(code)))
                .or_default()
                .push(Code(code));
        }
    }

    /// Which codes of systems of one's own are names of nothing: by what they are called, or because they stand with names that have no
    /// word in common. A code of a published system means one thing, whatever a source calls it.
    fn find_catch_alls(&self) -> Vec<bool> {
        let mut named: Vec<Vec<Vec<&str>>> = vec![Vec::new(); self.examples.len()];
        let is_own = |code: &Code| {
            let example = self.examples.get(code.0 as usize);
            example.is_some_and(|(_, coding)| !is_published(coding))
        };
        for shape in &self.shapes {
            let names = self.names(shape);
            for code in shape
                .codes
                .iter()
                .filter(|code| !names.is_empty() && is_own(code))
            {
                if let Some(list) = named.get_mut(code.0 as usize) {
                    list.push(names.clone());
                }
            }
        }
        let differ = |names: &[Vec<&str>]| {
            let mut rest = names;
            while let Some((first, others)) = rest.split_first() {
                if others.iter().any(|other| share_no_word(first, other)) {
                    return true;
                }
                rest = others;
            }
            false
        };
        let examples = self.examples.iter().zip(&named);
        examples
            .map(|((_, coding), names)| is_catch_all(coding) || names.len() > MOST_NAMES || differ(names))
            .collect()
    }

    /// Whether a code names nothing by itself.
    pub(super) fn is_catch_all(&self, code: Code) -> bool {
        self.catch_all.get(code.0 as usize).copied().unwrap_or(false)
    }

    /// Pairs of codes that stand in one concept, with how often.
    fn translations(&self) -> FxHashMap<(Code, Code), u32> {
        let mut edges = FxHashMap::default();
        for shape in &self.shapes {
            for (index, a) in shape.codes.iter().enumerate() {
                for b in shape.codes.iter().skip(index + 1) {
                    if self.system(*a) != self.system(*b) {
                        *edges.entry((*a, *b)).or_insert(0) += 1;
                    }
                }
            }
        }
        edges
    }

    /// Adds what terminologies say of codes of different systems.
    fn ask(&mut self, equivalences: &[Box<dyn Equivalence>], edges: &mut FxHashMap<(Code, Code), u32>) {
        if equivalences.is_empty() {
            return;
        }
        let known = |coding: &Coding| equivalences.iter().any(|terminology| terminology.knows(coding));
        let known: Vec<(Code, u32, &Coding)> = self
            .examples
            .iter()
            .enumerate()
            .filter(|(_, (_, coding))| known(coding))
            .map(|(index, (system, coding))| (Code(index as u32), *system, coding))
            .collect();
        for (at, (code, system, a)) in known.iter().enumerate() {
            for (other, other_system, b) in known.iter().skip(at + 1) {
                if system == other_system {
                    continue;
                }
                let pair = (*code, *other);
                match equivalences
                    .iter()
                    .map(|known| known.relate(a, b))
                    .find(|relation| *relation != Relation::Unknown)
                {
                    Some(Relation::Same) => *edges.entry(pair).or_insert(0) += u32::from(u16::MAX),
                    Some(relation) => {
                        self.related.insert(pair, relation);
                        edges.remove(&pair);
                    }
                    None => {}
                }
            }
        }
    }

    fn neighbours(&self, edges: &FxHashMap<(Code, Code), u32>) -> Vec<Vec<Code>> {
        let mut neighbours = vec![Vec::new(); self.examples.len()];
        for (a, b) in edges.keys() {
            for (code, other) in [(a, b), (b, a)] {
                if let Some(list) = neighbours.get_mut(code.0 as usize) {
                    list.push(*other);
                }
            }
        }
        neighbours
    }
}

fn has_two_of_one_system(codes: &[Code], system: impl Fn(Code) -> u32) -> bool {
    let mut systems: Vec<u32> = codes.iter().map(|code| system(*code)).collect();
    systems.sort_unstable();
    systems.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}

/// Union-find whose roots are the smallest members.
struct Forest(Vec<u32>);

impl Forest {
    fn new(len: usize) -> Self {
        Self((0..len as u32).collect())
    }

    fn root(&mut self, mut node: u32) -> u32 {
        loop {
            let parent = self.0.get(node as usize).copied().unwrap_or(node);
            if parent == node {
                return node;
            }
            let grand = self.0.get(parent as usize).copied().unwrap_or(parent);
            if let Some(slot) = self.0.get_mut(node as usize) {
                *slot = grand;
            }
            node = grand;
        }
    }

    fn union(&mut self, a: u32, b: u32) -> u32 {
        let (low, high) = (a.min(b), a.max(b));
        if let Some(slot) = self.0.get_mut(high as usize) {
            *slot = low;
        }
        low
    }
}
