//! Take what several EMRs hold, work out which records are the same person, and make one record per person.
//!
//! This crate re-exports the workspace's crates as modules, and adds what needs several of them: [`detect`] and [`import`]
//! recognise and read any input. Each format is behind a feature of its name; all are on by default.
//!
//! | module | crate | for |
//! |---|---|---|
//! | [`types`] | `ehr-types` | codings, partial dates, decimals, names, findings |
//! | [`model`] | `ehr-model` | charts, entries, records, the merged health record |
//! | `fhir` | `ehr-fhir` | FHIR R4 resources and JSON |
//! | `hl7v2` | `ehr-hl7v2` | HL7 v2 messages |
//! | `ccda` | `ehr-ccda` | C-CDA documents |
//! | `link` | `ehr-link` | which records are the same person |
//! | `merge` | `ehr-merge` | one record per person |
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

pub mod check;
mod detect;
#[cfg(feature = "fhir")]
mod export;
mod import;
#[cfg(feature = "fhir")]
mod json_content;

#[cfg(feature = "ccda")]
pub use ehr_ccda as ccda;
#[cfg(feature = "fhir")]
pub use ehr_fhir as fhir;
#[cfg(feature = "hl7v2")]
pub use ehr_hl7v2 as hl7v2;
#[cfg(feature = "link")]
pub use ehr_link as link;
#[cfg(feature = "merge")]
pub use ehr_merge as merge;
pub use ehr_model as model;
pub use ehr_types as types;

pub use detect::{InputFormat, detect};
#[cfg(feature = "fhir")]
pub use export::export_charts;
pub use import::{import, import_as};

/// The README's program compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
