//! All records of a batch: which are one person.

use std::fmt::Write as _;

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::blocking::{self, Candidates, pack, unpack};
use crate::cluster::Records;
use crate::comparison::Pattern;
use crate::config::{Config, Learning};
use crate::explain::Explanation;
use crate::frequency::Frequencies;
use crate::intern::{mix, stable_hash};
use crate::judge::{Judge, Positions};
use crate::learned::{Absurd, Model};
use crate::model::{Labels, Parameters, learn};
use crate::policy::Footing;
use crate::population::{Population, Row};
use crate::record::Record;
use crate::score::{Decision, Rule};
use crate::verdict::{Verdict, Verdicts};

/// A person: the records that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Person {
    /// Id derived from the ids of the members; the same records give the same id.
    pub id: String,
    /// Positions of the records, ascending.
    pub members: Vec<usize>,
}

/// A pair of records that is worth mentioning.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScoredPair {
    /// Position of the first record.
    pub a: usize,
    /// Position of the second record, greater than `a`.
    pub b: usize,
    /// Logarithm to base 2 of the odds that it is one person.
    pub score: f64,
    /// Calibrated probability, between 0 and 1, that it is one person; before any rule.
    pub probability: f64,
    /// What is to be done.
    pub decision: Decision,
    /// The rule that stands above the score, if any.
    pub rule: Option<Rule>,
    /// Levels of agreement.
    pub pattern: Pattern,
}

/// How the work went, in numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Records in.
    pub records: usize,
    /// Persons out.
    pub persons: usize,
    /// Pairs that were compared.
    pub compared: usize,
    /// Pairs decided as a match.
    pub matches: usize,
    /// Pairs for a reviewer.
    pub reviews: usize,
    /// Lowest probability that was linked without asking.
    pub threshold: f64,
    /// Expected share of false links among the automatic ones.
    pub expected_false_links: f64,
    /// Estimated share, between 0 and 1, of true pairs that blocking found (Chao's lower bound
    /// from how many keys found each match).
    pub blocking_recall: f64,
}

/// The result: persons, the pairs behind them, and the model that judged.
pub struct Linkage {
    /// Persons, in the order of their first record.
    pub persons: Vec<Person>,
    /// Pairs above the review floor or subject to a rule, by positions.
    pub pairs: Vec<ScoredPair>,
    /// How the work went.
    pub summary: Summary,
    person_of: Vec<u32>,
    pub(crate) population: Population,
    pub(crate) judge: Judge,
    absurd: Absurd,
    /// The model it was judged by, where that was learnt elsewhere: it knows names that this
    /// population does not hold.
    model: Option<Model>,
    pub(crate) verdicts: Verdicts,
}

impl std::fmt::Debug for Linkage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Linkage")
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

/// Links records: which of them are the same person?
///
/// The result does not depend on the order of the records or on the number of threads.
///
/// ```
/// use ehr_link::{Config, PersonName, Record, Verdicts, link};
/// let record = |id: &str, given: &str, family: &str, birth: &str| {
///     let mut record = Record::new(id);
///     record.names.push(PersonName::official(given, family));
///     record.birth_date = Some(birth.into());
///     record
/// };
/// let records = [
///     record("clinic/1", "Robert", "Nguyen", "1980-05-17"),
///     record("lab/9", "Bob", "NGUYEN", "19800517"),
///     record("lab/10", "Robert", "Miller", "1944-01-02"),
/// ];
/// let linkage = link(&records, &Config::default(), &Verdicts::default());
/// assert_eq!(linkage.persons.len(), 2);
/// assert_eq!(linkage.person_of(0), linkage.person_of(1));
/// ```
pub fn link(records: &[Record], config: &Config, verdicts: &Verdicts) -> Linkage {
    let mut population = Population::new(config);
    population.push_records(records);
    population.link(verdicts)
}

impl Population {
    /// Links the records of the population, learning from them and from the verdicts. See [`link`].
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
            let parameters = learn(&judge.parameters, &patterns, &labels);
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
        let links = scored
            .iter()
            .filter(|pair| pair.decision == Decision::Match)
            .map(|pair| {
                let certain = pair.rule == Some(Rule::VerdictSame);
                (pair.a as u32, pair.b as u32, pair.score, certain)
            });
        let groups = judge.group(&self, &positions, Records::All(self.rows.len()), links);
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

    /// A number from the names of the members, independent of their order.
    pub(crate) fn person_key(&self, members: &[usize]) -> u64 {
        let key = members
            .iter()
            .map(|member| {
                let source = self.sources.get(*member).copied().unwrap_or(0);
                mix(stable_hash(self.codes.get(source))).wrapping_add(stable_hash(self.record_id(*member)))
            })
            .min()
            .unwrap_or(0);
        mix(key)
    }

    /// The numbers of several persons, each its own even where records of two persons bear one name; which of them
    /// then keeps it is settled by content.
    fn person_keys(&self, groups: &[Vec<usize>]) -> Vec<u64> {
        let mut keys: Vec<u64> = groups
            .par_iter()
            .map(|members| self.person_key(members))
            .collect();
        let mut order: Vec<(u64, usize)> = keys.iter().copied().zip(0..).collect();
        order.par_sort_unstable();
        let twice: Vec<&[(u64, usize)]> = order
            .chunk_by(|x, y| x.0 == y.0)
            .filter(|run| run.len() > 1)
            .collect();
        if twice.is_empty() {
            return keys;
        }
        let mut taken: FxHashSet<u64> = keys.iter().copied().collect();
        for run in twice {
            let mut run: Vec<((u64, &str), usize)> = run
                .iter()
                .filter_map(|(_, at)| {
                    let members = groups.get(*at)?;
                    let first = members.iter().map(|member| self.rank(*member as u32)).min()?;
                    Some((first, *at))
                })
                .collect();
            run.sort_unstable();
            for (_, at) in run.into_iter().skip(1) {
                if let Some(key) = keys.get_mut(at) {
                    *key = unused(*key, &mut taken);
                }
            }
        }
        keys
    }
}

/// A number that is not taken yet, the same one for a number whenever as many are; it is taken from then on.
pub(crate) fn unused(mut key: u64, taken: &mut FxHashSet<u64>) -> u64 {
    while !taken.insert(key) {
        key = mix(key);
    }
    key
}

/// Number of a person from its id.
pub(crate) fn person_number(id: &str) -> Option<u64> {
    u64::from_str_radix(id.strip_prefix("p-")?, 16).ok()
}

/// Id of a person from its number.
pub(crate) fn person_name(key: u64) -> String {
    let mut id = String::with_capacity(18);
    let _ = write!(id, "p-{key:016x}");
    id
}

impl Linkage {
    /// Index into [`Linkage::persons`] of the person that the record at `position` belongs to.
    pub fn person_of(&self, position: usize) -> Option<usize> {
        self.person_of.get(position).map(|index| *index as usize)
    }

    /// Why the records at two positions have their score; `None` beyond the end.
    pub fn explain(&self, a: usize, b: usize) -> Option<Explanation> {
        let mut explanation = self.judge.explain(&self.population, a as u32, b as u32)?;
        let pair = (a.min(b), a.max(b));
        if let Ok(at) = self.pairs.binary_search_by_key(&pair, |p| (p.a, p.b))
            && let Some(pair) = self.pairs.get(at)
        {
            explanation.rule = pair.rule;
        }
        Some(explanation)
    }

    /// Pairs for a reviewer, those first where the answer is most open.
    pub fn review_queue(&self) -> Vec<&ScoredPair> {
        let mut queue: Vec<&ScoredPair> = self
            .pairs
            .iter()
            .filter(|pair| pair.decision == Decision::Review)
            .filter(|pair| self.person_of(pair.a) != self.person_of(pair.b))
            .collect();
        queue.sort_by(|x, y| {
            let open = |pair: &ScoredPair| (pair.probability - 0.5).abs();
            open(x)
                .total_cmp(&open(y))
                .then_with(|| (x.a, x.b).cmp(&(y.a, y.b)))
        });
        queue
    }

    /// The id of the record at a position.
    pub fn record_id(&self, position: usize) -> &str {
        self.population.record_id(position)
    }

    /// The parameters that judged.
    pub fn parameters(&self) -> &Parameters {
        &self.judge.parameters
    }

    /// What was learnt, to judge other records by or to keep; the given one after
    /// [`Population::link_with`].
    pub fn model(&self) -> Model {
        match &self.model {
            Some(model) => model.clone(),
            None => Model::new(&self.population, &self.judge, &self.absurd),
        }
    }
}

/// Pairs whose rows are read together.
const GATHERED: usize = 32;

/// Part of the stated rate that the expected errors may use: the model knows its own errors only so far.
const MARGIN: f64 = 0.7;

/// Lowest probability that may be linked so that the expected share of false links stays below the
/// stated rate, and that share.
fn threshold(pairs: &[ScoredPair], rate: f64) -> (f64, f64) {
    let mut doubt: Vec<f64> = pairs
        .iter()
        .filter(|pair| pair.rule.is_none())
        .map(|pair| 1.0 - pair.probability)
        .collect();
    doubt.par_sort_unstable_by(f64::total_cmp);
    let mut sum = 0.0;
    let mut best = (1.0 - rate, 0.0);
    // No single link is taken that is more likely false than one in three.
    for (i, doubt) in doubt.iter().take_while(|doubt| **doubt <= 0.33).enumerate() {
        sum += doubt;
        let mean = sum / (i + 1) as f64;
        if mean > rate {
            break;
        }
        best = (best.0.min(1.0 - doubt), mean);
    }
    best
}

/// Expected share of false links at a threshold.
fn expected_false(pairs: &[ScoredPair], threshold: f64) -> f64 {
    let mut doubt: Vec<f64> = pairs
        .iter()
        .filter(|pair| pair.rule.is_none() && pair.probability >= threshold)
        .map(|pair| 1.0 - pair.probability)
        .collect();
    doubt.par_sort_unstable_by(f64::total_cmp);
    doubt.iter().sum::<f64>() / (doubt.len() as f64).max(1.0)
}

/// Chao's estimate from the matches that one and two schemes found.
fn blocking_recall(pairs: &[u64], hits: &[u8], scored: &[ScoredPair]) -> f64 {
    let (mut once, mut twice, mut all) = (0.0_f64, 0.0_f64, 0.0_f64);
    for pair in scored {
        if pair.decision != Decision::Match {
            continue;
        }
        if let Ok(at) = pairs.binary_search(&pack(pair.a as u32, pair.b as u32)) {
            all += 1.0;
            match hits.get(at) {
                Some(1) => once += 1.0,
                Some(2) => twice += 1.0,
                _ => {}
            }
        }
    }
    if all == 0.0 {
        return 1.0;
    }
    let unseen = once * (once - 1.0).max(0.0) / (2.0 * (twice + 1.0));
    all / (all + unseen)
}
