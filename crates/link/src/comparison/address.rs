//! Postal addresses, compared as one: people move with all of it.

use super::Comparer;
use super::digits::errors;
use super::level::{self, address};
use super::text::{self, Likeness};
use crate::intern::Symbol;
use crate::population::{Extra, Place, Row};

const STRONGEST_FIRST: [usize; 10] = [
    address::SAME,
    address::SIMILAR_LINE,
    address::OTHER_UNIT,
    address::SAME_LINE_ELSEWHERE,
    address::SIMILAR_LINE_ELSEWHERE,
    address::SAME_NUMBER,
    address::OTHER_LINE,
    address::NO_LINE,
    address::DIFFERENT,
    level::MISSING,
];

impl Comparer<'_> {
    /// The strongest level of any two of their addresses.
    pub(super) fn addresses(&self, a: &Row, b: &Row, ea: Option<&Extra>, eb: Option<&Extra>) -> usize {
        let further = |extra: Option<&'_ Extra>| extra.map_or(0, |extra| extra.places.len());
        if further(ea) + further(eb) == 0 {
            return self.address(&a.home, &b.home);
        }
        let places = |row: &Row, extra: Option<&Extra>| -> Vec<Place> {
            let further = extra.map_or(&[][..], |extra| &extra.places);
            std::iter::once(&row.home).chain(further).copied().collect()
        };
        let others = places(b, eb);
        let rank = |level: &usize| STRONGEST_FIRST.iter().position(|strong| strong == level);
        places(a, ea)
            .iter()
            .flat_map(|x| others.iter().map(|y| self.address(x, y)))
            .min_by_key(rank)
            .unwrap_or(level::MISSING)
    }

    fn address(&self, a: &Place, b: &Place) -> usize {
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
                    return address::OTHER_UNIT;
                }
                let near = together || locality || near_zip(a.zip, b.zip);
                return if near {
                    address::SAME
                } else {
                    address::SAME_LINE_ELSEWHERE
                };
            }
            let alike =
                similar(a.street, b.street) || similar(a.street, b.line2) || similar(a.line2, b.street);
            if (alike && (number_same || number_open))
                || (street_same && similar_number(places.get(a.number), places.get(b.number)))
            {
                return if together || locality {
                    address::SIMILAR_LINE
                } else {
                    address::SIMILAR_LINE_ELSEWHERE
                };
            }
            return match together {
                true if number_same || locality => address::SAME_NUMBER,
                true => address::OTHER_LINE,
                false => address::DIFFERENT,
            };
        }
        match place {
            None => level::MISSING,
            Some(true) if a.number == b.number && a.number != 0 => address::SAME_NUMBER,
            Some(true) => address::NO_LINE,
            Some(false) => address::DIFFERENT,
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
