//! Resources of types that R4 does not have, and what is common to all resources.

use std::fmt;

use crate::element::{Element, Str};
use crate::json::text_member;
use crate::r4::RESOURCE_NAMES;
use crate::r4::Resource;

/// A resource whose type is not one of R4, kept as it is written.
#[derive(Clone, PartialEq)]
pub struct UnknownResource {
    resource_type: Str,
    id: Option<Str>,
    json: Box<str>,
}

impl UnknownResource {
    pub(crate) fn new(resource_type: &str, json: Box<str>) -> Self {
        Self {
            resource_type: resource_type.into(),
            id: text_member(&json, "id").map(Str::from),
            json,
        }
    }

    /// What its `resourceType` says; empty when it has none.
    pub fn resource_type(&self) -> &str {
        &self.resource_type
    }

    /// The whole object as JSON text.
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl fmt::Debug for UnknownResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnknownResource({} bytes)", self.json.len())
    }
}

impl Resource {
    /// Whether R4 has a resource type of that name.
    pub fn is_type(name: &str) -> bool {
        RESOURCE_NAMES.binary_search(&name).is_ok()
    }

    /// The logical id, if it has one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Unknown(unknown) => unknown.id.as_deref(),
            _ => self.as_element().and_then(|element| element.element_id()),
        }
    }
}

impl Resource {
    /// `meta.versionId`, if the type is known and it has one.
    pub fn version_id(&self) -> Option<&str> {
        self.as_element()?.parts()?.meta.as_ref()?.version_id.as_deref()
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.as_element(), self) {
            (Some(element), _) => crate::element::debug_shape(element, f),
            (None, Self::Unknown(unknown)) => unknown.fmt(f),
            (None, _) => f.write_str("Resource"),
        }
    }
}

impl serde::Serialize for Resource {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::serde_json_form::serialize(self, serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Resource {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::serde_json_form::deserialize(deserializer)
    }
}
