//! Persons whose records all speak for one person: what joins them needs no second look at the rest.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::judge::{Judge, Positions};
use crate::links::Links;
use crate::population::Population;

/// Different registrations that a new one is compared with: all of them in a millisecond or two.
const MANY: usize = 2048;

/// Whether the records of a person are known to speak for one person.
#[derive(Clone)]
pub(crate) enum Harmony {
    Accord(Accord),
    /// Two of them do not, or they are more than [`MANY`] different ones, and so they stay whatever comes.
    Discord,
    /// They are linked to somebody else's.
    Open,
}

/// That the records of a person are linked to nobody else's, and that any two of them speak for one person. However
/// they are grouped, they then come together; so do they with a record that is linked to some of them and speaks for
/// one person with each. Records of one content speak alike, so one stands for all of them.
#[derive(Clone)]
pub(crate) struct Accord {
    /// A record of each content.
    voices: FxHashMap<u64, u32>,
}

impl Accord {
    /// Finds out about a person's records, whatever links them to a newcomer.
    pub(crate) fn find(
        judge: &Judge,
        population: &Population,
        verdicts: &Positions,
        links: &Links,
        members: &[u32],
        newcomer: Option<u32>,
    ) -> Harmony {
        let mut voices = FxHashMap::default();
        for member in members {
            let abroad = |partner: u32| Some(partner) != newcomer && members.binary_search(&partner).is_err();
            if links.partners(*member).any(abroad) {
                return Harmony::Open;
            }
            voices.entry(population.rank(*member).0).or_insert(*member);
            if voices.len() > MANY {
                return Harmony::Discord;
            }
        }
        let list: Vec<u32> = voices.values().copied().collect();
        let agree = |a: u32, b: u32| {
            let score = judge.across(population, verdicts, a, b);
            score.is_some_and(|score| score > 0.0)
        };
        let all = list.par_iter().enumerate().all(|(at, a)| {
            // Each with itself too: another of its content may be beside it.
            list.iter().skip(at).all(|b| agree(*a, *b))
        });
        if all {
            Harmony::Accord(Self { voices })
        } else {
            Harmony::Discord
        }
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
