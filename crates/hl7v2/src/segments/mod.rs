//! A view of each segment, with its fields by name.
//!
//! A view is the union of all versions from 2.1 to 2.8.2: each method says in which versions the
//! field is defined and what data type it has there, and reads the field whatever the version of the
//! message, since senders mix them. Views are `Copy` and cost nothing.
//!
//! | the field is | its method gives |
//! |---|---|
//! | of a type in [`datatype`](crate::datatype), in all versions | `Option` of it: `None` when nothing is written |
//! | such, and may repeat in some version | [`Values`](crate::datatype::Values), an iterator over all that is written |
//! | a text or code (ST, TX, FT, ID, IS), or of a type that changed its parts between versions | the [`Field`](crate::Field) |
//!
//! Null (`""`) is a value, whose parts are null. Whatever a method gives, the field as it is written is at
//! hand: by number with `field`, from a value with `node().field()`, from [`Values`](crate::datatype::Values)
//! with its `field`.
//!
//! ```
//! use ehr_hl7v2::{Message, Value, segments::{Obx, Pid}};
//!
//! let message = Message::parse(
//!     b"MSH|^~\\&|LAB|ACME|||20240102||ORU^R01^ORU_R01|42|P|2.5.1\r\
//!       PID|1||7^^^ACME^MR||Doe^Jane~Roe^Jane||19800202|F\r\
//!       OBR|1|||4548-4^HbA1c^LN\r\
//!       OBX|1|NM|4548-4^HbA1c^LN||6.1|%\r",
//! )?;
//! let pid = Pid::first(&message).ok_or("no PID")?;
//! let names: Vec<_> = pid.patient_name().map(|name| name.family_name().surname().into_text()).collect();
//! assert_eq!(names, [Some("Doe".into()), Some("Roe".into())]);
//! let birth = pid.date_time_of_birth().ok_or("no date of birth")?;
//! assert_eq!(birth.date_time().ok_or("null")??.to_string(), "19800202");
//! let sex = pid.administrative_sex().ok_or("no sex")?;
//! assert_eq!(sex.identifier(), Value::Text("F".into()));
//! for obx in Obx::all(&message) {
//!     let code = obx.observation_identifier().ok_or("no code")?;
//!     assert_eq!(code.identifier(), Value::Text("4548-4".into()));
//!     assert_eq!(obx.observation_value().text(), "6.1");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod generated;
mod view;

pub use generated::*;
