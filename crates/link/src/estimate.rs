//! What is to be expected of the links of a batch: how many are false, and how many are missed.

use rayon::prelude::*;

use crate::blocking::pack;
use crate::linkage::ScoredPair;
use crate::score::Decision;

/// Part of the stated rate that the expected errors may use: the model knows its own errors only so far.
pub(crate) const MARGIN: f64 = 0.7;

/// Lowest probability that may be linked so that the expected share of false links stays below the
/// stated rate, and that share.
pub(crate) fn threshold(pairs: &[ScoredPair], rate: f64) -> (f64, f64) {
    let mut doubt: Vec<f64> = pairs
        .iter()
        .filter(|pair| pair.rule.is_none())
        .map(|pair| 1.0 - pair.probability)
        .collect();
    doubt.par_sort_unstable_by(f64::total_cmp);
    let mut sum = 0.0;
    let mut best = (1.0 - rate, 0.0);
    // No single link is taken that is more likely false than one in three.
    for (i, doubt) in doubt.iter().take_while(|doubt| **doubt <= 0.33).enumerate() {
        sum += doubt;
        let mean = sum / (i + 1) as f64;
        if mean > rate {
            break;
        }
        best = (best.0.min(1.0 - doubt), mean);
    }
    best
}

/// Expected share of false links at a threshold.
pub(crate) fn expected_false(pairs: &[ScoredPair], threshold: f64) -> f64 {
    let mut doubt: Vec<f64> = pairs
        .iter()
        .filter(|pair| pair.rule.is_none() && pair.probability >= threshold)
        .map(|pair| 1.0 - pair.probability)
        .collect();
    doubt.par_sort_unstable_by(f64::total_cmp);
    doubt.iter().sum::<f64>() / (doubt.len() as f64).max(1.0)
}

/// Chao's estimate from the matches that one and two schemes found.
pub(crate) fn blocking_recall(pairs: &[u64], hits: &[u8], scored: &[ScoredPair]) -> f64 {
    let (mut once, mut twice, mut all) = (0.0_f64, 0.0_f64, 0.0_f64);
    for pair in scored {
        if pair.decision != Decision::Match {
            continue;
        }
        if let Ok(at) = pairs.binary_search(&pack(pair.a as u32, pair.b as u32)) {
            all += 1.0;
            match hits.get(at) {
                Some(1) => once += 1.0,
                Some(2) => twice += 1.0,
                _ => {}
            }
        }
    }
    recall(all, once, twice)
}

/// Estimated share of the true pairs among which `all` were found, `once` and `twice` of them by one and by two keys.
pub(crate) fn recall(all: f64, once: f64, twice: f64) -> f64 {
    if all == 0.0 {
        return 1.0;
    }
    let unseen = once * (once - 1.0).max(0.0) / (2.0 * (twice + 1.0));
    all / (all + unseen)
}
