//! The result of linking a batch of records.

use serde::Serialize;

use crate::cluster::Tie;
use crate::comparison::Pattern;
use crate::config::Config;
use crate::explain::Explanation;
use crate::judge::Judge;
use crate::learned::{Absurd, Model};
use crate::model::Parameters;
use crate::policy::is_numbered;
use crate::population::Population;
use crate::record::Record;
use crate::review;
use crate::rule::Rule;
use crate::score::Decision;
use crate::values::ExplanationWithValues;
use crate::verdict::Verdicts;

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

impl ScoredPair {
    /// What ties its records, if anything does.
    pub(crate) fn tie(&self) -> Option<Tie> {
        match self.decision {
            Decision::Match if self.rule == Some(Rule::VerdictSame) => Some(Tie::Certain),
            Decision::Match if is_numbered(self.pattern) => Some(Tie::Numbered),
            Decision::Match => Some(Tie::Linked),
            Decision::Review if self.rule == Some(Rule::NamedAlike) => Some(Tie::Alike),
            _ => None,
        }
    }
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
#[derive(Clone)]
pub struct Linkage {
    /// Persons, in the order of their first record.
    pub persons: Vec<Person>,
    /// Pairs above the review floor or subject to a rule, by positions.
    pub pairs: Vec<ScoredPair>,
    /// How the work went.
    pub summary: Summary,
    pub(crate) person_of: Vec<u32>,
    pub(crate) population: Population,
    pub(crate) judge: Judge,
    pub(crate) absurd: Absurd,
    /// The model it was judged by, where that was learnt elsewhere: it knows names that this
    /// population does not hold.
    pub(crate) model: Option<Model>,
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
///     record("clinic/1", "Robert", "Okafor", "1980-05-17"),
///     record("lab/9", "Bob", "OKAFOR", "19800517"),
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

impl Linkage {
    /// Index into [`Linkage::persons`] of the person that the record at `position` belongs to.
    pub fn person_of(&self, position: usize) -> Option<usize> {
        self.person_of.get(position).map(|index| *index as usize)
    }

    /// Why the records at two positions have their score; `None` beyond the end.
    pub fn explain(&self, a: usize, b: usize) -> Option<Explanation> {
        let (first, second) = (u32::try_from(a).ok()?, u32::try_from(b).ok()?);
        let mut explanation = self.judge.explain(&self.population, first, second)?;
        let pair = (a.min(b), a.max(b));
        if let Ok(at) = self.pairs.binary_search_by_key(&pair, |p| (p.a, p.b))
            && let Some(pair) = self.pairs.get(at)
        {
            explanation.rule = pair.rule;
        }
        Some(explanation)
    }

    /// [`Linkage::explain`] with the values that were compared, which are data of patients.
    ///
    /// ```
    /// # use ehr_link::{Config, Field, Record, Verdicts, link};
    /// let mut records = [Record::new("1"), Record::new("2")];
    /// for (record, given) in records.iter_mut().zip(["Robert", "Bob"]) {
    ///     record.set(Field::Given, given);
    ///     record.set(Field::Family, "Okafor");
    /// }
    /// let linkage = link(&records, &Config::default(), &Verdicts::default());
    /// let shown = linkage.explain_with_values(0, 1).expect("both are there");
    /// assert_eq!((&shown.values[0].a[..], &shown.values[0].b[..]), (&["robert".to_owned()][..], &["bob".to_owned()][..]));
    /// assert!(shown.table().contains("robert | bob"));
    /// // Nothing shows a value that was not asked for.
    /// assert!(!format!("{shown:?} {}", shown.explanation).contains("bob"));
    /// ```
    pub fn explain_with_values(&self, a: usize, b: usize) -> Option<ExplanationWithValues> {
        let explanation = self.explain(a, b)?;
        let pair = (a as u32, b as u32);
        Some(Judge::with_values(&self.population, explanation, pair))
    }

    /// Pairs for a reviewer, those first whose answer is worth most. Among them are matches that did not come together,
    /// because other records spoke against it.
    ///
    /// The value of an answer is the uncertainty that it ends times what hangs on it: the entropy of the pair's
    /// probability, in bits, times the number of pairs of registrations that it joins or keeps apart, those across the
    /// two persons.
    pub fn review_queue(&self) -> Vec<&ScoredPair> {
        review::queue(self.pairs.iter(), |record| self.person_and_size(record))
    }

    /// What a reviewer's answer on a pair is worth, from 0 on, as [`Linkage::review_queue`] has it.
    pub fn review_value(&self, pair: &ScoredPair) -> f64 {
        let size = |record| self.person_and_size(record).map_or(0, |(_, size)| size);
        review::value(pair, (size(pair.a), size(pair.b)))
    }

    fn person_and_size(&self, record: usize) -> Option<(u32, usize)> {
        let person = self.person_of.get(record)?;
        Some((*person, self.persons.get(*person as usize)?.members.len()))
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
