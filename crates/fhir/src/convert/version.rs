//! Versions of one resource, and which of two is the later
//! ([versions](https://hl7.org/fhir/R4/http.html#versions)).

use std::cmp::Ordering;

use ehr_types::DateTime;

use super::json::Tree;

/// What tells one version of a resource from another.
#[derive(Clone, Default)]
pub(super) struct Version {
    /// `meta.versionId`.
    pub(super) id: Option<String>,
    /// `meta.lastUpdated`.
    pub(super) updated: Option<DateTime>,
}

impl Version {
    /// That of a resource.
    pub(super) fn of(resource: &Tree) -> Self {
        let text = |name| {
            let meta = resource.get("meta")?;
            meta.get(name).and_then(Tree::as_str)
        };
        Self {
            id: text("versionId").map(str::to_owned),
            updated: text("lastUpdated").and_then(|time| DateTime::parse(time).ok()),
        }
    }

    /// The id as a number, which servers count up.
    pub(super) fn number(&self) -> Option<u64> {
        self.id.as_deref()?.parse().ok()
    }

    /// Which is the later by the time.
    pub(super) fn by_time(&self, other: &Self) -> Option<Ordering> {
        let times = self.updated.zip(other.updated);
        times.map(|(a, b)| a.utc_interval().cmp(&b.utc_interval()))
    }

    /// Which is the later by the number.
    pub(super) fn by_number(&self, other: &Self) -> Option<Ordering> {
        let numbers = self.number().zip(other.number());
        numbers.map(|(a, b)| a.cmp(&b))
    }

    /// Whether it is certainly later: by time or number, and not against the other of them. One version is not later than
    /// itself, whatever time it states.
    pub(super) fn is_later(&self, than: &Self) -> bool {
        let is_same = self.id.is_some() && self.id == than.id;
        let known = [self.by_time(than), self.by_number(than)];
        let mut known = known.into_iter().flatten().filter(|order| order.is_ne());
        !is_same && known.next() == Some(Ordering::Greater) && known.all(Ordering::is_gt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certainly_later_is() {
        let version = |id: &str, time: &str| Version {
            id: Some(id.to_owned()).filter(|id| !id.is_empty()),
            updated: DateTime::parse(time).ok(),
        };
        let (t1, t2) = ("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z");
        for (a, b, expected) in [
            (("10", ""), ("9", ""), true),
            (("a", t2), ("b", t1), true),
            (("", t2), ("", t1), true),
            (("2", t1), ("1", t1), true),
            (("2", t1), ("1", t2), false),
            (("1", t2), ("1", t1), false),
            (("a", ""), ("b", ""), false),
            (("2", ""), ("", t1), false),
        ] {
            let [a, b] = [a, b].map(|(id, time)| version(id, time));
            assert_eq!(a.is_later(&b), expected, "{:?} {:?}", a.id, b.id);
            assert!(!b.is_later(&a));
        }
    }
}
