//! What waits for a reviewer, the most valuable answer first.

use crate::linkage::ScoredPair;
use crate::score::Decision;

/// What an answer on a pair is worth: how open the question is, in bits, for each pair of registrations that the answer
/// joins or keeps apart, which are all those across the two persons, given their sizes.
pub(crate) fn value(pair: &ScoredPair, sizes: (usize, usize)) -> f64 {
    let part = |share: f64| if share > 0.0 { -share * share.log2() } else { 0.0 };
    let open = part(pair.probability) + part(1.0 - pair.probability);
    open * sizes.0 as f64 * sizes.1 as f64
}

/// The pairs that are a match or for review and whose records are not one person's, the most valuable first. `person` gives
/// a record's person and its size.
pub(crate) fn queue<'a>(
    pairs: impl Iterator<Item = &'a ScoredPair>,
    person: impl Fn(usize) -> Option<(u32, usize)>,
) -> Vec<&'a ScoredPair> {
    let mut queue: Vec<(f64, &ScoredPair)> = pairs
        .filter(|pair| pair.decision != Decision::NoMatch)
        .filter_map(|pair| {
            let ((one, size), (other, other_size)) = (person(pair.a)?, person(pair.b)?);
            (one != other).then(|| (value(pair, (size, other_size)), pair))
        })
        .collect();
    queue.sort_by(|(x, one), (y, other)| {
        y.total_cmp(x)
            .then_with(|| (one.a, one.b).cmp(&(other.a, other.b)))
    });
    queue.into_iter().map(|(_, pair)| pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::Pattern;

    #[test]
    fn what_is_most_open_and_moves_most_comes_first() {
        let pair = |a: usize, b: usize, probability: f64| ScoredPair {
            a,
            b,
            score: 0.0,
            probability,
            decision: if probability > 0.99 {
                Decision::Match
            } else {
                Decision::Review
            },
            rule: None,
            pattern: Pattern::default(),
        };
        // Records 0 to 4 are persons of one record, 10 and 11 of four each; 20 and 21 are one person.
        let person = |record: usize| match record {
            10 | 11 => Some((record as u32, 4)),
            20 | 21 => Some((20, 2)),
            _ => Some((record as u32, 1)),
        };
        let pairs = [
            pair(0, 1, 0.5),
            pair(2, 3, 0.9),
            pair(3, 4, 0.05),
            pair(10, 11, 0.9),
            pair(20, 21, 0.999),
            pair(1, 4, 1.0),
        ];
        let order: Vec<(usize, usize)> = queue(pairs.iter(), person).iter().map(|p| (p.a, p.b)).collect();
        assert_eq!(order, [(10, 11), (0, 1), (2, 3), (3, 4), (1, 4)]);
        assert!((value(&pairs[0], (1, 1)) - 1.0).abs() < 1e-12);
    }
}
