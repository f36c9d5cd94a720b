//! All records of a batch: which are one person.

use std::fmt::Write as _;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::blocking::{self, Candidates, pack, unpack};
use crate::cluster::{Edge, Forest};
use crate::comparison::{Comparer, Pattern};
use crate::config::{Config, Learning};
use crate::explain::Explanation;
use crate::frequency::Frequencies;
use crate::intern::{mix, stable_hash};
use crate::model::{Parameters, learn, probability};
use crate::policy::{Footing, decide};
use crate::population::{Population, Row};
use crate::record::Record;
use crate::score::{Decision, Rule, Scorer};
use crate::verdict::{Verdict, Verdicts};

/// A person: the records that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Person {
    /// Id derived from the ids of the members; the same records give the same id.
    pub id: String,
    /// Positions of the records, ascending.
    pub members: Vec<usize>,
}

/// A pair of records that is worth mentioning.
#[derive(Debug, Clone, Copy, PartialEq)]
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
#[derive(Debug, Clone, PartialEq, Default)]
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
    population: Population,
    frequencies: Frequencies,
    parameters: Parameters,
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
    for record in records {
        population.push(record);
    }
    population.link(verdicts)
}

impl Population {
    /// Links the records of the population. See [`link`].
    pub fn link(mut self, verdicts: &Verdicts) -> Linkage {
        self.forget_absurd();
        let frequencies = Frequencies::count(&self);
        let Candidates { pairs, hits } = blocking::candidates(&self);
        let patterns = self.patterns(&frequencies, &pairs);
        let people = self.config.population.unwrap_or(self.rows.len() as u64);
        let start = Parameters::built_in(people);
        let parameters = match self.config.learning {
            Learning::BuiltIn => start,
            Learning::Adaptive => learn(&start, &patterns),
        };
        let mut scored = self.score(&frequencies, &parameters, &pairs, &patterns, verdicts);
        self.add_verdicts(&frequencies, &parameters, verdicts, &mut scored);
        let footing = Footing::of(self.rows.len());
        let (threshold, expected) = threshold(&scored, MARGIN * self.config.false_link_rate);
        for pair in &mut scored {
            (pair.decision, pair.rule) = decide(
                footing,
                pair.pattern,
                pair.probability,
                pair.rule,
                threshold,
                self.config.review_floor,
            );
        }
        let recall = blocking_recall(&pairs, &hits, &scored);
        let compared = pairs.len();
        drop((pairs, hits, patterns));
        scored.retain(|pair| pair.decision != Decision::NoMatch || pair.rule.is_some_and(Rule::forbids));

        let clusters = {
            let scorer = Scorer::new(&self, &frequencies, &parameters);
            let comparer = Comparer::new(&self, &frequencies.established);
            let edges = scored
                .iter()
                .filter(|pair| pair.decision == Decision::Match)
                .map(|pair| Edge {
                    a: pair.a as u32,
                    b: pair.b as u32,
                    // Made by practice, whatever the score: in favour, if only just.
                    score: pair.score.max(1.0),
                    certain: pair.rule == Some(Rule::VerdictSame),
                })
                .collect();
            let verdicts = Positions::new(&self, verdicts);
            let across = |a: u32, b: u32| {
                let (Some(x), Some(y)) = (self.rows.get(a as usize), self.rows.get(b as usize)) else {
                    return Some(0.0);
                };
                match verdicts.get(a, b) {
                    Some(Verdict::Different) => return None,
                    Some(Verdict::Same) => return Some(30.0),
                    None => {}
                }
                let scored = scorer.score(comparer.compare(x, y), x, y);
                match scored.rule {
                    Some(rule) if rule.forbids() || self.one_source(a, b) => None,
                    Some(Rule::SameIdentifier) => Some(scored.score.max(10.0)),
                    _ => Some(scored.score),
                }
            };
            let rank = |position: u32| self.rank(position);
            let enemies = verdicts.enemies();
            Forest::grow(self.rows.len(), edges, &rank, &across, &enemies).into_groups()
        };
        let mut persons = Vec::with_capacity(clusters.len());
        let mut person_of = vec![0_u32; self.rows.len()];
        for members in clusters {
            for member in &members {
                if let Some(slot) = person_of.get_mut(*member) {
                    *slot = persons.len() as u32;
                }
            }
            let id = self.person_id(&members);
            persons.push(Person { id, members });
        }
        let count = |decision| scored.iter().filter(|p| p.decision == decision).count();
        let summary = Summary {
            records: self.rows.len(),
            persons: persons.len(),
            compared,
            matches: count(Decision::Match),
            reviews: count(Decision::Review),
            threshold,
            expected_false_links: expected,
            blocking_recall: recall,
        };
        Linkage {
            persons,
            pairs: scored,
            summary,
            person_of,
            population: self,
            frequencies,
            parameters,
        }
    }

    fn one_source(&self, a: u32, b: u32) -> bool {
        if self.config.duplicates_within_source {
            return false;
        }
        let source = |position: u32| self.sources.get(position as usize).copied().unwrap_or(0);
        source(a) != 0 && source(a) == source(b)
    }

    fn patterns(&self, frequencies: &Frequencies, pairs: &[u64]) -> Vec<Pattern> {
        let comparer = Comparer::new(self, &frequencies.established);
        pairs
            .par_iter()
            .with_min_len(1024)
            .map(|pair| {
                let (a, b) = unpack(*pair);
                match (self.rows.get(a as usize), self.rows.get(b as usize)) {
                    (Some(a), Some(b)) => comparer.compare(a, b),
                    _ => Pattern::default(),
                }
            })
            .collect()
    }

    fn score(
        &self,
        frequencies: &Frequencies,
        parameters: &Parameters,
        pairs: &[u64],
        patterns: &[Pattern],
        verdicts: &Verdicts,
    ) -> Vec<ScoredPair> {
        let scorer = Scorer::new(self, frequencies, parameters);
        let verdicts = Positions::new(self, verdicts);
        pairs
            .par_iter()
            .zip(patterns)
            .with_min_len(1024)
            .filter_map(|(pair, pattern)| {
                let (a, b) = unpack(*pair);
                let (x, y) = (self.rows.get(a as usize)?, self.rows.get(b as usize)?);
                let scored = self.scored(&scorer, (a, x), (b, y), *pattern, &verdicts);
                (scored.probability >= self.config.review_floor
                    || matches!(
                        scored.rule,
                        Some(
                            Rule::SameIdentifier
                                | Rule::IdentifierContradicted
                                | Rule::VerdictSame
                                | Rule::VerdictDifferent
                        )
                    ))
                .then_some(scored)
            })
            .collect()
    }

    fn scored(
        &self,
        scorer: &Scorer<'_>,
        (a, x): (u32, &Row),
        (b, y): (u32, &Row),
        pattern: Pattern,
        verdicts: &Positions,
    ) -> ScoredPair {
        let scored = scorer.score(pattern, x, y);
        let rule = match verdicts.get(a, b) {
            Some(Verdict::Same) => Some(Rule::VerdictSame),
            Some(Verdict::Different) => Some(Rule::VerdictDifferent),
            None if self.one_source(a, b) => Some(Rule::SameSource),
            None => scored.rule,
        };
        ScoredPair {
            a: a.min(b) as usize,
            b: a.max(b) as usize,
            score: scored.score,
            probability: probability(scored.score),
            decision: Decision::NoMatch,
            rule,
            pattern,
        }
    }

    /// Pairs with a verdict that blocking did not find.
    fn add_verdicts(
        &self,
        frequencies: &Frequencies,
        parameters: &Parameters,
        verdicts: &Verdicts,
        scored: &mut Vec<ScoredPair>,
    ) {
        let positions = Positions::new(self, verdicts);
        if positions.0.is_empty() {
            return;
        }
        let scorer = Scorer::new(self, frequencies, parameters);
        let comparer = Comparer::new(self, &frequencies.established);
        let known: Vec<u64> = scored
            .iter()
            .map(|pair| pack(pair.a as u32, pair.b as u32))
            .collect();
        for pair in positions.0.keys() {
            if known.binary_search(pair).is_err() {
                let (a, b) = unpack(*pair);
                if let (Some(x), Some(y)) = (self.rows.get(a as usize), self.rows.get(b as usize)) {
                    let pattern = comparer.compare(x, y);
                    scored.push(self.scored(&scorer, (a, x), (b, y), pattern, &positions));
                }
            }
        }
        scored.sort_unstable_by_key(|pair| (pair.a, pair.b));
    }

    /// An id from the names of the members, independent of their order.
    fn person_id(&self, members: &[usize]) -> String {
        let key = members
            .iter()
            .map(|member| {
                let source = self.sources.get(*member).copied().unwrap_or(0);
                mix(stable_hash(self.codes.get(source))).wrapping_add(stable_hash(self.record_id(*member)))
            })
            .min()
            .unwrap_or(0);
        let mut id = String::with_capacity(18);
        let _ = write!(id, "p-{:016x}", mix(key));
        id
    }

    /// Treats values that far too many different people share as missing: the telephone of a clinic,
    /// an e-mail address of convenience, a made-up number.
    fn forget_absurd(&mut self) {
        let absurd = |entries: &mut Vec<(u64, u32)>| {
            entries.par_sort_unstable();
            let mut values: Vec<u64> = Vec::new();
            for block in entries.chunk_by(|x, y| x.0 == y.0) {
                if block.len() > 24 {
                    let families = block.chunk_by(|x, y| x.1 == y.1).count();
                    if families > 10 {
                        values.extend(block.first().map(|(value, _)| *value));
                    }
                }
            }
            values
        };
        let collect = |get: &dyn Fn(&Row) -> u64| {
            let mut entries: Vec<(u64, u32)> = self
                .rows
                .iter()
                .map(|row| (get(row), row.family))
                .filter(|(value, _)| *value != 0)
                .collect();
            absurd(&mut entries)
        };
        let phones = collect(&|row| row.phone);
        let emails = collect(&|row| u64::from(row.email));
        let numbers = collect(&|row| u64::from(row.ssn));
        if phones.is_empty() && emails.is_empty() && numbers.is_empty() {
            return;
        }
        for row in &mut self.rows {
            if phones.binary_search(&row.phone).is_ok() {
                row.phone = 0;
            }
            if emails.binary_search(&u64::from(row.email)).is_ok() {
                row.email = 0;
            }
            if numbers.binary_search(&u64::from(row.ssn)).is_ok() {
                row.ssn = 0;
            }
        }
    }
}

impl Linkage {
    /// Index into [`Linkage::persons`] of the person that the record at `position` belongs to.
    pub fn person_of(&self, position: usize) -> Option<usize> {
        self.person_of.get(position).map(|index| *index as usize)
    }

    /// Why the records at two positions have their score; `None` beyond the end.
    pub fn explain(&self, a: usize, b: usize) -> Option<Explanation> {
        let (x, y) = (self.population.rows.get(a)?, self.population.rows.get(b)?);
        let comparer = Comparer::new(&self.population, &self.frequencies.established);
        let scorer = Scorer::new(&self.population, &self.frequencies, &self.parameters);
        Some(scorer.explain(comparer.compare(x, y), x, y))
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

    /// The parameters that judged, for use on other records.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }
}

/// Verdicts by position.
struct Positions(FxHashMap<u64, Verdict>);

impl Positions {
    fn new(population: &Population, verdicts: &Verdicts) -> Self {
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

    /// For each record those that were told from it.
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

    fn get(&self, a: u32, b: u32) -> Option<Verdict> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&pack(a, b)).copied()
    }
}

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

/// Judges single pairs of records without a population around them.
///
/// The built-in parameters apply, for records drawn from [`Config::population`] people.
#[derive(Debug)]
pub struct Comparator {
    config: Config,
    parameters: Parameters,
}

/// People whom single pairs are thought to be drawn from where the caller does not say.
const PEOPLE: u64 = 1_000_000;

impl Comparator {
    /// A comparator with the built-in parameters.
    pub fn new(config: &Config) -> Self {
        let people = config.population.unwrap_or(PEOPLE);
        Self {
            config: config.clone(),
            parameters: Parameters::built_in(people),
        }
    }

    /// Compares two records: the decision and its reasons.
    pub fn compare(&self, a: &Record, b: &Record) -> (Decision, Explanation) {
        let mut population = Population::new(&self.config);
        population.push(a);
        population.push(b);
        let frequencies = Frequencies::count(&population);
        let comparer = Comparer::new(&population, &frequencies.established);
        let scorer = Scorer::new(&population, &frequencies, &self.parameters);
        let (x, y) = match &population.rows[..] {
            [x, y] => (*x, *y),
            _ => Default::default(),
        };
        let mut explanation = scorer.explain(comparer.compare(&x, &y), &x, &y);
        let (decision, rule) = decide(
            Footing::Pair,
            explanation.pattern,
            explanation.probability,
            explanation.rule,
            1.0 - self.config.false_link_rate,
            self.config.review_floor,
        );
        explanation.rule = rule;
        (decision, explanation)
    }
}
