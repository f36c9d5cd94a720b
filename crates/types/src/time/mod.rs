//! Partial dates and times that keep how they were written.

use std::fmt;

use thiserror::Error;

mod cursor;
mod date;
mod date_time;
mod relation;
mod time_of_day;

pub use date::Date;
pub use date_time::{DateTime, FhirDateTime, Offset, Precision};
pub use relation::TimeRelation;
pub use time_of_day::Time;

/// A text is not a date or time of the expected form. It holds no part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseDateTimeError {
    /// The text does not have the form of a date or time.
    #[error("not of the form of a date or time")]
    Form,
    /// The form is right, but there is no such day or time of day.
    #[error("no such day or time of day")]
    Range,
}

fn write_fraction(f: &mut fmt::Formatter<'_>, digits: u8, nanosecond: u32) -> fmt::Result {
    if digits == 0 {
        return Ok(());
    }
    let shown = nanosecond / 10u32.pow(9 - u32::from(digits.min(9)));
    write!(f, ".{shown:0width$}", width = usize::from(digits))
}

/// The traits of a value that is its text: `FromStr`, serde as a string, `Debug` without the value.
macro_rules! text_value {
    ($type:ident via $parse:ident) => {
        /// Shows the type only: a date is patient data.
        impl ::std::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(concat!(stringify!($type), "(…)"))
            }
        }

        impl ::std::str::FromStr for $type {
            type Err = ParseDateTimeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::$parse(text)
            }
        }

        impl ::serde::Serialize for $type {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(deserializer)?;
                Self::$parse(&text).map_err(::serde::de::Error::custom)
            }
        }
    };
}

use text_value;
