//! Persons whose records all speak for one person: what joins them needs no second look at the rest.

use rustc_hash::FxHashMap;

use crate::judge::{Judge, Positions};
use crate::links::Links;
use crate::population::Population;

/// Different registrations of a person among which each pair is looked at when a record first comes to it.
const FEW: usize = 128;
/// Different registrations that a new one is compared with.
const MANY: usize = 4096;

/// That the records of a person are linked to nobody else's, and that any two of them speak for one person. However
/// they are grouped, they then come together; so do they with a record that is linked to some of them and speaks for
/// one person with each. Records of one content speak alike, so one stands for all of them.
pub(crate) struct Accord {
    /// A record of each content.
    voices: FxHashMap<u64, u32>,
}

impl Accord {
    /// Finds the accord of a person's records, whatever links them to a newcomer; `None` where there is none, or where
    /// it would take long to see.
    pub(crate) fn find(
        judge: &Judge,
        population: &Population,
        verdicts: &Positions,
        links: &Links,
        members: &[u32],
        newcomer: u32,
    ) -> Option<Self> {
        let mut voices = FxHashMap::default();
        for member in members {
            let abroad = |partner: u32| partner != newcomer && members.binary_search(&partner).is_err();
            if links.partners(*member).any(abroad) {
                return None;
            }
            voices.entry(population.rank(*member).0).or_insert(*member);
            if voices.len() > FEW {
                return None;
            }
        }
        let list: Vec<u32> = voices.values().copied().collect();
        let mut pairs = list
            .iter()
            .enumerate()
            // Each with itself too: another of its content may be beside it.
            .flat_map(|(at, a)| list.iter().skip(at).map(move |b| (*a, *b)));
        pairs
            .all(|(a, b)| {
                judge
                    .across(population, verdicts, a, b)
                    .is_some_and(|score| score > 0.0)
            })
            .then_some(Self { voices })
    }

    /// Takes in a record that is linked to some of the others; `false` leaves it open whether it belongs to them.
    pub(crate) fn admit(
        &mut self,
        judge: &Judge,
        population: &Population,
        verdicts: &Positions,
        record: u32,
    ) -> bool {
        let content = population.rank(record).0;
        if self.voices.contains_key(&content) {
            return true;
        }
        let mut others = self.voices.values().chain(std::iter::once(&record));
        let agrees = self.voices.len() < MANY
            && others.all(|other| {
                let score = judge.across(population, verdicts, *other, record);
                score.is_some_and(|score| score > 0.0)
            });
        if agrees {
            self.voices.insert(content, record);
        }
        agrees
    }
}
