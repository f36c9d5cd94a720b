//! C-CDA documents: located XML, sections and entries, and the mapping to the clinical model.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::print_stdout
    )
)]

mod check;
#[cfg(feature = "convert")]
mod convert;
mod datatype;
mod document;
mod narrative;
mod section;
mod template;
mod xml;

pub use check::validate;
#[cfg(feature = "convert")]
pub use convert::import;
pub use datatype::{EncapsulatedData, EventTiming, Interval, PeriodicTiming};
pub use document::RootKind;
pub use section::{Section, Statement};
pub use template::{EntryKind, SectionKind};
pub use xml::{Document, Element, Limits, Namespace, Node, NodeId, Parsed, Reading, UnreadLeaf};
