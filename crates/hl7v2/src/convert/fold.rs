//! People, places, the patient and encounters grow together: what a later message says of one joins what is known.

use std::collections::{BTreeMap, HashMap, HashSet};

use ehr_model::{
    Device, Encounter, Entry, Location, Organization, Original, Patient, Practitioner, PractitionerRole,
    Record, RecordClass, Residual,
};
use ehr_types::{SourceLocation, TimeRelation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::distinct::Distinct;
use super::erasure::{Erasure, erase};

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

/// What a later message says of an entry.
pub(super) struct Later {
    pub(super) entry: Entry,
    /// What it takes back of what was said before.
    pub(super) erased: Vec<Erasure>,
}

/// Joins an entry with what later messages said of the same thing, in order. All at once: a list that grows with each message
/// would else be gone through as often as there are messages.
pub(super) fn fold_entries(known: &mut Entry, later: Vec<Later>) {
    let mut originals = Originals::default();
    originals.extend(known.original.take());
    let mut authors = Distinct::new(std::mem::take(&mut known.origin.authors));
    let mut labels = Distinct::new(std::mem::take(&mut known.labels));
    let mut records = vec![known.record.clone()];
    let mut erased: Vec<Vec<Erasure>> = vec![Vec::new()];
    for Later { entry, erased: takes } in later {
        let recorded = &mut known.origin.recorded;
        *recorded = match (*recorded, entry.origin.recorded) {
            (Some(old), Some(new)) if new.relation(&old) != TimeRelation::After => Some(old),
            (old, new) => new.or(old),
        };
        originals.extend(entry.original);
        authors.extend(entry.origin.authors);
        labels.extend(entry.labels);
        if records.last() != Some(&entry.record) {
            records.push(entry.record);
            erased.push(takes);
        } else if let Some(last) = erased.last_mut() {
            last.extend(takes);
        }
    }
    known.original = originals.joined;
    known.origin.authors = authors.into_vec();
    known.labels = labels.into_vec();
    let mut superseded = Vec::new();
    let folded = match known.class() {
        _ if records.len() < 2 => None,
        RecordClass::Patient => fold(&records, Patient::from_record, &erased, &mut superseded),
        RecordClass::Practitioner => fold(&records, Practitioner::from_record, &erased, &mut superseded),
        RecordClass::PractitionerRole => {
            fold(&records, PractitionerRole::from_record, &erased, &mut superseded)
        }
        RecordClass::Organization => fold(&records, Organization::from_record, &erased, &mut superseded),
        RecordClass::Location => fold(&records, Location::from_record, &erased, &mut superseded),
        RecordClass::Device => fold(&records, Device::from_record, &erased, &mut superseded),
        RecordClass::Encounter => fold(&records, Encounter::from_record, &erased, &mut superseded),
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
}

/// The texts of several sources of one entry, each once.
#[derive(Default)]
struct Originals {
    joined: Option<Original>,
    lines: HashSet<String>,
}

impl Originals {
    fn extend(&mut self, original: Option<Original>) {
        let Some(original) = original else { return };
        let mut is_new = false;
        for line in original.content.split_inclusive('\r') {
            is_new |= self.lines.insert(line.to_owned());
        }
        match &mut self.joined {
            Some(kept) if is_new => kept.content = format!("{}{}", kept.content, original.content).into(),
            Some(_) => {}
            none => *none = Some(original),
        }
    }
}

/// Joins what several messages say of one thing. What a later one replaces goes to `superseded`: member and JSON.
fn fold<'r, T>(
    records: &'r [Record],
    of: fn(&'r Record) -> Option<&'r T>,
    erased: &[Vec<Erasure>],
    superseded: &mut Vec<(String, String)>,
) -> Option<Record>
where
    T: Serialize + DeserializeOwned + Into<Record>,
{
    let mut objects = Vec::with_capacity(records.len());
    for record in records {
        let Value::Object(object) = serde_json::to_value(of(record)?).ok()? else {
            return None;
        };
        objects.push(object);
    }
    erase(&mut objects, erased, superseded);
    let joined = join(objects, "", superseded);
    serde_json::from_value::<T>(Value::Object(joined))
        .ok()
        .map(Into::into)
}

/// The members of objects, of which the later ones have the last word.
fn join(
    objects: Vec<Map<String, Value>>,
    at: &str,
    superseded: &mut Vec<(String, String)>,
) -> Map<String, Value> {
    let mut joined = Map::new();
    let mut lists: BTreeMap<String, Vec<Vec<Value>>> = BTreeMap::new();
    let mut nested: BTreeMap<String, Vec<Map<String, Value>>> = BTreeMap::new();
    for (member, value) in objects.into_iter().flatten() {
        match value {
            Value::Array(items) => lists.entry(member).or_default().push(items),
            Value::Object(object) if matches!(member.as_str(), "hospitalization" | "period") => {
                nested.entry(member).or_default().push(object);
            }
            value => {
                let Some(old) = joined.get_mut(&member) else {
                    joined.insert(member, value);
                    continue;
                };
                if *old == value || member == "status" && says_less(&value, old) {
                    continue;
                }
                let former = match std::mem::replace(old, value) {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                superseded.push((format!("{at}{member}"), former));
            }
        }
    }
    for (member, lists) in lists {
        if lists.iter().flatten().all(|item| item.get("location").is_some()) {
            joined.insert(member, Value::Array(places(lists)));
            continue;
        }
        // What the later message says comes first.
        let mut items = Distinct::default();
        items.extend(lists.into_iter().rev().flatten());
        joined.insert(member, Value::Array(items.into_vec()));
    }
    for (member, objects) in nested {
        let object = join(objects, &format!("{at}{member}."), superseded);
        joined.insert(member, Value::Object(object));
    }
    joined
}

/// The places of an encounter: what the later message says of a place counts, and where it says where the patient is now, an
/// earlier place is one where the patient was.
fn places(lists: Vec<Vec<Value>>) -> Vec<Value> {
    let is_active = |item: &Value| item.pointer("/status/code").and_then(Value::as_str) == Some("active");
    let mut places: Vec<(usize, Option<Value>)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut current: Vec<usize> = Vec::new();
    for (number, list) in lists.into_iter().enumerate() {
        if list.iter().any(is_active) {
            for position in current.drain(..) {
                let place = places.get_mut(position).and_then(|(_, place)| place.as_mut());
                if let Some(status) = place.and_then(|place| place.pointer_mut("/status/code")) {
                    *status = Value::from("completed");
                }
            }
        }
        for item in list {
            let name = item.get("location").map(Value::to_string).unwrap_or_default();
            let former = known.insert(name, places.len());
            if let Some((_, former)) = former
                .and_then(|former| places.get_mut(former))
                .filter(|(of, _)| *of < number)
            {
                *former = None;
            }
            if is_active(&item) {
                current.push(places.len());
            }
            places.push((number, Some(item)));
        }
    }
    places.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    places.into_iter().filter_map(|(_, place)| place).collect()
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
