//! Take what several EMRs hold, work out which records are the same person, and make one record per person.
//!
//! ```
//! use ehr::link::{Config, Verdicts};
//! use ehr::merge::{Policy, describe, identify};
//! use ehr::model::{ImportOptions, RecordClass, Source};
//!
//! let clinic = br#"{"resourceType":"Bundle","type":"collection","entry":[
//!     {"resource":{"resourceType":"Patient","id":"7","name":[{"family":"Vance","given":["Eleanor"]}],"gender":"female",
//!         "birthDate":"1958-03-14","identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"219-09-9998"}]}},
//!     {"resource":{"resourceType":"Observation","id":"1","status":"final","subject":{"reference":"Patient/7"},
//!         "code":{"coding":[{"system":"http://loinc.org","code":"6301-6","display":"INR"}]},
//!         "effectiveDateTime":"2026-09-14","valueQuantity":{"value":2.4,"unit":"{INR}"}}}]}"#;
//! let lab = b"MSH|^~\\&|LIS|DELTALAB|||20260914120000-0400||ORU^R01^ORU_R01|1|P|2.5.1\r\
//!     PID|1||88^^^DELTALAB^MR~219-09-9998^^^SSA^SS||Vance^Eleanor||19580314|F\r\
//!     OBR|1|||6301-6^INR^LN|||20260914\r\
//!     OBX|1|NM|6301-6^INR^LN||2.4|{INR}|||||F|||20260914\r";
//!
//! // 1. Import: one chart a patient of each source. What was noticed is in `findings`, located.
//! let mut charts = Vec::new();
//! for (name, bytes) in [("clinic", clinic.as_slice()), ("lab", lab)] {
//!     charts.extend(ehr::import(bytes, &ImportOptions::new(Source::new(name)))?.charts);
//! }
//! // 2. Identify: who is who, and which pairs a reviewer should look at.
//! let found = identify(&charts, &Config::default(), &Verdicts::default());
//! assert_eq!((found.persons.len(), found.review.len()), (1, 0));
//! // 3. Merge: one record per person. The charts stay inside, untouched.
//! let records = found.records(&charts, &Policy::default());
//! let inr: Vec<_> = records[0].of_class(RecordClass::Observation).collect();
//! assert_eq!((inr.len(), inr[0].members.len()), (1, 2), "one result, known to both");
//! assert_eq!(describe(&inr[0].record), "2.4 INR");
//! // 4. Export, as FHIR R4 with provenance.
//! let bundle = ehr::fhir::export(&records[0]);
//! let json = ehr::fhir::to_json_pretty(&bundle);
//! # assert!(json.starts_with(b"{"));
//! # Ok::<(), ehr::model::ImportError>(())
//! ```
//!
//! # What is where
//!
//! The workspace's crates are here as modules, each behind a feature of its name; all are on by default. What needs several of
//! them is here itself.
//!
//! | to | start at |
//! |---|---|
//! | read any input | [`import`]; [`detect`] says what it is |
//! | validate and round-trip it | [`mod@check`] |
//! | know how much of US Core an input has | [`us_core_coverage`] |
//! | write charts as FHIR without merging them | [`export_charts`] |
//! | read, change and write FHIR JSON as it is | [`fhir::parse`], [`fhir::to_json_pretty`] |
//! | read, change and write an HL7 v2 message as it is | [`hl7v2::Message`], [`hl7v2::segments`] |
//! | take and answer messages over MLLP | [`hl7v2::mllp`], [`hl7v2::acknowledge`] |
//! | find the same people in a table | [`link::link`], [`link::Field::from_header`] |
//! | list what sources disagree on | [`MergedItem::conflicts`](model::MergedItem) of [`merge::merge`] |
//! | read terminologies for the merge | [`import_concept_map`] |
//! | find entries of which nobody can tell whose they are | [`unresolved_subjects`] |
//! | know that a server did not send all | the findings [`NEXT_PAGE`] and [`NOT_ALL_SENT`] of [`import`], [`bundle_links`] |
//!
//! | module | crate | for |
//! |---|---|---|
//! | [`types`] | `ehr-types` | codings, partial dates, decimals, names, findings |
//! | [`model`] | `ehr-model` | charts, entries, records, the merged health record |
//! | [`fhir`] | `ehr-fhir` | FHIR R4 resources and JSON |
//! | [`hl7v2`] | `ehr-hl7v2` | HL7 v2 messages; over MLLP with the feature `mllp-blocking` or `mllp-tokio`, profiles from files with `hl7v2-profile` |
//! | [`ccda`] | `ehr-ccda` | C-CDA documents |
//! | [`link`] | `ehr-link` | which records are the same person |
//! | [`merge`] | `ehr-merge` | one record per person |
//!
//! # What goes wrong, and how it is told
//!
//! A fault in a source is a [`Finding`](types::Finding): a stable code, a severity, a place and a sentence, without any value of a
//! patient, so that it may be logged. The rest of the source is still read. An `Err` is for what cannot be read at all:
//! [`ImportError::Unreadable`](model::ImportError::Unreadable), or [`Refused`](model::ImportError::Refused) when the options ask for
//! [`Strictness::Strict`](types::Strictness::Strict). Identifying, merging and exporting cannot fail.
//!
//! Nothing here reads a file, a clock or the network, and the same inputs, in any order, give the same bytes.
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

pub mod check;
#[cfg(all(feature = "fhir", feature = "merge"))]
mod concept_map;
#[cfg(feature = "fhir")]
mod coverage;
mod detect;
#[cfg(feature = "fhir")]
mod export;
mod import;
#[cfg(feature = "fhir")]
mod json_content;
#[cfg(feature = "fhir")]
mod subject;
#[cfg(feature = "fhir")]
mod withheld;

#[cfg(feature = "ccda")]
pub use ehr_ccda as ccda;
#[cfg(feature = "fhir")]
pub use ehr_fhir as fhir;
#[cfg(feature = "hl7v2")]
pub use ehr_hl7v2 as hl7v2;
#[cfg(feature = "link")]
pub use ehr_link as link;
#[cfg(feature = "merge")]
pub use ehr_merge as merge;
pub use ehr_model as model;
pub use ehr_types as types;

#[cfg(all(feature = "fhir", feature = "merge"))]
pub use concept_map::{ConceptMapImport, concept_map_relation, import_concept_map};
#[cfg(feature = "fhir")]
pub use coverage::us_core_coverage;
pub use detect::{InputFormat, detect};
#[cfg(feature = "fhir")]
pub use export::export_charts;
pub use import::{import, import_as};
#[cfg(feature = "fhir")]
pub use subject::{UNRESOLVED_SUBJECT, unresolved_subjects, unresolved_subjects_beside};
#[cfg(feature = "fhir")]
pub use withheld::{NEXT_PAGE, NOT_ALL_SENT, bundle_links};

/// The README's program compiles.
#[cfg(all(
    doctest,
    feature = "fhir",
    feature = "hl7v2",
    feature = "ccda",
    feature = "merge"
))]
#[doc = include_str!("../../../README.md")]
struct Readme;
