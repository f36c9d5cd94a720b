//! Taking a reference apart.

use crate::r4::Resource;

/// A literal reference, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceTarget<'a> {
    /// `#id`: a resource contained in the same one; an empty id is the container itself.
    Contained(&'a str),
    /// `Patient/1`, with or without a base URL and a version.
    Literal {
        /// Base URL without its last slash, when absolute.
        base: Option<&'a str>,
        /// Resource type.
        resource_type: &'a str,
        /// Logical id.
        id: &'a str,
        /// Version, from `/_history/…`.
        version: Option<&'a str>,
    },
    /// `Patient?identifier=…`: whatever the search finds.
    Conditional {
        /// Resource type.
        resource_type: &'a str,
        /// The search, after the question mark.
        query: &'a str,
    },
    /// Any other absolute URI: `urn:uuid:…`.
    Uri(&'a str),
    /// Not one of these forms.
    Other(&'a str),
}

impl<'a> ReferenceTarget<'a> {
    /// Takes a reference apart.
    ///
    /// ```
    /// use ehr_fhir::ReferenceTarget;
    /// assert_eq!(ReferenceTarget::parse("#p1"), ReferenceTarget::Contained("p1"));
    /// let ReferenceTarget::Literal { base, id, version, .. } =
    ///     ReferenceTarget::parse("http://example.org/fhir/Patient/7/_history/2") else { panic!() };
    /// assert_eq!((base, id, version), (Some("http://example.org/fhir"), "7", Some("2")));
    /// ```
    pub fn parse(reference: &'a str) -> Self {
        if let Some(id) = reference.strip_prefix('#') {
            return Self::Contained(id);
        }
        let absolute = reference.contains("://") || reference.starts_with("urn:");
        if let Some((path, query)) = reference.split_once('?') {
            if Resource::is_type(path) {
                return Self::Conditional {
                    resource_type: path,
                    query,
                };
            }
            return if absolute {
                Self::Uri(reference)
            } else {
                Self::Other(reference)
            };
        }
        let (path, version) = match reference.split_once("/_history/") {
            Some((path, version)) => (path, Some(version)),
            None => (reference, None),
        };
        if let Some((front, id)) = path.rsplit_once('/') {
            let (base, resource_type) = match front.rsplit_once('/') {
                Some((base, name)) => (Some(base), name),
                None => (None, front),
            };
            if Resource::is_type(resource_type) && !id.is_empty() && (base.is_none() || absolute) {
                return Self::Literal {
                    base,
                    resource_type,
                    id,
                    version,
                };
            }
        }
        if absolute {
            Self::Uri(reference)
        } else {
            Self::Other(reference)
        }
    }
}
