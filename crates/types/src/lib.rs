//! Value types of health records.

mod finding;
mod location;

pub use finding::{Finding, Severity, Strictness};
pub use location::{LineIndex, SourceLocation, Span};
