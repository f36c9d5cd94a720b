//! The pool of names.

use super::generated::names::{NAMES, PAGES, STARTS};

/// The place of a name in the pool; equal names have equal places, and places are in the order of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NameIndex(pub(super) u16);

impl NameIndex {
    /// The place of `name`, if any definition names it.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let (mut low, mut high) = (0, STARTS.len() - 1);
        while low < high {
            let middle = low.midpoint(high);
            match self::name(middle as u16).cmp(name) {
                std::cmp::Ordering::Equal => return Some(Self(middle as u16)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// The name.
    pub(crate) fn name(self) -> &'static str {
        name(self.0)
    }
}

/// The name at a place; empty beyond the pool.
pub(super) fn name(index: u16) -> &'static str {
    let at = usize::from(index);
    match (start(at), start(at + 1)) {
        (Some(start), Some(end)) => NAMES.get(start..end).unwrap_or_default(),
        _ => "",
    }
}

/// Where a name starts: the start of its page of 256, and its distance from there.
fn start(at: usize) -> Option<usize> {
    let (page, distance) = (PAGES.get(at / 256)?, STARTS.get(at)?);
    Some(*page as usize + usize::from(*distance))
}

/// The second of the pair whose first names `key`, in a list of pairs ordered by name.
pub(super) fn find(pairs: &[u16], key: &str) -> Option<(u16, u16)> {
    let (mut low, mut high) = (0, pairs.len() / 2);
    while low < high {
        let middle = low.midpoint(high);
        let (first, second) = (*pairs.get(middle * 2)?, *pairs.get(middle * 2 + 1)?);
        match name(first).cmp(key) {
            std::cmp::Ordering::Equal => return Some((first, second)),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}

/// The pairs of such a list.
pub(super) fn pairs(pairs: &'static [u16]) -> impl ExactSizeIterator<Item = (u16, u16)> + Clone {
    pairs.chunks_exact(2).map(|pair| match pair {
        [first, second] => (*first, *second),
        _ => (u16::MAX, u16::MAX),
    })
}
