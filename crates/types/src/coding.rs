//! Coded values.

use serde::{Deserialize, Serialize};

use crate::absent::Absent;
use crate::code_system::{CodeSystem, oid_of_urn};
use crate::debug_shape;

/// One code of one code system: FHIR [Coding](https://hl7.org/fhir/R4/datatypes.html#Coding).
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Coding {
    /// The code system as a URI; an OID without a FHIR URI as `urn:oid:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Version of the code system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the source shows a person for the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// Whether a person chose this coding; `None` when not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_selected: Option<bool>,
}

debug_shape!(Coding, CodeableConcept);

impl Coding {
    /// A code in a system.
    pub fn new(system: impl Into<String>, code: impl Into<String>) -> Self {
        Self {
            system: Some(system.into()),
            code: Some(code.into()),
            ..Self::default()
        }
    }

    /// The same coding with a display text.
    #[must_use]
    pub fn with_display(mut self, display: impl Into<String>) -> Self {
        self.display = Some(display.into());
        self
    }

    /// The code system in one spelling: the registry's URI where the system is known by OID or another name.
    pub fn canonical_system(&self) -> Option<&str> {
        let system = self.system.as_deref()?;
        let known = oid_of_urn(system)
            .and_then(CodeSystem::by_oid)
            .or_else(|| CodeSystem::by_uri(system));
        Some(known.map_or(system, |known| known.uri))
    }

    /// Whether both are the same code of the same stated system; displays and versions do not matter.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.code.is_some()
            && self.code == other.code
            && self.system.is_some()
            && self.canonical_system() == other.canonical_system()
    }

    /// Whether the coding is of this system, by any of the system's names.
    pub fn is_of(&self, system: &CodeSystem) -> bool {
        self.canonical_system() == Some(system.uri)
    }
}

/// A concept by all the codes that the source gave for it, and its own words: FHIR
/// [CodeableConcept](https://hl7.org/fhir/R4/datatypes.html#CodeableConcept), C-CDA CD, HL7 v2 CWE.
///
/// Nothing is translated away: every coding of the source stays, the source's first one first.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeableConcept {
    /// All codings, in the source's order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codings: Vec<Coding>,
    /// The words of the source: original text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why there is no code, where the source says so. Text or other codings may still be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absent>,
}

impl CodeableConcept {
    /// A concept by one coding.
    pub fn from_coding(coding: Coding) -> Self {
        Self {
            codings: vec![coding],
            ..Self::default()
        }
    }

    /// A concept by words alone.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::default()
        }
    }

    /// A concept that is missing for a stated reason.
    pub fn from_absent(absent: Absent) -> Self {
        Self {
            absent: Some(absent),
            ..Self::default()
        }
    }

    /// Whether nothing at all was said: no coding, no text, no reason.
    pub fn is_empty(&self) -> bool {
        self.codings.is_empty() && self.text.is_none() && self.absent.is_none()
    }

    /// The code in this system, if there is one.
    pub fn code_in(&self, system: &CodeSystem) -> Option<&str> {
        self.codings
            .iter()
            .find(|coding| coding.is_of(system))
            .and_then(|coding| coding.code.as_deref())
    }

    /// Whether some coding is this code of this system (given by URI).
    pub fn has_code(&self, system: &str, code: &str) -> bool {
        let wanted = Coding::new(system, code);
        self.codings.iter().any(|coding| coding.is_same_as(&wanted))
    }

    /// Whether the two share a code of one system.
    pub fn shares_code_with(&self, other: &Self) -> bool {
        self.codings
            .iter()
            .any(|a| other.codings.iter().any(|b| a.is_same_as(b)))
    }

    /// What to show a person: the text, else the first display, else the first code.
    pub fn label(&self) -> Option<&str> {
        let display = || self.codings.iter().find_map(|coding| coding.display.as_deref());
        let code = || self.codings.iter().find_map(|coding| coding.code.as_deref());
        self.text.as_deref().or_else(display).or_else(code)
    }
}

impl From<Coding> for CodeableConcept {
    fn from(coding: Coding) -> Self {
        Self::from_coding(coding)
    }
}
