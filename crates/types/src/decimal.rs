//! Decimal numbers that keep their digits.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::text::Str;

/// A text is not a decimal number. It holds no part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a decimal number")]
pub struct ParseDecimalError;

/// A decimal number of any size that keeps the text it was written with.
///
/// FHIR makes the precision part of the value ([decimal](https://hl7.org/fhir/R4/datatypes.html#decimal)), so `1.0` and `1.00`
/// print differently; they are equal, hash alike and compare by number.
///
/// ```
/// use ehr_types::Decimal;
/// let one = Decimal::parse("1.00").unwrap();
/// assert_eq!(one.as_str(), "1.00");
/// assert_eq!(one, Decimal::parse("1").unwrap());
/// assert_eq!(Decimal::parse_numeric("+.5").unwrap().json_text(), "0.5");
/// ```
///
/// With serde it is a string, because most readers of JSON numbers would round it.
#[derive(Clone)]
pub struct Decimal(Str);

impl Decimal {
    /// Reads a number in the grammar of JSON (RFC 8259 section 6), which is FHIR's.
    ///
    /// # Errors
    /// When the text is not such a number.
    pub fn parse(text: &str) -> Result<Self, ParseDecimalError> {
        if is_json_number(text.as_bytes()) {
            Ok(Self(Str::from(text)))
        } else {
            Err(ParseDecimalError)
        }
    }

    /// Reads a number as HL7 v2 NM and C-CDA REAL write it: a leading `+`, leading zeros, and a point without digits
    /// on one side are allowed.
    ///
    /// # Errors
    /// When the text is not such a number.
    pub fn parse_numeric(text: &str) -> Result<Self, ParseDecimalError> {
        let parts = Parts::of(text);
        let digits = parts.integer.bytes().chain(parts.fraction.bytes());
        let legal = parts.integer.len() + parts.fraction.len() > 0
            && digits.clone().all(|byte| byte.is_ascii_digit())
            && parts.exponent.is_some();
        if legal {
            Ok(Self(Str::from(text)))
        } else {
            Err(ParseDecimalError)
        }
    }

    /// The number as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number in the grammar of JSON, with the digits as written.
    pub fn json_text(&self) -> Cow<'_, str> {
        if is_json_number(self.0.as_bytes()) {
            return Cow::Borrowed(&self.0);
        }
        let parts = Parts::of(&self.0);
        let integer = parts.integer.trim_start_matches('0');
        let mut out = String::new();
        if parts.negative {
            out.push('-');
        }
        out.push_str(if integer.is_empty() { "0" } else { integer });
        if !parts.fraction.is_empty() {
            out.push('.');
            out.push_str(parts.fraction);
        }
        if let Some(exponent) = parts.exponent.filter(|exponent| *exponent != 0) {
            out.push_str(&format!("e{exponent}"));
        }
        Cow::Owned(out)
    }

    /// Nearest binary floating-point number.
    pub fn to_f64(&self) -> f64 {
        self.json_text().parse().unwrap_or(f64::NAN)
    }

    /// Number of digits after the point as written, less the exponent: the precision that the source claims.
    pub fn decimal_places(&self) -> i64 {
        let parts = Parts::of(&self.0);
        parts.fraction.len() as i64 - parts.exponent.unwrap_or(0)
    }

    /// Sign, significant digits without zeros at either end, and power of ten of the first digit.
    fn canonical(&self) -> (bool, impl Iterator<Item = u8> + Clone + '_, i64) {
        let parts = Parts::of(&self.0);
        let zeros = |text: &str| text.bytes().take_while(|byte| *byte == b'0').count();
        let (int_zeros, lead) = (zeros(parts.integer), parts.integer.len() - zeros(parts.integer));
        let magnitude = if lead > 0 {
            lead as i64
        } else {
            -(zeros(parts.fraction) as i64)
        };
        let digits = parts
            .integer
            .bytes()
            .skip(int_zeros)
            .chain(parts.fraction.bytes());
        let digits = digits.skip(if lead > 0 { 0 } else { zeros(parts.fraction) });
        let length = digits
            .clone()
            .collect::<Vec<_>>()
            .iter()
            .rposition(|byte| *byte != b'0')
            .map_or(0, |at| at + 1);
        let magnitude = if length == 0 {
            0
        } else {
            magnitude.saturating_add(parts.exponent.unwrap_or(0))
        };
        (parts.negative && length > 0, digits.take(length), magnitude)
    }
}

struct Parts<'a> {
    negative: bool,
    integer: &'a str,
    fraction: &'a str,
    /// `None` when an exponent is written but is no number.
    exponent: Option<i64>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let negative = text.starts_with('-');
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (
                mantissa,
                exponent.parse().ok().filter(|e: &i64| e.abs() < 1 << 40),
            ),
            None => (unsigned, Some(0)),
        };
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        Self {
            negative,
            integer,
            fraction,
            exponent,
        }
    }
}

fn is_json_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = text.strip_prefix(b"-").unwrap_or(text);
    let int = digits(rest);
    let (Some(first), Some(mut rest)) = (rest.first(), rest.get(int..)) else {
        return false;
    };
    if int == 0 || (int > 1 && *first == b'0') {
        return false;
    }
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = fraction.get(count..).unwrap_or_default();
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent = exponent
            .strip_prefix(b"+")
            .or_else(|| exponent.strip_prefix(b"-"))
            .unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count <= 12 && count == exponent.len();
    }
    rest.is_empty()
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let (negative, digits, magnitude) = self.canonical();
        let (other_negative, other_digits, other_magnitude) = other.canonical();
        let zero = digits.clone().next().is_none();
        let other_zero = other_digits.clone().next().is_none();
        let absolute = match (zero, other_zero) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => magnitude
                .cmp(&other_magnitude)
                .then_with(|| digits.cmp(other_digits)),
        };
        match (negative, other_negative) {
            (false, false) => absolute,
            (true, true) => absolute.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (negative, digits, magnitude) = self.canonical();
        (negative, magnitude).hash(state);
        for digit in digits {
            digit.hash(state);
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shows the type only: a measured value is patient data.
impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decimal(…)")
    }
}

/// As [`Decimal::parse_numeric`], so that whatever [`Display`](fmt::Display) wrote is read again.
impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, ParseDecimalError> {
        Self::parse_numeric(text)
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self(Str::from(value.to_string()))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse_numeric(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse_numeric(text).unwrap()
    }

    #[test]
    fn equal_numbers_compare_equal_whatever_their_text() {
        for (a, b) in [
            ("1.0", "1"),
            ("0.00", "-0"),
            ("100", "1e2"),
            ("0.012", "12e-3"),
            ("+07", "7"),
            (".5", "0.50"),
            ("10", "1E+1"),
        ] {
            assert_eq!(number(a), number(b), "{a} {b}");
        }
        for (a, b) in [
            ("1", "2"),
            ("-2", "-1"),
            ("9", "10"),
            ("0.09", "0.1"),
            ("-1", "0"),
            ("0", "0.001"),
            ("1.2", "1.25"),
        ] {
            assert!(number(a) < number(b), "{a} {b}");
            assert!(number(b) > number(a), "{a} {b}");
        }
    }

    #[test]
    fn grammar() {
        for text in ["0", "-1.50", "1e-34", "12345678901234567890.123"] {
            assert_eq!(Decimal::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "--1",
            "1a",
            "NaN",
            "1e999999999999999",
        ] {
            assert!(Decimal::parse(text).is_err(), "{text}");
        }
        for text in ["", ".", "+", "1-2", "e5", "1 "] {
            assert!(Decimal::parse_numeric(text).is_err(), "{text}");
        }
        assert_eq!(number("007.50").json_text(), "7.50");
        assert_eq!(number("-.5").json_text(), "-0.5");
        assert_eq!(number("5.").json_text(), "5");
        assert_eq!(number("1.50").decimal_places(), 2);
    }
}
