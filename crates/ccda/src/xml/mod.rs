//! Located XML: an arena tree over the tokens of `quick-xml`.
//!
//! `quick-xml` finds the tokens, takes start tags apart, resolves references and keeps the namespace bindings. What it
//! has no notion of, and what this layer is for:
//!
//! * **Places.** Every element, attribute and text knows its bytes in the source as received, before decoding, so
//!   that a finding or a residual can be shown there.
//! * **Recovery.** `quick-xml` stops at the first fault; a health record with a fault is still a health record. Here
//!   end tags close what they can, a stray `<` is text, a broken attribute loses nothing but itself, and a document
//!   that is cut off keeps what came before the cut. Each is a finding.
//! * **Entity safety.** Nothing but the five entities of XML and character references is resolved; a document type
//!   declaration is reported and not obeyed.
//! * **Marks.** Which leaves were read is kept beside the tree ([`Reading`]): that is how nothing is lost unseen.
//!
//! Time is linear in the size of the source. A tree takes 48 bytes a node and 36 an attribute beside the text: about
//! three times the source in practice, fourteen times at the very worst. [`Limits`] bounds it.

mod attribute;
mod builder;
mod element;
mod encoding;
mod fault;
mod marks;
mod namespace;
mod reader;
mod tree;

pub use element::{Element, Node};
pub(crate) use marks::MAX_FINDINGS;
pub use marks::{Reading, UnreadLeaf};
pub use namespace::Namespace;
pub use reader::{Limits, Parsed};
pub use tree::{Document, NodeId};
