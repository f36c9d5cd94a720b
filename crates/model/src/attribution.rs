//! Who says what: the members of an item that say a value of it.

use std::collections::BTreeMap;

use ehr_types::{DateTime, TimeRelation, debug_shape};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::entry::{Entry, EntryId};
use crate::health_record::HealthRecord;
use crate::record::Record;

/// A value of an item, and which of its members say it. Who is in neither list says nothing there.
#[derive(Clone, PartialEq, Serialize)]
pub struct Attribution {
    /// Where the value stands in the record: `onset.dateTime`, `name[0].given[1]`. A value that is made of several is named as a
    /// whole where nobody says a part of it alone.
    pub path: String,
    /// Who says it, as places in [`MergedItem::members`](crate::MergedItem::members), ascending.
    pub members: Vec<usize>,
    /// Who says something else there, and what, as JSON: vaguer, in other words, or against it, which is a
    /// [`Conflict`](crate::Conflict).
    pub otherwise: Vec<(usize, Value)>,
}

debug_shape!(Attribution);

impl HealthRecord {
    /// For each item of several members, by its id, who says which of its values.
    ///
    /// Paths are in FHIR's words, as those of [`Conflict`](crate::Conflict)s are, by the names that the model has for them.
    /// Upper and lower case, and the form of a time, make no other value.
    ///
    /// ```
    /// use ehr_model::{Chart, Condition, Entry, EntryId, HealthRecord, Member, MergedItem, Origin, RecordClass, Source};
    /// use ehr_types::CodeableConcept;
    ///
    /// let asthma = CodeableConcept::from_text("Asthma");
    /// let severe = CodeableConcept::from_text("severe");
    /// let merged = Condition { code: Some(asthma.clone()), severity: Some(severe), ..Condition::default() };
    /// let mut record = HealthRecord { person: "p".into(), charts: Vec::new(), items: Vec::new() };
    /// let mut members = Vec::new();
    /// for (source, severity) in [("clinic", None), ("hospital", merged.severity.clone())] {
    ///     let condition = Condition { code: Some(asthma.clone()), severity, ..Condition::default() };
    ///     let id = EntryId::derive(RecordClass::Condition, &[source]);
    ///     let mut chart = Chart::new(Source::new(source));
    ///     let origin = Origin { source: source.into(), ..Origin::default() };
    ///     chart.entries.push(Entry::new(id.clone(), origin, condition.into()));
    ///     record.charts.push(chart);
    ///     members.push(Member { source: source.into(), entry: Some(id), ..Member::default() });
    /// }
    /// let id = EntryId::derive(RecordClass::Condition, &["item"]);
    /// record.items.push(MergedItem { id: id.clone(), members, record: merged.into(), conflicts: Vec::new() });
    /// let found = &record.attributions()[&id];
    /// assert_eq!((found[0].path.as_str(), found[0].members.as_slice()), ("code", &[0, 1][..]));
    /// assert_eq!((found[1].path.as_str(), found[1].members.as_slice()), ("severity", &[1][..]));
    /// ```
    pub fn attributions(&self) -> BTreeMap<&EntryId, Vec<Attribution>> {
        let mut entries: BTreeMap<(&str, &EntryId), &Entry> = BTreeMap::new();
        for entry in self.charts.iter().flat_map(|chart| &chart.entries) {
            entries.insert((&entry.origin.source, &entry.id), entry);
        }
        let mut items: BTreeMap<(&str, &str), &EntryId> = BTreeMap::new();
        for item in &self.items {
            for entry in item.members.iter().filter_map(|member| member.entry.as_ref()) {
                items.insert((entry.class.as_str(), &entry.key), &item.id);
            }
        }
        let several = self.items.iter().filter(|item| item.members.len() > 1);
        several
            .map(|item| {
                let said: Vec<Value> = item
                    .members
                    .iter()
                    .map(|member| {
                        let id = member.entry.as_ref().map(|entry| (member.source.as_str(), entry));
                        let entry = id.and_then(|id| entries.get(&id));
                        let mut says = entry.map_or(Value::Null, |entry| fields(&entry.record));
                        lead_to_items(&mut says, &items);
                        says
                    })
                    .collect();
                let mut found = attribute(&fields(&item.record), &said);
                for attribution in &mut found {
                    attribution.path = in_words_of_fhir(&attribution.path);
                }
                (&item.id, found)
            })
            .collect()
    }
}

/// Who says which value of what is `shown`: places among what is `said`, all as JSON objects of one kind.
///
/// Lists are compared as sets; a reference is what it leads to, whatever its words.
pub fn attribute(shown: &Value, said: &[Value]) -> Vec<Attribution> {
    let mut out = Vec::new();
    let voices: Vec<Voice<'_>> = said
        .iter()
        .enumerate()
        .map(|(member, says)| Voice { member, says })
        .collect();
    if let Value::Object(fields) = shown {
        each_field("", fields, &voices, &mut out);
    }
    out
}

/// What a member says in one place.
#[derive(Clone, Copy)]
struct Voice<'v> {
    member: usize,
    says: &'v Value,
}

fn each_field(path: &str, fields: &Map<String, Value>, voices: &[Voice<'_>], out: &mut Vec<Attribution>) {
    for (name, shown) in fields {
        let inner: Vec<Voice<'_>> = voices
            .iter()
            .filter_map(|voice| {
                Some(Voice {
                    says: voice.says.get(name)?,
                    ..*voice
                })
            })
            .collect();
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        place(path, shown, &inner, out);
    }
}

/// One place: as a whole, or part by part where a member says a part of it.
fn place(path: String, shown: &Value, voices: &[Voice<'_>], out: &mut Vec<Attribution>) {
    if voices.is_empty() {
        return;
    }
    let (whole, rest): (Vec<Voice<'_>>, Vec<Voice<'_>>) =
        voices.iter().partition(|voice| says_all(voice.says, shown));
    let has_part = |voice: &Voice<'_>| match (shown, voice.says) {
        (Value::Object(shown), Value::Object(says)) => shown.keys().any(|name| says.contains_key(name)),
        _ => false,
    };
    match shown {
        Value::Object(fields) if !rest.is_empty() && rest.iter().all(has_part) && link(shown).is_none() => {
            each_field(&path, fields, voices, out);
        }
        Value::Array(items) if !rest.is_empty() => each_item(&path, items, voices, out),
        _ => out.push(Attribution {
            path,
            members: whole.iter().map(|voice| voice.member).collect(),
            otherwise: rest
                .iter()
                .map(|voice| (voice.member, voice.says.clone()))
                .collect(),
        }),
    }
}

/// The items of a list: of each member's items, each belongs to the one that it has most in common with.
fn each_item(path: &str, items: &[Value], voices: &[Voice<'_>], out: &mut Vec<Attribution>) {
    let mut inner: Vec<Vec<Voice<'_>>> = vec![Vec::new(); items.len()];
    for voice in voices {
        let Value::Array(own) = voice.says else { continue };
        // Of several of one member the best.
        let mut best: Vec<Option<(usize, &Value)>> = vec![None; items.len()];
        for says in own {
            let home = items
                .iter()
                .enumerate()
                .map(|(at, shown)| {
                    (
                        if says_all(says, shown) {
                            usize::MAX
                        } else {
                            in_common(says, shown)
                        },
                        at,
                    )
                })
                .max_by_key(|(score, at)| (*score, std::cmp::Reverse(*at)));
            let (score, at) = match home {
                Some((0, _)) | None if own.len() == 1 && items.len() == 1 => (0, 0),
                Some((score, at)) if score > 0 => (score, at),
                _ => continue,
            };
            if let Some(slot) = best.get_mut(at)
                && slot.is_none_or(|(known, _)| known < score)
            {
                *slot = Some((score, says));
            }
        }
        for (slot, found) in inner.iter_mut().zip(best) {
            slot.extend(found.map(|(_, says)| Voice { says, ..*voice }));
        }
    }
    for (at, (shown, voices)) in items.iter().zip(&inner).enumerate() {
        place(format!("{path}[{at}]"), shown, voices, out);
    }
}

/// Whether all that is shown is said, perhaps with more.
fn says_all(says: &Value, shown: &Value) -> bool {
    match (says, shown) {
        (Value::Object(_), Value::Object(_)) if link(says).is_some() && link(shown).is_some() => {
            link(says) == link(shown)
        }
        (Value::Object(says), Value::Object(shown)) => shown
            .iter()
            .all(|(name, shown)| says.get(name).is_some_and(|says| says_all(says, shown))),
        (Value::Array(says), Value::Array(shown)) => shown
            .iter()
            .all(|shown| says.iter().any(|says| says_all(says, shown))),
        _ => is_same(says, shown),
    }
}

/// How many single values of what is said are among those shown, in their places.
fn in_common(says: &Value, shown: &Value) -> usize {
    match (says, shown) {
        (Value::Object(says), Value::Object(shown)) => says
            .iter()
            .filter_map(|(name, says)| Some(in_common(says, shown.get(name)?)))
            .sum(),
        (Value::Array(says), Value::Array(shown)) => says
            .iter()
            .filter_map(|says| shown.iter().map(|shown| in_common(says, shown)).max())
            .sum(),
        _ => usize::from(is_same(says, shown)),
    }
}

/// Where a reference leads, in the model and in FHIR.
fn link(value: &Value) -> Option<&Value> {
    value
        .get("target")
        .or_else(|| value.get("reference"))
        .filter(|_| value.is_object())
}

fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => {
            let time = |text: &str| DateTime::parse_any(text).ok();
            a.trim().to_lowercase() == b.trim().to_lowercase()
                || time(a)
                    .zip(time(b))
                    .is_some_and(|(a, b)| a.relation(&b) == TimeRelation::Same)
        }
        _ => a == b,
    }
}

/// A record's fields as JSON.
fn fields(record: &Record) -> Value {
    match serde_json::to_value(record) {
        // A record is written as its class and what it holds.
        Ok(Value::Object(class)) => class.into_iter().next().map_or(Value::Null, |(_, fields)| fields),
        _ => Value::Null,
    }
}

/// Lets references to entries lead to their items, as those of an item do.
fn lead_to_items(value: &mut Value, items: &BTreeMap<(&str, &str), &EntryId>) {
    match value {
        Value::Object(fields) => {
            if let Some(target) = fields.get_mut("target") {
                let part = |name: &str| target.get(name).and_then(Value::as_str);
                let item = part("class").zip(part("key")).and_then(|id| items.get(&id));
                if let Some(Ok(item)) = item.map(serde_json::to_value) {
                    *target = item;
                }
            }
            fields.values_mut().for_each(|field| lead_to_items(field, items));
        }
        Value::Array(list) => list.iter_mut().for_each(|item| lead_to_items(item, items)),
        _ => {}
    }
}

/// `body_site[0].text` as `bodySite[0].text`, `type_` as `type`.
fn in_words_of_fhir(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut letters = path.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek() {
            Some(next) if letter == '_' && next.is_alphanumeric() => {
                out.extend(next.to_uppercase());
                letters.next();
            }
            _ if letter == '_' => {}
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Paths with who says them, and who says something else.
    fn told(shown: Value, said: &[Value]) -> Vec<(String, Vec<usize>, Vec<usize>)> {
        let found = attribute(&shown, said).into_iter();
        found
            .map(|one| {
                (
                    one.path,
                    one.members,
                    one.otherwise.into_iter().map(|(member, _)| member).collect(),
                )
            })
            .collect()
    }

    fn of(path: &str, members: &[usize], otherwise: &[usize]) -> (String, Vec<usize>, Vec<usize>) {
        (path.to_owned(), members.to_vec(), otherwise.to_vec())
    }

    #[test]
    fn a_value_is_named_as_a_whole_unless_somebody_says_a_part() {
        let shown = json!({"code": {"text": "Asthma"}, "onset": {"dateTime": "2019-03-04"}, "severity": {"text": "severe"}});
        let said = [
            json!({"code": {"text": "ASTHMA"}, "onset": {"dateTime": "20190304"}}),
            json!({"code": {"text": "Asthma"}, "onset": {"dateTime": "2019"}, "severity": {"text": "severe"}}),
            json!({"onset": {"age": {"value": "7"}}}),
        ];
        assert_eq!(
            told(shown, &said),
            [
                of("code", &[0, 1], &[]),
                of("onset", &[0], &[1, 2]),
                of("severity", &[1], &[])
            ]
        );
    }

    #[test]
    fn lists_are_told_by_their_items_and_these_by_their_parts() {
        let home = json!({"use": "home", "line": ["1 Mill Road"], "city": "Elko"});
        let work = json!({"use": "work", "line": ["2 Quarry Lane"], "city": "Elko"});
        let shown = json!({"address": [home, work], "name": [{"family": "Kidd", "given": ["Ann", "Marie"]}]});
        let said = [
            json!({"address": [home], "name": [{"family": "KIDD", "given": ["ANN"]}]}),
            json!({"address": [work, home], "name": [{"family": "Kidd", "given": ["Ann", "Marie"]}]}),
        ];
        assert_eq!(
            told(shown, &said),
            [
                of("address[0]", &[0, 1], &[]),
                of("address[1]", &[1], &[]),
                of("name[0].family", &[0, 1], &[]),
                of("name[0].given[0]", &[0, 1], &[]),
                of("name[0].given[1]", &[1], &[]),
            ]
        );
    }

    #[test]
    fn what_nobody_says_is_not_attributed_and_a_reference_is_what_it_leads_to() {
        let shown = json!({"status": "unknown", "encounter": {"target": {"key": "i"}, "display": "Visit"}});
        let said = [
            json!({"encounter": {"target": {"key": "i"}}}),
            json!({"encounter": {"target": {"key": "j"}}}),
        ];
        assert_eq!(told(shown, &said), [of("encounter", &[0], &[1])]);
    }

    #[test]
    fn paths_are_in_the_words_of_fhir() {
        assert_eq!(in_words_of_fhir("body_site[0].text"), "bodySite[0].text");
        assert_eq!(
            in_words_of_fhir("identifier[0].type_.text"),
            "identifier[0].type.text"
        );
    }
}
