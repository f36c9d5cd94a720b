//! Values that cannot be what they are meant to be, because far too many people share them.

use rayon::prelude::*;

use super::{Population, Row};
use crate::intern::Symbol;
use crate::learned::Absurd;

/// Records that share a value, and family names among them, from which on it is nobody's own: a family, and a person
/// registered again and again, have fewer.
const RECORDS: usize = 24;
const FAMILIES: usize = 10;
/// How much more frequent than the average value of its kind a birth date or four digits must be beside that, because
/// many people share each of these.
const TIMES: usize = 20;

impl Population {
    /// Values that far too many different people share: the telephone or street line of a clinic, an e-mail address of
    /// convenience, a made-up number, the birth date written for an unknown one.
    pub(crate) fn absurd(&self) -> Absurd {
        let of_rows = |get: &dyn Fn(&Row) -> u64, times: usize| {
            let values = self.rows.iter().map(|row| (get(row), row.family));
            frequent(values.filter(|(value, _)| *value != 0).collect(), times)
        };
        let emails = of_rows(&|row| u64::from(row.email), 0);
        let mut emails: Vec<String> = emails
            .into_iter()
            .map(|symbol| self.contacts.get(symbol as Symbol).to_owned())
            .collect();
        // Symbols are numbered in the order in which the texts came.
        emails.sort_unstable();
        let identifiers = self.rows.iter().flat_map(|row| {
            let own = self.extra(row).map_or(&[][..], |extra| &extra.identifiers);
            own.iter()
                .map(|(system, value, _)| ((*system, *value), row.family))
        });
        let mut identifiers: Vec<(String, String)> = frequent(identifiers.collect(), 0)
            .into_iter()
            .map(|(system, value)| {
                (
                    self.codes.get(system).to_owned(),
                    self.codes.get(value).to_owned(),
                )
            })
            .collect();
        identifiers.sort_unstable();
        let places = self.rows.iter().map(|row| (row.home, row.family));
        let places = places.filter(|(home, _)| home.street != 0 && home.zip != 0);
        let lines = places.map(|(home, family)| ((home.zip, home.street, home.number), family));
        let mut lines: Vec<(u32, String, String)> = frequent(lines.collect(), 0)
            .into_iter()
            .map(|(zip, street, number)| {
                (
                    zip,
                    self.places.get(street).to_owned(),
                    self.places.get(number).to_owned(),
                )
            })
            .collect();
        lines.sort_unstable();
        Absurd {
            lines,
            phones: of_rows(&|row| row.phone, 0),
            emails,
            numbers: of_rows(&|row| u64::from(row.ssn), 0),
            last_fours: of_rows(&|row| u64::from(row.last4), TIMES),
            births: of_rows(
                &|row| {
                    if row.birth.is_complete() {
                        row.birth.0.into()
                    } else {
                        0
                    }
                },
                TIMES,
            ),
            identifiers,
        }
    }
}

/// The values, ascending, that too many records share, given with the family name of each record.
fn frequent<V: Copy + Ord + Send>(mut entries: Vec<(V, Symbol)>, times: usize) -> Vec<V> {
    entries.par_sort_unstable();
    let distinct = entries.chunk_by(|x, y| x.0 == y.0).count();
    let least = RECORDS.max(times * entries.len() / distinct.max(1));
    let blocks = entries.chunk_by(|x, y| x.0 == y.0);
    blocks
        .filter(|block| block.len() > least && block.chunk_by(|x, y| x.1 == y.1).count() > FAMILIES)
        .filter_map(|block| block.first().map(|(value, _)| *value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::fields::Field;
    use crate::normalize::Date;
    use crate::record::Record;

    #[test]
    fn what_far_too_many_share_is_nobodys_own() {
        let mut population = Population::new(&Config::default());
        let mut record = Record::new("");
        for n in 0..400_usize {
            record.clear();
            record.set(Field::Family, &format!("Family{n}"));
            let birth = format!("{}-{:02}-{:02}", 1930 + n % 90, 1 + n % 12, 1 + n % 28);
            record.set(
                Field::BirthDate,
                if n.is_multiple_of(4) { "1970-01-01" } else { &birth },
            );
            record.set(Field::Street, "1 Clinic Way");
            record.set(Field::PostalCode, "97266");
            population.push(&record);
        }
        // A family may share what it likes.
        for _ in 0..40 {
            record.clear();
            record.set(Field::Family, "Lee");
            record.set(Field::Phone, "503-284-8871");
            population.push(&record);
        }
        let absurd = population.absurd();
        assert_eq!(absurd.births, [19_700_101]);
        assert_eq!(absurd.lines.len(), 1);
        assert!(absurd.phones.is_empty());
        population.forget(&absurd);
        let row = population.rows[0];
        assert_eq!(row.birth, Date::new(1970, 0, 0));
        assert_eq!(population.rows[1].birth, Date::new(1931, 2, 2));
        assert!(row.home.street == 0 && row.home.number == 0 && row.home.zip != 0);
    }
}
