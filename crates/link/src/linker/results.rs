//! What a linker has found so far.

use rayon::prelude::*;

use super::Linker;
use crate::config::Config;
use crate::estimate::{expected_false, recall};
use crate::explain::Explanation;
use crate::judge::Judge;
use crate::learned::Model;
use crate::linkage::{Person, ScoredPair, Summary};
use crate::review;
use crate::score::Decision;
use crate::values::ExplanationWithValues;

/// Records from whose blocks the recall of blocking is estimated.
const SAMPLE: usize = 4096;

impl Linker {
    /// Number of records.
    pub fn len(&self) -> usize {
        self.population.len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.population.is_empty()
    }

    /// The id of the record at a position; empty beyond the end.
    pub fn record_id(&self, position: usize) -> &str {
        self.population.record_id(position)
    }

    /// Id of the person that the record at a position belongs to.
    pub fn person_of(&self, position: usize) -> Option<String> {
        self.persons.id_of(u32::try_from(position).ok()?)
    }

    /// All persons, in the order of their first record.
    pub fn persons(&self) -> Vec<Person> {
        self.persons.all()
    }

    /// The configuration that it was made with.
    pub fn config(&self) -> &Config {
        &self.population.config
    }

    /// The model that judges.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Why two records have their score; `None` beyond the end.
    pub fn explain(&self, a: usize, b: usize) -> Option<Explanation> {
        let (a, b) = (u32::try_from(a).ok()?, u32::try_from(b).ok()?);
        let mut explanation = self.judge.explain(&self.population, a, b)?;
        explanation.rule = self.judged(a, b)?.rule;
        Some(explanation)
    }

    /// [`Linker::explain`] with the values that were compared, which are data of patients.
    pub fn explain_with_values(&self, a: usize, b: usize) -> Option<ExplanationWithValues> {
        let explanation = self.explain(a, b)?;
        let pair = (a as u32, b as u32);
        Some(Judge::with_values(&self.population, explanation, pair))
    }

    /// The pairs that are a match or for review, by positions.
    pub fn pairs(&self) -> Vec<ScoredPair> {
        let records = (0..self.len() as u32).into_par_iter();
        let pairs = records.flat_map_iter(|record| {
            let mut partners: Vec<u32> = self.links.onward(record).map(|link| link.partner).collect();
            partners.sort_unstable();
            partners
                .into_iter()
                .filter_map(move |partner| self.judged(record, partner))
        });
        pairs.collect()
    }

    /// Pairs for a reviewer, those first whose answer is worth most; see [`Linkage::review_queue`].
    ///
    /// [`Linkage::review_queue`]: crate::Linkage::review_queue
    pub fn review_queue(&self) -> Vec<ScoredPair> {
        let pairs = self.pairs();
        let person = |record: usize| {
            let number = self.persons.number_of(record as u32)?;
            Some((number, self.persons.members(number).len()))
        };
        let queue = review::queue(pairs.iter(), person);
        queue.into_iter().copied().collect()
    }

    /// How the work went so far. The recall of blocking is estimated from some thousands of the records, those with
    /// the lowest hash of their content.
    pub fn summary(&mut self) -> Summary {
        let pairs = self.pairs();
        let count = |decision| pairs.iter().filter(|pair| pair.decision == decision).count();
        Summary {
            records: self.len(),
            persons: self.persons.len(),
            compared: self.compared,
            matches: count(Decision::Match),
            reviews: count(Decision::Review),
            threshold: self.judge.threshold,
            expected_false_links: expected_false(&pairs, self.judge.threshold),
            blocking_recall: self.blocking_recall(),
        }
    }

    fn blocking_recall(&mut self) -> f64 {
        let mut sample: Vec<u32> = (0..self.len() as u32).collect();
        if sample.len() > SAMPLE {
            let population = &self.population;
            sample.select_nth_unstable_by(SAMPLE, |x, y| population.rank(*x).cmp(&population.rank(*y)));
            sample.truncate(SAMPLE);
        }
        // Each pair is seen from both of its records.
        let seen = self.len() as f64 / sample.len().max(1) as f64 / 2.0;
        let mut counts = [0.0; 3];
        for record in sample {
            let found = self.index.find(&self.population, record);
            let tied = |partner: u32| {
                let mut links = self.links.of(record).iter();
                links.any(|link| link.partner == partner && link.is_linked())
            };
            for (_, hits) in found
                .partners
                .iter()
                .zip(&found.hits)
                .filter(|(partner, _)| tied(**partner))
            {
                for (count, counts) in counts.iter_mut().zip([true, *hits == 1, *hits == 2]) {
                    *count += seen * f64::from(u8::from(counts));
                }
            }
        }
        let [all, once, twice] = counts;
        recall(all, once, twice)
    }
}
