//! II: an instance identifier.

use ehr_types::{CodeSystem, Identifier, Severity, uri_of_root};

use crate::xml::Element;

impl Element<'_> {
    /// II: root and extension, or why there is none. `None` when nothing is said at all.
    pub fn to_identifier(self) -> Option<Identifier> {
        let root = self.attribute("root");
        let extension = self.attribute("extension");
        let absent = self.to_absent();
        let mut identifier = match (root, extension) {
            // A namespace of many people's identifiers is nobody's identifier.
            (Some(root), None) if absent.is_some() || CodeSystem::by_oid(root).is_some() => Identifier {
                system: Some(uri_of_root(root)),
                ..Identifier::default()
            },
            (Some(root), extension) => Identifier::from_ii(root, extension),
            (None, Some(extension)) => {
                self.report(
                    Severity::Warning,
                    "ccda.ii.no-root",
                    "an identifier without its namespace",
                );
                Identifier {
                    value: Some(extension.to_owned()),
                    ..Identifier::default()
                }
            }
            (None, None) => {
                absent.as_ref()?;
                Identifier::default()
            }
        };
        identifier.assigner = self.attribute("assigningAuthorityName").map(str::to_owned);
        identifier.absent = absent;
        Some(identifier)
    }

    /// The `id` children that hold a value, up to a thousand: nobody has more, and lists of them are compared with each
    /// other.
    pub fn to_identifiers(self) -> Vec<Identifier> {
        let ids = self.children("id").take(1_000).filter_map(Element::to_identifier);
        ids.filter(|id| id.value.is_some()).collect()
    }
}
