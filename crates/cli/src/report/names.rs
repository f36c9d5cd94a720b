//! Short names for sources: the organization that keeps the chart, and the file.

use std::collections::BTreeMap;

use ehr::model::{Chart, Member};

/// Names by source id.
pub(super) struct Names<'m>(BTreeMap<&'m str, String>);

impl<'m> Names<'m> {
    /// Names each source as shortly as tells it from the others.
    pub(super) fn new(charts: &'m [Chart], sources: impl Iterator<Item = &'m String>) -> Self {
        let mut organizations: BTreeMap<&str, &str> = BTreeMap::new();
        for chart in charts {
            if let Some(organization) = chart.source.organization.as_deref() {
                organizations.entry(&chart.source.id).or_insert(organization);
            }
        }
        let all: Vec<&str> = sources.map(String::as_str).collect();
        let shared = shared_folder(&all);
        let name = |source: &'m str| {
            let file = source.get(shared..).unwrap_or(source);
            match organizations.get(source) {
                Some(organization) => format!("{organization} ({file})"),
                None => file.to_owned(),
            }
        };
        Self(all.iter().map(|source| (*source, name(source))).collect())
    }

    pub(super) fn of(&self, source: &str) -> String {
        self.0.get(source).cloned().unwrap_or_else(|| source.to_owned())
    }

    /// The sources of members, each once.
    pub(super) fn of_all(&self, members: &[Member]) -> String {
        let mut names: Vec<String> = members.iter().map(|member| self.of(&member.source)).collect();
        names.dedup();
        names.join(", ")
    }
}

/// Length of the folder in which all lie.
fn shared_folder(sources: &[&str]) -> usize {
    let Some((first, others)) = sources.split_first() else {
        return 0;
    };
    let ends = first.match_indices('/').map(|(at, _)| at + 1);
    ends.filter(|end| others.iter().all(|other| other.get(..*end) == first.get(..*end)))
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::shared_folder;

    #[test]
    fn the_folder_of_all_is_left_out() {
        assert_eq!(shared_folder(&["a/b/c.xml", "a/b/d/e.xml", "a/b/f.hl7"]), 4);
        assert_eq!(shared_folder(&["a/b.xml", "ab/c.xml"]), 0);
        assert_eq!(shared_folder(&["a/b.xml"]), 2);
        assert_eq!(shared_folder(&[]), 0);
    }
}
