//! HL7 v2 messages: read whatever is really sent, keep every byte, and say where it hurts.
//!
//! A [`Message`] is the bytes as they came plus one index of every separator. [`Segment`],
//! [`Field`], [`Repetition`], [`Component`] and [`Subcomponent`] are `Copy` views into it; text is
//! decoded (by MSH-18) and unescaped only when asked for. Parsing fails only when there is no MSH,
//! FHS or BHS at all; all else is reported by [`Message::findings`].
//!
//! ```
//! use ehr_hl7v2::{path, Message, Value};
//!
//! let bytes = b"MSH|^~\\&|LAB|ACME|EHR|CLINIC|20240102||ORU^R01^ORU_R01|42|P|2.5.1\r\
//!               PID|1||7^^^ACME^MR~8^^^STATE^SS||Doe^Jane\r\
//!               OBX|1|ST|A||Marks \\T\\ Co\r\
//!               OBX|2|ST|B||\"\"\r";
//! let message = Message::parse(bytes)?;
//!
//! // By path, as text or checked at compile time.
//! assert_eq!(message.get("PID-3[2].4")?.text(), Some("STATE"));
//! assert_eq!(message.at(&path!("OBX[2]-5")), Value::Null);
//!
//! // By walking down. Numbers count from 1; what is not there is an absent view, not an error.
//! let pid = message.first("PID").ok_or("no PID")?;
//! for id in pid.field(3).repetitions() {
//!     println!("{} has {} components", id.path(), id.components().count());
//! }
//! assert!(pid.field(99).component(4).is_absent());
//!
//! // Each view says where it is, and an offset leads back.
//! let note = message.all("OBX").next().ok_or("no OBX")?.field(5);
//! assert_eq!(note.text(), "Marks & Co");
//! assert_eq!(note.location().to_owned().path, "OBX-5");
//! assert_eq!(message.at_offset(note.span().start).map(|path| path.to_string()), Some("OBX-5[1].1.1".into()));
//!
//! // The bytes are never changed.
//! assert_eq!(message.as_bytes(), bytes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Four kinds of nothing
//!
//! [`Value`] tells apart what a place holds: [`Value::Absent`] (the segment ended before it),
//! [`Value::Empty`] (written, but nothing in it), [`Value::Null`] (`""`: delete what you have) and
//! [`Value::Text`].
//!
//! # Line ends
//!
//! Segments end with CR. In a message without any CR they end with LF; with CR LF the LF belongs to
//! the end. In a message that has CRs, a lone LF ends a segment only when a segment name, a blank
//! line or the end follows, else it is part of the value (notes do contain line feeds). Leading
//! byte order marks, MLLP start bytes and blank lines are passed over, and kept.
//!
//! # What is here
//!
//! | need | where |
//! |---|---|
//! | read a message, walk it, ask by path, go from an offset back to a path | [`Message`], [`Path`], [`path!`] |
//! | data types with their meaning (CX, XPN, CWE, DTM …), OBX-5 by OBX-2 | [`datatype`] |
//! | each segment with its fields by name and data type, over all versions | [`segments`] |
//! | which segments belong together | [`Message::structure`], [`Group`] |
//! | definitions of versions 2.1 to 2.8.2 | [`definitions`] |
//! | what is wrong, and where | [`Message::findings`], [`Message::validate`] |
//! | change or make a message | [`Message::edit`], [`Builder`] |
//! | files, batches, several messages in one source or stream | [`parts`], [`messages`], [`PartReader`], [`check_batch`] |
//! | frames on a connection | [`mllp`] |
//! | answers that say what hurts | [`acknowledge`], [`AckCode`] |
//! | character sets and escape sequences | [`Charset`], [`Utf16`], [`pieces`], [`unescape`], [`escape()`] |
//! | what one sender and one receiver agreed on beyond the standard | [`profile`] |
//! | charts of the clinical model (feature `convert`) | `import` |
//!
//! Messages in the XML encoding (`v2.xml`) are not read, no connection is opened, and no code is looked up beyond the tables of
//! the standard.
//!
//! # Features
//!
//! None is on by default. `convert`: the mapping to the clinical model; `mllp-blocking`, `mllp-tokio`: connections over streams of
//! `std::io` or tokio; `profile`: conformance profiles read from JSON and from HL7's XML form.
//!
//! # How it is fast
//!
//! One pass marks every separator in a bit map of two bits a byte, 64 bytes at a time, and lists the
//! segments; that is all that reading allocates. Finding a field counts bits. Nothing is decoded,
//! copied or compared before it is asked for, and reading 64 MB of separators takes no longer than
//! 64 MB of text.

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

mod ack;
mod batch;
mod charset;
#[cfg(feature = "convert")]
pub mod convert;
pub mod datatype;
pub mod definitions;
mod delimiters;
mod edit;
mod envelope;
mod error;
mod escape;
mod hex;
mod index;
mod inspect;
mod message;
pub mod mllp;
mod path;
pub mod profile;
mod scan;
mod segment;
mod segment_id;
pub mod segments;
mod structure;
mod utf16;
mod validate;
mod value;
mod view;

pub use ack::{Ack, AckCode, acknowledge, application_wanted, commit_wanted};
pub use batch::{Part, PartKind, PartReader, Parts, StreamPart, check_batch, messages, parts};
pub use charset::Charset;
#[cfg(feature = "convert")]
pub use convert::import;
pub use delimiters::Delimiters;
pub use edit::{Builder, Edit, EditError};
pub use error::{ParseError, PathError};
pub use escape::{Piece, Pieces, escape, pieces, unescape};
pub use hex::HexReading;
pub use message::{Message, ParseOptions};
pub use path::Path;
pub use segment::{Segment, Segments};
pub use segment_id::SegmentId;
pub use structure::{Group, Structure};
pub use utf16::{Utf16, utf16_to_utf8};
pub use validate::ValidateOptions;
pub use value::Value;
pub use view::{Component, Field, Node, Repetition, Subcomponent};
