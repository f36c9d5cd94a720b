//! Why a value is missing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a value is not there, as the source said it.
///
/// The words are those of FHIR's [data-absent-reason](https://hl7.org/fhir/R4/valueset-data-absent-reason.html), plus
/// [`Deleted`](Self::Deleted) for the HL7 v2 null `""`. A source that is silent has no reason at all: that is `None` in the
/// model, never [`Unknown`](Self::Unknown).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbsentReason {
    /// The value is expected to exist but is not known.
    Unknown,
    /// The source was asked but does not know.
    AskedUnknown,
    /// There is reason to expect that it will become known.
    TempUnknown,
    /// Nobody asked.
    NotAsked,
    /// The source was asked and declined to answer.
    AskedDeclined,
    /// Withheld for privacy or another reason.
    Masked,
    /// There is no proper value here.
    NotApplicable,
    /// The source system cannot represent the value.
    Unsupported,
    /// The value stands in narrative only.
    AsText,
    /// The value could not be produced because of an error.
    Error,
    /// Not a number.
    NotANumber,
    /// Below what can be represented.
    NegativeInfinity,
    /// Above what can be represented.
    PositiveInfinity,
    /// The observation was not performed.
    NotPerformed,
    /// The value is not permitted in this context.
    NotPermitted,
    /// The sender asks that a former value be deleted: HL7 v2 `""` (chapter 2, "Null values").
    Deleted,
}

const CODES: &[(AbsentReason, &str)] = &[
    (AbsentReason::Unknown, "unknown"),
    (AbsentReason::AskedUnknown, "asked-unknown"),
    (AbsentReason::TempUnknown, "temp-unknown"),
    (AbsentReason::NotAsked, "not-asked"),
    (AbsentReason::AskedDeclined, "asked-declined"),
    (AbsentReason::Masked, "masked"),
    (AbsentReason::NotApplicable, "not-applicable"),
    (AbsentReason::Unsupported, "unsupported"),
    (AbsentReason::AsText, "as-text"),
    (AbsentReason::Error, "error"),
    (AbsentReason::NotANumber, "not-a-number"),
    (AbsentReason::NegativeInfinity, "negative-infinity"),
    (AbsentReason::PositiveInfinity, "positive-infinity"),
    (AbsentReason::NotPerformed, "not-performed"),
    (AbsentReason::NotPermitted, "not-permitted"),
];

impl AbsentReason {
    /// The code of FHIR's data-absent-reason; `unknown` for [`Deleted`](Self::Deleted), which FHIR cannot say.
    pub fn code(self) -> &'static str {
        CODES
            .iter()
            .find(|(reason, _)| *reason == self)
            .map_or("unknown", |(_, code)| code)
    }

    /// The reason with this FHIR code.
    pub fn from_code(code: &str) -> Option<Self> {
        CODES
            .iter()
            .find(|(_, known)| *known == code)
            .map(|(reason, _)| *reason)
    }

    /// The reason for a CDA nullFlavor (HL7 v3 NullFlavor), by the ConceptMap of the C-CDA on FHIR guide
    /// (CF-NullFlavorDataAbsentReason); flavours that it does not list are [`Unsupported`](Self::Unsupported).
    pub fn from_null_flavor(flavor: &str) -> Option<Self> {
        Some(match flavor {
            "NI" | "UNK" | "NP" => Self::Unknown,
            "ASKU" => Self::AskedUnknown,
            "NAV" => Self::TempUnknown,
            "NASK" => Self::NotAsked,
            "MSK" => Self::Masked,
            "NA" => Self::NotApplicable,
            "NINF" => Self::NegativeInfinity,
            "PINF" => Self::PositiveInfinity,
            "OTH" | "TRC" | "INV" | "DER" | "UNC" | "QS" => Self::Unsupported,
            _ => return None,
        })
    }
}

impl fmt::Display for AbsentReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Deleted {
            "deleted"
        } else {
            self.code()
        })
    }
}

/// An absence and the source's own code for it (`NASK`, `""`, `not-asked`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Absent {
    /// What the code means.
    pub reason: AbsentReason,
    /// The code as the source wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_code: Option<String>,
}

impl Absent {
    /// An absence without a code of the source.
    pub fn new(reason: AbsentReason) -> Self {
        Self {
            reason,
            source_code: None,
        }
    }

    /// The absence that a CDA nullFlavor states; an unknown flavour is [`AbsentReason::Unsupported`] with its code kept.
    pub fn from_null_flavor(flavor: &str) -> Self {
        let reason = AbsentReason::from_null_flavor(flavor).unwrap_or(AbsentReason::Unsupported);
        Self {
            reason,
            source_code: Some(flavor.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_both_ways() {
        for (reason, code) in CODES {
            assert_eq!(AbsentReason::from_code(code), Some(*reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), *code);
        }
        assert_eq!(
            AbsentReason::from_null_flavor("NASK"),
            Some(AbsentReason::NotAsked)
        );
        assert_eq!(
            Absent::from_null_flavor("XYZ").source_code.as_deref(),
            Some("XYZ")
        );
    }
}
