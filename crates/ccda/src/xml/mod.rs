//! Located XML: an arena tree over the events of `quick-xml`.

mod encoding;
mod marks;
mod reader;
mod tree;

pub use marks::{Reading, UnreadLeaf};
pub use reader::{Limits, Parsed};
pub use tree::{Document, Element, Namespace, Node, NodeId};
