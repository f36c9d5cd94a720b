//! How frequent values are: sharing a rare one says more than sharing a common one.

use rustc_hash::FxHashMap;

use crate::intern::Symbol;
use crate::known;
use crate::learned::Model;
use crate::normalize::Date;
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
    /// Of given name, family name and birth date: pairs of records.
    pub(crate) pairs: [Pairs; 3],
}

/// Pairs of records by one field.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pairs {
    /// Those in which both hold the field.
    pub(crate) all: f64,
    /// Those in which both hold the same value.
    pub(crate) alike: f64,
}

impl Pairs {
    /// From how many records hold each value, in an order that is always the same.
    fn new(counts: &[u32]) -> Self {
        Self {
            all: pairs_of(counts.iter().map(|count| f64::from(*count)).sum()),
            alike: counts.iter().map(|count| pairs_of(f64::from(*count))).sum(),
        }
    }

    /// How often strangers have the same value, from the pairs of records that are not `known` to be one person's or one
    /// household's and from what is known without the records.
    pub(crate) fn chance(self, known: f64, built_in: f64) -> f64 {
        let held = pairs_of(HELD);
        ((self.alike - known).max(0.0) + held * built_in) / (self.all + held)
    }
}

/// Pairs among so many.
pub(crate) fn pairs_of(count: f64) -> f64 {
    count * (count - 1.0).max(0.0) / 2.0
}

/// What [`Pairs::chance`] is without the records, in the order of [`Frequencies::pairs`].
pub(crate) const CHANCE: [f64; 3] = [GIVEN_SHARED, FAMILY_SHARED, known::DAY];

/// Records of the built-in population that the counts of the data are added to.
const HELD: f64 = 1000.0;
/// Built-in shares of the value that two records share on average.
const GIVEN_SHARED: f64 = 0.006;
const FAMILY_SHARED: f64 = 0.0006;

/// Lowest ratios that a name and a birth date may have.
pub(crate) const RAREST_NAME: f64 = -6.0;
pub(crate) const RAREST_BIRTH: f64 = -3.0;

impl Frequencies {
    pub(crate) fn count(population: &Population) -> Self {
        let size = population.names.len();
        let mut given_counts = vec![0_u32; size];
        let mut family_counts = vec![0_u32; size];
        let mut birth: FxHashMap<u32, u32> = FxHashMap::default();
        let bump = |list: &mut Vec<u32>, symbol: Symbol| {
            if symbol != 0
                && let Some(count) = list.get_mut(symbol as usize)
            {
                *count += 1;
            }
        };
        for row in &population.rows {
            bump(&mut given_counts, row.given);
            bump(&mut family_counts, row.family);
            if !row.birth.is_missing() {
                *birth.entry(row.birth.0).or_insert(0) += 1;
            }
        }
        let many = (population.rows.len() as f64 * 2e-5).max(6.0) as u32;
        let established = given_counts.iter().map(|count| *count >= many).collect();
        let births: u64 = birth.values().map(|count| u64::from(*count)).sum();
        let mut shared = 0.0;
        let mut birth_counts: Vec<u32> = birth.values().copied().collect();
        birth_counts.sort_unstable();
        for count in &birth_counts {
            shared += (f64::from(*count) / (births as f64 + 1.0)).powi(2);
        }
        let held = births as f64 + HELD;
        let shared = (births as f64 * shared + HELD * known::DAY) / held;
        let ratio = |count: u32, known: f64| {
            let share = (f64::from(count.saturating_sub(1)) + HELD * known) / held;
            (share / shared).log2().clamp(RAREST_BIRTH, 5.0) as f32
        };
        let (given, rare_given) = ratios(population, &given_counts, known::given_share, GIVEN_SHARED);
        let (family, rare_family) = ratios(population, &family_counts, known::family_share, FAMILY_SHARED);
        Self {
            given,
            family,
            rare: (rare_given, rare_family),
            birth_rare: ratio(1, known::DAY),
            birth: birth
                .into_iter()
                .filter(|(_, count)| *count > 1)
                .map(|(date, count)| (date, ratio(count, known::birth_share(Date(date)))))
                .collect(),
            established,
            pairs: [
                Pairs::new(&given_counts),
                Pairs::new(&family_counts),
                Pairs::new(&birth_counts),
            ],
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

    pub(crate) fn birth(&self, date: Date) -> f64 {
        let unseen = || {
            let more = known::birth_share(date) / known::DAY;
            f64::from(self.birth_rare) + more.log2()
        };
        self.birth.get(&date.0).copied().map_or_else(unseen, f64::from)
    }
}

/// Ratio of each name's share to that of the average shared name, in bits, within six either way.
fn ratios(
    population: &Population,
    counts: &[u32],
    share: impl Fn(&str) -> f64,
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
    let ratio = |count: u32, known: f64| {
        // The person at hand is counted once: one of the records that share the name is theirs.
        let seen = f64::from(count.saturating_sub(1));
        let share = (seen + HELD * known) / (total + HELD);
        (share / average).log2().clamp(RAREST_NAME, 6.0) as f32
    };
    let list = counts
        .iter()
        .enumerate()
        .map(|(symbol, count)| ratio(*count, share(population.names.get(symbol as Symbol))))
        .collect();
    // No name is the empty one.
    (list, ratio(1, share("")))
}
