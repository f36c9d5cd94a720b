//! Integration tests of the FHIR crate.

mod corpus;
mod lossless;
