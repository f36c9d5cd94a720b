//! C-CDA documents: located XML, sections and entries, and the mapping to the clinical model.
//!
//! Reads C-CDA R1.1 and R2.1, older CDA R2 documents (CCD/HITSP C32, IHE PCC), documents with templates that nobody
//! knows, and fragments of any of them. It does not fetch anything, does not run stylesheets, and holds no terminology
//! tables: what a code means is for others to say.
//!
//! Import a document into a chart, and see what was not understood (feature `convert`):
//!
//! ```
//! # #[cfg(feature = "convert")] {
//! use ehr_ccda::import;
//! use ehr_model::{ImportOptions, RecordClass, Source};
//! let document = br#"<ClinicalDocument xmlns="urn:hl7-org:v3"><component><structuredBody><component><section>
//!   <code code="8716-3" codeSystem="2.16.840.1.113883.6.1"/><title>Vital signs</title><text>Pulse 72</text>
//!   <entry><observation classCode="OBS" moodCode="EVN">
//!     <code code="8867-4" codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/>
//!     <effectiveTime value="20240102"/><value xsi:type="PQ" value="72" unit="/min"/><uncertaintyCode code="U"/>
//!   </observation></entry>
//! </section></component></structuredBody></component></ClinicalDocument>"#;
//!
//! let import = import(document, &ImportOptions::new(Source::new("clinic"))).unwrap();
//! let chart = &import.charts[0];
//! let pulse = chart.of_class(RecordClass::Observation).next().unwrap();
//! assert_eq!(pulse.residual[0].content, "U");
//! // `xsi` was not declared; the document is read all the same, and the fault is named with its place.
//! let fault = import.findings.iter().find(|finding| finding.code == "ccda.xml.prefix").unwrap();
//! assert_eq!(fault.location.line, Some(5));
//! # }
//! ```
//!
//! Or use the reader alone, without the model:
//!
//! ```
//! use ehr_ccda::{Document, Limits, SectionKind, validate};
//! let source = br#"<ClinicalDocument xmlns="urn:hl7-org:v3"><component><structuredBody><component>
//!   <section><code code="48765-2"/><title>Allergies</title><text>None known</text></section>
//! </component></structuredBody></component></ClinicalDocument>"#;
//! let parsed = Document::parse(source, &Limits::default());
//! let sections = parsed.document.top().sections();
//! assert_eq!(sections[0].kind, SectionKind::Allergies);
//! assert_eq!(sections[0].title().as_deref(), Some("Allergies"));
//! assert!(validate(&parsed.document).iter().any(|finding| finding.code == "ccda.check.patient"
//!     || finding.code == "ccda.check.record-target"));
//! ```
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
//! Whatever the bytes are, reading does not panic, takes time linear in their number, and ends. A document that is cut
//! off, in another encoding than it says, or full of faults keeps what can be read.
//!
#![doc = include_str!("findings.md")]
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
