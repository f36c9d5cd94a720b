//! Postal addresses, compared as one: people move with all of it.

use super::Comparer;
use super::digits::errors;
use super::text::{self, Likeness};
use crate::intern::Symbol;
use crate::population::{Extra, Place, Row};

impl Comparer<'_> {
    pub(super) fn addresses(&self, a: &Row, b: &Row, ea: Option<&Extra>, eb: Option<&Extra>) -> u64 {
        /// Level numbers from the strongest to the weakest.
        const ORDER: [u64; 10] = [9, 0, 3, 1, 4, 6, 7, 8, 2, 5];
        let rank = |level: u64| ORDER.get(level as usize).copied().unwrap_or(9);
        let mut best = self.address(&a.home, &b.home);
        if let Some(places) = ea.map(|e| &e.places[..]) {
            for x in places {
                let level = self.address(x, &b.home);
                if rank(level) < rank(best) {
                    best = level;
                }
            }
        }
        if let Some(places) = eb.map(|e| &e.places[..]) {
            for y in places {
                let others = ea.map_or(&[][..], |e| &e.places[..]);
                for x in std::iter::once(&a.home).chain(others) {
                    let level = self.address(x, y);
                    if rank(level) < rank(best) {
                        best = level;
                    }
                }
            }
        }
        best
    }

    fn address(&self, a: &Place, b: &Place) -> u64 {
        let places = &self.population.places;
        let similar = |x: Symbol, y: Symbol| {
            x != 0 && y != 0 && (x == y || text::likeness(places.get(x), places.get(y)) <= Likeness::Typo)
        };
        // Same place: the postal codes agree, or the towns do where a code is missing or mistyped.
        let zip = (a.zip != 0 && b.zip != 0).then_some(a.zip == b.zip);
        let city = (a.city != 0 && b.city != 0).then(|| similar(a.city, b.city));
        let place = match (zip, city) {
            (Some(true), _) => Some(true),
            (_, Some(true)) if a.state == b.state || a.state == 0 || b.state == 0 => Some(true),
            (None, None) => None,
            (Some(false), _) if near_zip(a.zip, b.zip) && city != Some(false) => Some(true),
            _ => Some(false),
        };
        let together = place == Some(true);
        let has_street = a.street != 0 && b.street != 0;
        if has_street {
            let number_same = a.number == b.number && a.number != 0;
            let number_open = a.number == 0 || b.number == 0;
            let street_same = a.street == b.street;
            // The second line names a building or a locality.
            let locality = a.line2 != 0 && similar(a.line2, b.line2);
            if street_same && number_same {
                let unit_clash = a.unit != 0 && b.unit != 0 && a.unit != b.unit && !similar(a.unit, b.unit);
                if unit_clash {
                    return 8;
                }
                let near = together || locality || near_zip(a.zip, b.zip);
                return if near { 1 } else { 2 };
            }
            let alike =
                similar(a.street, b.street) || similar(a.street, b.line2) || similar(a.line2, b.street);
            if (alike && (number_same || number_open))
                || (street_same && similar_number(places.get(a.number), places.get(b.number)))
            {
                return if together || locality { 3 } else { 4 };
            }
            return match together {
                true if number_same || locality => 9,
                true => 5,
                false => 7,
            };
        }
        match place {
            None => 0,
            Some(true) if a.number == b.number && a.number != 0 => 9,
            Some(true) => 6,
            Some(false) => 7,
        }
    }
}

/// Postal codes that differ by one digit or two neighbours.
fn near_zip(a: u32, b: u32) -> bool {
    a < 0x8000_0000 && b < 0x8000_0000 && a != 0 && b != 0 && errors(u64::from(a - 1), u64::from(b - 1)) == 1
}

fn similar_number(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty() && text::within_one(a, b)
}
