//! The JSON form of FHIR: <https://hl7.org/fhir/R4/json.html>.

mod decode;
mod encode;
mod format;
mod intern;
mod lex;
mod out;
mod scan;
mod text;
mod xhtml;

// Named by sealed methods of public traits, so public, though no path leads here.
#[allow(unreachable_pub)]
pub use decode::Decoder;
pub(crate) use decode::{FromJson, with_nine_digits};
#[allow(unreachable_pub)]
pub use encode::Encoder;
pub(crate) use text::{decode_name, is_json, one_line, text_member};
