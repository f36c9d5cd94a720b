//! serde for every type: its JSON text goes through the reader and writer of this crate, so that serde formats that
//! carry JSON (`serde_json`, and with it web frameworks and databases) keep every digit and unknown member.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

use crate::parse::{Json, ParseError, ParseOptions, Parsed, parse, to_json_string};

// See "Pointers to functions" at `element::place`.
type Read<T> = fn(&[u8], &ParseOptions) -> Result<Parsed<T>, ParseError>;

pub(crate) fn serialize<T: Json, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let write: fn(&T) -> String = to_json_string;
    RawValue::from_string(write(value))
        .map_err(ser::Error::custom)?
        .serialize(serializer)
}

pub(crate) fn deserialize<'de, T: Json, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let read: Read<T> = parse;
    match read(raw.get().as_bytes(), &ParseOptions::default()) {
        Ok(parsed) => Ok(parsed.value),
        Err(error) => Err(de::Error::custom(error)),
    }
}
