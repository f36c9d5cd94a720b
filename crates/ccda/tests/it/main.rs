//! One binary of integration tests: corpora of real documents, and properties.

mod b2;
mod corpus;
mod negative;
mod properties;
mod small;
