//! The JSON form of FHIR: <https://hl7.org/fhir/R4/json.html>.

mod decode;
mod encode;
mod format;
mod intern;
mod lex;

pub use decode::Decoder;
pub(crate) use decode::FromJson;
pub(crate) use encode::Encoder;
