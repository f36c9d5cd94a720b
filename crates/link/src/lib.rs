//! Which records are the same person: blocking, comparison, scoring, clustering, explanation.
//!
//! Records in, persons out, and why:
//!
//! ```
//! use ehr_link::{Config, Field, Record, Verdicts, link};
//!
//! let record = |id: &str, given: &str, family: &str, birth: &str, phone: &str| {
//!     let mut record = Record::new(id);
//!     record.set(Field::Given, given);
//!     record.set(Field::Family, family);
//!     record.set(Field::BirthDate, birth);
//!     record.set(Field::Phone, phone);
//!     record
//! };
//! let records = [
//!     record("clinic/1", "Robert", "Okafor", "1980-05-17", "(503) 284-8871"),
//!     record("lab/9", "Bob", "OKAFOR", "05/17/1980", "5032848871"),
//!     record("lab/10", "Ngozi", "Okafor", "2009-11-30", "5032848871"),
//! ];
//! let linkage = link(&records, &Config::default(), &Verdicts::default());
//!
//! let members: Vec<&[usize]> = linkage.persons.iter().map(|person| &person.members[..]).collect();
//! assert_eq!(members, [&[0, 1][..], &[2]]);
//! // A table with a line for each field: level of agreement, weight, rarity; without values.
//! let explanation = linkage.explain(0, 1).expect("both are there");
//! assert!(explanation.to_string().contains("nickname or alias"));
//! assert!(explanation.probability > 0.99);
//! ```
//!
//! [`link`] takes the registrations of several sources as [`Record`]s and gives [`Person`]s, the
//! [`ScoredPair`]s behind them with a calibrated probability and a [`Decision`] each, those for a reviewer
//! ([`Linkage::review_queue`]), and an [`Explanation`] of any pair, field by field. Nothing needs labels or tuning:
//! [`Config::default`] serves two records and a million. Reviewers' [`Verdicts`] stand above everything else.
//!
//! - For a file too large to hold as [`Record`]s, push them one by one into a [`Population`] and
//!   call [`Population::link`].
//! - For records that come one at a time, go on with a [`Linker`]. It is written and read with serde and goes on as if
//!   it had never stopped: persons keep their ids, and [`PersonEvent`]s tell of merges and splits.
//! - To judge other records by what was learnt, keep the [`Model`].
//! - For one pair without a population, use a [`Comparator`].
//! - Nothing shows a value of a record, neither an [`Explanation`] nor any `Debug`, except to those who ask for
//!   an [`ExplanationWithValues`] by name.
//! - For a table, [`Field::from_header`] and [`Record::set`] read columns by their usual names.
//!
//! The result is the same whatever the order of the records and the number of threads. A million
//! registrations of fourteen fields take 430 bytes of memory each at the peak of a batch, and 500 in a
//! [`Linker`].
//!
//! # How it decides
//!
//! Values are normalised once. A union of blocking keys finds the pairs worth comparing. Each pair
//! gets a level of agreement per field; a model with classes of pairs (same person, other people
//! of one household, strangers of several kinds) is learnt from these levels without labels, held by built-in
//! parameters where the data are few, and by a count of how often any two records agree by chance.
//! [`Verdicts`] at hand are pairs whose answer is known, and teach about those like them. Rare shared
//! names weigh more than common ones. The score is the sum of the fields' weights in bits. Links whose expected share of errors stays below
//! [`Config::false_link_rate`] are made; those above [`Config::review_floor`] go to review. Persons
//! grow from the strongest links, and a link joins two groups only if the records on both sides
//! agree on the whole, so chains of relatives do not form.

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

mod accord;
mod batch;
mod blocking;
mod cluster;
mod comparison;
mod config;
mod estimate;
mod explain;
mod fields;
mod frequency;
mod index;
mod intern;
mod judge;
mod known;
mod learned;
mod linkage;
mod linker;
mod links;
mod model;
mod namesakes;
mod normalize;
mod pair;
mod person_id;
mod persons;
mod policy;
mod population;
mod record;
mod review;
mod rule;
mod score;
mod snapshot;
mod values;
mod verdict;
mod version;

pub use comparison::{Comparison, Pattern};
pub use config::{Config, Learning};
pub use explain::{Explanation, Term};
pub use fields::Field;
pub use learned::Model;
pub use linkage::{Linkage, Person, ScoredPair, Summary, link};
pub use linker::{Insertion, Linker};
pub use model::Parameters;
pub use pair::Comparator;
pub use persons::PersonEvent;
pub use population::Population;
pub use record::{Address, Identifier, IdentifierKind, NameUse, PersonName, Record, Sex};
pub use rule::Rule;
pub use score::Decision;
pub use values::{ComparedValues, ExplanationWithValues};
pub use verdict::{Verdict, Verdicts};
