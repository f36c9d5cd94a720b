//! FHIR R4 resources, a lossless located JSON codec, and the mapping to and from the clinical model.
//!
//! ```
//! use ehr_fhir::{ParseOptions, parse, to_json_vec, r4::{Bundle, Resource}};
//! let json = br#"{"resourceType":"Bundle","type":"collection","entry":[
//!     {"resource":{"resourceType":"Patient","name":[{"family":"Ng","x":1}]}}]}"#;
//! let parsed = parse::<Bundle>(json, &ParseOptions::default())?;
//! let Some(Resource::Patient(patient)) = &parsed.value.entry[0].resource else { panic!() };
//! assert_eq!(patient.name[0].family.as_deref(), Some("Ng"));
//! assert_eq!(parsed.findings[0].location.path, "Bundle.entry[0].resource.name[0].x");
//! assert!(String::from_utf8(to_json_vec(&parsed.value)).unwrap().contains(r#""x":1"#));
//! # Ok::<(), ehr_fhir::ParseError>(())
//! ```
//!
//! # How the types are shaped
//!
//! - One struct for each resource (`r4::Patient`), data type (`r4::HumanName`) and group inside one (parent and element:
//!   `r4::PatientContact`, `r4::BundleEntry`); all in [`r4`]. Fields are the elements in snake case; Rust keywords as
//!   `r#type`, `r#use`.
//! - Every element is an `Option` (maximum one) or a [`Many`], which is a `Vec` (more), required or not: real data is not always valid.
//!   Whether it is, the findings say. `Default` gives the empty value, so `Patient { active: Some(true), ..Patient::default() }`.
//! - Primitives: `boolean` is `bool`, `integer` `i32`, `positiveInt` and `unsignedInt` `u32`, `decimal`
//!   [`Decimal`], `date` [`Date`], `dateTime` and `instant`
//!   [`DateTime`], `time` [`Time`], everything else [`Str`].
//! - A code with a required binding is an enum named after the value set, with `Other(text)` for what is not in it:
//!   `r4::ObservationStatus`, with `as_str()` and `From<&str>`, equal when the codes are. Value sets too large for that stay
//!   [`Str`].
//! - A complex element is `Option<Box<T>>` or `Many<T>`. A `value[x]` is an enum of parent and element name, with a variant
//!   for each type: `r4::ObservationValue::Quantity(Box<Quantity>)`, `::String(Str)`. Where any type is allowed it is
//!   `Option<Box<r4::ExtensionValue>>`.
//! - Resources have `id`, `meta`, `contained`, `extension` … as fields. Data types and groups reach `id`, `extension` and
//!   `modifierExtension` through the methods of [`Element`]: `x.extension()`, `x.extension_mut()`.
//! - Everything has `extra: Option<Box<Extra>>`: what belongs to primitives (`_birthDate`, see
//!   [`Element::primitive_extension`]), unknown members, values that could not be read. It is written back.
//! - [`r4::Resource`] is any resource, each in a [`Boxed`], with `From` for each; a type that R4 does not have is
//!   `Resource::Unknown`.
//! - `==` compares values: decimals as numbers, whatever their digits. What stands in `extra` counts too.
//! - `Debug` shows the shape and no value.
//! - serde works on every type of `r4`, through the same codec: in `serde_json` and what builds on it, as web frameworks and
//!   databases do. Other formats, and what buffers values (`#[serde(untagged)]`, `#[serde(flatten)]`), are refused with an
//!   error: they would lose the digits of decimals. Findings have serde with the feature `values` of `ehr-types`.
//!
//! # What is here
//!
//! | need | where |
//! |---|---|
//! | read, write, check | [`parse`], [`parse_resource`], [`to_json_vec`], [`check()`]; what is left of a broken text: [`salvage`] |
//! | strictness, order of members, limits | [`ParseOptions`] |
//! | large Bundles and NDJSON, entry by entry | [`BundleReader`], [`NdjsonReader`] |
//! | what a reference leads to | [`ReferenceIndex`], [`for_each_reference`] |
//! | Bundles to send, ids from content | `r4::Bundle::transaction` and its like, [`content_id`] |
//! | findings as a resource | [`operation_outcome`] |
//! | US Core extensions, must-support coverage | [`us_core`] |
//!
//! # What is not here
//!
//! The types are those of R4: what other releases say otherwise is kept as it is, with a finding; `import` reads the commonest of it.
//! JSON alone, neither XML nor Turtle. What a profile demands is not checked, but for what US Core must support; codes are checked where
//! R4 binds them as required. There is no client, no server, no search, no FHIRPath, and no terminology.
//!
//! # Into the clinical model and back
//!
//! Feature `convert`, off by default because it doubles what there is to compile: `import` reads an artifact into charts of
//! `ehr_model`, `export_chart` and `export` write a chart and a merged record as Bundles; single entries, records and the
//! extensions they use are in the module `convert`.
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

mod bundle;
#[cfg(feature = "convert")]
pub mod convert;
mod element;
mod extra;
mod json;
mod outcome;
mod parse;
pub mod r4;
mod reference;
mod scope;
mod serde_json_form;
mod sort;
mod stream;
pub mod us_core;

pub use bundle::{content_id, content_uuid};
#[cfg(feature = "convert")]
pub use convert::{export, export_chart, import};
pub use ehr_types::{Date, DateTime, Decimal, Finding, Severity, Strictness, Time};
pub use element::{
    Boxed, Element, Elements, Field, IsResource, Kind, Many, Node, Primitive, Primitives, Str, Type,
    ValueSet, Visitor,
};
pub use extra::{Extra, NotJson, PrimitiveElement, RawMember, RawReason};
pub use outcome::operation_outcome;
pub use parse::{
    Json, ParseError, ParseOptions, Parsed, check, parse, parse_resource, salvage, to_json_pretty,
    to_json_string, to_json_vec,
};
pub use reference::{ReferenceIndex, ReferenceTarget, Resolution, for_each_reference};
pub use stream::{BundleReader, NdjsonReader, Piece, Place, StreamError};
