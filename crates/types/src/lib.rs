//! Value types of health records: what FHIR, HL7 v2 and C-CDA all have, without clinical opinion.
//!
//! ```
//! use ehr_types::{AbsentReason, Coding, DateTime, Decimal, HumanName, Reveal, TimeRelation};
//!
//! // A time is as precise as it was written, and keeps its form.
//! let onset = DateTime::parse_any("201902")?; // HL7 v2 and C-CDA
//! let visit = DateTime::parse_any("2019-02-14T09:30:00-05:00")?; // FHIR
//! assert_eq!((onset.to_string(), onset.to_iso().to_string()), ("201902".into(), "2019-02".into()));
//! assert_eq!(onset.relation(&visit), TimeRelation::Overlapping);
//!
//! // A number keeps its digits, and compares as a number.
//! let glucose = Decimal::parse("7.30")?;
//! assert_eq!((glucose.as_str(), glucose == Decimal::parse("7.3")?), ("7.30", true));
//!
//! // A code system has one name, whatever it is called; so has a code.
//! let cda = Coding::new("urn:oid:2.16.840.1.113883.6.90", "E11.9");
//! assert!(cda.is_same_as(&Coding::new("http://hl7.org/fhir/sid/icd-10-cm", "E119")));
//!
//! // What is missing has a reason.
//! assert_eq!(AbsentReason::from_null_flavor("ASKU"), Some(AbsentReason::AskedUnknown));
//!
//! // Values of patients are shown by name only.
//! let name = HumanName { family: Some("Shaw".into()), ..HumanName::default() };
//! assert_eq!(format!("{name:?}"), "HumanName {family}");
//! assert_eq!(name.reveal().to_string(), r#"{"family":"Shaw"}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | need | type |
//! |---|---|
//! | partial dates and times that keep their text and compare as intervals | [`Date`], [`DateTime`], [`Time`], [`Period`] |
//! | numbers that keep their digits | [`Decimal`], [`Quantity`], [`Range`], [`Ratio`] |
//! | text, short or shared | [`Str`] |
//! | codes, with every coding and the source's words | [`Coding`], [`CodeableConcept`], [`CodeSystem`] |
//! | who assigned an identifier | [`Identifier`] |
//! | people | [`HumanName`], [`Address`], [`ContactPoint`] |
//! | why a value is missing | [`Absent`], [`AbsentReason`] |
//! | where something stands, and what was noticed | [`SourceLocation`], [`Span`], [`LineIndex`], [`Finding`] |
//!
//! An error never holds the text that could not be read, so that it may be logged.
//!
//! It holds no terminology: [`CodeSystem`] knows the names of code systems, not their codes. Units are texts: nothing here converts
//! them.
//!
//! # Features
//!
//! `values`, on by default: what is made of other values (codings, quantities, names, reasons of absence, [`Reveal`]), and serde for
//! findings and locations. Dates, decimals and texts have serde without it, and need no derive macros.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::print_stdout
    )
)]

mod decimal;
mod finding;
mod location;
mod text;
mod time;
#[cfg(feature = "values")]
mod values;

pub use decimal::{Decimal, ParseDecimalError};
pub use finding::{Finding, Severity, Strictness};
pub use location::{LineIndex, SourceLocation, Span};
pub use text::Str;
pub use time::{Date, DateTime, FhirDateTime, Offset, ParseDateTimeError, Precision, Time, TimeRelation};
#[cfg(feature = "values")]
pub use values::{
    Absent, AbsentReason, Address, CodeSystem, CodeableConcept, Coding, Comparator, ContactPoint, HumanName,
    Identifier, Period, Quantity, Range, Ratio, Reveal, Revealed, uri_of_root, write_shape,
};
