//! Integration tests of the FHIR crate.

#[cfg(feature = "convert")]
mod convert;
mod corpus;
mod edge;
mod lossless;
mod mutation;
mod property;
