//! One binary of integration tests: corpora of real documents, and properties.

mod absence;
mod b2;
mod codes;
mod corpus;
mod guide;
mod hostile;
mod loss;
mod negation;
mod negative;
mod properties;
mod safety;
mod section;
mod small;
mod status;
mod subject;
