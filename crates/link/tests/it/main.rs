//! Linkage through the public interface.

mod few;
