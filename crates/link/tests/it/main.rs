//! Linkage through the public interface.

mod corpus;
mod few;
mod hostile;
mod kept;
mod laws;
mod learning;
#[path = "../../examples/people/table.rs"]
mod people;
mod sample;
