//! The mapping between FHIR R4 and the clinical model, both ways.
//!
//! [`import`] makes charts of what a FHIR source sends, [`export_chart`] and [`export`] make Bundles of charts and of
//! merged records.
//!
//! * **Nothing is lost.** An entry keeps its resource as received and lists as residual each member that the exporter would
//!   not give back: the structural difference between the original and what the record says. An unchanged entry exports as
//!   its original, a changed one as the original with the differences.
//! * **Nothing is invented.** A required element that is missing has the extension data-absent-reason; a code outside of its
//!   value set, a time without a zone, a value that breaks a rule of FHIR stand in extensions of [`extension`].
mod care;
mod carry_over;
mod chart_index;
mod choice;
mod condition;
mod contained;
mod coverage;
mod datatype;
mod device;
mod difference;
mod document;
mod dosage;
mod encounter;
mod export;
pub mod extension;
mod family_history;
mod health_record;
mod immunization;
mod import;
mod index;
mod json;
mod labels;
mod leaves;
mod map;
mod mapping;
mod medication;
mod member;
mod narrative;
mod none_known;
mod note;
mod observation;
mod patient;
mod practitioner;
mod primitive;
mod procedure;
mod provenance;
mod received;
mod record;
mod reference;
mod release;
mod repair;
mod scanner;
mod status;
mod text;
mod time;
mod version;

pub use export::{export_chart, export_entry, from_fhir, to_fhir};
pub use health_record::export;
pub use import::{import, import_resource};
