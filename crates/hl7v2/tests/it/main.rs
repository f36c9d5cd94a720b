//! Tests of the crate from outside.

mod corpus;
mod definitions;
mod structure;
mod validate;
