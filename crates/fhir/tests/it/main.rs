//! Integration tests of the FHIR crate.

#[cfg(feature = "convert")]
mod arbitrary;
mod bundle;
#[cfg(feature = "convert")]
mod convert;
mod corpus;
mod edge;
#[cfg(feature = "convert")]
mod empty;
mod extra;
mod invariants;
mod lossless;
#[cfg(feature = "convert")]
mod model;
mod mutation;
mod primitive;
mod property;
#[cfg(feature = "convert")]
mod releases;
#[cfg(feature = "convert")]
mod safety;
#[cfg(feature = "convert")]
mod through_model;
mod us_core;
#[cfg(feature = "convert")]
mod whose;
