//! What was learnt from a population, free of it: to keep, and to judge later records by.

mod stored;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::frequency::Frequencies;
use crate::judge::Judge;
use crate::known;
use crate::model::Parameters;
use crate::policy::Footing;
use crate::population::Population;
use stored::Stored;

/// Values that far too many people share to mean anything, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Absurd {
    pub(crate) phones: Vec<u64>,
    pub(crate) emails: Vec<String>,
    pub(crate) numbers: Vec<u64>,
    /// Last four digits plus one.
    pub(crate) last_fours: Vec<u64>,
    pub(crate) births: Vec<u64>,
    /// Assigner and value.
    pub(crate) identifiers: Vec<(String, String)>,
    /// Postal code as packed, street and house number.
    pub(crate) lines: Vec<(u32, String, String)>,
}

impl Absurd {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether all lists are in ascending order.
    fn is_sorted(&self) -> bool {
        self.phones.is_sorted()
            && self.emails.is_sorted()
            && self.numbers.is_sorted()
            && self.last_fours.is_sorted()
            && self.births.is_sorted()
            && self.identifiers.is_sorted()
            && self.lines.is_sorted()
    }

    pub(crate) fn has_email(&self, email: &str) -> bool {
        self.emails
            .binary_search_by(|absurd| absurd.as_str().cmp(email))
            .is_ok()
    }
}

/// A learnt model: parameters, frequencies of names and birth dates, and the match threshold.
///
/// It serialises with serde, in a form with a version, and is the same to the last bit when it is read again, whatever
/// the format; that of another version is refused, because it must be learnt anew. It holds names and shared telephone
/// numbers of the population it was learnt from (in bulk, tied to nobody), so treat it as the data themselves.
///
/// ```
/// use ehr_link::Model;
/// let model = Model::built_in(1_000_000);
/// let text = serde_json::to_string(&model)?;
/// assert!(serde_json::from_str::<Model>(&text)? == model);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Model {
    pub(crate) parameters: Parameters,
    pub(crate) threshold: f64,
    few: bool,
    pub(crate) absurd: Absurd,
    /// Name, ratio as a given name, ratio as a family name, established.
    names: Vec<(String, f32, f32, bool)>,
    rare: (f32, f32),
    births: Vec<(u32, f32)>,
    birth_rare: f32,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("threshold", &self.threshold)
            .field("names", &self.names.len())
            .finish_non_exhaustive()
    }
}

impl Model {
    pub(crate) fn new(population: &Population, judge: &Judge, absurd: &Absurd) -> Self {
        let frequencies = &judge.frequencies;
        let mut names = Vec::new();
        let table = frequencies
            .given
            .iter()
            .zip(&frequencies.family)
            .zip(&frequencies.established)
            .enumerate()
            .skip(1);
        for (symbol, ((given, family), established)) in table {
            // Bit for bit: a name like any other rare one need not be written down.
            let rare = given.to_bits() == frequencies.rare.0.to_bits()
                && family.to_bits() == frequencies.rare.1.to_bits();
            if !rare || *established {
                let name = population.names.get(symbol as u32).to_owned();
                names.push((name, *given, *family, *established));
            }
        }
        names.sort_by(|x, y| x.0.cmp(&y.0));
        let mut births: Vec<(u32, f32)> = frequencies
            .birth
            .iter()
            .map(|(date, ratio)| (*date, *ratio))
            .collect();
        births.sort_unstable_by_key(|(date, _)| *date);
        Self {
            parameters: judge.parameters.clone(),
            threshold: judge.threshold,
            few: judge.footing == Footing::Few,
            absurd: absurd.clone(),
            names,
            rare: frequencies.rare,
            births,
            birth_rare: frequencies.birth_rare,
        }
    }

    /// The built-in parameters, with what is known without any data.
    pub fn built_in(people: u64) -> Self {
        let mut population = Population::new(&Config::default());
        for name in known::common_names() {
            population.names.intern(name);
        }
        let judge = Judge::new(
            Frequencies::count(&population),
            Parameters::built_in(people),
            0.99,
            Footing::Many,
        );
        Self::new(&population, &judge, &Absurd::default())
    }

    /// Lowest probability that is linked without asking.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// The parameters.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The judge of a population's records.
    pub(crate) fn judge(&self, population: &Population) -> Judge {
        let mut frequencies = Frequencies {
            rare: self.rare,
            birth: self.births.iter().copied().collect(),
            birth_rare: self.birth_rare,
            ..Frequencies::default()
        };
        frequencies.extend(population, self);
        let footing = if self.few { Footing::Few } else { Footing::Many };
        Judge::new(frequencies, self.parameters.clone(), self.threshold, footing)
    }

    /// Ratios and standing of a single name.
    pub(crate) fn lookup(&self, name: &str) -> (f32, f32, bool) {
        match self.names.binary_search_by(|entry| entry.0.as_str().cmp(name)) {
            Ok(at) => self
                .names
                .get(at)
                .map_or((self.rare.0, self.rare.1, false), |n| (n.1, n.2, n.3)),
            Err(_) => (self.rare.0, self.rare.1, false),
        }
    }
}
