//! Two records and no population.

use crate::config::Config;
use crate::explain::Explanation;
use crate::frequency::Frequencies;
use crate::judge::Judge;
use crate::model::Parameters;
use crate::policy::{Footing, decide, may_be_relatives};
use crate::population::Population;
use crate::record::Record;
use crate::rule::Rule;
use crate::score::Decision;
use crate::values::ExplanationWithValues;

/// Judges single pairs of records without a population around them.
///
/// The built-in parameters apply, for records drawn from [`Config::population`] people.
#[derive(Clone, Debug)]
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
        let (decision, explanation, _) = self.judge(a, b);
        (decision, explanation)
    }

    /// [`Comparator::compare`] with the values that were compared, which are data of patients.
    pub fn compare_with_values(&self, a: &Record, b: &Record) -> (Decision, ExplanationWithValues) {
        let (decision, explanation, population) = self.judge(a, b);
        (decision, Judge::with_values(&population, explanation, (0, 1)))
    }

    fn judge(&self, a: &Record, b: &Record) -> (Decision, Explanation, Population) {
        let mut population = Population::new(&self.config);
        population.push(a);
        population.push(b);
        let judge = Judge::new(
            Frequencies::count(&population),
            self.parameters.clone(),
            1.0 - self.config.false_link_rate,
            Footing::Pair,
        );
        let mut explanation = judge
            .explain(&population, 0, 1)
            .unwrap_or_else(Explanation::empty);
        let rule = explanation
            .rule
            .or_else(|| may_be_relatives(explanation.pattern).then_some(Rule::NamedAlike));
        let (decision, rule) = decide(
            Footing::Pair,
            explanation.pattern,
            explanation.probability,
            rule,
            judge.threshold,
            self.config.review_floor,
        );
        explanation.rule = rule;
        (decision, explanation, population)
    }
}
