//! Many records at once, on all cores.

use rayon::prelude::*;

use super::{Place, Population};
use crate::intern::Symbol;
use crate::record::Record;

/// Rows that one core takes at a time: its tables of strings then stay in the cache.
const SHARE: usize = 2048;
/// Shares that are normalised before they are taken in.
const ROUND: usize = 64;

impl Population {
    /// Adds a record for each of `rows`, in their order, normalising on all cores; `fill` writes a row into an
    /// empty record. The same as pushing them one by one.
    ///
    /// ```
    /// use ehr_link::{Config, Field, Population};
    /// let mut population = Population::new(&Config::default());
    /// let rows = [["1", "Ann", "Lee"], ["2", "Anna", "Lee"]];
    /// population.push_all(&rows, |row, record| {
    ///     for (field, text) in [Field::Id, Field::Given, Field::Family].into_iter().zip(row) {
    ///         record.set(field, text);
    ///     }
    /// });
    /// assert_eq!(population.len(), 2);
    /// ```
    pub fn push_all<T: Sync>(&mut self, rows: &[T], fill: impl Fn(&T, &mut Record) + Sync) {
        self.push_shares(rows, |part, rows| {
            let mut record = Record::default();
            for row in rows {
                record.clear();
                fill(row, &mut record);
                part.push(&record);
            }
        });
    }

    /// Adds records that are at hand.
    pub(crate) fn push_records(&mut self, records: &[Record]) {
        self.push_shares(records, |part, records| {
            for record in records {
                part.push(record);
            }
        });
    }

    /// Makes a population of each share of the rows and takes them in, a round of shares at a time.
    fn push_shares<T: Sync>(&mut self, rows: &[T], push: impl Fn(&mut Self, &[T]) + Sync) {
        for round in rows.chunks(ROUND * SHARE) {
            let parts: Vec<Self> = round
                .par_chunks(SHARE)
                .map(|rows| {
                    let mut part = self.empty();
                    push(&mut part, rows);
                    part
                })
                .collect();
            for part in parts {
                self.absorb(part);
            }
        }
    }

    /// Adds the records of another population of the same configuration after its own. Strings are taken in the order
    /// in which they first occurred, so symbols are as if the records had been pushed here.
    fn absorb(&mut self, other: Self) {
        let names = self.names.absorb(&other.names);
        for (symbol, fact) in names.iter().zip(other.facts) {
            if *symbol as usize == self.facts.len() {
                self.facts.push(fact);
            }
        }
        let places = self.places.absorb(&other.places);
        let contacts = self.contacts.absorb(&other.contacts);
        let codes = self.codes.absorb(&other.codes);
        let place = |mut place: Place| {
            let Place {
                number,
                street,
                unit,
                line2,
                city,
                state,
                zip: _,
            } = &mut place;
            for symbol in [number, street, unit, line2, city, state] {
                renumber(symbol, &places);
            }
            place
        };
        let extras = self.extras.len() as u32;
        self.rows.extend(other.rows.into_iter().map(|mut row| {
            for symbol in [&mut row.given, &mut row.middle, &mut row.family] {
                renumber(symbol, &names);
            }
            renumber(&mut row.email, &contacts);
            row.home = place(row.home);
            if row.extra != 0 {
                row.extra += extras;
            }
            row
        }));
        self.extras.extend(other.extras.into_iter().map(|mut extra| {
            let single = [
                &mut extra.mother,
                &mut extra.guardian_given,
                &mut extra.guardian_family,
            ];
            for symbol in single
                .into_iter()
                .chain(&mut extra.given)
                .chain(&mut extra.family)
            {
                renumber(symbol, &names);
            }
            for symbol in &mut extra.emails {
                renumber(symbol, &contacts);
            }
            for at in &mut extra.places {
                *at = place(*at);
            }
            for (system, value, _) in &mut extra.identifiers {
                renumber(system, &codes);
                renumber(value, &codes);
            }
            extra
        }));
        self.sources.extend(other.sources.into_iter().map(|mut source| {
            renumber(&mut source, &codes);
            source
        }));
        self.content.extend(other.content);
        other.ids.iter().for_each(|id| self.ids.push(id));
    }
}

/// Replaces a symbol of another table by the one here.
fn renumber(symbol: &mut Symbol, here: &[Symbol]) {
    *symbol = here.get(*symbol as usize).copied().unwrap_or(0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::fields::Field;

    #[test]
    fn many_at_once_are_as_one_by_one() {
        let rows: Vec<usize> = (0..3 * SHARE).collect();
        let fill = |n: &usize, record: &mut Record| {
            for field in Field::ALL {
                // Every field is left out in some rows, and its values come again in other parts.
                if !(n + field as usize).is_multiple_of(7) {
                    let value = n * (field as usize + 3) % (900 * (1 + field as usize));
                    record.set(field, &format!("{}{value} w{}", 1 + value % 9, value % 50));
                }
            }
            record.set(Field::BirthDate, &format!("19{:02}-05-17", n % 100));
        };
        let mut one_by_one = Population::new(&Config::default());
        let mut record = Record::default();
        for row in &rows {
            record.clear();
            fill(row, &mut record);
            one_by_one.push(&record);
        }
        let mut at_once = Population::new(&Config::default());
        at_once.push_all(&rows, fill);
        assert_eq!(one_by_one.content, at_once.content);
        assert_eq!(one_by_one.rows, at_once.rows);
        assert_eq!(one_by_one.extras, at_once.extras);
        assert_eq!(one_by_one.sources, at_once.sources);
        assert_eq!(one_by_one.facts, at_once.facts);
        for position in 0..rows.len() {
            assert_eq!(one_by_one.record_id(position), at_once.record_id(position));
        }
        for (x, y) in [
            (&one_by_one.names, &at_once.names),
            (&one_by_one.places, &at_once.places),
            (&one_by_one.contacts, &at_once.contacts),
            (&one_by_one.codes, &at_once.codes),
        ] {
            assert_eq!(x.len(), y.len());
            assert!((0..x.len() as Symbol).all(|symbol| x.get(symbol) == y.get(symbol)));
        }
    }
}
