//! What a Reference points to: <https://hl7.org/fhir/R4/references.html>, and inside a Bundle
//! <https://hl7.org/fhir/R4/bundle.html#references>.

mod each;
mod index;
mod search;
mod target;

pub use each::for_each_reference;
pub use index::{ReferenceIndex, Resolution};
pub use target::ReferenceTarget;
