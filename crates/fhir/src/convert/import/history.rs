//! Which entries of a Bundle are not what its source says now: older versions, and what was deleted
//! ([history](https://hl7.org/fhir/R4/http.html#history)).

use std::cmp::Ordering;
use std::collections::HashMap;

use ehr_types::{DateTime, Finding, SourceLocation};

use crate::convert::json::Tree;
use crate::convert::reference::split;
use crate::convert::version::Version;

/// Why an entry is not what the source says now.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Outdated {
    /// A newer version of the same resource is there.
    Older,
    /// The resource was deleted later.
    Deleted,
}

/// Whether an entry asks for or tells of a deletion.
fn is_deletion(entry: &Tree) -> bool {
    text(entry, &["request", "method"]) == Some("DELETE")
}

/// What is told of an entry that is out of date, or is a deletion.
pub(super) fn finding(outdated: Option<Outdated>, place: SourceLocation) -> Finding {
    match outdated {
        Some(Outdated::Older) => Finding::information(
            "fhir.history.older-version",
            place,
            "a newer version of the resource is here; this one is kept beside the records",
        ),
        Some(Outdated::Deleted) => Finding::warning(
            "fhir.history.deleted",
            place,
            "the source has deleted the resource; it is kept beside the records",
        ),
        None => Finding::warning(
            "fhir.history.deletion",
            place,
            "a resource is deleted; what other inputs say of it is not",
        ),
    }
}

/// For each entry of a history, whether another one tells what became of its resource.
pub(super) fn outdated(entries: &[Tree]) -> Vec<Option<Outdated>> {
    let mut out = vec![None; entries.len()];
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    let mut states = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        if let Some((name, state)) = State::of(at, entry) {
            by_name.entry(name).or_default().push(states.len());
            states.push(state);
        }
    }
    for places in by_name.values() {
        let same = || places.iter().filter_map(|place| states.get(*place));
        let Some(newest) = same().reduce(|newest, other| if other.is_newer(newest) { other } else { newest })
        else {
            continue;
        };
        let why = if newest.deletes {
            Outdated::Deleted
        } else {
            Outdated::Older
        };
        for older in same().filter(|state| state.at != newest.at) {
            if let Some(out) = out.get_mut(older.at) {
                *out = Some(why);
            }
        }
    }
    out
}

/// What an entry of a history tells of when its resource became so.
struct State {
    at: usize,
    deletes: bool,
    version: Version,
}

impl State {
    /// The resource that an entry is of, as `Type/id`, and how it was then.
    fn of(at: usize, entry: &Tree) -> Option<(String, Self)> {
        let deletes = is_deletion(entry);
        let part = |path: &[&str]| text(entry, path);
        let name = match (part(&["resource", "resourceType"]), part(&["resource", "id"])) {
            (Some(type_), Some(id)) => format!("{type_}/{id}"),
            _ => {
                let (type_, id) = split(part(&["request", "url"])?)?;
                format!("{type_}/{id}")
            }
        };
        let mut version = entry.get("resource").map(Version::of).unwrap_or_default();
        if version.updated.is_none() {
            let modified = part(&["response", "lastModified"]);
            version.updated = modified.and_then(|time| DateTime::parse(time).ok());
        }
        let state = Self { at, deletes, version };
        (deletes || entry.get("resource").is_some()).then_some((name, state))
    }

    /// By time, else by number, else by place: a history lists the newest first. What is deleted was made before.
    fn is_newer(&self, than: &Self) -> bool {
        let by_time = self.version.by_time(&than.version);
        let by_number = self.version.by_number(&than.version);
        let by_making = match (self, than) {
            (Self { deletes: true, .. }, first) if first.version.number() == Some(1) => {
                Some(Ordering::Greater)
            }
            (first, Self { deletes: true, .. }) if first.version.number() == Some(1) => Some(Ordering::Less),
            _ => None,
        };
        let known = [by_time, by_number, by_making].into_iter().flatten();
        let order = known.into_iter().find(|order| order.is_ne());
        order.map_or(self.at < than.at, Ordering::is_gt)
    }
}

fn text<'t>(tree: &'t Tree, path: &[&str]) -> Option<&'t str> {
    path.iter().try_fold(tree, |at, name| at.get(name))?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_what_the_source_says() {
        let put = |version: &str, time: &str| {
            let meta = format!(r#""meta":{{"versionId":"{version}"{time}}}"#);
            format!(r#"{{"resource":{{"resourceType":"Condition","id":"c",{meta}}}}}"#)
        };
        let at = |day: u32| format!(r#","lastUpdated":"2024-01-0{day}T00:00:00Z""#);
        let deletion = r#"{"request":{"method":"DELETE","url":"Condition/c"}}"#.to_owned();
        let deleted_on = |day: u32| {
            format!(
                r#"{{"request":{{"method":"DELETE","url":"Condition/c"}},"response":{{"lastModified":"2024-01-0{day}T00:00:00Z"}}}}"#
            )
        };
        let other = r#"{"resource":{"resourceType":"Condition","id":"d"}}"#.to_owned();
        use Outdated::{Deleted, Older};
        for (entries, expected) in [
            (
                vec![put("2", ""), put("1", ""), other],
                vec![None, Some(Older), None],
            ),
            (vec![put("9", ""), put("10", "")], vec![Some(Older), None]),
            (vec![put("1", &at(3)), put("2", &at(2))], vec![None, Some(Older)]),
            (vec![put("1", ""), deletion.clone()], vec![Some(Deleted), None]),
            (vec![deletion.clone(), put("4", "")], vec![None, Some(Deleted)]),
            (vec![put("4", ""), deletion], vec![None, Some(Older)]),
            (vec![put("4", &at(1)), deleted_on(2)], vec![Some(Deleted), None]),
        ] {
            let trees: Vec<Tree> = entries.iter().map(|entry| Tree::parse(entry).unwrap()).collect();
            assert!(outdated(&trees) == expected, "{entries:?}");
        }
    }
}
