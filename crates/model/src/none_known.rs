//! Codes that say that there is none of something, as far as anybody knows.

use ehr_types::{CodeSystem, CodeableConcept, Coding};

/// Of what a code says that none is known. That nobody asked is not that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoneKnown {
    /// Of allergies: those of one category of FHIR's value set `allergy-intolerance-category`, else all, or a kind that is no
    /// category, such as those to latex.
    Allergies(Option<&'static str>),
    /// Of problems.
    Problems,
    /// Of medications.
    Medications,
}

/// Codes of SNOMED CT: no known allergy, and of drugs, food, the environment, latex, insects, and others.
const SNOMED_CT: &[(&str, NoneKnown)] = &[
    ("716186003", NoneKnown::Allergies(None)),
    ("409137002", NoneKnown::Allergies(Some("medication"))),
    ("429625007", NoneKnown::Allergies(Some("food"))),
    ("428607008", NoneKnown::Allergies(Some("environment"))),
    ("1003774007", NoneKnown::Allergies(None)),
    ("428197003", NoneKnown::Allergies(None)),
    ("716184000", NoneKnown::Allergies(None)),
    ("716185004", NoneKnown::Allergies(None)),
    ("716220001", NoneKnown::Allergies(None)),
    ("160245001", NoneKnown::Problems),
    ("787481004", NoneKnown::Medications),
];

/// Codes of the International Patient Summary (`absent-unknown-uv-ips`), which are names and of no other system.
const NAMES: &[(&str, NoneKnown)] = &[
    ("no-known-allergies", NoneKnown::Allergies(None)),
    (
        "no-known-medication-allergies",
        NoneKnown::Allergies(Some("medication")),
    ),
    ("no-known-food-allergies", NoneKnown::Allergies(Some("food"))),
    (
        "no-known-environmental-allergies",
        NoneKnown::Allergies(Some("environment")),
    ),
    ("no-known-problems", NoneKnown::Problems),
    ("no-known-medications", NoneKnown::Medications),
];

impl NoneKnown {
    /// What a coding says that none is known of.
    ///
    /// ```
    /// use ehr_model::NoneKnown;
    /// use ehr_types::Coding;
    /// let drugs = Coding::new("http://snomed.info/sct", "409137002");
    /// assert_eq!(NoneKnown::of_coding(&drugs), Some(NoneKnown::Allergies(Some("medication"))));
    /// assert_eq!(NoneKnown::of_coding(&Coding::new("http://snomed.info/sct", "91936005")), None);
    /// ```
    pub fn of_coding(coding: &Coding) -> Option<Self> {
        let is_snomed = coding.is_of(&CodeSystem::SNOMED_CT);
        let code = coding.code.as_deref()?;
        let codes = NAMES.iter().chain(SNOMED_CT.iter().filter(|_| is_snomed));
        codes
            .into_iter()
            .find(|(known, _)| *known == code)
            .map(|(_, none)| *none)
    }

    /// What the first coding of a concept that says so says that none is known of.
    pub fn of(concept: &CodeableConcept) -> Option<Self> {
        concept.codings.iter().find_map(Self::of_coding)
    }
}
