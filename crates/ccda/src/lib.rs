//! C-CDA documents: located XML, sections and entries, and the mapping to the clinical model.
//!
//! Reads C-CDA R1.1 and R2.1, older CDA R2 documents (CCD/HITSP C32, IHE PCC), documents with templates that nobody
//! knows, and fragments of any of them. It does not fetch anything, does not run stylesheets, and holds no terminology
//! tables: what a code means is for others to say.
//!
//! | layer | what it gives | items |
//! |---|---|---|
//! | XML | an arena tree with namespaces by URI and the bytes of every node; broken input gives a tree and findings | [`Document`], [`Element`], [`Limits`] |
//! | reading | which leaves were looked at, what was found | [`Reading`], [`UnreadLeaf`] |
//! | data types | CD, II, TS, IVL, PQ, EN, AD, TEL, ED… as values of `ehr-types` | the `to_…` methods of [`Element`] |
//! | sections, entries | kinds by template, else by section code, else by form | [`Section`], [`Statement`], [`SectionKind`], [`EntryKind`] |
//! | checks | what C-CDA demands of every document | [`validate`] |
//! | conversion (feature `convert`) | a chart of the clinical model, with residual | `import` |
//!
//! ```
//! use ehr_ccda::{Document, Limits, SectionKind};
//! let source = br#"<ClinicalDocument xmlns="urn:hl7-org:v3"><component><structuredBody><component>
//!   <section><code code="48765-2"/><title>Allergies</title><text>None known</text></section>
//! </component></structuredBody></component></ClinicalDocument>"#;
//! let parsed = Document::parse(source, &Limits::default());
//! let sections = parsed.document.top().sections();
//! assert_eq!(sections[0].kind, SectionKind::Allergies);
//! assert_eq!(sections[0].title().as_deref(), Some("Allergies"));
//! ```
//!
//! Findings of this crate have codes that begin with `ccda.`: `ccda.xml.` for form, `ccda.check.` for what C-CDA
//! demands, others for single values. A finding holds no value of the document.
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
