//! The values that were compared, for those who ask for them by name.

use serde::Serialize;

use crate::comparison::Comparison;
use crate::explain::{Explanation, table};
use crate::intern::Symbol;
use crate::normalize::Date;
use crate::population::{Place, Population, Row};

/// An explanation with the values that were compared. They are data of a patient: what prints them is [`table`], by name;
/// `Debug` shows none.
///
/// [`table`]: ExplanationWithValues::table
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExplanationWithValues {
    /// Levels and weights.
    pub explanation: Explanation,
    /// The values of each of its terms.
    pub values: Vec<ComparedValues>,
}

/// The values of one comparison on either side, in the form in which they were compared: folded to plain lower case,
/// numbers without zeros before them, a date as far as it is known. The first is the one in present use.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ComparedValues {
    /// Those of the record that was named first.
    pub a: Vec<String>,
    /// Those of the other.
    pub b: Vec<String>,
}

impl std::fmt::Debug for ExplanationWithValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExplanationWithValues")
            .field("explanation", &self.explanation)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ComparedValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ComparedValues")
            .field("a", &self.a.len())
            .field("b", &self.b.len())
            .finish()
    }
}

impl ExplanationWithValues {
    /// With the values of two rows; none where there are no such rows, and so no terms.
    pub(crate) fn new(explanation: Explanation, population: &Population, rows: Option<(&Row, &Row)>) -> Self {
        let values = |(a, b): (&Row, &Row)| -> Vec<ComparedValues> {
            let terms = explanation.terms.iter().map(|term| term.comparison);
            terms
                .map(|comparison| ComparedValues {
                    a: values(population, comparison, a),
                    b: values(population, comparison, b),
                })
                .collect()
        };
        Self {
            values: rows.map(values).unwrap_or_default(),
            explanation,
        }
    }

    /// The table that the explanation displays, with the values at the end of each line. It holds data of a patient.
    pub fn table(&self) -> String {
        table(&self.explanation, |at| {
            let values = self.values.get(at)?;
            Some(format!("{} | {}", values.a.join(", "), values.b.join(", ")))
        })
    }
}

const SUFFIXES: [&str; 5] = ["sr", "jr", "iii", "iv", "v"];

/// The values of a record that a comparison looks at.
fn values(population: &Population, comparison: Comparison, row: &Row) -> Vec<String> {
    let extra = population.extra(row);
    let names = |first: Symbol, more: Option<&[Symbol]>| -> Vec<String> {
        let all = std::iter::once(first).chain(more.unwrap_or_default().iter().copied());
        let all = all.filter(|symbol| *symbol != 0);
        all.map(|symbol| population.names.get(symbol).to_owned())
            .collect()
    };
    let number = |number: u64| {
        if number == 0 {
            Vec::new()
        } else {
            vec![number.to_string()]
        }
    };
    let code = |names: &[&str], code: u8| {
        let name = usize::from(code).checked_sub(1).and_then(|at| names.get(at));
        name.map(|name| (*name).to_owned()).into_iter().collect()
    };
    match comparison {
        Comparison::GivenName => names(row.given, extra.map(|e| &e.given[..])),
        Comparison::FamilyName => names(row.family, extra.map(|e| &e.family[..])),
        Comparison::MiddleName => names(row.middle, None),
        Comparison::Suffix => code(&SUFFIXES, row.suffix),
        Comparison::Sex => code(&["female", "male"], row.sex),
        Comparison::BirthDate => date(row.birth).into_iter().collect(),
        Comparison::SocialSecurity if row.ssn != 0 => number(row.ssn.into()),
        Comparison::SocialSecurity => {
            let last = row.last4.checked_sub(1);
            last.map(|last| format!("…{last:04}")).into_iter().collect()
        }
        Comparison::Phone => {
            let more = extra.into_iter().flat_map(|e| &e.phones);
            std::iter::once(&row.phone)
                .chain(more)
                .flat_map(|phone| number(*phone))
                .collect()
        }
        Comparison::Email => {
            let more = extra.into_iter().flat_map(|e| &e.emails);
            let all = std::iter::once(&row.email)
                .chain(more)
                .filter(|email| **email != 0);
            all.map(|email| population.contacts.get(*email).to_owned())
                .collect()
        }
        Comparison::Address => {
            let more = extra.into_iter().flat_map(|e| &e.places);
            let all = std::iter::once(&row.home).chain(more);
            all.filter_map(|place| address(population, place)).collect()
        }
        Comparison::Identifier => {
            let all = extra.into_iter().flat_map(|e| &e.identifiers);
            let code = |symbol: &Symbol| population.codes.get(*symbol);
            all.map(|(system, value, _)| format!("{} of {}", code(value), code(system)))
                .collect()
        }
        Comparison::MothersMaidenName => names(extra.map_or(0, |e| e.mother), None),
        Comparison::Guardian => {
            let guardian = extra.map(|e| [e.guardian_given, e.guardian_family]);
            let parts = guardian.into_iter().flatten().flat_map(|part| names(part, None));
            let name = parts.collect::<Vec<_>>().join(" ");
            Some(name).filter(|name| !name.is_empty()).into_iter().collect()
        }
        Comparison::BirthOrder => number(extra.map_or(0, |e| e.birth_order).into()),
    }
}

fn date(date: Date) -> Option<String> {
    let (year, month, day) = (date.year(), date.month(), date.day());
    Some(match (year, month, day) {
        (0, ..) => return None,
        (_, 0, _) => format!("{year:04}"),
        (_, _, 0) => format!("{year:04}-{month:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}"),
    })
}

fn address(population: &Population, place: &Place) -> Option<String> {
    let text = |symbol: Symbol| population.places.get(symbol);
    let line = [place.number, place.street, place.unit, place.line2].map(text);
    let line: Vec<&str> = line.into_iter().filter(|part| !part.is_empty()).collect();
    // Codes with letters are kept as a hash alone.
    let zip = match place.zip {
        0 => String::new(),
        zip if zip & 0x8000_0000 == 0 => (zip - 1).to_string(),
        _ => "(a postal code with letters)".to_owned(),
    };
    let parts = [&line.join(" "), text(place.city), text(place.state), &zip];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
