//! People, places, the patient and encounters grow together: what a later message says of one joins what is known.

use ehr_model::{Entry, Patient, Record, RecordClass, Residual};
use ehr_types::SourceLocation;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::chart::add_original;
use super::distinct::add_all;

/// Whether records of the class are folded rather than kept version by version.
pub(super) fn is_folded(class: RecordClass) -> bool {
    matches!(
        class,
        RecordClass::Patient
            | RecordClass::Practitioner
            | RecordClass::PractitionerRole
            | RecordClass::Organization
            | RecordClass::Location
            | RecordClass::Device
            | RecordClass::Encounter
    )
}

pub(super) fn fold_entry(known: &mut Entry, new: Entry) {
    let mut superseded = Vec::new();
    let folded = match (&known.record, &new.record) {
        (Record::Patient(old), Record::Patient(new)) => fold::<Patient>(old, new, &mut superseded),
        (Record::Practitioner(old), Record::Practitioner(new)) => {
            fold::<ehr_model::Practitioner>(old, new, &mut superseded)
        }
        (Record::PractitionerRole(old), Record::PractitionerRole(new)) => {
            fold::<ehr_model::PractitionerRole>(old, new, &mut superseded)
        }
        (Record::Organization(old), Record::Organization(new)) => {
            fold::<ehr_model::Organization>(old, new, &mut superseded)
        }
        (Record::Location(old), Record::Location(new)) => {
            fold::<ehr_model::Location>(old, new, &mut superseded)
        }
        (Record::Device(old), Record::Device(new)) => fold::<ehr_model::Device>(old, new, &mut superseded),
        (Record::Encounter(old), Record::Encounter(new)) => {
            fold::<ehr_model::Encounter>(old, new, &mut superseded)
        }
        _ => None,
    };
    let Some(record) = folded else { return };
    let place = &known.origin.location;
    let residual = superseded.into_iter().map(|(member, content)| Residual {
        location: SourceLocation {
            path: format!("{}#{member}", place.path),
            ..place.clone()
        },
        content,
    });
    known.residual.extend(residual);
    known.record = record;
    add_original(known, new.original);
}

/// Joins what two messages say of one thing. What the later one replaces goes to `superseded`: member and JSON.
fn fold<T>(old: &T, new: &T, superseded: &mut Vec<(String, String)>) -> Option<Record>
where
    T: Serialize + DeserializeOwned + Into<Record>,
{
    let old = serde_json::to_value(old).ok()?;
    let new = serde_json::to_value(new).ok()?;
    let (Value::Object(mut joined), Value::Object(new)) = (old, new) else {
        return None;
    };
    join(&mut joined, new, "", superseded);
    serde_json::from_value::<T>(Value::Object(joined))
        .ok()
        .map(Into::into)
}

fn join(
    known: &mut Map<String, Value>,
    new: Map<String, Value>,
    at: &str,
    superseded: &mut Vec<(String, String)>,
) {
    for (member, value) in new {
        let Some(old) = known.get_mut(&member) else {
            known.insert(member, value);
            continue;
        };
        if *old == value {
            continue;
        }
        let path = format!("{at}{member}");
        match (old, value) {
            (Value::Array(items), Value::Array(more)) => {
                // What the later message says comes first.
                let former = std::mem::replace(items, more);
                add_all(items, former);
            }
            (Value::Object(old), Value::Object(new))
                if matches!(member.as_str(), "hospitalization" | "period") =>
            {
                join(old, new, &format!("{path}."), superseded);
            }
            (old, new) => {
                if member == "status" && says_less(&new, old) {
                    continue;
                }
                let former = std::mem::replace(old, new);
                let text = match former {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                superseded.push((path, text));
            }
        }
    }
}

/// Whether a status only follows from the class of the visit (table 0004), or says nothing, where the other does not.
fn says_less(new: &Value, old: &Value) -> bool {
    let weak = |status: &Value| {
        let system = status.pointer("/source/system").and_then(Value::as_str);
        let code = status.pointer("/code").and_then(Value::as_str);
        system == Some("http://terminology.hl7.org/CodeSystem/v2-0004")
            || code.is_none_or(|code| code == "unknown")
    };
    weak(new) && !weak(old)
}
