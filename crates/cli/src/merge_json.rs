//! `merge.json`: what a merge came to, for programs.

use std::collections::BTreeMap;

use ehr::merge::{Identification, chart_key};
use ehr::model::{Attribution, Chart, Entry, HealthRecord, Member, MergedItem, Record, Residual};
use ehr::types::CodeableConcept;
use serde_json::{Map, Value, json};

use crate::merge::{Heard, SEVERITIES, count_of, has_patient};
use crate::output::finding_json;
use crate::report;

/// By source, what was noticed: counted and one by one.
pub(crate) fn heard_json(heard: &BTreeMap<String, Heard>) -> Value {
    let of = |told: &Heard| {
        json!({
            "read": told.read,
            "in_part": told.partial,
            "counts": SEVERITIES.map(|severity| (severity.to_string(), count_of(&told.findings, severity)))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            "findings": told.findings.iter().map(finding_json).collect::<Vec<_>>(),
        })
    };
    heard
        .iter()
        .map(|(name, told)| (name.clone(), of(told)))
        .collect()
}

/// By source, each part that was not understood: where it stands, of which entry it is, and what it says.
pub(crate) fn not_understood(charts: &[Chart]) -> Value {
    let mut by_source: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for chart in charts {
        let own = by_source.entry(&chart.source.id).or_default();
        let part = |residual: &Residual, entry: Option<&Entry>| {
            json!({
                "path": residual.location.path,
                "line": residual.location.line,
                "entry": entry.map(Entry::source_key),
                "text": residual.content,
            })
        };
        own.extend(chart.residual.iter().map(|residual| part(residual, None)));
        for entry in &chart.entries {
            own.extend(entry.residual.iter().map(|residual| part(residual, Some(entry))));
        }
    }
    json!(by_source)
}

/// A chart and its patient: the source's names for them, and the id by which verdicts name them.
fn patient_json(chart: &Chart) -> Value {
    json!({
        "source": chart.source.id,
        "patient": chart.patient_entry().map(|entry| entry.source_key()),
        "id": chart_key(chart),
    })
}

/// The pairs of charts for review, in a fixed order.
pub(crate) fn review_json(identification: &Identification, charts: &[Chart]) -> Vec<Value> {
    let patient = |index: usize| charts.get(index).map_or(Value::Null, patient_json);
    let mut pairs: Vec<Value> = identification
        .review
        .iter()
        .map(|pair| {
            json!({
                "a": patient(pair.a),
                "b": patient(pair.b),
                "probability": (pair.probability * 1e6).round() / 1e6,
                "evidence": pair.evidence,
                "rule": pair.rule,
            })
        })
        .collect();
    pairs.sort_by_key(ToString::to_string);
    pairs
}

/// A person's charts and items.
pub(crate) fn person_json(record: &HealthRecord) -> Value {
    let attributions = record.attributions();
    let item = |item: &MergedItem| {
        let values = attributions.get(&item.id).map(Vec::as_slice).unwrap_or_default();
        item_json(item, values)
    };
    json!({
        "id": record.person,
        "has_patient": has_patient(record),
        "members": record.charts.iter().map(patient_json).collect::<Vec<_>>(),
        "items": record.items.iter().map(item).collect::<Vec<_>>(),
    })
}

/// The FHIR resource type of an item.
fn class_name(item: &MergedItem) -> &str {
    match &item.record {
        Record::Other(other) => &other.resource_type,
        record => record.class().as_str(),
    }
}

fn item_json(item: &MergedItem, values: &[Attribution]) -> Value {
    json!({
        "class": class_name(item),
        "code": item.record.concept().map(code_json),
        "status": report::status(&item.record),
        "members": item_members_json(item, values),
        "conflicts": item.conflicts.iter().map(|conflict| json!({
            "field": conflict.field,
            "values": conflict.values.iter().map(|side| json!({
                "value": side.value,
                "members": members_json(&side.members),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

/// The first coding of the concept, with the words that the source shows for it.
fn code_json(concept: &CodeableConcept) -> Value {
    let coding = concept.codings.first();
    let mut code = Map::new();
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            code.insert(name.to_owned(), value.into());
        }
    };
    put("system", coding.and_then(|coding| coding.system.as_deref()));
    put("code", coding.and_then(|coding| coding.code.as_deref()));
    put(
        "display",
        coding
            .and_then(|coding| coding.display.as_deref())
            .or_else(|| concept.label()),
    );
    Value::Object(code)
}

/// Characters of a value that is given here; the Bundle holds longer ones.
const LONGEST: usize = 200;

/// The members of an item; each with the paths of the values that it says and not all others do, and by path with what it says
/// where the item shows something else.
fn item_members_json(item: &MergedItem, values: &[Attribution]) -> Vec<Value> {
    let mut members = members_json(&item.members);
    for (at, member) in members.iter_mut().enumerate() {
        let of_some = values
            .iter()
            .filter(|value| value.members.len() < item.members.len());
        let says: Vec<&str> = of_some
            .filter(|value| value.members.contains(&at))
            .map(|value| value.path.as_str())
            .collect();
        let otherwise: Map<String, Value> = values
            .iter()
            .flat_map(|value| {
                value
                    .otherwise
                    .iter()
                    .map(move |(member, said)| (&value.path, member, said))
            })
            .filter(|(_, member, _)| **member == at)
            .map(|(path, _, said)| {
                let is_short = said.to_string().chars().count() <= LONGEST;
                (path.clone(), if is_short { said.clone() } else { Value::Null })
            })
            .collect();
        if !says.is_empty() {
            member["says"] = json!(says);
        }
        if !otherwise.is_empty() {
            member["says_otherwise"] = Value::Object(otherwise);
        }
    }
    members
}

fn members_json(members: &[Member]) -> Vec<Value> {
    members
        .iter()
        .map(|member| json!({ "source": member.source, "id": member.key }))
        .collect()
}
