//! Linkage through the public interface.

mod corpus;
mod few;
mod laws;
mod learning;
mod sample;
