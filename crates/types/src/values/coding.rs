//! Coded values.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::absent::Absent;
use super::code_system::{CodeSystem, oid_of_urn};
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

    /// The code in one spelling, where its system is written in several: ICD without its point, NDC as eleven digits, CVX without
    /// leading zeros; ICD, CPT and HCPCS in capitals. Codes of other systems stand as they are, without space around them.
    ///
    /// ```
    /// use ehr_types::Coding;
    /// let spelled = |system: &str, code: &str| Coding::new(system, code).canonical_code().unwrap().into_owned();
    /// assert_eq!(spelled("http://hl7.org/fhir/sid/icd-10-cm", "e11.9"), "E119");
    /// assert_eq!(spelled("http://hl7.org/fhir/sid/ndc", "0002-1433-80"), "00002143380");
    /// assert_eq!(spelled("http://hl7.org/fhir/sid/cvx", "03"), "3");
    /// assert_eq!(spelled("http://loinc.org", "2345-7"), "2345-7");
    /// ```
    pub fn canonical_code(&self) -> Option<Cow<'_, str>> {
        let code = self.code.as_deref()?.trim();
        Some(match self.spelling() {
            Spelling::AsItIs => Cow::Borrowed(code),
            Spelling::Icd => Cow::Owned(code.replace('.', "").to_ascii_uppercase()),
            Spelling::Capitals => Cow::Owned(code.to_ascii_uppercase()),
            Spelling::Number => {
                let digits = code.trim_start_matches('0');
                Cow::Borrowed(if digits.is_empty() { "0" } else { digits })
            }
            Spelling::Ndc => eleven_digits(code).map_or(Cow::Borrowed(code), Cow::Owned),
        })
    }

    fn spelling(&self) -> Spelling {
        let of = |systems: &[&CodeSystem]| systems.iter().any(|system| self.is_of(system));
        if of(&[
            &CodeSystem::ICD_10_CM,
            &CodeSystem::ICD_10,
            &CodeSystem::ICD_10_PCS,
            &CodeSystem::ICD_9_CM,
            &CodeSystem::ICD_9_CM_PROCEDURES,
        ]) {
            Spelling::Icd
        } else if of(&[&CodeSystem::CPT, &CodeSystem::HCPCS]) {
            Spelling::Capitals
        } else if of(&[&CodeSystem::CVX]) {
            Spelling::Number
        } else if of(&[&CodeSystem::NDC]) {
            Spelling::Ndc
        } else {
            Spelling::AsItIs
        }
    }

    /// Whether both are the same code of the same stated system, however each is spelled; displays and versions do not matter.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.code.is_some()
            && self.system.is_some()
            && self.canonical_system() == other.canonical_system()
            && (self.code == other.code || self.canonical_code() == other.canonical_code())
    }

    /// Whether the coding is of this system, by any of the system's names.
    pub fn is_of(&self, system: &CodeSystem) -> bool {
        self.canonical_system() == Some(system.uri)
    }
}

/// In how many ways the codes of a system are written.
enum Spelling {
    AsItIs,
    Capitals,
    Icd,
    Number,
    Ndc,
}

/// An NDC of two or three parts as its eleven (without package: nine) digits, each part filled up from the left: labeler 5, product 4,
/// package 2 digits (21 CFR 207.33; eleven digits as HIPAA transactions have them).
fn eleven_digits(code: &str) -> Option<String> {
    const LENGTHS: [usize; 3] = [5, 4, 2];
    let parts: Vec<&str> = code.split('-').collect();
    let fits = (2..=3).contains(&parts.len())
        && parts.iter().zip(LENGTHS).all(|(part, length)| {
            (1..=length).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    let filled = |(part, length): (&&str, usize)| format!("{part:0>length$}");
    fits.then(|| parts.iter().zip(LENGTHS).map(filled).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_in_several_spellings() {
        for (system, a, b, same) in [
            (&CodeSystem::ICD_10_CM, "E11.9", "e119", true),
            (&CodeSystem::ICD_9_CM, "250.00", "25000", true),
            (&CodeSystem::ICD_9_CM, "250.0", "250.00", false),
            (&CodeSystem::NDC, "0002-1433-80", "00002-1433-80", true),
            (&CodeSystem::NDC, "0002-1433-80", "00002143380", true),
            (&CodeSystem::NDC, "50090-347-1", "50090034701", true),
            (&CodeSystem::NDC, "0002-1433", "00002-1433", true),
            // Ten digits without hyphens may be any of three codes.
            (&CodeSystem::NDC, "0002143380", "00002143380", false),
            (&CodeSystem::CVX, "3", "03", true),
            (&CodeSystem::CVX, "3", "30", false),
            (&CodeSystem::HCPCS, "j3490", "J3490", true),
            (&CodeSystem::LOINC, "2345-7", "23457", false),
            (&CodeSystem::SNOMED_CT, "038341003", "38341003", false),
            (&CodeSystem::UCUM, "mg", "MG", false),
        ] {
            let (a, b) = (Coding::new(system.uri, a), Coding::new(system.uri, b));
            assert_eq!(a.is_same_as(&b), same, "{:?} {:?}", a.code, b.code);
            assert!(a.is_same_as(&a));
        }
        assert!(!Coding::new(CodeSystem::CVX.uri, "3").is_same_as(&Coding::new(CodeSystem::NDC.uri, "3")));
        assert!(!Coding::default().is_same_as(&Coding::default()));
    }
}
