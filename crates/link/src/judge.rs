//! Everything that decides about pairs of one population, held together so that a batch and single
//! insertions judge alike.

use rustc_hash::FxHashMap;

use crate::blocking::{pack, unpack};
use crate::cluster::{self, Edge, Grounds, Records};
use crate::comparison::{Comparer, Pattern};
use crate::explain::Explanation;
use crate::frequency::Frequencies;
use crate::known::is_first_of_january;
use crate::linkage::ScoredPair;
use crate::model::{Parameters, Weights, probability};
use crate::namesakes;
use crate::policy::{Footing, decide, is_claimed, is_name_and_birth_alone, may_be_relatives, uncorroborated};
use crate::population::{Population, Row};
use crate::rule::Rule;
use crate::score::{Decision, Scorer};
use crate::values::ExplanationWithValues;
use crate::verdict::{Verdict, Verdicts};

/// How far a model must hold families for what a household shares to make no person.
const FAMILIES: f64 = 0.3;
/// Bits that a reviewer's word for one person, and an identifier, stand for beside the scores of other pairs.
const SAID: f64 = 30.0;
const IDENTIFIED: f64 = 10.0;

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

    /// An explanation with the values of the two records that it is of.
    pub(crate) fn with_values(
        population: &Population,
        explanation: Explanation,
        (a, b): (u32, u32),
    ) -> ExplanationWithValues {
        ExplanationWithValues::new(explanation, population, rows(population, a, b))
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
            None => scored.rule.or_else(|| self.doubt(population, pattern, x, y)),
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

    /// Why what agrees is not enough for a link, however probable that looks.
    fn doubt(&self, population: &Population, pattern: Pattern, a: &Row, b: &Row) -> Option<Rule> {
        if self.are_relatives(pattern) {
            return Some(Rule::NamedAlike);
        }
        let namesakes = || {
            is_name_and_birth_alone(pattern)
                && namesakes::expected(population, pattern, a, b) > population.config.false_link_rate
        };
        match self.footing {
            Footing::Pair => None,
            Footing::Few => namesakes().then_some(Rule::Namesakes),
            Footing::Many if uncorroborated(pattern, self.has_families()) => Some(Rule::Uncorroborated),
            // How common a name is among many records, they tell themselves; not what a day stands for.
            Footing::Many => (is_first_of_january(a.birth) && namesakes()).then_some(Rule::Namesakes),
        }
    }

    /// Whether a pair may be relatives named alike, as far as there are families at all.
    fn are_relatives(&self, pattern: Pattern) -> bool {
        (self.footing != Footing::Many || self.has_families()) && may_be_relatives(pattern)
    }

    fn has_families(&self) -> bool {
        self.parameters.families > FAMILIES
    }

    /// A pair as [`Judge::score`] gives it if it can come to more than "no match", so that it must be kept until
    /// the threshold is known.
    pub(crate) fn score_if_open(
        &self,
        population: &Population,
        verdicts: &Positions,
        (a, b): (u32, u32),
        pattern: Pattern,
    ) -> Option<ScoredPair> {
        if self.footing != Footing::Many {
            return self.score(population, verdicts, (a, b), pattern);
        }
        let open = |probability: f64| probability >= population.config.review_floor;
        // Only a shared number or a verdict comes to something below the floor.
        if !is_claimed(pattern) && verdicts.get(a, b).is_none() {
            // A little more, for the rounding of the sums.
            let bound = self.scorer(population).at_most(pattern) + 1e-6;
            if !open(probability(bound)) {
                return None;
            }
        }
        let scored = self.score(population, verdicts, (a, b), pattern)?;
        let kept = open(scored.probability)
            || is_claimed(pattern)
            || matches!(scored.rule, Some(Rule::VerdictSame | Rule::VerdictDifferent));
        kept.then_some(scored)
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

    /// Groups records by what ties them, all of which lies among them; see [`cluster::groups`].
    pub(crate) fn group(
        &self,
        population: &Population,
        verdicts: &Positions,
        records: Records<'_>,
        ties: impl Iterator<Item = Edge>,
    ) -> Vec<Vec<usize>> {
        // A link made by a rule stands whatever its score: in favour, if only just.
        let edges = ties.map(|edge| Edge {
            score: edge.score.max(1.0),
            ..edge
        });
        let grounds = Grounds {
            rank: &|record| population.rank(record),
            across: &|a, b| self.across(population, verdicts, a, b),
            enemies: verdicts.enemies(),
        };
        cluster::groups(records, edges.collect(), &grounds)
    }

    /// Bits for one person of two records, whatever rule stands above them; `None` beyond the end.
    pub(crate) fn evidence(&self, population: &Population, a: u32, b: u32) -> Option<f64> {
        let (x, y) = rows(population, a, b)?;
        let pattern = self.comparer(population).compare(x, y);
        Some(self.scorer(population).score(pattern, x, y).score)
    }

    /// Bits for one person of any two records, linked or not; `None` where that is ruled out.
    pub(crate) fn across(
        &self,
        population: &Population,
        verdicts: &Positions,
        a: u32,
        b: u32,
    ) -> Option<f64> {
        let Some((x, y)) = rows(population, a, b) else {
            return Some(0.0);
        };
        match verdicts.get(a, b) {
            Some(Verdict::Different) => return None,
            Some(Verdict::Same) => return Some(SAID),
            None => {}
        }
        let pattern = self.comparer(population).compare(x, y);
        let scored = self.scorer(population).score(pattern, x, y);
        match scored.rule {
            Some(rule) if rule.forbids() => None,
            _ if population.one_source(a, b) => None,
            Some(Rule::SameIdentifier) => Some(scored.score.max(IDENTIFIED)),
            // Relatives named alike must not come together through a record that fits both.
            None if self.are_relatives(pattern) => Some(scored.score.min(-cluster::VOICE)),
            _ => Some(scored.score),
        }
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

    /// For each record those that a reviewer has told from it, in both directions.
    fn enemies(&self) -> FxHashMap<u32, Vec<u32>> {
        let mut enemies: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (pair, verdict) in &self.0 {
            if *verdict == Verdict::Different {
                let (a, b) = unpack(*pair);
                enemies.entry(a).or_default().push(b);
                enemies.entry(b).or_default().push(a);
            }
        }
        enemies
    }

    /// The records that there is a verdict on together with one.
    pub(crate) fn partners(&self, record: u32) -> impl Iterator<Item = u32> + '_ {
        self.0.keys().filter_map(move |pair| match unpack(*pair) {
            (a, b) if a == record => Some(b),
            (a, b) if b == record => Some(a),
            _ => None,
        })
    }

    pub(crate) fn get(&self, a: u32, b: u32) -> Option<Verdict> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&pack(a, b)).copied()
    }
}
