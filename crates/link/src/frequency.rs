//! How frequent values are: sharing a rare one says more than sharing a common one.

use rustc_hash::FxHashMap;

use crate::intern::Symbol;
use crate::learned::Model;
use crate::population::Population;

/// Logarithmic ratios of each value's frequency to that of the average shared value.
#[derive(Clone, Default)]
pub(crate) struct Frequencies {
    pub(crate) given: Vec<f32>,
    pub(crate) family: Vec<f32>,
    /// Ratios of names that the data hold at most once.
    pub(crate) rare: (f32, f32),
    pub(crate) birth: FxHashMap<u32, f32>,
    pub(crate) birth_rare: f32,
    /// Given names so frequent that they are names of their own, by symbol.
    pub(crate) established: Vec<bool>,
}

/// Records of the built-in population that the counts of the data are added to.
const HELD: f64 = 1000.0;
/// Built-in shares: of a name not on the list, and of the value that two records share on average.
const GIVEN_RARE: f64 = 0.0003;
const GIVEN_SHARED: f64 = 0.006;
const FAMILY_RARE: f64 = 0.0001;
const FAMILY_SHARED: f64 = 0.0006;
const BIRTH: f64 = 1.0 / 25_000.0;

/// Lowest ratios that a name and a birth date may have.
pub(crate) const RAREST_NAME: f64 = -6.0;
pub(crate) const RAREST_BIRTH: f64 = -3.0;

/// Rough shares in thousandths of the commonest names in the United States.
const COMMON_GIVEN: &[(&str, f64)] = &[
    ("james", 16.0),
    ("john", 16.0),
    ("robert", 15.0),
    ("michael", 14.0),
    ("mary", 13.0),
    ("william", 12.0),
    ("david", 12.0),
    ("richard", 8.0),
    ("charles", 7.0),
    ("joseph", 7.0),
    ("thomas", 7.0),
    ("patricia", 5.0),
    ("linda", 5.0),
    ("barbara", 5.0),
    ("elizabeth", 5.0),
    ("jennifer", 5.0),
    ("maria", 4.0),
    ("susan", 4.0),
    ("christopher", 5.0),
    ("daniel", 5.0),
];
const COMMON_FAMILY: &[(&str, f64)] = &[
    ("smith", 8.8),
    ("johnson", 6.9),
    ("williams", 5.7),
    ("brown", 5.1),
    ("jones", 5.0),
    ("garcia", 4.2),
    ("miller", 4.1),
    ("davis", 4.0),
    ("rodriguez", 3.9),
    ("martinez", 3.8),
    ("hernandez", 3.7),
    ("lopez", 3.2),
    ("gonzalez", 3.0),
    ("wilson", 2.9),
    ("anderson", 2.8),
    ("thomas", 2.7),
    ("taylor", 2.6),
    ("moore", 2.6),
    ("jackson", 2.5),
    ("martin", 2.5),
];

impl Frequencies {
    pub(crate) fn count(population: &Population) -> Self {
        let size = population.names.len();
        let mut given = vec![0_u32; size];
        let mut family = vec![0_u32; size];
        let mut birth: FxHashMap<u32, u32> = FxHashMap::default();
        let bump = |list: &mut Vec<u32>, symbol: Symbol| {
            if symbol != 0
                && let Some(count) = list.get_mut(symbol as usize)
            {
                *count += 1;
            }
        };
        for row in &population.rows {
            bump(&mut given, row.given);
            bump(&mut family, row.family);
            if !row.birth.is_missing() {
                *birth.entry(row.birth.0).or_insert(0) += 1;
            }
        }
        let many = (population.rows.len() as f64 * 2e-5).max(6.0) as u32;
        let established = given.iter().map(|count| *count >= many).collect();
        let births: u64 = birth.values().map(|count| u64::from(*count)).sum();
        let mut shared = 0.0;
        let mut values: Vec<u32> = birth.values().copied().collect();
        values.sort_unstable();
        for count in values {
            shared += (f64::from(count) / (births as f64 + 1.0)).powi(2);
        }
        let held = births as f64 + HELD;
        let shared = (births as f64 * shared + HELD * BIRTH) / held;
        let ratio = |count: u32| {
            let share = (f64::from(count.saturating_sub(1)) + HELD * BIRTH) / held;
            (share / shared).log2().clamp(RAREST_BIRTH, 5.0) as f32
        };
        let (given, rare_given) = ratios(population, &given, COMMON_GIVEN, GIVEN_RARE, GIVEN_SHARED);
        let (family, rare_family) = ratios(population, &family, COMMON_FAMILY, FAMILY_RARE, FAMILY_SHARED);
        Self {
            given,
            family,
            rare: (rare_given, rare_family),
            birth_rare: ratio(1),
            birth: birth
                .into_iter()
                .filter(|(_, count)| *count > 1)
                .map(|(date, count)| (date, ratio(count)))
                .collect(),
            established,
        }
    }

    /// Looks up the names that have come to the population since.
    pub(crate) fn extend(&mut self, population: &Population, model: &Model) {
        for symbol in self.given.len()..population.names.len() {
            let (given, family, established) = model.lookup(population.names.get(symbol as Symbol));
            self.given.push(given);
            self.family.push(family);
            self.established.push(established);
        }
    }

    pub(crate) fn given(&self, name: Symbol) -> f64 {
        f64::from(self.given.get(name as usize).copied().unwrap_or(self.rare.0))
    }

    pub(crate) fn family(&self, name: Symbol) -> f64 {
        f64::from(self.family.get(name as usize).copied().unwrap_or(self.rare.1))
    }

    pub(crate) fn birth(&self, date: u32) -> f64 {
        f64::from(self.birth.get(&date).copied().unwrap_or(self.birth_rare))
    }
}

/// Ratio of each name's share to that of the average shared name, in bits, within six either way.
fn ratios(
    population: &Population,
    counts: &[u32],
    common: &[(&str, f64)],
    rare: f64,
    shared: f64,
) -> (Vec<f32>, f32) {
    let total: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let own: f64 = sorted
        .iter()
        .map(|count| (f64::from(*count) / (total + 1.0)).powi(2))
        .sum();
    let average = (total * own + HELD * shared) / (total + HELD);
    let built_in: FxHashMap<&str, f64> = common
        .iter()
        .map(|(name, share)| (*name, share / 1000.0))
        .collect();
    let ratio = |count: u32, known: f64| {
        // The person at hand is counted once: one of the records that share the name is theirs.
        let seen = f64::from(count.saturating_sub(1));
        let share = (seen + HELD * known) / (total + HELD);
        (share / average).log2().clamp(RAREST_NAME, 6.0) as f32
    };
    let list = counts
        .iter()
        .enumerate()
        .map(|(symbol, count)| {
            let known = built_in
                .get(population.names.get(symbol as Symbol))
                .copied()
                .unwrap_or(rare);
            ratio(*count, known)
        })
        .collect();
    (list, ratio(1, rare))
}
