//! Tests of the crate from outside.

mod corpus;
mod definitions;
mod profile;
mod structure;
mod validate;
