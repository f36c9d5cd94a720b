//! Entries of one source in the order of time, and those of them that lie next to a time.

use crate::moment::{Clock, Moment};

/// How many entries on each side are compared, where there are more than both sides hold.
const SIDE: usize = 32;

/// An entry on the line of its source.
pub(super) struct Spot {
    pub(super) index: usize,
    /// When it began, as a half-open interval.
    start: Option<(i64, i64)>,
    /// The times at which others can be of one time with it; all times where time does not keep entries apart.
    pub(super) from: i64,
    pub(super) to: i64,
    /// Place among the entries of the source that began at the same time: the first of one source is compared with the
    /// first of another.
    pub(super) rank: usize,
}

impl Spot {
    pub(super) fn new(index: usize, start: Option<Moment>, reach: Option<i64>, clock: Clock) -> Self {
        let (from, to) = start
            .zip(reach)
            .map_or((i64::MIN, i64::MAX), |(start, reach)| start.reach(reach));
        Self {
            index,
            start: start.map(|start| start.on(clock)),
            from,
            to,
            rank: 0,
        }
    }

    /// The order of time, in which the entries of several sources alternate.
    pub(super) fn order(&self) -> impl Ord + use<> {
        (self.start, self.rank, self.index)
    }
}

/// Entries of one source, either all with a time or all without.
pub(super) struct Line<'a> {
    pub(super) source: &'a str,
    dated: bool,
    pub(super) spots: Vec<Spot>,
    /// For each place on the line, until when those up to there can be of one time with others.
    until: Vec<i64>,
    /// For each place on the line, from when those from there on can be.
    from: Vec<i64>,
}

impl<'a> Line<'a> {
    /// Of so many entries each is compared.
    pub(super) const ALL: usize = 2 * SIDE + 1;

    pub(super) fn new(source: &'a str, dated: bool, mut spots: Vec<Spot>) -> Self {
        spots.sort_unstable_by_key(Spot::order);
        let mut last = None;
        for spot in &mut spots {
            let rank = match last {
                Some((start, rank)) if start == spot.start => rank + 1,
                _ => 0,
            };
            spot.rank = rank;
            last = Some((spot.start, rank));
        }
        let mut until: Vec<i64> = spots.iter().map(|spot| spot.to).collect();
        let mut latest = i64::MIN;
        for to in &mut until {
            latest = latest.max(*to);
            *to = latest;
        }
        let mut from: Vec<i64> = spots.iter().map(|spot| spot.from).collect();
        let mut earliest = i64::MAX;
        for start in from.iter_mut().rev() {
            earliest = earliest.min(*start);
            *start = earliest;
        }
        Self {
            source,
            dated,
            spots,
            until,
            from,
        }
    }

    /// The entries that can be of one time with `of`, as far as they are compared, and whether there may be more.
    pub(super) fn near(&self, of: &Spot) -> (impl Iterator<Item = &Spot>, bool) {
        let (first, last) = self.window(of);
        let before = first.checked_sub(1).and_then(|at| self.until.get(at));
        let after = self.from.get(last);
        let more = before.is_some_and(|until| *until >= of.from) || after.is_some_and(|from| *from <= of.to);
        let (from, to) = (of.from, of.to);
        let window = self.spots.get(first..last).unwrap_or_default().iter();
        let near = window.filter(move |spot| spot.from <= to && spot.to >= from);
        (near, more)
    }

    fn window(&self, of: &Spot) -> (usize, usize) {
        if self.spots.len() <= Self::ALL {
            return (0, self.spots.len());
        }
        let begun_before = |time: i64| {
            self.spots
                .partition_point(|spot| spot.start.is_some_and(|(start, _)| start < time))
        };
        let (low, high) = match of.start.filter(|_| self.dated) {
            Some((start, end)) => (begun_before(start), begun_before(end)),
            None => (0, self.spots.len()),
        };
        let centre = low + of.rank.min(high.saturating_sub(low));
        let last = (centre + SIDE + 1).min(self.spots.len());
        (centre.saturating_sub(SIDE), last)
    }
}

/// The nearest entries on both sides of a place among places, and whether there are more.
pub(super) fn nearest(
    places: &std::collections::BTreeSet<usize>,
    place: usize,
    out: &mut Vec<usize>,
) -> bool {
    let before = out.len();
    out.extend(places.range(..place).rev().take(SIDE));
    out.extend(places.range(place..).take(SIDE));
    places.len() > out.len() - before
}

/// How many distinct numbers are looked at on each side of one.
pub(super) const NUMBERS: usize = SIDE;
