//! serde for every type: its JSON text goes through the reader and writer of this crate, so that serde formats that
//! carry JSON (`serde_json`, and with it web frameworks and databases) keep every digit and unknown member.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

use crate::parse::{Json, ParseOptions, parse, to_json_string};

pub(crate) fn serialize<T: Json, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(to_json_string(value))
        .map_err(ser::Error::custom)?
        .serialize(serializer)
}

pub(crate) fn deserialize<'de, T: Json, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let parsed = parse(raw.get().as_bytes(), &ParseOptions::default()).map_err(de::Error::custom)?;
    Ok(parsed.value)
}
