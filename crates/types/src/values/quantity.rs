//! Measured amounts.

use serde::{Deserialize, Serialize};

use super::absent::Absent;
use crate::debug_shape;
use crate::decimal::Decimal;

/// How a measured value stands to the true one: FHIR
/// [quantity-comparator](https://hl7.org/fhir/R4/valueset-quantity-comparator.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Comparator {
    /// The true value is less.
    #[serde(rename = "<")]
    Less,
    /// The true value is less or equal.
    #[serde(rename = "<=")]
    LessOrEqual,
    /// The true value is greater or equal.
    #[serde(rename = ">=")]
    GreaterOrEqual,
    /// The true value is greater.
    #[serde(rename = ">")]
    Greater,
}

impl Comparator {
    /// The sign.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
        }
    }

    /// The comparator with this sign.
    pub fn parse(sign: &str) -> Option<Self> {
        [Self::Less, Self::LessOrEqual, Self::GreaterOrEqual, Self::Greater]
            .into_iter()
            .find(|known| known.as_str() == sign)
    }
}

/// A measured amount: FHIR [Quantity](https://hl7.org/fhir/R4/datatypes.html#Quantity), C-CDA PQ, HL7 v2 CQ and NM with unit.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Quantity {
    /// The number, with the digits of the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
    /// Set when the true value is only bounded by `value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparator: Option<Comparator>,
    /// The unit as the source shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Code system of the unit as a URI; UCUM is `http://unitsofmeasure.org`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Code of the unit in `system`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why there is no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absent>,
}

/// Two quantities that bound a value: FHIR [Range](https://hl7.org/fhir/R4/datatypes.html#Range), C-CDA IVL_PQ.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Range {
    /// Lower bound, inclusive; open when `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<Quantity>,
    /// Upper bound, inclusive; open when `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<Quantity>,
}

/// One quantity over another: FHIR [Ratio](https://hl7.org/fhir/R4/datatypes.html#Ratio), C-CDA RTO, titres of HL7 v2 SN.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Ratio {
    /// The upper quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numerator: Option<Quantity>,
    /// The lower quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Quantity>,
}

debug_shape!(Quantity, Range, Ratio);

impl Quantity {
    /// URI of UCUM, the Unified Code for Units of Measure.
    pub const UCUM: &'static str = "http://unitsofmeasure.org";

    /// A number of a UCUM unit; the unit `1` is "no unit".
    pub fn ucum(value: Decimal, unit: &str) -> Self {
        Self {
            value: Some(value),
            unit: Some(unit.to_owned()),
            system: Some(Self::UCUM.to_owned()),
            code: Some(unit.to_owned()),
            ..Self::default()
        }
    }

    /// The unit by which quantities are compared: the code, else the text.
    pub fn unit_key(&self) -> Option<&str> {
        self.code.as_deref().or(self.unit.as_deref())
    }
}
