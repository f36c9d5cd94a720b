//! Linkage through the public interface.

mod corpus;
mod few;
mod hostile;
mod laws;
mod learning;
mod sample;
