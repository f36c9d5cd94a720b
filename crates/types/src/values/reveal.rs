//! `Debug` that shows the shape of patient data, and the one way to see the values.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// Shows the values of patient data, by name and on purpose.
///
/// Every type of these crates that holds patient data prints only its shape with `{:?}`; `reveal()` prints it as JSON.
///
/// ```
/// use ehr_types::{HumanName, Reveal};
/// let name = HumanName { family: Some("Shaw".into()), ..HumanName::default() };
/// assert_eq!(format!("{name:?}"), "HumanName {family}");
/// assert_eq!(name.reveal().to_string(), r#"{"family":"Shaw"}"#);
/// ```
pub trait Reveal: Serialize {
    /// A view whose `Display` is the value as JSON.
    fn reveal(&self) -> Revealed {
        Revealed(serde_json::to_value(self).unwrap_or(Value::Null))
    }
}

impl<T: Serialize> Reveal for T {}

/// The values of something, for a person who may see them; made by [`Reveal::reveal`].
#[derive(Clone, PartialEq)]
pub struct Revealed(Value);

impl fmt::Display for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            write!(f, "{:#}", self.0)
        } else {
            write!(f, "{}", self.0)
        }
    }
}

/// Shows no value: what is revealed is asked for by [`Display`](fmt::Display).
impl fmt::Debug for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Revealed(…)")
    }
}

/// Writes the name of a type and which of its members are there, without their values.
///
/// # Errors
/// When the formatter cannot be written to.
pub fn write_shape<T: Serialize>(name: &str, value: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(name)?;
    match serde_json::to_value(value) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => {
            f.write_str(" ")?;
            shape(&value, f)
        }
        _ => f.write_str("(…)"),
    }
}

fn shape(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Value::Object(members) => {
            f.write_str("{")?;
            for (index, (name, member)) in members.iter().enumerate() {
                f.write_str(if index > 0 { ", " } else { "" })?;
                f.write_str(name)?;
                if member.is_object() || member.is_array() {
                    f.write_str(": ")?;
                    shape(member, f)?;
                }
            }
            f.write_str("}")
        }
        Value::Array(items) => write!(f, "[{}]", items.len()),
        _ => f.write_str("…"),
    }
}

/// Implements `Debug` for types with patient data so that it prints their shape only.
///
/// ```
/// #[derive(serde::Serialize)]
/// struct Answer { text: String }
/// ehr_types::debug_shape!(Answer);
/// assert_eq!(format!("{:?}", Answer { text: "secret".into() }), "Answer {text}");
/// ```
#[macro_export]
macro_rules! debug_shape {
    ($($type:ident),+ $(,)?) => {$(
        impl ::std::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::write_shape(stringify!($type), self, f)
            }
        }
    )+};
}
