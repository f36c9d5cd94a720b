//! All records of a batch at once: from a population to its persons.

use rayon::prelude::*;

use crate::blocking::{self, Candidates, pack, unpack};
use crate::cluster::{Edge, Records};
use crate::comparison::Pattern;
use crate::config::Learning;
use crate::estimate::{MARGIN, blocking_recall, expected_false, threshold};
use crate::frequency::{Frequencies, pairs_of};
use crate::judge::{Judge, Positions};
use crate::learned::{Absurd, Model};
use crate::linkage::{Linkage, Person, ScoredPair, Summary};
use crate::model::{Chance, Labels, Parameters, learn};
use crate::person_id::person_name;
use crate::policy::Footing;
use crate::population::{Population, Row};
use crate::rule::Rule;
use crate::score::Decision;
use crate::verdict::{Verdict, Verdicts};

/// Records drawn to see how often any two agree.
const DRAWN: usize = 256;
/// Pairs whose rows are read together.
const GATHERED: usize = 32;

impl Population {
    /// Links the records of the population, learning from them and from the verdicts. See [`link`](crate::link).
    pub fn link(mut self, verdicts: &Verdicts) -> Linkage {
        let absurd = self.absurd();
        self.forget(&absurd);
        let (frequencies, candidates) =
            rayon::join(|| Frequencies::count(&self), || blocking::candidates(&self));
        let people = self.config.population.unwrap_or(self.rows.len() as u64);
        let mut judge = Judge::new(
            frequencies,
            Parameters::built_in(people),
            1.0,
            Footing::of(self.rows.len()),
        );
        let patterns = self.patterns(&judge, &candidates.pairs);
        if self.config.learning == Learning::Adaptive {
            let labels = self.labels(&judge, verdicts);
            let chance = (judge.footing == Footing::Many).then(|| self.chance(&judge, &candidates.pairs));
            let parameters = learn(&judge.parameters, &patterns, &labels, chance.as_ref());
            judge = Judge::new(judge.frequencies, parameters, 1.0, judge.footing);
        }
        self.finish(judge, absurd, candidates, patterns, verdicts, true)
    }

    /// Links the records of the population by a model learnt before, here or elsewhere.
    pub fn link_with(mut self, model: &Model, verdicts: &Verdicts) -> Linkage {
        let absurd = model.absurd.clone();
        self.forget(&absurd);
        let judge = model.judge(&self);
        let candidates = blocking::candidates(&self);
        let patterns = self.patterns(&judge, &candidates.pairs);
        let mut linkage = self.finish(judge, absurd, candidates, patterns, verdicts, false);
        linkage.model = Some(model.clone());
        linkage
    }

    fn finish(
        self,
        mut judge: Judge,
        absurd: Absurd,
        Candidates { pairs, hits }: Candidates,
        patterns: Vec<Pattern>,
        verdicts: &Verdicts,
        set_threshold: bool,
    ) -> Linkage {
        let positions = Positions::new(&self, verdicts);
        let mut scored: Vec<ScoredPair> = pairs
            .par_iter()
            .zip(&patterns)
            .with_min_len(1024)
            .filter_map(|(pair, pattern)| judge.score_if_open(&self, &positions, unpack(*pair), *pattern))
            .collect();
        self.add_verdicts(&judge, &positions, &mut scored);
        let rate = MARGIN * self.config.false_link_rate;
        let (found, mut expected) = threshold(&scored, rate);
        if set_threshold {
            judge.threshold = found;
        } else {
            expected = expected_false(&scored, judge.threshold);
        }
        for pair in &mut scored {
            judge.decide(&self, pair);
        }
        let recall = blocking_recall(&pairs, &hits, &scored);
        let compared = pairs.len();
        drop((pairs, hits, patterns));
        scored.retain(|pair| pair.decision != Decision::NoMatch || pair.rule.is_some_and(Rule::forbids));
        let ties = scored.iter().filter_map(|pair| {
            Some(Edge {
                a: pair.a as u32,
                b: pair.b as u32,
                score: pair.score,
                tie: pair.tie()?,
            })
        });
        let groups = judge.group(&self, &positions, Records::All(self.rows.len()), ties);
        let keys = self.person_keys(&groups);
        let persons: Vec<Person> = groups
            .into_par_iter()
            .zip(keys)
            .map(|(members, key)| Person {
                id: person_name(key),
                members,
            })
            .collect();
        let mut person_of = vec![0_u32; self.rows.len()];
        for (number, person) in persons.iter().enumerate() {
            for member in &person.members {
                if let Some(slot) = person_of.get_mut(*member) {
                    *slot = number as u32;
                }
            }
        }
        let count = |decision| scored.iter().filter(|p| p.decision == decision).count();
        let summary = Summary {
            records: self.rows.len(),
            persons: persons.len(),
            compared,
            matches: count(Decision::Match),
            reviews: count(Decision::Review),
            threshold: judge.threshold,
            expected_false_links: expected,
            blocking_recall: recall,
        };
        Linkage {
            persons,
            pairs: scored,
            summary,
            person_of,
            population: self,
            judge,
            absurd,
            model: None,
            verdicts: verdicts.clone(),
        }
    }

    pub(crate) fn one_source(&self, a: u32, b: u32) -> bool {
        if self.config.duplicates_within_source {
            return false;
        }
        let source = |position: u32| self.sources.get(position as usize).copied().unwrap_or(0);
        source(a) != 0 && source(a) == source(b)
    }

    fn patterns(&self, judge: &Judge, pairs: &[u64]) -> Vec<Pattern> {
        let comparer = judge.comparer(self);
        let mut patterns = vec![Pattern::default(); pairs.len()];
        patterns
            .par_chunks_mut(GATHERED)
            .zip(pairs.par_chunks(GATHERED))
            .with_min_len(16)
            .for_each(|(patterns, pairs)| {
                // The rows lie anywhere in memory: reading several at once does not wait for each in turn.
                let mut others = [Row::default(); GATHERED];
                for (other, pair) in others.iter_mut().zip(pairs) {
                    if let Some(row) = self.rows.get(unpack(*pair).1 as usize) {
                        *other = *row;
                    }
                }
                for ((pattern, pair), other) in patterns.iter_mut().zip(pairs).zip(&others) {
                    if let Some(row) = self.rows.get(unpack(*pair).0 as usize) {
                        *pattern = comparer.compare(row, other);
                    }
                }
            });
        patterns
    }

    /// How often any two records agree by chance: from some of them, drawn by their content, so that their order does not
    /// matter. Candidates, and what looks like one person, are left out.
    fn chance(&self, judge: &Judge, candidates: &[u64]) -> Chance {
        let mut drawn: Vec<u32> = (0..self.rows.len() as u32).collect();
        if drawn.len() > DRAWN {
            drawn.select_nth_unstable_by(DRAWN, |x, y| self.rank(*x).cmp(&self.rank(*y)));
            drawn.truncate(DRAWN);
        }
        let none = Positions::default();
        let mut strangers = Vec::with_capacity(DRAWN * DRAWN / 2);
        for (at, a) in drawn.iter().enumerate() {
            for b in drawn.iter().skip(at + 1) {
                if candidates.binary_search(&pack(*a, *b)).is_err()
                    && let Some(pattern) = judge.compare(self, *a, *b)
                    && let Some(pair) = judge.score(self, &none, (*a, *b), pattern)
                    && pair.score < 0.0
                {
                    strangers.push(pattern);
                }
            }
        }
        let rows = drawn.iter().filter_map(|record| self.rows.get(*record as usize));
        let largest = rows.map(|row| row.ssn).max().unwrap_or_default();
        let pairs = pairs_of(self.rows.len() as f64) / (candidates.len() as f64).max(1.0);
        Chance::new(&strangers, judge.frequencies.pairs, largest, pairs)
    }

    /// What reviewers' verdicts teach.
    fn labels(&self, judge: &Judge, verdicts: &Verdicts) -> Labels {
        let (mut same, mut different) = (Vec::new(), Vec::new());
        for (pair, verdict) in Positions::new(self, verdicts).0 {
            let (a, b) = unpack(pair);
            let list = match verdict {
                Verdict::Same => &mut same,
                Verdict::Different => &mut different,
            };
            list.extend(judge.compare(self, a, b));
        }
        Labels::new(&same, &different, self.config.verdict_weight)
    }

    /// Pairs with a verdict that blocking did not find.
    fn add_verdicts(&self, judge: &Judge, positions: &Positions, scored: &mut Vec<ScoredPair>) {
        if positions.0.is_empty() {
            return;
        }
        let known: Vec<u64> = scored
            .iter()
            .map(|pair| pack(pair.a as u32, pair.b as u32))
            .collect();
        for pair in positions.0.keys() {
            if known.binary_search(pair).is_err() {
                let (a, b) = unpack(*pair);
                scored.extend(
                    judge
                        .compare(self, a, b)
                        .and_then(|pattern| judge.score(self, positions, (a, b), pattern)),
                );
            }
        }
        scored.sort_unstable_by_key(|pair| (pair.a, pair.b));
    }
}
