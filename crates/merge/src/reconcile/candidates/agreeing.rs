//! Among very many results of one analyte, the pairs whose results agree: where times are vague, only the value tells
//! which of a day's results is meant.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use rustc_hash::FxHashMap;

use super::window::{Line, NUMBERS, Spot, nearest};
use super::{Candidates, pair};
use crate::reconcile::facts::Known;
use crate::reconcile::results::{Found, Number, Stage, UnitNames, readings};
use crate::unit::Unit;

/// Pairs whose spans meet and whose results may agree, and pairs of one source of which one may be a version of the other.
/// `identified` where all share an identifier: then sources may differ in what they found.
pub(super) fn agreeing_pairs(
    known: &[Known<'_>],
    lines: &[Line<'_>],
    identified: bool,
    candidates: &mut Candidates,
) {
    // Places in the order of time stand for the entries, so that neighbours in a set are neighbours in time.
    let mut places: Vec<&Spot> = lines.iter().flat_map(|line| &line.spots).collect();
    places.sort_unstable_by_key(|spot| spot.order());
    let index_of = |place: usize| places.get(place).map(|spot| spot.index);
    let mut sweep: Vec<usize> = (0..places.len()).collect();
    sweep.sort_by_key(|place| places.get(*place).map(|spot| (spot.from, spot.to)));
    let mut units = Units::default();
    let mut parties: BTreeMap<Party<'_>, Present> = BTreeMap::new();
    let mut leaving: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    let mut found = Partners::default();
    for place in sweep {
        let Some((spot, one)) = places
            .get(place)
            .and_then(|spot| Some((*spot, known.get(spot.index)?)))
        else {
            continue;
        };
        while let Some(Reverse((end, gone))) = leaving.peek().copied()
            && end < spot.from
        {
            leaving.pop();
            if let Some(entry) = index_of(gone).and_then(|index| known.get(index))
                && let Some(present) = parties.get_mut(&Party::of(entry))
            {
                present.remove(gone, &entry.look.results.found, &mut units);
            }
        }
        let own = Party::of(one);
        let results = &one.look.results.found;
        found.place = place;
        for (party, present) in &mut parties {
            let same_source = party.source == own.source;
            if same_source && party.stage != own.stage || !same_source && identified {
                present.all.near(&mut found);
            } else if !(same_source && party.has_ids && own.has_ids && !identified) {
                present.agreeing(results, &mut units, &mut found);
            }
        }
        let partners = found.partners.drain(..).filter_map(index_of);
        candidates
            .pairs
            .extend(partners.map(|other| pair(spot.index, other)));
        for crowded in found.crowded.drain(..).filter_map(index_of) {
            if let Some(crowded) = candidates.crowded.get_mut(crowded) {
                *crowded = true;
            }
        }
        parties.entry(own).or_default().insert(place, results, &mut units);
        leaving.push(Reverse((spot.to, place)));
    }
}

/// What was found for one entry, by place.
#[derive(Default)]
struct Partners {
    place: usize,
    partners: Vec<usize>,
    /// Those that have more partners than are compared.
    crowded: Vec<usize>,
}

/// Entries that relate to others in one way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Party<'a> {
    source: &'a str,
    stage: Stage,
    /// Whether the source tells them apart by ids of its own.
    has_ids: bool,
}

impl<'a> Party<'a> {
    fn of(known: &Known<'a>) -> Self {
        let origin = &known.entry.origin;
        Self {
            source: &origin.source,
            stage: known.look.results.stage,
            has_ids: origin.native_id.is_some(),
        }
    }
}

/// Entries whose spans are open, by place.
#[derive(Default)]
struct Open {
    places: BTreeSet<usize>,
    /// Those not yet known to be crowded, and some that are no longer open.
    uncrowded: Vec<usize>,
}

impl Open {
    fn insert(&mut self, place: usize) {
        self.places.insert(place);
        self.uncrowded.push(place);
    }

    fn near(&mut self, found: &mut Partners) {
        if nearest(&self.places, found.place, &mut found.partners) {
            self.crowd(found);
        }
    }

    /// Notes that some of these and the entry that looks for partners are not compared.
    fn crowd(&mut self, found: &mut Partners) {
        found.crowded.push(found.place);
        let open = self
            .uncrowded
            .drain(..)
            .filter(|place| self.places.contains(place));
        found.crowded.extend(open);
    }
}

/// The entries of a party whose spans are open, by what they found.
#[derive(Default)]
struct Present {
    all: Open,
    anything: Open,
    nothing: Open,
    /// By unit and by precision.
    numbers: BTreeMap<(usize, Key), Numbers>,
}

/// The numbers of one unit that are equally precise: where each may lie.
#[derive(Default)]
struct Numbers {
    by_reach: BTreeMap<(Key, Key), Open>,
    widest: f64,
}

/// A number that sorts.
#[derive(Clone, Copy, PartialEq)]
struct Key(f64);

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Present {
    fn insert(&mut self, place: usize, found: &Found, units: &mut Units) {
        self.all.insert(place);
        match found {
            Found::Anything => self.anything.insert(place),
            Found::Nothing => self.nothing.insert(place),
            Found::Numbers(numbers) => {
                for number in numbers {
                    let key = (units.index(&number.unit), Key(number.half));
                    self.numbers.entry(key).or_default().insert(place, number.reach());
                }
            }
        }
    }

    fn remove(&mut self, place: usize, found: &Found, units: &mut Units) {
        for open in [&mut self.all, &mut self.anything, &mut self.nothing] {
            open.places.remove(&place);
        }
        if let Found::Numbers(numbers) = found {
            for number in numbers {
                let key = (units.index(&number.unit), Key(number.half));
                if let Some(alike) = self.numbers.get_mut(&key) {
                    alike.remove(place, number.reach());
                }
            }
        }
    }

    /// Those whose results may agree with these.
    fn agreeing(&mut self, results: &Found, units: &mut Units, found: &mut Partners) {
        match results {
            Found::Anything => self.all.near(found),
            Found::Nothing => {
                self.nothing.near(found);
                self.anything.near(found);
            }
            Found::Numbers(numbers) => {
                self.anything.near(found);
                for number in numbers {
                    self.near(number, units, found);
                }
            }
        }
    }

    fn near(&mut self, number: &Number, units: &mut Units, found: &mut Partners) {
        let own = units.index(&number.unit);
        for ((unit, _), alike) in &mut self.numbers {
            // By the number alone too: units are missing, or two names of one.
            alike.near(number.reach(), found);
            if *unit != own {
                for reach in number.reaches_in(units.readings(own), units.readings(*unit)) {
                    alike.near(reach, found);
                }
            }
        }
    }
}

impl Numbers {
    fn insert(&mut self, place: usize, (low, high): (f64, f64)) {
        self.by_reach
            .entry((Key(low), Key(high)))
            .or_default()
            .insert(place);
        self.widest = self.widest.max(high - low);
    }

    fn remove(&mut self, place: usize, (low, high): (f64, f64)) {
        let key = (Key(low), Key(high));
        if let Some(open) = self.by_reach.get_mut(&key) {
            open.places.remove(&place);
            if open.places.is_empty() {
                self.by_reach.remove(&key);
            }
        }
    }

    /// The numbers that may lie in a range, from its middle outwards.
    fn near(&mut self, (low, high): (f64, f64), found: &mut Partners) {
        // Where a conversion went beyond all numbers, there is no range.
        if low.is_nan() || high.is_nan() || low > high {
            return;
        }
        let least = (Key(low - self.widest), Key(f64::NEG_INFINITY));
        let middle = (Key(low), Key(f64::NEG_INFINITY));
        let most = (Key(high), Key(f64::INFINITY));
        let below = self.by_reach.range(least..middle).rev();
        let below = below.filter(|((_, end), _)| end.0 >= low).map(|(key, _)| *key);
        let above = self.by_reach.range(middle..=most).map(|(key, _)| *key);
        let mut keys: Vec<(Key, Key)> = below.take(NUMBERS + 1).collect();
        let more_below = keys.len() > NUMBERS;
        keys.extend(above.take(NUMBERS + 1));
        let more = more_below || keys.len() > 2 * NUMBERS;
        for key in keys {
            if let Some(open) = self.by_reach.get_mut(&key) {
                open.near(found);
                if more {
                    open.crowd(found);
                }
            }
        }
    }
}

/// The units of a block, by number.
#[derive(Default)]
struct Units {
    indexes: FxHashMap<UnitNames, usize>,
    readings: Vec<Vec<Unit>>,
}

impl Units {
    fn index(&mut self, names: &UnitNames) -> usize {
        if let Some(index) = self.indexes.get(names) {
            return *index;
        }
        let index = self.readings.len();
        self.readings.push(readings(names));
        self.indexes.insert(names.clone(), index);
        index
    }

    fn readings(&self, index: usize) -> &[Unit] {
        self.readings.get(index).map(Vec::as_slice).unwrap_or_default()
    }
}
