//! Sorting with one copy of the code: what the compiler makes of a sort is 6 KB for each type and order, in every program. To
//! collect a `BTreeMap` or a `BTreeSet` sorts as well; to extend an empty one does not.

use std::cmp::Ordering;

/// Sorts a list, keeping the order of equal items.
pub(crate) fn sort_by<T>(list: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    if list.is_sorted_by(|one, next| compare(one, next).is_le()) {
        return;
    }
    let at = |place: usize| list.get(place);
    let order = order(list.len(), &|one, other| match (at(one), at(other)) {
        (Some(one), Some(other)) => compare(one, other),
        _ => Ordering::Equal,
    });
    let mut places = vec![0; order.len()];
    for (place, from) in order.into_iter().enumerate() {
        if let Some(to) = places.get_mut(from) {
            *to = place;
        }
    }
    // Each exchange puts one item where it belongs.
    for at in 0..places.len() {
        while let Some(place) = places.get(at).copied().filter(|place| *place != at) {
            list.swap(at, place);
            places.swap(at, place);
        }
    }
}

/// The places of a list of that length in the order asked for.
#[inline(never)]
fn order(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    order.sort_by(|one, other| compare(*one, *other));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorts_as_the_library_does(mut list in prop::collection::vec((0_u8..8, any::<u16>()), 0..60)) {
            let mut expected = list.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by(&mut list, |one, other| one.0.cmp(&other.0));
            prop_assert_eq!(list, expected);
        }
    }
}
