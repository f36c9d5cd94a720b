//! Value types of health records: what FHIR, HL7 v2 and C-CDA all have, without clinical opinion.
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
//! Values of patients never appear in `Debug` output: it prints shapes; [`Reveal::reveal`] prints values.
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

mod absent;
mod code_system;
mod coding;
mod decimal;
mod finding;
mod identifier;
mod location;
mod period;
mod person;
mod quantity;
mod reveal;
mod text;
mod time;

pub use absent::{Absent, AbsentReason};
pub use code_system::CodeSystem;
pub use coding::{CodeableConcept, Coding};
pub use decimal::{Decimal, ParseDecimalError};
pub use finding::{Finding, Severity, Strictness};
pub use identifier::{Identifier, uri_of_root};
pub use location::{LineIndex, SourceLocation, Span};
pub use period::Period;
pub use person::{Address, ContactPoint, HumanName};
pub use quantity::{Comparator, Quantity, Range, Ratio};
pub use reveal::{Reveal, Revealed, write_shape};
pub use text::Str;
pub use time::{Date, DateTime, FhirDateTime, Offset, ParseDateTimeError, Precision, Time, TimeRelation};
