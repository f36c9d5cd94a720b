//! Packed records and tables of strings as they are kept: lists of numbers, without the names of fields, which would take
//! more room than the values.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Inconsistent;
use crate::intern::{Interner, Symbol, Texts};
use crate::normalize::Date;
use crate::population::{Extra, Place, Row};
use crate::record::IdentifierKind;

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            number,
            street,
            unit,
            line2,
            city,
            state,
            zip,
        } = *self;
        (number, street, unit, line2, city, state, zip).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (number, street, unit, line2, city, state, zip) = Deserialize::deserialize(deserializer)?;
        Ok(Self {
            number,
            street,
            unit,
            line2,
            city,
            state,
            zip,
        })
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            phone,
            given,
            middle,
            family,
            birth,
            email,
            ssn,
            home,
            extra: _, // Follows from the records that have one.
            last4,
            sex,
            suffix,
        } = *self;
        let row = (
            phone, given, middle, family, birth.0, email, ssn, home, last4, sex, suffix,
        );
        row.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = Deserialize::deserialize(deserializer)?;
        let (phone, given, middle, family, birth, email, ssn, home, last4, sex, suffix) = row;
        Ok(Self {
            phone,
            given,
            middle,
            family,
            birth: Date(birth),
            email,
            ssn,
            home,
            extra: 0,
            last4,
            sex,
            suffix,
        })
    }
}

const KINDS: [IdentifierKind; 4] = [
    IdentifierKind::MedicalRecord,
    IdentifierKind::Unique,
    IdentifierKind::Other,
    IdentifierKind::Verified,
];

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            given,
            family,
            phones,
            emails,
            places,
            identifiers,
            mother,
            guardian_given,
            guardian_family,
            death,
            multiple,
            birth_order,
        } = self;
        let number = |kind| KINDS.iter().position(|known| *known == kind).unwrap_or_default() as u8;
        let identifiers = identifiers
            .iter()
            .map(|(system, value, kind)| (system, value, number(*kind)));
        let identifiers: Vec<_> = identifiers.collect();
        let guardian = (guardian_given, guardian_family);
        let birth = (multiple, birth_order);
        let extra = (
            given,
            family,
            phones,
            emails,
            places,
            identifiers,
            mother,
            guardian,
            death.0,
            birth,
        );
        extra.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let extra = Deserialize::deserialize(deserializer)?;
        let (given, family, phones, emails, places, identifiers, mother, guardian, death, birth) = extra;
        let (guardian_given, guardian_family) = guardian;
        let (multiple, birth_order) = birth;
        let identifiers: Vec<(Symbol, Symbol, u8)> = identifiers;
        let identifiers: Option<Vec<_>> = identifiers
            .into_iter()
            .map(|(system, value, kind)| Some((system, value, *KINDS.get(usize::from(kind))?)))
            .collect();
        Ok(Self {
            given,
            family,
            phones,
            emails,
            places,
            identifiers: identifiers.ok_or_else(|| D::Error::custom(Inconsistent::Value))?,
            mother,
            guardian_given,
            guardian_family,
            death: Date(death),
            multiple,
            birth_order,
        })
    }
}

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut texts = Self::default();
        deserializer.deserialize_seq(Each(|text: &str| {
            texts.push(text);
            Ok(())
        }))?;
        Ok(texts)
    }
}

impl Serialize for Interner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The first is the empty one, always.
        let mut list = serializer.serialize_seq(Some(self.len() - 1))?;
        for symbol in 1..self.len() as Symbol {
            list.serialize_element(self.get(symbol))?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Interner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = Self::default();
        deserializer.deserialize_seq(Each(|text: &str| {
            let next = table.len();
            if table.intern(text) as usize == next {
                Ok(())
            } else {
                Err(Inconsistent::Text)
            }
        }))?;
        Ok(table)
    }
}

/// Takes the strings of a list one after another.
struct Each<F>(F);

impl<'de, F: FnMut(&str) -> Result<(), Inconsistent>> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(text) = list.next_element::<Cow<'_, str>>()? {
            (self.0)(&text).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}
