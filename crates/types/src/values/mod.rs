//! The values of records that are made of others.

mod absent;
mod code_system;
mod coding;
mod identifier;
mod period;
mod person;
mod quantity;
mod reveal;

pub use absent::{Absent, AbsentReason};
pub use code_system::CodeSystem;
pub use coding::{CodeableConcept, Coding};
pub use identifier::{Identifier, uri_of_root};
pub use period::Period;
pub use person::{Address, ContactPoint, HumanName};
pub use quantity::{Comparator, Quantity, Range, Ratio};
pub use reveal::{Reveal, Revealed, write_shape};
