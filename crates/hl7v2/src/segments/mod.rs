//! A view of each segment, with its fields by name.
//!
//! A view is the union of all versions from 2.1 to 2.8.2: each method says in which versions the
//! field is defined and what data type it has there, and reads the field whatever the version of the
//! message, since senders mix them. Views are `Copy` and cost nothing.
//!
//! ```
//! use ehr_hl7v2::{Message, segments::{Obx, Pid}};
//!
//! let message = Message::parse(
//!     b"MSH|^~\\&|LAB|ACME|||20240102||ORU^R01^ORU_R01|42|P|2.5.1\r\
//!       PID|1||7^^^ACME^MR||Doe^Jane~Roe^Jane\r\
//!       OBR|1|||4548-4^HbA1c^LN\r\
//!       OBX|1|NM|4548-4^HbA1c^LN||6.1|%\r",
//! )?;
//! let pid = Pid::first(&message).ok_or("no PID")?;
//! let names: Vec<_> = pid.patient_name().repetitions().map(|name| name.component(1).text()).collect();
//! assert_eq!(names, ["Doe", "Roe"]);
//! for obx in Obx::all(&message) {
//!     assert_eq!(obx.observation_value().text(), "6.1");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod generated;
mod view;

pub use generated::*;
