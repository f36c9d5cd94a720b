//! The HL7 v3 data types of CDA R2, read into the value types of [`ehr_types`].
//!
//! Each is a method of [`Element`](crate::Element) called `to_…`. A value that cannot be read gives a
//! finding and stays unread, so that it is part of the residual.

mod ad;
mod cd;
mod ed;
mod en;
mod ii;
mod ivl;
mod pq;
mod tel;
mod timing;
mod ts;
mod ucum;

pub use ed::EncapsulatedData;
pub use ivl::Interval;
pub use timing::{EventTiming, PeriodicTiming};
