//! The resources and data types of FHIR R4 (4.0.1), generated from its definitions.
//!
//! See the [crate] for the rules by which they are shaped.

mod code;
mod external_code;
#[allow(clippy::all, clippy::pedantic, clippy::indexing_slicing)] // one match arm an element, of constant tables
#[rustfmt::skip]
mod generated;
mod invariants;
mod traits;
mod unknown;

pub(crate) use code::Codes;
pub(crate) use external_code::{fault_of_external_code, is_currency, is_media_type};
pub use generated::*;
pub(crate) use generated::{RESOURCE_NAMES, table};
pub(crate) use invariants::{Entries, may_name};
pub use unknown::UnknownResource;

/// What the generated files use.
mod prelude {
    pub(super) use ehr_types::{Date, DateTime, Decimal, Time};

    pub(super) use super::traits::{choice_traits, element_traits, resource_traits};
    pub(super) use super::unknown::UnknownResource;
    pub(super) use crate::element::{
        About, AsPrimitive, Boxed, Choice, ChoiceValue, Empty, Field, Kind, MANY, MODIFIER, Many, Node,
        PartsMut, Place, REQUIRED, ResourceParts, Rule, SUMMARY, Seen, Str, Test, Type, Walk,
    };
    pub(super) use crate::extra::Extra;
    pub(super) use crate::json::{Decoder, FromJson};
    pub(super) use crate::scope::Scope;
}
