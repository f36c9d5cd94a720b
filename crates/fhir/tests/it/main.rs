//! Integration tests of the FHIR crate.

mod corpus;
mod edge;
mod lossless;
mod mutation;
mod property;
