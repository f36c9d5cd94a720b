//! Everything that decides about pairs of one population, held together so that a batch and single
//! insertions judge alike.

use rustc_hash::FxHashMap;

use crate::blocking::{pack, unpack};
use crate::cluster::{Edge, Forest};
use crate::comparison::{Comparer, Pattern};
use crate::explain::Explanation;
use crate::frequency::Frequencies;
use crate::linkage::ScoredPair;
use crate::model::{Parameters, Weights, probability};
use crate::policy::{Footing, decide};
use crate::population::{Population, Row};
use crate::score::{Decision, Rule, Scorer};
use crate::verdict::{Verdict, Verdicts};

/// Parameters, frequencies and thresholds.
#[derive(Clone)]
pub(crate) struct Judge {
    pub(crate) frequencies: Frequencies,
    pub(crate) parameters: Parameters,
    weights: Weights,
    pub(crate) threshold: f64,
    pub(crate) footing: Footing,
}

impl Judge {
    pub(crate) fn new(
        frequencies: Frequencies,
        parameters: Parameters,
        threshold: f64,
        footing: Footing,
    ) -> Self {
        Self {
            frequencies,
            weights: parameters.weights(),
            parameters,
            threshold,
            footing,
        }
    }

    pub(crate) fn comparer<'a>(&'a self, population: &'a Population) -> Comparer<'a> {
        Comparer::new(population, &self.frequencies.established)
    }

    fn scorer<'a>(&'a self, population: &'a Population) -> Scorer<'a> {
        Scorer::new(population, &self.frequencies, &self.weights)
    }

    /// Levels of agreement of two records; `None` beyond the end.
    pub(crate) fn compare(&self, population: &Population, a: u32, b: u32) -> Option<Pattern> {
        let (x, y) = rows(population, a, b)?;
        Some(self.comparer(population).compare(x, y))
    }

    pub(crate) fn explain(&self, population: &Population, a: u32, b: u32) -> Option<Explanation> {
        let (x, y) = rows(population, a, b)?;
        let pattern = self.comparer(population).compare(x, y);
        Some(self.scorer(population).explain(pattern, x, y))
    }

    /// A pair with its score and the rule that applies, undecided.
    pub(crate) fn score(
        &self,
        population: &Population,
        verdicts: &Positions,
        (a, b): (u32, u32),
        pattern: Pattern,
    ) -> Option<ScoredPair> {
        let (x, y) = rows(population, a, b)?;
        let scored = self.scorer(population).score(pattern, x, y);
        let rule = match verdicts.get(a, b) {
            Some(Verdict::Same) => Some(Rule::VerdictSame),
            Some(Verdict::Different) => Some(Rule::VerdictDifferent),
            None if population.one_source(a, b) => Some(Rule::SameSource),
            None => scored.rule,
        };
        Some(ScoredPair {
            a: a.min(b) as usize,
            b: a.max(b) as usize,
            score: scored.score,
            probability: probability(scored.score),
            decision: Decision::NoMatch,
            rule,
            pattern,
        })
    }

    /// Whether the pair can come to more than "no match", so that it must be kept until the
    /// threshold is known.
    pub(crate) fn keeps(&self, population: &Population, pair: &ScoredPair) -> bool {
        self.footing != Footing::Many
            || pair.probability >= population.config.review_floor
            || matches!(
                pair.rule,
                Some(
                    Rule::SameIdentifier
                        | Rule::IdentifierContradicted
                        | Rule::VerdictSame
                        | Rule::VerdictDifferent
                )
            )
    }

    pub(crate) fn decide(&self, population: &Population, pair: &mut ScoredPair) {
        (pair.decision, pair.rule) = decide(
            self.footing,
            pair.pattern,
            pair.probability,
            pair.rule,
            self.threshold,
            population.config.review_floor,
        );
    }

    /// Groups the records at `positions` (ascending) along `links`, all of which lie among them.
    pub(crate) fn group(
        &self,
        population: &Population,
        verdicts: &Positions,
        positions: Option<&[u32]>,
        links: impl Iterator<Item = (u32, u32, f64, bool)>,
    ) -> Vec<Vec<usize>> {
        let comparer = self.comparer(population);
        let scorer = self.scorer(population);
        // Positions in the population by the place in the list, and back.
        let global = |local: u32| match positions {
            None => local,
            Some(list) => list.get(local as usize).copied().unwrap_or(u32::MAX),
        };
        let local = |global: u32| match positions {
            None => Some(global),
            Some(list) => list.binary_search(&global).ok().map(|at| at as u32),
        };
        let edges = links
            .filter_map(|(a, b, score, certain)| {
                Some(Edge {
                    a: local(a)?,
                    b: local(b)?,
                    // A link made by a rule stands whatever its score: in favour, if only just.
                    score: score.max(1.0),
                    certain,
                })
            })
            .collect();
        let mut enemies: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (pair, verdict) in &verdicts.0 {
            let (a, b) = unpack(*pair);
            if *verdict == Verdict::Different
                && let (Some(a), Some(b)) = (local(a), local(b))
            {
                enemies.entry(a).or_default().push(b);
                enemies.entry(b).or_default().push(a);
            }
        }
        let across = |a: u32, b: u32| {
            let (a, b) = (global(a), global(b));
            let Some((x, y)) = rows(population, a, b) else {
                return Some(0.0);
            };
            match verdicts.get(a, b) {
                Some(Verdict::Different) => return None,
                Some(Verdict::Same) => return Some(30.0),
                None => {}
            }
            let scored = scorer.score(comparer.compare(x, y), x, y);
            match scored.rule {
                Some(rule) if rule.forbids() => None,
                _ if population.one_source(a, b) => None,
                Some(Rule::SameIdentifier) => Some(scored.score.max(10.0)),
                _ => Some(scored.score),
            }
        };
        let rank = |record: u32| population.rank(global(record));
        let count = positions.map_or(population.len(), <[u32]>::len);
        let mut groups = Forest::grow(count, edges, &rank, &across, &enemies).into_groups();
        if positions.is_some() {
            for member in groups.iter_mut().flatten() {
                *member = global(*member as u32) as usize;
            }
        }
        groups
    }
}

fn rows(population: &Population, a: u32, b: u32) -> Option<(&Row, &Row)> {
    Some((population.rows.get(a as usize)?, population.rows.get(b as usize)?))
}

/// Verdicts by position.
#[derive(Clone, Default)]
pub(crate) struct Positions(pub(crate) FxHashMap<u64, Verdict>);

impl Positions {
    pub(crate) fn new(population: &Population, verdicts: &Verdicts) -> Self {
        let mut map = FxHashMap::default();
        if !verdicts.is_empty() {
            let mut places: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
            for position in 0..population.len() {
                places
                    .entry(population.record_id(position))
                    .or_default()
                    .push(position as u32);
            }
            for (a, b, verdict) in verdicts.iter() {
                for x in places.get(a).into_iter().flatten() {
                    for y in places.get(b).into_iter().flatten() {
                        if x != y {
                            map.insert(pack(*x, *y), verdict);
                        }
                    }
                }
            }
        }
        Self(map)
    }

    pub(crate) fn get(&self, a: u32, b: u32) -> Option<Verdict> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&pack(a, b)).copied()
    }
}
