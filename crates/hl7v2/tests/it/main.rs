//! Tests of the crate from outside.

mod charsets;
#[cfg(feature = "convert")]
mod convert;
mod corpus;
mod definitions;
mod edit;
mod forms;
mod mutants;
mod places;
mod profile;
mod properties;
mod structure;
mod validate;
