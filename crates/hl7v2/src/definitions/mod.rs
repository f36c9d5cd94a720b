//! What HL7 v2.1 to v2.8.2 define: segments and fields, data types and components, message
//! structures and groups, events and tables.
//!
//! ```
//! use ehr_hl7v2::definitions::Version;
//!
//! let version = Version::V2_5_1;
//! let name = version.segment("PID").and_then(|pid| pid.field(5)).expect("PID-5 is defined");
//! assert_eq!((name.name(), name.datatype()), ("patient_name", "XPN"));
//! assert!(name.is_required() && name.repeats());
//!
//! let structure = version.structure_of("ADT", "A04").expect("the event is defined");
//! assert_eq!(structure.name(), "ADT_A01");
//! ```
//!
//! The tables hold names, numbers, types and codes, taken from two independent packages that agree but
//! for a committed list of differences (`xtask/hl7v2/differences.txt`). They hold no prose of the
//! standard, no maximum lengths of v2.7 and later, and no codes of tables before v2.3.1.

mod element;
mod generated;
mod group;
mod names;
mod raw;
mod table;
mod version;

pub use element::{DatatypeDefinition, ElementDefinition, SegmentDefinition};
pub use group::{GroupDefinition, MemberDefinition, MemberKind};
pub use table::TableDefinition;
pub use version::{UnknownVersion, Version, VersionReading};

pub(crate) use names::NameIndex;
