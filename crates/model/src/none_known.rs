//! Codes that say that there is none of something, as far as anybody knows.

use ehr_types::{CodeSystem, CodeableConcept, Coding};

/// Of what a code says that none is known. That nobody asked is not that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoneKnown {
    /// Of allergies, to what is named.
    Allergies(Allergens),
    /// Of problems.
    Problems,
    /// Of medications.
    Medications,
    /// Of vaccinations.
    Immunizations,
    /// Of procedures.
    Procedures,
    /// Of devices, implanted or used.
    Devices,
}

/// What a statement that no allergy is known speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Allergens {
    /// Anything.
    Any,
    /// Drugs, the category `medication` of FHIR's value set `allergy-intolerance-category`.
    Medication,
    /// Food, the category `food`.
    Food,
    /// The environment, the category `environment`.
    Environment,
    /// Latex, which is of no category of its own.
    Latex,
    /// Insects.
    Insects,
    /// Animals.
    Animals,
}

impl Allergens {
    /// The category of FHIR's value set `allergy-intolerance-category` that is named, where it is a whole one.
    pub fn category(self) -> Option<&'static str> {
        match self {
            Self::Medication => Some("medication"),
            Self::Food => Some("food"),
            Self::Environment => Some("environment"),
            Self::Any | Self::Latex | Self::Insects | Self::Animals => None,
        }
    }
}

/// How it is said that none is known of something.
struct Statement {
    none: NoneKnown,
    /// Codes of SNOMED CT, the one to write first.
    snomed: &'static [&'static str],
    /// The code of the International Patient Summary and its name. These codes are names, and of no other system.
    summary: Option<(&'static str, &'static str)>,
}

/// The code system `absent-unknown-uv-ips` of the International Patient Summary (HL7, CC0).
const SUMMARY: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

const STATEMENTS: &[Statement] = &[
    Statement {
        none: NoneKnown::Allergies(Allergens::Any),
        // The last is of a kind that cannot be told here: it is shown against all.
        snomed: &["716186003", "160244002", "716185004"],
        summary: Some(("no-known-allergies", "No known allergies")),
    },
    Statement {
        none: NoneKnown::Allergies(Allergens::Medication),
        snomed: &["409137002"],
        summary: Some(("no-known-medication-allergies", "No known medication allergies")),
    },
    Statement {
        none: NoneKnown::Allergies(Allergens::Food),
        snomed: &["429625007"],
        summary: Some(("no-known-food-allergies", "No known food allergies")),
    },
    Statement {
        none: NoneKnown::Allergies(Allergens::Environment),
        snomed: &["428607008"],
        summary: Some((
            "no-known-environmental-allergies",
            "No known environmental allergies",
        )),
    },
    Statement {
        none: NoneKnown::Allergies(Allergens::Latex),
        snomed: &["1003774007", "716184000"],
        summary: None,
    },
    Statement {
        none: NoneKnown::Allergies(Allergens::Insects),
        snomed: &["428197003"],
        summary: None,
    },
    Statement {
        none: NoneKnown::Allergies(Allergens::Animals),
        snomed: &["716220001"],
        summary: None,
    },
    Statement {
        none: NoneKnown::Problems,
        snomed: &["160245001"],
        summary: Some(("no-known-problems", "No known problems")),
    },
    Statement {
        none: NoneKnown::Medications,
        snomed: &["787481004"],
        summary: Some(("no-known-medications", "No known medications")),
    },
    Statement {
        none: NoneKnown::Immunizations,
        snomed: &["787482006"],
        summary: Some(("no-known-immunizations", "No known immunizations")),
    },
    Statement {
        none: NoneKnown::Procedures,
        snomed: &["787480003"],
        summary: Some(("no-known-procedures", "No known procedures")),
    },
    Statement {
        none: NoneKnown::Devices,
        snomed: &["787483001"],
        summary: Some(("no-known-devices", "No known devices")),
    },
];

/// Codes of SNOMED CT for kinds of allergy and for substances at large: who denies one denies all of the kind. The guide C-CDA on
/// FHIR (`CF-NoKnownAllergies`) lists the first of each kind.
const KINDS: &[(Allergens, &[&str])] = &[
    (
        Allergens::Food,
        &["414285001", "418471000", "235719002", "762766007", "255620007"],
    ),
    (
        Allergens::Medication,
        &[
            "416098002",
            "419511003",
            "59037007",
            "410942007",
            "373873005",
            "763158003",
        ],
    ),
    (Allergens::Environment, &["426232007"]),
    (
        Allergens::Any,
        &["419199007", "418038007", "420134006", "105590001"],
    ),
    (
        Allergens::Latex,
        &["1003755004", "111088007", "1003754000", "300916003"],
    ),
];

impl NoneKnown {
    /// What a coding says that none is known of.
    ///
    /// ```
    /// use ehr_model::{Allergens, NoneKnown};
    /// use ehr_types::Coding;
    /// let drugs = Coding::new("http://snomed.info/sct", "409137002");
    /// assert_eq!(NoneKnown::of_coding(&drugs), Some(NoneKnown::Allergies(Allergens::Medication)));
    /// assert_eq!(NoneKnown::of_coding(&Coding::new("http://snomed.info/sct", "91936005")), None);
    /// ```
    pub fn of_coding(coding: &Coding) -> Option<Self> {
        let code = coding.code.as_deref()?;
        let is_snomed = coding.is_of(&CodeSystem::SNOMED_CT);
        let says_so = |statement: &&Statement| {
            is_snomed && statement.snomed.contains(&code)
                || statement.summary.is_some_and(|(name, _)| name == code)
        };
        STATEMENTS.iter().find(says_so).map(|statement| statement.none)
    }

    /// What the first coding of a concept that says so says that none is known of.
    pub fn of(concept: &CodeableConcept) -> Option<Self> {
        concept.codings.iter().find_map(Self::of_coding)
    }

    /// The codings that say it: of SNOMED CT, and of the International Patient Summary where it has one, with its name.
    ///
    /// ```
    /// use ehr_model::{Allergens, NoneKnown};
    /// let latex = NoneKnown::Allergies(Allergens::Latex).codings();
    /// assert_eq!(latex.len(), 1);
    /// assert_eq!(NoneKnown::of_coding(&latex[0]), Some(NoneKnown::Allergies(Allergens::Latex)));
    /// ```
    pub fn codings(self) -> Vec<Coding> {
        // By the definitions of SNOMED CT, these leave open whether there was any: they are read, and not written.
        let is_open = matches!(self, Self::Immunizations | Self::Procedures | Self::Devices);
        let Some(statement) = STATEMENTS.iter().find(|statement| statement.none == self) else {
            return Vec::new();
        };
        let snomed = statement.snomed.first().filter(|_| !is_open);
        let snomed = snomed.map(|code| Coding::new(CodeSystem::SNOMED_CT.uri, *code));
        let summary = statement.summary;
        let summary = summary.map(|(code, name)| Coding::new(SUMMARY, code).with_display(name));
        snomed.into_iter().chain(summary).collect()
    }
}

impl Allergens {
    /// The kind of allergy or of substance that a code of SNOMED CT names, such as "allergy to drug", "latex". Who denies it
    /// says [`NoneKnown::Allergies`] of the kind.
    ///
    /// ```
    /// use ehr_model::Allergens;
    /// use ehr_types::Coding;
    /// let food = Coding::new("http://snomed.info/sct", "414285001");
    /// assert_eq!(Allergens::of_coding(&food), Some(Allergens::Food));
    /// ```
    pub fn of_coding(coding: &Coding) -> Option<Self> {
        let code = coding
            .code
            .as_deref()
            .filter(|_| coding.is_of(&CodeSystem::SNOMED_CT))?;
        let kind = KINDS.iter().find(|(_, codes)| codes.contains(&code));
        kind.map(|(kind, _)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_is_read_as_it_is_written() {
        for statement in STATEMENTS {
            for coding in statement.none.codings() {
                assert_eq!(NoneKnown::of_coding(&coding), Some(statement.none));
                assert_eq!(Allergens::of_coding(&coding), None);
            }
        }
    }

    #[test]
    fn a_number_of_another_system_says_nothing() {
        let foreign = Coding::new("urn:local", "716186003");
        assert_eq!(NoneKnown::of_coding(&foreign), None);
        let by_name = Coding::new(
            "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips",
            "no-known-devices",
        );
        assert_eq!(NoneKnown::of_coding(&by_name), Some(NoneKnown::Devices));
    }
}
