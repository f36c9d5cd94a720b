//! Charts of one person into one record: reconciliation, conflicts, provenance.
//!
//! ```
//! use ehr_link::{Config, Verdicts};
//! use ehr_merge::{Policy, identify};
//! # use ehr_model::{Chart, Condition, Entry, EntryId, Occurrence, Origin, Patient, Record, RecordClass, Source};
//! # use ehr_types::{CodeableConcept, Date, DateTime, HumanName, Identifier};
//! # fn chart(source: &str, onset: &str, severity: Option<&str>) -> Chart {
//! #     let patient = Patient {
//! #         identifier: vec![Identifier::new("http://hl7.org/fhir/sid/us-ssn", "219-09-9998")],
//! #         name: vec![HumanName { family: Some("Vance".into()), given: vec!["Eleanor".into()], ..HumanName::default() }],
//! #         birth_date: Date::parse("1958-03-14").ok(),
//! #         ..Patient::default()
//! #     };
//! #     let asthma = Condition {
//! #         code: Some(CodeableConcept::from_text("Asthma")),
//! #         onset: DateTime::parse_any(onset).ok().map(Occurrence::DateTime),
//! #         severity: severity.map(CodeableConcept::from_text),
//! #         ..Condition::default()
//! #     };
//! #     let mut chart = Chart::new(Source::new(source));
//! #     for record in [Record::from(patient), asthma.into()] {
//! #         let id = EntryId::derive(record.class(), &[source]);
//! #         let origin = Origin { source: source.into(), ..Origin::default() };
//! #         chart.entries.push(Entry::new(id, origin, record));
//! #     }
//! #     chart
//! # }
//!
//! // What each source holds of a patient. The importers of `ehr-fhir`, `ehr-hl7v2` and `ehr-ccda` make charts of their formats.
//! let charts = [
//!     chart("clinic", "1996", None), // Eleanor Vance, who has asthma since 1996
//!     chart("hospital", "2015", Some("severe")),
//! ];
//!
//! // Which charts are of one person, and which pairs a reviewer should look at. Then one record for each person.
//! let found = identify(&charts, &Config::default(), &Verdicts::default());
//! let records = found.records(&charts, &Policy::default());
//! assert_eq!((records.len(), found.review.len()), (1, 0));
//!
//! // One problem of which two sources tell, and what they disagree on. Nothing is decided in silence.
//! let asthma = records[0].of_class(RecordClass::Condition).next().unwrap();
//! let conflict = &asthma.conflicts[0];
//! let sides: Vec<_> = conflict.values.iter().map(|side| (&*side.members[0].source, &*side.value)).collect();
//! assert_eq!(conflict.field, "onset[x]");
//! assert_eq!(sides, [("hospital", "2015"), ("clinic", "1996")]);
//!
//! // Where a value came from.
//! let values = &records[0].attributions()[&asthma.id];
//! let severity = values.iter().find(|value| value.path == "severity").unwrap();
//! assert_eq!(asthma.members[severity.members[0]].source, "hospital");
//! ```
//!
//! * [`identify`] finds out which charts are of one person, and which pairs a reviewer should look at.
//! * [`merge`] makes one [`HealthRecord`](ehr_model::HealthRecord) of the charts of one person: every entry becomes a member
//!   of exactly one item, the items show what the sources agree on, and every disagreement is a
//!   [`Conflict`](ehr_model::Conflict) with all its sides.
//!
//! Both are pure functions: the order of the charts does not matter, merging again changes nothing, and a wrong link is
//! undone by a verdict ([`ehr_link::Verdicts`]) and merging again. Charts are never changed.
//!
//! # When two entries are one fact
//!
//! | class | one item when | kept apart |
//! |---|---|---|
//! | allergy | one substance; any date | "none known" and "not asked" from allergies and from each other; a substance from its class |
//! | problem | one concept; dates that differ are a conflict | an episode that was over for [`Policy::recurrence_days`] when the next began; a fracture, a pregnancy or what else passes by itself that began so long after another; sites that differ; what one source lists twice |
//! | medication taken | one product; dates and dose that differ are a conflict | courses that one source lists apart; a course that was over for [`Policy::recurrence_days`] when the next began |
//! | order, dispense | one product on one day | other days, other order numbers |
//! | vaccination | one vaccine within three days | other doses; refused on one day and given on another |
//! | result, vital sign | one analyte, one time, one value after conversion and rounding, of one panel before another; a corrected result joins the one it corrects | other times, other values |
//! | encounter | one visit number, or one type at one time | other types, classes, times |
//! | procedure | one code on one day or the days beside it | sites that differ; not done on one day and done on another; dialysis and what else is done daily on another day |
//! | report, order | one number, or one code at one time | |
//! | document | one identifier of the version, or one content | versions |
//! | practitioner, organization, place | one NPI or other identifier, else one name | NPIs or addresses that differ |
//!
//! A source never states one fact twice without a sign of it: entries of one source join only where an identifier, a
//! correction or their equality says so.
//!
//! What has no date of its own is of its visit: what was done at two visits was done twice.
//!
//! Left is not right, whatever the codes; a date that is known by the month or year alone joins the only entry that it fits.
//!
//! # What counts
//!
//! What a source entered in error stays a member of its item and is heard on its status alone: it lends nothing to what others
//! say, and does not strike it. A source that takes its own result back, or gives it a new version, is taken at its last word;
//! the files of one system of one organization are one sender. What only documents say that others replace is in dispute, and so
//! is one ingredient that two sources each order, or each list as taken, on their own.
//! What comes with a status (a reason, an end; of a vaccine, the lot) is shown with that status only. "None known" stands against what
//! it names: of latex against latex alone, whoever says it in codes or in words. Doses agree when they are equal; measured
//! values also when one is the other rounded, by at most a twentieth, or when one is the mass and the other the moles of a substance that
//! LOINC names. Values in units that nothing leads between differ in their unit, not in their result.
//!
//! One code by two names that have nothing to do with each other is in dispute, unless they are known synonyms. What the document says
//! that replaces another is shown rather than what that one says.
//!
//! Which member says which value: [`HealthRecord::attributions`](ehr_model::HealthRecord::attributions).
//!
//! Concepts are the same by a shared code, by translations that any source gives anywhere in the record, by a terminology
//! of the caller ([`Equivalence`]), or by their words where no code system is shared. Two codes of one system are two
//! concepts.
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

mod analyte;
mod cluster;
mod concept;
mod context;
mod describe;
mod desk;
mod equivalence;
mod measure;
mod merge;
mod moment;
mod person;
mod policy;
mod product;
mod project;
mod reconcile;
mod refers;
mod registration;
mod stated;
mod unit;
mod version;
mod who;
mod wording;

pub use describe::describe;
pub use equivalence::{ConceptMap, Equivalence, Relation};
pub use merge::merge;
pub use person::{Evidence, Identification, Person, ReviewPair, chart_key, identify};
pub use policy::{Policy, Recurrence};
