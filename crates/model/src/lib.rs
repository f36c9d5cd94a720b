//! The format-neutral clinical record, with provenance on every entry.
//!
//! It is for reasoning about a patient (same fact or not, conflict, trend, summary) without caring which format a fact
//! came in; it is not another exchange format. Records use the words of FHIR R4; what a source says beyond them stays in
//! the entry's [`Original`] and is listed as [`Residual`].
//!
//! * [`Chart`]: what one [`Source`] holds about one patient, a list of [`Entry`]; made by the importers ([`Import`]).
//! * [`Entry`]: one [`Record`] with its [`EntryId`] and [`Origin`].
//! * [`HealthRecord`]: the charts of one person and the [`MergedItem`]s made from their entries.
//!
//! Everything serialises with serde; `Debug` prints shapes, never values.
//!
//! ```
//! use ehr_model::{Chart, Condition, Entry, EntryId, Origin, RecordClass, Source};
//! use ehr_types::CodeableConcept;
//!
//! let mut chart = Chart::new(Source::new("clinic-a"));
//! let asthma = Condition { code: Some(CodeableConcept::from_text("Asthma")), ..Condition::default() };
//! let id = EntryId::derive(RecordClass::Condition, &["clinic-a", "problem 17"]);
//! chart.entries.push(Entry::new(id, Origin { source: "clinic-a".into(), ..Origin::default() }, asthma.into()));
//! assert_eq!(chart.of_class(RecordClass::Condition).count(), 1);
//! ```
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

mod attribution;
mod chart;
mod class;
mod datatypes;
mod entry;
mod health_record;
mod identity;
mod none_known;
mod record;
mod shape;

pub use attribution::{Attribution, attribute};
pub use chart::{Chart, Import, ImportError, ImportOptions};
pub use class::RecordClass;
pub use datatypes::{
    Amount, Annotation, Attachment, Bounds, Dosage, Occurrence, Participant, Reference, ReferenceRange,
    SampledData, Status, Timing, Value,
};
pub use entry::{Entry, EntryId, Event, Format, Origin, Original, Residual, Source, digest};
pub use health_record::{Conflict, HealthRecord, Member, MergedItem, Side};
pub use identity::IdentityStatement;
pub use none_known::{Allergens, NoneKnown};
pub use record::*;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_hold_can_be_copied_compared_shown_and_moved_between_threads() {
        fn holds<T: Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static>() {}
        holds::<Chart>();
        holds::<Import>();
        holds::<ImportError>();
        holds::<HealthRecord>();
        holds::<Record>();
        holds::<Attribution>();
        holds::<IdentityStatement>();
    }

    #[test]
    fn a_value_is_made_of_what_it_is() {
        let onset = ehr_types::DateTime::parse("2004").unwrap();
        assert!(Occurrence::from(onset) == Occurrence::DateTime(onset));
        assert!(Value::from("words".to_owned()) == Value::String("words".to_owned()));
    }
}
