//! Names, addresses and contact points of people and organizations.

use serde::{Deserialize, Serialize};

use super::absent::Absent;
use super::period::Period;
use crate::debug_shape;

/// The name of a person: FHIR [HumanName](https://hl7.org/fhir/R4/datatypes.html#HumanName), C-CDA PN, HL7 v2 XPN.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct HumanName {
    /// FHIR [name-use](https://hl7.org/fhir/R4/valueset-name-use.html): `usual`, `official`, `temp`, `nickname`, `anonymous`, `old`, `maiden`.
    #[serde(skip_serializing_if = "Option::is_none", rename = "use")]
    pub use_: Option<String>,
    /// The whole name as the source shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Family name (surname), with its particles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// Given names in order, middle names and initials included.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<String>,
    /// Parts before the name: titles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefix: Vec<String>,
    /// Parts after the name: generation, degrees.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suffix: Vec<String>,
    /// When the name was in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Why there is no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absent>,
}

/// A postal address: FHIR [Address](https://hl7.org/fhir/R4/datatypes.html#Address), C-CDA AD, HL7 v2 XAD.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// FHIR [address-use](https://hl7.org/fhir/R4/valueset-address-use.html): `home`, `work`, `temp`, `old`, `billing`.
    #[serde(skip_serializing_if = "Option::is_none", rename = "use")]
    pub use_: Option<String>,
    /// FHIR [address-type](https://hl7.org/fhir/R4/valueset-address-type.html): `postal`, `physical`, `both`.
    #[serde(skip_serializing_if = "Option::is_none", rename = "type")]
    pub type_: Option<String>,
    /// The whole address as the source shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Street lines in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub line: Vec<String>,
    /// City, town or village.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// District; the county in the United States.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// State, province or the like, as the source writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country, as the source writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// When the address was in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Why there is no address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absent>,
}

/// A telephone number, e-mail address or the like: FHIR [ContactPoint](https://hl7.org/fhir/R4/datatypes.html#ContactPoint),
/// C-CDA TEL, HL7 v2 XTN.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactPoint {
    /// FHIR [contact-point-system](https://hl7.org/fhir/R4/valueset-contact-point-system.html): `phone`, `fax`, `email`, `pager`, `url`, `sms`, `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The number or address as the source writes it, without a URI scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// FHIR [contact-point-use](https://hl7.org/fhir/R4/valueset-contact-point-use.html): `home`, `work`, `temp`, `old`, `mobile`.
    #[serde(skip_serializing_if = "Option::is_none", rename = "use")]
    pub use_: Option<String>,
    /// Order of preference from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// When it was in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absent>,
}

debug_shape!(HumanName, Address, ContactPoint);

impl HumanName {
    /// The name as one line: the text of the source, else its parts in order.
    pub fn display(&self) -> Option<String> {
        if let Some(text) = &self.text {
            return Some(text.clone());
        }
        let parts: Vec<&str> = self
            .prefix
            .iter()
            .chain(&self.given)
            .chain(&self.family)
            .chain(&self.suffix)
            .map(|part| part.trim())
            .filter(|part| !part.is_empty())
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}
